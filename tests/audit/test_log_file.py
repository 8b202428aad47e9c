"""A log is watched at its end and into the next file; nothing planted stays in it, and nothing is written below its end."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.audit.log_file import LogFile
from service.audit.sinks import SinkError
from tests.audit.planting import Leaks

STARTING = '{"time":1.5,"level":"info","event":"starting","host":"127.0.0.1","port":8080,"sites":["demo"]}\n'
TAKEN = '{"time":2.5,"level":"info","event":"configuration_taken","sites":["demo"],"pid":1}\n'
OTHERS = "127.0.0.1 - - GET / 200\n"


@pytest.fixture(scope="module")
def leaks() -> Leaks:
    return Leaks()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "service.log"
    path.write_text(STARTING)
    return path


Open = Callable[[LogFile], LogFile]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens logs and closes them at the end."""
    files: list[LogFile] = []

    def open_(file: LogFile) -> LogFile:
        files.append(file)
        file.open()
        return file

    yield open_
    for file in files:
        file.close()


def octets_of(sink: LogFile) -> bytes:
    return b"".join(piece.octets[piece.repeated :] for piece in sink.read())


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_a_log_counts_from_where_it_is_opened(log: Path, opened: Open) -> None:
    sink = opened(LogFile(log))
    assert octets_of(sink) == b""
    append(log, "said since\n")
    assert octets_of(sink) == b"said since\n"


def test_a_log_is_known_by_the_port_that_its_last_start_names(log: Path, opened: Open) -> None:
    """Not by an earlier start; where it is shown inside another JSON as well."""
    assert opened(LogFile(log, port=8080)).known_by() == "its last start names port 8080, 0 octets written since"
    assert opened(LogFile(log, port=80)).known_by() == ""
    append(log, STARTING.replace("8080", "9090"))
    assert opened(LogFile(log, port=8080)).known_by() == ""
    append(log, '{"log":"' + STARTING.replace('"', '\\"')[:-1] + '\\n","stream":"stderr"}\n')
    assert opened(LogFile(log, port=8080)).known_by()


def test_a_log_is_known_when_it_says_so_on_demand(log: Path, opened: Open) -> None:
    """What it said before is no sign."""
    append(log, TAKEN)
    sink = opened(LogFile(log, port=1))
    assert sink.reloads() == 0
    assert sink.known_by() == ""
    append(log, TAKEN.replace("2.5", "3.5"))
    assert sink.reloads() == 1
    assert "told to read its configuration anew" in sink.known_by()


def test_a_log_that_tells_nothing_is_taken_on_somebodys_word_if_it_has_the_services_form(
    log: Path, opened: Open
) -> None:
    """Traces name no port at all."""
    assert "your word" in opened(LogFile(log, is_trusted=True)).known_by()
    log.write_text(OTHERS)
    assert opened(LogFile(log, is_trusted=True)).known_by() == ""
    log.write_text('{"resourceSpans":[]}\n')
    traces = opened(LogFile(log, "traces", is_trusted=True))
    assert traces.name == "traces"
    assert "your word" in traces.known_by()
    assert opened(LogFile(log, "traces")).known_by() == ""


def test_a_log_is_followed_when_it_is_renamed_and_when_it_is_cut(log: Path, opened: Open) -> None:
    sink = opened(LogFile(log))
    with log.open("a") as file:
        file.write("one\n")
        file.flush()
        log.rename(log.with_suffix(".1"))
        file.write("two, to the renamed file\n")
        file.flush()
        log.write_text("three\n")
        assert octets_of(sink) == b"one\ntwo, to the renamed file\nthree\n"
    log.write_text("4\n")
    assert octets_of(sink).endswith(b"three\n4\n")


def test_a_log_is_followed_while_nobody_reads_it(log: Path, opened: Open) -> None:
    """So what is written between two rotations is not lost."""
    sink = opened(LogFile(log, port=8080))
    append(log, "before the cut\n")
    until_s = time.monotonic() + 5
    while sink._recorder.octets < 15 and time.monotonic() < until_s:
        time.sleep(0.02)
    log.write_text("after\n")
    assert octets_of(sink) == b"before the cut\nafter\n"


@pytest.mark.parametrize("begin", [0, len(STARTING) - 1, 70_000])
def test_a_log_that_is_written_below_its_end_is_to_be_opened_in_append_mode(
    log: Path, opened: Open, begin: int
) -> None:
    """As by a process that opened it with ``>`` and goes on where it was, below what somebody else appended."""
    append(log, " " * 80_000 + "\n")
    sink = opened(LogFile(log, port=8080))
    append(log, "said since\n")
    assert octets_of(sink) == b"said since\n"
    assert sink.problem == ""
    with log.open("r+b") as file:
        file.seek(begin)
        file.write(b"x")
    assert octets_of(sink) == b"said since\n"
    assert "append mode" in sink.problem


def test_leaks_of_every_family_are_found_in_a_log_and_nothing_of_them_stays(
    log: Path, opened: Open, leaks: Leaks
) -> None:
    """Whether they are appended or written over what was there: a sink that is blind to one of both misses half."""
    sink = opened(LogFile(log))
    assert leaks.missed(list(sink.planted(leaks.octets))) == set()
    assert log.read_text() == STARTING
    assert not leaks.any_found(list(sink.read()))
    append(log, "said afterwards\n")
    assert octets_of(sink).endswith(b"said afterwards\n")


def test_a_sink_that_does_not_read_on_misses_every_leak(
    log: Path, opened: Open, leaks: Leaks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = opened(LogFile(log))
    monkeypatch.setattr(sink, "_drain", lambda file: None)
    assert leaks.missed(list(sink.planted(leaks.octets))) == set(leaks.family_of.values())


def test_what_is_appended_meanwhile_stays_whole(log: Path, opened: Open, leaks: Leaks) -> None:
    """Behind one blank line, for to cut the file would cut it."""
    sink = opened(LogFile(log))
    with log.open("a") as service:
        for _ in sink.planted(leaks.octets):
            service.write("said meanwhile\n")
            service.flush()
    before, blank, after = log.read_text().split("\n", 1)[0] + "\n", *log.read_text().split("\n", 2)[1:]
    assert before == STARTING
    assert blank.strip() == ""
    assert set(after.splitlines()) == {"said meanwhile"}
    assert not leaks.any_found(list(sink.read()))
    assert octets_of(sink).count(b"said meanwhile\n") >= after.count("\n")


@pytest.mark.parametrize("line", ["said over it\n", "said over a part of it " * 200 + "\n"])
def test_what_a_service_that_does_not_append_writes_over_leaks_stays_and_is_told(
    tmp_path: Path, opened: Open, leaks: Leaks, line: str
) -> None:
    log = tmp_path / "service.log"
    with log.open("w") as service:
        service.write(STARTING)
        service.flush()
        sink = opened(LogFile(log))
        planted = sink.planted(leaks.octets)
        next(planted)
        service.write(line)
        service.flush()
        list(planted)
        assert "append mode" in sink.problem
        assert log.read_text() == STARTING + line
        assert not leaks.any_found(list(sink.read()))
        service.write("said afterwards\n")
        service.flush()
        assert octets_of(sink).endswith(b"said afterwards\n")


def test_a_log_that_is_not_there_or_cannot_be_written_is_said(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(SinkError, match="there is no file"):
        LogFile(tmp_path / "missing").open()
    with pytest.raises(SinkError, match="there is no file"):
        LogFile(tmp_path).open()
    present = tmp_path / "present"
    present.touch()
    sink = opened(LogFile(present))
    present.unlink()
    with pytest.raises(SinkError, match="nothing can be planted"):
        list(sink.planted([b"leak leak"]))
    assert not present.exists()
    present.mkdir()
    with pytest.raises(SinkError, match="can no longer be read"):
        list(sink.read())


def test_a_log_that_is_too_long_to_be_remembered_is_to_be_rotated(log: Path, opened: Open) -> None:
    with pytest.raises(SinkError, match="rotate it first"):
        opened(LogFile(log, bytes_max=10))


def test_a_log_of_many_pieces_is_read_whole_with_its_line_numbers(log: Path, opened: Open) -> None:
    sink = opened(LogFile(log))
    lines = [f"line {number} {'x' * (number % 90)}\n" for number in range(1, 6000)]
    append(log, "".join(lines))
    pieces = list(sink.read())
    assert len(pieces) > 3
    assert octets_of(sink) == "".join(lines).encode()
    for piece in pieces:
        second = piece.octets.split(b"\n")[1]
        assert second.startswith(b"line %d " % (piece.line + 1))
