"""Redis is watched whole: every key by its type, every database, the places beside keys, and every command it is told."""

from collections.abc import Iterator

import pytest

from service.audit.markers import Kind, Mint
from service.audit.recorder import SinkError
from service.audit.redis_link import masters, read_url
from service.audit.redis_sinks import RedisDump, RedisMonitor
from service.audit.search import Finding, Search
from tests.adapters.redis_servers import RedisServer, running
from tests.audit.planting import Leaks
from tests.free_ports import free_port

TAG = "pb:{demo:2026-11-22}:"


@pytest.fixture(scope="module")
def leaks() -> Leaks:
    return Leaks()


@pytest.fixture(scope="module")
def shared() -> Iterator[RedisServer]:
    with running(port=free_port()) as server:
        yield server


@pytest.fixture
def redis(shared: RedisServer) -> RedisServer:
    shared.ask("FLUSHALL")
    return shared


@pytest.fixture
def dump(redis: RedisServer) -> Iterator[RedisDump]:
    sink = RedisDump(redis.url)
    sink.open()
    yield sink
    sink.close()


@pytest.fixture
def monitor(redis: RedisServer) -> Iterator[RedisMonitor]:
    sink = RedisMonitor(redis.url)
    sink.open()
    yield sink
    sink.close()


MARKER = Mint(seed=31).mint("uuid", "cookie_device")
SEARCH = Search([MARKER])
TEXT = MARKER.text
PACKED = bytes.fromhex(MARKER.text.replace("-", ""))


def findings(sink: RedisDump | RedisMonitor) -> list[Finding]:
    return SEARCH.search(sink.name, sink.read()).findings


@pytest.mark.parametrize(
    "command, where",
    [
        (("SET", f"{TAG}salt", PACKED), "salt (string)"),
        (("SET", f"other:{TEXT}", "1"), "a key of another kind (string)"),
        (("HSET", f"{TAG}counts:10", "CH", TEXT), "counts (hash)"),
        (("HSET", f"{TAG}batches:10", TEXT, "1"), "batches (hash)"),
        (("RPUSH", "list", *["x"] * 1500, PACKED), "a key of another kind (list)"),
        (("SADD", "set", TEXT, "other"), "a key of another kind (set)"),
        (("ZADD", "sorted", "1", TEXT), "a key of another kind (zset)"),
        (("XADD", "stream", "*", "field", TEXT), "a key of another kind (stream)"),
        (("XGROUP", "CREATE", "stream", TEXT, "$", "MKSTREAM"), "a key of another kind (stream)"),
    ],
)
def test_a_leak_is_found_in_every_type_of_key_and_told_by_its_kind(
    redis: RedisServer, dump: RedisDump, command: tuple[str | bytes, ...], where: str
) -> None:
    assert findings(dump) == []
    redis.ask(*command)
    assert {finding.where for finding in findings(dump)} == {where}


def test_a_leak_is_found_in_another_database_and_beside_the_keys(redis: RedisServer, dump: RedisDump) -> None:
    redis.ask("EVAL", f"redis.call('SELECT', 3) redis.call('SET', 'k', '{TEXT}')", 0)
    redis.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
    redis.ask("EXISTS", TEXT.upper())
    redis.ask("CONFIG", "SET", "slowlog-log-slower-than", "-1")
    found = {piece.where for piece in dump.read() if SEARCH.search("redis", [piece]).findings}
    assert found == {"a key of another kind (string)", "SLOWLOG GET"}
    redis.ask("SLOWLOG", "RESET")


def test_the_service_is_known_by_the_batches_that_it_hands_in(redis: RedisServer, dump: RedisDump) -> None:
    redis.ask("SET", "other", "1")
    assert dump.known_by() == ""
    redis.ask("HSET", f"{TAG}batches:10", "5d1f", "1")
    assert dump.known_by().startswith("1 batches of the site since the start, Redis ")


def test_batches_of_another_site_are_no_sign(redis: RedisServer) -> None:
    dump = RedisDump(redis.url, "another")
    dump.open()
    redis.ask("HSET", f"{TAG}batches:11", "5d1f", "1")
    assert dump.known_by() == ""
    redis.ask("HSET", f"{TAG.replace('demo', 'another')}batches:11", "5d1f", "1")
    assert dump.known_by().startswith("1 batches")
    dump.close()


def test_leaks_of_every_family_are_found_in_a_dump_and_taken_away(
    redis: RedisServer, dump: RedisDump, leaks: Leaks
) -> None:
    redis.ask("SET", "stays", "1")
    pieces = list(dump.planted(leaks.octets))
    assert leaks.missed(pieces) == set()
    kinds = {piece.where for piece in pieces if leaks.any_found([piece])}
    assert kinds == {
        *(f"a key of another kind ({kind})" for kind in ("string", "hash", "list", "set", "zset", "stream")),
        "CLIENT LIST",
    }
    assert redis.ask("KEYS", "*") == b"*1\r\n$5\r\nstays\r\n"
    assert not leaks.any_found(list(dump.read()))


def test_what_was_written_and_is_gone_or_was_only_asked_for_is_heard(redis: RedisServer, monitor: RedisMonitor) -> None:
    redis.ask("GET", "nothing")
    assert findings(monitor) == []
    redis.ask("SET", "k", PACKED)
    redis.ask("DEL", "k")
    redis.ask("EVAL", "return redis.call('EXISTS', ARGV[1])", 0, TEXT[::-1])
    assert {finding.form for finding in findings(monitor)} == {"packed in escapes", "reversed"}
    assert {finding.where for finding in findings(monitor)} == {"command 2", "command 4"}
    assert monitor.known_by() == ""
    redis.ask("HSET", f"{TAG}batches:10", "5d1f", "1")
    assert monitor.known_by() == "1 mentions of the service's keys in what Redis was told"


def test_leaks_of_every_family_are_heard_and_do_not_stay(
    redis: RedisServer, monitor: RedisMonitor, leaks: Leaks
) -> None:
    assert leaks.missed(list(monitor.planted(leaks.octets))) == set()
    redis.ask("GET", "nothing")
    assert not leaks.any_found(list(monitor.read()))
    assert [piece.octets.count(b'"GET"') for piece in monitor.read()] == [1]


@pytest.mark.parametrize("kind", ["ipv4", "ipv6", "hex32"])
def test_every_packed_octet_survives_the_monitors_spelling(
    redis: RedisServer, monitor: RedisMonitor, kind: Kind
) -> None:
    """Digests hold octets that MONITOR writes as letters, as digits and as escapes."""
    import hashlib

    mint = Mint(seed=32)
    markers = [mint.mint(kind, "channel") for _ in range(60)]
    for marker in markers:
        redis.ask("EXISTS", hashlib.sha256(marker.text.encode()).digest()[:8])
    found = {finding.marker for finding in Search(markers).search("monitor", monitor.read()).findings}
    assert found == {marker.number for marker in markers}


def test_a_user_who_may_not_look_proves_nothing(redis: RedisServer) -> None:
    redis.ask("ACL", "SETUSER", "auditor", "on", ">secret", "~pb:*", "+@all", "-monitor")
    url = redis.url.replace("redis://", "redis://auditor:secret@")
    with pytest.raises(SinkError, match="may not MONITOR"):
        RedisMonitor(url).open()
    dump = RedisDump(url)
    dump.open()
    redis.ask("SET", "other", "1")
    with pytest.raises(SinkError, match="may not read every key"):
        list(dump.read())
    dump.close()
    with pytest.raises(SinkError, match="lets nobody in") as refused:
        RedisDump(redis.url.replace("redis://", "redis://auditor:wrong@")).open()
    assert "wrong" not in str(refused.value)


def test_a_redis_that_goes_away_is_said() -> None:
    with running(port=free_port()) as server:
        dump, monitor = RedisDump(server.url), RedisMonitor(server.url)
        dump.open()
        monitor.open()
        server.process.kill()
        server.process.wait()
        with pytest.raises(SinkError, match="nobody answers"):
            list(dump.read())
        with pytest.raises(SinkError, match="redis"):
            monitor.read()
        dump.close()
        monitor.close()
    with pytest.raises(SinkError, match="begins with"):
        RedisDump("http://secret@localhost")


def test_each_server_of_a_cluster_is_read(leaks: Leaks) -> None:
    """A Cluster is known by its slots, also before it is ready to be written."""
    options = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
    with running(*options, port=free_port()) as server:
        assert masters(read_url(server.url)) == [("127.0.0.1", server.port)]
        server.ask("CLUSTER", "ADDSLOTS", *range(5))
        assert masters(read_url(f"redis://127.0.0.1:9,127.0.0.1:{server.port}")) == [("127.0.0.1", server.port)]
        dump = RedisDump(server.url)
        dump.open()
        assert "CLIENT LIST" in {piece.where for piece in dump.read()}
        with pytest.raises(SinkError, match="takes no key"):
            list(dump.planted(leaks.octets))
        dump.close()


def test_a_socket_is_audited_like_a_port(leaks: Leaks) -> None:
    with running() as server:
        for sink in (RedisDump(server.url), RedisMonitor(server.url)):
            sink.open()
            assert leaks.missed(list(sink.planted(leaks.octets))) == set()
            sink.close()
