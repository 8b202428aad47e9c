"""What the mirror tells beyond the decision: how large a group is, where rules come from, what is kept and how long."""

from typing import Any

import msgspec
import pytest

from service.core.groups.counts import PrivacyParameters
from service.core.privacy import PURPOSES, Policy, Purpose, Regime, RowReading
from service.core.recommendation import SignalStatus
from service.use_cases.transparency.explanation import KEPT_BY, explain_decision, explain_visit, is_outdated, levels_of
from service.use_cases.transparency.inventory import DeploymentFacts, Lifetimes, retention_entries
from service.use_cases.transparency.sentences import SENTENCE_KEYS, SentenceKey
from tests.use_cases.transparency.test_explanation_of_a_decision import DECISION, USUAL, private

FACTS = DeploymentFacts(
    store="redis",
    terms=PrivacyParameters(100, 20, 1.0, "on"),
    release_interval_s=3600,
    retention_hours=168,
    flush_interval_ms=200,
    buffer_events_max=1_000_000,
    answer_ttl_s=300,
    cohort_max_age_s=300,
    opt_out_max_age_s=31_536_000,
    device_texts_max=8192,
    language_texts_max=2048,
    texts_kept_max_s=3600,
    answers_max=8192,
    lifetimes=Lifetimes(24, 2, 24, 25),
)
READING = RowReading(("CCPA", "CPA"), "medium", "2026-11-22", "nobody yet", ("US-CA",))
MILD: dict[Purpose, Any] = dict.fromkeys(PURPOSES, "notice")
ROW = Regime("US-GPC", ("US-CA",), MILD, READING)
# What a visitor need not be told one by one: it goes with the answer, holds no visit, or is another's to keep. The
# answer that a website may keep is in every account; all of it stands in ``/v1/privacy``.
NOT_TOLD = {
    "raw_signals", "remembered_answers", "waiting_counts", "prefix_sketches", "snapshot", "cohort_token", "visitor_answer",
    "cohort_pages", "site_cookies", "opt_out_cookie", "log_lines",
}  # fmt: skip


def told(devices: int | None = 100, rows: tuple[Regime, ...] = (ROW,), **parts: Any) -> dict[SentenceKey, Any]:
    """What is said by key; of several, the last."""
    facts, decision = parts.pop("facts", FACTS), parts.pop("decision", DECISION)
    found = explain_visit(decision, parts.pop("instead", decision), rows, devices, facts, rules_outdated=False, **parts)
    return {sentence.key: sentence.values for sentence in found.sentences}


@pytest.mark.parametrize(
    ("devices", "key", "values"),
    [
        (100, "cohort_size_between", {"number": 100, "last_number": 199}),
        (300, "cohort_size_between", {"number": 300, "last_number": 399}),
        (400, "cohort_size_least", {"number": 400}),
        (None, "cohort_size_untold", {"number": 100}),
        (0, "cohort_size_untold", {"number": 100}),
    ],
)
def test_a_cohort_s_size_is_told_as_a_band(devices: int | None, key: SentenceKey, values: dict[str, int]) -> None:
    """In steps of k, at most four of them; of one that only stays in, none."""
    assert told(devices)[key] == values
    assert sum(key.startswith("cohort_size_") for key in told(devices)) == 1


def test_without_a_cohort_no_size_is_told() -> None:
    """Of which would it be?"""
    found = told(None, decision=msgspec.structs.replace(DECISION, cohort=None))
    assert not any(key.startswith("cohort_size_") for key in found)


def test_each_row_is_told_with_its_sources() -> None:
    """Its confidence, its review, and every law, in their order."""
    other = Regime("REST", (), MILD, RowReading(("EU row by choice",)))
    sentences = explain_visit(DECISION, DECISION, (ROW, other), 100, FACTS, rules_outdated=False).sentences
    assert [(one.key, dict(one.values)) for one in sentences if one.topic == "sources"] == [
        ("row_read", {"regime": "US-GPC", "sureness": "medium"}),
        ("row_reviewed", {"version": "2026-11-22", "reviewer": "nobody yet"}),
        ("row_law", {"law": "CCPA"}),
        ("row_law", {"law": "CPA"}),
        ("row_read", {"regime": "REST", "sureness": "low"}),
        ("row_law", {"law": "EU row by choice"}),
    ]


def test_a_law_that_asks_for_an_honoured_signal_to_be_shown_is_named_with_it() -> None:
    """Only where the signal was sent."""
    honoured = private(signal_status=SignalStatus("honoured"))
    assert told(decision=honoured)["gpc_shown_by_law"] == {"places": ("US-CA",)}
    assert "gpc_shown_by_law" not in told()
    assert "gpc_shown_by_law" not in told(decision=honoured, rows=())


def test_of_several_rows_the_strictest_level_is_what_is_asked() -> None:
    """As the decision itself was made."""
    strict = Regime("CA-QC", ("CA-QC",), {**MILD, "region": "consent"})
    assert levels_of((ROW, strict)) == {**MILD, "region": "consent"}
    assert levels_of(()) == {}


def test_that_only_the_country_is_used_is_told_with_its_reason() -> None:
    """Under the rules, whatever the row is; else nothing is said of it."""
    assert told(subdivision_withheld="consent_required")["subdivision_withheld"] == {"reason": "consent_required"}
    assert "subdivision_withheld" not in told()


def test_everything_kept_is_told_or_left_to_the_record_for_programs() -> None:
    """Something new to keep must be put in one of the two."""
    assert {thing.what for thing in retention_entries(FACTS)} == KEPT_BY.keys() | NOT_TOLD
    assert not KEPT_BY.keys() & NOT_TOLD


def test_durations_are_those_of_the_settings() -> None:
    """In seconds, as all of ours are said."""
    facts = msgspec.structs.replace(FACTS, retention_hours=36, terms=PrivacyParameters(250, 0, 1.0, "on"))
    found = told(facts=facts)
    assert found["kept_released_counts"] == {"seconds": 36 * 3600, "number": 250}
    assert found["kept_salt"] == {"seconds": 25 * 3600}
    assert found["kept_report_networks"] == {"seconds": FACTS.release_interval_s}
    assert found["kept_header_texts"] == {"seconds": 3600, "number": 10_240}
    assert found["kept_metrics"] == {}  # as long as the process


def test_noise_and_its_absence_are_told() -> None:
    """One of the two, and neither where nothing is counted."""
    quiet = msgspec.structs.replace(FACTS, terms=PrivacyParameters(100, 20, 1.0, "off"))
    off = msgspec.structs.replace(FACTS, store="off")
    three = ("kept_with_noise", "kept_without_noise", "kept_no_counts")
    assert [[key for key in three if key in told(facts=each)] for each in (FACTS, quiet, off)] == [
        ["kept_with_noise"],
        ["kept_without_noise"],
        ["kept_no_counts"],
    ]
    assert not {"kept_salt", "kept_report_networks"} & told(facts=off).keys()


def test_a_service_that_keeps_no_counts_says_so_throughout() -> None:
    """Neither this visit nor one after the other choice is said to be counted, nor a network."""
    out = private(allowed=("language", "region", "device"), signals_used=("ip", "opt_out"))
    seen = private(signals_used=("ip", "device_id"))
    for now, instead, change in ((seen, out, "change_count_ends"), (out, seen, "change_count_returns")):
        on = told(decision=now, instead=instead)
        off = told(decision=now, instead=instead, facts=msgspec.structs.replace(FACTS, store="off"))
        assert change in on
        assert {"not_counted", "kept_no_counts"} <= off.keys()
        assert not {"counted", "signal_ip_place_network", change} & off.keys()


def test_networks_are_said_to_be_counted_only_where_they_are() -> None:
    """That is where a group must hold some number of them."""
    decision = private(signals_used=("ip", "device_id"))
    alone = msgspec.structs.replace(FACTS, terms=PrivacyParameters(100, 0, 1.0, "on"))
    assert "signal_ip_place_network" in told(decision=decision)
    assert "signal_ip_place" in told(decision=decision, facts=alone)


def test_only_a_policy_that_became_too_old_is_outdated() -> None:
    """One that knows hardly a country is not."""
    policy = Policy("2026-11-22", (ROW, Regime("ZZ", (), MILD), Regime("REST", (), MILD)))
    assert not is_outdated(policy)
    assert is_outdated(policy.outdated())


def test_the_account_of_the_decision_itself_is_all_there_first() -> None:
    """Nothing is left out of it."""
    account = explain_decision(DECISION, USUAL)
    found = explain_visit(DECISION, DECISION, (ROW,), 100, FACTS, rules_outdated=False)
    assert found.sentences[: len(account)] == account


def test_every_such_sentence_can_be_said() -> None:
    """No word waits for a deployment that cannot be."""
    honoured = private(signal_status=SignalStatus("honoured"))
    quiet = msgspec.structs.replace(FACTS, terms=PrivacyParameters(100, 20, 1.0, "off"))
    off = msgspec.structs.replace(FACTS, store="off")
    found = {*told(decision=honoured), *told(400, facts=quiet), *told(0, facts=off)}
    ours = ("kept_", "row_", "cohort_size_", "gpc_shown_by_law")
    assert {key for key in found if key.startswith(ours)} == {key for key in SENTENCE_KEYS if key.startswith(ours)}
