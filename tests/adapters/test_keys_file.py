"""The keys file: changed whole by one writer at a time, followed while serving, refused when it cannot be trusted."""

import asyncio
import errno
import fcntl
import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest

from service.adapters import keys_file
from service.adapters.keys_file import (
    REASONS,
    KeysFile,
    KeysLimits,
    KeysRefusal,
    KeysRefusedError,
    add_key,
    check_keys,
    read_keys,
    remove_key,
)
from service.core.access import EVERYTHING, Grant

CREATED = "2026-11-22T10:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


class Followed:
    """A keys file followed by hand: ``look`` is one look, ``said`` what was told of it.

    Nothing here is written slowly, so a look need not wait.
    """

    def __init__(self, path: Path) -> None:
        self.said: list[tuple[str, object]] = []
        self.file = KeysFile(path, lambda event, fields: self.said.append((event, fields.get("reason"))), settle_s=0.0)

    def look(self) -> None:
        asyncio.run(self.file.refresh())

    def knows(self, key: str) -> bool:
        return self.file.keys.grant(key.encode()) is not None


def refusal(path: Path, **limits: int) -> KeysRefusal:
    with pytest.raises(KeysRefusedError) as refused:
        read_keys(path, limits=KeysLimits(**limits))
    return refused.value.reason


def test_a_new_key_is_known_by_its_digest(path: Path) -> None:
    """The key is returned, the record kept, and the file has neither key nor secret."""
    key, record = add_key(path, ["events", "recommend"], CREATED, ["demo"], "edge")
    assert re.fullmatch(r"pbk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", key)
    assert read_keys(path) == (record,)
    assert (record.scopes, record.sites, record.label, record.created) == (
        ("events", "recommend"),
        ("demo",),
        "edge",
        CREATED,
    )
    assert key[13:] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert check_keys(path) == []


def test_keys_are_added_and_removed_one_by_one(path: Path) -> None:
    """The others stay, and no temporary file is left beside them."""
    records = [add_key(path, ["events"], CREATED)[1] for _ in range(3)]
    assert len({record.id for record in records}) == 3
    assert read_keys(path) == tuple(records)
    assert remove_key(path, records[1].id)
    assert not remove_key(path, records[1].id)
    assert not remove_key(path, "no-such-id")
    assert read_keys(path) == (records[0], records[2])
    assert [*path.parent.iterdir()] == [path]


def test_an_id_that_is_taken_is_drawn_anew(path: Path) -> None:
    """Ids are short; two keys never share one."""
    drawn = iter(["aaaaaaaa", "aaaaaaaa", "bbbbbbbb"])
    made = [add_key(path, ["events"], CREATED, draw_id=lambda: next(drawn))[1].id for _ in range(2)]
    assert made == ["aaaaaaaa", "bbbbbbbb"]


def test_a_file_keeps_its_mode_and_the_link_that_leads_to_it(path: Path, tmp_path: Path) -> None:
    """Who gave the service's group the right to read it need not do so again."""
    add_key(path, ["events"], CREATED)
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    add_key(link, ["events"], CREATED)
    assert link.is_symlink()
    assert len(read_keys(path)) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert check_keys(path) == ["others on this machine may read it; chmod 600"]


def test_writers_wait_for_each_other(path: Path) -> None:
    """Eight at once lose nobody's key."""
    writers = [threading.Thread(target=add_key, args=(path, ["events"], CREATED)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(read_keys(path)) == 8


def test_a_writer_does_not_wait_for_ever(path: Path) -> None:
    """Somebody holds the lock: the file is left alone, and that is said."""
    folder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(KeysRefusedError) as refused:
        add_key(path, ["events"], CREATED, limits=KeysLimits(lock_wait_s=0.1))
    os.close(folder)
    assert refused.value.reason == "busy"
    assert not path.exists()


def test_what_would_not_be_read_is_not_written(path: Path) -> None:
    """One key too many, or one that is too long, leaves the file as it was."""
    add_key(path, ["events"], CREATED)
    before = path.read_bytes()
    one_alone, no_longer = KeysLimits(keys_max=1), KeysLimits(file_bytes_max=len(before) + 1)
    for wrong in ({"limits": one_alone}, {"label": "Anna Schmidt"}, {"sites": ["s"] * 65}, {"limits": no_longer}):
        with pytest.raises(KeysRefusedError):
            add_key(path, ["events"], CREATED, **wrong)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(KeysRefusedError) as refused:
        add_key(tmp_path / "absent" / "keys.toml", ["events"], CREATED)
    assert refused.value.reason == "not_writable"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", None),
        ("# none yet\n", None),
        ("\ufeff", None),
        ("\ufeff# none yet\r\n", None),
        ("\ufeffkeys = 1", "broken"),
        ("keys = 1", "broken"),
        ("keys = [1]", "broken"),
        ("[[keys]]\n", "broken"),
        ("[[kyes]]\n", "broken"),
        ("not toml", "broken"),
        ("\udcff", "broken"),
        ("keys = " + "[" * 20_000, "broken"),
        ("#" * (keys_file.file_bytes_max + 1), "too_large"),
    ],
)
def test_a_file_is_read_whole_or_refused(path: Path, content: str, reason: KeysRefusal | None) -> None:
    """A file without keys is sound; one with a slip is not read in part."""
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    if reason is None:
        assert read_keys(path) == ()
    else:
        assert refusal(path) == reason


def test_other_refusals(path: Path, tmp_path: Path) -> None:
    """What is no file, what anybody may write, the same id twice, and more keys than there may be."""
    assert refusal(path) == "missing"
    assert refusal(tmp_path) == "unreadable"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert refusal(fifo) == "unreadable"
    add_key(path, ["events"], CREATED)
    path.chmod(0o602)
    assert refusal(path) == "writable_by_all"
    path.chmod(0o600)
    block = path.read_text().partition("\n\n")[2]
    path.write_text(f"{block}\n{block}")
    with pytest.raises(KeysRefusedError, match=r"block 2 of \[\[keys\]\]"):
        read_keys(path)
    assert refusal(path, keys_max=1) == "too_many"


def test_a_refusal_repeats_nothing_of_the_file(path: Path) -> None:
    """A key that was pasted where its digest belongs stays out of logs and terminals."""
    key, record = add_key(path, ["events"], CREATED)
    path.write_text(path.read_text().replace(record.sha256, key).replace("events", key))
    with pytest.raises(KeysRefusedError) as refused:
        check_keys(path)
    assert key not in str(refused.value)
    assert str(refused.value) == f"{REASONS['broken']} (block 1 of [[keys]])"
    assert refused.value.__cause__ is None


def test_a_change_is_taken_up_and_told(path: Path) -> None:
    """New keys come, revoked ones go, and a look at the same file does nothing."""
    first, record = add_key(path, ["events"], CREATED)
    followed = Followed(path)
    assert not followed.knows(first)
    assert followed.file.open()
    second, _ = add_key(path, ["admin"], CREATED)
    assert not followed.knows(second)
    followed.look()
    followed.look()
    assert followed.knows(first)
    assert followed.file.keys.grant(second.encode()) == Grant(EVERYTHING.scopes)
    remove_key(path, record.id)
    followed.look()
    assert not followed.knows(first)
    assert followed.said == [("keys_opened", None), ("keys_replaced", None), ("keys_replaced", None)]


def test_a_bad_file_is_refused_once_and_the_old_keys_stay(path: Path) -> None:
    """Broken, then gone, then sound again."""
    key, _ = add_key(path, ["events"], CREATED)
    good = path.read_bytes()
    followed = Followed(path)
    followed.file.open()
    path.write_text("[[keys]]")
    for _ in range(3):
        followed.look()
    path.unlink()
    for _ in range(3):
        followed.look()
    assert followed.knows(key)
    assert followed.file.refused == 2
    path.write_bytes(good)
    path.chmod(0o600)
    followed.look()
    assert followed.knows(key)
    assert followed.file.refused == 0
    assert followed.said == [
        ("keys_opened", None),
        ("keys_refused", "broken"),
        ("keys_refused", "missing"),
        ("keys_replaced", None),
    ]


def test_no_key_is_known_until_a_good_file_comes(path: Path) -> None:
    """A start without its file is closed to all, not open."""
    followed = Followed(path)
    assert not followed.file.open()
    key, _ = add_key(path, ["events"], CREATED)
    assert not followed.knows(key)
    followed.look()
    assert followed.knows(key)
    assert followed.said == [("keys_refused", "missing"), ("keys_opened", None)]


def test_a_fault_of_the_disk_is_told_once_and_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read may be readable a second later, without a change of the file."""
    key, _ = add_key(path, ["events"], CREATED)
    followed = Followed(path)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> int:
            raise OSError(errno.EIO, "Input/output error")

        broken.setattr(os, "open", fail)
        for _ in range(3):
            followed.look()
        assert followed.said == [("keys_refused", "unreadable")]
    followed.look()
    assert followed.knows(key)


def test_a_file_in_the_midst_of_being_written_waits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file may be sound by chance, and would revoke the keys of the other half."""
    key, _ = add_key(path, ["events"], CREATED)
    other, _ = add_key(path, ["events"], CREATED)
    whole = path.read_text()
    followed = Followed(path)
    followed.file.open()
    path.write_text(whole[: whole.rindex("[[keys]]")])
    with monkeypatch.context() as writing:
        writing.setattr(time, "sleep", lambda _: path.write_text(whole))
        followed.look()
    assert followed.knows(other)
    followed.look()
    assert followed.knows(key)
    assert followed.knows(other)


def test_watching_looks_again_and_again(path: Path) -> None:
    """The loop that runs beside the service."""
    taken = asyncio.Event()
    file = KeysFile(path, lambda _event, _fields: taken.set(), settle_s=0.0)

    async def watch() -> None:
        watching = asyncio.create_task(file.watch(0.01))
        key, _ = add_key(path, ["events"], CREATED)
        async with asyncio.timeout(5):
            await taken.wait()
        assert file.keys.grant(key.encode()) is not None
        watching.cancel()

    asyncio.run(watch())
