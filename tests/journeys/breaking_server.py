"""The service with faults that a request asks for, each as talkative as can be: for ``test_crash_reports``.

python breaking_server.py hushed     as it ships
python breaking_server.py talking    without ``log_redaction``: what Python and its libraries would say by themselves
"""

import asyncio
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import msgspec

from service.adapters.maxmind import MaxmindGeo
from service.adapters.user_agent.lookup import UserAgentLookup
from service.app import application, read_configuration, serving
from service.use_cases.counting.buffer import CountBuffer
from service.web import answers, decisions
from service.web.endpoints import recommendations
from service.web.visit import connection as visit_connection
from service.web.visit import intake
from service.web.wire.connection import Connection
from service.web.wire.dispatch import Dispatcher
from service.web.wire.messages import Request

armed = ""
seen = ""


def shown(value: Any) -> str:
    """All that a value holds, whatever it says of itself."""
    if isinstance(value, msgspec.Struct):
        return " ".join(map(shown, msgspec.structs.astuple(value)))
    return value.decode("latin-1") if isinstance(value, bytes) else repr(value)


class BrokenError(Exception):
    """Its text is everything that the broken function was given, and it came of another that holds the octets."""


class LostError(BaseException):
    """One that ``except Exception`` lets pass."""


def breaking(owner: Any, name: str, fault: str) -> None:
    """Make a function fail where that was asked for, once."""
    whole = getattr(owner, name)

    def broken(*given: Any, **named: Any) -> Any:
        global armed  # noqa: PLW0603  # as in ``watch``
        if armed != fault:
            return whole(*given, **named)
        armed = ""
        told = " ".join(map(shown, (*given, *named.values())))
        try:
            (told.encode() + b"\xff").decode()
        except UnicodeDecodeError as error:
            raise BrokenError(told) from error

    setattr(owner, name, broken)


class Talkative:
    """Says whose it was when it goes, and then fails."""

    def __repr__(self) -> str:
        return seen

    def __del__(self) -> None:
        raise BrokenError(seen)


async def never_awaited(_told: str) -> None:
    raise BrokenError(seen)


def say(fault: str) -> None:
    """What goes wrong beside the answer, which is given all the same. What was lost before is told of by now."""
    gc.collect()
    if fault == "task":
        loop = asyncio.get_running_loop()
        loop.create_task(never_awaited(seen))  # noqa: RUF006  # nobody holds it: that is the fault
        # It is told of when the task goes, which may hang in a circle with its own traceback until somebody looks.
        loop.call_soon(loop.call_soon, gc.collect)
    elif fault == "callback":
        asyncio.get_running_loop().call_soon(int, seen)
    elif fault == "thread":
        threading.Thread(target=int, args=(seen,), name=seen).start()
    elif fault == "unraisable":
        Talkative()
    elif fault == "warning":
        warnings.warn(seen, ResourceWarning, stacklevel=1)
    elif fault == "record":
        logging.getLogger("somebody").error("%s came", seen)
        logging.getLogger("somebody").error("%d", seen)


def watch(headers: list[tuple[bytes, bytes]], body: bytes | None) -> None:
    """Arm the fault that a request asks for. One request comes at a time."""
    global armed, seen  # noqa: PLW0603  # what a request asks for reaches functions that never see it
    fields = dict(headers)
    armed = fields.get(b"x-fault", b"").decode()
    seen = (b" ".join(value for name, value in headers if name != b"x-fault") + b" " + (body or b"")).decode("latin-1")


def watching(respond: Callable[..., Any]) -> None:
    """Look at each request before the dispatcher does."""

    def watched(self: Dispatcher, request: Request) -> Any:
        watch(request.headers, request.body)
        if armed == "base":
            raise LostError(seen)
        say(armed)
        return respond(self, request)

    Dispatcher.respond = watched  # type: ignore[method-assign]


def breaking_parser() -> None:
    """A fault below the dispatcher, in what the parser calls."""
    whole = Connection.on_headers_complete

    def broken(self: Connection) -> None:
        if self._fields.get(b"x-fault") == b"parser":
            raise BrokenError(shown(b" ".join(self._fields.values())))
        whole(self)

    Connection.on_headers_complete = broken  # type: ignore[method-assign]


if __name__ == "__main__":
    for owner, name, fault in (
        (MaxmindGeo, "look_up", "geo"),
        (UserAgentLookup, "look_up", "device"),
        (visit_connection, "read_jar", "cookies"),
        (intake, "from_request", "connect"),
        (intake.Intake, "derive", "derive"),
        (intake, "_hash_device", "mark"),
        (decisions, "read_recommendation", "body"),
        (answers, "assign", "assign"),
        (answers.Answers, "answer", "make"),
        (answers, "explanation_inputs", "personalize"),
        (CountBuffer, "count_visit", "count"),
        (recommendations, "_variants", "encode"),
        (Connection, "_write", "send"),
    ):
        breaking(owner, name, fault)
    breaking_parser()
    watching(Dispatcher.respond)
    if sys.argv[1] == "talking":
        serving.redact_library_logs = lambda _telemetry: None
        application.loop_handler = lambda _telemetry: None  # type: ignore[assignment, return-value]
    serving.serve(read_configuration())
    raise BrokenError(seen)
