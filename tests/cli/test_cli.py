"""The `passerby` command: helps, decides as the service does, names every mistake, repeats nothing of a visit."""

import contextlib
import datetime as dt
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner, Result

from service import __version__
from service.adapters.ip_location_db import UpdateFailure
from service.adapters.mmdb.snapshot_file import Refusal as DatabaseRefusal
from service.app import Application, Container
from service.cli import main
from service.cli.geo import reasons
from service.cli.recommend import SPOKEN
from service.web.openapi import document
from service.web.pages import words
from tests.documents import DOCUMENTS
from tests.free_ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PASSERBY = [sys.executable, "-m", "service"]


def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, prog_name="passerby")


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", [*commands()], ids=" ".join)
def test_every_command_helps_with_an_example(path: tuple[str, ...]) -> None:
    """`--help` says what the command does and shows one call that can be copied whole."""
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(" ".join(("Usage: passerby", *path)))
    assert re.search(rf"Example:\n +passerby (--config \S+ )?{' '.join(path)}", result.stdout)


@pytest.mark.parametrize("path", [*commands()], ids=" ".join)
def test_every_example_is_understood(path: tuple[str, ...]) -> None:
    """Options and arguments of each example exist; nothing is run."""
    examples = re.findall(r"(?m)^ +passerby ([^|&>\n]*)", run(*path, "--help").stdout)
    assert examples
    for example in examples:
        words = [re.sub(r"^'(.*)'$", r"\1", word) for word in re.findall(r"'[^']*'|\S+", example)]
        _parse(main, [str(ROOT) if "/" in word else sys.executable if word.endswith(".gz") else word for word in words])


def told() -> list[str]:
    """The commands of ours that the README and the documents tell to type."""
    typed = "\n".join(
        block for text in DOCUMENTS.values() for block in re.findall(r"(?ms)^```console.*?\n(.*?)^```", text)
    )
    return re.findall(r"(?m)^\$ (?:[^\n']*[;&] )?\.venv/bin/passerby ([^|&>;\n]+)$", typed)


def test_what_the_documents_tell_to_type_is_understood() -> None:
    """Commands, options and arguments exist; nothing is run."""
    assert len(told()) >= 12
    for line in told():
        with contextlib.suppress(click.exceptions.Exit):  # --help
            _parse(main, shlex.split(line))


def _parse(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    context = command.make_context(command.name, words, parent=parent)
    if isinstance(command, click.Group) and context._protected_args:
        _, chosen, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert chosen is not None
        _parse(chosen, rest, context)


def test_help_answers_at_once() -> None:
    """Nothing but click is imported for it: 0.25 s would do on a slow machine, and modules are what costs time."""
    program = "import sys, service.cli; print(*sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {"msgspec", "rich", "uvicorn", "service.app", "service.settings"}.isdisjoint(found.split())


def test_recommend_answers_as_the_service_does() -> None:
    """The whole decision, on one line where it goes into a pipe."""
    result = run(
        "recommend", "--geo", "CH-ZH", "--accept-language", "de-CH,de;q=0.9", "--cookie", "pb_language=fr",
        "--client-hint", "Sec-CH-UA-Mobile=?1", "--client-hint", 'sec-ch-ua-platform="Android"',
        "--device-id", "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "--consent", "statistics, experiments", "--site", "demo",
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
    decision = json.loads(result.stdout)
    assert decision["language"]["tag"] == "fr"
    assert decision["region"]["country"] == "CH"
    assert decision["device"]["class"] == "smartphone"
    assert decision["privacy"]["regime"] == "CH"
    assert "consent" in decision["privacy"]["signals_used"]


def test_recommend_looks_an_address_up_in_the_shipped_database() -> None:
    """The first run needs no account and no network."""
    decision = json.loads(run("recommend", "--ip", "195.65.10.7", "--user-agent", "curl/8.9").stdout)
    assert decision["region"]["country"] == "CH"
    assert "ip" in decision["privacy"]["signals_used"]


def test_gpc_and_opt_out_are_honoured() -> None:
    """The flags reach the policy."""
    privacy = json.loads(run("recommend", "--geo", "US-CA", "--gpc", "--opt-out").stdout)["privacy"]
    assert privacy["signal_status"] == {"gpc": "honoured"}
    assert {"purpose": "cohort", "reason": "opt_out"} in privacy["withheld"]


@pytest.mark.parametrize(
    ("arguments", "problem", "pointer"),
    [
        (["--device-id", "marker-7731@example.org"], "identifying-value", "/signals/device/id"),
        (["--cookie", "pb_region=marker-7731@example.org"], "identifying-value", "/signals/cookies/region"),
        (["--ip", "localhost"], "invalid-value", "/signals/ip"),
        (["--ip", "8.8.8.8", "--geo", "US"], "invalid-value", "/signals/geo"),
        (["--consent", "everything"], "invalid-value", "/consent/0"),
        (["--site", "marker-7731"], "unknown-site", None),
        (["--cookie", f"pb_language={'marker-7731' * 200}"], "too-large", "/signals/cookies"),
    ],
)
def test_a_refused_visit_is_a_problem_on_stderr(arguments: list[str], problem: str, pointer: str | None) -> None:
    """Exit code 1, a problem that a program can read, and nothing of what was given."""
    result = run("recommend", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    found = json.loads(result.stderr)
    assert found["type"] == f"/problems/{problem}"
    assert [error["pointer"] for error in found.get("errors", [])] == ([] if pointer is None else [pointer])
    assert not any(given in result.output for given in arguments[1::2] if len(given) > len("US"))


@pytest.mark.parametrize(
    ("option", "field"), [("--user-agent", "user_agent"), ("--accept-language", "accept_language")]
)
def test_what_browsers_send_is_no_reason_to_refuse(option: str, field: str) -> None:
    """However long: it is left unread, and named."""
    result = run("recommend", option, "marker-7731" * 100)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["privacy"]["dropped"] == [field]
    assert "marker-7731" not in result.output


def test_an_argument_that_is_no_text_is_refused_as_in_a_body() -> None:
    """Bytes that are no UTF-8 reach a program as half characters."""
    result = run("recommend", "--user-agent", "marker-7731\udcff")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads(result.stderr)["type"] == "/problems/not-json"


def test_explain_refuses_what_recommend_refuses() -> None:
    """In the same words."""
    refused = run("explain", "--device-id", "marker-7731@example.org")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == run("recommend", "--device-id", "marker-7731@example.org").stderr


@pytest.mark.parametrize("given", ["session=marker-7731", "pb_language", "pb_device=marker-7731"])
def test_a_cookie_that_is_none_of_ours_is_wrong_usage(given: str) -> None:
    """Exit code 2, the names that would do, and nothing of what was given."""
    result = run("recommend", "--cookie", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pb_language, pb_region, pb_interests, pb_variants" in result.stderr
    assert "7731" not in result.stderr


def test_explain_tells_the_reasons_in_words() -> None:
    """Every topic of the decision, in English, or in another language that is spoken."""
    english = run("explain", "--geo", "CA-QC", "--gpc").stdout.splitlines()
    topics = {line.partition("\t")[0] for line in english}
    assert {"language", "region", "device", "rules", "signals", "keeping"} <= topics
    assert any("Global Privacy Control" in line for line in english)
    french = run("explain", "--geo", "CA-QC", "--gpc", "--in", "fr").stdout.splitlines()
    assert len(french) == len(english)
    assert french != english


def test_explain_says_what_a_bot_comes_for() -> None:
    """In words; and `recommend` in one of a closed set. Of people neither says anything of the sort."""
    gptbot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
    assert "training (texts that AI models learn from)" in run("explain", "--user-agent", gptbot).stdout
    assert json.loads(run("recommend", "--user-agent", gptbot).stdout)["privacy"]["bot_kind"] == "training"
    assert "What it comes for" not in run("explain", "--geo", "CH").stdout
    assert "bot_kind" not in json.loads(run("recommend", "--geo", "CH").stdout)["privacy"]


def test_explain_speaks_six_languages_and_names_them() -> None:
    """Another one is wrong usage, not silently English."""
    assert words.SPOKEN == SPOKEN
    result = run("explain", "--geo", "CH", "--in", "xx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(f"'{language}'" in result.stderr for language in SPOKEN)


def test_explain_does_not_take_an_unknown_part_for_quebec() -> None:
    """Canada as a whole is under the strictest rules of Canada."""
    assert "the strictest of the country" in run("explain", "--geo", "CA").stdout
    assert "The part of your country is not known" in run("explain", "--geo", "US").stdout
    assert "The part of your country is not known" not in run("explain", "--geo", "US-CA").stdout


@pytest.mark.parametrize(("age_days", "regime"), [(400, "CH"), (401, "ZZ")])
def test_recommend_takes_an_old_policy_as_the_service_does(
    config_copy: Callable[[], Path], age_days: int, regime: str
) -> None:
    """Beyond policy_max_age_days every place is unknown."""
    directory = config_copy()
    date = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=age_days)
    policy = (directory / "regimes.toml").read_text()
    (directory / "regimes.toml").write_text(re.sub(r"(?m)^version = .*$", f'version = "{date}"', policy))
    privacy = json.loads(run("--config", str(directory), "recommend", "--geo", "CH").stdout)["privacy"]
    assert (privacy["regime"], privacy["policy_version"]) == (regime, date.isoformat())


def test_check_shows_what_is_configured(config_copy: Callable[[], Path]) -> None:
    """What an operator wants to see before a start."""
    directory = config_copy()
    result = run("--config", str(directory), "check")
    assert result.exit_code == 0
    rows = dict(line.split("\t") for line in result.stdout.splitlines())
    assert rows["configuration"] == str(directory)
    assert rows["address"] == "127.0.0.1:8080"
    assert rows["policy"].startswith("2026-11-30")
    assert "built 2026-" in rows["geo database"]
    assert "markets: dach; experiments: hero (running); slots: front" in rows["site demo (default)"]
    assert "keys_file" in result.stderr


def test_check_names_every_mistake_and_exits_1(config_copy: Callable[[], Path]) -> None:
    """All at once, a line each, on stderr."""
    directory = config_copy()
    (directory / "passerby.toml").write_text('prot = 1\nworkers = "two"\n')
    result = run("--config", str(directory), "check", environment={"PASSERBY_EDGE": "akami"})
    assert (result.exit_code, result.stdout) == (1, "")
    places = ["passerby.toml: prot", "passerby.toml: workers", "PASSERBY_EDGE"]
    assert [line.rpartition(": ")[0] for line in result.stderr.splitlines()] == places


def test_check_warns_of_what_grows_old(config_copy: Callable[[], Path]) -> None:
    """An old policy, old geo data and a stray variable stop nothing, but are said."""
    directory = config_copy()
    old = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=301)).isoformat()
    policy = (directory / "regimes.toml").read_text()
    (directory / "regimes.toml").write_text(re.sub(r"(?m)^version = .*$", f'version = "{old}"', policy))
    (directory / "passerby.toml").write_text("geo_max_age_days = 1\n")
    result = run("--config", str(directory), "check", environment={"PASSERBY_PROT": "8080"})
    assert result.exit_code == 0
    assert re.search(r"warning: regimes_file: the policy is 301 days old; beyond 400", result.stderr)
    assert re.search(r"warning: geo_database: it is \d+ days old", result.stderr)
    assert "warning: PASSERBY_PROT: there is no such setting" in result.stderr
    (directory / "passerby.toml").write_text("policy_max_age_days = 300\n")
    assert "from an unknown place" in run("--config", str(directory), "check").stderr


def test_geo_show_describes_the_shipped_database() -> None:
    """Type, dates, size and licence, a line each."""
    result = run("geo", "show")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = dict(line.split("\t") for line in result.stdout.splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", rows["built"])
    assert int(rows["networks"].replace(",", "")) > 100_000
    assert rows["addresses"] == "IPv4 and IPv6"
    assert "licence" in rows
    assert "ip-location-db" in rows["source"]


def test_geo_update_installs_a_file(config_copy: Callable[[], Path], tmp_path: Path) -> None:
    """A database that was downloaded by other means takes the place of the old one."""
    directory = config_copy()
    target = directory / "geo/country.mmdb.gz"
    source = tmp_path / "mine.mmdb.xz"
    source.write_bytes(target.read_bytes())
    target.unlink()
    result = run("--config", str(directory), "geo", "update", "--full", str(source))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "file 'mine.mmdb.xz'" in result.stdout
    assert run("--config", str(directory), "geo", "show").exit_code == 0


def test_geo_update_keeps_the_old_database_when_the_new_one_is_bad(
    config_copy: Callable[[], Path], tmp_path: Path
) -> None:
    """Exit code 1 and the reason."""
    directory = config_copy()
    before = (directory / "geo/country.mmdb.gz").read_bytes()
    source = tmp_path / "bad.mmdb"
    source.write_bytes(b"no database at all")
    result = run("--config", str(directory), "geo", "update", str(source))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"geo_database: {reasons()['broken']} (broken)\n"
    assert (directory / "geo/country.mmdb.gz").read_bytes() == before


def test_every_reason_of_a_refused_database_has_words() -> None:
    """None can end in a KeyError."""
    assert set(reasons()) == {*get_args(UpdateFailure), *get_args(DatabaseRefusal)}


def test_openapi_prints_the_document() -> None:
    """Ready to be kept in a file."""
    result = run("openapi")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(document()))


def test_there_is_one_version(house: Container) -> None:
    """The package's own is what the command, the document, readiness and the metrics say."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert (project["project"]["dynamic"], project["tool"]["hatch"]["version"]) == (
        ["version"],
        {"path": "service/__init__.py"},
    )
    application = Application(house)
    exposition = application._telemetry.exposition()[0].decode()
    assert run("--version").stdout == f"passerby {__version__}\n"
    assert document()["info"]["version"] == __version__
    assert application.health.state().version == __version__
    assert f'passerby_build_info{{version="{__version__}"}} 1.0' in exposition.splitlines()
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|[ab]\d+|rc\d+)?", __version__), "and PEP 440 knows it"


def test_the_command_is_called_by_its_name() -> None:
    """Also where it is run as a module, as from a checkout."""
    result = subprocess.run([*PASSERBY, "--help"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert result.stdout.startswith("Usage: passerby ")


def test_wrong_usage_is_exit_code_2() -> None:
    """As the shell's own commands have it."""
    assert run("no-such-command").exit_code == 2
    assert run("serve", "--port", "70000").exit_code == 2
    assert run("--config", "/no/such/directory", "check").exit_code == 2


def test_serve_does_not_start_on_a_bad_configuration() -> None:
    """An override is checked like every other setting."""
    command = [*PASSERBY, "serve", "--host", "0.0.0.0"]  # what is tested
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("PASSERBY_HOST: off loopback")


def test_serve_answers_and_stops_when_told() -> None:
    """With its port given on the command line."""
    environment = os.environ | {"PASSERBY_ADMIN_PORT": "0"}
    port = free_port()
    command = [*PASSERBY, "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as server:
        try:
            assert _fetch(f"http://127.0.0.1:{port}/readyz", 10.0)["policy"]["version"] == "2026-11-30"
        finally:
            server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=10)
    assert server.returncode == 0
    assert b"Traceback" not in log
    (starting,) = [line for line in map(json.loads, log.splitlines()) if line["event"] == "starting"]
    assert starting["policy_version"] == "2026-11-30"
    assert "version" not in starting


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("name", ["port", "admin_port"])
def test_serve_says_which_port_is_taken(name: str, workers: str) -> None:
    """Exit code 1 and one plain line: the address, and what to change. Nothing else is begun, so nothing else is said."""
    taken = free_port()  # of two workers the second takes the admin port after it, which nobody has either
    with socket.create_server(("127.0.0.1", taken)):
        ports = {"port": str(free_port()), "admin_port": "0"} | {name: str(taken)}
        environment = os.environ | {f"PASSERBY_{key.upper()}": value for key, value in ports.items()}
        result = subprocess.run(
            [*PASSERBY, "serve", "--workers", workers],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"{name}: 127.0.0.1:{taken} is in use by another program; end that, "
        f"or set another one with PASSERBY_{name.upper()}, or `{name}` in passerby.toml\n"
    )


def _fetch(url: str, patience_s: float) -> dict[str, dict[str, str]]:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # loopback
                return dict(json.load(answer))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
