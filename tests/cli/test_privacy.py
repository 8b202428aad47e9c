"""`passerby privacy report`: the record of an audit, with durations from real Redis servers, good and spoilt."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.adapters.redis_store import embedded
from service.adapters.redis_store.store import RedisStore
from service.app import read_configuration
from service.cli import main
from service.cli.privacy.record import BLANKS
from service.core.groups.counts import KEY_KINDS
from service.core.privacy import PURPOSES
from service.core.signals import SIGNAL_NAMES
from tests.adapters.redis_servers import RedisServer, running

POLICY = read_configuration(environment={}).policy
SECTIONS = [
    "Record of processing: site demo", "1. To be filled in by the operator", "2. The site", "3. Purposes",
    "4. Whose data, and which", "5. Recipients and transfers", f"6. The policy of {POLICY.version}",
    "7. What is kept, and for how long at most", "8. Durations, measured", "9. Settings that bear on this",
    "10. What visitors can do", "11. Measures",
]  # fmt: skip
SOMEBODY = "anna@example.com"
PROMISED = {"counts": 24, "batches": 2, "released": 168, "devices": 24, "prefixes": 24, "salt": 25}


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running() as one:
        yield one


@pytest.fixture
def redis(server: RedisServer) -> RedisServer:
    """A server with nothing in it, for one test at a time."""
    server.ask("FLUSHALL")
    return server


@pytest.fixture(scope="module")
def shipped() -> Result:
    """The record as the shipped configuration has it."""
    return run()


def run(*arguments: str, config: Path | None = None, **environment: str) -> Result:
    before = ["--config", str(config)] if config else []
    return CliRunner().invoke(main, [*before, "privacy", "report", *arguments], env=environment)


def recorded(*arguments: str, **given: Any) -> dict[str, Any]:
    result = run("--json", *arguments, **given)
    assert result.exit_code == 0, result.output
    record: dict[str, Any] = msgspec.json.decode(result.stdout)
    return record


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def tables(text: str) -> list[list[list[str]]]:
    """Rows of cells, as a reader of Markdown understands them."""
    found: list[list[list[str]]] = []
    for token, inside in pairwise(parsed(text)):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            found[-1][-1].append(inside.content)
    return found


def headings(text: str) -> list[str]:
    return [inside.content for token, inside in pairwise(parsed(text)) if token.type == "heading_open"]


def day() -> str:
    return datetime.now(UTC).date().isoformat()


def test_without_a_redis_one_made_up_visit_is_measured_and_that_is_said(shipped: Result) -> None:
    """By default the service has a redis-server of its own, so the command starts one like it."""
    assert (shipped.exit_code, shipped.stderr) == (0, "")
    text = shipped.stdout
    assert headings(text) == SECTIONS
    assert "It did NOT look at a running service" in " ".join(text.split())
    measured = next(rows for rows in tables(text) if rows[0][0] == "keys of")
    assert {row[0]: (row[1], float(row[3]), float(row[4]), row[6]) for row in measured[1:]} == {
        kind: ("1", hours, hours, "yes") for kind, hours in PROMISED.items()
    }
    assert "No findings." in text


def test_the_record_is_whole(shipped: Result) -> None:
    """Every purpose, signal, row of the policy, thing kept and blank stands in it, and in its tables and lists."""
    text, record = shipped.stdout, recorded()
    disclosure = record["disclosure"]
    assert [one["name"] for one in disclosure["purposes"]] == list(PURPOSES)
    assert [one["name"] for one in disclosure["signals"]] == list(SIGNAL_NAMES)
    assert [one["kind"] for one in record["durations"]["kinds"]] == list(KEY_KINDS)
    assert record["to_fill_in"] == dict.fromkeys(BLANKS)
    assert record["measured_on"] == "made_up_visit"
    by_head = {rows[0][0]: [row[0] for row in rows[1:]] for rows in tables(text)}
    regimes = [one["key"] for one in disclosure["regimes"]]
    assert by_head["purpose"] == list(PURPOSES)
    assert by_head["regime"] == by_head["row"] == regimes == [one["regime"] for one in record["reviews"]]
    assert by_head["what"] == [one["what"] for one in disclosure["retention"]]
    assert by_head["setting"] == list(record["settings"])
    words = " ".join(text.replace("\\", "").split())
    for meaning in (one["meaning"] for part in ("purposes", "signals", "retention") for one in disclosure[part]):
        assert " ".join(meaning.split()) in words
    for law in (law for one in record["reviews"] for law in one["law"]):
        assert law in words
    shown = [regime.reading.status_shown for regime in POLICY.regimes.values() if regime.reading.status_shown]
    assert re.findall(r"An honoured signal has to be shown in: ([^.]+)\.", words) == [", ".join(one) for one in shown]
    assert [one["status_shown"] for one in record["reviews"] if one["status_shown"]] == [[*one] for one in shown] != []
    version = CliRunner().invoke(main, ["--version"]).stdout.strip().removeprefix("passerby ")
    assert record["software_version"] == version
    assert f"`passerby privacy report` of version {version} from" in words
    for name in BLANKS:
        assert f"- {name.replace('_', ' ')}: ____" in text


def test_tables_are_tables_and_lines_short(shipped: Result) -> None:
    """For whoever reads it in a terminal: every row has its cells, and text is wrapped."""
    text = shipped.stdout
    assert len(tables(text)) == 8
    assert all(len({len(row) for row in rows}) == 1 for rows in tables(text))
    assert all(len(line) <= 100 for line in text.splitlines() if not line.startswith("|"))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_what_an_operator_wrote_stays_text(config_copy: Callable[[], Path]) -> None:
    """However a law is called: it opens no tag, no list and no cell."""
    config = config_copy()
    regimes = config / "regimes.toml"
    law = "Act <b>1</b> | 2 * 3 " + "word " * 17 + "+ 4 - 5 # 6 1. [7](http://x)"
    text = regimes.read_text()
    assert '"ePrivacy 5(3)"' in text
    regimes.write_text(text.replace('"ePrivacy 5(3)"', f'"{law}"').replace("engineering draft, not counsel", "a|b"))
    told = run(config=config).stdout
    assert headings(told) == SECTIONS
    assert len(tables(told)) == 8
    inline = [child for token in parsed(told) for child in token.children or ()]
    assert not {child.type for child in inline} & {"html_inline", "link_open", "em_open", "strong_open", "image"}
    assert any(token.content.startswith("EU (AT") and "1. [7]" in plain(token) for token in parsed(told))


def plain(token: Token) -> str:
    return "".join(child.content or " " for child in token.children or ())


def test_the_deployment_is_measured_where_there_is_one(redis: RedisServer) -> None:
    """By --redis or by the setting: what stands there, compared with what is promised."""
    leave(redis)
    for record in (recorded("--redis", redis.url), recorded(PASSERBY_REDIS_URL=redis.url)):
        assert record["measured_on"] == "deployment"
        kinds = record["durations"]["kinds"]
        assert {one["kind"]: (one["keys"], one["kept_hours"]) for one in kinds} == {
            kind: (1, hours) for kind, hours in PROMISED.items()
        }
        assert record["durations"]["findings"] == []


def leave(redis: RedisServer, interval_s: int = 3600) -> None:
    """What a visit leaves in this Redis, as the command itself makes one."""
    import asyncio
    import time

    from service.adapters.redis_store.ttl_audit import write_one_visit
    from service.core.groups.counts import PrivacyParameters

    asyncio.run(
        write_one_visit(redis.url, "demo", PrivacyParameters(100, 20, 1.0, "on"), interval_s, 168 * 3600, time.time())
    )


def test_findings_end_with_one_and_name_nobody(redis: RedisServer) -> None:
    """A key without an end and a foreign one: told in the record and on stderr, and the record is still whole."""
    leave(redis)
    redis.ask("SET", f"pb:{{demo:{day()}}}:devices:all", SOMEBODY)
    redis.ask("SET", f"pb:{{demo:{day()}}}:visitors:{SOMEBODY}", SOMEBODY, "EX", 60)
    result = run("--redis", redis.url)
    assert result.exit_code == 1
    assert result.stderr == (
        "finding: devices: 1 key without an end\n"
        "finding: 1 key beginning with pb: whose name is none of this service's\n"
    )
    assert headings(result.stdout) == SECTIONS
    measured = next(rows for rows in tables(result.stdout) if rows[0][0] == "keys of")
    assert {row[0]: row[6] for row in measured[1:]} == dict.fromkeys(PROMISED, "yes") | {"devices": "NO"}
    measures = " ".join(result.stdout.partition("## 11.")[2].split())
    assert "NOT all keys of this site in Redis end as they are to. There are 1 without an end." in measures
    assert "have an end" not in measures
    assert SOMEBODY not in result.output
    as_json = run("--redis", redis.url, "--json")
    assert as_json.exit_code == 1
    assert msgspec.json.decode(as_json.stdout)["durations"]["findings"] == [
        {"code": "no_expiry", "kind": "devices", "keys": 1},
        {"code": "outside_grammar", "kind": None, "keys": 1},
    ]
    assert SOMEBODY not in as_json.output


def test_promises_are_those_of_the_settings(redis: RedisServer) -> None:
    """What was written under a longer retention is beyond today's promise; where nothing is counted nothing may be."""
    leave(redis)
    shorter = run("--redis", redis.url, PASSERBY_RETENTION_HOURS="24")
    assert shorter.exit_code == 1
    assert "released: 1 key with a longer life than is promised; one that was written while retention" in shorter.stderr
    assert "1 with a later end than is promised." in " ".join(shorter.stdout.split())
    off = run("--redis", redis.url, PASSERBY_COUNTING="false")
    assert off.exit_code == 1
    assert off.stderr.count("where by the settings there is to be none") == len(KEY_KINDS)


@pytest.mark.parametrize(("ran_minutes", "said"), [(60, ""), (0.25, "60"), (15, "60"), (60, "0.25"), (240, "15")])
def test_a_report_by_other_intervals_than_the_service_has_says_so(
    redis: RedisServer, ran_minutes: float, said: str
) -> None:
    """As in a shell without the service's variables: nothing is measured by what it was not made of."""
    leave(redis, round(ran_minutes * 60))
    environment = {"PASSERBY_RELEASE_MINUTES": said} if said else {}
    result = run("--redis", redis.url, **environment)
    measured = next(rows for rows in tables(result.stdout) if rows[0][0] == "keys of")
    told = {row[0]: (row[3], row[6]) for row in measured[1:]}
    if not said:
        assert (result.exit_code, result.stderr) == (0, "")
        return
    assert result.exit_code == 1
    for kind in ("counts", "batches", "released"):
        assert f"finding: {kind}: 1 key of another release interval than the configured one" in result.stderr
        assert told[kind] == ("-", "NO")
    assert "release_minutes" in result.stderr
    assert "There are 3 of another release interval than the configured one." in " ".join(result.stdout.split())


def test_what_lives_too_long_by_no_setting_has_no_excuse(redis: RedisServer) -> None:
    """A salt and a sketch live as long whatever is configured."""
    end_s = int(datetime.now(UTC).timestamp()) + 4 * 86400
    for kind in ("salt", "devices:all"):
        redis.ask("SET", f"pb:{{demo:{day()}}}:{kind}", "1", "EXAT", end_s)
    said = run("--redis", redis.url).stderr.splitlines()
    assert said == [f"finding: {kind}: 1 key with a longer life than is promised" for kind in ("devices", "salt")]


def test_keys_ends_are_told_of_as_they_were_found(redis: RedisServer, shipped: Result) -> None:
    """Those that are there; none; and where no Redis is looked at nothing is said of keys in one."""
    assert "All 6 keys of this site in Redis have an end." in " ".join(shipped.stdout.split())
    kinds = {one["kind"]: one["text"] for one in recorded("--redis", redis.url)["measures"]}
    assert kinds["expiry"].startswith("Redis holds no key of this site now.")
    off = recorded(PASSERBY_COUNTING="false")
    assert not {"expiry", "no_disk", "redis_link"} & {one["kind"] for one in off["measures"]}
    assert not [one for one in off["disclosure"]["retention"] if one["where"] == "store"]


def test_neither_contents_nor_salts_nor_passwords_are_told(redis: RedisServer) -> None:
    """Not in Markdown, not in JSON, not when the password is wrong."""
    import asyncio
    import time

    leave(redis)
    store = RedisStore(redis.url, k=100, k_prefixes=20, retention_s=3600, timeout_s=2)

    async def salt() -> bytes:
        try:
            return await store.salt("demo", time.time())
        finally:
            await store.close()

    secret = asyncio.run(salt())
    redis.ask("ACL", "SETUSER", "auditor", "on", ">correct-horse", "allkeys", "allcommands")
    url = f"unix://auditor:correct-horse@{redis.socket}"
    for arguments in (("--json",), ()):
        told = run("--redis", url, *arguments)
        assert told.exit_code == 0
        assert not [
            text for text in ("correct-horse", "auditor", str(redis.folder), secret.hex()) if text in told.output
        ]
    wrong = run("--redis", url.replace("correct", "battery"))
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("redis: it does not know this user or password")
    assert wrong.stderr.count("\n") == 1
    assert "battery" not in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--redis", "redis://user:hunter2@127.0.0.1:9/0"), 1, "redis: nothing answers there"),
        (("--redis", "unix:///nowhere/hunter2"), 1, "redis: nothing answers there"),
        (("--redis", "ftp://hunter2"), 2, "--redis: a Redis URL begins with redis://"),
        (("--redis", "redis://user:hunter2@host:port"), 2, "--redis: a port in the Redis URL is no number"),
        (("--site", "hunter2"), 1, "--site: there is no such site; there are demo"),
        (("--output", "/nowhere/record.md"), 1, "--output cannot be written: No such file or directory"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_line(arguments: tuple[str, ...], code: int, said: str) -> None:
    """With the exit codes of every command, and without repeating what may be secret."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "hunter2" not in result.stderr
    assert result.stderr.count("\n") == 1 or code == 2


def test_where_nothing_can_be_measured_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is counted, or counts stay in a process that nobody can look into."""
    off = run(PASSERBY_COUNTING="false")
    assert off.exit_code == 0
    assert "Nothing could be measured: nothing is counted." in off.stdout
    monkeypatch.setattr(embedded, "redis_servers", list)
    alone = run()
    assert alone.exit_code == 0
    assert "Nothing could be measured: counts stay in the service's own process." in alone.stdout
    assert recorded()["durations"] is None


def test_reviews_are_judged_by_date_and_reviewer(config_copy: Callable[[], Path]) -> None:
    """Old ones, those that never were, and those by no counsel; one that is well has no remark."""
    config = config_copy()
    regimes = config / "regimes.toml"
    rows = {row.partition("]")[0]: row for row in re.split(r"(?m)^(?=\[regimes\.)", regimes.read_text())}
    reviewed, reviewer = r"(?m)^reviewed = .*$", r"(?m)^reviewer = .*$"
    rows["[regimes.GB"] = re.sub(reviewed, 'reviewed = "2024-01-01"', rows["[regimes.GB"])
    rows["[regimes.JP"] = re.sub(reviewed, "", re.sub(reviewer, "", rows["[regimes.JP"]))
    rows["[regimes.BR"] = re.sub(reviewer, 'reviewer = "Silva Advogados"', rows["[regimes.BR"])
    regimes.write_text("".join(rows.values()))
    reviews = {one["regime"]: one for one in recorded(config=config)["reviews"]}
    assert reviews["GB"]["remarks"] == ["too_old", "not_counsel"]
    assert (reviews["JP"]["remarks"], reviews["JP"]["age_days"]) == (["never_reviewed", "not_counsel"], None)
    assert (reviews["BR"]["remarks"], reviews["BR"]["reviewer"]) == ([], "Silva Advogados")
    assert reviews["CH"]["remarks"] == ["not_counsel", "low_confidence"]


def test_a_policy_too_old_to_go_by_is_told_with_what_holds_instead(config_copy: Callable[[], Path]) -> None:
    """The rows of its file are reviewed all the same."""
    config = config_copy()
    regimes = config / "regimes.toml"
    regimes.write_text(re.sub(r"(?m)^version = .*$", 'version = "2024-01-01"', regimes.read_text()))
    text, record = run(config=config).stdout, recorded(config=config)
    assert "- age: too old to go by, so ZZ holds everywhere" in text
    assert [one["key"] for one in record["disclosure"]["regimes"]] == ["ZZ"]
    assert len(record["reviews"]) > 1
    assert "EU (AT, BE" in text


def test_it_is_the_same_but_for_the_date_and_what_was_measured(redis: RedisServer) -> None:
    """So that two records can be compared."""
    leave(redis)
    told = [run("--redis", redis.url).stdout for _ in range(2)]
    lasting = {re.sub(r"(?s)^Made on.*?\n\n|## 8.*?## 9", "", text, flags=re.MULTILINE) for text in told}
    assert len(lasting) == 1


def test_it_goes_to_a_file_when_asked_to(tmp_path: Path) -> None:
    """And nothing to stdout."""
    for name, arguments in (("record.md", ()), ("record.json", ("--json",))):
        file = tmp_path / name
        result = run("--output", str(file), *arguments)
        assert (result.exit_code, result.output) == (0, "")
        text = file.read_text()
        assert text.endswith("\n")
        assert ("# Record of processing" in text) != ('"made_at"' in text)


def test_a_childrens_site_says_what_it_keeps(config_copy: Callable[[], Path]) -> None:
    """The record is of one site, and follows its file."""
    config = config_copy()
    site = config / "sites" / "demo.toml"
    site.write_text(site.read_text().replace("child_directed = false", "child_directed = true"))
    record = recorded(config=config)
    assert record["disclosure"]["site"]["purposes"] == ["language", "region", "device"]
    assert "- child-directed: yes" in run(config=config).stdout
