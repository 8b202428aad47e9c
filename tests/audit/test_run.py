"""What makes an audit fail though nothing was found, and that a fault of a sink is a fault of the audit."""

from collections.abc import Iterator, Sequence

import pytest

from service.audit import MARKERS_MIN
from service.audit.client import Exchange
from service.audit.deployment import DeploymentError, Target, await_end, stop
from service.audit.marker_encodings import FAMILIES
from service.audit.plan import Outcomes, Plan, plan
from service.audit.report import ChannelRow, SinkRow
from service.audit.requests import SiteContext
from service.audit.run import doubts, faults, missed_controls, possible, seconds_about
from service.audit.search import Piece, Search

TARGET = Target("http://127.0.0.1:1", "redis://:a-password@127.0.0.1:1", ("log",), key="a-key")


class Forgetful:
    """A sink that loses every leak but the first ones."""

    name = "forgetful"

    def __init__(self, keeps: int) -> None:
        self._keeps = keeps

    def open(self) -> None:
        """Nothing to begin with."""

    def known_by(self) -> str:
        return "by its name"

    def read(self) -> Iterator[Piece]:
        return iter(())

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        return iter([Piece("somewhere", leak) for leak in leaks[: self._keeps]])

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(MARKERS_MIN, 7, SiteContext("127.0.0.1:1", "demo"), ("success",))


def test_a_leak_that_was_planted_and_not_found_is_missed(planned: Plan) -> None:
    """By its family, so that one knows what is not seen there."""
    search = Search(planned.markers)
    assert missed_controls(search, Forgetful(len(FAMILIES)), planned) == ()
    assert missed_controls(search, Forgetful(2), planned) == tuple([*planned.controls][2:])


def test_an_audit_is_in_doubt_without_its_outcomes_controls_and_signs() -> None:
    """A channel that was never granted, a sink that is not watched, a sink that may be another deployment's."""
    row = ChannelRow("referer", 4, {"success": 0, "refusal": 4}, ("success",), 0, 0)
    blind = SinkRow("logs", "", 0, 0, ("text", "hex"), ("hex",))
    well = SinkRow("redis", "its keys", 9, 0, ("text",), ())
    assert [*doubts([well], [])] == []
    not_ours, not_watched, inconclusive = doubts([well, blind], [row])
    assert not_ours.startswith("logs: nothing tells")
    assert "--trust-logs" in not_ours
    assert "this sink was not watched" in not_watched
    assert not_watched.endswith("(hex)")
    assert inconclusive == "inconclusive: no success was had by referer"


def test_a_service_that_breaks_or_goes_away_is_told(planned: Plan) -> None:
    """A single connection that closes is no matter; a fault is one."""
    outcomes = Outcomes()
    for _ in range(200):
        outcomes.take(planned.main[0], Exchange(200, b""))
    outcomes.take(planned.main[0], Exchange(0, b""))
    assert [*faults(outcomes)] == []
    outcomes.take(planned.main[0], Exchange(500, b""))
    for _ in range(5):
        outcomes.hold(Exchange(0, b""))
    fault, away = faults(outcomes)
    assert "1 requests with a fault" in fault
    assert "is the service still there" in away


def test_nobodys_house_is_filled_or_stopped_unasked() -> None:
    assert possible(TARGET) == ("success", "refusal")
    filled = Target("http://127.0.0.1:1", "", (), may_overload=True, stop_pid=99)
    assert possible(filled) == ("success", "refusal", "overload", "shutdown")
    assert seconds_about(14_000, TARGET) < 180


def test_a_target_shows_neither_key_nor_password() -> None:
    assert "a-key" not in repr(TARGET)
    assert "a-password" not in repr(TARGET)


def test_a_process_that_is_not_there_is_not_stopped() -> None:
    """The kernel gives no process a number that high."""
    with pytest.raises(DeploymentError, match="--stop-pid"):
        stop(2**31 - 1)
    assert await_end(2**31 - 1, 0.1)
