"""Files that are replaced whole or not at all: whoever reads one, power cuts included, reads the old or the new one.

Whoever follows such a file tells by its stamp that there is another one.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

Stamp = tuple[int, ...]


@contextmanager
def atomic_write(target: Path, mode: int, *, keeps_mode: bool = False) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``target`` at the end, whole and on disk, or leaves it alone. Raises OSError.

    With ``keeps_mode`` it has the owner and the mode of the one before it, if there is one.
    """
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            if keeps_mode and target.exists():
                before = target.stat()
                with contextlib.suppress(PermissionError):  # only root may give a file away
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                mode = stat.S_IMODE(before.st_mode)
            os.fchmod(file.fileno(), mode)
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


def file_stamp(path: str | Path) -> Stamp | None:
    """What changes when a file does, last what also changes with its rights; None where there is none."""
    with contextlib.suppress(OSError):
        status = os.stat(path)  # noqa: PTH116 - a hot-ish path and a plain string
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return None
