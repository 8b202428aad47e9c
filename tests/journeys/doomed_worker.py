"""A worker that counts and hands over until it is killed, and says on stdout how far it is sure to have come.

python doomed_worker.py REDIS_URL
"""

import asyncio
import sys
import time

from service.adapters.redis_store.store import RedisStore
from service.core.groups.counts import Increment
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.flush import Flush

EVENTS_A_ROUND = 2000


async def work(url: str) -> None:
    store = RedisStore(url, k=100, k_prefixes=20, retention_s=3600)
    buffer = CountBuffer(3600, 1_000_000, time.time)
    flush = Flush(buffer, store, 3600, 0.2, time.time)
    while True:
        for _ in range(EVENTS_A_ROUND):
            buffer.count(Increment("demo", "all", ("chosen:de",)))
        print(f"counted {buffer.counted} applied {flush.applied}", flush=True)
        await flush.flush_once()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
