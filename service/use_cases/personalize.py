"""From what is known of a visit to the whole answer: language, region, device, and the explanation that goes with them.

Everything here is arithmetic on closed values; what is slow is remembered inside the parts (one matcher and one region
recommender per site). A decision whose parts are remembered costs about 3 us.
"""

from functools import lru_cache

from msgspec.structs import replace

from service.core.device import Device, DeviceClass
from service.core.location import CountryCode, Place
from service.core.privacy import Permissions, Policy
from service.core.recommendation import CohortPage, Decision, Privacy, SignalStatus
from service.core.signals import SIGNAL_NAMES, DroppedField, SignalName, Signals
from service.core.sites import SiteRules


def personalize(rules: SiteRules, permissions: Permissions, signals: Signals, ttl_s: int) -> Decision:
    """What to show this visit and why."""
    place = signals.place
    language = rules.matcher.decide(
        signals.preference,
        signals.language_choice,
        None if place is None else place.country,
        None if place is None else place.source,
    )
    region = rules.regions.decide(place, signals.region_choice)
    used: list[SignalName] = [*signals.sighting.used]
    if signals.asked_place is not None:
        used.append(signals.asked_place)
    if signals.language_choice is not None:
        used.append("cookie_language")
    elif signals.preference is not None:
        used.append("accept_language")
    if region.source == "cookie":
        used.append("cookie_region")
    return Decision(
        rules.site.id,
        language,
        region,
        signals.sighting.device,
        None,
        {},
        rules.slots,
        (),
        _privacy(permissions, tuple(used), signals.consent, signals.opt_out, signals.dropped),
        ttl_s,
    )


def personalize_cohort(
    rules: SiteRules, policy: Policy, country: CountryCode, tag: str, device_class: DeviceClass, ttl_s: int
) -> CohortPage:
    """What may be said to everyone in this country, language and device class. It knows of no consent and no visit.

    All three are given, not found out: their source is the cohort.
    """
    language = rules.matcher.decide(None, tag, country, "edge")
    region = rules.regions.decide(Place(country, None, None, "edge"), None)
    return CohortPage(
        rules.site.id,
        replace(language, source="cohort"),
        replace(region, source="cohort", confidence=1.0),
        Device(device_class, "unknown", "unknown", "standard", bot=device_class == "bot", source="cohort"),
        None,
        rules.slots,
        policy.version,
        ttl_s,
    )


@lru_cache(maxsize=4096)
def _privacy(
    permissions: Permissions,
    used: tuple[SignalName, ...],
    consent: bool,
    opt_out: bool,
    dropped: tuple[DroppedField, ...],
) -> Privacy:
    """The explanation, remembered: there are few regimes and few ways to show oneself."""
    present = {*used}
    if permissions.gpc == "honoured":
        present.add("gpc")
    if opt_out:
        present.add("opt_out")
    if consent:
        present.add("consent")
    return Privacy(
        regime=permissions.regime,
        policy_version=permissions.policy_version,
        signals_used=tuple(name for name in SIGNAL_NAMES if name in present),
        allowed=permissions.allowed,
        withheld=permissions.withheld,
        dropped=dropped,
        signal_status=SignalStatus(permissions.gpc),
    )
