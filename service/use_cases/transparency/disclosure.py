"""What the service does with visits, for machines: signals, purposes, regimes, retention, noise, rights, prohibitions.

It is one value, made of the vocabularies and the settings that the service itself goes by, so that it cannot say
anything else than what is done. ``GET /v1/privacy`` sends it and ``passerby privacy report`` writes it down. Where it
needs a sentence, that stands in the inventory, beside the word it explains.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from service.core.groups.counts import CodeKind
from service.core.groups.interval import DAY_S
from service.core.groups.release import noise_scales
from service.core.languages.matching import LanguageTag
from service.core.privacy import (
    CHILD_KEEPS,
    GPC_ENDS,
    NEVER_DONE,
    OPT_OUT_ENDS,
    PURPOSES,
    UNKNOWN_REGIME,
    Confidence,
    Level,
    NeverDone,
    Policy,
    PolicyVersion,
    Purpose,
    Regime,
)
from service.core.signals import SignalName
from service.core.sites import Key, Site
from service.use_cases.transparency.inventory import (
    DeploymentFacts,
    KeptThing,
    RetentionEntry,
    SignalEntry,
    StoreName,
    inventory,
    retention_entries,
)

PolicyAge = Literal["current", "ageing", "outdated"]
OPT_OUT_COOKIE = "pb_optout"
CHOICE_COOKIES = ("pb_language", "pb_region")
CONSENT_COOKIE = "pb_consent"


class DisclosedSite(Struct, frozen=True):
    """The site that this is about. A child-directed one has the purposes that children's sites have, and no other."""

    id: Key
    languages: tuple[LanguageTag, ...]
    child_directed: bool
    purposes: tuple[Purpose, ...]
    topics: tuple[Key, ...]
    slots: tuple[Key, ...]
    experiments_running: tuple[Key, ...]


class DefaultRegimes(Struct, frozen=True):
    """The regimes of places that no row names: unknown ones, countries elsewhere, and unknown parts of a country.

    ``unknown_part`` has, by country, the row or the joined rows that are the strictest there.
    """

    unknown_place: str
    elsewhere: str
    unknown_part: Mapping[str, str]


class DisclosedPolicy(Struct, frozen=True):
    """The policy in force. ``outdated``: it is too old to trust, and the regime of unknown places holds everywhere."""

    version: PolicyVersion
    age: PolicyAge
    not_legal_advice: bool
    defaults: DefaultRegimes


class DisclosedSignal(SignalEntry, frozen=True, forbid_unknown_fields=False):
    """One signal: where it is read from, what becomes of it, which purposes that serves, and what is kept of it.

    ``kept`` names the things of ``retention`` that it had a part in. ``headers`` are in lower case; those of proxies
    and edges are believed from trusted ones alone. ``body`` are pointers into the visit that a backend describes,
    ``context`` a flag evaluation's fields, ``report`` pointers into a report of events.
    """

    kept: tuple[KeptThing, ...]


class DisclosedPurpose(Struct, frozen=True):
    """One purpose, and what each regime asks for it. ``gpc`` and ``opt_out``: such a visit is not used for it.

    ``subdivision_levels`` are of ``region`` alone, whose ``levels`` are for the country: what each regime asks before
    its part is used.
    """

    name: Purpose
    meaning: str
    signals: tuple[SignalName, ...]
    levels: Mapping[str, Level]
    subdivision_levels: Mapping[str, Level] | None
    ended_by_gpc: bool
    ended_by_opt_out: bool
    on_child_directed_sites: bool


class DisclosedRegime(Struct, frozen=True):
    """One legal row: where it holds, what it asks, what it was read from, by whom, when, and how sure they are.

    The level of ``region`` is for the country; ``subdivision_level`` is what is asked before its part is used.
    """

    key: str
    places: tuple[str, ...]
    levels: Mapping[Purpose, Level]
    subdivision_level: Level
    law: tuple[str, ...]
    confidence: Confidence
    reviewed: str | None
    reviewer: str | None
    status_shown: tuple[str, ...]


class DisclosedCounts(Struct, frozen=True):
    """On what terms anything is let out of the counts of groups.

    Noise protects one visit, or one event: all that is released of one interval together tells at most
    ``epsilon_per_interval`` of whether it was there. Intervals add up: of a visitor who comes once in each, a day's
    tell at most ``epsilon_per_day_max``. Both are null without noise. ``noise_scales`` are those of discrete Laplace
    noise on one cell. Sizes of groups are told in whole multiples of ``k``.
    """

    store: StoreName
    k: int
    k_prefixes: int
    noise: Literal["on", "off"]
    protects: Literal["one_visit_or_event", "nothing"]
    epsilon_per_interval: float | None
    epsilon_per_day_max: float | None
    noise_scales: Mapping[CodeKind, float]
    release_minutes: float
    retention_hours: int


class GpcRight(Struct, frozen=True):
    """Global Privacy Control. ``status_in`` is the field of an answer that says it was honoured."""

    header: str
    value: str
    ends: tuple[Purpose, ...]
    status_in: str
    support_at: str


class OptOutRight(Struct, frozen=True):
    """The visitor's no: how it is said and taken back, what it ends, which cookies it deletes and which it keeps.

    It lives on the device alone. ``cookie_domain`` is null where it is set for the host alone. What it ``keeps`` are
    the visitor's own choices, used for nothing but themselves.
    """

    set_by: str
    cleared_by: str
    page: str
    cookie: str
    value: str
    max_age_s: int
    cookie_domain: str | None
    ends: tuple[Purpose, ...]
    deletes: tuple[str, ...]
    keeps: tuple[str, ...]
    kept_on_server: Literal[False]


class ConsentRight(Struct, frozen=True):
    """Consent by purpose, where a regime asks it: taken back by the cookie's going. ``purposes`` may need it."""

    cookie: str
    purposes: tuple[Purpose, ...]


class ChildRight(Struct, frozen=True):
    """What sites for children keep, under every regime."""

    keeps: tuple[Purpose, ...]


class DisclosedRights(Struct, frozen=True):
    """What visitors can do, and what holds for them whatever a regime says."""

    gpc: GpcRight
    opt_out: OptOutRight
    consent: ConsentRight
    child_directed: ChildRight


class Disclosure(Struct, frozen=True):
    """All that this service does with visits to one site, by the policy and the settings in force.

    ``counts`` is null where nothing is counted. ``retention`` has every thing that is kept, ``never`` what no setting,
    regime or consent can turn on.
    """

    site: DisclosedSite
    policy: DisclosedPolicy
    signals: tuple[DisclosedSignal, ...]
    purposes: tuple[DisclosedPurpose, ...]
    regimes: tuple[DisclosedRegime, ...]
    retention: tuple[RetentionEntry, ...]
    counts: DisclosedCounts | None
    rights: DisclosedRights
    never: tuple[NeverDone, ...]


def disclose(site: Site, policy: Policy, age: PolicyAge, facts: DeploymentFacts) -> Disclosure:
    """The disclosure of a site, under the policy in force and what a deployment does. Some 100 us."""
    kept = retention_entries(facts)
    return Disclosure(
        site=_site(site),
        policy=DisclosedPolicy(policy.version, age, policy.not_legal_advice, _defaults(policy)),
        signals=tuple(_signal(entry, facts, kept) for entry in inventory().signals),
        purposes=tuple(_purpose(name, policy) for name in PURPOSES),
        regimes=tuple(map(_regime, policy.regimes.values())),
        retention=kept,
        counts=None if facts.store == "off" else _counts(site, facts),
        rights=_rights(site, policy, facts),
        never=NEVER_DONE,
    )


def _site(site: Site) -> DisclosedSite:
    return DisclosedSite(
        site.id,
        site.languages,
        site.child_directed,
        _in_order(CHILD_KEEPS) if site.child_directed else PURPOSES,
        site.topics,
        tuple(site.slots),
        tuple(key for key, experiment in site.experiments.items() if experiment.status == "running"),
    )


def _defaults(policy: Policy) -> DefaultRegimes:
    parts = {country: regime.key for country, regime in sorted(policy.strictest.items())}
    return DefaultRegimes(UNKNOWN_REGIME, policy.rest_of_world.key, parts)


def _signal(entry: SignalEntry, facts: DeploymentFacts, kept: tuple[RetentionEntry, ...]) -> DisclosedSignal:
    of_edge = {"ip": facts.address_headers, "geo": facts.place_headers}.get(entry.name, ())
    parts = asdict(entry) | {"headers": tuple(dict.fromkeys((*entry.headers, *of_edge)))}
    return DisclosedSignal(**parts, kept=tuple(row.what for row in kept if entry.name in row.signals))


def _purpose(name: Purpose, policy: Policy) -> DisclosedPurpose:
    return DisclosedPurpose(
        name,
        inventory().purposes[name],
        tuple(signal.name for signal in inventory().signals if name in signal.purposes),
        {regime.key: regime.levels[name] for regime in policy.regimes.values()},
        {regime.key: regime.subdivision for regime in policy.regimes.values()} if name == "region" else None,
        ended_by_gpc=name in GPC_ENDS,
        ended_by_opt_out=name in OPT_OUT_ENDS,
        on_child_directed_sites=name in CHILD_KEEPS,
    )


def _regime(regime: Regime) -> DisclosedRegime:
    reading = regime.reading
    return DisclosedRegime(
        regime.key,
        regime.places,
        {purpose: regime.levels[purpose] for purpose in PURPOSES},
        regime.subdivision,
        reading.law,
        reading.confidence,
        reading.reviewed or None,
        reading.reviewer or None,
        reading.status_shown,
    )


def _counts(site: Site, facts: DeploymentFacts) -> DisclosedCounts:
    terms = facts.terms
    noisy = terms.noise == "on"
    intervals_per_day = DAY_S // facts.release_interval_s
    minutes = facts.release_interval_s / 60
    return DisclosedCounts(
        facts.store,
        terms.k,
        terms.k_prefixes,
        terms.noise,
        "one_visit_or_event" if noisy else "nothing",
        terms.epsilon if noisy else None,
        terms.epsilon * intervals_per_day if noisy else None,
        noise_scales(terms, len(site.slots)),
        int(minutes) if minutes == int(minutes) else minutes,
        facts.retention_hours,
    )


def _rights(site: Site, policy: Policy, facts: DeploymentFacts) -> DisclosedRights:
    consent_purposes = tuple(
        purpose
        for purpose in PURPOSES
        if any(
            regime.levels[purpose] == "consent" or (purpose == "region" and regime.subdivision == "consent")
            for regime in policy.regimes.values()
        )
    )
    return DisclosedRights(
        GpcRight("sec-gpc", "1", _in_order(GPC_ENDS), "/privacy/signal_status/gpc", "/.well-known/gpc.json"),
        OptOutRight(
            "POST /v1/opt-out",
            "DELETE /v1/opt-out",
            "/",
            OPT_OUT_COOKIE,
            "1",
            facts.opt_out_max_age_s,
            site.cookie_domain or None,
            _in_order(OPT_OUT_ENDS),
            tuple(name for name in inventory().cookies if name not in (OPT_OUT_COOKIE, *CHOICE_COOKIES)),
            CHOICE_COOKIES,
            kept_on_server=False,
        ),
        ConsentRight(CONSENT_COOKIE, consent_purposes),
        ChildRight(_in_order(CHILD_KEEPS)),
    )


def _in_order(purposes: frozenset[Purpose]) -> tuple[Purpose, ...]:
    """The same purposes as they are always listed."""
    return tuple(purpose for purpose in PURPOSES if purpose in purposes)
