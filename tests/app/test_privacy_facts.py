"""A house tells of itself by the settings, sites and policy that it goes by: when they change, so does what is told."""

import asyncio
import datetime
import gc
import io
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.app import Container, assemble
from service.app import privacy_facts as facts_module
from service.app.privacy_facts import POLICY_WARN_AGE_DAYS, policy_age, store_lifetimes
from service.settings import Settings
from service.settings.policy_file import SALT_HOURS, UNRELEASED_HOURS
from service.telemetry import Telemetry
from service.use_cases.transparency.disclosure import Disclosure
from service.use_cases.transparency.inventory import retention_entries
from service.web import epoch as epoch_module
from service.web.problems import Refusal
from tests.app.test_reloading import SHOP, World
from tests.held import held_by

CHANGED: dict[str, Any] = {
    "edge": "cloudflare",
    "answer_ttl_s": 60,
    "cohort_max_age_s": 60,
    "device_cache_entries": 100,
    "flush_interval_ms": 500,
    "buffer_events_max": 500,
    "release_minutes": 30,
    "retention_hours": 48,
    "k": 200,
    "k_prefixes": 0,
    "epsilon": 0.5,
    "noise": "off",
}
"""Settings that bear on visits, each with another value than its default."""
TOLD_OTHERWISE = {
    "counting": "nothing is counted: `store` is off",
    "redis_url": "`store` says whose it is",
    "regimes_file": "the policy itself is told",
    "sites_dir": "the sites themselves are",
    "default_site": "whose disclosure is told where none is asked for",
    "policy_max_age_days": "the policy's age is told",
}
ABOUT_NO_VISIT = {
    "host", "port", "workers", "admin_host", "admin_port", "config_watch_interval_s", "geo_database",
    "geo_max_age_days", "geo_watch_interval_s", "trusted_proxies", "keys_file", "open_scopes", "secret",
    "header_block_max_bytes", "header_fields_max", "header_read_timeout_s", "body_read_timeout_s", "body_max_bytes",
    "write_timeout_s", "keep_alive_s", "connections_max",
    "batch_body_max_bytes", "batch_items_max", "requests_in_flight_max", "redis_timeout_ms", "redis_max_memory_mb",
}  # fmt: skip
"""Settings that neither keep, use nor tell anything of a visit."""


def with_settings(house: Container, **changed: Any) -> Container:
    settings = msgspec.structs.replace(house.configuration.settings, **changed)
    configuration = msgspec.structs.replace(house.configuration, settings=settings)
    return assemble(configuration, house.telemetry, MemoryStore(k=1, k_prefixes=0, retention_s=3600))


def demo(house: Container) -> Disclosure:
    told = house.current.epoch.sites["demo"].disclosure().response.body
    return msgspec.json.decode(told, type=Disclosure)


def test_every_setting_is_told_or_known_to_be_about_no_visit() -> None:
    """A setting that is added must be put in one of three lists here; if it bears on visits, it must be told."""
    names = {*Settings.__struct_fields__}
    assert names == {*CHANGED} | {*TOLD_OTHERWISE} | ABOUT_NO_VISIT
    assert len(names) == len(CHANGED) + len(TOLD_OTHERWISE) + len(ABOUT_NO_VISIT)


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_setting_shows(house: Container, name: str) -> None:
    """What is told follows each setting that bears on visits."""
    assert getattr(Settings(), name) != CHANGED[name]
    before, after = demo(house), demo(with_settings(house, **{name: CHANGED[name]}))
    assert before != after


def test_the_store_is_the_one_that_counts(house: Container) -> None:
    """In the process here; off where nothing counts."""
    counts = demo(house).counts
    assert counts is not None
    assert counts.store == "process"
    assert demo(assemble(house.configuration, house.telemetry)).counts is None


def test_no_more_texts_of_headers_are_remembered_than_is_told(house: Container) -> None:
    """Whatever visits show: with every cache full, as many texts are held as ``entries_max`` says, and no fewer told of."""
    small = msgspec.structs.replace(house.configuration.settings, device_cache_entries=50)
    small_house = assemble(
        msgspec.structs.replace(house.configuration, settings=small), Telemetry(stream=io.StringIO())
    )
    decisions = small_house.decisions
    for number in range(2100):
        shown = {
            b"user-agent": f"Mozilla/5.0 (X11; qx{number}) Gecko/20100101 Firefox/140.0".encode(),
            b"sec-ch-ua": f'"brand qx{number}";v="1"'.encode(),
            b"accept-language": f"de-x-qx{number}".encode(),
        }
        for site in small_house.current.epoch.sites.values():
            assert not isinstance(decisions.for_request("127.0.0.1", shown, site), Refusal)
    thing = next(it for it in retention_entries(small_house.current.epoch.inputs.facts) if it.what == "header_texts")
    texts = caches_of_texts([decisions, small_house.current])
    held = sum(cache.cache_info().currsize for cache in texts)
    assert held == thing.entries_max
    for _ in small_house.forget_texts():
        pass
    assert [cache.cache_info().currsize for cache in texts] == [0] * len(texts)


def caches_of_texts(start: object) -> list[Any]:
    """The caches that an object leads to and that have what was shown in their keys."""
    return [it for it in held_by(start) if hasattr(it, "cache_info") and any("qx" in text for text in texts_in(it))]


def texts_in(cache: object) -> Iterator[str]:
    for entries in gc.get_referents(cache):
        for key in entries if isinstance(entries, dict) else ():
            yield from (part for part in (key if isinstance(key, tuple) else (key,)) if isinstance(part, str))


def test_the_promises_at_start_are_checked_against_what_the_store_does() -> None:
    """What the policy's file must promise at least, and what sets the expiry of keys, are the same hours."""
    lifetimes = store_lifetimes()
    assert lifetimes.salt_hours == SALT_HOURS
    assert lifetimes.raw_counts_hours == lifetimes.sketches_hours == UNRELEASED_HOURS
    assert lifetimes.batch_ids_hours <= UNRELEASED_HOURS


def test_a_policys_age_is_a_word() -> None:
    """It ages before it is outdated, at the day after each bound."""
    settings = Settings()
    days = (
        POLICY_WARN_AGE_DAYS - 1,
        POLICY_WARN_AGE_DAYS,
        settings.policy_max_age_days,
        settings.policy_max_age_days + 1,
    )
    assert [policy_age(age, settings) for age in days] == ["current", "ageing", "ageing", "outdated"]


@pytest.fixture
def world(config_copy: Callable[[], Any]) -> World:
    return World(config_copy(), {})


def test_sites_and_policy_are_told_as_they_are_taken_in(world: World) -> None:
    """A reload changes what is told: a site, a new site, a row's levels, and its reviewer, whom no decision goes by."""
    policy = world.directory / "regimes.toml"

    async def told(query: str = "") -> Any:
        return (await world.ask("/v1/privacy", query)).json

    async def scene() -> None:
        before = await told()
        assert (await world.ask("/v1/privacy", "site=shop")).status == 404
        world.edit(policy, 'reviewer = "engineering draft, not counsel"', 'reviewer = "Counsel & Daughters"')
        world.edit(world.demo, "child_directed = false", "child_directed = true")
        (world.directory / "sites" / "shop.toml").write_text(SHOP)
        await world.settle()
        after = await told()
        assert {row["reviewer"] for row in before["regimes"]} == {"engineering draft, not counsel"}
        assert {row["reviewer"] for row in after["regimes"]} == {"Counsel & Daughters"}
        assert (before["site"]["child_directed"], after["site"]["child_directed"]) == (False, True)
        assert (await told("site=shop"))["site"]["languages"] == ["fr", "de"]
        world.edit(policy, 'version = "2026-11-30"', 'version = "2026-11-20"')
        (world.directory / "sites" / "shop.toml").unlink()
        await world.settle()
        assert (await told())["policy"]["version"] == "2026-11-20"
        assert (await world.ask("/.well-known/gpc.json")).json == {"gpc": True, "lastUpdate": "2026-11-20"}
        assert (await world.ask("/v1/privacy", "site=shop")).status == 404

    asyncio.run(scene())


def test_a_reload_makes_no_disclosure_until_one_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hundred sites, making them all would hold up visits for 10 ms; each is made once, and never for no site."""
    made: list[str] = []
    disclose = epoch_module.disclose

    def counted(site: Any, *rest: Any) -> Any:
        made.append(site.id)
        return disclose(site, *rest)

    monkeypatch.setattr(epoch_module, "disclose", counted)

    async def scene() -> None:
        await world.settle()
        assert (await world.ask("/v1/privacy")).status == 200
        world.edit(world.directory / "regimes.toml", "revFADP", "revFADP and its ordinance")
        await world.settle()
        assert made == ["demo"]
        for query in ("site=demo", "site=demo", "site=nowhere", ""):
            await world.ask("/v1/privacy", query)
        assert made == ["demo", "demo"]

    asyncio.run(scene())


def test_until_somebody_looked_at_its_date_a_policy_is_told_of_as_it_is_gone_by(
    house: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the day that it becomes too old its rows still hold for an hour at most, and no other regime is claimed."""
    before = house.current.epoch.inputs.policy_age
    monkeypatch.setattr(facts_module, "days_since", lambda _: Settings().policy_max_age_days + 1)
    found = demo(house)
    assert (found.policy.age, len(found.regimes) > 1) == (before, True)


def test_a_reviewer_alone_is_a_change(world: World) -> None:
    """It changes no decision, but what is told is a promise."""

    async def scene() -> None:
        await world.settle()
        world.edit(world.directory / "regimes.toml", "revFADP", "revFADP and its ordinance")
        await world.settle()
        rows = {row["key"]: row for row in (await world.ask("/v1/privacy")).json["regimes"]}
        assert rows["CH"]["law"][0] == "revFADP and its ordinance"
        assert world.log.of("configuration_taken")

    asyncio.run(scene())


def test_a_policy_that_becomes_too_old_is_told_to_be(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it serves: the one row that holds from then on, and pages of cohorts by it."""

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Later":
            return cls(2028, 6, 1, tzinfo=tz)

    async def scene() -> None:
        assert (await world.ask("/v1/privacy")).json["policy"]["age"] in {"current", "ageing"}
        later = SimpleNamespace(datetime=Later, date=datetime.date, UTC=datetime.UTC)
        monkeypatch.setattr(facts_module, "datetime", later)
        epochs = set()
        watching = asyncio.create_task(world.app._watch_policy(0.001))
        for _ in range(20):
            await asyncio.sleep(0.001)
            epochs.add(world.house.current.epoch)
        watching.cancel()
        told = (await world.ask("/v1/privacy")).json
        assert (told["policy"]["age"], [row["key"] for row in told["regimes"]]) == ("outdated", ["ZZ"])
        assert [line["level"] for line in world.log.of("policy_outdated")] == ["warning"], (
            "once, however often it looks"
        )
        assert len(epochs) == 1
        answer = await world.visit("demo", (b"x-forwarded-for", b"195.65.10.7"))
        assert answer.json["privacy"]["regime"] == "ZZ"

    asyncio.run(scene())
