"""What an attacker hears who listens to Redis: each command as ``MONITOR`` tells it, and its arguments.

Apart from the attack on pseudonyms (``pseudonyms``), which says when to listen and what to make of it.
"""

import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator

from redis import Redis

_READY_S = 10.0
_MONITORED_MAX = 64 << 20
"""Bytes of commands that are kept: twenty times what the attack makes."""
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(x[0-9a-f]{2}|.)", re.DOTALL)
_BY_LETTER = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


class Listener:
    """Every command that a Redis is sent, as it tells it itself."""

    def __init__(self, path: str) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        self._link.connect(path)
        self._link.sendall(b"MONITOR\r\n")
        self._heard: list[bytes] = []
        self._size = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def stop(self, redis: Redis) -> bytes:
        """Everything up to now."""
        end = secrets.token_hex(8).encode()
        redis.echo(end)
        until_s = time.monotonic() + _READY_S
        while end not in b"".join(self._heard[-2:]) and time.monotonic() < until_s:
            time.sleep(0.001)
        self._link.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._link.close()
        return b"".join(self._heard)

    def _listen(self) -> None:
        while self._size < _MONITORED_MAX and (part := self._link.recv(1 << 16)):
            self._heard.append(part)
            self._size += len(part)


def arguments(heard: bytes) -> Iterator[bytes]:
    """The arguments of commands as ``MONITOR`` writes them: in quotes, what cannot be printed escaped."""
    return (unescaped(quoted) for quoted in _QUOTED.findall(heard))


def unescaped(text: bytes) -> bytes:
    def octet(found: re.Match[bytes]) -> bytes:
        what = found[1]
        return bytes.fromhex(what[1:].decode()) if len(what) > 1 else _BY_LETTER.get(what, what)

    return _ESCAPED.sub(octet, text)
