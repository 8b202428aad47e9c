"""Detection of field names whose values would identify somebody, by the words of many languages.

A name is folded
(NFKC, case, marks, look-alike letters, invisible characters), cut into tokens at separators, digits and camelCase, and
each run of tokens, joined, is looked up whole: ``date_of_birth``, ``dateOfBirth`` and ``DATEOFBIRTH`` are one word,
``filename_style`` and ``latest_version`` hold none. Words that are also ordinary ones (``em``, ``sub``, ``race``) count
only where nothing but qualifiers stand beside them.

A compound is what its last word says, which ``heads`` lists: ``address_bar_color`` is a colour. ``x_of_y`` is
read as ``y_x``; a name that begins with a question or a bound (``has_email``, ``max_users``) is the answer to it; and
the last part of a path (``traits[age]``) is a name as well.
"""

import re
from functools import cache
from typing import Final

from service.core.identity.belongings import WORDS_BY_BELONGING
from service.core.identity.category import Category
from service.core.identity.folding import NAME_CHARS_MAX, UNSPACED, tokens_of
from service.core.identity.foreign_heads import (
    HEADS_FIRST,
    HEADS_LAST,
    MORE_THINGS,
    STATES,
    TELLING_ENDS,
    UNPARTED_BEGINNINGS,
    UNPARTED_ENDS,
    UNPARTED_NAMES_OF_THINGS,
)
from service.core.identity.heads import (
    FOREIGN_THINGS,
    HEADS_THAT_HOLD,
    INNOCENT_HEADS,
    STATE_ENDINGS,
    STILL_THE_VALUE,
    UNPARTED_THINGS,
)
from service.core.identity.languages import WORDS_BY_LANGUAGE
from service.core.identity.persons import category_of_person_field, category_of_unspaced_person_field, is_person
from service.core.identity.systems import ABBREVIATIONS, CODES_ALONE, PARTIES_ALONE, WORDS_BY_SYSTEM
from service.core.identity.vocabulary import DESCRIPTORS, FILLERS, QUALIFIERS, THINGS, WORDS_ALONE, WORDS_ANYWHERE

_RUN_TOKENS_MAX: Final = 6

# Of two words of equal length the one that tells more names the category: an "adresse_mail" is an e-mail.
_TELLING: Final = tuple(category for category, _ in WORDS_ANYWHERE)
_SHORT_CHARS: Final = 4
_PERSON_WORDS_MIN: Final = 3  # shorter words do not compound: "ip" is not part of "ship", nor "em" of "item"
_PATH: Final = re.compile(r"[\].\[/:>]+")


def identifying_name(name: str) -> Category | None:
    """The category of what a field of this name would hold, or None when the name is innocent.

    Meant for names that are no fields of the schema: ``language`` and ``region`` are innocent words, but ``device_id``
    and ``ip``, which the schema knows, identify. Total and linear; a name is judged by its first 128 characters, a
    path by its last ones too.
    """
    tokens = tokens_of(name[:NAME_CHARS_MAX])
    if not tokens:
        return None
    category = _judged(tokens)
    if category is None and name[-1] in ")\uff09":
        return _judged_without_remark(name[:NAME_CHARS_MAX])
    if category is None and len(tokens) > 1 and _PATH.search(name):
        return _judged_leaf(name[-NAME_CHARS_MAX:])
    return category


_REMARK: Final = re.compile(r"([^(\uff08]+)[(\uff08]([^)\uff09]+)[)\uff09]")
_MUST_BE_FILLED_IN: Final = frozenset({"required", "optional", "mandatory", "必填", "必須", "任意", "필수", "선택"})


def _judged_without_remark(name: str) -> Category | None:
    """A form's "Téléphone (obligatoire)" holds the number, of which the remark says only that it must be filled in."""
    remarked = _REMARK.fullmatch(name)
    if remarked is None:
        return None
    label, remark = map(tokens_of, remarked.groups())
    filled_in = {"".join(tokens_of(word)) for word in STATES | _MUST_BE_FILLED_IN}
    return _judged(label) if label and filled_in.issuperset(remark) else None


def _judged(tokens: tuple[str, ...]) -> Category | None:
    joined = "".join(tokens)
    word = folded_words().get(joined)
    if word:
        return word[0]
    if len(tokens) > 1:
        if tokens[0] in _QUESTIONS_AND_BOUNDS:
            return None
        if tokens[-2:] in _OPTIONS:
            return None
        if tokens[0] == "nombre" and tokens[1] in {"de", "d"} and _counts(tokens[-1]):
            return None
        tokens = _of_reversed(tokens)
        if not tokens:
            return None
        if tokens[-1] == "name" and tokens[-2] in _KINDS_OF_NAMES and not _NAMED_BY_KIND.isdisjoint(tokens[:-2]):
            return None
    qualified = _qualified_abroad(tokens, joined)
    if qualified and _judged(qualified) not in _TOLD_BY_ITS_KIND:
        return None
    category = (
        _category_of_longest_run(tokens)
        or _thing_of_a_person(tokens)
        or category_of_person_field(tokens)
        or _unspaced(joined)
        or category_of_unspaced_person_field(joined)
    )
    return None if category == "name" and _is_name_of_a_thing(tokens) else category


# A "fare family name" is that of a family of fares, a "plant common name" that of all such plants.
_KINDS_OF_NAMES: Final = frozenset({"family", "common", "scientific", "latin", "botanical", "generic"})
_NAMED_BY_KIND: Final = MORE_THINGS | {
    "font",
    "product",
    "model",
    "column",
    "ip",
    "chip",
    "cipher",
    "animal",
    "processor",
}

# What kind of blood or belief it is tells as much as the word itself; and where there is nothing, nothing is qualified.
_TOLD_BY_ITS_KIND: Final = frozenset({None, "other", "location", "date_of_birth"})


def _qualified_abroad(tokens: tuple[str, ...], joined: str) -> tuple[str, ...]:
    """The words that only say of which kind a thing is, where a language begins with its word or nothing parts it."""
    heads, ends, beginnings = _foreign_heads()
    if len(tokens) > 1 and tokens[-1] not in TELLING_ENDS:
        if tokens[0] in heads:
            # What follows a person is that person's: "marca_cliente_email".
            return () if any(map(is_person, tokens[1:-1])) else tokens[1:]
        if len(tokens) > 2 and tokens[0] + tokens[1] in heads:  # noqa: PLR2004  # two syllables of a head, and a word
            return tokens[2:]
    if joined.isascii():
        return ()
    stem = joined
    while stem.endswith(ends):
        stem = stem.removesuffix(next(end for end in ends if stem.endswith(end)))
    if stem != joined:
        return (stem,) if stem else ()
    for beginning in beginnings:
        if joined.startswith(beginning) and len(joined) > len(beginning):
            return (joined.removeprefix(beginning),)
    return ()


@cache
def _foreign_heads() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """The heads that come first, and those that nothing parts from other words, folded as names are."""
    unparted = (tuple("".join(tokens_of(word)) for word in words) for words in (UNPARTED_ENDS, UNPARTED_BEGINNINGS))
    ends, beginnings = unparted
    return frozenset("".join(tokens_of(word)) for word in HEADS_FIRST), ends, beginnings


@cache
def _innocent_heads() -> frozenset[str]:
    """The last words of all languages that are of no one's value, folded as names are."""
    return DESCRIPTORS | INNOCENT_HEADS | {"".join(tokens_of(word)) for word in HEADS_LAST | STATES}


def _counts(last: str) -> bool:
    """Whether "nombre de" before this word is French for how many there are: of several, and of no word of ours."""
    return last.endswith("s") and last not in folded_words()


# Of "has_email" and "max_users" the value is yes or no, or a number.
_QUESTIONS_AND_BOUNDS: Final = frozenset(
    {"is", "has", "have", "had", "can", "may", "should", "must", "was", "were", "did", "does", "show", "hide", "enable"}
    | {"disable", "allow", "deny", "require", "skip", "use", "max", "min", "maximum", "minimum", "total", "avg"}
    | {"average", "count"}
)

_OPTIONS: Final = frozenset({("opt", "in"), ("opt", "out")})


def _of_reversed(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """A "name_of_experiment" as "experiment_name", unless the "of" is in a word of ours, as in "date_of_birth".

    Nothing, where it is a number of things. What a figure is told by ("birth_rate_by_country"), or for which time
    ("emails_sent_this_week"), says nothing of it.
    """
    if len(tokens) > 2 and tokens[-1] in _TIMES and tokens[-2] in _WHICH_TIME:  # noqa: PLR2004  # and what it is of
        tokens = tokens[:-2]
    if "by" in tokens[1:-1]:
        tokens = tokens[: tokens.index("by", 1)]
    if "of" not in tokens or "of" not in tokens[1:-1]:
        return tokens
    at = tokens.index("of", 1)
    for start in range(at):
        for end in range(at + 2, min(len(tokens), start + _RUN_TOKENS_MAX) + 1):
            if "".join(tokens[start:end]) in folded_words():
                return tokens
    head, complement = tokens[:at], tokens[at + 1 :]
    if head[-1] in _NUMBERS and complement[-1].endswith("s"):
        return ()
    return complement + head


_WHICH_TIME: Final = frozenset({"this", "last", "per", "next", "each"})
_TIMES: Final = frozenset({"minute", "hour", "day", "night", "week", "month", "quarter", "year"})
_NUMBERS: Final = frozenset(("number", "num", "count", "total", "sum"))


def _judged_leaf(name: str) -> Category | None:
    """The last part of a path by itself: "traits.age" is an age, but the name of a page is in "page.name"."""
    *containers, leaf = [part for part in _PATH.split(name) if part] or [""]
    if not containers or not THINGS.isdisjoint(token for part in containers for token in tokens_of(part)):
        return None
    tokens = tokens_of(leaf)
    if tokens and tokens[-1] in _PLACES_OF_THINGS_TOO and not _is_of_a_person(tokens_of(containers[-1])):
        return None
    return _judged(tokens) if tokens else None


# Blinds, doors and cursors have a position as well: these say where somebody is only in what is that person's.
_PLACES_OF_THINGS_TOO: Final = frozenset(
    {"position", "pos", "posit", "place", "venue", "alt", "where", "host", "machine"}
)
_DATA: Final = frozenset(
    {"traits", "context", "properties", "props", "claims", "attributes", "attrs", "geo", "gps", "device", "location"}
)


def _is_of_a_person(tokens: tuple[str, ...]) -> bool:
    """Whether a container is a person's, or all the data that there are."""
    return any(token in QUALIFIERS or token in _DATA or is_person(token) for token in tokens)


@cache
def folded_words() -> dict[str, tuple[Category, bool]]:
    """Folded word -> its category and whether it identifies anywhere in a name. Made when first asked for: 40 ms."""
    words: dict[str, tuple[Category, bool]] = {}
    for anywhere, table in ((True, WORDS_ANYWHERE), (False, WORDS_ALONE)):
        for category, line in table:
            for word in line.split():
                words.setdefault("".join(tokens_of(word)), (category, anywhere))
    for lines in (*WORDS_BY_SYSTEM.values(), ABBREVIATIONS, *WORDS_BY_BELONGING.values(), *WORDS_BY_LANGUAGE.values()):
        for category, line in lines.items():
            for word in line.split():
                folded = "".join(tokens_of(word))
                # Four Latin letters of a transliteration or a code are a part of ordinary names too.
                words.setdefault(folded, (category, len(folded) > _SHORT_CHARS or not folded.isascii()))
    for category, line in (*CODES_ALONE.items(), ("account", PARTIES_ALONE)):
        for word in line.split():
            words.setdefault("".join(tokens_of(word)), (category, False))
    return words


def _category_of_longest_run(tokens: tuple[str, ...]) -> Category | None:
    """The category of the longest identifying run of tokens that its neighbours leave identifying."""
    head_at = _head_at(tokens)
    described = _is_innocent_head(tokens[head_at])
    for length in range(min(len(tokens), _RUN_TOKENS_MAX), 0, -1):
        categories: list[Category] = []
        for start in range(len(tokens) - length + 1):
            end = start + length
            run = "".join(tokens[start:end])
            word = folded_words().get(run) or (_compound(run) if length == 1 else None)
            if word is None:
                continue
            category, anywhere = word
            if described and end <= head_at and tokens[head_at] not in HEADS_THAT_HOLD.get(category, ()):
                continue
            neighbours = tokens[:start] + tokens[end:]
            if anywhere or all(_qualifies(neighbour, category) for neighbour in neighbours):
                categories.append(category)
        if categories:
            return min(categories, key=_TELLING.index)
    return None


def _head_at(tokens: tuple[str, ...]) -> int:
    """The index of the last word; numbers after it only count, and the id or text of a template is the template's."""
    at = len(tokens) - 1
    while at and tokens[at].isdigit():
        at -= 1
    if at > 1 and tokens[at] in _BELONGING_TO_ARTEFACTS and tokens[at - 1] in _ARTEFACTS:
        return at - 1
    return at


_BELONGING_TO_ARTEFACTS: Final = frozenset({"id", "text", "html", "css", "name", "code", "key", "url"})
_ARTEFACTS: Final = frozenset(
    {"template", "placeholder", "label", "hint", "tooltip", "banner", "button", "icon", "layout", "theme", "variant"}
    | {"category", "type", "format", "campaign", "font", "colour", "color", "model", "brand"}
)


def _is_innocent_head(head: str) -> bool:
    """Whether the last word is of a value that cannot be what the words before it name."""
    if head in _innocent_heads():
        return True
    if len(head) <= _SHORT_CHARS or not head.isascii() or head in STILL_THE_VALUE:
        return False
    return head.endswith(STATE_ENDINGS)


def _qualifies(token: str, category: Category) -> bool:
    """Whether a neighbour leaves a word of this category identifying: a qualifier, a number, a word of its own kind."""
    word = folded_words().get(token)
    return token in QUALIFIERS or token.isdigit() or (word is not None and word[0] == category)


def _compound(token: str) -> tuple[Category, bool] | None:
    """An unseparated compound such as "emailadresse": an identifying word and a filler or another one."""
    if token in INNOCENT_HEADS:
        return None
    plural = _singular_of(token)
    if plural:
        return plural
    for cut in range(_PERSON_WORDS_MIN, len(token)):
        head, tail = token[:cut], token[cut:]
        before, after = folded_words().get(head), folded_words().get(tail)
        if before and ((after and (before[1] or after[1])) or (before[1] and tail in FILLERS)):
            return before[0], True
        if after and after[1] and head in FILLERS and len(tail) >= _PERSON_WORDS_MIN:
            return after[0], True
    return None


def _singular_of(token: str) -> tuple[Category, bool] | None:
    """The word that a plural is of. Of "tokens" a text is made, and models count them."""
    if not token.endswith("s") or token == "tokens" or len(token) <= _SHORT_CHARS:  # noqa: S105  # a word
        return None
    word = folded_words().get(token[:-1]) or (folded_words().get(token[:-2]) if token.endswith("es") else None)
    return word if word and word[1] else None


def _is_name_of_a_thing(tokens: tuple[str, ...]) -> bool:
    """Whether a language's word for "name" stands beside its word for a thing: "nombre_producto", "nome_da_loja"."""
    if not _PARTS_OF_NAMES.isdisjoint(tokens):
        return False
    things, unparted = _foreign_things()
    joined = "".join(tokens)
    if things.isdisjoint(tokens) and not any(thing in joined for thing in unparted):
        return False
    return not any(map(is_person, tokens))


# A hotel's contact has a last name all the same.
_PARTS_OF_NAMES: Final = frozenset(
    {"first", "last", "full", "middle", "family", "given", "maiden", "legal", "nick", "contact", "owner", "holder"}
    | {"firstname", "lastname", "fullname", "surname", "nickname", "contacto", "contatto", "contato", "contact"}
    | {"apellido", "apellidos", "cognome", "sobrenome", "prenom", "vorname", "nachname", "achternaam", "voornaam"}
    | {"completo", "complet", "completa", "lengkap", "soyad", "soyadi", "fornavn", "efternavn", "fornamn", "efternamn"}
)


@cache
def _foreign_things() -> tuple[frozenset[str], tuple[str, ...]]:
    """The things of other languages, folded as names are."""
    folded = ("".join(tokens_of(thing)) for thing in UNPARTED_THINGS | UNPARTED_NAMES_OF_THINGS)
    return frozenset(token for thing in FOREIGN_THINGS | MORE_THINGS for token in tokens_of(thing)), tuple(folded)


def _thing_of_a_person(tokens: tuple[str, ...]) -> Category | None:
    """``x_id`` singles out unless x is a thing of ours: pages, slots and variants have ids too."""
    if (
        tokens[-1] in {"id", "uid", "uuid", "guid", "identifier"}
        and len(tokens) > 1
        and not THINGS.intersection(tokens[:-1])
    ):
        return "account"
    return None


def _unspaced(joined: str) -> Category | None:
    """Scripts written without spaces compound freely, so that there a word counts inside a longer one."""
    if joined.isascii() or not UNSPACED.search(joined):
        return None
    for start in range(len(joined)):
        for length in range(2, 9):
            word = folded_words().get(joined[start : start + length])
            if word and word[1] and UNSPACED.match(joined[start]):
                return word[0]
    return None
