"""The names of everything kept in Redis: a closed grammar that can be enumerated, permitted and audited.

``pb:{<site>:<day>}:`` and then ``counts:<hour>``, ``batches:<hour>``, ``released:<hour>`` (hashes),
``devices:<cohort>``, ``prefixes:<cohort>`` (HyperLogLogs) or ``salt`` (a string). The braces are a hash tag: all keys
of one site and day lie in one slot of a Redis Cluster, so that one script may touch them together. ``<hour>`` is when
the release interval begins, ``HH``, with minutes and seconds appended only where intervals are so short that they need
them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, get_args

from service.core.groups.cohort import CohortKey
from service.core.groups.interval import DAY_S, HOUR_S, Interval
from service.core.sites import Key

_COHORT = get_args(CohortKey)[1].pattern.removeprefix("^").removesuffix(r"\Z")

KEY_PATTERN = re.compile(
    r"pb:\{[a-z][a-z0-9_-]{0,31}:\d{4}-\d{2}-\d{2}\}:"
    rf"((counts|batches|released):([01]\d|2[0-3])([0-5]\d){{0,2}}|(devices|prefixes):{_COHORT}|salt)"
)
"""Every key matches it fully. ``~pb:*`` is what a Redis user of this service needs to be allowed."""

_FIRST_DAY = date(1970, 1, 1).toordinal()
_MINUTE_S = 60


def interval_key(kind: Literal["counts", "batches", "released"], site: Key, interval: Interval) -> str:
    """The key of one release interval of a site."""
    hours, in_hour_s = divmod(interval.start_s % DAY_S, HOUR_S)
    name = f"{hours:02}"
    if interval.length_s % HOUR_S:
        name += f"{in_hour_s // _MINUTE_S:02}"
        if interval.length_s % _MINUTE_S:
            name += f"{in_hour_s % _MINUTE_S:02}"
    return f"{_site_day(site, interval.day)}{kind}:{name}"


def hash_keys(site: Key, day: int, cohorts: Sequence[CohortKey]) -> Iterator[str]:
    """For each cohort the key of its devices and that of its prefixes."""
    begins = _site_day(site, day)
    for cohort in cohorts:
        yield f"{begins}devices:{cohort}"
        yield f"{begins}prefixes:{cohort}"


def salt_key(site: Key, day: int) -> str:
    """The key of the secret under which a site's devices are hashed on a day (days since 1970)."""
    return f"{_site_day(site, day)}salt"


def _site_day(site: Key, day: int) -> str:
    return f"pb:{{{site}:{date.fromordinal(_FIRST_DAY + day).isoformat()}}}:"
