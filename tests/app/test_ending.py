"""The end of a process that serves: readiness says it at once, the log why and how long it took."""

import asyncio
import json
import signal
from typing import Any

import msgspec
import pytest

from service.app import Application, Container
from service.app.ending import ENDING, Stop
from service.telemetry import Telemetry


class Log:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, text: str) -> None:
        self.lines.append(json.loads(text))

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines if line["event"] in ("started", "stopping", "stopped")]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def application(house: Container, log: Log) -> Application:
    return Application(msgspec.structs.replace(house, telemetry=Telemetry(stream=log), counting=None))


@pytest.mark.parametrize("number", sorted(ENDING))
def test_a_signal_is_told_when_it_comes_and_when_all_is_done(application: Application, log: Log, number: int) -> None:
    """Not ready from the first moment; the time is that from the signal on."""

    async def live() -> None:
        async with application._running():
            assert log.events == ["started"]
            application.ending.ask(number)
            assert application.health.state().status == "draining"
            await asyncio.sleep(0.05)
            assert log.events == ["started", "stopping"]

    asyncio.run(live())
    assert log.events == ["started", "stopping", "stopped"]
    stopping, stopped = log.lines[-2:]
    assert stopping["reason"] == stopped["reason"] == signal.Signals(number).name
    assert 0.05 <= stopped["seconds"] < 5
    assert stopping["pid"] == stopped["pid"]


def test_only_the_first_signal_counts(application: Application, log: Log) -> None:
    """Who presses Ctrl-C twice is in a hurry, and has asked once."""

    async def live() -> None:
        async with application._running():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGINT):
                application.ending.ask(number)
            await asyncio.sleep(0.01)

    asyncio.run(live())
    assert log.events == ["started", "stopping", "stopped"]
    assert {line["reason"] for line in log.lines if "reason" in line} == {"SIGTERM"}


def test_a_signal_that_comes_while_it_starts_is_told(application: Application, log: Log) -> None:
    """What the log says of an end is whole whenever it was asked for."""

    async def live() -> None:
        application.ending.ask(signal.SIGINT)
        async with application._running():
            pass

    asyncio.run(live())
    assert log.events == ["started", "stopping", "stopped"]


def test_an_end_without_a_signal_is_told_too(application: Application, log: Log) -> None:
    """As another ASGI server may have it."""

    async def live() -> None:
        async with application._running():
            pass

    asyncio.run(live())
    assert log.events == ["started", "stopped"]
    assert log.lines[-1]["reason"] == "lifespan"


def test_one_that_is_forced_is_told_too(application: Application, log: Log) -> None:
    """uvicorn cancels what runs when somebody cannot wait."""

    async def live() -> None:
        async with application._running():
            await asyncio.sleep(60)

    async def force() -> None:
        task = asyncio.create_task(live())
        while not log.events:  # noqa: ASYNC110  # it is told of in no other way
            await asyncio.sleep(0.01)
        application.ending.ask(signal.SIGINT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(force())
    assert log.events[-1] == "stopped"


def test_what_never_began_does_not_end(application: Application, log: Log) -> None:
    """A start that fails says why it failed, and no more."""
    application.ending.ask(signal.SIGTERM)
    application.ending.ended()
    assert log.events == []
    assert application.health.draining


def test_a_stop_knows_its_signal_by_name() -> None:
    """For whoever reads the log."""
    assert Stop.by(15).fields().keys() == {"reason", "seconds", "pid"}
    assert Stop.by(15).reason == "SIGTERM"
