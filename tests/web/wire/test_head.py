"""HEAD is GET without the body: the same fields, the same length, and the connection goes on."""

from collections.abc import Iterator

import pytest

from service.app import Container
from tests.web.wire.test_lifetime import LIVE, Serving, rest_of, serve, statuses

URLS = [
    "/v1/recommendation", "/v1/recommendation?email=x", "/v1/privacy", "/livez",
    "/.well-known/gpc.json", "/openapi.json", "/v1/cohorts/CH/de/smartphone", "/v1/cohorts/CH/xx/phone", "/problems",
    "/problems/not-found", "/problems/none", "/nowhere", "/v1/events", "/", "/v1/sites/demo/cohorts",
]  # fmt: skip
LAST = LIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house, 30) as found:
        yield found


def asked(serving: Serving, method: str, url: str, *, in_one_read: bool) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, fields but the date, and all that comes between the head and the answer to a last request."""
    octets = f"{method} {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with serving.connect() as client:
        if in_one_read:
            client.sendall(octets + LAST)
            found = b""
        else:
            client.sendall(octets)
            found = client.recv(65536)
            client.sendall(LAST)
        found += rest_of(client)
    head, _, rest = found.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    fields = dict(line.split(b": ", 1) for line in lines)
    fields.pop(b"date")
    body, _, last = rest.rpartition(b"HTTP/1.1 ")
    assert statuses(b"HTTP/1.1 " + last) == [200]
    return status, fields, body


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("in_one_read", [True, False])
def test_head_says_what_get_says_but_for_the_body(serving: Serving, url: str, in_one_read: bool) -> None:
    """Refusals too; and the next request of the connection has its own answer."""
    status, fields, body = asked(serving, "GET", url, in_one_read=in_one_read)
    assert int(fields[b"content-length"]) == len(body) > 0
    assert asked(serving, "HEAD", url, in_one_read=in_one_read) == (status, fields, b"")
    assert not serving.failures


@pytest.mark.parametrize("in_one_read", [True, False])
def test_where_get_has_no_body_head_has_no_length(serving: Serving, in_one_read: bool) -> None:
    """204 has none (RFC 9110 section 8.6)."""
    status, fields, body = asked(serving, "GET", "/v1/recommendation?format=headers", in_one_read=in_one_read)
    assert status.startswith(b"HTTP/1.1 204")
    assert (b"content-length" in fields, body) == (False, b"")
    assert asked(serving, "HEAD", "/v1/recommendation?format=headers", in_one_read=in_one_read) == (status, fields, b"")
