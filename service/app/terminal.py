"""The terminal that the service was begun in, if it was.

SIGHUP says two things: read the configuration anew, which an operator sends, and the terminal is gone, which the system
sends. Who closes the terminal of a service that runs in its foreground wants it to end, and to let go of the port.
"""

import os

_STDIN = 0


class Terminal:
    """Standard input, where that is a terminal when this is made."""

    def __init__(self) -> None:
        self._was_there = os.isatty(_STDIN)

    @property
    def gone(self) -> bool:
        """Whether it was there and no longer answers."""
        return self._was_there and not os.isatty(_STDIN)
