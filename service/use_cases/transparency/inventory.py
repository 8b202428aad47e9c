"""The inventory of what is used and kept: every purpose, every signal and what becomes of it, everything that is kept.

Its rows are data, in the names of the wire; for how long each thing is kept follows from the settings and from how the
store's keys expire. Tests hold it to what is read of a request, to the grammar of those keys and to every setting.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from service.core.groups.cohort_token import VALID_S
from service.core.groups.counts import KeyKind, PrivacyParameters
from service.core.groups.interval import HOUR_S
from service.core.groups.snapshot import HISTORY_S
from service.core.privacy import Purpose
from service.core.signals import SignalName
from service.use_cases.counting.flush import RESEND_MAX_S
from service.use_cases.counting.report_cap import COUNTS_MAX

DerivedData = Literal[
    "regime", "place", "network_prefix_hash", "language", "region", "device", "bot_kind", "device_hash", "buckets",
    "variants", "interests", "permissions",
]  # fmt: skip
"""What is derived from a signal: a closed value, or the salted hash of a day (for a count) or interval (for a cap)."""
StoreName = Literal["embedded", "redis", "process", "off"]
KeptThing = Literal[
    "raw_signals", "header_texts", "remembered_answers",
    "waiting_counts", "device_hashes", "report_networks", "raw_counts", "batch_ids", "salt", "device_sketches",
    "prefix_sketches", "released_counts", "snapshot",
    "cohort_token", "visitor_answer", "cohort_pages", "site_cookies", "opt_out_cookie",
    "log_lines", "metrics",
]  # fmt: skip
Holder = Literal["worker_memory", "store", "caller", "any_cache", "device", "log"]
CountedFrom = Literal["request", "interval_end", "day_begin", "day_end", "answer", "set_by_person", "written"]
About = Literal["visit", "device", "group", "nobody"]

_RESEND_HOURS = RESEND_MAX_S // HOUR_S


class Lifetimes(Struct, frozen=True):
    """How long the store keeps what is not released, in hours: by the code that sets the keys' expiry."""

    raw_counts_hours: float
    """From the end of their interval."""
    batch_ids_hours: float
    """From the end of their interval."""
    sketches_hours: float
    """From the end of their day."""
    salt_hours: float
    """From the beginning of its day, whenever in it it was drawn."""


class DeploymentFacts(Struct, frozen=True):
    """What a deployment does, in plain values: of its settings all that bears on visits.

    ``device_texts_max`` and ``language_texts_max`` are how many header texts a worker remembers for
    ``texts_kept_max_s``, ``answers_max`` how many answers.
    ``address_headers`` and ``place_headers`` are those that its edge speaks of visitors with.
    """

    store: StoreName
    terms: PrivacyParameters
    release_interval_s: int
    retention_hours: int
    flush_interval_ms: int
    buffer_events_max: int
    answer_ttl_s: int
    cohort_max_age_s: int
    opt_out_max_age_s: int
    device_texts_max: int
    language_texts_max: int
    texts_kept_max_s: int
    answers_max: int
    lifetimes: Lifetimes
    address_headers: tuple[str, ...] = ()
    place_headers: tuple[str, ...] = ()


class SignalEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a signal may stand, what is derived from it, and which purposes that serves.

    ``headers`` are in lower case; those of the configured edge come on top. ``body`` are JSON pointers into a visit
    that a backend describes, ``context`` the fields of a feature flag's evaluation, ``report`` pointers into a report
    of events. ``connection``: the other end of the connection itself tells it. A signal that serves no purpose is read
    for its permissions alone.
    """

    name: SignalName
    meaning: str
    connection: bool
    headers: tuple[str, ...]
    cookies: tuple[str, ...]
    body: tuple[str, ...]
    context: tuple[str, ...]
    report: tuple[str, ...]
    becomes: tuple[DerivedData, ...]
    purposes: tuple[Purpose, ...]


class RetentionEntry(Struct, frozen=True):
    """One thing that is kept: by whom, what about, and for how long at most.

    ``hours_max`` counts from ``counted_from``; null where nothing ends it but that others take its place, or that its
    holder lets it go. ``entries_max`` is how many there are at most, per worker. ``keys`` are the store's keys that
    hold it, ``signals`` those that had a part in it.
    """

    what: KeptThing
    meaning: str
    where: Holder
    about: About
    hours_max: float | None
    counted_from: CountedFrom
    signals: tuple[SignalName, ...] = ()
    keys: tuple[KeyKind, ...] = ()
    entries_max: int | None = None


class _KeptThing(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of what is kept, without what the settings say of it."""

    what: KeptThing
    meaning: str
    where: Holder
    about: About
    counted_from: CountedFrom
    signals: tuple[SignalName, ...] = ()
    keys: tuple[KeyKind, ...] = ()
    only_if: Literal["counting", "networks_count"] | None = None


class Inventory(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows, each kind in the order of a visit's journey."""

    purposes: Mapping[Purpose, str]
    signals: tuple[SignalEntry, ...]
    retention: tuple[_KeptThing, ...]

    @property
    def cookies(self) -> tuple[str, ...]:
        """Every cookie that is read. All others stay unread."""
        return tuple(name for signal in self.signals for name in signal.cookies)


@cache
def inventory() -> Inventory:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Inventory)


def retention_entries(facts: DeploymentFacts) -> tuple[RetentionEntry, ...]:
    """Everything that this deployment keeps. What it does not keep is not in it."""
    counting = facts.store != "off"
    absent = set() if counting else {"counting", "networks_count"}
    absent |= set() if facts.terms.k_prefixes else {"networks_count"}
    hours, entries = _hours_max(facts), _entries_max(facts)
    return tuple(
        RetentionEntry(
            row.what, row.meaning.format(flush_interval_ms=facts.flush_interval_ms), row.where, row.about,
            hours[row.what], row.counted_from, row.signals, row.keys, entries.get(row.what),
        )
        for row in inventory().retention
        if row.only_if not in absent
    )  # fmt: skip


def _hours_max(facts: DeploymentFacts) -> Mapping[KeptThing, float | None]:
    lifetimes = facts.lifetimes
    return {
        "raw_signals": 0,
        "header_texts": facts.texts_kept_max_s / HOUR_S,
        "remembered_answers": None,
        "waiting_counts": _RESEND_HOURS,
        "device_hashes": _RESEND_HOURS,
        "report_networks": _hours(facts.release_interval_s),
        "snapshot": _rounded(min(HISTORY_S / HOUR_S, facts.retention_hours)),
        "raw_counts": lifetimes.raw_counts_hours,
        "batch_ids": lifetimes.batch_ids_hours,
        "salt": lifetimes.salt_hours,
        "device_sketches": lifetimes.sketches_hours,
        "prefix_sketches": lifetimes.sketches_hours,
        "released_counts": facts.retention_hours,
        "cohort_token": _hours(VALID_S),
        "visitor_answer": _hours(facts.answer_ttl_s),
        "cohort_pages": _hours(facts.cohort_max_age_s),
        "site_cookies": None,
        "opt_out_cookie": _hours(facts.opt_out_max_age_s),
        "log_lines": None,
        "metrics": None,
    }


def _entries_max(facts: DeploymentFacts) -> Mapping[KeptThing, int]:
    return {
        "header_texts": facts.device_texts_max + facts.language_texts_max,
        "remembered_answers": facts.answers_max,
        "waiting_counts": facts.buffer_events_max,
        "report_networks": COUNTS_MAX,
    }


def _hours(seconds: float) -> float:
    return _rounded(seconds / HOUR_S)


def _rounded(hours: float) -> float:
    """Hours to the second or so, and without a fraction that is none."""
    return int(hours) if hours == int(hours) else round(hours, 4)
