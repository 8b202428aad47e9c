"""All simulated attacks in one list: what ``passerby prove --simulate`` prints.

Each attacks the code that serves, by the policy, the site and the terms that are in force.
"""

from msgspec import Struct

from service.adapters.opendp_noise import OpendpNoise
from service.attacks.averaging import averaging
from service.attacks.fingerprinting import DEVICES, fingerprinting
from service.attacks.measures import Measure, Progress, unseen
from service.attacks.membership_inference import membership
from service.attacks.population_weeks import World
from service.attacks.pseudonym_reversal import COUNTED, pseudonym_reversal
from service.core.groups.counts import PrivacyParameters
from service.core.languages.matching import LanguageTables
from service.core.region import RegionTables
from service.core.sites import Key
from service.web.epoch import Epoch
from service.web.visit.intake import Intake

TRIALS = 100_000


class Attacked(Struct, frozen=True):
    """What is attacked: the intake, a site of an epoch, and on what terms counts are released."""

    intake: Intake
    epoch: Epoch
    site: Key
    terms: PrivacyParameters
    regions: RegionTables
    languages: LanguageTables


def simulate(
    attacked: Attacked,
    progress: Progress | None = None,
    *,
    trials: int = TRIALS,
    counted: int = COUNTED,
    devices: int = DEVICES,
) -> list[Measure]:
    """Every attack, with what it found. Some 110 s and 450 MB."""
    progress = progress or unseen
    rules = attacked.epoch.sites[attacked.site].rules
    world = World(attacked.epoch.policy, rules, attacked.terms, attacked.regions, attacked.languages)
    noise = OpendpNoise()
    return [
        *membership(attacked.terms, noise, trials, trials, progress),
        *averaging(rules, attacked.terms, noise),
        *pseudonym_reversal(attacked.intake, attacked.epoch, attacked.site, counted, progress=progress),
        *fingerprinting(world, devices, progress=progress),
    ]
