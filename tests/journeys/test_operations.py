"""What an operator relies on at three in the morning: starting, stopping, refusing to start, and the log."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.free_ports import free_port
from tests.journeys.conftest import START_MAX_S

QUESTION = "/v1/recommendation?site=demo"


def ask(server, path=QUESTION, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_a_real_address_is_placed_at_once(server):
    """The shipped database answers from the first request: no account, no download."""
    status, answer = ask(server, x_forwarded_for="195.65.10.7")
    assert (status, answer["region"]["country"], answer["region"]["source"]) == (200, "CH", "ip")
    assert ask(server, "/readyz")[1]["geo"]["healthy"] is True


def test_an_address_is_believed_only_from_a_trusted_proxy(start):
    """With no proxy trusted, nobody can say where he is."""
    stranger = start(trusted_proxies="192.0.2.1")
    assert ask(stranger, x_forwarded_for="195.65.10.7")[1]["region"]["country"] is None


def test_an_edge_may_send_the_country_and_keep_the_address(start):
    """The generic preset reads the edge's geo headers."""
    edge = start(edge="generic")
    answer = ask(edge, pb_geo_country="CA", pb_geo_subdivision="QC")[1]
    assert (answer["region"]["country"], answer["privacy"]["regime"]) == ("CA", "CA-QC")
    assert answer["privacy"]["signals_used"] == ["geo"]


def test_two_workers_share_one_database(start):
    """Several processes answer alike, from one copy that the parent unpacked."""
    pair = start(workers="2")
    for _ in range(20):
        assert ask(pair, x_forwarded_for="195.65.10.7")[1]["region"]["country"] == "CH"
    assert_its_redis_can_be_looked_at(pair)
    assert pair.stop() == 0


def assert_its_redis_can_be_looked_at(pair):
    """By the one log line that tells where the workers' redis-server is: an auditor has no other way to find it."""
    deadline = time.monotonic() + 5
    while "redis_started" not in pair.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    lines = [json.loads(line) for line in pair.log.read_text().splitlines()]
    (started,) = (line for line in lines if line["event"] == "redis_started")
    look = CliRunner().invoke(main, ["privacy", "report", "--json", "--redis", started["redis_url"]])
    assert (look.exit_code, look.stderr) == (0, "")
    record = json.loads(look.stdout)
    assert (record["measured_on"], record["durations"]["foreign"]) == ("deployment", 0)


def log_of(server):
    return [json.loads(line) for line in server.log.read_text().splitlines()]


@pytest.mark.parametrize("workers", [1, 2])
def test_start_and_stop_are_told(start, workers):
    """Where it listens, that it answers, why it ends and how long that took: of every process, the parent's last."""
    server = start(workers=str(workers))
    deadline = time.monotonic() + 10
    while sum(line["event"] == "started" for line in log_of(server)) < workers and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.stop() == 0
    lines = log_of(server)
    (listening,) = [line for line in lines if line["event"] == "listening"]
    assert (listening["host"], listening["port"]) == ("127.0.0.1", server.port)
    assert listening["url"] == f"{server.url}/"
    told = {
        name: [line for line in lines if line["event"] == name]
        for name in ("starting", "started", "stopping", "stopped")
    }
    pids = {line["pid"] for line in told["starting"]}
    assert len(pids) == workers
    for name in ("started", "stopping", "stopped"):
        assert pids <= {line["pid"] for line in told[name]}
    assert {line["reason"] for line in told["stopping"] + told["stopped"]} == {"SIGTERM"}
    assert all(0 < line["seconds"] < 10 for line in told["stopped"])
    assert lines[-1]["event"] == "stopped"
    assert lines[-1]["pid"] == server.process.pid
    assert (server.process.pid in pids) == (workers == 1)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("host", ["::", "localhost"])
def test_both_families_reach_a_host_that_means_both(start, host, workers):
    """With one process and with several; and a proxy that is trusted by its IPv4 address is so here as well."""
    server = start(host=host, workers=workers, open_scopes="recommend", secret="of sixteen or more characters")
    assert ask(server, x_forwarded_for="195.65.10.7")[1]["region"]["country"] == "CH"
    try:
        connection = http.client.HTTPConnection("::1", server.port, timeout=5)
        connection.request("GET", QUESTION, headers={"X-Forwarded-For": "195.65.10.7"})
    except OSError:
        with pytest.raises(OSError, match=r"\w"), socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))  # this machine has no IPv6
        return
    assert json.loads(connection.getresponse().read())["region"]["country"] == "CH"
    connection.close()


def test_a_stop_answers_what_it_has_begun(start):
    """SIGTERM: the request in work gets its answer, then the process ends by itself and without complaint."""
    server = start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
        body = b'{"signals":{"geo":{"country":"CH"}}}'
        head = f"POST /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        slow.sendall(head.encode() + body[:10])
        time.sleep(0.2)
        server.process.terminate()
        time.sleep(0.2)
        slow.sendall(body[10:])
        assert b"200 OK" in slow.recv(4096)
    started = time.monotonic()
    assert server.process.wait(10) == 0
    assert time.monotonic() - started < 10
    assert "error" not in server.log.read_text()


def test_a_body_that_does_not_come_is_given_up(server):
    """Two seconds, then 408."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=6) as slow:
        slow.sendall(
            b"POST /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        started = time.monotonic()
        assert b"408" in slow.recv(4096)
        assert 1.5 < time.monotonic() - started < 4


def test_a_stream_without_end_is_answered_as_it_comes(server):
    """NDJSON: the first answer is there before the second question is asked."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stream:
        stream.sendall(
            b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for country in ("CH", "JP", "BR"):
            line = json.dumps({"signals": {"geo": {"country": country}}}).encode() + b"\n"
            stream.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            said = b""
            while f'"country":"{country}"'.encode() not in said:
                part = stream.recv(4096)
                assert part
                said += part


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "0.0.0.0"}, "open_scopes"),
        ({"trusted_proxies": "0.0.0.0/0"}, "0.0.0.0/0"),
        ({"trusted_proxies": "nonsense", "port": "99999"}, "PASSERBY_PORT"),
        ({"default_site": "nowhere"}, "PASSERBY_DEFAULT_SITE"),
    ],
)
def test_a_bad_configuration_stops_the_start(settings, said):
    """Exit status 1 and the mistake in words, no server."""
    environment = os.environ | {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "service", "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=15, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_a_directory_for_temporary_files_it_serves(start, workers, tmp_path, monkeypatch):
    """As in a container with a read-only root: counts stay in the process, which is said, and nothing else differs."""
    imitation = "import tempfile\ntempfile._candidate_tempdir_list = lambda: ['/nowhere', '/proc']\n"
    (tmp_path / "sitecustomize.py").write_text(imitation)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", "/nowhere")
    server = start(workers=workers)
    assert ask(server, x_forwarded_for="195.65.10.7")[1]["region"]["country"] == "CH"
    counts = ask(server, "/readyz")[1]["counts"]
    assert (counts["store"], counts["working"]) == ("process", True)
    assert server.stop() == 0
    lines = log_of(server)
    told = [line["notice"] for line in lines if line["event"] == "counts_in_process"]
    assert len(told) >= 1
    assert all("no directory for temporary files" in notice for notice in told)
    assert [line for line in lines if line["level"] == "error"] == []


def test_without_a_geo_database_visits_are_answered(start):
    """Nobody is placed, `ZZ` applies, and the log and /readyz say that something needs a person."""
    placeless = start(geo_database="absent.mmdb")
    status, answer = ask(placeless, x_forwarded_for="195.65.10.7")
    assert (status, answer["region"]["country"], answer["privacy"]["regime"]) == (200, None, "ZZ")
    assert ask(placeless, "/readyz")[1]["status"] == "degraded"
    (said,) = [line for line in log_of(placeless) if line["level"] == "error"]
    assert said["event"] == "no_places"
    assert "geo_database: there is no such file" in said["notice"]


def test_metrics_have_a_listener_of_their_own(start):
    """Counts by route and status, on the admin port alone."""
    port = free_port()
    server = start(admin_port=str(port))
    ask(server)
    ask(server, "/v1/recommendation?email=x")
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    assert 'passerby_requests_total{method="GET",route="/v1/recommendation",status="200"} 1.0' in text
    assert 'passerby_requests_total{method="GET",route="/v1/recommendation",status="422"} 1.0' in text
    assert ask(server, "/metrics")[0] == 404


def test_a_crawler_is_told_by_what_it_comes_for(start):
    """In its answer, on its mirror, and as one number of its kind for all sites; the device says no more than before."""
    server = start()
    gptbot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
    answer = ask(server, user_agent=gptbot)[1]
    assert answer["privacy"]["bot_kind"] == "training"
    assert {*answer["device"]} == {"class", "os", "browser", "tier", "bot", "source"}
    page = urllib.request.Request(f"{server.url}/", headers={"User-Agent": gptbot})
    with urllib.request.urlopen(page, timeout=5) as mirror:
        assert "training (texts that AI models learn from)" in mirror.read().decode()
    told = {name: value for name, value in server.metrics().items() if name.startswith("passerby_bots_total")}
    assert told.pop('passerby_bots_total{kind="training"}') == 1
    assert len(told) == 6
    assert not any(told.values())


def test_the_log_is_json_and_names_no_visitor(server):
    """Lines of closed fields; not a word of what was asked."""
    ask(server, x_forwarded_for="195.65.10.7", user_agent="Marker/1.0", cookie="pb_device=marker@example.com")
    time.sleep(0.1)  # for what a closed connection might have to complain of
    for line in server.log.read_text().splitlines():
        assert json.loads(line)["event"]
        assert "arker" not in line
        assert "195.65" not in line


def test_who_comes_while_workers_end_is_turned_away_at_once(start):
    """While one of them still has work: a balancer asks another service then, but waits for a connection that hangs."""
    pair = start(workers="2")
    with socket.create_connection(("127.0.0.1", pair.port), 5) as stream:
        head = b"POST /v1/recommendations HTTP/1.1\r\nHost: it\r\nContent-Type: application/x-ndjson\r\n"
        stream.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n")
        assert stream.recv(64).startswith(b"HTTP/1.1 200")
        pair.process.terminate()
        deadline, turned_away = time.monotonic() + 5, 0
        while turned_away < 5 and time.monotonic() < deadline:
            time.sleep(0.05)
            try:
                socket.create_connection(("127.0.0.1", pair.port), 1).close()
            except ConnectionRefusedError:
                turned_away += 1
        assert pair.process.poll() is None  # the control: it was still at work
    assert turned_away == 5
    assert pair.process.wait(10) == 0


def test_workers_end_with_a_parent_that_was_killed(start):
    """They would hold the port, and a new start would find it taken."""
    pair = start(workers="2")  # one may still be starting: that the other answers is enough for ``start``
    pair.process.kill()
    pair.process.wait()
    deadline = time.monotonic() + 15
    free = False
    while not free and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", pair.port))
                free = True
            except OSError:
                time.sleep(0.1)
    assert free
    assert '"event":"parent_gone"' in pair.log.read_text()


HANGS = """
import asyncio, signal, uvicorn

def hang():
    while True:
        pass

async def serve(self, sockets=None):
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, hang)
    await served(self, sockets)

served, uvicorn.Server.serve = uvicorn.Server.serve, serve
"""


def test_a_worker_whose_loop_hangs_is_replaced(start, tmp_path, monkeypatch):
    """It would take connections and answer none, while its other threads go on."""
    (tmp_path / "sitecustomize.py").write_text(HANGS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    pair = start(workers="2")

    def started():
        return [line["pid"] for line in log_of(pair) if line["event"] == "started"]

    deadline = time.monotonic() + 20
    while len(started()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    hung, other = started()
    os.kill(hung, signal.SIGUSR1)
    deadline = time.monotonic() + 20
    while len(started()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len({hung, other, *started()}) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    os.kill(other, 0)


def test_a_worker_that_is_told_to_stop_is_not_ready_at_once(start):
    """While a slow request is still in work, /readyz on a connection that stands says so."""
    pair = start(workers="2")
    deadline = time.monotonic() + START_MAX_S
    while pair.log.read_text().count('"event":"started"') < 2:  # the first that answers need not be the last to begin
        assert time.monotonic() < deadline
        time.sleep(0.05)
    slow = [socket.create_connection(("127.0.0.1", pair.port)) for _ in range(12)]
    for connection in slow:  # a stream of visits that goes on keeps each worker from ending
        connection.sendall(
            b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n"
        )
    standing = [http.client.HTTPConnection("127.0.0.1", pair.port, timeout=5) for _ in range(12)]
    for connection in standing:
        connection.request("GET", "/readyz")
        assert connection.getresponse().read()
    pair.process.terminate()
    deadline = time.monotonic() + 3
    seen = set()
    while time.monotonic() < deadline and 503 not in seen:
        for connection in standing:
            try:
                connection.request("GET", "/readyz")
                response = connection.getresponse()
                response.read()
                seen.add(response.status)
            except (http.client.HTTPException, OSError):
                continue
    for connection in (*slow, *standing):
        connection.close()
    assert pair.process.wait(10) == 0
    assert 503 in seen
