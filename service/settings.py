"""One frozen ``Settings`` from ``config/`` and the environment, read once at start, every mistake named at once.

Only ``app`` and ``cli`` import this module; everyone else receives plain values. A value in ``passerby.toml`` overrides
the default below, and the environment variable ``PASSERBY_<NAME>`` overrides both (lists are separated by commas).
"""

import datetime
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct, inspect

from service.core.privacy import LEVELS, PURPOSES, Policy, Regime
from service.core.region import Market, RegionTables, mistakes_in_markets
from service.core.sites import KEY_PATTERN, Experiment, Key, Site, Slot, mistakes

Scope = Literal["recommend", "events", "statistics", "admin"]
Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
PositiveSeconds = Annotated[float, Meta(gt=0)]

ENVIRONMENT_PREFIX = "PASSERBY_"
DEFAULT_DIRECTORY = Path(__file__).resolve().parent.parent / "config"


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
    policy_max_age_days: Positive = 400
    geo_database: str = "geo/country.mmdb.xz"
    geo_max_age_days: Positive = 365
    geo_watch_interval_s: PositiveSeconds = 5.0
    trusted_proxies: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    edge: Literal["", "cloudflare", "fastly", "akamai", "cloudfront", "vercel", "nginx", "generic"] = ""
    keys_file: str = ""
    open_scopes: tuple[Scope, ...] = ()
    answer_ttl_s: Annotated[int, Meta(ge=0, le=86400)] = 300
    cohort_max_age_s: Annotated[int, Meta(ge=0, le=86400)] = 300
    header_block_max_bytes: Annotated[int, Meta(ge=1024)] = 16384
    header_fields_max: Annotated[int, Meta(ge=8)] = 64
    header_read_timeout_s: PositiveSeconds = 2.0
    body_read_timeout_s: PositiveSeconds = 2.0
    body_max_bytes: Annotated[int, Meta(ge=1024)] = 8192
    batch_body_max_bytes: Annotated[int, Meta(ge=1024)] = 1048576
    batch_items_max: Annotated[int, Meta(ge=1, le=10000)] = 1000
    requests_in_flight_max: Positive = 512
    device_cache_entries: Annotated[int, Meta(ge=1, le=65536)] = 4096


class Configuration(Struct, frozen=True):
    """All that an operator wrote: settings, policy, sites. ``notices`` deserve a line at start but stop nothing."""

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


class Reading:
    """A reading of the configuration that collects mistakes instead of stopping at the first."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.notices: list[str] = []

    def toml(self, path: Path, where: str = "", *, needed: bool = True) -> dict[str, Any]:
        """The tables of a file. Mistakes name it by ``where``, else by its own name."""
        where = where or path.name
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if needed:
                self.mistakes.append(f"{where}: there is no such file in {path.parent}")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.mistakes.append(f"{where}: {error}")
        return {}

    def convert(self, where: str, value: object, kind: Any, *, strict: bool = True) -> Any:
        """The value as this type, or None and a mistake. It is the operator's own value, so it may be named."""
        try:
            return msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError as error:
            self.mistakes.append(f"{where}: {_wanted(kind) or error}")
            return None

    def fields(
        self, where: str, found: Mapping[str, Any], kind: type[Struct], skip: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Each field that the table gives, as its own type. Fields of the wrong type are left out and named."""
        hints, values = get_type_hints(kind, include_extras=True), {}
        for name, value in found.items():
            if name not in hints:
                meant = get_close_matches(name, hints, 1)
                self.mistakes.append(f"{where}{name}: there is no such setting" + (f"; {meant[0]}?" if meant else ""))
            elif name not in skip:
                converted = self.convert(where + name, value, hints[name])
                if converted is not None:
                    values[name] = converted
        for field in msgspec.structs.fields(kind):
            if field.required and field.name not in found:
                self.mistakes.append(f"{where}{field.name}: is missing")
        return values

    def members(self, where: str, found: object, kind: type[Struct]) -> dict[str, Any]:
        """A table of named tables, each as a struct; those that cannot be are left out and named."""
        if not isinstance(found, dict):
            self.mistakes.append(f"{where}: must be a table")
            return {}
        members = {}
        for key, value in found.items():
            self.convert(f"{where}.{key}", key, Key)
            before = len(self.mistakes)
            values = (
                self.fields(f"{where}.{key}.", value, kind)
                if isinstance(value, dict)
                else self.convert(f"{where}.{key}", value, kind)
            )
            if len(self.mistakes) == before:
                members[key] = kind(**values)
        return members


def load(
    directory: Path,
    environment: Mapping[str, str],
    regions: RegionTables,
    today: datetime.date,
    check_proxies: Callable[[tuple[str, ...]], object],
) -> Configuration:
    """Read and check everything. Raises ConfigurationError with all the mistakes found.

    ``check_proxies`` raises ValueError for networks that cannot be trusted: reading them is the web's business.
    """
    reading = Reading()
    settings = _settings(reading, directory, environment)
    try:
        check_proxies(settings.trusted_proxies)
    except ValueError as error:
        reading.mistakes.append(str(error))
    policy = _policy(reading, directory / settings.regimes_file, today)
    before = len(reading.mistakes)
    sites = _sites(reading, directory / settings.sites_dir, regions)
    if settings.default_site not in sites and len(reading.mistakes) == before:
        reading.mistakes.append("default_site: no file in sites_dir has this id")
    if not is_loopback(settings.host) and not settings.keys_file and "recommend" not in settings.open_scopes:
        reading.mistakes.append('host: off loopback, open_scopes must say what is public, for example ["recommend"]')
    if settings.keys_file:
        reading.mistakes.append("keys_file: keys are not read yet; put what is public into open_scopes")
    if reading.mistakes or policy is None:
        raise ConfigurationError(reading.mistakes)
    return Configuration(
        settings=settings,
        directory=directory,
        policy=policy,
        policy_date=datetime.date.fromisoformat(policy.version),
        sites=sites,
        notices=tuple(reading.notices),
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wanted(kind: Any) -> str:
    """What a value of this type must be, in an operator's words; empty where msgspec says it better."""
    match inspect.type_info(kind):
        case inspect.LiteralType(values=values):
            return "must be one of " + " ".join(str(value) or '""' for value in sorted(values, key=str))
        case inspect.BoolType():
            return "must be true or false"
        case inspect.StrType(pattern=None):
            return "must be a text in quotes"
        case inspect.StrType(pattern=pattern) if pattern == KEY_PATTERN:
            return "must be a key: up to 32 of a-z 0-9 _ -, a letter first"
        case inspect.IntType(ge=low, le=high):
            return "must be a whole number" + _between(low, high)
        case inspect.FloatType(ge=low, gt=above, le=high):
            return "must be a number" + (f" above {above}" if above is not None else _between(low, high))
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return "must be a list of " + " ".join(sorted(map(str, values)))
        case inspect.VarTupleType(item_type=inspect.StrType(pattern=None)):
            return "must be a list of texts in quotes"
    return ""


def _between(low: float | None, high: float | None) -> str:
    match low, high:
        case None, None:
            return ""
        case _, None:
            return f" of at least {low}"
        case None, _:
            return f" of at most {high}"
    return f" from {low} to {high}"


def _settings(reading: Reading, directory: Path, environment: Mapping[str, str]) -> Settings:
    values = reading.fields("", reading.toml(directory / "passerby.toml", needed=False), Settings)
    hints = get_type_hints(Settings, include_extras=True)
    for variable, text in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == ENVIRONMENT_PREFIX + "CONFIG":
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name not in hints:
            # A notice and no mistake: orchestrators inject variables under a service's name (PASSERBY_SERVICE_HOST).
            reading.notices.append(f"{variable}: there is no such setting, it is ignored")
            continue
        is_list = getattr(hints[name], "__origin__", None) is tuple
        value: object = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
        converted = reading.convert(variable, value, hints[name], strict=False)
        if converted is not None:
            values[name] = converted
    return Settings(**values)


def _policy(reading: Reading, path: Path, today: datetime.date) -> Policy | None:
    found = reading.toml(path)
    before, where = len(reading.mistakes), path.name
    if not found:
        return None
    try:
        if datetime.date.fromisoformat(str(found.get("version"))) > today:
            reading.mistakes.append(f"{where}: version: is a date in the future")
    except ValueError:
        reading.mistakes.append(f"{where}: version: must be a date such as 2026-11-22")
    rows = found.get("regimes", {})
    regimes = [
        Regime(key, tuple(row.get("places", ())), levels)
        for key, row in rows.items()
        if (levels := _levels(reading, f"{where}: regimes.{key}", key, rows))
    ]
    places = [place for regime in regimes for place in regime.places]
    reading.mistakes += [
        f"{where}: {place} stands in two rows" for place in sorted({p for p in places if places.count(p) > 1})
    ]
    for key in ("ZZ", "REST"):
        if key not in rows:
            reading.mistakes.append(f"{where}: the row {key} is missing")
    return Policy(str(found["version"]), regimes) if len(reading.mistakes) == before else None


_ABOUT_A_REGIME = frozenset(
    {"places", "inherits", "law", "limits", "confidence", "reviewed", "reviewer"}
    | {"display_signal_status", "in_region_storage_only"}
)


def _levels(reading: Reading, where: str, key: str, rows: Mapping[str, Any]) -> dict[Any, Any]:
    """A level for every purpose, its own or inherited. A row that inherits from itself in the end is a mistake."""
    levels: dict[str, str] = {}
    seen = []
    while key in rows and key not in seen:
        seen.append(key)
        row = rows[key]
        own = {name: level for name, level in row.items() if name not in _ABOUT_A_REGIME}
        if len(seen) == 1:
            reading.mistakes += [f"{where}.{name}: there is no such purpose" for name in own if name not in PURPOSES]
            reading.mistakes += [
                f"{where}.{name}: must be one of {' '.join(LEVELS)}" for name in own if own[name] not in LEVELS
            ]
        levels = {**own, **levels}
        if "inherits" not in row:
            break
        key = row["inherits"]
    else:
        reading.mistakes.append(f"{where}.inherits: leads to {'itself' if key in rows else 'no row'}")
        return {}
    missing = [purpose for purpose in PURPOSES if purpose not in levels]
    if missing:
        reading.mistakes.append(f"{where}: says nothing about {' '.join(missing)}")
    return levels


def _sites(reading: Reading, directory: Path, regions: RegionTables) -> dict[str, Site]:
    sites: dict[str, Site] = {}
    paths = sorted(directory.glob("*.toml"))
    if not paths:
        reading.mistakes.append(f"sites_dir: there is no site in {directory}")
    for path in paths:
        where, before = f"{directory.name}/{path.name}: ", len(reading.mistakes)
        found = reading.toml(path, where.removesuffix(": "))
        if not found:
            continue
        values = reading.fields(where, found, Site, skip=("markets", "experiments", "slots"))
        for name, kind in (("markets", Market), ("experiments", Experiment), ("slots", Slot)):
            values[name] = reading.members(f"{where}{name}", found.get(name, {}), kind)
        if len(reading.mistakes) > before:
            continue
        site = Site(**values)
        reading.mistakes += [where + text for text in (*mistakes(site), *mistakes_in_markets(site.markets, regions))]
        if site.id in sites:
            reading.mistakes.append(f"{where}id: another site has it")
        sites[site.id] = site
    return sites
