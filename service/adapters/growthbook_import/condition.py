"""The targeting conditions of GrowthBook, where they ask only for traits that a site can target here.

Of the language of conditions only one part can be said here: plain values, ``$eq`` and ``$in`` of a country, a kind of
device or a language, and all of them at once (``$and``). Whatever else a condition asks stays unread: conditions on
people list them by e-mail address, so of what is refused only the attribute is ever named, never a value.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args

from msgspec import Struct

from service.adapters.growthbook_import.import_reasons import DEVICE_ATTRIBUTES, Obstacle, folded, printable
from service.core.device import DeviceClass
from service.core.identity import identifying_name
from service.core.languages.matching import LanguageTag
from service.core.sites import Targeting

Trait = Literal["countries", "device", "languages"]


class Vocabulary(NamedTuple):
    """What a site's targeting may speak of: its own languages, and the world's countries."""

    languages: Collection[LanguageTag]
    is_country: Callable[[str], bool]


class Audience(Struct, frozen=True):
    """Whom a condition lets in: ``when`` if it can be said here, else None and the ``obstacles``.

    ``traits`` are those it asks for by words that mean almost what ours mean.
    """

    when: Targeting | None
    obstacles: tuple[Obstacle, ...] = ()
    traits: frozenset[Trait] = frozenset()


def read_condition(condition: Mapping[str, Any] | None, vocabulary: Vocabulary) -> Audience:
    """The audience of a condition, everyone without one. None of its values is repeated in an obstacle."""
    meanings: Mapping[Trait, Callable[[str], tuple[str, ...]]] = {
        "countries": lambda text: (text,) if vocabulary.is_country(text) else (),
        "device": lambda text: _DEVICES.get(text.casefold(), ()),
        "languages": lambda text: (text,) if text in vocabulary.languages else (),
    }
    obstacles: list[Obstacle] = []
    by_trait: dict[Trait, list[str]] = {}
    for attribute, operand in _clauses(condition or {}, obstacles):
        trait = _TRAITS.get(folded(attribute))
        if trait is None:
            obstacles.append(_stranger(attribute))
            if _asks_for_groups(operand):
                obstacles.append(Obstacle("saved_group"))
            continue
        for texts in _operands(operand, attribute, obstacles):
            readings = [meanings[trait](text) for text in texts]
            if not all(readings):
                obstacles.append(Obstacle("condition_value", printable(attribute)))
            values = [*dict.fromkeys(value for reading in readings for value in reading)]
            by_trait[trait] = [value for value in by_trait.get(trait, values) if value in values]
    if not obstacles and not all(by_trait.values()):
        obstacles.append(Obstacle("reaches_nobody"))
    if obstacles:
        return Audience(None, tuple(dict.fromkeys(obstacles)))
    when = Targeting(**{trait: tuple(values) for trait, values in by_trait.items()})  # type: ignore[arg-type]  # device classes out of _DEVICES
    return Audience(when, traits=frozenset(by_trait))


def are_apart(first: Targeting, second: Targeting) -> bool:
    """Whether no visit is in both audiences. Languages do not tell: one of them may be a variety of the other."""
    pairs = ((first.device, second.device), (first.countries, second.countries))
    return any(left and right and not {*left} & {*right} for left, right in pairs)


_TRAITS: Mapping[str, Trait] = {
    "country": "countries",
    "countrycode": "countries",
    "device": "device",
    "devicetype": "device",
    "deviceclass": "device",
    "devicecategory": "device",
    "language": "languages",
    "lang": "languages",
    "locale": "languages",
    "browserlanguage": "languages",
}
_DEVICES: Mapping[str, tuple[DeviceClass, ...]] = {
    **{name: (name,) for name in get_args(DeviceClass) if name not in {"bot", "unknown"}},
    "mobile": ("smartphone", "feature_phone"),
    "phone": ("smartphone", "feature_phone"),
}
_GROUP_OPERATORS = frozenset({"$inGroup", "$notInGroup", "$groups", "$savedGroups"})
_LOGIC = frozenset({"$or", "$nor", "$not"})


def _clauses(condition: Mapping[str, Any], obstacles: list[Obstacle]) -> Iterator[tuple[str, Any]]:
    """Each attribute with what is asked of it. Those under other logic than ``$and`` come too, to be named."""
    waiting = [condition]
    while waiting:
        for name, operand in waiting.pop().items():
            if name == "$and" or name in _LOGIC:
                parts = [operand] if isinstance(operand, dict) else operand if isinstance(operand, list) else [None]
                waiting += [part for part in parts if isinstance(part, dict)]
                if name != "$and" or not isinstance(operand, list) or not all(isinstance(part, dict) for part in parts):
                    obstacles.append(Obstacle("condition_form"))
            elif name in _GROUP_OPERATORS:
                obstacles.append(Obstacle("saved_group"))
            elif name.startswith("$"):
                obstacles.append(Obstacle("condition_form"))
            else:
                yield name, operand


def _operands(operand: Any, attribute: str, obstacles: list[Obstacle]) -> Iterator[list[str]]:
    """The lists of values of which a trait must have one each."""
    tests = operand if isinstance(operand, dict) else {"$eq": operand}
    if not tests:
        obstacles.append(Obstacle("condition_form", printable(attribute)))
    for operator, value in tests.items():
        texts = [value] if operator == "$eq" else value if operator == "$in" else None
        if operator in _GROUP_OPERATORS:
            obstacles.append(Obstacle("saved_group"))
        elif not isinstance(texts, list):
            obstacles.append(Obstacle("condition_form", printable(attribute)))
        elif not all(isinstance(text, str) for text in texts):
            obstacles.append(Obstacle("condition_value", printable(attribute)))
        else:
            yield texts


def _stranger(attribute: str) -> Obstacle:
    if folded(attribute) in DEVICE_ATTRIBUTES:
        return Obstacle("device_attribute", printable(attribute))
    return Obstacle("personal_attribute" if identifying_name(attribute) else "unknown_attribute", printable(attribute))


def _asks_for_groups(operand: Any) -> bool:
    waiting = [operand]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if _GROUP_OPERATORS & part.keys():
                return True
            waiting += part.values()
    return False
