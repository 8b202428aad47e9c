"""The service with eight leaks, one or more into each place that an audit looks at: what an audit is for.

    python tests/journeys/leaky_service.py PORT LOG_FILE    # its settings in the environment, as for the service itself

It answers as the service does and besides (1) sends a visitor's Accept-Language back in a header, (2) writes the
User-Agent to its log, (3) keeps an MD5 of the device id in Redis, (4) asks Redis for a key named after the Referer, and
(5) has a metric with a path as its label. Three leaks show only where one looks closely: (6) an opt-out sends the cookies
back, (7) of a User-Agent of more than 200 octets twelve digits of a SHA-256 are logged, (8) what was dropped is named
together with its value.
"""

import hashlib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import redis
import uvicorn

from service.app import Application, assemble, read_configuration
from service.app.counting import open_store
from service.app.serving import ProtocolMaker
from service.telemetry import Telemetry
from service.web import cookies

judge_well = cookies._judge


def judge_leakily(from_body: bool, field: Any, value: str, dropped: list[Any], errors: list[Any]) -> None:
    """Leak 8."""
    judge_well(from_body, field, value, dropped, errors)
    dropped.extend([f"{field}: {value}"] if dropped else [])


LONG_AGENT_BYTES = 200


class Leaky:
    """An application around the application, under the service's own protocol."""

    answer_now = None  # everything goes through here

    def __init__(self, log: Path) -> None:
        configuration = read_configuration()
        self._log = log.open("w", buffering=1)  # as `>` in a shell: it goes on where it is, whoever appends
        self._telemetry = Telemetry(stream=self._log)
        self._seen: Counter[str] = Counter()
        self._telemetry.counter("passerby_seen", "Who was here", lambda: self._seen, by="path")
        self._redis = redis.Redis.from_url(os.environ["PASSERBY_REDIS_URL"])
        store = open_store(configuration.settings, self._telemetry, None)
        self._application = Application(assemble(configuration, self._telemetry, store))
        self.refused_before_asking = self._application.refused_before_asking

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        self._log.write(f"a visit by {headers.get(b'user-agent', b'nobody').decode('latin-1')}\n")
        if len(agent := headers.get(b"user-agent", b"")) > LONG_AGENT_BYTES:
            self._log.write(f"a long name: {hashlib.sha256(agent).hexdigest()[:12]}\n")
        device = headers.get(b"cookie", b"").rpartition(b"pb_device=")[2].partition(b";")[0]
        self._redis.sadd("pb:{demo}:seen", hashlib.md5(device).digest())  # noqa: S324 - the leak is that it is kept
        self._redis.get(b"pb:{demo}:from:" + headers.get(b"referer", b""))
        self._seen[scope["path"]] += 1

        async def leak(message: Any) -> None:
            if message["type"] == "http.response.start":
                fields = [*message["headers"], (b"x-you-speak", headers.get(b"accept-language", b""))]
                if scope["path"] == "/v1/opt-out":
                    fields.append((b"set-cookie", b"before=" + headers.get(b"cookie", b"")))
                message = {**message, "headers": fields}
            await send(message)

        await self._application(scope, receive, leak)


if __name__ == "__main__":
    cookies._judge = judge_leakily
    protocol: Any = ProtocolMaker(header_block_max_bytes=16_384, header_fields_max=64, header_read_timeout_s=2.0)
    uvicorn.run(
        Leaky(Path(sys.argv[2])), port=int(sys.argv[1]), http=protocol, log_config=None, access_log=False, ws="none",
        proxy_headers=False,
    )  # fmt: skip
