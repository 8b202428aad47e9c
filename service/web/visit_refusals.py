"""A refusal of a visit, told with what would have been taken: the intake itself says only where and what kind.

The intake is the hot path and holds identity. It names a place and a code, and goes; the words come from here, from
tables, and only where a visit is refused.
"""

from collections.abc import Mapping

from service.core.privacy import PURPOSES
from service.core.sites import SiteRules
from service.web.guidance import guide_of
from service.web.problems import FieldError, Refusal
from service.web.schema import COOKIES_MAX_BYTES, RecommendationBody
from service.web.scrutiny import may_read_slowly

ONE_OF_TWO = "ip and geo exclude each other: send one of them."
DEVICE_ID = "An opaque random id in one of these formats, made for the device and kept by the site."
COOKIES_SIZE = (f"at most {COOKIES_MAX_BYTES} bytes together",)
_DEVICE_IDS = frozenset({"/signals/device/id", "/cookies/pb_device"})
# A cookie of ours holds what the field of its name holds.
_FIELDS: Mapping[str, str] = {
    "/cookies/pb_device": "/signals/device/id",
    "/cookies/pb_language": "/signals/cookies/language",
    "/cookies/pb_region": "/signals/cookies/region",
    "/cookies/pb_interests": "/signals/cookies/interests",
    "/cookies/pb_variants": "/signals/cookies/variants",
}
_WISHES: Mapping[str, tuple[str, ...]] = {
    "/cookies/pb_consent": (f"purposes joined by dots: {' '.join(PURPOSES)}",),
    "/cookies/pb_optout": ("1", "0"),
}


def explained(refusal: Refusal, rules: SiteRules | None = None) -> Refusal:
    """What the intake refused, with what may stand there at each site. ``rules`` are the site's, if it came so far.

    Of a batch with many refused items only the first are told so much.
    """
    if not may_read_slowly(0):
        return refusal
    return Refusal(refusal.name, tuple(_explained(error, rules) for error in refusal.errors))


def _explained(error: FieldError, rules: SiteRules | None) -> FieldError:
    pointer, detail = error.pointer, error.detail
    allowed = error.allowed or _WISHES.get(pointer, ())
    if error.code == "too_large" and pointer in {"/cookies", "/signals/cookies"}:
        allowed = COOKIES_SIZE
    elif pointer in _DEVICE_IDS and rules is not None:
        allowed, detail = rules.site.device_id_formats, DEVICE_ID
    elif pointer == "/signals/geo":
        allowed, detail = ("ip", "geo"), ONE_OF_TWO
    if not allowed:
        allowed = _GUIDE.allowed(_FIELDS.get(pointer, pointer))
    return FieldError(pointer, error.code, error.category, error.position, allowed, detail)


_GUIDE = guide_of(RecommendationBody)
