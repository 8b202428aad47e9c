"""The two ways in which a request itself says no: Global Privacy Control, and the opt-out cookie.

Apart from the intake, because whoever reports an event shows nothing else of itself: of its headers and cookies only
these two are looked at.
"""

from service.web.asgi import Headers
from service.web.cookies import NOT_OPTED_OUT, read_cookies


def objects(headers: Headers) -> bool:
    """Whether a request's headers say that nothing may be counted."""
    return any(name == b"sec-gpc" and says_gpc(value) for name, value in headers) or opted_out(headers)


def says_gpc(value: bytes) -> bool:
    """Whether a ``Sec-GPC`` header, its lines joined by commas or not, is one: exactly ``1``."""
    return b"1" in [line.strip(b" \t") for line in value.split(b",")]


def opted_out(headers: Headers) -> bool:
    """Whether any cookie is an opt-out. It fails closed: only an empty one and ``0`` are none."""
    jar = b"; ".join(value for name, value in headers if name == b"cookie")
    return b"pb_optout" in jar and read_cookies(jar).get("optout", "") not in NOT_OPTED_OUT
