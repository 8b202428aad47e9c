"""Reports on experiments: what was released in whole closed intervals, on stated terms, under the same limits."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest

from service.core.groups.counts import PrivacyParameters, Released
from service.core.groups.interval import Interval
from service.core.groups.release import noise_scales, release
from service.core.sites import Experiment, Site, SiteRules, Slot
from service.ports import StoreError
from service.use_cases.counting.report import ExperimentReport, Reports

HOUR_S = 3600
NOON_S = 20_000 * 86400 + 12 * HOUR_S
TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
ABSENT = cast("Any", None)
SITE = Site(
    "demo",
    ("en",),
    "en",
    slots={"front": Slot(("spring", "app"))},
    experiments={
        "hero": Experiment("running", ("a", "b"), "hero"),
        "old": Experiment("stopped", ("a", "b", "c"), "old", (0.5, 0.25, 0.25)),
    },
)
RULES = SiteRules(SITE, ABSENT, ABSENT, ABSENT, {})
CELLS = {
    "all|exposed:hero:a": 1000,
    "all|exposed:hero:b": 1010,
    "all|converted:hero:a": 200,
    "all|converted:hero:b": 240,
}


class ReleasedOnly:
    """A store that has the same released cells in every interval but some; or that fails."""

    def __init__(self, cells: dict[str, int], failure: StoreError | None = None, unreleased: int = 0) -> None:
        self.cells = cells
        self.failure = failure
        self.unreleased = unreleased

    async def released(self, site: str, intervals: Sequence[Interval]) -> list[Released | None]:
        assert site == "demo"
        if self.failure is not None:
            raise self.failure
        return [
            Released(interval, TERMS, self.cells) if index >= self.unreleased else None
            for index, interval in enumerate(intervals)
        ]


def read(store: Any, key: str = "hero", window: str = "24h", **given: int) -> Any:
    reports = Reports(store, HOUR_S, TERMS, lambda *_: None, lambda: NOON_S + 900, **given)
    return asyncio.run(reports.experiment(RULES, key, window))


def test_an_experiment_is_reported_with_its_terms() -> None:
    """The window's closed intervals, the noise on these kinds of count, and nothing about cohorts."""
    found = read(ReleasedOnly(CELLS, unreleased=4))
    assert isinstance(found, ExperimentReport)
    assert (found.site, found.experiment, found.status, found.window) == ("demo", "hero", "running", "24h")
    assert (found.to[11:], found.intervals, found.intervals_released, found.k) == ("12:00:00Z", 24, 20, 100)
    assert found.noise_scales == {kind: noise_scales(TERMS, 1)[kind] for kind in ("exposed", "converted")}
    assert [row.exposures.count for row in found.variants] == [20_000, 20_200]
    assert found.variants[1].lift.intervals == found.sample_ratio_test.intervals == 20
    assert (found.warnings, [note.code for note in found.notes]) == (
        (),
        ["counted_once", "later_conversions", "one_look"],
    )
    assert b"cohort" not in msgspec.json.encode(found)


def test_a_stopped_experiment_has_results_and_more_variants_a_note() -> None:
    """With the weights that it had, and all null while nothing is released."""
    found = read(ReleasedOnly({}), "old", "1h")
    assert (found.status, [row.weight for row in found.variants]) == ("stopped", [0.5, 0.25, 0.25])
    assert (found.sample_ratio_test, found.variants[2].rate) == (None, None)
    assert [warning.code for warning in found.warnings] == ["too_early", "held_back"]
    assert found.notes[3].code == "several_comparisons"


def test_what_a_release_lets_out_is_what_is_reported() -> None:
    """From raw counts of several cohorts, by the real release, to the figures of everybody."""
    raw = {
        f"{cohort}|{kind}:hero:{variant}": count
        for cohort in ("CH/smartphone/android", "DE/desktop/windows", "all")
        for kind, variant, count in (("exposed", "a", 400), ("exposed", "b", 410), ("converted", "a", 60), ("converted", "b", 30))
    }  # fmt: skip
    quiet = PrivacyParameters(100, 20, 1.0, "off")
    made = release(Interval(0, HOUR_S), raw, {}, None, quiet, 1, lambda _: "europe", list)
    found = read(ReleasedOnly(dict(made.cells)), window="1h")
    assert [(row.exposures.count, row.conversions.count) for row in found.variants] == [(1200, 180), (1230, None)]
    assert (found.variants[0].rate.value, found.variants[1].rate, found.variants[1].lift) == (0.15, None, None)


@pytest.mark.parametrize("kind", ["connection", "timeout"])
def test_a_store_that_fails_is_no_report(kind: Any) -> None:
    """As with the others."""
    assert read(ReleasedOnly(CELLS, StoreError(kind))) == "unavailable"


def test_readers_of_experiments_are_among_the_few() -> None:
    """They wait in the same line, which has an end."""
    assert read(ReleasedOnly(CELLS), reads_max=0, waiting_max=0) == "busy"
