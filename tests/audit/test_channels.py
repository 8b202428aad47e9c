"""The list of channels is whole: every route, every field and every vendor's header that the service knows of."""

import inspect
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from service.audit.channel import REFUSED, Channel, dropped, pointed_at
from service.audit.channels import CHANNELS, needed
from service.audit.requests import CARRIERS, OUTCOMES, SHEDDING, Message, SiteContext, octets
from service.settings import Settings
from service.web.bodies.event_schema import AnyEventBody, EventsBody
from service.web.bodies.schema import (
    ACCEPT_LANGUAGE_MAX_BYTES,
    USER_AGENT_MAX_BYTES,
    ClientHintsBody,
    CookiesBody,
    DeviceBody,
    SignalsBody,
)
from service.web.ofrep.context import ContextBody
from service.web.routes import table
from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.cookies import NAMES

CONTEXT = SiteContext(host="127.0.0.1:8080", site="demo", key="a-key", token="a-token", topic="outdoor")
DROPPED = ("device", "language", "region", "interests", "variants", "consent")
EDGES = [edge for edge in get_args(get_type_hints(Settings, include_extras=True)["edge"]) if edge]


class Anything:
    """Has whatever a table of routes asks its parts for."""

    def __getattr__(self, _: str) -> Any:
        return self


def request(message: Message, marker: str = "themarker") -> bytes:
    return octets(message, CONTEXT.values(marker, 7))


def requests() -> list[bytes]:
    """Everything that is sent, in turn on one carrier after the other."""
    return [
        request(channel.on(CARRIERS[place % len(CARRIERS)]) if channel.rides else channel.message)
        for place, channel in enumerate(CHANNELS)
    ]


def test_every_route_is_asked() -> None:
    """The service's own table, row by row: a new route wants a carrier."""
    rows = table(*[Anything()] * len(inspect.signature(table).parameters))  # type: ignore[arg-type]
    assert {(row.path, row.method) for row in rows} <= {(one.route, one.message.method) for one in CARRIERS}


def test_every_carrier_is_of_a_route() -> None:
    """None is left of a route that went; HEAD is asked for as GET is."""
    rows = table(*[Anything()] * len(inspect.signature(table).parameters))  # type: ignore[arg-type]
    assert {one.route for one in CARRIERS} == {row.path for row in rows}
    assert {one.route for one in set(CARRIERS) - set(SHEDDING)} == {"/livez", "/readyz"}


def test_every_channel_has_a_name_of_its_own_and_a_marker_in_it() -> None:
    assert len({channel.key for channel in CHANNELS}) == len(CHANNELS)
    for channel, sent in zip(CHANNELS, requests(), strict=True):
        assert b"themarker" in sent, channel.key
        assert b"$" not in sent, channel.key
        assert not channel.whole or "$marker" in channel.whole


@pytest.mark.parametrize("edge", EDGES)
def test_every_edges_headers_are_a_channel(edge: str) -> None:
    """Also of those that the deployment under audit does not have: then they are unknown headers."""
    names = ClientIpResolver(("127.0.0.0/8",), edge).vendor_headers
    lines = {channel.line.partition(":")[0].lower().encode() for channel in CHANNELS}
    assert names & lines


def test_every_cookie_of_ours_is_a_channel() -> None:
    for name in NAMES:
        assert any(f"pb_{name}=" in channel.line and "$marker" in channel.line for channel in CHANNELS), name


@pytest.mark.parametrize("name", DROPPED)
def test_every_cookie_that_can_be_dropped_is_sent_to_be_dropped(name: str) -> None:
    """And to be refused; an answer has to say so. Interests and variants also to be used."""
    ours = [channel for channel in CHANNELS if f"pb_{name}=" in channel.line.rpartition(";")[2]]
    assert any(channel.granted == dropped(name) for channel in ours)
    assert any(channel.refused == pointed_at(f"/cookies/pb_{name}") for channel in ours)
    is_used = any('"signals_used"' in channel.granted and name in channel.granted for channel in ours)
    assert is_used or name in ("language", "region", "consent")  # these are only used where no marker is in them


@pytest.mark.parametrize(
    "key, limit", [("user_agent_long", USER_AGENT_MAX_BYTES), ("accept_language_long", ACCEPT_LANGUAGE_MAX_BYTES)]
)
def test_the_longest_values_that_are_read_have_their_marker_late(key: str, limit: int) -> None:
    channel = next(channel for channel in CHANNELS if channel.key == key)
    value = request(channel.on(CARRIERS[0]), "m" * (16 if channel.kind == "word" else 8)).partition(b"\r\n\r\n")[0]
    value = next(line.partition(b": ")[2] for line in value.split(b"\r\n") if b"mmmm" in line)
    assert 0.9 * limit < len(value) <= limit
    assert value.index(b"mmmm") > 0.9 * len(value)


def test_every_member_of_a_body_that_takes_a_text_has_a_marker_somewhere() -> None:
    """The names of our fields, each with a value of a client's; closed ones are refused, which is a channel too."""
    closed = {
        "geo",
        "country",
        "subdivision",
        "gpc",
        "opt_out",
        "optOut",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "save-data",
    }
    kinds = (SignalsBody, CookiesBody, DeviceBody, ClientHintsBody, ContextBody, EventsBody, *get_args(AnyEventBody))
    bodies = "".join(channel.message.body for channel in CHANNELS)
    for kind in kinds:
        for field in msgspec.structs.fields(kind):
            if field.encode_name not in closed:
                assert f'"{field.encode_name}": ' in bodies, field.encode_name


def test_every_outcome_is_gone_for() -> None:
    """Of each channel the shutdown; and most channels can be granted what they ask, or nothing would be shown."""
    assert {outcome for _, outcome in needed()} == set(OUTCOMES)
    assert all("shutdown" in channel.needs for channel in CHANNELS)
    assert sum("success" in channel.needs for channel in CHANNELS) > 0.6 * len(CHANNELS)


def test_a_channel_takes_the_place_of_what_would_contradict_it() -> None:
    """One address, one User-Agent; a cookie beside the consent; the deployment's key only where no credential is."""
    visit = CARRIERS[0]
    by_key = {channel.key: channel for channel in CHANNELS}
    address = request(by_key["forwarded_ipv4"].on(visit))
    assert b"X-Forwarded-For" not in address
    assert b"Forwarded: for=themarker" in address
    assert request(by_key["user_agent"].on(visit)).count(b"User-Agent:") == 1
    assert b"pb_consent=statistics.experiments.cohort.interests; pb_device=themarker" in request(
        by_key["cookie_device"].on(visit)
    )
    assert b"a-key" in address
    assert b"a-key" not in request(by_key["authorization"].on(visit))


def test_a_request_is_spoiled_without_losing_its_marker() -> None:
    for carrier in CARRIERS:
        spoiled = request(Channel("any", "word", "X-Any: $marker").on(carrier).refused(carrier.refused_by))
        assert b"X-Any: themarker" in spoiled
        assert b"nobody-knows-this=1" in spoiled or spoiled.startswith(b"PATCH ")


def test_a_body_has_its_length_unless_a_line_says_how_it_comes() -> None:
    assert b"Content-Length: 4\r\n\r\n{\xc3\xa9}" in request(Message("POST", "/", (), "{é}"))
    assert b"Content-Length: 0\r\n" in request(Message("DELETE", "/"))
    chunked = request(Message("POST", "/", ("Transfer-Encoding: chunked",), "0\r\n\r\n"))
    assert b"Content-Length" not in chunked


def test_what_is_known_of_a_deployment_shows_nothing_of_its_key() -> None:
    assert "a-key" not in repr(CONTEXT)
    assert set(OUTCOMES) > REFUSED
