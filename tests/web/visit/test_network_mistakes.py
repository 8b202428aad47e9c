"""An entry of ``trusted_proxies`` that cannot be read says what is wrong with it, and which network was meant."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.network_mistakes import network_mistake


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.5/8", "has host bits set: the network is 10.0.0.0/8, the one address 10.0.0.5"),
        (
            "192.168.1.77/255.255.255.0",
            "has host bits set: the network is 192.168.1.0/24, the one address 192.168.1.77",
        ),
        ("2001:db8::5/32", "has host bits set: the network is 2001:db8::/32, the one address 2001:db8::5"),
        ("10.0.0.0/33", "has a prefix of more than 32 bits"),
        ("::/129", "has a prefix of more than 128 bits"),
        ("10.0.0.0/", "has a prefix that is none"),
        ("10.0.0.0/eight", "has a prefix that is none"),
        ("10.0.0.0/-8", "has a prefix that is none"),
        (" 10.0.0.0/8", "has spaces in it; 10.0.0.0/8?"),
        ("10.0.0.0 /8", "has spaces in it; 10.0.0.0/8?"),
        ("10.*", "has a star; 10.0.0.0/8?"),
        ("10.1.2.*", "has a star; 10.1.2.0/24?"),
        ("10.1.x.x", "has a star; 10.1.0.0/16?"),
        ("10.0.0.1:8080", "has a port; 10.0.0.1?"),
        ("[::1]:8080", "has a port; ::1?"),
        ("[2001:db8::1]", "has brackets; 2001:db8::1?"),
        ("10.0.0.0-10.0.0.255", "is a range; as networks it is 10.0.0.0/24"),
        ("10.0.0.1-10.0.0.6", "is a range; as networks it is 10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32"),
        ("10.0.0.9 - 10.0.0.1", "is a range that ends before it begins"),
        ("10.0.0.0/8, 192.168.0.0/16", "is more than one"),
        ("10.0.0.0/8 unix 10.1.0.1", "is more than one; each stands in quotes of its own"),
        ("*", "would trust everybody"),
        ("all", "would trust everybody"),
        ("localhost", "is no network; this machine is 127.0.0.0/8 and ::1/128"),
        ("private_ranges", "is no network; the private ones are 10.0.0.0/8"),
        ("cloudflare", "is no network; `edge` has the name"),
        ("/run/nginx.sock", "is no network; for connections over a unix socket write unix"),
        ("unix:/run/nginx.sock", "is no network; for connections over a unix socket write unix"),
        ("UNIX", "is no network; for connections over a unix socket write unix"),
        ("proxy.internal", "is a name, and nobody looks names up"),
        ("http://10.0.0.1", "is a URL"),
        ("010.0.0.1", "has a part with a 0 before it"),
        ("10.0.0", "is no address of IPv4"),
        ("256.0.0.1", "is no address of IPv4"),
        ("2001:db8:::1", "is no address of IPv6"),
        ("fe80::1%eth0", "has a zone"),
        ("", "is no network, address or 'unix'; must be a network"),
    ],
)
def test_a_text_that_is_no_network_says_what_to_write(text: str, said: str) -> None:
    """In the words of whoever reads it at the start: the entry itself, and the entry that would do."""
    mistake = network_mistake(text)
    assert mistake.startswith(f"{text!r} {said}"), mistake
    with pytest.raises(ValueError, match="trusted_proxies: ") as raised:
        ClientIpResolver((text,))
    assert mistake in str(raised.value)


addresses = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)


@given(addresses, st.integers(1, 128))
def test_of_host_bits_the_network_that_holds_the_address_is_named(one: IPv4Address | IPv6Address, bits: int) -> None:
    """For every address and every length of prefix; what is named can be written, as far as it trusts not everybody."""
    text = f"{one}/{min(bits, one.max_prefixlen)}"
    network = ip_network(text, strict=False)
    if network.network_address != one:
        assert network_mistake(text) == (f"'{text}' has host bits set: the network is {network}, the one address {one}")


@given(st.text(max_size=200))
def test_any_text_is_told_on_one_line(text: str) -> None:
    """And never raises, nor repeats a very long one whole."""
    mistake = network_mistake(text)
    assert mistake.isascii()
    assert mistake.isprintable()
    assert len(mistake) < 1000
