"""Following a database file, and sharing one copy of it between the parent process and its workers.

The parent answers no look-ups. It unpacks the file once into a sealed memfd and names it to its workers as
``/proc/<pid>/fd/<number>``, which any process of the same user can open, spawned or forked, also under a read-only
root. A new file is put under the same number with ``dup2``: workers, who follow that path like any other, see a
different inode and map the new copy. The kernel frees a copy with its last user, so a crash leaves nothing behind.
Files are polled, not watched: inotify says nothing about many mounted volumes.
"""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from service.adapters.atomic_file import Stamp, file_stamp
from service.adapters.mmdb.database import Database, read_database
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, copy_to_sealed_memfd

_close_wait_s = 0.5


class DatabaseFollower:
    """Tells when the file at ``path`` was replaced, and opens the new one. Not safe for two threads at once."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._judged: Stamp | None = None
        self._pending: Stamp | None = None
        self._unread: Stamp | None = None

    def open_now(self) -> tuple[int, Database]:
        """The held descriptor (the caller closes it) and the open database. Raises ``DatabaseRefusedError``."""
        self._judged = _stamp(self._path)
        return self._load(0)

    def poll(self, built_at_min: int) -> tuple[int, Database] | None:
        """The new database, or None while the file is the one last judged or is still being written.

        A changed file is opened at the second look that finds it unchanged since the first, so that a copy in
        progress is not mistaken for a broken file. Raises ``DatabaseRefusedError`` once per refused file; a file that
        vanished is "missing" once. What could not be read is tried again at every second look.
        """
        stamp = _stamp(self._path)
        if stamp == self._judged:
            self._pending = None
            return None
        if stamp != self._pending:
            self._pending = stamp
            return None
        self._judged, self._pending = stamp, None
        try:
            return self._load(built_at_min)
        except DatabaseRefusedError as refused:
            not_the_files = refused.reason in {"unreadable", "no_room"}
            if refused.reason == "unsettled" or (not_the_files and stamp == self._unread):
                return None
            if not_the_files:
                self._unread = stamp
            raise

    def _load(self, built_at_min: int) -> tuple[int, Database]:
        try:
            descriptor = copy_to_sealed_memfd(self._path)
            try:
                return descriptor, read_database(descriptor, built_at_min=built_at_min)
            except BaseException:
                os.close(descriptor)
                raise
        except DatabaseRefusedError as refused:
            if refused.reason in {"unsettled", "unreadable", "no_room"}:
                self._judged = None  # the fault is not the file's: try again
            raise


class SharedDatabase:
    """The parent's side: holds the unpacked database at ``source`` and replaces it when the file changes.

    ``path`` is what workers open. Where the file is refused, or the system has no ``/proc``, that is the source itself:
    workers then follow it on their own, which costs memory but works.
    """

    def __init__(
        self,
        source: str | Path,
        on_event: Callable[[Literal["geo_opened", "geo_replaced", "geo_refused"], Mapping[str, object]], None] = (
            lambda _event, _fields: None
        ),
    ) -> None:
        self._source = str(source)
        self._on_event = on_event
        self._follower = DatabaseFollower(source)
        self._descriptor: int | None = None
        self._built_at = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> str:
        shared = None if self._descriptor is None else f"/proc/{os.getpid()}/fd/{self._descriptor}"
        return shared if shared is not None and Path(shared).exists() else self._source

    def open(self) -> bool:
        """Unpack and probe the source; False when it was refused."""
        return self._take(self._follower.open_now)

    def refresh(self) -> bool:
        """One look at the source; whether a new database is being shared from now on."""
        return self._take(lambda: self._follower.poll(self._built_at))

    def follow(self, interval_s: float) -> None:
        """Look at the source every ``interval_s`` in a thread of its own until ``close``."""
        self._thread = threading.Thread(target=self._run, args=(interval_s,), name="geo-database", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following; workers that opened the copy keep it until they let go.

        A look at a file system that does not answer is not waited for: it ends with the process, and so does the copy.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_close_wait_s)
            if self._thread.is_alive():
                return
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _run(self, interval_s: float) -> None:
        while not self._stopping.wait(interval_s):
            self.refresh()

    def _take(self, bring: Callable[[], tuple[int, Database] | None]) -> bool:
        try:
            change = bring()
        except DatabaseRefusedError as refused:
            self._on_event("geo_refused", {"reason": refused.reason, "built_at": self._built_at or None})
            return False
        if change is None:
            return False
        descriptor, database = change
        database.reader.close()
        event: Literal["geo_opened", "geo_replaced"] = "geo_opened" if self._descriptor is None else "geo_replaced"
        if self._descriptor is None:
            self._descriptor = descriptor
        else:
            os.dup2(descriptor, self._descriptor, inheritable=False)
            os.close(descriptor)
        self._built_at = database.built_at
        self._on_event(event, {"built_at": database.built_at, "database_type": database.database_type})
        return True


def _stamp(path: str) -> Stamp | None:
    stamp = file_stamp(path)
    return None if stamp is None else stamp[:4]  # a change of rights alone is no other database
