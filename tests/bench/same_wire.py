"""Does a change leave the wire as it was? Twenty thousand requests, to an old tree and to this one, octet by octet.

    .venv/bin/python tests/bench/same_wire.py OLD_TREE

Visits of all kinds (GET, POST, headers alone, flags, batches, lines, reports, pages) and refusals of all kinds go to a
server of each tree over kept connections. Compared are status, headers in their order and body; not the date, the
letters of entity tags, nor what is drawn anew by each process. Exit status 1 where anything differs.
"""

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import visits

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = 20_000
SHOWN_MAX = 10
_SECRET = "the same secret for both trees"  # noqa: S105  # it guards nothing
# What depends on the moment or the process: the date; ages and times in /readyz; an entity tag over a token's interval.
# Whether a body that came with its head is asked for makes no difference (RFC 9110 section 10.1.1).
_DRAWN = re.compile(
    rb'(?m)\AHTTP/1.1 100 Continue\r\n\r\n|^date: .*\r\n|(?<=^etag: )"[0-9a-f]{32}"|"snapshot_age_s":\d+|"since":"[^"]*"|"age_days":\d+|"intervals_released":\d+'
)
_BROKEN = [
    b"{", b"[]", b'{"email":"x"}', b'{"signals":{"email":"x"}}', b'{"signals":{"device":{"id":"anna@example.com"}}}', b"",
    b'{"site":"none"}', b'{"signals":{"geo":{"country":"XX"}}}', b'{"signals":{"ip":"here"}}', b"\xff", b"{}" + b" " * 9000,
    b'{"a":1,"a":1}', b'{"context":{"email":"a@b.ch"}}', b'{"context":{"targetingKey":"x"}}', b'{"requests":[{},{"x":1}]}',
    b'{"events":[{"type":"view","topic":"shoes"},{"type":"none"}]}', b'{"events":[]}', b"{}\n{\n{}\n",
]  # fmt: skip
_TARGETS = [
    "/v1/recommendation", "/v1/recommendation?site=demo", "/v1/recommendation?format=headers", "/v1/recommendation?site=x",
    "/v1/recommendation?email=x", "/v1/%72ecommendation", "/v1/recommendation/", "/v1/cohorts/CH/de/smartphone",
    "/v1/cohorts/CH/de/phone", "/v1/cohorts/ch/xx/tv?site=demo", "/v1/cohorts/CH/de/smart%70hone", "/v1/privacy",
    "/v1/privacy?site=none", "/.well-known/gpc.json", "/livez", "/openapi.json", "/", "/?language=de", "/?site=<b>",
    "/problems", "/problems/not-found", "/problems/none", "/nowhere", "/v1/sites/demo/cohorts", "/v1/opt-out", "/opt-out",
    "/v1/sites/demo/slots/front?window=1h&format=csv", "/v1/sites/demo/experiments/none", "/ofrep/v1/evaluate/flags",
]  # fmt: skip
_POSTED = [
    "/v1/recommendation", "/v1/recommendations", "/v1/events", "/v1/events?ack=stored", "/v1/opt-out", "/opt-out", "/opt-in",
    "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/hero", "/ofrep/v1/evaluate/flags/a/b",
    "/sites/demo/ofrep/v1/evaluate/flags/h%65ro", "/sites/none/ofrep/v1/evaluate/flags", "/v1/recommendation?x=1", "/livez",
]  # fmt: skip
_FIELDS = [
    "content-type: application/json", "content-type: application/x-ndjson", "content-type: text/plain",
    "content-type: application/json; charset=latin-1", "content-encoding: gzip", "origin: https://shop.example",
    "origin: https://evil.example", "if-none-match: *", 'if-none-match: "x"', "sec-gpc: 1", "accept: text/csv",
    "cookie: pb_optout=1", "cookie: pb_device=anna@example.com", "cookie: pb_variants=???", "authorization: Bearer x",
    "access-control-request-method: POST", "sec-fetch-site: cross-site", "sec-fetch-mode: cors", "x-forwarded-proto: http",
    "accept-language: " + "x" * 1100, "user-agent: " + "y" * 1100, "sec-ch-ua: " + "z" * 300, "expect: 100-continue",
]  # fmt: skip


def requests() -> Iterator[bytes]:
    """The same for both trees, in the same order."""
    draw = random.Random(20_261_130)
    mixes = visits.visits("zipf"), visits.visits("fresh")
    for number in range(REQUESTS):
        visit = mixes[number % 2][number // 2 % visits.VISITS]
        fields = {name: value.replace(visits.MARK, f"{number:08}") for name, value in visits.headers(visit).items()}
        kind = draw.random()
        if kind < 0.3:
            yield visits.get(draw.choice(_TARGETS[:3]), fields)
        elif kind < 0.4:
            body = {"signals": visits.item(visit)["signals"], "site": "demo"}
            yield visits.post("/v1/recommendation", json.dumps(body).replace(visits.MARK, f"{number:08}").encode())
        elif kind < 0.5:
            yield visits.post("/ofrep/v1/evaluate/flags", visits.context(visit).replace(b"@@@@@@@@", b"%08d" % number))
        else:
            yield _odd(draw, fields)


def _odd(draw: random.Random, fields: dict[str, str]) -> bytes:
    """Any method on any address with any body and a few odd headers."""
    method = draw.choice(["GET", "GET", "HEAD", "POST", "POST", "POST", "POST", "OPTIONS", "DELETE", "PUT"])
    target = draw.choice(_POSTED if method == "POST" else _TARGETS)
    lines = [f"{name}: {value}" for name, value in fields.items() if draw.random() < 0.5]
    lines += draw.sample(_FIELDS, draw.randrange(4))
    body = draw.choice(_BROKEN) if method == "POST" else b""
    if body:
        lines.append(f"content-length: {len(body)}")
        if draw.random() < 0.7:
            lines = ["content-type: application/json", *(line for line in lines if "content-type" not in line)]
    head = "\r\n".join([f"{method} {target} HTTP/1.1", "host: 127.0.0.1", *lines, "", ""])
    return head.encode("latin-1", "replace") + body


@contextlib.contextmanager
def serving(tree: Path) -> Iterator[int]:
    """A server of the tree, by its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
    environment |= {"PASSERBY_PORT": str(port), "PASSERBY_ADMIN_PORT": "0", "PASSERBY_SECRET": _SECRET}
    command = [sys.executable, "-m", "service", "serve"]
    process = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(15)


class Client:
    """One connection at a time to one server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), 20)
        self._read = self._socket.makefile("rb")

    def ask(self, octets: bytes) -> bytes:
        """Head and body of the answer; an interim one (100) is in front of it."""
        try:
            self._socket.sendall(octets)
            answer = self._answer(octets.startswith(b"HEAD"))
        except OSError:
            answer = b"reset"
        if not answer or answer == b"reset" or b"\r\nconnection: close\r\n" in answer.lower():
            self._connect()
        return answer

    def _answer(self, is_head: bool) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._read.readline()
            if not line:
                return head
            head += line
        status, fields = int(head[9:12]), head.lower()
        if status == 100:
            return head + self._answer(is_head)
        if is_head or status in (204, 304):
            return head
        if b"transfer-encoding: chunked" in fields:
            body = b""
            while size := int(self._read.readline(), 16):
                body += self._read.read(size)
                self._read.readline()
            self._read.readline()
            return head + body
        length = re.search(rb"content-length: (\d+)", fields)
        return head + self._read.read(int(length[1]) if length else 0)


def main(old_tree: str) -> int:
    statuses: Counter[str] = Counter()
    different = 0
    with serving(Path(old_tree)) as old_port, serving(ROOT) as new_port:
        old, new = Client(old_port), Client(new_port)
        for octets in requests():
            answers = [_DRAWN.sub(b"", client.ask(octets)) for client in (old, new)]
            statuses[answers[0][9:12].decode()] += 1
            if answers[0] != answers[1]:
                different += 1
                if different <= SHOWN_MAX:
                    print(f"asked: {octets[:400]!r}\n  old: {answers[0][:700]!r}\n  new: {answers[1][:700]!r}")
    print(f"{sum(statuses.values())} requests, {different} answered otherwise; {dict(statuses.most_common())}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
