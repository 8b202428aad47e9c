"""``/``, ``/opt-out`` and ``/opt-in``: a person looks at their own visit, and says no with one click.

The mirror goes the way of ``GET /v1/recommendation``: the same intake, the same decision. It is the one place where the
service sets a cookie, ``pb_optout``, because the person asks for it; what it holds is the same for everyone who does.
"""

from service.core.recommendation import Decision
from service.core.sites import SiteRules
from service.web.asgi import PRIVATE, Headers, Receive, Scope, Send, header, peer_of, read_body, respond
from service.web.decisions import Decisions
from service.web.pages.frame import Frame
from service.web.pages.mirror import MirrorPage
from service.web.pages.words import Spoken, spoken_for
from service.web.problems import Refusal
from service.web.query import read_query
from service.web.schema import ACCEPT_LANGUAGE_MAX_BYTES

OPT_OUT_MAX_AGE_S = 365 * 24 * 3600


class Mirror:
    """The page, and the two buttons on it."""

    def __init__(self, decisions: Decisions, body_read_timeout_s: float, frame: Frame) -> None:
        self._decisions = decisions
        self._body_read_timeout_s = body_read_timeout_s
        self._frame = frame
        self._page = MirrorPage(frame)

    async def get(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """What this service sees in this visit."""
        rules = self._rules(scope)
        decision = rules if isinstance(rules, Refusal) else self._decide(scope, rules)
        if isinstance(decision, Refusal):
            return await self._refuse(scope, send, decision)
        body, language = self._page.decision(decision, self._site_query(decision.site))
        return await respond(send, 200, [*self._frame.headers(language), *PRIVATE], body)

    async def opt_out(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Set ``pb_optout`` for a year and go back to the mirror."""
        rules = await self._posted(scope, receive)
        if isinstance(rules, Refusal):
            return await self._refuse(scope, send, rules)
        return await self._back(send, rules, [_cookie(scope, rules.site.cookie_domain, "1", OPT_OUT_MAX_AGE_S)])

    async def opt_in(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Delete ``pb_optout`` and go back to the mirror.

        Only when the cookie came along: it is ``SameSite=Lax``, so another website's form arrives without it, and
        nobody else can take a person's opt-out away.
        """
        rules = await self._posted(scope, receive)
        if isinstance(rules, Refusal):
            return await self._refuse(scope, send, rules)
        intake = self._decisions.intake
        connection = intake.connect(peer_of(scope), intake.fields(scope["headers"]))
        if isinstance(connection, Refusal):
            return await self._refuse(scope, send, connection)
        if not connection.opt_out:
            return await self._back(send, rules, [])
        # The site may have set one for its whole domain, or for this host alone; both go.
        domains = dict.fromkeys((rules.site.cookie_domain, ""))
        return await self._back(send, rules, [_cookie(scope, domain, "", 0) for domain in domains])

    async def _posted(self, scope: Scope, receive: Receive) -> SiteRules | Refusal:
        """The site that a button was pressed for. The form sends an empty body, and no other is taken."""
        body = await read_body(scope, receive, 0, self._body_read_timeout_s)
        return body if isinstance(body, Refusal) else self._rules(scope)

    async def _back(self, send: Send, rules: SiteRules, cookies: Headers) -> int:
        location = (b"location", b"/" + self._site_query(rules.site.id).encode())
        return await respond(send, 303, [location, *cookies, *PRIVATE, (b"referrer-policy", b"no-referrer")])

    async def _refuse(self, scope: Scope, send: Send, refusal: Refusal) -> int:
        body, language = self._page.refusal(refusal, self._spoken(scope))
        return await respond(send, refusal.kind.status, [*self._frame.headers(language), *PRIVATE], body)

    def _spoken(self, scope: Scope) -> Spoken:
        """The language for someone whose visit was refused: by Accept-Language alone, and kept nowhere."""
        accepted = header(scope, b"accept-language")[:ACCEPT_LANGUAGE_MAX_BYTES].decode("latin-1")
        matcher = self._decisions.sites[self._decisions.default_site].matcher
        return spoken_for(matcher.decide(matcher.prefer(accepted), None, None, None).tag)

    def _rules(self, scope: Scope) -> SiteRules | Refusal:
        found = read_query(scope["query_string"], {"site": None})
        if isinstance(found, Refusal):
            return found
        return self._decisions.rules(found.get("site", self._decisions.default_site))

    def _decide(self, scope: Scope, rules: SiteRules) -> Decision | Refusal:
        fields = self._decisions.intake.fields(scope["headers"])
        answer = self._decisions.for_request(peer_of(scope), fields, rules, counted=False)  # it is no visit to the site
        return answer if isinstance(answer, Refusal) else answer.decision

    def _site_query(self, site: str) -> str:
        return "" if site == self._decisions.default_site else f"?site={site}"


def _cookie(scope: Scope, domain: str, value: str, max_age_s: int) -> tuple[bytes, bytes]:
    parts = [f"pb_optout={value}", "Path=/", f"Max-Age={max_age_s}", "SameSite=Lax"]
    if domain:
        parts.append(f"Domain={domain}")
    if _over_tls(scope):
        parts.append("Secure")
    return b"set-cookie", "; ".join(parts).encode()


def _over_tls(scope: Scope) -> bool:
    """Whether the visitor came over TLS, which usually ends at a proxy.

    Any peer's word is taken: whoever forges it only hides their own cookie from themselves.
    """
    if scope["scheme"] == "https" or header(scope, b"x-forwarded-proto").lower() == b"https":
        return True
    return b"proto=https" in header(scope, b"forwarded").lower().replace(b'"', b"")
