"""Taking database files in: every packing, bounds on all of them, and nobody else's hands on the result."""

import fcntl
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, Progress, copy_to_sealed_memfd, packing_of

content = b"content of a database " * 5000


def archive(**members: bytes) -> bytes:
    """A .tar.gz with members named by keyword, ``__`` standing for ``/`` and ``_`` for ``.``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_", "."))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def taken_in(path: Path, **limits: int) -> bytes:
    held = copy_to_sealed_memfd(path, **limits)
    try:
        return os.pread(held, 1 << 24, 0)
    finally:
        os.close(held)


def refusal(path: Path, progress: Progress | None = None, **limits: int) -> str:
    with pytest.raises(DatabaseRefusedError) as refused:
        copy_to_sealed_memfd(path, progress, **limits)
    return refused.value.reason


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("mmdb", bytes),
        ("xz", lzma.compress),
        ("gzip", gzip.compress),
        ("tar", lambda data: archive(GeoLite2__README_txt=b"text", GeoLite2__GeoLite2_mmdb=data)),
    ],
)
def test_every_packing_is_recognised_by_content_whatever_the_name(
    tmp_path: Path, packing: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "anything"
    path.write_bytes(pack(content))
    assert taken_in(path) == content
    with path.open("rb") as source:
        assert packing_of(source) == packing


def test_of_an_archive_with_several_databases_the_largest_is_taken(tmp_path: Path) -> None:
    """The npm package holds IPv4, IPv6 and both in one."""
    path = tmp_path / "package.tgz"
    path.write_bytes(archive(a_mmdb=content[:-9], b_mmdb=content, c_mmdb=content[:-5], d_bin=content * 2))
    assert taken_in(path) == content


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "inner" / "hostile.tar.gz"
    path.parent.mkdir()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in ("../evil.mmdb", f"{tmp_path}/evil.mmdb"):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("link.mmdb")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    path.write_bytes(out.getvalue())
    assert taken_in(path) == content
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(gzip.compress(b""), "empty", id="nothing in gzip"),  # its header tells the time
        pytest.param(archive(a_txt=b"no database here"), "empty", id="an archive without a database"),
        pytest.param(lzma.compress(content)[:-20], "broken", id="xz cut short"),
        pytest.param(gzip.compress(content)[:-20], "broken", id="gzip cut short"),
        pytest.param(gzip.compress(content)[:-8] + bytes(8), "broken", id="gzip with a wrong checksum"),
        pytest.param(b"\xfd7zXZ\x00" + bytes(100), "broken", id="the head of xz alone"),
        pytest.param(b"\x1f\x8b" + bytes(100), "broken", id="the head of gzip alone"),
        pytest.param(archive(a_mmdb=content)[:200], "broken", id="an archive cut short"),
    ],
)
def test_broken_packings_are_refused_with_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "geo"
    path.write_bytes(data)
    assert refusal(path) == reason


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress, lambda data: archive(a_mmdb=data)])
def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "geo"
    path.write_bytes(pack(content))
    assert taken_in(path, bytes_max=len(content)) == content
    assert refusal(path, bytes_max=len(content) - 1) == "too_large"


def test_an_archive_of_endless_other_members_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "geo"
    path.write_bytes(archive(**{f"a{number}_txt": bytes(10_000) for number in range(9)}, z_mmdb=b"small"))
    assert refusal(path, bytes_max=10_000) == "too_large"


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "unreadable"
    assert refusal(tmp_path) == "unreadable"
    assert refusal(tmp_path / "absent") == "missing"


def test_a_refusal_says_its_reason_and_nothing_of_the_path(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefusedError, match=r"^the geo database was refused: missing$"):
        copy_to_sealed_memfd(tmp_path / "absent")


def test_a_file_that_changes_while_it_is_read_is_refused_as_unsettled(tmp_path: Path) -> None:
    path = tmp_path / "geo"
    path.write_bytes(content)
    assert refusal(path, lambda *_: path.write_bytes(content[:-1])) == "unsettled"


def test_nobody_can_write_to_a_held_file_or_shrink_it(tmp_path: Path) -> None:
    path = tmp_path / "geo"
    path.write_bytes(content)
    held = copy_to_sealed_memfd(path)
    try:
        for attack in (
            lambda: os.pwrite(held, b"x", 0),
            lambda: os.ftruncate(held, 1),
            lambda: os.ftruncate(held, 1 << 20),
        ):
            with pytest.raises(PermissionError):
                attack()
        assert os.pread(held, 1 << 24, 0) == content
    finally:
        os.close(held)


def test_a_sealed_file_is_shared_instead_of_copied(tmp_path: Path) -> None:
    path = tmp_path / "geo"
    path.write_bytes(content)
    first = copy_to_sealed_memfd(path)
    second = copy_to_sealed_memfd(f"/proc/self/fd/{first}")
    try:
        assert os.fstat(first).st_ino == os.fstat(second).st_ino
    finally:
        os.close(first)
        os.close(second)


def test_without_memfd_an_unlinked_temporary_file_holds_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "memfd_create", forbidden)
    path = tmp_path / "geo"
    path.write_bytes(content)
    held = copy_to_sealed_memfd(path)
    try:
        with pytest.raises(OSError, match="Invalid argument"):
            fcntl.fcntl(held, fcntl.F_GET_SEALS)
        path.write_bytes(b"")
        assert os.pread(held, 1 << 24, 0) == content
        assert os.fstat(held).st_nlink == 0
    finally:
        os.close(held)


def test_progress_counts_the_bytes_of_the_source(tmp_path: Path) -> None:
    path = tmp_path / "geo"
    path.write_bytes(lzma.compress(content))
    seen: list[tuple[int, int]] = []
    os.close(copy_to_sealed_memfd(path, lambda done, total: seen.append((done, total))))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    assert seen == sorted(seen)
