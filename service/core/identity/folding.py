"""Folding of field names, and of the tables they are looked up in: no case, marks, look-alikes, hidden characters."""

import re
import unicodedata
from typing import Final

# A longer name is no name of ours nor of anyone's form; judging its head keeps the cost flat.
NAME_CHARS_MAX: Final = 128

_LOOK_ALIKES: Final = str.maketrans("аеорсухіѕјһкмтвнԁɡԛԝοανρτυικχε", "aeopcyxisjhkmtbhdgqwoavptuikxe")
_STROKED: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"}
)
_CAMEL: Final = re.compile(r"(?<=[a-zа-яёіїєґα-ώ])(?=[A-ZА-ЯЁІЇЄҐΑ-Ω])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")
_LATIN: Final = re.compile(r"[a-z]")
UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""A letter of a script that is written without spaces between words: Thai, kana, Han, hangul."""


def word_set(words: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(words.split())


def tokens_of(name: str) -> tuple[str, ...]:
    """The folded tokens of a name; the vocabulary passes through here as well, so that both sides meet."""
    if name.isascii():
        return tuple(_TOKEN.findall(_CAMEL.sub("_", name).lower()))
    spaced = _CAMEL.sub("_", _visible(unicodedata.normalize("NFKC", name)[:NAME_CHARS_MAX]))
    folded = _unmarked(spaced.casefold())
    return tuple(_latinised(token) for token in _TOKEN.findall(folded))


def _visible(text: str) -> str:
    """Without format characters: a zero-width space inside "e-mail" parts nothing."""
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")


def _unmarked(text: str) -> str:
    """Without marks on letters: "téléphone" is "telephone"; strokes, which do not decompose, are mapped."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    unmarked = "".join(char for char in apart if unicodedata.category(char) not in {"Mn", "Mc"})
    return unicodedata.normalize("NFC", unmarked).translate(_STROKED)


def _latinised(token: str) -> str:
    """A token that mixes Latin letters with look-alikes of other scripts, in Latin."""
    return token.translate(_LOOK_ALIKES) if not token.isascii() and _LATIN.search(token) else token
