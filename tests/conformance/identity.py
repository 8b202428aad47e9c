"""Scores what refuses identity against the values and names of the folder ``pii``, which this project did not write.

A value is asked about twice: as a device id, under the formats a site has by default, and as any other value. Benign
ids are asked about under every format there is, because the set holds ids of formats that are a site's own choice.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

from service.core.identity import (
    DEFAULT_DEVICE_ID_FORMATS,
    Category,
    DeviceIdFormat,
    device_id_checker,
    identifying_name,
    identifying_value,
)

Row = tuple[str, str, str, bool]
_VALUES_BAR = 0.99
_NAMES_BAR = 0.95
_BY_CHOICE = frozenset({"hex_128", "uuid4_nodash", "base64url_256", "ksuid27"})
"""Kinds of benign ids that the folder's note says a site has to name before they are accepted."""


def score(folder: Path) -> list[Row]:
    """One row per question and set that is present below the folder."""
    values = _cases(folder, "identifying.*.json", "value")
    benign = _cases(folder, "benign.*.json", "value")
    by_default = _cases(folder, "benign.*.json", "value", without=_BY_CHOICE)
    names = _cases(folder, "field_names_identifying.*.json", "name")
    innocent = _cases(folder, "field_names_benign.*.json", "name")
    is_device_id = device_id_checker(DEFAULT_DEVICE_ID_FORMATS)
    is_any_device_id = device_id_checker(get_args(DeviceIdFormat))
    return [
        *_row("pii: identifying, as a device id, refused", values, is_device_id, True, _VALUES_BAR),
        *_row("pii: identifying, as a device id of any format, refused", values, is_any_device_id, True, _VALUES_BAR),
        *_row("pii: identifying, as a cookie's value, refused", values, identifying_value, True, _VALUES_BAR),
        *_row("pii: opaque ids of default formats, accepted", by_default, is_device_id, False, 1.0),
        *_row("pii: opaque ids of every format, accepted", benign, is_any_device_id, False, 1.0),
        *_row("pii: identifying names, refused", names, identifying_name, True, _NAMES_BAR),
        *_row("pii: innocent names, let pass", innocent, identifying_name, False, _NAMES_BAR),
    ]


def _cases(folder: Path, pattern: str, field: str, without: Iterable[str] = ()) -> list[str]:
    """The values or names of every file of the pattern, visible and hidden."""
    cases: list[dict[str, Any]] = []
    for path in sorted((folder / "pii").glob(pattern)):
        cases += json.loads(path.read_text(encoding="utf-8"))
    return [case[field] for case in cases if case.get("kind") not in frozenset(without)]


def _row(
    name: str, cases: list[str], question: Callable[[str], Category | None], refused: bool, bar: float
) -> list[Row]:
    if not cases:
        return []
    right = sum((question(case) is not None) == refused for case in cases)
    share = right / len(cases)
    return [(name, f"{share:.2%} ({right} of {len(cases)})", f">= {bar:.0%}", share >= bar)]
