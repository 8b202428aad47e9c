"""Scores bucketing: the cases that GrowthBook's own SDKs are tested with.

Of the ``run`` cases those count that a site here can say: see ``_not_ours``. They are asked of the whole way, from a
site's config to what a visit is assigned, its id where the case has the attribute by which it splits.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fnv_hash_fast import fnv1a_32

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.core.experiments.assignment import BucketingInput, Visitor, assign, assignment_table
from service.core.experiments.bucketing import bucket_ranges, choose_variation, equal_weights, hash_value, in_namespace
from service.core.sites import VARIANTS_MIN, Experiment, Site, SiteRules, mistakes

Row = tuple[str, str, str, bool]

ANYONE = Visitor(permitted=True, bot=False, device="unknown", country=None, language="en")
SAID_BY_A_SITE = {
    "key", "variations", "weights", "coverage", "seed", "hashVersion", "namespace", "active", "hashAttribute", "ranges",
}  # fmt: skip
LANGUAGES, REGIONS = load_languages(), load_region_tables()


def score(folder: Path) -> list[Row]:
    return [row for path in sorted((folder / "growthbook").glob("cases.*.json")) for row in _score_file(path)]


def _score_file(path: Path) -> list[Row]:
    cases, which = json.loads(path.read_text()), path.name.removeprefix("cases.").removesuffix(".json")
    rows = []
    for kind, is_right in _KINDS.items():
        right = [is_right(*case) for case in cases.get(kind, ())]
        if right:
            rows.append(_row(f"{which}: {kind}", right))
    runs = cases.get("run", ())
    out = Counter(filter(None, (_not_ours(context, experiment) for _, context, experiment, *_ in runs)))
    ours = [case for case in runs if _not_ours(case[1], case[2]) is None]
    if ours:
        rows.append(_row(f"{which}: run, {len(ours)} of {len(runs)}", [_runs_right(*case) for case in ours]))
    if out:
        reasons = ", ".join(f"{count} {reason}" for reason, count in out.most_common())
        print(f"growthbook: {which}: run cases that no site can say: {reasons}", file=sys.stderr)
    return rows


def _row(name: str, right: list[bool]) -> Row:
    return f"growthbook {name}", f"{sum(right)}/{len(right)}", "100 %", all(right)


def _ranges_right(_name: str, arguments: list[Any], expected: list[list[float]]) -> bool:
    variants_n, coverage, weights = arguments
    ranges = bucket_ranges(variants_n, 1.0 if coverage is None else coverage, weights or ())
    return _rounded(ranges) == _rounded(expected)


def _rounded(ranges: Iterable[Iterable[float]]) -> list[list[float]]:
    return [[round(edge, 6) for edge in one] for one in ranges]


def _weights_right(n: int, expected: list[float]) -> bool:
    return _rounded([equal_weights(n)]) == _rounded([expected])


_KINDS: dict[str, Callable[..., bool]] = {
    "hash": lambda seed, value, version, expected: hash_value(seed, value, version) == expected,
    "getBucketRange": _ranges_right,
    "chooseVariation": lambda _, value, ranges, expected: choose_variation(value, ranges) == expected,
    "inNamespace": lambda _, value, namespace, expected: in_namespace(value, tuple(namespace)) is expected,
    "getEqualWeights": _weights_right,
}


def _not_ours(context: dict[str, Any], experiment: dict[str, Any]) -> str | None:
    """Why no site can say a case, by its own fields; None where one can.

    What else a context holds is the SDK's in a client: switched off, forced, a URL, quality assurance, features. What
    else an experiment holds a site has no word for; ``condition`` asks for attributes of a person. Ranges of their own
    are taken where weights and coverage say them.
    """
    for field in sorted(context.keys() - {"attributes"}):
        return f"by the SDK's {field}"
    for field in sorted(experiment.keys() - SAID_BY_A_SITE):
        return f"with {field}"
    variants_n = len(experiment["variations"])
    if variants_n < VARIANTS_MIN:
        return "with one variation"
    said = _rounded(bucket_ranges(variants_n, experiment.get("coverage", 1.0), experiment.get("weights", ())))
    return None if _rounded(experiment.get("ranges", said)) == said else "with ranges of their own"


def _runs_right(
    _name: str, context: dict[str, Any], written: dict[str, Any], value: Any, in_experiment: bool, hash_used: bool
) -> bool:
    variants = tuple(f"v{index}" for index in range(len(written["variations"])))
    experiment = Experiment(
        status="running" if written.get("active", True) else "stopped",
        variants=variants,
        seed=written.get("seed", written["key"]),
        weights=tuple(written.get("weights", ())),
        coverage=written.get("coverage", 1.0),
        hash_version=written.get("hashVersion", 1),
        namespace=tuple(written["namespace"]) if "namespace" in written else None,
    )
    key = written["key"]
    site = Site(id="shop", languages=("en",), default_language="en", experiments={key: experiment})
    if mistakes(site, LANGUAGES.tags, REGIONS):
        return False
    rules = SiteRules.compile(site, LANGUAGES, REGIONS, fnv1a_32)
    device_id = context.get("attributes", {}).get(written.get("hashAttribute", "id"))
    found = assign(
        assignment_table(rules, ANYONE), BucketingInput(rules.bucketer.bucket(device_id) if device_id else None, ())
    ).experiments[key]
    given = written["variations"][variants.index(found.variant)]
    return (given, found.in_experiment, found.reason == "split") == (value, in_experiment, hash_used)
