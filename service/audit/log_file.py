"""A log as a sink: a file that is followed from where it ends.

It must be written in append mode, as by ``>>`` in a shell. Who opened it once, as ``>`` does, writes at an offset of
its own, which may lie below the end after somebody else wrote there. So what was read is remembered by a digest, and
where it has changed since, the audit fails and says so.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Literal

from service.audit.recorder import Recorder, SinkError
from service.audit.search import Piece

follow_interval_s = 0.2
log_bytes_max = 1 << 30
"""Of what a log may hold before: it is read once at the beginning and again at the end."""
_READ_BYTES: Final = 1 << 20
_LINE_BYTES: Final = 1 << 12

_SIGNS: Final = {
    # Some keep lines as texts in JSON of their own, and so with escaped quotation marks.
    "logs": re.compile(rb'\\*"level\\*": ?\\*"[a-z]+\\*", ?\\*"event\\*": ?\\*"[a-z_]+'),
    "traces": re.compile(rb'"(?:resourceSpans|scopeSpans|traceId)"'),
}
_STARTING: Final = re.compile(rb'"event\\*": ?\\*"starting\\*"[^\n]{0,400}?"port\\*": ?(\d{1,5})\D')
_RELOADED: Final = re.compile(rb'"time\\*": ?([0-9.]+)[^\n]{0,40}"event\\*": ?\\*"configuration_taken')


class LogFile:
    """A log, or traces as OTLP writes them in JSON (of which this service has none).

    Followed while it is open, five times a second: into the next file when it is renamed, from the start when it is
    cut. What is written just before a file is cut may be missed; a file that is renamed is read to its end.

    It is known by the ``port`` that its last start names, or because it said so when the service was told to read its
    configuration anew; ``is_trusted``: because somebody gave their word. ``problem``: why what was read is not all.
    """

    def __init__(
        self,
        path: Path,
        name: Literal["logs", "traces"] = "logs",
        port: int = 0,
        *,
        is_trusted: bool = False,
        bytes_max: int = log_bytes_max,
    ) -> None:
        self._bytes_max = bytes_max
        self.name: str = name
        self.problem = ""
        self._path = path
        self._port = port
        self._is_trusted = is_trusted
        self._signs = _Signs(_SIGNS[name])
        self._digest = hashlib.blake2b()  # of what was read of this file
        self._reloads_before: frozenset[bytes] = frozenset()
        self._recorder = Recorder()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._file: BinaryIO | None = None
        self._failure: SinkError | None = None
        self._thread = threading.Thread(target=self._follow, name=f"follow-{name}", daemon=True)

    def open(self) -> None:
        """From its end as it is now; what is before it is only remembered."""
        try:
            self._file = self._path.open("rb", buffering=0)
            if os.fstat(self._file.fileno()).st_size > self._bytes_max:
                raise SinkError(f"{self.name}: {self._path} has more than {self._bytes_max >> 20} MiB: rotate it first")
            while octets := self._file.read(_READ_BYTES):
                self._remember(octets)
        except OSError:
            raise SinkError(f"{self.name}: there is no file {self._path}, or it may not be read") from None
        self._reloads_before = frozenset(self._signs.reloads)
        self._thread.start()

    def reloads(self) -> int:
        """How often since the start the service said that it took its configuration anew."""
        self._catch_up()
        return len(self._signs.reloads - self._reloads_before)

    def known_by(self) -> str:
        """A healthy service is silent, so what it wrote before counts as well."""
        by = ""
        if self.reloads():
            by = "it said so when the service was told to read its configuration anew"
        elif self._port and self._signs.port == self._port:
            by = f"its last start names port {self._port}"
        elif self._is_trusted and self._signs.is_own:
            by = "your word"
        return f"{by}, {self._recorder.octets} octets written since" if by else ""

    def read(self) -> Iterator[Piece]:
        self._catch_up(check=True)
        return self._recorder.pieces("new line")

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Each is appended on a line of its own; afterwards the file is cut to where it ended.

        Where somebody wrote behind the leaks meanwhile, a blank line of their length stays: to cut the file would cut
        what is behind them. Where the service wrote over them, what it wrote stays, and it is a problem.
        """
        self._catch_up(check=True)
        since, lines = self._recorder.octets, b"".join([leak + b"\n" for leak in leaks])
        try:
            # Not made anew where it is gone: that would be a file that nobody writes.
            with (
                open(self._path, "ab", buffering=0, opener=_open_to_append) as end,
                self._path.open("r+b", buffering=0) as file,
            ):
                begin = _append(end, lines)
                try:
                    self._catch_up()
                    yield from self._recorder.pieces("planted line", since)
                    if os.pread(file.fileno(), len(lines), begin) != lines:
                        self._note_not_appended()
                finally:
                    self._recorder.blank(since, leaks)
                    self._take_away(file, begin, lines)
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
        self._recorder.close()

    def _follow(self) -> None:
        while not self._stopping.wait(follow_interval_s):
            try:
                self._catch_up()
            except SinkError as failure:
                self._failure = failure
                return

    def _catch_up(self, *, check: bool = False) -> None:
        """Read what is new; with ``check`` look also whether what was read before is as it was."""
        if self._failure is not None:
            raise self._failure
        with self._lock:
            if self._file is None:
                raise SinkError(f"{self.name}: not opened")
            try:
                self._drain(self._file)
                named, opened = self._path.stat(), os.fstat(self._file.fileno())
                if (named.st_dev, named.st_ino) != (opened.st_dev, opened.st_ino):
                    following = self._path.open("rb", buffering=0)
                    self._drain(self._file)
                    self._file.close()
                    self._begin(following)
                elif named.st_size < self._file.tell():
                    self._file.seek(0)
                    self._begin(self._file)
                if check and _digest_of(self._file, self._file.tell()).digest() != self._digest.digest():
                    self._note_not_appended()
            except FileNotFoundError:
                """Renamed, and the next one is not there yet."""
            except OSError:
                raise SinkError(f"{self.name}: {self._path} can no longer be read") from None

    def _begin(self, file: BinaryIO) -> None:
        """A file from its start, all of which is new."""
        self._file = file
        self._digest = hashlib.blake2b()
        self._drain(file)

    def _drain(self, file: BinaryIO) -> None:
        while octets := file.read(_READ_BYTES):
            self._remember(octets)
            self._recorder.add(octets)

    def _remember(self, octets: bytes) -> None:
        self._digest.update(octets)
        self._signs.look(octets)

    def _note_not_appended(self) -> None:
        self.problem = f"{self.name}: {self._path} was written below its end: have it opened in append mode (>>)"

    def _take_away(self, file: BinaryIO, begin: int, lines: bytes) -> None:
        """Remove what is left of lines that were planted at ``begin``."""
        with self._lock:
            octets = os.pread(file.fileno(), len(lines), begin)
            ours_begin = _begin_of_ours(octets, lines)
            if ours_begin < len(octets):
                if os.fstat(file.fileno()).st_size > begin + len(lines):
                    os.pwrite(file.fileno(), b" " * (len(octets) - ours_begin - 1) + b"\n", begin + ours_begin)
                else:
                    os.ftruncate(file.fileno(), begin + ours_begin)
            if self._file is not None and os.path.sameopenfile(file.fileno(), self._file.fileno()):
                read = min(self._file.tell(), os.fstat(file.fileno()).st_size)
                self._digest = _digest_of(self._file, read)


class _Signs:
    """What lines say of who wrote them, however they are cut into pieces.

    ``is_own``: there are lines in the form of the service. ``port`` is that of its last start, 0 where none is told,
    ``reloads`` the times when it took its configuration anew.
    """

    def __init__(self, sign: re.Pattern[bytes]) -> None:
        self._sign = sign
        self._before = b""
        self.is_own = False
        self.port = 0
        self.reloads: set[bytes] = set()

    def look(self, octets: bytes) -> None:
        text = self._before + octets
        self.is_own = self.is_own or self._sign.search(text) is not None
        for starting in _STARTING.finditer(text):
            self.port = int(starting[1])
        self.reloads.update(_RELOADED.findall(text))
        self._before = text[-_LINE_BYTES:]


def _digest_of(file: BinaryIO, size: int) -> "hashlib.blake2b":
    """Of the first octets of a file, which is read on behind them."""
    digest = hashlib.blake2b()
    file.seek(0)
    while octets := file.read(min(_READ_BYTES, size - file.tell())):
        digest.update(octets)
    return digest


def _append(file: BinaryIO, octets: bytes) -> int:
    """Where they came."""
    file.write(octets)
    return file.tell() - len(octets)


def _begin_of_ours(octets: bytes, lines: bytes) -> int:
    """From where on there is what was planted; what the service wrote over it goes before, to the end of its line."""
    begin = len(octets)
    while begin and octets[begin - 1] == lines[begin - 1]:
        begin -= 1
    if not 0 < begin < len(octets):
        return begin
    # The end of the service's last line may chance to be as what was planted there.
    return octets.find(b"\n", begin - 1) + 1 or len(octets)


def _open_to_append(path: str, _flags: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND)
