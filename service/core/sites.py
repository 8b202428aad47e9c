"""A site: one tenant as its config file says, and the rules that the config compiles to."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

from msgspec import Meta, Struct, field

from service.core.device import DeviceClass
from service.core.experiments.bucketing import (
    WEIGHTS_SUM_MAX,
    WEIGHTS_SUM_MIN,
    Bucketer,
    Bucketing,
    Fnv1a,
    fnv1a_plainly,
    weights_fit,
)
from service.core.identity import (
    DEFAULT_DEVICE_ID_FORMATS,
    Category,
    DeviceIdFormat,
    device_id_checker,
    identifying_value,
)
from service.core.ignored_context import mistakes_in_names
from service.core.interest import TOPICS_MAX
from service.core.languages.matching import LanguageMatcher, LanguageTables, LanguageTag
from service.core.languages.tags import TagTables, canonical_tag, parse_tag
from service.core.location import CountryCode
from service.core.region import Market, RegionRecommender, RegionTables

KEY_PATTERN = r"^[a-z][a-z0-9_-]{0,31}\Z"
Key = Annotated[str, Meta(pattern=KEY_PATTERN, max_length=32)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

VARIANTS_MIN, VARIANTS_MAX = 2, 16
SEED_CHARS_MAX = 128
VARIANTS_COOKIE_MAX = 1024  # of 2 KB that all our cookies may have
# A flag's key is unique in its site, and these are taken.
FIXED_FLAGS = frozenset({"language", "country", "market", "currency", "device", "tier", "cohort"})

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN = re.compile(rf"(https?)://(?:{_HOST.pattern}|\[[0-9a-f:]+\])(?::([1-9][0-9]{{0,4}}))?")
_ORIGIN_FORM = "scheme://host[:port], such as https://shop.example"
# Of a page that can share a cookie's domain with another host: an address cannot, nor a machine's own name.
_SHARING_ORIGIN = re.compile(rf"https?://(?:{_LABEL}\.)+(?!localhost\b)[a-z][a-z0-9-]*(?::[0-9]+)?")
_ORIGIN_OF_THE_EXAMPLE = "https://shop.example"  # of the file that ships: nobody's
_HOST_LENGTH_MAX = 253
_PORT_MAX = 65535
_USUAL_PORTS = {"http": "80", "https": "443"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_AIM: frozenset[DeviceClass] = frozenset({"bot", "unknown"})
_FIRST_PRIVATE_LANGUAGE, _LAST_PRIVATE_LANGUAGE = "qaa", "qtz"


class Targeting(Struct, frozen=True, forbid_unknown_fields=True):
    """The visitors of an experiment, by traits alone. An empty list means: everyone."""

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
    context_ignored: tuple[str, ...] = ()
    markets: dict[Key, Market] = field(default_factory=dict)
    experiments: dict[Key, Experiment] = field(default_factory=dict)
    slots: dict[Key, Slot] = field(default_factory=dict)


NO_DRAWS = Bucketer([])


class SiteRules(Struct, frozen=True, eq=False):
    """A site with everything its config compiles to."""

    site: Site
    matcher: LanguageMatcher
    regions: RegionRecommender
    refuse_device_id: Callable[[str], Category | None]
    slots: Mapping[Key, SlotRanking]
    running: tuple[Key, ...] = ()
    targeted: Targeting = Targeting()
    bucketer: Bucketer = NO_DRAWS
    answered_topics: frozenset[Key] = frozenset()

    @classmethod
    def compile(
        cls,
        site: Site,
        languages: LanguageTables,
        regions: RegionTables,
        fnv1a: Fnv1a = fnv1a_plainly,
        judge: Callable[[str], Category | None] = identifying_value,
        may_look_closely: Callable[[], bool] = lambda: True,
    ) -> Self:
        """The rules of a site that ``mistakes`` found nothing wrong with.

        ``bucketer`` has one for each of the ``running`` experiments, in their order, and ``targeted`` has all
        traits that any of them names. ``answered_topics`` are those that an option of some slot has: interests in
        others change nothing on a page, and to repeat them in an answer would only tell devices apart. ``judge`` says
        what a device id of no known format identifies, and ``may_look_closely`` whether one of a known format may be
        looked at at some cost.
        """
        running = {key: experiment for key, experiment in site.experiments.items() if experiment.status == "running"}
        return cls(
            site=site,
            matcher=LanguageMatcher(site.languages, site.default_language, languages),
            regions=RegionRecommender(site.markets, regions),
            refuse_device_id=device_id_checker(site.device_id_formats, judge, may_look_closely),
            slots={key: SlotRanking(slot.options, "default") for key, slot in site.slots.items()},
            running=tuple(running),
            targeted=_together([experiment.when for experiment in running.values()]),
            bucketer=Bucketer([_bucketing(experiment) for experiment in running.values()], fnv1a),
            answered_topics=frozenset(
                topic for slot in site.slots.values() for topics in slot.topics.values() for topic in topics
            ),
        )


def mistakes(site: Site, tags: TagTables, regions: RegionTables) -> list[str]:
    """Everything wrong with a site that its types alone cannot say, in words for its operator."""
    problems = []
    if not site.languages:
        problems.append("languages: at least one is needed")
    problems += [
        f"languages: {_quoted(tag)} stands there twice" for tag in _twice([tag.lower() for tag in site.languages])
    ]
    problems += [f"languages: {text}" for tag in site.languages for text in _tag_mistakes(tag, tags)]
    if site.default_language not in site.languages:
        default = _quoted(site.default_language)
        problems.append(f"default_language: {default} must be one of languages: {' '.join(site.languages)}")
    if len(site.topics) > TOPICS_MAX:
        problems.append(
            f"topics: are {len(site.topics)}; at most {TOPICS_MAX}: what a device carries of them fits into 12 bits"
        )
    problems += [f"topics: {_quoted(topic)} stands there twice" for topic in _twice(site.topics)]
    problems += [f"context_ignored: {text}" for text in mistakes_in_names(site.context_ignored)]
    if not site.device_id_formats:
        problems.append(f"device_id_formats: at least one is needed, of {' '.join(get_args(DeviceIdFormat))}")
    problems += [
        f"cors_origins: {_quoted(origin)} is not as browsers send it: {_ORIGIN_FORM}{_origin_meant(origin)}"
        for origin in site.cors_origins
        if not _is_origin(origin)
    ]
    if site.cookie_domain and not (len(site.cookie_domain) <= _HOST_LENGTH_MAX and _HOST.fullmatch(site.cookie_domain)):
        problems.append(
            f"cookie_domain: {_quoted(site.cookie_domain)} must be a host such as shop.example, in lower case, with no "
            "dot before it and neither scheme nor port"
        )
    problems += [
        f"{table}.{key}: the key is a flag of every site, as are {' '.join(sorted(FIXED_FLAGS))}; choose another"
        for table, keys in (("experiments", site.experiments.keys()), ("slots", site.slots.keys()))
        for key in sorted(keys & FIXED_FLAGS)
    ]
    problems += [
        f"slots.{key}: an experiment has this key, and a flag has one; choose another"
        for key in sorted(site.slots.keys() & site.experiments.keys())
    ]
    for key, experiment in site.experiments.items():
        problems += [f"experiments.{key}.{text}" for text in _experiment_mistakes(experiment, site, regions)]
    longest = sum(_entry_length(key, experiment) for key, experiment in site.experiments.items())
    if longest > VARIANTS_COOKIE_MAX:
        problems.append(
            f"experiments: together their longest cookie must fit into {VARIANTS_COOKIE_MAX} characters, not {longest};"
            " shorten keys of experiments or variants, or remove stopped ones"
        )
    for key, slot in site.slots.items():
        problems += [f"slots.{key}.{text}" for text in _slot_mistakes(slot, site)]
    return problems


def notices(site: Site) -> list[str]:
    """Settings of a site that are allowed but hardly meant, in words for its operator."""
    texts = []
    asking = [
        origin for origin in site.cors_origins if origin != _ORIGIN_OF_THE_EXAMPLE and _SHARING_ORIGIN.fullmatch(origin)
    ]
    if asking and not site.cookie_domain:
        texts.append(
            f"cookie_domain: is empty, so an opt-out that a page of {asking[0]} asks for stays on this service's host, "
            "and the site and its edge never see it; set it to the domain that both hosts are in, as shop.example is "
            "that of www.shop.example and passerby.shop.example"
        )
    seeds: dict[tuple[str, int], Key] = {}
    near_seeds: dict[tuple[str, int], Key] = {}
    for key, experiment in site.experiments.items():
        if experiment.status != "running":
            continue
        if experiment.coverage == 0:
            texts.append(f"experiments.{key}.coverage: is 0, so nobody is in the experiment")
        idle = [name for name, weight in zip(experiment.variants, experiment.weights, strict=False) if weight == 0]
        if idle:
            texts.append(f"experiments.{key}.weights: nobody gets {' '.join(idle)}, for the weight is 0")
        # One seed in both versions does no harm: over a million ids their variants are as if drawn apart.
        twin = seeds.setdefault((experiment.seed, experiment.hash_version), key)
        if twin != key:
            texts.append(f"experiments.{key}.seed: {twin} has it too, so the variant of one tells that of the other")
        elif experiment.hash_version == 1:
            # In version 1 the seed stands last, and its last character is all that tells the two hashes apart.
            near = near_seeds.setdefault((experiment.seed[:-1], len(experiment.seed)), key)
            if near != key:
                texts.append(
                    f"experiments.{key}.seed: {near} has it but for the last character, so with hash_version 1 the "
                    "variant of one tells something of that of the other; choose quite another seed, or version 2"
                )
    return texts


def is_site_file(name: str) -> bool:
    """Whether a file of this name holds a site: a hidden one is an editor's or a system's (``.#demo.toml``)."""
    return name.endswith(".toml") and not name.startswith(".")


def is_seed(text: str) -> bool:
    """Whether a text may be hashed together with ids: as a seed, or as the id of a namespace."""
    return 0 < len(text) <= SEED_CHARS_MAX and _CONTROL.search(text) is None


def _together(targetings: Sequence[Targeting]) -> Targeting:
    return Targeting(
        tuple({device for targeting in targetings for device in targeting.device}),
        tuple({country for targeting in targetings for country in targeting.countries}),
        tuple({language for targeting in targetings for language in targeting.languages}),
    )


def _bucketing(experiment: Experiment) -> Bucketing:
    return Bucketing(
        experiment.seed,
        len(experiment.variants),
        experiment.weights,
        experiment.coverage,
        experiment.hash_version,
        experiment.namespace,
    )


def _is_origin(text: str) -> bool:
    """Whether a browser could send this as its Origin (the URL standard's serialisation): no path, no usual port."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return False
    scheme, port = match.groups()
    return port is None or (int(port) <= _PORT_MAX and port != _USUAL_PORTS[scheme])


def _origin_meant(text: str) -> str:
    """The origin that was probably meant by a host or a whole address, as a question; empty without a guess."""
    scheme, _, authority = text.strip().lower().rpartition("://")
    host = authority.partition("/")[0]
    scheme = scheme or "https"
    origin = f"{scheme}://{host.removesuffix(':' + _USUAL_PORTS.get(scheme, ''))}"
    return f"; {origin}?" if "." in host and _is_origin(origin) else ""


def _tag_mistakes(text: LanguageTag, tags: TagTables) -> list[str]:
    """The mistakes in a language's tag. A deprecated one is allowed: a site may have been called so for long."""
    written, meant = parse_tag(text, tags), canonical_tag(text, tags)
    if written is None or meant is None or not _is_known(meant.language, tags):
        return [f'{_quoted(text)} is no language that CLDR knows; a tag is such as "de", "pt-BR" or "zh-Hant"']
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


def _experiment_mistakes(experiment: Experiment, site: Site, regions: RegionTables) -> list[str]:
    variants_n, weights = len(experiment.variants), experiment.weights
    problems = []
    if variants_n < VARIANTS_MIN:
        problems.append(f"variants: two or more different ones are needed, not {variants_n}")
    if variants_n > VARIANTS_MAX:
        problems.append(f"variants: at most {VARIANTS_MAX}, not {variants_n}")
    problems += [f"variants: {_quoted(key)} stands there twice" for key in _twice(experiment.variants)]
    if weights and len(weights) != variants_n:
        problems.append(f"weights: one for each variant, so {variants_n}, not {len(weights)}")
    if weights and not weights_fit(len(weights), weights):
        terms = " + ".join(f"{weight:g}" for weight in weights)
        problems.append(
            f"weights: must add up to 1, from {WEIGHTS_SUM_MIN} to {WEIGHTS_SUM_MAX}; {terms} is {sum(weights):.6g}"
        )
    if not is_seed(experiment.seed):
        problems.append(f"seed: {_seed_mistake(experiment.seed)}")
    if experiment.namespace is not None:
        name, start, end = experiment.namespace
        if not is_seed(name):
            problems.append(f"namespace: its id {_seed_mistake(name)}")
        if start >= end:
            problems.append(f"namespace: its start must lie before its end, but {start:g} is not below {end:g}")
    return problems + [f"when.{text}" for text in _targeting_mistakes(experiment.when, site, regions)]


def _seed_mistake(text: str) -> str:
    must = f"must have 1 to {SEED_CHARS_MAX} characters, none of them a control character"
    control = _CONTROL.search(text)
    return must + (f"; it has {len(text)}" if control is None else f"; character {control.start() + 1} is one")


def _targeting_mistakes(when: Targeting, site: Site, regions: RegionTables) -> list[str]:
    problems = [
        f"device: {_quoted(device)} cannot be aimed at: bots get control, and who is unknown is not told apart"
        for device in sorted(_NO_AIM & set(when.device))
    ]
    problems += [f"countries: {text}" for text in map(regions.mistake_in_country, when.countries) if text]
    site_languages = " ".join(site.languages)
    problems += [
        f"languages: {_quoted(tag)} is no language of the site, which has {site_languages}"
        for tag in dict.fromkeys(when.languages)
        if tag not in site.languages
    ]
    lists = {"device": when.device, "countries": when.countries, "languages": when.languages}
    problems += [
        f"{name}: {_quoted(text)} stands there twice" for name, texts in lists.items() for text in _twice(texts)
    ]
    return problems


def _slot_mistakes(slot: Slot, site: Site) -> list[str]:
    problems = []
    if not slot.options:
        problems.append("options: one or more are needed")
    problems += [f"options: {_quoted(key)} stands there twice" for key in _twice(slot.options)]
    problems += [
        f"topics: {_quoted(option)} is no option of the slot, which has {' '.join(slot.options) or 'none'}"
        for option in slot.topics
        if option not in slot.options
    ]
    problems += [
        f"topics.{option}: {_quoted(topic)} is no topic of the site, which has {' '.join(site.topics) or 'none'}"
        for option, topics in slot.topics.items()
        for topic in topics
        if topic not in site.topics
    ]
    return problems


def _twice(texts: Sequence[str]) -> list[str]:
    """Those that stand in a list more than once, each once."""
    return [text for text, n in Counter(texts).items() if n > 1]


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isprintable() else ascii(text)
