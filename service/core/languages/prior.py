"""Prior probabilities of a visitor's language in a country: from CLDR's speakers and official languages.

The choices of a site's own visitors there move them the more, the more visitors there are.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from service.core.languages.tags import Tag

OFFICIAL_PART = 0.8
"""How much of a country's odds its official languages hold among themselves; the rest goes by speakers alone."""

PRIOR_STRENGTH = 100.0
"""The weight of a prior belief in visitors: as many visitors move it half way."""


class Speakers(Struct, frozen=True, gc=False):
    """A language as spoken in a country: the part of the people who speak it (0 to 1), and whether it is official."""

    tag: Tag
    share: float
    official: bool


class LanguageShare(Struct, frozen=True, gc=False):
    """A language's part (0 to 1) among a country's official languages, and among all its speakers."""

    official: float
    spoken: float


def language_shares(speakers: Sequence[Speakers]) -> tuple[LanguageShare, ...]:
    """The shares of each language, in order; among official ones by the square of their speakers.

    Schools, signs and shops follow the large official languages: German in Switzerland is worth more than its lead over
    Italian by heads. People speak several languages, so ``spoken`` is a part of all that is spoken, not of the people.
    """
    spoken = sum(language.share for language in speakers)
    squares = sum(language.share**2 for language in speakers if language.official)
    return tuple(
        LanguageShare(
            language.share**2 / squares if language.official and squares else 0.0,
            language.share / spoken if spoken else 0.0,
        )
        for language in speakers
    )


def odds(available: Sequence[LanguageShare]) -> list[float]:
    """The probability that a visitor wants each of those languages of a country that are to be had, in order.

    They sum to 1 when all of the country's are. What falls to official languages that are not to be had is shared by
    heads, so that a site without them comes down to what people there speak.
    """
    official = [OFFICIAL_PART * language.official for language in available]
    remainder = 1 - sum(official)
    return [part + remainder * language.spoken for part, language in zip(official, available, strict=True)]


class Learned(Struct, frozen=True, eq=False):
    """The languages that a site's visitors in one group want, as released: weights by the index of the site's language.

    The rungs stand coarsest first (a country, its class of device, its operating system); one of which nothing was
    released is left out. Compared by identity, so that what follows from it can be remembered with it.
    """

    rungs: tuple[tuple[float, ...], ...]


def update_prior(prior: Mapping[int, float], learned: Learned, excluded: AbstractSet[int]) -> dict[int, float]:
    """A prior by language index, moved by what was learned rung by rung, from the country to the finest group.

    Each rung's belief is the prior of the next one (Dirichlet smoothing), so that a group of few visitors stays near
    its country and one of many goes its own way. ``excluded`` languages count for nothing.
    """
    belief = dict(prior)
    for weights in learned.rungs:
        counted = {index: weight for index, weight in enumerate(weights) if weight > 0 and index not in excluded}
        whole = PRIOR_STRENGTH + sum(counted.values())
        belief = {
            index: (PRIOR_STRENGTH * belief.get(index, 0.0) + counted.get(index, 0.0)) / whole
            for index in sorted(belief.keys() | counted.keys())
        }
    return belief
