"""The record as people and machines read it."""

import json

import msgspec

from service.audit.report import (
    CHANNEL_COLUMNS,
    FINDING_COLUMNS,
    SINK_COLUMNS,
    AuditReport,
    ChannelRow,
    SinkRow,
    channel_rows,
    finding_rows,
    known_by,
    sink_rows,
    to_json,
    verdict,
)
from service.audit.requests import OUTCOMES
from service.audit.search import Finding

RECORD = AuditReport(
    date="2026-11-22T12:00:00Z",
    version="1.0.0",
    of="running",
    site="demo",
    seed=7,
    seconds=61.2,
    markers=14_000,
    needles=1_145_526,
    requests=20_000,
    holding_requests=160,
    statuses={"200": 20_000},
    life=(),
    channels=(ChannelRow("referer", 90, {"success": 30, "refusal": 60}, (), 0, 1),),
    sinks=(SinkRow("logs", "its lines", 1234, 1, ("text", "hex"), ("hex",)), SinkRow("redis", "", 0, 0, ("text",), ())),
    findings=(Finding(17, "referer", "text", "logs", "line 3"),),
    more=0,
    not_audited={},
    problems=("inconclusive",),
    passed=False,
)


def test_a_record_comes_back_from_its_json() -> None:
    """All of it, with the number of its schema."""
    text = to_json(RECORD)
    assert msgspec.json.decode(text, type=AuditReport) == RECORD
    assert json.loads(text)["schema"] == 1


def test_the_tables_have_a_line_for_each() -> None:
    """Under their columns; what was not gone for is a dot, and a sink that nobody knows says so."""
    (channel,) = channel_rows(RECORD)
    assert dict(zip(CHANNEL_COLUMNS, channel, strict=True)) == {
        "channel": "referer", "markers": "90", "success": "30", "refusal": "60", "overload": ".", "shutdown": ".",
        "untold": "0", "broken": "0", "found": "1", "missing": "",
    }  # fmt: skip
    assert set(OUTCOMES) < set(CHANNEL_COLUMNS)
    logs, redis = (dict(zip(SINK_COLUMNS, row, strict=True)) for row in sink_rows(RECORD))
    assert (logs["octets read"], logs["forms"], logs["controls found"]) == ("1,234", "1,145,526", "1 of 2")
    assert redis["found"] == "0"
    assert [*known_by(RECORD)] == [("logs", "its lines"), ("redis", "nothing")]
    (finding,) = finding_rows(RECORD)
    assert dict(zip(FINDING_COLUMNS, finding, strict=True))["where"] == "line 3"


def test_the_verdict_is_the_last_word() -> None:
    """After the counts and what is wrong."""
    counts, problem, last = verdict(RECORD)
    assert (
        "14,000 markers in 20,000 requests by 1 channels, 160 more to keep the service full: 1 found. 2 of 3 planted leaks found."
        in counts
    )
    assert problem == "inconclusive"
    assert last == "FAILED"
    passed = msgspec.structs.replace(RECORD, findings=(), problems=(), passed=True)
    assert [*verdict(passed)][-1] == "passed"


def test_a_verdict_excepts_what_was_not_audited() -> None:
    """With the reason on a line of its own."""
    passed = msgspec.structs.replace(
        RECORD, findings=(), problems=(), passed=True, not_audited={"token": "none was given", "metrics": "not told"}
    )
    _, *reasons, last = verdict(passed)
    assert reasons == ["not audited: token: none was given", "not audited: metrics: not told"]
    assert last == "passed, but for token, metrics"
