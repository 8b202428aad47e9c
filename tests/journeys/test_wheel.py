"""Who installs the package has the service: built here, installed elsewhere, it runs with no source tree in reach."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from service import __version__
from tests.journeys.conftest import ROOT, START_MAX_S, free_port

VISIT = {"signals": {"ip": "195.65.10.7", "device": {"accept_language": "fr"}}}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what a clone has: nothing is fetched, nothing is left in the source tree."""
    source, built = tmp_path_factory.mktemp("source") / "tree", tmp_path_factory.mktemp("built")
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, source)
    for name in ("service", "config"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "config/keys.toml").write_text("# what somebody may have there, and no package may hold\n")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=60)
    shutil.rmtree(source)
    (found,) = built.iterdir()
    return found


class Installed:
    """A new environment with the wheel in it, and a directory that is no source tree to stand in."""

    def __init__(self, home: Path, wheel: Path) -> None:
        self.home = home
        environment = home / "environment"
        venv = [sys.executable, "-m", "venv", "--without-pip", str(environment)]
        subprocess.run(venv, check=True, capture_output=True, timeout=60)
        self.python, self.command = environment / "bin/python", environment / "bin/passerby"
        install = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "--no-index", "--no-deps"]
        subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=60)
        (packages,) = environment.glob("lib/python*/site-packages")
        # The dependencies that this project's own environment has: its packages alone, not what its .pth files name.
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
        self.elsewhere = home / "elsewhere"
        self.elsewhere.mkdir()
        kept = ("PATH", "TMPDIR", "HOME", "LANG")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
        command = [str(self.command), *words]
        return subprocess.run(
            command, cwd=self.elsewhere, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def serve(self, *words: str, **settings: str) -> tuple["subprocess.Popen[bytes]", str]:
        """The service and its address, once it answers."""
        port = free_port()
        settings |= {"port": str(port), "admin_port": str(free_port())}
        environment = self.environment | {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
        command = [str(self.command), *words, "serve"]
        with (self.home / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.elsewhere, env=environment, stdout=log, stderr=log)
        url, give_up_at_s = f"http://127.0.0.1:{port}", time.monotonic() + START_MAX_S
        while time.monotonic() < give_up_at_s and process.poll() is None:
            try:
                urllib.request.urlopen(f"{url}/livez", timeout=2).close()
            except OSError:
                time.sleep(0.05)
            else:
                return process, url
        process.kill()
        process.wait()
        raise AssertionError((self.home / "log").read_text())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


def fetched(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.loads(response.read())


def test_the_wheel_holds_the_data_and_the_licences_and_no_keys(wheel: Path) -> None:
    """Whatever a module reads is in the package, and so are the licences of what others made."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = [path for place in ("service", "config") for path in (ROOT / place).rglob("*") if path.is_file()]
    wanted = {
        str(path.relative_to(ROOT)) for path in tracked if "__pycache__" not in path.parts and path.name != "keys.toml"
    }
    wanted = {name if name.startswith("service/") else f"service/{name}" for name in wanted}
    assert wanted <= names
    assert {"service/docs/privacy.md", "service/docs/glossary.md"} <= names
    assert {"service/config/geo/LICENSE", "service/adapters/cldr/LICENSE-Unicode.txt"} <= names
    assert f"passerby-{__version__}.dist-info/licenses/LICENSE" in names
    assert not [name for name in names if name.endswith("keys.toml")]
    assert not [name for name in names if not name.startswith(("service/", f"passerby-{__version__}.dist-info/"))]


def test_what_runs_is_what_was_installed(installed: Installed) -> None:
    """And not the source tree, which is out of its reach."""
    told = subprocess.run(
        [str(installed.python), "-c", "import service, sys; print(service.__file__, *sys.path, sep='\\n')"],
        cwd=installed.elsewhere, env=installed.environment, capture_output=True, text=True, check=True, timeout=30,
    ).stdout.splitlines()  # fmt: skip
    assert Path(told[0]).is_relative_to(installed.home)
    assert str(ROOT) not in told
    assert installed.run("--version").stdout == f"passerby {__version__}\n"


def test_it_is_checked_and_decides_with_nothing_but_itself(installed: Installed) -> None:
    """The configuration and the geo database that ship are in it."""
    checked = installed.run("check")
    assert checked.returncode == 0, checked.stderr
    assert f"configuration\t{installed.home / 'environment'}" in checked.stdout
    decided = json.loads(installed.run("recommend", "--ip", "195.65.10.7").stdout)
    assert decided["region"]["country"] == "CH"
    assert json.loads(installed.run("openapi").stdout)["info"]["version"] == __version__


@pytest.mark.parametrize("own", [False, True], ids=["as it ships", "with a configuration of one's own"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_and_answers(installed: Installed, own: bool, workers: str) -> None:
    """A visit, the documents, the page for people, and one version."""
    words: tuple[str, ...] = ()
    if own:
        directory = f"own-{workers}"
        begun = installed.run("init", directory)
        assert begun.returncode == 0, begun.stderr
        assert f"passerby --config {directory} check && passerby --config {directory} serve" in begun.stderr
        words = ("--config", directory)
        site = installed.elsewhere / directory / "sites/demo.toml"
        site.write_text(site.read_text().replace('default_language = "en"', 'default_language = "ja"'))
        assert installed.run(*words, "check").returncode == 0
    server, url = installed.serve(*words, workers=workers)
    try:
        answer = fetched(f"{url}/v1/recommendation", VISIT)
        assert (answer["language"]["tag"], answer["region"]["country"]) == ("fr", "CH")
        unknown = fetched(f"{url}/v1/recommendation", {})
        assert unknown["language"]["tag"] == ("ja" if own else "en")
        ready, document = fetched(f"{url}/readyz"), fetched(f"{url}/openapi.json")
        assert ready["version"] == document["info"]["version"] == __version__
        assert ready["geo"]["healthy"] is True
        with urllib.request.urlopen(f"{url}/", timeout=5) as page:
            assert b"<html" in page.read()
        with urllib.request.urlopen(f"{url}/docs/glossary", timeout=5) as page:
            assert b"<h1" in page.read()
    finally:
        server.terminate()
        assert server.wait(15) == 0, (installed.home / "log").read_text()
    assert '"level":"error"' not in (installed.home / "log").read_text()
