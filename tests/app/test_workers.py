"""Worker processes: replaced when they die or hang, told of a SIGHUP, and ended in time whatever they do."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from service.app.ending import ENDING, Terminal
from service.app.workers import HANGUP, Pace, Workers
from tests import working

PACE = Pace(look_interval_s=0.05, silent_max_s=2.5, stop_max_s=1.0, pause_min_s=0.3, pause_max_s=0.6)
WITHIN_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


class GoneTerminal(Terminal):
    """One that is not there any more."""

    gone = True

    def let_go(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The parent of workers blocks SIGHUP, and handles what ends it."""
    before = {number: signal.getsignal(number) for number in ENDING}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANGUP)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for number, handler in before.items():
        signal.signal(number, handler)


def began_s(folder: Path) -> list[float]:
    """When each worker so far began."""
    return sorted(float(path.read_text() or 0) for path in folder.iterdir() if path.name.isdigit())


def run(workers: Workers, then: Callable[[], bool], *steps: Callable[[], object]) -> float:
    """Run until something holds and each step after it was done, and for how many seconds after SIGTERM."""
    ended_s = [0.0]

    def watch() -> None:
        deadline = time.monotonic() + WITHIN_S
        for step in (then, *steps):
            while not step() and time.monotonic() < deadline:
                time.sleep(0.02)
        ended_s[0] = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    workers.run()
    watcher.join()
    return time.monotonic() - ended_s[0]


def hang_up() -> bool:
    """To the thread that holds it back, for other threads here do not."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)
    return True


def alive(folder: Path) -> list[int]:
    pids = []
    for path in folder.iterdir():
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(path.name), 0)
            pids.append(int(path.name))
    return pids


def test_one_that_dies_is_replaced(tmp_path: Path) -> None:
    """By another in its place; the others stay. Whoever asked is told which one it was, and why."""
    victims: list[int] = []
    lost: list[tuple[int | None, str]] = []
    workers = Workers(2, working.stay, (str(tmp_path),), Terminal(), PACE, lambda *loss: lost.append(loss))

    def kill() -> bool:
        victims.append(alive(tmp_path)[0])
        os.kill(victims[0], signal.SIGKILL)
        return True

    run(workers, lambda: len(began_s(tmp_path)) == 2, kill, lambda: len(began_s(tmp_path)) == 3)
    assert len(began_s(tmp_path)) == 3
    assert workers.stop is not None
    assert workers.stop.reason == "SIGTERM"
    assert alive(tmp_path) == []
    assert lost == [(victims[0], f"signal {signal.SIGKILL:d}")]


def test_one_that_dies_again_and_again_is_replaced_more_and_more_seldom(tmp_path: Path) -> None:
    """The pauses double up to a bound."""
    run(Workers(1, working.die, (str(tmp_path),), Terminal(), PACE), lambda: len(began_s(tmp_path)) == 4)
    first, second, third, fourth = began_s(tmp_path)[:4]
    assert second - first >= PACE.pause_min_s
    assert third - second >= PACE.pause_min_s * 2
    assert fourth - third >= PACE.pause_max_s


@pytest.mark.parametrize("hang", [working.hang, working.spin])
def test_one_that_hangs_is_killed_and_replaced(tmp_path: Path, hang: Callable[..., None]) -> None:
    """It has said nothing for a while: its process is stopped, or what it runs goes round for ever."""
    lost: list[str] = []
    workers = Workers(1, hang, (str(tmp_path),), Terminal(), PACE, lambda _pid, reason: lost.append(reason))
    run(workers, lambda: len(began_s(tmp_path)) == 2)
    assert len(began_s(tmp_path)) == 2
    assert alive(tmp_path) == []
    assert lost[0] == "hung"


FROZEN = """
import signal, sys
from service.app.ending import Terminal
from service.app.workers import HANGUP, Pace, Workers
from tests import working
if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, HANGUP)
    pace = Pace(look_interval_s=0.05, silent_max_s=1.0, stop_max_s=1.0, pause_min_s=0.3, pause_max_s=0.6)
    Workers(2, working.stay, (sys.argv[1],), Terminal(), pace).run()
"""


def test_who_is_frozen_with_everybody_is_left_alone(tmp_path: Path) -> None:
    """As a container may be: when it goes on, nobody could have given a sign of life meanwhile."""
    script, folder = tmp_path / "frozen.py", tmp_path / "workers"
    script.write_text(FROZEN)
    folder.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    group = subprocess.Popen([sys.executable, script, folder], env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + WITHIN_S
        while len(began_s(folder)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        first = {path.name for path in folder.iterdir()}
        for _ in range(3):
            os.killpg(group.pid, signal.SIGSTOP)
            time.sleep(1.3)
            os.killpg(group.pid, signal.SIGCONT)
            time.sleep(0.5)
        assert {path.name for path in folder.iterdir()} == first
        assert len(first) == 2
    finally:
        os.killpg(group.pid, signal.SIGKILL)
        group.wait()


def test_one_that_begins_slowly_is_left_alone(tmp_path: Path) -> None:
    """Longer than it may be silent later."""
    pace = msgspec.structs.replace(PACE, silent_max_s=0.5)
    slow = Path(tmp_path, "slow")
    run(Workers(1, working.begin_slowly, (str(tmp_path),), Terminal(), pace), slow.exists)
    assert slow.exists()
    assert len(began_s(tmp_path)) == 1


def test_one_that_does_not_end_is_killed_in_time(tmp_path: Path) -> None:
    """An orchestrator would kill all of them without a word."""
    took_s = run(Workers(2, working.be_deaf, (str(tmp_path),), Terminal(), PACE), lambda: len(began_s(tmp_path)) == 2)
    assert took_s < PACE.stop_max_s + 2
    assert alive(tmp_path) == []


def test_where_one_cannot_begin_all_end(tmp_path: Path) -> None:
    """And nobody asked for it."""
    workers = Workers(1, working.refuse, (str(tmp_path),), Terminal(), PACE)
    workers.run()
    assert workers.stop is None
    assert len(began_s(tmp_path)) == 1


def test_a_hangup_is_handed_on(tmp_path: Path) -> None:
    """To each, and it ends nobody."""
    workers = Workers(2, working.stay, (str(tmp_path),), Terminal(), PACE)

    run(workers, lambda: len(began_s(tmp_path)) == 2, hang_up, lambda: len([*tmp_path.glob("*.hangup")]) == 2)
    assert len([*tmp_path.glob("*.hangup")]) == 2
    assert len(began_s(tmp_path)) == 2


def test_a_hangup_of_a_terminal_that_is_gone_ends_all(tmp_path: Path) -> None:
    """Who closes it wants the port back."""
    workers = Workers(2, working.stay, (str(tmp_path),), GoneTerminal(), PACE)
    threading.Timer(0.1, hang_up).start()
    workers.run()
    assert workers.stop is not None
    assert alive(tmp_path) == []
