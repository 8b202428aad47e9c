"""Limits of what is read of a browser's headers, and the forms of a place and an address in a body.

What a browser sends by itself is never a reason to refuse a visit: what is too long, or has control characters in it,
is left unread. The texts come as arguments and are gone with the call.
"""

import re

from service.core.signals import DroppedField
from service.web.bodies.schema import ACCEPT_LANGUAGE_MAX_BYTES, CLIENT_HINT_MAX_BYTES, USER_AGENT_MAX_BYTES
from service.web.bodies.scrutiny import value_category
from service.web.problems import ErrorCode, FieldError
from service.web.visit.outcomes import Field, FieldNames

DeviceTexts = tuple[str, str, str, str, str]
"""A User-Agent, then the hints: brands, whether mobile, platform, whether to save data. Empty is what was not sent."""


def is_plain(text: str, bytes_max: int) -> bool:
    return len(text) <= bytes_max and text.isascii() and text.isprintable()


class UnreadableError(Exception):
    """A text may not be read: it is too long, or has control characters in it."""


def refuse_unreadable(device_texts: DeviceTexts) -> None:
    """Raise UnreadableError unless all of these may be read, in whatever coding."""
    agent, *hints = device_texts
    if is_plain(agent, USER_AGENT_MAX_BYTES) and is_plain("".join(hints), CLIENT_HINT_MAX_BYTES):
        return  # as nearly always
    if readable(device_texts, _STRICTEST_CODING) != device_texts:
        raise UnreadableError


def readable(device_texts: DeviceTexts, coding: str) -> DeviceTexts:
    """The same texts, but each that may not be read as if it had not been sent."""
    agent, *hints = device_texts
    brands, mobile, platform, save_data = (_readable(hint, CLIENT_HINT_MAX_BYTES, coding) for hint in hints)
    return (_readable(agent, USER_AGENT_MAX_BYTES, coding), brands, mobile, platform, save_data)


def unread(device_texts: DeviceTexts, readable_texts: DeviceTexts) -> tuple[DroppedField, ...]:
    """What is named where only so much of these texts was read."""
    agent: tuple[DroppedField, ...] = ("user_agent",) if readable_texts[0] != device_texts[0] else ()
    return (*agent, "client_hints") if readable_texts[1:] != device_texts[1:] else agent


def readable_languages(accept_language: str, coding: str) -> str:
    """As much of an Accept-Language as is read: of a longer one the whole members that end within the limit."""
    if is_plain(accept_language, ACCEPT_LANGUAGE_MAX_BYTES):
        return accept_language
    readable_part, octets = accept_language, accept_language.encode(coding)
    if len(octets) > ACCEPT_LANGUAGE_MAX_BYTES:
        # A member that ends with the limit has its comma right behind it.
        readable_part = octets[: ACCEPT_LANGUAGE_MAX_BYTES + 1].rpartition(b",")[0].decode(coding)
    return _readable(readable_part, ACCEPT_LANGUAGE_MAX_BYTES, coding)


def address_mistake(text: str, names: FieldNames) -> FieldError:
    """What is wrong with a text that is not one address: a slip in an address, unless it says who somebody is.

    That it looks like the number of a network is no mistake here, nor that it looks like nothing that is known.
    """
    text = text[:_ADDRESS_READ_CHARS_MAX]
    category = value_category(_DOTTED_NUMBERS.sub(" ", text).strip())
    if category == "other" or (category == "network_id" and _HARDWARE_ADDRESS.search(text) is None):
        category = None
    return FieldError(names.pointers["ip"], "identifying_value" if category else "invalid_value", category)


def geo_mistakes(country: str, subdivision: str | None, names: FieldNames) -> list[FieldError]:
    """What is wrong with the codes of a place."""
    errors = []
    codes: tuple[tuple[Field, str | None, re.Pattern[str]], ...] = (
        ("country", country, _COUNTRY_SHAPE),
        ("subdivision", subdivision, _SUBDIVISION_SHAPE),
    )
    for field, value, shape in codes:
        if value is not None and shape.fullmatch(value) is None:
            category = value_category(value)
            code: ErrorCode = "identifying_value" if category else "invalid_value"
            errors.append(FieldError(names.pointers[field], code, category))
    return errors


def _readable(text: str, bytes_max: int, coding: str) -> str:
    """A text, or nothing where it is longer in bytes or has control characters in it."""
    if is_plain(text, bytes_max):
        return text
    # A header's octets above 127 are text in whatever coding its sender took, of which C1 controls are no sign.
    control = _ASCII_CONTROL if coding == "latin-1" else _CONTROL
    return "" if len(text.encode(coding)) > bytes_max or control.search(text) else text


# In UTF-8 a text is never shorter than in Latin-1, and has more controls.
_STRICTEST_CODING = "utf-8"
# What edges say of Tor, of proxies that hide a place, and of satellites: no country, but no mistake either.
_COUNTRY_SHAPE = re.compile(r"[A-Z]{2}|T1|A[12]")
_SUBDIVISION_SHAPE = re.compile(r"[A-Z0-9]{1,3}")
# Four numbers or more, of which an address has four below 256; phones and national numbers are seldom so written.
_DOTTED_NUMBERS = re.compile(r"(?<![\w.+-])\[?[0-9]{1,3}(?:\.[0-9]{1,3}){3,}\]?(?:[:/][0-9]{0,5})?(?![\w.-])")
_ADDRESS_READ_CHARS_MAX = 128  # `identifying_value` reads no further either
# EUI-48 and EUI-64: the number of a device, which no field is for.
_HARDWARE_ADDRESS = re.compile(
    r"(?i)(?<![0-9a-f:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:[0-9a-f]{2}\1){0,2}[0-9a-f]{2}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3})(?![0-9a-f:-])"
)
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
