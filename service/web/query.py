"""A strict reading of a query string: known parameters, each once, nothing of it ever repeated."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from service.core.identity import identifying_name, identifying_value
from service.core.sites import KEY_PATTERN
from service.web.problems import FieldError, Refusal, refuse

PARAMETERS_MAX = 32
KnownParameters = Mapping[str, frozenset[str] | None]
"""Each parameter's values; None where any key may stand."""
_KEY = re.compile(KEY_PATTERN)


def read_query(query: bytes, known: KnownParameters) -> dict[str, str] | Refusal:
    """The parameters by name, or the refusal."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:  # too many fields, or bytes that no URL may have
        return refuse(FieldError("/query", "invalid_value"))
    found: dict[str, str] = {}
    errors = []
    for position, (name, value) in enumerate(pairs):
        if name not in known:
            category = identifying_name(name)
            errors.append(FieldError("/query", "identifying_name" if category else "unknown_field", category, position))
        elif name in found:
            errors.append(FieldError(f"/query/{name}", "duplicate_field", None, position))
        elif not _is_known(value, known[name]):
            category = identifying_value(value)
            errors.append(FieldError(f"/query/{name}", "identifying_value" if category else "invalid_value", category))
        else:
            found[name] = value
    return refuse(*errors) if errors else found


def read_page_query(query: bytes, known: KnownParameters) -> dict[str, str] | Refusal:
    """The same for a page that people come to by links of others, who add what they like: all else is left unread.

    So is a parameter of ours with a value that is none of its own: others have a ``language`` too.
    """
    pairs = (pair for pair in query.split(b"&") if _is_for_page(pair, known))
    return read_query(b"&".join(pairs), known)


def _is_for_page(pair: bytes, known: KnownParameters) -> bool:
    name, _, value = pair.decode("latin-1").partition("=")
    if name not in known:
        return False
    values = known[name]
    return values is None or value in values


def _is_known(value: str, allowed: frozenset[str] | None) -> bool:
    """Whether a parameter may have this value."""
    return _KEY.match(value) is not None if allowed is None else value in allowed
