"""The headers of a decision, for edges that read no body: a line for each part of it.

What is unknown or withheld is sent empty: so it still overwrites a client's own of that name at the edge. Variants are
added by the endpoint.
"""

from functools import lru_cache

from service.core.recommendation import Cohort
from service.core.region import Region
from service.web.wire.messages import JSON, PRIVATE, Head, Headers, head_of

WITH_BODY, WITHOUT_BODY = head_of([JSON, *PRIVATE]), head_of(PRIVATE)
"""What stands before them."""


@lru_cache(maxsize=4096)
def trait_head(name: bytes, value: str) -> Head:
    """The head with one of them: one object for all answers that say the same."""
    return head_of([(name, value.encode())])


def language_head(tag: str) -> Head:
    """The language that was decided."""
    return trait_head(b"pb-language", tag)


def region_head(region: Region) -> Head:
    """The region: ``CH``, with a part of the country ``CH-ZH``."""
    country = region.country or ""
    return trait_head(b"pb-region", country if region.subdivision is None else f"{country}-{region.subdivision}")


def device_head(device_class: str) -> Head:
    """The class of the device."""
    return trait_head(b"pb-device", "" if device_class == "unknown" else device_class)


def cohort_head(cohort: Cohort | None) -> Head:
    """The key of the cohort."""
    return trait_head(b"pb-cohort", "" if cohort is None else cohort.key)


def nothing_known(default_language: str) -> Headers:
    """The headers of a refused visit, by which an edge overwrites a client's own."""
    return [
        (b"pb-language", default_language.encode()),
        *((name, b"") for name in (b"pb-region", b"pb-device", b"pb-cohort", b"pb-variants")),
    ]
