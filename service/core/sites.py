"""A site: one tenant, as its operator wrote it down, and the rules that its config compiles to."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct, field

from service.core.device import DeviceClass
from service.core.identity import DEFAULT_DEVICE_ID_FORMATS, Category, DeviceIdFormat, device_id_checker
from service.core.interest import TOPICS_MAX
from service.core.language import LanguageMatcher, LanguageTables, LanguageTag
from service.core.language_tags import TagTables, canonical_tag, parse_tag
from service.core.location import CountryCode
from service.core.region import Market, RegionRecommender, RegionTables

KEY_PATTERN = r"^[a-z][a-z0-9_-]{0,31}$"
Key = Annotated[str, Meta(pattern=KEY_PATTERN, max_length=32)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

VARIANTS_MIN = 2
WEIGHTS_SLACK = 0.01  # GrowthBook's own tolerance
VARIANTS_COOKIE_MAX = 1024  # of 2 KB that all our cookies may have
# A flag's key is unique in its site, and these are taken.
FIXED_FLAGS = frozenset({"language", "country", "market", "currency", "device", "tier", "cohort"})

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN = re.compile(rf"(https?)://(?:{_HOST.pattern}|\[[0-9a-f:]+\])(?::([1-9][0-9]{{0,4}}))?")
_HOST_LENGTH_MAX = 253
_PORT_MAX = 65535
_USUAL_PORTS = {"http": "80", "https": "443"}
_FIRST_PRIVATE_LANGUAGE, _LAST_PRIVATE_LANGUAGE = "qaa", "qtz"


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


class SiteRules(Struct, frozen=True, eq=False):
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


def mistakes(site: Site, tags: TagTables) -> list[str]:
    """Everything wrong with a site that its types alone cannot say, in words for its operator."""
    found = []
    if not site.languages:
        found.append("languages: at least one is needed")
    if len({tag.lower() for tag in site.languages}) < len(site.languages):
        found.append("languages: one stands there twice")
    found += [f"languages: {text}" for tag in site.languages for text in _tag_mistakes(tag, tags)]
    if site.default_language not in site.languages:
        found.append("default_language: must be one of languages")
    if len(site.topics) > TOPICS_MAX or len(set(site.topics)) < len(site.topics):
        found.append(f"topics: at most {TOPICS_MAX} different ones: what a device carries of them fits into 12 bits")
    if not site.device_id_formats:
        found.append("device_id_formats: at least one is needed")
    found += [
        f"cors_origins: {origin!r} is not as browsers send it: scheme://host[:port], such as https://shop.example"
        for origin in site.cors_origins
        if not _is_origin(origin)
    ]
    if site.cookie_domain and not (len(site.cookie_domain) <= _HOST_LENGTH_MAX and _HOST.fullmatch(site.cookie_domain)):
        found.append("cookie_domain: must be a host such as shop.example, in lower case and with no dot before it")
    found += [f"experiments.{key}: the key is a flag of every site" for key in site.experiments.keys() & FIXED_FLAGS]
    found += [f"slots.{key}: the key is a flag of every site" for key in site.slots.keys() & FIXED_FLAGS]
    found += [f"slots.{key}: an experiment has this key" for key in site.slots.keys() & site.experiments.keys()]
    for key, experiment in site.experiments.items():
        found += [f"experiments.{key}.{text}" for text in _experiment_mistakes(experiment, site)]
    if sum(_entry_length(key, it) for key, it in site.experiments.items()) > VARIANTS_COOKIE_MAX:
        found.append(f"experiments: together their longest cookie must fit into {VARIANTS_COOKIE_MAX} characters")
    for key, slot in site.slots.items():
        found += [f"slots.{key}.{text}" for text in _slot_mistakes(slot, site)]
    return found


def _is_origin(text: str) -> bool:
    """Whether a browser could send this as its Origin (the URL standard's serialisation): no path, no usual port."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return False
    scheme, port = found.groups()
    return port is None or (int(port) <= _PORT_MAX and port != _USUAL_PORTS[scheme])


def _tag_mistakes(text: LanguageTag, tags: TagTables) -> list[str]:
    """What is wrong with a language's tag. A deprecated one is allowed: a site may have been called so for long."""
    written, meant = parse_tag(text, tags), canonical_tag(text, tags)
    if written is None or meant is None or not _is_known(meant.language, tags):
        return [f'{text!r} is no language that CLDR knows; a tag is such as "de", "pt-BR" or "zh-Hant"']
    spelling = str(written)
    return [f"{text} is spelled {spelling}"] if spelling != text and spelling.lower() == text.lower() else []


def _is_known(language: str, tags: TagTables) -> bool:
    """Whether CLDR knows a language, or it is one for private use (x-..., qaa to qtz), which nobody else can know."""
    is_private = not language or (
        len(language) == len(_LAST_PRIVATE_LANGUAGE) and _FIRST_PRIVATE_LANGUAGE <= language <= _LAST_PRIVATE_LANGUAGE
    )
    return is_private or language in tags.likely


def _entry_length(key: Key, experiment: Experiment) -> int:
    """Characters of an experiment's longest entry in ``pb_variants``: ``hero.b.ec~``."""
    return len(key) + max(map(len, experiment.variants), default=0) + len("..ec~")


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
