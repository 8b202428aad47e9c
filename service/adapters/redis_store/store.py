"""Counts of groups in Redis: ``ports.StatsStore`` over one server, Sentinel or Cluster.

What a request costs does not depend on traffic. A worker sends one script call per flush, site and interval, a few per
release interval, and nothing when there is nothing to say. With each worker, flushes add; with each site, a flush is
one more script call, of about 2 us of Redis' time per field and 20 us per cohort touched. With traffic only the
numbers in the fields grow.

What Redis holds is bounded by closed vocabularies. A site has at most 250 countries x 11 classes x 18 systems + 250 x
11 + 6 continents x 11 + 11 + 1 = 52,328 cohorts, hence per day two HyperLogLogs for each, which hold at most 4 k
devices and 4 k_prefixes prefixes (2 KB together for a full cohort while k is 100), and per interval one field of 120
bytes for each cohort and code that occurred: 1 visit, 3 x languages, and the options and variants of the site's
config; of what is released one more for each count of rewards or conversions that was clipped. A batch's id stays two
hours past its interval, at 100 bytes: 1.7 MB for each hour of a worker that flushes five times a second. Real traffic
meets a few hundred cohorts. Whoever forges all of them once a day takes 27 MB, and with 400 devices in each 105 MB, per
site; at ``maxmemory`` Redis refuses what is new (``out_of_memory``) until the old expires, and answers go on.

What a Redis user for this service must be permitted stands in ``deploy/redis/redis.conf``; ``rights`` tries it.

Nobody can ask through the service whether a device was seen: there is no call for it, and released cells are noised
and thresholded. Who operates the Redis can, within a day: they could read the salt, hash a device id that they already
have, and test whether adding it changes a HyperLogLog. The salt is random, expires an hour after its day, and counts
of an earlier day mean nothing without it. So give Redis no disk (``save ""``, ``appendonly no``), a password and TLS.
"""

import asyncio
import importlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from service.adapters import retention
from service.adapters.redis_store import scripts
from service.adapters.redis_store.keys import hash_keys, interval_key, salt_key
from service.adapters.redis_store.url import Address, parse_redis_url
from service.core.groups.cohort import CohortKey
from service.core.groups.counts import SIZE_CAP_FACTOR, Batch, PrivacyParameters, Released, Size
from service.core.groups.interval import DAY_S, Interval, interval_at
from service.core.sites import Key
from service.ports import Applied, StoreError

if TYPE_CHECKING:
    from service.adapters.redis_store.connections import Argument
    from service.adapters.redis_store.routing import RedisNodes

SALT_BYTES = 32
cells_at_once = 1000
"""Fields written or scanned by one script call: about a millisecond of Redis' time and of the event loop's."""
intervals_at_once = 2
cohorts_at_once = 200

_pack = msgspec.msgpack.Encoder().encode


class RedisStore:
    """Answers ``ports.StatsStore``. Raises ValueError for a URL that is none (see ``url``). Opens nothing yet.

    ``timeout_s`` bounds what the write path waits for, ``patient_timeout_s`` each slice of a large read,
    ``connect_timeout_s`` making a connection. ``retention_s`` is how long released cells are kept.
    """

    kind: Literal["redis", "memory"] = "redis"

    def __init__(
        self,
        url: str,
        *,
        k: int,
        k_prefixes: int,
        retention_s: int,
        timeout_s: float = 0.05,
        patient_timeout_s: float = 2.0,
        connect_timeout_s: float = 0.25,
    ) -> None:
        self._url = parse_redis_url(url)
        self._connect_timeout_s = max(timeout_s, connect_timeout_s)
        self._nodes: RedisNodes | None = None
        self._devices_max = SIZE_CAP_FACTOR * k
        self._prefixes_max = SIZE_CAP_FACTOR * k_prefixes
        self._retention_s = retention_s
        self._timeout_s = timeout_s
        self._patient_timeout_s = patient_timeout_s
        self._permitted: set[Address] = set()
        """The servers that carried out a batch with all that is written of one; each has users of its own."""

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        """One script call. After an error it may be asked again with the same batch, which counts once."""
        site, interval = batch.site, batch.interval
        opened = interval_at(now_s, interval.length_s)
        cohorts = list(dict.fromkeys((*batch.devices, *batch.prefixes)))
        hashes = [(batch.devices.get(cohort, b""), batch.prefixes.get(cohort, b"")) for cohort in cohorts]
        # The open interval's keys must lie in the batch's slot to be named at all: where the day is another, they are
        # the batch's own, and are not touched.
        same_day = opened.day == interval.day
        other = opened if same_day else interval
        keys = [
            interval_key("counts", site, interval),
            interval_key("batches", site, interval),
            interval_key("released", site, interval),
            interval_key("counts", site, other),
            interval_key("released", site, other),
            salt_key(site, interval.day),
            *hash_keys(site, interval.day, cohorts),
        ]
        server = await (await self._reached()).master_of(keys[0])
        payload = _pack(
            {
                "caller_s": now_s,
                "start_s": interval.start_s,
                "same_day": same_day,
                "batches_end_s": retention.batches_end_s(interval),
                "counts_end_s": retention.counts_end_s(interval),
                "open_end_s": retention.counts_end_s(other),
                "marks_end_s": retention.hashes_end_s(interval.day),
                "devices_max": self._devices_max,
                "prefixes_max": self._prefixes_max,
                "try_rights": server not in self._permitted,
                "counts": batch.counts,
                "salt_print": batch.salt_print,
                "marks": [(len(devices), len(prefixes)) for devices, prefixes in hashes],
            }
        )
        arguments: list[Argument] = [payload, batch.id, b"".join(chain.from_iterable(hashes))]
        with _sound_replies():
            outcome, full, salt_mismatch = await self._apply(server, keys, arguments)
            if outcome == b"applied" and batch.counts and cohorts:  # of less, less was tried
                self._permitted.add(server)
            if outcome == b"clock":
                raise StoreError("clock")
            reached = tuple(cohort for cohort, bit in zip(cohorts, full.decode(), strict=True) if bit == "1")
            return Applied(_outcomes[outcome], reached, salt_mismatch == b"1")

    async def _apply(self, server: Address, keys: list[str], arguments: "list[Argument]") -> Any:
        """Run the script. After it was not permitted, and at first, it tries all its rights before it writes."""
        try:
            return await self._evaluate(scripts.APPLY, keys, arguments, self._timeout_s)
        except StoreError as error:
            if error.kind == "permission":
                self._permitted.discard(server)
            raise

    async def salt(self, site: Key, now_s: float) -> bytes:
        """The first caller's random bytes, for all; none is kept by the adapter."""
        day = int(now_s) // DAY_S
        arguments: list[Argument] = [now_s, secrets.token_bytes(SALT_BYTES), retention.salt_end_s(day, now_s)]
        reply = await self._evaluate(scripts.SALT, [salt_key(site, day)], arguments, self._timeout_s)
        if reply is None:
            raise StoreError("clock")
        if not isinstance(reply, bytes) or len(reply) != SALT_BYTES:
            raise StoreError("other")
        return reply

    async def released(self, site: Key, intervals: Sequence[Interval]) -> list[Released | None]:
        """One script call for every two intervals of a day: they may hold thousands of cells."""
        releases: list[Released | None] = []
        for slice_ in _slices_of_a_day(intervals):
            keys = [interval_key("released", site, interval) for interval in slice_]
            with _sound_replies():
                blobs = await self._evaluate(scripts.RELEASED, keys, [], self._patient_timeout_s)
                releases += [_read_released(*pair) for pair in zip(slice_, blobs, strict=True)]
        return releases

    async def claim(self, site: Key, interval: Interval) -> bytes | None:
        claim = secrets.token_hex(16).encode()
        key = interval_key("released", site, interval)
        reply = await self._evaluate(scripts.CLAIM, [key], [claim, interval.end_s], self._timeout_s)
        if reply == b"clock":
            raise StoreError("clock")
        return claim if reply == 1 else None

    async def counts(self, site: Key, interval: Interval) -> dict[str, int]:
        """A scan in slices. Whole once the interval is claimed: what arrives then goes elsewhere."""
        cells: dict[str, int] = {}
        key, cursor = interval_key("counts", site, interval), b"0"
        while True:
            arguments: list[Argument] = [cursor, cells_at_once]
            with _sound_replies():
                cursor, blob = await self._evaluate(scripts.COUNTS, [key], arguments, self._patient_timeout_s)
                cells.update(_pairs(blob))
            if cursor == b"0":
                return cells

    async def sizes(self, site: Key, day: int, cohorts: Sequence[CohortKey]) -> list[Size]:
        """One script call for every two hundred cohorts."""
        sizes: list[Size] = []
        for at in range(0, len(cohorts), cohorts_at_once):
            keys = list(hash_keys(site, day, cohorts[at : at + cohorts_at_once]))
            with _sound_replies():
                blob = await self._evaluate(scripts.SIZES, keys, [], self._patient_timeout_s)
                numbers = msgspec.msgpack.decode(blob, type=list[int])
                sizes += [Size(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
        return sizes

    async def publish(self, site: Key, released: Released, claim: bytes) -> bool:
        """Cells in slices, each under the claim; the last makes it known, and the raw sums are gone."""
        interval = released.interval
        keys = [interval_key("released", site, interval), interval_key("counts", site, interval)]
        cells = list(released.cells.items())
        end_s = retention.released_end_s(interval, self._retention_s)
        for at in range(0, max(1, len(cells)), cells_at_once):
            last = at + cells_at_once >= len(cells)
            done = msgspec.json.encode(_Done(interval.length_s, released.terms)) if last else b""
            slice_ = _pack(dict(cells[at : at + cells_at_once]))
            reply = await self._evaluate(scripts.PUBLISH, keys, [claim, slice_, done, end_s], self._patient_timeout_s)
            if reply != 1:
                return False
        return True

    async def started_at(self) -> float | None:
        """When the server started; of several masters, the youngest. None where ``INFO`` is not allowed."""
        try:
            nodes = await self._reached()
            question = ("INFO", "server")
            replies = [await nodes.ask(master, question, self._patient_timeout_s) for master in await nodes.masters()]
            return max(map(_started_at, replies))
        except StoreError as error:
            if error.kind in {"permission", "other"}:  # not allowed, or renamed away
                return None
            raise
        except (LookupError, ValueError, TypeError, AttributeError):
            return None

    async def close(self) -> None:
        if self._nodes is not None:
            await self._nodes.close()

    async def _evaluate(
        self, script: scripts.Script, keys: list[str], arguments: "list[Argument]", timeout_s: float
    ) -> Any:
        return await (await self._reached()).evaluate(script, keys, arguments, timeout_s)

    async def _reached(self) -> "RedisNodes":
        """The servers. redis-py is loaded at the first request and in a thread, since it takes 0.1 s."""
        if self._nodes is None:
            routing = await asyncio.to_thread(importlib.import_module, "service.adapters.redis_store.routing")
            self._nodes = self._nodes or routing.RedisNodes(self._url, self._connect_timeout_s)
        return self._nodes


class _Done(Struct, frozen=True):
    """What marks released cells as complete: the interval's length, which its key does not tell, and the terms."""

    length_s: int
    terms: PrivacyParameters


_outcomes: dict[bytes, Literal["applied", "duplicate", "late"]] = {
    b"applied": "applied",
    b"duplicate": "duplicate",
    b"late": "late",
}


@contextmanager
def _sound_replies() -> Iterator[None]:
    """A reply that makes no sense is an error of the store, whatever it did."""
    try:
        yield
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError):
        raise StoreError("other") from None


def _slices_of_a_day(intervals: Sequence[Interval]) -> Iterator[Sequence[Interval]]:
    """The same intervals in order, cut where the day changes and after every two."""
    for _, of_a_day in groupby(intervals, key=lambda interval: interval.day):
        same_day = list(of_a_day)
        for at in range(0, len(same_day), intervals_at_once):
            yield same_day[at : at + intervals_at_once]


def _read_released(interval: Interval, blob: bytes | None) -> Released | None:
    if blob is None:
        return None
    fields = _texts(blob)
    values = dict(zip(fields[::2], fields[1::2], strict=True))
    done = msgspec.json.decode(values.pop("done"), type=_Done)
    values.pop("claim", None)
    if done.length_s != interval.length_s:
        return None  # of another configuration
    return Released(interval, done.terms, {field: int(count) for field, count in values.items()})


def _pairs(blob: bytes) -> Iterator[tuple[str, int]]:
    fields = _texts(blob)
    return zip(fields[::2], map(int, fields[1::2]), strict=True)


def _texts(blob: bytes) -> list[str]:
    # Lua does not tell an empty list from an empty map.
    return [] if blob in {b"\x80", b"\x90"} else msgspec.msgpack.decode(blob, type=list[str])


def _started_at(server: dict[str, int]) -> float:
    return int(server["server_time_usec"]) // 1_000_000 - int(server["uptime_in_seconds"])
