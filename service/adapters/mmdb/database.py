"""Databases opened and probed before anyone relies on them, and what the two kinds of their records say.

A command, the parent process and every worker open databases; only workers answer look-ups, by ``maxmind``.
"""

import ipaddress
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import maxminddb
from msgspec import Struct

from service.adapters.mmdb.snapshot_file import (
    DatabaseRefusedError,
    Packing,
    Progress,
    copy_to_sealed_memfd,
    packing_of,
)
from service.adapters.mmdb.tree import count_networks

RecordKind = Literal["country_code", "geoip2"]
RawPlace = tuple[str | None, str | None, str | None]
"""Country, subdivision and time zone as a record says them."""


class Database(Struct, frozen=True, eq=False):
    """An open database that was seen to answer. ``witness`` is an address whose country it knows."""

    reader: maxminddb.Reader
    record_kind: RecordKind
    database_type: str
    ip_version: int
    built_at: int
    nodes: int
    record_size: int
    size_bytes: int
    witness: str


class Description(Struct, frozen=True):
    """What ``passerby geo show`` says of a file. ``built_at`` in seconds since 1970; sizes in bytes."""

    database_type: str
    record_kind: RecordKind
    ip_version: int
    built_at: int
    networks: int
    packing: Packing
    file_bytes: int
    unpacked_bytes: int


def open_database(path: str | Path, *, built_at_min: int = 0, progress: Progress | None = None) -> Database:
    """The database in a ``.mmdb``, ``.mmdb.xz``, ``.mmdb.gz`` or ``.tar.gz`` file, recognised by content.

    Raises ``DatabaseRefusedError``: for a file that cannot be read or used, or that was built before ``built_at_min``.
    Blocking: some tens of milliseconds, plus the unpacking.
    """
    descriptor = copy_to_sealed_memfd(path, progress)
    try:
        return read_database(descriptor, built_at_min=built_at_min)
    finally:
        os.close(descriptor)


def read_database(descriptor: int, *, built_at_min: int = 0) -> Database:
    """Open and probe what ``copy_to_sealed_memfd`` gave. The descriptor may be closed afterwards: the mapping stays.

    The probe looks up some thousand addresses and wants every one to decode and at least one to have a country;
    databases of providers, domains or proxies have none. Test databases of a dozen networks pass. It goes through the
    pure Python reader, because on damaged records the C reader may take the process down (it takes any map key for a
    string). 15 ms on a country-code file, some 100 ms on a full City file.
    Raises ``DatabaseRefusedError`` (broken, no_country, older).
    """
    try:
        with careful_reader(descriptor) as careful:
            metadata = careful.metadata()
            if not _is_sane(metadata, os.fstat(descriptor).st_size):
                raise DatabaseRefusedError("broken")  # noqa: TRY301 - the reader closes on the way out
            if metadata.build_epoch < built_at_min:
                raise DatabaseRefusedError("older")  # noqa: TRY301
            kind, witness = _probe(careful, metadata.ip_version)
        # MODE_AUTO takes the C extension, or Python's mmap where none was built.
        reader = maxminddb.open_database(_path_of(descriptor), maxminddb.MODE_AUTO)
        reader.get(witness)
    except DatabaseRefusedError:
        raise
    except Exception:  # noqa: BLE001 - a broken file surfaces as one of a dozen kinds of error
        raise DatabaseRefusedError("broken") from None
    return Database(
        reader=reader,
        record_kind=kind,
        database_type=metadata.database_type,
        ip_version=metadata.ip_version,
        built_at=metadata.build_epoch,
        nodes=metadata.node_count,
        record_size=metadata.record_size,
        size_bytes=os.fstat(descriptor).st_size,
        witness=witness,
    )


def careful_reader(descriptor: int) -> maxminddb.Reader:
    """The pure Python reader of a held database, which raises on damaged records."""
    return maxminddb.open_database(_path_of(descriptor), maxminddb.MODE_MMAP)


def _path_of(descriptor: int) -> str:
    folder = "/proc/self/fd" if Path("/proc/self/fd").is_dir() else "/dev/fd"
    return f"{folder}/{descriptor}"


def describe(path: str | Path, progress: Progress | None = None) -> Description:
    """What a file holds. Walks the whole tree: a third of a second per million nodes, which ``progress`` counts.

    Raises ``DatabaseRefusedError`` as ``open_database`` does.
    """
    descriptor = copy_to_sealed_memfd(path)
    try:
        database = read_database(descriptor)
        networks = count_networks(descriptor, database.nodes, database.record_size, progress)
    finally:
        os.close(descriptor)
    with Path(path).open("rb") as source:
        packing = packing_of(source)
        file_bytes = os.fstat(source.fileno()).st_size
    return Description(
        database_type=database.database_type,
        record_kind=database.record_kind,
        ip_version=database.ip_version,
        built_at=database.built_at,
        networks=networks,
        packing=packing,
        file_bytes=file_bytes,
        unpacked_bytes=database.size_bytes,
    )


def country_code_place(record: Mapping[str, Any]) -> RawPlace:
    """The place in a record of a country-code database: ``{"country_code": "CH"}``."""
    return record.get("country_code"), None, None


def geoip2_place(record: Mapping[str, Any]) -> RawPlace:
    """The place in a geoip2-shaped record (MaxMind's, DB-IP's), not yet normalised.

    The country is where the visit is: ``registered_country`` (where a provider's papers are) and
    ``represented_country`` (whose army base it is) would name the wrong regime with full confidence, so they are no
    fallback. Proxies and satellite providers say where the provider is, not the visit: nothing is known then.
    DB-IP names subdivisions without a code; a name is not turned into one.
    """
    traits = record.get("traits")
    if traits is not None and (traits.get("is_anonymous_proxy") or traits.get("is_satellite_provider")):
        return None, None, None
    country = record.get("country")
    subdivisions = record.get("subdivisions")
    location = record.get("location")
    return (
        country.get("iso_code") if country else None,
        subdivisions[0].get("iso_code") if subdivisions else None,
        location.get("time_zone") if location else None,
    )


def place_in(record: object, kind: RecordKind) -> RawPlace:
    """The place in a record whatever its shape, for those who are not in a hurry; an odd shape says nothing."""
    try:
        if not isinstance(record, dict):
            return None, None, None
        return country_code_place(record) if kind == "country_code" else geoip2_place(record)
    except (AttributeError, TypeError, LookupError):
        return None, None, None


def _is_sane(metadata: Any, size_bytes: int) -> bool:
    return (
        metadata.binary_format_major_version == 2  # noqa: PLR2004 - the only version of the format there is
        and metadata.ip_version in {4, 6}
        and metadata.record_size in {24, 28, 32}
        and 0 < metadata.node_count * metadata.record_size // 4 < size_bytes
        and 0 < metadata.build_epoch < 1 << 33
        and isinstance(metadata.database_type, str)
        and _has_textual_keys(metadata.description)
    )


def _probe(careful: maxminddb.Reader, ip_version: int) -> tuple[RecordKind, str]:
    """The kind of the records and an address with a country. Raises whatever a broken record makes the reader raise."""
    kind: RecordKind | None = None
    witness = ""
    for address, record in _probe_records(careful, ip_version):
        if not _has_textual_keys(record):
            raise DatabaseRefusedError("broken")
        if kind is not None or not isinstance(record, dict):
            continue
        shape: RecordKind = "country_code" if "country_code" in record else "geoip2"
        country = place_in(record, shape)[0]
        if isinstance(country, str) and len(country) == 2 and country.isupper():  # noqa: PLR2004 - alpha-2
            kind, witness = shape, address
    if kind is None:
        raise DatabaseRefusedError("no_country")
    return kind, witness


def _has_textual_keys(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _has_textual_keys(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(_has_textual_keys, value))


def _probe_records(careful: maxminddb.Reader, ip_version: int) -> Iterator[tuple[str, object]]:
    """Look-ups spread evenly over the space, then of each network in order: all of a small database."""
    for number in range(1, 1 << 8, 2):
        address = f"{number}.16.0.1"
        yield address, careful.get(address)
    yield from _walk(careful, 0, 32, 512)
    if ip_version == 6:  # noqa: PLR2004
        for number in range(0x2001, 0x2D00, 32):
            address = f"{number:x}:200::1"
            yield address, careful.get(address)
        yield from _walk(careful, 0x2000 << 112, 128, 384)


def _walk(careful: maxminddb.Reader, start: int, bits: int, networks_max: int) -> Iterator[tuple[str, object]]:
    number = start
    for step in range(networks_max):
        if number >= 1 << bits:
            return
        address = str(ipaddress.IPv4Address(number) if bits == 32 else ipaddress.IPv6Address(number))  # noqa: PLR2004
        record, length = careful.get_with_prefix_len(address)
        yield address, record
        # A database of IPv6 without an IPv4 part answers an IPv4 look-up with a nonsensical length.
        size = 1 << bits - min(max(length, 1), bits)
        number = (number // size + 1) * size
        if step % 8 == 0:
            time.sleep(0)  # lets go of the interpreter: in a worker this runs beside an event loop
