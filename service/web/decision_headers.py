"""The headers of a decision, for edges that read no body.

What is unknown or withheld is sent empty: so it still overwrites a client's own of that name at the edge. Variants are
added by the endpoint: what many visits share is made once.
"""

from functools import lru_cache

from msgspec import Struct

from service.core.recommendation import Decision
from service.web.wire.messages import JSON, PRIVATE, Head, Headers, head_of


class Heads(Struct, frozen=True, gc=False):
    """The head of an answer without variants and CORS: for one with a body, and for one without."""

    with_body: Head
    without_body: Head


def heads_of(decision: Decision) -> Heads:
    """The heads of this answer; one object for all that say the same."""
    region = decision.region
    cohort = "" if decision.cohort is None else decision.cohort.key
    return _heads(decision.language.tag, region.country, region.subdivision, decision.device.class_, cohort)


def nothing_known(default_language: str) -> Headers:
    """The headers of a refused visit, by which an edge overwrites a client's own."""
    return [*_trait_headers(default_language, None, None, "unknown", ""), (b"pb-variants", b"")]


@lru_cache(maxsize=8192)
def _heads(tag: str, country: str | None, subdivision: str | None, device_class: str, cohort: str) -> Heads:
    headers = [*PRIVATE, *_trait_headers(tag, country, subdivision, device_class, cohort)]
    return Heads(head_of([JSON, *headers]), head_of(headers))


def _trait_headers(tag: str, country: str | None, subdivision: str | None, device_class: str, cohort: str) -> Headers:
    region = "" if country is None else country if subdivision is None else f"{country}-{subdivision}"
    return [
        (b"pb-language", tag.encode()),
        (b"pb-region", region.encode()),
        (b"pb-device", b"" if device_class == "unknown" else device_class.encode()),
        (b"pb-cohort", cohort.encode()),
    ]
