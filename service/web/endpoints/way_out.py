"""``/v1/opt-out``, and the mirror's two buttons: a person says no, or takes it back.

Apart from all else, because nothing may stand in its way: no visit is decided on, no address or device looked at, and
no other cookie, no body gets a no refused. What is set is the same for everyone who asks, and lives on the device
alone; a language and a region that the visitor chose stay there. These are the only answers of the service that set a
cookie, since here a person asks for it.
"""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from service.core.sites import SiteRules
from service.web.asgi import JSON, PRIVATE, Headers, Receive, Scope, Send, header, read_body, respond, respond_problem
from service.web.cookies import NAMES
from service.web.cors import Cors
from service.web.decisions import Decisions
from service.web.endpoints.mirror import MIRROR_PARAMETERS
from service.web.objection import opted_out, refused_choices
from service.web.problems import Refusal
from service.web.query import KnownParameters, read_page_query, read_query

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

RefuseInPage = Callable[[Scope, Send, Refusal], Awaitable[int]]
ReadQuery = Callable[[bytes, KnownParameters], dict[str, str] | Refusal]


class OptOutAnswer(Struct, frozen=True):
    """What the opt-out cookie says from now on."""

    opt_out: bool


_OUT, _IN = msgspec.json.encode(OptOutAnswer(True)), msgspec.json.encode(OptOutAnswer(False))


class WayOut:
    """Out and back in, for programs and for forms. ``refuse_in_page`` tells a person why a button did nothing."""

    def __init__(
        self,
        decisions: Decisions,
        body_max_bytes: int,
        body_read_timeout_s: float,
        cors: Cors,
        refuse_in_page: RefuseInPage,
    ) -> None:
        self._cors = cors
        self._decisions = decisions
        self._body_max_bytes = body_max_bytes
        self._body_read_timeout_s = body_read_timeout_s
        self._refuse_in_page = refuse_in_page

    async def post(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Opt out: set ``pb_optout`` for a year, and delete all other cookies but those of language and region.

        A script may ask on a page of one of the site's ``cors_origins``, but in vain on one of another website.
        """
        rules, origin = await self._asked(scope, receive), header(scope, b"origin")
        if isinstance(rules, Refusal):
            return await respond_problem(send, rules, self._cors.headers_for_any(origin))
        cors = self._cors.headers(origin, rules.site.id)
        if _thrown_away(scope):
            return await respond_problem(send, Refusal("cross-site"), cors)
        return await respond(send, 200, [JSON, *_out(scope, rules), *PRIVATE, *cors], _OUT)

    async def delete(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Take it back: delete ``pb_optout``.

        A page of another origin would have to ask first whether it may send this method, and is told no; a browser
        that did not ask is told no here.
        """
        rules = await self._asked(scope, receive)
        if not isinstance(rules, Refusal) and not _asked_from_here(scope):
            rules = Refusal("forbidden")
        if isinstance(rules, Refusal):
            return await respond_problem(send, rules)
        return await respond(send, 200, [JSON, *_back(scope, rules), *PRIVATE], _IN)

    async def press_out(self, scope: Scope, receive: Receive, send: Send) -> int:
        """The button of the mirror that opts out, and leads back to it."""
        pressed = await self._pressed(scope, receive)
        if isinstance(pressed, Refusal):
            return await self._refuse_in_page(scope, send, pressed)
        rules, language = pressed
        return await self._to_mirror(send, rules, language, _out(scope, rules))

    async def press_in(self, scope: Scope, receive: Receive, send: Send) -> int:
        """The button that takes it back.

        Only when the cookie came along: it is ``SameSite=Lax``, so the form of a stranger arrives without it. That of a
        sibling domain arrives with it, and so does any where the site set a cookie that goes everywhere; but browsers
        say whose form it was. So nobody else can take a person's opt-out away.
        """
        pressed = await self._pressed(scope, receive)
        if isinstance(pressed, Refusal):
            return await self._refuse_in_page(scope, send, pressed)
        rules, language = pressed
        pressed_here = opted_out(scope["headers"]) and _asked_from_here(scope)
        return await self._to_mirror(send, rules, language, _back(scope, rules) if pressed_here else [])

    async def _asked(self, scope: Scope, receive: Receive) -> SiteRules | Refusal:
        """The site that it is about: all there is to say."""
        found = await self._query(scope, receive, read_query, _SITE)
        return found if isinstance(found, Refusal) else self._rules(found)

    async def _pressed(self, scope: Scope, receive: Receive) -> tuple[SiteRules, str | None] | Refusal:
        """The same of a button, and the language of its page where that would not be found again."""
        found = await self._query(scope, receive, read_page_query, MIRROR_PARAMETERS)
        if isinstance(found, Refusal):
            return found
        rules = self._rules(found)
        return rules if isinstance(rules, Refusal) else (rules, found.get("language"))

    async def _query(
        self, scope: Scope, receive: Receive, read: ReadQuery, known: KnownParameters
    ) -> dict[str, str] | Refusal:
        """The query's parameters.

        A body is taken from the connection and let go, whatever it is: what a form or a library puts there is no reason
        to refuse a no.
        """
        body = await read_body(scope, receive, self._body_max_bytes, self._body_read_timeout_s)
        return body if isinstance(body, Refusal) else read(scope["query_string"], known)

    def _rules(self, query: dict[str, str]) -> SiteRules | Refusal:
        return self._decisions.rules(query.get("site", self._decisions.default_site))

    async def _to_mirror(self, send: Send, rules: SiteRules, language: str | None, cookies: Headers) -> int:
        site = rules.site.id
        parameters = {} if site == self._decisions.default_site else {"site": site}
        if language is not None:
            parameters["language"] = language
        location = f"/?{urlencode(parameters)}" if parameters else "/"
        headers = [(b"location", location.encode()), *cookies, *PRIVATE, (b"referrer-policy", b"no-referrer")]
        return await respond(send, 303, headers)


def _out(scope: Scope, rules: SiteRules) -> Headers:
    """The opt-out, and the end of every other cookie of ours but a chosen language and region.

    It is for the domain of the site, and for this host alone as well: a browser does not take a domain that the host is
    outside of, or under which anybody may have a website, and which those are only browsers know.
    """
    secure, domains = _secure(scope), _domains(rules)
    made = [_cookie("optout", "1", OPT_OUT_MAX_AGE_S, domain, secure) for domain in domains]
    gone = (*_DELETED, *refused_choices(scope["headers"], rules))
    return [*made, *(_cookie(name, "", 0, domain, secure) for name in gone for domain in domains)]


def _back(scope: Scope, rules: SiteRules) -> Headers:
    secure = _secure(scope)
    return [_cookie("optout", "", 0, domain, secure) for domain in _domains(rules)]


def _domains(rules: SiteRules) -> list[str]:
    """Where a cookie may have been set: for the site's whole domain, or for this host alone."""
    return list(dict.fromkeys((rules.site.cookie_domain, "")))


def _cookie(name: str, value: str, max_age_s: int, domain: str, secure: bytes) -> tuple[bytes, bytes]:
    of_domain = f"; Domain={domain}" if domain else ""
    return b"set-cookie", f"pb_{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax{of_domain}".encode() + secure


def _secure(scope: Scope) -> bytes:
    """``Secure``, but where a browser would throw a cookie away for it, and the opt-out would be lost.

    That is where the visit plainly came in the clear. TLS usually ends at a proxy, and not every proxy says so; but
    browsers send ``Sec-Fetch-Site`` over TLS and to loopback only, and ``Origin`` tells how the page came. Anybody's
    word is taken: whoever forges it only hides their own cookie from themselves.
    """
    forwarded = header(scope, b"forwarded").lower().replace(b'"', b"")
    said = header(scope, b"x-forwarded-proto").lower()
    over_tls = scope["scheme"] == "https" or b"https" in said or b"proto=https" in forwarded
    if over_tls or header(scope, b"sec-fetch-site"):
        return _SECURE
    if b"http" in said or b"proto=http" in forwarded:
        return b""
    host = header(scope, b"host")
    perhaps_tls = header(scope, b"origin").startswith(b"https://") or host.endswith(b":443")
    return _SECURE if perhaps_tls or _LOOPBACK.fullmatch(_name_in(host)) else b""


def _thrown_away(scope: Scope) -> bool:
    """Whether a browser would throw the cookie away, so that the page would take a no for said that was not.

    It does with a ``SameSite=Lax`` cookie in an answer to another website's script, or to its frame. A form of any
    website that leads the person here sets it.
    """
    if header(scope, b"sec-fetch-site") != b"cross-site":
        return False
    return header(scope, b"sec-fetch-mode") in _BY_SCRIPT or header(scope, b"sec-fetch-dest") in _IN_FRAMES


def _asked_from_here(scope: Scope) -> bool:
    """Whether no other website's page asked, as far as browsers say.

    A sibling domain is another website, and so is a page that may ask for recommendations. Over plain HTTP, and from
    old browsers, ``Origin`` is all that tells. What is no browser sends neither, and has nobody's cookies.
    """
    if site := header(scope, b"sec-fetch-site"):
        return site in _FROM_HERE
    origin = header(scope, b"origin")
    named = _name_in(origin.partition(b"://")[2])  # nothing for `null`
    return not origin or (named != "" and named == _name_in(header(scope, b"host")))


def _name_in(authority: bytes) -> str:
    """The host in ``host:port``, in small letters."""
    named = authority.decode("latin-1").lower()
    return named[1:].partition("]")[0] if named.startswith("[") else named.partition(":")[0]
