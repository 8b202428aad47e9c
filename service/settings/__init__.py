"""One frozen ``Settings`` from ``config/`` and the environment, read once at start; all mistakes are named together.

Only ``app`` and ``cli`` import this package; everyone else receives plain values. A value in ``passerby.toml``
overrides the default below, and the environment variable ``PASSERBY_<NAME>`` overrides both.

    __init__.py      the settings and the sites, and all of it together
    environment.py   the settings that environment variables give
    counting.py      what must hold among the settings of the counts
    weaknesses.py    what is allowed, but weakens what is promised
    policy_file.py   the policy
    site_files.py    the sites
    reading.py       how values are read, and mistakes told
    synonyms.py      which of our words somebody meant who wrote another
"""

import contextlib
import datetime
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

from msgspec import Meta, Struct

from service.core.access import KeyScope
from service.core.groups.counts import PrivacyParameters
from service.core.languages.tags import TagTables
from service.core.privacy import Policy
from service.core.region import RegionTables
from service.core.sites import Key, Site
from service.settings.counting import SECRET_LENGTH_MIN, check_counting
from service.settings.environment import PREFIX, read_environment
from service.settings.policy_file import read_policy
from service.settings.reading import Reading, as_toml, suggestion
from service.settings.site_files import read_sites
from service.settings.weaknesses import weaknesses

PORT_MAX = 65535
# Hosts that mean two addresses. ``::`` is every one of the machine, those of IPv4 included, as people expect of it.
_MEANING_TWO = {"localhost": ("127.0.0.1", "::1"), "::": ("::", "0.0.0.0")}  # noqa: S104  # nothing listens here
Port = Annotated[int, Meta(ge=0, le=PORT_MAX)]
Positive = Annotated[int, Meta(ge=1)]
PositiveSeconds = Annotated[float, Meta(gt=0, le=86400)]

FILE_NAME = "passerby.toml"
_SECRET = frozenset({"secret", "redis_url"})
"""Settings whose values no mistake may name: a URL may hold a password."""
_PACKAGE = Path(__file__).resolve().parent.parent
# What ships lies in the package where that was installed, and beside it in the source tree.
DEFAULT_DIRECTORY = (_PACKAGE if (_PACKAGE / "config").is_dir() else _PACKAGE.parent) / "config"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting with its default: what an empty environment and file yield. ``passerby.toml`` explains each."""

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    admin_host: str = "127.0.0.1"
    admin_port: Port = 9090
    default_site: Key = "demo"
    sites_dir: str = "sites"
    regimes_file: str = "regimes.toml"
    config_watch_interval_s: PositiveSeconds = 1.0
    policy_max_age_days: Positive = 400
    geo_database: str = "geo/country.mmdb.gz"
    geo_max_age_days: Positive = 365
    geo_watch_interval_s: PositiveSeconds = 5.0
    trusted_proxies: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    edge: Literal["", "cloudflare", "fastly", "akamai", "cloudfront", "vercel", "nginx", "generic"] = ""
    keys_file: str = ""
    open_scopes: tuple[KeyScope, ...] = ()
    secret: tuple[str, ...] = ()
    answer_ttl_s: Annotated[int, Meta(ge=0, le=86400)] = 300
    cohort_max_age_s: Annotated[int, Meta(ge=0, le=86400)] = 300
    header_block_max_bytes: Annotated[int, Meta(ge=1024)] = 16384
    header_fields_max: Annotated[int, Meta(ge=8)] = 64
    header_read_timeout_s: PositiveSeconds = 2.0
    body_read_timeout_s: PositiveSeconds = 2.0
    write_timeout_s: PositiveSeconds = 10.0
    keep_alive_s: PositiveSeconds = 75.0
    connections_max: Annotated[int, Meta(ge=8, le=1_000_000)] = 4096
    body_max_bytes: Annotated[int, Meta(ge=1024)] = 8192
    batch_body_max_bytes: Annotated[int, Meta(ge=1024)] = 1048576
    batch_items_max: Annotated[int, Meta(ge=1, le=10000)] = 1000
    requests_in_flight_max: Positive = 512
    device_cache_entries: Annotated[int, Meta(ge=1, le=65536)] = 8192
    counting: bool = True
    redis_url: str = ""
    redis_timeout_ms: Annotated[int, Meta(ge=1, le=10000)] = 50
    redis_max_memory_mb: Annotated[int, Meta(ge=16, le=65536)] = 256
    flush_interval_ms: Annotated[int, Meta(ge=10, le=60000)] = 200
    buffer_events_max: Annotated[int, Meta(ge=100, le=100_000_000)] = 1_000_000
    release_minutes: Annotated[float, Meta(gt=0, le=1440)] = 60
    retention_hours: Annotated[int, Meta(ge=1, le=168)] = 168
    k: Positive = 100
    k_prefixes: Annotated[int, Meta(ge=0)] = 20
    epsilon: Annotated[float, Meta(gt=0, le=100)] = 1.0
    noise: Literal["on", "off"] = "on"

    def __repr__(self) -> str:
        """Without values: ``secret`` and a password in ``redis_url`` are for no log and no traceback."""
        return "Settings(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []

    @property
    def release_interval_s(self) -> int:
        return round(self.release_minutes * 60)


class Checks(NamedTuple):
    """Checks by the code that will use a setting. Each raises ValueError; ``keys`` returns notices."""

    proxies: Callable[[tuple[str, ...]], object]
    keys: Callable[[Path], list[str]]
    redis_url: Callable[[str], object]


class Configuration(Struct, frozen=True):
    """All that an operator wrote: settings, policy, sites. ``notices`` are logged at start and stop nothing."""

    settings: Settings
    directory: Path
    policy: Policy
    policy_date: datetime.date
    sites: Mapping[str, Site]
    notices: tuple[str, ...]

    def path(self, name: str) -> Path:
        """A file named in the settings: relative names are relative to the configuration's directory."""
        return self.directory / name


class ConfigurationError(Exception):
    """The configuration cannot be used. ``mistakes`` has a line for each thing to mend."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def load(
    directory: Path,
    environment: Mapping[str, str],
    regions: RegionTables,
    languages: TagTables,
    today: datetime.date,
    checks: Checks,
    running: Settings | None = None,
) -> Configuration:
    """Read and check everything. Raises ConfigurationError with all the mistakes found.

    With ``running`` settings, sites and policy are read where those say: other settings wait for a restart.
    """
    reading = Reading()
    settings, by_variable = _settings(reading, directory, environment)
    _listeners(reading, settings, by_variable)
    _secrets(reading, settings)
    try:
        checks.proxies(settings.trusted_proxies)
    except ValueError as error:
        reading.mistakes.append(str(error))
    else:
        _edge(reading, settings)
    if settings.keys_file:
        try:
            reading.notices += [f"keys_file: {text}" for text in checks.keys(directory / settings.keys_file)]
        except ValueError as error:
            reading.mistakes.append(f"keys_file: {error} ({directory / settings.keys_file})")
    if settings.counting:
        try:
            if settings.redis_url:
                checks.redis_url(settings.redis_url)
        except ValueError as error:
            reading.mistakes.append(f"redis_url: {error}")
        check_counting(
            reading,
            release_minutes=settings.release_minutes,
            retention_hours=settings.retention_hours,
            flush_interval_ms=settings.flush_interval_ms,
            k=settings.k,
            k_prefixes=settings.k_prefixes,
            noise=settings.noise,
        )
    reading.notices += weaknesses(
        PrivacyParameters(settings.k, settings.k_prefixes, settings.epsilon, settings.noise),
        counting=settings.counting,
        release_minutes=settings.release_minutes,
        policy_max_age_days=settings.policy_max_age_days,
        public=not is_loopback(settings.host),
        open_scopes=settings.open_scopes,
        has_keys=bool(settings.keys_file),
    )
    places = running or settings
    policy = read_policy(reading, directory / places.regimes_file, regions, today, places.retention_hours)
    before = len(reading.mistakes)
    sites = read_sites(reading, directory / places.sites_dir, regions, languages)
    if places.default_site not in sites and len(reading.mistakes) == before:
        name = places.default_site
        reading.mistakes.append(
            f"default_site: no file in sites_dir has the id {as_toml(name)}{suggestion(name, sites)}"
        )
    if reading.mistakes or policy is None:
        raise ConfigurationError([_with_place(text, by_variable) for text in reading.mistakes])
    return Configuration(
        settings=settings,
        directory=directory,
        policy=policy,
        policy_date=datetime.date.fromisoformat(policy.version),
        sites=sites,
        notices=tuple(reading.notices),
    )


def directory_of(directory: Path | None, environment: Mapping[str, str]) -> Path:
    """The configuration's directory: the argument, else that of the environment, else the one that ships."""
    return directory or Path(environment.get("PASSERBY_CONFIG") or DEFAULT_DIRECTORY)


def read_settings(directory: Path, environment: Mapping[str, str]) -> Settings:
    """The settings alone, each by itself, in a tenth of the time. Raises ConfigurationError."""
    reading = Reading()
    settings, _ = _settings(reading, directory, environment)
    if reading.mistakes:
        raise ConfigurationError(reading.mistakes)
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    addresses = addresses_of(host)
    return bool(addresses) and all(ip_address(text).is_loopback for text in addresses)


def addresses_of(host: str) -> tuple[str, ...]:
    """The addresses that a host of the settings means, each spelled in one way; none for a name: nobody looks it up."""
    with contextlib.suppress(ValueError):
        host = str(ip_address(host))
        return _MEANING_TWO.get(host, (host,))
    return _MEANING_TWO.get(host, ())


def _settings(reading: Reading, directory: Path, environment: Mapping[str, str]) -> tuple[Settings, frozenset[str]]:
    """The settings, and the names of those that a variable set: of these it is the variable that can be wrong."""
    table = reading.toml(directory / FILE_NAME, needed=False)
    values = reading.fields(f"{FILE_NAME}: ", table, Settings, secret=_SECRET)
    hints = get_type_hints(Settings, include_extras=True)
    from_environment = read_environment(reading, environment, hints, secret=_SECRET)
    return Settings(**(values | from_environment)), frozenset(from_environment)


def _with_place(mistake: str, by_variable: frozenset[str]) -> str:
    """A mistake that begins with a setting's name, with where it was set, or would be: the variable, else the file."""
    name, colon, text = mistake.partition(": ")
    if not colon or name not in get_type_hints(Settings):
        return mistake
    return f"{PREFIX}{name.upper()}: {text}" if name in by_variable else f"{FILE_NAME}: {mistake}"


def _listeners(reading: Reading, settings: Settings, by_variable: frozenset[str]) -> None:
    """Check where the service and its metrics listen: real addresses, different ports, and open only where allowed."""
    reach = {
        name: [ip_address(text) for text in addresses_of(getattr(settings, name))] for name in ("host", "admin_host")
    }
    reading.mistakes += [
        f"{name}: must be an address such as 127.0.0.1 or ::, or localhost, not {as_toml(getattr(settings, name))}"
        for name, addresses in reach.items()
        if not addresses
    ]
    if not all(reach.values()):
        return
    if not is_loopback(settings.host) and not settings.keys_file and not settings.open_scopes:
        reading.mistakes.append(
            "host: off loopback, callers need keys (keys_file; `passerby keys new` makes them), "
            'or open_scopes must say what is public, for example ["recommend"]'
            + ("; PASSERBY_OPEN_SCOPES is set, and empty" if "open_scopes" in by_variable else "")
        )
    if not settings.admin_port:
        return
    ports = range(settings.admin_port, settings.admin_port + settings.workers)
    if ports[-1] > PORT_MAX:
        reading.mistakes.append(
            f"admin_port: every worker takes one port from here on, and {PORT_MAX} is the last: with "
            f"{settings.workers} workers must be at most {PORT_MAX + 1 - settings.workers}, not {settings.admin_port}"
        )
    shared = any(
        serving.version == metrics.version and (serving == metrics or serving.is_unspecified or metrics.is_unspecified)
        for serving, metrics in product(*reach.values())
    )
    if shared and settings.port in ports:
        port_range = f", {ports[0]} to {ports[-1]}" if len(ports) > 1 else ""
        reading.mistakes.append(
            f"admin_port: every worker takes one port from here on{port_range}, and {settings.port} is `port`; "
            "move one of the two"
        )


def _secrets(reading: Reading, settings: Settings) -> None:
    """Check the secrets of cohort tokens: long enough, and off loopback set, so that a restart does not change them."""
    if any(len(secret) < SECRET_LENGTH_MIN for secret in settings.secret):
        short = " and ".join(
            str(number) for number, secret in enumerate(settings.secret, 1) if len(secret) < SECRET_LENGTH_MIN
        )
        reading.mistakes.append(
            f"secret: each must have {SECRET_LENGTH_MIN} characters or more, and number {short} has fewer; "
            "`openssl rand -hex 32` makes one"
        )
    if settings.counting and not settings.secret and not is_loopback(settings.host):
        reading.mistakes.append(
            "secret: is needed off loopback: a list of texts, the new one first; `openssl rand -hex 32` makes one"
        )


def _edge(reading: Reading, settings: Settings) -> None:
    """A notice where an edge is named and nothing of it trusted: a proxy on this machine may vouch for it, or none."""
    is_local = all(text == "unix" or ip_network(text).is_loopback for text in settings.trusted_proxies)
    if settings.edge and is_local and not is_loopback(settings.host):
        whom = "only this machine is" if settings.trusted_proxies else "nobody is"
        reading.notices.append(
            f"trusted_proxies: edge is set, but {whom} trusted: every node of the edge will be taken for the visitor"
        )
