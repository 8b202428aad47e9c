"""Worker processes: begun, looked after, and ended within the time that an orchestrator gives.

One that died is replaced, at once where it had served for a while, else after ever longer pauses: the others go on, and
need the processor more. The event loop of each gives a sign of life every second; one that gives none for a while hangs
and is killed.
Where one cannot begin no other could, and all of them end.
"""

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

from msgspec import Struct

from service.app.ending import ENDING, Stop, Terminal

# Windows has no SIGHUP, and nothing to hold back there.
HANGUP = {signal.SIGHUP} if hasattr(signal, "SIGHUP") else set()
CANNOT_BEGIN = 3
"""The exit status of a worker that could not begin to serve."""

_spawn = multiprocessing.get_context("spawn")


class Pace(Struct, frozen=True):
    """The time limits of workers and their parent."""

    look_interval_s: float = 0.5
    silent_max_s: float = 6.0
    first_pulse_max_s: float = 300.0  # many workers that read many sites begin slowly on few processors
    stop_max_s: float = 9.0  # an orchestrator waits for 10 s
    settled_s: float = 10.0  # whoever has lived so long was no failed beginning
    pause_min_s: float = 0.5
    pause_max_s: float = 8.0


_USUAL = Pace()


class Worker:
    """One process, and until when it has to give the next sign of life."""

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...], pace: Pace) -> None:
        self._pulse, sender = _spawn.Pipe(duplex=False)
        self.process: SpawnProcess = _spawn.Process(target=_work, args=(sender, work, arguments))
        self.process.start()
        sender.close()
        self.begun_s = time.monotonic()
        self._silent_max_s = pace.silent_max_s
        self._silent_at_s = self.begun_s + pace.first_pulse_max_s

    @property
    def is_well(self) -> bool:
        """Whether it lives and does not hang."""
        with contextlib.suppress(OSError, EOFError):
            while self._pulse.poll():
                self._pulse.recv_bytes()
                self._silent_at_s = time.monotonic() + self._silent_max_s
        return self.process.is_alive() and time.monotonic() < self._silent_at_s

    def spare(self) -> None:
        """Its next sign of life is awaited from now on: before, nobody could have heard of it."""
        self._silent_at_s = max(self._silent_at_s, time.monotonic() + self._silent_max_s)

    def end(self, within_s: float) -> int | None:
        """Wait until it is gone, and kill it when the time is over. Its exit status."""
        self.process.join(within_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self._pulse.close()
        return self.process.exitcode


class _Place(Struct):
    """Where a worker is, or will be after a pause."""

    worker: Worker | None = None
    begins_s: float = 0.0
    pause_s: float = 0.0


class Workers:
    """A number of processes that call ``work`` with a sign of life to give, and with these ``arguments``, by pickle.

    SIGHUP is handed on to them: it has the configuration read anew. Unless it means that the terminal is gone: then all
    of them end. It is blocked in this process, and so in workers from their first moment on, until they are ready for
    it; here it is looked for. ``on_loss`` is told of each worker that ended, or hung and was killed, while nobody had
    asked for the end: its process id, and why. One that could not begin has said so itself.
    ``on_end`` is called as soon as the end is asked for.
    """

    def __init__(
        self,
        number: int,
        work: Callable[..., None],
        arguments: tuple[Any, ...],
        terminal: Terminal,
        pace: Pace = _USUAL,
        on_loss: Callable[[int | None, str], None] = lambda _pid, _reason: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.stop: Stop | None = None
        """Who asked for the end and when; None where nobody did."""
        self._places = [_Place() for _ in range(number)]
        self._work = work
        self._arguments = arguments
        self._terminal = terminal
        self._pace = pace
        self._on_loss = on_loss
        self._on_end = on_end
        self._failed = False

    def run(self) -> None:
        """Run until the end is asked for or a worker cannot begin: in the first thread, which handles signals."""
        for number in ENDING:
            signal.signal(number, self._end)
        try:
            looked_s = time.monotonic()
            while self.stop is None and not self._failed:
                now_s = time.monotonic()
                if now_s - looked_s > self._pace.silent_max_s / 2:  # all of us were frozen, as a container may be
                    for place in self._places:
                        if place.worker is not None:
                            place.worker.spare()
                looked_s = now_s
                for place in self._places:
                    self._look_after(place)
                self._hear_hangup()
                time.sleep(self._pace.look_interval_s)
        finally:
            self._end_all()

    def _look_after(self, place: _Place) -> None:
        pace, now_s = self._pace, time.monotonic()
        if (worker := place.worker) is not None:
            if worker.is_well:
                return
            place.worker, hangs = None, worker.process.is_alive()
            status = worker.end(0)
            if status == CANNOT_BEGIN:
                self._failed = True
            else:
                self._on_loss(worker.process.pid, "hung" if hangs else _reason_of(status))
            is_settled = now_s - worker.begun_s > pace.settled_s
            place.pause_s = 0.0 if is_settled else min(max(pace.pause_min_s, place.pause_s * 2), pace.pause_max_s)
            place.begins_s = now_s + place.pause_s
        if now_s >= place.begins_s and not self._failed:
            place.worker = Worker(self._work, self._arguments, pace)

    def _hear_hangup(self) -> None:
        if not HANGUP & signal.sigpending():
            return
        signal.sigwait(HANGUP)
        if self._terminal.gone:
            self._terminal.let_go()
            self._end(signal.SIGTERM, None)
        else:
            self._tell_all(signal.SIGHUP)

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a signal's handler
        if self.stop is None:
            self.stop = Stop.by(number)
            self._on_end()
            self._tell_all(
                signal.SIGTERM
            )  # at once, so that nobody is sent to them any more; who comes later, in the end

    def _end_all(self) -> None:
        self._tell_all(signal.SIGTERM)
        until_s = time.monotonic() + self._pace.stop_max_s
        for place in self._places:
            if place.worker is not None:
                place.worker.end(max(0.0, until_s - time.monotonic()))

    def _tell_all(self, number: int) -> None:
        for place in self._places:
            if place.worker is not None and (pid := place.worker.process.pid) is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


def _reason_of(status: int | None) -> str:
    """Why a process ended, by its exit status, which below 0 is a signal's number."""
    if status is None or status >= 0:
        return f"exit status {status}"
    return f"signal {-status}"


def _work(pulse: Connection, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Run in a worker process: its work, which is to call its first argument every second from what must not hang."""
    os.set_blocking(pulse.fileno(), False)

    def beat() -> None:
        with contextlib.suppress(OSError):  # nobody is left to hear it, or has the time to
            pulse.send_bytes(b".")

    work(beat, *arguments)
