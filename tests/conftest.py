"""What most tests need: the shipped configuration, assembled, with a small world of known addresses instead of a database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from service.adapters.memory_store import MemoryStore
from service.app import Application, Container, assemble, read_configuration
from service.core.location import Place
from service.telemetry import Telemetry

CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)


class KnownPlaces:
    """The geo door over a handful of addresses (``ports.GeoLookup``), for tests that are not about databases."""

    built_at = 1_795_000_000
    healthy = True
    refused = 0
    errors = 0

    def __init__(self) -> None:
        self._places = {
            "195.65.10.7": Place("CH", None, None, "ip"),
            "2a02:1200::7": Place("CH", "ZH", "Europe/Zurich", "ip"),
            "8.8.8.8": Place("US", None, None, "ip"),
            "5.9.9.9": Place("DE", None, None, "ip"),
            "24.48.0.1": Place("CA", "QC", "America/Toronto", "ip"),
            "1.1.1.9": Place("JP", None, "Asia/Tokyo", "ip"),
        }

    def look_up(self, address: str) -> Place | None:
        return self._places.get(address)

    def open(self) -> bool:
        return True

    async def watch(self, interval_s: float) -> None:
        """Nothing changes here."""

    def close(self) -> None:
        """Nothing to let go."""


@pytest.fixture(scope="session")
def configuration() -> Any:
    """The configuration as it ships."""
    return read_configuration(environment={"PASSERBY_ADMIN_PORT": "0"})


@pytest.fixture(scope="session")
def house(configuration: Any) -> Container:
    """The shipped configuration assembled over known places, counting in the process."""
    store = MemoryStore(k=configuration.settings.k, k_prefixes=configuration.settings.k_prefixes, retention_s=3600)
    house = assemble(configuration, Telemetry(stream=Discarded()), store)
    places: Any = KnownPlaces()
    house.decisions.intake.geo = places
    return msgspec.structs.replace(house, geo=places)


class Discarded:
    """A log that nobody reads."""

    def write(self, _: str) -> None:
        """Nothing is kept."""


@pytest.fixture(scope="session")
def client(house: Container) -> Iterator[TestClient]:
    """A client of the whole application, seen as a trusted proxy on loopback."""
    with TestClient(Application(house), client=("127.0.0.1", 50000)) as client:
        client.headers.clear()
        yield client


@pytest.fixture
def config_copy(tmp_path: Path) -> Callable[[], Path]:
    """Makes a copy of the shipped configuration that a test may spoil."""
    import shutil

    def copy() -> Path:
        return Path(shutil.copytree(Path(__file__).parent.parent / "config", tmp_path / "config"))

    return copy
