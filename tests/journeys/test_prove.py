"""The promise: `passerby prove` finds nothing in the service as it ships, and does find what a leaky one leaks."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.attacks import simulations
from service.attacks.measures import at_least, at_most
from service.audit import MARKERS_MIN, deployment
from service.cli import main
from service.cli.prove import _measure
from tests.adapters.redis_servers import RedisServer, running
from tests.free_ports import free_port
from tests.journeys.conftest import ROOT, START_MAX_S, Server

MARKERS = str(MARKERS_MIN)
SINKS = {"redis", "redis monitor", "logs", "metrics", "answers"}


def prove(folder: Path, *options: str) -> tuple[Result, dict[str, Any]]:
    """What the command said, and the record that it wrote."""
    record = folder / "audit.json"
    result = CliRunner().invoke(main, ["prove", "--markers", MARKERS, "--seed", "7", "--json", str(record), *options])
    return result, json.loads(record.read_text()) if record.exists() else {}


def test_nothing_of_a_client_comes_out_of_the_service(tmp_path: Path) -> None:
    """Not by any channel, with any outcome, in any sink. One test, for one audit takes as long as many tests."""
    result, record = prove(tmp_path, "--embedded")
    assert record["findings"] == []
    assert record["problems"] == []
    assert result.exit_code == 0
    assert record["passed"]
    assert record["markers"] == int(MARKERS)
    assert {sink["sink"] for sink in record["sinks"]} == SINKS
    was_really_tried(record)
    is_told(result, record)


def was_really_tried(record: dict[str, Any]) -> None:
    """Each channel had its outcomes, counts were released, and each sink gave back every leak that was planted in it."""
    assert len(record["channels"]) > 150
    for channel in record["channels"]:
        assert channel["missing"] == []
        assert sum(channel["outcomes"].values()) >= len(channel["outcomes"]) > 0
    assert sum(channel["outcomes"].get("overload", 0) for channel in record["channels"]) > 100
    assert sum(channel["outcomes"]["shutdown"] for channel in record["channels"]) > 100
    assert "counts released" in record["life"]
    assert "tokens sealed" in record["life"]
    assert set(record["not_audited"]) == {"some routes"}  # so few markers are for tests
    assert record["requests"] >= record["markers"] - record["holding_requests"]
    for sink in record["sinks"]:
        assert sink["known_by"]
        assert len(sink["controls"]) >= 16
        assert sink["missed"] == []
    signs = {sink["sink"]: sink["known_by"] for sink in record["sinks"]}
    assert "told to read its configuration anew" in signs["logs"]
    assert "that nobody else sends" in signs["metrics"]


def is_told(result: Result, record: dict[str, Any]) -> None:
    """A line for each channel and each sink, and the verdict last; how long it takes beforehand."""
    lines = result.stdout.splitlines()
    assert lines[-1] == "passed, but for some routes"
    assert {line.partition("\t")[0] for line in lines} >= SINKS | {row["channel"] for row in record["channels"]}
    assert "seconds" in result.stderr


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[tuple[str, str, Path]]:
    """The URLs and the log of a service that leaks in five places."""
    log, port = tmp_path_factory.mktemp("leaky") / "log", free_port()
    settings = {
        "PASSERBY_REDIS_URL": redis_server.url,
        "PASSERBY_ADMIN_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(ROOT / "tests/journeys/leaky_service.py"), str(port), str(log)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings)
    url = f"http://127.0.0.1:{port}"
    give_up_at = time.monotonic() + START_MAX_S
    while time.monotonic() < give_up_at:
        try:
            urllib.request.urlopen(f"{url}/livez", timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield url, f"http://127.0.0.1:{settings['PASSERBY_ADMIN_PORT']}/metrics", log
    process.terminate()
    process.wait(10)


def test_a_leaky_service_is_caught_in_each_sink(
    leaky: tuple[str, str, Path], redis_server: RedisServer, tmp_path: Path
) -> None:
    """Each leak is told with the channel it went in by, the form it took and the sink that it came out of."""
    url, metrics, log = leaky
    with log.open("a") as other:  # more than is read at once
        other.write(" " * 1_000_000 + "\n")
    result, record = prove(
        tmp_path, "--url", url, "--redis", redis_server.url, "--logs", str(log), "--metrics", metrics
    )
    assert result.exit_code == 1
    assert not record["passed"]
    assert result.stdout.splitlines()[-1] == "FAILED"
    found = {(finding["sink"], finding["channel"]) for finding in record["findings"]}
    assert found >= {
        ("answers", "accept_language_tag"),
        ("logs", "user_agent"),
        ("redis monitor", "referer"),
        ("metrics", "path"),
    }
    cookies = {channel for sink, channel in found if sink == "answers" and channel.startswith("cookie_")}
    named = {"cookie_language", "cookie_region", "cookie_interests_dropped", "cookie_variants_dropped"}
    assert cookies > named  # with what was dropped; the others when they were sent back by an opt-out
    assert ("logs", "user_agent_long", "sha256 of whole, cut in hex") in {
        (finding["sink"], finding["channel"], finding["form"]) for finding in record["findings"]
    }
    digests = {finding["sink"] for finding in record["findings"] if "md5" in finding["form"].lower()}
    assert "redis monitor" in digests
    assert {sink for sink, _ in found} == SINKS
    assert log.stat().st_size < 1_100_000


def test_a_service_that_knows_no_group_yet_can_be_filled(redis_server: RedisServer, tmp_path: Path) -> None:
    """It gives no token, so that no report waits for the store. A house as large as shipped is full all the same."""
    server = Server(tmp_path / "log", redis_url=redis_server.url)
    try:
        sinks = ("--url", server.url, "--redis", redis_server.url, "--logs", str(server.log))
        result, record = prove(tmp_path, *sinks, "--allow-overload")
    finally:
        server.stop()
    assert record["findings"] == []
    assert record["problems"] == []
    assert result.exit_code == 0
    assert {"cohort", "token"} < set(record["not_audited"])
    assert "overload" not in record["not_audited"]
    assert all("overload" not in channel["missing"] for channel in record["channels"])


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        ([], 2, "--url is missing"),
        (["--embedded", "--url", "http://127.0.0.1:1"], 2, "without --url"),
        (["--url", "nowhere", "--redis", "redis://localhost", "--logs", __file__], 2, "such as http://127.0.0.1:8080"),
        (["--url", "http://127.0.0.1:1", "--redis", "nothing://", "--logs", __file__], 2, "a Redis URL begins with"),
        (["--embedded", "--markers", "7"], 2, "'--markers': 7 is not in the range"),
        (["--embedded", "--json", "/nonexistent/x"], 2, "--json: that file cannot be written"),
        (["--simulate", "--json", "/nonexistent/x"], 2, "--json: that file cannot be written"),
        (["--simulate", "--embedded"], 2, "without --embedded"),
        (["--simulate", "--url", "nonsense"], 2, "without --url"),
        (["--url", "http://127.0.0.1:1", "--redis", "redis://127.0.0.1:1", "--logs", __file__], 1, "redis: nobody answers"),
    ],
)  # fmt: skip
def test_what_cannot_be_audited_is_said(options: list[str], exit_code: int, words: str) -> None:
    """In a sentence, without a traceback; wrong usage is told apart from a deployment that is not there."""
    result = CliRunner().invoke(main, ["prove", *options])
    assert result.exit_code == exit_code
    assert words in result.stderr


def test_what_is_away_is_said(redis_server: RedisServer, tmp_path: Path) -> None:
    """First the log, then the service itself; Redis is there. A record says so too."""
    log = tmp_path / "log"
    away = ["--url", f"http://127.0.0.1:{free_port()}", "--redis", redis_server.url, "--logs", str(log)]
    result, record = prove(tmp_path, *away)
    assert (result.exit_code, record["passed"]) == (1, False)
    assert record["problems"] == result.stderr.splitlines()[-1:]
    assert "logs: there is no file" in result.stderr
    log.touch()
    result, record = prove(tmp_path, *away)
    assert (result.exit_code, record["passed"]) == (1, False)
    assert "nobody answers there" in result.stderr


def test_a_service_that_does_not_start_is_said_with_its_reason(tmp_path: Path) -> None:
    """In its own words: nobody has asked it anything yet."""
    (tmp_path / "passerby.toml").write_text('default_site = "nobody"\n')
    result = CliRunner().invoke(main, ["--config", str(tmp_path), "prove", "--embedded"])
    assert result.exit_code == 1
    assert "the service did not start" in result.stderr
    assert "sites_dir" in result.stderr


def test_figures_are_told_as_they_are_counted() -> None:
    """And one that is not as it must be is shouted."""
    told = tuple(_measure(at_most("attempts that succeeded", 10_000, 0, "attempts")))
    assert told == ("attempts that succeeded", "10,000", "<= 0", "attempts", "NO", "")
    assert tuple(_measure(at_most("share", 0.01234567, 0.5, "of 1")))[1:3] == ("0.01235", "<= 0.5")


def test_a_simulation_that_finds_too_much_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its table and its file are there all the same."""
    missed = [at_most("devices alone", 0.017, 0.01, "of 1"), at_least("found by the control", 1, 0.99, "of 1")]
    monkeypatch.setattr(simulations, "simulate", lambda _attacked, _report: missed)
    result = CliRunner().invoke(main, ["prove", "--simulate", "--json", str(tmp_path / "figures.json")])
    assert result.exit_code == 1
    assert "devices alone\t0.017\t<= 0.01\tof 1\tNO" in result.stdout
    told = json.loads((tmp_path / "figures.json").read_text())
    assert len(told["measures"]) == 2
    assert not told["passed"]
    assert told["terms"]["k"] > 0
    assert {"date", "version", "site"} < told.keys()


def test_a_redis_that_does_not_answer_is_said_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not told to be installed: it is there."""
    ended: list[str] = []

    class Silent:
        url = "unix:///nowhere"

        def wait(self, _timeout_s: float) -> bool:
            return False

        def stop(self) -> None:
            ended.append(self.url)

    monkeypatch.setattr(deployment, "start_embedded_redis", Silent)
    result = CliRunner().invoke(main, ["prove", "--embedded"])
    assert result.exit_code == 1
    assert "did not answer" in result.stderr
    assert ended == ["unix:///nowhere"]
