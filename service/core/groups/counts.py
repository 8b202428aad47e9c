"""Counters: event codes from closed vocabularies, increments, and the sealed batches that carry them.

A visit or an event becomes an ``Increment``: a cohort and the codes of what happened, nothing else. Increments are
summed, and a ``Batch`` carries the sums of one site and interval. A cell is one code in one cohort; its name, the
field in the store, is ``<cohort>|<code>``.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

from service.core.groups.cohort import CohortKey, Rungs
from service.core.groups.interval import Interval
from service.core.languages.matching import LanguageTag
from service.core.sites import Key

CodeKind = Literal[
    "visit",  # a permitted visit
    "shown",  # ... with its language, where that was our guess, or what the visitor chose on an earlier page
    "wanted",  # ... with its language, where the visitor's header asked for it
    "chosen",  # a visitor took another language
    "offered",  # slot and option: a visit in whose ranking the option stood first
    "rewarded",  # slot and option: it worked
    "exposed",  # experiment and variant
    "converted",  # experiment and variant
]
Code = Annotated[
    str,
    Meta(pattern=r"^(visit|(shown|wanted|chosen):[A-Za-z0-9-]{1,35}|(offered|rewarded|exposed|converted):[a-z0-9_-]{1,32}:[a-z0-9_-]{1,32})\Z"),
]  # fmt: skip
VISIT: Code = "visit"


def code(kind: CodeKind, *of: LanguageTag | Key) -> Code:
    """The code of something that happened: ``code("offered", "front", "spring")`` is ``offered:front:spring``."""
    return ":".join((kind, *of))


def counter_key(cohort: CohortKey, what: str) -> str:
    """The field of one code, or of ``devices`` and ``in``, in one cohort."""
    return f"{cohort}|{what}"


def parse_counter_key(field: str) -> tuple[CohortKey, str]:
    """The cohort and the code of a field."""
    cohort, _, what = field.partition("|")
    return cohort, what


KeyKind = Literal["counts", "batches", "released", "devices", "prefixes", "salt"]
"""The kinds of a store's keys: raw sums, ids of batches, released cells, sketches of devices and prefixes, the salt."""
KEY_KINDS: tuple[KeyKind, ...] = get_args(KeyKind)


class Increment(Struct, frozen=True, gc=False, cache_hash=True):
    """The counts of one visit or event: one for each of these codes, in this cohort of this site."""

    site: Key
    cohort: CohortKey
    codes: tuple[Code, ...]


class Batch(Struct, frozen=True):
    """The sums of one site and interval, sealed: sent as often as needed, applied once.

    ``counts`` are by field. ``devices`` and ``prefixes`` hold, by cohort, salted hashes of HASH_BYTES each, strung
    together, made by the salt that ``salt_print`` is the fingerprint of. ``events`` is how many increments it carries,
    ``id`` 16 random bytes.
    """

    id: bytes
    interval: Interval
    site: Key
    counts: Mapping[str, int]
    devices: Mapping[CohortKey, bytes]
    prefixes: Mapping[CohortKey, bytes]
    events: int
    salt_print: str = ""


HASH_BYTES = 8


def salt_print(salt: bytes) -> str:
    """The fingerprint of a salt: by it a store knows whose hashes are of the salt that it holds.

    SHA-1, because Redis has it: it stands for 32 random bytes, which nobody finds by trying.
    """
    return hashlib.sha1(salt, usedforsecurity=False).hexdigest()


class DeviceHash(Struct, frozen=True, gc=False):
    """The salted hashes of one visit's device and network prefix, for counting distinct ones in these cohorts.

    None: not needed.
    """

    rungs: Rungs
    device: int | None
    prefix: int | None

    def __repr__(self) -> str:
        return "DeviceHash(...)"

    def __rich_repr__(self) -> list[Any]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


class Size(Struct, frozen=True, gc=False):
    """How many devices a cohort holds on its larger day, and from how many network prefixes."""

    devices: int
    prefixes: int


class PrivacyParameters(Struct, frozen=True):
    """The privacy parameters of a release. ``noise`` off is for closed test beds."""

    k: int
    k_prefixes: int
    epsilon: float
    noise: Literal["on", "off"]


class Released(Struct, frozen=True):
    """The cells of one closed interval that everyone may know: noised, none below k, never to change.

    ``cells`` are by field: a code's count, ``devices`` (the noised size, at most ``SIZE_CAP_FACTOR * k``), and ``in``
    (1 where the cohort is one for this interval's successor). A code marked ``LEARN_ONLY`` is learned from, but stands
    in no answer: beside the others it would tell a remainder below k. One marked ``CLIPPED`` (always 1) says that
    more was counted there than can be.
    """

    interval: Interval
    terms: PrivacyParameters
    cells: Mapping[str, int]


LEARN_ONLY = "~"
CLIPPED = "!"


def learned_cells(cells: Mapping[str, int]) -> dict[str, int]:
    """The cells that may be learned from, those marked ``LEARN_ONLY`` too, under their plain codes."""
    return {field.replace(f"|{LEARN_ONLY}", "|"): count for field, count in cells.items()}


def is_clipped(cells: Mapping[str, int], cohort: CohortKey, what: Code) -> bool:
    """Whether a code is marked as clipped in a cohort: more of it was counted than can be."""
    return counter_key(cohort, CLIPPED + what) in cells


def clipped_in(cells: Mapping[str, int]) -> int:
    """How many cells are marked as clipped."""
    return sum(parse_counter_key(field)[1].startswith(CLIPPED) for field in cells)


# HyperLogLogs get no more devices than this many times k: it is enough to know that there are enough.
SIZE_CAP_FACTOR = 4
