"""What Python and its libraries say comes as lines of our log, with kind and place and none of their words."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from service.app.log_redaction import LibraryLog, loop_handler, redact_library_logs
from service.telemetry import Telemetry

MARKER = "qxzkvjw"


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(log: io.StringIO) -> Iterator[logging.Logger]:
    """A library's logger that speaks through ours."""
    logger = logging.Logger("uvicorn.error")  # noqa: LOG001  # one of its own, so that no other test hears it
    logger.addHandler(LibraryLog(Telemetry(stream=log)))
    return logger


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    assert MARKER not in log.getvalue()
    return [
        {key: value for key, value in json.loads(line).items() if key != "time"} for line in log.getvalue().splitlines()
    ]


def test_a_record_is_its_logger_and_place(logger: logging.Logger, log: io.StringIO) -> None:
    """Neither its message nor its arguments, in whatever way they are put in."""
    logger.warning("%s came", MARKER)
    logger.error(f"{MARKER} went")  # noqa: G004  # as libraries do
    logger.info(MARKER)
    warning, error = lines(log)
    assert (warning["event"], warning["level"], error["level"]) == ("library_said", "warning", "error")
    assert warning["where"].startswith("uvicorn.error:test_log_redaction:")
    assert set(warning) == {"level", "event", "where"}


def test_a_known_sentence_is_told_without_what_goes_into_it(logger: logging.Logger, log: io.StringIO) -> None:
    """In words of ours."""
    logger.error("Cancel %s running task(s), timeout graceful shutdown exceeded", MARKER)
    (line,) = lines(log)
    assert line["notice"] == "ended with answers still in work"


def test_an_exception_is_its_type_and_of_the_system_the_reason(logger: logging.Logger, log: io.StringIO) -> None:
    """With a traceback or as the message itself, as uvicorn says that a port is taken."""
    try:
        raise ValueError(MARKER)
    except ValueError:
        logger.exception(MARKER)
    logger.error(OSError(98, MARKER, MARKER))
    first, second = lines(log)
    assert (first["error"], "reason" in first) == ("ValueError", False)
    assert (second["error"], second["reason"]) == ("OSError", "address already in use")


def test_what_a_loop_could_not_deliver_is_its_kind(log: io.StringIO) -> None:
    """Its context, which has transports, tasks and messages in it, is left alone."""
    handler = loop_handler(Telemetry(stream=log))
    handler(None, {"message": MARKER, "exception": KeyError(MARKER), "transport": MARKER})  # type: ignore[arg-type]
    handler(None, {"message": MARKER, "peername": MARKER})  # type: ignore[arg-type]
    first, second = lines(log)
    assert (first["event"], first["error"]) == ("internal_error", "KeyError")
    assert second == {"level": "error", "event": "library_said", "where": "asyncio"}


def test_the_hooks_of_python_are_taken(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """For exceptions of the program, of threads and of what nobody can raise; warnings go through logging."""
    for owner, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
        (logging, "raiseExceptions"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    captured: list[bool] = []

    def capture_warnings(*, capture: bool) -> None:
        captured.append(capture)

    monkeypatch.setattr(logging, "captureWarnings", capture_warnings)
    redact_library_logs(Telemetry(stream=log))
    sys.excepthook(ValueError, ValueError(MARKER), None)
    sys.unraisablehook(type("Unraisable", (), {"exc_value": KeyError(MARKER), "object": MARKER})())
    thread = threading.Thread(target=int, args=(MARKER,), name=MARKER)
    thread.start()
    thread.join()
    assert [line["error"] for line in lines(log)] == ["ValueError", "KeyError", "ValueError"]
    assert captured == [True]
    assert not logging.raiseExceptions
    assert any(isinstance(handler, LibraryLog) for handler in root.handlers)
