"""What an object leads to: for tests that look for what must not be kept."""

import gc
import types

import msgspec


def held_by(start: object) -> list[object]:
    """Everything that an object leads to, but for code, modules, the loop and the task in hand."""
    found: list[object] = []
    seen = {id(start)}
    waiting = [start]
    while waiting:
        one = waiting.pop()
        found.append(one)
        # A struct without garbage collection tells of nothing that it holds, so its fields are asked for.
        fields = [getattr(one, name) for name in one.__struct_fields__] if isinstance(one, msgspec.Struct) else []
        # Nor does a dict whose keys are all texts tell of these.
        keys = [*one] if isinstance(one, dict) else []
        for other in (*gc.get_referents(one), *fields, *keys):
            kept_out = isinstance(
                other, type | types.ModuleType | types.FunctionType | types.CodeType | types.FrameType
            )
            if id(other) not in seen and not kept_out and "Loop" not in type(other).__name__:
                seen.add(id(other))
                waiting.append(other)
    return found
