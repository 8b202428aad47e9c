"""Links to the Redis under audit: to each server that keeps keys, any command in any database, and waiting for it.

It understands the same URLs as the service: one server, a socket, sentinels, a Cluster.
"""

from collections.abc import Iterator
from typing import Any, Final, Self

from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from service.adapters.redis_store.url import Address, RedisUrl, parse_redis_url
from service.audit.recorder import SinkError

reply_timeout_s: Final = 30.0

Word = str | bytes | int


class RefusedError(Exception):
    """The server understood and will not: not permitted, not known, not its slot. Its words are not repeated."""


class Link:
    """One connection to one server, in one database."""

    def __init__(self, url: RedisUrl, address: Address, db: int, *, sentinel: bool = False) -> None:
        options: dict[str, Any] = {
            "username": url.sentinel_username if sentinel else url.username,
            "password": url.sentinel_password if sentinel else url.password,
            "db": db,
            "protocol": 2,
            "driver_info": None,
            "socket_timeout": reply_timeout_s,
            "socket_connect_timeout": reply_timeout_s,
            "retry": Retry(NoBackoff(), 0),
        }
        self.address = address
        kind: Any = (
            UnixDomainSocketConnection if url.kind == "unix" else Connection if url.tls is None else SSLConnection
        )
        options |= {"path": address[0]} if url.kind == "unix" else {"host": address[0], "port": address[1]}
        self.connection: Any = kind(**options | (url.tls or {}))  # a connection of redis-py; it has few annotations

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, *words: Word) -> Any:
        """The reply in octets. Raises RefusedError, and SinkError when nobody answers."""
        return self.ask_all([words])[0]

    def ask_all(self, commands: list[tuple[Word, ...]]) -> list[Any]:
        """The replies to commands that are sent at once; the first refusal is raised when all have been read."""
        refused = False
        replies: list[Any] = []
        try:
            self.connection.send_packed_command(self.connection.pack_commands(commands))
            for _ in commands:
                try:
                    replies.append(self.connection.read_response(disable_decoding=True))
                except ResponseError:
                    refused = True
        except (RedisError, OSError):
            raise SinkError("redis: nobody answers there, or it lets nobody in with these credentials") from None
        if refused:
            raise RefusedError
        return replies

    def try_asking(self, *words: Word) -> Any:
        """The reply; None where it is refused, since not every version knows and not every user may."""
        try:
            return self.ask(*words)
        except RefusedError:
            return None

    def close(self) -> None:
        self.connection.disconnect()


def read_url(text: str) -> RedisUrl:
    """Raises SinkError that says what is wrong and repeats nothing: a URL holds a password."""
    try:
        return parse_redis_url(text)
    except ValueError as problem:
        raise SinkError(f"redis: {problem}") from None


def masters(url: RedisUrl) -> list[Address]:
    """Every server that keeps keys."""
    if url.kind == "unix":
        return list(url.addresses)
    failure = SinkError("redis: no sentinel knows a master of that name")
    for address in url.addresses:
        try:
            with Link(url, address, 0, sentinel=url.kind == "sentinel") as link:
                if url.kind == "sentinel":
                    master = link.try_asking("SENTINEL", "GET-MASTER-ADDR-BY-NAME", url.service)
                    if master:
                        return [(master[0].decode(), int(master[1]))]
                    continue
                slots = link.try_asking("CLUSTER", "SLOTS")
                nodes = [
                    ((master[0] or b"").decode() or address[0], int(master[1])) for _, _, master, *_ in slots or ()
                ]
                return list(dict.fromkeys(nodes)) or [address]
        except SinkError as silent:
            failure = silent
    raise failure


def scanned(link: Link, *words: Word) -> Iterator[list[bytes]]:
    """The batches of SCAN, HSCAN, SSCAN or ZSCAN; ``words`` end where the cursor comes."""
    cursor: bytes = b"0"
    while True:
        cursor, batch = link.ask(*words, cursor, "COUNT", 1000)
        yield batch
        if cursor == b"0":
            return


def flat(reply: Any) -> Iterator[bytes]:
    """All texts and numbers of a nested reply."""
    if isinstance(reply, list):
        for part in reply:
            yield from flat(part)
    elif reply is not None:
        yield reply if isinstance(reply, bytes) else str(reply).encode()
