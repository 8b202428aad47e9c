"""A salt and a device id are found wherever the worker's objects reach."""

import uuid
from functools import lru_cache

import pytest

from service.attacks.worker_memory import Held, search, service_state
from service.web.visit import intake as intake_module

SALT = b"\3" * 32
DEVICE = "8c8b7c1e-5b1d-4a27-8d33-f4a45c5e6e6a"


def test_the_salt_is_found_wherever_it_can_be_reached() -> None:
    hidden = {"deep": [(lambda: hidden_in)]}
    hidden_in = bytearray(b"before" + SALT)
    assert search([hidden], SALT) == Held(1, 0)
    assert search([{"deep": [b"\3" * 31]}], SALT) == Held(0, 0)


@pytest.mark.parametrize(
    "held",
    [
        DEVICE, f"demo/device/{DEVICE}", DEVICE.upper(), DEVICE.replace("-", ""), f"x{DEVICE}".encode(),
        uuid.UUID(DEVICE).bytes,
    ],
)  # fmt: skip
def test_a_device_id_is_found_as_text_and_as_octets(held: object) -> None:
    assert search([{"deep": (held,)}], SALT, [DEVICE]) == Held(0, 1)
    assert search([{"deep": (held,)}], SALT, [DEVICE.replace("8c8b", "8c8c")]) == Held(0, 0)


def test_what_a_module_keeps_by_itself_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Salts in a module's dict, and hashes that are remembered with what they were made of."""
    assert search(service_state(), SALT, [DEVICE]) == Held(0, 0)
    monkeypatch.setattr(intake_module, "_salts", {1: SALT}, raising=False)
    assert search(service_state(), SALT, [DEVICE]) == Held(1, 0)
    monkeypatch.undo()
    monkeypatch.setattr(intake_module, "_hash", lru_cache(intake_module._hash))
    intake_module._hash(b"\3" * 32, f"demo/device/{DEVICE}".encode())
    assert search(service_state(), SALT, [DEVICE]) == Held(1, 1)


def test_a_walk_that_would_not_end_proves_nothing() -> None:
    with pytest.raises(RuntimeError):
        search([[[] for _ in range(20)]], SALT, objects_max=10)
