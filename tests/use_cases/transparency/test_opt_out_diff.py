"""What the other choice would change: every difference between two answers that a person would see, in either direction."""

from typing import Any

import msgspec
import pytest

from service.core.device import Device
from service.core.languages.matching import Language
from service.core.privacy import PURPOSES, Withheld
from service.core.recommendation import Assignment, Cohort, Decision, SignalStatus
from service.core.region import UNKNOWN_REGION, Region
from service.core.sites import SlotRanking
from service.use_cases.transparency.opt_out_diff import opt_out_diff
from service.use_cases.transparency.sentences import SENTENCE_KEYS, Context, Sentence, SentenceKey
from tests.use_cases.transparency.test_explanation_of_a_decision import DECISION, USUAL, amid

ENDED = ("cohort", "statistics", "experiments", "interests")
NOTHING_LEFT = msgspec.structs.replace(
    DECISION.privacy,
    allowed=("language", "region", "device"),
    withheld=tuple(Withheld(purpose, "opt_out") for purpose in PURPOSES if purpose in ENDED),
    signals_used=("ip", "accept_language", "user_agent", "opt_out"),
)
SWISS = DECISION.region


def changed(decision: Decision, **parts: Any) -> Decision:
    return msgspec.structs.replace(decision, **parts)


OUT = changed(
    DECISION,
    cohort=None,
    experiments={"hero": Assignment("a", False, "withheld")},
    slots={"front": SlotRanking(("app", "spring"), "default")},
    interests=(),
    privacy=NOTHING_LEFT,
)


def said(now: Decision, instead: Decision, context: Context = USUAL) -> dict[SentenceKey, Any]:
    sentences = opt_out_diff(now, instead, context)
    assert {sentence.topic for sentence in sentences} == {"changes"}
    assert len({sentence.key for sentence in sentences}) == len(sentences)
    return {sentence.key: sentence.values for sentence in sentences}


def test_an_opt_out_is_told_by_everything_that_it_would_end() -> None:
    """Uses, counts, the group, the variant, the order of a slot, and interests."""
    assert said(DECISION, OUT) == {
        "change_uses_end": {"purposes": ENDED},
        "change_count_ends": {},
        "change_cohort_ends": {"cohort": "CH/smartphone"},
        "change_variant": {"experiment": "hero", "variant": "a", "other_variant": "b"},
        "change_slot": {"slot": "front", "options": ("app", "spring"), "other_options": ("spring", "app")},
        "change_interests_end": {"topics": ("shoes",)},
    }


def test_taking_it_back_is_told_by_everything_that_would_return() -> None:
    """The same, the other way round."""
    assert said(OUT, DECISION) == {
        "change_uses_return": {"purposes": ENDED},
        "change_count_returns": {},
        "change_cohort_returns": {"cohort": "CH/smartphone"},
        "change_variant": {"experiment": "hero", "variant": "b", "other_variant": "a"},
        "change_slot": {"slot": "front", "options": ("spring", "app"), "other_options": ("app", "spring")},
        "change_interests_return": {"topics": ("shoes",)},
    }


def test_where_nothing_is_counted_no_count_ends_or_returns() -> None:
    """Neither as a count nor as a use; all else is as it would be."""
    counted, uncounted = said(DECISION, OUT), said(DECISION, OUT, amid(counting=False))
    assert counted.keys() - uncounted.keys() == {"change_count_ends"}
    assert uncounted["change_uses_end"] == {"purposes": ("cohort", "experiments", "interests")}
    returning = said(OUT, DECISION, amid(counting=False))
    assert "change_count_returns" not in returning
    assert "statistics" not in returning["change_uses_return"]["purposes"]


def test_nothing_is_said_to_be_so() -> None:
    """Where an opt-out ends nothing any more, and where taking it back returns nothing."""
    unused = msgspec.structs.replace(NOTHING_LEFT, signals_used=("ip",))
    assert opt_out_diff(changed(OUT, privacy=unused), OUT, USUAL) == (Sentence("changes", "change_nothing_ends", {}),)
    assert opt_out_diff(OUT, changed(OUT, privacy=unused), USUAL) == (
        Sentence("changes", "change_nothing_returns", {}),
    )


@pytest.mark.parametrize(
    ("now", "instead", "key"),
    [
        ({"language": Language("fr", 1.0, "cookie", ())}, {}, "change_language"),
        ({"language": Language("de-CH", 1.0, "cookie", ())}, {}, "change_language_confidence"),
        ({"region": Region("FR", None, None, None, None, None, None, 1.0, "cookie")}, {}, "change_region"),
        ({"region": msgspec.structs.replace(SWISS, confidence=1.0)}, {}, "change_region_confidence"),
        ({}, {"region": UNKNOWN_REGION}, "change_region_ends"),
        ({}, {"region": UNKNOWN_REGION}, "change_time_zone_ends"),
        ({"region": UNKNOWN_REGION}, {}, "change_region_returns"),
        ({"region": UNKNOWN_REGION}, {}, "change_time_zone"),
        ({"experiments": {"hero": Assignment("a", True, "split")}}, {}, "change_experiment_ends"),
    ],
)
def test_each_thing_that_shows_is_told(now: dict[str, Any], instead: dict[str, Any], key: SentenceKey) -> None:
    """With an opt-out goes the consent that a regime may ask for language and region, and what a group taught."""
    assert key in said(changed(DECISION, **now), changed(OUT, **instead))
    assert key not in said(DECISION, OUT)


@pytest.mark.parametrize("part", ["QC", "ON", "BC", "NU"])
@pytest.mark.parametrize("zone", ["America/Toronto", "America/Vancouver", "America/Iqaluit"])
def test_where_only_the_part_of_a_country_goes_the_time_zone_is_told_to_go_with_it(part: str, zone: str) -> None:
    """The region with it and without, and the time zone, for an opt-out ends consent to both; and the same back again."""
    whole = Region("CA", part, None, "CAD", zone, "metric", "sun", 0.95, "edge")
    alone = msgspec.structs.replace(whole, subdivision=None, time_zone=None)
    ending = said(changed(DECISION, region=whole), changed(OUT, region=alone))
    assert ending["change_region"] == {"place": "CA", "percent": 95, "other_place": f"CA-{part}"}
    assert ending["change_time_zone_ends"] == {"time_zone": zone}
    returning = said(changed(OUT, region=alone), changed(DECISION, region=whole))
    assert returning["change_region"] == {"place": f"CA-{part}", "percent": 95, "other_place": "CA"}
    assert returning["change_time_zone"] == {"time_zone": zone}
    assert "change_time_zone_ends" not in returning


def test_who_knew_no_region_is_told_of_none() -> None:
    """Nothing is lost."""
    parts = {"region": UNKNOWN_REGION}
    assert not any("region" in key for key in said(changed(DECISION, **parts), changed(OUT, **parts)))


def test_a_program_that_is_never_counted_loses_no_count() -> None:
    """It is permitted as anybody's visit is, and still adds nothing."""
    bot = Device("bot", "linux", "other", "standard", bot=True, source="user_agent")
    assert "change_count_ends" not in said(changed(DECISION, device=bot), changed(OUT, device=bot))


def test_an_objection_takes_a_program_out_of_the_number_of_its_kind() -> None:
    """And taking it back lets it in, whatever the rules allow; with Global Privacy Control it is out either way."""
    strict = msgspec.structs.replace(NOTHING_LEFT, bot_kind="training", signals_used=("user_agent",))
    free = changed(OUT, privacy=strict)
    out = changed(OUT, privacy=msgspec.structs.replace(strict, signals_used=("user_agent", "opt_out")))
    assert said(free, out) == {"change_bot_count_ends": {}}
    assert said(out, free) == {"change_bot_count_returns": {}}
    honoured = SignalStatus("honoured")
    both = [
        changed(each, privacy=msgspec.structs.replace(each.privacy, signal_status=honoured)) for each in (free, out)
    ]
    assert said(*both) == {"change_nothing_ends": {}}
    assert said(*reversed(both)) == {"change_nothing_returns": {}}


def test_every_change_can_be_said() -> None:
    """No word waits for a pair of decisions that cannot come."""
    spanish = Region("ES", None, None, None, None, None, None, 1.0, "cookie")
    taking_part = {"hero": Assignment("a", True, "split")}
    bot = changed(DECISION, privacy=msgspec.structs.replace(DECISION.privacy, bot_kind="tool"))
    pairs = [
        (DECISION, OUT),
        (OUT, DECISION),
        (OUT, OUT),
        (changed(OUT, privacy=msgspec.structs.replace(NOTHING_LEFT, signals_used=())), OUT),
        (changed(DECISION, language=Language("fr", 1.0, "cookie", ()), region=spanish, experiments=taking_part), OUT),
        (changed(DECISION, language=Language("de-CH", 1.0, "cookie", ())), changed(OUT, region=UNKNOWN_REGION)),
        (changed(DECISION, region=msgspec.structs.replace(SWISS, confidence=1.0)), OUT),
        (changed(OUT, region=UNKNOWN_REGION), DECISION),
        (OUT, changed(DECISION, experiments=taking_part, cohort=Cohort("all", (), None))),
        (bot, changed(bot, privacy=NOTHING_LEFT)),
        (changed(OUT, privacy=msgspec.structs.replace(NOTHING_LEFT, bot_kind="tool")), bot),
    ]
    found = {key for now, instead in pairs for key in said(now, instead)}
    assert found == {key for key in SENTENCE_KEYS if key.startswith("change_")}
