"""Addresses: reading them as proxies write them, whether one can be a visitor's, and sets of networks.

Which text is to be believed is decided in client_ip.py, the only caller. Addresses are *packed*: the 4 or 16 octets in
network order, an IPv4-mapped IPv6 address as the IPv4 that it is.

    address = public_address("2A02:120B:0:0::17")    # "2a02:120b::17"; None for a private one or no address

On the hot path: reading costs about 0.4 us, asking whether an address is public or in a set of networks 0.2 us.
"""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Final

from service.web.visit.network_mistakes import network_mistake

HOPS_MAX: Final = 32  # the nearest, of however many
# As numbers, octets are looked for five times as fast.
COLON: Final = ord(":")
COMMA: Final = ord(",")
FORWARDED_BYTES_MAX: Final = 2048  # more than 32 hops with all their parameters take


def public_address(text: str) -> str | None:
    """The canonical text of a plain, public IPv4 or IPv6 address, else None.

    Shortened and octal-looking IPv4 (``127.1``, ``010.0.0.1``), ports, brackets and names are not plain.
    """
    return public_text(_read_plain(text))


def plainly_public(text: str) -> str | None:
    """The canonical text of a plain address in a part of the space that is public altogether; of any other None.

    It is what a proxy writes of nearly every visitor. A plain IPv4 address has one text, which need not be made again.
    """
    try:
        if ":" not in text:
            return text if _WHOLLY_PUBLIC4[inet_pton(AF_INET, text)[0]] else None
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return None
    return inet_ntop(AF_INET6, packed) if _WHOLLY_PUBLIC6[packed[0]] and "%" not in text else None


_ZONE: Final = re.compile(r"[A-Za-z0-9._~-]{1,16}")
_PORT: Final = re.compile(r"[0-9]{1,5}")
# RFC 7239 section 4: pairs of a token, "=", and a token or quoted string (RFC 9110 section 5.6.4), ended by ";", by the
# comma of the next element or by the end; of separators with nothing between them all at once. Optional white space is
# tolerated around the separators, not around "=". The possessive quantifiers keep a line of nothing but white space,
# separators or escapes from being read twice.
_FORWARDED_PAIR: Final = re.compile(
    rb"[ \t]*+(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)"
    rb'|"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*+)"))?'
    rb"[ \t]*+([;,](?:[ \t]*+[;,])*+|\Z)"
)
_QUOTED_PAIR: Final = re.compile(rb"\\(.)")
# RFC 7239 section 6: a port may be obfuscated like a node; it says nothing either way and is dropped.
_OBFUSCATED_PORT: Final = re.compile(rb":_[A-Za-z0-9._-]+\Z")
_NO_HOP: Final = b"?"
"""Stands for all hops beyond the nearest: nothing reads as an address in it."""


def forwarded_for_hops(header: bytes) -> Iterator[bytes | None] | None:
    """The hops of all X-Forwarded-For lines, nearest first, packed; None for one that cannot be read.

    None instead of hops: it names nobody. Empty members are skipped (RFC 9110 section 5.6.1), but count as the others
    do: beyond the nearest ``HOPS_MAX`` nothing is read, whatever a client wrote there.
    """
    members = header.rsplit(b",", HOPS_MAX)
    if len(members) > HOPS_MAX:
        members[0] = _NO_HOP
    hops = [member for member in members if member.strip(b" \t")]
    return map(read_hop, reversed(hops)) if hops else None


def forwarded_hops(header: bytes) -> Iterator[bytes | None] | None:
    """The ``for`` nodes of all Forwarded lines (RFC 7239), nearest first, packed; None for one that cannot be read.

    None instead of nodes: no element has ``for``, so it says nothing of whom it was for. Beside others an element
    without it is a hop that cannot be read; one of nothing at all is skipped. A header that breaks the grammar anywhere
    has no readable hop: where quotes do not close, nothing says which commas part elements.
    """
    if len(header) > FORWARDED_BYTES_MAX:
        return iter((None,))
    nodes: list[bytes | None] = []
    node: bytes | None = None
    names: set[bytes] = set()
    for_anybody = False
    end, position = b",", 0
    while end:
        match = _FORWARDED_PAIR.match(header, position)
        if match is None:
            return iter((None,))
        name, token, quoted, end = match.groups()
        if name is not None:
            name = name.lower()
            if name in names:  # each parameter at most once (section 4)
                return iter((None,))
            names.add(name)
            if name == b"for":
                node = token if quoted is None else _QUOTED_PAIR.sub(rb"\1", quoted)
                for_anybody = True
        if names and (not end or COMMA in end):
            nodes.append(node)
            node = None
            names.clear()
        position = match.end()
    if not for_anybody:
        return None
    if len(nodes) > HOPS_MAX:
        nodes[:-HOPS_MAX] = [_NO_HOP]
    return map(_read_node, reversed(nodes))


def _read_node(node: bytes | None) -> bytes | None:
    """A node of RFC 7239 section 6: as a hop, but IPv6 only in brackets; ``unknown`` and ``_hidden`` tell nothing."""
    if node is None or (COLON in node and node[:1] != b"[" and node.count(b":") > 1):
        return None
    return read_hop(_OBFUSCATED_PORT.sub(b"", node))


def read_hop(octets: bytes) -> bytes | None:
    """The packed address of one hop: IPv4 or IPv6, perhaps with a port, brackets or a zone. None: cannot be read."""
    try:
        text = octets.strip(b" \t").decode("ascii")
    except UnicodeDecodeError:
        return None
    colons = text.count(":")
    if colons == 0:
        return _read_plain(text)
    if text[0] == "[":
        inside, closing, port = text[1:].partition("]")
        if not closing or ":" not in inside or (port and not (port[0] == ":" and _is_port(port[1:]))):
            return None
        return _read_zoned(inside)
    if colons == 1:
        host, _, port = text.partition(":")
        return _read_plain(host) if _is_port(port) else None
    return _read_zoned(text)


def read_with_port(octets: bytes) -> bytes | None:
    """CloudFront's form: an address, then a colon and the port, always; IPv6 stands without brackets."""
    try:
        host, _, port = octets.strip(b" \t").decode("ascii").rpartition(":")
    except UnicodeDecodeError:
        return None
    return _read_plain(host) if _is_port(port) else None


def read_ipv6(octets: bytes) -> bytes | None:
    """The packed address of a hop that must be IPv6, and no IPv4-mapped one."""
    packed = read_hop(octets)
    return packed if packed is not None and len(packed) == IPV6_OCTETS else None


def is_pseudo_ipv4(packed: bytes) -> bool:
    """Whether an address is of 240.0.0.0/4, as a vendor gives to IPv6 visitors for servers that know IPv4 only."""
    return len(packed) == IPV4_OCTETS and packed[0] >= _PSEUDO_FIRST_OCTET


def read_peer(peer: str | None) -> bytes | None:
    """The packed address of the connection's peer, as the kernel wrote it."""
    return _read_zoned(peer) if peer else None


def _read_zoned(text: str) -> bytes | None:
    """An address whose zone (RFC 4007), which means something on the sender's machine only, is dropped."""
    if "%" in text:
        text, _, zone = text.partition("%")
        if ":" not in text or not _ZONE.fullmatch(zone):
            return None
    return _read_plain(text)


def _read_plain(text: str) -> bytes | None:
    """The 4 or 16 octets of an address, an IPv4-mapped one (RFC 4291 section 2.5.5.2) as the IPv4 that it is.

    inet_pton takes a fifteenth of the time of ``ipaddress`` and is as strict: four decimal octets without leading
    zeros. The zone is refused here because some platforms' inet_pton would read one.
    """
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        if "%" in text:
            return None
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL or a surrogate in the text
        return None
    return packed[12:] if packed.startswith(_MAPPED) else packed


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None and int(text) < 1 << 16


IPV4_OCTETS: Final = 4
IPV6_OCTETS: Final = 16
_PSEUDO_FIRST_OCTET: Final = 240
_MAPPED: Final = bytes(10) + b"\xff\xff"
_MAPPED_BITS: Final = 96

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Range = tuple[int, int]  # first address, and the one after the last


def public_text(packed: bytes | None) -> str | None:
    """The canonical text of a public address (IPv6 as RFC 5952), None for any other."""
    if packed is None:
        return None
    if len(packed) == IPV4_OCTETS:
        return inet_ntop(AF_INET, packed) if bisect_right(_PUBLIC4, packed) & 1 else None
    return inet_ntop(AF_INET6, packed) if bisect_right(_PUBLIC6, packed) & 1 else None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address may be a visitor's, by ``ipaddress`` (which follows IANA's registries)."""
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


# Every network at whose edges that law may change its mind: the special-purpose registries of IANA (RFC 6890),
# multicast, and for IPv6 the parts of the whole space, of which 2000::/3 alone is in use.
_SPECIAL4: Final = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29 "
    "192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/31 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 "
    "192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
    "224.0.0.0/4 240.0.0.0/4 255.255.255.255/32"
)
_SPECIAL6: Final = (
    "::/8 ::/128 ::1/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/8 100::/64 100:0:0:1::/64 200::/7 "
    "400::/6 800::/5 1000::/4 2000::/3 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 "
    "2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 "
    "3fff::/20 4000::/3 5f00::/16 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fc00::/7 "
    "fe00::/9 fe80::/10 fec0::/10 ff00::/8"
)


def _public_ranges(family: type[ipaddress.IPv4Address | ipaddress.IPv6Address], special: str) -> list[_Range]:
    """The public ranges of a family, in order: between two edges the law is asked once."""
    edges = {0}
    for network in map(ipaddress.ip_network, special.split()):
        edges |= {int(network.network_address), int(network.broadcast_address) + 1}
    end = int(family(0).max_prefixlen)
    parts = sorted(edges - {1 << end})
    spans = zip(parts, [*parts[1:], 1 << end], strict=True)
    return _merge((low, high) for low, high in spans if _is_public(family(low)))


def _merge(ranges: Iterable[_Range]) -> list[_Range]:
    """The same addresses in disjoint ranges, in order, none of which touch."""
    merged: list[_Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _bounds(ranges: list[_Range], octets: int) -> list[bytes]:
    """Ranges as packed addresses in one list: an address is in a range when an odd number of bounds are not above it.

    Packed addresses of one family sort as numbers do. The end of the last range may be the end of the space, which has
    no packed form and needs none.
    """
    return [bound.to_bytes(octets, "big") for pair in ranges for bound in pair if bound < 1 << 8 * octets]


_PUBLIC_RANGES4: Final = _public_ranges(ipaddress.IPv4Address, _SPECIAL4)
_PUBLIC_RANGES6: Final = _public_ranges(ipaddress.IPv6Address, _SPECIAL6)
_PUBLIC4: Final = _bounds(_PUBLIC_RANGES4, IPV4_OCTETS)
_PUBLIC6: Final = _bounds(_PUBLIC_RANGES6, IPV6_OCTETS)


def _wholly_public(ranges: list[_Range], octets: int) -> bytes:
    """For each first octet whether every address that begins with it is public."""
    size = 1 << 8 * (octets - 1)
    return bytes(
        any(low <= first * size and (first + 1) * size <= high for low, high in ranges) for first in range(256)
    )


_WHOLLY_PUBLIC4: Final = _wholly_public(_PUBLIC_RANGES4, IPV4_OCTETS)
_WHOLLY_PUBLIC6: Final = _wholly_public(_PUBLIC_RANGES6, IPV6_OCTETS)


def read_networks(entries: tuple[str, ...]) -> tuple[bool, list[bytes], list[bytes]]:
    """Whether unix sockets are trusted, and the bounds of the trusted IPv4 and IPv6 networks."""
    bad: list[str] = []
    ranges: dict[int, list[_Range]] = {4: [], 6: []}
    texts: dict[int, list[str]] = {4: [], 6: []}
    for text in entries:
        if text == "unix":
            continue
        network = _read_network(text)
        if network is None:
            bad.append(network_mistake(text))
            continue
        ranges[network.version].append((int(network.network_address), int(network.broadcast_address) + 1))
        texts[network.version].append(text)
    for version, public in ((4, _PUBLIC_RANGES4), (6, _PUBLIC_RANGES6)):
        ranges[version] = _merge(ranges[version])
        if all(any(a <= low and high <= b for a, b in ranges[version]) for low, high in public):
            bad.append(f"{' with '.join(map(repr, texts[version]))} trusts every address of IPv{version}")
    if bad:
        raise ValueError("trusted_proxies: " + "; ".join(bad))
    return "unix" in entries, _bounds(ranges[4], IPV4_OCTETS), _bounds(ranges[6], IPV6_OCTETS)


def _read_network(text: str) -> _Network | None:
    """One entry of the configuration; a network of IPv4-mapped addresses as the IPv4 network that peers appear from."""
    try:
        network = ipaddress.ip_network(text)
        if not isinstance(network, ipaddress.IPv6Network):
            return network
        if "%" in text:
            return None
    except ValueError:
        return None
    packed = network.network_address.packed
    if network.prefixlen >= _MAPPED_BITS and packed.startswith(_MAPPED):
        return ipaddress.IPv4Network((packed[12:], network.prefixlen - _MAPPED_BITS))
    return network
