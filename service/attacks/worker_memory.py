"""A search for a salt or a device id in the worker, through all that the service's objects and modules can reach."""

import gc
import re
import sys
from collections.abc import Collection
from types import FunctionType, ModuleType
from typing import Any

from msgspec import Struct

OBJECTS_MAX = 5_000_000
"""A worker has a tenth of it. Who stops looking has found nothing out, so beyond it the walk fails."""
_HEX = "[0-9a-f]"
_ID = re.compile(rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{12}}", re.IGNORECASE)
_ID_IN_OCTETS = re.compile(_ID.pattern.encode(), re.IGNORECASE)
_SHORTEST = 32
_ATOMS = frozenset({int, float, bool, complex, type(None)})


class Held(Struct, frozen=True):
    """How many objects hold the salt, and how many hold a device id."""

    salts: int
    ids: int


def search(roots: list[Any], salt: bytes, ids: Collection[str] = (), *, objects_max: int = OBJECTS_MAX) -> Held:
    """Look through everything that can be reached from these. Some 1 us an object.

    Raises RuntimeError where there is more than it would ever look through.
    """
    digits = {text.replace("-", "").lower() for text in ids}
    octets = {bytes.fromhex(text) for text in digits}
    seen: set[int] = set()
    waiting: list[Any] = [*roots]
    salts = named = 0
    while waiting:
        reached = waiting.pop()
        if type(reached) in _ATOMS or id(reached) in seen:
            continue
        seen.add(id(reached))
        if len(seen) > objects_max:
            raise RuntimeError("the worker holds more objects than are ever looked through")
        if isinstance(reached, str):
            named += len(reached) >= _SHORTEST and _names(_ID.findall(reached), digits)
        elif isinstance(reached, (bytes, bytearray)):
            salts += salt in reached
            named += bytes(reached) in octets or (
                len(reached) >= _SHORTEST and _names([text.decode() for text in _ID_IN_OCTETS.findall(reached)], digits)
            )
        else:
            waiting += _reached(reached)
    return Held(salts, named)


def service_state() -> list[Any]:
    """What the service's modules hold by themselves, without any object of it: their variables."""
    return [vars(module) for name, module in [*sys.modules.items()] if f"{name}.".startswith("service.")]


def _names(texts: list[str], digits: Collection[str]) -> bool:
    return any(text.replace("-", "").lower() in digits for text in texts)


def _reached(holder: Any) -> list[Any]:
    """What an object leads to; but no module, from where all that was ever imported can be reached."""
    if isinstance(holder, ModuleType):
        return []
    if isinstance(holder, type):
        return [*vars(holder).values()] if f"{holder.__module__}.".startswith("service.") else []
    if isinstance(holder, FunctionType):  # not its globals
        return [holder.__closure__, holder.__defaults__, holder.__kwdefaults__, holder.__dict__]
    if isinstance(holder, Struct):  # those that the collector does not follow, too
        return [getattr(holder, name, None) for name in holder.__struct_fields__]
    return gc.get_referents(holder)
