"""A likelihood ratio of two origins of an id: composed of names, words, numbers and filling, or drawn at random.

A hidden Markov model of what people and programs compose reads the text once. In each of its states it writes a
letter of a word (as letters follow each other in names), of a name that is known, a digit of a number, a mark
between, filling, or anything at all, so that a name counts wherever it stands. Letters may be written as digits
(``5chm1d7``; Crockford's base32 has no I, L, O and U, so that there it must be so), and backwards. The answer is a
likelihood ratio against random characters, as a logarithm: under a random id the expected ratio is 1, so by Markov's
inequality at most one random id in e^t reaches t, for each of the at most three ways to read it; in fact far fewer,
which is measured.

Asked of a few random ids in a hundred (``device_ids`` asks something cheaper first), at 20 to 60 us.
"""

import re
import string
from collections import Counter
from functools import cache
from itertools import pairwise
from math import log
from operator import getitem
from typing import Final, NamedTuple

from service.core.identity.letters import NAMES
from service.core.identity.vocabulary import GIVEN_NAMES

# The chances to go on from what one character was to what the next is: a new word, a number, filling, a mark, anything
# (and that a word, or a number, goes on). Each row sums to 1; the first is how a text begins.
_START: Final = (0.52, 0.20, 0.08, 0.0, 0.20)
_WORD: Final = (0.06, 0.05, 0.02, 0.06, 0.01)
_NUMBER: Final = (0.08, 0.0, 0.06, 0.09, 0.05)
_FILLING: Final = (0.08, 0.08, 0.78, 0.02, 0.04)
_MARK: Final = (0.60, 0.28, 0.02, 0.02, 0.08)
_ANYTHING: Final = (0.06, 0.03, 0.01, 0.01, 0.89)
_WORD_GOES_ON: Final = 0.80
# Of the words, the share that are names we know; each is as likely as another. Shorter ones stand in random ids too.
_KNOWN_SHARE: Final = 0.25
_KNOWN_LETTERS_MIN: Final = 4
_NUMBER_GOES_ON: Final = 0.72

# Digits that people write for letters; in Crockford's alphabet 0, 1 and V have to stand for four.
_LEET: Final = dict(zip("013457", "oieast", strict=True))
_PLAIN: Final[dict[str, str]] = {}
_FORCED: Final = {"0": "o", "1": "i"}
_ALIKE: Final = {"l": "i", "u": "v"}
_AS_DIGIT: Final = 0.8
_LEET_DIGITS_MIN: Final = 4
_WORTH_A_SECOND_LOOK: Final = -2.0
# Of a word whose text has both cases: the chances of a capital at its beginning, and after a capital or another sign.
_CAPITAL_FIRST: Final = 0.5
_CAPITAL_AFTER_CAPITAL: Final = 0.4
_CAPITAL_AFTER: Final = 0.03

_CENTURIES: Final = {"1": "9", "2": "0"}
_FIRST_DIGITS: Final = {"0": 0.16, "1": 0.26, "2": 0.18, "3": 0.07, "9": 0.06, "8": 0.06, "4": 0.06, "7": 0.05,
                        "6": 0.05, "5": 0.05}  # fmt: skip
_RARE_PAIR_MIN: Final = -1.5
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FILLINGS: Final = frozenset("0Xx-_A1")
_SAME_AGAIN: Final = 0.75
_ONE_FILLING: Final = 0.25 / len(_FILLINGS)


def composed_ratio(text: str, *, is_crockford: bool, enough: float) -> float:
    """The logarithm of how many times likelier the text is composed than drawn, in the likeliest way to read it.

    Once a reading has ``enough``, no other is looked for; and backwards is read what has something of names forwards.
    """
    reading = _FORCED if is_crockford else _PLAIN
    best = _ratio(text, reading, is_crockford)
    if best < enough and sum(char in _LEET and char not in reading for char in text) >= _LEET_DIGITS_MIN:
        in_leet = _ratio(text, _LEET, is_crockford)
        if in_leet > best:
            best, reading = in_leet, _LEET
    if _WORTH_A_SECOND_LOOK < best < enough:
        best = max(best, _ratio(text[::-1], reading, is_crockford))
    return best


def make_tables() -> None:
    """Make now what is else made when first asked for, in some 60 ms."""
    for is_leet in (False, True):
        for is_crockford in (False, True):
            _signs(is_crockford=is_crockford, is_leet=is_leet)
    _letters(alike=False)
    _names(alike=False)
    _names(alike=True)
    _pairs()


def pair_weight(text: str) -> float:
    """A first guess at the ratio of a text in Crockford's alphabet, of two neighbours at a time: 1 us."""
    return sum(map(getitem, map(_pairs().__getitem__, text), text[1:]))


@cache
def _pairs() -> dict[str, dict[str, float]]:
    signs, letters = _signs(is_crockford=True, is_leet=False), _letters(alike=True)
    among = {
        sign.letter: [row for two, row in letters.next.items() if two[1] == sign.letter] for sign in signs.values()
    }
    weights: dict[str, dict[str, float]] = {}
    for before, sign in signs.items():
        weights[before] = {}
        for char, following in signs.items():
            if not following.letter:
                share = 0.0
            elif sign.letter:
                rows = among[sign.letter]
                share = 0.8 * sum(row[following.letter] for row in rows) / len(rows)
            else:
                share = 0.6 * letters.first[following.letter]
            share += 0.03 * char.isdigit() + 0.12 * (char == before)
            weights[before][char] = max(_RARE_PAIR_MIN, log(len(signs) * share)) if share else _RARE_PAIR_MIN
    return weights


# Two names or more at the beginning, of at least three letters each: capital letters or marks part them.
_NAMES_AT_THE_START: Final = re.compile(
    r"(?:[A-Z][a-z013457]{2,}|[a-z][a-z013457]{2,}(?=[_-]))(?:[_-]?[A-Z]|[_-][a-z])[a-z013457]{2}"
).match
_NAME_OR_MARK: Final = re.compile(r"[_-]|[A-Za-z][a-z013457]*")
_SYMBOLS_MIN: Final = 58
_PARTED: Final = 0.25  # the chances of a mark between two names, and of a digit for one of the letters that have one
_LEETED: Final = 0.2


def starts_with_names(text: str) -> bool:
    """Whether it begins with a first and a last name, whatever follows: a random tail, a place, a number.

    The same likelihood ratio, without the price of all the other ways to compose a text: 0.2 us, where the beginning is
    no two words. A random id is held for names once in a million times or less (measured).
    """
    if not _NAMES_AT_THE_START(text):
        return False
    letters = _letters(alike=False)
    ratio, names, at = 0.0, 0, 0
    while match := _NAME_OR_MARK.match(text, at):
        word, at = match[0], match.end()
        if word in "_-":
            ratio += log(_SYMBOLS_MIN * _PARTED)
            continue
        two = "^"
        for count, char in enumerate(word, 1):
            letter = _LEET.get(char, char.lower())
            row = letters.first if count == 1 else letters.next[two[-2:]]
            ratio += log(_SYMBOLS_MIN * row[letter] * (_LEETED if char in _LEET else 1.0))
            two += letter
            if names and count >= _NAME_LETTERS_MIN and ratio > _NAMES_RATIO_MIN:
                return True
        if len(word) < _NAME_LETTERS_MIN:
            return False
        names += 1
    return False


_NAME_LETTERS_MIN: Final = 3
_NAMES_RATIO_MIN: Final = 15.7


class _Letters(NamedTuple):
    """The shares of first letters, and of the letters that follow two: the sign ``^`` is a word's beginning."""

    first: dict[str, float]
    next: dict[str, dict[str, float]]


def _ratio(text: str, reading: dict[str, str], is_crockford: bool) -> float:
    letters = _letters(alike=bool(reading))
    has_case = not (is_crockford or text.islower() or text.isupper())
    signs = _signs(is_crockford=is_crockford, is_leet=reading is _LEET)
    symbols = 32 if is_crockford else 64
    s1, s2, s3, _, s5 = _START
    w1, w2, w3, w4, w5 = _WORD
    n1, _, n3, n4, n5 = _NUMBER
    f1, f2, f3, f4, f5 = _FILLING
    m1, m2, m3, m4, m5 = _MARK
    a1, a2, a3, a4, a5 = _ANYTHING
    # What the states are worth so far: a word's first letter, its later ones, and the others; and of each what it would
    # write next, times how many symbols there are, which is how much likelier that is than at random.
    new = word = words = number = fill = between = 0.0
    anything = 1.0
    names = _names(alike=bool(reading))
    begun: list[tuple[_Names, float]] = []  # the names that the last characters begin, and what each is worth so far
    entry = s1  # the worth of what a word may follow
    before, before_letter, two = "", "", ""
    for char in text:
        letter, spelt, first_digit, filling, mark = signs[char]
        first = second = later = digit = names_ended = 0.0  # what each state would write here
        if letter:
            began = within = spelt
            if has_case and char.isalpha():
                capital = _CAPITAL_AFTER_CAPITAL if before.isupper() else _CAPITAL_AFTER
                began *= _CAPITAL_FIRST
                within *= capital if char.isupper() else 1 - capital
            first = (1 - _KNOWN_SHARE) * letters.first[letter] * began
            if before_letter:
                second = letters.next["^" + before_letter][letter] * within
                later = letters.next[two][letter] * within if two else 0.0
            begun, names_ended = _one_letter_on(begun, letter, within)
            begun.append((names.longer[letter], entry * _KNOWN_SHARE * began))
        else:
            begun = []
        if first_digit and number:
            digit = _digit_after(before, char) * symbols
        if char == before:
            filling += _SAME_AGAIN * symbols
        if not before:
            new, number, fill, anything = entry * first, s2 * first_digit, s3 * filling, s5
        else:
            new, word, number, fill, between, anything = (
                entry * first,
                _WORD_GOES_ON * (new * second + word * later) + names_ended,
                _NUMBER_GOES_ON * number * digit
                + first_digit * (words * w2 + fill * f2 + between * m2 + anything * a2),
                filling * (words * w3 + number * n3 + fill * f3 + between * m3 + anything * a3),
                mark * (words * w4 + number * n4 + fill * f4 + between * m4 + anything * a4),
                words * w5 + number * n5 + fill * f5 + between * m5 + anything * a5,
            )
        words = new + word
        entry = words * w1 + number * n1 + fill * f1 + between * m1 + anything * a1
        two = before_letter + letter if letter and before_letter else ""
        before, before_letter = char, letter
    cut_off = sum(worth * name.longer_share for name, worth in begun)
    return log(new + word + number + fill + between + anything + cut_off)


class _Names(NamedTuple):
    """The known names that begin alike: those that go on, by their next letter, and the one that ends here."""

    longer: "dict[str, _Names]"
    longer_share: float
    share: float


@cache
def _names(*, alike: bool) -> _Names:
    """The known names, letter by letter. Where digits stand for letters, those of one digit are alike."""
    alikes = str.maketrans(_ALIKE)
    written = {name.translate(alikes) if alike else name for name in (*NAMES, *GIVEN_NAMES)}
    return _begun_alike([name for name in written if len(name) >= _KNOWN_LETTERS_MIN], 1 / len(written))


def _one_letter_on(
    begun: list[tuple[_Names, float]], letter: str, spelt: float
) -> tuple[list[tuple[_Names, float]], float]:
    """The names that go on with this letter, and what those that end with it are worth together."""
    longer = [(name.longer[letter], worth * spelt) for name, worth in begun if letter in name.longer]
    return longer, sum(worth * name.share for name, worth in longer)


def _begun_alike(ends: list[str], share: float) -> _Names:
    by_letter: dict[str, list[str]] = {}
    for end in ends:
        if end:
            by_letter.setdefault(end[0], []).append(end[1:])
    longer = {letter: _begun_alike(after, share) for letter, after in sorted(by_letter.items())}
    longer_share = sum(names.longer_share + names.share for names in longer.values())
    return _Names(longer, longer_share, share if "" in ends else 0.0)


class _Sign(NamedTuple):
    """A character: the letter that it stands for, if any, and what states would write it at, times the symbols."""

    letter: str
    spelt: float
    first_digit: float
    filling: float
    mark: float


@cache
def _signs(*, is_crockford: bool, is_leet: bool) -> dict[str, _Sign]:
    """Every character of the alphabet, in this reading."""
    reading = _LEET if is_leet else _FORCED if is_crockford else {}
    alphabet = _CROCKFORD if is_crockford else string.ascii_letters + string.digits + "-_"
    symbols = len(alphabet)
    signs = {}
    for char in alphabet:
        letter = reading.get(char) or (char.lower() if char.isalpha() else "")
        signs[char] = _Sign(
            letter=_ALIKE.get(letter, letter) if reading else letter,
            spelt=symbols * (_spelt(char, letter) if is_leet else 1.0),
            first_digit=symbols * _FIRST_DIGITS.get(char, 0.0),
            filling=symbols * _ONE_FILLING if char in _FILLINGS else 0.0,
            mark=symbols / 2 if char in "-_" else 0.0,
        )
    return signs


def _spelt(char: str, letter: str) -> float:
    """The chance that who writes digits for letters writes a letter, or one of those alike, as this character."""
    if char in _LEET:
        return _AS_DIGIT
    as_letter = 1 - _AS_DIGIT if _ALIKE.get(letter, letter) in _LEET.values() else 1.0
    return as_letter / 2 if letter in {*_ALIKE, *_ALIKE.values()} else as_letter


def _digit_after(before: str, digit: str) -> float:
    """Years begin with a century; else a digit often follows itself or its neighbour. Sums to less than 1."""
    if not before.isdigit():
        return 0.0
    if _CENTURIES.get(before) == digit:
        return 0.35
    near = abs(int(digit) - int(before))
    return (0.04 if before in _CENTURIES else 0.065) + (0.12 if near == 0 else 0.07 if near == 1 else 0.0)


@cache
def _letters(*, alike: bool) -> _Letters:
    """Counted in names, when first asked for (25 ms). Where digits stand for letters, those of one digit are alike."""
    alikes = str.maketrans(_ALIKE)
    firsts: Counter[str] = Counter()
    singles: Counter[str] = Counter(string.ascii_lowercase)
    pairs: dict[str, Counter[str]] = {a: Counter() for a in string.ascii_lowercase + "^"}
    triples: dict[str, Counter[str]] = {
        a + b: Counter() for a in string.ascii_lowercase + "^" for b in string.ascii_lowercase
    }
    for name in (*NAMES, *sorted(GIVEN_NAMES)):
        word = name.translate(alikes) if alike else name
        firsts.update(word[0])
        singles.update(word)
        for a, b in pairwise("^" + word):
            pairs[a].update(b)
        for a, b, c in zip("^" + word, word, word[1:], strict=False):
            triples[a + b].update(c)
    alphabet = sorted(set(string.ascii_lowercase.translate(alikes) if alike else string.ascii_lowercase))
    single = {letter: singles[letter] / singles.total() for letter in alphabet}

    def share(counts: Counter[str], letter: str, beneath: float, weight: float) -> float:
        """Witten and Bell: the fewer were counted, the more the shorter context says."""
        return (counts[letter] + weight * beneath) / (counts.total() + weight)

    pair = {a: {b: share(row, b, single[b], 6.0) for b in alphabet} for a, row in pairs.items()}
    return _Letters(
        pair["^"],
        {two: {c: share(row, c, pair[two[1]][c], 4.0) for c in alphabet} for two, row in triples.items()},
    )
