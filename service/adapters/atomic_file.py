"""Files that are replaced whole or not at all: whoever reads one, power cuts included, reads the old or the new one."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_write(target: Path, finish: Callable[[int], None]) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``target`` at the end, whole and on disk, or leaves it alone.

    ``finish`` is called with its descriptor when all is written, to set owner and mode. Raises OSError.
    """
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            finish(file.fileno())
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
