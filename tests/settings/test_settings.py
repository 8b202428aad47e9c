"""The configuration an operator writes: documented in full, checked in full, and every mistake named at once."""

import datetime as dt
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.app import read_configuration
from service.core.privacy import PURPOSES
from service.core.region import Market
from service.core.sites import Experiment, Site, Slot, Targeting
from service.settings import ConfigurationError, Settings
from service.settings.policy_file import Retention, RowNotes
from service.settings.reading import Reading

CONFIG = Path(__file__).resolve().parents[2] / "config"
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
    settings = settings_of(directory, PASSERBY_SECRET="of sixteen or more characters")
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
        r"passerby\.toml: prot: there is no such setting; port\?",
        r"passerby\.toml: workers: must be a whole number from 1 to 64, not \"two\"",
        r"PASSERBY_PORT: must be a whole number from 0 to 65535, not \"http\"",
        r"PASSERBY_EDGE: must be one of \"\" akamai cloudflare .*, not \"akami\"; \"akamai\"\?",
        r"passerby\.toml: trusted_proxies: 'everybody' would trust everybody, .*",
        r"regimes\.toml: regimes\.EU\.language: must be one of allow notice consent deny, not \"maybe\"",
        r"sites/demo\.toml: default_language: \"rm\" must be one of languages: en de .*",
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
        ("write_timeout_s = 0", "write_timeout_s: must be a number above 0"),
        ("keep_alive_s = -1", "keep_alive_s: must be a number above 0"),
        ("keep_alive_s = 86401", "keep_alive_s: must be a number above 0, at most 86400"),
        ("connections_max = 7", "connections_max: must be"),
        ("connections_max = 1000001", "connections_max: must be"),
        ("header_read_timeout_s = inf", "header_read_timeout_s: must be a number above 0, at most 86400"),
        ("geo_watch_interval_s = nan", "geo_watch_interval_s: must be a number above 0, at most 86400"),
        ('host = "passerby.example"', "host: must be an address such as 127.0.0.1 or ::, or localhost"),
        ('admin_host = ""', "admin_host: must be an address such as 127.0.0.1 or ::, or localhost"),
        ("port = 9090", "admin_port: every worker takes one port from here on, and 9090 is `port`"),
        (
            "port = 9093\nworkers = 4",
            "admin_port: every worker takes one port from here on, 9090 to 9093, and 9093 is `port`",
        ),
        ('port = 9090\nadmin_host = "localhost"', "admin_port: every worker takes one port from here on, and 9090"),
        (
            'host = "::"\nport = 9090\nopen_scopes = ["recommend"]',
            "admin_port: every worker takes one port from here on, and 9090",
        ),
        ('port = 9090\nadmin_host = "::"', "admin_port: every worker takes one port from here on, and 9090"),
        ('port = 9090\nadmin_host = "0.0.0.0"', "admin_port: every worker takes one port from here on, and 9090"),
        (
            'port = 9090\nadmin_host = "0:0:0:0:0:0:0:0"',
            "admin_port: every worker takes one port from here on, and 9090",
        ),
        (
            "admin_port = 65535\nworkers = 2",
            "admin_port: every worker takes one port from here on, and 65535 is the last",
        ),
        ("header_fields_max = 7", "header_fields_max: must be a whole number of at least 8"),
        (
            'open_scopes = ["everything"]',
            'open_scopes[0]: must be one of admin events recommend statistics, not "everything"',
        ),
        ('trusted_proxies = "unix"', "trusted_proxies: must be a list of texts in quotes"),
        ('default_site = "Demo"', "default_site: must be a key: up to 32 of a-z 0-9 _ -, a letter first"),
        ('default_site = "nowhere"', 'default_site: no file in sites_dir has the id "nowhere"; there are demo'),
        ('regimes_file = "no.toml"', "no.toml: there is no such file in"),
        ('sites_dir = "geo"', "geo/country.toml: source: there is no such setting"),
        ('trusted_proxies = ["0.0.0.0/0"]', "trusted_proxies: '0.0.0.0/0' trusts every address of IPv4"),
        (
            'host = "0.0.0.0"',
            "host: off loopback, callers need keys (keys_file; `passerby keys new` makes them), or open_scopes must say what is public",
        ),
        ('host = "0.0.0.0"', "secret: is needed off loopback"),
        ('secret = ["short"]', "secret: each must have 16 characters or more"),
        ("release_minutes = 7", "release_minutes: must divide a day into equal parts"),
        ("release_minutes = 240\nretention_hours = 3", "retention_hours: must be as long as release_minutes"),
        ("k_prefixes = 0", "k: where no network prefixes are counted (k_prefixes = 0) it must be 200 or more"),
        ('redis_url = "http://127.0.0.1"', "redis_url: a Redis URL begins with redis://"),
        ('keys_file = "no.toml"', "keys_file: there is no such file"),
    ],
)
def test_a_mistake_says_what_to_write_instead(config_copy: Callable[[], Path], line: str, mistake: str) -> None:
    """For an operator who has only the line on the screen: it begins with the file, then says the place."""
    directory = config_copy()
    write(directory, "passerby.toml", line)
    found = mistakes_in(directory)
    assert any(text.removeprefix("passerby.toml: ").startswith(mistake) for text in found), found
    assert all(re.match(r"[a-z]+/?[a-z]*\.toml: ", text) for text in found), found


@pytest.mark.parametrize(
    "lines",
    [
        "port = 0\nadmin_port = 0",
        "port = 9094\nworkers = 4",
        'port = 9090\nadmin_host = "127.0.0.2"',
        'port = 9090\nadmin_host = "::1"',
        'host = "localhost"',
    ],
)
def test_listeners_that_do_not_meet_are_right(config_copy: Callable[[], Path], lines: str) -> None:
    """Two ports, two addresses, or ports that the system chooses."""
    directory = config_copy()
    write(directory, "passerby.toml", lines)
    assert read_configuration(directory, {}).notices == ()


@pytest.mark.parametrize(
    ("trusted", "noticed"),
    [("[]", True), ('["127.0.0.0/8", "::1/128"]', True), ('["unix"]', True), ('["127.0.0.1", "10.0.0.0/8"]', False)],
)
def test_an_edge_that_nobody_trusts_is_a_notice(config_copy: Callable[[], Path], trusted: str, noticed: bool) -> None:
    """It may be meant so, behind a proxy on the same machine, but it is the likeliest mistake behind a CDN."""
    directory = config_copy()
    lines = f'host = "0.0.0.0"\nopen_scopes = ["recommend"]\nedge = "cloudflare"\ntrusted_proxies = {trusted}\nsecret = ["of sixteen or more characters"]\n'
    write(directory, "passerby.toml", lines)
    notices = read_configuration(directory, {}).notices
    assert [text.partition(":")[0] for text in notices] == ["trusted_proxies"] * noticed
    assert all("every node of the edge will be taken for the visitor" in text for text in notices)
    assert all((" nobody is trusted" if trusted == "[]" else " only this machine is trusted") in one for one in notices)
    write(directory, "passerby.toml", lines.replace("0.0.0.0", "127.0.0.1", 1))
    assert read_configuration(directory, {}).notices == ()


OPEN = 'host = "0.0.0.0"\nopen_scopes = ["recommend"]\nsecret = ["of sixteen or more characters"]\n'


@pytest.mark.parametrize(
    ("lines", "variable", "value", "begins", "ends"),
    [
        (OPEN, "SECRET", "", "PASSERBY_SECRET: is needed off loopback", ""),
        (OPEN, "SECRET", " ", "PASSERBY_SECRET: is needed off loopback", ""),
        (OPEN, "SECRET", ",", "PASSERBY_SECRET: is needed off loopback", ""),
        (OPEN, "SECRET", "short", "PASSERBY_SECRET: each must have", ""),
        (OPEN, "OPEN_SCOPES", "", "passerby.toml: host: off loopback", "; PASSERBY_OPEN_SCOPES is set, and empty"),
        (OPEN, "KEYS_FILE", "absent.toml", "PASSERBY_KEYS_FILE: ", ""),
        ("port = 9090", "ADMIN_PORT", "", "passerby.toml: admin_port: ", ""),
        ("port = 9090", "ADMIN_PORT", " ", "passerby.toml: admin_port: ", ""),
        ("port = 9090", "ADMIN_PORT", "9090", "PASSERBY_ADMIN_PORT: ", ""),
        ("port = 9090", "ADMIN_PORT", "tcp://10.0.0.5:9090", "passerby.toml: admin_port: ", ""),
        ('default_site = "shop"', "DEFAULT_SITE", "", "passerby.toml: default_site: ", ""),
        ('default_site = "demo"', "DEFAULT_SITE", "shop", "PASSERBY_DEFAULT_SITE: ", ""),
        ('host = "0.0.0.0"', "SECRET", "of sixteen or more", "passerby.toml: host: ", '["recommend"]'),
        ('host = "nowhere"\ncounting = false', "HOST", "", "passerby.toml: host: ", ""),
        ('host = "nowhere"\ncounting = false', "HOST", "here", "PASSERBY_HOST: ", ""),
        ('redis_url = "http://x"', "REDIS_URL", "", "passerby.toml: redis_url: ", ""),
        ("", "REDIS_URL", "http://x", "PASSERBY_REDIS_URL: ", ""),
        ("", "TRUSTED_PROXIES", "0.0.0.0/0", "PASSERBY_TRUSTED_PROXIES: ", ""),
    ],
)
def test_a_mistake_is_told_where_it_was_made(
    config_copy: Callable[[], Path], lines: str, variable: str, value: str, begins: str, ends: str
) -> None:
    """A variable that takes away what a file said rightly is named, one that says nothing is not."""
    directory = config_copy()
    write(directory, "passerby.toml", lines)
    with pytest.raises(ConfigurationError) as raised:
        read_configuration(directory, {f"PASSERBY_{variable}": value})
    (mistake,) = raised.value.mistakes
    assert mistake.startswith(begins)
    assert mistake.endswith(ends)


FRANCE = 'places = ["FR"]'
QUEBEC = 'region = { country = "notice", subdivision = "consent" }'
LIST_OF_PLACES = 'must be a list of places such as "CH" or "US-CA"'


@pytest.mark.parametrize(
    ("written", "instead", "mistake"),
    [
        (FRANCE, 'places = "FR"', f"regimes.FR.places: {LIST_OF_PLACES}"),
        (
            FRANCE,
            'places = ["CA_QC"]',
            'regimes.FR.places[0]: must be a place such as "CH" or "US-CA", not "CA_QC"; "CA-QC"?',
        ),
        (FRANCE, 'places = ["FR", "Quebec"]', "regimes.FR.places[1]: must be a place such as"),
        (FRANCE, 'places = ["FR\\n"]', "regimes.FR.places[0]: must be a place such as"),
        (FRANCE, 'places = ["UK"]', "regimes.FR.places: UK is no country; its code is GB"),
        (FRANCE, 'places = ["XX"]', "regimes.FR.places: XX is no country"),
        (FRANCE, 'places = ["DE"]', "regimes.FR.places: DE stands in regimes.EU too"),
        (FRANCE, 'places = ["FR", "FR-IDF"]', "regimes.FR.places: parts of countries, and they alone, are for a row"),
        ('places = ["CA-QC"]', 'places = ["CA"]', "regimes.CA-QC.places: parts of countries, and they alone"),
        ('inherits = "US-GPC"', 'inherits = ["US-GPC"]', "regimes.US.inherits: must be a text in quotes"),
        ('inherits = "US-GPC"', 'inherits = "us"', "regimes.US.inherits: leads to no row"),
        (
            'statistics = "notice"',
            "statistics = [1]",
            "regimes.FR.statistics: must be one of allow notice consent deny",
        ),
        ('statistics = "notice"', 'statistic = "notice"', "regimes.FR.statistic: there is no such purpose"),
        (QUEBEC, 'region = { country = "notice" }', "regimes.CA-QC.region: says nothing about subdivision"),
        (QUEBEC, 'region = { subdivision = "consent" }', "regimes.CA-QC.region: says nothing about country"),
        (QUEBEC, "region = {}", "regimes.CA-QC.region: says nothing about country subdivision"),
        (
            QUEBEC,
            'region = { country = "consent", subdivision = "notice" }',
            "regimes.CA-QC.region.subdivision: notice is milder than the country's consent: a part tells its country",
        ),
        (
            QUEBEC,
            'region = { country = "deny", subdivision = "allow" }',
            "regimes.CA-QC.region.subdivision: allow is milder than the country's deny",
        ),
        (
            QUEBEC,
            'region = { country = "yes", subdivision = "consent" }',
            "regimes.CA-QC.region.country: must be one of allow notice consent deny",
        ),
        (
            QUEBEC,
            'region = { country = "notice", subdivision = ["consent"] }',
            "regimes.CA-QC.region.subdivision: must be one of allow notice consent deny",
        ),
        (
            QUEBEC,
            'region = { country = "notice", subdivision = { QC = "consent" } }',
            "regimes.CA-QC.region.subdivision: must be one of allow notice consent deny",
        ),
        (
            QUEBEC,
            'region = { country = "notice", subdivison = "consent" }',
            "regimes.CA-QC.region.subdivison: there is no such part, but country subdivision; subdivision?",
        ),
        (
            QUEBEC,
            'region = { country = "notice", subdivision = "consent", city = "deny" }',
            "regimes.CA-QC.region.city: there is no such part",
        ),
        (
            QUEBEC,
            'region = ["notice", "consent"]',
            "regimes.CA-QC.region: must be one of allow notice consent deny, or a table with one of them each for",
        ),
        (QUEBEC, 'region = "mild"', "regimes.CA-QC.region: must be one of allow notice consent deny, or a table with"),
        (
            'cohort = "consent"',
            'cohort = { country = "notice", subdivision = "consent" }',
            "regimes.EU.cohort: must be one of allow notice consent deny",
        ),
        (
            'region = "deny"',
            'region = { country = "notice", subdivision = "notice" }',
            "regimes.CA-QC.region.subdivision: consent is stricter than regimes.ZZ, which says notice",
        ),
        (
            'region = "deny"',
            'region = { country = "allow", subdivision = "deny" }',
            "regimes.CA-QC.region.country: notice is stricter than regimes.ZZ, which says allow",
        ),
        ('confidence = "medium"', 'confidence = "sure"', "regimes.EU.confidence: must be one of high low medium"),
        ('reviewed = "2026-11-22"', 'reviewed = "soon"', "regimes.EU.reviewed: must be a date such as 2026-11-22"),
        ("limits = {", "limits = 3 #", "regimes.FR.limits: "),
        (
            "in_region_storage_only = true",
            "in_region_storage_only = 1",
            "regimes.CN.in_region_storage_only: must be true",
        ),
        ("[regimes.BR]", "[regimes.br]", "regimes.br: must be a key such as EU or US-CA"),
        ("[regimes.ZZ]", "[regimes.QQ]", "the row ZZ is missing"),
        ('version = "2026-11-30"', 'version = "20261122"', "version: must be a date such as 2026-11-22"),
        ('version = "2026-11-30"', "", "version: is missing"),
        ('version = "2026-11-30"', 'verison = "2026-11-22"', "verison: there is no such setting; version?"),
        ("counts = 168", 'counts = "banana"', "retention_hours.counts: must be a whole number from 0 to 168"),
        ("counts = 168", "counts = 169", "retention_hours.counts: must be a whole number from 0 to 168"),
        ("salt = 25", "salt = 25.5", "retention_hours.salt: must be a whole number from 0 to 25"),
        ("raw_signals = 0", "raw_signals = 1", "retention_hours.raw_signals: must be one of 0"),
        ("raw_signals = 0", "raw_signal = 0", "retention_hours.raw_signal: there is no such setting; raw_signals?"),
    ],
)
def test_a_policy_that_would_not_be_read_as_written_is_refused(
    config_copy: Callable[[], Path], written: str, instead: str, mistake: str
) -> None:
    """A slip here would change the law that is applied, and nobody would see it."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    assert written in policy
    write(directory, "regimes.toml", policy.replace(written, instead, 1))
    found = mistakes_in(directory)
    assert any(text.startswith(f"regimes.toml: {mistake}") for text in found), found


@pytest.mark.parametrize(
    ("policy", "mistakes"),
    [
        ("", ["version: is missing", "the row ZZ is missing", "the row REST is missing"]),
        ('version = "2026-11-30"\nregimes = 3', ["regimes: must be a table", "the row ZZ is missing"]),
        ('version = "2026-11-30"\nretention_hours = 3\n[regimes]\nXX = "y"', ["regimes.XX: must be a table"]),
        ('version = "2026-11-30"\nretention_hours = 3\n[regimes]\n', ["retention_hours: must be a table"]),
    ],
)
def test_what_is_no_table_is_named(config_copy: Callable[[], Path], policy: str, mistakes: list[str]) -> None:
    """And never a traceback."""
    directory = config_copy()
    write(directory, "regimes.toml", policy)
    found = mistakes_in(directory)
    assert all(any(told.startswith(f"regimes.toml: {text}") for told in found) for text in mistakes), found


def test_every_mistake_in_a_region_of_two_parts_is_named_at_once(config_copy: Callable[[], Path]) -> None:
    """Each where it stands, and those of other rows with them."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    policy = policy.replace(QUEBEC, 'region = { country = "mild", city = "deny" }').replace(
        'device = "allow"', "device = 1", 1
    )
    write(directory, "regimes.toml", policy)
    assert {
        "regimes.toml: regimes.US-GPC.device: must be one of allow notice consent deny, not 1",
        'regimes.toml: regimes.CA-QC.region.country: must be one of allow notice consent deny, not "mild"',
        "regimes.toml: regimes.CA-QC.region.city: there is no such part, but country subdivision",
        "regimes.toml: regimes.CA-QC.region: says nothing about subdivision",
    } == set(mistakes_in(directory))


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        (QUEBEC, ("notice", "consent")),
        ('region.country = "notice"\nregion.subdivision = "consent"', ("notice", "consent")),
        ('region = { subdivision = "deny", country = "allow" }', ("allow", "deny")),
        ('region = { country = "notice", subdivision = "notice" }', ("notice", "notice")),
        ('region = "consent"', ("consent", "consent")),
        ("", ("notice", "notice")),  # as the row that it inherits from
    ],
)
def test_a_region_may_be_in_two_parts_however_it_is_written(
    config_copy: Callable[[], Path], written: str, levels: tuple[str, str]
) -> None:
    """In a line, in dotted keys, in either order, in one level for both; and rows that inherit have it too."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    heir = '\n[regimes.CA]\nplaces = ["CA"]\ninherits = "CA-QC"\nreviewed = "2026-11-22"\nlaw = ["x"]\n'
    policy = policy.replace(f"{QUEBEC}\n", f"{written}\n" if written else 'inherits = "EU"\n')
    write(directory, "regimes.toml", policy + heir)
    regimes = read_configuration(directory, {}).policy.regimes
    for key in ("CA-QC", "CA"):
        assert (regimes[key].levels["region"], regimes[key].subdivision) == levels


def test_a_date_may_stand_without_quotes_and_small_parts_may_have_rows(config_copy: Callable[[], Path]) -> None:
    """TOML has dates of its own; the law knows parts that are too small to recommend anything for."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    policy = policy.replace('version = "2026-11-30"', "version = 2026-11-30").replace('"CA-QC"]', '"CA-QC", "CA-NU"]')
    write(directory, "regimes.toml", policy)
    found = read_configuration(directory, {}).policy
    assert found.version == "2026-11-30"
    assert found.regimes["CA-QC"].places == ("CA-QC", "CA-NU")


@pytest.mark.parametrize(
    ("written", "instead", "mistake"),
    [
        ('cors_origins = ["https://shop.example"]', 'cors_origins = ["*"]', 'cors_origins: "*" is not as browsers'),
        (
            'cookie_domain = ""',
            'cookie_domain = "x\\r\\ny"',
            "cookie_domain: 'x\\r\\ny' must be a host such as shop.example",
        ),
        ('"ja", ', '"ja", "Deutsch", ', 'languages: "Deutsch" is no language that CLDR knows'),
        ('"ja", ', '"ja", "DE", ', "languages: DE is spelled de"),
        ('"ja", ', '"ja", "de_CH", ', 'languages[8]: must be a language such as "de" or "pt-BR"'),
        (
            'topics = { spring = ["outdoor"] }',
            'topics = { spring = ["Out"] }',
            "slots.front.topics.spring[0]: must be a key",
        ),
        (
            '# context_ignored = ["plan", "appVersion"]',
            'context_ignored = ["plan", "email"] ',
            "context_ignored: email says who",
        ),
        ('# context_ignored = ["plan", "appVersion"]', 'context_ignored = ["ip"] ', "context_ignored: ip is read here"),
        (
            '# context_ignored = ["plan", "appVersion"]',
            'context_ignored = ["a", "a"] ',
            "context_ignored: one stands there",
        ),
        (
            '# context_ignored = ["plan", "appVersion"]',
            "context_ignored = [7] ",
            "context_ignored[0]: must be a text in quotes, not 7",
        ),
        ('# context_ignored = ["plan", "appVersion"]', 'context_ignored = "plan" ', "context_ignored: "),
        ('"DE", "AT"', '"DE", "at"', 'markets.dach.countries[1]: must be a country such as "CH"'),
    ],
)
def test_a_site_that_could_not_work_is_refused(
    config_copy: Callable[[], Path], written: str, instead: str, mistake: str
) -> None:
    """At the check, and not at the first visit."""
    directory = config_copy()
    site = (directory / "sites/demo.toml").read_text()
    assert written in site
    write(directory, "sites/demo.toml", site.replace(written, instead, 1))
    assert any(text.startswith(f"sites/demo.toml: {mistake}") for text in mistakes_in(directory))


def test_a_site_says_in_one_round_what_cannot_be_read_and_what_makes_no_sense(config_copy: Callable[[], Path]) -> None:
    """An experiment that cannot be read does not hide what else is wrong with its site."""
    directory = config_copy()
    site = (directory / "sites/demo.toml").read_text()
    site = site.replace('default_language = "en"', 'default_language = "rm"', 1).replace(
        "hash_version = 2", "hash_version = 7", 1
    )
    write(directory, "sites/demo.toml", site)
    hash_version, default_language = mistakes_in(directory)
    assert "hash_version: must be one of 1 2, not 7" in hash_version
    assert 'default_language: "rm" must be one of languages' in default_language


def test_a_site_without_content_is_named(config_copy: Callable[[], Path]) -> None:
    """An empty file is not passed over."""
    directory = config_copy()
    write(directory, "sites/empty.toml", "")
    assert "sites/empty.toml: id: is missing" in mistakes_in(directory)


def test_a_policy_of_tomorrow_is_a_mistake(config_copy: Callable[[], Path]) -> None:
    """Its age would be negative."""
    directory = config_copy()
    tomorrow = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)).isoformat()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", re.sub(r"(?m)^version = .*$", f'version = "{tomorrow}"', policy))
    today = dt.datetime.now(dt.UTC).date()
    assert mistakes_in(directory) == [f"regimes.toml: version: is a date in the future, {tomorrow}; today is {today}"]


def test_a_row_that_inherits_from_itself_is_a_mistake(config_copy: Callable[[], Path]) -> None:
    """A row that leads nowhere has no level."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", policy.replace('inherits = "US-GPC"', 'inherits = "US"', 1))
    assert mistakes_in(directory) == ["regimes.toml: regimes.US.inherits: leads to itself: US -> US"]


LEVELS_OF = {
    "ZZ": "\n".join(f'{name} = "deny"' for name in PURPOSES),
    "REST": "\n".join(f'{name} = "notice"' for name in PURPOSES),
}
READ = 'law = ["Act 1"]\nreviewed = 2026-01-01\n'
PROMISES = "[retention_hours]\ncounts = 168\nsalt = 25\nraw_signals = 0\n"
WHOLE = f"version = 2026-01-01\n{PROMISES}[regimes.ZZ]\n{READ}{LEVELS_OF['ZZ']}\n[regimes.REST]\n{READ}{LEVELS_OF['REST']}\n"


@pytest.mark.parametrize(
    ("more", "mistakes"),
    [
        ("", []),
        (
            '[regimes.AA]\ninherits = "AB"\n[regimes.AB]\ninherits = "AA"\n[regimes.AC]\ninherits = "AB"\n',
            [
                "regimes.AA.inherits: leads to itself: AA -> AB -> AA",
                "regimes.AB.inherits: leads to itself: AB -> AA -> AB",
            ],
        ),
        (
            '[regimes.AA]\ninherits = "AB"\n[regimes.AB]\ninherits = "QQ"\n',
            ['regimes.AB.inherits: leads to no row: there is no "QQ"; there are ZZ REST AA AB'],
        ),
        (
            '[regimes.AA]\nlanguage = "allow"\n[regimes.AB]\ninherits = "AA"\n',
            ["regimes.AA: says nothing about region device cohort statistics experiments interests"],
        ),
        (
            '[regimes.AA]\ninherits = "REST"\ncohort = "maybe"\n[regimes.AB]\ninherits = "AA"\n',
            ['regimes.AA.cohort: must be one of allow notice consent deny, not "maybe"'],
        ),
        (
            '[regimes.AA]\ninherits = ["REST"]\n[regimes.AB]\ninherits = "AA"\n',
            ["regimes.AA.inherits: must be a text in quotes, not a list of 1"],
        ),
        (
            '[regimes.AA]\ninherits = "REST"\nads = "deny"\n',
            ["regimes.AA.ads: there is no such purpose; nothing is done for it here, so leave it out"],
        ),
        (
            '[regimes.AA]\ninherits = "REST"\nreviewd = 2026-01-01\n',
            ["regimes.AA.reviewd: there is no such purpose; reviewed?"],
        ),
    ],
)
def test_each_mistake_in_a_policy_is_named_once(
    config_copy: Callable[[], Path], more: str, mistakes: list[str]
) -> None:
    """Where it stands: rows that inherit it are not told of again."""
    directory = config_copy()
    write(directory, "regimes.toml", WHOLE + more)
    found = mistakes_in(directory) if mistakes else [*read_configuration(directory, {}).notices]
    assert sorted(found) == sorted(f"regimes.toml: {text}" for text in mistakes)


def test_every_kind_of_mistake_in_a_policy_is_named_at_one_start(config_copy: Callable[[], Path]) -> None:
    """Ten of them in one file: nobody has to start ten times."""
    directory = config_copy()
    today = dt.datetime.now(dt.UTC).date()
    tomorrow = today + dt.timedelta(days=2)
    policy = WHOLE.replace("version = 2026-01-01", f"version = {tomorrow}").replace("[regimes.REST]", "[regimes.RE]")
    policy = policy.replace("counts = 168", "counts = 100").replace("salt = 25", "salt = 24")
    policy += f"""
[regimes.AA]
places = ["DE", "DE"]
inherits = "AA"
[regimes.AB]
inherits = "RE"
reviewed = {tomorrow}
tracking = "deny"
statistics = "sometimes"
[regimes.AC]
cohort = "notice"
"""
    write(directory, "regimes.toml", policy)
    assert sorted(mistakes_in(directory)) == sorted(
        f"regimes.toml: {text}"
        for text in (
            f"version: is a date in the future, {tomorrow}; today is {today}",
            "retention_hours.counts: promises 100 hours, but the setting retention_hours keeps them for 168",
            "retention_hours.salt: promises 24 hours, but it is kept for 25",
            "regimes.AA.places: DE stands in regimes.AA too",
            "regimes.AA.inherits: leads to itself: AA -> AA",
            f"regimes.AB.reviewed: is a date in the future, {tomorrow}; today is {today}",
            "regimes.AB.tracking: there is no such purpose; nothing is done for it here, so leave it out",
            'regimes.AB.statistics: must be one of allow notice consent deny, not "sometimes"',
            "regimes.AC: says nothing about language region device statistics experiments interests",
            "the row REST is missing: [regimes.REST] is for places that no row names",
        )
    )


def test_a_row_stricter_than_the_unknown_one_stops_the_start(config_copy: Callable[[], Path]) -> None:
    """Its own level or one it inherits: in each row and purpose where hiding one's place would pay."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    assert 'experiments = "consent"\nlaw = [\n    "strictest' in policy
    policy = policy.replace(
        'experiments = "consent"\nlaw = [\n    "strictest', 'experiments = "notice"\nlaw = [\n    "strictest'
    )
    write(directory, "regimes.toml", policy)
    found = [text.partition(" is stricter than regimes.ZZ, which says notice")[0] for text in mistakes_in(directory)]
    rows = ("EU", "CN", "IN", "CA-QC", "REST")
    assert sorted(found) == sorted(f"regimes.toml: regimes.{row}.experiments: consent" for row in rows)


@pytest.mark.parametrize(
    ("promised", "kept", "mistake"),
    [
        (168, 168, ""),
        (48, 48, ""),
        (47, 48, "promises 47 hours, but the setting retention_hours keeps them for 48"),
        (24, 1, ""),
        (23, 1, "promises 23 hours, but what nobody released is kept for 24"),
    ],
)
def test_a_promise_that_the_service_would_not_keep_stops_the_start(
    config_copy: Callable[[], Path], promised: int, kept: int, mistake: str
) -> None:
    """Counts are promised for at least as long as they are kept, by the setting and by the store."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", policy.replace("counts = 168", f"counts = {promised}"))
    write(directory, "passerby.toml", f"retention_hours = {kept}\n")
    if mistake:
        assert mistakes_in(directory) == [f"regimes.toml: retention_hours.counts: {mistake}"]
    else:
        assert read_configuration(directory, {}).settings.retention_hours == kept


def test_a_row_that_nobody_reviewed_is_a_notice(config_copy: Callable[[], Path]) -> None:
    """It is no mistake: an operator may add a row before counsel has read the law."""
    directory = config_copy()
    write(directory, "regimes.toml", WHOLE + '[regimes.AA]\nplaces = ["FR"]\ninherits = "REST"\n')
    configuration = read_configuration(directory, {})
    assert [text.partition(": is missing")[0] for text in configuration.notices] == [
        "regimes.toml: regimes.AA.reviewed",
        "regimes.toml: regimes.AA.law",
    ]
    assert configuration.policy.regimes["AA"].reading.reviewed == ""


@pytest.mark.parametrize(
    ("written", "instead", "notice"),
    [
        ('places = ["FR"]\n', "", "regimes.FR.places: is missing or empty, so this row holds nowhere itself"),
        (
            'places = ["FR"]\n',
            "places = []\n",
            "regimes.FR.places: is missing or empty, so this row holds nowhere itself",
        ),
        ("places = []\n", "", ""),  # ZZ and REST hold where no row does
        ('["US-CA"]', '["US-UT"]', "regimes.US-GPC.display_signal_status: US-UT is under the row US"),
        ('["US-CA"]', '["US-CA", "FR"]', "regimes.US-GPC.display_signal_status: FR is under the row FR"),
        ('["US-CA"]', '["US-CA", "AU-NSW"]', "regimes.US-GPC.display_signal_status: AU-NSW is under the row REST"),
        ('places = ["FR"]\n', 'places = ["FR"]\ndisplay_signal_status = ["FR", "FR-IDF"]\n', ""),
        ("salt = 25\n", "", "retention_hours: says nothing about salt, so nothing is promised there"),
        (
            "[retention_hours]\nraw_signals = 0\nsalt = 25\ncounts = 168\n",
            "",
            "retention_hours: says nothing about counts salt raw_signals, so nothing is promised there",
        ),
    ],
)
def test_what_a_policy_leaves_out_or_says_of_other_places_is_a_notice(
    config_copy: Callable[[], Path], written: str, instead: str, notice: str
) -> None:
    """A row that holds nowhere, a status to be shown where another row holds, and a promise that is not given."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    assert written in policy
    write(directory, "regimes.toml", policy.replace(written, instead))
    found = read_configuration(directory, {}).notices
    assert found == ((f"regimes.toml: {notice}",) if notice else ())


def test_what_a_policy_says_of_itself_is_kept_to_be_told(config_copy: Callable[[], Path]) -> None:
    """Law, confidence, review and reviewer of each row, where a status must be shown, and whether it is advice."""
    directory = config_copy()
    policy = (directory / "regimes.toml").read_text()
    write(directory, "regimes.toml", policy.replace("not_legal_advice = true", "not_legal_advice = false"))
    found = read_configuration(directory, {}).policy
    assert not found.not_legal_advice
    reading = found.regimes["US-GPC"].reading
    assert (reading.confidence, reading.reviewed, reading.status_shown) == ("medium", "2026-11-22", ("US-CA",))
    assert all(row.reading.law and row.reading.reviewed and row.reading.reviewer for row in found.regimes.values())


odd_values = st.recursive(
    st.booleans()
    | st.integers(-2, 200)
    | st.floats()
    | st.sampled_from(["", "A", "b", "de", "CH", "tv", "2026-11-22"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["device", "countries", "x", "Y"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(st.sampled_from([Settings, Site, Experiment, Slot, Market, Targeting, Retention, RowNotes]), st.data())
@settings(max_examples=300, deadline=None)
def test_no_mistake_speaks_of_how_values_are_read(kind: type[msgspec.Struct], data: Any) -> None:
    """Whatever stands there, and however deep: plain words and a place."""
    name = data.draw(st.sampled_from(kind.__struct_fields__))
    reading = Reading()
    reading.fields("", {name: data.draw(odd_values)}, kind)
    for text in reading.mistakes:
        place, _, said = text.partition(": ")
        assert place.startswith(kind.__struct_fields__)
        assert said.startswith(("must be ", "is missing", "there is no such setting"))
        assert not {"`", "$", "^"} & {*text}
        assert not text.endswith(("must be", "each", " "))
