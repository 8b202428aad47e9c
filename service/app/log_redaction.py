"""Logs of Python, asyncio and uvicorn when something breaks: the place and the kind, in lines of our own log.

Left to themselves they print messages, reprs and tracebacks, and in each of these there may be what a client sent: a
codec's error holds the octets, a slow callback's line its arguments, a socket's warning the other end's address. So
none of their words is written. The system is asked not to write the memory of a
process that crashes to a file. What the service itself has to say goes to ``telemetry`` directly.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from service.telemetry import Level, Telemetry


def redact_library_logs(telemetry: Telemetry) -> None:
    """Send every exception, warning and log record of this process through ``telemetry`` alone."""
    logging.raiseExceptions = False  # logging's own complaints print a record with its arguments
    logging.captureWarnings(capture=True)
    logging.getLogger().addHandler(LibraryLog(telemetry))
    sys.excepthook = lambda _kind, error, _traceback: telemetry.internal_error(error)
    sys.unraisablehook = lambda unraisable: _tell(telemetry, unraisable.exc_value, "python")
    threading.excepthook = lambda thread: _tell(telemetry, thread.exc_value, "thread")


def leave_no_core_file() -> None:
    """Forbid images of this process's memory, and of its children's, in a crash: they hold whoever was being answered.

    A system that hands such images to a program gets the same limit, and has to obey it itself.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # Windows has none

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def loop_handler(telemetry: Telemetry) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """The handler of an event loop's uncaught exceptions. Its context may hold transports, which know the other end."""
    return lambda _loop, context: _tell(telemetry, context.get("exception"), "asyncio")


class LibraryLog(logging.Handler):
    """Writes of a library's record its logger, module and line; of an exception the type, and the system's reason."""

    def __init__(self, telemetry: Telemetry) -> None:
        super().__init__(logging.WARNING)
        self._telemetry = telemetry

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(record.msg, BaseException):  # uvicorn's way to say that a port is taken
            error = record.msg
        fields: dict[str, object] = {"where": f"{record.name}:{record.module}:{record.lineno}"}
        if error is not None:
            fields["error"] = type(error).__name__
        if isinstance(error, OSError) and isinstance(error.errno, int):
            fields["reason"] = os.strerror(error.errno).lower()
        elif isinstance(record.msg, str) and record.msg in _KNOWN:
            fields["notice"] = _KNOWN[record.msg]
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self._telemetry.log("library_said", level, fields=fields)


def _tell(telemetry: Telemetry, error: BaseException | None, where: str) -> None:
    """Log an exception that nobody caught, or that something broke without one."""
    if error is None:
        telemetry.log("library_said", "error", fields={"where": where})
    else:
        telemetry.internal_error(error)


# Sentences of uvicorn's and asyncio's that help, by how they stand in the source, and what we say for them. What is put
# in for the signs is left out.
_KNOWN: Mapping[str, str] = {
    "Application startup failed. Exiting.": "could not begin to serve",
    "Application shutdown failed. Exiting.": "could not end in order",
    "Cancel %s running task(s), timeout graceful shutdown exceeded": "ended with answers still in work",
    "Executing %s took %.3f seconds": "a step took long",
}
