"""Is a secret still in the worker? A walk over all that the service's objects and modules can reach.

Apart from the attack on pseudonyms (``pseudonyms``), which asks it, because it knows nothing of what it looks for but
how it is written: a salt's octets, and device ids as text or as octets.
"""

import gc
import re
import sys
from collections.abc import Collection
from types import FunctionType, ModuleType
from typing import Any

from msgspec import Struct

OBJECTS_MAX = 5_000_000
"""A worker has a tenth of it. Who stops looking has found nothing out, so beyond it the walk fails."""
_ID_OCTETS = 16
_HEX = "[0-9a-f]"
_ID = re.compile(rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{12}}", re.IGNORECASE)
_ID_IN_OCTETS = re.compile(_ID.pattern.encode(), re.IGNORECASE)
_SHORTEST = 32
_ATOMS = frozenset({int, float, bool, complex, type(None)})


class Held(Struct, frozen=True):
    """How many objects hold the salt, and how many hold a device id."""

    salts: int
    ids: int


def search(roots: list[Any], salt: bytes, ids: Collection[str] = ()) -> Held:
    """Look through everything that can be reached from these. Some 1 us an object.

    Raises RuntimeError where there is more than it would ever look through.
    """
    wanted = {one.replace("-", "").lower() for one in ids}
    octets = {bytes.fromhex(one) for one in wanted}
    seen: set[int] = set()
    waiting: list[Any] = [*roots]
    salts = found = 0
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind in _ATOMS or id(one) in seen:
            continue
        seen.add(id(one))
        if len(seen) > OBJECTS_MAX:
            raise RuntimeError("the worker holds more objects than are ever looked through")
        if isinstance(one, str):
            found += len(one) >= _SHORTEST and _names(_ID.findall(one), wanted)
        elif isinstance(one, (bytes, bytearray)):
            salts += salt in one
            found += bytes(one) in octets or (
                len(one) >= _SHORTEST and _names([text.decode() for text in _ID_IN_OCTETS.findall(one)], wanted)
            )
        else:
            waiting += _reached(one)
    return Held(salts, found)


def service_state() -> list[Any]:
    """What the service's modules hold by themselves, without any object of it: their variables."""
    return [vars(module) for name, module in [*sys.modules.items()] if f"{name}.".startswith("service.")]


def _names(texts: list[str], wanted: Collection[str]) -> bool:
    return any(text.replace("-", "").lower() in wanted for text in texts)


def _reached(one: Any) -> list[Any]:
    """What an object leads to; but no module, from where all that was ever imported can be reached."""
    if isinstance(one, ModuleType):
        return []
    if isinstance(one, type):
        return [*vars(one).values()] if f"{one.__module__}.".startswith("service.") else []
    if isinstance(one, FunctionType):  # not its globals
        return [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
    if isinstance(one, Struct):  # those that the collector does not follow, too
        return [getattr(one, name, None) for name in one.__struct_fields__]
    return gc.get_referents(one)
