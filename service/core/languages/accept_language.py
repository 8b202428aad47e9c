"""Parser of the Accept-Language header (RFC 9110 sections 12.4.2 and 12.5.4) into ranges and weights.

It never raises: a member that cannot be read is skipped and the others still count. Linear in the header's length, and
bounded.
"""

import re

from msgspec import Struct

FULL_WEIGHT = 1000
"""Weights are whole thousandths, exactly what HTTP's three decimals can say."""

MEMBERS_MAX = 64
"""How many members of a header are read, from its beginning, empty ones among them.

RFC 9110 sets no bound; a browser writes a few, one for each language that its user chose. 1 KB has room for 340, and
each costs 2 to 20 us.
"""

# Of a range only the first subtag must be as HTTP has it: what is wrong behind it is cut off later, not here.
_RANGE = re.compile(r"[A-Za-z]{1,8}(?:[-_].*)?", re.ASCII)
# RFC 9110 has three decimals and a leading zero; more digits or none are read too, as many clients send them.
_WEIGHT = re.compile(r"0?(?:\.([0-9]{0,3})[0-9]*)?|1(?:\.0*)?", re.ASCII)
_SPACE = " \t"
# What nearly every browser sends; the rest takes the longer way.
_USUAL_WEIGHTS = {f"q=0.{tenths}": tenths * 100 for tenths in range(10)} | {"": FULL_WEIGHT, "q=1": FULL_WEIGHT}


class AcceptLanguage(Struct, frozen=True, gc=False):
    """A header as its sender ranked it: language ranges in lower case with their weights, the most wanted first.

    Ranges of equal weight keep the header's order. ``excluded`` are those of weight 0; ``wildcard`` is the weight of
    ``*``, None when it is absent.
    """

    ranges: tuple[tuple[str, int], ...]
    excluded: tuple[str, ...]
    wildcard: int | None


def parse_accept_language(header: str) -> AcceptLanguage:
    """The ranges of a header, several header lines joined by a comma. Never raises; about 5 us for five ranges."""
    weights: dict[str, int] = {}
    for member in header.split(",", MEMBERS_MAX)[:MEMBERS_MAX]:
        text, _, parameters = member.partition(";")
        text = text.strip(_SPACE)
        if text != "*" and not _RANGE.fullmatch(text):
            continue
        weight = _USUAL_WEIGHTS.get(parameters)
        if weight is None:
            weight = _weight(parameters)
        if weight is not None:
            text = text.lower()
            # Said twice, the more welcoming counts.
            if weight > weights.get(text, -1):
                weights[text] = weight
    wildcard = weights.pop("*", None)
    ranges = [pair for pair in weights.items() if pair[1]]
    ranges.sort(key=_by_weight, reverse=True)
    excluded = tuple(text for text, weight in weights.items() if not weight) if len(ranges) < len(weights) else ()
    return AcceptLanguage(tuple(ranges), excluded, wildcard)


def _by_weight(pair: tuple[str, int]) -> int:
    return pair[1]


def _weight(parameters: str) -> int | None:
    """The weight among a member's parameters in thousandths; None when it cannot be read. Others are ignored."""
    for parameter in parameters.split(";"):
        name, equals, value = parameter.partition("=")
        if equals and name.strip(_SPACE) in {"q", "Q"}:
            value = value.strip(_SPACE)
            match = _WEIGHT.fullmatch(value)
            if match is None or not value or value == ".":
                return None
            if value.startswith("1"):
                return FULL_WEIGHT
            return int((match[1] or "").ljust(3, "0"))
    return FULL_WEIGHT
