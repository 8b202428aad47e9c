"""httptools' parser as connections use it, and facts of a request that follow from its octets alone."""

from typing import Any, Final

import httptools

from service.web.wire.messages import Fields, Headers


class StopReadingError(Exception):
    """Makes the parser stop: nothing more is read. It has no text: nothing of a request goes with it."""


class _Ignored(dict[bytes, bytes]):
    """Takes and keeps nothing."""

    def __setitem__(self, name: bytes, value: bytes, /) -> None:
        return


# Where fields go that come after a head: trailers, which would join headers that have been looked at. That a
# connection's fields are these is also how it knows that no head has begun since the last was complete.
TRAILERS: Final = _Ignored()


def parser_for(callbacks: Any) -> httptools.HttpRequestParser:
    parser = httptools.HttpRequestParser(callbacks)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # what comes after the last request is let go
    return parser


def target_of(url: bytes) -> tuple[bytes, bytes]:
    """The path and query of a request's target (RFC 9112 section 3.2). Raises ``HttpParserError`` where it has none."""
    parsed = httptools.parse_url(url)
    if parsed.path is None:
        raise httptools.HttpParserInvalidURLError(url)
    return parsed.path, parsed.query or b""


def head_bytes(parser: httptools.HttpRequestParser, url: bytes, given: Headers | Fields) -> int:
    """The size of a complete head: the request line has 2 spaces, the version and CR LF; a field 4 octets more."""
    lines = given.items() if isinstance(given, dict) else given
    fields = sum([len(name) + len(value) + 4 for name, value in lines])
    return len(parser.get_method()) + len(url) + 12 + fields + 2


def head_without_upgrade(parser: httptools.HttpRequestParser, url: bytes, headers: Headers) -> bytes:
    """A complete head as it is written, but for the offer to speak another protocol."""
    lines = [parser.get_method() + b" " + url + b" HTTP/" + parser.get_http_version().encode()]
    lines += [name + b": " + value for name, value in headers if name != b"upgrade"]
    return b"\r\n".join([*lines, b"", b""])
