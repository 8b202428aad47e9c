"""A site, or the policy, is changed while visitors come: taken up within seconds, or refused whole and said."""

import http.client
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from tests.journeys.conftest import Server

TAKEN_WITHIN_S = 3.0
QUESTION = "/v1/recommendation?site=demo"
SHOP = 'id = "shop"\nlanguages = ["fr", "it"]\ndefault_language = "fr"\n'
CONFIG = Path(__file__).resolve().parent.parent.parent / "config"


class Operator:
    """A server by a configuration of its own, and whoever edits that."""

    def __init__(self, start: Callable[..., Server], directory: Path, **settings: str) -> None:
        self.directory = directory
        self.demo = directory / "sites" / "demo.toml"
        self.whole = self.demo.read_text()
        self.server = start(config=str(directory), **settings)

    def default_language(self, tag: str) -> None:
        """Written in two pieces, as by an editor that is no friend of anybody."""
        text = self.whole.replace('default_language = "en"', f'default_language = "{tag}"')
        with self.demo.open("w") as file:
            file.write(text[:500])
            file.flush()
            time.sleep(0.05)
            file.write(text[500:])

    def hang_up(self) -> None:
        os.kill(self.server.process.pid, signal.SIGHUP)

    def log(self, event: str) -> list[dict[str, Any]]:
        lines = map(json.loads, self.server.log.read_text().splitlines())
        return [line for line in lines if line["event"] == event]

    def language(self) -> str:
        """The language for a visit that shows nothing, on a connection of its own: with luck another worker's."""
        return str(self.server.ask(QUESTION)[1]["language"]["tag"])

    def ready(self) -> Any:
        return self.server.ask("/readyz")[1]


def soon(true: Callable[[], object], within_s: float = TAKEN_WITHIN_S) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Visitors:
    """Visits one after the other on a connection that stands, for 15 s at most, each with its answer."""

    def __init__(self, port: int) -> None:
        self.answers: list[tuple[int, str]] = []
        self.failed: list[Exception] = []
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        deadline = time.monotonic() + 15
        try:
            while not self._stop.is_set() and time.monotonic() < deadline:
                connection.request("GET", QUESTION)
                response = connection.getresponse()
                self.answers.append((response.status, json.loads(response.read())["language"]["tag"]))
        except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
            self.failed.append(error)
        finally:
            connection.close()


@pytest.fixture(scope="module")
def one(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A server in one process, as it ships."""
    return Operator(start, _copy(tmp_path_factory))


@pytest.fixture(scope="module")
def watchful(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A server that looks at its files more often, for those who wait."""
    return Operator(start, _copy(tmp_path_factory), config_watch_interval_s="0.2")


@pytest.fixture(scope="module")
def pair(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A server of two workers, both of which have begun."""
    operator = Operator(start, _copy(tmp_path_factory), workers="2", config_watch_interval_s="0.2")
    assert soon(lambda: len(operator.log("metrics_served") + operator.log("metrics_not_served")) == 2, 15)
    return operator


def _copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path_factory.mktemp("operator") / "config"))


def test_a_changed_file_is_taken_without_a_dropped_visit(one: Operator) -> None:
    """Every visit is answered, by the old until one moment and by the new from then on; nobody sees a file half written."""
    with Visitors(one.server.port) as visitors:
        assert soon(lambda: len(visitors.answers) > 100)
        one.default_language("ja")
        assert soon(lambda: one.language() == "ja")
        seen = len(visitors.answers)
        assert soon(lambda: len(visitors.answers) > seen + 100)
    assert not visitors.failed
    assert {status for status, _ in visitors.answers} == {200}
    tags = [tag for _, tag in visitors.answers]
    turns = [tag for tag, last in zip(tags, [None, *tags], strict=False) if tag != last]
    assert turns == ["en", "ja"]
    assert not one.log("configuration_refused")


def test_a_site_comes_and_goes(watchful: Operator) -> None:
    """404 before, an answer while its file is there, 404 after."""
    path = watchful.directory / "sites" / "shop.toml"

    def status() -> int:
        return watchful.server.ask("/v1/recommendation?site=shop")[0]

    assert status() == 404
    path.write_text(SHOP)
    assert soon(lambda: status() == 200)
    path.unlink()
    assert soon(lambda: status() == 404)
    assert watchful.ready()["status"] == "ready"


def test_a_hangup_takes_it_at_once(one: Operator) -> None:
    """Sooner than the files are looked at, and the process stays."""
    one.default_language("fr")
    taken = len(one.log("configuration_taken"))
    one.hang_up()
    assert soon(lambda: len(one.log("configuration_taken")) > taken, 0.9)
    assert one.language() == "fr"
    assert one.server.process.poll() is None


def test_a_broken_file_keeps_the_old_and_says_all_that_is_wrong(watchful: Operator) -> None:
    """Until it is mended /readyz is degraded, the log has every mistake once, and answers are as before."""
    watchful.demo.write_text(
        watchful.whole.replace('default_language = "en"', 'default_language = "xx"').replace('["a", "b"]', '["a"]')
    )
    assert soon(lambda: watchful.ready()["status"] == "degraded")
    time.sleep(0.5)  # for a second look at the same
    assert watchful.ready()["configuration"] == {"refused": 1, "restart_needed": False}
    (refusal,) = watchful.log("configuration_refused")
    assert [mistake.partition(": ")[2].partition(":")[0] for mistake in refusal["mistakes"]] == [
        "default_language", "experiments.hero.variants", "experiments.hero.weights",
    ]  # fmt: skip
    assert watchful.language() == "en"
    assert watchful.server.metrics()["passerby_configuration_refused"] == 1
    watchful.default_language("it")
    assert soon(lambda: watchful.language() == "it")
    assert watchful.ready()["status"] == "ready"


def test_both_workers_take_it_and_neither_is_begun_anew(pair: Operator) -> None:
    """By watching, and by a SIGHUP to their parent, with a good file and with a bad one."""
    pids = {line["pid"] for line in pair.log("starting")}
    assert len(pids) == 2

    def told_by(event: str, since: int = 0) -> set[int]:
        return {line["pid"] for line in pair.log(event)[since:]}

    pair.default_language("ja")
    assert soon(lambda: told_by("configuration_taken") == pids)
    assert {pair.language() for _ in range(20)} == {"ja"}
    pair.demo.write_text(pair.whole.replace("[slots.front]", "[slots.language]"))
    pair.hang_up()
    assert soon(lambda: told_by("configuration_refused") == pids)
    assert {pair.language() for _ in range(20)} == {"ja"}
    pair.default_language("fr")
    assert soon(lambda: {pair.language() for _ in range(20)} == {"fr"})
    before = len(pair.log("configuration_taken"))
    pair.hang_up()  # nothing changed: only whoever is asked says so
    assert soon(lambda: told_by("configuration_taken", before) == pids)
    assert told_by("starting") == pids
    assert pair.log("worker_lost") == []
    for pid in pids:
        os.kill(pid, 0)  # both are there
    assert not pair.log("settings_need_restart")


def test_a_worker_that_cannot_begin_says_why_and_another_does_once_all_is_well(pair: Operator) -> None:
    """One dies while the file is bad: the other goes on by the old, and is joined again when it is mended."""
    before = {line["pid"] for line in pair.log("starting")}
    victim, since = min(before), len(pair.log("configuration_refused"))
    pair.default_language("fr")
    assert soon(lambda: {pair.language() for _ in range(20)} == {"fr"})
    pair.demo.write_text("id = ")
    assert soon(lambda: {line["pid"] for line in pair.log("configuration_refused")[since:]} == before)
    os.kill(victim, signal.SIGKILL)
    assert soon(lambda: {line["pid"] for line in pair.log("configuration_refused")} - before, 10)
    lost = pair.log("worker_lost")[0]
    assert (lost["level"], lost["pid"], lost["reason"]) == ("error", victim, "signal 9")
    assert {pair.language() for _ in range(5)} == {"fr"}
    pair.default_language("it")
    assert soon(lambda: {line["pid"] for line in pair.log("starting")} - before, 10)
    assert soon(lambda: {pair.language() for _ in range(20)} == {"it"}, 10)
    assert pair.server.stop() == 0


def test_a_hangup_while_it_starts_ends_nobody(start: Callable[..., Server], tmp_path: Path) -> None:
    """A worker that is not ready for it hears of it when it is."""
    operator = Operator(start, Path(shutil.copytree(CONFIG, tmp_path / "config")), workers="2")
    for _ in range(5):  # one of the workers may still be starting
        operator.hang_up()
        time.sleep(0.1)
    assert soon(lambda: len({line["pid"] for line in operator.log("configuration_taken")}) == 2, 15)
    assert len(operator.log("starting")) == 2
    assert operator.server.stop() == 0
