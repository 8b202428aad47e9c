"""A visit without the cookies for which it was refused: what an edge is answered, which can do nothing with a refusal.

It fails closed: a refused opt-out stays one, and a refused consent is none.
"""

from msgspec.structs import replace

from service.web.cookies import read_cookies
from service.web.intake import Connection, Fields
from service.web.objection import opted_out
from service.web.problems import Refusal
from service.web.schema import COOKIES_MAX_BYTES

_FIELDS = {
    "/cookies/pb_device": "device_id",
    "/cookies/pb_language": "language",
    "/cookies/pb_region": "region",
    "/cookies/pb_interests": "interests",
    "/cookies/pb_variants": "variants",
}


def without_refused(connection: Connection, refusal: Refusal) -> Connection:
    """The same visit without what the refusal points at. Of consent and opt-out nothing is left to be judged."""
    gone = {_FIELDS[error.pointer]: "" for error in refusal.errors if error.pointer in _FIELDS}
    return replace(connection, **gone, doubtful=())


def without_large_cookies(fields: Fields) -> Fields:
    """The same request without the largest of our cookies, as many as make all of them together too large.

    An opt-out stays one.
    """
    jar = fields[b"cookie"]
    cookies = read_cookies(jar)
    left, size = [], 0
    for name in sorted(cookies, key=lambda name: len(cookies[name])):
        size += len(cookies[name])
        if size <= COOKIES_MAX_BYTES and name != "optout":
            left.append(f"pb_{name}={cookies[name]}")
    if opted_out([(b"cookie", jar)]):
        left.append("pb_optout=1")
    return {**fields, b"cookie": "; ".join(left).encode("latin-1")}
