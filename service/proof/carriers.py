"""Requests that are granted, one or more of every route there is: what carries a header, a cookie or a parameter in.

Apart from ``channels``, which says what is carried: every channel goes on every carrier.
"""

from typing import Final, Literal, get_args

from msgspec import Struct

from service.proof.messages import Message, Spoil

Outcome = Literal["success", "refusal", "overload", "shutdown"]
"""Granted (2xx, 3xx); refused (4xx); refused because the house is full (503); under way when the service was told to
stop, whatever became of it."""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


class Carrier(Struct, frozen=True):
    """A request that is granted. ``route`` as the service's table has it.

    ``refuses``: it is refused, without being spoiled, where its own headers or cookies identify somebody.
    """

    route: str
    message: Message
    spoil: Spoil = "method"
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
