"""The configuration taken in anew while serving: whole or not at all, said either way, and nothing kept of the old."""

import asyncio
import gc
import json
import os
import signal
import threading
import time
import weakref
from collections.abc import Callable
from itertools import permutations, product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.app import Application, assemble, read_configuration
from service.app import reloading as reloading_module
from service.app.reloading import Reloading
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.sites import Site, SiteRules
from service.telemetry import Telemetry
from service.web.epoch import PARTS_MAX, ServedSite
from service.web.wire.messages import Response
from tests.conftest import KnownPlaces
from tests.doors import request

JSON = (b"content-type", b"application/json")
SHOP = 'id = "shop"\nlanguages = ["fr", "de"]\ndefault_language = "fr"\n'
SWISS = (b"x-forwarded-for", b"195.65.10.7")


class Log:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, text: str) -> None:
        self.lines.append(json.loads(text))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


class World:
    """A configuration of its own and the application that serves by it."""

    def __init__(self, directory: Path, environment: dict[str, str], **given: float) -> None:
        self.directory = directory
        self.log = Log()
        configuration = read_configuration(directory, environment)
        settings = configuration.settings
        store = MemoryStore(k=settings.k, k_prefixes=settings.k_prefixes, retention_s=3600)
        house = assemble(configuration, Telemetry(stream=self.log), store)
        places: Any = KnownPlaces()
        house.decisions.intake.geo = places
        self.house = msgspec.structs.replace(house, geo=places)
        self.app = Application(self.house, **given)
        self.reloading = self.app.reloading

    @property
    def demo(self) -> Path:
        return self.directory / "sites" / "demo.toml"

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    async def settle(self) -> None:
        """The two looks that it takes."""
        await self.reloading.refresh()
        await self.reloading.refresh()

    async def ask(self, path: str, query: str = "", *headers: tuple[bytes, bytes], body: Any = None) -> "Answered":
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

        scope = {
            "type": "http", "method": "GET" if body is None else "POST", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "client": ("127.0.0.1", 1), "headers": [*headers] + ([JSON] if body else []),
        }  # fmt: skip
        await self.app(scope, receive, send)
        return Answered(sent)

    async def visit(self, site: str = "demo", *headers: tuple[bytes, bytes]) -> "Answered":
        return await self.ask("/v1/recommendation", f"site={site}", *headers)

    async def preflight(self, origin: bytes) -> dict[bytes, bytes]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "OPTIONS", "path": "/v1/recommendation", "query_string": b"",
            "headers": [(b"origin", origin)],
        }  # fmt: skip
        await self.app(scope, None, send)  # type: ignore[arg-type]
        return dict(sent[0]["headers"])


class Answered:
    def __init__(self, sent: list[Any]) -> None:
        self.status = sent[0]["status"]
        self.headers = dict(sent[0]["headers"])
        body = b"".join(message.get("body", b"") for message in sent[1:])
        self.json = json.loads(body) if body else None


async def until(true: Callable[[], bool], within_s: float = 5) -> None:
    """Wait for something that another task does, for five seconds at most."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  # what is waited for has no event of its own
            await asyncio.sleep(0.001)


@pytest.fixture
def world(config_copy: Callable[[], Path]) -> World:
    return World(config_copy(), {})


def test_a_changed_site_shows_in_the_next_answer(world: World) -> None:
    """Language, slots and the header of what a visit showed before; a site that is as it was keeps what it remembers."""

    async def scene() -> None:
        (world.directory / "sites" / "shop.toml").write_text(SHOP)
        await world.settle()
        before = await world.visit()
        kept = world.house.current.epoch.sites["shop"]
        world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
        world.edit(world.demo, '["spring", "app", "outlet"]', '["outlet", "spring"]')
        await world.settle()
        after = await world.visit()
        assert [one.json["language"]["tag"] for one in (before, after)] == ["en", "ja"]
        assert [one.headers[b"pb-language"] for one in (before, after)] == [b"en", b"ja"]
        assert after.json["slots"]["front"]["options"] == ["outlet", "spring"]
        now = world.house.current.epoch.sites["shop"]
        assert now.rules is kept.rules
        assert now.tables is kept.tables

    asyncio.run(scene())


def test_an_experiment_that_is_stopped_is_so_in_the_next_answer(world: World) -> None:
    """And PB-Variants, which is the next cookie, has it no more; a draft is not told of at all."""
    device = {"signals": {"device": {"id": "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"}, "geo": {"country": "US"}}}

    async def scene() -> None:
        seen = []
        for status in ("running", "stopped", "draft", "running"):
            text = world.demo.read_text()
            was = next(word for word in ("running", "stopped", "draft") if f'status = "{word}"' in text)
            world.edit(world.demo, f'status = "{was}"', f'status = "{status}"')
            await world.settle()
            answer = await world.ask("/v1/recommendation", body=device)
            hero = answer.json["experiments"].get("hero")
            seen.append((hero and hero["reason"], answer.headers[b"pb-variants"].startswith(b"hero.")))
        assert seen == [("split", True), ("stopped", False), (None, False), ("split", True)]

    asyncio.run(scene())


def test_a_new_site_is_answered_counted_and_learned_and_a_removed_one_is_not(world: World) -> None:
    """What was counted of a site that goes is handed over, and after that nothing is done for it."""

    async def scene() -> None:
        counting = world.house.counting
        assert counting is not None
        assert (await world.visit("shop")).status == 404
        (world.directory / "sites" / "shop.toml").write_text(SHOP)
        await world.settle()
        assert (await world.visit("shop", SWISS)).json["language"]["tag"] == "de"
        assert "shop" in counting.buffer.unsalted
        assert counting.release_loop.released_at("shop") is None
        assert not counting.state().overdue
        (world.directory / "sites" / "shop.toml").unlink()
        await world.settle()
        gone = await world.visit("shop")
        assert (gone.status, gone.json["type"]) == (404, "/problems/unknown-site")
        assert "shop" in counting.buffer.sites()
        await counting.flush.flush_once()
        assert (counting.flush.applied, counting.buffer.sites()) == (1, [])
        await counting.flush.flush_once()
        await counting.release_loop.step()
        assert "shop" not in counting.buffer.unsalted | {*counting.buffer._distinct} | {
            *counting.release_loop._releases
        }

    asyncio.run(scene())


def test_a_bad_file_changes_nothing_and_every_mistake_is_said_once(world: World) -> None:
    """The old configuration stays whole, also where only one file of several is bad, until all are good."""

    async def scene() -> None:
        (world.directory / "sites" / "shop.toml").write_text(SHOP)
        world.edit(world.demo, 'default_language = "en"', 'default_language = "xx"')
        world.edit(world.demo, 'status = "running"', 'status = "begun"')
        world.edit(world.directory / "regimes.toml", "version = ", "versoin = ")
        for _ in range(4):
            await world.settle()
        (refusal,) = world.log.of("configuration_refused")
        assert refusal["level"] == "warning"
        told = "\n".join(refusal["mistakes"])
        assert all(word in told for word in ("demo.toml: experiments.hero.status", "regimes.toml: versoin", "version"))
        assert (await world.visit()).json["language"]["tag"] == "en"
        assert (await world.visit("shop")).status == 404
        ready = (await world.ask("/readyz")).json
        assert (ready["status"], ready["configuration"]) == ("degraded", {"refused": 1, "restart_needed": False})
        assert b"passerby_configuration_refused 1.0" in world.house.telemetry.exposition()[0]
        world.edit(world.directory / "regimes.toml", "versoin = ", "version = ")
        await world.settle()
        assert world.reloading.refused == 2
        world.edit(world.demo, 'default_language = "xx"', 'default_language = "ja"')
        world.edit(world.demo, 'status = "begun"', 'status = "stopped"')
        await world.settle()
        assert (await world.visit()).json["language"]["tag"] == "ja"
        assert (await world.visit("shop")).status == 200
        assert (await world.ask("/readyz")).json["status"] == "ready"
        (taken,) = world.log.of("configuration_taken")
        assert (taken["sites"], taken["policy_version"]) == (["demo", "shop"], "2026-11-30")

    asyncio.run(scene())


@pytest.mark.parametrize("name", [".#demo.toml", "._demo.toml", ".demo.toml", ".demo.toml.swp", "demo.toml~"])
def test_what_an_editor_leaves_beside_a_site_is_nobodys_news(world: World, name: str) -> None:
    """While it edits: neither refused nor taken, also where somebody asks; and what was written in the end is."""

    async def scene() -> None:
        path = world.directory / "sites" / name
        path.write_bytes(b"\x00 half = [")
        await world.settle()
        world.reloading.ask()
        await world.settle()
        path.unlink()
        path.symlink_to("anna@host.4711:1795000000")
        await world.settle()
        assert (world.reloading.refused, len(world.log.of("configuration_refused"))) == (0, 0)
        content = world.demo.read_bytes().replace(b'default_language = "en"', b'default_language = "ja"')
        world.demo.write_bytes(b"\xef\xbb\xbf" + content)
        await world.settle()
        assert (await world.visit()).json["language"]["tag"] == "ja"

    asyncio.run(scene())


def test_back_to_what_is_in_force_is_said_too(world: World) -> None:
    """Whoever takes a bad edit back sees that all is well; an edit of a comment is nobody's news."""

    async def scene() -> None:
        world.edit(world.demo, "de-CH", "de-ch")
        await world.settle()
        world.edit(world.demo, "de-ch", "de-CH")
        await world.settle()
        assert (world.reloading.refused, len(world.log.of("configuration_taken"))) == (0, 1)
        world.demo.write_text(world.demo.read_text() + "# a word\n")
        await world.settle()
        assert len(world.log.of("configuration_taken")) == 1

    asyncio.run(scene())


def test_what_a_site_declares_harmless_is_taken_up(world: World) -> None:
    """From then on a context may have it; and no longer, once it is declared no more."""
    body = json.dumps({"context": {"country": "CH", "plan": "pro"}}).encode()
    declared = 'context_ignored = ["plan", "appVersion"]'

    def status() -> int:
        told = world.app.dispatcher.respond(request("POST", "/ofrep/v1/evaluate/flags", [JSON], body))
        assert isinstance(told, Response)
        return told.status

    async def scene() -> None:
        assert status() == 400
        world.edit(world.demo, f"# {declared}", declared)
        await world.settle()
        assert status() == 200
        world.edit(world.demo, declared, 'context_ignored = ["plan", "email"]')
        await world.settle()
        assert (status(), world.reloading.refused) == (200, 1)  # a bad list is refused, and the old one kept
        world.edit(world.demo, 'context_ignored = ["plan", "email"]', f"# {declared}")
        await world.settle()
        assert status() == 400

    asyncio.run(scene())


def test_a_mistake_of_ours_keeps_the_old_and_is_said_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks while new rules are made, visits and later changes go on."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def scene() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(reloading_module, "compile_sites", broken)
            world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
            for _ in range(3):
                await world.settle()
        assert [line["error"] for line in world.log.of("internal_error")] == ["ZeroDivisionError"]
        assert (await world.visit()).json["language"]["tag"] == "en"
        assert (await world.ask("/readyz")).json["status"] == "degraded"
        world.reloading.ask()
        await world.reloading.refresh()
        assert (await world.visit()).json["language"]["tag"] == "ja"
        assert world.reloading.refused == 0

    asyncio.run(scene())


def test_what_is_being_written_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change is read at the second look that finds it the same, and not judged where it changes while it is read."""
    reads = []
    read = reloading_module.read_again

    def slow(*given: Any) -> Any:
        reads.append(1)
        if len(reads) == 1:
            world.edit(world.demo, 'default_language = "de"', 'default_language = "ja"')
        return read(*given)

    monkeypatch.setattr(reloading_module, "read_again", slow)

    async def scene() -> None:
        for language in ("fr", "it", "de"):
            now = next(tag for tag in ("en", "fr", "it") if f'default_language = "{tag}"' in world.demo.read_text())
            world.edit(world.demo, f'default_language = "{now}"', f'default_language = "{language}"')
            await world.reloading.refresh()
        assert not reads
        await world.reloading.refresh()
        assert (len(reads), (await world.visit()).json["language"]["tag"]) == (1, "en")
        await world.settle()
        assert (len(reads), (await world.visit()).json["language"]["tag"]) == (2, "ja")
        await world.settle()
        assert len(reads) == 2

    asyncio.run(scene())


def test_what_is_no_regular_file_is_refused_and_nobody_waits_for_it(world: World) -> None:
    """A FIFO has no end until somebody writes to it."""
    pipe = world.directory / "sites" / "x.toml"

    async def scene() -> None:
        os.mkfifo(pipe)
        await asyncio.wait_for(world.settle(), 5)
        (refusal,) = world.log.of("configuration_refused")
        assert refusal["mistakes"] == [f"sites/x.toml: {pipe} cannot be read: not a regular file"]
        pipe.unlink()
        world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
        await world.settle()
        assert (await world.visit()).json["language"]["tag"] == "ja"
        assert world.reloading.refused == 0

    asyncio.run(scene())


def test_a_look_that_does_not_come_back_is_said_once_and_others_follow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in another thread, and of those there are only so many; what is read when it is too late changes nothing."""
    read, answers, reads = reloading_module.read_again, threading.Event(), []

    def hung(*given: Any) -> Any:
        reads.append(threading.current_thread())
        answers.wait(30)
        return read(*given)

    reloading = Reloading(world.house, look_max_s=0.001)

    async def scene() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(reloading_module, "read_again", hung)
            world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
            reloading.ask()
            for _ in range(reloading_module._LATE_MAX + 3):
                await reloading.refresh()
            await until(lambda: len(reads) >= reloading_module._LATE_MAX)
            (refusal,) = world.log.of("configuration_refused")
            assert refusal["mistakes"][0].startswith(f"{world.directory}: reading it takes longer than 0.001 s")
            assert reloading.state.refused == 1
            assert len(set(reads)) == len(reads) == reloading_module._LATE_MAX
            assert all(thread.daemon for thread in reads)  # the end waits for none of them
        reloading._look_max_s = 10.0
        answers.set()
        for thread in reads:
            thread.join()
        assert (await world.visit()).json["language"]["tag"] == "en"
        await reloading.refresh()
        assert (await world.visit()).json["language"]["tag"] == "ja"
        assert reloading.state.refused == 0
        assert len(world.log.of("configuration_taken")) == 1

    asyncio.run(scene())


def test_who_asks_is_answered_at_once_and_in_every_case(world: World) -> None:
    """The log says that the files were read, though nothing changed; a refusal is said anew."""

    async def scene() -> None:
        watching = asyncio.create_task(world.reloading.watch(3600))
        for number in (1, 2):
            world.reloading.ask()
            await until(lambda at_least=number: len(world.log.of("configuration_taken")) >= at_least)
        world.edit(world.demo, "[slots.front]", "[slots.language]")
        for number in (1, 2):
            world.reloading.ask()
            await until(lambda at_least=number: len(world.log.of("configuration_refused")) >= at_least)
        watching.cancel()
        assert world.reloading.refused == 2

    asyncio.run(scene())


def test_settings_wait_for_a_restart_which_is_said_by_name(world: World) -> None:
    """Never a value, for some are secret; sites are read where they were, and taken."""

    async def scene() -> None:
        other = world.directory / "others"
        other.mkdir()
        (other / "shop.toml").write_text(SHOP)
        (world.directory / "passerby.toml").write_text(
            'sites_dir = "others"\ndefault_site = "shop"\nsecret = ["a-secret-of-16-chars-and-more"]\n'
        )
        world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
        for _ in range(3):
            await world.settle()
        (said,) = world.log.of("settings_need_restart")
        assert said["settings"] == ["default_site", "sites_dir", "secret"]
        assert "a-secret" not in json.dumps(world.log.lines)
        assert (await world.ask("/v1/recommendation")).json["language"]["tag"] == "ja"
        assert (await world.visit("shop")).status == 404
        ready = (await world.ask("/readyz")).json
        assert (ready["status"], ready["configuration"]) == ("ready", {"refused": 0, "restart_needed": True})
        (world.directory / "passerby.toml").write_text("")
        await world.settle()
        assert world.reloading.state.restart_needed is False

    asyncio.run(scene())


def test_settings_that_cannot_be_are_mistakes_like_others(world: World) -> None:
    """Whoever restarts would find no service: better told now."""

    async def scene() -> None:
        (world.directory / "passerby.toml").write_text("prot = 1\n")
        await world.settle()
        assert "port?" in world.log.of("configuration_refused")[0]["mistakes"][0]

    asyncio.run(scene())


def test_a_policy_is_taken_with_its_age(world: World) -> None:
    """Its version stands in the next answer; one that is too old knows no place, and its successor does again."""

    async def scene() -> None:
        policy = world.directory / "regimes.toml"
        seen = []
        for before, version in (("2026-11-30", "2020-01-01"), ("2020-01-01", "2026-11-21")):
            world.edit(policy, before, version)
            await world.settle()
            privacy = (await world.visit("demo", SWISS)).json["privacy"]
            seen.append((privacy["policy_version"], privacy["regime"]))
            ready = (await world.ask("/readyz")).json
            assert ready["policy"]["outdated"] == (version == "2020-01-01")
        assert seen == [("2020-01-01", "ZZ"), ("2026-11-21", "CH")]

    asyncio.run(scene())


def test_origins_are_allowed_and_forbidden_without_a_restart(world: World) -> None:
    """Also from none at all, where no page was ever let ask; and in heads that were remembered."""

    async def scene() -> None:
        seen = []
        for before, after in (("https://shop.example", ""), ('[""]', "[]"), ("[]", '["https://new.example"]')):
            text = world.demo.read_text()
            line = next(line for line in text.splitlines() if line.startswith("cors_origins"))
            world.edit(world.demo, line, line.replace(before, after))
            await world.settle()
            answer = await world.visit("demo", (b"origin", b"https://new.example"))
            allowed = (await world.preflight(b"https://new.example")).get(b"access-control-allow-origin")
            seen.append((answer.headers.get(b"access-control-allow-origin"), allowed, b"vary" in answer.headers))
        assert seen[1:] == [(None, None, False), (b"https://new.example", b"https://new.example", True)]
        assert world.reloading.refused == 0

    asyncio.run(scene())


def test_a_token_of_before_is_good_after(world: World) -> None:
    """The secret is a setting: what was sealed before the change opens after it."""

    async def scene() -> None:
        told = await world.ask("/v1/recommendation", body={"signals": {"geo": {"country": "US"}}})
        opened = world.house.sealer.seal("demo", 0, "all", True, False)
        world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
        await world.settle()
        assert told.status == 200
        assert world.house.sealer.open("demo", opened, 60.0) is not None

    asyncio.run(scene())


def test_a_batch_in_work_is_answered_by_what_it_began_with(config_copy: Callable[[], Path]) -> None:
    """Nobody waits: a change while it is in work shows in what is asked for after that."""
    many = {"requests": [{"signals": {"geo": {"country": "CH"}}}] * 1000}
    single = {"signals": {"geo": {"country": "CH"}}}

    world = World(config_copy(), {}, slice_s=0)  # the loop is given back after each item

    def told(answer: Answered) -> set[tuple[str, str]]:
        return {(one["language"]["tag"], one["privacy"]["policy_version"]) for one in answer.json["recommendations"]}

    async def scene() -> None:
        world.edit(world.demo, '["en", "de", "de-CH", "fr"', '["en", "fr", "de"')
        world.edit(world.directory / "regimes.toml", "2026-11-30", "2026-11-21")
        found: Any = world.reloading._look(is_asked=True, before=None, pending=None).outcome
        begun = world.house.current.epoch.sites["demo"]
        first = asyncio.create_task(world.ask("/v1/recommendations", body=many))
        await until(lambda: begun.answers.remembered > 0)
        await world.reloading._consider(found, is_asked=True)
        second = asyncio.create_task(world.ask("/v1/recommendations", body=many))
        alone = await world.ask("/v1/recommendation", body=single)
        assert not first.done()
        assert alone.json["privacy"]["policy_version"] == "2026-11-21"
        assert told(await first) == {("de-CH", "2026-11-30")}
        assert told(await second) == {("de", "2026-11-21")}

    asyncio.run(scene())


def test_a_stream_is_answered_by_what_is_in_force_when_a_line_comes(world: World) -> None:
    """It may have no end, so it keeps nothing of what it began with."""
    line = json.dumps({"signals": {"geo": {"country": "CH"}}}).encode() + b"\n"
    sent = bytearray()

    async def scene() -> None:
        more = iter([True, False])

        async def receive() -> dict[str, Any]:
            is_first = next(more)
            if not is_first:
                world.edit(world.demo, '["en", "de", "de-CH", "fr"', '["en", "fr", "de"')
                world.edit(world.directory / "regimes.toml", "2026-11-30", "2026-11-21")
                await world.settle()
            return {"type": "http.request", "body": line, "more_body": is_first}

        async def send(message: Any) -> None:
            sent.extend(message.get("body", b""))

        scope = {
            "type": "http", "method": "POST", "path": "/v1/recommendations", "query_string": b"",
            "client": ("127.0.0.1", 1), "headers": [(b"content-type", b"application/x-ndjson")],
        }  # fmt: skip
        await world.app(scope, receive, send)

    asyncio.run(scene())
    answers = [json.loads(answer) for answer in sent.splitlines()]
    told = [(one["language"]["tag"], one["privacy"]["policy_version"]) for one in answers]
    assert told == [("de-CH", "2026-11-30"), ("de", "2026-11-21")]


def test_nothing_of_an_old_configuration_is_kept(world: World) -> None:
    """Fifty changes, each under traffic: of the rules before the last none is left, nor of their remembered answers."""
    many = {"requests": [{"signals": {"geo": {"country": "CH"}, "device": {"accept_language": "fr"}}}] * 3}

    async def scene() -> None:
        old: list[weakref.ref[Any]] = []
        for number in range(50):
            site = world.house.current.epoch.sites["demo"]
            if number:  # the policy of the start is kept by the house
                old += map(weakref.ref, (site.rules.matcher, site.rules.regions, site.policy))
            del site
            for query in ("demo", "demo&format=headers"):
                await world.visit(query, SWISS)
            await world.ask("/v1/recommendations", body=many)
            await world.ask("/v1/cohorts/CH/en/desktop", "site=demo")
            flags = await world.ask("/ofrep/v1/evaluate/flags", body={"context": {"country": "CH"}})
            assert flags.status == 200
            options = ", ".join(f'"o{number}-{index}"' for index in range(3))
            line = next(line for line in world.demo.read_text().splitlines() if line.startswith("options"))
            world.edit(world.demo, line, f"options = [{options}]")
            world.edit(world.demo, "topics = {", "# topics = {") if number == 0 else None
            day = 21 - number % 2
            world.edit(world.directory / "regimes.toml", f"2026-11-{22 if number == 0 else 41 - day}", f"2026-11-{day}")
            await world.settle()
            assert world.reloading.refused == 0
        assert [one() for one in old if one() is not None] == []  # without a collection, which would take its time
        assert rules_held() == 2  # the rules in force, and their site

    def rules_held() -> int:
        return sum(isinstance(one, SiteRules | Site) for one in gc.get_objects())

    gc.freeze()
    gc.disable()
    try:
        asyncio.run(scene())
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.parametrize("change", ["reload", "release", "interval"])
def test_no_change_of_the_world_holds_up_visits(world: World, change: str) -> None:
    """The loop is given back at least every 5 ms of this thread's own time, also where all caches are full."""
    longest_s = 0.0

    async def beat() -> None:
        nonlocal longest_s
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest_s, last = max(longest_s, now - last), now

    async def scene() -> None:
        current = world.house.current
        await fill(world)
        before = current.epoch.sites["demo"]
        assert before.answers.remembered > PARTS_MAX * 7 // 8  # the languages are as many as there may be
        beating = asyncio.create_task(beat())
        if change == "reload":
            world.edit(world.demo, '["en", "de", "de-CH", "fr"', '["en", "fr", "de"')
            await world.settle()
        elif change == "release":
            await current.swap(current.epoch.released("demo", SiteSnapshot(Interval(0, 3600), {}, {}, {})))
        else:
            await current.swap(current.epoch.in_interval(3600))
        await asyncio.sleep(0)  # for the last pause
        beating.cancel()
        after = current.epoch.sites["demo"]
        assert before.answers.remembered == after.answers.remembered == 0
        assert bool(before.pages) == (after.pages is before.pages) == (change == "interval")
        caches: Any = before.rules.matcher.caches
        assert (sum(cache.cache_info().currsize for cache in caches) == 0) == (change == "reload")

    gc.freeze()
    try:
        asyncio.run(scene())
    finally:
        gc.unfreeze()
    assert longest_s < 0.005


def test_no_collection_walks_all_that_a_reload_makes(config_copy: Callable[[], Path]) -> None:
    """It holds up visits in whichever thread it is, and finds nothing there: what is new is in force."""
    world, walked = World(config_copy(), {"PASSERBY_ADMIN_PORT": "0"}), [0]

    def count(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] < 2:
            walked.append(sum(len(gc.get_objects(young)) for young in range(info["generation"] + 1)))

    async def scene() -> None:
        async with world.app._running():
            gc.callbacks.append(count)
            for number in range(200):
                text = world.demo.read_text().replace('id = "demo"', f'id = "s{number}"')
                (world.directory / "sites" / f"s{number}.toml").write_text(text)
            world.reloading.ask()
            await until(lambda: len(world.house.current.epoch.sites) > 200, 60)
            gc.callbacks.remove(count)

    thresholds = gc.get_threshold()
    try:
        asyncio.run(scene())
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    assert len(walked) > 10
    assert max(walked) < 20_000


async def fill(world: World) -> None:
    """Ask for more answers, with their flags, and pages than are remembered."""
    places = sorted(
        code for code in map("".join, product(ascii_uppercase, repeat=2)) if world.house.regions.has_country(code)
    )
    headers = [f"{one},{two};q=0.5" for one, two in permutations(("en", "fr", "de", "it", "es", "ja", "ar"), 2)][:42]
    for place, header in product(places, headers):
        context = {"context": {"country": place, "acceptLanguage": header}}
        body = json.dumps(context).encode()
        told = world.app.dispatcher.respond(request("POST", "/ofrep/v1/evaluate/flags", [JSON], body))
        assert isinstance(told, Response)
        assert told.status == 200
    classes = ("desktop", "smartphone", "tablet", "tv")
    for place, language, class_ in product(places, ("en", "de", "fr", "it", "es"), classes):
        told = world.app.dispatcher.respond(request("GET", f"/v1/cohorts/{place}/{language}/{class_}"))
        assert isinstance(told, Response)
        assert told.status == 200


def test_a_site_that_did_not_change_shares_its_parts(world: World) -> None:
    """With the epoch before, whatever changed: all of them, or those that follow from nothing that did."""

    def shared(before: ServedSite, after: ServedSite) -> set[str]:
        return {name for name in PARTS if getattr(before, name) is getattr(after, name)}

    async def scene() -> None:
        (world.directory / "sites" / "shop.toml").write_text(SHOP)
        await world.settle()
        current, snapshot = world.house.current, SiteSnapshot(Interval(0, 3600), {}, {}, {})
        first = current.epoch
        await current.swap(first.released("demo", snapshot))
        second = current.epoch
        assert second.sites["shop"] is first.sites["shop"]
        assert shared(first.sites["demo"], second.sites["demo"]) == {"tables", "disclosure"}
        await current.swap(second.in_interval(3600))
        third = current.epoch
        assert all(shared(second.sites[key], third.sites[key]) == PARTS - {"answers"} for key in third.sites)
        world.edit(world.demo, 'default_language = "en"', 'default_language = "ja"')
        await world.settle()
        fourth = current.epoch
        assert fourth.sites["shop"] is third.sites["shop"]
        assert shared(third.sites["demo"], fourth.sites["demo"]) == set()
        assert fourth.sites["demo"].snapshot is third.sites["demo"].snapshot
        await current.swap(fourth.aged("outdated"))
        fifth = current.epoch
        assert shared(fourth.sites["demo"], fifth.sites["demo"]) == {"tables"}
        assert fifth.policy.rest_of_world.key == "ZZ"
        assert current.epoch.released("gone", snapshot) is current.epoch

    asyncio.run(scene())


PARTS = {"tables", "answers", "pages", "disclosure"}


def test_a_hangup_asks(world: World) -> None:
    """SIGHUP to the process, while the application runs, and no longer."""

    async def scene() -> None:
        with world.reloading.on_hangup():
            signal.raise_signal(signal.SIGHUP)
            await until(lambda: world.reloading._is_asked)

    asyncio.run(scene())
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
