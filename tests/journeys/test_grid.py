"""The law, over HTTP: every regime, purpose and way to say yes or no, on every route that answers.

What is expected is read from ``config/regimes.toml`` by a few lines of this file alone, which share nothing with the
service. Asserted is not only what an answer says of itself, but what it is: the place, the group, its token, the
learned order, variants, interests, and what was counted.
"""

import contextlib
import html
import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from service.adapters.memory_store import MemoryStore
from service.app import Container, assemble, read_configuration
from service.app.counting import Counting
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.sites import SlotRanking
from service.telemetry import Telemetry
from tests.conftest import CHROME, Discarded
from tests.journeys.wire import Reply, Wire, request, serving

CONFIG = Path(__file__).parents[2] / "config"
PURPOSES = ("language", "region", "device", "cohort", "statistics", "experiments", "interests")
LEVELS = ("allow", "notice", "consent", "deny")
PARTS = ("country", "subdivision")
GPC_ENDS = {"statistics", "experiments", "interests"}
OPT_OUT_ENDS = GPC_ENDS | {"cohort"}
CHILDREN_KEEP = {"language", "region", "device"}

DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
# The site's own order, the one a group has taught, and what somebody fond of outdoor sees first.
OPTIONS, LEARNED, PREFERRED = ("app", "spring", "outlet"), ("outlet", "app", "spring"), "spring"

# A place for every row, for parts of countries whose part is unknown, for countries without a row, and for nowhere.
PLACES = (
    "DE", "FR", "GB", "CH", "US-CA", "US-TX", "US-NY", "US", "BR", "CN", "JP", "KR", "IN", "CA-QC", "CA-ON", "CA",
    "MX", "",
)  # fmt: skip
CONSENTS: tuple[tuple[str, ...], ...] = ((), *((purpose,) for purpose in PURPOSES), PURPOSES)
# Purposes looked at in answers: the grid cannot become smaller unseen.
VISIT_CELLS, MANY_CELLS, SINGLE_CELLS, PAGE_CELLS = 40_824, 18_144, 81_648, 168


class Situation(NamedTuple):
    """One visit: where it is, and who said what."""

    place: str
    consent: tuple[str, ...]
    gpc: bool
    opt_out: bool
    child: bool

    @property
    def agreed(self) -> tuple[str, ...]:
        """The consent that holds: beside an opt-out none does."""
        return () if self.opt_out else self.consent

    @property
    def site(self) -> str:
        return "children" if self.child else "demo"


SITUATIONS = tuple(
    Situation(place, consent, gpc, opt_out, child)
    for place, consent, gpc, opt_out, child in product(PLACES, CONSENTS, (False, True), (False, True), (False, True))
)


class Law(NamedTuple):
    """A reading of the policy's file of its own."""

    version: str
    rows: Mapping[str, Mapping[str, str]]
    places: Mapping[str, str]

    @classmethod
    def read(cls) -> "Law":
        found = tomllib.loads((CONFIG / "regimes.toml").read_text(encoding="utf-8"))
        rows = found["regimes"]

        def level(key: str, purpose: str) -> Any:
            row = rows[key]
            return row[purpose] if purpose in row else level(row["inherits"], purpose)

        levels = {key: {purpose: level(key, purpose) for purpose in PURPOSES} for key in rows}
        for row in levels.values():  # the part of a country may need more than the country
            parts = row["region"] if isinstance(row["region"], dict) else dict.fromkeys(PARTS, row["region"])
            row["region"], row["subdivision"] = (parts[name] for name in PARTS)
        return cls(str(found["version"]), levels, {place: key for key, row in rows.items() for place in row["places"]})

    def of(self, place: str) -> tuple[str, Mapping[str, str]]:
        """The row of a place and its levels; of a divided country as a whole the strictest of its rows."""
        if not place:
            return "ZZ", self.rows["ZZ"]
        country = place.partition("-")[0]
        whole = self.places.get(country, "REST")
        parts = [key for part, key in self.places.items() if part.startswith(f"{country}-")]
        if "-" in place or not parts:
            key = self.places.get(place, whole)
            return key, self.rows[key]
        among = [*parts, whole]
        asked = (*PURPOSES, "subdivision")
        strictest = {purpose: max((self.rows[key][purpose] for key in among), key=LEVELS.index) for purpose in asked}
        named = [key for key in among if self.rows[key] == strictest]
        return named[0] if named else "+".join(dict.fromkeys(among)), strictest

    def part(self, situation: Situation) -> str:
        """The part of the country that may be told, empty where none may or none is known."""
        level = self.of(situation.place)[1]["subdivision"]
        told = level in ("allow", "notice") or (level == "consent" and "region" in situation.agreed)
        return situation.place.partition("-")[2] if told else ""

    def withheld(self, situation: Situation) -> dict[str, str]:
        """What such a visit may not be used for, and why."""
        levels = self.of(situation.place)[1]
        found = {}
        for purpose in PURPOSES:
            reasons = (
                ("denied", levels[purpose] == "deny"),
                ("child_directed", situation.child and purpose not in CHILDREN_KEEP),
                ("opt_out", situation.opt_out and purpose in OPT_OUT_ENDS),
                ("gpc", situation.gpc and purpose in GPC_ENDS),
                ("consent_required", levels[purpose] == "consent" and purpose not in situation.agreed),
            )
            for reason, holds in reasons:
                if holds:
                    found[purpose] = reason
                    break
        return found


LAW = Law.read()


@pytest.fixture(scope="module")
def grid_house(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """Two sites, one for children, whose groups are known everywhere and have taught another order."""
    directory = Path(shutil.copytree(CONFIG, tmp_path_factory.mktemp("grid") / "config"))
    demo = directory / "sites" / "demo.toml"
    text = demo.read_text(encoding="utf-8").replace('["spring", "app", "outlet"]', json.dumps(OPTIONS))
    demo.write_text(text, encoding="utf-8")
    children = text.replace('id = "demo"', 'id = "children"').replace("child_directed = false", "child_directed = true")
    (directory / "sites" / "children.toml").write_text(children, encoding="utf-8")
    environment = {"PASSERBY_ADMIN_PORT": "0", "PASSERBY_EDGE": "generic"}
    configuration = read_configuration(directory, environment)
    house = assemble(configuration, Telemetry(stream=Discarded()))
    store = MemoryStore(k=100, k_prefixes=20, retention_s=3600)
    # It counts, and what it learns by itself meanwhile changes nothing.
    current = house.current

    async def learn_nothing(_site: str, _snapshot: SiteSnapshot) -> None:
        pass

    async def begin_interval(start_s: int) -> None:
        await current.swap(current.epoch.in_interval(start_s))

    counting = Counting(
        configuration.settings,
        lambda: current.epoch.inputs.sites,
        house.regions.continent,
        store,
        learn_nothing,
        begin_interval,
        lambda _site, _slot, _cohort: None,
        house.telemetry,
    )
    house.decisions.buffer = counting.buffer
    countries = {place.partition("-")[0] for place in PLACES if place}
    groups = [*(f"{country}/smartphone/android" for country in countries), "smartphone", "all"]
    groups += [f"{country}/smartphone" for country in countries]
    ranking = dict.fromkeys(groups, SlotRanking(LEARNED, "cohort"))
    known = SiteSnapshot(Interval(1_795_338_000, 3600), dict.fromkeys(groups, 300), {}, {"front": ranking})
    for site in ("demo", "children"):
        current.epoch = current.epoch.released(site, known)
    return replace(house, counting=counting)


@pytest.fixture(scope="module")
def wire(grid_house: Container) -> Iterator[Wire]:
    """A connection to a server of that house."""
    with serving(grid_house) as wire:
        yield wire


# ---- the same visit in the words of each route ----


def as_headers(situation: Situation) -> dict[str, str]:
    """What a browser sends, and an edge that knows the place."""
    jar = [f"pb_device={DEVICE_ID}", "pb_interests=outdoor:3", "pb_variants=hero.b"]
    jar += [f"pb_consent={'.'.join(situation.consent)}"] if situation.consent else []
    jar += ["pb_optout=1"] if situation.opt_out else []
    country, _, part = situation.place.partition("-")
    told = {"pb-geo-country": country} if country else {}
    told |= {"pb-geo-subdivision": part} if part else {}
    told |= {"sec-gpc": "1"} if situation.gpc else {}
    return {**told, "user-agent": CHROME, "accept-language": "de", "cookie": "; ".join(jar)}


def as_body(situation: Situation) -> dict[str, Any]:
    country, _, part = situation.place.partition("-")
    signals: dict[str, Any] = {
        "cookies": {"interests": "outdoor:3", "variants": "hero.b"},
        "device": {"id": DEVICE_ID, "user_agent": CHROME, "accept_language": "de"},
    }
    if country:
        signals["geo"] = {"country": country} | ({"subdivision": part} if part else {})
    if situation.gpc:
        signals["gpc"] = True
    return {"signals": signals, "consent": list(situation.consent), "opt_out": situation.opt_out}


def as_context(situation: Situation) -> dict[str, Any]:
    country, _, part = situation.place.partition("-")
    context: dict[str, Any] = {"targetingKey": DEVICE_ID, "userAgent": CHROME, "acceptLanguage": "de"}
    context |= {"variants": "hero.b", "consent": list(situation.consent)}
    context |= {"country": country} if country else {}
    context |= {"subdivision": part} if part else {}
    context |= {"gpc": True} if situation.gpc else {}
    context |= {"optOut": True} if situation.opt_out else {}
    return {"context": context}


def from_a_browser(situation: Situation) -> tuple[dict[str, str], dict[str, Any]]:
    """The same context where a browser says its no itself, in headers."""
    said = ({"sec-gpc": "1"} if situation.gpc else {}) | ({"cookie": "pb_optout=1"} if situation.opt_out else {})
    return said, as_context(situation._replace(gpc=False, opt_out=False))


# ---- what an answer must be ----


def ordered(withheld: Mapping[str, str], *, with_interests: bool = True) -> list[str]:
    """The options of the slot, as far as a group's learning and interests may be used."""
    options = OPTIONS if "cohort" in withheld else LEARNED
    if with_interests and "interests" not in withheld:
        return [PREFERRED, *(option for option in options if option != PREFERRED)]
    return list(options)


def group(situation: Situation, withheld: Mapping[str, str]) -> str | None:
    """The cohort that may be told. Where the region is withheld it has no country."""
    if "cohort" in withheld:
        return None
    known = situation.place and "region" not in withheld
    return f"{situation.place.partition('-')[0]}/smartphone/android" if known else "smartphone"


def assert_answer(answer: Mapping[str, Any], situation: Situation) -> None:
    """The account that an answer gives of itself, and what it is."""
    withheld = LAW.withheld(situation)
    country, part = situation.place.partition("-")[0], LAW.part(situation)
    privacy = answer["privacy"]
    assert privacy["regime"] == LAW.of(situation.place)[0]
    assert privacy["policy_version"] == LAW.version
    assert privacy["allowed"] == [purpose for purpose in PURPOSES if purpose not in withheld]
    assert {one["purpose"]: one["reason"] for one in privacy["withheld"]} == withheld
    assert privacy["signal_status"] == {"gpc": "honoured" if situation.gpc else "absent"}
    assert privacy["dropped"] == []
    used = privacy["signals_used"]
    assert ("gpc" in used, "opt_out" in used, "consent" in used) == (
        situation.gpc,
        situation.opt_out,
        bool(situation.agreed),
    )
    # The place is asked for the regime, whatever else it may be used for.
    assert ("geo" in used) is bool(country)
    assert ("accept_language" in used) is ("language" not in withheld)
    assert (answer["language"]["tag"] == "de") is ("language" not in withheld)
    told = answer["region"]
    permitted_country = country if country and "region" not in withheld else None
    assert (told["country"], told["subdivision"]) == (permitted_country, part or None if permitted_country else None)
    assert told["source"] == ("edge" if permitted_country else "default")
    assert answer["device"]["class"] == ("unknown" if "device" in withheld else "smartphone")
    assert ("user_agent" in used) is ("device" not in withheld)
    key = group(situation, withheld)
    assert (answer["cohort"] and answer["cohort"]["key"]) == key
    assert (key is not None and answer["cohort"]["token"] is not None) is (
        key is not None and "statistics" not in withheld
    )
    assert answer["slots"]["front"]["options"] == ordered(withheld)
    assert answer["slots"]["front"]["source"] == ("default" if key is None else "cohort")
    hero = answer["experiments"]["hero"]
    if "experiments" in withheld:
        assert hero == {"variant": "a", "in_experiment": False, "reason": "withheld"}
    else:
        assert hero == {"variant": "b", "in_experiment": True, "reason": "split"}
    assert answer["interests"] == ([] if "interests" in withheld else ["outdoor"])
    assert ("cookie_interests" in used) is ("interests" not in withheld)
    assert ("device_id" in used) is ("statistics" not in withheld or "experiments" not in withheld)
    assert "cookie_variants" not in used


def assert_headers(headers: Mapping[str, str], situation: Situation) -> None:
    withheld = LAW.withheld(situation)
    country, part = situation.place.partition("-")[0], LAW.part(situation)
    assert headers["pb-region"] == ("" if "region" in withheld else f"{country}-{part}" if part else country)
    assert headers["pb-device"] == ("" if "device" in withheld else "smartphone")
    assert headers["pb-cohort"] == (group(situation, withheld) or "")
    assert headers["pb-variants"] == ("" if "experiments" in withheld else "hero.b")
    assert headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in headers


def assert_flags(found: Mapping[str, Any], situation: Situation) -> None:
    """All flags of a visit, in OpenFeature's words. A context has no interests."""
    withheld = LAW.withheld(situation)
    flags = {flag["key"]: flag for flag in found["flags"]}
    assert found["metadata"]["regime"] == LAW.of(situation.place)[0]
    assert found["metadata"]["variants"] == ("" if "experiments" in withheld else "hero.b")
    for flag in flags.values():
        assert_flag(flag, situation)
    assert list(flags) == ["language", "country", "market", "currency", "device", "tier", "cohort", "front", "hero"]


def assert_flag(flag: Mapping[str, Any], situation: Situation) -> None:
    withheld = LAW.withheld(situation)
    country = situation.place.partition("-")[0]
    value, why = flag.get("value"), flag["metadata"]["reason"]
    match flag["key"]:
        case "language":
            assert (value, why) == ("de", "accept_language")
        case "country" | "market" | "currency" if "region" in withheld:
            assert (value, why, flag["reason"]) == (None, withheld["region"], "DEFAULT")
        case "country":
            assert (value, why) == ((country, "edge") if country else (None, "default"))
        case "device":
            assert (value, why) == ("smartphone", "user_agent")
        case "cohort" if "cohort" in withheld:
            assert (value, why, flag["reason"]) == (None, withheld["cohort"], "DEFAULT")
            assert "token" not in flag["metadata"]
        case "cohort":
            assert (value, why) == (group(situation, withheld), "cohort")
            assert ("token" in flag["metadata"]) is ("statistics" not in withheld)
        case "front":
            options = ordered(withheld, with_interests=False)
            assert (value, flag["metadata"]["options"]) == (options[0], ",".join(options))
            assert flag["reason"] == ("STATIC" if "cohort" in withheld else "TARGETING_MATCH")
        case "hero" if "experiments" in withheld:
            assert (value, why, flag["reason"]) == ("a", "withheld", "DEFAULT")
        case "hero":
            assert (value, why, flag["reason"]) == ("b", "split", "SPLIT")


# ---- the grid ----


FLAGS, SITE = "/ofrep/v1/evaluate/flags", "/sites/{site}"
ONE_BY_ONE = ("language", "country", "market", "device", "cohort", "front", "hero")


def asked_singly(situation: Situation) -> dict[str, bytes]:
    """The requests of one visit, by what answers them."""
    headers, site = as_headers(situation), situation.site
    said, context = from_a_browser(situation)
    of_site = SITE.format(site=site)
    found = {
        "headers and body": request("GET", f"/v1/recommendation?site={site}", headers),
        "headers alone": request("GET", f"/v1/recommendation?site={site}&format=headers", headers),
        "flags of a site": request("POST", of_site + FLAGS, said, context),
        "explicit signals": request("POST", "/v1/recommendation", {}, as_body(situation) | {"site": site}),
    }
    if not situation.child:
        found["flags"] = request("POST", FLAGS, {}, as_context(situation))
    return found


def check(route: str, reply: Reply, situation: Situation) -> None:
    assert reply.status == (204 if route == "headers alone" else 200)
    if route in ("flags", "flags of a site"):
        assert_flags(json.loads(reply.body), situation)
        return
    assert_headers(reply.headers, situation)
    if route != "headers alone":
        assert_answer(json.loads(reply.body), situation)


def test_every_visit_on_every_route_that_decides_on_one(grid_house: Container, wire: Wire) -> None:
    """Asked with headers, in a body, as flags of either path: the answers are the law's, and so is what is counted."""
    assert grid_house.counting is not None
    buffer, cells = grid_house.counting.buffer, 0
    for situation in SITUATIONS:
        requests, counted_before = asked_singly(situation), buffer.counted
        for route, reply in zip(requests, wire.ask(*requests.values()), strict=True):
            with told(route, situation):
                check(route, reply, situation)
            cells += len(PURPOSES)
        counts = "statistics" not in LAW.withheld(situation)
        assert buffer.counted - counted_before == (len(requests) if counts else 0), situation
    assert cells == VISIT_CELLS


def test_every_visit_among_many(grid_house: Container, wire: Wire) -> None:
    """The same visits in batches and in lines of NDJSON."""
    assert grid_house.counting is not None
    buffer, cells = grid_house.counting.buffer, 0
    for site, child in (("demo", False), ("children", True)):
        visits = [situation for situation in SITUATIONS if situation.child is child]
        bodies = [as_body(situation) for situation in visits]
        lines = "\n".join(json.dumps(body | {"site": site}) for body in bodies)
        before = buffer.counted
        [batch] = wire.ask(request("POST", "/v1/recommendations", {}, {"site": site, "requests": bodies}))
        [stream] = wire.ask(request("POST", "/v1/recommendations", {}, lines))
        answers = json.loads(batch.body)["recommendations"], [json.loads(line) for line in stream.body.splitlines()]
        for route, found in zip(("batch", "NDJSON"), answers, strict=True):
            for answer, situation in zip(found, visits, strict=True):
                with told(route, situation):
                    assert_answer(answer, situation)
                cells += len(PURPOSES)
        permitted = sum("statistics" not in LAW.withheld(situation) for situation in visits)
        assert buffer.counted - before == 2 * permitted
    assert cells == MANY_CELLS


def test_flags_one_by_one_and_what_happened_and_the_mirror(grid_house: Container, wire: Wire) -> None:
    """Single flags are counted for nobody; a report counts by the visit's token; the mirror shows the same decision."""
    assert grid_house.counting is not None
    buffer, cells = grid_house.counting.buffer, 0
    for situation in SITUATIONS:
        before, withheld = buffer.counted, LAW.withheld(situation)
        said, context = from_a_browser(situation)
        where = SITE.format(site=situation.site) + FLAGS
        singles = [request("POST", f"{where}/{key}", said, context) for key in ONE_BY_ONE]
        mirror = request("GET", f"/?site={situation.site}", as_headers(situation))
        *flags, page = wire.ask(*singles, mirror)
        assert buffer.counted == before, situation
        with told("single flags", situation):
            for key, reply in zip(ONE_BY_ONE, flags, strict=True):
                flag = json.loads(reply.body)
                assert flag["key"] == key
                assert_flag(flag, situation)
        with told("mirror", situation):
            assert page.status == 200, page.body
            shown = re.search(r"<code>(\{.*\})</code>", page.body.decode(), re.DOTALL)
            assert shown is not None
            decision = json.loads(html.unescape(shown[1]))
            assert_answer(decision, situation)
        with told("events", situation):
            token = decision["cohort"] and decision["cohort"]["token"]
            events = [{"type": "reward", "slot": "front", "option": "app"}, {"type": "view", "topic": "shoes"}]
            body = {"site": situation.site, "token": token, "interests": "", "events": events}
            [reply] = wire.ask(request("POST", "/v1/events", said, body))
            counts = token is not None
            assert counts is ("statistics" not in withheld and "cohort" not in withheld)
            answer = json.loads(reply.body)
            assert (reply.status, answer["accepted"]) == (202, int(counts))
            carried = "shoes:1" if counts and "interests" not in withheld else None
            assert answer["interests_cookie"] == carried
            assert buffer.counted - before == int(counts)
        cells += len(PURPOSES) * (len(singles) + 2)
    assert cells == SINGLE_CELLS


def test_a_no_stops_a_report_whatever_its_token_permits(grid_house: Container, wire: Wire) -> None:
    """The browser that reports may have said no since it was answered; and a site for children counts nothing."""
    assert grid_house.counting is not None
    swiss = Situation("CH", PURPOSES, False, False, False)
    [reply] = wire.ask(request("GET", "/v1/recommendation", as_headers(swiss)))
    token = json.loads(reply.body)["cohort"]["token"]
    report = {"token": token, "events": [{"type": "reward", "slot": "front", "option": "app"}]}
    before = grid_house.counting.buffer.counted
    for said in ({"sec-gpc": "1"}, {"cookie": "pb_optout=1"}, {"sec-gpc": "1", "cookie": "pb_optout=yes"}):
        [reply] = wire.ask(request("POST", "/v1/events", said, report))
        assert (reply.status, json.loads(reply.body)["accepted"]) == (202, 0)
    assert grid_house.counting.buffer.counted == before
    [reply] = wire.ask(request("POST", "/v1/events", {}, report))
    assert json.loads(reply.body)["accepted"] == 1


def test_the_page_of_a_cohort_knows_no_consent(wire: Wire) -> None:
    """What a CDN keeps says nothing learned where the law of the country asks for consent, or children are meant."""
    cells = 0
    whole = [place for place in PLACES if place and "-" not in place]
    for country, child in product(whole, (False, True)):
        situation = Situation(country, (), False, False, child)
        withheld = LAW.withheld(situation)
        path = f"/v1/cohorts/{country}/de/smartphone?site={situation.site}"
        plain, asked = wire.ask(request("GET", path, {}), request("GET", path, as_headers(situation)))
        assert (plain.status, plain.body) == (200, asked.body)
        page = json.loads(plain.body)
        with told("cohort page", situation):
            grouped = not {"cohort", "region", "device"} & withheld.keys()
            assert (page["cohort"] is not None) is grouped
            assert page["slots"]["front"]["options"] == list(LEARNED if grouped else OPTIONS)
            assert not {"experiments", "interests", "privacy"} & page.keys()
            assert "token" not in plain.body.decode() or page["cohort"]["token"] is None
        cells += len(PURPOSES)
    assert cells == PAGE_CELLS


CHOSEN = ("US", "US-TX", "FR", "JP", "CN")


def permitted(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    privacy = answer["privacy"]
    return privacy["regime"], privacy["allowed"], privacy["withheld"]


@pytest.mark.parametrize("consent", [(), PURPOSES], ids=["no consent", "consent"])
def test_the_law_is_that_of_the_place_and_never_of_the_region_that_somebody_chose(
    wire: Wire, consent: tuple[str, ...]
) -> None:
    """Where someone is, or nobody knows: a chosen region, of whatever law, is shown and changes no permission."""
    for place in PLACES:
        situation = Situation(place, consent, False, False, False)
        headers, body, context = as_headers(situation), as_body(situation), as_context(situation)
        requests = []
        for region in CHOSEN:
            cookies, chosen = f"{headers['cookie']}; pb_region={region}", json.loads(json.dumps([body, context]))
            chosen[0]["signals"]["cookies"]["region"] = chosen[1]["context"]["region"] = region
            requests.append(request("GET", "/v1/recommendation", headers | {"cookie": cookies}))
            requests.append(request("POST", "/v1/recommendation", {}, chosen[0]))
            requests.append(request("POST", FLAGS, {}, chosen[1]))
        replies = iter(wire.ask(*requests))
        regime, withheld = LAW.of(place)[0], LAW.withheld(situation)
        for region, visit, described, evaluated in zip(CHOSEN, replies, replies, replies, strict=True):
            with told(f"region {region}", situation):
                for reply in (visit, described):
                    answer = json.loads(reply.body)
                    assert permitted(answer) == (
                        regime,
                        [purpose for purpose in PURPOSES if purpose not in withheld],
                        [{"purpose": purpose, "reason": reason} for purpose, reason in withheld.items()],
                    )
                    assert answer["region"]["country"] == region.partition("-")[0]  # it is heard
                flags = json.loads(evaluated.body)
                assert flags["metadata"]["regime"] == regime
                found = {flag["key"]: flag for flag in flags["flags"]}
                assert found["country"].get("value") == answer["region"]["country"]
                assert (found["cohort"]["metadata"]["reason"] == withheld.get("cohort")) is ("cohort" in withheld)
                assert found["hero"]["metadata"]["reason"] == ("withheld" if "experiments" in withheld else "split")


@contextlib.contextmanager
def told(route: str, situation: Situation) -> Iterator[None]:
    """Whatever fails says for which visit and where."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{route}: {situation}")
        raise
