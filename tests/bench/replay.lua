-- Replays the requests that visits.py wrote, in a circle, and says how it went in one line of JSON.
-- REQUESTS: the file. START: where in it to begin. FIRST_NUMBER: what the first MARK becomes; counted up from there.
-- THINK_MS (optional): how long a connection waits on average before it asks again.
local MARK = "@@@@@@@@"
local sent, requests, marked = tonumber(os.getenv("START")), {}, false
local number, think_ms = tonumber(os.getenv("FIRST_NUMBER")), tonumber(os.getenv("THINK_MS"))

function init()
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  for length in function() return file:read("*l") end do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
  marked = requests[1]:find(MARK, 1, true) ~= nil
  math.randomseed(1)
end

function request()
  sent = sent + 1
  local text = requests[(sent - 1) % #requests + 1]
  if not marked then return text end
  number = number + 1
  return (text:gsub(MARK, string.format("%08x", number)))
end

if think_ms then
  function delay() return math.random(math.floor(think_ms / 2), math.ceil(think_ms * 3 / 2)) end
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format('\n{"answers": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
