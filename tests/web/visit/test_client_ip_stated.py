"""The address that a body or a flag context states: read as a header's would be, and words about addresses for the rest."""

import ipaddress
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.web.visit.client_ip import stated_address
from service.web.visit.outcomes import BODY
from service.web.visit.size_limits import address_mistake

PLAINLY_ONE = {
    "plain": ("195.65.10.7", "CH"),
    "with a port": ("195.65.10.7:1234", "CH"),
    "with the last port": ("195.65.10.7:65535", "CH"),
    "a leading blank": (" 195.65.10.7", "CH"),
    "a trailing blank": ("195.65.10.7 ", "CH"),
    "an end of line": ("195.65.10.7\n", "CH"),
    "tabs, and a port": ("\t195.65.10.7:80\t", "CH"),
    "mapped into IPv6": ("::ffff:195.65.10.7", "CH"),
    "mapped, in hexadecimal": ("::FFFF:C341:0A07", "CH"),
    "mapped, in brackets": ("[::ffff:195.65.10.7]", "CH"),
    "mapped, in brackets with a port": ("[::ffff:195.65.10.7]:443", "CH"),
    "IPv6": ("2a02:1200::7", "CH"),
    "IPv6 in full": ("2A02:1200:0:0:0:0:0:0007", "CH"),
    "IPv6 in brackets": ("[2a02:1200::7]", "CH"),
    "IPv6 in brackets with a port": ("[2a02:1200::7]:443", "CH"),
    "IPv6 with a zone": ("2a02:1200::7%eth0", "CH"),
    "IPv6 in brackets with a zone and a port": ("[2a02:1200::7%eth0]:443", "CH"),
    "a private one": ("192.168.1.4", None),
    "a private one with a port": ("10.0.0.1:8080", None),
    "loopback in brackets": ("[::1]:8080", None),
    "link-local with a zone": ("fe80::1%eth0", None),
    "documentation": ("[2001:db8::1]", None),
    "mapped and private": ("::ffff:10.0.0.1", None),
    "reserved": ("240.16.0.1", None),
}
NOT_ONE = {
    "an octet too large": "195.65.10.256",
    "five numbers": "195.65.10.7.1",
    "a group too long": "2a02:12000::7",
    "a letter beyond f": "2a02:1200::g",
    "three colons": "2a02:::7",
    "an octal look": "195.065.010.007",
    "a port out of range": "195.65.10.7:65536",
    "a port that is none": "195.65.10.7:http",
    "IPv4 in brackets": "[195.65.10.7]",
    "a bracket too few": "[2a02:1200::7",
    "a zone on IPv4": "195.65.10.7%eth0",
    "a network": "195.65.10.0/24",
    "a network of IPv6": "2a02:1200::/32",
    "two": "195.65.10.7, 10.0.0.1",
    "a list that ends in nothing": "195.65.10.7,",
    "a pair of Forwarded": "for=195.65.10.7",
    "a name behind it": "127.0.0.1 (localhost)",
    "digits of another script": "\u0661\u0669\u0665.65.10.7",
    "a name of a machine": "localhost",
    "unknown": "unknown",
    "a word for nothing": "null",
    "nothing": "",
    "blanks": "  ",
    "a template's variable": "$remote_addr",
    "another": "{{ip}}",
    "a third": "%{client.ip}",
}
SAYS_WHO = {
    "anna.schmidt@example.org": "email",
    "195.65.10.7, anna.schmidt@example.org": "email",
    "+41 44 668 18 00": "phone",
    "4111 1111 1111 1111": "payment",
    "DE89 3704 0044 0532 0130 00": "payment",
    "47.37690, 8.54170": "location",
    "Anna Schmidt": "name",
    "195.65.10.7 Anna Schmidt": "name",
    "00:1b:44:11:3a:b7": "network_id",
    "00-1B-44-11-3A-B7": "network_id",
    "001b.4411.3ab7": "network_id",
    "195.65.10.7 00:1b:44:11:3a:b7": "network_id",
    "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11": "device_serial",
    "https://example.org/anna": "url",
    "1987-04-23": "date_of_birth",
}


def post(client: TestClient, text: str) -> Any:
    body = {"signals": {"ip": text}}
    return client.post("/v1/recommendation", content=json.dumps(body), headers={"content-type": "application/json"})


def evaluate(client: TestClient, text: str) -> Any:
    return client.post("/ofrep/v1/evaluate/flags/country", json={"context": {"ip": text}})


@pytest.mark.parametrize(("text", "country"), PLAINLY_ONE.values(), ids=PLAINLY_ONE)
def test_what_is_plainly_one_address_is_read(client: TestClient, text: str, country: str | None) -> None:
    """In a body and in a context, as headers write it; one of no visitor is no mistake, and tells no place."""
    answer = post(client, text)
    assert answer.status_code == 200
    assert (answer.json()["region"]["country"], answer.json()["privacy"]["regime"]) == (country, country or "ZZ")
    assert evaluate(client, text).json().get("value") == country


@pytest.mark.parametrize("text", NOT_ONE.values(), ids=NOT_ONE)
def test_a_slip_in_an_address_is_no_identity(client: TestClient, text: str) -> None:
    """The field is for an address: what is none is told so, and nothing of it is repeated."""
    answer = post(client, text)
    error = {
        name: value for name, value in answer.json()["errors"][0].items() if name in ("pointer", "code", "category")
    }
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-value")
    assert error == {"pointer": "/signals/ip", "code": "invalid_value"}
    told = evaluate(client, text)
    assert told.status_code == 400
    assert told.json()["errorDetails"].startswith("ip is not of its form. It is one IPv4 or IPv6 address")
    if len(text.strip()) > 4:
        assert text.strip() not in answer.text


@pytest.mark.parametrize(("text", "category"), SAYS_WHO.items(), ids=SAYS_WHO)
def test_what_says_who_somebody_is_is_told_as_that(client: TestClient, text: str, category: str) -> None:
    """An e-mail address does not become a mistyped address because it stands in the wrong field."""
    answer = post(client, text)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/identifying-value")
    assert answer.json()["errors"][0]["category"] == category
    assert text not in answer.text


@given(
    st.ip_addresses(),
    st.sampled_from(["", " ", "\t", "\n "]),
    st.sampled_from(["", ":1", ":65535"]),
    st.sampled_from(["", "%eth0", "%25"]),
)
def test_every_form_of_an_address_is_the_same_address(address: Any, blank: str, port: str, zone: str) -> None:
    """A port, brackets, a zone and blanks add nothing and take nothing away."""
    plain = stated_address(str(address))
    assert plain is not None
    if address.version == 4:
        forms = [f"{address}{port}", f"::ffff:{address}", f"[::ffff:{address}]{port}"]
    else:
        forms = [f"{address}{zone}", f"[{address}{zone}]{port}", address.exploded, address.exploded.upper()]
    for form in forms:
        assert stated_address(f"{blank}{form}{blank}") == plain


@given(st.text(max_size=40) | st.ip_addresses().map(str).flatmap(lambda text: st.permutations(text).map("".join)))
def test_whatever_is_stated_is_an_address_or_a_mistake(text: str) -> None:
    """Nothing raises; what is read is an address that ``ipaddress`` knows; every other text is told as one mistake."""
    address = stated_address(text)
    if address:
        ipaddress.ip_address(address)
    if address is None:
        error = address_mistake(text, BODY)
        assert error.pointer == "/signals/ip"
        assert (error.code == "identifying_value") == (error.category is not None)


@pytest.mark.parametrize(
    "zone", ["anna-schmidt", "anna", "Anna", "0794445566", "41794445566.ch", "eth", "eth0.anna", "enrico", "lola"]
)
def test_a_zone_that_is_no_interface_is_no_part_of_an_address(zone: str) -> None:
    """There nobody's name or number is taken for one."""
    assert stated_address(f"2a02:1205::1%{zone}") is None
    assert stated_address(f"[2a02:1205::1%{zone}]:443") is None


@pytest.mark.parametrize("zone", ["eth0", "en0", "enp3s0", "wlp2s0", "wlan0", "utun3", "12", "lo", "lo0"])
def test_an_interface_is_left_away(zone: str) -> None:
    assert stated_address(f"2a02:1205::1%{zone}") == "2a02:1205::1"
    assert stated_address(f"[2a02:1205::1%{zone}]:443") == "2a02:1205::1"
