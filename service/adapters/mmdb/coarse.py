"""A database reduced to what the house may know: country, subdivision, time zone. Cities, postcodes, coordinates go.

``passerby geo update --coarse`` makes it. It is an ordinary MaxMind DB in the shape of its original, so ``maxmind``
needs to know nothing of it. It answers a look-up in a fraction of the time a full City file takes (nothing to decode
but codes) and is much smaller: most nodes of a City file's tree tell cities of one subdivision apart, and equal
subtrees are stored once.

The layout follows the MaxMind DB File Format Specification 2.0, written here because mmdb-writer, with which tests make
their databases, takes one network after the other and merges no subtrees: 0.13 ms and 7 kB for each of millions.
"""

import ipaddress
import os
import struct
from array import array
from collections.abc import Callable

import maxminddb
from msgspec import Struct

from service.adapters.mmdb.database import Database, RawPlace, RecordKind, careful_reader, place_in, read_database
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, Progress, private_file, seal
from service.adapters.mmdb.tree import content_of, nodes_of

_separator = bytes(16)
_metadata_marker = b"\xab\xcd\xefMaxMind.com"
_suffix = " (coarse)"
_progress_nodes = 1 << 14
_unvisited, _entered = -1, -2
_uint16, _uint32, _uint64 = 5, 6, 9


def coarsen(descriptor: int, progress: Progress | None = None) -> int:
    """A held descriptor (the caller closes it) of the coarse copy of a held database.

    Walks the whole tree, some microseconds a node; ``progress(done, total)`` counts nodes. Deterministic.
    Raises ``DatabaseRefusedError``: as ``read_database`` does, and ``broken`` for a tree with a cycle or a bad record.
    """
    database = read_database(descriptor)
    try:
        with careful_reader(descriptor) as reader:
            tree = _reduced(content_of(descriptor), reader, database, progress)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, struct.error):
        # What the decoder raises on damaged records; InvalidDatabaseError is a RuntimeError.
        raise DatabaseRefusedError("broken") from None
    target = private_file()
    try:
        with open(target, "wb", closefd=False) as file:
            file.writelines(_encoded(tree, database))
    except BaseException:
        os.close(target)
        raise
    seal(target)
    return target


class _Unsigned(Struct, frozen=True):
    """Readers want the metadata's numbers in exactly the types of the specification."""

    type: int
    number: int


class _Tree(Struct):
    """Distinct nodes, children before parents, the root last; a child is 2 * place or 2 * node + 1."""

    nodes: list[tuple[int, int]]
    places: list[RawPlace]


def _reduced(content: bytes, reader: maxminddb.Reader, database: Database, progress: Progress | None) -> _Tree:
    """The tree with equal subtrees merged: depth first, a node is done when both its children are.

    What a leaf says the reader is asked for by an address that leads there.
    """
    total = database.nodes
    children = nodes_of(content, database.record_size)
    place_at = _place_reader(reader, database)
    address_bits = 32 if database.ip_version == 4 else 128  # noqa: PLR2004
    places: dict[RawPlace, int] = {(None, None, None): 0}
    leaves: dict[int, int] = {total: 0}
    nodes: dict[tuple[int, int], int] = {}
    merged = array("q", [_unvisited]) * total

    path, prefixes, done = [0], [0], 0

    def merged_child(child: int, side: int) -> int:
        if child < total:
            return merged[child]
        if child not in leaves:
            first = (prefixes[-1] << 1 | side) << (address_bits - len(path))
            leaves[child] = 2 * places.setdefault(place_at(first), len(places))
        return leaves[child]

    while path:
        node = path[-1]
        pair = children(node)
        left, right = merged_child(pair[0], 0), merged_child(pair[1], 1)
        if left < 0 or right < 0:
            if _entered in (left, right) or node in pair:
                raise DatabaseRefusedError("broken")  # a cycle
            merged[node] = _entered
            side = 0 if left < 0 else 1
            path.append(pair[side])
            prefixes.append(prefixes[-1] << 1 | side)
            continue
        path.pop()
        prefixes.pop()
        is_one_leaf = left == right and left % 2 == 0 and bool(path)  # the root stays a node
        merged[node] = left if is_one_leaf else 2 * nodes.setdefault((left, right), len(nodes)) + 1
        done += 1
        if progress is not None and done % _progress_nodes == 0:
            progress(done, total)
    if progress is not None:
        progress(total, total)
    return _Tree(list(nodes), list(places))


def _place_reader(reader: maxminddb.Reader, database: Database) -> Callable[[int], RawPlace]:
    kind = ipaddress.IPv4Address if database.ip_version == 4 else ipaddress.IPv6Address  # noqa: PLR2004

    def place_at(number: int) -> RawPlace:
        country, subdivision, time_zone = place_in(reader.get(kind(number)), database.record_kind)
        return _code(country), _code(subdivision), _code(time_zone)

    return place_at


def _code(value: object) -> str | None:
    """Codes are short ASCII; anything else is not worth carrying over."""
    return value if isinstance(value, str) and value.isascii() and 0 < len(value) <= 64 else None  # noqa: PLR2004


def _encoded(tree: _Tree, database: Database) -> list[bytes]:
    records, offsets = bytearray(), []
    for place in tree.places:
        offsets.append(len(records))
        records += _value(_record(place, database.record_kind))
    count = len(tree.nodes)
    record_size = 24 if count + len(_separator) + len(records) < 1 << 24 else 32

    def pointer(child: int) -> int:
        if child % 2:
            return count - 1 - child // 2  # the root comes first
        return count + len(_separator) + offsets[child // 2] if child else count

    width = record_size // 8
    search_tree = bytearray()
    for left, right in reversed(tree.nodes):
        search_tree += pointer(left).to_bytes(width) + pointer(right).to_bytes(width)
    metadata = {
        "binary_format_major_version": _Unsigned(_uint16, 2),
        "binary_format_minor_version": _Unsigned(_uint16, 0),
        "build_epoch": _Unsigned(_uint64, database.built_at),
        "database_type": database.database_type.removesuffix(_suffix)[:64] + _suffix,
        "description": {"en": "countries, subdivisions and time zones only"},
        "ip_version": _Unsigned(_uint16, database.ip_version),
        "languages": [],
        "node_count": _Unsigned(_uint32, count),
        "record_size": _Unsigned(_uint16, record_size),
    }
    return [bytes(search_tree), _separator, bytes(records), _metadata_marker, _value(metadata)]


def _record(place: RawPlace, kind: RecordKind) -> dict[str, object]:
    country, subdivision, time_zone = place
    if kind == "country_code":
        return {"country_code": country} if country else {}
    record: dict[str, object] = {}
    if country:
        record["country"] = {"iso_code": country}
    if subdivision:
        record["subdivisions"] = [{"iso_code": subdivision}]
    if time_zone:
        record["location"] = {"time_zone": time_zone}
    return record


def _value(value: object) -> bytes:
    """A value of the data section: a control byte of type and size, then the content ("Data Section" there)."""
    match value:
        case str():
            content = value.encode()
            return _control(2, len(content)) + content
        case _Unsigned():
            content = value.number.to_bytes(8).lstrip(b"\0")
            return _control(value.type, len(content)) + content
        case dict():
            return _control(7, len(value)) + b"".join(_value(key) + _value(item) for key, item in value.items())
        case list():
            return _control(11, len(value)) + b"".join(map(_value, value))
        case _:  # pragma: no cover - the callers are above
            raise TypeError


def _control(type_: int, size: int) -> bytes:
    """Types above 7 take a second byte, sizes of 29 to 284 another."""
    extended = bytes([type_ - 7]) if type_ > 7 else b""  # noqa: PLR2004
    first = 0 if extended else type_ << 5
    if size < 29:  # noqa: PLR2004
        return bytes([first | size]) + extended
    return bytes([first | 29]) + extended + bytes([size - 29])
