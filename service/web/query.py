"""Strict reading of query strings: known parameters, each once; no refusal repeats anything of a query."""

import re
from collections.abc import Collection, Mapping
from itertools import groupby
from urllib.parse import parse_qsl

from service.core.sites import KEY_PATTERN
from service.web.bodies.guidance import ELSEWHERE, KEY_FORM, ONCE, bounded, misfit, misnamed
from service.web.problems import ERRORS_MAX, ErrorCode, FieldError, Refusal, refuse

PARAMETERS_MAX = 32
KnownParameters = Mapping[str, frozenset[str] | None]
"""Each parameter's values; None where any key may stand."""
FEW = f"A query has at most {PARAMETERS_MAX} parameters, in ASCII."
UNREAD = "The body says everything here, and the query nothing."
_KEY = re.compile(KEY_PATTERN)
_AMOUNT = re.compile(r"([0-9]+)([a-z])")
# As long as a value may be to be taken for an amount in other words: `24 hours`, `P7D`.
_AMOUNT_CHARS_MAX = 12
_GUESSED_OF_AMOUNTS = frozenset({"other", "account", "address", "free_text"})


def read_query(query: bytes, parameters: KnownParameters) -> dict[str, str] | Refusal:
    """The parameters by name, or the refusal."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:  # too many fields, or bytes that no URL may have
        return refuse(FieldError("/query", "invalid_value", allowed=tuple(parameters), detail=FEW))
    values: dict[str, str] = {}
    errors: list[FieldError] = []
    misfits: set[str] = set()
    for position, (name, value) in enumerate(pairs):
        if len(errors) == ERRORS_MAX:  # more is not told, and to find it costs
            break
        if name not in parameters:
            errors.append(misnamed_parameter(name, position, parameters))
        elif name in values or name in misfits:
            errors.append(FieldError(f"/query/{name}", "duplicate_field", None, position, detail=ONCE))
        elif not _is_known(value, parameters[name]):
            misfits.add(name)
            errors.append(_misfit(name, value, parameters[name]))
        else:
            values[name] = value
    return refuse(*errors) if errors else values


def read_page_query(query: bytes, parameters: KnownParameters) -> dict[str, str] | Refusal:
    """The same for a page that people come to by links of others, who add what they like: all else is left unread.

    So is a parameter of ours with a value that is none of its own: others have a ``language`` too.
    """
    pairs = (pair for pair in query.split(b"&") if _is_for_page(pair, parameters))
    return read_query(b"&".join(pairs), parameters)


def _is_for_page(pair: bytes, parameters: KnownParameters) -> bool:
    name, _, value = pair.decode("latin-1").partition("=")
    if name not in parameters:
        return False
    values = parameters[name]
    return values is None or value in values


def misnamed_parameter(name: str, position: int, parameters: Collection[str]) -> FieldError:
    """The mistake in a parameter that is none of these, of which there may be none."""
    detail = ELSEWHERE.get(name)
    if name.lower() in parameters:
        detail = f"This is called {name.lower()} here."
    elif not parameters:
        detail = UNREAD if detail is None else f"{UNREAD} {detail}"
    return misnamed(name, "/query", position, parameters, detail)


def forms(values: frozenset[str] | None) -> tuple[str, ...]:
    """What a parameter may be: keys, a few words, or amounts with their units."""
    if values is None:
        return KEY_FORM
    amounts = [amount.groups() for amount in map(_AMOUNT.fullmatch, values) if amount]
    if len(amounts) < len(values):
        return tuple(sorted(values))
    ordered = sorted((unit, int(number)) for number, unit in amounts)
    spans = [(unit, [number for _, number in group]) for unit, group in groupby(ordered, lambda pair: pair[0])]
    return tuple(f"{numbers[0]}{unit} to {numbers[-1]}{unit}" for unit, numbers in reversed(spans))


def _misfit(name: str, value: str, values: frozenset[str] | None) -> FieldError:
    """The mistake in a value. An amount in other words, such as ``169h``, is no identifying value, odd as it looks."""
    category = misfit(value, key=values is None or value.strip().lower() in values)
    if values is not None and len(value) <= _AMOUNT_CHARS_MAX and category in _GUESSED_OF_AMOUNTS:
        category = None
    code: ErrorCode = "identifying_value" if category else "invalid_value"
    return bounded(FieldError(f"/query/{name}", code, category, None, forms(values)))


def _is_known(value: str, allowed: frozenset[str] | None) -> bool:
    """Whether a parameter may have this value."""
    return _KEY.match(value) is not None if allowed is None else value in allowed
