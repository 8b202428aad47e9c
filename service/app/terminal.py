"""The terminal that the service was begun in, if it was.

SIGHUP says two things: read the configuration anew, which an operator sends, and the terminal is gone, which the system
sends. Who closes the terminal of a service that runs in its foreground wants it to end, and to let go of the port.
"""

import os

_STDIN = 0
_OUTPUTS = (1, 2)


def keep_standard_numbers() -> None:
    """Open to nowhere what of standard input, output and error this process was begun without (``2>&-``).

    Else a socket would be given the number, and whoever writes to standard error would write to somebody.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= max(_OUTPUTS):
        os.set_inheritable(opened, True)
    os.close(opened)


class Terminal:
    """Standard input, where that is a terminal when this is made."""

    def __init__(self) -> None:
        self._was_there = os.isatty(_STDIN)
        self._written_to = [stream for stream in _OUTPUTS if os.isatty(stream)]

    @property
    def gone(self) -> bool:
        """Whether it was there and no longer answers."""
        return self._was_there and not os.isatty(_STDIN)

    def let_go(self) -> None:
        """What would still be written there, where that is now an error, goes nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in self._written_to:
            os.dup2(nowhere, stream)
        os.close(nowhere)
