"""A site: one tenant, as its operator wrote it down, and the rules that its config compiles to."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct, field

from service.core.device import DeviceClass
from service.core.identity import DEFAULT_DEVICE_ID_FORMATS, Category, DeviceIdFormat, device_id_checker
from service.core.language import LanguageMatcher, LanguageTables, LanguageTag
from service.core.location import CountryCode
from service.core.region import Market, RegionRecommender, RegionTables

KEY_PATTERN = r"^[a-z][a-z0-9_-]{0,31}$"
Key = Annotated[str, Meta(pattern=KEY_PATTERN, max_length=32)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

VARIANTS_MIN = 2
WEIGHTS_SLACK = 0.01  # GrowthBook's own tolerance
# A flag's key is unique in its site, and these are taken.
FIXED_FLAGS = frozenset({"language", "country", "market", "currency", "device", "tier", "cohort"})


class Targeting(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an experiment is for, by traits alone. An empty list means: everyone."""

    device: tuple[DeviceClass, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    languages: tuple[LanguageTag, ...] = ()


class Experiment(Struct, frozen=True, forbid_unknown_fields=True):
    """One experiment, in GrowthBook's terms. ``variants[0]`` is control."""

    status: Literal["draft", "running", "stopped"]
    variants: tuple[Key, ...]
    seed: str
    weights: tuple[Share, ...] = ()
    coverage: Share = 1.0
    hash_version: Literal[1, 2] = 2
    namespace: tuple[str, Share, Share] | None = None
    when: Targeting = Targeting()


class Slot(Struct, frozen=True, forbid_unknown_fields=True):
    """A place on a page and what may be shown there, in the site's order."""

    options: tuple[Key, ...]
    topics: dict[Key, tuple[Key, ...]] = {}
    explore: Literal["mean", "thompson"] = "mean"


class SlotRanking(Struct, frozen=True, gc=False):
    """The options of a slot, best first. ``source`` is ``default`` while the order is the site's own."""

    options: tuple[Key, ...]
    source: Literal["cohort", "prior", "default"]


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """A site as its file in ``sites_dir`` says. ``languages`` stand in the site's order of preference."""

    id: Key
    languages: tuple[LanguageTag, ...]
    default_language: LanguageTag
    child_directed: bool = False
    cors_origins: tuple[str, ...] = ()
    cookie_domain: str = ""
    device_id_formats: tuple[DeviceIdFormat, ...] = DEFAULT_DEVICE_ID_FORMATS
    topics: tuple[Key, ...] = ()
    markets: dict[Key, Market] = field(default_factory=dict)
    experiments: dict[Key, Experiment] = field(default_factory=dict)
    slots: dict[Key, Slot] = field(default_factory=dict)


class SiteRules(Struct, frozen=True):
    """A site with everything its config compiles to, built once at start."""

    site: Site
    matcher: LanguageMatcher
    regions: RegionRecommender
    refuse_device_id: Callable[[str], Category | None]
    slots: Mapping[Key, SlotRanking]

    @classmethod
    def compile(cls, site: Site, languages: LanguageTables, regions: RegionTables) -> Self:
        """The rules of a site that ``mistakes`` found nothing wrong with."""
        return cls(
            site=site,
            matcher=LanguageMatcher(site.languages, site.default_language, languages),
            regions=RegionRecommender(site.markets, regions),
            refuse_device_id=device_id_checker(site.device_id_formats),
            slots={key: SlotRanking(slot.options, "default") for key, slot in site.slots.items()},
        )


def mistakes(site: Site) -> list[str]:
    """Everything wrong with a site that its types alone cannot say, in words for its operator."""
    found = []
    if not site.languages:
        found.append("languages: at least one is needed")
    if len(set(site.languages)) < len(site.languages):
        found.append("languages: one stands there twice")
    if site.default_language not in site.languages:
        found.append("default_language: must be one of languages")
    if not site.device_id_formats:
        found.append("device_id_formats: at least one is needed")
    found += [f"experiments.{key}: the key is a flag of every site" for key in site.experiments.keys() & FIXED_FLAGS]
    found += [f"slots.{key}: the key is a flag of every site" for key in site.slots.keys() & FIXED_FLAGS]
    found += [f"slots.{key}: an experiment has this key" for key in site.slots.keys() & site.experiments.keys()]
    for key, experiment in site.experiments.items():
        found += [f"experiments.{key}.{text}" for text in _experiment_mistakes(experiment, site)]
    for key, slot in site.slots.items():
        found += [f"slots.{key}.{text}" for text in _slot_mistakes(slot, site)]
    return found


def _experiment_mistakes(experiment: Experiment, site: Site) -> list[str]:
    found = []
    if len(experiment.variants) < VARIANTS_MIN or len(set(experiment.variants)) < len(experiment.variants):
        found.append("variants: two or more different ones are needed")
    if experiment.weights and len(experiment.weights) != len(experiment.variants):
        found.append("weights: one for each variant")
    if experiment.weights and abs(sum(experiment.weights) - 1) > WEIGHTS_SLACK:
        found.append("weights: must add up to 1")
    if experiment.namespace is not None and experiment.namespace[1] >= experiment.namespace[2]:
        found.append("namespace: its start must lie before its end")
    if not set(experiment.when.languages) <= set(site.languages):
        found.append("when.languages: a language the site does not have")
    return found


def _slot_mistakes(slot: Slot, site: Site) -> list[str]:
    found = []
    if not slot.options or len(set(slot.options)) < len(slot.options):
        found.append("options: one or more different ones are needed")
    if not slot.topics.keys() <= set(slot.options):
        found.append("topics: an option the slot does not have")
    if not {topic for topics in slot.topics.values() for topic in topics} <= set(site.topics):
        found.append("topics: a topic the site does not have")
    return found
