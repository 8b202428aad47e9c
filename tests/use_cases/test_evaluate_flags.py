"""An answer as flags: each recommendation, slot and experiment under its key, with a reason that SDKs know."""

from typing import get_args

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from service.core.device import UNKNOWN_DEVICE, Device
from service.core.experiments.assignment import Assigned, Assignment, AssignmentReason, EncodedAssignment
from service.core.languages.matching import Candidate, Language
from service.core.privacy import Purpose, Withheld, WithheldReason
from service.core.recommendation import Cohort, Decision, Privacy, SignalStatus
from service.core.region import UNKNOWN_REGION, Region
from service.core.sites import FIXED_FLAGS, Experiment, Site, Slot, SlotRanking
from service.use_cases.evaluate_flags import (
    NO_VARIANT,
    Flag,
    evaluate_flag,
    experiment_flag,
    has_flag,
    recommended_flags,
)

PRIVACY = Privacy("CH", "2026-11-22", (), (), (), (), SignalStatus("absent"))
KNOWN = Decision(
    "shop",
    Language("de-CH", 0.75, "accept_language", (Candidate("fr", 0.2), Candidate("en", 0.05))),
    Region("CH", "ZH", "dach", "CHF", "Europe/Zurich", "metric", "mon", 0.95, "ip"),
    Device("smartphone", "android", "chrome", "lite", bot=False, source="client_hints"),
    Cohort("CH/smartphone", ("os",), "sealed"),
    {},
    {"front": SlotRanking(("app", "spring"), "cohort"), "side": SlotRanking(("x", "y"), "default")},
    (),
    PRIVACY,
    300,
)
UNKNOWN = Decision(
    "shop", Language("en", 0.0, "default", ()), UNKNOWN_REGION, UNKNOWN_DEVICE, None, {}, {}, (), PRIVACY, 300
)
NOBODY = Assigned([], b"{}", "")


def assigned(**experiments: Assignment) -> Assigned:
    return Assigned([EncodedAssignment(key, one, b"", "") for key, one in experiments.items()], b"", "")


def flags_of(decision: Decision) -> dict[str, Flag]:
    return {flag.key: flag for flag in recommended_flags(decision)}


def withheld(decision: Decision, purpose: Purpose, reason: WithheldReason) -> Decision:
    return replace(decision, privacy=replace(PRIVACY, withheld=(Withheld(purpose, reason),)))


def test_what_is_known_of_a_visit_is_its_value() -> None:
    """As a text, and the variant is the same text."""
    flags = flags_of(KNOWN)
    assert {key: flag.value for key, flag in flags.items()} == {
        "language": "de-CH", "country": "CH", "market": "dach", "currency": "CHF", "device": "smartphone",
        "tier": "lite", "cohort": "CH/smartphone", "front": "app", "side": "x",
    }  # fmt: skip
    assert all(flag.variant == flag.value for flag in flags.values())


def test_flags_stand_in_a_fixed_order() -> None:
    """Those of every site, all of them, then the slots'."""
    assert [*flags_of(UNKNOWN)] == ["language", "country", "market", "currency", "device", "tier", "cohort"]
    assert flags_of(UNKNOWN).keys() == FIXED_FLAGS
    assert [*flags_of(KNOWN)][7:] == ["front", "side"]


def test_a_signal_of_the_visit_makes_a_match_and_the_sites_own_is_static() -> None:
    flags = flags_of(KNOWN)
    assert {key for key, flag in flags.items() if flag.reason == "TARGETING_MATCH"} == flags.keys() - {"side"}
    assert flags["side"].reason == flags_of(UNKNOWN)["language"].reason == flags_of(UNKNOWN)["tier"].reason == "STATIC"


@pytest.mark.parametrize("key", ["country", "market", "currency", "device", "cohort"])
def test_what_is_not_known_has_no_value(key: str) -> None:
    """So that the caller's own default holds; the variant says so, for SDKs want one."""
    flag = flags_of(UNKNOWN)[key]
    assert (flag.value, flag.variant, flag.reason) == (UNSET, NO_VARIANT, "DEFAULT")
    assert "value" not in msgspec.to_builtins(flag)


@pytest.mark.parametrize(
    "purpose, keys",
    [("region", {"country", "market", "currency"}), ("device", {"device", "tier"}), ("cohort", {"cohort"})],
)
def test_what_may_not_be_known_says_why(purpose: Purpose, keys: set[str]) -> None:
    """The reason that it is withheld for, in the flags of its purpose alone."""
    flags = flags_of(withheld(UNKNOWN, purpose, "consent_required"))
    assert {key for key, flag in flags.items() if flag.metadata["reason"] == "consent_required"} == keys
    chosen = withheld(KNOWN, purpose, "denied")
    assert all(flag.metadata["reason"] != "denied" for flag in flags_of(chosen).values())


def test_a_market_may_be_missing_where_the_country_is_known() -> None:
    """It has no value, and the reason is the country's."""
    flag = flags_of(replace(KNOWN, region=replace(KNOWN.region, market=None)))["market"]
    assert (flag.value, flag.reason, flag.metadata) == (UNSET, "DEFAULT", {"reason": "ip"})


def test_metadata_say_what_else_a_page_can_use() -> None:
    """Primitives alone: SDKs drop all else."""
    flags = flags_of(KNOWN)
    assert flags["language"].metadata == {"reason": "accept_language", "confidence": 0.75, "alternatives": "fr,en"}
    assert flags["country"].metadata == {"reason": "ip", "confidence": 0.95}
    assert flags["device"].metadata == {"reason": "client_hints", "os": "android", "browser": "chrome", "bot": False}
    assert flags["cohort"].metadata == {"reason": "cohort", "generalized": "os", "token": "sealed"}
    assert flags["front"].metadata == {"reason": "cohort", "options": "app,spring"}
    for flag in flags.values():
        assert all(isinstance(value, str | float | bool) for value in flag.metadata.values())


def test_without_statistics_there_is_no_token() -> None:
    flag = flags_of(replace(KNOWN, cohort=Cohort("all", (), None)))["cohort"]
    assert flag.metadata == {"reason": "cohort", "generalized": ""}


@pytest.mark.parametrize("reason", get_args(AssignmentReason))
def test_an_experiments_flag_is_its_variant(reason: AssignmentReason) -> None:
    """A split by the device's id, an experiment that is over, and the rest."""
    within = reason in ("split", "cookie")
    flag = experiment_flag("hero", Assignment("b", within, reason))
    assert (flag.key, flag.value, flag.variant) == ("hero", "b", "b")
    assert flag.reason == {"split": "SPLIT", "stopped": "DISABLED"}.get(reason, "DEFAULT")
    assert flag.metadata == {"reason": reason, "in_experiment": within}


def test_one_flag_is_the_same_as_among_all() -> None:
    of = assigned(hero=Assignment("a", False, "bot"))
    for flag in [*recommended_flags(KNOWN), experiment_flag("hero", of.experiments["hero"])]:
        assert evaluate_flag(KNOWN, of, flag.key) == flag
    assert evaluate_flag(KNOWN, of, "checkout") is None
    assert evaluate_flag(KNOWN, NOBODY, "hero") is None


def test_a_site_has_flags_for_all_but_drafts() -> None:
    """A visitor must not learn of what is only planned."""
    site = Site(
        "shop",
        ("en",),
        "en",
        experiments={
            status: Experiment(status, ("a", "b"), "s")  # type: ignore[arg-type]
            for status in ("draft", "running", "stopped")
        },
        slots={"front": Slot(("x",))},
    )
    keys = [*FIXED_FLAGS, "front", "draft", "running", "stopped", "none", ""]
    assert {key for key in keys if not has_flag(site, key)} == {"draft", "none", ""}
