"""`passerby keys`: a key is shown once, kept as a digest, listed by what it allows, and revoked by its id."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.adapters.keys_file import REASONS, KeysRefusal, read_keys
from service.cli import main
from service.cli.keys import SCOPES as OFFERED
from service.core.access import SCOPES, Keys


def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, prog_name="passerby")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


@pytest.fixture
def new(path: Path) -> Callable[..., str]:
    """Makes keys in ``path``."""

    def make(*options: str) -> str:
        result = run("keys", "new", "--file", str(path), *options)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    return make


def test_a_key_is_printed_once(new: Callable[..., str], path: Path) -> None:
    """The key alone on stdout, for a pipe; on stderr that it is shown only now."""
    result = run("keys", "new", "--scope", "recommend", "--file", str(path))
    assert re.fullmatch(r"pbk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\n", result.stdout)
    assert "shown only now" in result.stderr
    key = result.stdout.strip()
    assert key not in result.stderr
    assert key[13:] not in path.read_text()
    assert Keys.of(read_keys(path)).grant(key.encode()) is not None


def test_keys_are_listed_by_what_they_allow(new: Callable[..., str], path: Path) -> None:
    """A line each, in the order they were made: id, label, scopes, sites, when; never a key or its digest."""
    edge = new("--scope", "events", "--scope", "recommend", "--scope", "events", "--site", "demo", "--label", "edge")
    all_sites = new("--scope", "admin")
    lines = run("keys", "list", "--file", str(path)).stdout.splitlines()
    assert lines[0] == "id\tlabel\tscopes\tsites\tcreated"
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"{edge[4:12]}\tedge\trecommend events\tdemo\t{moment}", lines[1])
    assert re.fullmatch(rf"{all_sites[4:12]}\t\tadmin\tevery site\t{moment}", lines[2])
    assert len(lines) == 3
    assert not any(record.sha256 in line for record in read_keys(path) for line in lines)


def test_a_revoked_key_is_gone(new: Callable[..., str], path: Path) -> None:
    """The others stay; an id that nobody has is said, with exit code 1 and not repeated."""
    gone, stays = new("--scope", "events"), new("--scope", "events")
    assert run("keys", "revoke", gone[4:12], "--file", str(path)).exit_code == 0
    known = Keys.of(read_keys(path))
    assert known.grant(gone.encode()) is None
    assert known.grant(stays.encode()) is not None
    again = run("keys", "revoke", gone[4:12], "--file", str(path))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "there is no key with this id" in again.stderr
    whole = run("keys", "revoke", stays, "--file", str(path))
    assert whole.exit_code == 1
    assert stays not in whole.output


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--scope", "everything"],
        ["--scope", "events", "--label", "Anna Schmidt"],
        ["--scope", "events", "--label", "edge\n"],
        ["--scope", "events", "--site", "Demo"],
        ["--scope", "events", *["--site", "demo"] * 65],
    ],
)
def test_wrong_usage_makes_no_key(options: list[str], path: Path) -> None:
    """Exit code 2, and no file."""
    assert run("keys", "new", "--file", str(path), *options).exit_code == 2
    assert not path.exists()


def test_a_file_that_cannot_be_used_is_said_in_words(path: Path) -> None:
    """For each command, and nothing is changed."""
    absent = run("keys", "list", "--file", str(path))
    assert (absent.exit_code, absent.stdout) == (1, "")
    assert "there is no such file" in absent.stderr
    path.write_text("[[keys]]\n")
    for command in (["list"], ["revoke", "a1b2c3d4"], ["new", "--scope", "events"]):
        broken = run("keys", *command, "--file", str(path))
        assert (broken.exit_code, broken.stdout) == (1, "")
        assert "keys_file: it is not as `passerby keys` writes it (block 1" in broken.stderr
    assert path.read_text() == "[[keys]]\n"


def test_every_reason_has_words() -> None:
    """And the scopes of the command are those of the service."""
    alias: Any = KeysRefusal
    assert set(REASONS) == set(alias.__args__)
    assert OFFERED == SCOPES


def test_without_a_file_it_is_said_what_to_set(config_copy: Callable[[], Path]) -> None:
    """Neither `--file` nor `keys_file`."""
    directory = str(config_copy())
    for command in (["list"], ["revoke", "a1b2c3d4"], ["new", "--scope", "events"]):
        result = run("--config", directory, "keys", *command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "PASSERBY_KEYS_FILE" in result.stderr


def test_the_configured_file_is_made_with_its_first_key(config_copy: Callable[[], Path]) -> None:
    """Relative to the configuration; its sites must be there; and from then on the configuration is sound."""
    directory = config_copy()
    environment = {"PASSERBY_KEYS_FILE": "keys.toml"}
    stray = run(
        "--config", str(directory), "keys", "new", "--scope", "events", "--site", "shop", environment=environment
    )
    assert (stray.exit_code, stray.stdout) == (1, "")
    assert "the configured sites are demo" in stray.stderr
    missing = run("--config", str(directory), "check", environment=environment)
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "PASSERBY_KEYS_FILE: there is no such file" in missing.stderr
    made = run(
        "--config", str(directory), "keys", "new", "--scope", "events", "--site", "demo", environment=environment
    )
    assert made.exit_code == 0, made.output
    assert len(read_keys(directory / "keys.toml")) == 1
    (directory / "keys.toml").chmod(0o644)
    checked = run("--config", str(directory), "check", environment=environment)
    assert checked.exit_code == 0
    assert "keys_file: others on this machine may read it" in checked.stderr
