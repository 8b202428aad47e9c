"""What a request says of its body, and what a response is made of."""

import pytest

from service.web.problems import Refusal
from service.web.wire.messages import Headers, Request, Response, head_of, media_type, problem_response, respond


def headers(*fields: tuple[bytes, bytes]) -> Headers:
    return [*fields]


JSON_IN_UTF_8 = [
    "application/json", "Application/JSON", "application/json;charset=utf-8", "application/json; charset=UTF-8",
    "application/json; charset=utf8", "application/json; charset=UTF8", 'application/json; charset="utf-8"',
    'application/json; charset="UTF-8"', "application/json; charset=us-ascii", "application/json; charset=US-ASCII",
    'application/json; charset="us-ascii"', "application/json; charset=ascii", "application/json ; charset=utf-8",
    "application/json;  charset=utf-8  ", "application/json; charset = utf-8", 'application/json; charset= "utf8" ',
    "application/json; CharSet=Utf-8", "application/json; profile=x; charset=utf-8", "application/json;",
    "application/json; charset=utf-8;", "application/json; profile=x",
]  # fmt: skip
OTHER_CHARSETS = [
    "latin-1", "iso-8859-1", "utf-16", "utf-16le", "UTF-32", "windows-1252", "utf-7", "utf-80", "us-ascii-x", "", '""',
    "utf", "ebcdic", "gb18030", "shift_jis", "utf-8,latin-1", "8", "x-utf-8", "utf 8", "utf_8",
]  # fmt: skip


@pytest.mark.parametrize("value", JSON_IN_UTF_8)
def test_json_in_utf_8_may_be_said_in_many_ways(value: str) -> None:
    """Names of charsets have no case and may be quoted, and US-ASCII is UTF-8 too."""
    assert media_type(headers((b"content-type", value.encode()))) == "application/json"


@pytest.mark.parametrize("charset", OTHER_CHARSETS)
def test_other_charsets_are_not_read(charset: str) -> None:
    """JSON is UTF-8; whoever says otherwise would be misread."""
    assert media_type(headers((b"content-type", b"application/json; charset=" + charset.encode()))) == ""


NO_CODING = [
    b"identity", b"Identity", b"IDENTITY", b"iDeNtItY", b"identity, identity", b"identity,Identity", b" identity ",
    b"identity ,\tidentity", b"", b" ", b",", b", identity", b"identity,", b"identity, , identity", b"\tidentity",
    b"identity,identity,identity", b"IDENTITY , identity", b"identity,\t", b",,", b"Identity ,",
]  # fmt: skip
CODINGS = [
    b"gzip", b"GZip", b"br", b"deflate", b"zstd", b"identity, gzip", b"gzip, identity", b"Identity,GZIP", b"x-gzip",
    b"identityx", b"xidentity", b"identity gzip", b"identity;q=1", b"none", b"*", b"identity, *", b"compress",
    b"identityidentity", b"aes128gcm", b"utf-8",
]  # fmt: skip
JSON = (b"content-type", b"application/json")


@pytest.mark.parametrize("value", NO_CODING)
def test_identity_is_no_coding_however_it_is_written(value: bytes) -> None:
    assert media_type(headers(JSON, (b"content-encoding", value))) == "application/json"
    assert media_type(headers((b"content-encoding", value), JSON, (b"content-encoding", b"identity"))) != ""


@pytest.mark.parametrize("value", CODINGS)
def test_a_coded_body_is_not_read(value: bytes) -> None:
    """Wherever a coding is named, on its first line or another."""
    assert media_type(headers(JSON, (b"content-encoding", value))) == ""
    assert media_type(headers((b"content-encoding", b"identity"), JSON, (b"content-encoding", value))) == ""


@pytest.mark.parametrize(
    ("name", "more", "closes"),
    [("body-timeout", None, True), ("overloaded", (b"retry-after", b"1"), False), ("body-too-large", None, False)],
)
def test_some_refusals_say_what_to_do(name: str, more: tuple[bytes, bytes] | None, closes: bool) -> None:
    """After 408 the connection ends: what may still come of the body is no request."""
    response = problem_response(Refusal(name))  # type: ignore[arg-type]
    assert {header for header in response.headers if header[0] == b"retry-after"} == ({more} if more else set())
    assert response.closes is closes


def test_a_response_is_its_heads_and_pieces_in_order() -> None:
    """What many share comes first."""
    shared, own = head_of([(b"a", b"1"), (b"b", b"2")]), head_of([(b"a", b"3")])
    response = Response(200, (shared, own), b"x", (b"y", b"z"))
    assert response.headers == [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    assert response.content == b"xyz"
    assert b"".join(head.lines for head in response.heads) == b"a: 1\r\nb: 2\r\na: 3\r\n"
    assert respond(204, [(b"a", b"1")]).content == b""


def test_the_first_line_of_a_header_is_its_value() -> None:
    request = Request("GET", b"/", b"", [(b"a", b"1"), (b"b", b""), (b"a", b"2")], None)
    assert (request.header(b"a"), request.header(b"b"), request.header(b"c")) == (b"1", b"", b"")


def test_headers_are_the_same_by_name_and_line_by_line() -> None:
    lines = [(b"a", b"1"), (b"b", b"")]
    request = Request("GET", b"/", b"", dict(lines), None)
    assert request.headers == lines
    assert [request.header(name) for name in (b"a", b"b", b"c")] == [b"1", b"", b""]
