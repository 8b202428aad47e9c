"""Every right in Redis, tried one by one on real servers: what is missing is named, and nothing is left behind."""

import asyncio
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.adapters.redis_store import scripts
from service.adapters.redis_store.keys import KEY_PATTERN, salt_key
from service.adapters.redis_store.rights import PROBE_S, Right, try_rights, user_line
from service.adapters.redis_store.routing import RedisNodes
from service.adapters.redis_store.scripts import RIGHTS, Script
from service.adapters.redis_store.store import RedisStore
from service.adapters.redis_store.url import parse_redis_url
from service.cli import main
from service.cli.console import STORE_FAILURES
from service.core.groups.counts import Batch
from service.core.groups.interval import interval_at
from service.ports import StoreError
from tests.adapters.redis_servers import RedisServer, executables, free_port, running
from tests.documents import DOCUMENTS
from tests.journeys.conftest import left_out

SHIPPED = Path(__file__).resolve().parents[3] / "deploy/redis/redis.conf"
USER = re.findall(r"(?m)^user passerby (.*)$", SHIPPED.read_text())
CLUSTER_ONLY = {"+cluster|slots", "+asking"}
NEEDED = [f"+{acl}" for _, acl, _ in RIGHTS if acl not in {"select", "cluster|slots", "asking"}]
APPLIED_BY = {
    f"+{name}"
    for name in ["evalsha", "time", "hexists", "exists", "hlen", "pfcount", "hincrby", "expireat", "pfadd", "hsetnx"]
}
OF_DEVICES = {"+pfadd", "+pfcount"}
SITES = ("demo", "shop")


@pytest.fixture(scope="module", params=executables(), ids=["bundled", "on_path"][: len(executables())])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with running(executable=request.param) as server:
        yield server


def permit(server: RedisServer, *rules: str, user: str = "counter") -> str:
    """A user with these rules alone; the URL to come in as."""
    server.ask("ACL", "SETUSER", user, "reset", "on", ">secret", *rules)
    if server.port:
        return f"redis://{user}:secret@127.0.0.1:{server.port}"
    return f"unix://{user}:secret@{server.socket}"


def tried(url: str, sites: tuple[str, ...] = SITES) -> dict[str, Right]:
    return {right.acl: right for right in asyncio.run(try_rights(parse_redis_url(url), sites)).rights}


def states(url: str) -> dict[str, str]:
    return {acl: right.state for acl, right in tried(url).items()}


def left_behind(server: RedisServer) -> dict[str, int]:
    """Keys without an end, or with one that is further away than a probe's."""
    return {key: at for key, at in server.expiries().items() if not 0 <= at <= time.time() + PROBE_S + 1}


def check(url: str) -> Result:
    environment = {"PASSERBY_REDIS_URL": url}
    return CliRunner().invoke(main, ["check", "--redis"], env=environment, prog_name="passerby")


def test_the_shipped_user_is_given_what_is_tried_and_nothing_else() -> None:
    """File, probe and scripts agree: a command that a script learns must be given and tried."""
    (line,) = USER
    rules = line.split()
    assert rules[:5] == ["on", ">change-this-password", "resetchannels", "-@all", "~pb:*"]
    assert sorted(rules[5:]) == sorted({*NEEDED, *CLUSTER_ONLY})
    called = {
        command
        for script in vars(scripts).values()
        if isinstance(script, Script)
        for command in re.findall(r"redis\.p?call\('(\w+)'", script.text)
    }
    assert called <= {command for command, _, _ in RIGHTS}


def test_the_line_that_is_told_is_the_shipped_one() -> None:
    """Word for word, since a wheel brings no ``deploy``; another user or database changes only that."""
    (line,) = USER
    for url in ("redis://127.0.0.1", "rediss://:secret@127.0.0.1/0", "redis+sentinel://127.0.0.1/main", "unix:///s"):
        assert user_line(parse_redis_url(url)) == f"user passerby {line}"
    assert user_line(parse_redis_url("redis://counter:secret@127.0.0.1/0")) == f"user counter {line}"
    assert user_line(parse_redis_url("redis://127.0.0.1/3")) == f"user passerby {line} +select"


def test_who_has_the_line_that_is_told_has_every_right(server: RedisServer) -> None:
    """Read by Redis itself, with the password that it names."""
    _, name, *rules = user_line(parse_redis_url("redis://pasted@127.0.0.1")).split()
    url = permit(server, user=name).replace(":secret", ":change-this-password")
    server.ask("ACL", "SETUSER", name, "reset", *rules)
    assert {state for acl, state in states(url).items() if acl != "+select"} == {"ok"}


def test_who_has_every_right_is_told_so(server: RedisServer) -> None:
    """The whole, and the same without what only a Cluster or another database needs."""
    everything = states(permit(server, "~pb:*", *NEEDED, *CLUSTER_ONLY, "+select"))
    assert set(everything.values()) == {"ok"}
    enough = states(permit(server, "~pb:*", *NEEDED))
    assert {acl for acl, state in enough.items() if state != "ok"} == {*CLUSTER_ONLY, "+select"}
    assert {state for state in enough.values() if state != "ok"} == {"not_needed"}
    assert "scripts" in enough
    assert left_behind(server) == {}


@pytest.mark.parametrize("missing", NEEDED)
def test_a_right_that_is_missing_is_named_alone(server: RedisServer, missing: str) -> None:
    """By the probe, and by the command with the line that gives it, and exit code 1."""
    url = permit(server, "~pb:*", *[right for right in NEEDED if right != missing])
    found = states(url)
    assert found[missing] == "missing"
    # Without EVAL keys cannot be tried, and without any end for what it leaves nothing is written.
    assert {acl for acl, state in found.items() if state == "untried"} <= {"~pb:*"}
    assert [acl for acl, state in found.items() if state == "missing"] == [missing]
    assert left_behind(server) == {}
    result = check(url)
    assert result.exit_code == 1
    assert f"{missing}\tMISSING (" in result.stdout
    assert f"redis_url: {missing} is missing: ACL SETUSER counter {missing}\n" in result.stderr
    (whole,) = USER
    assert f"redis.conf: user counter {whole}\n" in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("patterns", "good"),
    [
        (["~pb:*"], True),
        (["~*"], True),
        (["~pb:{demo:*", "~pb:{shop:*"], True),
        (["~pb:{demo:*"], False),
        (["~pb:{shop:*"], False),
        (["~other:*"], False),
        ([], False),
        (["~pb:*:counts:*"], False),
        (["~pb:*:counts:*", "~pb:*:batches:*", "~pb:*:released:*", "~pb:*:salt"], False),
        (["~pb:*:counts:*", "~pb:*:batches:*", "~pb:*:released:*", "~pb:*:salt", "~pb:*:devices:*", "~pb:*:prefixes:*"], True),
    ],
)  # fmt: skip
def test_keys_are_tried_of_every_site_and_kind(server: RedisServer, patterns: list[str], good: bool) -> None:
    """A pattern that leaves one out is missing one."""
    found = states(permit(server, *patterns, *NEEDED))
    assert found["~pb:*"] == ("ok" if good else "missing")
    assert {found[right] for right in NEEDED} == {"ok"}
    assert left_behind(server) == {}


def release(executable: str) -> int:
    """The 7 of Redis 7.0.15."""
    told = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    return int(told.partition("v=")[2].partition(".")[0])


@pytest.mark.parametrize("rules", ["%R~pb:*", "%W~pb:*"])
def test_keys_that_may_only_be_read_or_written_are_missing(rules: str) -> None:
    """As Redis can have it from 7 on."""
    able = [executable for executable in executables() if release(executable) >= 7]
    if not able:
        left_out("this test needs a redis-server of 7 or later: apt-get install redis-server")
    for executable in able:
        with running(executable=executable) as server:
            assert states(permit(server, rules, *NEEDED))["~pb:*"] == "missing"


@given(st.sets(st.sampled_from(NEEDED)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_missing_is_named_and_nothing_stays(server: RedisServer, missing: set[str]) -> None:
    """Any set of rights: none that is missing is called there, none that is there is called missing."""
    found = states(permit(server, "~pb:*", *[right for right in NEEDED if right not in missing]))
    for right in NEEDED:
        assert found[right] in ({"missing", "untried"} if right in missing else {"ok", "untried"})
    assert {acl for acl, state in found.items() if state == "missing"} & {*NEEDED} or not missing
    assert left_behind(server) == {}


@pytest.mark.parametrize("missing", [right for right in NEEDED if right not in {"+info", "+eval"}])
def test_a_batch_that_was_not_permitted_counts_when_it_is(server: RedisServer, missing: str) -> None:
    """Whatever command of it was missing: it is refused every time, nothing has no end, and in the end it counts once.

    One before it, of no devices, needs less, and tells nothing of the rest.
    """
    server.ask("FLUSHALL")
    server.ask("SCRIPT", "FLUSH")
    rules = ["~pb:*", *[right for right in NEEDED if right != missing]]
    url = permit(server, *rules)
    now = time.time()
    interval = interval_at(now, 3600)
    bare = Batch(b"a" * 16, interval, "demo", {"all|visit": 2}, {}, {}, 1)
    batch = Batch(b"b" * 16, interval, "demo", {"all|visit": 7, "tv|visit": 1}, {"all": b"x" * 8}, {}, 1)

    async def scenario() -> None:
        store = RedisStore(url, k=25, k_prefixes=5, retention_s=3600, timeout_s=2)
        if missing in APPLIED_BY - OF_DEVICES:
            with pytest.raises(StoreError, match=r"^permission$"):
                await store.apply(bare, now)
        else:
            assert (await store.apply(bare, now)).outcome == "applied"
        for _ in range(3):
            if missing not in APPLIED_BY:
                await store.apply(batch, now)
                continue
            with pytest.raises(StoreError, match=r"^permission$") as caught:
                await store.apply(batch, now)
            assert caught.value.not_permitted == missing.removeprefix("+").upper()
        if missing in APPLIED_BY:
            server.ask("ACL", "SETUSER", "counter", missing)
            assert (await store.apply(batch, now)).outcome == "applied"
        assert (await store.apply(batch, now)).outcome == "duplicate"
        server.ask("ACL", "SETUSER", "counter", *NEEDED)
        await store.apply(bare, now)
        assert await store.counts("demo", interval) == {"all|visit": 9, "tv|visit": 1}
        assert [size.devices for size in await store.sizes("demo", interval.day, ["all"])] == [1]
        await store.close()

    asyncio.run(scenario())
    assert -1 not in server.expiries().values()
    server.ask("FLUSHALL")


def test_what_one_server_of_a_cluster_permits_tells_nothing_of_another(redis_cluster: list[RedisServer]) -> None:
    """A batch that another refuses there is counted whole once it is permitted."""
    rules = ("~pb:*", *NEEDED, *CLUSTER_ONLY)
    urls = [permit(node, *rules) for node in redis_cluster]
    permit(redis_cluster[1], *[rule for rule in rules if rule != "+pfadd"])
    now = time.time()
    interval = interval_at(now, 3600)

    async def scenario() -> None:
        nodes = RedisNodes(parse_redis_url(urls[0]), 2)
        sites = {(await nodes.master_of(salt_key(f"s{n}", interval.day)))[1]: f"s{n}" for n in range(200)}
        await nodes.close()
        store = RedisStore(urls[0], k=25, k_prefixes=5, retention_s=3600, timeout_s=2)
        good, bad = (
            Batch(b"b" * 16, interval, sites[node.port], {"all|visit": 7}, {"all": b"x" * 8}, {}, 1)
            for node in redis_cluster[:2]
        )
        assert (await store.apply(good, now)).outcome == "applied"
        for _ in range(2):
            with pytest.raises(StoreError, match=r"^permission$"):
                await store.apply(bad, now)
        permit(redis_cluster[1], *rules)
        assert (await store.apply(bad, now)).outcome == "applied"
        assert [size.devices for size in await store.sizes(bad.site, interval.day, ["all"])] == [1]
        await store.close()

    asyncio.run(scenario())
    for node in redis_cluster:
        node.ask("FLUSHALL")


def test_an_interval_that_cannot_end_is_not_claimed(server: RedisServer) -> None:
    """No claim stays for ever where a worker may write, but not set an end."""
    url = permit(server, "~pb:*", *[right for right in NEEDED if right != "+expire"])

    async def scenario() -> None:
        store = RedisStore(url, k=25, k_prefixes=5, retention_s=3600, timeout_s=2)
        with pytest.raises(StoreError, match=r"^permission$") as caught:
            await store.claim("demo", interval_at(time.time(), 3600).before())
        assert caught.value.not_permitted == "EXPIRE"
        await store.close()

    asyncio.run(scenario())
    assert server.expiries() == {}


def test_counts_that_are_there_are_not_met(server: RedisServer) -> None:
    """Keys of a probe are in the grammar, of a day that no visit has; what is counted stays as it is."""
    url = permit(server, "~pb:*", *NEEDED)
    now = time.time()
    batch = Batch(b"b" * 16, interval_at(now, 3600), "demo", {"all|visit": 7}, {"all": b"x" * 8}, {}, 1)

    async def scenario() -> None:
        store = RedisStore(url, k=25, k_prefixes=5, retention_s=3600, timeout_s=2)
        await store.apply(batch, now)
        before = server.expiries()
        await asyncio.gather(*(try_rights(parse_redis_url(url), SITES) for _ in range(3)))
        after = server.expiries()
        assert {key: after[key] for key in before} == before
        assert await store.counts("demo", batch.interval) == {"all|visit": 7}
        for key in after.keys() - before.keys():
            assert KEY_PATTERN.fullmatch(key)
            assert re.search(r":0\d{3}-", key)
        await store.close()

    asyncio.run(scenario())
    server.ask("FLUSHALL")


def test_a_cluster_is_tried_server_by_server(redis_cluster: list[RedisServer]) -> None:
    """Each has users of its own: the one that lacks a right is named, and there the Cluster's rights are needed."""
    rules = ("~pb:*", *NEEDED, *CLUSTER_ONLY)
    urls = [permit(node, *rules) for node in redis_cluster]
    assert set(states(urls[0]).values()) == {"ok", "not_needed"}
    permit(redis_cluster[1], *[rule for rule in rules if rule != "+pfadd"])
    found = tried(urls[0])
    assert (found["+pfadd"].state, found["+pfadd"].where) == ("missing", f"127.0.0.1:{redis_cluster[1].port}")
    assert (
        f"+pfadd is missing at 127.0.0.1:{redis_cluster[1].port}: ACL SETUSER counter +pfadd" in check(urls[0]).stderr
    )
    permit(redis_cluster[1], *rules)
    permit(redis_cluster[0], *[rule for rule in rules if rule not in CLUSTER_ONLY])
    assert {acl for acl, state in states(urls[0]).items() if state == "missing"} == CLUSTER_ONLY
    assert all(left_behind(node) == {} for node in redis_cluster)
    permit(redis_cluster[0], *rules)


def test_servers_that_are_not_tried_are_told_of(
    redis_cluster: list[RedisServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Cluster with more servers than are tried; the rights of the others say nothing of them."""
    rules = ("~pb:*", *NEEDED, *CLUSTER_ONLY)
    url, *_ = [permit(node, *rules) for node in redis_cluster]
    whole = asyncio.run(try_rights(parse_redis_url(url), SITES))
    assert (whole.servers, whole.servers_left_out) == (3, 0)
    assert "were not tried" not in check(url).stderr
    one_alone = partial(try_rights, masters_max=1)
    part = asyncio.run(one_alone(parse_redis_url(url), SITES))
    assert (part.servers, part.servers_left_out) == (1, 2)
    monkeypatch.setattr("service.adapters.redis_store.rights.try_rights", one_alone)
    result = check(url)
    assert result.exit_code == 0
    assert "warning: redis_url: 2 of the Cluster's 3 servers were not tried, as no more than 1 are" in result.stderr


def test_the_master_that_sentinels_name_is_tried() -> None:
    """And a sentinel that may not say who it is gets a line of its own."""
    master_port, port = free_port(), free_port()
    with running(port=master_port) as master, running(port=port, sentinel=True) as sentinel:
        sentinel.ask("SENTINEL", "MONITOR", "counts", "127.0.0.1", master_port, 1)
        permit(master, "~pb:*", *[right for right in NEEDED if right != "+hscan"])
        url = f"redis+sentinel://counter:secret@127.0.0.1:{port}/counts"
        result = check(url)
        assert "redis_url: +hscan is missing: ACL SETUSER counter +hscan\n" in result.stderr
        sentinel.ask("ACL", "SETUSER", "looker", "on", ">secret", "+ping")
        result = check(f"{url}?sentinel_username=looker&sentinel_password=secret")
        assert result.exit_code == 1
        assert "ACL SETUSER looker +sentinel|get-master-addr-by-name" in result.stderr


def test_another_database_needs_select(server: RedisServer) -> None:
    """Nothing can be tried there without; the line says so."""
    result = check(permit(server, "~pb:*", *NEEDED) + ("/3" if server.port else "?db=3"))
    assert result.exit_code == 1
    assert (
        "redis_url: +select is missing, without which nothing can be tried: ACL SETUSER counter +select"
        in result.stderr
    )
    assert check(permit(server, "~pb:*", *NEEDED, "+select") + "?db=3").exit_code == 0


def test_a_command_that_was_renamed_is_missing() -> None:
    """As hosts of Redis do it."""
    with running("--rename-command", "HSCAN", "") as server:
        assert states(permit(server, "~pb:*", *NEEDED))["+hscan"] == "missing"


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda server: server.ask("CONFIG", "SET", "maxmemory", "1"), "out_of_memory"),
        (lambda server: server.ask("REPLICAOF", "127.0.0.1", 1), "read_only"),
        (lambda server: server.ask("ACL", "SETUSER", "default", ">secret", "resetpass", ">other"), "authentication"),
        (lambda server: server.stop(), "connection"),
    ],
)
def test_what_is_no_question_of_rights_is_said_in_words(spoil: Callable[[RedisServer], object], kind: str) -> None:
    """And nothing of the URL."""
    with running(port=free_port()) as server:
        url = f"redis://:secret@127.0.0.1:{server.port}" if kind == "authentication" else server.url
        spoil(server)
        with pytest.raises(StoreError, match=f"^{kind}$"):
            tried(url)
        result = check(url)
        assert result.exit_code == 1
        assert f"redis_url: {STORE_FAILURES[kind]}" in result.stderr
        assert "secret" not in result.output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://redis.example:6379", ["the link is not encrypted", "has no password"]),
        ("redis://:secret@redis.example:6379", ["the link is not encrypted"]),
        ("rediss://:secret@redis.example:6379", []),
        ("redis://:secret@127.0.0.1:6379", []),
        ("redis://127.0.0.1:6379", ["has no password"]),
        ("unix:///run/redis.sock", []),
        ("redis+sentinel://:secret@127.0.0.1/main", ["the link is not encrypted"]),  # whose master is anywhere
    ],
)
def test_a_link_that_others_may_read_or_use_is_a_warning(url: str, said: list[str]) -> None:
    """Also without --redis: the salt of the day goes over it."""
    environment = {"PASSERBY_REDIS_URL": url}
    result = CliRunner().invoke(main, ["check"], env=environment, prog_name="passerby")
    assert result.exit_code == 0
    found = re.findall(r"warning: redis_url: (.*)", result.stderr)
    assert len(found) == len(said)
    assert all(text.startswith(begins) for text, begins in zip(found, said, strict=True))
    assert "secret" not in result.output


def test_without_a_redis_of_ones_own_there_is_nothing_to_try() -> None:
    """The service's own needs no rights."""
    result = check("")
    assert result.exit_code == 0
    assert "redis\tredis_url is not set: the service starts a redis-server of its own" in result.stdout


def test_the_documents_have_the_same_line() -> None:
    """For whoever has a Redis already and only wants a user in it."""
    (line,) = [line for line in SHIPPED.read_text().splitlines() if line.startswith("user passerby on ")]
    assert f"\n{line}\n" in DOCUMENTS["service/docs/counting.md"]
