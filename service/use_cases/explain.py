"""Why a decision is what it is, as sentences in closed vocabularies: the same account for a page and a terminal.

A ``Sentence`` names what is said and the values it is said of; ``web/pages/words`` puts it into a language. It is
separate from both so that no rendering can tell more, or something else, than the decision does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, get_args

from msgspec import UNSET, Struct

from service.core.device import DeviceSource
from service.core.language import LanguageSource
from service.core.privacy import JOINED_BY, REST_REGIME, UNKNOWN_REGIME, Purpose, WithheldReason
from service.core.recommendation import Decision
from service.core.region import Region, RegionSource
from service.core.signals import SIGNAL_NAMES, SignalName

Topic = Literal[
    "language", "region", "device", "cohort", "experiments", "slots", "interests", "rules", "sources", "signals",
    "barred", "unused", "keeping", "kept", "changes",
]  # fmt: skip
SentenceKey = Literal[
    "language_cookie", "language_accept_language", "language_edge", "language_ip", "language_cohort",
    "language_prior", "language_default", "language_unserved", "language_withheld", "language_alternatives",
    "region_cookie", "region_edge", "region_ip", "region_cohort", "region_unknown", "region_withheld",
    "region_market", "region_currency", "region_time_zone", "region_measurement", "region_first_day",
    "device_client_hints", "device_user_agent", "device_cohort", "device_unknown", "device_withheld",
    "device_taken_at_word", "device_bot", "device_bot_kind", "device_tier",
    "cohort_joined", "cohort_generalized", "cohort_none", "cohort_withheld",
    "cohort_size_between", "cohort_size_least", "cohort_size_untold",
    "experiment_split", "experiment_cookie", "experiment_withheld", "experiment_no_device_id", "experiment_bot",
    "experiment_not_targeted", "experiment_out_of_coverage", "experiment_namespace", "experiment_stopped",
    "slot_cohort", "slot_prior", "slot_default",
    "interests_carried",
    "regime_row", "regime_unknown_place", "regime_outdated", "regime_elsewhere", "regime_strictest", "regime_part",
    "place_by_geo", "place_by_ip",
    "gpc_honoured", "gpc_absent", "gpc_shown_by_law", "opt_out_honoured", "consent_given", "allowed", "withheld",
    "subdivision_withheld", "dropped",
    "row_read", "row_reviewed", "row_law",
    "signal_geo", "signal_ip", "signal_ip_place", "signal_ip_network", "signal_ip_place_network",
    "signal_accept_language", "signal_client_hints", "signal_user_agent", "signal_device_id", "signal_cookie_language",
    "signal_cookie_region", "signal_cookie_variants", "signal_cookie_interests", "signal_gpc", "signal_opt_out",
    "signal_consent",
    "counted", "not_counted", "bot_counted", "bot_not_counted", "address_let_go", "answer_kept", "answer_not_kept",
    "kept_header_texts", "kept_raw_counts", "kept_device_hashes", "kept_report_networks", "kept_device_sketches",
    "kept_salt", "kept_batch_ids", "kept_released_counts", "kept_metrics", "kept_with_noise", "kept_without_noise",
    "kept_no_counts",
    "change_nothing_ends", "change_nothing_returns", "change_uses_end", "change_uses_return", "change_count_ends",
    "change_count_returns", "change_bot_count_ends", "change_bot_count_returns",
    "change_cohort_ends", "change_cohort_returns", "change_language",
    "change_language_confidence", "change_region", "change_region_confidence", "change_region_ends",
    "change_region_returns", "change_time_zone", "change_time_zone_ends", "change_variant", "change_experiment_ends",
    "change_experiment_returns", "change_slot", "change_interests_end", "change_interests_return",
]  # fmt: skip
# What a sentence may be about. The name is also the kind: it says how the value is put into words.
ValueName = Literal[
    "language", "languages", "percent", "place", "market", "currency", "time_zone", "measurement", "weekday", "device",
    "os", "browser", "bot_kind", "tier", "cohort", "traits", "experiment", "variant", "slot", "options", "topics",
    "regime", "version", "purposes", "reason", "fields", "seconds", "number", "last_number", "places", "law",
    "sureness", "reviewer", "other_language", "other_percent", "other_place", "other_variant", "other_options",
]  # fmt: skip
Value = str | int | tuple[str, ...]

SENTENCE_KEYS: tuple[SentenceKey, ...] = get_args(SentenceKey)
REGIME_OF_PARTS_HAS = "-"


class Sentence(Struct, frozen=True):
    """One thing to say, under its topic. ``values`` are codes of the decision, never anything a client sent."""

    topic: Topic
    key: SentenceKey
    values: Mapping[ValueName, Value]


class Circumstances(Struct, frozen=True):
    """What bears on the account of a decision and does not show in it.

    ``counting`` says that this service keeps counts at all, ``networks_counted`` that it also estimates how many
    networks a group holds. ``rules_outdated``: the policy is too old to be gone by, and takes no place for known.
    ``subdivision_withheld`` is why the part of a country is not used where the country is.
    """

    counting: bool
    networks_counted: bool
    rules_outdated: bool
    subdivision_withheld: WithheldReason | None = None


def explain(decision: Decision, circumstances: Circumstances) -> tuple[Sentence, ...]:
    """Everything there is to say about a decision, in the order in which people ask. Total; about 10 us."""
    return tuple(sentence for part in _PARTS for sentence in part(decision, circumstances))


def may_be_counted(decision: Decision, circumstances: Circumstances) -> bool:
    """Whether such a visit to the site adds to the counts of any group."""
    return circumstances.counting and "statistics" in decision.privacy.allowed and not decision.device.bot


def adds_to_bots(decision: Decision) -> bool:
    """Whether such a visit adds to the number of bots of its kind, which is a metric of the operator and of no group.

    No regime and no setting ends it; the visitor's own no does.
    """
    privacy = decision.privacy
    objects = privacy.signal_status.gpc == "honoured" or "opt_out" in privacy.signals_used
    return privacy.bot_kind is not UNSET and not objects


def percent_of(confidence: float) -> int:
    """A confidence as people read it."""
    return round(confidence * 100)


def place_of(region: Region) -> str | None:
    """A region as the value of a sentence, as finely as it is used: ``CH`` or ``CH-ZH``; None where it is not known."""
    if region.country is None or region.subdivision is None:
        return region.country
    return f"{region.country}-{region.subdivision}"


_LANGUAGE_BY: Mapping[LanguageSource, SentenceKey] = {
    "cookie": "language_cookie",
    "accept_language": "language_accept_language",
    "edge": "language_edge",
    "ip": "language_ip",
    "cohort": "language_cohort",
    "prior": "language_prior",
    "default": "language_default",
}
_REGION_BY: Mapping[RegionSource, SentenceKey] = {
    "cookie": "region_cookie",
    "edge": "region_edge",
    "ip": "region_ip",
    "cohort": "region_cohort",
    "default": "region_unknown",
}
_DEVICE_BY: Mapping[DeviceSource, SentenceKey] = {
    "client_hints": "device_client_hints",
    "user_agent": "device_user_agent",
    "cohort": "device_cohort",
    "default": "device_unknown",
}
_EXPERIMENT_BY: Mapping[str, SentenceKey] = {
    key.removeprefix("experiment_"): key for key in SENTENCE_KEYS if key.startswith("experiment_")
}
_SLOT_BY: Mapping[str, SentenceKey] = {
    key.removeprefix("slot_"): key for key in SENTENCE_KEYS if key.startswith("slot_")
}
_SIGNAL_BY: Mapping[str, SentenceKey] = {
    key.removeprefix("signal_"): key for key in SENTENCE_KEYS if key.startswith("signal_")
}
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


def _language(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
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


def _region(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
    region = decision.region
    place = place_of(region)
    if place is None:
        reason = _reason(decision, "region")
        if reason is None:
            yield Sentence("region", "region_unknown", {})
        else:
            yield Sentence("region", "region_withheld", {"reason": reason})
        return
    said: dict[ValueName, Value] = {"place": place, "percent": percent_of(region.confidence)}
    yield Sentence("region", _REGION_BY[region.source], said)
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


def _device(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
    device = decision.device
    reason = _reason(decision, "device")
    if reason is not None:
        yield Sentence("device", "device_withheld", {"reason": reason})
        return
    said: dict[ValueName, Value] = {"device": device.class_, "os": device.os, "browser": device.browser}
    yield Sentence("device", _DEVICE_BY[device.source], {} if device.source == "default" else said)
    if device.bot:
        yield Sentence("device", "device_bot", {})
        if (kind := decision.privacy.bot_kind) is not UNSET:
            yield Sentence("device", "device_bot_kind", {"bot_kind": kind})
    elif device.source in ("client_hints", "user_agent"):
        yield Sentence("device", "device_taken_at_word", {})
    yield Sentence("device", "device_tier", {"tier": device.tier})


def _cohort(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
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


def _experiments(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
    for name, assignment in decision.experiments.items():
        values: dict[ValueName, Value] = {"experiment": name, "variant": assignment.variant}
        yield Sentence("experiments", _EXPERIMENT_BY[assignment.reason], values)


def _slots(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
    for name, ranking in decision.slots.items():
        yield Sentence("slots", _SLOT_BY[ranking.source], {"slot": name, "options": ranking.options})


def _interests(decision: Decision, _circumstances: Circumstances) -> Iterator[Sentence]:
    if decision.interests:
        yield Sentence("interests", "interests_carried", {"topics": decision.interests})


def _regime(decision: Decision, circumstances: Circumstances) -> Iterator[Sentence]:
    privacy = decision.privacy
    key: SentenceKey = "regime_row"
    if circumstances.rules_outdated:
        key = "regime_outdated"
    elif privacy.regime == UNKNOWN_REGIME:
        key = "regime_unknown_place"
    elif privacy.regime == REST_REGIME:
        key = "regime_elsewhere"
    elif JOINED_BY in privacy.regime:
        key = "regime_strictest"
    elif REGIME_OF_PARTS_HAS in privacy.regime:
        key = _regime_of_part(decision, circumstances)
    yield Sentence("rules", key, {"regime": privacy.regime, "version": privacy.policy_version})
    if privacy.regime == UNKNOWN_REGIME:
        return
    if "geo" in privacy.signals_used:  # an address beside it only tells a network
        yield Sentence("rules", "place_by_geo", {})
    elif "ip" in privacy.signals_used:
        yield Sentence("rules", "place_by_ip", {})


def _regime_of_part(decision: Decision, circumstances: Circumstances) -> SentenceKey:
    """A part's own rules also hold where the part is not known, if they are the strictest of the country.

    Which of the two it was shows in a region that comes from the place. One that is withheld, wholly or but for the
    country, or the visitor's own choice, says nothing of it: then both are told.
    """
    if decision.region.source not in ("edge", "ip") or circumstances.subdivision_withheld is not None:
        return "regime_part"
    return "regime_strictest" if decision.region.subdivision is None else "regime_row"


def _rights(decision: Decision, circumstances: Circumstances) -> Iterator[Sentence]:
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
    if circumstances.subdivision_withheld is not None:
        yield Sentence("rules", "subdivision_withheld", {"reason": circumstances.subdivision_withheld})
    if privacy.dropped:
        yield Sentence("rules", "dropped", {"fields": privacy.dropped})


def _signals(decision: Decision, circumstances: Circumstances) -> Iterator[Sentence]:
    for signal in decision.privacy.signals_used:
        key = _address(decision, circumstances) if signal == "ip" else _SIGNAL_BY[signal]
        yield Sentence("signals", key, {})
    allowed = {*decision.privacy.allowed}
    rest = [signal for signal in SIGNAL_NAMES if signal not in decision.privacy.signals_used]
    barred = [signal for signal in rest if signal in _SIGNAL_FOR and allowed.isdisjoint(_SIGNAL_FOR[signal])]
    for signal in barred:
        yield Sentence("barred", _SIGNAL_BY[signal], {})
    for signal in rest:
        if signal not in barred:
            yield Sentence("unused", _SIGNAL_BY[signal], {})


def _address(decision: Decision, circumstances: Circumstances) -> SentenceKey:
    """What the address was used for. A place comes from it only where the network named none.

    Networks are counted of visits whose device is, for so many there are of it.
    """
    used = decision.privacy.signals_used
    of_network = circumstances.networks_counted and "device_id" in used and may_be_counted(decision, circumstances)
    return _ADDRESS_FOR["geo" not in used, of_network]


def _keeping(decision: Decision, circumstances: Circumstances) -> Iterator[Sentence]:
    yield Sentence("keeping", "counted" if may_be_counted(decision, circumstances) else "not_counted", {})
    if decision.privacy.bot_kind is not UNSET:
        yield Sentence("keeping", "bot_counted" if adds_to_bots(decision) else "bot_not_counted", {})
    if "ip" in decision.privacy.signals_used:
        yield Sentence("keeping", "address_let_go", {})
    if decision.ttl:
        yield Sentence("keeping", "answer_kept", {"seconds": decision.ttl})
    else:
        yield Sentence("keeping", "answer_not_kept", {})


_PARTS: tuple[Callable[[Decision, Circumstances], Iterator[Sentence]], ...] = (
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
