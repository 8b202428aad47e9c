"""Copies of database files: unpacked from whatever they came in, and held where nobody can change them any more.

The C reader maps its file into memory, and a mapped file that somebody truncates or overwrites in place (``cp new.mmdb
geo.mmdb`` does just that) kills the process with SIGBUS, where no ``except`` can help. So the reader never sees the
operator's file: it gets a copy in a memfd that is sealed against writing and shrinking, or, where the system has none,
in an unlinked temporary file. A file that is so sealed already (the parent's, see ``following``) is held as it is, so
that all workers share one copy. The price is that the copy, unlike a page of a mapped file, cannot be dropped under
memory pressure; it is paid once per machine, not once per worker.
"""

import contextlib
import fcntl
import gzip
import lzma
import os
import stat
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

from geoip2.errors import GeoIP2Error

Refusal = Literal[
    "missing", "unreadable", "unsettled", "no_room", "empty", "too_large", "broken", "no_country", "older"
]  # fmt: skip
REASONS: dict[str, str] = {
    "missing": "there is no such file",
    "unreadable": "the file cannot be read",
    "unsettled": "the file is being written right now; try again",
    "no_room": "there is no directory for temporary files to unpack it in; set TMPDIR to one that can be written to",
    "empty": "it holds no network",
    "too_large": "it unpacks to more than 1 GiB",
    "broken": "it is no MaxMind DB file, or a damaged one",
    "no_country": "its records hold no country",
    "older": "it is older than the one in place",
}
"""What each means, for the person who gave the file."""
Packing = Literal["mmdb", "xz", "gzip", "tar"]
Progress = Callable[[int, int], None]

database_bytes_max = 1 << 30
"""Twice the largest Enterprise file; whatever unpacks to more is a mistake or a bomb."""

_chunk_bytes = 1 << 20
_seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE if hasattr(fcntl, "F_ADD_SEALS") else 0


class DatabaseRefusedError(GeoIP2Error):
    """A file that cannot be used as a geo database. ``reason`` is a closed value; the message holds nothing else."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"the geo database was refused: {reason}")
        self.reason: Refusal = reason


def copy_to_sealed_memfd(
    path: str | Path, progress: Progress | None = None, *, bytes_max: int = database_bytes_max
) -> int:
    """A descriptor of the unpacked content of ``path`` that nobody can change any more; the caller closes it.

    Raises ``DatabaseRefusedError`` (missing, unreadable, unsettled, no_room, empty, too_large, broken).
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise DatabaseRefusedError("unreadable")  # opening a pipe would wait for ever
        source = Path(path).open("rb")  # noqa: SIM115 - closed by the with below
    except FileNotFoundError:
        raise DatabaseRefusedError("missing") from None
    except OSError:
        raise DatabaseRefusedError("unreadable") from None
    with source:
        try:
            if _is_sealed(source.fileno()):
                return os.dup(source.fileno())
            before = os.fstat(source.fileno())
            target = private_file()
        except FileNotFoundError:  # tempfile's word for no directory that can be written to
            raise DatabaseRefusedError("no_room") from None
        except OSError:  # out of descriptors
            raise DatabaseRefusedError("unreadable") from None
        try:
            with open(target, "w+b", closefd=False) as sink:
                unpack(source, sink, _Counted(source, before.st_size, progress, bytes_max))
            after = os.fstat(source.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                # Somebody is writing it right now: half of the old and half of the new file may look sound.
                raise DatabaseRefusedError("unsettled")  # noqa: TRY301 - one place closes the copy
            seal(target)
        except OSError:
            os.close(target)
            raise DatabaseRefusedError("unreadable") from None
        except BaseException:
            os.close(target)
            raise
        return target


def private_file() -> int:
    """A descriptor of an empty file that has no name, to be filled and then sealed; the caller closes it."""
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):  # a seccomp profile may forbid it
            return os.memfd_create("passerby-geo", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile(prefix="passerby-geo-") as file:
        return os.dup(file.fileno())


def seal(descriptor: int) -> None:
    """Let nobody write to the file or shrink it from now on. An unlinked temporary file needs no seals."""
    if _seals:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _seals)


def packing_of(source: IO[bytes]) -> Packing:
    """How the file is packed, by its first bytes; leaves it at its start."""
    source.seek(0)
    magic = source.read(6)
    source.seek(0)
    if magic == b"\xfd7zXZ\x00":
        return "xz"
    if magic[:2] != b"\x1f\x8b":
        return "mmdb"
    try:
        with gzip.open(source) as inner:
            head = inner.read(512)
    except (EOFError, OSError, zlib.error):
        head = b""
    source.seek(0)
    return "tar" if head[257:262] == b"ustar" else "gzip"


def unpack(source: IO[bytes], sink: IO[bytes], counted: "_Counted") -> None:
    """Write the database in ``source`` to ``sink``; of a tar the largest ``.mmdb`` member.

    No path from the archive is ever used.
    Raises ``DatabaseRefusedError`` (empty, too_large, broken).
    """
    packing = packing_of(source)
    try:
        match packing:
            case "mmdb":
                _copy(source, sink, counted)
            case "xz":
                with lzma.open(source) as inner:
                    _copy(inner, sink, counted)
            case "gzip":
                with gzip.open(source) as inner:
                    _copy(inner, sink, counted)
            case "tar":
                with gzip.open(source) as inner:
                    _copy_largest_member(inner, sink, counted)
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, tarfile.TarError):
        raise DatabaseRefusedError("broken") from None
    sink.flush()
    if sink.tell() == 0:
        raise DatabaseRefusedError("empty")


class _Counted:
    """How far the source is read and how much came out of it, with the limit on the latter."""

    def __init__(self, source: IO[bytes], source_bytes: int, progress: Progress | None, bytes_max: int) -> None:
        self._source = source
        self._source_bytes = source_bytes
        self._progress = progress
        self._unpacked_bytes = 0
        self.bytes_max = bytes_max

    def add(self, unpacked_bytes: int) -> None:
        self._unpacked_bytes += unpacked_bytes
        if self._unpacked_bytes > self.bytes_max:
            raise DatabaseRefusedError("too_large")
        if self._progress is not None:
            self._progress(min(self._source.tell(), self._source_bytes), self._source_bytes)


def _copy(source: IO[bytes] | gzip.GzipFile | lzma.LZMAFile, sink: IO[bytes], counted: _Counted) -> None:
    while chunk := source.read(_chunk_bytes):
        counted.add(len(chunk))
        sink.write(chunk)


def _copy_largest_member(inner: gzip.GzipFile, sink: IO[bytes], counted: _Counted) -> None:
    """MaxMind's archives hold one database, the npm package three of which the largest knows IPv4 and IPv6."""
    largest_bytes = 0
    with tarfile.open(fileobj=inner, mode="r|") as archive:
        for member in archive:
            counted.add(0)
            if inner.tell() > 4 * counted.bytes_max:
                raise DatabaseRefusedError("too_large")
            if not member.isreg() or not member.name.endswith(".mmdb") or member.size <= largest_bytes:
                continue
            content = archive.extractfile(member)
            if content is None:  # pragma: no cover - a regular member has content
                continue
            largest_bytes = member.size
            sink.seek(0)
            sink.truncate()
            _copy(content, sink, counted)


def _is_sealed(descriptor: int) -> bool:
    if not _seals:
        return False
    try:
        return fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _seals == _seals
    except OSError:  # an ordinary file knows no seals
        return False
