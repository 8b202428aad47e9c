"""What worker processes of tests do. Each gives signs of life, and leaves a file in a folder, named after its process."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


def begun(folder: str) -> Path:
    """When: the content of the file."""
    path = Path(folder, str(os.getpid()))
    path.write_text(str(time.monotonic()))
    return path


def stay(beat: Callable[[], None], folder: str) -> None:
    """Until told to end; what a SIGHUP has it do is to say so."""
    path = begun(folder)
    signal.signal(signal.SIGHUP, lambda *_: path.with_suffix(".hangup").touch())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    while True:
        beat()
        time.sleep(0.05)


def hang(beat: Callable[[], None], folder: str) -> None:
    """The first of all hangs, and the others stay."""
    with contextlib.suppress(FileExistsError):
        Path(folder, "hangs").touch(exist_ok=False)
        begun(folder)
        beat()
        time.sleep(0.5)  # it has said that it lives
        os.kill(os.getpid(), signal.SIGSTOP)
    stay(beat, folder)


def spin(beat: Callable[[], None], folder: str) -> None:
    """The first of all is busy for ever, and the others stay."""
    with contextlib.suppress(FileExistsError):
        Path(folder, "hangs").touch(exist_ok=False)
        begun(folder)
        beat()
        while True:
            pass
    stay(beat, folder)


def begin_slowly(beat: Callable[[], None], folder: str) -> None:
    """It gives its first sign of life late."""
    begun(folder)
    time.sleep(1.5)
    Path(folder, "slow").touch()
    stay(beat, folder)


def be_deaf(beat: Callable[[], None], folder: str) -> None:
    """Whatever it is told."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    begun(folder)
    while True:
        beat()
        time.sleep(0.05)


def die(_beat: Callable[[], None], folder: str) -> None:
    """At once."""
    begun(folder)
    os._exit(1)


def refuse(_beat: Callable[[], None], folder: str) -> None:
    """As one that could not begin to serve."""
    begun(folder)
    sys.exit(3)
