"""A real server in a process of its own, as ``make run`` starts it."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.free_ports import free_port
from tests.journeys.browser import Browser

ROOT = Path(__file__).resolve().parent.parent.parent
START_MAX_S = 15


def program(names: tuple[str, ...], package: str) -> str:
    """A program that a journey drives but this project does not install.

    Absent, the journey is left out, loudly; where everything must run (``CI`` is set, as ``.ci/run`` does) it fails.
    """
    path = os.environ["PATH"] + os.pathsep + "/usr/sbin"
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        left_out(f"this journey needs {names[0]}: apt-get install {package}")
    return found


def left_out(need: str) -> NoReturn:
    """The end of a journey that this machine cannot make, with what it needs."""
    if os.environ.get("CI"):
        pytest.fail(need)
    pytest.skip(need)


class Server:
    """A running service: its address, its process, its log."""

    def __init__(self, log: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
        environment |= {"PASSERBY_PORT": str(self.port), "PASSERBY_ADMIN_PORT": "0"}
        environment |= {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_MAX_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/livez", timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def ask(
        self, path: str, body: Any = None, headers: Mapping[str, str] = {}, timeout_s: float = 5
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer; a body makes it a POST. Nothing is asked twice."""
        fields = {"Content-Type": "application/json", **headers} if body is not None else dict(headers)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, fields)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")

    def metrics(self) -> dict[str, float]:
        """The service's own numbers, by name and labels."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        port = next(line["port"] for line in lines if line["event"] == "metrics_served")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            told = response.read().decode().splitlines()
        pairs = (line.rpartition(" ") for line in told if line.startswith("passerby_"))
        return {name: float(value) for name, _, value in pairs}

    def kill(self) -> None:
        """SIGKILL: nothing is handed over, nobody says good-bye."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.terminate()
        return self.process.wait(10)


@pytest.fixture(scope="session")
def nginx() -> str:
    """The nginx of this machine."""
    return program(("nginx",), "nginx-light")


@pytest.fixture(scope="session")
def node_program() -> str:
    """The Node of this machine."""
    return program(("node",), "nodejs npm")


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """The Chromium of this machine, or a browser made of it."""
    return program(("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), "chromium")


@pytest.fixture(scope="module")
def chromium(chromium_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("browser") / "profile"
    profile.mkdir()
    browser = Browser(chromium_program, profile)
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser as it was on its first day: no cookies, nothing open."""
    chromium.do("Network.clearBrowserCookies")
    chromium.open("about:blank")
    chromium.events.clear()
    return chromium


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers with settings of a test's choice and stops them all."""
    servers = []

    def begin(**settings: str) -> Server:
        servers.append(Server(tmp_path_factory.mktemp("server") / "log", **settings))
        return servers[-1]

    yield begin
    for server in servers:  # all at once: each may take its time to hand over what it counted
        server.process.terminate()
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def server(start: Callable[..., Server]) -> Server:
    """The service as it ships."""
    return start()
