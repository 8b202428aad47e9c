"""What an operator reads of a mistake: the file, the place in it, what is wrong there, and what may stand there instead."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from service.app import read_configuration
from service.settings import ConfigurationError
from service.settings.reading import Reading, as_toml

BOM = b"\xef\xbb\xbf"


def mistakes_in(directory: Path, **environment: str) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        read_configuration(directory, environment)
    return raised.value.mistakes


def changed(directory: Path, name: str, written: str, instead: str) -> None:
    text = (directory / name).read_text()
    assert written in text, written
    (directory / name).write_text(text.replace(written, instead, 1))


# In sites/demo.toml, by what stands there and what stands there instead.
SITE = [
    ("weights = [0.5, 0.5]", "weights = [0.5, 0.4]", "experiments.hero.weights: must add up to 1, from 0.99 to 1.01; 0.5 + 0.4 is 0.9"),
    ("weights = [0.5, 0.5]", "weights = [0.4, 0.4, 0.4]", "experiments.hero.weights: must add up to 1, from 0.99 to 1.01; 0.4 + 0.4 + 0.4 is 1.2"),
    ("weights = [0.5, 0.5]", "weights = [50, 50]", "experiments.hero.weights[0]: must be a number from 0 to 1, not 50; 50 per cent are 0.5"),
    ("weights = [0.5, 0.5]", "weights = 0.5", "experiments.hero.weights: must be a list, each a number from 0 to 1, not 0.5; [0.5]?"),
    ("coverage = 1.0", 'coverage = "1.0"', 'experiments.hero.coverage: must be a number from 0 to 1, not "1.0"; 1.0 without quotes?'),
    ("coverage = 1.0", 'when = { device = ["mobile"] }', 'experiments.hero.when.device[0]: must be one of bot car console desktop feature_phone smartphone speaker tablet tv unknown wearable, not "mobile"; "smartphone"?'),
    ("coverage = 1.0", 'when = { device = ["tv", "Smart-TV"] }', 'experiments.hero.when.device[1]: must be one of bot car console desktop feature_phone smartphone speaker tablet tv unknown wearable, not "Smart-TV"; "tv"?'),
    ("coverage = 1.0", 'when = { device = "tv" }', 'experiments.hero.when.device: must be a list of bot car console desktop feature_phone smartphone speaker tablet tv unknown wearable, not "tv"; ["tv"]?'),
    ("coverage = 1.0", 'when = { languages = ["es", "nl"] }', 'experiments.hero.when.languages: "nl" is no language of the site, which has en de'),
    ("coverage = 1.0", 'when = { languages = ["de_CH"] }', 'experiments.hero.when.languages[0]: must be a language such as "de" or "pt-BR", not "de_CH"; "de-CH"?'),
    ("coverage = 1.0", 'when = { countries = ["ch"] }', 'experiments.hero.when.countries[0]: must be a country such as "CH", not "ch"; "CH"?'),
    ("coverage = 1.0", 'when = { countries = ["UK"] }', "experiments.hero.when.countries: UK is no country; its code is GB"),
    ("coverage = 1.0", 'when = { country = ["CH"] }', "experiments.hero.when.country: there is no such setting; countries?"),
    ("coverage = 1.0", "traffic = 1.0", "experiments.hero.traffic: there is no such setting; coverage?"),
    ("coverage = 1.0", "hashVersion = 2", "experiments.hero.hashVersion: there is no such setting; hash_version?"),
    ("hash_version = 2", 'hash_version = "2"', 'experiments.hero.hash_version: must be one of 1 2, not "2"; 2?'),
    ("coverage = 1.0", "zebra = 1.0", "experiments.hero.zebra: there is no such setting; there are status variants seed weights coverage"),
    ('status = "running"', 'status = "active"', 'experiments.hero.status: must be one of draft running stopped, not "active"; "running"?'),
    ('status = "running"', "status = true", "experiments.hero.status: must be one of draft running stopped, not true"),
    ('variants = ["a", "b"]', 'variants = ["a", "B"]', 'experiments.hero.variants[1]: must be a key: up to 32 of a-z 0-9 _ -, a letter first, not "B"; "b"?'),
    ('variants = ["a", "b"]', 'variants = ["a", "a"]', 'experiments.hero.variants: "a" stands there twice'),
    ('variants = ["a", "b"]', 'variants = ["a"]', "experiments.hero.variants: two or more different ones are needed, not 1"),
    ("[experiments.hero]", "[experiments.Hero]", 'experiments.Hero: must be a key: up to 32 of a-z 0-9 _ -, a letter first, not "Hero"; "hero"?'),
    ("child_directed = false", 'child_directed = "no"', 'child_directed: must be true or false, not "no"; false?'),
    ("child_directed = false", 'child_directed = "true"', 'child_directed: must be true or false, not "true"; true without quotes?'),
    ("child_directed = false", "children = false", "children: there is no such setting; child_directed?"),
    ('cors_origins = ["https://shop.example"]', 'cors_origins = ["shop.example"]', 'cors_origins: "shop.example" is not as browsers send it: scheme://host[:port], such as https://shop.example; https://shop.example?'),
    ('cors_origins = ["https://shop.example"]', 'cors_origins = ["https://Shop.example:443/x"]', 'cors_origins: "https://Shop.example:443/x" is not as browsers send it: scheme://host[:port], such as https://shop.example; https://shop.example?'),
    ('explore = "mean"', 'explore = "bandit"', 'slots.front.explore: must be one of mean thompson, not "bandit"; "thompson"?'),
    ('countries = ["DE", "AT", "CH", "LI"]', 'countries = "DE"', 'markets.dach.countries: must be a list, each a country such as "CH", not "DE"; ["DE"]?'),
    ('countries = ["DE", "AT", "CH", "LI"]', 'countries = ["DE", "DE"]', "markets.dach.countries: DE stands there twice"),
    ('default_language = "en"', 'default_language = "nl"', 'default_language: "nl" must be one of languages: en de'),
    ('default_language = "en"', "default_language = en", "Invalid value (at line"),
    ('default_language = "en"', 'default_language = "en"\ndefault_language = "de"', "Cannot overwrite a value (at line"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "mistake"), SITE, ids=[instead for _, instead, _ in SITE])
def test_a_mistake_in_a_site_can_be_mended_from_its_line(
    config_copy: Callable[[], Path], written: str, instead: str, mistake: str
) -> None:
    """At three in the morning, with the line alone: file, place, what stands there, what may, and what was meant."""
    directory = config_copy()
    changed(directory, "sites/demo.toml", written, instead)
    found = mistakes_in(directory)
    assert any(text.startswith(f"sites/demo.toml: {mistake}") for text in found), found


POLICY = [
    ('language = "notice"', 'language = "allowed"', 'EU.language: must be one of allow notice consent deny, not "allowed"; "allow"?'),
    ('language = "notice"', "language = true", 'EU.language: must be one of allow notice consent deny, not true; "allow"?'),
    ('language = "notice"', 'language = "opt-in"', 'EU.language: must be one of allow notice consent deny, not "opt-in"; "consent"?'),
    ('statistics = "consent"', 'analytics = "consent"', "EU.analytics: there is no such purpose; statistics?"),
    ('statistics = "consent"', 'Statistics = "consent"', "EU.Statistics: there is no such purpose; statistics?"),
    ('statistics = "consent"', 'marketing = "deny"', "EU.marketing: there is no such purpose; nothing is done for it here, so leave it out"),
    ('interests = "consent"', 'personalisation = "consent"', "EU.personalisation: there is no such purpose; interests?"),
    ('confidence = "medium"', 'confidence = "mid"', 'EU.confidence: must be one of high low medium, not "mid"; "medium"?'),
    ('inherits = "US-GPC"', 'inherits = "us-gpc"', 'US.inherits: leads to no row: there is no "us-gpc"; US-GPC?'),
    ('places = ["FR"]', 'places = ["fr"]', 'FR.places[0]: must be a place such as "CH" or "US-CA", not "fr"; "FR"?'),
    ('places = ["FR"]', 'places = ["FR", "FR"]', "FR.places: FR stands in regimes.FR too"),
    ('places = ["FR"]', 'countries = ["FR"]', "FR.countries: there is no such purpose; places?"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "mistake"), POLICY, ids=[instead for _, instead, _ in POLICY])
def test_a_mistake_in_the_policy_can_be_mended_from_its_line(
    config_copy: Callable[[], Path], written: str, instead: str, mistake: str
) -> None:
    """The law that applies is no place to guess: what was probably meant is said, and never taken."""
    directory = config_copy()
    changed(directory, "regimes.toml", written, instead)
    found = mistakes_in(directory)
    assert any(text.startswith(f"regimes.toml: regimes.{mistake}") for text in found), found


SETTINGS = [
    ('trusted_proxies = ["10.0.0.5/8"]', "trusted_proxies: '10.0.0.5/8' has host bits set: the network is 10.0.0.0/8, the one address 10.0.0.5"),
    ('edge = "Cloudflare"', 'edge: must be one of "" akamai cloudflare cloudfront fastly generic nginx vercel, not "Cloudflare"; "cloudflare"?'),
    ('edge = "none"', 'edge: must be one of "" akamai cloudflare cloudfront fastly generic nginx vercel, not "none"; ""?'),
    ("noise = false", 'noise: must be one of off on, not false; "off"?'),
    ('open_scopes = ["stats"]', 'open_scopes[0]: must be one of admin events recommend statistics, not "stats"; "statistics"?'),
    ('counting = "yes"', 'counting: must be true or false, not "yes"; true?'),
    ('port = "8080"', 'port: must be a whole number from 0 to 65535, not "8080"; 8080 without quotes?'),
    ("host = 127", 'host: must be a text in quotes, not 127; "127"?'),
    ("k = 0", "k: must be a whole number of at least 1, not 0"),
    ("epsilon = 101", "epsilon: must be a number above 0, at most 100, not 101"),
    ("k_prefixes = 0", "k: where no network prefixes are counted (k_prefixes = 0) it must be 200 or more, not 100"),
    ("redis = 1", "redis: there is no such setting; redis_url?"),
    ("[k]\nx = 1", "k: must be a whole number of at least 1, not a table"),
    ("release_minutes = 7", "release_minutes: must divide a day into equal parts, for example 5, 15, 60 or 240, of 2 seconds or more, not 7"),
    ("flush_interval_ms = 60000\nrelease_minutes = 0.5", "flush_interval_ms: is 60000, too long for release_minutes (0.5): counts would come too late; must be 3000 or less"),
    ('default_site = "demos"', 'default_site: no file in sites_dir has the id "demos"; demo?'),
    ('sites_dir = "nowhere"', "sites_dir: there is no site in "),
    ('secret = "abcdefgh"', "secret: must be a list of texts in quotes"),
    ('secret = ["abcdefghabcdefgh", "short"]', "secret: each must have 16 characters or more, and number 2 has fewer"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "mistake"), SETTINGS)
def test_a_mistake_in_a_setting_says_the_file_or_the_variable(
    config_copy: Callable[[], Path], line: str, mistake: str
) -> None:
    """Where it was written is where it is mended."""
    directory = config_copy()
    (directory / "passerby.toml").write_text(line)
    found = mistakes_in(directory)
    assert any(text.startswith(f"passerby.toml: {mistake}") for text in found), found


@pytest.mark.parametrize(
    ("name", "value", "mistake"),
    [
        ("PASSERBY_NOISE", "false", 'must be one of off on, not "false"; "off"?'),
        ("PASSERBY_TRUSTED_PROXIES", "10.0.0.1/24", "'10.0.0.1/24' has host bits set: the network is 10.0.0.0/24"),
        ("PASSERBY_RELEASE_MINUTES", "7", "must divide a day into equal parts"),
        ("PASSERBY_DEFAULT_SITE", "shop", 'no file in sites_dir has the id "shop"; there are demo'),
        ("PASSERBY_HOST", "example.org", 'must be an address such as 127.0.0.1 or ::, or localhost, not "example.org"'),
        ("PASSERBY_REDIS_URL", "http://u:hunter2@x", "a Redis URL begins with"),
    ],
)
def test_a_mistake_in_a_variable_begins_with_the_variable(name: str, value: str, mistake: str) -> None:
    """Also one that only shows beside other settings."""
    found = mistakes_in(Path(__file__).parents[2] / "config", **{name: value})
    assert any(text.startswith(f"{name}: {mistake}") for text in found), found


@pytest.mark.parametrize(
    "line",
    [
        'secret = "hunter2hunter2"', "secret = [1234567]", 'secret = ["hunter2"]', 'secret = { hunter2 = "hunter2" }',
        'redis_url = ["redis://:hunter2@x"]', "redis_url = 1234567", 'redis_url = "redis://:hunter2@x:y"',
        'redis_url = "redis://:hunter2"', 'secret = ["hunter2hunter2hunter2", ["hunter2"]]',
    ],
)  # fmt: skip
def test_no_mistake_repeats_a_secret(config_copy: Callable[[], Path], line: str) -> None:
    """Neither the service's own nor a password in a URL, though every other value is named."""
    directory = config_copy()
    (directory / "passerby.toml").write_text(line)
    text = "\n".join(mistakes_in(directory))
    assert "hunter2" not in text
    assert "1234567" not in text
    assert text.startswith(("passerby.toml: secret", "passerby.toml: redis_url"))


def test_two_files_with_one_id_are_both_named(config_copy: Callable[[], Path]) -> None:
    """Whoever copied a site and did not change its id looks for two files."""
    directory = config_copy()
    text = (directory / "sites/demo.toml").read_text()
    (directory / "sites/a-copy.toml").write_text(text)
    (directory / "sites/shop (old).toml").write_text(text.replace('status = "running"', 'status = "runing"', 1))
    found = mistakes_in(directory)
    assert 'sites/demo.toml: id: "demo" is the id of sites/a-copy.toml too' in found
    assert 'sites/shop (old).toml: id: "demo" is the id of sites/a-copy.toml too' in found
    assert len(found) == 3


HIDDEN = [
    ".#demo.toml", "._demo.toml", ".demo.toml", ".toml", "..toml", ".demo.toml.swp", "demo.toml~", "#demo.toml#", "demo.toml.bak",
    "demo.toml.orig", ".demo.toml.tmp", ".~lock.demo.toml#", ".DS_Store", "..2026_11_30.toml", ".nfs0001.toml", "demo.toml.swp",
    ".syncthing.demo.toml.tmp", ".goutputstream-X1.toml", "demo.tomlx", "4913",
]  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_what_editors_and_systems_leave_beside_a_site_is_no_site(config_copy: Callable[[], Path], name: str) -> None:
    """Locks, swap files, backups and resource forks, whatever is in them, also where they lead nowhere."""
    directory = config_copy()
    (directory / "sites" / name).write_bytes(b"\x00\x05\x16\x07 id = [")
    assert list(read_configuration(directory, {}).sites) == ["demo"]
    (directory / "sites" / name).unlink()
    (directory / "sites" / name).symlink_to("anna@host.4711:1795000000")
    assert list(read_configuration(directory, {}).sites) == ["demo"]


@pytest.mark.parametrize("name", ["passerby.toml", "regimes.toml", "sites/demo.toml", "keys.toml"])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_byte_order_mark_is_read_over(config_copy: Callable[[], Path], name: str, ends: bytes) -> None:
    """As Windows' editors write it, with their ends of lines too."""
    directory = config_copy()
    (directory / "keys.toml").write_text("# none yet\n")
    (directory / "keys.toml").chmod(0o600)
    (directory / "passerby.toml").write_text('port = 8081\nkeys_file = "keys.toml"\n')
    before = read_configuration(directory, {})
    content = (directory / name).read_bytes().replace(b"\n", ends)
    (directory / name).write_bytes(BOM + content)
    after = read_configuration(directory, {})
    assert after.settings == before.settings
    assert after.settings.port == 8081
    assert after.sites == before.sites
    assert after.policy.version == before.policy.version


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('id = "demo"'.encode("utf-16"), "is written in UTF-16; save it as UTF-8"),
        ('id = "demo"'.encode("utf-16-be"), r"Invalid .*"),
        ('id = "demo"\n# größe'.encode("latin-1"), "is not UTF-8: line 2 has something else; save it as UTF-8"),
        (BOM + BOM + b'id = "demo"', r"Invalid .*"),
        (b"id = demo", r"Invalid value \(at line 1, column 6\); texts stand in quotes, .*"),
        (b'id = "demo"\nid = "x"', r"Cannot overwrite a value .*; a name stands there twice"),
        (b"[slots]\n[slots]\n", r"Cannot declare .*; a table stands there twice"),
        (b'id = "C:\\demo"', r"Unescaped .*; a backslash in a text is written twice, .*"),
        (b"// demo", r"Invalid .*"),
        (b"id: demo", r"Expected '=' after a key .*; a line is a name, = and a value; .*"),
        (b"id = " + b"[" * 5000, r"is nested too deep"),
    ],
)
def test_a_file_that_is_no_toml_says_what_to_do(config_copy: Callable[[], Path], content: bytes, said: str) -> None:
    """With its line, and never a traceback."""
    directory = config_copy()
    (directory / "sites/shop.toml").write_bytes(content)
    (text,) = mistakes_in(directory)
    assert re.fullmatch(f"sites/shop.toml: {said}", text), text


def test_a_file_that_may_not_be_read_says_so(config_copy: Callable[[], Path]) -> None:
    """A directory in its place, or a loop of links: whatever the system says, with the path."""
    directory = config_copy()
    (directory / "sites/shop.toml").mkdir()
    (directory / "sites/loop.toml").symlink_to("loop.toml")
    loop, shop = mistakes_in(directory)
    assert loop.startswith(f"sites/loop.toml: {directory}/sites/loop.toml cannot be read: ")
    assert shop.startswith(f"sites/shop.toml: {directory}/sites/shop.toml cannot be read: is a directory")


def test_a_stray_variable_says_what_may_be_meant() -> None:
    """A notice, since orchestrators write variables of their own."""
    notices = read_configuration(environment={"PASSERBY_PROT": "1", "PASSERBY_REDIS": "x"}).notices
    assert notices == (
        "PASSERBY_PROT: there is no such setting, it is ignored; PASSERBY_PORT?",
        "PASSERBY_REDIS: there is no such setting, it is ignored; PASSERBY_REDIS_URL?",
    )


@given(st.recursive(st.text() | st.integers() | st.floats() | st.booleans(), lambda one: st.lists(one, max_size=3)))
def test_a_value_is_named_on_one_short_line(value: object) -> None:
    """However long it is, and whatever a terminal would do with it."""
    text = as_toml(value)
    assert text.isprintable() or not isinstance(value, str)
    assert "\n" not in text
    assert not isinstance(value, str) or len(text) <= 63


@given(st.binary(max_size=200))
@limits(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_of_a_file_raises(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in a file, it is read or named."""
    path = tmp_path / "one.toml"
    path.write_bytes(content)
    reading = Reading()
    assert isinstance(reading.toml(path), dict)
    assert all(text.startswith("one.toml: ") for text in reading.mistakes)
