"""Which Redis server holds a key: one alone, the master that sentinels name, or one of a Cluster.

A server is asked once whether it is one of a Cluster; sentinels are asked who the master is. Both are asked again after
a failure, before the next request. Nothing is ever sent twice, except where the server answered that it did not do it
(MOVED, ASK, NOSCRIPT). redis-py is loaded at the first request, off the event loop: it takes 0.1 s. Its Cluster client
is not used: it repeats a request up to sixteen times, sleeps in between, and learns the whole command table first.
"""

import asyncio
import importlib
from binascii import crc_hqx
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from service.adapters.redis_store.connections import Argument, Command, RedisLinks
from service.adapters.redis_store.failures import store_error
from service.adapters.redis_store.scripts import Script
from service.adapters.redis_store.tls import OtherLanguage
from service.adapters.redis_store.url import Address, RedisUrl
from service.ports import StoreError

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection, RedisSSLContext

redirections_max = 3
nodes_asked_max = 3
"""Of how many servers or sentinels one request may ask the way."""

_SLOTS = 16384


class RedisNodes:
    """All servers behind one URL. ``connect_timeout_s`` bounds making a link, and each question for the way."""

    def __init__(self, url: RedisUrl, connect_timeout_s: float) -> None:
        self._url = url
        self._connect_timeout_s = connect_timeout_s
        self._links: dict[Address, RedisLinks] = {}
        self._languages: dict[Address, OtherLanguage] = {}
        self._routes: _Routes | None = None
        self._routing = asyncio.Lock()
        self._tls_context: RedisSSLContext | None = None

    async def evaluate(self, script: Script, keys: list[str], arguments: list[Argument], timeout_s: float) -> Any:
        """Run a script on the server that holds its keys, which lie in one slot. Raises StoreError."""
        operands = (len(keys), *keys, *arguments)
        command: Command = ("EVALSHA", script.sha, *operands)
        address, asking = (await self._routed()).master_of(keys[0]), False
        for _ in range(redirections_max + 1):
            try:
                commands = [("ASKING",), command] if asking else [command]
                return await self._exchange(address, commands, timeout_s, script)
            except _ScriptUnknownError:
                command = ("EVAL", script.text, *operands)
            except _RedirectedError as redirected:
                address, asking = redirected.address, redirected.once
        raise StoreError("loading")  # the Cluster has not made up its mind

    async def ask_each_master(self, command: Command, timeout_s: float) -> list[Any]:
        """One request to every server that keeps keys. Raises StoreError."""
        return [await self.ask(address, command, timeout_s) for address in await self.masters()]

    async def masters(self) -> list[Address]:
        """The servers that keep keys, each once. Raises StoreError."""
        return list(dict.fromkeys((await self._routed()).masters))

    async def ask(self, master: Address, command: Command, timeout_s: float) -> Any:
        """One request to one of these servers. Raises StoreError."""
        return await self._exchange(master, [command], timeout_s)

    async def master_of(self, key: str) -> Address:
        """The server that holds a key. Raises StoreError."""
        return (await self._routed()).master_of(key)

    @property
    def knows_slots(self) -> bool:
        """Whether a server told who holds what in a Cluster."""
        return self._routes is not None and self._routes.may_change and self._url.kind == "tcp"

    async def missing_right(self, master: Address, command: Command, timeout_s: float) -> str | None:
        """What is not permitted of one request, the command or ``keys``, or not known to the server; None: nothing.

        Any other refusal says that the request was permitted. Raises StoreError where it was not looked at.
        """
        from redis.exceptions import ResponseError  # noqa: PLC0415 - loaded by now

        try:
            await self._links_to(master).exchange([command], timeout_s)
        except ResponseError as refusal:
            known = store_error(refusal)
            if known.kind == "permission":
                return known.not_permitted or str(command[0])
            if known.kind == "other":
                return str(command[0]) if "unknown command" in str(refusal)[:40].lower() else None
            raise known from None
        return None

    async def close(self) -> None:
        """Close all links, once nobody asks any more."""
        for links in self._links.values():
            await links.close()

    async def _exchange(
        self, address: Address, commands: list[Command], timeout_s: float, script: Script | None = None
    ) -> Any:
        from redis.exceptions import AskError, MovedError, NoScriptError, ResponseError  # noqa: PLC0415 - loaded by now

        try:
            return await self._links_to(address).exchange(commands, timeout_s)
        except NoScriptError:
            raise _ScriptUnknownError from None
        except AskError as redirection:  # MOVED is one of them
            moved = isinstance(redirection, MovedError)
            if moved:
                self._routes = None
            raise _RedirectedError((redirection.host or address[0], redirection.port), once=not moved) from None
        except ResponseError as refusal:
            known = store_error(refusal, script)
            self._doubt(known)
            raise known from None
        except StoreError as known:
            self._doubt(known)
            raise

    def _doubt(self, error: StoreError) -> None:
        """After a failure that a change of masters explains, ask the way again."""
        if self._routes is not None and self._routes.may_change and error.kind not in {"out_of_memory", "clock"}:
            self._routes = None

    async def _routed(self) -> "_Routes":
        async with self._routing:
            if self._routes is None:
                await self._load()
                self._routes = await self._find_routes()
            return self._routes

    async def _load(self) -> None:
        """Import redis-py and read certificates, both slow, in a thread."""
        connection = await asyncio.to_thread(importlib.import_module, "redis.asyncio.connection")
        if self._url.tls is not None and self._tls_context is None:
            context: RedisSSLContext = connection.SSLConnection(**self._url.tls).ssl_context
            try:
                await asyncio.to_thread(context.get)
            except (OSError, ValueError):
                raise StoreError("tls") from None  # a certificate's file is missing or holds none
            self._tls_context = context

    async def _find_routes(self) -> "_Routes":
        url = self._url
        if url.kind == "unix":
            return _Routes.single(url.addresses[0])
        failure = StoreError("connection")
        seeds = url.addresses if url.kind == "sentinel" else (*url.addresses, *self._links)
        for address in list(dict.fromkeys(seeds))[:nodes_asked_max]:
            try:
                return await (self._ask_sentinel(address) if url.kind == "sentinel" else self._ask_server(address))
            except StoreError as error:
                failure = error
        # Only the way was asked: whatever came of it, nothing was applied.
        raise StoreError(failure.kind, not_permitted=failure.not_permitted)

    async def _ask_server(self, address: Address) -> "_Routes":
        """Whether it is one of a Cluster, and who holds what there."""
        from redis.exceptions import NoPermissionError, ResponseError  # noqa: PLC0415 - loaded by now

        try:
            slots = await self._links_to(address).exchange([("CLUSTER", "SLOTS")], self._connect_timeout_s)
            return _Routes.of_cluster(slots, address)
        except NoPermissionError:
            return _Routes.single(address)
        except ResponseError as refusal:
            if (known := store_error(refusal)).kind == "other":
                return _Routes.single(address)  # cluster support is disabled
            raise known from None
        except (LookupError, TypeError, ValueError, AttributeError):
            raise StoreError("other") from None

    async def _ask_sentinel(self, address: Address) -> "_Routes":
        from redis.exceptions import ResponseError  # noqa: PLC0415 - loaded by now

        sentinel = RedisLinks(
            address,
            lambda: self._make_link(address, sentinel=True),
            self._connect_timeout_s,
            self._other_language(address),
        )
        question: Command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._url.service)
        try:
            host, port = await sentinel.exchange([question], self._connect_timeout_s)
            return _Routes.single((host.decode(), int(port)), may_change=True)
        except ResponseError as refusal:
            raise store_error(refusal) from None
        except (TypeError, ValueError, AttributeError):
            raise StoreError("connection") from None  # this sentinel knows no such master
        finally:
            await sentinel.close()

    def _links_to(self, address: Address) -> RedisLinks:
        if address not in self._links:
            self._links[address] = RedisLinks(
                address, lambda: self._make_link(address), self._connect_timeout_s, self._other_language(address)
            )
        return self._links[address]

    def _other_language(self, address: Address) -> OtherLanguage | None:
        """One for each server, which remembers when it looked. A server on a Unix socket never speaks TLS."""
        if self._url.kind == "unix":
            return None
        if address not in self._languages:
            self._languages[address] = OtherLanguage(address, self._url.tls, self._connect_timeout_s)
        return self._languages[address]

    def _make_link(self, address: Address, *, sentinel: bool = False) -> "AbstractConnection":
        from redis.asyncio import connection  # noqa: PLC0415 - loaded by now

        url = self._url
        # A connection by itself retries nothing. It has no timeouts of its own here: one deadline bounds the whole.
        options: dict[str, Any] = {
            "username": url.sentinel_username if sentinel else url.username,
            "password": url.sentinel_password if sentinel else url.password,
            "db": 0 if sentinel else url.db,
            "protocol": 2,
            "driver_info": None,
            "socket_timeout": None,
            "socket_connect_timeout": None,
        }
        if url.kind == "unix":
            return connection.UnixDomainSocketConnection(path=address[0], **options)
        options |= {"host": address[0], "port": address[1]}
        if url.tls is None:
            return connection.Connection(**options)
        link = connection.SSLConnection(**options | url.tls)
        if self._tls_context is not None:
            link.ssl_context = self._tls_context
        return link


class _ScriptUnknownError(Exception):
    """The server has not seen this script, or forgot it."""


class _RedirectedError(Exception):
    """Another server holds the key; ``once``: while it moves, for this request only."""

    def __init__(self, address: Address, *, once: bool) -> None:
        super().__init__()
        self.address = address
        self.once = once


class _Routes(Struct, frozen=True):
    """Who holds what: ``masters[n]`` the slots from ``first_slots[n]`` on, up to the next. One holds all of them."""

    first_slots: tuple[int, ...]
    masters: tuple[Address, ...]
    may_change: bool

    @classmethod
    def single(cls, address: Address, *, may_change: bool = False) -> "_Routes":
        return cls((0,), (address,), may_change)

    @classmethod
    def of_cluster(cls, slots: Any, asked: Address) -> "_Routes":
        """From the reply to CLUSTER SLOTS: ranges with their nodes, master first. An empty host is the one asked."""
        ranges = sorted(
            (int(first), ((master[0] or b"").decode() or asked[0], int(master[1]))) for first, _, master, *_ in slots
        )
        if not ranges:
            raise ValueError("no slots")
        return cls(tuple(first for first, _ in ranges), tuple(master for _, master in ranges), may_change=True)

    def master_of(self, key: str) -> Address:
        """By the key's hash tag, as the Cluster specification has it."""
        tag = key[key.index("{") + 1 : key.index("}")]
        return self.masters[max(0, bisect_right(self.first_slots, crc_hqx(tag.encode(), 0) % _SLOTS) - 1)]
