"""The signals of a visit after the intake: closed values only, and only those its permissions allow.

Nothing here, nor anything computed from here on, has a field that could hold an address, a User-Agent, a cookie string
or a device id; ``tests/test_architecture.py`` reads the types and checks it.
"""

from typing import Literal, get_args

from msgspec import Struct

from service.core.device import DeviceResult
from service.core.languages.matching import LanguageTag
from service.core.languages.preference import Preference
from service.core.location import CountryCode, Place, SubdivisionCode
from service.core.sites import Key

SignalName = Literal[
    "geo", "ip", "accept_language", "client_hints", "user_agent", "device_id", "cookie_language", "cookie_region",
    "cookie_variants", "cookie_interests", "gpc", "opt_out", "consent",
]  # fmt: skip
SIGNAL_NAMES: tuple[SignalName, ...] = get_args(SignalName)

# Our fields that may be ill-formed without harm to the rest of the visit: they are left unread and named in the answer.
# Of ``accept_language`` what fits is read all the same, and of ``client_hints`` each that may be.
DroppedField = Literal[
    "device", "language", "region", "interests", "variants", "consent", "user_agent", "accept_language", "client_hints"
]


class Signals(Struct, frozen=True, gc=False):
    """The values that the intake derived from a connection under its permissions.

    ``None``, ``False`` and no ``interests`` mean: not given, or not allowed.
    ``asked_place`` is the signal that told the regime, known even where the place itself is withheld. ``device_id`` and
    ``prefix`` say that the visit showed a device id, and an address, that may be counted; ``bucketed`` and ``variants``
    that it enters experiments by its device id, or else by variants that it carries; ``opt_out``
    that it carried one; ``consent`` that it carried one and no opt-out, beside which it is none.
    """

    place: Place | None
    asked_place: Literal["geo", "ip"] | None
    language_choice: LanguageTag | None
    region_choice: tuple[CountryCode, SubdivisionCode | None] | None
    preference: Preference | None
    device_result: DeviceResult
    interests: tuple[tuple[Key, int], ...]
    device_id: bool
    prefix: bool
    bucketed: bool
    variants: bool
    consent: bool
    opt_out: bool
    dropped: tuple[DroppedField, ...]
