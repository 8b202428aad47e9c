"""What a house discloses of itself: its settings and what its parts do, as the plain values that ``disclose`` takes.

Apart from ``house``, because only this asks the parts what they remember and for how long they keep it.
"""

import datetime

from service.adapters import retention
from service.app.assembly import Container
from service.core.counts import Terms
from service.core.interval import DAY_S, HOUR_S, Interval
from service.core.privacy import UNKNOWN_REGIME
from service.core.sites import SiteRules
from service.settings import Settings
from service.use_cases.transparency.disclosure import Disclosure, PolicyAge, disclose
from service.use_cases.transparency.inventory import DeploymentFacts, Lifetimes, StoreName
from service.web.decisions import ANSWERS_MAX, TEXTS_KEPT_MAX_S
from service.web.endpoints.opt_out import OPT_OUT_MAX_AGE_S
from service.web.ofrep.flags import SHARED_MAX
from service.web.visit.client_ip import headers_of_edge

POLICY_WARN_AGE_DAYS = 300


def disclosure_of(house: Container, rules: SiteRules, store: StoreName | None = None) -> Disclosure:
    """What is told of a site with these rules, by the policy in force: 100 us.

    ``store`` is where a service with this configuration keeps its counts, for a house that counts nothing itself.
    """
    policy = house.decisions.intake.policy
    age = policy_age(days_since(datetime.date.fromisoformat(policy.version)), house.configuration.settings)
    if age == "outdated" and policy.rest.key != UNKNOWN_REGIME:
        age = "ageing"  # since midnight, and gone by until somebody looks at its date
    return disclose(rules.site, policy, age, facts_of(house, store))


def days_since(date: datetime.date) -> int:
    """Whole days since a policy's date."""
    return (datetime.datetime.now(datetime.UTC).date() - date).days


def policy_age(days: int, settings: Settings) -> PolicyAge:
    """Whether a policy so old wants to be read again, or is too old to be gone by."""
    if days > settings.policy_max_age_days:
        return "outdated"
    return "ageing" if days >= POLICY_WARN_AGE_DAYS else "current"


def facts_of(house: Container, store: StoreName | None = None) -> DeploymentFacts:
    """What this house does, by the settings that it was assembled with."""
    settings = house.configuration.settings
    if store is None:
        store = "off" if house.counting is None else house.counting.state().store
    address_headers, place_headers = headers_of_edge(settings.edge)
    return DeploymentFacts(
        store=store,
        terms=Terms(settings.k, settings.k_prefixes, settings.epsilon, settings.noise),
        release_interval_s=settings.release_interval_s,
        retention_hours=settings.retention_hours,
        flush_interval_ms=settings.flush_interval_ms,
        buffer_events_max=settings.buffer_events_max,
        answer_ttl_s=settings.answer_ttl_s,
        cohort_max_age_s=settings.cohort_max_age_s,
        opt_out_max_age_s=OPT_OUT_MAX_AGE_S,
        device_texts_max=settings.device_cache_entries + house.decisions.intake.devices.texts_cached_max,
        language_texts_max=sum(rules.matcher.texts_cached_max for rules in house.decisions.sites.values()),
        texts_kept_max_s=TEXTS_KEPT_MAX_S,
        answers_max=ANSWERS_MAX + SHARED_MAX,
        lifetimes=store_lifetimes(),
        address_headers=address_headers,
        place_headers=place_headers,
    )


def store_lifetimes() -> Lifetimes:
    """How long the store keeps what is not released, asked of what sets the expiry of its keys."""
    day = Interval(0, DAY_S)  # any will do: lifetimes count from where an interval or a day ends
    return Lifetimes(
        raw_counts_hours=_hours(retention.counts_end_s(day) - day.end_s),
        batch_ids_hours=_hours(retention.batches_end_s(day) - day.end_s),
        sketches_hours=_hours(retention.marks_end_s(day.day) - day.end_s),
        salt_hours=_hours(retention.salt_end_s(day.day, day.start_s) - day.start_s),
    )


def _hours(seconds: int) -> float:
    return seconds // HOUR_S if seconds % HOUR_S == 0 else seconds / HOUR_S
