"""What is kept of visits, where and for how long at most: every thing that outlives an answer, and what it holds.

Apart from ``disclosure``, which says it together with all else. Hours follow from the settings and from how the store's
keys expire; a test holds the list to the grammar of those keys and to every setting there is.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from service.core.cohort_token import VALID_S
from service.core.counts import KeyKind, Terms
from service.core.interval import HOUR_S
from service.core.signals import SIGNAL_NAMES, SignalName
from service.core.snapshot import HISTORY_S
from service.use_cases.flush import RESEND_MAX_S
from service.use_cases.report_cap import COUNTS_MAX

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


class Practice(Struct, frozen=True):
    """What a deployment does, in plain values: of its settings all that bears on visits.

    ``device_texts_max`` and ``language_texts_max`` are how many header texts a worker remembers for
    ``texts_kept_max_s``, ``answers_max`` how many answers.
    ``address_headers`` and ``place_headers`` are those that its edge speaks of visitors with.
    """

    store: StoreName
    terms: Terms
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


class Kept(Struct, frozen=True):
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


# A test holds these to the purposes of ``signal_sources``. A region of the visitor's choice is in none of them: it
# changes what is shown, and no group.
_OF_COHORTS: tuple[SignalName, ...] = ("geo", "ip", "client_hints", "user_agent")
# What is known of groups: how many devices they hold, and what languages their visitors' browsers ask for.
_LEARNED: tuple[SignalName, ...] = (*_OF_COHORTS, "device_id", "accept_language")
# What was shown is counted too: a language, also one that the visitor chose, and a variant, also a remembered one.
_COUNTED: tuple[SignalName, ...] = (*_LEARNED, "cookie_language", "cookie_variants")
_RESEND_HOURS = RESEND_MAX_S // HOUR_S


def kept(practice: Practice) -> tuple[Kept, ...]:
    """Everything, in the order of a visit's journey. What this deployment does not keep is not in it."""
    counted = () if practice.store == "off" else (*_in_memory(practice), *_in_the_store(practice))
    return (*_of_a_visit(practice), *counted, *_with_others(practice), *_of_the_service())


def _of_a_visit(practice: Practice) -> Iterator[Kept]:
    yield Kept(
        "raw_signals",
        "Everything as it was sent. It goes with the answer: no store, log or metric ever holds it.",
        "worker_memory", "visit", 0, "request", SIGNAL_NAMES,
    )  # fmt: skip
    yield Kept(
        "header_texts",
        "Texts of User-Agent, client hints and Accept-Language headers, each beside what it comes to and with nothing "
        "else of the visit, so that the next one like it need not be read again. The oldest make room.",
        "worker_memory", "nobody", practice.texts_kept_max_s / HOUR_S, "request",
        ("accept_language", "client_hints", "user_agent"),
        entries_max=practice.device_texts_max + practice.language_texts_max,
    )  # fmt: skip
    yield Kept(
        "remembered_answers",
        "Answers by the closed values that decided them, for whoever shows the same. No device id, no variants.",
        "worker_memory", "group", None, "request",
        tuple(name for name in SIGNAL_NAMES if name not in {"device_id", "cookie_variants"}),
        entries_max=practice.answers_max,
    )  # fmt: skip


def _in_memory(practice: Practice) -> Iterator[Kept]:
    yield Kept(
        "waiting_counts",
        f"Sums on their way to the store, handed over every {practice.flush_interval_ms} ms or so. They wait longer "
        "only while the store is away, and the oldest are dropped.",
        "worker_memory", "group", _RESEND_HOURS, "interval_end", _COUNTED, entries_max=practice.buffer_events_max,
    )  # fmt: skip
    yield Kept(
        "device_hashes",
        "Hashes of device ids and network prefixes under the day's salt, by group, so that each is counted once, and "
        "on their way to the store.",
        "worker_memory", "device", _RESEND_HOURS, "day_end",
        (*_OF_COHORTS, "device_id"),
    )  # fmt: skip
    yield Kept(
        "report_networks",
        "How many events a network (/24, or /48 of IPv6) reported without a key in a release interval, for each site "
        "and code, which says the option, variant or language, so that nobody can make figures up. A network is a "
        "hash of the address's prefix under a random key of this process, which is thrown away with the interval. "
        "The address is let go at once. Of reports with Global Privacy Control or an opt-out nothing is held.",
        "worker_memory", "device", _hours(practice.release_interval_s), "request", ("ip",), entries_max=COUNTS_MAX,
    )  # fmt: skip
    yield Kept(
        "snapshot",
        "What released counts say of groups.",
        "worker_memory", "group", _rounded(min(HISTORY_S / HOUR_S, practice.retention_hours)), "interval_end",
        _LEARNED,
    )  # fmt: skip


def _in_the_store(practice: Practice) -> Iterator[Kept]:
    lifetimes = practice.lifetimes
    yield Kept(
        "raw_counts",
        "Sums by group, until they are released; so long only where nobody releases them.",
        "store", "group", lifetimes.raw_counts_hours, "interval_end", _COUNTED, ("counts",),
    )  # fmt: skip
    yield Kept(
        "batch_ids",
        "Random ids of the batches that were counted, so that none is counted twice.",
        "store", "nobody", lifetimes.batch_ids_hours, "interval_end", (), ("batches",),
    )  # fmt: skip
    yield Kept(
        "salt",
        "The random secret of a site and day under which device ids and network prefixes are hashed. Workers know it "
        "while the day lasts, the store for an hour more.",
        "store", "nobody", lifetimes.salt_hours, "day_begin", (), ("salt",),
    )  # fmt: skip
    yield Kept(
        "device_sketches",
        "How many devices a group holds, as a HyperLogLog of their hashes. Nobody can ask whether a device is in it, "
        "but for whoever holds the store and its salt on that very day.",
        "store", "group", lifetimes.sketches_hours, "day_end", (*_OF_COHORTS, "device_id"), ("devices",),
    )  # fmt: skip
    if practice.terms.k_prefixes:
        yield Kept(
            "prefix_sketches",
            "From how many networks a group's devices come, likewise.",
            "store", "group", lifetimes.sketches_hours, "day_end", _OF_COHORTS, ("prefixes",),
        )  # fmt: skip
    yield Kept(
        "released_counts",
        "What everyone who may read the counts may know of groups: noised, nothing below k.",
        "store", "group", practice.retention_hours, "interval_end", _COUNTED, ("released",),
    )  # fmt: skip


def _with_others(practice: Practice) -> Iterator[Kept]:
    if practice.store != "off":
        yield Kept(
            "cohort_token",
            "The group, the release interval and whether interests may be used, under a seal: the same bytes for all "
            "of that group who allow the same. With it events can be reported.",
            "caller", "group", _rounded(VALID_S / HOUR_S), "interval_end", (*_OF_COHORTS, "consent"),
        )  # fmt: skip
    yield Kept(
        "visitor_answer",
        "A visitor's answer, which the caller may keep in its own memory. No cache may.",
        "caller", "visit", _hours(practice.answer_ttl_s), "answer", SIGNAL_NAMES,
    )  # fmt: skip
    yield Kept(
        "cohort_pages",
        "The answer for a whole group, with every input in its address.",
        "any_cache", "group", _hours(practice.cohort_max_age_s), "answer",
    )  # fmt: skip
    yield Kept(
        "site_cookies",
        "Device id, choices, variants, interests and consent: the site sets them and says for how long.",
        "device", "device", None, "written",
        ("device_id", "cookie_language", "cookie_region", "cookie_variants", "cookie_interests", "consent"),
    )  # fmt: skip
    yield Kept(
        "opt_out_cookie",
        "The visitor's no, the same for everyone who said it. It is not renewed by visits.",
        "device", "device", _hours(practice.opt_out_max_age_s), "set_by_person", ("opt_out",),
    )  # fmt: skip


def _of_the_service() -> Iterator[Kept]:
    yield Kept(
        "log_lines",
        "What the service says of itself, in fields of a closed list; no request is logged. The operator keeps them.",
        "log", "nobody", None, "written",
    )  # fmt: skip
    yield Kept(
        "metrics",
        "Numbers of answers by route, method and status, and how long they took. And how many visits of bots were "
        "answered, by what their User-Agent says that they come for: of all sites together, apart from groups, and "
        "whatever a regime asks for statistics. Bots with Global Privacy Control or an opt-out are not in it. Until "
        "the worker ends.",
        "worker_memory", "nobody", None, "written", ("client_hints", "user_agent"),
    )  # fmt: skip


def _hours(seconds: float) -> float:
    return _rounded(seconds / HOUR_S)


def _rounded(hours: float) -> float:
    """Hours to the second or so, and without a fraction that is none."""
    return int(hours) if hours == int(hours) else round(hours, 4)
