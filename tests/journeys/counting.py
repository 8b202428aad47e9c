"""What the journeys about counts have in common: settings of a test bed, visits of many devices, waiting."""

import time
import uuid
from collections.abc import Callable
from typing import Any

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)
SWISS = "195.65.10.7"
# Intervals of 3 seconds, and groups of 20: what takes hours and crowds elsewhere. Redis may take as long as a busy
# machine makes it.
TEST_BED = {"release_minutes": "0.05", "k": "20", "k_prefixes": "5", "noise": "off", "redis_timeout_ms": "1000"}
INTERVAL_S = 3
WAIT_MAX_S = 15


def visit(number: int, **more: Any) -> dict[str, Any]:
    """A visit of a new device, from one of fifty Swiss networks."""
    device = {"id": str(uuid.uuid4()), "user_agent": IPHONE, "accept_language": "fr"}
    return {"signals": {"ip": f"195.65.{number % 50}.7", "device": device}, **more}


def visits(count: int, **more: Any) -> dict[str, Any]:
    """A batch of as many."""
    return {"site": "demo", "requests": [visit(number, **more) for number in range(count)]}


def until(found: Callable[[], Any], wait_s: float = WAIT_MAX_S) -> Any:
    """The first true answer, asked for again and again; the last one when time is up."""
    give_up_at = time.monotonic() + wait_s
    while not (answer := found()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return answer
