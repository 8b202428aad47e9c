"""`passerby experiments import`: what GrowthBook has goes into the site's file, or it is said why not."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main

PAYLOAD: dict[str, Any] = {
    "features": {
        "button": {
            "defaultValue": "red",
            "rules": [
                {"force": "red", "condition": {"email": {"$in": ["marker-7731@example.org"]}}},
                {"key": "Checkout.Button", "variations": ["blue", "green"], "seed": "s-1", "hashVersion": 2,
                 "weights": [0.5, 0.5], "coverage": 0.8, "hashAttribute": "deviceId", "condition": {"device": "mobile"}},
            ],
        },
        "banner": {"defaultValue": False, "rules": [{"variations": [False, True], "namespace": ["n", 0, 0.5]}]},
        "price": {"defaultValue": 1, "rules": [
            {"variations": [1, 2], "hashAttribute": "userId", "condition": {"email": "marker-7731@example.org"}},
        ]},
        "hero": {"defaultValue": "a", "rules": [{"variations": ["a", "b"], "seed": "new"}]},
    },
    "dateUpdated": "2026-11-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture
def directory(config_copy: Callable[[], Path]) -> Path:
    return config_copy()


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "features.json").write_text(json.dumps(PAYLOAD))
    return str(tmp_path / "features.json")


def run(directory: Path, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(
        main, ["--config", str(directory), "experiments", "import", *arguments], input=given, prog_name="passerby"
    )


def written(directory: Path) -> dict[str, Any]:
    return tomllib.loads((directory / "sites/demo.toml").read_text())["experiments"]


def test_experiments_are_written_into_the_site(directory: Path, file: str) -> None:
    """A table of what was taken on stdout; what was left out and what to mind on stderr; the file goes on as it was."""
    before = (directory / "sites/demo.toml").read_text()
    result = run(directory, file, "--despite-force-rules")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "experiment\tin GrowthBook\tvariants\tweights\tcoverage\thash\tnamespace\tfor",
        'checkout-button\tCheckout.Button (feature button)\tblue="blue" green="green"\t0.5 0.5\t0.8\tversion 2\t\tsmartphone feature_phone',
        "banner\tbanner (feature banner)\toff=false on=true\tequal\t1\tversion 1\tn 0 to 0.5\teveryone",
    ]
    assert result.stderr.splitlines() == [
        "left out: feature button, rule 1: it serves one value and is no experiment",
        "left out: feature price, rule 1: it splits by an attribute of a person, and only device ids are known here (userId); its condition asks for an attribute of a person (email)",
        "left out: feature hero, rule 1: the site has an experiment of this key; --replace puts this one in its place (hero)",
        "warning: checkout-button: outside the experiment GrowthBook serves the feature's default, here it is control",
        "warning: checkout-button: whom force rules decide for in GrowthBook is in the experiment here",
        "warning: checkout-button: what counts as which device is decided here, by this service's classes",
        "The device id that the site sends must be what GrowthBook has as deviceId and id.",
        "warning: these attributes must have the same value, for there is one device id here",
        f"{directory / 'sites/demo.toml'} has them now: 2 taken, 3 left out.",
    ]
    assert "7731" not in result.output
    assert (directory / "sites/demo.toml").read_text().startswith(before)
    assert written(directory)["checkout-button"] == {
        "status": "running", "variants": ["blue", "green"], "seed": "s-1", "weights": [0.5, 0.5], "coverage": 0.8,
        "hash_version": 2, "when": {"device": ["smartphone", "feature_phone"]},
    }  # fmt: skip
    checked = CliRunner().invoke(main, ["--config", str(directory), "check"])
    assert "experiments: hero (running) checkout-button (running) banner (running)" in checked.stdout


def test_a_dry_run_prints_the_toml_and_writes_nothing(directory: Path, file: str) -> None:
    """Nothing else is on stdout, so that it can be kept."""
    before = (directory / "sites/demo.toml").read_bytes()
    result = run(directory, file, "--dry-run", "--status", "draft")
    assert result.exit_code == 0
    assert tomllib.loads(result.stdout)["experiments"].keys() == {"banner"}
    assert result.stdout.startswith(
        '# from GrowthBook: banner (feature banner)\n[experiments.banner]\n# off = false\n# on = true\nstatus = "draft"'
    )
    assert "--despite-force-rules takes it all the same" in result.stderr
    assert (directory / "sites/demo.toml").read_bytes() == before


def test_what_is_there_is_replaced_when_told_so(directory: Path, file: str) -> None:
    """And a second time nothing changes."""
    assert run(directory, file, "--replace").exit_code == 0
    assert written(directory)["hero"]["seed"] == "new"
    assert written(directory)["hero"]["hash_version"] == 1
    assert "# namespace" not in (directory / "sites/demo.toml").read_text()
    once = (directory / "sites/demo.toml").read_text()
    assert run(directory, file, "--replace").exit_code == 0
    assert (directory / "sites/demo.toml").read_text() == once


def test_keys_may_be_given_another_spelling(directory: Path, file: str) -> None:
    """The seed stays, so the split does."""
    result = run(directory, file, "--despite-force-rules", "--rename", "Checkout.Button=buy", "--rename", "hero=hero-2")
    assert result.exit_code == 0, result.output
    assert [*written(directory)] == ["hero", "buy", "banner", "hero-2"]
    assert "--rename" not in result.stderr
    assert "# blue = " not in (directory / "sites/demo.toml").read_text()


def test_a_spelling_for_what_is_not_there_is_said(directory: Path, file: str) -> None:
    """A slip of the pen would go unseen. The experiments are taken all the same."""
    result = run(directory, file, "--rename", "checkout.button=buy", "--dry-run")
    assert result.exit_code == 0
    assert "warning: --rename: no experiment in FILE has the key checkout.button\n" in result.stderr
    nothing = run(directory, "-", "--rename", "x=buy", given='{"features": {}}')
    assert nothing.stderr == (
        "warning: --rename: no experiment in FILE has the key x\nThere is no experiment to take. Nothing was written.\n"
    )


def test_a_feature_that_is_none_is_left_out(directory: Path) -> None:
    """By itself, and it is said."""
    payload = {"good": {"rules": [{"variations": ["a", "b"]}]}, "bad": {"rules": {}}}
    result = run(directory, "-", given=json.dumps(payload))
    assert "left out: feature bad: it is not as GrowthBook specifies a feature\n" in result.stderr
    assert [*written(directory)] == ["hero", "good"]


def test_features_may_come_from_stdin(directory: Path) -> None:
    """From curl, say."""
    assert run(directory, "-", "--site", "demo", given=json.dumps(PAYLOAD)).exit_code == 0
    assert "banner" in written(directory)


def test_with_nothing_to_take_nothing_is_written(directory: Path) -> None:
    """Which is no failure."""
    before = (directory / "sites/demo.toml").stat().st_ino
    result = run(directory, "-", given='{"features": {}}')
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There is no experiment to take. Nothing was written.\n"
    assert (directory / "sites/demo.toml").stat().st_ino == before


def test_what_would_not_load_is_not_written(directory: Path) -> None:
    """Here, because a device could not carry so many variants; the mistake is named."""
    before = (directory / "sites/demo.toml").read_bytes()
    many = {f"experiment-with-a-long-name-{n}": {"rules": [{"variations": ["a", "b"]}]} for n in range(40)}
    result = run(directory, "-", given=json.dumps(many))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        (
            "sites/demo.toml: experiments: together their longest cookie must fit into 1024 characters, not 1440; shorten "
            "keys of experiments or variants, or remove stopped ones"
        ),
        "Nothing was written.",
    ]
    assert (directory / "sites/demo.toml").read_bytes() == before


def test_a_site_that_only_a_person_can_change_is_left_to_one(directory: Path, file: str) -> None:
    """It is said where."""
    path = directory / "sites/demo.toml"
    text = path.read_text()
    start, end = text.index("[experiments.hero]"), text.index("[slots.front]")
    path.write_text(
        text[:start] + '[experiments]\nhero = {status = "draft", variants = ["a", "b"], seed = "x"}\n' + text[end:]
    )
    result = run(directory, file, "--replace")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "sites_dir: its experiments are written in a way that only a person can change" in result.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("marker-7731", "FILE: it is not JSON\n"),
        ('{"features": [], "x": "marker-7731"}', "FILE: it is not what GrowthBook serves its SDKs"),
        (
            '{"features": {}, "encryptedFeatures": "marker-7731"}',
            "FILE: its features are encrypted; decrypt them first",
        ),
    ],
)
def test_what_is_no_payload_is_refused_in_words(directory: Path, given: str, said: str) -> None:
    """Exit code 1, and nothing of it is repeated."""
    result = run(directory, "-", given=given)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(said)
    assert "7731" not in result.output


def test_a_file_or_a_site_that_is_not_there_is_said(directory: Path, file: str) -> None:
    """Before anything is done."""
    missing = run(directory, file + ".none")
    assert (missing.exit_code, missing.stdout, missing.stderr) == (1, "", "FILE: No such file or directory\n")
    stray = run(directory, file, "--site", "shop")
    assert (stray.exit_code, stray.stdout, stray.stderr) == (1, "", "--site: the configured sites are demo\n")


@pytest.mark.parametrize("rename", ["hero", "=hero", "hero=Hero", "hero=", "hero=1st"])
def test_a_spelling_that_is_none_is_wrong_usage(directory: Path, file: str, rename: str) -> None:
    """Exit code 2."""
    result = run(directory, file, "--rename", rename)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--rename takes OLD=NEW" in result.stderr


def edit(directory: Path, old: str, new: str) -> Result:
    """What `passerby check` says of the demo site with this edit."""
    path = directory / "sites/demo.toml"
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    return CliRunner().invoke(main, ["--config", str(directory), "check"], prog_name="passerby")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('seed = "hero"', 'seed = ""', "seed: must have 1 to 128 characters, none of them a control character"),
        ('seed = "hero"', "", "seed: is missing"),
        ("weights = [0.5, 0.5]", "weights = [0, 0]", "weights: must add up to 1"),
        (
            "weights = [0.5, 0.5]",
            "weights = [50, 0.5]",
            "weights[0]: must be a number from 0 to 1, not 50; 50 per cent are 0.5\n",
        ),
        ("weights = [0.5, 0.5]", "weights = [0.5, -1.0]", "weights[1]: must be a number from 0 to 1, not -1.0\n"),
        (
            "weights = [0.5, 0.5]",
            "weights = 0.5",
            "weights: must be a list, each a number from 0 to 1, not 0.5; [0.5]?\n",
        ),
        ("coverage = 1.0", "coverage = 80", "coverage: must be a number from 0 to 1, not 80; 80 per cent are 0.8\n"),
        (
            'variants = ["a", "b"]',
            'variants = ["a", "B"]',
            "variants[1]: must be a key: up to 32 of a-z 0-9 _ -, a letter",
        ),
        ("hash_version = 2", 'when = { device = ["phone"] }', "when.device[0]: must be one of bot car console desktop"),
        ("hash_version = 2", 'when = { devices = ["tv"] }', "when.devices: there is no such setting; device?"),
        ("hash_version = 2", 'when = { countries = ["ch"] }', 'when.countries[0]: must be a country such as "CH"'),
        ("hash_version = 2", 'when = "CH"', "when: must be a table"),
        (
            "hash_version = 2",
            'namespace = ["x", 0, 50]',
            "namespace[2]: must be a number from 0 to 1, not 50; 50 per cent are",
        ),
        (
            "hash_version = 2",
            'namespace = ["x", 0]',
            "namespace: must be a list of 3: a text in quotes, a number from 0 to 1, a number from 0 to 1, not a list of 2\n",
        ),
        ("hash_version = 2", "hash_version = 3", "hash_version: must be one of 1 2"),
        ("hash_version = 2", 'namespace = ["", 0, 1]', "namespace: its id must have 1 to 128 characters"),
        ("hash_version = 2", 'when = { countries = ["UK"] }', "when.countries: UK is no country; its code is GB"),
        ("hash_version = 2", 'when = { device = ["bot"] }', 'when.device: "bot" cannot be aimed at: bots get control'),
        ('status = "running" ', 'status = "runing" ', "status: must be one of draft running stopped"),
    ],
)
def test_a_half_edited_experiment_stops_the_check(directory: Path, old: str, new: str, said: str) -> None:
    """So no visit ever meets one."""
    result = edit(directory, old, new)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"sites/demo.toml: experiments.hero.{said}")


def test_an_experiment_that_nobody_is_in_gets_a_warning(directory: Path) -> None:
    """It may be meant, so it stops nothing."""
    result = edit(directory, "coverage = 1.0", "coverage = 0")
    assert result.exit_code == 0
    assert "warning: sites/demo.toml: experiments.hero.coverage: is 0, so nobody is in the experiment" in result.stderr


def test_an_empty_list_of_targets_gets_a_warning(directory: Path) -> None:
    """It keeps nobody out, and who wrote it may have meant the opposite."""
    result = edit(directory, "hash_version = 2", 'hash_version = 2\nwhen = { countries = [], device = ["tv"] }')
    assert result.exit_code == 0
    said = [line for line in result.stderr.splitlines() if "experiments.hero" in line]
    assert said == [
        "warning: sites/demo.toml: experiments.hero.when.countries: is an empty list, so it keeps nobody out"
    ]
