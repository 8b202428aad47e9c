"""Field names for what tells a person in some role apart: "consigneeName", "lånernummer".

Two vocabularies (``roles``) are joined as languages join them. A person may come first and what tells it apart
last, with small words and papers between ("guest_passport_number", "hesap_sahibi_adi", "छात्र_का_नाम"); or last, with
what tells it apart first ("nom_du_destinataire", "no_hp_nasabah", "اسم_المريض"); both may be one word, with a letter or
two that join them ("Kirchenmitgliedsnummer", "borrowernumber"); and where nothing parts words, one stands in the
middle of others ("受取人の番号"). Any other word behind these makes the name that of another thing:
"guest_name_style" and "reader_app_id" are not.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from service.core.identity.category import Category
from service.core.identity.folding import UNSPACED, tokens_of
from service.core.identity.roles import (
    BETWEEN,
    ENGLISH_ROLES,
    ENGLISH_ROLES_OF_THINGS_TOO,
    ENGLISH_TELLERS,
    PERSON_LAST,
    ROLES_BY_LANGUAGE,
    TELLERS,
    TELLERS_OF_THINGS_TOO,
    TELLERS_THAT_COUNT,
)
from service.core.identity.vocabulary import QUALIFIERS, THINGS

# Parts of machines that have drivers and readers.
_THINGS: Final = THINGS | frozenset(
    {"graphics", "gpu", "display", "printer", "db", "database", "jdbc", "odbc", "sql", "usb", "kernel", "disk", "cloud"}
    | {"web", "http", "search", "log", "rfid", "nfc", "smartcard", "music", "podcast", "rss", "pdf", "ebook"}
)

_ROLE_TOKENS_MAX: Final = 3
_ENDING_CHARS_MAX: Final = 4  # of a plural, a case or an article behind the noun, and one less than is before it
_ENDED_CHARS_MIN: Final = 5  # shorter words with an ending are other words
_INNER_CHARS_MIN: Final = 5  # and are found inside others: "crew" in "screw"
_TELLER_CHARS_MAX: Final = 12
_COMPOUND_CHARS_MIN: Final = 6
_SEEN_CHARS: Final = 2
_TELLERS_IN_A_WORD_MAX: Final = 3
_LINKS: Final = ("", "s", "n", "en", "es", "e", "er", "ns", "de", "du", "do", "da", "del", "di")
_THAI: Final = re.compile(r"[\u0e00-\u0e7f]")
_PLURAL_ENDINGS: Final = ("s", "i", "k")


class _Role(NamedTuple):
    is_english: bool
    is_thing_too: bool
    is_last: bool = False
    is_plural: bool = False


class _Words(NamedTuple):
    """The tables, folded as names are."""

    roles: dict[str, _Role]
    tellers: dict[str, Category]
    teller_starts: frozenset[str]
    teller_ends: frozenset[str]
    between: frozenset[str]
    person_first: re.Pattern[str]
    person_last: re.Pattern[str]


def category_of_person_field(tokens: tuple[str, ...]) -> Category | None:
    """The category of what would tell a person in a role apart, None where the name speaks of no such thing."""
    words = words_of_persons()
    end = len(tokens)
    while end > 1 and tokens[end - 1].isdigit():
        end -= 1
    tokens = tokens[:end] if end < len(tokens) else tokens
    category = None
    if not words.tellers.keys().isdisjoint(tokens):
        category = _person_then_teller(tokens, words) or _teller_then_person(tokens, words)
    first, last = tokens[0], tokens[-1]
    # Most words are no compounds of ours, which is seen by their ends.
    if category is None and (
        (len(last) >= _COMPOUND_CHARS_MIN and last[-_SEEN_CHARS:] in words.teller_ends)
        or (len(first) >= _COMPOUND_CHARS_MIN and first[:_SEEN_CHARS] in words.teller_starts)
    ):
        return _in_one_word(tokens, words)
    return category


def is_person(token: str) -> bool:
    """Whether a word is a person's in some role."""
    return _role_of(token, words_of_persons()) is not None


def _person_then_teller(tokens: tuple[str, ...], words: _Words) -> Category | None:
    """A person, and behind it up to the end only words that tell it apart."""
    at = len(tokens)
    last_category: Category | None = None
    counts = thing_too = False
    while at:
        token = tokens[at - 1]
        category = words.tellers.get(token)
        # Where a word is a person and qualifies too, as "member" does, what tells is behind it all the same.
        if last_category:
            start, role = _role_before(tokens, at, words)
            if role and not (counts and role.is_plural) and not (thing_too and role.is_thing_too):
                return last_category if _THINGS.isdisjoint(tokens[:start]) else None
        if category:
            if last_category is None:
                counts, thing_too = token in TELLERS_THAT_COUNT, token in TELLERS_OF_THINGS_TOO
            last_category = category
        elif not (token in words.between or token in QUALIFIERS or token.isdigit()):
            return None
        at -= 1
    return None


def _role_before(tokens: tuple[str, ...], end: int, words: _Words) -> tuple[int, _Role | None]:
    """The longest word for a person that ends here, and where it starts."""
    for start in range(max(0, end - _ROLE_TOKENS_MAX), end):
        role = _role_in(tokens[start:end], words)
        if role:
            return start, role
    return end, None


def _teller_then_person(tokens: tuple[str, ...], words: _Words) -> Category | None:
    """A word that tells a person apart, then that person: in languages whose nouns are described behind them."""
    for first, token in enumerate(tokens[:-1]):
        category = words.tellers.get(token)
        if not category:
            continue
        for start in range(first + 1, len(tokens)):
            for end in range(min(len(tokens), start + _ROLE_TOKENS_MAX), start, -1):
                role = _role_in(tokens[start:end], words)
                if role is None or (role.is_english and token in ENGLISH_TELLERS):
                    continue
                if token in TELLERS_THAT_COUNT and role.is_plural:
                    return None
                if _THINGS.isdisjoint(tokens[end:]):
                    return category
            if tokens[start] not in words.tellers and tokens[start] not in words.between:
                break
    return None


def _in_one_word(tokens: tuple[str, ...], words: _Words) -> Category | None:
    """The last word as a compound of a person and what tells it apart, or the first as one of the other order."""
    last = tokens[-1]
    if not _THINGS.isdisjoint(tokens):
        return None
    category: Category | None = None
    for _ in range(_TELLERS_IN_A_WORD_MAX):
        cut = _teller_at_the_end(last, words)
        if not cut:
            break
        category = category or words.tellers[last[cut:]]
        last = last[:cut]
        if _is_person_at_the_end(last, words):
            return category
    for length in range(2, min(_TELLER_CHARS_MAX, len(tokens[0]) - _INNER_CHARS_MIN) + 1):
        head, tail = tokens[0][:length], tokens[0][length:]
        category = words.tellers.get(head)
        if not category:
            continue
        for link in _LINKS:
            role = _role_of(tail.removeprefix(link), words) if tail.startswith(link) else None
            if role and role.is_last and not (role.is_english and head in ENGLISH_TELLERS):
                return None if head in TELLERS_THAT_COUNT and role.is_plural else category
    return None


def _teller_at_the_end(word: str, words: _Words) -> int:
    for cut in range(max(2, len(word) - _TELLER_CHARS_MAX), len(word) - 1):
        if word[cut:] in words.tellers:
            return cut
    return 0


def _is_person_at_the_end(word: str, words: _Words) -> bool:
    for link in _LINKS:
        if not word.endswith(link):
            continue
        body = word[: len(word) - len(link)] if link else word
        if body in words.roles:
            return True
        for start in range(1, len(body) - _INNER_CHARS_MIN + 1):
            role = words.roles.get(body[start:])
            if role and not role.is_thing_too and not role.is_english:
                return True
    return False


def _role_in(tokens: tuple[str, ...], words: _Words) -> _Role | None:
    """The person that these words are together; an ending is of one word, and no word is the ending of another."""
    return words.roles.get("".join(tokens)) if len(tokens) > 1 else _role_of(tokens[0], words)


def _role_of(word: str, words: _Words) -> _Role | None:
    role = words.roles.get(word)
    if role:
        return role
    for stem_chars in range(len(word) - 1, max(_ENDED_CHARS_MIN, len(word) - _ENDING_CHARS_MAX) - 1, -1):
        role = words.roles.get(word[:stem_chars])
        if role and 2 * stem_chars > len(word) + 1:
            return role._replace(is_plural=word.endswith(_PLURAL_ENDINGS))
    for article in ("ال", "ה", "ל", "לל"):
        if word.startswith(article) and word.removeprefix(article) in words.roles:
            return words.roles[word.removeprefix(article)]
    return None


def category_of_unspaced_person_field(joined: str) -> Category | None:
    """A person beside what tells it apart, in scripts that are written without spaces."""
    if joined.isascii() or not UNSPACED.search(joined):
        return None
    words = words_of_persons()
    match = words.person_first.search(joined) or (words.person_last.search(joined) if _THAI.search(joined) else None)
    return words.tellers[match["teller"]] if match else None


@cache
def words_of_persons() -> _Words:
    """The tables folded, made when first asked for in some 15 ms."""
    roles: dict[str, _Role] = {}
    for word in ENGLISH_ROLES:
        roles["".join(tokens_of(word))] = _Role(is_english=True, is_thing_too=False)
    for word in ENGLISH_ROLES_OF_THINGS_TOO:
        roles[word] = _Role(is_english=True, is_thing_too=True)
    for language, line in ROLES_BY_LANGUAGE.items():
        is_last = language in PERSON_LAST
        for word in line.split():
            folded = "".join(tokens_of(word))
            role = roles.get(folded, _Role(is_english=False, is_thing_too=False))
            roles[folded] = role._replace(is_last=role.is_last or is_last)
    tellers: dict[str, Category] = {}
    for category, line in TELLERS:
        for word in line.split():
            tellers.setdefault("".join(tokens_of(word)), category)
    persons = _any_of(word for word in roles if UNSPACED.match(word))
    unspaced_tellers = _any_of(word for word in tellers if UNSPACED.match(word) or word in {"id", "no"})
    joints = "(?:的|の|의|ของ)?"
    paper = "(?:カード|卡|카드|证|證|証|会员|學籍|学籍|登録|등록|契約|社員)?"
    return _Words(
        roles=roles,
        tellers=tellers,
        teller_starts=frozenset(word[:_SEEN_CHARS] for word in tellers),
        teller_ends=frozenset(word[-_SEEN_CHARS:] for word in tellers),
        between=frozenset("".join(tokens_of(word)) for word in BETWEEN),
        person_first=re.compile(f"(?:{persons}){joints}{paper}(?P<teller>{unspaced_tellers})$"),
        person_last=re.compile(f"(?P<teller>{unspaced_tellers}){joints}(?:{persons})"),
    )


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
