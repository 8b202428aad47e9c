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


def _is_known(value: str, allowed: frozenset[str] | None) -> bool:
    """Whether a parameter may have this value."""
    return _KEY.match(value) is not None if allowed is None else value in allowed
