"""What a country alone says about a visitor's language: CLDR's speakers and official languages as probabilities.

Kept apart from matching: this is where a country's facts become odds, matching only says which offer serves whom.
"""

from collections.abc import Sequence

from msgspec import Struct

from service.core.language_tags import Tag

OFFICIAL_PART = 0.8
"""How much of a country's odds its official languages hold among themselves; the rest goes by speakers alone."""


class Speakers(Struct, frozen=True, gc=False):
    """A language as spoken in a country: the part of the people who speak it (0 to 1), and whether it is official."""

    tag: Tag
    share: float
    official: bool


class Standing(Struct, frozen=True, gc=False):
    """A language's part (0 to 1) among a country's official languages, and among all its speakers."""

    official: float
    spoken: float


def standings(speakers: Sequence[Speakers]) -> tuple[Standing, ...]:
    """Each language's standing, in order. Official ones stand by the square of their speakers.

    Schools, signs and shops follow the large official languages: German in Switzerland is worth more than its lead over
    Italian by heads. People speak several languages, so ``spoken`` is a part of all that is spoken, not of the people.
    """
    spoken = sum(one.share for one in speakers)
    squares = sum(one.share**2 for one in speakers if one.official)
    return tuple(
        Standing(one.share**2 / squares if one.official and squares else 0.0, one.share / spoken if spoken else 0.0)
        for one in speakers
    )


def odds(available: Sequence[Standing]) -> list[float]:
    """The probability that a visitor wants each of those languages of a country that are to be had, in order.

    They sum to 1 when all of the country's are. What falls to official languages that are not to be had is shared by
    heads, so that a site without them comes down to what people there speak.
    """
    official = [OFFICIAL_PART * one.official for one in available]
    rest = 1 - sum(official)
    return [part + rest * one.spoken for part, one in zip(official, available, strict=True)]
