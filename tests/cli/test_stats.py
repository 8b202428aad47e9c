"""`passerby stats`: what a running service tells of its counts, for people, for pipes, and as it was sent."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import msgspec
import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.core.experiments.result_warnings import notes
from service.core.experiments.results import ExperimentAggregator
from service.core.groups.aggregates import CohortAggregator, SlotAggregator
from service.core.groups.counts import PrivacyParameters, Released
from service.core.groups.interval import Interval
from service.core.sites import Experiment, SlotRanking
from service.use_cases.counting.report import CohortReport, ExperimentReport, SlotReport
from service.web.problems import FieldError, Refusal, encode, refuse

ROOT = Path(__file__).resolve().parent.parent.parent
SAID: dict[str, Any] = {
    "site": "demo", "window": "24h", "from_": "2026-11-21T12:00:00Z", "to": "2026-11-22T12:00:00Z", "release_minutes": 60,
    "intervals": 24, "intervals_released": 2, "k": 100, "k_prefixes": 20, "epsilon": 1.0, "noise": "on",
    "noise_scales": {"visit": 14.0}, "terms_differ": False,
}  # fmt: skip
KINDS = ("exposed", "converted")
HOURS = [
    Released(Interval(0, 3600), PrivacyParameters(100, 20, 1.0, "on"), {
        "all|visit": 1200, "all|devices": 400, "all|in": 1, "CH/smartphone|visit": 300, "CH|shown:fr": 120,
        "CH|wanted:de": 900, "CH|wanted:it": 150, "CH|shown:en": 110, "all|offered:front:app": 1000,
        "all|rewarded:front:app": 120,
    }),
    Released(Interval(3600, 3600), PrivacyParameters(100, 20, 1.0, "on"), {"all|visit": 1000, "all|devices": 200, "all|in": 1}),
]  # fmt: skip


def cohort_report(**said: Any) -> bytes:
    tally = CohortAggregator()
    for released in HOURS:
        assert [*tally.take(released)]
    rows = tuple(tally.rows(("en", "de", "fr", "it"), 100))
    return msgspec.json.encode(CohortReport(**(SAID | {"cohorts_left_out": 0} | said), cohorts=rows))


def slot_report(*marks: str) -> bytes:
    tally = SlotAggregator("front", ("spring", "app"), lambda _: {"offered": 14.0, "rewarded": 5.0})
    for released in (*HOURS, Released(Interval(7200, 3600), HOURS[0].terms, dict.fromkeys(marks, 1))):
        assert [*tally.take(released)]
    rows = tuple(tally.rows(lambda _: SlotRanking(("app", "spring"), "cohort"), 100))
    made = SlotReport(**SAID, cohorts_left_out=0, slot="front", cohorts=rows, warnings=tally.warnings())
    return msgspec.json.encode(made)


def experiment_report() -> bytes:
    tally = ExperimentAggregator(
        "hero", Experiment("running", ("a", "b", "c"), "hero"), lambda _: dict.fromkeys(KINDS, 1.0)
    )
    cells = {"all|exposed:hero:a": 5000, "all|exposed:hero:b": 5050, "all|exposed:hero:c": 4950,
             "all|converted:hero:a": 1000, "all|converted:hero:b": 1111}  # fmt: skip
    for released in (
        Released(Interval(0, 3600), HOURS[0].terms, cells),
        Released(Interval(1, 3600), HOURS[0].terms, {}),
    ):
        assert [*tally.take(released)]
    made = ExperimentReport(
        **SAID, experiment="hero", status="running", variants=tally.rows(), sample_ratio_test=tally.sample_ratio_test(),
        warnings=tally.warnings(), notes=notes(2),
    )  # fmt: skip
    return msgspec.json.encode(made)


class Service(BaseHTTPRequestHandler):
    """Answers as it was told to, and remembers what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    moved: ClassVar[str | None] = None
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:  # the standard library's name for it
        self.asked.append((self.path, self.headers["authorization"]))
        status, body = (302, b"") if self.moved and len(self.asked) == 1 else self.answer
        self.send_response(status)
        if status == 302:
            self.send_header("location", str(self.moved))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service on loopback, by its address."""
    monkeypatch.setattr(Service, "asked", [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(
        main, ["stats", *arguments], env={"PASSERBY_KEY": None, **environment}, prog_name="passerby"
    )


def test_cohorts_in_a_pipe(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terms first, then lines with tabs. + marks what lacks some intervals, - what was held back."""
    monkeypatch.setattr(Service, "answer", (200, cohort_report()))
    result = run("--site", "demo", "--url", service)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "window\t24h: 2026-11-21T12:00:00Z to 2026-11-22T12:00:00Z",
        "released\t2 of 24 intervals of 60 minutes",
        "k\t100 devices from 20 networks; counts below k are held back",
        "noise\tepsilon 1 for each interval",
        "cohort\tin use\tvisits\tdevices\tvisits by language\tchanged to",
        "all\tyes\t2,200\t≥ 400\t-\t-",
        "CH\tno\t-\t-\tde 900, it 150, fr 120, 1 more\t-",
        "CH/smartphone\tno\t300+\t-\t-\t-",
    ]
    assert Service.asked == [("/v1/sites/demo/cohorts?window=24h&format=json", None)]


def test_a_slot_in_a_pipe(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option with its rate, and how sure that is."""
    monkeypatch.setattr(Service, "answer", (200, slot_report()))
    lines = run("--site", "demo", "--url", service + "/", "--slot", "front", "--window", "7d").stdout.splitlines()
    assert lines[4] == "cohort\toption\toffered\trewarded\trate\t95 % interval"
    assert lines[5] == "all\tspring\t-\t-\t-\t-"
    assert lines[6].startswith("all\tapp\t1,000+\t120+\t12.00%\t9.")
    assert Service.asked == [("/v1/sites/demo/slots/front?window=7d&format=json", None)]


def test_what_was_clipped_is_marked(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the count, also where there is none; and said in words below."""
    monkeypatch.setattr(Service, "answer", (200, slot_report("all|!rewarded:front:app", "all|!rewarded:front:spring")))
    lines = run("--site", "demo", "--url", service, "--slot", "front").stdout.splitlines()
    assert [line.split("\t")[3] for line in lines[5:7]] == ["-!", "120+!"]
    assert lines[7].startswith("warning\t2 options had more rewards than offers.")


def test_an_experiment_in_a_pipe(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variants beside control, and what to know before believing them, a line each."""
    monkeypatch.setattr(Service, "answer", (200, experiment_report()))
    lines = run("--site", "demo", "--url", service, "--experiment", "hero").stdout.splitlines()
    assert (lines[0], lines[5]) == ("status\trunning", "sample ratio\tp = 0.607, intervals: 1")
    assert [line.split("\t") for line in lines[6:10]] == [
        ["variant", "weight", "exposures", "conversions", "rate", "95 % interval", "lift", "95 % interval", "beats control"],
        ["a", "0.3333", "5,000+", "1,000+", "20.00%", "18.91% to 21.13%", "-", "-", "-"],
        ["b", "0.3333", "5,050+", "1,111+", "22.00%", "20.88% to 23.16%", "+10.0%", "+1.6% to +18.4%", "99.0%"],
        ["c", "0.3333", "4,950+", "-", "-", "-", "-", "-", "-"],
    ]  # fmt: skip
    assert [line.split("\t")[0] for line in lines[10:]] == ["warning"] * 3 + ["note"] * 4
    assert lines[12].startswith("warning\t2 of 2 released intervals held back a count")
    assert Service.asked == [("/v1/sites/demo/experiments/hero?window=24h&format=json", None)]


@pytest.mark.parametrize(
    ("told", "shown"),
    [(None, "-"), (0.0, "<0.1%"), (0.000999, "<0.1%"), (0.001, "0.1%"), (0.5, "50.0%"), (0.999, "99.9%"),
     (0.99901, ">99.9%"), (1.0, ">99.9%")],
)  # fmt: skip
def test_no_variant_is_certain_to_beat_control(
    service: str, monkeypatch: pytest.MonkeyPatch, told: float | None, shown: str
) -> None:
    """The table has no 0 % and no 100 %; JSON keeps the number."""
    report = json.loads(experiment_report())
    report["variants"][1]["probability_to_beat_control"] = told
    monkeypatch.setattr(Service, "answer", (200, json.dumps(report).encode()))
    lines = run("--site", "demo", "--url", service, "--experiment", "hero").stdout.splitlines()
    assert lines[8].split("\t")[-1] == shown
    as_json = run("--site", "demo", "--url", service, "--experiment", "hero", "--json").stdout
    assert json.loads(as_json)["variants"][1]["probability_to_beat_control"] == told


def test_a_slot_and_an_experiment_are_two_questions(service: str) -> None:
    """Wrong usage, and nothing is asked."""
    result = run("--site", "demo", "--url", service, "--slot", "front", "--experiment", "hero")
    assert (result.exit_code, Service.asked) == (2, [])
    assert "--slot and --experiment exclude each other." in result.stderr


def test_terms_that_want_a_word_get_one(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No noise, other terms before, cohorts without room, short intervals, no networks counted."""
    odd = cohort_report(k_prefixes=0, noise="off", terms_differ=True, cohorts_left_out=7, release_minutes=0.05)
    monkeypatch.setattr(Service, "answer", (200, odd))
    output = run("--site", "demo", "--url", service).stdout
    assert "noise\toff: a closed test bed, earlier on other terms\n" in output
    assert "k\t100 devices; counts below k are held back\n" in output
    assert "left out\t7 smaller cohorts\n" in output
    assert "2 of 24 intervals of 0.05 minutes\n" in output


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"k": 1}, "k\t1 devices from 20 networks: a closed test bed; counts below k are held back\n"),
        ({"k_prefixes": 2}, "k\t100 devices from 2 networks: a closed test bed; counts below k are held back\n"),
        ({"epsilon": 100}, "noise\tepsilon 100 for each interval, which hides next to nothing: a closed test bed\n"),
        ({"k": 100, "epsilon": 5}, "noise\tepsilon 5 for each interval\n"),
    ],
)
def test_terms_that_protect_nobody_are_called_so(
    service: str, monkeypatch: pytest.MonkeyPatch, terms: dict[str, float], said: str
) -> None:
    """As those without noise are: whoever reads counts sees on what terms they were let out."""
    monkeypatch.setattr(Service, "answer", (200, cohort_report(**terms)))
    assert said in run("--site", "demo", "--url", service).stdout


def test_csv_and_json_come_as_they_were_sent(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a spreadsheet, for a program."""
    monkeypatch.setattr(Service, "answer", (200, b"cohort,count\r\nall,5\r\n"))
    assert run("--site", "demo", "--url", service, "--csv").stdout_bytes == b"cohort,count\r\nall,5\r\n"
    monkeypatch.setattr(Service, "answer", (200, cohort_report()))
    assert json.loads(run("--site", "demo", "--url", service, "--json").stdout) == json.loads(cohort_report())
    assert [path.rpartition("=")[2] for path, _ in Service.asked] == ["csv", "json"]
    assert run("--csv", "--json").exit_code == 2


def test_people_see_a_table(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, in columns, without tabs."""
    monkeypatch.setattr(Service, "answer", (200, cohort_report()))
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "service", "stats", "--site", "demo", "--url", service]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=theirs) as process:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        assert process.wait(timeout=20) == 0
    os.close(ours)
    text = shown.decode()
    assert "Counts of demo" in text
    assert "\t" not in text
    assert all(word in text for word in ("cohort", "in use", "2,200", "CH/smartphone", "300+"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed
        return b""


def test_the_key_goes_with_the_question(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, so that it stands in no list of processes; and never on to where it is sent from there."""
    monkeypatch.setattr(Service, "answer", (200, cohort_report()))
    monkeypatch.setattr(Service, "moved", service + "/elsewhere")
    assert run("--site", "demo", "--url", service, PASSERBY_KEY="pbk_x").exit_code == 0
    assert Service.asked == [("/v1/sites/demo/cohorts?window=24h&format=json", "Bearer pbk_x"), ("/elsewhere", None)]


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal("unknown-site"), ["There is no such site (unknown-site)"]),
        (Refusal("unauthorized"), ["A key is needed (unauthorized)", "PASSERBY_KEY"]),
        (Refusal("forbidden"), ["This is not allowed (forbidden)", "PASSERBY_KEY"]),
        (Refusal("not-found"), ["There is nothing here (not-found)", "no such slot"]),
        (Refusal("counts-unavailable"), ["The counts cannot be read now (counts-unavailable)"]),
        (
            refuse(FieldError("/query/window", "invalid_value")),
            ["(invalid-value)", "--window is 1h to 168h, or 1d to 7d"],
        ),
    ],
)
def test_a_refusal_is_told_in_words(
    service: str, monkeypatch: pytest.MonkeyPatch, refusal: Refusal, said: list[str]
) -> None:
    """On stderr, with what to do about it, and exit code 1."""
    monkeypatch.setattr(Service, "answer", (refusal.kind.status, encode(refusal)))
    result = run("--site", "demo", "--url", service)
    assert (result.exit_code, result.stdout) == (1, "")
    assert all(text in result.stderr for text in said)


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, b"<h1>Bad gateway</h1>"), (404, b"[]"), (200, b"<h1>It works</h1>"), (200, b"[]"), (200, b"{}")],
)
def test_another_server_is_no_service(service: str, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    """Whatever answers there, its page is not repeated."""
    monkeypatch.setattr(Service, "answer", (status, body))
    result = run("--site", "demo", "--url", service)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"the answer is {status}, and not from this service\n"


def test_nobody_listens() -> None:
    """Say where, and exit 1."""
    result = run("--site", "demo", "--url", "http://127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "nothing answers at 127.0.0.1 port 9; is `passerby serve` running there?\n"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1:9", "file:///etc/hosts", "127.0.0.1:8080", "http://[::1", "http://:80", ""]
)
def test_an_address_that_is_none_is_wrong_usage(url: str) -> None:
    """Nothing but HTTP is spoken, and the address is not repeated: it may hold a password."""
    result = run("--site", "demo", "--url", url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--url is such as http://127.0.0.1:8080." in result.stderr


def test_the_configuration_says_where_and_which_site(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """Unless options do."""
    monkeypatch.setattr(Service, "answer", (200, cohort_report()))
    host, port = service.removeprefix("http://").split(":")
    assert run(PASSERBY_HOST=host, PASSERBY_PORT=port).exit_code == 0
    assert Service.asked == [("/v1/sites/demo/cohorts?window=24h&format=json", None)]
