"""Every right that the service needs of a Redis, tried one by one: what its user may call, and on which keys.

The store itself finds out what is missing only when it is refused. Tried here are the commands themselves, on keys
inside the grammar of a day in the years 1 to 999, which no clock of a worker tells, so that no count is met. They hold
one made-up text and end by themselves within seconds: what a hash or a HyperLogLog is asked on a text is refused for
its type, which only who has the right gets to hear, and leaves nothing behind. Then every script runs once.
``deploy/redis/redis.conf`` has the user that has it all, in the words of ``user_line``.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from service.adapters.redis_store import scripts
from service.adapters.redis_store.connections import Argument, Command
from service.adapters.redis_store.failures import KEYS
from service.adapters.redis_store.keys import hash_keys, interval_key, salt_key
from service.adapters.redis_store.routing import RedisNodes
from service.adapters.redis_store.scripts import RIGHTS
from service.adapters.redis_store.url import Address, RedisUrl
from service.core.groups.cohort import EVERYBODY
from service.core.groups.interval import DAY_S, HOUR_S, Interval
from service.core.sites import Key
from service.ports import StoreError

RightState = Literal["ok", "missing", "not_needed", "untried"]
PROBE_S = 10
"""For so long at most there is a key of a probe."""
masters_max = 64
"""Of a larger Cluster only so many servers are tried."""

_FIRST_DAY = date(1, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
_DAYS = date(999, 12, 31).toordinal() - date(1, 1, 1).toordinal()
_TRIES_PER_MASTER_MAX = 20_000
_ENDING = ("UNLINK", "EXPIRE", "EXPIREAT")


class Right(Struct, frozen=True):
    """One right as an ACL writes it (``+hset``, ``~pb:*``), what it is for, and whether it is there.

    ``where`` is the server that misses it; empty where all agree. ``untried``: what it takes to try it is missing.
    """

    acl: str
    purpose: str
    state: RightState
    where: str = ""


class Tried(Struct, frozen=True):
    """What was found, and on how many servers; ``servers_left_out`` of a larger Cluster were not tried."""

    rights: list[Right]
    servers: int
    servers_left_out: int


async def try_rights(
    url: RedisUrl, sites: Sequence[Key], timeout_s: float = 5.0, *, masters_max: int = masters_max
) -> Tried:
    """Every right, tried on every server that keeps keys. Raises StoreError where that cannot be found out at all."""
    nodes = RedisNodes(url, timeout_s)
    try:
        by_acl: dict[str, Right] = {}
        masters = await nodes.masters()
        sample = masters[:masters_max]
        for master in sample:
            for right in await _Probe(nodes, master, sites, timeout_s, url).rights():
                before = by_acl.get(right.acl)
                if before is None or (before.state == "ok" and right.state != "ok"):
                    where = f"{master[0]}:{master[1]}" if len(masters) > 1 and right.state != "ok" else ""
                    by_acl[right.acl] = Right(right.acl, right.purpose, right.state, where)
        return Tried([*by_acl.values()], len(sample), len(masters) - len(sample))
    finally:
        await nodes.close()


class _Probe:
    """The rights on one server."""

    def __init__(
        self, nodes: RedisNodes, master: Address, sites: Sequence[Key], timeout_s: float, url: RedisUrl
    ) -> None:
        self._nodes = nodes
        self._master = master
        self._sites = sites
        self._timeout_s = timeout_s
        self._url = url
        self._state: dict[str, RightState] = {}
        self._keys_missing: set[str] = set()

    async def rights(self) -> list[Right]:
        day = await self._day_here()
        text = salt_key(self._sites[0], day)
        ends = int(time.time()) + PROBE_S
        await self._first(text, ends)
        if self._state["SET"] == "ok" or any(self._state[command] == "ok" for command in _ENDING):
            for command in _on_a_key(text):
                await self._try(command)
        if any(self._state[command] == "ok" for command in _ENDING):
            await self._end(text, ends)
        self._fill()
        await self._patterns(day)
        rights = [Right(f"+{acl}", purpose, self._state[command]) for command, acl, purpose in RIGHTS]
        missing: RightState = "missing" if self._keys_missing else "untried" if self._state["EVAL"] != "ok" else "ok"
        rights.append(Right("~pb:*", "keys of every site and kind", missing))
        if all(right.state in {"ok", "not_needed"} for right in rights):
            rights.append(Right("scripts", "all that counts, run once", await self._scripts(day)))
        return rights

    async def _first(self, text: str, ends: int) -> None:
        """What leaves nothing behind, and SET, whose text ends by itself."""
        first: tuple[Command, ...] = (
            ("TIME",),
            ("EVAL", "return 1", 0),
            ("EVALSHA", "0" * 40, 0),
            ("INFO", "server"),
            ("CLUSTER", "SLOTS"),
            ("ASKING",),
            ("SELECT", self._url.db),
            ("EXISTS", text),
            ("GET", text),
            ("UNLINK", text),
            ("EXPIRE", text, PROBE_S),
            ("EXPIREAT", text, ends),
            ("SET", text, "a probe", "EXAT", ends),
        )
        for command in first:
            await self._try(command)
        in_cluster = await self._is_cluster()
        for name in ("CLUSTER", "ASKING"):
            if not in_cluster and self._state[name] == "missing":
                self._state[name] = "not_needed"
        if not self._url.db and self._state["SELECT"] == "missing":
            self._state["SELECT"] = "not_needed"

    async def _end(self, text: str, ends: int) -> None:
        for command in (("UNLINK", text), ("EXPIRE", text, PROBE_S), ("EXPIREAT", text, ends)):
            if self._state[str(command[0])] == "ok":
                await self._try(command)

    async def _try(self, command: Command) -> None:
        """Send a command, and remember whether it may be sent."""
        name = str(command[0])
        refusal = await self._nodes.missing_right(self._master, command, self._timeout_s)
        if refusal == KEYS:
            self._keys_missing.add(name)
        self._state[name] = "ok" if refusal in {None, KEYS} else "missing"

    def _fill(self) -> None:
        for command, _, _ in RIGHTS:
            self._state.setdefault(command, "untried")

    async def _patterns(self, day: int) -> None:
        """Every kind of key of every site, for reading and writing: so EVAL takes a key that it does not touch."""
        if self._state["EVAL"] != "ok":
            return
        for site in self._sites:
            for key in _keys(site, day if site == self._sites[0] else await self._day_here(site)):
                if await self._nodes.missing_right(self._master, ("EVAL", "return 1", 1, key), self._timeout_s):
                    self._keys_missing.add(key)

    async def _day_here(self, site: Key | None = None) -> int:
        """A day of the years 1 to 999, by chance, whose keys lie on this server."""
        for _ in range(_TRIES_PER_MASTER_MAX):
            day = _FIRST_DAY + secrets.randbelow(_DAYS)
            if await self._nodes.master_of(salt_key(site or self._sites[0], day)) == self._master:
                return day
        raise StoreError("loading")

    async def _is_cluster(self) -> bool:
        """As the server says; where it may not be asked, whether its slots were told."""
        with_slots = self._nodes.knows_slots
        if self._state["INFO"] != "ok":
            return with_slots
        reply = await self._nodes.ask(self._master, ("INFO", "server"), self._timeout_s)
        return with_slots or reply.get("redis_mode") == "cluster"

    async def _scripts(self, day: int) -> RightState:
        """Every script once, on these keys, as far as it goes. Raises StoreError for what is no question of rights."""
        site, now_s = self._sites[0], time.time()
        ends = int(now_s) + PROBE_S
        counts, batches, released, devices, prefixes, salt = _keys(site, day)
        batch = {
            "caller_s": now_s, "start_s": int(now_s), "same_day": True, "batches_end_s": ends, "counts_end_s": ends,
            "open_end_s": ends, "marks_end_s": ends, "devices_max": 1, "prefixes_max": 1, "counts": {"all|visit": 1},
            "try_rights": True, "salt_print": "", "marks": [(8, 8)],
        }  # fmt: skip
        pack = msgspec.msgpack.encode
        steps: list[tuple[scripts.Script, list[str], list[Argument]]] = [
            (scripts.SALT, [salt], [now_s, secrets.token_bytes(32), ends]),
            (
                scripts.APPLY,
                [counts, batches, released, counts, released, salt, devices, prefixes],
                [pack(batch), secrets.token_bytes(16), secrets.token_bytes(16)],
            ),
            (scripts.COUNTS, [counts], [b"0", 10]),
            (scripts.SIZES, [devices, prefixes], []),
            (scripts.CLAIM, [released], ["probe", 0]),
            (scripts.PUBLISH, [released, counts], ["probe", pack({"all|visit": 1}), "{}", ends]),
            (scripts.RELEASED, [released], []),
        ]
        try:
            for script, keys, arguments in steps:
                await self._nodes.evaluate(script, keys, arguments, self._timeout_s)
        except StoreError as error:
            if error.kind != "permission":
                raise
            return "missing"
        finally:
            for key in _keys(site, day):
                await self._nodes.missing_right(self._master, ("UNLINK", key), self._timeout_s)
        return "ok"


def _on_a_key(text: str) -> Iterator[Command]:
    """What is refused for its type on a text, by a server that permits it, and changes nothing."""
    yield from (("HEXISTS", text, "a"), ("HGET", text, "a"), ("HGETALL", text), ("HLEN", text), ("HSCAN", text, 0))
    yield from (("HSET", text, "a", 1), ("HSETNX", text, "a", 1), ("HINCRBY", text, "a", 1))
    yield from (("PFADD", text, "a"), ("PFCOUNT", text))


def _keys(site: Key, day: int) -> list[str]:
    """One of each kind."""
    interval = Interval(day * DAY_S, HOUR_S)
    hashes = [interval_key(kind, site, interval) for kind in ("counts", "batches", "released")]
    return [*hashes, *hash_keys(site, day, [EVERYBODY]), salt_key(site, day)]


def user_line(url: RedisUrl) -> str:
    """The user of the service with every right and nothing else, as a line of Redis' configuration.

    What only a Cluster needs is harmless elsewhere. The password is to be chosen.
    """
    commands = [acl for _, acl, _ in RIGHTS if acl != "select" or url.db]
    return " ".join(
        [f"user {url.username or 'passerby'} on >change-this-password resetchannels -@all ~pb:*"]
        + [f"+{acl}" for acl in commands]
    )
