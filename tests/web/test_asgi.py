"""What a request says of its body, and how the body is read: in time, within its limit, whatever pieces it comes in."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.asgi import ClientGone, Headers, media_type, problem_response, read_body
from service.web.problems import Refusal


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"headers": [*headers]}


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
    assert media_type(scope((b"content-type", value.encode()))) == "application/json"


@pytest.mark.parametrize("charset", OTHER_CHARSETS)
def test_other_charsets_are_not_read(charset: str) -> None:
    """JSON is UTF-8; whoever says otherwise would be misread."""
    assert media_type(scope((b"content-type", b"application/json; charset=" + charset.encode()))) == ""


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
    assert media_type(scope(JSON, (b"content-encoding", value))) == "application/json"
    assert media_type(scope((b"content-encoding", value), JSON, (b"content-encoding", b"identity"))) != ""


@pytest.mark.parametrize("value", CODINGS)
def test_a_coded_body_is_not_read(value: bytes) -> None:
    """Wherever a coding is named, on its first line or another."""
    assert media_type(scope(JSON, (b"content-encoding", value))) == ""
    assert media_type(scope((b"content-encoding", b"identity"), JSON, (b"content-encoding", value))) == ""


# ---- bodies ----


def pieces_of(*pieces: bytes, pause_s: float = 0.0, ends: bool = True) -> Any:
    """A ``receive`` that gives these pieces, each after a pause; where they do not end, it waits for ever after them."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if pause_s:
            await asyncio.sleep(pause_s)
        if not left:
            await asyncio.Event().wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or not ends}

    return receive


def read(receive: Any, max_bytes: int = 8192, timeout_s: float = 0.05, headers: Headers | None = None) -> Any:
    return asyncio.run(asyncio.wait_for(read_body(scope(*(headers or [])), receive, max_bytes, timeout_s), 5))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8), st.sampled_from([0.0, 0.0001]))
def test_a_body_is_the_same_in_any_pieces(pieces: list[bytes], pause_s: float) -> None:
    """Whether they are there or waited for."""
    assert read(pieces_of(*pieces, pause_s=pause_s), timeout_s=5) == b"".join(pieces)


@pytest.mark.parametrize("pieces", [(), (b"",), (b"a",), (b"a", b"b"), (b"", b"")])
def test_a_body_that_does_not_come_is_refused_in_time(pieces: tuple[bytes, ...]) -> None:
    """Whether an octet came of it or none."""
    assert read(pieces_of(*pieces, ends=False)) == Refusal("body-timeout")


@pytest.mark.parametrize("pause_s", [0.01, 0.02, 0.04])
def test_a_trickle_wins_no_time(pause_s: float) -> None:
    """The time is that of the whole body, not of a piece."""
    assert read(pieces_of(*[b"x"] * 20, pause_s=pause_s)) == Refusal("body-timeout")


def test_what_is_slow_but_in_time_is_read() -> None:
    assert read(pieces_of(*[b"x"] * 10, pause_s=0.02), timeout_s=3) == b"x" * 10


@pytest.mark.parametrize(("size", "fits"), [(99, True), (100, True), (101, False)])
@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("pause_s", [0.0, 0.0001])
@pytest.mark.parametrize("stated", [True, False])
def test_a_body_of_just_its_limit_is_read(size: int, fits: bool, piece: int, pause_s: float, stated: bool) -> None:
    """n - 1, n and n + 1, with and without a length, in one piece or many."""
    body = b"b" * size
    receive = pieces_of(*[body[at : at + piece] for at in range(0, size, piece)], pause_s=pause_s)
    headers = [(b"content-length", b"%d" % size)] if stated else []
    assert read(receive, 100, 5, headers) == (body if fits else Refusal("body-too-large"))


@pytest.mark.parametrize("before", [(), (b"a",)])
@pytest.mark.parametrize("waits", [True, False])
def test_a_client_that_goes_away_is_nobody_to_answer(before: tuple[bytes, ...], waits: bool) -> None:
    left = list(before)

    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.sleep(0.001)
        return {"type": "http.request", "body": left.pop(), "more_body": True} if left else {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        read(receive, timeout_s=5)


@pytest.mark.parametrize(
    ("name", "more"),
    [("body-timeout", (b"connection", b"close")), ("overloaded", (b"retry-after", b"1")), ("body-too-large", None)],
)
def test_some_refusals_say_what_to_do(name: Any, more: tuple[bytes, bytes] | None) -> None:
    """After 408 the connection ends: what may still come of the body is no request."""
    headers = problem_response(Refusal(name), []).head.headers
    assert {header for header in headers if header[0] in (b"connection", b"retry-after")} == ({more} if more else set())
