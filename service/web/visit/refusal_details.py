"""Adds to a visit's refusal what may stand there, from tables.

The intake is the hot path and holds identity, so it names only a place and a code.
"""

from collections.abc import Mapping

from service.core.privacy import PURPOSES
from service.core.sites import SiteRules
from service.web.bodies.guidance import guide_of
from service.web.bodies.schema import COOKIES_MAX_BYTES, RecommendationBody
from service.web.bodies.scrutiny import may_read_slowly
from service.web.problems import FieldError, Refusal
from service.web.visit.outcomes import BODY, HEADERS

ONE_OF_TWO = "ip and geo exclude each other: send one of them."
DEVICE_ID = "An opaque random id in one of these formats, made for the device and kept by the site."
COOKIES_SIZE = (f"at most {COOKIES_MAX_BYTES} bytes together",)
# A cookie of ours holds what the field of its name holds.
_FIELDS: Mapping[str, str] = {HEADERS.pointers[field]: pointer for field, pointer in BODY.pointers.items()}
_WISHES: Mapping[str, tuple[str, ...]] = {
    HEADERS.pointers["consent"]: (f"purposes joined by dots: {' '.join(PURPOSES)}",),
    HEADERS.pointers["optout"]: ("1", "0"),
}


def explained(refusal: Refusal, rules: SiteRules | None = None) -> Refusal:
    """The intake's refusal with what may stand at each place. ``rules`` are the site's, if they were applied.

    Of a batch with many refused items only the first get this.
    """
    if not may_read_slowly(0):
        return refusal
    return Refusal(refusal.name, tuple(_explained(error, rules) for error in refusal.errors))


def _explained(error: FieldError, rules: SiteRules | None) -> FieldError:
    pointer, detail = error.pointer, error.detail
    allowed = error.allowed or _WISHES.get(pointer, ())
    field = HEADERS.field_at(pointer) or BODY.field_at(pointer)
    if error.code == "too_large" and field == "cookies":
        allowed = COOKIES_SIZE
    elif field == "device" and rules is not None:
        allowed, detail = rules.site.device_id_formats, DEVICE_ID
    elif field == "geo":
        allowed, detail = ("ip", "geo"), ONE_OF_TWO
    if not allowed:
        allowed = _GUIDE.allowed(_FIELDS.get(pointer, pointer))
    return FieldError(pointer, error.code, error.category, error.position, allowed, detail)


_GUIDE = guide_of(RecommendationBody)
