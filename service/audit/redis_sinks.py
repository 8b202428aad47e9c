"""All that Redis holds, and all that it is told: the two sinks of the store.

``RedisDump`` reads every key of every database by its type, and the places beside keys where text stays: the slow log,
the names of clients, refused commands. ``RedisMonitor`` listens to each command from the start to the end, so that
what was written and has expired, or was only asked for, is seen as well.
"""

import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final

from redis.exceptions import RedisError

from service.adapters.redis_store.keys import KEY_PATTERN
from service.audit.recorder import Recorder, SinkError
from service.audit.redis_link import Link, RefusedError, Word, flat, masters, read_url, scanned
from service.audit.search import Piece

settle_timeout_s = 10.0
_PLANTED_LIFE_S: Final = 120  # a leak that is not taken away, because the audit was killed, goes by itself
_ELEMENTS: Final = 1000
_BESIDE_KEYS: Final[tuple[tuple[Word, ...], ...]] = (
    ("SLOWLOG", "GET", 10_000), ("CLIENT", "LIST"), ("ACL", "LOG", 1000), ("PUBSUB", "CHANNELS"), ("INFO", "all"),
    ("FUNCTION", "LIST", "WITHCODE"),
)  # fmt: skip


class RedisDump:
    """A full dump: of each database, of each server of a Cluster. It reads with SCAN and blocks nobody for long.

    It is known by what was counted of ``site`` meanwhile; of any site where none is given.
    """

    name = "redis"

    def __init__(self, url: str, site: str = "") -> None:
        self._url = read_url(url)
        self._site_prefix = f"pb:{{{site}:".encode() if site else b""
        self._links: list[Link] = []
        self._batches = 0
        self.unread: list[str] = []
        """What beside keys this user may not read, or this version does not know."""

    def open(self) -> None:
        """Connect, and count the batches that the service has handed in so far."""
        self._links = [Link(self._url, address, self._url.db) for address in masters(self._url)]
        self._batches = self._count_batches()
        self.unread = [_name(words) for words in _BESIDE_KEYS if self._links[0].try_asking(*words) is None]

    def known_by(self) -> str:
        new = self._count_batches() - self._batches
        version = next(iter(re.findall(rb"redis_version:([0-9.]+)", self._links[0].try_asking("INFO") or b"")), b"")
        words = f"{new} batches of the site since the start, Redis {version.decode() or 'of a version not told'}"
        return words + (f"; not readable: {', '.join(self.unread)}" if self.unread else "") if new > 0 else ""

    def read(self) -> Iterator[Piece]:
        for link in self._links:
            try:
                yield from self._every_database(link)
            except RefusedError:
                raise SinkError("redis: the user of this URL may not read every key, so nothing is proved") from None
            for words in _BESIDE_KEYS:
                yield Piece(_name(words), b"\n".join(flat(link.try_asking(*words))))

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """In turn in each place that a leak could take: the value or the name of a key, a field, an element, a name."""
        with ExitStack() as stack:
            for link in self._links:
                tag = self._own_tag(link)
                for number, leak in enumerate(leaks):
                    key, command = _planting(number, b"pb:{%s}:planted:%d" % (tag, number), leak)
                    stack.callback(link.try_asking, "DEL", key)
                    self._plant(link, [command, ("EXPIRE", key, _PLANTED_LIFE_S)])
                named = next((leak for leak in leaks if re.fullmatch(rb"[!-~]+", leak)), None)
                if named is not None:
                    other = stack.enter_context(Link(self._url, link.address, self._url.db))
                    other.try_asking("CLIENT", "SETNAME", named)
            yield from self.read()

    def close(self) -> None:
        for link in self._links:
            link.close()

    def _plant(self, link: Link, commands: list[tuple[Word, ...]]) -> None:
        try:
            link.ask_all(commands)
        except RefusedError:
            raise SinkError("redis: the user of this URL may plant nothing, so nothing is proved of it") from None

    def _own_tag(self, link: Link) -> bytes:
        """A hash tag whose slot this server has; any but in a Cluster."""
        for _ in range(1000):
            tag = secrets.token_hex(8).encode()
            if link.try_asking("EXISTS", b"pb:{%s}" % tag) is not None:
                return tag
        raise SinkError("redis: a server of the Cluster takes no key, so nothing is proved of it")

    def _count_batches(self) -> int:
        count = 0
        for link in self._links:
            for keys in scanned(link, "SCAN"):
                batches = [key for key in keys if _kind_of(key) == "batches" and key.startswith(self._site_prefix)]
                count += sum(link.ask_all([("HLEN", key) for key in batches])) if batches else 0
        return count

    def _every_database(self, link: Link) -> Iterator[Piece]:
        listed = re.findall(rb"^db(\d+):", link.try_asking("INFO", "keyspace") or b"", re.MULTILINE)
        databases = dict.fromkeys([self._url.db, *map(int, listed)])
        for db in databases:
            if len(databases) > 1:
                link.ask("SELECT", db)
            for keys in scanned(link, "SCAN"):
                types = link.ask_all([("TYPE", key) for key in keys]) if keys else []
                for key, kind in zip(keys, types, strict=True):
                    yield from _key_pieces(link, key, kind.decode())
        if len(databases) > 1:
            link.ask("SELECT", self._url.db)


def _name(words: tuple[Word, ...]) -> str:
    return " ".join(map(str, words[:2]))


def _kind_of(key: bytes) -> str:
    """The kind of one of the service's keys, as ``counts``; empty for any other key."""
    text = key.decode("latin-1")
    return text.partition("}:")[2].partition(":")[0] if KEY_PATTERN.fullmatch(text) else ""


def _key_pieces(link: Link, key: bytes, kind: str) -> Iterator[Piece]:
    where = f"{_kind_of(key) or 'a key of another kind'} ({kind})"
    yield Piece(where, key)
    for values in _values(link, key, kind):
        yield Piece(where, b"\n".join(values))


def _values(link: Link, key: bytes, kind: str) -> Iterator[list[bytes]]:
    match kind:
        case "string":
            yield list(flat(link.ask("GET", key)))
        case "hash":
            yield from scanned(link, "HSCAN", key)
        case "set":
            yield from scanned(link, "SSCAN", key)
        case "zset":
            yield from scanned(link, "ZSCAN", key)
        case "list":
            for begin in range(0, link.ask("LLEN", key), _ELEMENTS):
                yield link.ask("LRANGE", key, begin, begin + _ELEMENTS - 1)
        case "stream":
            yield list(flat(link.ask("XINFO", "STREAM", key, "FULL", "COUNT", 0)))
        case "none":  # it expired a moment ago
            return
        case _:  # of a module
            yield list(flat(link.ask("DUMP", key)))


def _planting(number: int, key: bytes, leak: bytes) -> tuple[bytes, tuple[Word, ...]]:
    """The key, and what puts a leak into one of eight places at it."""
    places: tuple[tuple[str, bytes, *tuple[Word, ...]], ...] = (
        ("SET", key, leak), ("SET", key + b":" + leak, 1), ("HSET", key, "field", leak), ("HSET", key, leak, 1),
        ("RPUSH", key, leak), ("SADD", key, leak), ("ZADD", key, 1, leak), ("XADD", key, "*", "field", leak),
    )  # fmt: skip
    command = places[number % len(places)]
    return command[1], command


class RedisMonitor:
    """Every command that Redis is told, with its arguments, from ``open`` on. It slows Redis down while it listens."""

    name = "redis monitor"

    def __init__(self, url: str) -> None:
        self._url = read_url(url)
        self._recorder, self._controls = Recorder(), Recorder()
        self._control = secrets.token_hex(8).encode()
        self._asking: list[Link] = []
        self._listeners: list[_Listener] = []

    def open(self) -> None:
        for address in masters(self._url):
            self._asking.append(Link(self._url, address, self._url.db))
            self._listeners.append(_Listener(Link(self._url, address, self._url.db), self._hear))

    def known_by(self) -> str:
        self._settle()
        mentions = sum(piece.octets.count(b'"pb:{') for piece in self._recorder.pieces("command"))
        return f"{mentions} mentions of the service's keys in what Redis was told" if mentions else ""

    def read(self) -> Iterator[Piece]:
        self._settle()
        return self._recorder.pieces("command")

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Each as an argument of a command on another connection. What was planted never shows in ``read``."""
        self._controls.close()
        for link in self._asking:
            for leak in leaks:
                if link.try_asking("ECHO", self._control + b" " + leak) is None:
                    raise SinkError("redis monitor: the user of this URL may not ECHO, so nothing is proved of it")
        self._settle()
        yield from self._controls.pieces("command")

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for link in self._asking:
            link.close()
        self._recorder.close()
        self._controls.close()

    def _hear(self, line: bytes) -> None:
        (self._controls if self._control in line else self._recorder).add(line + b"\n")

    def _settle(self) -> None:
        """Wait until each listener has heard what is said now, and so all that was said before."""
        for link, listener in zip(self._asking, self._listeners, strict=True):
            word = secrets.token_hex(8).encode()
            listener.await_word(word, lambda link=link, word=word: link.try_asking("ECHO", self._control + b" " + word))


class _Listener:
    """One server's MONITOR in a thread of its own."""

    def __init__(self, link: Link, hear: Any) -> None:
        self._link = link
        self._hear = hear
        self._word = b""
        self._word_seen = threading.Event()
        self._stopping = threading.Event()
        self._failure: str | None = None
        try:
            link.ask("MONITOR")
        except RefusedError:
            raise SinkError("redis monitor: the user of this URL may not MONITOR, so nothing is proved") from None
        self._thread = threading.Thread(target=self._listen, name="redis-monitor", daemon=True)
        self._thread.start()

    def await_word(self, word: bytes, say: Any) -> None:
        """Have something said that holds the word, and wait until it is heard."""
        self._word_seen.clear()
        self._word = word
        say()
        until_s = time.monotonic() + settle_timeout_s
        while not self._word_seen.wait(0.05):
            if self._failure is not None or time.monotonic() > until_s:
                raise SinkError(self._failure or "redis monitor: it does not keep up, so something may be missed")

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._link.close()

    def _listen(self) -> None:
        connection = self._link.connection
        try:
            while not self._stopping.is_set():
                if connection.can_read(0.1):
                    line = connection.read_response(disable_decoding=True)
                    self._hear(line)
                    if self._word and self._word in line:
                        self._word = b""
                        self._word_seen.set()
        except SinkError as failure:
            self._failure = str(failure)
        except (RedisError, OSError):
            self._failure = "redis monitor: the connection was lost, so something may be missed"
