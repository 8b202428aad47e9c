"""To read the counts again tells nothing more than was released."""

import pytest

from service.adapters.memory_store import MemoryStore
from service.adapters.opendp_noise import OpendpNoise
from service.attacks.averaging import averaging
from service.core.groups.counts import PrivacyParameters, Released
from service.core.sites import Site, SiteRules, Slot, SlotRanking

ON = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")


def rules() -> SiteRules:
    site = Site("demo", ("en", "de"), "en", slots={"front": Slot(("spring", "app"))})
    absent: object = None
    return SiteRules(site, absent, absent, absent, {"front": SlotRanking(("spring", "app"), "default")})  # type: ignore[arg-type]


def test_to_read_again_tells_nothing_more() -> None:
    """Over windows, forms and time every figure is the released cell."""
    read, strange = averaging(rules(), ON, OpendpNoise())
    assert read.value > 100
    assert read.passed
    assert (strange.value, strange.passed) == (0, True)


def test_noise_drawn_at_reading_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a store that answers with fresh noise each time is caught."""
    true = MemoryStore.released
    asked = iter(range(1000))

    async def fresh(self, site, intervals):
        shift = next(asked)
        return [
            one and Released(one.interval, one.terms, {field: count + shift for field, count in one.cells.items()})
            for one in await true(self, site, intervals)
        ]

    monkeypatch.setattr(MemoryStore, "released", fresh)
    assert not averaging(rules(), ON, OpendpNoise())[1].passed
