"""Warnings about the figures of one experiment or slot, and notes on how all such figures are to be read.

Closed codes for programs, each with a sentence for people. ``results`` and ``aggregates`` find out which apply.
"""

from typing import Literal

from msgspec import Struct

WarningCode = Literal[
    "sample_ratio_mismatch", "variant_missing", "more_conversions_than_exposures", "more_rewards_than_offers",
    "sample_ratio_untested", "near_k", "too_early", "held_back", "noisy",
]  # fmt: skip
NoteCode = Literal["counted_once", "later_conversions", "one_look", "several_comparisons"]

# GrowthBook's own thresholds: its `DEFAULT_SRM_THRESHOLD`, and a metric's usual `minSampleSize` for each variation.
MISMATCH_BELOW = 0.001
CONVERSIONS_MIN = 150


class ResultWarning(Struct, frozen=True, gc=False):
    """Why these figures are to be doubted."""

    code: WarningCode
    text: str


class ResultNote(Struct, frozen=True, gc=False):
    """How figures of this kind are to be read."""

    code: NoteCode
    text: str


def sample_ratio_mismatch(p_value: float) -> ResultWarning:
    return ResultWarning(
        "sample_ratio_mismatch",
        f"The variants' shares of the exposures are not the configured ones (p = {p_value:.2g}). Do not trust the "
        "rates before you know why: one variant may break pages, or count its exposures otherwise, or the weights "
        "were changed within the window.",
    )


def variant_missing(intervals: int) -> ResultWarning:
    return ResultWarning(
        "variant_missing",
        f"A variant had too few exposures to be told of in {_intervals(intervals)} in which its weight and the others' "
        "exposures promised far more. Do not trust the rates before you know why: the variant may be broken, or the "
        "weights were changed within the window.",
    )


def more_conversions_than_exposures(variants: int) -> ResultWarning:
    return ResultWarning(
        "more_conversions_than_exposures",
        f"{'One variant' if variants == 1 else f'{variants} variants'} had more conversions than exposures. There they "
        "are clipped to the exposures, and such intervals (`clipped`) are in no rate and no lift. Conversions are "
        "reported without exposures, or of devices exposed in earlier intervals, or somebody makes them up.",
    )


def more_rewards_than_offers(options: int) -> ResultWarning:
    return ResultWarning(
        "more_rewards_than_offers",
        f"{'One option' if options == 1 else f'{options} options'} had more rewards than offers. There they are "
        "clipped to the offers, and such intervals (`clipped`) are in no rate; nothing is learned from them. Rewards "
        "are reported of options that did not stand first, or again and again, or somebody makes them up.",
    )


def sample_ratio_untested() -> ResultWarning:
    return ResultWarning(
        "sample_ratio_untested",
        "Whether the variants' shares of the exposures are the configured ones could not be tested: in each interval "
        "some variant had too few exposures, or might have had. A mismatch would not be seen. Lengthen "
        "release_minutes.",
    )


def near_k() -> ResultWarning:
    return ResultWarning(
        "near_k",
        "Conversions are too near k, or below it, to give each variant a rate and a lift without favour: those told "
        "would be of the intervals that happened to have more. Lengthen release_minutes.",
    )


def too_early() -> ResultWarning:
    return ResultWarning(
        "too_early",
        f"It is too early to judge: not every variant is known to have {CONVERSIONS_MIN} conversions in this window.",
    )


def held_back(intervals: int, released: int) -> ResultWarning:
    return ResultWarning(
        "held_back",
        f"{intervals} of {_intervals(released)} held back a count of this experiment, or had none. Counts are sums "
        "of what was told. Rates and lifts are of the busier intervals, chosen by exposures.",
    )


def noisy() -> ResultWarning:
    return ResultWarning(
        "noisy",
        "The noise makes a figure more uncertain than chance does. Intervals and p-values allow for it, but over few "
        "release intervals its tails are longer than they assume: read a longer window.",
    )


def notes(comparisons: int) -> tuple[ResultNote, ...]:
    """The notes on every experiment with so many variants beside control."""
    common_notes = (
        ResultNote(
            "counted_once",
            "A device is counted once as far as the device itself says so: one whose cookie is gone counts again.",
        ),
        ResultNote(
            "later_conversions",
            "A conversion counts when it happens: some are of devices that were exposed before the window, and of "
            "those exposed in it some are yet to convert.",
        ),
        ResultNote(
            "one_look",
            "Intervals and probabilities are for one look at a window chosen beforehand. Whoever looks until something "
            "stands out will find it, far more often than 5 times in 100, where there is nothing.",
        ),
    )
    if comparisons < 2:  # noqa: PLR2004  # two comparisons are several
        return common_notes
    several = ResultNote(
        "several_comparisons",
        f"{comparisons} variants are compared with control, and nothing is corrected for that: each interval is wrong "
        "5 times in 100 by itself.",
    )
    return (*common_notes, several)


def _intervals(count: int) -> str:
    return f"{count} released interval" + ("" if count == 1 else "s")
