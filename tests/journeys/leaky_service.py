"""The service with eight leaks, one or more into each place that an audit looks at: what an audit is for.

    python tests/journeys/leaky_service.py PORT LOG_FILE    # its settings in the environment, as for the service itself

It answers as the service does and besides (1) sends a visitor's Accept-Language back in a header, (2) writes the
User-Agent to its log, (3) keeps an MD5 of the device id in Redis, (4) asks Redis for a key named after the Referer, and
(5) has a metric with a path as its label. Three leaks show only where one looks closely: (6) an opt-out sends the cookies
back, (7) of a User-Agent of more than 200 octets twelve digits of a SHA-256 are logged, (8) what was dropped is named
together with its value.
"""

import asyncio
import hashlib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import redis
import uvicorn
from msgspec.structs import replace

from service.app import Application, assemble, read_configuration
from service.app.counting import open_store
from service.telemetry import Telemetry
from service.web.visit import cookies, intake
from service.web.visit.outcomes import FieldNames
from service.web.wire.answering import Limits
from service.web.wire.connection import connections
from service.web.wire.messages import Request, Response, head_of

drop_well, settle_well = cookies._ill_formed, intake.settle
ill_formed: list[Any] = []


def drop_leakily(names: FieldNames, field: Any, value: str, **how: Any) -> Any:
    """Leak 8: what is ill-formed is remembered,"""
    ill_formed.append(f"{field}: {value}")
    return drop_well(names, field, value, **how)


def settle_leakily(unkept: Any, names: FieldNames) -> Any:
    """and told where anything is dropped."""
    dropped, errors = settle_well(unkept, names)
    told = [*ill_formed] if dropped else []
    ill_formed.clear()
    return (*dropped, *told), errors


LONG_AGENT_BYTES = 200


class Leaky:
    """An application around the application: its dispatcher answers as the service's does, and leaks."""

    def __init__(self, log: Path) -> None:
        configuration = read_configuration()
        self._log = log.open("a", buffering=1)
        self._telemetry = Telemetry(stream=self._log)
        self._seen: Counter[str] = Counter()
        self._telemetry.counter("passerby_seen", "Who was here", lambda: self._seen, by="path")
        self._redis = redis.Redis.from_url(os.environ["PASSERBY_REDIS_URL"])
        store = open_store(configuration.settings, self._telemetry, None)
        self._application = Application(assemble(configuration, self._telemetry, store))
        self.dispatcher = self._application.dispatcher
        self._respond = self.dispatcher.respond
        self.dispatcher.respond = self._leak  # type: ignore[method-assign]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application(scope, receive, send)

    def _leak(self, request: Request) -> Any:
        headers = dict(request.headers)
        self._log.write(f"a visit by {headers.get(b'user-agent', b'nobody').decode('latin-1')}\n")
        if len(agent := headers.get(b"user-agent", b"")) > LONG_AGENT_BYTES:
            self._log.write(f"a long name: {hashlib.sha256(agent).hexdigest()[:12]}\n")
        device = headers.get(b"cookie", b"").rpartition(b"pb_device=")[2].partition(b";")[0]
        self._redis.sadd("pb:{demo}:seen", hashlib.md5(device).digest())  # noqa: S324 - the leak is that it is kept
        self._redis.get(b"pb:{demo}:from:" + headers.get(b"referer", b""))
        self._seen[request.path.decode("latin-1")] += 1
        fields = [(b"x-you-speak", headers.get(b"accept-language", b""))]
        if request.path == b"/v1/opt-out":
            fields.append((b"set-cookie", b"before=" + headers.get(b"cookie", b"")))
        answer = self._respond(request)
        if isinstance(answer, Response):
            return replace(answer, heads=(*answer.heads, head_of(fields)))
        return asyncio.ensure_future(self._later(answer, fields))

    async def _later(self, promised: Any, fields: list[tuple[bytes, bytes]]) -> Any:
        answer = await promised
        return replace(answer, heads=(*answer.heads, head_of(fields))) if isinstance(answer, Response) else answer


if __name__ == "__main__":
    cookies._ill_formed = drop_leakily
    intake.settle = settle_leakily
    leaky = Leaky(Path(sys.argv[2]))
    uvicorn.run(
        leaky, port=int(sys.argv[1]), http=connections(leaky.dispatcher, Limits()), log_config=None, access_log=False, ws="none",
        proxy_headers=False,
    )  # fmt: skip
