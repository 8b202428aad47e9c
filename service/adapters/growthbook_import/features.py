"""GrowthBook's features, as its SDKs are served them, read into experiments of a site.

The payload is ``{"features": {...}, "dateUpdated": ...}`` or the map of features alone. A feature has a list of rules,
of which the first that applies to a visit decides. A rule with variations is an experiment; it is taken only where it
can be said here whole, so that it gives every device the variant that GrowthBook gives it. Everything else is left out,
with all its reasons from a closed list.

Source: GrowthBook's specification for authors of SDKs, "Build Your Own SDK" 0.7 (docs.growthbook.io).
"""

import codecs
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct

from service.adapters.growthbook_import.condition import Vocabulary, are_apart, read_condition
from service.adapters.growthbook_import.import_reasons import LeftOutReason, Obstacle, folded, printable
from service.adapters.growthbook_import.rule import (
    ConvertedRule,
    Rule,
    exclude_each_other,
    legal_key,
    read_rule,
    takes_nobody,
)
from service.core.sites import FIXED_FLAGS, Experiment, Key, Site

_Kind = TypeVar("_Kind")

payload_bytes_max = 16 << 20

PayloadRefusal = Literal["too_large", "not_json", "encrypted", "not_a_payload"]
REFUSALS: Mapping[PayloadRefusal, str] = {
    "too_large": f"it has more than {payload_bytes_max} bytes",
    "not_json": "it is not JSON",
    "encrypted": "its features are encrypted; decrypt them first, or ask for them over a connection without encryption",
    "not_a_payload": 'it is not what GrowthBook serves its SDKs: {"features": {...}}, or the map of features alone',
}


class PayloadRefusedError(ValueError):
    """A payload cannot be read, and why. The text holds nothing of it."""

    def __init__(self, reason: PayloadRefusal) -> None:
        super().__init__(REFUSALS[reason])
        self.reason: PayloadRefusal = reason


class Feature(Struct, frozen=True, rename="camel"):
    """A feature: its rules as they came, each to be judged by itself."""

    default_value: Any = None
    rules: list[Any] | None = None


class Payload(Struct, frozen=True):
    """The features by key, None for what is no feature, and the keys of experiments that change pages by themselves."""

    features: Mapping[str, Feature | None]
    web_experiments: tuple[str, ...] = ()


class Imported(Struct, frozen=True):
    """An experiment for the site, and where in GrowthBook it comes from."""

    key: Key
    feature: str
    rule: int
    converted: ConvertedRule


class LeftOut(Struct, frozen=True):
    """What was left out and all that stood in its way. ``rule`` counts from 1; 0 is all of a feature.

    An experiment that changes pages by itself has its key where others have their feature's.
    """

    feature: str
    rule: int
    obstacles: tuple[Obstacle, ...]

    @property
    def is_web(self) -> bool:
        return self.obstacles[0].reason == "web"


class Conversion(Struct, frozen=True):
    """What comes of a payload, in its order. ``unused_names`` are those of which it has no experiment."""

    imported: tuple[Imported, ...]
    left_out: tuple[LeftOut, ...]
    unused_names: tuple[str, ...] = ()

    @property
    def experiments(self) -> dict[Key, Experiment]:
        return {imported.key: imported.converted.experiment for imported in self.imported}


def read_payload(content: bytes) -> Payload:
    """The payload in these octets. Raises PayloadRefusedError."""
    if len(content) > payload_bytes_max:
        raise PayloadRefusedError("too_large")
    try:
        document = msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, RecursionError):
        raise PayloadRefusedError("not_json") from None
    if not isinstance(document, dict):
        raise PayloadRefusedError("not_a_payload")
    if any(
        isinstance(document.get(name), str) and document[name] for name in ("encryptedFeatures", "encryptedExperiments")
    ):
        raise PayloadRefusedError("encrypted")
    web = document["experiments"] if isinstance(document.get("experiments"), list) else []
    features = document.get("features", document)
    if not isinstance(features, dict) or ("features" not in document and not _is_map_of_features(features)):
        raise PayloadRefusedError("not_a_payload")
    by_key = {key: _typed(raw, Feature) for key, raw in features.items()}
    return Payload(by_key, tuple(str(raw.get("key", "")) if isinstance(raw, dict) else "" for raw in web))


def convert(
    payload: Payload,
    site: Site,
    is_country: Callable[[str], bool],
    *,
    status: Literal["draft", "running"] = "running",
    replace: bool = False,
    despite_force_rules: bool = False,
    names: Mapping[str, Key] | None = None,
) -> Conversion:
    """The experiments of a payload for a site. ``names`` gives keys of GrowthBook their spelling here.

    ``despite_force_rules`` takes experiments also from under force rules with a condition, such as those for testers.
    """
    vocabulary = Vocabulary(site.languages, is_country)
    offered: list[Imported] = []
    left_out = [LeftOut(key, 0, (Obstacle("web"),)) for key in payload.web_experiments]
    unused = dict.fromkeys(names or ())
    for feature_key, feature in payload.features.items():
        if feature is None:
            left_out.append(LeftOut(feature_key, 0, (Obstacle("odd_feature"),)))
            continue
        rules = [_typed(raw, Rule) for raw in feature.rules or []]
        for number, rule in enumerate(rules, 1):
            outcome: ConvertedRule | tuple[Obstacle, ...] = (Obstacle("not_as_specified"),)
            if rule is not None:
                if rule.variations is not None:
                    unused.pop(rule.key or feature_key, None)
                outcome = read_rule(rule, feature_key, feature.default_value, status, vocabulary)
                if isinstance(outcome, ConvertedRule):
                    before = [old for old in rules[: number - 1] if _may_decide(old, rule, outcome, vocabulary)]
                    outcome = _after(before, outcome, despite_force_rules=despite_force_rules)
            if isinstance(outcome, ConvertedRule):
                key = (names or {}).get(outcome.source_key) or legal_key(outcome.source_key)
                offered.append(Imported(key or "", feature_key, number, outcome))
            else:
                left_out.append(LeftOut(feature_key, number, outcome))
    imported = [*_chosen(offered, site, left_out, replace=replace)]
    order = {key: index for index, key in enumerate(payload.features)}
    left_out.sort(key=lambda row: (row.is_web, order.get(row.feature, 0), row.rule))
    return Conversion(tuple(imported), tuple(left_out), tuple(unused))


def _is_map_of_features(document: Mapping[str, Any]) -> bool:
    """Whether a document is the map of features alone, as far as one of them shows: an error's text is none."""
    features = [raw for raw in document.values() if isinstance(raw, dict)]
    return not document or any(not raw or not raw.keys().isdisjoint({"defaultValue", "rules"}) for raw in features)


def _typed(raw: Any, kind: type[_Kind]) -> _Kind | None:
    """A feature or a rule out of the payload; None when it is none. ``force`` counts by being there."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        return None


def _may_decide(earlier: Rule | None, rule: Rule, converted: ConvertedRule, vocabulary: Vocabulary) -> bool:
    """Whether an earlier rule may decide for a visit that this one would otherwise get."""
    if earlier is None or earlier.parent_conditions:  # one that is a gate closes the feature for everybody
        return True
    if takes_nobody(earlier) or (earlier.force is UNSET and exclude_each_other(earlier, rule)):
        return False
    when = read_condition(earlier.condition, vocabulary).when
    return when is None or not are_apart(when, converted.experiment.when)


def _after(
    before: Sequence[Rule | None], converted: ConvertedRule, *, despite_force_rules: bool
) -> ConvertedRule | tuple[Obstacle, ...]:
    """What is left of an experiment when these rules may decide before it."""
    if not before:
        return converted
    if not all(map(_forces_some, before)):
        return (Obstacle("earlier_rule"),)
    if not despite_force_rules:
        return (Obstacle("earlier_force_rule"),)
    return msgspec.structs.replace(converted, notes=converted.notes | {"force_rules_before"})


def _forces_some(rule: Rule | None) -> bool:
    """Whether a rule forces a value on those that its condition names, all of them: on testers, say."""
    if rule is None or rule.force is UNSET or rule.parent_conditions:
        return False
    return bool(rule.condition) and rule.coverage in {None, 1} and not rule.range


def _chosen(offered: Sequence[Imported], site: Site, left_out: list[LeftOut], *, replace: bool) -> Iterator[Imported]:
    """Those with a key of their own. One experiment may stand in several features: it is taken once."""
    splits: dict[str, set[tuple[object, ...]]] = {}
    sources: dict[Key, set[str]] = {}
    for candidate in offered:
        splits.setdefault(candidate.converted.source_key, set()).add(_split_of(candidate.converted))
        sources.setdefault(candidate.key, set()).add(candidate.converted.source_key)
    seen: Counter[str] = Counter()
    for candidate in offered:
        source = candidate.converted.source_key
        reason: LeftOutReason | None = None
        if not candidate.key:
            reason = "key"
        elif len(splits[source]) > 1:
            reason = "other_experiment"
        elif seen[source]:
            reason = "same_experiment"
        elif len(sources[candidate.key]) > 1 and source != candidate.key:
            reason = "ambiguous_key"
        elif candidate.key in FIXED_FLAGS or candidate.key in site.slots:
            reason = "taken_key"
        elif candidate.key in site.experiments and not replace:
            reason = "exists"
        if reason is None:
            seen[source] += 1
            yield candidate
        else:
            left_out.append(LeftOut(candidate.feature, candidate.rule, (Obstacle(reason, printable(source)),)))


def _split_of(converted: ConvertedRule) -> tuple[object, ...]:
    """All that decides who gets which variation, and nothing of what the variants are called."""
    split = converted.experiment
    range_of = split.weights, split.coverage, split.namespace, split.when
    return folded(converted.attribute), split.seed, len(split.variants), split.hash_version, *range_of
