"""The configuration an operator writes: documented in full, checked in full, and every mistake named at once."""

import datetime as dt
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from service.app import read_configuration
from service.settings import Configuration, ConfigurationError, Settings

CONFIG = Path(__file__).resolve().parent.parent / "config"
DOCUMENTED = (CONFIG / "passerby.toml").read_text()
SETTINGS = {field.name: field.default for field in msgspec.structs.fields(Settings)}


def mistakes_in(directory: Path, **environment: str) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        read_configuration(directory, environment)
    return raised.value.mistakes


def settings_of(directory: Path, **environment: str) -> Settings:
    return read_configuration(directory, environment).settings


def write(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text)


def test_every_setting_stands_in_the_file_with_its_default() -> None:
    """Uncommented, passerby.toml says exactly what the code does without it."""
    uncommented = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", DOCUMENTED)
    found = msgspec.convert(tomllib.loads(uncommented), dict[str, object])
    assert list(found) == list(SETTINGS)
    assert msgspec.convert(found, Settings) == Settings()


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_explained_above_its_line(name: str) -> None:
    """A default alone explains nothing: a sentence stands before it."""
    lines = DOCUMENTED.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"# {name} = "))
    assert re.fullmatch(r"# .*[a-z`\]).]", lines[at - 1])
    assert not re.match(r"# [a-z_]+ = ", lines[at - 1])


def test_the_shipped_file_and_an_empty_environment_are_the_defaults() -> None:
    """Nothing is set by default that the code does not know by itself."""
    assert tomllib.loads(DOCUMENTED) == {}
    assert settings_of(CONFIG) == Settings()


def test_a_missing_file_is_the_defaults_too(config_copy: Callable[[], Path]) -> None:
    """passerby.toml is optional."""
    directory = config_copy()
    (directory / "passerby.toml").unlink()
    assert settings_of(directory) == Settings()


def test_the_production_example_is_a_configuration(config_copy: Callable[[], Path]) -> None:
    """Copied as its head says, it starts."""
    directory = config_copy()
    shutil.copy(directory / "production.toml", directory / "passerby.toml")
    settings = settings_of(directory)
    assert settings.host == "0.0.0.0"  # what the example is about
    assert settings.edge == "generic"


def test_the_file_overrides_the_default_and_the_environment_both(config_copy: Callable[[], Path]) -> None:
    """Default, then file, then environment."""
    directory = config_copy()
    write(directory, "passerby.toml", "port = 8081\nworkers = 3\n")
    settings = settings_of(directory, PASSERBY_PORT="8082", PASSERBY_EDGE="fastly")
    assert (settings.port, settings.workers, settings.edge) == (8082, 3, "fastly")


def test_lists_in_the_environment_are_separated_by_commas() -> None:
    """An empty text is an empty list."""
    settings = settings_of(CONFIG, PASSERBY_TRUSTED_PROXIES="10.0.0.0/8, unix", PASSERBY_OPEN_SCOPES="")
    assert settings.trusted_proxies == ("10.0.0.0/8", "unix")
    assert settings.open_scopes == ()


def test_a_stray_variable_is_a_notice() -> None:
    """Orchestrators set variables under a service's name; they must not stop it, but a typo must be seen."""
    found: Configuration = read_configuration(CONFIG, {"PASSERBY_SERVICE_HOST": "10.0.0.1"})
    assert found.notices == ("PASSERBY_SERVICE_HOST: there is no such setting, it is ignored",)


def test_all_mistakes_are_named_at_once(config_copy: Callable[[], Path]) -> None:
    """Five files and places, eight mistakes, one start."""
    directory = config_copy()
    write(directory, "passerby.toml", 'prot = 8080\nworkers = "two"\ntrusted_proxies = ["everybody"]\n')
    regimes = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", regimes.replace('language = "notice"', 'language = "maybe"', 1))
    site = (directory / "sites/demo.toml").read_text()
    write(directory, "sites/demo.toml", site.replace('default_language = "en"', 'default_language = "rm"', 1))
    write(directory, "sites/other.toml", "id = 'other'\nlanguages = ['en'\n")
    found = mistakes_in(directory, PASSERBY_PORT="http", PASSERBY_EDGE="akami")
    expected = [
        r"prot: there is no such setting; port\?",
        r"workers: must be a whole number from 1 to 64",
        r"PASSERBY_PORT: must be a whole number from 0 to 65535",
        r"PASSERBY_EDGE: must be one of \"\" akamai cloudflare .*",
        r"trusted_proxies: 'everybody' is no network, address or 'unix'",
        r"regimes\.toml: regimes\.EU\.language: must be one of allow notice consent deny",
        r"sites/demo\.toml: default_language: must be one of languages",
        r"sites/other\.toml: .*\(at .*",
    ]
    for pattern in expected:
        assert any(re.fullmatch(pattern, text) for text in found), (pattern, found)
    assert all("\n" not in text for text in found)


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("port = 65536", "port: must be a whole number from 0 to 65535"),
        ('host = ["::1"]', "host: must be a text in quotes"),
        ("header_read_timeout_s = 0", "header_read_timeout_s: must be a number above 0"),
        ("header_fields_max = 7", "header_fields_max: must be a whole number of at least 8"),
        ('open_scopes = ["everything"]', "open_scopes: must be a list of admin events recommend statistics"),
        ('trusted_proxies = "unix"', "trusted_proxies: must be a list of texts in quotes"),
        ('default_site = "Demo"', "default_site: must be a key: up to 32 of a-z 0-9 _ -, a letter first"),
        ('default_site = "nowhere"', "default_site: no file in sites_dir has this id"),
        ('regimes_file = "no.toml"', "no.toml: there is no such file in"),
        ('sites_dir = "geo"', "geo/country.toml: source: there is no such setting"),
        ('trusted_proxies = ["0.0.0.0/0"]', "trusted_proxies: '0.0.0.0/0' trusts every address of IPv4"),
        ('host = "0.0.0.0"', "host: off loopback, open_scopes must say what is public"),
    ],
)
def test_a_mistake_says_what_to_write_instead(config_copy: Callable[[], Path], line: str, mistake: str) -> None:
    """For an operator who has only the line on the screen."""
    directory = config_copy()
    write(directory, "passerby.toml", line)
    assert any(text.startswith(mistake) for text in mistakes_in(directory)), mistakes_in(directory)


def test_a_policy_of_tomorrow_is_a_mistake(config_copy: Callable[[], Path]) -> None:
    """Its age would be negative."""
    directory = config_copy()
    tomorrow = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)).isoformat()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", re.sub(r"(?m)^version = .*$", f'version = "{tomorrow}"', policy))
    assert mistakes_in(directory) == ["regimes.toml: version: is a date in the future"]


def test_a_site_that_inherits_from_itself_is_a_mistake(config_copy: Callable[[], Path]) -> None:
    """A row that leads nowhere has no level."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", policy.replace('inherits = "US-GPC"', 'inherits = "US"', 1))
    assert "regimes.toml: regimes.US.inherits: leads to itself" in mistakes_in(directory)
