"""All simulated attacks on what the service tells, in one list: what ``passerby prove --simulate`` prints.

Was this visit or this event there (``membership``)? What does it tell to read again (``rereading``)? Which devices
were counted (``pseudonyms``)? Are answers fingerprints (``uniqueness``)? Each attacks the code that serves, by the
policy, the site and the terms that are in force.
"""

from msgspec import Struct

from service.adapters.opendp_noise import OpendpNoise
from service.core.counts import Terms
from service.core.language import LanguageTables
from service.core.region import RegionTables
from service.core.sites import Key
from service.proof.measures import Measure, Report, nothing
from service.proof.membership import membership
from service.proof.pseudonyms import COUNTED, pseudonyms
from service.proof.rereading import rereading
from service.proof.simulated_weeks import World
from service.proof.uniqueness import DEVICES, uniqueness
from service.web.epoch import Epoch
from service.web.intake import Intake

TRIALS = 100_000


class Attacked(Struct, frozen=True):
    """What is attacked: the intake, a site of an epoch, and on what terms counts are released."""

    intake: Intake
    epoch: Epoch
    site: Key
    terms: Terms
    regions: RegionTables
    languages: LanguageTables


def simulate(
    attacked: Attacked,
    report: Report | None = None,
    *,
    trials: int = TRIALS,
    counted: int = COUNTED,
    devices: int = DEVICES,
) -> list[Measure]:
    """Every attack, with what it found. Some 110 s and 450 MB."""
    told = report or nothing
    rules = attacked.epoch.sites[attacked.site].rules
    world = World(attacked.epoch.policy, rules, attacked.terms, attacked.regions, attacked.languages)
    noise = OpendpNoise()
    return [
        *membership(attacked.terms, noise, trials, trials, told),
        *rereading(rules, attacked.terms, noise),
        *pseudonyms(attacked.intake, attacked.epoch, attacked.site, counted, report=told),
        *uniqueness(world, devices, report=told),
    ]
