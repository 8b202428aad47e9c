"""What Redis does in one step: the Lua scripts of the store, for Redis 6.2 to 8.

A script runs alone and whole, but what it wrote before an error stays written. So each reads first whatever might fail
by its type, and its first write is one that Redis refuses when memory is full or the role forbids writing: all or
nothing. Names are in ``KEYS``, so that a Cluster can route them; the rest comes as one msgpack blob, which is cheaper
to make and to read than many arguments. Scripts tell the time by Redis' own clock and answer ``clock`` to callers who
are too far from it.
"""

import hashlib
import re

from msgspec import Struct

from service.adapters.retention import CLOCK_LEEWAY_S
from service.ports import CLAIM_S

RIGHTS: tuple[tuple[str, str, str], ...] = (
    ("EVAL", "eval", "scripts, all that counts"),
    ("EVALSHA", "evalsha", "the same, by their names"),
    ("TIME", "time", "Redis' own clock"),
    ("EXISTS", "exists", "whether an interval is released"),
    ("HEXISTS", "hexists", "whether a batch was counted"),
    ("HGET", "hget", "whose claim an interval is"),
    ("HGETALL", "hgetall", "released counts"),
    ("HSET", "hset", "claims and released counts"),
    ("HSETNX", "hsetnx", "a batch, once"),
    ("HLEN", "hlen", "whether counts can be added to"),
    ("HINCRBY", "hincrby", "counts"),
    ("HSCAN", "hscan", "sums for a release"),
    ("PFADD", "pfadd", "devices and networks"),
    ("PFCOUNT", "pfcount", "how many there are"),
    ("EXPIRE", "expire", "the end of a claim"),
    ("EXPIREAT", "expireat", "the end of every key"),
    ("GET", "get", "the salt of the day"),
    ("SET", "set", "the same, drawn"),
    ("UNLINK", "unlink", "raw sums after their release"),
    ("INFO", "info", "since when counts exist"),
    ("CLUSTER", "cluster|slots", "who keeps what in a Cluster"),
    ("ASKING", "asking", "slots that move in a Cluster"),
    ("SELECT", "select", "a database other than 0"),
)
"""Every command that is sent, by itself or in a script, its name in an ACL, and what it is for."""

COMMANDS = frozenset({command for command, _, _ in RIGHTS} | {"SENTINEL"})
"""The same, and what sentinels are asked."""

_CALLS = re.compile(r"redis\.p?call\('([A-Z]+)'")


class Script(Struct, frozen=True):
    """Lua and the name by which Redis knows it once it has seen it."""

    text: str
    sha: str


def commands_in_line(script: Script, line: int) -> list[str]:
    """The commands in a line of a script, counted from 1, each once."""
    lines = script.text.split("\n")
    return list(dict.fromkeys(_CALLS.findall(lines[line - 1]))) if 0 < line <= len(lines) else []


def _script(text: str) -> Script:
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


# KEYS counts, batches, released; counts and released of the interval that is open for the caller; salt; then devices
# and prefixes of each cohort. ARGV a msgpack map, the batch's id, and all hashes strung together, of which ``marks``
# tells how many bytes are devices and prefixes of each cohort (Redis' msgpack knows no binary). Answers the outcome,
# for each cohort 1 where both its caps are reached, and 1 where the hashes are of another salt. With ``try_rights``
# each writing command is called before the batch is marked, to no effect: where one is not permitted the batch was not
# counted, and can come again when it is.
APPLY = _script(f"""
local batch = cmsgpack.unpack(ARGV[1])
local now = tonumber(redis.call('TIME')[1])
if math.abs(batch.caller_s - now) > {CLOCK_LEEWAY_S}
   or batch.start_s > now + {CLOCK_LEEWAY_S} or now >= batch.batches_end_s then
  return {{'clock', '', '0'}}
end
local counts, counts_end_s, outcome = KEYS[1], batch.counts_end_s, 'applied'
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then
  outcome = 'duplicate'
elseif redis.call('EXISTS', KEYS[3]) == 1 then
  counts, counts_end_s = KEYS[4], batch.open_end_s
  if not batch.same_day or redis.call('EXISTS', KEYS[5]) == 1 then outcome = 'late' end
end
redis.call('HLEN', counts)
local sizes, full = {{}}, {{}}
for i = 7, #KEYS do sizes[i] = redis.call('PFCOUNT', KEYS[i]) end

if batch.try_rights and outcome == 'applied' then
  local was_there = redis.call('EXISTS', counts) == 1
  for field in pairs(batch.counts) do
    redis.call('HINCRBY', counts, field, 0)
    break
  end
  local ended = redis.pcall('EXPIREAT', counts, counts_end_s)
  if type(ended) == 'table' and ended.err then
    if not was_there then redis.pcall('UNLINK', counts) end
    return redis.error_reply("NOPERM not allowed to run the 'expireat' command")
  end
  if KEYS[7] then
    redis.call('PFADD', KEYS[7])
    redis.call('EXPIREAT', KEYS[7], batch.marks_end_s)
  end
end

local next_at = 1
local function add(i, bytes, max)
  local at, beyond = next_at, next_at + bytes
  next_at = beyond
  if at == beyond or sizes[i] >= max then return end
  while at < beyond and sizes[i] < max do
    local slice = {{}}
    while at < beyond and #slice < math.min(128, max - sizes[i]) do
      slice[#slice + 1] = string.sub(ARGV[3], at, at + 7)
      at = at + 8
    end
    redis.call('PFADD', KEYS[i], unpack(slice))
    sizes[i] = redis.call('PFCOUNT', KEYS[i])
  end
  redis.call('EXPIREAT', KEYS[i], batch.marks_end_s)
end

local salt = batch.salt_print ~= '' and redis.call('GET', KEYS[6])
local salt_mismatch = batch.salt_print ~= '' and (not salt or redis.sha1hex(salt) ~= batch.salt_print)
if outcome == 'applied' then
  redis.call('HSETNX', KEYS[2], ARGV[2], 1)
  redis.call('EXPIREAT', KEYS[2], batch.batches_end_s)
  for field, count in pairs(batch.counts) do redis.call('HINCRBY', counts, field, count) end
  redis.call('EXPIREAT', counts, counts_end_s)
  if not salt_mismatch then
    for n, marks in ipairs(batch.marks) do
      add(5 + 2 * n, marks[1], batch.devices_max)
      add(6 + 2 * n, marks[2], batch.prefixes_max)
    end
  end
end
for n = 1, #batch.marks do
  local both = sizes[5 + 2 * n] >= batch.devices_max and sizes[6 + 2 * n] >= batch.prefixes_max
  full[n] = both and '1' or '0'
end
return {{outcome, table.concat(full), salt_mismatch and '1' or '0'}}
""")

# KEYS salt. ARGV the caller's clock, 32 fresh random bytes, when it must be forgotten. Answers a salt, or nothing.
SALT = _script(f"""
local now = tonumber(redis.call('TIME')[1])
local end_s = math.min(tonumber(ARGV[3]), now + 90000)
if math.abs(tonumber(ARGV[1]) - now) > {CLOCK_LEEWAY_S} or end_s <= now then return false end
local salt = redis.call('GET', KEYS[1])
if salt then return salt end
redis.call('SET', KEYS[1], ARGV[2], 'EXAT', end_s)
return ARGV[2]
""")

# KEYS released. ARGV the claim, the interval's end. Whoever comes first has the interval until the claim expires with
# its key. One that is not over by Redis' own clock, which tells whole seconds, is nobody's. Who may not set an end
# leaves nothing to end.
CLAIM = _script(f"""
if tonumber(ARGV[2]) > tonumber(redis.call('TIME')[1]) + 1 then return 'clock' end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'claim', ARGV[1])
local ended = redis.pcall('EXPIRE', KEYS[1], {CLAIM_S})
if type(ended) == 'table' and ended.err then
  redis.pcall('UNLINK', KEYS[1])
  return redis.error_reply("NOPERM not allowed to run the 'expire' command")
end
return 1
""")

# KEYS released, counts. ARGV the claim, a slice of cells, the terms (empty but for the last slice), when to forget.
PUBLISH = _script("""
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', KEYS[1], 'done') == 1 then return 1 end
for field, count in pairs(cmsgpack.unpack(ARGV[2])) do redis.call('HSET', KEYS[1], field, count) end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], 'done', ARGV[3])
  redis.call('EXPIREAT', KEYS[1], ARGV[4])
  redis.call('UNLINK', KEYS[2])
end
return 1
""")

# KEYS released keys. Answers for each a msgpack list of fields and values, or nothing where it is not done.
RELEASED = _script("""
local found = {}
for n, key in ipairs(KEYS) do
  found[n] = redis.call('HEXISTS', key, 'done') == 1 and cmsgpack.pack(redis.call('HGETALL', key))
end
return found
""")

# KEYS counts. ARGV cursor, how many about. Answers the next cursor and a msgpack list of fields and values.
COUNTS = _script("""
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
return {page[1], cmsgpack.pack(page[2])}
""")

# KEYS devices and prefixes. Answers a msgpack list of how many distinct ones each holds.
SIZES = _script("""
local sizes = {}
for n, key in ipairs(KEYS) do sizes[n] = redis.call('PFCOUNT', key) end
return cmsgpack.pack(sizes)
""")
