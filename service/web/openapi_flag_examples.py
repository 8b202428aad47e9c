"""Examples of feature flags, apart from those of visits, which are long."""

from service.web.openapi_example import JSON, Example
from service.web.openapi_parameters import Json

_DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
_HERO: Json = {
    "key": "hero",
    "value": "b",
    "reason": "SPLIT",
    "variant": "b",
    "metadata": {"reason": "split", "in_experiment": True},
}
_CONTEXT: Json = {"targetingKey": _DEVICE_ID, "country": "US", "acceptLanguage": "de-CH,de;q=0.9"}
_FLAGS: Json = {
    "flags": [
        {
            "key": "language",
            "reason": "TARGETING_MATCH",
            "variant": "de-CH",
            "metadata": {"reason": "accept_language", "confidence": 1.0, "alternatives": "de,en"},
            "value": "de-CH",
        },
        {
            "key": "country",
            "reason": "TARGETING_MATCH",
            "variant": "US",
            "metadata": {"reason": "edge", "confidence": 0.95},
            "value": "US",
        },
        {"key": "market", "reason": "DEFAULT", "variant": "default", "metadata": {"reason": "edge"}},
        {
            "key": "currency",
            "reason": "TARGETING_MATCH",
            "variant": "USD",
            "metadata": {"reason": "edge"},
            "value": "USD",
        },
        {
            "key": "device",
            "reason": "DEFAULT",
            "variant": "default",
            "metadata": {"reason": "default", "os": "unknown", "browser": "unknown", "bot": False},
        },
        {
            "key": "tier",
            "reason": "STATIC",
            "variant": "standard",
            "metadata": {"reason": "default"},
            "value": "standard",
        },
        {"key": "cohort", "reason": "DEFAULT", "variant": "default", "metadata": {"reason": "default"}},
        {
            "key": "front",
            "reason": "STATIC",
            "variant": "spring",
            "metadata": {"reason": "default", "options": "spring,app,outlet"},
            "value": "spring",
        },
        _HERO,
    ],
    "metadata": {"site": "demo", "regime": "US-GPC", "policy_version": "2026-11-30", "variants": "hero.b"},
}

FLAG_EXAMPLES: dict[str, Example] = {
    "flags": Example(
        operation="evaluateFlags",
        summary="As a page's SDK asks",
        path="/ofrep/v1/evaluate/flags",
        status=200,
        answer=_FLAGS,
        body={"context": _CONTEXT},
        content_type=JSON,
    ),
    "flagsOfSite": Example(
        operation="evaluateFlagsOfSite",
        summary="A site by its name",
        path="/sites/demo/ofrep/v1/evaluate/flags",
        status=200,
        answer=_FLAGS,
        body={"context": _CONTEXT},
        content_type=JSON,
    ),
    "flagsRefused": Example(
        operation="evaluateFlagsOfSite",
        summary="Two places at once",
        path="/sites/demo/ofrep/v1/evaluate/flags",
        status=400,
        answer={
            "errorCode": "INVALID_CONTEXT",
            "errorDetails": "ip and country exclude each other: send one of them.",
        },
        body={"context": {"ip": "195.65.10.7", "country": "CH"}},
        content_type=JSON,
    ),
    "flag": Example(
        operation="evaluateFlag",
        summary="As a server's SDK asks",
        path="/ofrep/v1/evaluate/flags/hero",
        status=200,
        answer=_HERO,
        body={"context": _CONTEXT},
        content_type=JSON,
    ),
    "flagRefused": Example(
        operation="evaluateFlag",
        summary="An e-mail address where a device id should be",
        path="/ofrep/v1/evaluate/flags/hero",
        status=400,
        answer={
            "key": "hero",
            "errorCode": "INVALID_CONTEXT",
            "errorDetails": "targetingKey looks like an e-mail address, so it was refused. Send an opaque random id "
            "that the site made for the device, such as a UUIDv4, or none.",
            "metadata": {},
        },
        body={"context": {"targetingKey": "anna@example.org"}},
        content_type=JSON,
    ),
    "flagNotFound": Example(
        operation="evaluateFlag",
        summary="A flag that the site does not have",
        path="/ofrep/v1/evaluate/flags/checkout",
        status=404,
        answer={"key": "", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "The site has no such flag.", "metadata": {}},
        body={},
        content_type=JSON,
    ),
    "flagOfSite": Example(
        operation="evaluateFlagOfSite",
        summary="A site by its name",
        path="/sites/demo/ofrep/v1/evaluate/flags/hero",
        status=200,
        answer=_HERO,
        body={"context": _CONTEXT},
        content_type=JSON,
    ),
}
