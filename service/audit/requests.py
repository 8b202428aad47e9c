"""Requests as octets, with nothing between that would tidy them up; and a granted one of every route.

A ``Message`` is a template: ``$marker`` stands where a marker goes, ``$site``, ``$key`` and the like for what is known
of the deployment (``SiteContext``). A ``Carrier`` is a message that is granted, on which a header, cookie or parameter
goes in.
"""

from collections.abc import Mapping
from string import Template
from typing import Any, Final, Literal, get_args

from msgspec import Struct
from msgspec.structs import asdict

Outcome = Literal["success", "refusal", "overload", "shutdown"]
"""Granted (2xx, 3xx); refused (4xx); shed (503); under way when the service was told to stop, whatever became of it."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
RefusedBy = Literal["query", "method"]
"""What gets a request refused that would be granted: an unknown parameter, or a method that is not allowed."""

VISITOR_HEADERS: Final = frozenset({
    "x-forwarded-for", "forwarded", "pb-client-ip", "cf-connecting-ip", "true-client-ip", "fastly-client-ip",
    "cloudfront-viewer-address", "x-vercel-forwarded-for", "x-real-ip",
})  # fmt: skip
"""Who the visitor is: a request has one of these, or the service would believe none."""
_CREDENTIALS: Final = frozenset({"authorization", "x-api-key", "proxy-authorization"})


class Message(Struct, frozen=True):
    """A request. ``lines`` are header fields as they are written; ``raw`` is a whole request, and then all there is."""

    method: str = "GET"
    target: str = "/"
    lines: tuple[str, ...] = ()
    body: str = ""
    raw: str = ""

    def with_line(self, line: str) -> "Message":
        """The same with one more header field, instead of those that it would contradict."""
        name = _name(line)
        replaced = VISITOR_HEADERS if name in VISITOR_HEADERS else {name}
        lines = tuple(other for other in self.lines if _name(other) not in replaced)
        return Message(self.method, self.target, (line, *lines), self.body, self.raw)

    def with_query(self, query: str) -> "Message":
        target = self.target + ("&" if "?" in self.target else "?") + query
        return Message(self.method, target, self.lines, self.body, self.raw)

    def refused(self, by: RefusedBy) -> "Message":
        """The same, so that it is refused."""
        if self.raw:
            return self
        return self.with_query("nobody-knows-this=1") if by == "query" else self._with(method="PATCH")

    def sheddable(self) -> "Message":
        """The same, so that an overloaded service sheds it.

        What is answered without waiting for anything is never shed; a fragment, which no client sends, keeps a
        request from that fast path.
        """
        return self if self.raw else self._with(target=self.target + "#")

    def _with(self, method: str = "", target: str = "") -> "Message":
        return Message(method or self.method, target or self.target, self.lines, self.body)


class SiteContext(Struct, frozen=True):
    """What is known of the deployment under audit, and fills the templates.

    ``key`` is empty where none is needed; ``slot``, ``experiment`` and ``topic`` where the site has none.
    """

    host: str
    site: str
    key: str = ""
    token: str = ""
    cohort: str = ""
    slot: str = "front"
    option: str = "spring"
    experiment: str = "hero"
    variant: str = "b"
    topic: str = ""
    language: str = "de"

    def __repr__(self) -> str:
        """Shows nothing: the key must not come into a log or a traceback."""
        return "SiteContext(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []

    def values(self, marker: str, number: int) -> dict[str, str]:
        """What a template may name. ``net`` is one of fifty networks, so that a crowd does not come from one alone.

        ``token`` is as JSON has it: ``null`` where the deployment gave none, and such a report counts nothing. The
        site knows the ``event``.
        """
        token = f'"{self.token}"' if self.token else "null"
        chosen = f'{{"type": "language_chosen", "language": "{self.language}"}}'
        reward = f'{{"type": "reward", "slot": "{self.slot}", "option": "{self.option}"}}'
        event = reward if self.slot else chosen
        return asdict(self) | {"marker": marker, "net": str(number % 50), "token": token, "event": event}


def octets(message: Message, values: Mapping[str, str]) -> bytes:
    """A message as it goes over the wire.

    A length is added where there is a body and no line says how it comes, and the deployment's key where there is one
    and no line is a credential.
    """
    if message.raw:
        return fill(message.raw, values).encode("latin-1")
    body = fill(message.body, values).encode("utf-8")
    names = {_name(line) for line in message.lines}
    more = [] if "host" in names else ["Host: $host"]
    if values["key"] and not names & _CREDENTIALS:
        more.append("Authorization: Bearer $key")
    if (body or message.method in ("POST", "DELETE")) and not names & {"content-length", "transfer-encoding"}:
        more.append(f"Content-Length: {len(body)}")
    lines = (f"{message.method} {message.target} HTTP/1.1", *more, *message.lines, "", "")
    return fill("\r\n".join(lines), values).encode("latin-1") + body


def fill(template: str, values: Mapping[str, str]) -> str:
    return Template(template).safe_substitute(values)


def _name(line: str) -> str:
    return line.partition(":")[0].strip().lower()


class Carrier(Struct, frozen=True):
    """A request that is granted. ``route`` as the service's table has it.

    ``refuses``: it is refused by itself where its own headers or cookies identify somebody.
    """

    route: str
    message: Message
    refused_by: RefusedBy = "method"
    sheds: bool = True
    refuses: bool = False


PHONE: Final = (
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
_FROM: Final = "X-Forwarded-For: 195.65.$net.7"
PLACE: Final = '"ip": "195.65.$net.7"'
"""Of Switzerland: where it is known that a visit comes from there, what its visitor consents to is permitted."""
CONSENT: Final = "pb_consent=statistics.experiments.cohort.interests"
ALLOWED: Final = '"consent": ["statistics", "experiments", "cohort", "interests"]'
_VISIT: Final = (PHONE, _FROM, "Accept-Language: de-CH,de;q=0.9", f"Cookie: {CONSENT}")
JSON: Final = "Content-Type: application/json"
LINES: Final = "Content-Type: application/x-ndjson"
FLAGS: Final = "/ofrep/v1/evaluate/flags"
_SITE: Final = "/sites/$site"
_SITES: Final = "/sites/{site}"
CONTEXT: Final = '{"context": {"country": "CH", "consent": "statistics.experiments"}}'
_ASKED: Final = f'{{"site": "$site", "signals": {{{PLACE}}}, {ALLOWED}}}'
_MANY: Final = f'{{"site": "$site", "requests": [{{"signals": {{{PLACE}}}, {ALLOWED}}}]}}'
REPORT: Final = '{"site": "$site", "token": $token, "events": [$event]}'
MANY_PATH: Final = "/v1/recommendations"
_COHORT: Final = "/v1/cohorts/{country}/{language}/{device_class}"
_COUNTS: Final = "/v1/sites/{site}/"
_COUNTED: Final = "/v1/sites/$site/"
_HOUR: Final = "?window=1h"

CARRIERS: Final = (
    Carrier("/v1/recommendation", Message("GET", "/v1/recommendation?site=$site", _VISIT), "query", refuses=True),
    Carrier("/", Message("GET", "/?site=$site", _VISIT), refuses=True),
    Carrier("/v1/recommendation", Message("POST", "/v1/recommendation", (JSON,), _ASKED), "query"),
    Carrier("/v1/events", Message("POST", "/v1/events", (JSON,), REPORT), "query"),
    Carrier("/v1/opt-out", Message("POST", "/v1/opt-out?site=$site"), "query"),
    Carrier(FLAGS, Message("POST", FLAGS, (JSON,), CONTEXT), "query"),
    Carrier("/v1/recommendation", Message("HEAD", "/v1/recommendation?site=$site", _VISIT), "query", refuses=True),
    Carrier("/v1/recommendation", Message("GET", "/v1/recommendation?site=$site&format=headers", _VISIT)),
    Carrier("/v1/recommendations", Message("POST", "/v1/recommendations", (JSON,), _MANY), "query"),
    Carrier("/v1/recommendations", Message("POST", "/v1/recommendations", (LINES,), _ASKED), "query"),
    Carrier(_COHORT, Message("GET", "/v1/cohorts/CH/$language/smartphone?site=$site"), "query"),
    Carrier(FLAGS + "/{key}", Message("POST", f"{FLAGS}/language", (JSON,), CONTEXT), "query"),
    Carrier(_SITES + FLAGS, Message("POST", _SITE + FLAGS, (JSON,), CONTEXT), "query"),
    Carrier(_SITES + FLAGS + "/{key}", Message("POST", f"{_SITE}{FLAGS}/language", (JSON,), CONTEXT), "query"),
    Carrier(_COUNTS + "cohorts", Message("GET", f"{_COUNTED}cohorts{_HOUR}"), "query"),
    Carrier(_COUNTS + "slots/{slot}", Message("GET", f"{_COUNTED}slots/$slot{_HOUR}"), "query"),
    Carrier(_COUNTS + "experiments/{experiment}", Message("GET", f"{_COUNTED}experiments/$experiment{_HOUR}"), "query"),
    Carrier("/v1/opt-out", Message("DELETE", "/v1/opt-out?site=$site"), "query"),
    Carrier("/v1/privacy", Message("GET", "/v1/privacy")),
    Carrier("/.well-known/gpc.json", Message("GET", "/.well-known/gpc.json")),
    Carrier("/opt-out", Message("POST", "/opt-out"), "query"),
    Carrier("/opt-in", Message("POST", "/opt-in"), "query"),
    Carrier("/openapi.json", Message("GET", "/openapi.json")),
    Carrier("/docs", Message("GET", "/docs")),
    Carrier("/docs/", Message("GET", "/docs/")),
    Carrier("/docs/{name}", Message("GET", "/docs/glossary")),
    Carrier("/problems", Message("GET", "/problems")),
    Carrier("/problems/{name}", Message("GET", "/problems/not-json")),
    Carrier("/livez", Message("GET", "/livez"), sheds=False),
    Carrier("/readyz", Message("GET", "/readyz"), sheds=False),
)  # fmt: skip
"""A request of every route, and of the ways to ask that differ in what they read. The first reads and tells most."""

CONSENTING: Final = CARRIERS[0].message
"""A visit that consents to everything: what it is told tells a site's slots, experiments and token."""
DESCRIPTION: Final = Message("GET", "/v1/privacy?site=$site")
"""What a site says of itself, its topics among it."""
SHEDDING: Final = tuple(carrier for carrier in CARRIERS if carrier.sheds)
