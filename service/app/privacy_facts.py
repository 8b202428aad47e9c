"""The facts that disclosures are made of: what a deployment does with visits, by its settings and parts."""

import datetime
from collections.abc import Mapping

from service.adapters import retention
from service.core.groups.counts import PrivacyParameters
from service.core.groups.interval import DAY_S, HOUR_S, Interval
from service.core.sites import Key, SiteRules
from service.settings import Configuration, Settings
from service.use_cases.transparency.disclosure import PolicyAge
from service.use_cases.transparency.inventory import DeploymentFacts, Lifetimes, StoreName
from service.web.answers import KINDS_OF_PARTS
from service.web.decisions import TEXTS_KEPT_MAX_S
from service.web.endpoints.opt_out import OPT_OUT_MAX_AGE_S
from service.web.epoch import PARTS_MAX, share_of
from service.web.visit.client_ip import headers_of_edge

POLICY_WARN_AGE_DAYS = 300


def days_since(date: datetime.date) -> int:
    """Whole days since a policy's date."""
    return (datetime.datetime.now(datetime.UTC).date() - date).days


def policy_age_of(configuration: Configuration) -> PolicyAge:
    """Whether its policy is due for review today, or too old to be applied."""
    return policy_age(days_since(configuration.policy_date), configuration.settings)


def policy_age(days: int, settings: Settings) -> PolicyAge:
    """Whether a policy of so many days is due for review, or too old to be applied."""
    if days > settings.policy_max_age_days:
        return "outdated"
    return "ageing" if days >= POLICY_WARN_AGE_DAYS else "current"


def facts_of(
    settings: Settings, sites: Mapping[Key, SiteRules], store: StoreName, device_texts_max: int
) -> DeploymentFacts:
    """The facts for these sites.

    ``store`` is where counts are kept; ``device_texts_max`` is how many texts the look-up of devices caches itself.
    """
    address_headers, place_headers = headers_of_edge(settings.edge)
    return DeploymentFacts(
        store=store,
        terms=PrivacyParameters(settings.k, settings.k_prefixes, settings.epsilon, settings.noise),
        release_interval_s=settings.release_interval_s,
        retention_hours=settings.retention_hours,
        flush_interval_ms=settings.flush_interval_ms,
        buffer_events_max=settings.buffer_events_max,
        answer_ttl_s=settings.answer_ttl_s,
        cohort_max_age_s=settings.cohort_max_age_s,
        opt_out_max_age_s=OPT_OUT_MAX_AGE_S,
        device_texts_max=settings.device_cache_entries + device_texts_max,
        language_texts_max=sum(rules.matcher.texts_cached_max for rules in sites.values()),
        texts_kept_max_s=TEXTS_KEPT_MAX_S,
        answers_max=len(sites) * KINDS_OF_PARTS * share_of(PARTS_MAX, len(sites)),
        lifetimes=store_lifetimes(),
        address_headers=address_headers,
        place_headers=place_headers,
    )


def store_lifetimes() -> Lifetimes:
    """How long the store keeps what is not released, by the functions that set the expiry of its keys."""
    day = Interval(0, DAY_S)  # any will do: lifetimes count from where an interval or a day ends
    return Lifetimes(
        raw_counts_hours=_hours(retention.counts_end_s(day) - day.end_s),
        batch_ids_hours=_hours(retention.batches_end_s(day) - day.end_s),
        sketches_hours=_hours(retention.hashes_end_s(day.day) - day.end_s),
        salt_hours=_hours(retention.salt_end_s(day.day, day.start_s) - day.start_s),
    )


def _hours(seconds: int) -> float:
    return seconds // HOUR_S if seconds % HOUR_S == 0 else seconds / HOUR_S
