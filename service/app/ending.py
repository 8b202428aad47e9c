"""The end of a process: once it is asked for, readiness says so at once, and the log says how long it took.

SIGHUP means two things: read the configuration anew, which an operator sends, and the terminal is gone, which the
system sends. Whoever closes the terminal of a service that runs in its foreground wants it to end, and to let go of the
port.
"""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NamedTuple

from service.telemetry import Telemetry
from service.web.endpoints.health import Health

ENDING = frozenset({signal.SIGINT, signal.SIGTERM})
"""The signals that ask for it."""
_STDIN = 0
OUTPUTS = (1, 2)


class Stop(NamedTuple):
    """The reason of the end, and when it was asked for on the monotonic clock."""

    reason: str
    at_s: float

    @classmethod
    def by(cls, number: int) -> "Stop":
        """A stop by a signal, now."""
        return cls(signal.Signals(number).name, time.monotonic())

    def fields(self) -> dict[str, object]:
        """The fields of the log's last line: the reason, how long it took, and which process it was."""
        return {"reason": self.reason, "seconds": round(time.monotonic() - self.at_s, 3), "pid": os.getpid()}


class Ending:
    """Follows the end of one process that serves."""

    def __init__(self, health: Health, telemetry: Telemetry) -> None:
        self._health = health
        self._telemetry = telemetry
        self.stop: Stop | None = None
        """Who asked for the end and when; None where nobody did."""
        self.is_over = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def started(self, loop: asyncio.AbstractEventLoop) -> None:
        """Log that this process answers."""
        self._loop = loop
        self._telemetry.log("started", fields={"pid": os.getpid()})
        if self.stop is not None:  # it was asked for while we were starting
            self._say_stopping(self.stop.reason)

    def ask(self, number: int) -> None:
        """Ask for the end: not ready from now on. A handler calls it between any two lines: it writes nothing."""
        self._health.draining = True
        if self.stop is None:
            self.stop = Stop.by(number)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._say_stopping, self.stop.reason)

    def ended(self) -> None:
        """Log the end: what was in work is answered and what was counted is flushed. Nothing where nothing began."""
        if self._loop is None:
            return
        stop = self.stop or Stop("lifespan", time.monotonic())  # whoever serves us ended us without a signal
        self._telemetry.log("stopped", fields=stop.fields())
        self.is_over = True

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Ask for the end on each signal while the context lasts, before the server's own handler runs.

        Only in a process's first thread, where Python handles signals.
        """
        before = {number: signal.getsignal(number) for number in ENDING}
        handled = {number: handler for number, handler in before.items() if callable(handler)}
        if threading.current_thread() is not threading.main_thread():
            handled = {}
        for number, handler in handled.items():
            signal.signal(number, self._ask_before(handler))
        try:
            yield
        finally:
            for number, handler in handled.items():
                signal.signal(number, handler)

    def _ask_before(self, before: Callable[[int, FrameType | None], object]) -> Callable[..., None]:
        def handle(number: int, frame: FrameType | None) -> None:
            self.ask(number)
            before(number, frame)

        return handle

    def _say_stopping(self, reason: str) -> None:
        self._telemetry.log("stopping", fields={"reason": reason, "pid": os.getpid()})


class Terminal:
    """The terminal that the service was begun in, if it was: standard input, where that is one when this is made."""

    def __init__(self) -> None:
        self._was_there = os.isatty(_STDIN)
        self._written_to = [stream for stream in OUTPUTS if os.isatty(stream)]

    @property
    def gone(self) -> bool:
        """Whether it was there and no longer answers."""
        return self._was_there and not os.isatty(_STDIN)

    def let_go(self) -> None:
        """Redirect to nowhere what would still be written there, where that is now an error."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in self._written_to:
            os.dup2(nowhere, stream)
        os.close(nowhere)
