"""One experiment rule of a GrowthBook feature, as an experiment of ours that buckets every id the same.

This is where exactness is decided: a rule becomes an experiment only if each of the hashes that an id can have chooses
the same variant by GrowthBook's ranges and by ours. What GrowthBook assumes where a rule is silent stands here: the
feature's key as the experiment's key, that key as the seed, hash version 1, equal weights, full coverage, the attribute
``id``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct

from service.adapters.growthbook_import.condition import Trait, Vocabulary, read_condition
from service.adapters.growthbook_import.import_reasons import DEVICE_ATTRIBUTES, Note, Obstacle, folded, printable
from service.core.experiments.bucketing import Range, bucket_ranges, choose_variation, equal_weights, weights_fit
from service.core.identity import identifying_name
from service.core.sites import KEY_PATTERN, VARIANTS_MAX, VARIANTS_MIN, Experiment, Key, Targeting, is_seed

DEFAULT_ATTRIBUTE = "id"
_BIT = 1e-9
_HASHES = {1: 1000, 2: 10_000}
_KEY = re.compile(KEY_PATTERN)
_PARTS = str.maketrans(". :/|", "-----")


class VariationMeta(Struct, frozen=True):
    """What GrowthBook says of a variation besides its value."""

    key: str | None = None
    passthrough: bool | None = None


class Rule(Struct, frozen=True, rename="camel"):
    """A rule of a feature, as far as it says anything about who gets what. Null is silence."""

    key: str | None = None
    force: Any = UNSET
    variations: list[Any] | None = None
    weights: list[float] | None = None
    coverage: float | None = None
    hash_attribute: str | None = None
    fallback_attribute: str | None = None
    hash_version: int | None = None
    seed: str | None = None
    namespace: tuple[str, float, float] | None = None
    range: tuple[float, float] | None = None
    ranges: list[Range] | None = None
    filters: list[Any] | None = None
    parent_conditions: list[Any] | None = None
    condition: dict[str, Any] | None = None
    meta: list[VariationMeta] | None = None
    active: bool | None = None
    enabled: bool | None = None
    status: str | None = None

    @property
    def attribute(self) -> str:
        return DEFAULT_ATTRIBUTE if self.hash_attribute is None else self.hash_attribute

    @property
    def version(self) -> int:
        return self.hash_version or 1


class ConvertedRule(Struct, frozen=True):
    """A rule as an experiment. ``source_key`` is its key in GrowthBook, ``values`` is what its variants serve there."""

    source_key: str
    attribute: str
    experiment: Experiment
    values: tuple[Any, ...]
    notes: frozenset[Note]


def read_rule(
    rule: Rule,
    feature: str,
    default: Any,
    status: Literal["draft", "running"],
    vocabulary: Vocabulary,
) -> ConvertedRule | tuple[Obstacle, ...]:
    """The experiment of a rule, or everything that stands in its way."""
    if rule.force is not UNSET:
        return (Obstacle("force"),)
    if rule.variations is None:
        return (Obstacle("no_value"),)
    variations, source_key = rule.variations, rule.key or feature
    obstacles = [*_obstacles(rule, source_key)]
    audience = read_condition(rule.condition, vocabulary)
    obstacles += audience.obstacles
    split = None if any(lack.reason in {"variants", "hash_version"} for lack in obstacles) else _split(rule, variations)
    if split is None or obstacles:
        return tuple(dict.fromkeys(obstacles)) or (Obstacle("ranges"),)
    weights, coverage = split
    experiment = Experiment(
        status=status,
        variants=name_variants(variations, rule.meta or []),
        seed=rule.seed or source_key,
        weights=weights,
        coverage=coverage,
        hash_version=1 if rule.version == 1 else 2,
        namespace=rule.namespace,
        when=audience.when or Targeting(),
    )
    notes: set[Note] = {_TRAIT_NOTES[trait] for trait in audience.traits if trait in _TRAIT_NOTES}
    if _differ(default, variations[0]):
        notes.add("default_is_not_control")
    return ConvertedRule(source_key, rule.attribute, experiment, tuple(variations), frozenset(notes))


def legal_key(text: str) -> Key | None:
    """The spelling of a key here: itself, or in lower case with ``-`` for ``. : / |`` and blanks; None without one."""
    return next((key for key in (text, text.lower().translate(_PARTS)) if _KEY.fullmatch(key)), None)


def name_variants(variations: Sequence[Any], meta: Sequence[VariationMeta]) -> tuple[Key, ...]:
    """Names for variations: the keys that GrowthBook has for them, else their values, else off and on, else v0, v1."""
    for names in (
        [variation.key for variation in meta],
        variations,
        [_SWITCH.get(value) if isinstance(value, bool) else None for value in variations],
    ):
        keys = [name for name in names if isinstance(name, str) and _KEY.fullmatch(name)]
        if len(keys) == len(names) == len(variations) == len({*keys}):
            return tuple(keys)
    return tuple(f"v{index}" for index in range(len(variations)))


def takes_nobody(rule: Rule) -> bool:
    """Whether a rule decides for no visit at all: it serves nothing, or covers nobody."""
    if rule.force is UNSET and len(rule.variations or []) < VARIANTS_MIN:
        return True
    return rule.coverage is not None and rule.coverage <= 0 and not rule.ranges and not rule.range


def exclude_each_other(first: Rule, second: Rule) -> bool:
    """Whether two experiment rules share a namespace and nobody is in both of their parts of it."""
    is_other = first.filters or second.filters or first.attribute != second.attribute
    if is_other or not first.namespace or not second.namespace:
        return False
    (first_id, first_start, first_end), (second_id, second_start, second_end) = first.namespace, second.namespace
    return first_id == second_id and (first_end <= second_start or second_end <= first_start)


_SWITCH: Mapping[bool, Key] = {False: "off", True: "on"}
_TRAIT_NOTES: Mapping[Trait, Note] = {"device": "device_words", "languages": "language_words"}


def _obstacles(rule: Rule, source_key: str) -> Iterator[Obstacle]:
    """What stands in the way whoever it is for."""
    if rule.active is False or rule.enabled is False or rule.status in {"draft", "stopped"}:
        yield Obstacle("inactive")
    if rule.parent_conditions:
        yield Obstacle("prerequisite")
    if rule.filters:
        yield Obstacle("filters")
    if any(variation.passthrough for variation in rule.meta or []):
        yield Obstacle("holdout")
    yield from _split_obstacles(rule)
    if rule.version not in _HASHES:
        yield Obstacle("hash_version")
    if not VARIANTS_MIN <= len(rule.variations or []) <= VARIANTS_MAX:
        yield Obstacle("variants")
    if not is_seed(rule.seed or source_key):
        yield Obstacle("seed")
    if rule.namespace is not None and not _is_namespace(*rule.namespace):
        yield Obstacle("namespace")


def _split_obstacles(rule: Rule) -> Iterator[Obstacle]:
    """What stands in the way of splitting by the device id as the rule does by its attribute."""
    if not rule.attribute:
        yield Obstacle("unnamed_split")
    elif folded(rule.attribute) not in DEVICE_ATTRIBUTES:
        yield Obstacle(
            "personal_split" if identifying_name(rule.attribute) else "other_split", printable(rule.attribute)
        )
    if rule.fallback_attribute and folded(rule.fallback_attribute) not in DEVICE_ATTRIBUTES:
        yield Obstacle("fallback_split", printable(rule.fallback_attribute))


def _is_namespace(name: str, start: float, end: float) -> bool:
    return is_seed(name) and 0 <= start < end <= 1


def _split(rule: Rule, variations: Sequence[Any]) -> tuple[tuple[float, ...], float] | None:
    """Weights and coverage that choose the same variant as the rule at every hash; None where none do.

    Ranges stand above both in GrowthBook. Where they do not follow from the rule's own weights and coverage, these are
    worked out from them: from the start of one range to the next lies the weight of a variant. A sum may land beside
    the number that a range was rounded to, and a hash that lies on it in the wrong variant; so ends and starts are also
    tried a little lower, by less than hashes are apart.
    """
    n, coverage = len(variations), 1.0 if rule.coverage is None else min(1.0, max(0.0, rule.coverage))
    weights = tuple(rule.weights or ())
    if not weights_fit(n, weights):
        weights = ()
    ranges = rule.ranges or _ranges(weights or equal_weights(n), coverage)
    if len(ranges) != n:
        return None
    plain, rounded = _worked_out(ranges), _worked_out(ranges, digits=6)
    candidates = [(weights, coverage), rounded, plain, _lowered(rounded, 0.0), _lowered(rounded, _BIT)]
    return next((new for new in candidates if _is_possible(new) and _choose_alike(ranges, *new, rule.version)), None)


def _ranges(weights: Sequence[float], coverage: float) -> list[Range]:
    starts = [0.0]
    for weight in weights:
        starts.append(starts[-1] + weight)
    return [(start, start + coverage * weight) for start, weight in zip(starts, weights, strict=False)]


def _worked_out(ranges: Sequence[Range], digits: int = 17) -> tuple[tuple[float, ...], float]:
    starts = [*(start for start, _ in ranges), 1.0]
    weights = tuple(round(after - start, digits) for start, after in pairwise(starts))
    widest = max(range(len(weights)), key=weights.__getitem__)
    start, end = ranges[widest]
    return weights, round((end - start) / weights[widest], digits) if weights[widest] > 0 else 0.0


def _lowered(split: tuple[tuple[float, ...], float], weights_bit: float) -> tuple[tuple[float, ...], float]:
    weights, coverage = split
    return tuple(round(weight - weights_bit, 9) for weight in weights), round(coverage - _BIT, 9)


def _is_possible(split: tuple[tuple[float, ...], float]) -> bool:
    weights, coverage = split
    adds_up = not weights or weights_fit(len(weights), weights)
    return 0 <= coverage <= 1 and adds_up and all(0 <= weight <= 1 for weight in weights)


def _choose_alike(original: Sequence[Range], weights: Sequence[float], coverage: float, version: int) -> bool:
    converted = bucket_ranges(len(original), coverage, weights)
    if converted == [*map(tuple, original)]:
        return True
    hashes_n = _HASHES[version]
    hashes = (number / hashes_n for number in range(hashes_n))
    return all(choose_variation(value, converted) == choose_variation(value, original) for value in hashes)


def _differ(first: Any, second: Any) -> bool:
    """Whether two JSON values differ; 1 and true do."""
    return msgspec.json.encode(first) != msgspec.json.encode(second)
