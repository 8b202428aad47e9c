"""The reversal of a day's pseudonyms: which devices and networks were counted, by an attacker who lacks only the salt.

Ten thousand device ids are counted as the service counts: from the body of a request through the intake and the buffer
to batches in a real Redis; one in twenty comes with an address, so that its network is counted too. The attacker has
the batches of the process, every command that Redis was sent since the salt stood (``MONITOR``), all that Redis holds,
and lists of device ids and of networks: those that were counted, and nine times as many others. With the salt they find
them all, which is the control. When Redis and the worker have forgotten the salt, they try what it could have been had
it been made badly. When Redis will forget it is read from Redis; then its end is brought forward.

Whoever listens when the salt is drawn has it, for it travels to Redis then: a figure of its own says so.
"""

import asyncio
import hashlib
import hmac
import random
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import islice
from math import inf
from pathlib import Path
from typing import Any, Literal

import msgspec
from redis import Redis

from service.adapters.cldr.regions import load_region_tables
from service.adapters.redis_store.embedded import start_embedded_redis
from service.adapters.redis_store.keys import salt_key
from service.adapters.redis_store.store import RedisStore
from service.attacks.measures import Measure, Progress, at_least, at_most, figure, unseen
from service.attacks.worker_memory import search, service_state
from service.audit.decodings import without_backslashes
from service.audit.redis_sinks import RedisMonitor
from service.core.groups.counts import HASH_BYTES, Batch
from service.core.groups.interval import DAY_S, HOUR_S
from service.core.location import Place
from service.core.sites import Key
from service.ports import Applied
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.flush import Flush
from service.web.decisions import Decisions
from service.web.epoch import Epoch
from service.web.problems import Refusal
from service.web.visit.intake import Intake

CONTROL_MIN = 0.99
COUNTED = 10_000
OTHERS_TIMES = 9
_K = 100
_ADDRESSED = 20
"""One visit in so many comes with an address."""
_SALT_HOURS_MAX = 25.0
_SALT_OFF_MAX_S = 1.0
_COUNTRIES = 40
_ARGUMENT = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)  # as MONITOR writes it
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


class Captured(msgspec.Struct):
    """What the attacker has. ``counted`` are those that are to be found out, ``others`` were never there.

    They are device ids or, for ``prefix``, networks as text: ``203.0.113``. ``salt_commands`` are what Redis was sent
    when the salt was drawn, ``commands`` all since; ``held`` is what it holds in the end.
    """

    site: str
    counted: list[str]
    others: list[str]
    moment_s: float
    batches: list[Batch]
    hashes: set[bytes]
    salt_commands: bytes
    commands: bytes
    held: bytes = b""
    kind: Literal["device", "prefix"] = "device"


class Networks:
    """The networks of visits that came with an address, and nine times as many of none.

    As ``ports.GeoLookup`` it places the addresses. Where they lie is made up, so no database of places is needed.
    """

    built_at = None
    refused = 0
    healthy = True

    def __init__(self, rng: random.Random, counted: int, countries: Sequence[str]) -> None:
        prefixes: dict[str, None] = {}
        while len(prefixes) < counted * (1 + OTHERS_TIMES):
            prefixes[f"{rng.randrange(20, 100)}.{rng.randrange(256)}.{rng.randrange(256)}"] = None
        self.counted, self.others = [*prefixes][:counted], [*prefixes][counted:]
        self._places = {
            network: Place(countries[number % len(countries)], None, None, "ip")
            for number, network in enumerate(self.counted)
        }

    def look_up(self, address: str) -> Place | None:
        return self._places.get(address.rpartition(".")[0])


class RecordingStats(RedisStore):
    """A store of counts that keeps each batch it is handed, as an attacker in the process could."""

    def __init__(self, url: str) -> None:
        super().__init__(url, k=_K, k_prefixes=_K, retention_s=DAY_S, timeout_s=_STORE_TIMEOUT_S)
        self.batches: list[Batch] = []

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        self.batches.append(batch)
        return await super().apply(batch, now_s)


def pseudonym_reversal(
    intake: Intake, epoch: Epoch, site: Key, counted: int = COUNTED, seed: int = 1, progress: Progress = unseen
) -> list[Measure]:
    """Count, attack with the salt, let the salt go, attack without it. Takes a Redis of its own, for some seconds."""
    embedded = start_embedded_redis()
    if embedded is None or not embedded.wait(_READY_S):
        why = "no redis-server to attack"
        return [at_most("pseudonyms recovered after the salt's end", counted, 0, "devices", why)]
    try:
        with Redis(unix_socket_path=embedded.url.removeprefix("unix://")) as redis:
            return asyncio.run(_attack(embedded.url, redis, intake, epoch, site, counted, seed, progress))
    finally:
        embedded.stop()


async def _attack(
    url: str, redis: Redis, intake: Intake, epoch: Epoch, site: Key, counted: int, seed: int, progress: Progress
) -> list[Measure]:
    path = url.removeprefix("unix://")
    moment_s = min(time.time(), (time.time() // DAY_S + 1) * DAY_S - 60)  # all of it on one day
    clock = [moment_s]
    store = RecordingStats(url)
    buffer = CountBuffer(HOUR_S, 10**6, lambda: clock[0], [site], 4 * _K, 4 * _K)
    flush = Flush(buffer, store, HOUR_S, 0.2, lambda: clock[0])
    ids = random.Random(seed)  # noqa: S311  # device ids of a simulation that can be repeated
    visitors, others = ([str(uuid.UUID(int=ids.getrandbits(128), version=4)) for _ in range(n)]
                     for n in (counted, OTHERS_TIMES * counted))  # fmt: skip
    countries = sorted(load_region_tables().countries)[:_COUNTRIES]
    networks = Networks(ids, (counted + _ADDRESSED - 1) // _ADDRESSED, countries)
    intake = copy(intake)
    intake.geo = networks
    decisions = Decisions(intake, buffer)

    at_birth = _listen(url)
    await flush.flush_once()
    salt_commands = _commands_until_now(at_birth)
    listener = _listen(url)
    bodies = _visits(site, visitors, networks, countries)
    for done in range(_AT_ONCE, counted + _AT_ONCE, _AT_ONCE):
        for body in islice(bodies, _AT_ONCE):
            if isinstance(decisions.for_body(body, epoch), Refusal):
                raise RuntimeError("a visit of the attack was refused")  # noqa: TRY004  # a refusal, no wrong type
        clock[0] += 2 * _AT_ONCE / 1000  # devices are looked at only so many at a time
        buffer.refill()
        while buffer.sites():
            await flush.flush_once()
        progress("devices counted", min(done, counted), counted)
    hashes, batches = {*_hashes(store.batches)}, store.batches
    captured = Captured(site, visitors, others, moment_s, batches, hashes, salt_commands, _commands_until_now(listener))
    nets = msgspec.structs.replace(captured, counted=networks.counted, others=networks.others, kind="prefix")
    salt, day = await store.salt(site, clock[0]), int(moment_s) // DAY_S
    worker = [buffer, flush, decisions, epoch, *service_state()]
    alive = search(worker, salt, visitors)

    measures = [
        *_controls(captured, nets, salt),
        *_from_redis_alone(redis, captured, salt, day, countries[0]),
        at_least("places in the worker that hold the salt while it lives", alive.salts, 1, "objects",
                 "so that looking for it is known to work"),
        *_lifetime(redis, salt_key(site, day), (day + 1) * DAY_S + HOUR_S),
    ]  # fmt: skip
    redis.pexpireat(salt_key(site, day), int(time.time() * 1000) + 20)
    await asyncio.sleep(0.05)
    measures += _after(redis, captured, nets, salt, Path(path).parent, await store.salt(site, clock[0]))
    clock[0] = moment_s + DAY_S
    buffer.refill()
    after = search(worker, salt, visitors)
    await store.close()
    return [
        *measures,
        at_most("places in the worker that hold the salt after its day", after.salts, 0, "objects",
                "all that its objects and its modules reach"),
        at_most("places in the worker that hold a device id, while the salt lives and after", alive.ids + after.ids, 0,
                "objects", "as text or as octets"),
    ]  # fmt: skip


def _listen(url: str) -> RedisMonitor:
    monitor = RedisMonitor(url)
    monitor.open()
    return monitor


def _commands_until_now(monitor: RedisMonitor) -> bytes:
    """Every command up to now, as ``MONITOR`` tells it."""
    commands = b"".join(piece.octets[piece.repeated :] for piece in monitor.read())
    monitor.close()
    return commands


def arguments(commands: bytes) -> Iterator[bytes]:
    return (without_backslashes(quoted) for quoted in _ARGUMENT.findall(commands))


def _controls(captured: Captured, nets: Captured, salt: bytes) -> list[Measure]:
    """With the salt: from batches, and from the commands that Redis was sent."""
    hashes_sent = set(_hashes_in(captured.commands))
    measures = []
    for name, capture, subject in (("pseudonyms", captured, "devices"), ("networks", nets, "networks")):
        among = f"{len(capture.counted)} counted among {len(capture.counted) + len(capture.others)}"
        for where, hashes in (("batches", capture.hashes), ("commands", hashes_sent)):
            share = _share(_recover(msgspec.structs.replace(capture, hashes=hashes), salt), capture)
            control = f"{name}, control with the salt, from {where}"
            measures.append(at_least(control, share, CONTROL_MIN, f"of {subject}", among))
    return measures


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
    redis: Redis, captured: Captured, nets: Captured, salt: bytes, folder: Path, next_salt: bytes
) -> list[Measure]:
    """The salt's key has expired, and another was drawn; everything is tried without it."""
    captured.held = b"".join(redis.dump(name) or b"" for name in redis.scan_iter(count=1000))
    disk = {**redis.config_get("save"), **redis.config_get("appendonly")}
    is_saved = disk != {"save": "", "appendonly": "no"}
    has_files = any(path.suffix in {".rdb", ".aof"} or path.is_dir() for path in folder.iterdir())
    in_commands = salt in without_backslashes(captured.commands)
    places = salt == next_salt, salt in captured.held, in_commands, is_saved, has_files
    salts = {*_salts(captured, next_salt)}
    born = {guess for guess in arguments(captured.salt_commands) if len(guess) == len(salt)}
    recovered_ids = {device for guess in born for device in _recover(captured, guess)}
    return [
        at_most("places in Redis, its disk or the commands that hold the salt after its end", sum(places), 0, "places"),
        at_most("pseudonyms recovered after the salt's end", len(_guessed(captured, salts)), 0, "devices",
                f"{len(salts)} salts tried, and unsalted digests"),
        at_most("networks recovered after the salt's end", len(_guessed(nets, salts)), 0, "networks",
                f"{len(salts)} salts tried, and unsalted digests"),
        figure("pseudonyms recovered by who listened when the salt was drawn", len(recovered_ids), "devices",
               "the salt is in the command that brings it to Redis"),
    ]  # fmt: skip


def _recover(captured: Captured, salt: bytes) -> list[str]:
    """Those whose hash by this salt was seen, made with the standard library as an attacker would."""
    return [
        identifier
        for identifier in (*captured.counted, *captured.others)
        if hmac.digest(salt, _message(captured, identifier), "sha256")[:HASH_BYTES] in captured.hashes
    ]


def _message(captured: Captured, identifier: str) -> bytes:
    """What the service hashes, which everybody can read."""
    if captured.kind == "prefix":
        return f"{captured.site}/prefix/".encode() + _octets(identifier)
    return f"{captured.site}/device/{identifier}".encode()


def _octets(network: str) -> bytes:
    return bytes(map(int, network.split(".")))


def _spellings(captured: Captured, identifier: str) -> list[bytes]:
    """What could have been digested without any salt."""
    message = _message(captured, identifier)
    if captured.kind == "prefix":
        octets = _octets(identifier)
        return [message, octets, octets + b"\0", *(f"{identifier}{end}".encode() for end in ("", ".0", ".0/24"))]
    return [message, identifier.encode(), bytes.fromhex(identifier.replace("-", ""))]


def _share(recovered: Sequence[str], captured: Captured) -> float:
    """The share of counted devices among what was recovered; a wrong one costs as much as one that is missed."""
    hits = len({*captured.counted}.intersection(recovered))
    return (2 * hits - len(recovered)) / len(captured.counted)


def _guessed(captured: Captured, salts: Iterable[bytes]) -> set[str]:
    """What is found without the salt. Salts are tried on one device that the attacker knows was there: their own."""
    own = _message(captured, captured.counted[0])
    recovered: set[str] = set()
    for guess in salts:
        if hmac.digest(guess, own, "sha256")[:HASH_BYTES] in captured.hashes:
            recovered.update(_recover(captured, guess))
    for identifier in (*captured.counted, *captured.others):
        for message in _spellings(captured, identifier):
            for digest in _DIGESTS:
                hashed = digest(message, usedforsecurity=False).digest()
                if hashed[:HASH_BYTES] in captured.hashes or hashed[-HASH_BYTES:] in captured.hashes:
                    recovered.add(identifier)
    return recovered


def _salts(captured: Captured, next_salt: bytes) -> Iterator[bytes]:
    """What a badly made salt could have been: empty, a name, a date, a time, 16 bits, or told by what was seen."""
    day_s = int(captured.moment_s) // DAY_S * DAY_S
    words = {b"", b"salt", b"passerby", captured.site.encode(), next_salt, str(day_s // DAY_S).encode()}
    words |= {salt_key(captured.site, day_s // DAY_S + away).encode() for away in (-1, 0, 1)}
    words |= {time.strftime(form, time.gmtime(day_s)).encode() for form in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%s")}
    words |= {batch.id for batch in captured.batches} | {batch.salt_print.encode() for batch in captured.batches}
    words |= {bytes.fromhex(batch.salt_print) for batch in captured.batches}
    words |= {word + b"/" + captured.site.encode() for word in words} | {bytes(n) for n in range(65)}
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


def _from_redis_alone(redis: Redis, captured: Captured, salt: bytes, day: int, country: str) -> list[Measure]:
    """With the salt, but with what Redis holds alone: a HyperLogLog may be asked whether a hash would change it."""
    named = next(batch for batch in captured.batches if any(key.startswith(f"{country}/") for key in batch.devices))
    cohort = max(key for key in named.devices if key.startswith(f"{country}/") and key.count("/") == 1)
    name = salt_key(captured.site, day).removesuffix("salt") + f"devices:{cohort}"
    inside = [chunk for batch in captured.batches for chunk in _chunks(batch.devices.get(cohort, b""))]
    outside = [hmac.digest(salt, _message(captured, other), "sha256")[:HASH_BYTES] for other in captured.others[:1000]]
    changed = redis.eval(_ASK_COPY, 2, name, f"{name}:copy", b"", *inside, *outside)
    hits, alarms = changed[: len(inside)].count(0), changed[len(inside) :].count(0)
    return [
        at_least("pseudonyms, control with the salt, from one group's HyperLogLog", hits / len(inside), CONTROL_MIN,
                 "of devices", f"{alarms} of {len(outside)} others are taken for members"),
    ]  # fmt: skip


def _visits(site: str, visitors: Sequence[str], networks: Networks, countries: Sequence[str]) -> Iterator[bytes]:
    """The body of a visit by each device; the first come from an address, the others from a country."""
    for number, device_id in enumerate(visitors):
        where: dict[str, Any] = {"geo": {"country": countries[number % len(countries)]}}
        if number < len(networks.counted):
            where = {"ip": f"{networks.counted[number]}.77"}
        signals = {**where, "device": {"id": device_id, "user_agent": _AGENTS[number // _COUNTRIES % 2]}}
        yield msgspec.json.encode({"site": site, "signals": signals, "consent": ["cohort", "statistics"]})


def _hashes(batches: Iterable[Batch]) -> Iterator[bytes]:
    for batch in batches:
        for hashes in (*batch.devices.values(), *batch.prefixes.values()):
            yield from _chunks(hashes)


def _hashes_in(commands: bytes) -> Iterator[bytes]:
    """Every run of eight octets in the arguments that have whole runs: hashes among much else."""
    for argument in arguments(commands):
        if argument and len(argument) % HASH_BYTES == 0:
            yield from _chunks(argument)


def _chunks(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
