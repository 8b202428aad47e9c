"""What a sink saw since an audit began, kept until the search reads it: in a file without a name, of a bounded size."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Final

from service.audit.search import Piece

recorded_bytes_max = 1 << 30
_PIECE_BYTES: Final = 1 << 16
_OVERLAP_BYTES: Final = 1 << 11  # more than any form of a marker takes: one that a piece cuts is whole in the next


class SinkError(Exception):
    """A sink cannot be read. The message is for people and repeats nothing that a client sent."""


class Recorder:
    """Octets in the order in which they came. May be added to and read by different threads."""

    def __init__(self, *, bytes_max: int = recorded_bytes_max) -> None:
        self._bytes_max = bytes_max
        self._file: IO[bytes] | None = None  # made when there is something to keep
        self._lock = threading.Lock()
        self.octets = 0

    def add(self, octets: bytes) -> None:
        """Raises SinkError when that would be too much to keep."""
        with self._lock:
            if self.octets + len(octets) > self._bytes_max:
                raise SinkError(f"a sink has more than {self._bytes_max >> 20} MiB for one audit: send fewer markers")
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the sink
            self._file.seek(self.octets)
            self._file.write(octets)
            self.octets += len(octets)

    def pieces(self, where: str, begin: int = 0) -> Iterator[Piece]:
        """All that came after the first ``begin`` octets in overlapping pieces, each with the number of its first line.

        Lines are counted from ``begin``.
        """
        line, repeated = 1, 0
        while begin < self.octets:
            octets = self._read(begin, _PIECE_BYTES)
            yield Piece(where, octets, line, repeated)
            ahead = max(len(octets) - _OVERLAP_BYTES, 1) if len(octets) == _PIECE_BYTES else len(octets)
            repeated = len(octets) - ahead
            line += octets.count(b"\n", 0, ahead)
            begin += ahead

    def blank(self, begin: int, texts: Sequence[bytes]) -> None:
        """Put spaces in the place of these texts wherever they came at ``begin`` or after."""
        recorded = self._read(begin, self.octets - begin)
        for text in texts:
            recorded = recorded.replace(text, b" " * len(text))
        with self._lock:
            if self._file is not None:
                self._file.seek(begin)
                self._file.write(recorded)

    def close(self) -> None:
        """Forget all of it. What is added later is kept as in a new one."""
        with self._lock:
            self.octets = 0
            if self._file is not None:
                self._file.close()
                self._file = None

    def _read(self, begin: int, size: int) -> bytes:
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(begin)
            return self._file.read(size)
