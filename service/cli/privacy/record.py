"""The record of what is done with visits to a site, as an audit asks for it (of the kind of GDPR Art. 30): its parts.

It is made of what the service discloses of itself (``use_cases.disclosure``), of the policy's rows and dates, and of
durations that were measured. What software cannot know stands in it as a blank.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from service.adapters.redis_store.ttl_audit import Durations, FindingCode
from service.core.groups.counts import PrivacyParameters
from service.core.groups.weak_parameters import weak_parameters
from service.core.privacy import Confidence, Policy
from service.core.sites import Key, Site
from service.settings import Settings
from service.use_cases.transparency.disclosure import Disclosure

MeasuredOn = Literal["deployment", "made_up_visit", "nothing"]
ReviewRemark = Literal["never_reviewed", "old", "too_old", "not_counsel", "no_law", "low_confidence"]
MeasureKind = Literal[
    "identity_refused", "identity_dropped", "groups", "noise", "daily_salt", "no_disk", "redis_link", "callers",
    "logs", "expiry",
]  # fmt: skip
Blank = Literal[
    "controller", "contact", "joint_controllers", "representative", "data_protection_officer",
    "legal_basis", "processors", "hosting_countries", "transfers_and_safeguards", "proxies_and_their_logs",
    "access_to_redis",
]  # fmt: skip

BLANKS: Mapping[Blank, str] = {
    "controller": "Name of whoever decides why and how (Art. 30(1)(a))",
    "contact": "How to reach them",
    "joint_controllers": "Others who decide with them, or none",
    "representative": "Their representative, where one is needed",
    "data_protection_officer": "Their data protection officer, where there is one",
    "legal_basis": "For each purpose and country served; the policy's rows name what they were read from",
    "processors": "Who runs the machines on their behalf: host, CDN, managed Redis",
    "hosting_countries": "Where this service and its Redis run",
    "transfers_and_safeguards": "Transfers to third countries, and on what terms (Art. 30(1)(e))",
    "proxies_and_their_logs": "What stands in front of this service, and what it logs and for how long",
    "access_to_redis": "Who can read the Redis: within a day they could test a device id that they already have",
}
"""What the operator has to say, with a hint."""

_REDIS_GETS = "The Redis below: counts of groups, sketches of how many devices they hold, and a salt for each day."

# Of all settings those that bear on what is known or kept; none of them is a secret.
_TOLD = (
    "counting", "k", "k_prefixes", "noise", "epsilon", "release_minutes", "retention_hours", "flush_interval_ms",
    "buffer_events_max", "policy_max_age_days", "answer_ttl_s", "cohort_max_age_s", "device_cache_entries", "edge",
    "trusted_proxies", "open_scopes",
)  # fmt: skip


class RowReview(Struct, frozen=True):
    """One row of the policy's file: what it was read from, how sure its readers were, and what to know of that.

    ``status_shown``: where the law asks that visitors be shown that their signal was honoured.
    """

    regime: str
    places: tuple[str, ...]
    status_shown: tuple[str, ...]
    law: tuple[str, ...]
    confidence: Confidence
    reviewed: str | None
    age_days: int | None
    reviewer: str | None
    remarks: tuple[ReviewRemark, ...]


class RecordedExperiment(Struct, frozen=True):
    """A running experiment: which share of devices are in it and what they may get."""

    key: Key
    variants: tuple[Key, ...]
    coverage: float


class RecordedSlot(Struct, frozen=True):
    """A place on a page and what may stand there."""

    key: Key
    options: tuple[Key, ...]


class Measure(Struct, frozen=True):
    """One thing that is done so that nothing is known of anybody, as this deployment does it."""

    kind: MeasureKind
    text: str


class ProcessingRecord(Struct, frozen=True):
    """The whole record of one site. Each of ``to_fill_in`` is null.

    ``measured_on`` says where the durations were read, ``durations`` is null where nothing could be. ``disclosure`` is
    of the policy in force, ``reviews`` of all rows in its file.
    """

    site: Key
    made_at: str
    software_version: str
    to_fill_in: Mapping[Blank, None]
    data_subjects: tuple[str, ...]
    recipients: tuple[str, ...]
    transfers: str
    disclosure: Disclosure
    experiments: tuple[RecordedExperiment, ...]
    slots: tuple[RecordedSlot, ...]
    reviews: tuple[RowReview, ...]
    settings: Mapping[str, bool | float | str | tuple[str, ...]]
    measures: tuple[Measure, ...]
    store_place: str
    measured_on: MeasuredOn
    durations: Durations | None


class StoreLook(Struct, frozen=True):
    """Where counts are kept and what was measured there. ``safe_link``: nobody between can read it. None: no Redis."""

    place: str
    measured_on: MeasuredOn
    durations: Durations | None
    safe_link: bool | None = None
    has_password: bool | None = None


def processing_record(
    site: Site,
    settings: Settings,
    policy: Policy,
    warn_age_days: int,
    disclosure: Disclosure,
    look: StoreLook,
    version: str,
    now_s: float,
) -> ProcessingRecord:
    """The record, from what its parts say: ``policy`` is the one of the file, also when it is too old to go by.

    ``version`` is of this software.
    """
    now = dt.datetime.fromtimestamp(int(now_s), dt.UTC)
    in_redis = look.safe_link is not None
    return ProcessingRecord(
        site=site.id,
        made_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        software_version=version,
        to_fill_in=dict.fromkeys(BLANKS),
        data_subjects=("Visitors of the site whose visits a caller asks about.",),
        recipients=(
            "The caller who asked, which is the site itself or its edge: it gets the answer about this visit.",
            *([_REDIS_GETS] if in_redis else []),
            "Nobody else: the service sends nothing anywhere by itself.",
        ),
        transfers="The service makes none itself. Whether the caller or the Redis is in another country, fill in.",
        disclosure=disclosure,
        experiments=tuple(
            RecordedExperiment(key, experiment.variants, experiment.coverage)
            for key, experiment in site.experiments.items()
            if experiment.status == "running"
        ),
        slots=tuple(RecordedSlot(key, slot.options) for key, slot in site.slots.items()),
        reviews=tuple(_reviews(policy, now.date(), warn_age_days, settings.policy_max_age_days)),
        settings={name: getattr(settings, name) for name in _TOLD},
        measures=tuple(_measures(settings, disclosure, look)),
        store_place=look.place,
        measured_on=look.measured_on,
        durations=look.durations,
    )


def _reviews(policy: Policy, today: dt.date, warn_age_days: int, age_max_days: int) -> Iterator[RowReview]:
    for key, regime in policy.regimes.items():
        reading = regime.reading
        days = (today - dt.date.fromisoformat(reading.reviewed)).days if reading.reviewed else None
        remarks: list[ReviewRemark] = []
        if days is None:
            remarks.append("never_reviewed")
        elif days > age_max_days:
            remarks.append("too_old")
        elif days >= warn_age_days:
            remarks.append("old")
        # A reviewer is free text, and the shipped rows say of themselves what they are not.
        if not reading.reviewer or "not counsel" in reading.reviewer.lower():
            remarks.append("not_counsel")
        remarks += ["low_confidence"] if reading.confidence == "low" else []
        remarks += [] if reading.law else ["no_law"]
        yield RowReview(
            key,
            regime.places,
            reading.status_shown,
            reading.law,
            reading.confidence,
            reading.reviewed or None,
            days,
            reading.reviewer or None,
            tuple(remarks),
        )


def _measures(settings: Settings, disclosure: Disclosure, look: StoreLook) -> Iterator[Measure]:
    """As this deployment has them: where one is off or unknown, that is said."""
    yield Measure(
        "identity_refused",
        "Requests with names, addresses, telephone numbers, identifiers or unknown fields are refused, and the "
        "refusal repeats nothing of them.",
    )
    yield Measure(
        "identity_dropped",
        "Addresses and header texts become closed values at the intake. No later part of the service has a field "
        "that could hold them.",
    )
    counts = disclosure.counts
    if counts is not None:
        networks = f", seen from {counts.k_prefixes} networks or more" if counts.k_prefixes else ""
        weak = [*weak_parameters(PrivacyParameters(counts.k, counts.k_prefixes, settings.epsilon, counts.noise))]
        small = " TOO FEW: for closed test beds only." if {"few_devices", "few_networks"} & {*weak} else ""
        much = " TOO MUCH: it hides next to nothing, for closed test beds only." if "much_epsilon" in weak else ""
        text = f"Only groups are counted. One is told where it holds {counts.k} devices{networks}.{small}"
        yield Measure("groups", text)
        yield Measure(
            "noise",
            f"What is released of an interval is noised with epsilon {counts.epsilon_per_interval:g}.{much}"
            if counts.epsilon_per_interval is not None
            else "OFF: counts are released without noise, which is for closed test beds only.",
        )
        yield Measure(
            "daily_salt",
            "Devices are told apart by hashes of their ids under a random salt of the day, which is forgotten an hour "
            "after that day.",
        )
    if look.safe_link is not None:
        link = "encrypted, or does not leave the machine" if look.safe_link else "NOT encrypted: use rediss://"
        password = "asks for a password" if look.has_password else "is given no password"
        yield Measure("redis_link", f"The link to Redis is {link}; it {password}.")
    if look.durations is not None:
        on_disk = look.durations.kept_on_disk
        yield Measure(
            "no_disk",
            "Redis does not say whether it keeps a disk: see that it does not."
            if on_disk is None
            else 'Redis writes its memory to a DISK: set save "" and appendonly no.'
            if on_disk
            else "Redis keeps nothing on a disk.",
        )
        yield Measure("expiry", _expiry(look.durations))
    open_scopes = ", ".join(settings.open_scopes)
    yield Measure(
        "callers",
        ("Callers need a key." if settings.keys_file else "NO keys are configured.")
        + (f" Open to all: {open_scopes}." if open_scopes else ""),
    )
    yield Measure("logs", "Requests are not logged; log lines have an allow-list of fields, none of a visit.")


_FAULTS: Mapping[FindingCode, str] = {
    "no_expiry": "{keys:,} without an end",
    "beyond_promise": "{keys:,} with a later end than is promised",
    "not_promised": "{keys:,} where there is to be none",
    "other_interval": "{keys:,} of another release interval than the configured one",
    "incomplete": "more than the {keys:,} that were looked at",
}


def _expiry(durations: Durations) -> str:
    """Whether keys end as they are to, by what was found."""
    keys_by_code = Counter[FindingCode]()
    for finding in durations.findings:
        keys_by_code[finding.code] += finding.keys
    faults = [text.format(keys=keys_by_code[code]) for code, text in _FAULTS.items() if keys_by_code[code]]
    if faults:
        return f"NOT all keys of this site in Redis end as they are to. There are {', '.join(faults)}."
    keys = sum(kind.keys for kind in durations.kinds)
    each = f"All {keys:,} keys of this site in Redis have an end." if keys else "Redis holds no key of this site now."
    return f"{each} A key gets its end when it is first written, and no later writing renews it."
