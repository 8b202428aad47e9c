"""Which devices were counted, and from which networks? The attack on a day's pseudonyms by who lacks the salt alone.

Ten thousand device ids are counted as the service counts: from the body of a request through the intake and the tally
to batches in a real Redis; one in twenty comes with an address, so that its network is counted too. The attacker has
the batches of the process, every command that Redis was sent from the moment on when the salt stood (``MONITOR``), all
that Redis holds, and lists of device ids and of networks: those that were counted, and nine times as many others. With
the salt they find them all, which is the control. When the salt is gone, as Redis forgets it and as the worker does at
the end of its day, they try what a salt could have been had it been made badly. That Redis will forget it in time is
read from Redis, before its end is brought forward so that the attack need not wait for a day.

Who listens when the salt is drawn has it, for it travels to Redis then: that is told beside.
"""

import asyncio
import hashlib
import hmac
import random
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from math import inf
from pathlib import Path
from typing import Any, Literal

import msgspec
from redis import Redis

from service.adapters.cldr.regions import load_region_tables
from service.adapters.embedded_redis import start_embedded_redis
from service.adapters.redis_keys import salt_key
from service.adapters.redis_stats import RedisStats
from service.core.counts import HASH_BYTES, Batch
from service.core.interval import DAY_S, HOUR_S
from service.core.location import Place
from service.core.sites import Key
from service.ports import Applied
from service.proof.measures import Measure, Report, at_least, at_most, nothing, told
from service.proof.monitor import Listener, arguments, unescaped
from service.proof.worker_memory import search, service_state
from service.use_cases.flush import Flush
from service.use_cases.tally import Tally
from service.web.decisions import Decisions
from service.web.epoch import Epoch
from service.web.intake import Intake
from service.web.problems import Refusal

CONTROL_MIN = 0.99
COUNTED = 10_000
OTHERS_TIMES = 9
_K = 100
_ADDRESSED = 20
"""One visit in so many comes with an address."""
_SALT_HOURS_MAX = 25.0
_SALT_OFF_MAX_S = 1.0
_COUNTRIES = 40
_AT_ONCE = 2500
_STORE_TIMEOUT_S = 2.0  # nothing else waits here, and a machine may be busy
_DIGESTS = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b)
_READY_S = 10.0
_AGENTS = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
)
# What one hash after the other does to a copy of a HyperLogLog: 0 where it may be in it.
_ASK_COPY = """
local found = {}
for n = 2, #ARGV do
  redis.call('COPY', KEYS[1], KEYS[2], 'REPLACE')
  found[#found + 1] = redis.call('PFADD', KEYS[2], ARGV[n])
end
redis.call('DEL', KEYS[2])
return found
"""


class Loot(msgspec.Struct):
    """What the attacker has. ``counted`` are those that are to be found out, ``others`` were never there.

    They are device ids or, for ``prefix``, networks as text: ``203.0.113``.
    """

    site: str
    counted: list[str]
    others: list[str]
    batches: list[Batch]
    hashes: set[bytes]
    salt_born: bytes
    held: bytes
    kind: Literal["device", "prefix"] = "device"


class Networks:
    """The networks of visits that came with an address, and of none. As ``ports.GeoLookup`` it places the addresses.

    Where they lie is made up, so that the attack needs no database of places.
    """

    built_at = None
    refused = 0
    healthy = True

    def __init__(self, counted: list[str], others: list[str], countries: Sequence[str]) -> None:
        self.counted, self.others = counted, others
        self._places = {
            one: Place(countries[number % len(countries)], None, None, "ip") for number, one in enumerate(counted)
        }

    def look_up(self, address: str) -> Place | None:
        return self._places.get(address.rpartition(".")[0])


class Recorder:
    """A store of counts that keeps each batch it is handed, as an attacker in the process could."""

    def __init__(self, store: RedisStats) -> None:
        self._store = store
        self.batches: list[Batch] = []

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        self.batches.append(batch)
        return await self._store.apply(batch, now_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def pseudonyms(
    intake: Intake, epoch: Epoch, site: Key, counted: int = COUNTED, seed: int = 1, report: Report = nothing
) -> list[Measure]:
    """Count, attack with the salt, let the salt go, attack without it. Takes a Redis of its own, for some seconds."""
    embedded = start_embedded_redis()
    if embedded is None or not embedded.wait(_READY_S):
        return [
            at_most("pseudonyms recovered after the salt's end", counted, 0, "devices", "no redis-server to attack")
        ]
    try:
        with Redis(unix_socket_path=embedded.url.removeprefix("unix://")) as redis:
            return asyncio.run(_attack(embedded.url, redis, intake, epoch, site, counted, seed, report))
    finally:
        embedded.stop()


async def _attack(
    url: str, redis: Redis, intake: Intake, epoch: Epoch, site: Key, counted: int, seed: int, report: Report
) -> list[Measure]:
    path = url.removeprefix("unix://")
    moment_s = min(time.time(), (time.time() // DAY_S + 1) * DAY_S - 60)  # all of it on one day
    clock = [moment_s]
    store = Recorder(RedisStats(url, k=_K, k_prefixes=_K, retention_s=DAY_S, timeout_s=_STORE_TIMEOUT_S))
    tally = Tally(HOUR_S, 10**6, lambda: clock[0], [site], 4 * _K, 4 * _K)
    flush = Flush(tally, store, HOUR_S, 0.2, lambda: clock[0])
    ids = random.Random(seed)  # noqa: S311  # device ids of a simulation that can be repeated
    known = [str(uuid.UUID(int=ids.getrandbits(128), version=4)) for _ in range(counted)]
    others = [str(uuid.UUID(int=ids.getrandbits(128), version=4)) for _ in range(OTHERS_TIMES * counted)]
    countries = sorted(load_region_tables().countries)[:_COUNTRIES]
    networks = _networks(ids, (counted + _ADDRESSED - 1) // _ADDRESSED, countries)
    intake = copy(intake)
    intake.geo = networks
    decisions = Decisions(intake, tally)

    birth = Listener(path)
    await flush.step()
    born = birth.stop(redis)
    listener = Listener(path)
    for first in range(0, counted, _AT_ONCE):
        for number in range(first, min(first + _AT_ONCE, counted)):
            by_address = number < len(networks.counted)
            place = f"{networks.counted[number]}.77" if by_address else countries[number % _COUNTRIES]
            body = _visit(site, known[number], place, _AGENTS[number // _COUNTRIES % 2])
            if isinstance(decisions.for_body(body, epoch), Refusal):
                raise RuntimeError("a visit of the attack was refused")  # noqa: TRY004  # a refusal, no wrong type
        clock[0] += 2 * _AT_ONCE / 1000  # devices are looked at only so many at a time
        tally.rest()
        while tally.sites():
            await flush.step()
        report("devices counted", min(first + _AT_ONCE, counted), counted)
    heard = listener.stop(redis)
    salt = await store.salt(site, clock[0])
    loot = Loot(site, known, others, store.batches, set(_hashes(store.batches)), born, b"")
    nets = msgspec.structs.replace(loot, counted=networks.counted, others=networks.others, kind="prefix")
    day = int(moment_s) // DAY_S
    worker = [tally, flush, decisions, epoch, *service_state()]
    alive = search(worker, salt, known)

    found = [
        *_controls(loot, nets, heard, salt),
        *_from_redis_alone(redis, loot, salt, day, countries[0]),
        at_least("places in the worker that hold the salt while it lives", alive.salts, 1, "objects",
                 "so that looking for it is known to work"),
        *_lifetime(redis, salt_key(site, day), (day + 1) * DAY_S + HOUR_S),
    ]  # fmt: skip
    redis.pexpireat(salt_key(site, day), int(time.time() * 1000) + 20)
    await asyncio.sleep(0.05)
    found += _after(redis, loot, nets, salt, heard, moment_s, Path(path).parent, await store.salt(site, clock[0]))
    clock[0] = moment_s + DAY_S
    tally.rest()
    after = search(worker, salt, known)
    found += [
        at_most("places in the worker that hold the salt after its day", after.salts, 0, "objects",
                "all that its objects and its modules reach"),
        at_most("places in the worker that hold a device id, while the salt lives and after", alive.ids + after.ids, 0,
                "objects", "as text or as octets"),
    ]  # fmt: skip
    await store.close()
    return found


def _controls(loot: Loot, nets: Loot, heard: bytes, salt: bytes) -> list[Measure]:
    """With the salt: from batches, and from the commands that Redis was sent."""
    spoken = set(_hashes_heard(heard))
    found = []
    for name, one, what in (("pseudonyms", loot, "devices"), ("networks", nets, "networks")):
        of = f"{len(one.counted)} counted among {len(one.counted) + len(one.others)}"
        for where, hashes in (("batches", one.hashes), ("commands", spoken)):
            recovered = _recover(msgspec.structs.replace(one, hashes=hashes), salt)
            found.append(
                at_least(f"{name}, control with the salt, from {where}", _share(recovered, one), CONTROL_MIN,
                         f"of {what}", of)
            )  # fmt: skip
    return found


def _lifetime(redis: Redis, key: str, due_s: int) -> list[Measure]:
    """When Redis itself will forget the salt. A key that does not expire has for ever."""
    left_ms = int(redis.pttl(key))
    seconds, micros = redis.time()
    left_s = left_ms / 1000 if left_ms >= 0 else inf
    return [
        at_most("hours that a day's salt has yet to live in Redis", left_s / HOUR_S, _SALT_HOURS_MAX, "hours"),
        at_most("how far its end is from an hour after its day", abs(seconds + micros / 1e6 + left_s - due_s),
                _SALT_OFF_MAX_S, "seconds"),
    ]  # fmt: skip


def _after(
    redis: Redis, loot: Loot, nets: Loot, salt: bytes, heard: bytes, moment_s: float, folder: Path, next_salt: bytes
) -> list[Measure]:
    """The salt's key has expired, and another was drawn; everything is tried without it."""
    loot.held = b"".join(redis.dump(name) or b"" for name in redis.scan_iter(count=1000))
    disk = {**redis.config_get("save"), **redis.config_get("appendonly")}
    kept = disk != {"save": "", "appendonly": "no"}
    files = [one.name for one in folder.iterdir() if one.suffix in {".rdb", ".aof"} or one.is_dir()]
    places = [salt == next_salt, salt in loot.held, salt in unescaped(heard), kept, bool(files)]
    salts = {*_salts(loot, moment_s, next_salt)}
    born = {guess for guess in arguments(loot.salt_born) if len(guess) == len(salt)}
    drawn = {one for guess in born for one in _recover(loot, guess)}
    return [
        at_most("places in Redis, its disk or the commands that hold the salt after its end", sum(places), 0, "places"),
        at_most("pseudonyms recovered after the salt's end", len(_guessed(loot, salts)), 0, "devices",
                f"{len(salts)} salts tried, and unsalted digests"),
        at_most("networks recovered after the salt's end", len(_guessed(nets, salts)), 0, "networks",
                f"{len(salts)} salts tried, and unsalted digests"),
        told("pseudonyms recovered by who listened when the salt was drawn", len(drawn), "devices",
             "the salt is in the command that brings it to Redis"),
    ]  # fmt: skip


def _recover(loot: Loot, salt: bytes) -> list[str]:
    """Those whose hash by this salt was seen, made with the standard library as an attacker would."""
    return [
        one
        for one in (*loot.counted, *loot.others)
        if hmac.digest(salt, _message(loot, one), "sha256")[:HASH_BYTES] in loot.hashes
    ]


def _message(loot: Loot, one: str) -> bytes:
    """What the service hashes, which everybody can read."""
    if loot.kind == "prefix":
        return f"{loot.site}/prefix/".encode() + _octets(one)
    return f"{loot.site}/device/{one}".encode()


def _octets(network: str) -> bytes:
    return bytes(map(int, network.split(".")))


def _spellings(loot: Loot, one: str) -> list[bytes]:
    """What could have been digested without any salt."""
    if loot.kind == "prefix":
        texts = [f"{one}{rest}".encode() for rest in ("", ".0", ".0/24")]
        return [_message(loot, one), _octets(one), _octets(one) + b"\0", *texts]
    return [_message(loot, one), one.encode(), bytes.fromhex(one.replace("-", ""))]


def _share(recovered: Iterable[str], loot: Loot) -> float:
    """The share of counted devices among what was recovered; a wrong one costs as much as one that is missed."""
    right = {*loot.counted}
    hits = [one in right for one in recovered]
    return (2 * sum(hits) - len(hits)) / len(right)


def _guessed(loot: Loot, salts: Iterable[bytes]) -> set[str]:
    """What is found without the salt. Salts are tried on one device that the attacker knows was there: their own."""
    own = _message(loot, loot.counted[0])
    recovered: set[str] = set()
    for guess in salts:
        if hmac.digest(guess, own, "sha256")[:HASH_BYTES] in loot.hashes:
            recovered.update(_recover(loot, guess))
    for one in (*loot.counted, *loot.others):
        for message in _spellings(loot, one):
            for digest in _DIGESTS:
                found = digest(message, usedforsecurity=False).digest()
                if found[:HASH_BYTES] in loot.hashes or found[-HASH_BYTES:] in loot.hashes:
                    recovered.add(one)
    return recovered


def _salts(loot: Loot, moment_s: float, next_salt: bytes) -> Iterator[bytes]:
    """What a badly made salt could have been: empty, a name, a date, a time, 16 bits, or told by what was seen."""
    day_s = int(moment_s) // DAY_S * DAY_S
    words = {b"", b"salt", b"passerby", loot.site.encode(), next_salt, str(day_s // DAY_S).encode()}
    words |= {salt_key(loot.site, day_s // DAY_S + away).encode() for away in (-1, 0, 1)}
    words |= {time.strftime(form, time.gmtime(day_s)).encode() for form in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%s")}
    words |= {batch.id for batch in loot.batches} | {batch.salt_print.encode() for batch in loot.batches}
    words |= {bytes.fromhex(batch.salt_print) for batch in loot.batches}
    words |= {word + b"/" + loot.site.encode() for word in words} | {bytes(n) for n in range(65)}
    yield from words
    yield from (hashlib.new(name, word).digest() for word in words for name in ("sha256", "sha1", "md5"))
    for number in range(1 << 16):
        pair = number.to_bytes(2, "big")
        yield from (pair, pair.rjust(32, b"\0"), pair.ljust(32, b"\0"))
    generator = random.Random()  # noqa: S311  # what a careless hand would take
    for second in range(day_s, day_s + DAY_S):
        yield str(second).encode()
        generator.seed(second)
        yield generator.randbytes(32)


def _from_redis_alone(redis: Redis, loot: Loot, salt: bytes, day: int, country: str) -> list[Measure]:
    """With the salt, but with what Redis holds alone: a HyperLogLog may be asked whether a hash would change it."""
    named = next(batch for batch in loot.batches if any(key.startswith(f"{country}/") for key in batch.devices))
    cohort = max(key for key in named.devices if key.startswith(f"{country}/") and key.count("/") == 1)
    name = salt_key(loot.site, day).removesuffix("salt") + f"devices:{cohort}"
    inside = [
        chunk for batch in loot.batches for chunk in _chunks(batch.devices.get(cohort, b""))
    ]  # fmt: skip
    outside = [
        hmac.digest(salt, f"{loot.site}/device/{one}".encode(), "sha256")[:HASH_BYTES] for one in loot.others[:1000]
    ]
    changed = redis.eval(_ASK_COPY, 2, name, f"{name}:copy", b"", *inside, *outside)
    hits, alarms = changed[: len(inside)].count(0), changed[len(inside) :].count(0)
    return [
        at_least("pseudonyms, control with the salt, from one group's HyperLogLog", hits / len(inside), CONTROL_MIN,
                 "of devices", f"{alarms} of {len(outside)} others are taken for members"),
    ]  # fmt: skip


def _networks(rng: random.Random, counted: int, countries: Sequence[str]) -> Networks:
    """So many networks of the addresses that anybody may have, all different, and nine times as many others."""
    drawn: dict[str, None] = {}
    while len(drawn) < counted * (1 + OTHERS_TIMES):
        drawn[f"{rng.randrange(20, 100)}.{rng.randrange(256)}.{rng.randrange(256)}"] = None
    return Networks([*drawn][:counted], [*drawn][counted:], countries)


def _visit(site: str, device_id: str, place: str, agent: str) -> bytes:
    """A visit's body; it comes from an address or from a country."""
    where = {"ip": place} if "." in place else {"geo": {"country": place}}
    signals = {**where, "device": {"id": device_id, "user_agent": agent}}
    return msgspec.json.encode({"site": site, "signals": signals, "consent": ["cohort", "statistics"]})


def _hashes(batches: Iterable[Batch]) -> Iterator[bytes]:
    for batch in batches:
        for strung in (*batch.devices.values(), *batch.prefixes.values()):
            yield from _chunks(strung)


def _hashes_heard(heard: bytes) -> Iterator[bytes]:
    """Every run of eight octets in the arguments that have whole runs: hashes among much else."""
    for argument in arguments(heard):
        if argument and len(argument) % HASH_BYTES == 0:
            yield from _chunks(argument)


def _chunks(strung: bytes) -> list[bytes]:
    return [strung[at : at + HASH_BYTES] for at in range(0, len(strung), HASH_BYTES)]
