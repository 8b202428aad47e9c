"""What is said to a visitor, as sentences in closed vocabularies: the same account for a page and a terminal.

A ``Sentence`` names what is said and the values it is said of; ``web/pages/words`` puts it into a language. No
rendering can tell more, or something else, than the decision does.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import UNSET, Struct

from service.core.privacy import WithheldReason
from service.core.recommendation import Decision
from service.core.region import Region

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


class Sentence(Struct, frozen=True):
    """One thing to say, under its topic. ``values`` are codes of the decision, never anything a client sent."""

    topic: Topic
    key: SentenceKey
    values: Mapping[ValueName, Value]


class Context(Struct, frozen=True):
    """What bears on the account of a decision and does not show in it.

    ``counting`` says that this service keeps counts at all, ``networks_counted`` that it also estimates how many
    networks a group holds. ``rules_outdated``: the policy is too old to be gone by, and takes no place for known.
    ``subdivision_withheld`` is why the part of a country is not used where the country is.
    """

    counting: bool
    networks_counted: bool
    rules_outdated: bool
    subdivision_withheld: WithheldReason | None = None


def may_be_counted(decision: Decision, context: Context) -> bool:
    """Whether such a visit to the site adds to the counts of any group."""
    return context.counting and "statistics" in decision.privacy.allowed and not decision.device.bot


def adds_to_bots(decision: Decision) -> bool:
    """Whether such a visit adds to the number of bots of its kind, which is a metric of the operator and of no group.

    No regime and no setting ends it; the visitor's own opt-out does.
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
