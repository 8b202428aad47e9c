"""Notices about settings that are allowed but weaken what the service promises, logged at every start."""

from collections.abc import Iterator, Sequence

from service.core.access import SCOPES, KeyScope, including
from service.core.groups.counts import PrivacyParameters
from service.core.groups.weak_parameters import (
    EPSILON_MUCH,
    K_FEW,
    K_PREFIXES_FEW,
    K_WITHOUT_PREFIXES_MIN,
    lone_device_chance,
    sureness,
    weak_parameters,
)

RELEASE_MINUTES_SHORT = 15
"""Below it tokens and released counts tell nearly to the minute when a visit was, and few visits share each."""
POLICY_AGE_DAYS_USUAL = 400


def weaknesses(
    terms: PrivacyParameters,
    *,
    counting: bool,
    release_minutes: float,
    policy_max_age_days: int,
    public: bool,
    open_scopes: Sequence[KeyScope],
    has_keys: bool,
) -> Iterator[str]:
    """A notice for each weakness, beginning with the setting's name. ``public``: other machines can ask."""
    if counting:
        yield from _of_terms(terms)
        if terms.k_prefixes == 0 and "events" in _without_key(open_scopes, public=public, has_keys=has_keys):
            yield (
                "k_prefixes: is 0, and events may be reported without a key: where the edge keeps addresses to itself, "
                "all who report through it are one network, of which 20 events of a code count in an interval "
                f"beside a k of {terms.k}; give the edge a key of scope events (`passerby keys new`, keys_file) "
                "that it adds to what it passes on: for that there is no cap"
            )
        if release_minutes < RELEASE_MINUTES_SHORT:
            yield (
                f"release_minutes: is {release_minutes:g}, for demonstrations and tests: counts and tokens then tell "
                f"nearly to the minute when a visit was; {RELEASE_MINUTES_SHORT} or more keeps it among others"
            )
    if policy_max_age_days > POLICY_AGE_DAYS_USUAL:
        yield (
            f"policy_max_age_days: is {policy_max_age_days}, so a policy that nobody has read for longer than "
            f"{POLICY_AGE_DAYS_USUAL} days still decides what a visit may be used for"
        )
    if public and "admin" in open_scopes:
        yield "open_scopes: has admin, so whoever reaches the service may ask everything without a key"


def _without_key(open_scopes: Sequence[KeyScope], *, public: bool, has_keys: bool) -> frozenset[KeyScope]:
    return including(SCOPES if not public and not has_keys else open_scopes)


def _of_terms(terms: PrivacyParameters) -> Iterator[str]:
    for weak in weak_parameters(terms):
        match weak:
            case "few_devices":
                yield (
                    f"k: is {terms.k}, for closed test beds: a cohort of so few devices may be people who know each "
                    f"other, and counts from {terms.k} on are told; {K_FEW} or more makes a group, 100 is the default"
                )
            case "few_networks":
                yield (
                    f"k_prefixes: is {terms.k_prefixes}, so a cohort may be one firm or family: so few networks may "
                    f"be theirs; {K_PREFIXES_FEW} or more, or a k of {K_WITHOUT_PREFIXES_MIN} or more"
                )
            case "much_epsilon":
                yield (
                    f"epsilon: is {terms.epsilon:g}, for closed test beds: what is released may make somebody "
                    f"{_per_cent(sureness(terms.epsilon))} sure that a visit was there, who knew no better than a "
                    f"coin; with 1 it is {_per_cent(sureness(1))}, and {EPSILON_MUCH:g} is the most that hides anything"
                )
            case "lone_device":
                yield (
                    f"epsilon: is {terms.epsilon:g}, which is so much noise beside a k of {terms.k} that it makes a "
                    f"cohort of a single device in {lone_device_chance(terms):.2g} of the cases: "
                    "raise k, or epsilon towards 1"
                )


def _per_cent(share: float) -> str:
    """A share in per cent, never 100 where it is less."""
    return f"{min(share * 100, 99.9):.3g} %"
