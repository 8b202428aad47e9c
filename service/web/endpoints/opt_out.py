"""``/v1/opt-out`` and the mirror's two buttons: a person opts out, or takes it back.

Nothing may stand in the way of an opt-out: no visit is decided on, no address or device looked at, and no other cookie
and no body gets it refused. What is set is the same for everyone who asks, and lives on the device alone; a language
and a region that the visitor chose stay there. These are the only answers of the service that set a cookie, since here
a person asks for it.
"""

import re
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from service.core.access import Grant
from service.core.sites import SiteRules
from service.web.endpoints.mirror import MIRROR_PARAMETERS
from service.web.epoch import Current, Epoch, ServedSite
from service.web.problems import Refusal
from service.web.query import KnownParameters, read_page_query, read_query
from service.web.visit.cookies import NAMES
from service.web.visit.opt_out_signals import opted_out, refused_choices
from service.web.wire.dispatch import Refuse
from service.web.wire.messages import JSON, PRIVATE, Headers, Request, Response, problem_response, respond

OPT_OUT_MAX_AGE_S = 365 * 24 * 3600
_SECURE = b"; Secure"
_LOOPBACK = re.compile(r"(.+\.)?localhost|127(\.[0-9]{1,3}){3}|::1")
# What browsers say of a request by a page of this very origin, or by nobody's page.
_FROM_HERE = frozenset({b"same-origin", b"none"})
# What browsers say of a request by a script, and by a frame within a page.
_BY_SCRIPT = frozenset({b"cors", b"no-cors"})
_IN_FRAMES = frozenset({b"iframe", b"frame", b"fencedframe", b"embed", b"object"})
# Of the cookies that an opt-out deletes, the name is enough. A choice is not an interest: who objects to being counted
# goes on reading their language.
_DELETED = tuple(sorted(NAMES - {"optout", "language", "region"}))
_SITE: KnownParameters = {"site": None}


class OptOutAnswer(Struct, frozen=True):
    """What the opt-out cookie says from now on."""

    opt_out: bool


_OUT, _IN = msgspec.json.encode(OptOutAnswer(True)), msgspec.json.encode(OptOutAnswer(False))


class OptOut:
    """Opting out and in, for programs and for forms. ``refuse_in_page`` shows a person why a button did nothing."""

    def __init__(self, current: Current, refuse_in_page: Refuse) -> None:
        self._current = current
        self.refuse_in_page = refuse_in_page

    def post(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """Opt out: set ``pb_optout`` for a year, and delete all other cookies but those of language and region.

        A script may ask on a page of one of the site's ``cors_origins``, but in vain on one of another website.
        """
        epoch, origin = self._current.epoch, request.header(b"origin")
        site = _site_in(request, epoch)
        if isinstance(site, Refusal):
            return problem_response(site, epoch.cors.headers_for_any(origin))
        cors = epoch.cors.headers(origin, site.id)
        if _thrown_away(request):
            return problem_response(Refusal("cross-site"), cors)
        return respond(200, [JSON, *_out(request, site.rules), *PRIVATE, *cors], _OUT)

    def delete(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """Take it back: delete ``pb_optout``.

        A page of another origin would have to ask first whether it may send this method, and may not; a browser that
        did not ask is refused here.
        """
        site = _site_in(request, self._current.epoch)
        if not isinstance(site, Refusal) and not _asked_from_here(request):
            site = Refusal("forbidden")
        if isinstance(site, Refusal):
            return problem_response(site)
        return respond(200, [JSON, *_back(request, site.rules), *PRIVATE], _IN)

    def form_opt_out(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The button of the mirror that opts out, and leads back to it."""
        epoch = self._current.epoch
        pressed = _asked_by_form(request, epoch)
        if isinstance(pressed, Refusal):
            return self.refuse_in_page(request, pressed)
        site, language = pressed
        return _to_mirror(site, epoch, language, _out(request, site.rules))

    def form_opt_in(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The button that takes it back.

        Only when the cookie came along: it is ``SameSite=Lax``, so the form of a stranger arrives without it. That of a
        sibling domain arrives with it, and so does any where the site set a cookie that goes everywhere; but browsers
        say whose form it was. So nobody else can take a person's opt-out away.
        """
        epoch = self._current.epoch
        pressed = _asked_by_form(request, epoch)
        if isinstance(pressed, Refusal):
            return self.refuse_in_page(request, pressed)
        site, language = pressed
        pressed_here = opted_out(request.headers) and _asked_from_here(request)
        return _to_mirror(site, epoch, language, _back(request, site.rules) if pressed_here else [])


def _site_in(request: Request, epoch: Epoch) -> ServedSite | Refusal:
    """The site that the request names.

    A body is let go, whatever it is: what a form or a library puts there is no reason to refuse an opt-out.
    """
    query = read_query(request.query, _SITE)
    return query if isinstance(query, Refusal) else epoch.site(query.get("site"))


def _asked_by_form(request: Request, epoch: Epoch) -> tuple[ServedSite, str | None] | Refusal:
    """The same for a button, and the language of its page where that would not be chosen again."""
    query = read_page_query(request.query, MIRROR_PARAMETERS)
    if isinstance(query, Refusal):
        return query
    site = epoch.site(query.get("site"))
    return site if isinstance(site, Refusal) else (site, query.get("language"))


def _to_mirror(site: ServedSite, epoch: Epoch, language: str | None, cookies: Headers) -> Response:
    parameters = {} if site is epoch.default else {"site": site.id}
    if language is not None:
        parameters["language"] = language
    location = f"/?{urlencode(parameters)}" if parameters else "/"
    headers = [(b"location", location.encode()), *cookies, *PRIVATE, (b"referrer-policy", b"no-referrer")]
    return respond(303, headers)


def _out(request: Request, rules: SiteRules) -> Headers:
    """Headers that set the opt-out and delete every other cookie of ours but a chosen language and region.

    It is for the domain of the site, and for this host alone as well: a browser does not take a domain that the host is
    outside of, or under which anybody may have a website, and which those are only browsers know.
    """
    secure, domains = _secure(request), _domains(rules)
    opt_outs = [_cookie("optout", "1", OPT_OUT_MAX_AGE_S, domain, secure) for domain in domains]
    deleted = (*_DELETED, *refused_choices(request.headers, rules))
    return [*opt_outs, *(_cookie(name, "", 0, domain, secure) for name in deleted for domain in domains)]


def _back(request: Request, rules: SiteRules) -> Headers:
    secure = _secure(request)
    return [_cookie("optout", "", 0, domain, secure) for domain in _domains(rules)]


def _domains(rules: SiteRules) -> list[str]:
    """The domains that a cookie may have been set for: the site's whole domain, and this host alone."""
    return list(dict.fromkeys((rules.site.cookie_domain, "")))


def _cookie(name: str, value: str, max_age_s: int, domain: str, secure: bytes) -> tuple[bytes, bytes]:
    of_domain = f"; Domain={domain}" if domain else ""
    return b"set-cookie", f"pb_{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax{of_domain}".encode() + secure


def _secure(request: Request) -> bytes:
    """``Secure``, but where a browser would throw a cookie away for it, and the opt-out would be lost.

    That is where the visit plainly came in the clear. TLS usually ends at a proxy, and not every proxy says so; but
    browsers send ``Sec-Fetch-Site`` over TLS and to loopback only, and ``Origin`` tells how the page came. Anybody's
    word is taken: whoever forges it only hides their own cookie from themselves.
    """
    forwarded = request.header(b"forwarded").lower().replace(b'"', b"")
    forwarded_proto = request.header(b"x-forwarded-proto").lower()
    over_tls = request.scheme == "https" or b"https" in forwarded_proto or b"proto=https" in forwarded
    if over_tls or request.header(b"sec-fetch-site"):
        return _SECURE
    if b"http" in forwarded_proto or b"proto=http" in forwarded:
        return b""
    host = request.header(b"host")
    perhaps_tls = request.header(b"origin").startswith(b"https://") or host.endswith(b":443")
    return _SECURE if perhaps_tls or _LOOPBACK.fullmatch(_name_in(host)) else b""


def _thrown_away(request: Request) -> bool:
    """Whether a browser would throw the cookie away, so that the page would believe in an opt-out that is none.

    It does with a ``SameSite=Lax`` cookie in an answer to another website's script, or to its frame. A form of any
    website that leads the person here sets it.
    """
    if request.header(b"sec-fetch-site") != b"cross-site":
        return False
    return request.header(b"sec-fetch-mode") in _BY_SCRIPT or request.header(b"sec-fetch-dest") in _IN_FRAMES


def _asked_from_here(request: Request) -> bool:
    """Whether no other website's page asked, as far as browsers say.

    A sibling domain is another website, and so is a page that may ask for recommendations. Over plain HTTP, and from
    old browsers, ``Origin`` is all that tells. What is no browser sends neither, and has nobody's cookies.
    """
    if site := request.header(b"sec-fetch-site"):
        return site in _FROM_HERE
    origin = request.header(b"origin")
    origin_host = _name_in(origin.partition(b"://")[2])  # nothing for `null`
    return not origin or (origin_host != "" and origin_host == _name_in(request.header(b"host")))


def _name_in(authority: bytes) -> str:
    """The host in ``host:port``, in small letters."""
    host = authority.decode("latin-1").lower()
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
