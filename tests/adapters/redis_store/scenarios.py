"""A store of counts in a Redis under test, batches for it, and the errors that come of them."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.adapters.redis_store.store import RedisStore
from service.core.groups.counts import Batch, PrivacyParameters
from service.core.groups.interval import HOUR_S, Interval, interval_at
from service.ports import StoreError

TERMS = PrivacyParameters(25, 5, 1.0, "on")


# Long enough for a busy machine; what is tested about it is that nothing waits longer.
TIMEOUT_S = 0.4


def a_store(url: str, **options: Any) -> RedisStore:
    limits: dict[str, Any] = {"k": 25, "k_prefixes": 5, "retention_s": 48 * HOUR_S, "timeout_s": TIMEOUT_S}
    return RedisStore(url, **limits | options)


def run(url: str, scenario: Callable[[RedisStore], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        store = a_store(url, **options)
        try:
            await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


def a_batch(
    counts: dict[str, int] | None = None, site: str = "demo", interval: Interval | None = None, devices: int = 0
) -> Batch:
    interval = interval or interval_at(time.time(), HOUR_S)
    hashes = {"all": os.urandom(8 * devices), "tv": os.urandom(8 * devices)} if devices else {}
    return Batch(os.urandom(16), interval, site, counts or {"all|visit": 1}, hashes, hashes, 1)


async def refused(asked: Awaitable[object]) -> StoreError:
    """The error that comes of it, which repeats nothing and came within the time."""
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        await asked
    assert time.monotonic() - began < 2 * TIMEOUT_S + 0.2
    assert str(caught.value) == caught.value.kind
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value
