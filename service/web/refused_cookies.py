"""A visit without the cookies for which it was refused: what an edge is answered, which can do nothing with a refusal.

It fails closed: a refused opt-out stays one, and a refused consent is none.
"""

from msgspec.structs import replace

from service.web.intake import Connection, Fields
from service.web.objection import opted_out
from service.web.problems import Refusal

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


def without_cookies(fields: Fields) -> Fields:
    """The same request without any cookie of ours but an opt-out: where all of them together are too large."""
    objects = opted_out([(b"cookie", fields[b"cookie"])])
    return {**fields, b"cookie": b"pb_optout=1" if objects else b""}
