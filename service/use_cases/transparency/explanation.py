"""The account of a decision in sentences: its reasons, and for the mirror also the facts of policy and settings.

These are how large the visitor's group is, what their rules were read from, how long anything is kept, and what the
other choice would change.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import get_args

from msgspec import UNSET, Struct

from service.core.groups.counts import SIZE_CAP_FACTOR
from service.core.groups.interval import HOUR_S
from service.core.languages.matching import LanguageTag
from service.core.privacy import (
    JOINED_BY,
    REST_REGIME,
    UNKNOWN_REGIME,
    Level,
    Policy,
    Purpose,
    Regime,
    WithheldReason,
    strictest_of,
)
from service.core.recommendation import Decision
from service.core.signals import SIGNAL_NAMES, SignalName
from service.use_cases.transparency.inventory import DeploymentFacts, KeptThing, RetentionEntry, retention_entries
from service.use_cases.transparency.opt_out_diff import opt_out_diff
from service.use_cases.transparency.sentences import (
    SENTENCE_KEYS,
    Context,
    Sentence,
    SentenceKey,
    Value,
    ValueName,
    adds_to_bots,
    may_be_counted,
    percent_of,
    place_of,
)


class Explanation(Struct, frozen=True):
    """A decision, everything to say of it, and what its rules ask before a purpose is served.

    ``language_instead`` is the language after the other choice.
    """

    decision: Decision
    language_instead: LanguageTag
    sentences: tuple[Sentence, ...]
    levels: Mapping[Purpose, Level]


def explain_visit(
    decision: Decision,
    instead: Decision,
    rows: Sequence[Regime],
    devices: int | None,
    facts: DeploymentFacts,
    *,
    rules_outdated: bool,
    subdivision_withheld: WithheldReason | None = None,
) -> Explanation:
    """All that the mirror tells a visitor of a decision, and of what stands around it.

    ``instead`` is what would be decided after the other choice; ``rows`` are those that the decision's regime stands
    for, ``rules_outdated`` says that they hold because the policy is too old, and ``subdivision_withheld`` why they let
    only the country be used; ``devices`` is the size of its cohort as the snapshot tells it, None or 0 where it tells
    none.
    """
    context = Context(
        counting=facts.store != "off",
        networks_counted=facts.terms.k_prefixes > 0,
        rules_outdated=rules_outdated,
        subdivision_withheld=subdivision_withheld,
    )
    sentences = (
        *explain_decision(decision, context),
        *(() if decision.cohort is None else (_size(devices, facts.terms.k),)),
        *_gpc_by_law(decision, rows),
        *_sources(rows),
        *_retention(facts),
        *opt_out_diff(decision, instead, context),
    )
    return Explanation(decision, instead.language.tag, sentences, levels_of(rows))


def explain_decision(decision: Decision, context: Context) -> tuple[Sentence, ...]:
    """Everything there is to say about a decision, in the order in which people ask. Never fails; about 10 us."""
    return tuple(sentence for part in _PARTS for sentence in part(decision, context))


def is_outdated(policy: Policy) -> bool:
    """Whether this policy stands for one that became too old: only then is every country treated as an unknown one."""
    return policy.rest_of_world.key == UNKNOWN_REGIME


def levels_of(rows: Sequence[Regime]) -> dict[Purpose, Level]:
    """The strictest level of these rows for each purpose; empty without rows."""
    return strictest_of(rows)[0] if rows else {}


_REGIME_OF_PARTS_HAS = "-"


def _keys_after(prefix: str) -> Mapping[str, SentenceKey]:
    """The sentences whose keys begin so, by what follows: a source, a reason, a signal."""
    return {key.removeprefix(prefix): key for key in SENTENCE_KEYS if key.startswith(prefix)}


_LANGUAGE_BY = _keys_after("language_")
_REGION_BY: Mapping[str, SentenceKey] = {**_keys_after("region_"), "default": "region_unknown"}
_DEVICE_BY: Mapping[str, SentenceKey] = {**_keys_after("device_"), "default": "device_unknown"}
_EXPERIMENT_BY = _keys_after("experiment_")
_SLOT_BY = _keys_after("slot_")
_SIGNAL_BY = _keys_after("signal_")
KEPT_BY: Mapping[str, SentenceKey] = {
    entry: key for entry, key in _keys_after("kept_").items() if entry in get_args(KeptThing)
}
"""What a visitor is told of what is kept. The rest is told by ``/v1/privacy``."""
# What a signal must be allowed for, or it is not used. The rest always is: a place tells the rules, and a visitor's own
# choices and objections are honoured under all of them.
_SIGNAL_FOR: Mapping[SignalName, frozenset[Purpose]] = {
    "accept_language": frozenset({"language"}),
    "client_hints": frozenset({"device"}),
    "user_agent": frozenset({"device"}),
    "device_id": frozenset({"statistics", "experiments"}),
    "cookie_variants": frozenset({"experiments"}),
    "cookie_interests": frozenset({"interests"}),
}
# By whether an address told the place, and whether a hash of its network may be counted.
_ADDRESS_FOR: Mapping[tuple[bool, bool], SentenceKey] = {
    (True, False): "signal_ip_place",
    (False, True): "signal_ip_network",
    (True, True): "signal_ip_place_network",
    (False, False): "signal_ip",
}


def _language(decision: Decision, _context: Context) -> Iterator[Sentence]:
    language = decision.language
    reason = _reason(decision, "language")
    if reason is not None and language.source != "cookie":
        yield Sentence("language", "language_withheld", {"language": language.tag, "reason": reason})
    else:
        values: dict[ValueName, Value] = {"language": language.tag, "percent": percent_of(language.confidence)}
        key = _LANGUAGE_BY[language.source]
        # To a reader of languages that the site has not, it would be untrue that nothing told one.
        if key == "language_default" and "accept_language" in decision.privacy.signals_used:
            key = "language_unserved"
        yield Sentence("language", key, values)
    likely = tuple(candidate.tag for candidate in language.alternatives if candidate.confidence > 0)
    if likely:
        yield Sentence("language", "language_alternatives", {"languages": likely})


def _region(decision: Decision, _context: Context) -> Iterator[Sentence]:
    region = decision.region
    place = place_of(region)
    if place is None:
        reason = _reason(decision, "region")
        if reason is None:
            yield Sentence("region", "region_unknown", {})
        else:
            yield Sentence("region", "region_withheld", {"reason": reason})
        return
    values: dict[ValueName, Value] = {"place": place, "percent": percent_of(region.confidence)}
    yield Sentence("region", _REGION_BY[region.source], values)
    facts: tuple[tuple[SentenceKey, ValueName, str | None], ...] = (
        ("region_market", "market", region.market),
        ("region_currency", "currency", region.currency),
        ("region_time_zone", "time_zone", region.time_zone),
        ("region_measurement", "measurement", region.measurement),
        ("region_first_day", "weekday", region.first_day),
    )
    for key, name, value in facts:
        if value is not None:
            yield Sentence("region", key, {name: value})


def _device(decision: Decision, _context: Context) -> Iterator[Sentence]:
    device = decision.device
    reason = _reason(decision, "device")
    if reason is not None:
        yield Sentence("device", "device_withheld", {"reason": reason})
        return
    values: dict[ValueName, Value] = {"device": device.class_, "os": device.os, "browser": device.browser}
    yield Sentence("device", _DEVICE_BY[device.source], {} if device.source == "default" else values)
    if device.bot:
        yield Sentence("device", "device_bot", {})
        if (kind := decision.privacy.bot_kind) is not UNSET:
            yield Sentence("device", "device_bot_kind", {"bot_kind": kind})
    elif device.source in ("client_hints", "user_agent"):
        yield Sentence("device", "device_taken_at_word", {})
    yield Sentence("device", "device_tier", {"tier": device.tier})


def _cohort(decision: Decision, _context: Context) -> Iterator[Sentence]:
    cohort = decision.cohort
    reason = _reason(decision, "cohort")
    if cohort is not None:
        yield Sentence("cohort", "cohort_joined", {"cohort": cohort.key})
        if cohort.generalized:
            yield Sentence("cohort", "cohort_generalized", {"traits": cohort.generalized})
    elif reason is not None:
        yield Sentence("cohort", "cohort_withheld", {"reason": reason})
    else:
        yield Sentence("cohort", "cohort_none", {})


def _experiments(decision: Decision, _context: Context) -> Iterator[Sentence]:
    for name, assignment in decision.experiments.items():
        values: dict[ValueName, Value] = {"experiment": name, "variant": assignment.variant}
        yield Sentence("experiments", _EXPERIMENT_BY[assignment.reason], values)


def _slots(decision: Decision, _context: Context) -> Iterator[Sentence]:
    for name, ranking in decision.slots.items():
        yield Sentence("slots", _SLOT_BY[ranking.source], {"slot": name, "options": ranking.options})


def _interests(decision: Decision, _context: Context) -> Iterator[Sentence]:
    if decision.interests:
        yield Sentence("interests", "interests_carried", {"topics": decision.interests})


def _regime(decision: Decision, context: Context) -> Iterator[Sentence]:
    privacy = decision.privacy
    key: SentenceKey = "regime_row"
    if context.rules_outdated:
        key = "regime_outdated"
    elif privacy.regime == UNKNOWN_REGIME:
        key = "regime_unknown_place"
    elif privacy.regime == REST_REGIME:
        key = "regime_elsewhere"
    elif JOINED_BY in privacy.regime:
        key = "regime_strictest"
    elif _REGIME_OF_PARTS_HAS in privacy.regime:
        key = _regime_of_part(decision, context)
    yield Sentence("rules", key, {"regime": privacy.regime, "version": privacy.policy_version})
    if privacy.regime == UNKNOWN_REGIME:
        return
    if "geo" in privacy.signals_used:  # an address beside it only tells a network
        yield Sentence("rules", "place_by_geo", {})
    elif "ip" in privacy.signals_used:
        yield Sentence("rules", "place_by_ip", {})


def _regime_of_part(decision: Decision, context: Context) -> SentenceKey:
    """A part's own rules also hold where the part is not known, if they are the strictest of the country.

    Which of the two it was shows in a region that comes from the place. One that is withheld, wholly or but for the
    country, or the visitor's own choice, says nothing of it: then both are told.
    """
    if decision.region.source not in ("edge", "ip") or context.subdivision_withheld is not None:
        return "regime_part"
    return "regime_strictest" if decision.region.subdivision is None else "regime_row"


def _rights(decision: Decision, context: Context) -> Iterator[Sentence]:
    privacy = decision.privacy
    if privacy.signal_status.gpc == "honoured":
        yield Sentence("rules", "gpc_honoured", {})
    else:
        yield Sentence("rules", "gpc_absent", {})
    if "opt_out" in privacy.signals_used:
        yield Sentence("rules", "opt_out_honoured", {})
    if "consent" in privacy.signals_used:
        yield Sentence("rules", "consent_given", {})
    if privacy.allowed:
        yield Sentence("rules", "allowed", {"purposes": privacy.allowed})
    for reason in dict.fromkeys(withheld.reason for withheld in privacy.withheld):
        purposes = tuple(withheld.purpose for withheld in privacy.withheld if withheld.reason == reason)
        yield Sentence("rules", "withheld", {"purposes": purposes, "reason": reason})
    if context.subdivision_withheld is not None:
        yield Sentence("rules", "subdivision_withheld", {"reason": context.subdivision_withheld})
    if privacy.dropped:
        yield Sentence("rules", "dropped", {"fields": privacy.dropped})


def _signals(decision: Decision, context: Context) -> Iterator[Sentence]:
    for signal in decision.privacy.signals_used:
        key = _address(decision, context) if signal == "ip" else _SIGNAL_BY[signal]
        yield Sentence("signals", key, {})
    allowed = {*decision.privacy.allowed}
    unused = [signal for signal in SIGNAL_NAMES if signal not in decision.privacy.signals_used]
    barred = [signal for signal in unused if signal in _SIGNAL_FOR and allowed.isdisjoint(_SIGNAL_FOR[signal])]
    for signal in barred:
        yield Sentence("barred", _SIGNAL_BY[signal], {})
    for signal in unused:
        if signal not in barred:
            yield Sentence("unused", _SIGNAL_BY[signal], {})


def _address(decision: Decision, context: Context) -> SentenceKey:
    """What the address was used for. A place comes from it only where the network named none.

    Networks are counted of visits whose device is, for so many there are of it.
    """
    used = decision.privacy.signals_used
    of_network = context.networks_counted and "device_id" in used and may_be_counted(decision, context)
    return _ADDRESS_FOR["geo" not in used, of_network]


def _keeping(decision: Decision, context: Context) -> Iterator[Sentence]:
    yield Sentence("keeping", "counted" if may_be_counted(decision, context) else "not_counted", {})
    if decision.privacy.bot_kind is not UNSET:
        yield Sentence("keeping", "bot_counted" if adds_to_bots(decision) else "bot_not_counted", {})
    if "ip" in decision.privacy.signals_used:
        yield Sentence("keeping", "address_let_go", {})
    if decision.ttl:
        yield Sentence("keeping", "answer_kept", {"seconds": decision.ttl})
    else:
        yield Sentence("keeping", "answer_not_kept", {})


_PARTS: tuple[Callable[[Decision, Context], Iterator[Sentence]], ...] = (
    _language,
    _region,
    _device,
    _cohort,
    _experiments,
    _slots,
    _interests,
    _regime,
    _rights,
    _signals,
    _keeping,
)


def _reason(decision: Decision, purpose: str) -> str | None:
    """Why a purpose is withheld; None when it is allowed."""
    for withheld in decision.privacy.withheld:
        if withheld.purpose == purpose:
            return withheld.reason
    return None


def _size(devices: int | None, k: int) -> Sentence:
    """A cohort's size as a band: what is told of it anywhere are whole steps of k, up to a cap."""
    if not devices:  # a cohort that only stays in: it held k or more, and now holds not much fewer
        return Sentence("cohort", "cohort_size_untold", {"number": k})
    if devices >= SIZE_CAP_FACTOR * k:
        return Sentence("cohort", "cohort_size_least", {"number": devices})
    return Sentence("cohort", "cohort_size_between", {"number": devices, "last_number": devices + k - 1})


def _gpc_by_law(decision: Decision, rows: Sequence[Regime]) -> Iterator[Sentence]:
    places = tuple(dict.fromkeys(place for row in rows for place in row.reading.status_shown))
    if places and decision.privacy.signal_status.gpc == "honoured":
        yield Sentence("rules", "gpc_shown_by_law", {"places": places})


def _sources(rows: Sequence[Regime]) -> Iterator[Sentence]:
    for row in rows:
        reading = row.reading
        yield Sentence("sources", "row_read", {"regime": row.key, "sureness": reading.confidence})
        if reading.reviewed:
            values: dict[ValueName, Value] = {"version": reading.reviewed, "reviewer": reading.reviewer}
            yield Sentence("sources", "row_reviewed", values)
        for law in reading.law:
            yield Sentence("sources", "row_law", {"law": law})


def _retention(facts: DeploymentFacts) -> Iterator[Sentence]:
    for entry in retention_entries(facts):
        key = KEPT_BY.get(entry.what)
        if key is not None:
            yield Sentence("kept", key, _kept_values(entry, facts))
    if facts.store == "off":
        yield Sentence("kept", "kept_no_counts", {})
    else:
        yield Sentence("kept", "kept_with_noise" if facts.terms.noise == "on" else "kept_without_noise", {})


def _kept_values(entry: RetentionEntry, facts: DeploymentFacts) -> dict[ValueName, Value]:
    values: dict[ValueName, Value] = {}
    if entry.hours_max is not None:
        values["seconds"] = round(entry.hours_max * HOUR_S)
    if entry.what == "header_texts":
        values["number"] = entry.entries_max or 0
    if entry.what == "released_counts":
        values["number"] = facts.terms.k
    return values
