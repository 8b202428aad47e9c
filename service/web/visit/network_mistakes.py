"""Messages on entries of ``trusted_proxies`` that cannot be read: what is wrong, and what was probably meant."""

import re
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv6Address,
    NetmaskValueError,
    ip_address,
    ip_network,
    summarize_address_range,
)

_MUST = "must be a network such as 10.0.0.0/8, an address or unix"
_EVERYBODY = {"*", "all", "any", "everyone", "everybody", "true", "yes"}
_PRIVATE = {"private", "private_ranges", "private-ranges", "uniquelocal", "linklocal", "rfc1918", "internal", "lan"}
_LOOPBACK = {"localhost", "loopback", "local"}
_EDGES = {"cloudflare", "fastly", "akamai", "cloudfront", "vercel", "nginx", "generic", "aws", "gcp", "azure"}
_SOCKETS = {"unix", "socket", "uds", "unix_socket", "unix-socket", "unixsocket"}
_STARS = re.compile(r"((?:[0-9]{1,3}\.){1,3})(\*|x)(\.(\*|x))*")
_PORT = re.compile(r"([0-9.]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")
_SHOWN_CHARS_MAX = 60
_PARTS_MAX = 8


def network_mistake(text: str) -> str:
    """What is wrong with a text that is no network here."""
    quoted = ascii(text if len(text) <= _SHOWN_CHARS_MAX else f"{text[:_SHOWN_CHARS_MAX]}...")
    mistake = _word_mistake(text.strip().lower()) or _host_bits(text.strip()) or _other_form(text.strip())
    return f"{quoted} {mistake}" if mistake else f"{quoted} is no network, address or 'unix'; {_MUST}"


def _word_mistake(word: str) -> str:
    """What a word means to other programs, and what to write here."""
    if word in _EVERYBODY:
        return "would trust everybody, who could then say any address; name the networks of your proxies"
    if word in _PRIVATE:
        return "is no network; the private ones are 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"
    if word in _LOOPBACK:
        return "is no network; this machine is 127.0.0.0/8 and ::1/128"
    if word in _EDGES:
        return "is no network; `edge` has the name, and the networks of its nodes stand here"
    if word in _SOCKETS or word.startswith(("/", "unix:")):
        return "is no network; for connections over a unix socket write unix"
    return ""


def _host_bits(text: str) -> str:
    """Of an address within a network, which of the two was meant."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return ""
    if "%" in text:
        return f"has a zone, and a zone is of one machine; {_MUST}"
    if str(network.network_address) == text.partition("/")[0]:
        return ""
    try:
        ip_network(text)
    except ValueError:
        without_mask = text.partition("/")[0]
        return f"has host bits set: the network is {network}, the one address {without_mask}"
    return ""


def _other_form(text: str) -> str:
    """An address or network in a form of other programs."""
    parts = re.split(r"[,;\s]+", text)
    if len(parts) > 1 and all(part == "unix" or _is_network(part) for part in parts):
        return "is more than one; each stands in quotes of its own"
    base, slash, mask = text.partition("/")
    base, mask = base.strip(), mask.strip()
    if slash and _is_address(base):
        bits_max = 32 if isinstance(ip_address(base), IPv4Address) else 128
        if mask.isascii() and mask.isdecimal() and int(mask[:4]) > bits_max:
            return f"has a prefix of more than {bits_max} bits"
        try:
            return f"has spaces in it; {ip_network(f'{base}/{mask}', strict=False)}?"
        except ValueError:
            return f"has a prefix that is none: after the / stands a number from 0 to {bits_max}"
    stars = _STARS.fullmatch(text.lower())
    if stars is not None:
        octets = stars[1].split(".")[:-1]
        network = ".".join([*octets, *["0"] * (4 - len(octets))])
        return f"has a star; {network}/{8 * len(octets)}?" if _is_address(network) else ""
    if _PORT.fullmatch(text):
        without_port = text.rpartition(":")[0].strip("[]")
        return f"has a port; {without_port}?" if _is_address(without_port) else ""
    if text.startswith("[") and text.endswith("]") and _is_address(text[1:-1]):
        return f"has brackets; {text[1:-1]}?"
    first, dash, last = text.partition("-")
    if dash and _is_address(first.strip()) and _is_address(last.strip()):
        return _range(ip_address(first.strip()), ip_address(last.strip()))
    return _almost(text)


def _range(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> str:
    try:
        networks = [str(network) for network in summarize_address_range(first, last)]
    except (TypeError, ValueError):
        return "is a range that ends before it begins"
    ellipsis = " ..." if len(networks) > _PARTS_MAX else ""
    return f"is a range; as networks it is {' '.join(networks[:_PARTS_MAX])}{ellipsis}"


def _almost(text: str) -> str:
    """What an address lacks, or has too much of; a name, which nobody looks up."""
    base = text.partition("/")[0]
    if "://" in text:
        return "is a URL; write the address in it"
    if re.fullmatch(r"[0-9.]+", base):
        octets = base.split(".")
        if any(len(octet) > 1 and octet.startswith("0") for octet in octets):
            return f"has a part with a 0 before it, which some read as octal; {_MUST}"
        try:
            IPv4Address(base)
        except (AddressValueError, NetmaskValueError):
            return "is no address of IPv4: that has four numbers from 0 to 255"
    if ":" in base and re.fullmatch(r"[0-9a-fA-F:.]+", base):
        return "is no address of IPv6"
    if re.fullmatch(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+\.?", base.lower()):
        return "is a name, and nobody looks names up: another answer of the DNS would be trusted; write its addresses"
    return ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
