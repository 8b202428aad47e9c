"""The doors: what the house asks of the world, each as a small protocol that one adapter answers.

Raw addresses and User-Agent strings pass through two of these doors and come back as coarse values; nothing behind a
door may keep them beyond a bounded cache in the process.
"""

from typing import Protocol

from service.core.device import Sighting
from service.core.location import Place


class GeoLookup(Protocol):
    """From an address to a place."""

    def look_up(self, address: str) -> Place | None:
        """The place of a normalised textual IPv4 or IPv6 address; None when unknown. Never raises; about 1 us."""

    @property
    def built_at(self) -> int | None:
        """When the data were built, in seconds since 1970; None when no database is open."""

    @property
    def refused(self) -> int:
        """How many newer files were refused since the one in service was taken."""

    @property
    def healthy(self) -> bool:
        """Whether a database is open that answers a real look-up."""


class DeviceLookup(Protocol):
    """From a User-Agent and low-entropy client hints to a device. An empty string means: not sent."""

    def look_up(self, user_agent: str, brands: str, mobile: str, platform: str, save_data: str) -> Sighting:
        """The device and which of the two kinds of signal had a part in it. Never raises; <= 0.3 ms when not cached.

        ``brands mobile platform save_data`` are the values of Sec-CH-UA, Sec-CH-UA-Mobile, Sec-CH-UA-Platform and
        Save-Data.
        """
