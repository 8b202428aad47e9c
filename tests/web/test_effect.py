"""What a visit may not be used for is not worked out, not only not shown; and who says no leaves no trace at all.

The first part counts how often each door is knocked at under policies that deny one purpose after the other. The second
compares bytes: of answers with and without what identifies a device, and of everything that Redis is told with and
without visits that object.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.adapters.redis_store.store import RedisStore
from service.app import Application, Container, assemble, read_configuration
from service.core.groups.cohort_token import TokenSealer
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.languages.prior import Learned
from service.core.location import Place
from service.core.privacy import NO_CONSENT, PURPOSES, Policy, Purpose, Regime
from service.core.sites import SlotRanking
from service.telemetry import Telemetry
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.flush import Flush
from service.use_cases.personalize import Personalizer
from service.web.decisions import Answer
from service.web.endpoints.health import CountsState
from service.web.epoch import epoch_of
from service.web.visit.connection import Connection
from service.web.visit.intake import Visit
from service.web.visit.opt_out_signals import opt_out_signal
from service.web.visit.outcomes import HEADERS
from tests.adapters.redis_servers import RedisServer, running
from tests.conftest import CHROME, Discarded, KnownPlaces
from tests.journeys.wire import Reply, Wire, request, serving

CONFIG = Path(__file__).parents[2] / "config"
DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
# The groups of Swiss phones speak Japanese and like the outlet: nobody would guess either.
LEARNED = SlotRanking(("outlet", "app", "spring"), "cohort")
GROUPS = ("CH/smartphone/android", "CH/unknown/unknown", "ZZ/smartphone/android", "smartphone", "all")
JAPANESE = Learned(((0.0,) * 7 + (900.0, 0.0, 0.0, 0.0),))
KNOWN = SiteSnapshot(
    Interval(1_795_338_000, 3600),
    dict.fromkeys(GROUPS, 300),
    {"CH/smartphone/android": JAPANESE, "CH/smartphone": JAPANESE, "CH": JAPANESE},
    {"front": dict.fromkeys(GROUPS, LEARNED)},
)


# ---- what is not permitted is not worked out ----


class Doors:
    """Who was asked what, by the names of what can be asked."""

    def __init__(self) -> None:
        self.knocked: set[str] = set()

    def watch(self, name: str, answer: Any) -> Any:
        """The same function, which tells that it was called."""

        def asked(*given: Any, **named: Any) -> Any:
            self.knocked.add(name)
            return answer(*given, **named)

        return asked


class Watched:
    """Anything, some of whose functions tell that they were called."""

    def __init__(self, inner: Any, doors: Doors, **names: str) -> None:
        self._inner = inner
        self._asked = {method: doors.watch(name, getattr(inner, method)) for method, name in names.items()}

    def __getattr__(self, name: str) -> Any:
        return self._asked.get(name) or getattr(self._inner, name)


class WatchedMatcher(Watched):
    """A language matcher that tells whether a place or a group was looked at for its language."""

    def decide(self, preference: Any, choice: Any, country: Any, source: Any, learned: Any = None) -> Any:
        self._doors.knocked |= {
            name for name, one in (("language of a place", country), ("language of a group", learned)) if one
        }
        return self._inner.decide(preference, choice, country, source, learned)

    def __init__(self, inner: Any, doors: Doors) -> None:
        super().__init__(inner, doors, prefer="languages asked for")
        self._doors = doors


class WatchedRegions(Watched):
    """A recommender of regions that tells whether it was given a place."""

    def decide(self, place: Place | None, choice: Any) -> Any:
        if place is not None:
            self._doors.knocked.add("region of a place")
        return self._inner.decide(place, choice)

    def __init__(self, inner: Any, doors: Doors) -> None:
        super().__init__(inner, doors)
        self._doors = doors


# What serves one purpose alone, or several: a door stays shut where one of these is withheld.
DOORS: Mapping[str, frozenset[Purpose]] = {
    "languages asked for": frozenset({"language"}),
    "language of a place": frozenset({"language", "region"}),
    "language of a group": frozenset({"language", "region", "cohort"}),
    "region of a place": frozenset({"region"}),
    "device": frozenset({"device"}),
    "group": frozenset({"cohort"}),
    "order of a group": frozenset({"cohort"}),
    "token": frozenset({"cohort", "statistics"}),
    "count": frozenset({"statistics"}),
    "salt": frozenset({"statistics"}),
    "hash of a device": frozenset({"statistics"}),
    "draw": frozenset({"experiments"}),
}


class Watchers:
    """A house whose doors are watched, under policies of a test's making."""

    def __init__(self, house: Container) -> None:
        self.doors = doors = Doors()
        decisions = house.decisions
        intake = decisions.intake
        places: Any = KnownPlaces()
        intake.geo = places
        sealer = Watched(TokenSealer(("secret",)), doors, seal="token")
        self._inputs = replace(
            house.current.epoch.inputs,
            personalizer=Personalizer(sealer, house.regions.continent, 300),  # type: ignore[arg-type]
        )
        sites = self._inputs.sites
        buffer = CountBuffer(3600, 10_000, time.time, sites)
        for site in sites:
            buffer.take_salt(site, int(time.time()) // 86_400, b"s" * 32)
        decisions.buffer = Watched(buffer, doors, count_visit="count", wants_hash="salt", add_hash="hash of a device")  # type: ignore[assignment]
        self._decisions, self._devices = decisions, intake.devices
        self.site = house.current.epoch.sites["demo"]
        """As of the last visit."""

    def asked(self, levels: Mapping[Purpose, str], connection: Connection, *, child: bool = False) -> set[str]:
        """The doors that a visit under these levels has knocked at."""
        doors, decisions = self.doors, self._decisions
        regimes = [Regime(key, (), levels) for key in ("ZZ", "REST")]  # type: ignore[arg-type]
        rules = self._inputs.sites["demo"]
        watched = replace(
            rules,
            site=replace(rules.site, child_directed=child),
            matcher=WatchedMatcher(rules.matcher, doors),
            regions=WatchedRegions(rules.regions, doors),
            bucketer=Watched(rules.bucketer, doors, bucket="draw"),
        )
        snapshot = Watched(KNOWN, doors, cohort="group", learned_on="group", ranking="order of a group")
        changed: Any = {"sites": {"demo": watched}, "snapshots": {"demo": snapshot}}
        inputs = replace(self._inputs, policy=Policy("2026-11-22", regimes), policy_age="current", **changed)
        self.site = epoch_of(inputs).sites["demo"]
        intake = decisions.intake
        # One new object each time, so that no cache answers for the door.
        intake.devices = Watched(self._devices, doors, look_up="device")  # type: ignore[assignment]
        intake._look_up_cached.cache_clear()
        doors.knocked.clear()
        self.record_response(connection, counted=True)
        return set(doors.knocked)

    def record_response(self, connection: Connection, *, counted: bool = False) -> Answer:
        """The answer to a visit by the rules that were last asked for."""
        known = self.known(connection, counted=counted)
        return self._decisions._decide(known, self.site, counted=counted)

    def known(self, connection: Connection, *, counted: bool = False) -> Visit:
        """What is known of it."""
        buffer = self._decisions.buffer if counted else None
        known = self._decisions.intake.derive(connection, self.site.rules, self.site.policy, buffer)
        assert isinstance(known, Visit)
        return known


@pytest.fixture(scope="module")
def watchers(configuration: Any) -> Watchers:
    return Watchers(assemble(configuration, Telemetry(stream=Discarded())))


def visit(**said: Any) -> Connection:
    """A Swiss phone that brings all it could."""
    fields: dict[str, Any] = dict.fromkeys(Connection.__struct_fields__, "")
    fields |= {
        "names": HEADERS,
        "address": "2a02:1200::7",
        "device_texts": (CHROME, "", "", "", ""),
        "accept_language": "de",
    }
    fields |= {"device_id": DEVICE_ID, "choices": {"interests": "outdoor:3", "variants": "hero.b"}}
    fields |= {"consent": NO_CONSENT, "gpc": False, "opt_out": False}
    return Connection(**fields | said)


def shut(withheld: set[Purpose]) -> set[str]:
    return {door for door, purposes in DOORS.items() if purposes & withheld}


ALLOWED: Mapping[Purpose, str] = dict.fromkeys(PURPOSES, "allow")


@pytest.mark.parametrize("level", ["deny", "consent"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_a_purpose_is_not_granted_for_is_not_asked(watchers: Watchers, purpose: Purpose, level: str) -> None:
    """Each purpose withheld in turn, by law or for want of consent: its doors stay shut, and all others open."""
    levels = {**ALLOWED, purpose: level}
    everything_else = frozenset(PURPOSES) - {purpose}
    asked = watchers.asked(levels, visit(consent=everything_else))
    assert asked == DOORS.keys() - shut({purpose})
    if level == "consent":
        assert watchers.asked(levels, visit(consent=frozenset({purpose}))) == DOORS.keys()


@pytest.mark.parametrize(
    ("said", "withheld"),
    [
        ({"gpc": True}, {"statistics", "experiments", "interests"}),
        ({"opt_out": True}, {"statistics", "experiments", "interests", "cohort"}),
        ({"child": True}, {"statistics", "experiments", "interests", "cohort"}),
        ({"gpc": True, "opt_out": True, "child": True}, {"statistics", "experiments", "interests", "cohort"}),
    ],
)
def test_what_a_no_ends_is_not_asked(watchers: Watchers, said: dict[str, bool], withheld: set[Purpose]) -> None:
    """Under a policy that allows everything, with consent to everything."""
    child = said.get("child", False)
    signals = {name: value for name, value in said.items() if name != "child"}
    asked = watchers.asked(ALLOWED, visit(consent=frozenset(PURPOSES), **signals), child=child)
    assert asked == DOORS.keys() - shut(withheld)


def test_every_door_is_watched(watchers: Watchers) -> None:
    """The control: where all is allowed, all of them are knocked at."""
    assert watchers.asked(ALLOWED, visit()) == DOORS.keys()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_signals_hold_no_more_than_is_permitted(watchers: Watchers, purpose: Purpose) -> None:
    """What the intake hands on of a visit lacks what the withheld purpose would need."""
    watchers.asked({**ALLOWED, purpose: "deny"}, visit())
    found = watchers.known(visit())
    signals, entry = found.signals, found.entry
    held = {
        "language": signals.preference is not None,
        "region": signals.place is not None,
        "device": signals.device_result.device.class_ != "unknown",
        "statistics": signals.device_id or signals.prefix,
        "experiments": signals.bucketed or entry.draws is not None or bool(entry.carried),
        "interests": bool(signals.interests),
    }
    assert held == {name: name != purpose for name in held}


def test_a_guess_by_place_or_group_is_a_language_too(watchers: Watchers) -> None:
    """Where the law denies language, nobody is greeted by their address or their group's habit; their choice holds."""
    quiet = visit(accept_language="")
    tags = []
    for levels in (ALLOWED, {**ALLOWED, "cohort": "deny"}, {**ALLOWED, "language": "deny"}):
        watchers.asked(levels, quiet)
        tags.append(watchers.record_response(quiet).decision.language)
    assert (tags[0].tag, tags[0].source) == ("ja", "prior")
    assert tags[1].source == "ip"
    assert (tags[2].tag, tags[2].source, tags[2].confidence) == ("en", "default", 0.0)
    chosen = visit(accept_language="fr", choices={"language": "it"})
    assert watchers.record_response(chosen).decision.language.source == "cookie"


# ---- who says no: the answer is that of nobody in particular ----


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The demo site and one for children, behind an edge that tells the country, with groups that are known."""
    directory = Path(shutil.copytree(CONFIG, tmp_path_factory.mktemp("effect") / "config"))
    text = (directory / "sites" / "demo.toml").read_text(encoding="utf-8")
    children = text.replace('id = "demo"', 'id = "children"').replace("child_directed = false", "child_directed = true")
    (directory / "sites" / "children.toml").write_text(children, encoding="utf-8")
    environment = {"PASSERBY_ADMIN_PORT": "0", "PASSERBY_EDGE": "generic"}
    house = assemble(read_configuration(directory, environment), Telemetry(stream=Discarded()))
    for site in ("demo", "children"):
        house.current.epoch = house.current.epoch.released(site, KNOWN)
    return house


@pytest.fixture(scope="module")
def wire(two_sites: Container) -> Iterator[Wire]:
    with serving(two_sites) as wire:
        yield wire


COUNTRIES = st.sampled_from(["CH", "DE", "FR", "US", "CN", "CA", "MX", ""])
CONSENT = st.frozensets(st.sampled_from(PURPOSES))
# Well-formed, ill-formed and of another site; what identifies somebody is refused, whoever sends it.
IDS = st.sampled_from(["", DEVICE_ID, "3b1f8a52-90c7-4d3e-a6f1-5e2b7c94d08a", "abc", "x.y"])
GOOD_IDS = st.sampled_from(["", DEVICE_ID, "3b1f8a52-90c7-4d3e-a6f1-5e2b7c94d08a"])
INTERESTS = st.sampled_from(["", "outdoor:3", "outdoor:3.shoes:1", "gone:1", "outdoor", "outdoor:9", ";;", "a:1.a:2"])
VARIANTS = st.sampled_from(["", "hero.a", "hero.b.ec", "gone.b", "hero", "hero.b~", "HERO.b"])
NOES = st.sampled_from([
    {"gpc": True}, {"opt_out": True}, {"child": True}, {"gpc": True, "opt_out": True}, {"gpc": True, "child": True},
    {"gpc": True, "opt_out": True, "child": True},
])  # fmt: skip


def plainly(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """An answer but for the hour that the server tells."""
    return reply.status, {name: value for name, value in reply.headers.items() if name != "date"}, reply.body


def asked_by_headers(
    no: Mapping[str, bool], country: str, consent: frozenset[str], identity: Sequence[str]
) -> list[bytes]:
    """A visit's own request: as JSON, as headers alone, as the mirror."""
    names = ("pb_device", "pb_interests", "pb_variants")
    jar = [f"{name}={value}" for name, value in zip(names, identity, strict=True) if value]
    jar += [f"pb_consent={'.'.join(sorted(consent))}"] if consent else []
    jar += ["pb_optout=1"] if no.get("opt_out") else []
    headers = {"user-agent": CHROME, "accept-language": "de", "pb-client-ip": "195.65.10.7"}
    headers |= {"pb-geo-country": country} if country else {}
    headers |= {"sec-gpc": "1"} if no.get("gpc") else {}
    headers |= {"cookie": "; ".join(jar)} if jar else {}
    site = "children" if no.get("child") else "demo"
    paths = ("/v1/recommendation?", "/v1/recommendation?format=headers&", "/?")
    return [request("GET", f"{path}site={site}", headers) for path in paths]


def asked_by_body(
    no: Mapping[str, bool], country: str, consent: frozenset[str], identity: Sequence[str]
) -> list[bytes]:
    """The same as a backend puts it: alone, in a batch, in a line; and as a context of OpenFeature."""
    device_id, interests, variants = identity
    device = {"user_agent": CHROME, "accept_language": "de"} | ({"id": device_id} if device_id else {})
    given_cookies = {"interests": interests, "variants": variants}
    cookies = {name: value for name, value in given_cookies.items() if value}
    signals: dict[str, Any] = {"device": device} | ({"cookies": cookies} if cookies else {})
    signals |= {"geo": {"country": country}} if country else {}
    signals |= {"gpc": True} if no.get("gpc") else {}
    body = {"signals": signals, "consent": sorted(consent), "opt_out": bool(no.get("opt_out"))}
    site = "children" if no.get("child") else "demo"
    context = {"userAgent": CHROME, "acceptLanguage": "de", "consent": sorted(consent), "gpc": bool(no.get("gpc"))}
    context |= {"optOut": bool(no.get("opt_out"))} | ({"country": country} if country else {})
    context |= {"targetingKey": device_id} if device_id else {}
    context |= {"variants": variants} if variants else {}
    flags = f"/sites/{site}/ofrep/v1/evaluate/flags"
    return [
        request("POST", "/v1/recommendation", {}, body | {"site": site}),
        request("POST", "/v1/recommendations", {}, {"site": site, "requests": [body]}),
        request("POST", "/v1/recommendations", {}, json.dumps(body | {"site": site})),
        request("POST", flags, {}, {"context": context}),
        *(request("POST", f"{flags}/{key}", {}, {"context": context}) for key in ("hero", "front", "cohort")),
    ]


NOBODY = ("", "", "")
often = settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@often
@given(NOES, COUNTRIES, CONSENT, IDS, INTERESTS, VARIANTS)
def test_an_objecting_visit_is_answered_as_one_that_identifies_nothing(
    wire: Wire,
    no: dict[str, bool],
    country: str,
    consent: frozenset[str],
    device_id: str,
    interests: str,
    variants: str,
) -> None:
    """Byte for byte, headers too, on every route that reads headers; also where what came along is ill-formed."""
    somebody = asked_by_headers(no, country, consent, (device_id, interests, variants))
    nobody = asked_by_headers(no, country, consent, NOBODY)
    replies = [plainly(reply) for reply in wire.ask(*somebody, *nobody)]
    assert replies[: len(somebody)] == replies[len(somebody) :]
    assert [status for status, _, _ in replies[:3]] == [200, 204, 200]


@often
@given(NOES, COUNTRIES, CONSENT, GOOD_IDS, INTERESTS, VARIANTS)
def test_and_so_is_one_that_a_backend_describes(
    wire: Wire,
    no: dict[str, bool],
    country: str,
    consent: frozenset[str],
    device_id: str,
    interests: str,
    variants: str,
) -> None:
    """In a body, a batch, a line of NDJSON, as flags. (An ill-formed id is a mistake of the backend's, and refused.)"""
    somebody = asked_by_body(no, country, consent, (device_id, interests, variants))
    nobody = asked_by_body(no, country, consent, NOBODY)
    replies = [plainly(reply) for reply in wire.ask(*somebody, *nobody)]
    assert replies[: len(somebody)] == replies[len(somebody) :]
    assert {status for status, _, _ in replies} == {200}


def test_nothing_is_remembered_of_what_an_objecting_visit_brought(two_sites: Container, wire: Wire) -> None:
    """Not even in the process: an answer that is remembered for nobody in particular serves everybody who objects."""

    def made() -> list[int]:
        """How much is remembered of each site, none of which is let go of yet."""
        sites: Any = two_sites.current.epoch.sites.values()
        return [site.answers.remembered + site.tables.cache_info().currsize for site in sites]

    identities = [(DEVICE_ID, "outdoor:3", "hero.b"), ("", "shoes:1", "hero.a.ec"), ("abc", ";;", "hero")]
    for no in ({"gpc": True}, {"opt_out": True}, {"child": True}):
        nobody, *others = (asked_by_headers(no, "JP", frozenset(PURPOSES), who)[:2] for who in (NOBODY, *identities))
        wire.ask(*nobody)
        before = made()
        wire.ask(*(raw for asked in others for raw in asked))
        assert made() == before


def test_without_a_no_it_makes_a_difference(wire: Wire) -> None:
    """The control: the same visits without an objection are answered otherwise."""
    everything = frozenset(PURPOSES)
    identity = (DEVICE_ID, "outdoor:3", "hero.b")
    for asked in (asked_by_headers, asked_by_body):
        somebody, nobody = (wire.ask(*asked({}, "CH", everything, who)) for who in (identity, NOBODY))
        for one, other in zip(somebody[:2], nobody[:2], strict=True):
            assert plainly(one) != plainly(other)


@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        (["1"], True), ([" 1"], True), (["1 "], True), (["\t1"], True), (["0", "1"], True), (["1", "0"], True),
        (["true", "1"], True), (["1", "1"], True), (["", "1"], True),
        (["0"], False), ([""], False), (["true"], False), (["01"], False), (["1;q=1"], False), (["1.0"], False),
        (["11"], False), (["+1"], False), (['"1"'], False), (["１"], False), (["1 1"], False), (["0", "true"], False),
    ],
)  # fmt: skip
def test_the_signal_is_exactly_one(wire: Wire, lines: list[str], heard: bool) -> None:
    """``Sec-GPC`` on the wire, in one line or several, on every route that reads it, and said to be honoured."""
    sent = "".join(f"sec-gpc: {line}\r\n" for line in lines).encode()
    head = f"user-agent: {CHROME}\r\npb-geo-country: CH\r\ncookie: pb_device={DEVICE_ID}\r\n".encode()
    context = json.dumps({"context": {"country": "CH", "targetingKey": DEVICE_ID}}).encode()
    post = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(context)
    get, flags = wire.ask(
        b"GET /v1/recommendation HTTP/1.1\r\nhost: x\r\n" + head + sent + b"\r\n",
        b"POST /ofrep/v1/evaluate/flags/hero HTTP/1.1\r\nhost: x\r\n" + post + sent + b"\r\n" + context,
    )
    privacy = json.loads(get.body)["privacy"]
    assert privacy["signal_status"] == {"gpc": "honoured" if heard else "absent"}
    assert ("gpc" in privacy["signals_used"]) is heard
    assert ("statistics" in privacy["allowed"]) is not heard
    assert json.loads(flags.body)["metadata"]["reason"] == ("withheld" if heard else "split")
    assert (opt_out_signal([(b"sec-gpc", line.encode().strip(b" \t")) for line in lines]) == "gpc") is heard


@pytest.mark.parametrize(
    ("jar", "heard"),
    [
        ("pb_optout=1", True), ("pb_optout=false", True), ('pb_optout="0"', True), ('pb_optout=""', True),
        ('pb_optout="', True), ("pb_optout", True), ("theme=dark, pb_optout=1", True),
        ("pb_optout=1, mail=anna.schmidt@example.org", True), ("pb_optout=0", False), ("pb_optout=", False),
        ("xpb_optout=1", False), ("theme=pb_optout=1", False),
    ],
)  # fmt: skip
def test_an_opt_out_is_any_but_none_and_zero(wire: Wire, jar: str, heard: bool) -> None:
    """However its cookie is put, on every route that reads it, and never refused for that."""
    context = {"context": {"country": "CH", "targetingKey": DEVICE_ID}}
    report = {"token": None, "events": [{"type": "reward", "slot": "front", "option": "app"}]}
    head = {"user-agent": CHROME, "pb-geo-country": "CH", "cookie": f"pb_device={DEVICE_ID}; {jar}"}
    visit, page, flags, events = wire.ask(
        request("GET", "/v1/recommendation", head),
        request("GET", "/", head),
        request("POST", "/ofrep/v1/evaluate/flags/hero", {"cookie": jar}, context),
        request("POST", "/v1/events", {"cookie": jar}, report),
    )
    assert [reply.status for reply in (visit, page, flags, events)] == [200, 200, 200, 202]
    privacy = json.loads(visit.body)["privacy"]
    assert ("opt_out" in privacy["signals_used"]) is heard
    assert ({"purpose": "statistics", "reason": "opt_out"} in privacy["withheld"]) is heard
    assert (b'action="/opt-in' in page.body) is heard
    assert json.loads(flags.body)["metadata"]["reason"] == ("withheld" if heard else "split")
    assert (opt_out_signal([(b"cookie", jar.encode())]) == "opt_out") is heard
    assert json.loads(events.body)["reason"] == ("opt_out" if heard else "no_token")


# ---- and leaves no trace: the bytes that Redis is told ----


class Told:
    """Counting over a real Redis at a standing clock, as far as an application asks for it."""

    reports = None

    def __init__(self, house: Container, redis: RedisServer, now_s: float) -> None:
        settings = house.configuration.settings
        self.buffer = CountBuffer(3600, 10_000, lambda: now_s, house.current.epoch.sites)
        self.store = RedisStore(redis.url, k=settings.k, k_prefixes=settings.k_prefixes, retention_s=3600, timeout_s=5)
        self.flush = Flush(self.buffer, self.store, 3600, 0.2, lambda: now_s)

    def state(self) -> CountsState:
        return CountsState("redis", working=True, since=None, snapshot_age_s=None, overdue=False)

    def measure(self, telemetry: Telemetry) -> None:
        """Nobody reads these."""


async def send(app: Application, raw: bytes) -> bytes:
    """The body of the answer to a request, given to the application as a server would give it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "scheme": "http", "headers": [tuple(part.encode() for part in line.split(": ", 1)) for line in lines],
    }  # fmt: skip
    told: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def sent(message: Any) -> None:
        told.append(message.get("body", b""))

    await app(scope, receive, sent)
    return b"".join(told)


@contextlib.contextmanager
def known_randomness() -> Iterator[None]:
    """The ids of batches and the salt come from a counter, so that two runs can be compared."""
    numbers, drawn = itertools.count(), secrets.token_bytes
    secrets.token_bytes = lambda size=32: next(numbers).to_bytes(size or 32)  # type: ignore[assignment]
    try:
        yield
    finally:
        secrets.token_bytes = drawn


def redis_told(house: Container, redis: RedisServer, now_s: float, rounds: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Every command that Redis gets while these requests are made at this moment, a flush after each round."""
    from tests.journeys.test_counting import Monitor

    redis.ask("FLUSHALL")
    redis.ask("SCRIPT", "FLUSH")
    counting: Any = Told(house, redis, now_s)
    house.decisions.buffer = counting.buffer
    app = Application(replace(house, counting=counting))

    async def visits() -> None:
        for round_ in rounds:
            await counting.flush.flush_once()
            for raw in round_:
                await send(app, raw)
        await counting.flush.flush_once()
        await counting.store.close()

    with known_randomness(), Monitor(redis) as monitor:
        asyncio.run(visits())
        told = monitor.commands()
    house.decisions.buffer = None
    # Without the time and the connection's number, which Redis adds itself.
    return [line.partition(b"] ")[2] for line in told]


def objecting(token: str) -> list[bytes]:
    """Visits and reports of people who say no, or are children, on every route; with everything they could bring."""
    identity = ("3b1f8a52-90c7-4d3e-a6f1-5e2b7c94d08a", "outdoor:3", "hero.b")
    noes: list[dict[str, bool]] = [{"gpc": True}, {"opt_out": True}, {"child": True}, {"gpc": True, "opt_out": True}]
    asked = (asked_by_headers, asked_by_body)
    everything = frozenset(PURPOSES)
    found = [raw for no in noes for ask in asked for raw in ask(no, "CH", everything, identity)]
    reward = {"type": "reward", "slot": "front", "option": "spring"}
    report = {"token": token, "events": [reward, {"type": "exposure", "experiment": "hero", "variant": "b"}]}
    found += [request("POST", "/v1/events", said, report) for said in ({"sec-gpc": "1"}, {"cookie": "pb_optout=1"})]
    found += [request("POST", "/v1/events?ack=stored", {"sec-gpc": "1"}, report)]
    found += [request("POST", "/v1/opt-out", {}), request("POST", "/opt-out", {}), request("DELETE", "/v1/opt-out", {})]
    return found


def test_redis_is_told_the_same_with_and_without_visits_that_object(two_sites: Container) -> None:
    """Every byte of every command: ids of batches, the salt and the clock held still."""
    everything = frozenset(PURPOSES)
    ordinary = [
        raw
        for identity in ((DEVICE_ID, "outdoor:3", "hero.b"), NOBODY)
        for ask in (asked_by_headers, asked_by_body)
        for raw in ask({}, "CH", everything, identity)
    ]
    now_s = float(int(time.time()))
    token = two_sites.sealer.seal("demo", int(now_s) // 3600 * 3600, "CH/smartphone/android", True, True)
    report = {"token": token, "events": [{"type": "reward", "slot": "front", "option": "app"}]}
    ordinary.append(request("POST", "/v1/events", {}, report))
    noes = objecting(token)
    mixed = [raw for pair in itertools.zip_longest(ordinary, noes) for raw in pair if raw is not None]
    with running() as redis:
        without = redis_told(two_sites, redis, now_s, [ordinary, ordinary[:3]])
        with_them = redis_told(two_sites, redis, now_s, [mixed, [*noes, *ordinary[:3], *noes]])
        one_more = redis_told(two_sites, redis, now_s, [[*ordinary, ordinary[0]], ordinary[:3]])
        alone = redis_told(two_sites, redis, now_s, [noes, noes])
        nothing = redis_told(two_sites, redis, now_s, [[], []])
    assert any(b"rewarded:front:app" in line for line in without)
    assert with_them == without
    assert alone == nothing
    assert one_more != without  # the control: a visit that does not object is seen
