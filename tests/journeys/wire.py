"""A server of a house in this process, and one connection to it: what takes thousands of requests needs little else."""

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from threading import Thread
from time import sleep
from typing import Any, NamedTuple

import uvicorn

from service.app import Application, Container
from service.web.wire.answering import Limits
from service.web.wire.connection import connections


class Reply(NamedTuple):
    """One answer; of headers of the same name the last."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """One connection that stays open, and the answers to what is sent on it, several at a time."""

    def __init__(self, port: int) -> None:
        self._link = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._held = b""

    def close(self) -> None:
        self._link.close()

    def ask(self, *requests: bytes) -> list[Reply]:
        self._link.sendall(b"".join(requests))
        return [self._read() for _ in requests]

    def _read(self) -> Reply:
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        if headers.get("transfer-encoding") == "chunked":
            return Reply(int(status[9:12]), headers, self._chunks())
        length = int(headers.get("content-length", "0"))
        return Reply(int(status[9:12]), headers, self._take(length))

    def _chunks(self) -> bytes:
        parts = []
        while True:
            while b"\r\n" not in self._held:
                self._more()
            size, _, self._held = self._held.partition(b"\r\n")
            parts.append(self._take(int(size, 16)))
            self._take(2)
            if not parts[-1]:
                return b"".join(parts)

    def _take(self, length: int) -> bytes:
        while len(self._held) < length:
            self._more()
        taken, self._held = self._held[:length], self._held[length:]
        return taken

    def _more(self) -> None:
        read = self._link.recv(1 << 18)
        assert read, "the server closed the connection"
        self._held += read


def request(method: str, path: str, headers: Mapping[str, str], body: Any = None) -> bytes:
    """The bytes of a request; a body that is no text is sent as JSON."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is None:
        return "\r\n".join([*lines, "", ""]).encode()
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "application/x-ndjson" if isinstance(body, str) else "application/json"
    return "\r\n".join([*lines, f"content-type: {kind}", f"content-length: {len(content)}", "", ""]).encode() + content


@contextlib.contextmanager
def serving(house: Container) -> Iterator[Wire]:
    """A connection to a server of the house, fast paths and limits included."""
    limits = house.configuration.settings
    application = Application(house)
    protocol = connections(
        application.dispatcher,
        Limits(limits.header_block_max_bytes, limits.header_fields_max, limits.header_read_timeout_s),
    )
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            port=0,
            http=protocol,
            log_config=None,
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=600,  # the one connection stays, however long a busy machine pauses between requests
        )
    )
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            sleep(0.01)
        with contextlib.closing(Wire(server.servers[0].sockets[0].getsockname()[1])) as wire:
            yield wire
    finally:
        server.should_exit = True
        thread.join()
