"""The visitor's address, and the place that an edge names: the only reader of addresses in headers.

A mistake here lets anyone be anyone. Forwarding headers are believed only as far as the proxies the operator named
vouch for them: trust begins at the peer of the connection and walks the hops from right to left. The first hop that
cannot be read ends the walk with *unknown*; there is no next guess, since a guess would be the text of whoever sent it.
Everything unclear ends the same way: two headers that disagree, a repeated vendor header, an address that belongs to no
visitor. A header that names nobody at all (no member but empty ones, no ``for``) is as if absent.

    origin = resolver.resolve(peer, scope["headers"])

Whose address it is:

    peer                            address
    not trusted                     the peer; every forwarding, vendor and geo header is ignored
    trusted, vendor header present  the vendor header alone (of the configured ``edge``), readable or not
    trusted, forwarding headers     the first hop from the right that is not trusted; unknown when all are
    trusted, no header              unknown, for a trusted proxy is no visitor

In each row only a public address counts: loopback, private, reserved and multicast ones are unknown. A peer without an
address (a unix socket, ``None``) is trusted only where ``trusted_proxies`` says ``unix``: which process may open a
socket file is a matter of file modes that this service does not know.

A vendor's country is that of the address it saw. Where its own header shows that this was another proxy's (one CDN
behind another), a private one or none that can be read, the country is not the visitor's either, and nothing of the
place is believed. A country that comes without the address (an edge that keeps it to itself) is believed.

On the hot path: one X-Forwarded-For line with one plain address behind a loopback proxy costs about 1.5 us. No
visitor's address is cached here; only peers that are trusted proxies are, and of those a bounded number.
"""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final, Literal, get_args

from msgspec import Struct

from service.web.visit.addresses import (
    COMMA,
    IPV4_OCTETS,
    IPV6_OCTETS,
    forwarded_for_hops,
    forwarded_hops,
    is_pseudo_ipv4,
    plainly_public,
    public_address,
    public_text,
    read_hop,
    read_ipv6,
    read_networks,
    read_peer,
    read_with_port,
)

Edge = Literal["", "cloudflare", "fastly", "akamai", "cloudfront", "vercel", "nginx", "generic"]

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
TRUSTED_PEERS_MAX: Final = 1024


class Origin(Struct, frozen=True, gc=False):
    """The address and place of a visit, by headers. It holds an address, so it never leaves the intake.

    ``address`` is public and in canonical text, ``country`` two upper-case ASCII letters, ``subdivision`` the part of
    ISO 3166-2 after the country, ``time_zone`` shaped like an IANA name. None: unknown. Whether such a country,
    subdivision or zone exists is for the reader's tables to say.
    """

    address: str | None = None
    country: str | None = None
    subdivision: str | None = None
    time_zone: str | None = None

    def __repr__(self) -> str:
        """Nothing of the content: a log line or traceback that prints an origin prints no address."""
        return "Origin(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


def stated_address(text: str) -> str | None:
    """The canonical text of the address that a backend says is the visitor's, written as a header may write it too.

    That is perhaps with a port, brackets, a zone or blanks around it. Empty for an address that is no visitor's (a
    private one), None for what is not one address.
    """
    address = plainly_public(text) or public_address(text)
    if address is not None:
        return address
    text = text.strip()
    zone = text.partition("%")[2]
    if zone and _INTERFACE.match(zone) is None:  # a name there is nobody's interface
        return None
    packed = read_hop(text.encode("ascii", "replace"))
    return None if packed is None else public_text(packed) or ""


def headers_of_edge(edge: Edge) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The headers that a preset reads of trusted proxies: those for an address, and those for a place. For people."""
    preset = _PRESETS.get(edge)
    if preset is None:
        return (), ()
    addresses = (*preset.addresses, preset.real_ipv6) if preset.real_ipv6 else preset.addresses
    return tuple(name.decode() for name in addresses), tuple(sorted(name.decode() for name in preset.places))


# An interface by its number, or by its name on the usual systems, before whatever stands behind the zone.
_INTERFACE: Final = re.compile(
    r"([0-9]{1,5}|(eth|en|ens|eno|enp|wlan|wlp|wl|lo|br|bridge|utun|tun|tap|ppp|awdl|llw|veth|docker|bond|vlan)[0-9][0-9a-z]{0,8}|lo)"
    r"(?=[\] \t]|\Z)"
)


class ClientIpResolver:
    """Finds the origin of a request under one operator's trust.

    ``trusted_proxies``: networks (``10.0.0.0/8``), single addresses, or ``unix``. ``edge``: whose vendor headers to
    read. ``header_names`` are the lower-case names of all headers that have a say; a caller that scans headers for
    itself collects these and calls ``resolve_values``.

    Raises ValueError that names every network that cannot be read or that, together with the others, trusts everyone.
    """

    def __init__(self, trusted_proxies: tuple[str, ...] = LOOPBACK, edge: Edge | None = None) -> None:
        self._trusts_unix, self._trusted4, self._trusted6 = read_networks(trusted_proxies)
        if edge is not None and edge not in get_args(Edge):
            raise ValueError(f"edge: {edge!r} is none of {', '.join(filter(None, get_args(Edge)))}")
        self._preset = _PRESETS.get(edge or "")
        self._trusted_peers: set[str] = set()
        # Addresses of machines within an operator's own walls are unknown anyhow, and need no second look.
        self._trusts_public = any(not _is_private(text) for text in trusted_proxies if text != "unix")
        self.vendor_headers = self._preset.headers if self._preset else frozenset()
        self.header_names = frozenset({b"x-forwarded-for", b"forwarded"}) | self.vendor_headers

    def resolve(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> Origin:
        """The origin by the peer's address and all header lines, names in lower case as ASGI has them. Never raises."""
        forwarded_for = forwarded = None
        vendor: dict[bytes, bytes] = {}
        header_names = self.header_names
        for name, value in headers:
            if name in header_names:
                if name == b"x-forwarded-for":
                    forwarded_for = value if forwarded_for is None else forwarded_for + b"," + value
                elif name == b"forwarded":
                    forwarded = value if forwarded is None else forwarded + b"," + value
                else:
                    vendor[name] = vendor[name] + b"," + value if name in vendor else value
        return self.resolve_values(peer, forwarded_for, forwarded, vendor)

    def network(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The network that a request comes from: 3 octets of an IPv4 address, 6 of an IPv6 one.

        It is that of the resolved address, and where that is unknown the peer's: those who are unknown behind one proxy
        share its network. None for whoever asks from this machine itself, and not through a proxy on it: a client that
        makes itself unknown, by headers that disagree, is not taken for it.
        """
        lines = list(headers)
        packed = read_peer(self.resolve(peer, lines).address) or read_peer(peer)
        if packed is not None and not packed.startswith(_LOOPBACK[len(packed)]):
            return packed[:3] if len(packed) == IPV4_OCTETS else packed[:6]
        return b"" if any(name in self.header_names for name, _ in lines) else None

    def resolve_values(
        self, peer: str | None, forwarded_for: bytes | None, forwarded: bytes | None, vendor: dict[bytes, bytes]
    ) -> Origin:
        """The origin by values already collected: of each wanted header all its lines joined by ``b","``.

        The joining is what makes a repeated vendor header unreadable, hence unknown. ``vendor`` holds whichever of the
        wanted headers are not the first two. Never raises.
        """
        if self._preset is not None and vendor and (peer in self._trusted_peers or self._is_trusted_peer(peer)):
            return self._by_vendor(self._preset, forwarded_for, forwarded, vendor)
        return Origin(self.address(peer, forwarded_for, forwarded))

    def address(self, peer: str | None, forwarded_for: bytes | None, forwarded: bytes | None) -> str | None:
        """The address alone, where no vendor's header has a say: by the same values."""
        if peer not in self._trusted_peers and not self._is_trusted_peer(peer):
            return public_text(read_peer(peer))
        if forwarded is None and forwarded_for is not None and COMMA not in forwarded_for:  # the usual case: a lone hop
            if not self._trusts_public and (address := plainly_public(forwarded_for.decode("latin-1"))) is not None:
                return address
            packed = read_hop(forwarded_for)
            if packed is not None:
                return None if self._trusts_public and self._is_trusted(packed) else public_text(packed)
        return self._by_hops(forwarded_for, forwarded)

    def _is_trusted_peer(self, peer: str | None) -> bool:
        """Whether forwarding headers of this peer count. Remembers the trusted ones, which are never visitors."""
        if not peer:
            return self._trusts_unix
        packed = read_peer(peer)
        if packed is None or not self._is_trusted(packed):
            return False
        if len(self._trusted_peers) >= TRUSTED_PEERS_MAX:
            self._trusted_peers.clear()
        self._trusted_peers.add(peer)
        return True

    def _is_trusted(self, packed: bytes) -> bool:
        return bool(bisect_right(self._trusted4 if len(packed) == IPV4_OCTETS else self._trusted6, packed) & 1)

    def _by_hops(self, forwarded_for: bytes | None, forwarded: bytes | None) -> str | None:
        """The address by the forwarding headers, which must agree if both name somebody."""
        hops = None if forwarded_for is None else forwarded_for_hops(forwarded_for)
        nodes = None if forwarded is None else forwarded_hops(forwarded)
        if hops is None:
            return None if nodes is None else self._walk(nodes)
        address = self._walk(hops)
        return address if nodes is None or address == self._walk(nodes) else None

    def _walk(self, hops: Iterable[bytes | None]) -> str | None:
        """The first hop that is not trusted, if there is one; ``hops`` come nearest first."""
        for packed in hops:
            if packed is None or not self._is_trusted(packed):
                return public_text(packed)
        return None

    def _by_vendor(
        self,
        preset: "_Preset",
        forwarded_for: bytes | None,
        forwarded: bytes | None,
        vendor: dict[bytes, bytes],
    ) -> Origin:
        """The origin under a preset, of which at least one header is present."""
        for name in preset.addresses:
            if name in vendor:
                address = self._of_vendor(preset, vendor[name], vendor)
                if address is None:
                    return Origin()
                break
        else:
            address = self._by_hops(forwarded_for, forwarded)
        geo = _read_edgescape(vendor.get(preset.edgescape, b"")) if preset.edgescape else vendor
        country_code = geo.get(preset.country, b"").strip(b" \t").upper()
        if country_code in _ANONYMISED:
            return Origin()
        country = _read_country(country_code)
        if country is None:
            return Origin(address)
        subdivision = _read_subdivision(geo.get(preset.subdivision, b""), country)
        if preset.edgescape and country not in _EDGESCAPE_ISO_REGIONS:
            subdivision = None
        return Origin(address, country, subdivision, _read_time_zone(geo.get(preset.time_zone, b"")))

    def _of_vendor(self, preset: "_Preset", header: bytes, vendor: dict[bytes, bytes]) -> str | None:
        """The visitor's address by a vendor's own header: None for a proxy's, no visitor's, or none that can be read.

        A proxy is not a visitor: Cloudflare's Workers, for one, call with an address of Cloudflare's.
        """
        packed = read_with_port(header) if preset.with_port else read_hop(header)
        if packed is None or self._is_trusted(packed):
            return None
        address = public_text(packed)
        if address is None and preset.real_ipv6 and is_pseudo_ipv4(packed):
            packed = read_ipv6(vendor.get(preset.real_ipv6, b""))
            return None if packed is None or self._is_trusted(packed) else public_text(packed)
        return address


def _is_private(network: str) -> bool:
    return ipaddress.ip_network(network, strict=False).is_private


# Of each length what the addresses of this machine begin with; an IPv4-mapped one is read as the IPv4 that it is.
_LOOPBACK: Final = {IPV4_OCTETS: b"\x7f", IPV6_OCTETS: bytes(15) + b"\x01"}


# ---- vendors -------------------------------------------------------------------------------------------------------


class _Preset(Struct, frozen=True):
    """Names of one vendor's headers; the first of ``addresses`` that is present decides. Empty: it has none such."""

    addresses: tuple[bytes, ...]
    country: bytes = b""
    subdivision: bytes = b""
    time_zone: bytes = b""
    with_port: bool = False
    edgescape: bytes = b""
    real_ipv6: bytes = b""

    @property
    def headers(self) -> set[bytes]:
        return {*self.addresses, *self.places, self.real_ipv6} - {b""}

    @property
    def places(self) -> set[bytes]:
        return ({self.edgescape} if self.edgescape else {self.country, self.subdivision, self.time_zone}) - {b""}


_PRESETS: Final[dict[str, _Preset]] = {
    # Cloudflare sets CF-Connecting-IP to the one address that connected to it and CF-IPCountry to ISO 3166-1, `XX` when
    # unknown and `T1` for Tor (Cloudflare Fundamentals, HTTP headers). With Pseudo IPv4 overwriting headers the address
    # is of 240.0.0.0/4 and the real one in CF-Connecting-IPv6 (Cloudflare Network, Pseudo IPv4), which is read in that
    # case alone: otherwise nothing says that a client's own header of the name is removed. For the same reason the
    # location headers of its managed transform, which may be off, are not read.
    "cloudflare": _Preset((b"cf-connecting-ip",), b"cf-ipcountry", real_ipv6=b"cf-connecting-ipv6"),
    # Fastly-Client-IP is set when the request does not carry it: the VCL must set it from client.ip for first visits,
    # or a client chooses it (Fastly, HTTP headers reference). Geo data are VCL variables only; the convention is
    # to copy client.geo.country_code and client.geo.region (ISO 3166-2 without the country, `?` when absent) to ours.
    "fastly": _Preset((b"fastly-client-ip",), b"pb-geo-country", b"pb-geo-subdivision"),
    # True-Client-IP is a name the property configures; clients must not be allowed to set it (the behaviour has
    # that option). EdgeScape is one header of comma-separated key=value pairs: country_code (ISO 3166-1), region_code,
    # timezone as an abbreviation like EST, which names no IANA zone.
    "akamai": _Preset((b"true-client-ip",), b"country_code", b"region_code", edgescape=b"x-akamai-edgescape"),
    # CloudFront-Viewer-Address is the address, a colon and the source port, IPv6 without brackets; the country is
    # ISO 3166-1, the region up to three characters of ISO 3166-2, the zone IANA's (CloudFront Developer Guide).
    "cloudfront": _Preset(
        (b"cloudfront-viewer-address",),
        b"cloudfront-viewer-country",
        b"cloudfront-viewer-country-region",
        b"cloudfront-viewer-time-zone",
        with_port=True,
    ),
    # Vercel overwrites all three of its address headers; X-Vercel-Forwarded-For is the one a proxy in front does not
    # overwrite. The region is up to three characters of ISO 3166-2, the zone IANA's (Vercel, request headers).
    "vercel": _Preset(
        (b"x-vercel-forwarded-for", b"x-real-ip"),
        b"x-vercel-ip-country",
        b"x-vercel-ip-country-region",
        b"x-vercel-ip-timezone",
    ),
    # By convention `proxy_set_header X-Real-IP $remote_addr`, which replaces a client's own.
    "nginx": _Preset((b"x-real-ip",)),
    "generic": _Preset((b"pb-client-ip",), b"pb-geo-country", b"pb-geo-subdivision"),
}

# Akamai's region codes are those of ISO 3166-2 in the United States and Canada; elsewhere nothing promises it.
_EDGESCAPE_ISO_REGIONS: Final = frozenset({"US", "CA"})

# Cloudflare's code for Tor, MaxMind's for anonymising proxies and satellites: where the network ends, not where the
# visit is. Its address would be looked up as the exit's country, so it counts as unknown too. `XX` says only that a
# vendor's data lack the address: ours may have it, and it is as good an address as any.
_ANONYMISED: Final = frozenset({b"T1", b"A1", b"A2"})

# ISO 3166-1 leaves these to its users, CLDR gives a meaning to XK alone; EU and AP are MaxMind's continents.
_NO_COUNTRY: Final = re.compile(rb"AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|AP")
_COUNTRY: Final = re.compile(rb"[A-Z]{2}")
_SUBDIVISION: Final = re.compile(rb"(?:([A-Z]{2})-)?([A-Z0-9]{1,3})")
_TIME_ZONE: Final = re.compile(rb"[A-Z][A-Za-z0-9_+-]{1,20}(?:/[A-Za-z0-9_+-]{1,30}){0,2}")


def _read_country(code: bytes) -> str | None:
    if _COUNTRY.fullmatch(code) and not _NO_COUNTRY.fullmatch(code):
        return code.decode("ascii")
    return None


def _read_subdivision(code: bytes, country: str) -> str | None:
    """The code without its country, of which none is taken when it is another country's."""
    match = _SUBDIVISION.fullmatch(code.strip(b" \t").upper())
    if match is None or (match[1] is not None and match[1].decode("ascii") != country):
        return None
    return match[2].decode("ascii")


def _read_time_zone(name: bytes) -> str | None:
    name = name.strip(b" \t")
    return name.decode("ascii") if _TIME_ZONE.fullmatch(name) else None


def _read_edgescape(header: bytes) -> dict[bytes, bytes]:
    """The pairs of an EdgeScape header; of a key that comes twice (two headers joined) nothing is believed."""
    pairs: dict[bytes, bytes] = {}
    for pair in header.split(b","):
        key, _, value = pair.strip(b" \t").partition(b"=")
        pairs[key] = b"" if key in pairs else value
    return pairs
