"""How long a User-Agent, an Accept-Language and client hints may be, and what a place in a body may look like.

What a User-Agent and its like say is never a reason to refuse.

Apart from the intake, which it would fill with numbers. The texts come as arguments and are gone with the call.
"""

import re

from service.core.identity import identifying_value
from service.web.problems import FieldError
from service.web.schema import ACCEPT_LANGUAGE_MAX_BYTES, CLIENT_HINT_MAX_BYTES, USER_AGENT_MAX_BYTES


def is_plain(text: str, bytes_max: int) -> bool:
    return len(text) <= bytes_max and text.isascii() and text.isprintable()


def oversized(from_body: bool, *shown: str) -> list[FieldError]:
    """What is wrong with the sizes of a User-Agent and hints. What they say is never a reason to refuse."""
    return [error for name, value in zip(_SHOWN, shown, strict=True) for error in misfits(from_body, name, value)]


def misfits(from_body: bool, name: str, value: str) -> list[FieldError]:
    """What is wrong with the size in bytes of a signal, or with control characters in it."""
    member, bytes_max = _SIZED[name]
    if is_plain(value, bytes_max):
        return []
    pointer = f"/signals/device/{member}" if from_body else f"/headers/{member.rpartition('/')[2].replace('_', '-')}"
    if len(value.encode("utf-8" if from_body else "latin-1")) > bytes_max:
        return [FieldError(pointer, "too_large")]
    # A header's octets above 127 are text in whatever coding its sender took, of which C1 controls are no sign.
    control = _CONTROL if from_body else _ASCII_CONTROL
    return [FieldError(pointer, "invalid_value")] if control.search(value) else []


def geo_mistakes(country: str, subdivision: str | None) -> list[FieldError]:
    errors = []
    for name, value, shape in (("country", country, _COUNTRY_SHAPE), ("subdivision", subdivision, _SUBDIVISION_SHAPE)):
        if value is not None and shape.fullmatch(value) is None:
            category = identifying_value(value)
            errors.append(
                FieldError(f"/signals/geo/{name}", "identifying_value" if category else "invalid_value", category)
            )
    return errors


# What edges say of Tor, of proxies that hide a place, and of satellites: no country, but no mistake either.
_COUNTRY_SHAPE = re.compile(r"[A-Z]{2}|T1|A[12]")
_SUBDIVISION_SHAPE = re.compile(r"[A-Z0-9]{1,3}")
_SIZED = {
    "user_agent": ("user_agent", USER_AGENT_MAX_BYTES),
    "accept_language": ("accept_language", ACCEPT_LANGUAGE_MAX_BYTES),
    "brands": ("client_hints/sec-ch-ua", CLIENT_HINT_MAX_BYTES),
    "mobile": ("client_hints/sec-ch-ua-mobile", CLIENT_HINT_MAX_BYTES),
    "platform": ("client_hints/sec-ch-ua-platform", CLIENT_HINT_MAX_BYTES),
    "save_data": ("client_hints/save-data", CLIENT_HINT_MAX_BYTES),
}
_SHOWN = ("user_agent", "brands", "mobile", "platform", "save_data")
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
