"""The callers' keys in a TOML file: followed by the service, changed by ``passerby keys``.

Of a key the file holds its SHA-256 and what it grants, so whoever reads the file cannot ask anything; whoever writes it
can, hence its mode. It is polled, not watched: inotify says nothing about many mounted volumes.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import stat
import string
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from service.adapters.atomic_file import Stamp, atomic_write, file_stamp
from service.core.access import KEY_ID_LENGTH, KEY_PREFIX, SECRET_BYTES, KeyRecord, Keys, KeyScope, Moment, record_of

KeysEvent = Literal["keys_opened", "keys_replaced", "keys_refused"]
OnEvent = Callable[[KeysEvent, Mapping[str, object]], None]
KeysRefusal = Literal[
    "missing", "unreadable", "writable_by_all", "too_large", "broken", "too_many", "busy", "not_writable"
]

keys_max = 1000
file_bytes_max = 1 << 20
lock_wait_s = 5.0
settle_s = 0.05


class KeysLimits(NamedTuple):
    """What a file of keys may hold, and how long somebody waits to change it."""

    keys_max: int = keys_max
    file_bytes_max: int = file_bytes_max
    lock_wait_s: float = lock_wait_s


_limits = KeysLimits()

REASONS: Mapping[KeysRefusal, str] = {
    "missing": "there is no such file; `passerby keys new` makes it with its first key",
    "unreadable": "the file cannot be read",
    "writable_by_all": "everybody on this machine may write to it, and so add keys; chmod 600",
    "too_large": f"it has more than {file_bytes_max} bytes",
    "broken": "it is not as `passerby keys` writes it",
    "too_many": f"it would hold more than {keys_max} keys",
    "busy": "somebody else is changing it; try again",
    "not_writable": "it cannot be written there",
}

_comment = "# The keys of callers: never a key, only its SHA-256. Written anew by `passerby keys`, other comments go."
_id_alphabet = string.ascii_lowercase + string.digits
_lock_retry_s = 0.02
_mode_of_a_new_file = 0o600
_never: Stamp = (-1, -1, -1, -1, -1)


class KeysRefusedError(ValueError):
    """The file cannot be used, and why. The text is for its owner and holds nothing of the file but a number."""

    def __init__(self, reason: KeysRefusal, block: int | None = None) -> None:
        super().__init__(REASONS[reason] if block is None else f"{REASONS[reason]} (block {block} of [[keys]])")
        self.reason: KeysRefusal = reason


class KeysFile:
    """The keys that are known now, and the file that they come from.

    ``open`` once, then run ``watch`` beside the service. ``refused`` counts newer files refused since the one in force.
    """

    def __init__(
        self, path: str | Path, on_event: OnEvent = lambda _event, _fields: None, *, settle_s: float = settle_s
    ) -> None:
        self._settle_s = settle_s
        self.keys = Keys()
        self.refused = 0
        self._path = Path(path)
        self._on_event = on_event
        self._opened = False
        self._judged: Stamp | None = None
        self._unread: Stamp | None = None

    def open(self) -> bool:
        """Read the file now, blocking. False when it was refused: no key is known until a good one comes."""
        self._judged = file_stamp(self._path)
        self._take(self._read())
        return self._opened

    async def watch(self, interval_s: float) -> None:
        """Follow the file for ever: look at it every ``interval_s``, and take a new one if it is sound."""
        while True:
            await asyncio.sleep(interval_s)
            await self.refresh()

    async def refresh(self) -> None:
        """One look at the file. Reading happens off the event loop."""
        outcome = await asyncio.to_thread(self._look)
        if outcome is not None:
            self._take(outcome)

    def _look(self) -> Keys | KeysRefusedError | None:
        """What the file says; None while it is the one last judged, or is being written."""
        stamp = file_stamp(self._path)
        if stamp == self._judged:
            return None
        time.sleep(self._settle_s)
        if file_stamp(self._path) != stamp:
            return None
        self._judged = stamp
        outcome = self._read()
        if isinstance(outcome, KeysRefusedError) and outcome.reason == "unreadable":
            self._judged = _never  # the fault may not be the file's: try again, and say so once
            if stamp == self._unread:
                return None
            self._unread = stamp
        return outcome

    def _read(self) -> Keys | KeysRefusedError:
        try:
            return Keys.of(read_keys(self._path))
        except KeysRefusedError as refused:
            return refused

    def _take(self, outcome: Keys | KeysRefusedError) -> None:
        if isinstance(outcome, KeysRefusedError):
            self.refused += 1
            self._on_event("keys_refused", {"reason": outcome.reason})
            return
        self.keys, self.refused, self._unread = outcome, 0, None
        self._on_event("keys_replaced" if self._opened else "keys_opened", {})
        self._opened = True


def read_keys(path: Path, *, limits: KeysLimits = _limits) -> tuple[KeyRecord, ...]:
    """The records of a file. Raises KeysRefusedError."""
    text, _ = _content(path, limits)
    return _records(text, limits)


def check_keys(path: Path) -> list[str]:
    """What its owner should know of a file that can be used. Raises KeysRefusedError for one that cannot."""
    text, mode = _content(path, _limits)
    _records(text, _limits)
    return ["others on this machine may read it; chmod 600"] if mode & (stat.S_IRWXG | stat.S_IRWXO) else []


def _draw_id() -> str:
    return "".join(secrets.choice(_id_alphabet) for _ in range(KEY_ID_LENGTH))


def add_key(
    path: Path,
    scopes: Sequence[KeyScope],
    created: Moment,
    sites: Sequence[str] = (),
    label: str | None = None,
    *,
    limits: KeysLimits = _limits,
    draw_id: Callable[[], str] = _draw_id,
) -> tuple[str, KeyRecord]:
    """Draw a key and keep its record. The key is returned this once and kept nowhere. Raises KeysRefusedError."""
    with _changing(path, limits) as records:
        ids = {record.id for record in records}
        while (key_id := draw_id()) in ids:
            pass
        key = f"{KEY_PREFIX}{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        record = record_of(key, tuple(scopes), created, tuple(sites) or None, label)
        records.append(record)
    return key, record


def remove_key(path: Path, key_id: str) -> bool:
    """Forget a key; False when there is none of this id. Raises KeysRefusedError."""
    with _changing(path, _limits) as records:
        of_this_id = [record for record in records if record.id == key_id]
        for record in of_this_id:
            records.remove(record)
    return bool(of_this_id)


def _content(path: Path, limits: KeysLimits) -> tuple[bytes, int]:
    """The octets of the file and its mode, or the refusal of what should not be read."""
    try:
        # A FIFO would otherwise wait for somebody to write to it.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123  # a descriptor
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(limits.file_bytes_max + 1) if stat.S_ISREG(mode) else None
    except FileNotFoundError:
        raise KeysRefusedError("missing") from None
    except OSError:
        raise KeysRefusedError("unreadable") from None
    if content is None:
        raise KeysRefusedError("unreadable")
    if mode & stat.S_IWOTH:
        raise KeysRefusedError("writable_by_all")
    if len(content) > limits.file_bytes_max:
        raise KeysRefusedError("too_large")
    return content, mode


def _records(content: bytes, limits: KeysLimits) -> tuple[KeyRecord, ...]:
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # not UTF-8, not TOML, or nested beyond reason
        raise KeysRefusedError("broken") from None
    blocks = document.pop("keys", [])
    if document or not isinstance(blocks, list):
        raise KeysRefusedError("broken")
    if len(blocks) > limits.keys_max:
        raise KeysRefusedError("too_many")
    records: dict[str, KeyRecord] = {}
    for number, block in enumerate(blocks, 1):
        try:
            record = msgspec.convert(block, KeyRecord)
        except msgspec.ValidationError:  # its text may repeat what stands there: a key in the wrong place, say
            raise KeysRefusedError("broken", number) from None
        if record.id in records:
            raise KeysRefusedError("broken", number)
        records[record.id] = record
    return tuple(records.values())


@contextlib.contextmanager
def _changing(path: Path, limits: KeysLimits) -> Iterator[list[KeyRecord]]:
    """The records of a file, to be changed in place by nobody else meanwhile; written at the end if they were."""
    target = Path(os.path.realpath(path))  # the file behind a link is changed, the link stays
    with _alone_in(target.parent, limits.lock_wait_s):
        try:
            records = [*read_keys(target, limits=limits)]
        except KeysRefusedError as refused:
            if refused.reason != "missing":
                raise
            records = []
        before = [*records]
        yield records
        if records != before:
            content = _text(records).encode()
            if len(content) > limits.file_bytes_max:
                raise KeysRefusedError("too_large")
            _records(content, limits)  # nothing is written that would not be read
            try:
                _write(target, content)
            except OSError:
                raise KeysRefusedError("not_writable") from None


@contextlib.contextmanager
def _alone_in(folder: Path, lock_wait_s: float) -> Iterator[None]:
    """One writer at a time. The lock is on the folder: the file itself is another one after every change."""
    deadline = time.monotonic() + lock_wait_s
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise KeysRefusedError("not_writable") from None
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise KeysRefusedError("busy") from None
                time.sleep(_lock_retry_s)
            except OSError:
                raise KeysRefusedError("not_writable") from None
        yield
    finally:
        os.close(lock)


def _write(target: Path, content: bytes) -> None:
    """Put a whole file in the place of another, which keeps its owner and its mode; a new one is its maker's alone."""
    with atomic_write(target, _mode_of_a_new_file, keeps_mode=True) as file:
        file.write(content)


def _text(records: Sequence[KeyRecord]) -> str:
    """Records as TOML. Their values have closed forms, and a JSON string or list of such is one of TOML's too."""
    written = (msgspec.to_builtins(record).items() for record in records)
    blocks = ["\n".join(["[[keys]]", *(f"{name} = {json.dumps(value)}" for name, value in block)]) for block in written]
    return "\n\n".join([_comment, *blocks]) + "\n"
