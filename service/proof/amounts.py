"""How many markers an audit takes: numbers to say beforehand, apart from what would have to be loaded to count them."""

from typing import Final

MARKERS_MIN: Final = 800
"""Enough for each channel to have each outcome once."""
MARKERS_WHOLE: Final = 14_000
"""Enough for each channel to go on each carrier, granted and refused; the rest goes round again."""
