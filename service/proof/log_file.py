"""A log as a sink: a file that is followed, and looked at again where it was read already.

Apart from the other sinks because a file has two ways of being written. Who appends writes at its end. Who opened it
once, as ``>`` in a shell does, writes at an offset of its own, which may lie below the end after somebody else wrote
there; so what was read is remembered by digests, and what has changed since is read again.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Literal

from service.proof.search import Piece
from service.proof.spool import SinkError, Spool

follow_interval_s = 0.2
log_bytes_max = 1 << 30
"""Of what a log may hold before: it is read once at the beginning and again at the end."""
BLOCK_BYTES: Final = 1 << 14
_OVERLAP_BYTES: Final = 1 << 11  # more than any form of a marker takes
_READ_BYTES: Final = 1 << 20
_LINE_BYTES: Final = 1 << 12

_SIGNS: Final = {
    # Some keep lines as texts in JSON of their own, and so with escaped quotation marks.
    "logs": re.compile(rb'\\*"level\\*": ?\\*"[a-z]+\\*", ?\\*"event\\*": ?\\*"[a-z_]+'),
    "traces": re.compile(rb'"(?:resourceSpans|scopeSpans|traceId)"'),
}
_STARTING: Final = re.compile(rb'"event\\*": ?\\*"starting\\*"[^\n]{0,400}?"port\\*": ?(\d{1,5})\D')
_TAKEN: Final = re.compile(rb'"time\\*": ?([0-9.]+)[^\n]{0,40}"event\\*": ?\\*"configuration_taken')


class LogFile:
    """A log, or traces as OTLP writes them in JSON (of which this service has none).

    Followed while it is open, five times a second: into the next file when it is renamed, from the start when it is
    cut. What is written just before a file is cut may be missed; a file that is renamed is read to its end. What is
    written below what was read already is found when the sink is read.

    It is known by the ``port`` that its last start names, or because it said so when the service was told to read its
    configuration anew; ``is_trusted``: because somebody gave their word.
    """

    def __init__(
        self, path: Path, name: Literal["logs", "traces"] = "logs", port: int = 0, *, is_trusted: bool = False
    ) -> None:
        self.name: str = name
        self._path = path
        self._port = port
        self._is_trusted = is_trusted
        self._signs = _Signs(_SIGNS[name])
        self._seen = _Seen()
        self._taken_before: frozenset[bytes] = frozenset()
        self._was_blank = False
        self._spool = Spool()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._file: BinaryIO | None = None
        self._failure: SinkError | None = None
        self._thread = threading.Thread(target=self._follow, name=f"follow-{name}", daemon=True)

    def open(self) -> None:
        """From its end as it is now; what is before it is only remembered."""
        try:
            self._file = self._path.open("rb", buffering=0)
            if os.fstat(self._file.fileno()).st_size > log_bytes_max:
                raise SinkError(f"{self.name}: {self._path} has more than {log_bytes_max >> 20} MiB: rotate it first")
            last = b""
            while octets := self._file.read(_READ_BYTES):
                self._remember(octets)
                last = octets
        except OSError:
            raise SinkError(f"{self.name}: there is no file {self._path}, or it may not be read") from None
        self._was_blank = last.endswith((b"\0", b" ", b"\n\n", b" \n"))
        self._taken_before = frozenset(self._signs.taken)
        self._thread.start()

    def taken(self) -> int:
        """How often since the start the service said that it took its configuration anew."""
        self._take(again=True)
        return len(self._signs.taken - self._taken_before)

    def alive(self) -> str:
        """A healthy service is silent, so what it wrote before counts as well."""
        by = ""
        if self.taken():
            by = "it said so when the service was told to read its configuration anew"
        elif self._port and self._signs.port == self._port:
            by = f"its last start names port {self._port}"
        elif self._is_trusted and self._signs.is_own:
            by = "your word"
        blank = "; it ended in blanks, as an audit or a cut leaves it" if self._was_blank else ""
        return f"{by}, {self._spool.octets} octets written since{blank}" if by else ""

    def read(self) -> Iterator[Piece]:
        self._take(again=True)
        return self._spool.pieces("new line")

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Every second one is appended, each on a line of its own; the others are then written over those.

        That is how the two kinds of writers leave them, and both must be seen. Afterwards the file is cut to where it
        ended. Where somebody wrote behind the leaks meanwhile, a blank line of their length stays: to cut the file
        would cut what is behind them. Where the service wrote over them, what it wrote stays.
        """
        self._take(again=True)
        since = self._spool.octets
        appended, over = _two_ways(leaks)
        try:
            # Not made anew where it is gone: that would be a file that nobody writes.
            with (
                open(self._path, "ab", buffering=0, opener=_open_to_append) as end,
                self._path.open("r+b", buffering=0) as file,
            ):
                stays: list[tuple[int, bytes]] = []
                try:
                    stays.append((_append(end, appended), appended))
                    self._take(again=True)
                    begin = stays[0][0]
                    if os.pread(file.fileno(), len(over), begin) == appended:
                        stays[0] = begin, over
                        os.pwrite(file.fileno(), over, begin)
                    else:
                        stays.append((_append(end, over), over))
                    self._take(again=True)
                    yield from self._spool.pieces("planted line", since)
                finally:
                    self._spool.blank(since, leaks)
                    for begin, lines in reversed(stays):
                        self._tidy(file, begin, lines)
        except OSError:
            raise SinkError(
                f"{self.name}: nothing can be planted in {self._path}, so nothing is proved of it"
            ) from None

    def close(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._file is not None:
            self._file.close()
        self._spool.close()

    def _follow(self) -> None:
        while not self._stopping.wait(follow_interval_s):
            try:
                self._take()
            except SinkError as failure:
                self._failure = failure
                return

    def _take(self, *, again: bool = False) -> None:
        """Read on; with ``again`` also what was read already, as far as it changed."""
        if self._failure is not None:
            raise self._failure
        with self._lock:
            if self._file is None:
                raise SinkError(f"{self.name}: not opened")
            try:
                if again:
                    self._look_again(self._file)
                self._drain(self._file)
                there = self._path.stat()
                here = os.fstat(self._file.fileno())
                if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
                    following = self._path.open("rb", buffering=0)
                    self._drain(self._file)
                    self._file.close()
                    self._begin(following)
                elif there.st_size < self._file.tell():
                    self._file.seek(0)
                    self._begin(self._file)
            except FileNotFoundError:
                """Renamed, and the next one is not there yet."""
            except OSError:
                raise SinkError(f"{self.name}: {self._path} can no longer be read") from None

    def _begin(self, file: BinaryIO) -> None:
        """A file from its start, all of which is new."""
        self._file = file
        self._seen = _Seen()
        self._drain(file)

    def _drain(self, file: BinaryIO) -> None:
        while octets := file.read(_READ_BYTES):
            self._remember(octets)
            self._spool.add(octets)

    def _look_again(self, file: BinaryIO) -> None:
        for octets in self._seen.changed(file):
            self._signs.look(octets)
            self._spool.add(octets)

    def _remember(self, octets: bytes) -> None:
        self._seen.add(octets)
        self._signs.look(octets)

    def _tidy(self, file: BinaryIO, begin: int, lines: bytes) -> None:
        """Take away what is left of lines that were planted at ``begin``."""
        with self._lock:
            there = os.pread(file.fileno(), len(lines), begin)
            ours = _begin_of_ours(there, lines)
            if ours == len(there):
                return
            if os.fstat(file.fileno()).st_size > begin + len(lines):
                os.pwrite(file.fileno(), b" " * (len(there) - ours - 1) + b"\n", begin + ours)
                return
            os.ftruncate(file.fileno(), begin + ours)
            is_followed = self._file is not None and os.path.sameopenfile(file.fileno(), self._file.fileno())
            if self._file is not None and is_followed and self._file.tell() > begin + ours:
                self._file.seek(begin + ours)
                self._seen.cut(self._file, begin + ours)


class _Seen:
    """What a file held where it was read, by a digest of every block, to tell what was written there later."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []
        self._last = b""  # of the block that is not full

    def add(self, octets: bytes) -> None:
        """The next ones of the file."""
        rest = self._last + octets
        whole = len(rest) // BLOCK_BYTES * BLOCK_BYTES
        self._digests += [_digest(rest[at : at + BLOCK_BYTES]) for at in range(0, whole, BLOCK_BYTES)]
        self._last = rest[whole:]

    def changed(self, file: BinaryIO) -> Iterator[bytes]:
        """Each block that is no longer what it was, with a little around it. From now on it is to be as it is."""
        for number, digest in enumerate(self._digests):
            now = _digest(os.pread(file.fileno(), BLOCK_BYTES, number * BLOCK_BYTES))
            if now != digest:
                self._digests[number] = now
                yield _around(file, number * BLOCK_BYTES, BLOCK_BYTES)
        begin = len(self._digests) * BLOCK_BYTES
        now = os.pread(file.fileno(), len(self._last), begin)
        if now != self._last and len(now) == len(self._last):  # a file that was cut begins anew
            self._last = now
            yield _around(file, begin, len(now))

    def cut(self, file: BinaryIO, octets: int) -> None:
        """Forget all but the first ``octets``."""
        del self._digests[octets // BLOCK_BYTES :]
        begin = len(self._digests) * BLOCK_BYTES
        self._last = os.pread(file.fileno(), octets - begin, begin)


class _Signs:
    """What lines say of who wrote them, however they are cut into pieces.

    ``is_own``: there are lines in the form of the service. ``port`` is that of its last start, 0 where none is told,
    ``taken`` the times when it took its configuration anew.
    """

    def __init__(self, sign: re.Pattern[bytes]) -> None:
        self._sign = sign
        self._before = b""
        self.is_own = False
        self.port = 0
        self.taken: set[bytes] = set()

    def look(self, octets: bytes) -> None:
        text = self._before + octets
        self.is_own = self.is_own or self._sign.search(text) is not None
        for found in _STARTING.finditer(text):
            self.port = int(found[1])
        self.taken.update(_TAKEN.findall(text))
        self._before = text[-_LINE_BYTES:]


def _digest(octets: bytes) -> bytes:
    return hashlib.blake2b(octets, digest_size=16).digest()


def _around(file: BinaryIO, begin: int, size: int) -> bytes:
    """So many octets of a file with those around them, so that no form of a marker is cut; as lines of their own."""
    before = min(begin, _OVERLAP_BYTES)
    return b"\n" + os.pread(file.fileno(), before + size + _OVERLAP_BYTES, begin - before) + b"\n"


def _two_ways(leaks: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Every second leak in lines, and the others, as many octets of both."""
    first, second = (b"".join([leak + b"\n" for leak in leaks[begin::2]]) for begin in (0, 1))
    size = max(len(first), len(second))
    return first[:-1].ljust(size - 1) + b"\n", second[:-1].ljust(size - 1) + b"\n"


def _append(file: BinaryIO, octets: bytes) -> int:
    """Where they came."""
    file.write(octets)
    return file.tell() - len(octets)


def _begin_of_ours(there: bytes, lines: bytes) -> int:
    """From where on there is what was planted; what the service wrote over it goes before, to the end of its line."""
    ours = len(there)
    while ours and there[ours - 1] == lines[ours - 1]:
        ours -= 1
    if not 0 < ours < len(there):
        return ours
    # The end of the service's last line may chance to be as what was planted there.
    return there.find(b"\n", ours - 1) + 1 or len(there)


def _open_to_append(path: str, _flags: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND)
