"""The guard's own logic: what warns, what fails, what is named, and that all it can compare with is kept."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # this folder is no package

import guard
import steps
from rounds import Bench

KEPT = {"zipf": 1.0, "fresh": 0.4}


class FakeBench:
    """Servers of which each answer costs what a test says, in turn with every round."""

    rounds = 2

    def __init__(self, us: dict[tuple[str, str], list[float]]) -> None:
        self.us = us
        self.driven: list[tuple[str, str]] = []

    def server(self, name: str) -> str:
        return name

    def warm_up(self, name: str, requests: str, connections: int) -> None:
        pass

    def drive(self, server: str, requests: str, connections: int, *, start: int) -> Any:
        round_ = self.driven.count((server, requests))
        self.driven.append((server, requests))
        return SimpleNamespace(us_per_answer=self.us[server, requests][round_])


def measured(us: dict[tuple[str, str], list[float]], names: list[str]) -> tuple[FakeBench, dict[str, float]]:
    bench = FakeBench(us)
    return bench, guard.measure(cast("Bench", bench), names)


def test_a_ratio_is_of_the_best_rounds_of_both() -> None:
    _, ratios = measured({("service", "zipf"): [50.0, 40.0], ("const", "zipf"): [30.0, 90.0]}, ["zipf"])
    assert ratios == {"zipf": 30 / 40}


def test_a_batch_is_compared_by_the_visit() -> None:
    _, ratios = measured({("service", "zipf-100"): [1500.0, 1600.0], ("const", "zipf"): [30.0, 30.0]}, ["batch"])
    assert ratios == {"batch": 2.0}


def test_what_several_races_ask_for_is_measured_once_a_round_and_all_in_turn() -> None:
    us = {pair: [10.0, 10.0] for pair in (("service", "zipf"), ("const", "zipf"), ("service", "fresh"))}
    bench, _ = measured(us, ["zipf", "fresh"])
    assert sorted(bench.driven[:3]) == sorted(us)
    assert bench.driven[3:] == bench.driven[:3][::-1]


@pytest.mark.parametrize(
    "ratio, warns, fails",
    [(1.0, False, False), (0.86, False, False), (0.84, True, False), (0.71, True, False), (0.69, True, True)],
)
def test_fifteen_percent_less_warns_and_thirty_fails(ratio: float, warns: bool, fails: bool) -> None:
    ratios = {"zipf": ratio, "fresh": 0.4}
    assert ("zipf" in guard.compare(ratios, KEPT), guard.failing(ratios, KEPT) == ["zipf"]) == (warns, fails)
    assert ("WARNING" in guard.lines(ratios, {}, KEPT)[0]) == warns


def test_a_second_measurement_that_is_better_does_not_fail() -> None:
    assert guard.failing({"zipf": 0.5}, KEPT) == ["zipf"]
    assert guard.failing({"zipf": 0.8}, KEPT) == []


def test_the_step_that_grew_is_named_and_one_that_did_not_is_not() -> None:
    kept = dict.fromkeys((step for race in steps.STEPS_OF.values() for step in race), 5.0)
    told = guard.step_lines(["batch"], kept | {"read an item": 9.0}, kept)
    assert told[-1] == "what grew: read an item (now 1.8 of what it was)"
    assert [line for line in told if "GREW" in line] == [told[0]]


def test_where_no_step_grew_the_report_says_where_else_to_look() -> None:
    kept = dict.fromkeys(steps.STEPS_OF["OFREP"], 5.0)
    assert "no step of a visit" in guard.step_lines(["OFREP"], kept, kept)[-1]


def test_a_small_step_that_wavers_has_not_grown() -> None:
    assert steps.grown({"small": 0.9, "large": 12.0}, {"small": 0.6, "large": 10.0}) == {"large": 1.2}


def test_every_race_and_every_step_has_a_kept_figure() -> None:
    kept = json.loads(guard.KEPT.read_text())
    assert kept["ratios"].keys() == guard.RACES.keys() == steps.STEPS_OF.keys()
    assert kept["steps"].keys() == {step for race in steps.STEPS_OF.values() for step in race}
