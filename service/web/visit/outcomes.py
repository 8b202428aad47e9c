"""The outcomes of the intake's steps, and the names of a visit's fields in each way of asking.

A step takes one raw signal and returns what is kept of it, as a closed value; or ``Dropped``, or ``Refused``.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from service.core.identity import Category
from service.core.signals import DroppedField
from service.web.problems import ErrorCode, FieldError

Field = Literal[
    "ip", "geo", "country", "subdivision", "cookies", "device", "language", "region", "interests", "variants",
    "consent", "optout",
]  # fmt: skip
# Where an error points. A context has no field for two of these: they stand for ip and country together, and for
# language, region and variants together. What a request's own headers say of an address or a place is never refused.
_POINTERS: Mapping[Field, tuple[str, str, str]] = {
    # field         the visit's own request   a backend's body                  OFREP's evaluation context
    "ip":          ("",                       "/signals/ip",                    "/context/ip"),
    "geo":         ("",                       "/signals/geo",                   "/context/geo"),
    "country":     ("",                       "/signals/geo/country",           "/context/country"),
    "subdivision": ("",                       "/signals/geo/subdivision",       "/context/subdivision"),
    "cookies":     ("/cookies",               "/signals/cookies",               "/context/cookies"),
    "device":      ("/cookies/pb_device",     "/signals/device/id",             "/context/targetingKey"),
    "language":    ("/cookies/pb_language",   "/signals/cookies/language",      "/context/language"),
    "region":      ("/cookies/pb_region",     "/signals/cookies/region",        "/context/region"),
    "interests":   ("/cookies/pb_interests",  "/signals/cookies/interests",     ""),
    "variants":    ("/cookies/pb_variants",   "/signals/cookies/variants",      "/context/variants"),
    "consent":     ("/cookies/pb_consent",    "/consent",                       "/context/consent"),
    "optout":      ("/cookies/pb_optout",     "/opt_out",                       "/context/optOut"),
}  # fmt: skip


class FieldNames(Struct, frozen=True):
    """What one way of asking calls the fields of a visit, and how it writes them.

    ``coding`` is what texts are octets of: of headers nobody says, so each octet is a character. ``refuses_ids`` tells
    that a device id of no known format is the mistake of whoever wrote the request; else it is a cookie's, and dropped.
    """

    pointers: Mapping[Field, str]
    coding: Literal["latin-1", "utf-8"]
    refuses_ids: bool

    def field_at(self, pointer: str) -> Field | None:
        """The field that an error points at."""
        return next((field for field, name in self.pointers.items() if name == pointer), None)


def _column(at: int) -> dict[Field, str]:
    return {field: names[at] for field, names in _POINTERS.items()}


HEADERS = FieldNames(_column(0), "latin-1", refuses_ids=False)
BODY = FieldNames(_column(1), "utf-8", refuses_ids=True)
CONTEXT = FieldNames(_column(2), "utf-8", refuses_ids=True)


# The order in which signals are read, and named where they are dropped or refused.
SIGNAL_ORDER: tuple[Field | DroppedField, ...] = (
    "user_agent", "client_hints", "accept_language", "device", "language", "region", "interests", "variants", "consent",
    "optout",
)  # fmt: skip


class Dropped(Struct, frozen=True, gc=False):
    """Left unread, and named by these fields in the answer."""

    fields: tuple[DroppedField, ...]


class Refused(Struct, frozen=True, gc=False):
    """The visit is refused for this field of it."""

    field: Field
    code: ErrorCode
    category: Category | None = None


def settle(
    unkept: Sequence[Dropped | Refused], names: FieldNames
) -> tuple[tuple[DroppedField, ...], tuple[FieldError, ...]]:
    """The fields that were dropped, and the errors that the visit is refused for, each in ``SIGNAL_ORDER``."""
    dropped = [field for outcome in unkept if isinstance(outcome, Dropped) for field in outcome.fields]
    refused = [outcome for outcome in unkept if isinstance(outcome, Refused)]
    refused.sort(key=lambda refusal: SIGNAL_ORDER.index(refusal.field))
    errors = [FieldError(names.pointers[refusal.field], refusal.code, refusal.category) for refusal in refused]
    return tuple(sorted(dropped, key=SIGNAL_ORDER.index)), tuple(errors)
