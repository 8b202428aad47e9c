"""Redis slow, hung, lying or gone: visitors notice nothing, operators are told, and it mends itself."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.adapters.redis_servers import RedisServer, running
from tests.free_ports import free_port
from tests.journeys.conftest import Server
from tests.journeys.counting import IPHONE, SWISS, until, visit, visits

SEEN = {"X-Forwarded-For": SWISS, "User-Agent": IPHONE}
BACK_WITHIN_S = 3
# From asking to knowing: a flush, its timeout, and the look of whoever asks.
NOTICED_WITHIN_S = 3


def answered(server: Server) -> object:
    """What a visitor gets."""
    return server.ask(
        "/v1/recommendation?site=demo", headers=SEEN | {"Cookie": "pb_device=4f9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"}
    )


def hang(redis: RedisServer) -> None:
    os.kill(redis.process.pid, signal.SIGSTOP)


def go_on(redis: RedisServer) -> None:
    os.kill(redis.process.pid, signal.SIGCONT)


def fill(redis: RedisServer) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "1")


def empty(redis: RedisServer) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "0")


def follow_nobody(redis: RedisServer) -> None:
    redis.ask("REPLICAOF", "127.0.0.1", "1")


def lead(redis: RedisServer) -> None:
    redis.ask("REPLICAOF", "NO", "ONE")


def forbid(redis: RedisServer) -> None:
    redis.ask("ACL", "SETUSER", "default", "-evalsha")


def permit(redis: RedisServer) -> None:
    redis.ask("ACL", "SETUSER", "default", "+evalsha")


def lock(redis: RedisServer) -> None:
    redis.ask("CONFIG", "SET", "requirepass", "another")
    redis.ask("AUTH", "another")
    _as_admin(redis, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def unlock(redis: RedisServer) -> None:
    _as_admin(redis, "CONFIG", "SET", "requirepass", "")


def store_errors(server: Server) -> dict[str, float]:
    """How many errors of the store it has counted, by kind."""
    return {name: value for name, value in server.metrics().items() if name.startswith("passerby_store_errors")}


def _as_admin(redis: RedisServer, *words: str) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(redis.socket))
        link.sendall(b"AUTH another\r\n" + " ".join(word or '""' for word in words).encode() + b"\r\n")
        time.sleep(0.1)
        link.recv(1 << 16)


@pytest.mark.parametrize(
    "spoil, mend, kind",
    [
        (hang, go_on, "timeout"),
        (fill, empty, "out_of_memory"),
        (follow_nobody, lead, "read_only"),
        (lock, unlock, "authentication"),
        (forbid, permit, "permission"),
    ],
    ids=["hung", "out of memory", "read-only", "wrong password", "missing right"],
)
def test_answers_go_on_and_counts_come_back(
    start: Callable[..., Server], spoil: Callable[[RedisServer], None], mend: Callable[[RedisServer], None], kind: str
) -> None:
    """The same answers, ``degraded``, 503 for who insists on storage; and all that was counted meanwhile arrives."""
    with running() as redis:
        server = start(redis_url=redis.url)
        assert until(lambda: server.ask("/readyz")[1]["counts"]["since"])
        before = answered(server)
        spoil(redis)
        try:
            server.ask("/v1/recommendations", visits(300))
            assert until(lambda: server.ask("/readyz")[1]["status"] == "degraded", NOTICED_WITHIN_S)
            assert answered(server) == before
            began = time.monotonic()
            report = {"token": None, "events": [{"type": "reward", "slot": "front", "option": "app"}]}
            assert server.ask("/v1/events?ack=stored", report)[0] == 202  # nothing to store
            assert time.monotonic() - began < 1
            # What was under way when it happened may fail in another way first; the next that is asked says why.
            of_this_kind = f'passerby_store_errors_total{{kind="{kind}"}}'
            assert until(lambda: store_errors(server).get(of_this_kind), NOTICED_WITHIN_S)
            asked = sum(store_errors(server).values())
            time.sleep(2)
            errors = store_errors(server)
            assert (sum(errors.values()) - asked) / 2 <= 1.8  # 1.25 a second, and what falls on the edges of two
        finally:
            mend(redis)
        assert until(lambda: server.ask("/readyz")[1]["counts"]["working"], BACK_WITHIN_S)
        assert until(lambda: server.metrics()["passerby_waiting"] == 0, BACK_WITHIN_S)
        found = server.metrics()
        assert found["passerby_applied_total"] == found["passerby_counted_total"]
        log = server.log.read_text()
        assert "Traceback" not in log
        right = ',"not_permitted":"EVALSHA"' if kind == "permission" else ""
        assert f'"event":"store_failed","reason":"{kind}"{right},"pid":' in log
        assert until(lambda: '"event":"store_back"' in server.log.read_text(), BACK_WITHIN_S)
        assert log.count("store_failed") <= 3  # a line for each kind, not one for each attempt


def test_a_redis_that_comes_later_gets_what_was_counted_before(start: Callable[..., Server]) -> None:
    """Absent at the start: the service starts, answers, says degraded; when Redis comes, the counts go there."""
    port = free_port()
    server = start(redis_url=f"redis://127.0.0.1:{port}/0")
    server.ask("/v1/recommendations", visits(100))
    assert answered(server)[0] == 200  # type: ignore[index]
    assert until(lambda: server.ask("/readyz")[1]["status"] == "degraded", NOTICED_WITHIN_S)
    with running(port=port) as redis:
        assert until(lambda: server.metrics()["passerby_waiting"] == 0, BACK_WITHIN_S)
        counts = next(key for key in redis.expiries() if ":counts:" in key)
        assert b"100" in redis.ask("HGET", counts, "CH/smartphone/ios|wanted:fr")
        assert server.ask("/readyz")[1]["counts"]["working"]


def test_whoever_insists_on_storage_is_told_that_there_is_none(start: Callable[..., Server]) -> None:
    """503 with Retry-After, at once; what was withdrawn so is never counted."""
    with running() as redis:
        server = start(redis_url=redis.url, release_minutes="0.05", k="20", k_prefixes="5", noise="off")
        until(lambda: server.ask("/readyz")[1]["counts"]["since"])
        time.sleep(0.5)
        server.ask("/v1/recommendations", visits(100))
        cohort = until(lambda: server.ask("/v1/recommendation?site=demo", headers=SEEN)[1]["cohort"])
        report = {"token": cohort["token"], "events": [{"type": "reward", "slot": "front", "option": "app"}]}
        assert server.ask("/v1/events?ack=stored", report)[0] == 202
        hang(redis)
        try:
            server.ask("/v1/recommendations", {"requests": [visit(1)]})
            assert until(lambda: server.ask("/readyz")[1]["status"] == "degraded", NOTICED_WITHIN_S)
            began = time.monotonic()
            status, problem = server.ask("/v1/events?ack=stored", report)
            assert (status, problem["type"]) == (503, "/problems/not-stored")
            assert time.monotonic() - began < 1.5
        finally:
            go_on(redis)
        assert until(lambda: server.metrics()["passerby_waiting"] == 0, BACK_WITHIN_S)
        assert server.metrics()["passerby_withdrawn_total"] == 1


def test_a_service_that_counts_nothing_asks_no_redis(start: Callable[..., Server]) -> None:
    """``counting = false`` is a choice: ready, cohorts null, no redis-server started, nothing to read."""
    server = start(counting="false")
    assert server.ask("/readyz")[1]["counts"]["store"] == "off"
    assert server.ask("/readyz")[1]["status"] == "ready"
    assert server.ask("/v1/sites/demo/cohorts")[0] == 404
    report = {"token": None, "events": [{"type": "reward", "slot": "front", "option": "app"}]}
    assert server.ask("/v1/events", report)[0] == 202
