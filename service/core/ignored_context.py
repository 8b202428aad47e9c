"""Members of an evaluation context that a site declares harmless and leaves unread.

A team sets one context for all its providers of flags, and its site's file names the members that Passerby need not
read. An identifying name cannot be declared, and a plainly identifying value is refused all the same.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

from service.core.identity import Category, identifying_name
from service.core.identity.plain import plainly_identifying

NAMES_MAX: Final = 32
NAME_CHARS_MAX: Final = 64
TEXT_CHARS_MAX: Final = 128
OWN_FIELDS: Final = (
    "targetingKey", "ip", "country", "subdivision", "userAgent", "acceptLanguage", "language", "region", "variants",
    "consent", "gpc", "optOut", "speculative", "preview",
)  # fmt: skip
"""The members that Passerby reads, now or soon: a site cannot declare them ignored."""

ValueMistake = Literal["identifying_value", "invalid_value", "too_large"]
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NAME = re.compile(rf"[\w$@.:-]{{1,{NAME_CHARS_MAX}}}")


def _form(name: str) -> str:
    """A name without what people write differently: capitals, and signs between its words."""
    return _BETWEEN_WORDS.sub("", name).casefold()


_OWN_BY_FORM: Final = {_form(name): name for name in OWN_FIELDS}


def mistakes_in_names(names: Sequence[str]) -> list[str]:
    """The mistakes in a site's ``context_ignored``, in words for its operator."""
    mistakes = []
    if len(names) > NAMES_MAX:
        mistakes.append(f"at most {NAMES_MAX} names")
    if len(set(names)) < len(names):
        mistakes.append("one stands there twice")
    for name in dict.fromkeys(names):
        if name in OWN_FIELDS:
            mistakes.append(f"{name} is read here, so it cannot be left unread")
        elif _NAME.fullmatch(name) and (own := _OWN_BY_FORM.get(_form(name))):
            mistakes.append(f"{name} is {own} in another spelling, which is read here: send it as {own}")
        elif _NAME.fullmatch(name) is None:
            mistakes.append(
                f"{name[:NAME_CHARS_MAX]!r} is no name: 1 to {NAME_CHARS_MAX} letters, digits or any of _ $ @ . : -"
            )
        elif category := identifying_name(name):
            mistakes.append(
                f"{name} says who the visitor is ({category}): such a member is refused, whatever its value"
            )
    return mistakes


def mistake_in_value(value: object) -> tuple[ValueMistake, Category | None] | None:
    """The mistake in the value of a member that is left unread; None where there is none.

    It may be a text of up to ``TEXT_CHARS_MAX`` characters, a number, a boolean or null.
    """
    if value is None or isinstance(value, bool):
        return None
    if not isinstance(value, str | int | float):
        return "invalid_value", None
    text = str(value)
    if len(text) > TEXT_CHARS_MAX:
        return "too_large", None
    category = plainly_identifying(text)
    return None if category is None else ("identifying_value", category)
