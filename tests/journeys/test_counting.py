"""A visit becomes a count, a count a cohort, and an event comes back as a figure: nothing installed, nothing configured."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from tests.adapters.redis_servers import RedisServer, running
from tests.free_ports import free_port
from tests.journeys.conftest import Server
from tests.journeys.counting import INTERVAL_S, IPHONE, SWISS, TEST_BED, until, visit, visits

KEY = re.compile(
    r"pb:\{[a-z][a-z0-9_-]{0,31}:\d{4}-\d\d-\d\d\}:"
    r"(salt|(counts|batches|released):\d{2}(\d\d){0,2}|(devices|prefixes):([A-Z]{2}/[a-z_]+/[a-z_]+|[A-Z]{2}/[a-z_]+|[a-z_]+/[a-z_]+|[a-z_]+))"
)
SEEN = {"X-Forwarded-For": SWISS, "User-Agent": IPHONE}


@pytest.fixture(scope="module")
def counted(start: Callable[..., Server]) -> Server:
    """A service with a Redis of its own, in which 200 phones were counted and released."""
    server = start(**TEST_BED)
    # Until the salt of the day is there no device is counted, which takes a moment after a start.
    until(lambda: server.ask("/readyz")[1]["counts"]["since"])
    time.sleep(0.5)
    assert server.ask("/v1/recommendations", visits(200))[0] == 200

    def cohort() -> str:
        found = server.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["cohort"]
        return found["key"] if found else ""

    assert until(lambda: cohort() == "CH/smartphone/ios")
    return server


def test_enough_devices_are_a_cohort_and_the_answer_says_which(counted: Server) -> None:
    """The finest group of the visit, with a token that is the same for all of its members; also for CDNs to keep."""
    answers = [
        counted.ask("/v1/recommendation?site=demo", headers=SEEN | more)[1]
        for more in ({}, {"Cookie": "pb_device=4f9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"})
    ]
    assert answers[0]["cohort"]["key"] == "CH/smartphone/ios"
    assert answers[0]["cohort"]["generalized"] == []
    assert answers[0]["cohort"]["token"] == answers[1]["cohort"]["token"]
    page = counted.ask("/v1/cohorts/CH/de/smartphone?site=demo")[1]
    assert page["cohort"] == {"key": "CH/smartphone", "generalized": ["os"], "token": None}
    assert counted.ask("/v1/cohorts/DE/de/smartphone?site=demo")[1]["cohort"] is None  # German law asks for consent


def test_the_language_that_a_group_asks_for_is_the_guess_for_its_next(counted: Server) -> None:
    """Switzerland's phones asked for French here, so a phone that says nothing is greeted in French, and told why."""

    def greeted() -> tuple[str, str]:
        language = counted.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["language"]
        return language["tag"], language["source"]

    assert until(lambda: greeted() == ("fr", "prior"))  # devices are known before their visits' interval is over
    desk = {
        "X-Forwarded-For": "5.9.9.9",
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
    }
    assert counted.ask("/v1/recommendation?site=demo", headers=desk)[1]["language"]["source"] == "ip"


def test_an_event_becomes_a_figure(counted: Server) -> None:
    """Reported with the token, stored, released when the interval of its visits closes, and read."""
    time.sleep(INTERVAL_S - time.time() % INTERVAL_S)  # so that rewards are in the interval of what they are rewards of
    seen = counted.ask("/v1/recommendations", visits(200))[1]["recommendations"]
    token = next(answer["cohort"]["token"] for answer in seen if answer.get("cohort"))
    first = next(answer["slots"]["front"]["options"][0] for answer in seen if answer.get("cohort"))
    reward = {"type": "reward", "slot": "front", "option": first}
    chosen = {"type": "language_chosen", "language": "it"}
    for events in ([reward] * 20, [reward] * 11 + [chosen] * 9, [chosen] * 20):
        status, answer = counted.ask("/v1/events", {"token": token, "events": events})
        assert (status, answer["accepted"], answer["reason"]) == (202, len(events), None)
    stored = counted.ask("/v1/events?ack=stored", {"token": token, "events": [chosen] * 2})
    assert stored == (202, answer | {"accepted": 2})

    def rewarded() -> Any:
        rows = counted.ask("/v1/sites/demo/slots/front")[1]["cohorts"]
        options = next(row["options"] for row in rows if row["key"] == "CH/smartphone/ios")
        return next(option for option in options if option["option"] == first)["rewarded"]["count"]

    assert until(lambda: rewarded() == 31)
    rows = counted.ask("/v1/sites/demo/cohorts")[1]["cohorts"]
    everybody = next(row for row in rows if row["key"] == "all")
    assert everybody["devices"]["count"] in (60, 80)  # in steps of k, at most 4 k; 200 there were
    assert next(row for row in everybody["languages"] if row["language"] == "it")["chosen"]["count"] == 31
    # Options that worked go first from now on, for the whole cohort alike.
    slots = until(lambda: counted.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["slots"]["front"])
    assert slots["source"] == "cohort"


def test_one_token_makes_no_figure(counted: Server) -> None:
    """A network that reports without end is capped; who is not capped is clipped, marked and told of."""
    time.sleep(INTERVAL_S - time.time() % INTERVAL_S)
    seen = counted.ask("/v1/recommendations", visits(200))[1]["recommendations"]
    answer = next(answer for answer in seen if answer.get("cohort"))
    option = answer["slots"]["front"]["options"][0]
    report = {
        "token": answer["cohort"]["token"],
        "events": [{"type": "reward", "slot": "front", "option": option}] * 20,
    }
    without_key = [
        counted.ask("/v1/events", report, headers={"X-Forwarded-For": f"8.8.8.{number}"})[1] for number in range(4)
    ]
    assert [told["reason"] for told in without_key].count("capped") >= 2  # an interval may have ended meanwhile
    assert all(told["accepted"] == (0 if told["reason"] else 20) for told in without_key)
    assert counted.metrics()["passerby_capped_total"] >= 2
    for _ in range(30):  # this machine itself has no cap, as a backend with a key has none
        assert counted.ask("/v1/events", report)[1]["accepted"] == 20

    def everybody() -> Any:
        slot = counted.ask("/v1/sites/demo/slots/front")[1]
        options = next(row["options"] for row in slot["cohorts"] if row["key"] == "all")
        found = next(one for one in options if one["option"] == option)
        return (found, slot["warnings"]) if found["clipped"] else None

    found, warnings = until(everybody)
    assert found["rate"] is None or found["rate"]["value"] < 0.5
    assert [warning["code"] for warning in warnings] == ["more_rewards_than_offers"]
    assert counted.metrics()["passerby_clipped_total"] >= 5
    assert '"level":"warning","event":"counts_clipped","count":' in counted.log.read_text()


def test_one_network_does_not_blank_the_site(counted: Server) -> None:
    """Within its cap it makes a small cohort's rewards more than can be: that is marked, and the site keeps its rate."""

    def american() -> tuple[str, str] | None:
        batch = visits(600)
        for number, request in enumerate(batch["requests"]):
            request["signals"]["ip"] = f"8.{number % 50}.8.8"
        seen = counted.ask("/v1/recommendations", batch)[1]["recommendations"]
        answers = (answer for answer in seen if answer.get("cohort") and answer["cohort"]["key"].startswith("US/"))
        return next(((one["cohort"]["token"], one["slots"]["front"]["options"][0]) for one in answers), None)

    def told() -> dict[str, tuple[int, int]]:
        """Of each cohort the intervals that are marked, and those that are in a rate, of all options together."""
        rows = counted.ask("/v1/sites/demo/slots/front")[1]["cohorts"]
        return {
            row["key"]: (
                sum(option["clipped"] for option in row["options"]),
                sum(option["rate"]["intervals"] for option in row["options"] if option["rate"]),
            )
            for row in rows
        }

    assert until(american)
    before = told()

    def is_marked_alone() -> bool:
        (small, _), (everybody, rated) = (told().get(key, (0, 0)) for key in ("CH/smartphone/ios", "all"))
        return small - before["CH/smartphone/ios"][0] > everybody - before["all"][0] and rated > before["all"][1]

    for _ in range(15):  # on a busy machine one may lie across the end of an interval
        time.sleep(INTERVAL_S - time.time() % INTERVAL_S)
        token, option = american() or ("", "")
        swiss = counted.ask("/v1/recommendations", visits(10))[1]["recommendations"]
        forged = next(answer["cohort"]["token"] for answer in swiss if answer.get("cohort"))
        events = [{"type": "reward", "slot": "front", "option": option}] * 20
        for _ in range(15):
            assert counted.ask("/v1/events", {"token": token, "events": events})[1]["accepted"] == 20
        report = {"token": forged, "events": events}
        assert counted.ask("/v1/events", report, headers={"X-Forwarded-For": "9.9.9.9"})[1]["accepted"] == 20
        if until(is_marked_alone, 2 * INTERVAL_S):
            break
    assert is_marked_alone()


def test_what_happened_is_counted_wholly_or_not_at_all(counted: Server) -> None:
    """One unknown option among good events, and none of them counts. A token of elsewhere is refused."""
    token = counted.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["cohort"]["token"]
    good = {"type": "reward", "slot": "front", "option": "app"}
    before = counted.metrics()["passerby_counted_total"]
    for bad, pointer in (
        ({"type": "reward", "slot": "front", "option": "autumn"}, "/events/1/option"),
        ({"type": "reward", "slot": "back", "option": "app"}, "/events/1/slot"),
        ({"type": "exposure", "experiment": "nobody", "variant": "a"}, "/events/1/experiment"),
        ({"type": "language_chosen", "language": "tlh"}, "/events/1/language"),
        ({"type": "view", "topic": "politics"}, "/events/1/topic"),
    ):
        status, problem = counted.ask("/v1/events", {"token": token, "events": [good, bad]})
        assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (forged, token[:20], "x"):
        status, problem = counted.ask("/v1/events", {"token": wrong, "events": [good]})
        assert (status, problem["errors"][0]["pointer"]) == (422, "/token")
    assert counted.metrics()["passerby_counted_total"] == before + 0


def test_the_numbers_of_counting_add_up(counted: Server) -> None:
    """What was taken is applied, waiting or lost; the state of the store is told at /readyz."""

    def settled() -> Any:
        found = counted.metrics()
        return found if found["passerby_waiting"] == 0 else None

    found = until(settled)
    lost = sum(value for name, value in found.items() if name.startswith("passerby_lost"))
    assert lost == 0
    assert found["passerby_applied_total"] >= found["passerby_counted_total"] > 200
    assert found["passerby_releases_total"] > 0
    assert found["passerby_store_open"] == 0
    ready = counted.ask("/readyz")[1]
    assert ready["status"] == "ready"
    assert ready["counts"]["store"] == "embedded"
    assert ready["counts"]["snapshot_age_s"] <= 10


def redis_below(pid: int) -> list[int]:
    """The redis-servers that a process started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [child for child in children if "redis-server" in Path(f"/proc/{child}/cmdline").read_text()]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_its_own_redis_ends_with_the_service(start: Callable[..., Server], how: str) -> None:
    """Told to stop or killed, it leaves no process behind."""
    server = start()
    pid = until(lambda: redis_below(server.process.pid))[0]
    assert lives(pid)
    getattr(server, how)()
    assert until(lambda: not lives(pid))


def test_its_own_redis_is_started_again_when_it_dies(start: Callable[..., Server]) -> None:
    """Counts are gone, which is said; counting goes on within seconds."""
    server = start(**TEST_BED)
    pid = until(lambda: redis_below(server.process.pid))[0]
    first = until(lambda: server.ask("/readyz")[1]["counts"]["since"])
    time.sleep(1.1)  # it is told in seconds
    os.kill(pid, signal.SIGKILL)
    until(
        lambda: (
            server.ask("/v1/recommendations", visits(5))
            and [found for found in redis_below(server.process.pid) if found != pid]
        )
    )
    assert until(lambda: server.ask("/readyz")[1]["counts"]["since"] not in (None, first), 15)
    assert until(lambda: server.metrics()["passerby_waiting"] == 0, 15)
    assert server.ask("/readyz")[1]["counts"]["working"]


def test_workers_share_one_redis_and_agree(start: Callable[..., Server]) -> None:
    """Whichever worker answers: the same cohort and the same token."""
    server = start(workers="2", **TEST_BED)
    time.sleep(1)
    for _ in range(10):
        assert server.ask("/v1/recommendations", visits(40))[0] == 200

    def told() -> set[str]:
        found = (server.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["cohort"] for _ in range(20))
        return {cohort["token"] if cohort else "" for cohort in found}

    assert until(lambda: len(tokens := told()) == 1 and "" not in tokens)
    assert len(redis_below(server.process.pid)) == 1


def test_a_clean_stop_hands_over_everything_and_leaves_only_known_keys(start: Callable[..., Server]) -> None:
    """Every key is of the grammar and expires with its bucket; nothing that was counted is missing."""
    with running() as redis:
        server = start(redis_url=redis.url)
        for _ in range(7):
            server.ask("/v1/recommendations", visits(1000))
        taken = int(server.metrics()["passerby_counted_total"])
        assert taken > 6990  # of so many random ids one may look like a serial number, and is refused
        assert server.stop() == 0
        keys = redis.expiries()
        assert {"counts", "devices", "prefixes", "batches", "salt"} <= {key.split(":")[3] for key in keys}
        now_s = time.time()
        for key, expires_at in keys.items():
            assert KEY.fullmatch(key), key
            assert now_s < expires_at <= now_s + (1 + 168) * 3600
        counts = next(key for key in keys if ":counts:" in key)
        total = redis.ask("HGET", counts, "CH/smartphone/ios|visit")
        assert b"\r\n%d\r\n" % taken in total


@pytest.mark.parametrize("rate", ["one", "many"])
def test_a_worker_sends_few_commands_whatever_the_traffic(start: Callable[..., Server], rate: str) -> None:
    """At most 15 a second, with one visit a second or as many as come."""
    with running(port=free_port()) as redis:
        server = start(redis_url=redis.url)
        time.sleep(1)
        with Monitor(redis) as monitor:
            ends_at = time.monotonic() + 4
            while time.monotonic() < ends_at:
                server.ask("/v1/recommendations", visits(1 if rate == "one" else 500))
                time.sleep(1 if rate == "one" else 0)
            sent = monitor.commands()
        assert 1 <= len(sent) / 4 <= 15


END = b"the end of what is monitored"


class Monitor:
    """What a server is told while it lasts, without what its own scripts do."""

    def __init__(self, redis: RedisServer) -> None:
        import socket

        self._redis = redis
        self._link = socket.socket(socket.AF_UNIX)
        self._link.connect(str(redis.socket))
        self._link.sendall(b"MONITOR\r\n")
        assert self._link.recv(64).startswith(b"+OK")

    def commands(self) -> list[bytes]:
        """All until now: a last command of the test's own marks the end, however slowly it is told."""
        self._redis.ask("ECHO", END)
        told = b""
        while not told.endswith(b'"%b"\r\n' % END):
            piece = self._link.recv(1 << 20)
            assert piece, "the monitor was cut off"
            told += piece
        return [line for line in told.split(b"\r\n")[:-2] if line and b" lua]" not in line]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()


def test_who_says_no_adds_nothing(start: Callable[..., Server]) -> None:
    """Visits with Global Privacy Control, an opt-out or without the permission leave no trace in what Redis is told."""
    with running() as redis:
        server = start(redis_url=redis.url)
        until(lambda: server.ask("/readyz")[1]["counts"]["since"])
        time.sleep(0.5)
        with Monitor(redis) as monitor:
            signals = [
                {**visit(1), "opt_out": True},
                {"signals": {**visit(2)["signals"], "gpc": True}, "consent": ["statistics"]},
                {"signals": {**visit(3)["signals"], "ip": "5.9.9.9"}},  # German law asks for consent
            ]
            for _ in range(50):
                answers = server.ask("/v1/recommendations", {"requests": signals})[1]["recommendations"]
                assert all("statistics" not in answer["privacy"]["allowed"] for answer in answers)
                server.ask(
                    "/v1/recommendation",
                    headers=SEEN | {"Sec-GPC": "1", "Cookie": "pb_device=4f9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"},
                )
                server.ask("/v1/recommendation", headers=SEEN | {"Cookie": "pb_optout=1"})
            time.sleep(0.6)
            told = monitor.commands()
        assert [line for line in told if b":batches:" in line] == []
        assert {key.split(":")[3] for key in redis.expiries()} <= {"salt", "released"}
        assert server.metrics()["passerby_counted_total"] == 0
        server.ask("/v1/recommendation", headers=SEEN)  # the control: an ordinary visit does
        assert until(lambda: any(":counts:" in key for key in redis.expiries()))
