"""One table of who is who behind which proxies, and the laws that the table cannot exhaust."""
# the rows of the table are read one a line

import ipaddress
from typing import Any, NamedTuple, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.core.location import Place
from service.web.visit.addresses import HOPS_MAX, plainly_public, public_address, public_text, read_hop
from service.web.visit.client_ip import LOOPBACK, TRUSTED_PEERS_MAX, ClientIpResolver, Edge, Origin, headers_of_edge

VISITOR = "195.65.10.7"
VISITOR6 = "2a02:120b::17"
FORGED = "8.8.8.8"
LOCAL = "127.0.0.1"
INNER = (*LOOPBACK, "10.0.0.0/8", "fd00::/8")
CDN = ("173.245.48.0/20", "2606:4700::/32")
NOBODY: tuple[str, ...] = ()


class Vector(NamedTuple):
    """A row: what it shows, peer, trusted proxies, edge, header lines, and the expected parts of the origin."""

    name: str
    peer: str | None
    trusted: tuple[str, ...]
    edge: Edge
    headers: tuple[tuple[str, str], ...]
    address: str | None
    country: str | None = None
    subdivision: str | None = None
    time_zone: str | None = None


def xff(*lines: str) -> tuple[tuple[str, str], ...]:
    return tuple(("x-forwarded-for", line) for line in lines)


def fwd(*lines: str) -> tuple[tuple[str, str], ...]:
    return tuple(("forwarded", line) for line in lines)


def cf(address: str, country: str) -> tuple[tuple[str, str], ...]:
    return (("cf-connecting-ip", address), ("cf-ipcountry", country))


def front(address: str, country: str = "CH", region: str = "ZH", zone: str = "Europe/Zurich") -> Any:
    named = {"address": address, "country": country, "country-region": region, "time-zone": zone}
    return tuple((f"cloudfront-viewer-{name}", value) for name, value in named.items())


SCAPE = "georegion=263,country_code=US,region_code=MA,city=CAMBRIDGE,lat=42.3,long=-71.1,timezone=EST,continent=NA"

VECTORS = (
    # -- without headers
    Vector("a public peer is itself", VISITOR, LOOPBACK, "", (), VISITOR),
    Vector("a public IPv6 peer is itself, in canonical text", "2A02:120B:0:0::17", LOOPBACK, "", (), VISITOR6),
    Vector("a mapped peer is IPv4", f"::ffff:{VISITOR}", LOOPBACK, "", (), VISITOR),
    Vector("a peer's zone is dropped", f"{VISITOR6}%eth0", LOOPBACK, "", (), VISITOR6),
    Vector("loopback without a header is unknown", LOCAL, LOOPBACK, "", (), None),
    Vector("a private peer is unknown", "192.168.1.4", LOOPBACK, "", (), None),
    Vector("a trusted public peer without a header is no visitor", "173.245.48.1", CDN, "", (), None),
    Vector("a unix socket without a header is unknown", None, LOOPBACK, "", (), None),
    Vector("a peer that is no address is unknown", "testclient", LOOPBACK, "", (), None),
    # -- who is trusted
    Vector("loopback is trusted by default", LOCAL, LOOPBACK, "", xff(VISITOR), VISITOR),
    Vector("all of 127/8 is loopback", "127.8.9.1", LOOPBACK, "", xff(VISITOR), VISITOR),
    Vector("IPv6 loopback is trusted by default", "::1", LOOPBACK, "", xff(VISITOR), VISITOR),
    Vector("a mapped trusted peer is trusted", "::ffff:127.0.0.1", LOOPBACK, "", xff(VISITOR), VISITOR),
    Vector("a single address may be trusted", "10.1.2.3", ("10.1.2.3",), "", xff(VISITOR), VISITOR),
    Vector("the address beside it is not", "10.1.2.4", ("10.1.2.3",), "", xff(VISITOR), None),
    Vector("a network's last address is trusted", "10.255.255.255", INNER, "", xff(VISITOR), VISITOR),
    Vector("the address after it is not", "11.0.0.0", INNER, "", xff(VISITOR), "11.0.0.0"),
    Vector("the address before it is not", "9.255.255.255", INNER, "", xff(VISITOR), "9.255.255.255"),
    Vector("the end of the address space may be trusted", "255.255.255.255", ("255.0.0.0/8",), "", xff(VISITOR), VISITOR),
    Vector("a network written as mapped is IPv4", "10.9.9.9", ("::ffff:10.0.0.0/104",), "", xff(VISITOR), VISITOR),
    Vector("a link-local proxy may be trusted", "fe80::1%eth0", ("fe80::/10",), "", xff(VISITOR), VISITOR),
    Vector("nobody is trusted when nobody is named", LOCAL, NOBODY, "", xff(VISITOR), None),
    Vector("an untrusted peer's headers are ignored", VISITOR, LOOPBACK, "", xff(FORGED), VISITOR),
    Vector("an untrusted peer's Forwarded is ignored", VISITOR, LOOPBACK, "", fwd(f"for={FORGED}"), VISITOR),
    Vector("an untrusted private peer with headers is unknown", "10.0.0.2", LOOPBACK, "", xff(FORGED), None),
    Vector("a unix socket is not trusted by default", None, LOOPBACK, "", xff(VISITOR), None),
    Vector("a unix socket is trusted by name", None, ("unix",), "", xff(VISITOR), VISITOR),
    Vector("an empty peer is a unix socket", "", (*LOOPBACK, "unix"), "", xff(VISITOR), VISITOR),
    Vector("trusting unix trusts no peer that is no address", "testclient", ("unix",), "", xff(VISITOR), None),
    # -- the walk
    Vector("the nearest untrusted hop is the client", LOCAL, LOOPBACK, "", xff(f"{FORGED}, {VISITOR}"), VISITOR),
    Vector("trusted hops are skipped", LOCAL, INNER, "", xff(f"{FORGED}, {VISITOR}, 10.0.0.3, 10.0.0.4"), VISITOR),
    Vector("trusted IPv6 hops are skipped", LOCAL, INNER, "", xff(f"{VISITOR6}, fd00::5, 10.0.0.4"), VISITOR6),
    Vector("a mapped trusted hop is skipped", LOCAL, INNER, "", xff(f"{VISITOR}, ::ffff:10.0.0.4"), VISITOR),
    Vector("lines are one list, the last line nearest", LOCAL, LOOPBACK, "", xff(FORGED, VISITOR), VISITOR),
    Vector("lines are one list with trusted hops", LOCAL, INNER, "", xff(f"{FORGED}, {VISITOR}", "10.0.0.3"), VISITOR),
    Vector("all hops trusted: none is a visitor", LOCAL, (*INNER, *CDN), "", xff("2606:4700::1, 10.0.0.1"), None),
    Vector("a lone hop that is a trusted proxy", LOCAL, (*INNER, *CDN), "", xff("173.245.48.9"), None),
    Vector("a lone node that is a trusted proxy", LOCAL, (*INNER, *CDN), "", fwd("for=173.245.48.9"), None),
    Vector("a lone hop that is a trusted proxy, beside a preset's nothing", LOCAL, CDN, "vercel", xff("173.245.48.9"), None),
    Vector("a visitor before trusted proxies", LOCAL, (*INNER, *CDN), "", xff(f"{VISITOR}, 173.245.48.9, 10.0.0.1"), VISITOR),
    Vector("all hops trusted and private: unknown", LOCAL, INNER, "", xff("10.0.0.3, 10.0.0.4"), None),
    Vector("an untrusted private hop ends the walk", LOCAL, LOOPBACK, "", xff(f"{VISITOR}, 192.168.0.1"), None),
    Vector("an unreadable hop ends the walk", LOCAL, LOOPBACK, "", xff(f"{VISITOR}, unknown"), None),
    Vector("an unreadable hop behind a trusted one ends it too", LOCAL, INNER, "", xff(f"{VISITOR}, x, 10.0.0.3"), None),
    Vector("what lies behind the client is not read", LOCAL, LOOPBACK, "", xff(f"junk, {VISITOR}"), VISITOR),
    Vector("an empty header names nobody", "173.245.48.1", CDN, "", xff(""), None),
    Vector("nor does one of empty members", "173.245.48.1", CDN, "", xff(" , ,\t", ","), None),
    Vector("an empty header behind loopback is unknown", LOCAL, LOOPBACK, "", xff(""), None),
    Vector("an empty header beside one that names somebody", LOCAL, LOOPBACK, "", (*xff(" "), *fwd(f"for={VISITOR}")), VISITOR),
    Vector("an empty nearest member is skipped", LOCAL, LOOPBACK, "", xff(f"{VISITOR},"), VISITOR),
    Vector("an empty nearest line is skipped", LOCAL, LOOPBACK, "", xff(VISITOR, ""), VISITOR),
    Vector("an empty farthest member is skipped", LOCAL, LOOPBACK, "", xff(f",{VISITOR}"), VISITOR),
    Vector("several empty members are skipped", LOCAL, INNER, "", xff(f"{FORGED},{VISITOR},, ,\t10.0.0.3,"), VISITOR),
    Vector("an empty member behind a trusted one is skipped", LOCAL, INNER, "", xff(f"{VISITOR},, 10.0.0.3"), VISITOR),
    Vector("empty members vouch for nobody behind them", LOCAL, LOOPBACK, "", xff(f"{FORGED},,{VISITOR},,"), VISITOR),
    Vector("a member of another blank is not empty", LOCAL, LOOPBACK, "", xff(f"{VISITOR}, \x0b"), None),
    Vector("as many members as are read, most of them empty", LOCAL, LOOPBACK, "", xff(VISITOR + "," * (HOPS_MAX - 1)), VISITOR),
    Vector("one empty member too many", LOCAL, LOOPBACK, "", xff(VISITOR + "," * HOPS_MAX), None),
    Vector("what a client writes on the left is not read", LOCAL, LOOPBACK, "", xff("," * 1000 + VISITOR), VISITOR),
    Vector("nor are a thousand hops", LOCAL, INNER, "", xff("10.0.0.1," * 1000 + f"{VISITOR}, 10.0.0.2"), VISITOR),
    Vector("as many hops as allowed", LOCAL, INNER, "", xff(", ".join([VISITOR] + ["10.0.0.1"] * (HOPS_MAX - 1))), VISITOR),
    Vector("one hop too many", LOCAL, INNER, "", xff(", ".join([VISITOR] + ["10.0.0.1"] * HOPS_MAX)), None),
    # -- how a hop is written
    Vector("IPv4 with a port", LOCAL, LOOPBACK, "", xff(f"{VISITOR}:51234"), VISITOR),
    Vector("IPv6 bare", LOCAL, LOOPBACK, "", xff(VISITOR6), VISITOR6),
    Vector("IPv6 in full and upper case", LOCAL, LOOPBACK, "", xff("2A02:120B:0:0:0:0:0:17"), VISITOR6),
    Vector("IPv6 in brackets", LOCAL, LOOPBACK, "", xff(f"[{VISITOR6}]"), VISITOR6),
    Vector("IPv6 in brackets with a port", LOCAL, LOOPBACK, "", xff(f"[{VISITOR6}]:443"), VISITOR6),
    Vector("IPv4 mapped into IPv6", LOCAL, LOOPBACK, "", xff(f"::ffff:{VISITOR}"), VISITOR),
    Vector("IPv4 mapped, in hexadecimal", LOCAL, LOOPBACK, "", xff("::ffff:c341:a07"), VISITOR),
    Vector("IPv4 mapped, in brackets with a port", LOCAL, LOOPBACK, "", xff(f"[::ffff:{VISITOR}]:80"), VISITOR),
    Vector("white space around hops", LOCAL, INNER, "", xff(f" \t{VISITOR}\t ,\t10.0.0.1 "), VISITOR),
    Vector("a zone on a global address is dropped", LOCAL, LOOPBACK, "", xff(f"{VISITOR6}%eth0"), VISITOR6),
    Vector("a link-local address is unknown", LOCAL, LOOPBACK, "", xff("fe80::1%eth0"), None),
    Vector("an empty zone", LOCAL, LOOPBACK, "", xff(f"{VISITOR6}%"), None),
    Vector("a zone on IPv4", LOCAL, LOOPBACK, "", xff(f"{VISITOR}%eth0"), None),
    Vector("two zones", LOCAL, LOOPBACK, "", xff(f"{VISITOR6}%a%b"), None),
    Vector("a port out of range", LOCAL, LOOPBACK, "", xff(f"{VISITOR}:65536"), None),
    Vector("a port that is no number", LOCAL, LOOPBACK, "", xff(f"{VISITOR}:http"), None),
    Vector("an empty port", LOCAL, LOOPBACK, "", xff(f"{VISITOR}:"), None),
    Vector("an unclosed bracket", LOCAL, LOOPBACK, "", xff(f"[{VISITOR6}"), None),
    Vector("text after a bracket", LOCAL, LOOPBACK, "", xff(f"[{VISITOR6}]x"), None),
    Vector("IPv4 in brackets", LOCAL, LOOPBACK, "", xff(f"[{VISITOR}]:80"), None),
    Vector("shortened IPv4", LOCAL, LOOPBACK, "", xff("195.65"), None),
    Vector("octal-looking IPv4", LOCAL, LOOPBACK, "", xff("0195.065.10.7"), None),
    Vector("IPv4 as one number", LOCAL, LOOPBACK, "", xff("3275819527"), None),
    Vector("IPv4 in hexadecimal", LOCAL, LOOPBACK, "", xff("0xc3.65.10.7"), None),
    Vector("an octet too large", LOCAL, LOOPBACK, "", xff("195.65.10.256"), None),
    Vector("digits of another script", LOCAL, LOOPBACK, "", xff("\u0661.2.3.4"), None),
    Vector("a name", LOCAL, LOOPBACK, "", xff("proxy.example"), None),
    Vector("a network is no address", LOCAL, LOOPBACK, "", xff(f"{VISITOR}/32"), None),
    Vector("an obfuscated hop", LOCAL, LOOPBACK, "", xff("_hidden"), None),
    Vector("a quoted hop, which X-Forwarded-For does not know", LOCAL, LOOPBACK, "", xff(f'"{VISITOR}"'), None),
    # -- addresses of no visitor
    Vector("shared address space (carrier NAT)", LOCAL, LOOPBACK, "", xff("100.64.0.1"), None),
    Vector("documentation", LOCAL, LOOPBACK, "", xff("203.0.113.9"), None),
    Vector("reserved for the future", LOCAL, LOOPBACK, "", xff("240.1.2.3"), None),
    Vector("multicast", LOCAL, LOOPBACK, "", xff("232.1.2.3"), None),
    Vector("unique local IPv6", LOCAL, LOOPBACK, "", xff("fd12::1"), None),
    Vector("NAT64's prefix", LOCAL, LOOPBACK, "", xff("64:ff9b::c341:a07"), None),
    Vector("Teredo", LOCAL, LOOPBACK, "", xff("2001:0:4136:e378::1"), None),
    Vector("IPv6 not yet given out", LOCAL, LOOPBACK, "", xff("4000::1"), None),
    # -- Forwarded
    Vector("Forwarded alone", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}"), VISITOR),
    Vector("names in any case, other parameters", LOCAL, LOOPBACK, "", fwd(f"proto=https;FOR={VISITOR};by=_b"), VISITOR),
    Vector("quoted IPv6 with a port", LOCAL, LOOPBACK, "", fwd(f'for="[{VISITOR6}]:4711"'), VISITOR6),
    Vector("quoted IPv4 with a port", LOCAL, LOOPBACK, "", fwd(f'for="{VISITOR}:4711"'), VISITOR),
    Vector("an obfuscated port", LOCAL, LOOPBACK, "", fwd(f'for="{VISITOR}:_p1"'), VISITOR),
    Vector("escaped octets", LOCAL, LOOPBACK, "", fwd('for="195\\.65.10\\.7"'), VISITOR),
    Vector("trusted nodes are skipped", LOCAL, INNER, "", fwd(f"for={FORGED}, for={VISITOR};proto=http, for=10.0.0.1"), VISITOR),
    Vector("several Forwarded lines", LOCAL, INNER, "", fwd(f"for={VISITOR}", "for=10.0.0.1"), VISITOR),
    Vector("a comma in quotes parts nothing", LOCAL, INNER, "", fwd(f'for={VISITOR};host="a,for=8.8.8.8"'), VISITOR),
    Vector("white space around separators", LOCAL, INNER, "", fwd(f" for={VISITOR} ; proto=http ,\tfor=10.0.0.1"), VISITOR),
    Vector("an unknown node", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}, for=unknown"), None),
    Vector("a hidden node", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}, for=_hidden"), None),
    Vector("an element without for", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}, proto=https"), None),
    Vector("an element without for behind the client is not read", LOCAL, LOOPBACK, "", fwd(f"proto=https, for={VISITOR}"), VISITOR),
    Vector("an element without for behind a trusted one", LOCAL, INNER, "", fwd(f"for={VISITOR}, proto=https, for=10.0.0.1"), None),
    Vector("no element with for says nothing", "173.245.48.1", CDN, "", fwd("proto=https"), None),
    Vector("no element with for, beside an address", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd("proto=https")), VISITOR),
    Vector("several elements, none with for, beside an address", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd("by=_a;host=x", "proto=http, host=y;")), VISITOR),
    Vector("an empty Forwarded beside an address", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd("")), VISITOR),
    Vector("a Forwarded of separators beside an address", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd(" ,;, ;")), VISITOR),
    Vector("a broken Forwarded without for beside an address", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd("proto=")), None),
    Vector("an empty nearest element is skipped", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR},"), VISITOR),
    Vector("an empty farthest element is skipped", LOCAL, LOOPBACK, "", fwd(f",for={VISITOR}"), VISITOR),
    Vector("several empty elements are skipped", LOCAL, INNER, "", fwd(f"for={FORGED},, for={VISITOR} ,;,\t, for=10.0.0.1 ; , "), VISITOR),
    Vector("an empty line of Forwarded is skipped", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}", ""), VISITOR),
    Vector("empty elements with both headers", LOCAL, LOOPBACK, "", (*xff(f"{VISITOR},"), *fwd(f",for={VISITOR},")), VISITOR),
    Vector("a thousand commas before the nearest element", LOCAL, LOOPBACK, "", fwd("," * 1000 + f"for={VISITOR}"), VISITOR),
    Vector("more elements than are read, a visitor's nearest", LOCAL, LOOPBACK, "", fwd("for=x," * HOPS_MAX + f"for={VISITOR}"), VISITOR),
    Vector("for twice in one element", LOCAL, LOOPBACK, "", fwd(f"for={FORGED};for={VISITOR}"), None),
    Vector("IPv6 without brackets", LOCAL, LOOPBACK, "", fwd(f'for="{VISITOR6}"'), None),
    Vector("an unquoted colon", LOCAL, LOOPBACK, "", fwd(f"for={VISITOR}:80"), None),
    Vector("quotes that do not close", LOCAL, LOOPBACK, "", fwd(f'for="{FORGED}, for={VISITOR}'), None),
    Vector("a quote opened on the client's own line", LOCAL, LOOPBACK, "", fwd(f'for={FORGED};by="', f"for={VISITOR}"), None),
    Vector("the same with quotes in the proxy's", LOCAL, LOOPBACK, "", fwd('by="', f'for={VISITOR};host=",for={FORGED}"'), None),
    Vector("white space around the equals sign", LOCAL, LOOPBACK, "", fwd(f"for = {VISITOR}"), None),
    Vector("an empty Forwarded", LOCAL, LOOPBACK, "", fwd(""), None),
    Vector("too many nodes", LOCAL, INNER, "", fwd(", ".join([f"for={VISITOR}"] + ["for=10.0.0.1"] * HOPS_MAX)), None),
    Vector("as many nodes as allowed", LOCAL, INNER, "", fwd(",".join([f"for={VISITOR}"] + ["for=10.0.0.1"] * 31)), VISITOR),
    Vector("both headers agree", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd(f"for={VISITOR}")), VISITOR),
    Vector("both agree in other words", LOCAL, LOOPBACK, "", (*xff(f"::ffff:{VISITOR}"), *fwd(f'for="{VISITOR}:9"')), VISITOR),
    Vector("both differ", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd(f"for={FORGED}")), None),
    Vector("one of both is unreadable", LOCAL, LOOPBACK, "", (*xff(VISITOR), *fwd("for=unknown")), None),
    # -- vendors
    Vector("Cloudflare", "173.245.48.1", CDN, "cloudflare", cf(VISITOR, "CH"), VISITOR, "CH"),
    Vector("Cloudflare, IPv6", "2606:4700::1", CDN, "cloudflare", cf(VISITOR6, "CH"), VISITOR6, "CH"),
    Vector("Cloudflare's headers from elsewhere", FORGED, CDN, "cloudflare", cf(VISITOR, "CH"), FORGED),
    Vector("Cloudflare's headers without its preset", LOCAL, LOOPBACK, "", cf(VISITOR, "CH"), None),
    Vector("another preset's headers", LOCAL, LOOPBACK, "vercel", cf(VISITOR, "CH"), None),
    Vector("unknown country, known address", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "XX"), VISITOR),
    Vector("Tor: neither country nor address", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "T1"), None),
    Vector("an anonymising proxy", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "A1"), None),
    Vector("a country in lower case", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, " ch "), VISITOR, "CH"),
    Vector("a country too long", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "CHE"), VISITOR),
    Vector("Kosovo is a country", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "XK"), VISITOR, "XK"),
    Vector("a continent is none", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "EU"), VISITOR),
    Vector("a country of letters alone", LOCAL, LOOPBACK, "cloudflare", cf(VISITOR, "\u00c7H"), VISITOR),
    Vector("a private address, and its country is no visitor's", LOCAL, LOOPBACK, "cloudflare", cf("10.0.0.1", "CH"), None),
    Vector("pseudo IPv4", LOCAL, LOOPBACK, "cloudflare", cf("240.16.0.1", "CH"), None),
    Vector("pseudo IPv4 and the real address", LOCAL, LOOPBACK, "cloudflare", (*cf("240.16.0.1", "CH"), ("cf-connecting-ipv6", VISITOR6)), VISITOR6, "CH"),
    Vector("pseudo IPv4 in all headers", LOCAL, LOOPBACK, "cloudflare", (*xff("240.16.0.1"), *cf("240.16.0.1", "CH"), ("cf-connecting-ipv6", VISITOR6)), VISITOR6, "CH"),
    Vector("pseudo IPv4 and a proxy's real address", LOCAL, (*LOOPBACK, *CDN), "cloudflare", (*cf("240.16.0.1", "CH"), ("cf-connecting-ipv6", "2606:4700::103")), None),
    Vector("pseudo IPv4 and a real address twice", LOCAL, LOOPBACK, "cloudflare", (*cf("240.16.0.1", "CH"), *(("cf-connecting-ipv6", VISITOR6),) * 2), None),
    Vector("pseudo IPv4 and IPv4 for the real address", LOCAL, LOOPBACK, "cloudflare", (*cf("240.16.0.1", "CH"), ("cf-connecting-ipv6", VISITOR)), None),
    Vector("pseudo IPv4 and mapped IPv4 for the real address", LOCAL, LOOPBACK, "cloudflare", (*cf("240.16.0.1", "CH"), ("cf-connecting-ipv6", f"::ffff:{VISITOR}")), None),
    Vector("a real IPv4 address, and a client's header beside it", LOCAL, LOOPBACK, "cloudflare", (*cf(VISITOR, "CH"), ("cf-connecting-ipv6", VISITOR6)), VISITOR, "CH"),
    Vector("a client's header alone", LOCAL, LOOPBACK, "cloudflare", (*xff(VISITOR), ("cf-connecting-ipv6", VISITOR6)), VISITOR),
    Vector("pseudo IPv4 of another vendor", LOCAL, LOOPBACK, "fastly", (("fastly-client-ip", "240.16.0.1"), ("cf-connecting-ipv6", VISITOR6), ("pb-geo-country", "CH")), None),
    Vector("a worker of the CDN is no visitor", "173.245.48.1", CDN, "cloudflare", cf("2606:4700::103", "CH"), None),
    Vector("one CDN behind another", "173.245.48.1", CDN, "vercel", (("x-vercel-forwarded-for", "173.245.49.54"), ("x-vercel-ip-country", "GB")), None),
    Vector("one CDN behind another, and forwarding headers", "173.245.48.1", CDN, "vercel", (*xff(VISITOR), ("x-vercel-forwarded-for", "173.245.49.54"), ("x-vercel-ip-country", "GB")), None),
    Vector("a repeated vendor header", LOCAL, LOOPBACK, "cloudflare", (*cf(FORGED, "CH"), *cf(VISITOR, "CH")), None),
    Vector("a list where one address belongs", LOCAL, LOOPBACK, "cloudflare", cf(f"{FORGED}, {VISITOR}", "CH"), None),
    Vector("the vendor decides alone", LOCAL, LOOPBACK, "cloudflare", (*xff(FORGED), *cf(VISITOR, "CH")), VISITOR, "CH"),
    Vector("an unreadable vendor address is no reason to guess", LOCAL, LOOPBACK, "cloudflare", (*xff(FORGED), *cf("x", "CH")), None),
    Vector("without the vendor's address the walk", LOCAL, LOOPBACK, "cloudflare", (*xff(VISITOR), ("cf-ipcountry", "CH")), VISITOR, "CH"),
    Vector("a country without any address", "173.245.48.1", CDN, "cloudflare", (("cf-ipcountry", "CH"),), None, "CH"),
    Vector("without vendor headers the walk alone", LOCAL, LOOPBACK, "cloudflare", xff(VISITOR), VISITOR),
    Vector("Fastly", LOCAL, LOOPBACK, "fastly", (("fastly-client-ip", VISITOR), ("pb-geo-country", "CH"), ("pb-geo-subdivision", "ZH")), VISITOR, "CH", "ZH"),
    Vector("Fastly's signs for unknown", LOCAL, LOOPBACK, "fastly", (("fastly-client-ip", VISITOR), ("pb-geo-country", "**"), ("pb-geo-subdivision", "?")), VISITOR),
    Vector("Akamai", LOCAL, LOOPBACK, "akamai", (("true-client-ip", VISITOR), ("x-akamai-edgescape", SCAPE)), VISITOR, "US", "MA"),
    Vector("EdgeScape's regions elsewhere are not ISO's", LOCAL, LOOPBACK, "akamai", (("x-akamai-edgescape", "country_code=AU,region_code=04"),), None, "AU"),
    Vector("EdgeScape twice", LOCAL, LOOPBACK, "akamai", (("x-akamai-edgescape", SCAPE), ("x-akamai-edgescape", SCAPE)), None),
    Vector("EdgeScape of a reserved address", LOCAL, LOOPBACK, "akamai", (("x-akamai-edgescape", "country_code=reserved"),), None),
    Vector("CloudFront", LOCAL, LOOPBACK, "cloudfront", front(f"{VISITOR}:46532"), VISITOR, "CH", "ZH", "Europe/Zurich"),
    Vector("CloudFront, IPv6 without brackets", LOCAL, LOOPBACK, "cloudfront", front(f"{VISITOR6}:46532"), VISITOR6, "CH", "ZH", "Europe/Zurich"),
    Vector("CloudFront, a numbered region", LOCAL, LOOPBACK, "cloudfront", front(f"{VISITOR}:1", "JP", "13", "Asia/Tokyo"), VISITOR, "JP", "13", "Asia/Tokyo"),
    Vector("CloudFront without a port", LOCAL, LOOPBACK, "cloudfront", front(VISITOR), None),
    Vector("a zone that is none", LOCAL, LOOPBACK, "cloudfront", front(f"{VISITOR}:1", zone="../etc"), VISITOR, "CH", "ZH"),
    Vector("a place without a country is none", LOCAL, LOOPBACK, "cloudfront", front(f"{VISITOR}:1", "XX"), VISITOR),
    Vector("Vercel", LOCAL, LOOPBACK, "vercel", (("x-vercel-forwarded-for", VISITOR), ("x-real-ip", FORGED), ("x-vercel-ip-country", "US"), ("x-vercel-ip-country-region", "CA"), ("x-vercel-ip-timezone", "America/Los_Angeles")), VISITOR, "US", "CA", "America/Los_Angeles"),
    Vector("Vercel's second header", LOCAL, LOOPBACK, "vercel", (("x-real-ip", VISITOR),), VISITOR),
    Vector("nginx", LOCAL, LOOPBACK, "nginx", (("x-real-ip", VISITOR), *xff(FORGED)), VISITOR),
    Vector("generic", LOCAL, LOOPBACK, "generic", (("pb-client-ip", VISITOR), ("pb-geo-country", "CH"), ("pb-geo-subdivision", "CH-ZH")), VISITOR, "CH", "ZH"),
    Vector("generic, geo alone", LOCAL, LOOPBACK, "generic", (("pb-geo-country", "ch"), ("pb-geo-subdivision", "zh")), None, "CH", "ZH"),
    Vector("a subdivision of another country", LOCAL, LOOPBACK, "generic", (("pb-geo-country", "CH"), ("pb-geo-subdivision", "DE-BY")), None, "CH"),
    Vector("a subdivision without a country", LOCAL, LOOPBACK, "generic", (("pb-geo-subdivision", "CH-ZH"),), None),
    Vector("generic headers from an untrusted peer", VISITOR, LOOPBACK, "generic", (("pb-client-ip", FORGED), ("pb-geo-country", "US")), VISITOR),
)  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.name for vector in VECTORS])
def test_vector(vector: Vector) -> None:
    """Each row of the table holds, twice in a row with one resolver, and beside headers that have no say."""
    resolver = ClientIpResolver(vector.trusted, vector.edge)
    lines = [(name.encode(), value.encode()) for name, value in vector.headers]
    noise = [(b"host", b"8.8.4.4"), (b"x-client-ip", b"8.8.4.4"), (b"via", b"1.1 8.8.4.4"), (b"client-ip", b"8.8.4.4")]
    expected = Origin(vector.address, vector.country, vector.subdivision, vector.time_zone)
    assert resolver.resolve(vector.peer, lines) == expected
    assert resolver.resolve(vector.peer, noise + lines) == expected


class Sent(NamedTuple):
    """A preset's headers: those that may hold an address, how it writes one, and the place it names beside it."""

    addresses: tuple[str, ...]
    written: str
    place: tuple[tuple[str, str], ...]
    told: tuple[str, str | None, str | None]


SENT: dict[Edge, Sent] = {
    "cloudflare": Sent(("cf-connecting-ip",), "{}", (("cf-ipcountry", "GB"),), ("GB", None, None)),
    "fastly": Sent(
        ("fastly-client-ip",), "{}", (("pb-geo-country", "GB"), ("pb-geo-subdivision", "ENG")), ("GB", "ENG", None)
    ),
    "akamai": Sent(("true-client-ip",), "{}", (("x-akamai-edgescape", SCAPE),), ("US", "MA", None)),
    "cloudfront": Sent(
        ("cloudfront-viewer-address",),
        "{}:443",
        front("", "GB", "ENG", "Europe/London")[1:],
        ("GB", "ENG", "Europe/London"),
    ),
    "vercel": Sent(
        ("x-vercel-forwarded-for", "x-real-ip"),
        "{}",
        (
            ("x-vercel-ip-country", "GB"),
            ("x-vercel-ip-country-region", "ENG"),
            ("x-vercel-ip-timezone", "Europe/London"),
        ),
        ("GB", "ENG", "Europe/London"),
    ),
    "generic": Sent(
        ("pb-client-ip",), "{}", (("pb-geo-country", "GB"), ("pb-geo-subdivision", "ENG")), ("GB", "ENG", None)
    ),
}
OF_NO_VISITOR = {
    "a trusted proxy's": "173.245.49.54",
    "a trusted proxy's, IPv6": "2606:4700::103",
    "a trusted proxy's, mapped": "::ffff:173.245.49.54",
    "private": "10.1.2.3",
    "unique local": "fd12::1",
    "link-local": "fe80::1%eth0",
    "loopback": "127.0.0.1",
    "carrier NAT": "100.64.0.1",
    "documentation": "203.0.113.9",
    "reserved": "240.16.0.1",
    "multicast": "232.1.2.3",
    "unspecified": "::",
    "no address": "unknown",
    "a name": "proxy.example",
    "nothing": "",
    "a list": f"{FORGED}, {VISITOR}",
    "shortened": "195.65",
}


def test_every_preset_that_names_a_place_stands_in_the_table() -> None:
    """A preset that is added says here what it sends, and so is held to the rules below."""
    named = {edge for edge in get_args(Edge) if edge and headers_of_edge(edge)[1]}
    assert named == {*SENT}
    assert all({*SENT[edge].addresses} <= {*headers_of_edge(edge)[0]} for edge in named)


@pytest.mark.parametrize("edge", SENT)
@pytest.mark.parametrize("text", OF_NO_VISITOR.values(), ids=OF_NO_VISITOR)
def test_a_place_beside_an_address_of_no_visitor_is_unknown(edge: Edge, text: str) -> None:
    """The vendor looked up what it saw: a proxy's country is not the visitor's, whatever forwarding headers say."""
    sent = SENT[edge]
    resolver = ClientIpResolver((*LOOPBACK, *CDN), edge)
    place = [(name.encode(), value.encode()) for name, value in sent.place]
    for name in sent.addresses:
        lines = [(name.encode(), sent.written.format(text).encode()), *place]
        assert resolver.resolve(LOCAL, lines) == Origin()
        assert resolver.resolve(LOCAL, [*lines, (b"x-forwarded-for", VISITOR.encode())]) == Origin()
        assert resolver.resolve(LOCAL, [*lines, lines[0]]) == Origin()


@pytest.mark.parametrize("edge", SENT)
def test_a_place_beside_a_visitors_address_or_alone_is_believed(edge: Edge) -> None:
    """An edge that keeps the address to itself is believed; so is one that shows a visitor's."""
    sent = SENT[edge]
    resolver = ClientIpResolver((*LOOPBACK, *CDN), edge)
    place = [(name.encode(), value.encode()) for name, value in sent.place]
    assert resolver.resolve(LOCAL, place) == Origin(None, *sent.told)
    hidden = (b"x-forwarded-for", b"unknown")
    assert resolver.resolve(LOCAL, [*place, hidden]) == Origin(None, *sent.told)
    for address in (VISITOR, VISITOR6):
        shown = (sent.addresses[0].encode(), sent.written.format(address).encode())
        assert resolver.resolve(LOCAL, [*place, shown]) == Origin(address, *sent.told)
        assert resolver.resolve(LOCAL, [*place, shown, hidden]) == Origin(address, *sent.told)


def test_names_of_vectors_differ() -> None:
    """A row that repeats another's name would hide which of the two fails."""
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.name for vector in VECTORS])
def test_collected_values_give_the_same_origin(vector: Vector) -> None:
    """An intake that collects the wanted headers itself, among others, gets what ``resolve`` gives."""
    resolver = ClientIpResolver(vector.trusted, vector.edge)
    lines = [(name.encode(), value.encode()) for name, value in vector.headers]
    found: dict[bytes, bytes] = {b"user-agent": b"8.8.4.4"}
    for name, value in lines:
        if name in resolver.header_names:
            found[name] = found[name] + b"," + value if name in found else value
    values = found.pop(b"x-forwarded-for", None), found.pop(b"forwarded", None), found
    assert resolver.resolve_values(vector.peer, *values) == resolver.resolve(vector.peer, lines)


@pytest.mark.parametrize("edge", ["cloudflare", "fastly", "akamai", "cloudfront", "vercel", "nginx", "generic"])
def test_wanted_headers_are_the_presets_alone(edge: Edge) -> None:
    """Headers are named in lower case, and no preset reads what another vendor's client could forge."""
    plain = ClientIpResolver().header_names
    wanted = ClientIpResolver(edge=edge).header_names - plain
    assert plain == {b"x-forwarded-for", b"forwarded"}
    assert wanted
    assert all(name == name.lower() for name in wanted)


@pytest.mark.parametrize(
    ("trusted", "named"),
    [
        (("10.0.0.0/33",), ["'10.0.0.0/33'"]),
        (("10.0.0.1/8",), ["'10.0.0.1/8'"]),  # host bits: a mistyped prefix trusts more than was meant
        (("localhost", "10.0.0.0/8", ""), ["'localhost'", "''"]),
        (("fe80::1%eth0",), ["'fe80::1%eth0'"]),
        (("0.0.0.0/0",), ["'0.0.0.0/0'", "IPv4"]),
        (("::/0",), ["'::/0'", "IPv6"]),
        (("0.0.0.0/1", "128.0.0.0/1"), ["'0.0.0.0/1'", "'128.0.0.0/1'"]),
        (("::ffff:0:0/96",), ["'::ffff:0:0/96'", "IPv4"]),
        (("2000::/3",), ["'2000::/3'", "IPv6"]),
        (("0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"), ["trusts every address of IPv4"]),
        (("0.0.0.0/0", "x", "::/0"), ["'0.0.0.0/0'", "'x'", "'::/0'"]),
    ],
)
def test_bad_networks_stop_the_start(trusted: tuple[str, ...], named: list[str]) -> None:
    """Every network that is none, and every set of networks that trusts everyone, is named in one error."""
    with pytest.raises(ValueError, match="trusted_proxies") as raised:
        ClientIpResolver(trusted)
    assert all(name in str(raised.value) for name in named)


def test_half_of_the_world_may_be_trusted() -> None:
    """A large network is the operator's business as long as somebody is left."""
    resolver = ClientIpResolver(("128.0.0.0/1",))
    assert resolver.resolve(VISITOR, [(b"x-forwarded-for", b"8.8.8.8")]).address == FORGED


def test_an_edge_nobody_knows_stops_the_start() -> None:
    """A mistyped preset would silently read nothing."""
    with pytest.raises(ValueError, match="edge"):
        ClientIpResolver(edge="cloudfare")  # type: ignore[arg-type]


def test_an_origin_shows_nothing() -> None:
    """Neither a log line nor a traceback that prints an origin tells whose it is."""
    origin = Origin(VISITOR, "CH", "ZH", "Europe/Zurich")
    assert repr(origin) == str(origin) == f"{origin}" == "Origin(...)"
    assert list(origin.__rich_repr__()) == []
    assert Origin() == Origin(None, None, None, None)


def test_remembered_proxies_are_bounded_and_never_visitors() -> None:
    """Only trusted peers are remembered, and of a large trusted network not all."""
    resolver = ClientIpResolver(("10.0.0.0/8",))
    for number in range(TRUSTED_PEERS_MAX + 10):
        resolver.resolve(str(ipaddress.ip_address("10.0.0.0") + number), [(b"x-forwarded-for", VISITOR.encode())])
        resolver.resolve(VISITOR, [(b"x-forwarded-for", FORGED.encode())])
    assert 0 < len(resolver._trusted_peers) <= TRUSTED_PEERS_MAX
    assert not {VISITOR, FORGED} & resolver._trusted_peers


def is_a_visitors(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """The law in words of ``ipaddress``."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_a_visitors(mapped)
    site_local = getattr(address, "is_site_local", False)
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


def near_an_edge(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> st.SearchStrategy[Any]:
    ends = int(network.network_address), int(network.broadcast_address)
    near = {end + step for end in ends for step in (-1, 0, 1)}
    family = type(network.network_address)
    return st.sampled_from([family(n) for n in sorted(near) if 0 <= n < 1 << network.max_prefixlen])


@given(st.one_of(st.ip_addresses(), st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_public_means_what_the_standard_library_says(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Global, and neither multicast, reserved nor site-local, in canonical text."""
    mapped = getattr(address, "ipv4_mapped", None)
    assert public_address(str(address)) == (str(mapped or address) if is_a_visitors(address) else None)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(ipaddress.ip_network), st.integers(0, 128), st.data())
def test_public_agrees_beside_the_edges_of_any_network(network: Any, prefix: int, data: st.DataObject) -> None:
    """The law changes its mind at the edges of networks only, so there it is asked most."""
    wide = network.supernet(new_prefix=min(prefix, network.max_prefixlen))
    address = data.draw(near_an_edge(wide))
    assert (public_address(str(address)) is not None) == is_a_visitors(address)


def test_public_agrees_at_the_edges_of_every_special_network() -> None:
    """The edges that the standard library itself knows, of whichever release runs this test."""
    constants = vars(ipaddress)["_IPv4Constants"], vars(ipaddress)["_IPv6Constants"]
    networks = []
    for value in [value for holder in constants for value in vars(holder).values()]:
        networks += [n for n in (value if isinstance(value, list) else [value]) if hasattr(n, "broadcast_address")]
    for network in networks:
        for end in (int(network.network_address), int(network.broadcast_address)):
            for number in (end - 1, end, end + 1):
                if 0 <= number < 1 << network.max_prefixlen:
                    address = type(network.network_address)(number)
                    assert (public_address(str(address)) is not None) == is_a_visitors(address), address
    assert len(networks) > 30


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@example("127.1")
@example("010.0.0.1")
@example("1.2.3.4\x00")
@example("\ud800")
@example("2a02::1%eth0")
@example("1.2.3.4\n")
def test_whatever_is_read_as_an_address_is_one(text: str) -> None:
    """Nothing is read that the standard library refuses, and nothing raises."""
    address = public_address(text)
    if address is not None:
        assert is_a_visitors(ipaddress.ip_address(text))


@given(
    st.one_of(
        st.ip_addresses().map(lambda address: str(address).encode()),
        st.ip_addresses(v=6).map(lambda address: address.exploded.upper().encode()),
        st.from_regex(rb"[0-9.:%a-f\[\] ]{1,24}", fullmatch=True),
        st.binary(max_size=40),
    )
)
@example(b"010.0.0.1")
@example(b"8.8.8")
@example(b"8.8.8.8\x00")
@example(b"8.8.8.8\n")
@example(b"2a02::1%1")
@example(b"::ffff:8.8.8.8")
@example(b"")
def test_what_is_plainly_public_is_what_reading_with_care_finds(octets: bytes) -> None:
    """The short way says what the long one does, or nothing."""
    address = plainly_public(octets.decode("latin-1"))
    assert address is None or address == public_text(read_hop(octets))


def test_most_of_what_is_public_is_plainly_so() -> None:
    """Visitors' usual networks, old and new, go the short way."""
    for address in (VISITOR, FORGED, VISITOR6, "2600::1"):
        assert plainly_public(address) == address
    for address in ("10.0.0.1", "192.168.1.1", "224.0.0.1", "fe80::1", "2001:db8::1", "::1"):
        assert plainly_public(address) is None


@given(
    st.sampled_from(sorted(SENT)),
    st.one_of(st.ip_addresses().map(str), st.text(st.characters(codec="latin-1"), max_size=20)),
)
def test_a_place_is_told_only_beside_the_visitor_that_it_is_of(edge: Any, text: str) -> None:
    """Whatever stands in a vendor's address header: there is a place exactly where there is an address."""
    sent = SENT[edge]
    resolver = ClientIpResolver((*LOOPBACK, *CDN), edge)
    lines = [(sent.addresses[0].encode(), sent.written.format(text).encode("latin-1"))]
    origin = resolver.resolve(LOCAL, [*lines, *((name.encode(), value.encode()) for name, value in sent.place)])
    assert (origin.country, origin.subdivision, origin.time_zone) == (
        sent.told if origin.address else (None, None, None)
    )


BLANKS = st.sampled_from(["", " ", "\t", " \t "])
HOP = st.sampled_from([VISITOR, VISITOR6, FORGED, "10.0.0.1", "fd00::5", "unknown", "2606:4700::1"])


@given(st.lists(HOP, min_size=1, max_size=6), st.lists(BLANKS, max_size=8), st.data())
def test_empty_members_change_nothing(hops: list[str], blanks: list[str], data: st.DataObject) -> None:
    """RFC 9110 section 5.6.1: a list means the same with and without its empty members, in both headers."""
    resolver = ClientIpResolver((*INNER, *CDN))
    for name, written in ((b"x-forwarded-for", "{}"), (b"forwarded", 'for="{}"')):
        members = [written.format(f"[{hop}]" if ":" in hop and name == b"forwarded" else hop) for hop in hops]
        padded = list(members)
        for blank in blanks:
            padded.insert(data.draw(st.integers(0, len(padded))), blank)
        plain = resolver.resolve(LOCAL, [(name, ",".join(members).encode())])
        assert resolver.resolve(LOCAL, [(name, ",".join(padded).encode())]) == plain


@given(st.lists(HOP, min_size=HOPS_MAX, max_size=HOPS_MAX + 8), st.lists(HOP, max_size=40))
def test_beyond_the_nearest_hops_nothing_is_read(hops: list[str], farther: list[str]) -> None:
    """What a client writes on the left decides nothing once the proxies have filled what is read."""
    resolver = ClientIpResolver((*INNER, *CDN))
    near = resolver.resolve(LOCAL, [(b"x-forwarded-for", ",".join(["10.0.0.9", *hops]).encode())])
    far = resolver.resolve(LOCAL, [(b"x-forwarded-for", ",".join([*farther, "10.0.0.9", *hops]).encode())])
    assert near == far


HOPS = st.one_of(
    st.sampled_from(
        [VISITOR, VISITOR6, FORGED, LOCAL, "10.0.0.1", "unknown", "_x", "", f"[{VISITOR6}]:1", "fe80::1%e"]
    ),
    st.text(st.characters(codec="latin-1"), max_size=12),
)


@given(
    st.lists(HOPS, max_size=6), st.lists(HOPS, max_size=6), st.sampled_from(["", "cloudflare", "akamai", "cloudfront"])
)
def test_no_bytes_make_the_resolver_raise(hops: list[str], nodes: list[str], edge: Edge) -> None:
    """Any octets in any of the headers give an origin whose parts fit the house's types."""
    resolver = ClientIpResolver(INNER, edge)
    junk = ",".join(hops).encode("latin-1")
    lines = [(name, junk) for name in sorted(resolver.header_names)]
    lines += [(b"forwarded", ", ".join(f'for="{node}"' for node in nodes).encode("latin-1"))]
    origin = resolver.resolve(LOCAL, lines)
    assert origin.address is None or is_a_visitors(ipaddress.ip_address(origin.address))
    place = {
        "country": origin.country,
        "subdivision": origin.subdivision,
        "time_zone": origin.time_zone,
        "source": "edge",
    }
    msgspec.convert(place, Place)


@given(st.lists(st.sampled_from(["10.0.0.1", LOCAL, "fd00::1"]), max_size=5), st.lists(HOPS, max_size=4))
def test_nothing_left_of_the_client_changes_who_it_is(proxies: list[str], forged: list[str]) -> None:
    """Whatever a client puts in front of the hops that trusted proxies add, it stays who it is."""
    resolver = ClientIpResolver(INNER)
    lines = [(b"x-forwarded-for", ",".join([*forged, VISITOR, *proxies]).encode("latin-1"))]
    assert resolver.resolve(LOCAL, lines).address == VISITOR


@given(st.lists(HOPS, max_size=5))
def test_every_hop_decides_up_to_the_first_that_is_not_trusted(hops: list[str]) -> None:
    """Both headers' walks are one walk: written either way, the same hops tell the same address."""
    resolver = ClientIpResolver(INNER)
    clean = [hop for hop in hops if hop in {VISITOR, FORGED, LOCAL, "10.0.0.1", "unknown", "_x"}] or ["unknown"]
    by_list = resolver.resolve_values(LOCAL, ", ".join(clean).encode(), None, {})
    by_rfc = resolver.resolve_values(LOCAL, None, ", ".join(f"for={hop}" for hop in clean).encode(), {})
    assert by_list == by_rfc


@pytest.mark.parametrize("filler", [b" ", b";", b"\\", b'"', b"a", b",", b"a=", b'a="', b'\\"'])
def test_a_long_hostile_header_is_cheap(filler: bytes) -> None:
    """No header of 16 KB takes noticeable time: nothing in it is read twice."""
    resolver = ClientIpResolver(INNER, "akamai")
    value = (filler * 16384)[:16384]
    lines = [(name, value) for name in sorted(resolver.header_names)]
    lines += [(b"forwarded", b'for="' + value[:1000]), (b"forwarded", value[:1000])]
    assert resolver.resolve(LOCAL, lines) == Origin()
    assert resolver.resolve_values(LOCAL, None, value[:2048], {}) == Origin()
