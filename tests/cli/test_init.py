"""``passerby init``: a directory of one's own that the service starts with, and nobody's work overwritten."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.app import read_configuration
from service.cli import main
from service.settings import DEFAULT_DIRECTORY, Settings


def init(target: Path) -> Result:
    return CliRunner().invoke(main, ["init", str(target)], prog_name="passerby")


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("below", ["own", "not/there/yet", "with a blank"])
def test_it_writes_a_configuration_that_can_be_used_as_it_is(tmp_path: Path, below: str) -> None:
    """Settings, policy, a site, and the geo database with its licence: as they ship, and says what to do next."""
    result = init(tmp_path / below)
    assert result.exit_code == 0
    assert read_configuration(tmp_path / below, {}).settings == Settings()
    written = files(tmp_path / below)
    assert result.stdout.splitlines() == sorted(written)
    assert {"passerby.toml", "production.toml", "regimes.toml", "sites/demo.toml"} <= set(written)
    assert {"geo/country.mmdb.gz", "geo/country.toml", "geo/LICENSE", "geo/NOTICE"} <= set(written)
    shipped = files(DEFAULT_DIRECTORY)
    assert all(shipped[name] == content for name, content in written.items())
    assert "passerby --config " in result.stderr
    assert ("'" in result.stderr) == (" " in below), "the next command can be copied whole"
    assert " check && passerby --config " in result.stderr


def test_what_it_writes_is_its_owners_to_change(tmp_path: Path) -> None:
    """Also where the package's own files may not be written to."""
    init(tmp_path / "own")
    for path in (tmp_path / "own").rglob("*"):
        assert path.stat().st_mode & 0o200


@pytest.mark.parametrize("there", ["passerby.toml", "sites", ".env", "notes.txt", "sites/demo.toml", "geo/x"])
def test_it_touches_no_directory_with_something_in_it(tmp_path: Path, there: str) -> None:
    """Whatever that is: somebody's own configuration cannot be written anew by a slip."""
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    result = init(tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is something in it already" in result.stderr
    assert files(tmp_path) == {there: b"mine"}


@pytest.mark.parametrize("there", ["lost+found", ".git", ".gitkeep", ".gitignore", ".DS_Store"])
def test_what_is_no_content_is_not_in_its_way(tmp_path: Path, there: str) -> None:
    """A new volume and a new repository are empty enough."""
    (tmp_path / there).mkdir() if there in ("lost+found", ".git") else (tmp_path / there).touch()
    assert init(tmp_path).exit_code == 0
    assert read_configuration(tmp_path, {}).settings == Settings()


def test_where_nothing_can_be_written_it_says_so() -> None:
    """In a line, with the place."""
    result = init(Path("/proc/passerby"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("/proc/passerby: cannot be written: ")
    assert result.stderr.count("\n") == 1


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    """Wrong usage, as click has it."""
    (tmp_path / "file").touch()
    assert init(tmp_path / "file").exit_code == 2


def test_keys_and_leavings_of_a_source_tree_do_not_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of keys beside the settings is somebody's, and so is what editors leave."""
    shipped = tmp_path / "shipped"
    init(shipped)
    for name in (
        "keys.toml", ".passerby.toml.swp", "passerby.toml~", "sites/.#demo.toml", ".idea/x", ".idea/deeper/x.toml",
        "sites/.vscode/settings.json", "geo/.cache/deep/er/x",
    ):  # fmt: skip
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        (shipped / name).write_text("private")
    monkeypatch.setattr("service.settings.DEFAULT_DIRECTORY", shipped)
    assert init(tmp_path / "own").exit_code == 0
    assert set(files(tmp_path / "own")) == {name for name, content in files(shipped).items() if content != b"private"}
    assert not list((tmp_path / "own").rglob(".*"))


@pytest.mark.parametrize("broken", ["a.toml", "regimes.toml.old", "sites/a.toml", "sites/zz.toml", "zz"])
def test_what_failed_half_way_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """Nothing stays of what was written until then, so that the place is as empty as before."""
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    init(shipped)
    (shipped / broken).symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr("service.settings.DEFAULT_DIRECTORY", shipped)
    own.mkdir()
    (own / ".gitkeep").touch()
    failed = init(own)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert [path.name for path in own.iterdir()] == [".gitkeep"]
    (shipped / broken).unlink()
    assert init(own).exit_code == 0
