"""Fetching and installing databases for ``passerby geo update``: from the ip-location-db npm package, or from a file.

Only the command line writes databases; the service reads them. The npm client does the download, so that proxies,
mirrors and integrity checks are the ones its owner configured; without npm a file that was downloaded by other means is
installed by its path. A running service notices the new file by itself.
"""

import contextlib
import hashlib
import json
import lzma
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from msgspec import Struct, structs

from service.adapters.atomic_file import atomic_write
from service.adapters.mmdb.coarse import coarsen
from service.adapters.mmdb.database import Database, open_database, read_database
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, Progress, copy_to_sealed_memfd

UpdateFailure = Literal["npm_missing", "npm_failed", "destination", "no_room"]

npm_package = "@ip-location-db/geo-whois-asn-country-mmdb"
npm_timeout_s = 300
_mode = 0o644  # the service's user may read it, as a database with no secrets

_coarse_changes = "countries, subdivisions and time zones kept, other fields dropped, equal subtrees merged"
_comment = "# Where the geo database beside this file comes from. Written by `passerby geo update`."
_chunk_bytes = 1 << 20
_text_bytes_max = 4096


class UpdateFailedError(Exception):
    """The update did not happen and the old file is still there. ``reason`` is a closed value."""

    def __init__(self, reason: UpdateFailure) -> None:
        super().__init__(f"the geo database was not updated: {reason}")
        self.reason: UpdateFailure = reason


class Installed(Struct, frozen=True):
    """What was installed, as also written beside the database. ``built_at`` in seconds since 1970, size in bytes."""

    source: str
    version: str
    licence: str
    changes: str
    database_type: str
    built_at: int
    file_bytes: int
    sha256: str


class _Origin(Struct, frozen=True):
    file: Path
    source: str
    version: str
    licence: str
    changes: str = "none"


def update(
    destination: str | Path,
    source: str | Path | None = None,
    *,
    coarse: bool = True,
    allow_older: bool = False,
    progress: Progress | None = None,
) -> Installed:
    """Install the newest npm package, or the database in ``source``, at ``destination``; all or nothing.

    ``source`` may be a ``.mmdb``, one under xz or gzip, or a provider's ``.tar.gz``. The destination's suffix says how
    to pack: ``.xz``, ``.gz`` or plain. ``coarse`` keeps only countries, subdivisions and time zones, all the house ever
    reads (see ``mmdb.coarse``; some hundred MB of memory for a City file). A database older than the one it would
    replace is refused unless ``allow_older``: a running service would not take it either.
    ``progress(done, total)`` counts nodes of the tree while it is coarsened, then bytes while they are packed.
    Raises ``UpdateFailedError``, and ``DatabaseRefusedError`` for a database that cannot be used.
    """
    target = Path(destination)
    built_at_min = 0
    if not allow_older:
        with suppress(DatabaseRefusedError):
            built_at_min = open_database(target).built_at
    with _origin(source) as origin:
        descriptor = copy_to_sealed_memfd(origin.file)
    try:
        database = read_database(descriptor, built_at_min=built_at_min)
        if coarse:
            origin = structs.replace(origin, changes=_coarse_changes)
            fine, descriptor = descriptor, coarsen(descriptor, progress)
            os.close(fine)
            database = read_database(descriptor)
        return _install(descriptor, database, origin, target, progress)
    finally:
        os.close(descriptor)


def _install(source: int, database: Database, origin: _Origin, target: Path, progress: Progress | None) -> Installed:
    digest = hashlib.sha256()
    try:
        with atomic_write(target, _mode) as file:
            _pack(source, file, target.suffix, database.size_bytes, progress)
            file.flush()
            file.seek(0)
            while chunk := file.read(_chunk_bytes):
                digest.update(chunk)
            file_bytes = file.tell()
        installed = Installed(
            source=origin.source,
            version=origin.version,
            licence=origin.licence,
            changes=origin.changes,
            database_type=database.database_type,
            built_at=database.built_at,
            file_bytes=file_bytes,
            sha256=digest.hexdigest(),
        )
        with atomic_write(provenance_path(target), _mode) as file:
            file.write(_provenance(installed).encode())
    except OSError:
        raise UpdateFailedError("destination") from None
    return installed


def provenance_path(database: str | Path) -> Path:
    """Where source, version, licence and date of a database are written: ``x.mmdb.xz`` -> ``x.toml``."""
    path = Path(database)
    return path.with_name(path.name.partition(".mmdb")[0] + ".toml")


def _provenance(installed: Installed) -> str:
    built = datetime.fromtimestamp(installed.built_at, UTC).date().isoformat()
    rows = {
        "source": installed.source,
        "version": installed.version,
        "licence": installed.licence,
        "changes": installed.changes,
        "database_type": installed.database_type,
        "built": built,
        "sha256": installed.sha256,
    }
    # A JSON string in ASCII is a TOML basic string.
    lines = (f"{name} = {json.dumps(value)}" for name, value in rows.items())
    return "\n".join((_comment, *lines)) + "\n"


@contextmanager
def _origin(source: str | Path | None) -> Iterator[_Origin]:
    if source is not None:
        path = Path(source)
        yield _Origin(path, f"file {path.name!a}", "", "as its provider grants it")
        return
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="passerby-geo-"))
        except OSError:
            raise UpdateFailedError("no_room") from None
        yield _fetch(Path(folder))


def _fetch(folder: Path) -> _Origin:
    npm = shutil.which("npm")
    if npm is None:
        raise UpdateFailedError("npm_missing")
    command = [npm, "pack", npm_package, "--ignore-scripts", "--silent"]
    try:
        # The arguments are constants; the client found on PATH is the one its owner uses.
        subprocess.run(command, cwd=folder, check=True, timeout=npm_timeout_s, capture_output=True)  # noqa: S603
        [archive] = folder.glob("*.tgz")
        texts = _package_texts(archive)
        package = json.loads(texts["package.json"])
        version, licence_field = str(package["version"]), str(package.get("license", "none"))
    except (OSError, subprocess.SubprocessError, tarfile.TarError, EOFError, zlib.error, ValueError, KeyError):
        raise UpdateFailedError("npm_failed") from None
    stated = " ".join(" ".join(text.split()) for name, text in texts.items() if "LICENSE" in name)
    licence = f"{stated or 'no licence file'} (package.json says: {licence_field})"
    return _Origin(archive, f"npm package {npm_package}", version, licence)


def _package_texts(archive: Path) -> dict[str, str]:
    """package.json and the licence files of an npm archive, by bare name; bounded, nothing is written to disk."""
    texts = {}
    with tarfile.open(archive, mode="r:gz") as members:
        for member in members:
            name = member.name.rpartition("/")[2]
            content = members.extractfile(member) if name == "package.json" or "LICENSE" in name else None
            if content is not None:
                texts[name] = content.read(_text_bytes_max).decode(errors="replace")
    return texts


class _Compressor(Protocol):
    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def _pack(descriptor: int, file: IO[bytes], suffix: str, size_bytes: int, progress: Progress | None) -> None:
    compressor: _Compressor
    match suffix:
        case ".xz":
            compressor = lzma.LZMACompressor(preset=6)  # 9 saves nothing here and takes 64 MiB to unpack
        case ".gz":
            compressor = zlib.compressobj(9, wbits=31)
        case _:
            compressor = _Plain()
    for offset in range(0, size_bytes, _chunk_bytes):
        chunk = os.pread(descriptor, _chunk_bytes, offset)
        file.write(compressor.compress(chunk))
        if progress is not None:
            progress(offset + len(chunk), size_bytes)
    file.write(compressor.flush())
