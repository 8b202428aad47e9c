"""What is imported gives each device the variant that GrowthBook's own SDK gives it, from the same payload."""

import json
import random
import tomllib
import uuid
from typing import Any

import msgspec
import pytest
from growthbook import GrowthBook

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.adapters.growthbook_import.features import convert, read_payload
from service.adapters.site_file import Origin, experiment_tables
from service.core.experiments.bucketing import OUT_OF_COVERAGE, OUTSIDE_NAMESPACE
from service.core.sites import Experiment, Site, SiteRules

SHOP = Site(id="shop", languages=("en", "de"), default_language="en")
FEATURES: dict[str, Any] = {
    "plain": {"rules": [{"variations": ["a", "b"]}]},
    "thirds": {"rules": [{"key": "Thirds.2", "variations": [1, 2, 3], "hashVersion": 2}]},
    "partly": {
        "rules": [{"variations": [0, 1], "coverage": 0.35, "weights": [0.1, 0.9], "seed": "s-1", "hashVersion": 2}]
    },
    "misfit": {"rules": [{"variations": [0, 1, 2], "weights": [0.5, 0.2], "coverage": 3}]},
    "nearly": {"rules": [{"variations": [0, 1, 2], "weights": [0.333, 0.333, 0.333], "hashVersion": 2}]},
    "ranges": {"rules": [{"variations": [0, 1], "ranges": [[0, 0.2], [0.4, 0.7]], "hashVersion": 2}]},
    "space": {"rules": [{"variations": [0, 1], "namespace": ["n", 0.25, 0.5], "hashVersion": 2}]},
    "zero": {"rules": [{"variations": [0, 1], "hashVersion": 0}]},
    "umlaut": {"rules": [{"key": "hero", "seed": "größe Ж", "variations": [0, 1]}]},
    "swiss": {"rules": [{"variations": [0, 1], "condition": {"country": {"$in": ["CH", "DE"]}}}]},
    "device": {"rules": [{"key": "ids", "variations": [0, 1], "hashAttribute": "deviceId", "hashVersion": 2}]},
    "second": {
        "rules": [
            {"force": 9, "condition": {"country": "US"}},
            {"key": "first-half", "variations": [0, 1], "namespace": ["m", 0, 0.5]},
            {"key": "other-half", "variations": [0, 1], "namespace": ["m", 0.5, 1], "condition": {"country": "CH"}},
        ]
    },
}
SOURCES = {  # the experiment of each key, by feature and GrowthBook's key
    "plain": ("plain", "plain"), "thirds-2": ("thirds", "Thirds.2"), "partly": ("partly", "partly"),
    "misfit": ("misfit", "misfit"), "nearly": ("nearly", "nearly"), "ranges": ("ranges", "ranges"),
    "space": ("space", "space"), "zero": ("zero", "zero"), "hero": ("umlaut", "hero"), "swiss": ("swiss", "swiss"),
    "ids": ("device", "ids"), "other-half": ("second", "other-half"),
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> SiteRules:
    """A site with everything imported, by way of the TOML that its file would have."""
    conversion = convert(read_payload(json.dumps(FEATURES).encode()), SHOP, load_region_tables().has_country)
    origins = dict.fromkeys(conversion.experiments, Origin("here", "there"))
    tables = tomllib.loads(experiment_tables(conversion.experiments, origins))
    experiments = msgspec.convert(tables["experiments"], dict[str, Experiment])
    site = msgspec.structs.replace(SHOP, experiments=experiments)
    return SiteRules.compile(site, load_languages(), load_region_tables())


def test_everything_but_what_overlaps_is_taken(rules: SiteRules) -> None:
    """The first half of the namespace lies under a rule that forces a value on its Americans."""
    assert {*rules.running} == {*SOURCES}


def test_every_device_gets_the_variant_of_the_sdk(rules: SiteRules) -> None:
    """A thousand ids in all experiments; those that have no variant here have none there, and the other way round."""
    drawn = random.Random(7)
    seen: set[tuple[str, int]] = set()
    for _ in range(1000):
        device = str(uuid.UUID(int=drawn.getrandbits(128), version=4))
        theirs = GrowthBook(attributes={"id": device, "deviceId": device, "country": "CH"}, features=FEATURES)
        for key, draw in zip(rules.running, rules.bucketer.bucket(device), strict=True):
            feature, source_key = SOURCES[key]
            found = theirs.eval_feature(feature)
            is_in = found.experiment is not None and found.experiment.key == source_key
            assert (found.experimentResult.variationId if is_in else None) == (draw if draw >= 0 else None), key
            seen.add((key, draw))
    assert {key for key, draw in seen if draw == 1} == {*SOURCES}
    assert {key for key, draw in seen if draw == OUT_OF_COVERAGE} == {"partly", "nearly", "ranges"}
    assert {key for key, draw in seen if draw == OUTSIDE_NAMESPACE} == {"space", "other-half"}


def test_an_empty_hash_attribute_is_not_taken_for_id() -> None:
    """The SDK for Python puts nobody in; the one for JavaScript takes ``id``. So nobody can split as both do."""
    features: dict[str, Any] = {"hero": {"rules": [{"variations": [0, 1], "hashAttribute": ""}]}}
    found = GrowthBook(attributes={"id": "device"}, features=features).eval_feature("hero")
    assert (found.source, found.experimentResult) == ("defaultValue", None)
    conversion = convert(read_payload(json.dumps(features).encode()), SHOP, load_region_tables().has_country)
    assert [it.reason for left in conversion.left_out for it in left.obstacles] == ["unnamed_split"]
