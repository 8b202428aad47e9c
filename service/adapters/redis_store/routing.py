"""Which Redis server holds a key: one alone, the master that sentinels name, or one of a Cluster.

A server is asked once whether it is one of a Cluster; sentinels are asked who the master is. Both are asked again after
a failure, before the next request. Nothing is ever sent twice, except where the server answered that it did not do it
(MOVED, ASK, NOSCRIPT).

redis-py's clients for a Cluster and for sentinels are not used, since they ask for more than the users of Redis whom we
document may do (tried with 8.1): the one learns the whole command table first (``+command``), the other lists all
masters (``+sentinel|masters``). The one also repeats a redirected request up to sixteen times and sleeps in between.
"""

import asyncio
from bisect import bisect_right
from typing import Any

from msgspec import Struct
from redis.asyncio import SSLConnection
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, NoPermissionError, NoScriptError, ResponseError

from service.adapters.redis_store.connections import Argument, Command, RedisNode, read_certificates
from service.adapters.redis_store.failures import store_error
from service.adapters.redis_store.scripts import Script
from service.adapters.redis_store.tls import TlsMismatch
from service.adapters.redis_store.url import Address, RedisUrl
from service.ports import StoreError

redirections_max = 3
nodes_asked_max = 3
"""Of how many servers or sentinels one request may ask the way."""


class RedisNodes:
    """All servers behind one URL. ``connect_timeout_s`` bounds making a connection, and each question for the way."""

    def __init__(self, url: RedisUrl, connect_timeout_s: float) -> None:
        self._url = url
        self._connect_timeout_s = connect_timeout_s
        self._nodes: dict[Address, RedisNode] = {}
        self._tls_mismatches: dict[Address, TlsMismatch] = {}
        self._routes: _Routes | None = None
        self._routing = asyncio.Lock()
        self._certificates: SSLConnection | None = None

    async def evaluate(self, script: Script, keys: list[str], arguments: list[Argument], timeout_s: float) -> Any:
        """Run a script on the server that holds its keys, which lie in one slot. Raises StoreError."""
        operands = (len(keys), *keys, *arguments)
        command: Command = ("EVALSHA", script.sha, *operands)
        address, asking = (await self._routed()).master_of(keys[0]), False
        for _ in range(redirections_max + 1):
            try:
                return await self.ask(address, command, timeout_s, script, asking=asking)
            except NoScriptError:
                command = ("EVAL", script.text, *operands)
            except AskError as redirection:  # MOVED is one of them
                asking = not isinstance(redirection, MovedError)  # while the slot moves, for this request only
                address = (redirection.host or address[0], redirection.port)
                if not asking:
                    self._routes = None
        raise StoreError("loading")  # the Cluster has not made up its mind

    async def masters(self) -> list[Address]:
        """The servers that keep keys, each once. Raises StoreError."""
        return list(dict.fromkeys((await self._routed()).masters))

    async def ask(
        self, master: Address, command: Command, timeout_s: float, script: Script | None = None, *, asking: bool = False
    ) -> Any:
        """One request to one of these servers. Raises StoreError; a refusal that says how to go on stays as it is."""
        try:
            return await self._node(master).ask(command, timeout_s, asking=asking)
        except (NoScriptError, AskError):
            raise
        except ResponseError as refusal:
            failure = store_error(refusal, script)
        except StoreError as error:
            failure = error
        if self._routes is not None and self._routes.may_change and failure.kind not in {"out_of_memory", "clock"}:
            self._routes = None  # a change of masters would explain it: ask the way again
        raise failure

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
        try:
            await self._node(master).ask(command, timeout_s)
        except ResponseError as refusal:
            error = store_error(refusal)
            if error.kind == "permission":
                return error.not_permitted or str(command[0])
            if error.kind == "other":
                return str(command[0]) if "unknown command" in str(refusal)[:40].lower() else None
            raise error from None
        return None

    async def close(self) -> None:
        """Close all connections, once nobody asks any more."""
        for node in self._nodes.values():
            await node.close()

    async def _routed(self) -> "_Routes":
        async with self._routing:
            if self._routes is None:
                self._certificates = self._certificates or await read_certificates(self._url)
                self._routes = await self._find_routes()
            return self._routes

    async def _find_routes(self) -> "_Routes":
        url = self._url
        if url.kind == "unix":
            return _Routes.single(url.addresses[0])
        failure = StoreError("connection")
        seeds = url.addresses if url.kind == "sentinel" else (*url.addresses, *self._nodes)
        for address in list(dict.fromkeys(seeds))[:nodes_asked_max]:
            try:
                return await (self._ask_sentinel(address) if url.kind == "sentinel" else self._ask_server(address))
            except StoreError as error:
                failure = error
        raise failure

    async def _ask_server(self, address: Address) -> "_Routes":
        """Whether it is one of a Cluster, and who holds what there."""
        try:
            slots = await self._node(address).ask(("CLUSTER", "SLOTS"), self._connect_timeout_s)
            return _Routes.of_cluster(slots, address)
        except NoPermissionError:
            return _Routes.single(address)
        except ResponseError as refusal:
            if (error := store_error(refusal)).kind == "other":
                return _Routes.single(address)  # cluster support is disabled
            raise error from None
        except (LookupError, TypeError, ValueError, AttributeError):
            raise StoreError("other") from None

    async def _ask_sentinel(self, address: Address) -> "_Routes":
        sentinel = self._new_node(address, sentinel=True)
        question: Command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._url.service)
        try:
            host, port = await sentinel.ask(question, self._connect_timeout_s)
            return _Routes.single((host.decode(), int(port)), may_change=True)
        except ResponseError as refusal:
            raise store_error(refusal) from None
        except (TypeError, ValueError, AttributeError):
            raise StoreError("connection") from None  # this sentinel knows no such master
        finally:
            await sentinel.close()

    def _node(self, address: Address) -> RedisNode:
        if address not in self._nodes:
            self._nodes[address] = self._new_node(address)
        return self._nodes[address]

    def _new_node(self, address: Address, *, sentinel: bool = False) -> RedisNode:
        mismatch = self._tls_mismatch(address)
        return RedisNode(address, self._url, self._certificates, self._connect_timeout_s, mismatch, sentinel=sentinel)

    def _tls_mismatch(self, address: Address) -> TlsMismatch | None:
        """One for each server, which remembers when it looked. A server on a Unix socket never speaks TLS."""
        if self._url.kind == "unix":
            return None
        if address not in self._tls_mismatches:
            self._tls_mismatches[address] = TlsMismatch(address, self._url.tls, self._connect_timeout_s)
        return self._tls_mismatches[address]


class _Routes(Struct, frozen=True):
    """Who holds what: ``masters[n]`` the slots from ``first_slots[n]`` on, up to the next. One holds all of them."""

    first_slots: tuple[int, ...]
    masters: tuple[Address, ...]
    may_change: bool

    @classmethod
    def single(cls, address: Address, *, may_change: bool = False) -> "_Routes":
        return cls((0,), (address,), may_change)

    @classmethod
    def of_cluster(cls, slots: Any, server: Address) -> "_Routes":
        """From the reply to CLUSTER SLOTS: ranges with their nodes, master first. An empty host is the one asked."""
        ranges = sorted(
            (int(first), ((master[0] or b"").decode() or server[0], int(master[1]))) for first, _, master, *_ in slots
        )
        if not ranges:
            raise ValueError("no slots")
        return cls(tuple(first for first, _ in ranges), tuple(master for _, master in ranges), may_change=True)

    def master_of(self, key: str) -> Address:
        """By the key's hash tag, as the Cluster specification has it."""
        return self.masters[max(0, bisect_right(self.first_slots, key_slot(key.encode())) - 1)]
