"""Checks of the settings for counting, so that releases keep their promises."""

from math import ceil, floor
from typing import Literal

from service.core.groups.weak_parameters import K_WITHOUT_PREFIXES_MIN
from service.settings.reading import Reading

DAY_S = 86400
RELEASE_MIN_S = 2
SECRET_LENGTH_MIN = 16
FLUSHES_PER_RELEASE_MIN = 10
_ROUNDING_S = 1e-6  # a third of a minute has no exact float


def check_counting(
    reading: Reading,
    *,
    release_minutes: float,
    retention_hours: int,
    flush_interval_ms: int,
    k: int,
    k_prefixes: int,
    noise: Literal["on", "off"],
) -> None:
    """Add the mistakes and notices that these settings deserve."""
    seconds = release_minutes * 60
    if abs(seconds - round(seconds)) > _ROUNDING_S or round(seconds) < RELEASE_MIN_S or DAY_S % round(seconds):
        reading.mistakes.append(
            "release_minutes: must divide a day into equal parts, for example 5, 15, 60 or 240, of "
            f"{RELEASE_MIN_S} seconds or more, not {release_minutes:g}"
        )
    elif retention_hours * 3600 < seconds:
        reading.mistakes.append(
            f"retention_hours: must be as long as release_minutes ({release_minutes:g}), or nothing would ever be "
            f"read: {ceil(seconds / 3600)} or more, not {retention_hours}"
        )
    if flush_interval_ms * FLUSHES_PER_RELEASE_MIN > seconds * 1000:
        reading.mistakes.append(
            f"flush_interval_ms: is {flush_interval_ms}, too long for release_minutes ({release_minutes:g}): counts "
            f"would come too late; must be {floor(seconds * 1000 / FLUSHES_PER_RELEASE_MIN)} or less"
        )
    small = k_prefixes == 0 and k < K_WITHOUT_PREFIXES_MIN
    least = K_WITHOUT_PREFIXES_MIN
    wanted = f"k: where no network prefixes are counted (k_prefixes = 0) it must be {least} or more, not {k}"
    if small and noise == "on":
        reading.mistakes.append(wanted)
    elif small:
        reading.notices.append(wanted)
    if noise == "off":
        reading.notices.append("noise: it is off, which is for closed test beds only; every answer says so")
