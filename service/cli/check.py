"""``passerby check``: every mistake of the configuration, and whether Redis lets the service do all that it needs."""

# ruff: noqa: D301, PLC0415  # see the package

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.console import STORE_FAILURES, age_days, configuration_in, day, fail, open_container, print_rows, warn

if TYPE_CHECKING:
    from service.adapters.redis_store.rights import Right, Tried
    from service.adapters.redis_store.url import RedisUrl
    from service.app import Container
    from service.ports import StoreError
    from service.settings import Configuration, Settings

RIGHT_STATES = {
    "ok": "ok",
    "missing": "MISSING",
    "not_needed": "not there, and not needed here",
    "untried": "not tried: give what is missing first",
}


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
    container = open_container(configuration)
    print_rows("Passerby", _rows(configuration, container))
    for text in _warnings(configuration, container):
        warn(text)
    if redis:
        _check_rights(configuration)


def _rows(configuration: "Configuration", container: "Container") -> Iterator[tuple[str, str]]:
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
    built_at = container.geo.built_at
    state = "cannot be read" if built_at is None else f"{container.geo.database_type}, built {day(built_at)}"
    yield "geo database", f"{configuration.path(settings.geo_database)}, {state}"
    for key, site in configuration.sites.items():
        parts = [f"{' '.join(site.languages)}, else {site.default_language}"]
        parts += ["child-directed"] if site.child_directed else []
        experiments = [f"{name} ({experiment.status})" for name, experiment in site.experiments.items()]
        named = {"markets": [*site.markets], "experiments": experiments, "slots": [*site.slots]}
        parts += [f"{name}: {' '.join(keys)}" for name, keys in named.items() if keys]
        yield f"site {key}" + (" (default)" if key == settings.default_site else ""), "; ".join(parts)


def _counts(settings: "Settings") -> str:
    """Where groups are counted and on what terms what is known of them is let out. A URL is said without a password."""
    from urllib.parse import urlsplit

    from service.adapters.redis_store.embedded import lack

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


def _warnings(configuration: "Configuration", container: "Container") -> Iterator[str]:
    """What stops nothing, but wants a person."""
    from service.adapters.redis_store.embedded import lack
    from service.adapters.redis_store.url import parse_redis_url
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
    built_at = container.geo.built_at
    if built_at is not None and (days := age_days(built_at)) > settings.geo_max_age_days:
        yield f"geo_database: it is {days} days old; `passerby geo update` fetches a new one"
    if is_loopback(settings.host) and not settings.keys_file:
        yield "keys_file: no keys are asked for, so whoever reaches this machine's loopback may ask"


def _check_rights(configuration: "Configuration") -> None:
    """Connect to the Redis of the settings, try every right, and exit with 1 where one is missing."""
    import asyncio

    from service.adapters.redis_store.rights import try_rights
    from service.adapters.redis_store.url import parse_redis_url
    from service.ports import StoreError

    settings = configuration.settings
    if not settings.counting or not settings.redis_url:
        why = "the service starts a redis-server of its own" if settings.counting else "nothing is counted"
        print_rows("Redis", [("redis", f"redis_url is not set: {why}, so there are no rights to try")])
        return
    url = parse_redis_url(settings.redis_url)
    try:
        trial = asyncio.run(try_rights(url, [*configuration.sites]))
    except StoreError as error:
        fail([f"redis_url: {_rights_failure(error, url)}"])
    print_rows("Rights in Redis", _right_rows(trial))
    if trial.servers_left_out:
        servers = trial.servers + trial.servers_left_out
        warn(
            f"redis_url: {trial.servers_left_out} of the Cluster's {servers} servers were not tried, as no more than "
            f"{trial.servers} are: see that each has the same user"
        )
    lacking = [right for right in trial.rights if right.state in {"missing", "untried"}]
    if lacking:
        fail(_missing_rights(lacking, url))


def _right_rows(trial: "Tried") -> Iterator[tuple[str, str]]:
    for right in trial.rights:
        where = f" at {right.where}" if right.where else ""
        yield right.acl, f"{RIGHT_STATES[right.state]}{where} ({right.purpose})"


def _missing_rights(short: list["Right"], url: "RedisUrl") -> Iterator[str]:
    """For each missing right the line that gives it, and the line of who has all."""
    from service.adapters.redis_store.rights import user_line

    user = url.username or "default"
    for right in short:
        if right.acl == "scripts":
            yield "redis_url: a script was refused though its commands are not: see `ACL LOG` in Redis"
            continue
        state = "missing" if right.state == "missing" else "not tried"
        where = f" at {right.where}" if right.where else ""
        yield f"redis_url: {right.acl} is {state}{where}: ACL SETUSER {user} {right.acl}"
    yield f"A user with all rights and nothing else, as a line for redis.conf: {user_line(url)}"


def _rights_failure(error: "StoreError", url: "RedisUrl") -> str:
    if error.kind != "permission":
        return STORE_FAILURES[error.kind]
    right = (error.not_permitted or "a command").lower()
    if right == "sentinel":
        user = url.sentinel_username or "default"
        return (
            f"the sentinels do not say who the master is: in each, ACL SETUSER {user} +sentinel|get-master-addr-by-name"
        )
    return f"+{right} is missing, without which nothing can be tried: ACL SETUSER {url.username or 'default'} +{right}"
