"""How long what is kept in Redis really lives, measured: every key's time to live beside what is promised of its kind.

It believes nothing of ``store``, which sets these times: it looks at what stands in the server, whoever wrote it, and
judges each key by its name and by what Redis says is left of it. It reads names, times
and sizes, never what a key holds, and of names outside the grammar it tells only how many there are: such a name might
say who somebody is. What is on a disk outlives its time there, so it also asks whether Redis keeps one.

A Redis user for this needs ``+eval +scan +pttl +time`` and ``~pb:*``, besides ``+cluster|slots`` for a Cluster;
``+memory|usage`` for sizes and ``+config|get`` for the disk to be told.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, cast

from msgspec import Struct

from service.adapters.redis_store.keys import KEY_PATTERN
from service.adapters.redis_store.routing import RedisNodes
from service.adapters.redis_store.store import RedisStore
from service.adapters.redis_store.url import Address, RedisUrl
from service.core.groups.cohort import EVERYBODY
from service.core.groups.counts import (
    HASH_BYTES,
    KEY_KINDS,
    VISIT,
    Batch,
    KeyKind,
    PrivacyParameters,
    Released,
    counter_key,
    salt_print,
)
from service.core.groups.interval import DAY_S, HOUR_S, interval_at
from service.core.sites import Key
from service.ports import StoreError

FindingCode = Literal[
    "no_expiry", "beyond_promise", "not_promised", "other_interval", "outside_grammar", "foreign", "kept_on_disk",
    "incomplete",
]  # fmt: skip

keys_at_once = 200
"""Names looked at by one script call: one or two milliseconds of Redis' time, in which nobody else is served."""
keys_max = 1_000_000
"""Keys that are remembered while looking, some 300 bytes each; what a site can have is far below (``store``)."""
pages_max = 1_000_000

_BATCH_ID_BYTES = 16
_TIMES = {2: HOUR_S, 4: 60, 6: 1}
"""Digits of an interval's beginning in a name, and the unit that its length is whole in."""
_OF_INTERVALS = frozenset({"counts", "batches", "released"})
_FIRST_DAY = date(1970, 1, 1).toordinal()
_SLACK_S = 1
"""Expiry is set in whole seconds, and a script's clock stands still while it runs."""

# ARGV a cursor, how many about. Answers the next cursor, Redis' time in milliseconds, how many keys do not begin with
# ``pb:``, and name, milliseconds left (-1 for ever), bytes (-1 not told) of those that do. What the user may not call
# is refused by the name that this has outside of scripts: inside, Redis 6.2 has none.
_PAGE = """
local refused = redis.error_reply('NOPERM not for this user')
local time = redis.pcall('TIME')
local page = redis.pcall('SCAN', ARGV[1], 'COUNT', ARGV[2])
if time.err or page.err then return refused end
local foreign, found = 0, {}
for _, name in ipairs(page[2]) do
  if string.sub(name, 1, 3) == 'pb:' then
    local left = redis.pcall('PTTL', name)
    if type(left) ~= 'number' then return refused end
    local bytes = redis.pcall('MEMORY', 'USAGE', name)
    found[#found + 1] = name
    found[#found + 1] = left
    found[#found + 1] = type(bytes) == 'number' and bytes or -1
  else
    foreign = foreign + 1
  end
end
return {page[1], time[1] * 1000 + math.floor(time[2] / 1000), foreign, found}
"""


class MeasuredKind(Struct, frozen=True):
    """What was found of one kind of key: how many, how large together, and how long they live.

    ``kept_hours`` is the longest from the end of the interval or day that a key is named after (a salt: from the day's
    beginning) until Redis will have forgotten it, ``promised_hours`` what that may be; ``left_hours`` is the longest
    that is left of it now. None: nothing was there to measure, nothing is promised, or Redis does not tell sizes.
    How long keys of another release interval than the given one live is not known, as it is not when theirs ended.
    """

    kind: KeyKind
    keys: int
    bytes: int | None
    kept_hours: float | None
    promised_hours: float | None
    left_hours: float | None


class Finding(Struct, frozen=True):
    """Something that is not as it is promised, and of how many keys. ``kind`` is None where they are of no kind."""

    code: FindingCode
    kind: KeyKind | None
    keys: int


class Durations(Struct, frozen=True):
    """What a look at all keys of a deployment found of one site. ``at_s`` is Redis' own time, since 1970.

    ``other_sites`` are keys of the grammar that belong to other sites, ``foreign`` keys that are not of this service
    by their name: in a Redis that is shared they are others', in one of our own there must be none. ``kept_on_disk``:
    whether a server writes its memory to a disk; None where one does not say.
    """

    at_s: int
    kinds: tuple[MeasuredKind, ...]
    other_sites: int
    foreign: int
    kept_on_disk: bool | None
    findings: tuple[Finding, ...]


async def measure_durations(
    url: RedisUrl,
    site: Key,
    release_interval_s: int,
    promised_hours: Mapping[KeyKind, float],
    *,
    alone: bool,
    timeout_s: float = 5.0,
    keys_max: int = keys_max,
) -> Durations:
    """Look at every key behind a URL, in slices, and at those of one site more closely. Raises StoreError.

    ``promised_hours`` are by kind of key, counted as ``MeasuredKind.kept_hours``. ``alone``: nobody else uses this
    Redis, so that any other key is a finding.
    """
    nodes = RedisNodes(url, timeout_s)
    seen = _Seen(site, release_interval_s, keys_max)
    try:
        masters = await nodes.masters()
        for master in masters:
            await _look_through(nodes, master, seen, timeout_s)
        on_disk = [await _keeps_on_disk(nodes, master, timeout_s) for master in masters]
    finally:
        await nodes.close()
    kinds = tuple(seen.measured(kind, promised_hours.get(kind)) for kind in KEY_KINDS)
    kept_on_disk = True if True in on_disk else None if None in on_disk else False
    findings = [*seen.findings(promised_hours, alone=alone)]
    findings += [Finding("kept_on_disk", None, sum(kind.keys for kind in kinds))] if kept_on_disk else []
    return Durations(seen.now_ms // 1000, kinds, seen.other_sites, seen.foreign, kept_on_disk, tuple(findings))


async def write_one_visit(
    url: str, site: Key, terms: PrivacyParameters, release_interval_s: int, retention_s: int, now_s: float
) -> None:
    """Into an empty Redis, all that one made-up visit leaves there, by the adapter that serves visits.

    It is counted in the open interval; of the one before, which is over, a release is made. Raises StoreError.
    """
    store = RedisStore(
        url,
        k=terms.k,
        k_prefixes=terms.k_prefixes,
        retention_s=retention_s,
        timeout_s=5.0,
        connect_timeout_s=5.0,
    )
    try:
        opened = interval_at(now_s, release_interval_s)
        printed = salt_print(await store.salt(site, now_s))
        devices = {EVERYBODY: secrets.token_bytes(HASH_BYTES)}
        prefixes = {EVERYBODY: secrets.token_bytes(HASH_BYTES)} if terms.k_prefixes else {}
        counts = {counter_key(EVERYBODY, VISIT): 1}
        batch_id = secrets.token_bytes(_BATCH_ID_BYTES)
        await store.apply(Batch(batch_id, opened, site, counts, devices, prefixes, 1, printed), now_s)
        closed = opened.before()
        claim = await store.claim(site, closed)
        if claim is not None:
            await store.publish(site, Released(closed, terms, {}), claim)
    finally:
        await store.close()


async def _look_through(nodes: RedisNodes, master: Address, seen: "_Seen", timeout_s: float) -> None:
    cursor: bytes = b"0"
    for _ in range(pages_max):
        reply = await nodes.ask(master, ("EVAL", _PAGE, 0, cursor, keys_at_once), timeout_s)
        try:
            cursor, now_ms, foreign, fields = reply
            seen.take(now_ms, foreign, zip(fields[::3], fields[1::3], fields[2::3], strict=True))
        except (TypeError, ValueError, AttributeError):
            raise StoreError("other") from None
        if cursor == b"0":
            return
    seen.incomplete = True


async def _keeps_on_disk(nodes: RedisNodes, master: Address, timeout_s: float) -> bool | None:
    """Whether a server writes snapshots or a log of what is written; None where it may not be asked."""
    persists = []
    for name, off in (("save", b""), ("appendonly", b"no")):
        try:
            _, value = await nodes.ask(master, ("CONFIG", "GET", name), timeout_s)
        except (StoreError, TypeError, ValueError):
            return None
        persists.append(value != off)
    return any(persists)


class _Key(Struct, frozen=True, gc=False):
    """One key of the site. ``from_ms`` is when what it is named after ends, or for a salt begins; times since 1970.

    ``fits``: its name is one that release intervals of the given length have.
    """

    kind: KeyKind
    from_ms: int
    end_ms: int | None
    left_ms: int
    bytes: int
    fits: bool

    def of_our_interval(self) -> bool:
        """Whether its interval can be of the given length: nothing is forgotten before that is over."""
        too_early = self.kind in _OF_INTERVALS and self.end_ms is not None and self.end_ms < self.from_ms
        return self.fits and not too_early

    def kept_hours(self) -> float:
        return 0.0 if self.end_ms is None else (self.end_ms - self.from_ms) / 1000 / HOUR_S


class _Seen:
    """What was seen so far. A scan may tell a key twice, so names are remembered until it is over."""

    def __init__(self, site: Key, release_interval_s: int, keys_max: int) -> None:
        self._keys_max = keys_max
        self.now_ms = 0
        self.foreign = 0
        self.incomplete = False
        self._site = site
        self._length_s = release_interval_s
        self._unit_s = next(unit_s for unit_s in _TIMES.values() if release_interval_s % unit_s == 0)
        self._keys: dict[bytes, _Key] = {}
        self._elsewhere: dict[bytes, bool] = {}  # whether it is of the grammar

    @property
    def other_sites(self) -> int:
        return sum(self._elsewhere.values())

    def take(self, now_ms: int, foreign: int, rows: Iterable[tuple[bytes, int, int]]) -> None:
        """One page of a scan."""
        self.now_ms = max(self.now_ms, now_ms)
        self.foreign += foreign
        for name, left_ms, size in rows:
            if left_ms < -1:  # gone since its name was read
                continue
            if len(self._keys) + len(self._elsewhere) >= self._keys_max:
                self.incomplete = True
                return
            parts = _parts(name)
            if parts is None or parts[0] != self._site:
                self._elsewhere[name] = parts is not None
                continue
            _, kind, begins_s, unit_s = parts
            fits = not unit_s or (unit_s == self._unit_s and begins_s % self._length_s == 0)
            from_s = begins_s + self._until_counted(kind, fits=fits, whole_day=not unit_s)
            end_ms = None if left_ms < 0 else now_ms + left_ms
            self._keys[name] = _Key(kind, from_s * 1000, end_ms, left_ms, size, fits)

    def _until_counted(self, kind: KeyKind, *, fits: bool, whole_day: bool) -> int:
        """From the beginning of what a key is named after to when its promise counts from.

        A name does not tell how long its interval is. One that none of our length could have is of another
        configuration: no interval is longer than a day, so what lives too long even then is told as that.
        """
        if kind == "salt":
            return 0
        return self._length_s if fits and not whole_day else DAY_S

    def measured(self, kind: KeyKind, promised_hours: float | None) -> MeasuredKind:
        """All keys of one kind together."""
        keys = [key for key in self._keys.values() if key.kind == kind]
        ending = [key for key in keys if key.end_ms is not None]
        return MeasuredKind(
            kind,
            len(keys),
            sum(key.bytes for key in keys) if all(key.bytes >= 0 for key in keys) else None,
            max((_rounded(key.kept_hours()) for key in ending if key.of_our_interval()), default=None),
            promised_hours,
            max((_rounded(key.left_ms / 1000 / HOUR_S) for key in ending), default=None),
        )

    def findings(self, promised_hours: Mapping[KeyKind, float], *, alone: bool) -> Iterator[Finding]:
        """All that is not as it is promised."""
        broken: Counter[tuple[FindingCode, KeyKind]] = Counter()
        for key in self._keys.values():
            promised = promised_hours.get(key.kind)
            if key.end_ms is None:
                broken["no_expiry", key.kind] += 1
            elif promised is None:
                broken["not_promised", key.kind] += 1
            elif key.kept_hours() > promised + _SLACK_S / HOUR_S:
                broken["beyond_promise", key.kind] += 1
            elif not key.of_our_interval():
                broken["other_interval", key.kind] += 1
        yield from (Finding(code, kind, keys) for (code, kind), keys in sorted(broken.items()))
        outside = len(self._elsewhere) - self.other_sites
        if outside:
            yield Finding("outside_grammar", None, outside)
        if alone and self.foreign:
            yield Finding("foreign", None, self.foreign)
        if self.incomplete:
            yield Finding("incomplete", None, len(self._keys) + len(self._elsewhere))


def _parts(name: bytes) -> tuple[Key, KeyKind, int, int] | None:
    """Of a name in the grammar the site, the kind, when what it is named after begins, and the unit of that.

    The beginning is in seconds since 1970, the unit in seconds, 0 for a whole day. None for a name that is outside.
    """
    text = name.decode("utf-8", "replace")
    if not KEY_PATTERN.fullmatch(text):
        return None
    place, _, kind_day_time = text.removeprefix("pb:{").partition("}:")
    site, _, day = place.rpartition(":")
    kind, _, of = kind_day_time.partition(":")
    try:
        begins_s = (date.fromisoformat(day).toordinal() - _FIRST_DAY) * DAY_S
    except ValueError:  # the thirtieth of February is no day
        return None
    if kind not in _OF_INTERVALS:
        return site, cast("KeyKind", kind), begins_s, 0
    for at, unit_s in enumerate(_TIMES.values()):
        begins_s += int(of[2 * at : 2 * at + 2] or 0) * unit_s
    return site, cast("KeyKind", kind), begins_s, _TIMES[len(of)]


def _rounded(hours: float) -> float:
    return round(hours, 2)
