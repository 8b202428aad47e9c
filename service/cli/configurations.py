"""``passerby check``, and how every command comes by a configuration and a house.

A configuration with mistakes ends a command with all of them, one a line.
"""

# ruff: noqa: D301, PLC0415  # see the package

import datetime as dt
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.terminal import fail, print_rows, warn

if TYPE_CHECKING:
    from service.app import Container
    from service.settings import Configuration, Settings

DAY_S = 86400


@click.command()
@click.option(
    "--redis", is_flag=True, help="Connect to the Redis of `redis_url` too, and try every right it must give."
)
@click.pass_obj
def check(directory: Path | None, redis: bool) -> None:
    """Check the whole configuration, name every mistake at once, and show what is configured.

    Exits 1 when the service would not start. Warnings stop nothing: an old policy, old geo data, a geo database that
    cannot be read, so that no address has a place.

    With --redis it also exits 1 where Redis cannot be used as it is set up, or gives less than every right; it says
    the ACL line for each. It tries them on keys that end within seconds and that no count has.

    \b
    Example:
      passerby --config /etc/passerby check
      passerby --config /etc/passerby check --redis
    """
    configuration = configuration_in(directory)
    house = open_house(configuration)
    print_rows("Passerby", _rows(configuration, house))
    for text in _warnings(configuration, house):
        warn(text)
    if redis:
        from service.cli.redis_rights import print_rights

        print_rights(configuration)


def configuration_in(directory: Path | None, *, keys_needed: bool = True) -> "Configuration":
    """The configuration, or an exit that names every mistake in it. See ``app.read_configuration``."""
    from service.app import read_configuration
    from service.settings import ConfigurationError

    try:
        return read_configuration(directory, keys_needed=keys_needed)
    except ConfigurationError as error:
        fail(error.mistakes)


def open_house(configuration: "Configuration") -> "Container":
    """All that decides, with its geo database open, or a warning why not. It keeps no log: what matters is printed."""
    from service.adapters.mmdb.snapshot_file import REASONS
    from service.app import assemble
    from service.app.assembly import NO_PLACES
    from service.telemetry import Telemetry

    house = assemble(configuration, Telemetry(stream=io.StringIO()))
    if not house.geo.open():
        warn(f"geo_database: {REASONS[house.geo.refusal or 'unreadable']}, {NO_PLACES}")
    return house


def day(seconds: int) -> str:
    """The UTC date of a moment in seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def age_days(seconds: int) -> int:
    """Whole days since a moment in seconds since 1970."""
    return max(0, int((time.time() - seconds) // DAY_S))


def _rows(configuration: "Configuration", house: "Container") -> Iterator[tuple[str, str]]:
    settings = configuration.settings
    yield "configuration", str(configuration.directory)
    yield "address", f"{settings.host}:{settings.port}"
    yield "workers", str(settings.workers)
    yield "metrics", f"{settings.admin_host}:{settings.admin_port}"
    yield "keys", settings.keys_file or "none"
    yield "open scopes", " ".join(settings.open_scopes) or "none"
    yield "trusted proxies", " ".join(settings.trusted_proxies) or "none"
    yield "edge", settings.edge or "none"
    yield "counts", _counts(settings)
    yield "policy", f"{configuration.policy.version}, {len(configuration.policy.regimes)} regimes"
    built_at = house.geo.built_at
    state = "cannot be read" if built_at is None else f"{house.geo.database_type}, built {day(built_at)}"
    yield "geo database", f"{configuration.path(settings.geo_database)}, {state}"
    for key, site in configuration.sites.items():
        parts = [f"{' '.join(site.languages)}, else {site.default_language}"]
        parts += ["child-directed"] if site.child_directed else []
        experiments = [f"{name} ({experiment.status})" for name, experiment in site.experiments.items()]
        named = {"markets": [*site.markets], "experiments": experiments, "slots": [*site.slots]}
        parts += [f"{name}: {' '.join(found)}" for name, found in named.items() if found]
        yield f"site {key}" + (" (default)" if key == settings.default_site else ""), "; ".join(parts)


def _counts(settings: "Settings") -> str:
    """Where groups are counted and on what terms what is known of them is let out. A URL is said without a password."""
    from urllib.parse import urlsplit

    from service.adapters.embedded_redis import lack

    if not settings.counting:
        return "off"
    if settings.redis_url:
        url = urlsplit(settings.redis_url)
        place = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
    else:
        place = "this process" if lack() else "a redis-server of our own"
    noise = f"epsilon {settings.epsilon:g}" if settings.noise == "on" else "no noise"
    devices = f"k {settings.k}" + (f" from {settings.k_prefixes} networks" if settings.k_prefixes else "")
    return f"in {place}, released every {settings.release_minutes:g} minutes, {devices}, {noise}"


def _warnings(configuration: "Configuration", house: "Container") -> Iterator[str]:
    """What stops nothing, but wants a person."""
    from service.adapters.embedded_redis import lack
    from service.adapters.redis_url import parse_redis_url
    from service.app import POLICY_WARN_AGE_DAYS
    from service.app.counting import IN_PROCESS
    from service.settings import is_loopback

    settings = configuration.settings
    yield from configuration.notices
    days = (dt.datetime.now(dt.UTC).date() - configuration.policy_date).days
    if days > settings.policy_max_age_days:
        yield f"regimes_file: the policy is {days} days old, so every visit is treated as from an unknown place"
    elif days >= POLICY_WARN_AGE_DAYS:
        yield f"regimes_file: the policy is {days} days old; beyond {settings.policy_max_age_days} it no longer counts"
    if settings.counting and settings.redis_url:
        url = parse_redis_url(settings.redis_url)
        if url.tls is None and not url.stays_here:
            yield "redis_url: the link is not encrypted: who reads the network reads the salt of the day; use rediss://"
        if url.password is None and url.kind != "unix":
            yield "redis_url: has no password, so whoever reaches that Redis may read and forge the counts"
    elif settings.counting and (lacking := lack()):
        yield f"redis_url: {IN_PROCESS[lacking]}"
    built_at = house.geo.built_at
    if built_at is not None and (days := age_days(built_at)) > settings.geo_max_age_days:
        yield f"geo_database: it is {days} days old; `passerby geo update` fetches a new one"
    if is_loopback(settings.host) and not settings.keys_file:
        yield "keys_file: no keys are asked for, so whoever reaches this machine's loopback may ask"
