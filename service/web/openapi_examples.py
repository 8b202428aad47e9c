"""Real requests and their answers by the demo site, for the OpenAPI document.

A test sends each one to the service as configured in this repository and compares, so that none of them can age.
"""

import msgspec

from service.web.openapi_count_examples import COUNT_EXAMPLES
from service.web.openapi_event_examples import EVENT_EXAMPLES
from service.web.openapi_example import JSON, Example
from service.web.openapi_flag_examples import FLAG_EXAMPLES
from service.web.openapi_operation import NDJSON
from service.web.openapi_parameters import Json
from service.web.openapi_people_examples import PEOPLE_EXAMPLES
from service.web.openapi_refusal_examples import REFUSAL_EXAMPLES, no_device_id

CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"


def _lines(*answers: Json) -> str:
    return "".join(f"{msgspec.json.encode(answer).decode()}\n" for answer in answers)


_JAPAN: Json = {
    "site": "demo",
    "language": {"tag": "ja", "confidence": 1.0, "source": "edge", "alternatives": []},
    "region": {
        "country": "JP",
        "subdivision": None,
        "market": None,
        "currency": "JPY",
        "time_zone": "Asia/Tokyo",
        "measurement": "metric",
        "first_day": "sun",
        "confidence": 0.95,
        "source": "edge",
    },
    "device": {
        "class": "unknown",
        "os": "unknown",
        "browser": "unknown",
        "tier": "standard",
        "bot": False,
        "source": "default",
    },
    "cohort": None,
    "experiments": {"hero": {"variant": "a", "in_experiment": False, "reason": "no_device_id"}},
    "slots": {"front": {"options": ["spring", "app", "outlet"], "source": "default"}},
    "interests": [],
    "privacy": {
        "regime": "JP",
        "policy_version": "2026-11-30",
        "signals_used": ["geo"],
        "allowed": ["language", "region", "device", "cohort", "statistics", "experiments", "interests"],
        "withheld": [],
        "dropped": [],
        "signal_status": {"gpc": "absent"},
    },
    "ttl": 300,
}
_REFUSED = no_device_id("phone")

EXAMPLES: dict[str, Example] = {
    "visit": Example(
        operation="recommend",
        summary="A visit whose place the edge resolved",
        path="/v1/recommendation",
        status=200,
        answer={
            "site": "demo",
            "language": {
                "tag": "fr",
                "confidence": 1.0,
                "source": "cookie",
                "alternatives": [{"tag": "de-CH", "confidence": 0.0}],
            },
            "region": {
                "country": "CH",
                "subdivision": None,
                "market": "dach",
                "currency": "CHF",
                "time_zone": "Europe/Zurich",
                "measurement": "metric",
                "first_day": "mon",
                "confidence": 1.0,
                "source": "cookie",
            },
            "device": {
                "class": "smartphone",
                "os": "android",
                "browser": "chrome",
                "tier": "lite",
                "bot": False,
                "source": "client_hints",
            },
            "cohort": None,
            "experiments": {"hero": {"variant": "b", "in_experiment": True, "reason": "split"}},
            "slots": {"front": {"options": ["spring", "app", "outlet"], "source": "default"}},
            "interests": [],
            "privacy": {
                "regime": "CH",
                "policy_version": "2026-11-30",
                "signals_used": [
                    "geo",
                    "client_hints",
                    "user_agent",
                    "device_id",
                    "cookie_language",
                    "cookie_region",
                    "consent",
                ],
                "allowed": ["language", "region", "device", "cohort", "statistics", "experiments"],
                "withheld": [{"purpose": "interests", "reason": "consent_required"}],
                "dropped": [],
                "signal_status": {"gpc": "absent"},
            },
            "ttl": 300,
        },
        body={
            "site": "demo",
            "signals": {
                "geo": {"country": "CH", "subdivision": "ZH"},
                "cookies": {"language": "fr", "region": "CH", "interests": "outdoor:3.shoes:1", "variants": "hero.b"},
                "device": {
                    "id": "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11",
                    "user_agent": CHROME,
                    "accept_language": "de-CH,de;q=0.9,en;q=0.5",
                    "client_hints": {"sec-ch-ua-mobile": "?1", "sec-ch-ua-platform": '"Android"', "save-data": "on"},
                },
                "gpc": False,
            },
            "consent": ["statistics", "experiments"],
            "opt_out": False,
        },
        content_type=JSON,
    ),
    "gpc": Example(
        operation="recommend",
        summary="Global Privacy Control: less may be used",
        path="/v1/recommendation",
        status=200,
        answer={
            "site": "demo",
            "language": {
                "tag": "es",
                "confidence": 0.7,
                "source": "accept_language",
                "alternatives": [{"tag": "en", "confidence": 0.2}],
            },
            "region": {
                "country": "US",
                "subdivision": "CA",
                "market": None,
                "currency": "USD",
                "time_zone": "America/Los_Angeles",
                "measurement": "us",
                "first_day": "sun",
                "confidence": 0.95,
                "source": "edge",
            },
            "device": {
                "class": "unknown",
                "os": "unknown",
                "browser": "unknown",
                "tier": "standard",
                "bot": False,
                "source": "default",
            },
            "cohort": None,
            "experiments": {"hero": {"variant": "a", "in_experiment": False, "reason": "withheld"}},
            "slots": {"front": {"options": ["spring", "app", "outlet"], "source": "default"}},
            "interests": [],
            "privacy": {
                "regime": "US-GPC",
                "policy_version": "2026-11-30",
                "signals_used": ["geo", "accept_language", "gpc"],
                "allowed": ["language", "region", "device", "cohort"],
                "withheld": [
                    {"purpose": "statistics", "reason": "gpc"},
                    {"purpose": "experiments", "reason": "gpc"},
                    {"purpose": "interests", "reason": "gpc"},
                ],
                "dropped": [],
                "signal_status": {"gpc": "honoured"},
            },
            "ttl": 300,
        },
        body={
            "signals": {
                "geo": {"country": "US", "subdivision": "CA"},
                "device": {"accept_language": "es-US,es;q=0.9,en;q=0.8"},
                "gpc": True,
            }
        },
        content_type=JSON,
    ),
    "edge": Example(
        operation="recommendForThisRequest",
        summary="A visit with a choice of its own",
        path="/v1/recommendation?site=demo",
        status=200,
        answer={
            "site": "demo",
            "language": {"tag": "fr", "confidence": 1.0, "source": "cookie", "alternatives": []},
            "region": {
                "country": "CH",
                "subdivision": None,
                "market": "dach",
                "currency": "CHF",
                "time_zone": "Europe/Zurich",
                "measurement": "metric",
                "first_day": "mon",
                "confidence": 1.0,
                "source": "cookie",
            },
            "device": {
                "class": "smartphone",
                "os": "android",
                "browser": "chrome",
                "tier": "standard",
                "bot": False,
                "source": "client_hints",
            },
            "cohort": None,
            "experiments": {"hero": {"variant": "a", "in_experiment": False, "reason": "no_device_id"}},
            "slots": {"front": {"options": ["spring", "app", "outlet"], "source": "default"}},
            "interests": [],
            "privacy": {
                "regime": "ZZ",
                "policy_version": "2026-11-30",
                "signals_used": ["client_hints", "user_agent", "cookie_language", "cookie_region", "consent"],
                "allowed": ["language", "device", "experiments"],
                "withheld": [
                    {"purpose": "region", "reason": "denied"},
                    {"purpose": "cohort", "reason": "consent_required"},
                    {"purpose": "statistics", "reason": "denied"},
                    {"purpose": "interests", "reason": "denied"},
                ],
                "dropped": [],
                "signal_status": {"gpc": "absent"},
            },
            "ttl": 300,
        },
        headers={
            "accept-language": "de-CH,de;q=0.9,en;q=0.5",
            "sec-ch-ua-mobile": "?1",
            "sec-ch-ua-platform": '"Android"',
            "user-agent": CHROME,
            "cookie": "pb_language=fr; pb_region=CH; pb_consent=statistics.experiments",
        },
    ),
    "crawler": Example(
        operation="recommend",
        summary="A bot that gathers texts for models to learn from",
        path="/v1/recommendation",
        status=200,
        answer=_JAPAN
        | {
            "device": {
                "class": "bot",
                "os": "unknown",
                "browser": "other",
                "tier": "standard",
                "bot": True,
                "source": "user_agent",
            },
            "experiments": {"hero": {"variant": "a", "in_experiment": False, "reason": "bot"}},
            "privacy": _JAPAN["privacy"] | {"signals_used": ["geo", "user_agent"], "bot_kind": "training"},
        },
        body={"signals": {"geo": {"country": "JP"}, "device": {"user_agent": GPTBOT}}},
        content_type=JSON,
    ),
    "batch": Example(
        operation="recommendMany",
        summary="Two visits, one of them refused",
        path="/v1/recommendations",
        status=200,
        answer={"recommendations": [_JAPAN, _REFUSED]},
        body={
            "site": "demo",
            "requests": [{"signals": {"geo": {"country": "JP"}}}, {"signals": {"device": {"id": "+41 44 668 18 00"}}}],
        },
        content_type=JSON,
    ),
    "lines": Example(
        operation="recommendMany",
        summary="The same as lines",
        path="/v1/recommendations",
        status=200,
        answer=_lines(_JAPAN, _REFUSED),
        answer_type=NDJSON,
        body='{"signals":{"geo":{"country":"JP"}}}\n{"signals":{"device":{"id":"+41 44 668 18 00"}}}\n',
        content_type=NDJSON,
    ),
    "page": Example(
        operation="recommendForCohort",
        summary="Smartphones in Switzerland, in Swiss German",
        path="/v1/cohorts/CH/de-CH/smartphone?site=demo",
        status=200,
        answer={
            "site": "demo",
            "language": {
                "tag": "de-CH",
                "confidence": 1.0,
                "source": "cohort",
                "alternatives": [{"tag": "fr", "confidence": 0.0}],
            },
            "region": {
                "country": "CH",
                "subdivision": None,
                "market": "dach",
                "currency": "CHF",
                "time_zone": "Europe/Zurich",
                "measurement": "metric",
                "first_day": "mon",
                "confidence": 1.0,
                "source": "cohort",
            },
            "device": {
                "class": "smartphone",
                "os": "unknown",
                "browser": "unknown",
                "tier": "standard",
                "bot": False,
                "source": "cohort",
            },
            "cohort": None,
            "slots": {"front": {"options": ["spring", "app", "outlet"], "source": "default"}},
            "policy_version": "2026-11-30",
            "ttl": 300,
        },
    ),
    "live": Example(
        operation="live",
        summary="It lives",
        path="/livez",
        status=200,
        answer={"status": "live"},
    ),
} | EVENT_EXAMPLES
EXAMPLES |= REFUSAL_EXAMPLES | FLAG_EXAMPLES | COUNT_EXAMPLES | PEOPLE_EXAMPLES
