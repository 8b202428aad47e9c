"""``passerby health``, and the container's health check that is it: asked where the settings say that it listens."""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.cli.health import asked_host
from service.settings import read_settings
from tests.free_ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


class Service:
    """Something on a port that answers /livez as it is told."""

    def __init__(self, host: str, status: int) -> None:
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        self._server = Server((host, 0), Handler)
        self.port = str(self._server.server_port)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Callable[..., Service]]:
    begun: list[Service] = []

    def begin(host: str = "127.0.0.1", status: int = 200) -> Service:
        begun.append(Service(host, status))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def health(*before: str, **environment: str) -> Result:
    variables = {f"PASSERBY_{name.upper()}": value for name, value in environment.items()}
    return CliRunner().invoke(main, [*before, "health"], env=variables, prog_name="passerby")


def test_a_service_that_lives_is_said_to(service: Callable[..., Service]) -> None:
    """By /livez, and status 0."""
    living = service()
    result = health(port=living.port)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "live\n", "")
    assert living.asked == ["/livez"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "::0", "0:0:0:0:0:0:0:0", "localhost"])
def test_it_is_asked_on_loopback_where_it_listens_there(service: Callable[..., Service], host: str) -> None:
    """Whatever else it listens on."""
    assert health(port=service().port, host=host).exit_code == 0


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "::1"),
        ("localhost", "127.0.0.1"), ("10.0.0.5", "10.0.0.5"), ("fd00::5", "fd00::5"), ("2001:db8::5", "2001:db8::5"),
        ("::0", "127.0.0.1"), ("0:0:0:0:0:0:0:0", "127.0.0.1"), ("0:0::0", "127.0.0.1"), ("0:0:0:0:0:0:0:1", "::1"),
    ],
)  # fmt: skip
def test_elsewhere_it_is_asked_where_it_listens(host: str, asked: str) -> None:
    """An address of one network answers nobody on loopback."""
    assert asked_host(host) == asked


def test_the_file_says_where_as_well(service: Callable[..., Service], config_copy: Callable[[], Path]) -> None:
    """By --config and by PASSERBY_CONFIG; the environment overrides, and what is none of ours does not."""
    living, directory = service(), config_copy()
    (directory / "passerby.toml").write_text(f'port = {living.port}\nhost = "0.0.0.0"\n')
    assert health("--config", str(directory)).exit_code == 0
    assert health(config=str(directory)).exit_code == 0
    assert health(config=str(directory), port="").exit_code == 0, "an empty variable is unset"
    assert health(config=str(directory), port="tcp://10.0.0.5:8080").exit_code == 0, "Kubernetes' own"
    assert health(config=str(directory), port="1").exit_code == 1


@pytest.mark.parametrize("status", [204, 301, 404, 500, 503])
def test_what_does_not_live_is_said(service: Callable[..., Service], status: int) -> None:
    """Another program on the port, or ours in trouble."""
    ill = service(status=status)
    result = health(port=ill.port)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"what answers on 127.0.0.1 port {ill.port} is not well: {status}\n"


def test_nobody_is_said() -> None:
    """In a line."""
    port = free_port()
    result = health(port=str(port))
    assert result.exit_code == 1
    assert result.stderr == f"nobody answers on 127.0.0.1 port {port} (ConnectionRefusedError)\n"


def test_who_listens_and_does_not_answer_is_given_up() -> None:
    """Before the container's own patience of 2 s ends."""
    with socket.create_server(("127.0.0.1", 0)) as hung:
        result = health(port=str(hung.getsockname()[1]))
    assert result.exit_code == 1
    assert "(TimeoutError)" in result.stderr


def test_a_port_that_nobody_can_know_and_a_mistake_are_said() -> None:
    """Status 1."""
    assert "port: the system chooses it" in health(port="0").stderr
    wrong = health(port="http", workers="two")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (1, 2)


# The image. There is no docker here: what its lines say is done by hand.


def line_of(word: str) -> str:
    (found,) = re.findall(rf"(?m)^{word} (.*)$", DOCKERFILE)
    return str(found)


def test_the_image_names_no_port_but_in_what_it_exposes() -> None:
    """The health check follows the settings, and no variable of the image overrides a configuration that is mounted."""
    assert json.loads(line_of("HEALTHCHECK").partition("CMD ")[2]) == [*json.loads(line_of("ENTRYPOINT")), "health"]
    assert "PASSERBY_" not in line_of("ENV")
    settings = read_settings(ROOT / "config", {})
    assert line_of("EXPOSE").split() == [str(settings.port), str(settings.admin_port)]


def test_both_listeners_of_the_image_are_open_to_its_network(tmp_path: Path) -> None:
    """By the file, which the environment overrides."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (step,) = [step for step in re.findall(r"(?m)^RUN (.*)$", DOCKERFILE) if "passerby.toml" in step]
    subprocess.run(["sh", "-c", step], cwd=tmp_path, check=True, timeout=10)
    settings = read_settings(tmp_path / "config", {})
    assert (settings.host, settings.admin_host) == ("0.0.0.0", "0.0.0.0")
    assert read_settings(tmp_path / "config", {"PASSERBY_ADMIN_HOST": "127.0.0.1"}).admin_host == "127.0.0.1"


def test_that_the_options_of_serve_are_not_seen_by_it_is_said_where_they_are_read() -> None:
    """A container whose command is `serve --port 9000` would be unhealthy for ever."""
    told = " ".join(CliRunner().invoke(main, ["serve", "--help"]).output.split())
    assert "`passerby health` knows the configuration and the environment, but none of these options" in told
    assert "not by `serve --port`" in DOCKERFILE


def test_the_image_serves_and_is_found_healthy_on_whatever_port(tmp_path: Path) -> None:
    """Started as its lines say, with another port for both listeners; its health check is run beside it."""
    for name in ("service", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (step,) = [step for step in re.findall(r"(?m)^RUN (.*)$", DOCKERFILE) if "passerby.toml" in step]
    subprocess.run(["sh", "-c", step], cwd=tmp_path, check=True, timeout=10)
    ports = [str(free_port()), str(free_port())]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")} | {
        "PASSERBY_PORT": ports[0], "PASSERBY_ADMIN_PORT": ports[1], "PASSERBY_COUNTING": "false",
        "PASSERBY_OPEN_SCOPES": "recommend,events", "PYTHONSAFEPATH": "", "PYTHONPATH": str(tmp_path),
    }  # fmt: skip

    def command(line: str) -> list[str]:
        return [sys.executable if "python" in word else word for word in json.loads(line)]

    serve = command(line_of("ENTRYPOINT")) + command(line_of("CMD"))
    check = command(line_of("HEALTHCHECK").partition("CMD ")[2])
    with subprocess.Popen(serve, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as server:
        try:
            for _ in range(100):
                healthy = subprocess.run(
                    check, cwd=tmp_path, env=environment, capture_output=True, timeout=10, check=False
                )
                if healthy.returncode == 0 or server.poll() is not None:
                    break
            assert healthy.stdout == b"live\n"
            with urllib.request.urlopen(f"http://127.0.0.2:{ports[1]}/metrics", timeout=5) as metrics:
                assert b"passerby_build_info" in metrics.read()
        finally:
            server.terminate()
            _, log = server.communicate(timeout=15)
    assert server.returncode == 0, log
    ill = subprocess.run(check, cwd=tmp_path, env=environment, capture_output=True, timeout=10, check=False)
    assert ill.returncode == 1
