"""What ``passerby check --redis`` tells: whether Redis lets the service do all it needs, right by right."""

# ruff: noqa: PLC0415  # see the package

from collections.abc import Iterator
from typing import TYPE_CHECKING

from service.cli.store_failures import WORDS
from service.cli.terminal import fail, print_rows, warn

if TYPE_CHECKING:
    from service.adapters.redis_store.rights import Right, Tried
    from service.adapters.redis_store.url import RedisUrl
    from service.ports import StoreError
    from service.settings import Configuration

STATES = {
    "ok": "ok",
    "missing": "MISSING",
    "not_needed": "not there, and not needed here",
    "untried": "not tried: give what is missing first",
}


def print_rights(configuration: "Configuration") -> None:
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
        tried = asyncio.run(try_rights(url, [*configuration.sites]))
    except StoreError as error:
        fail([f"redis_url: {_failure(error, url)}"])
    print_rows("Rights in Redis", _rows(tried))
    if tried.servers_left_out:
        servers = tried.servers + tried.servers_left_out
        warn(
            f"redis_url: {tried.servers_left_out} of the Cluster's {servers} servers were not tried, as no more than "
            f"{tried.servers} are: see that each has the same user"
        )
    short = [right for right in tried.rights if right.state in {"missing", "untried"}]
    if short:
        fail(_what_to_do(short, url))


def _rows(tried: "Tried") -> Iterator[tuple[str, str]]:
    for right in tried.rights:
        where = f" at {right.where}" if right.where else ""
        yield right.acl, f"{STATES[right.state]}{where} ({right.purpose})"


def _what_to_do(short: list["Right"], url: "RedisUrl") -> Iterator[str]:
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


def _failure(error: "StoreError", url: "RedisUrl") -> str:
    if error.kind != "permission":
        return WORDS[error.kind]
    right = (error.not_permitted or "a command").lower()
    if right == "sentinel":
        user = url.sentinel_username or "default"
        return (
            f"the sentinels do not say who the master is: in each, ACL SETUSER {user} +sentinel|get-master-addr-by-name"
        )
    return f"+{right} is missing, without which nothing can be tried: ACL SETUSER {url.username or 'default'} +{right}"
