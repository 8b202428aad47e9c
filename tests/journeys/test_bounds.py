"""Packages of which more is relied on than their makers promise: both ends of what is allowed run the service.

They are fetched into a directory of their own and take the place of the installed ones. Which versions these are stands
here and does not follow the index: what somebody else publishes tomorrow turns nothing red. Without a package index these
tests are left out; where everything must run (``CI`` is set, as ``.ci/run`` does) they fail.
"""

import contextlib
import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from service import __version__
from tests.journeys.conftest import ROOT, Server, left_out

FETCH_MAX_S = 120
# By package, what proves a version of it.
COUPLED = {
    "uvicorn": ["tests/web/wire/test_connection.py", "tests/web/wire/test_lifetime.py"],
    "httptools": ["tests/web/wire/test_connection.py", "tests/web/wire/test_two_doors.py"],
    "ua-parser": ["tests/adapters/user_agent/test_lookup.py"],
    "ua-parser-rs": ["tests/adapters/user_agent/test_lookup.py"],
    "redis": [
        f"tests/adapters/redis_store/test_{name}.py" for name in ("store", "connections", "failures", "routing", "tls")
    ],
}
REQUIREMENTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
BOUNDS = {
    found["name"]: (found["low"], found["high"])
    for requirement in REQUIREMENTS
    if (found := re.fullmatch(r"(?P<name>[a-z0-9-]+)(\[\w+\])?>=(?P<low>[\d.]+),<(?P<high>[\d.]+)", requirement))
}
# By package, the lowest and the highest version with which the service is tried. A patch that has to be tried is put here.
TRIED = {
    "uvicorn": ("0.53.0", "0.54.0"),
    "httptools": ("0.8.0", "0.9.0"),
    "ua-parser": ("1.0.0", "1.0.2"),
    "ua-parser-rs": ("0.1.0", "0.1.5"),
    "redis": ("8.0.0", "8.1.0"),
}


def test_what_is_tried_are_both_ends_of_what_is_allowed() -> None:
    """The lower bound itself, and a version of the last series before the upper one: 0.54.x for <0.55, 3.x for <4."""
    assert set(TRIED) == set(BOUNDS)
    for name, (lowest, highest) in TRIED.items():
        low, high = (tuple(map(int, bound.split("."))) for bound in BOUNDS[name])
        *series, last = high
        least, most = (tuple(map(int, tried.split("."))) for tried in (lowest, highest))
        assert least[: len(low)] == low, name
        assert not any(least[len(low) :]), name
        assert most[: len(high)] == (*series, last - 1), name
        assert least <= most, name


def test_what_is_coupled_is_bounded_and_nothing_else() -> None:
    """A bound without a reason keeps people from mending what is broken; a coupling without one breaks by itself."""
    assert set(BOUNDS) == set(COUPLED)


def fetched(which: str) -> Path:
    """A directory with the lowest or the highest of each that is tried, fetched once for each table of them."""
    wanted = [f"{name}=={lowest if which == 'lowest' else highest}" for name, (lowest, highest) in TRIED.items()]
    named = hashlib.sha256(f"{sys.version_info[:2]}{wanted}".encode()).hexdigest()[:16]
    place = Path(sys.prefix) / "bounds" / f"{which}-{named}"
    if not place.is_dir():
        place.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
            try:
                subprocess.run(
                    [*command, "--retries", "1", "--target", f"{folder}/packages", *wanted],
                    check=True, capture_output=True, text=True, timeout=FETCH_MAX_S,
                )  # fmt: skip
            except (subprocess.SubprocessError, OSError) as error:
                why = getattr(error, "stderr", None) or str(error)
                left_out(f"this journey needs a package index, to fetch {', '.join(wanted)}: {why[-300:]}")
            with contextlib.suppress(OSError):  # another worker was quicker
                Path(folder, "packages").rename(place)
    return place


def versions_in(place: Path) -> dict[str, str]:
    found = (re.fullmatch(r"(.+)-([^-]+)\.dist-info", path.name) for path in place.iterdir())
    return {match[1].replace("_", "-"): match[2] for match in found if match}


@pytest.mark.parametrize("which", ["lowest", "highest"])
def test_what_is_allowed_works(which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service with one process and with several; where everything must run, the tests of the coupled modules too."""
    place = fetched(which)
    fetched_versions = versions_in(place)
    assert fetched_versions == {name: tried[which == "highest"] for name, tried in TRIED.items()}
    other = {name for name, found in fetched_versions.items() if found != version(name)}
    monkeypatch.setenv("PYTHONPATH", str(place))
    told = subprocess.run(
        [sys.executable, "-c", "import uvicorn; print(uvicorn.__version__)"],
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout.strip()  # fmt: skip
    assert told == fetched_versions["uvicorn"]
    proofs = sorted({proof for name in other for proof in COUPLED[name]})
    # What is as installed, the rest of the tests prove. Half a minute, which is for where everything must run.
    if proofs and os.environ.get("CI"):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *proofs],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{fetched_versions}\n{done.stdout[-3000:]}"
    for workers in ("1", "2"):
        serves(Server(tmp_path / f"log-{workers}", workers=workers))


def serves(server: Server) -> None:
    """A visit at once, by ASGI and in pieces; one that is refused; the metrics; an end that was asked for."""
    try:
        visit = {"signals": {"ip": "195.65.10.7"}}
        for _ in range(5):
            status, answer = server.ask("/v1/recommendation", headers={"X-Forwarded-For": "195.65.10.7"})
            assert (status, answer["region"]["country"]) == (200, "CH")
        assert server.ask("/v1/recommendation", visit)[1]["region"]["country"] == "CH"
        assert server.ask("/v1/recommendation?nonsense=1")[0] == 422
        assert server.ask("/ofrep/v1/evaluate/flags", {"context": {}})[0] == 200
        body = json.dumps(visit).encode()
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
            slow.sendall(b"POST /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            slow.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body[:5])
            slow.sendall(body[5:])
            response = http.client.HTTPResponse(slow)
            response.begin()
            assert (response.status, json.loads(response.read())["region"]["country"]) == (200, "CH")
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as pipelined:
            pipelined.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            said = b""
            while said.count(b'{"status":"live"}') < 2:
                part = pipelined.recv(4096)
                assert part
                said += part
            assert said.count(b"HTTP/1.1 200 OK\r\n") == 2
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as large:
            large.sendall(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 80 + b"\r\n")
            assert large.recv(4096).startswith(b"HTTP/1.1 431 ")
        assert server.metrics()[f'passerby_build_info{{version="{__version__}"}}'] == 1
    finally:
        status = server.stop()
    assert status == 0
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line for line in lines if line["level"] == "error"] == []
    assert lines[-1]["event"] == "stopped"
