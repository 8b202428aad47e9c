"""What of GrowthBook's payload becomes an experiment, what does not and why, and that both split alike."""

import json
from itertools import pairwise
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.adapters.growthbook_import.features import (
    REFUSALS,
    PayloadRefusal,
    PayloadRefusedError,
    convert,
    read_payload,
)
from service.adapters.growthbook_import.import_reasons import NOTES, REASONS, LeftOutReason, Note
from service.core.experiments.bucketing import (
    OUTSIDE_NAMESPACE,
    Bucketer,
    Bucketing,
    bucket_ranges,
    choose_variation,
    hash_value,
    in_namespace,
)
from service.core.sites import Experiment, Site, Slot, Targeting, mistakes

REGIONS = load_region_tables()
TAGS = load_languages().tags
SHOP = Site(id="shop", languages=("en", "de", "de-CH"), default_language="en")
PLAIN = {"variations": ["a", "b"]}


def imported(features: dict[str, Any], site: Site = SHOP, **options: Any) -> Any:
    """What comes of features whose rules are given as a list, or as a single rule."""
    payload = {
        key: {"defaultValue": "a", "rules": rules if isinstance(rules, list) else [rules]}
        for key, rules in features.items()
    }
    return convert(read_payload(json.dumps({"features": payload}).encode()), site, REGIONS.has_country, **options)


def reasons(conversion: Any) -> list[tuple[str, int, list[str]]]:
    return [(it.feature, it.rule, [obstacle.reason for obstacle in it.obstacles]) for it in conversion.left_out]


def only(rule: dict[str, Any], **options: Any) -> Experiment:
    """The experiment that a rule of a feature called hero becomes."""
    conversion = imported({"hero": rule}, **options)
    assert not conversion.left_out
    (experiment,) = conversion.experiments.values()
    return experiment


def test_a_rule_that_says_little_gets_what_growthbook_assumes() -> None:
    """The feature's key as key and seed, hash version 1, equal weights, everyone."""
    assert imported({"hero": PLAIN}).experiments == {
        "hero": Experiment("running", ("a", "b"), "hero", hash_version=1, coverage=1.0)
    }


def test_a_rule_that_says_everything_is_taken_with_everything() -> None:
    """And what does not decide who gets what is passed over."""
    rule = {
        "id": "fr_1", "key": "Checkout.Button", "seed": "s-1", "hashAttribute": "deviceId", "hashVersion": 2,
        "fallbackAttribute": "anonymous_id", "variations": ["Blue", "Green"], "weights": [0.25, 0.75], "coverage": 0.8,
        "namespace": ["checkout", 0, 0.5], "condition": {"country": {"$in": ["CH", "DE"]}, "deviceType": "mobile"},
        "meta": [{"key": "0", "name": "Control"}, {"key": "1", "name": "Green"}], "phase": "0", "name": "Button",
        "bucketVersion": 3, "minBucketVersion": 1, "disableStickyBucketing": True, "tracks": [], "foo": "bar",
    }  # fmt: skip
    (taken,) = imported({"button": rule}, status="draft").imported
    assert (taken.key, taken.feature, taken.rule, taken.converted.source_key) == (
        "checkout-button", "button", 1, "Checkout.Button",
    )  # fmt: skip
    assert (taken.converted.attribute, taken.converted.values) == ("deviceId", ("Blue", "Green"))
    assert taken.converted.notes == {"device_words", "default_is_not_control"}
    assert taken.converted.experiment == Experiment(
        "draft", ("v0", "v1"), "s-1", (0.25, 0.75), 0.8, 2, ("checkout", 0.0, 0.5),
        Targeting(device=("smartphone", "feature_phone"), countries=("CH", "DE")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "seed"),
    [
        ({"key": "Hero"}, "Hero"),
        ({"key": "Hero", "seed": ""}, "Hero"),
        ({"key": "Hero", "seed": "x y"}, "x y"),
        ({"key": ""}, "hero"),
    ],
)
def test_a_key_that_is_respelled_leaves_the_hashing_as_it_was(rule: dict[str, Any], seed: str) -> None:
    """The seed stays what GrowthBook hashes with."""
    assert only(PLAIN | rule).seed == seed


@pytest.mark.parametrize(
    ("variations", "meta", "names"),
    [
        (["x", "y"], [{"key": "control"}, {"key": "big"}], ("control", "big")),
        (["x", "y"], [{"key": "0"}, {"key": "1"}], ("x", "y")),
        (["x", "y"], [{"key": "control"}], ("x", "y")),
        (["x", "y"], [{"key": "same"}, {"key": "same"}], ("x", "y")),
        ([False, True], None, ("off", "on")),
        ([True, False], None, ("on", "off")),
        ([True, True], None, ("v0", "v1")),
        (["x", "x"], None, ("v0", "v1")),
        ([1, 2, {"a": 1}], None, ("v0", "v1", "v2")),
        (["Old", "new"], None, ("v0", "v1")),
        ([False, "on"], None, ("v0", "v1")),
    ],
)
def test_variants_are_called_what_growthbook_calls_them_if_they_can_be(
    variations: list[Any], meta: Any, names: tuple[str, ...]
) -> None:
    """Its keys, else the values, else off and on, else numbers: all of them in the same way."""
    assert only({"variations": variations, "meta": meta}).variants == names


@pytest.mark.parametrize(
    ("rule", "split"),
    [
        ({"weights": [0.5]}, ((), 1.0)),
        ({"weights": [0.5, 0.3]}, ((), 1.0)),
        ({"weights": [1, 0]}, ((1.0, 0.0), 1.0)),
        ({"coverage": 7}, ((), 1.0)),
        ({"coverage": -1}, ((), 0.0)),
        ({"ranges": [[0, 0.5], [0.5, 1]]}, ((), 1.0)),
        ({"ranges": [[0, 0.25], [0.5, 0.75]], "weights": [0.1, 0.9]}, ((0.5, 0.5), 0.5)),
        ({"ranges": [[0, 0.1], [0.1, 1]], "coverage": 0.99}, ((0.1, 0.9), 1.0)),
    ],
)
def test_weights_coverage_and_ranges_as_growthbook_takes_them(rule: dict[str, Any], split: tuple[Any, float]) -> None:
    """Weights that do not fit are equal ones, coverage has bounds, ranges stand above both."""
    found = only(PLAIN | rule)
    assert (found.weights, found.coverage) == split


@given(st.sets(st.integers(1, 99), min_size=1, max_size=4), st.integers(1, 100), st.sampled_from([1, 2]))
@settings(max_examples=60, deadline=None)
def test_ranges_made_of_hundredths_are_always_taken(cuts: set[int], coverage: int, version: int) -> None:
    """Also where sums of weights land a bit beside them, and a hash on the wrong side."""
    edges = [0, *sorted(cuts), 100]
    ranges = [[start / 100, round(start / 100 + (end - start) * coverage / 1e4, 6)] for start, end in pairwise(edges)]
    found = only({"variations": [*range(len(ranges))], "ranges": ranges, "hashVersion": version})
    hashes = [number / 10_000 for number in range(10_000)] if version == 2 else [n / 1000 for n in range(1000)]
    ours = bucket_ranges(len(ranges), found.coverage, found.weights)
    theirs = [(start, end) for start, end in ranges]
    assert [choose_variation(value, ours) for value in hashes] == [choose_variation(value, theirs) for value in hashes]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"weights": "half"}, "not_as_specified"),
        ({"namespace": ["x"]}, "not_as_specified"),
        ({"force": None}, "force"),
        ({"variations": None, "parentConditions": [{"id": "x", "gate": True}]}, "no_value"),
        ({"force": True, "coverage": 0.5}, "force"),
        ({"active": False}, "inactive"),
        ({"enabled": False}, "inactive"),
        ({"status": "draft"}, "inactive"),
        ({"parentConditions": [{"id": "other", "condition": {"value": True}}]}, "prerequisite"),
        ({"filters": [{"seed": "x", "ranges": [[0, 1]]}]}, "filters"),
        ({"meta": [{}, {"passthrough": True}]}, "holdout"),
        ({"hashAttribute": "userId"}, "personal_split"),
        ({"hashAttribute": "email"}, "personal_split"),
        ({"hashAttribute": "company"}, "other_split"),
        ({"hashAttribute": ""}, "unnamed_split"),
        ({"fallbackAttribute": "userId"}, "fallback_split"),
        ({"hashVersion": 3}, "hash_version"),
        ({"seed": "x" * 129}, "seed"),
        ({"seed": "a\nb"}, "seed"),
        ({"namespace": ["", 0, 1]}, "namespace"),
        ({"namespace": ["x", 0.5, 0.5]}, "namespace"),
        ({"namespace": ["x", 0, 2]}, "namespace"),
        ({"ranges": [[0.1, 0.5], [0.5, 1]]}, "ranges"),
        ({"ranges": [[0, 1]]}, "ranges"),
        ({"ranges": [[0, 0.1], [0.5, 1]]}, "ranges"),
        ({"weights": [1.5, -0.5]}, "ranges"),
        ({"variations": ["a"]}, "variants"),
        ({"variations": [*range(17)]}, "variants"),
        ({"key": "1st"}, "key"),
        ({"key": "x" * 33}, "key"),
        ({"key": "größe"}, "key"),
        ({"key": "language"}, "taken_key"),
        ({"key": "Front"}, "taken_key"),
        ({"key": "old"}, "exists"),
        ({"condition": {"country": "CH", "email": "anna@example.com"}}, "personal_attribute"),
        ({"condition": {"id": "x"}}, "device_attribute"),
        ({"condition": {"anonymous_id": {"$in": ["x"]}}}, "device_attribute"),
        ({"condition": {"premium": True}}, "unknown_attribute"),
        ({"condition": {"country": {"$inGroup": "g"}}}, "saved_group"),
        ({"condition": {"$savedGroups": ["g"]}}, "saved_group"),
        ({"condition": {"country": {"$ne": "CH"}}}, "condition_form"),
        ({"condition": {"country": {"$in": "CH"}}}, "condition_form"),
        ({"condition": {"country": {}}}, "condition_form"),
        ({"condition": {"$and": {"country": "CH"}}}, "condition_form"),
        ({"condition": {"$or": [{"country": "CH"}, {"country": "DE"}]}}, "condition_form"),
        ({"condition": {"country": None}}, "condition_value"),
        ({"condition": {"country": "Switzerland"}}, "condition_value"),
        ({"condition": {"country": ["CH"]}}, "condition_value"),
        ({"condition": {"device": "bot"}}, "condition_value"),
        ({"condition": {"language": {"$in": ["de", "nl"]}}}, "condition_value"),
        ({"condition": {"country": {"$in": []}}}, "reaches_nobody"),
        ({"condition": {"$and": [{"country": "CH"}, {"country": "DE"}]}}, "reaches_nobody"),
    ],
)
def test_what_cannot_be_taken_is_left_out_with_its_reason(rule: dict[str, Any], reason: str) -> None:
    """A closed word for each."""
    site = msgspec.structs.replace(
        SHOP, experiments={"old": Experiment("running", ("a", "b"), "x")}, slots={"front": Slot(("x",))}
    )
    conversion = imported({"hero": PLAIN | rule}, site)
    assert (conversion.imported, reasons(conversion)) == ((), [("hero", 1, [reason])])


def test_all_that_stands_in_the_way_is_named_at_once() -> None:
    """So that it is mended in one go."""
    rule = {"filters": [{}], "hashAttribute": "userId", "condition": {"plan": {"$inGroup": "x"}, "$nor": [{"age": 7}]}}
    found = ["filters", "personal_split", "unknown_attribute", "saved_group", "condition_form", "personal_attribute"]
    assert reasons(imported({"hero": PLAIN | rule})) == [("hero", 1, found)]


def test_of_a_condition_only_attributes_are_named() -> None:
    """Its values may be people, and so may a name that is no name."""
    condition = {"email": {"$in": ["anna@example.com"]}, "$or": [{"vip": "Anna"}], "bob@example.com": True}
    (left,) = imported({"hero": PLAIN | {"condition": condition}}).left_out
    assert "anna" not in repr(left).lower()
    assert "bob" not in repr(left)
    assert {obstacle.detail for obstacle in left.obstacles} == {"email", "vip", "(not shown)", ""}


@pytest.mark.parametrize(
    ("condition", "when"),
    [
        ({}, Targeting()),
        ({"country": "CH"}, Targeting(countries=("CH",))),
        ({"country": {"$eq": "CH"}}, Targeting(countries=("CH",))),
        ({"country": {"$in": ["CH", "DE", "CH"]}}, Targeting(countries=("CH", "DE"))),
        ({"$and": [{"country": {"$in": ["CH", "DE"]}}, {"country": {"$in": ["DE"]}}]}, Targeting(countries=("DE",))),
        ({"device_type": "Tablet"}, Targeting(device=("tablet",))),
        ({"deviceType": {"$in": ["mobile", "smartphone"]}}, Targeting(device=("smartphone", "feature_phone"))),
        ({"locale": "de-CH", "country": "CH"}, Targeting(countries=("CH",), languages=("de-CH",))),
    ],
)
def test_conditions_on_traits_become_targeting(condition: dict[str, Any], when: Targeting) -> None:
    """Country, kind of device, language."""
    assert only(PLAIN | {"condition": condition}).when == when


TESTERS = {"force": "b", "condition": {"email": {"$in": ["anna@example.com"]}}}


@pytest.mark.parametrize(
    "earlier",
    [
        {"force": "b", "condition": {"country": "US"}},
        {"force": "b", "coverage": 0},
        {},
        {"variations": ["a"]},
        PLAIN | {"key": "before", "condition": {"country": {"$in": ["US", "CA"]}}},
        PLAIN | {"key": "before", "namespace": ["n", 0.5, 1]},
    ],
)
def test_an_experiment_after_rules_that_never_get_its_visits_is_taken(earlier: dict[str, Any]) -> None:
    """Of other countries, of nobody, of another part of the namespace."""
    rule = PLAIN | {"namespace": ["n", 0, 0.5], "condition": {"country": "CH"}}
    assert "hero" in imported({"hero": [earlier, rule]}).experiments


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        (TESTERS, "earlier_force_rule"),
        ({"force": "b"}, "earlier_rule"),
        ({"force": "b", "coverage": 0.1}, "earlier_rule"),
        (TESTERS | {"coverage": 0.5}, "earlier_rule"),
        (
            {"force": "b", "condition": {"country": "US"}, "parentConditions": [{"id": "x", "gate": True}]},
            "earlier_rule",
        ),
        ({"force": "b", "condition": {"country": {"$in": ["CH", "US"]}}}, "earlier_force_rule"),
        (PLAIN | {"key": "before", "namespace": ["n", 0.4, 1]}, "earlier_rule"),
        (PLAIN | {"key": "before", "namespace": ["m", 0.5, 1]}, "earlier_rule"),
        (PLAIN | {"key": "before", "coverage": 0.1}, "earlier_rule"),
        ("no rule", "earlier_rule"),
    ],
)
def test_an_experiment_after_rules_that_may_get_its_visits_is_left_out(earlier: Any, reason: str) -> None:
    """GrowthBook would give these visits another value than the variant here."""
    rule = PLAIN | {"namespace": ["n", 0, 0.5], "condition": {"country": "CH"}}
    conversion = imported({"hero": [earlier, rule]})
    assert reasons(conversion)[-1] == ("hero", 2, [reason])
    anyway = imported({"hero": [earlier, rule]}, despite_force_rules=True)
    assert [one.converted.notes for one in anyway.imported if one.key == "hero"] == (
        [{"force_rules_before"}] if reason == "earlier_force_rule" else []
    )


def test_one_experiment_in_several_features_is_taken_once() -> None:
    """If it splits alike in all of them; else nobody knows which is meant."""
    features = {
        "text": {"key": "exp", "variations": ["a", "b"]},
        "size": {"key": "exp", "variations": [1, 2], "weights": [0.5]},
        "id": {"key": "by", "variations": [1, 2]},
        "device": {"key": "by", "variations": [1, 2], "hashAttribute": "deviceId"},
        "x": {"key": "other", "variations": [1, 2]},
        "y": {"key": "other", "variations": [1, 2], "coverage": 0.5},
    }
    conversion = imported(features)
    assert [*conversion.experiments] == ["exp"]
    assert reasons(conversion) == [
        ("size", 1, ["same_experiment"]),
        ("id", 1, ["other_experiment"]),
        ("device", 1, ["other_experiment"]),
        ("x", 1, ["other_experiment"]),
        ("y", 1, ["other_experiment"]),
    ]


def test_keys_with_one_spelling_are_told_apart_or_left_out() -> None:
    """Who is spelled so keeps it; a name may be given to the others."""
    features = {"a.b": PLAIN, "a-b": PLAIN, "C.d": PLAIN, "c/d": PLAIN}
    conversion = imported(features)
    assert {key: one.seed for key, one in conversion.experiments.items()} == {"a-b": "a-b"}
    assert reasons(conversion) == [(key, 1, ["ambiguous_key"]) for key in ("a.b", "C.d", "c/d")]
    named = imported(features, names={"a.b": "dotted", "C.d": "upper"})
    assert {key: one.seed for key, one in named.experiments.items()} == {
        "dotted": "a.b", "a-b": "a-b", "upper": "C.d", "c-d": "c/d",
    }  # fmt: skip


def test_an_experiment_that_is_there_is_replaced_when_told_so() -> None:
    """Never by itself."""
    site = msgspec.structs.replace(SHOP, experiments={"hero": Experiment("stopped", ("x", "y"), "x")})
    assert reasons(imported({"hero": PLAIN}, site)) == [("hero", 1, ["exists"])]
    assert imported({"hero": PLAIN}, site, replace=True).experiments["hero"].seed == "hero"


def test_experiments_that_change_pages_by_themselves_are_left_out() -> None:
    """The visual editor's, redirects."""
    document = {"features": {}, "experiments": [{"key": "home", "variations": [{}, {"css": "x"}]}, 7]}
    conversion = convert(read_payload(json.dumps(document).encode()), SHOP, REGIONS.has_country)
    assert reasons(conversion) == [("home", 0, ["web"]), ("", 0, ["web"])]


@pytest.mark.parametrize("bad", [{"rules": {}}, {"rules": "x"}, 7, None, []])
@pytest.mark.parametrize("wrap", [lambda it: {"features": it}, lambda it: it])
def test_a_feature_of_odd_shape_is_left_out_by_itself(bad: Any, wrap: Any) -> None:
    """The others are taken all the same."""
    document = {"bad": bad, "hero": {"rules": [PLAIN]}, "worse": bad}
    conversion = convert(read_payload(json.dumps(wrap(document)).encode()), SHOP, REGIONS.has_country)
    assert [*conversion.experiments] == ["hero"]
    assert reasons(conversion) == [("bad", 0, ["odd_feature"]), ("worse", 0, ["odd_feature"])]


def test_a_name_for_an_experiment_that_is_not_there_is_told() -> None:
    """One that is left out for other reasons is there."""
    features = {"a.b": PLAIN, "c": PLAIN | {"key": "d", "filters": [{}]}, "plain": {"force": 1}}
    names = {"a.b": "x", "d": "y", "c": "z", "plain": "p", "A.b": "q"}
    assert imported(features, names=names).unused_names == ("c", "plain", "A.b")


def test_a_map_of_features_alone_is_a_payload() -> None:
    """As SDKs take it, too."""
    payload = read_payload(b'{"hero": {"rules": [{"variations": [1, 2]}]}, "plain": {"defaultValue": 1}}')
    assert [*convert(payload, SHOP, REGIONS.has_country).experiments] == ["hero"]


def test_a_byte_order_mark_before_a_payload_is_read_over() -> None:
    """As a file has it that went through Windows."""
    content = b'{"hero": {"rules": [{"variations": [1, 2]}]}}'
    assert read_payload(b"\xef\xbb\xbf" + content) == read_payload(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_a_payload"),
        (b'{"features": [{"id": "x"}]}', "not_a_payload"),
        (b'{"features": null}', "not_a_payload"),
        (b'{"error": {"message": "anna@example.com"}}', "not_a_payload"),
        (b'{"status": 404, "error": "anna@example.com"}', "not_a_payload"),
        (b'{"features": {}, "encryptedFeatures": "m5ylFM6ndyOJA2OPadubkw=="}', "encrypted"),
        (b"1" * (16 << 20) + b"1", "too_large"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_is_no_payload_is_refused_in_words(content: bytes, reason: PayloadRefusal) -> None:
    """And nothing of it is repeated."""
    with pytest.raises(PayloadRefusedError) as caught:
        read_payload(content)
    assert (caught.value.reason, str(caught.value)) == (reason, REFUSALS[reason])


def test_every_reason_and_note_has_words() -> None:
    """None can end in a KeyError."""
    assert {*REASONS} == {*get_args(LeftOutReason)}
    assert {*NOTES} == {*get_args(Note)}
    assert {*REFUSALS} == {*get_args(PayloadRefusal)}


share = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 1 / 3, 0.5, 0.7, 1.0]), st.floats(0, 1))


@st.composite
def rules(draw: Any) -> dict[str, Any]:
    """Experiment rules without conditions, of which most can be taken."""
    n = draw(st.integers(2, 5))
    parts = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n).filter(any))
    rule: dict[str, Any] = {"variations": [*range(n)]}
    optional = {
        "key": st.text(max_size=20),
        "seed": st.text(max_size=20),
        "hashVersion": st.sampled_from([1, 2]),
        "coverage": share,
        "weights": st.just([part / sum(parts) for part in parts]),
        "namespace": st.tuples(st.text(max_size=5), share, share),
    }
    for name, values in optional.items():
        if draw(st.booleans()):
            rule[name] = draw(values)
    if draw(st.booleans()):
        rule["ranges"] = bucket_ranges(n, draw(share), [part / sum(parts) for part in parts])
        rule["ranges"] = [[round(start, 6), round(end, 6)] for start, end in rule["ranges"]]
    return rule


def by_growthbook(rule: dict[str, Any], feature: str, device: str) -> int:
    """The draw of an id, by the payload alone."""
    if rule.get("namespace") and not in_namespace(device, tuple(rule["namespace"])):
        return OUTSIDE_NAMESPACE
    key = rule.get("key") or feature
    value = hash_value(rule.get("seed") or key, device, rule.get("hashVersion") or 1)
    assert value is not None
    ranges = rule.get("ranges") or bucket_ranges(
        len(rule["variations"]), rule.get("coverage", 1.0), rule.get("weights", ())
    )
    return choose_variation(value, ranges)


@settings(max_examples=150, deadline=None)
@given(rule=rules(), devices=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=30))
def test_what_is_taken_splits_as_in_growthbook_and_is_sound(rule: dict[str, Any], devices: list[str]) -> None:
    """Whatever the ids are: the same variant, or out for the same reason; and a site with it has no mistakes."""
    conversion = imported({"hero": rule}, names={rule.get("key") or "hero": "hero"})
    assert len(conversion.imported) + len(conversion.left_out) == 1
    for one in conversion.experiments.values():
        bucketing = Bucketing(one.seed, len(one.variants), one.weights, one.coverage, one.hash_version, one.namespace)
        for device in devices:
            assert Bucketer([bucketing]).bucket(device) == (by_growthbook(rule, "hero", device),)
    with_it = msgspec.structs.replace(SHOP, experiments=conversion.experiments)
    assert mistakes(with_it, TAGS, REGIONS) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from(
    [
        "variations",
        "weights",
        "coverage",
        "condition",
        "namespace",
        "ranges",
        "meta",
        "hashVersion",
        "force",
        "key",
        "seed",
    ]
)
conditions = st.recursive(
    st.dictionaries(st.sampled_from(["country", "email", "$in", "$eq", "$inGroup", "device"]), json_values, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(["$and", "$or", "$not", "country"]), inner | st.lists(inner, max_size=2), max_size=2
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(names, json_values, max_size=5)
        | st.builds(lambda it: PLAIN | {"condition": it}, conditions)
        | json_values,
        max_size=4,
    )
)
def test_whatever_stands_in_a_payload_comes_to_an_end(found: list[Any]) -> None:
    """Every rule is taken or left out with a reason, and what is taken is sound."""
    conversion = imported({"hero": found})
    assert len(conversion.imported) + len(conversion.left_out) == len(found)
    assert all(left.obstacles for left in conversion.left_out)
    assert mistakes(msgspec.structs.replace(SHOP, experiments=conversion.experiments), TAGS, REGIONS) == []
