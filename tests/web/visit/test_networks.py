"""Whose reports are counted together: a network's, by the resolved address; and nobody is known by the next interval."""

import gc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.counts import Increment
from service.use_cases.counting.report_cap import ReportCap
from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.networks import Networks

LOCAL = ClientIpResolver()
BEHIND = ClientIpResolver(("10.0.0.0/8",))
CLOUDFLARE = ClientIpResolver(("10.0.0.0/8", "172.64.0.0/13"), "cloudflare")
V4, V6 = bytes([195, 65, 10]), bytes.fromhex("2a02120b0001")


def xff(value: str) -> tuple[bytes, bytes]:
    return b"x-forwarded-for", value.encode()


@pytest.mark.parametrize(
    ("resolver", "peer", "headers", "network"),
    [
        # The resolved address, wherever it stands.
        (LOCAL, "195.65.10.7", [], V4),
        (LOCAL, "195.65.10.8", [], V4),
        (LOCAL, "::ffff:195.65.10.7", [], V4),
        (LOCAL, "195.65.11.7", [], bytes([195, 65, 11])),
        (LOCAL, "2a02:120b:1:2::7", [], V6),
        (LOCAL, "2a02:120b:1:ffff::7", [], V6),
        (LOCAL, "2a02:120b:2::7", [], bytes.fromhex("2a02120b0002")),
        (LOCAL, "127.0.0.1", [xff("195.65.10.7")], V4),
        (LOCAL, "::1", [xff("195.65.10.7:1234")], V4),
        (LOCAL, "127.0.0.1", [xff("8.8.8.8, 195.65.10.7")], V4),
        (LOCAL, "127.0.0.1", [(b"forwarded", b"for=195.65.10.7")], V4),
        (BEHIND, "10.0.0.2", [xff("2a02:120b:1::7")], V6),
        (CLOUDFLARE, "172.64.0.1", [(b"cf-connecting-ip", b"195.65.10.7")], V4),
        # What a client says of itself is not believed.
        (BEHIND, "195.65.10.7", [xff("8.8.8.8")], V4),
        (BEHIND, "195.65.10.7", [(b"cf-connecting-ip", b"8.8.8.8")], V4),
        # Unknown: the peer's, which those who are unknown behind it share.
        (LOCAL, "10.1.2.3", [], bytes([10, 1, 2])),
        (LOCAL, "fe80::1%eth0", [], bytes.fromhex("fe8000000000")),
        (BEHIND, "10.0.0.2", [xff("10.9.9.9")], bytes([10, 0, 0])),
        (BEHIND, "10.0.0.2", [xff("unknown")], bytes([10, 0, 0])),
        (BEHIND, "10.0.0.2", [xff("8.8.8.8"), (b"forwarded", b"for=9.9.9.9")], bytes([10, 0, 0])),
        (BEHIND, "10.0.0.2", [], bytes([10, 0, 0])),
        (CLOUDFLARE, "172.64.0.1", [(b"cf-connecting-ip", b"8.8.8.8"), (b"cf-ipcountry", b"T1")], bytes([172, 64, 0])),
        # This machine itself has no cap; whoever comes through a proxy on it and is unknown is not this machine.
        (LOCAL, "127.0.0.1", [], None),
        (LOCAL, "127.9.9.9", [], None),
        (LOCAL, "::1", [], None),
        (LOCAL, "::ffff:127.0.0.1", [], None),
        (LOCAL, None, [], None),
        (BEHIND, "127.0.0.1", [], None),
        (LOCAL, "127.0.0.1", [(b"user-agent", b"curl")], None),
        (LOCAL, "127.0.0.1", [xff("195.65.10.7"), (b"forwarded", b"for=8.8.8.8")], b""),
        (LOCAL, "127.0.0.1", [xff("nobody")], b""),
        (LOCAL, "127.0.0.1", [xff("192.168.1.9")], b""),
        (LOCAL, "127.0.0.1", [xff("127.0.0.1")], b""),
        (BEHIND, "127.0.0.1", [xff("195.65.10.7")], b""),
        (LOCAL, None, [xff("195.65.10.7")], b""),
    ],
)
def test_a_network_is_that_of_the_resolved_address(
    resolver: ClientIpResolver, peer: str | None, headers: list[Any], network: bytes | None
) -> None:
    """A /24, or a /48 of IPv6; of an unknown one the peer's."""
    assert resolver.network(peer, headers) == network


lines = st.sampled_from([b"x-forwarded-for", b"forwarded", b"cf-connecting-ip", b"cookie"])
texts = st.binary(max_size=20) | st.sampled_from(
    [b"195.65.10.7", b"for=195.65.10.7", b"::1", b"127.0.0.1", b"10.0.0.1"]
)


@given(
    st.sampled_from([LOCAL, BEHIND, CLOUDFLARE]),
    st.sampled_from(["127.0.0.1", "::1", "10.0.0.1", "195.65.10.7", "2a02::1", None, "nonsense"]),
    st.lists(st.tuples(lines, texts), max_size=4),
)
def test_no_header_frees_a_client_of_the_cap(resolver: ClientIpResolver, peer: str | None, headers: list[Any]) -> None:
    """Whatever it writes, a network is told, of 3 or 6 octets; only without a word of a proxy is it this machine."""
    network = resolver.network(peer, headers)
    if any(name in resolver.header_names for name, _ in headers):
        assert network is not None
    assert network is None or len(network) in (0, 3, 6)


def reward(count: int = 20) -> tuple[Increment, ...]:
    return (Increment("demo", "all", ("rewarded:front:a",)),) * count


def test_addresses_of_one_network_share_its_room() -> None:
    """256 addresses are no 256 times as much."""
    networks = Networks(LOCAL, ReportCap(lambda _: {}))
    rooms = [networks.room(f"195.65.10.{number}", []) for number in range(256)]
    assert sum(room is not None and room.take(reward(1)) for room in rooms) == 20
    other = networks.room("195.65.11.1", [])
    assert other is not None
    assert other.take(reward())
    assert networks.room("127.0.0.1", []) is None


def test_another_interval_knows_nobody() -> None:
    """A network is another number then, and another process has others too."""
    networks, others = (Networks(LOCAL, ReportCap(lambda _: {})) for _ in range(2))

    def number(of: Networks) -> int:
        room = of.room("195.65.10.7", [])
        assert room is not None
        return room._network

    first = number(networks)
    assert (number(networks), number(others) == first) == (first, False)
    networks.turn()
    assert number(networks) != first


def test_nothing_that_is_held_has_the_address_in_it() -> None:
    """Of all that is reachable from it, no text and no octets hold the address or its prefix."""
    networks = Networks(LOCAL, ReportCap(lambda _: {}))
    room = networks.room("127.0.0.1", [xff("195.65.10.7")])
    assert room is not None
    assert room.take(reward())
    del room
    seen: dict[int, object] = {}
    waiting: list[object] = [vars(networks.cap), networks._key]
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen and not isinstance(thing, type) and not callable(thing):
            seen[id(thing)] = thing
            waiting += gc.get_referents(thing)
    texts = [
        thing.encode() if isinstance(thing, str) else thing for thing in seen.values() if isinstance(thing, str | bytes)
    ]
    assert texts
    assert not any(V4 in text or b"195.65" in text for text in texts)
