"""How much of what a browser sends is read, and what a place or an address in a body may look like.

What a browser sends by itself is never a reason to refuse a visit: what is too long, or has control characters in it,
is left unread. The texts come as arguments and are gone with the call.
"""

import re

from service.core.signals import DroppedField
from service.web.problems import FieldError
from service.web.schema import ACCEPT_LANGUAGE_MAX_BYTES, CLIENT_HINT_MAX_BYTES, USER_AGENT_MAX_BYTES
from service.web.scrutiny import value_category

DeviceTexts = tuple[str, str, str, str, str]
"""A User-Agent, then the hints: brands, whether mobile, platform, whether to save data. Empty is what was not sent."""


def is_plain(text: str, bytes_max: int) -> bool:
    return len(text) <= bytes_max and text.isascii() and text.isprintable()


class UnreadableError(Exception):
    """Something that was shown may not be read: it is too long, or has control characters in it."""


def refuse_unreadable(from_body: bool, device_texts: DeviceTexts) -> None:
    """Raise UnreadableError where any of these may not be read."""
    agent, *hints = device_texts
    if is_plain(agent, USER_AGENT_MAX_BYTES) and is_plain("".join(hints), CLIENT_HINT_MAX_BYTES):
        return  # as nearly always
    if readable(from_body, device_texts, []) != device_texts:
        raise UnreadableError


def readable(from_body: bool, device_texts: DeviceTexts, dropped: list[DroppedField]) -> DeviceTexts:
    """The same texts, but each that may not be read as if it had not been sent; those are named in ``dropped``."""
    agent, *hints = device_texts
    brands, mobile, platform, save_data = (_readable(from_body, hint, CLIENT_HINT_MAX_BYTES) for hint in hints)
    read = (_readable(from_body, agent, USER_AGENT_MAX_BYTES), brands, mobile, platform, save_data)
    if read[0] != device_texts[0]:
        dropped.append("user_agent")
    if read[1:] != device_texts[1:]:
        dropped.append("client_hints")
    return read


def readable_languages(from_body: bool, accept_language: str, dropped: list[DroppedField]) -> str:
    """As much of an Accept-Language as is read: of a longer one the whole members that end within the limit.

    Where something of it is left unread, that is named in ``dropped``.
    """
    read, coding = accept_language, _coding(from_body)
    octets = accept_language.encode(coding)
    if len(octets) > ACCEPT_LANGUAGE_MAX_BYTES:
        # A member that ends with the limit has its comma right behind it.
        read = octets[: ACCEPT_LANGUAGE_MAX_BYTES + 1].rpartition(b",")[0].decode(coding)
    read = _readable(from_body, read, ACCEPT_LANGUAGE_MAX_BYTES)
    if read != accept_language:
        dropped.append("accept_language")
    return read


def address_mistake(text: str) -> FieldError:
    """What is wrong with a text that is not one address: a slip in an address, unless it says who somebody is.

    That it looks like the number of a network is no mistake here, nor that it looks like nothing that is known.
    """
    text = text[:_ADDRESS_READ_CHARS_MAX]
    category = value_category(_DOTTED_NUMBERS.sub(" ", text).strip())
    if category == "other" or (category == "network_id" and _HARDWARE_ADDRESS.search(text) is None):
        category = None
    return FieldError("/signals/ip", "identifying_value" if category else "invalid_value", category)


def geo_mistakes(country: str, subdivision: str | None) -> list[FieldError]:
    errors = []
    for name, value, shape in (("country", country, _COUNTRY_SHAPE), ("subdivision", subdivision, _SUBDIVISION_SHAPE)):
        if value is not None and shape.fullmatch(value) is None:
            category = value_category(value)
            errors.append(
                FieldError(f"/signals/geo/{name}", "identifying_value" if category else "invalid_value", category)
            )
    return errors


def _readable(from_body: bool, text: str, bytes_max: int) -> str:
    """A text, or nothing where it is longer in bytes or has control characters in it."""
    if is_plain(text, bytes_max):
        return text
    # A header's octets above 127 are text in whatever coding its sender took, of which C1 controls are no sign.
    control = _CONTROL if from_body else _ASCII_CONTROL
    return "" if len(text.encode(_coding(from_body))) > bytes_max or control.search(text) else text


def _coding(from_body: bool) -> str:
    return "utf-8" if from_body else "latin-1"


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
