"""The published OpenFeature clients against a running service: backends in Python and Node, and a page in a browser.

They are unmodified, so what they choke on is a mistake of ours. Whatever happens, an application gets a value: what the
service recommends, or else the default that stands in its own code.
"""

import json
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.client import HTTPResponse
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from service.adapters.keys_file import add_key
from service.core.groups.cohort_token import TokenSealer
from tests.documents import DOCUMENTS
from tests.journeys.browser import Browser
from tests.journeys.conftest import ROOT, Server, left_out, program
from tests.journeys.counting import until
from tests.journeys.openfeature_clients import FOLDER, Client, NodeClient, PythonClient

SEALED_WITH = "of a service without room"
DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
VISIT = {"targetingKey": DEVICE_ID, "country": "CH", "acceptLanguage": "fr-CH,fr;q=0.9"}
SHOWN = [
    "language fr TARGETING_MATCH accept_language",
    "front spring STATIC default",
    "hero b SPLIT split",
]  # what each of the document's snippets prints
OWN = ["language en ERROR undefined", "front app ERROR undefined", "hero a ERROR undefined"]  # their own defaults
CONTEXT_FIELDS = (
    "targetingKey", "ip", "country", "subdivision", "userAgent", "acceptLanguage", "language", "region", "variants",
    "consent", "gpc", "optOut",
)  # fmt: skip


@pytest.fixture(scope="module")
def node(node_program: str) -> str:
    """A Node beside which ``make clients`` installed them, as ``make test`` does."""
    if not (FOLDER / "node_modules" / "@openfeature").is_dir():
        left_out("this journey needs the OpenFeature clients for JavaScript: make clients installs them, with npm")
    return node_program


@pytest.fixture(scope="module")
def web(node: str) -> Iterator[NodeClient]:
    client = NodeClient(node, "web")
    yield client
    client.close()


@pytest.fixture(scope="module", params=["python", "node", "web"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Each of the three in turn."""
    if request.param == "python":
        yield PythonClient()
    elif request.param == "web":
        yield request.getfixturevalue("web")
    else:
        backend = NodeClient(request.getfixturevalue("node"), "node")
        yield backend
        backend.close()


def recommendation(server: Server, visit: Mapping[str, Any]) -> Any:
    """What the service answers who describes the same visit to it directly."""
    device = {"id": visit["targetingKey"]} | (
        {"accept_language": visit["acceptLanguage"]} if "acceptLanguage" in visit else {}
    )
    status, answer = server.ask(
        "/v1/recommendation", {"signals": {"geo": {"country": visit["country"]}, "device": device}}
    )
    assert status == 200
    return answer


# What an application gets.


def test_a_recommendation(client: Client, server: Server) -> None:
    """The language of the visit, and by what it was found."""
    told = client.ask(server.url, "language", "en", VISIT)
    assert told[:3] == ("fr", "TARGETING_MATCH", "fr")
    assert told.metadata["reason"] == "accept_language"
    assert told.error is None
    without = client.ask(server.url, "language", "it", {"country": "JP"})
    assert (without.value, without.metadata["reason"]) == ("ja", "edge")


def test_a_slot(client: Client, server: Server) -> None:
    """Its first option, with all of them in the metadata: cold, in the order of the site's own file."""
    told = client.ask(server.url, "front", "none", VISIT)
    assert told[:3] == ("spring", "STATIC", "spring")
    assert told.metadata["reason"] == "default"
    assert told.metadata["options"] == "spring,app,outlet"


def test_an_experiment_gives_a_device_the_same_variant_as_a_recommendation(client: Client, server: Server) -> None:
    """Whichever way a team asks; both variants are given out."""
    drawn = Random(4)
    found = []
    for _ in range(12):
        visit = {"targetingKey": str(uuid.UUID(int=drawn.getrandbits(128), version=4)), "country": "CH"}
        told = client.ask(server.url, "hero", "neither", visit)
        assert told[1:3] == ("SPLIT", told.value)
        assert (told.metadata["reason"], told.metadata["in_experiment"]) == ("split", True)
        assert told.value == recommendation(server, visit)["experiments"]["hero"]["variant"]
        found.append(told.value)
    assert set(found) == {"a", "b"}


def test_a_site_may_stand_in_the_address(client: Client, server: Server) -> None:
    """The base URL of a provider is the service's, or one site's; of a site that there is not the default is shown."""
    assert client.ask(f"{server.url}/sites/demo", "language", "en", VISIT).value == "fr"
    assert client.ask(f"{server.url}/sites/nowhere", "language", "en", VISIT)[:2] == ("en", "ERROR")


@pytest.mark.parametrize("context", [None, {}, {"country": "CH"}])
def test_without_a_device_id_an_experiment_shows_control(client: Client, server: Server, context: Any) -> None:
    """A context may be empty or absent. It is no error: the first variant, and why."""
    told = client.ask(server.url, "hero", "neither", context)
    assert told[:2] == ("a", "DEFAULT")
    assert told.metadata["in_experiment"] is False
    assert told.metadata["reason"] == ("no_device_id" if context else "withheld")
    assert told.error is None


def test_a_visit_that_says_no_is_in_no_experiment(client: Client, server: Server) -> None:
    """Global Privacy Control and an opt-out, as the backend passes them on."""
    for objection in ({"gpc": True}, {"optOut": True}):
        told = client.ask(server.url, "hero", "neither", VISIT | objection)
        assert told[:2] == ("a", "DEFAULT")
        assert (told.metadata["reason"], told.metadata["in_experiment"]) == ("withheld", False)


@pytest.mark.parametrize("where", [{"country": "DE"}, {}])
@pytest.mark.parametrize("consent", [["statistics", "experiments"], "statistics.experiments"])
def test_consent_is_passed_on(client: Client, server: Server, where: Mapping[str, str], consent: Any) -> None:
    """German law asks for it, and so do the rules for a visit of which nothing says whose hold: a list, or a text."""
    there = {"targetingKey": DEVICE_ID, **where}
    without = client.ask(server.url, "hero", "neither", there)
    assert (without.value, without.metadata["reason"]) == ("a", "withheld")
    told = client.ask(server.url, "hero", "neither", there | {"consent": consent})
    assert told[:2] == ("b", "SPLIT")


# The defaults of the application's own code.


def test_what_is_not_known_is_the_default(client: Client, server: Server) -> None:
    """A country that nothing tells: no value is sent, and none is invented."""
    told = client.ask(server.url, "country", "my own", {"acceptLanguage": "fr"})
    assert told.value == "my own"
    if client.name == "node":  # this version of the provider takes only replies with a value
        assert told.error == "GENERAL"
    else:
        assert (told.reason, told.error) == ("DEFAULT", None)


@pytest.mark.parametrize("flag", ["nothing-of-the-kind", "a/b", "with space", "Ünknown"])
def test_an_unknown_flag(client: Client, server: Server, flag: str) -> None:
    """The code default and FLAG_NOT_FOUND, whatever the key looks like."""
    told = client.ask(server.url, flag, "my own", VISIT)
    assert (told.value, told.reason, told.error) == ("my own", "ERROR", "FLAG_NOT_FOUND")
    assert flag not in (told.words or "")


@pytest.mark.parametrize(("type_", "default"), [("boolean", True), ("number", 7), ("object", {"own": 1})])
def test_the_wrong_type(client: Client, server: Server, type_: Any, default: Any) -> None:
    """Every value is a text. Who asks for another type keeps the default and is told."""
    told = client.ask(server.url, "hero", default, VISIT, type_=type_)
    assert (told.value, told.reason, told.error) == (default, "ERROR", "TYPE_MISMATCH")


IDENTIFYING = [
    ({"email": "anna.schmidt@example.org"}, "anna"),
    ({"name": "Anna Schmidt"}, "Anna"),
    ({"userId": "4711-anna"}, "4711"),
    ({"targetingKey": "anna.schmidt@example.org"}, "anna"),
    ({"targetingKey": "+41 79 555 01 23"}, "555"),
    ({"targetingKey": "0cc175b9c0f1b6a831c399e269772661"}, "0cc175"),
    ({"language": "anna.schmidt@example.org"}, "anna"),
]


@pytest.mark.parametrize(("who", "secret"), IDENTIFYING)
def test_who_the_visitor_is_is_refused_with_helpful_words(
    client: Client, server: Server, who: Mapping[str, str], secret: str
) -> None:
    """400 INVALID_CONTEXT: the code default, words that name our field or list what is taken, and nothing of theirs."""
    told = client.ask(server.url, "language", "my own", {"country": "CH", **who})
    assert (told.value, told.reason) == ("my own", "ERROR")
    if client.name == "web":
        assert (told.wire[-1]["status"], told.status) == (400, "ERROR")
        assert '"INVALID_CONTEXT"' in told.wire[-1]["body"]
    else:
        assert told.error == "INVALID_CONTEXT"
    words = told.words or ""
    assert secret not in words
    (field,) = who
    if field in CONTEXT_FIELDS:
        assert field in words
    else:
        assert all(known in words for known in CONTEXT_FIELDS)


def test_an_attribute_that_is_not_ours_is_refused_too(client: Client, server: Server) -> None:
    """A plan identifies nobody, but decides nothing either: better said at once, with where to declare it harmless."""
    told = client.ask(server.url, "language", "my own", VISIT | {"plan": "pro"})
    assert told.value == "my own"
    assert "context_ignored" in (told.words or "")
    assert all(known in (told.words or "") for known in CONTEXT_FIELDS)


@pytest.fixture(scope="module")
def declaring(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A service whose site has declared harmless what a team sets for all its providers."""
    sites = tmp_path_factory.mktemp("sites")
    site = (ROOT / "config" / "sites" / "demo.toml").read_text()
    assert "\n# context_ignored = " in site
    (sites / "demo.toml").write_text(site.replace("\n# context_ignored = ", "\ncontext_ignored = "))
    return start(sites_dir=str(sites))


def test_what_the_site_declared_harmless_costs_no_flag(client: Client, declaring: Server) -> None:
    """One context for all providers of a team: every flag is what it is without, and an address is refused there too."""
    for flag in ("language", "front", "hero"):
        plain = client.ask(declaring.url, flag, "my own", VISIT)
        assert plain.value != "my own"
        for more in ({"plan": "pro"}, {"plan": "pro", "appVersion": "1.2.3"}, {"appVersion": 1.5, "plan": True}):
            told = client.ask(declaring.url, flag, "my own", VISIT | more)
            assert (told.value, told.reason, told.error) == (plain.value, plain.reason, None)
    refused = client.ask(declaring.url, "language", "my own", VISIT | {"plan": "anna.schmidt@example.org"})
    assert refused.value == "my own"
    assert "anna" not in (refused.words or "")
    assert client.ask(declaring.url, "language", "my own", VISIT | {"theme": "dark"}).value == "my own"


# Who may ask, and whether there is time.


@pytest.fixture(scope="module")
def closed(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Mapping[str, str]]:
    """A service that asks for a key, and two keys by their scope."""
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    keys = {scope: add_key(path, [scope], "2026-11-22T10:00:00Z", [])[0] for scope in ("recommend", "events")}
    return start(keys_file=str(path)), keys


def test_a_key_is_asked_for(client: Client, closed: tuple[Server, Mapping[str, str]]) -> None:
    """In either header; without one, or with one for something else, the application has its default."""
    server, keys = closed
    for headers in ({"Authorization": f"Bearer {keys['recommend']}"}, {"X-API-Key": keys["recommend"]}):
        assert client.ask(server.url, "language", "my own", VISIT, headers=headers)[:2] == ("fr", "TARGETING_MATCH")
    for headers in ({}, {"Authorization": f"Bearer {keys['events']}"}):
        told = client.ask(server.url, "language", "my own", VISIT, headers=headers)
        assert (told.value, told.reason) == ("my own", "ERROR")
        # The web client gives up for good here, as a page cannot do anything about it.
        assert (told.error, told.status) == (("PROVIDER_FATAL", "FATAL") if client.name == "web" else ("GENERAL", None))


class _InPieces(socketserver.BaseRequestHandler):
    """A line that passes on the head of a request first and its body a little later."""

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.upstream_port), timeout=5) as service:
            answers = threading.Thread(target=self._pass_back, args=(service,), daemon=True)
            answers.start()
            while piece := self.request.recv(65536):
                head, gap, body = piece.partition(b"\r\n\r\n")
                for part in (head + gap, body):  # either may be all there is: some clients send the two apart
                    service.sendall(part)
                    time.sleep(0.05)
            service.shutdown(socket.SHUT_WR)
            answers.join()

    def _pass_back(self, service: socket.socket) -> None:
        while piece := service.recv(65536):
            self.request.sendall(piece)


class SlowLine(socketserver.ThreadingTCPServer):
    """Listens where clients of a server on ``upstream_port`` are sent."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _InPieces)
        self.upstream_port = upstream_port
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture(scope="module")
def narrow(start: Callable[..., Server]) -> Iterator[tuple[Server, str]]:
    """A service with room for one request, which a report takes until it is stored, and a line to it on which requests
    wait for their turn: their bodies come late."""
    server = start(requests_in_flight_max="1", flush_interval_ms="3000", secret=SEALED_WITH)
    with SlowLine(server.port) as line:
        threading.Thread(target=line.serve_forever, daemon=True).start()
        yield server, line.url
        line.shutdown()


def test_a_service_without_room_costs_nobody_their_page(client: Client, narrow: tuple[Server, str]) -> None:
    """Shedding: 503 at once, and the application has its default; a moment later all is well."""
    server, url = narrow
    token = TokenSealer([SEALED_WITH]).seal("demo", int(time.time()) // 3600 * 3600, "all", True, False)
    report = {"token": token, "events": [{"type": "reward", "slot": "front", "option": "spring"}]}

    def store() -> int:
        return server.ask("/v1/events?ack=stored", report)[0]

    assert store() == 202  # what comes now waits for the whole of the next interval
    storing = threading.Thread(target=store)
    storing.start()
    assert until(lambda: server.metrics()["passerby_requests_in_flight"] == 1)
    told = client.ask(url, "language", "my own", VISIT)
    storing.join()
    assert (told.value, told.reason) == ("my own", "ERROR")
    if told.wire:
        assert told.wire[-1]["status"] == 503
    assert client.ask(url, "language", "my own", VISIT).value == "fr"


def test_a_service_that_is_away_costs_nobody_their_page(client: Client, server: Server) -> None:
    """Nothing listens: the default."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        told = client.ask(f"http://127.0.0.1:{nobody.getsockname()[1]}", "language", "my own", VISIT)
    assert (told.value, told.reason) == ("my own", "ERROR")


# A backend in Java, whose octets are enough.

JAVA = """\
POST {path} HTTP/1.1
Connection: Upgrade, HTTP2-Settings
Content-Length: {octets}
Host: 127.0.0.1:{port}
HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA
Upgrade: h2c
User-Agent: Java-http-client/17.0.15
Content-Type: application/json; charset=utf-8

"""  # what java.net.http sends, with which the provider for Java asks: HTTP/2 is offered beside the first question


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/ofrep/v1/evaluate/flags/hero", {"context": VISIT}),
        ("/ofrep/v1/evaluate/flags", {"context": VISIT}),
        ("/v1/recommendation", {"signals": {"geo": {"country": "CH"}, "device": {"id": DEVICE_ID}}}),
    ],
)
def test_a_backend_that_offers_another_protocol_has_its_answer(
    server: Server, path: str, question: Any, apart: bool
) -> None:
    """In HTTP/1.1, whether the body comes with the head or after it; and so has what it asks next."""
    body = json.dumps(question).encode()
    head = JAVA.format(path=path, octets=len(body), port=server.port).replace("\n", "\r\n").encode()
    plain = re.sub(rb"(?m)^(Connection|HTTP2-Settings|Upgrade): .*\r\n", b"", head)
    answers = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as backend:
        for first, then in (((head, body) if apart else (head + body, b"")), (plain + body, b"")):
            backend.sendall(first)
            if then:
                time.sleep(0.05)
                backend.sendall(then)
            with HTTPResponse(backend, method="POST") as answer:
                answer.begin()
                answers.append((answer.status, json.loads(answer.read())))
    assert answers == [server.ask(path, question)] * 2
    assert answers[0][0] == 200


# A page, which keeps its flags until its context changes.


def test_a_page_asks_again_when_its_context_changes(web: NodeClient, server: Server) -> None:
    """What has not changed is 304 and costs no body; other flags come whole, also under the same device id."""
    first = web.ask(server.url, "language", "en", VISIT)
    (reply,) = first.wire
    assert (reply["status"], reply["ifNoneMatch"]) == (200, None)
    assert re.fullmatch(r'"[^"]+"', reply["etag"])

    same = web.go_on("language", "en", VISIT)
    assert [(it["status"], it["ifNoneMatch"], it["body"]) for it in same.wire] == [(304, reply["etag"], "")]
    assert same.value == "fr"

    other = web.go_on("language", "en", VISIT | {"acceptLanguage": "it"})
    assert [(it["status"], it["ifNoneMatch"]) for it in other.wire] == [(200, reply["etag"])]
    assert other.value == "it"

    stranger = web.go_on("language", "en", {"country": "CH", "acceptLanguage": "de"})  # another targetingKey: none
    assert [(it["status"], it["ifNoneMatch"]) for it in stranger.wire] == [(200, None)]
    assert stranger.value == "de"


def test_a_page_whose_context_is_refused_later_keeps_the_flags_it_had(web: NodeClient, server: Server) -> None:
    """The client says that something is wrong; no value of the refused context is invented."""
    assert web.ask(server.url, "language", "en", VISIT).value == "fr"
    told = web.go_on("language", "en", {"country": "CH", "email": "anna.schmidt@example.org"})
    assert told.wire[-1]["status"] == 400
    assert "400" in (told.failure or "")
    assert told.value == "fr"


class _Pages(SimpleHTTPRequestHandler):
    """Serves the folder with the page, and keeps quiet."""

    def log_message(self, *_: object) -> None:
        """Nothing is noted."""


@pytest.fixture(scope="module")
def origins(node: str) -> Iterator[tuple[str, str]]:
    """Two origins that serve the document's page: one for a site to name, one for it not to."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(FOLDER))) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{servers[0].server_port}", f"http://127.0.0.1:{servers[1].server_port}"
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def for_pages(
    start: Callable[..., Server], origins: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A service whose site names the first of the origins."""
    sites = tmp_path_factory.mktemp("sites")
    text = (ROOT / "config" / "sites" / "demo.toml").read_text()
    changed = re.sub(r"(?m)^cors_origins = .*$", f'cors_origins = ["{origins[0]}"]', text)
    (sites / "demo.toml").write_text(changed)
    return start(sites_dir=str(sites))


def shown(browser: Browser, origin: str, url: str) -> list[str]:
    """What the document's page shows that asks the service at this address, once it shows all."""
    browser.open(f"{origin}/page.html?passerby={url}")
    text = browser.evaluate(
        "new Promise((done, failed) => { let left = 200; const look = () => {"
        "const lines = document.querySelector('pre').innerText.trim().split('\\n');"
        "if (lines.length === 3 || !left--) done(lines); else setTimeout(look, 25); }; look(); })"
    )
    return [str(line) for line in text]


def statuses(browser: Browser, server: Server) -> list[int]:
    """Of the answers that the browser got from the service, preflights left out."""
    told = browser.told("Network.responseReceived")
    return [
        it["response"]["status"]
        for it in told
        if it["type"] == "Fetch" and it["response"]["url"].startswith(server.url)
    ]


def preflights(browser: Browser) -> int:
    """How often the browser asked whether it may ask."""
    return sum(it["request"]["method"] == "OPTIONS" for it in browser.told("Network.requestWillBeSent"))


def test_a_page_in_a_browser(browser: Browser, for_pages: Server, origins: tuple[str, str]) -> None:
    """Another origin than the service's, one that the site names: the browser asks whether it may, and then asks."""
    browser.do("Emulation.setUserAgentOverride", userAgent="Mozilla/5.0", acceptLanguage="fr-CH,fr")
    assert shown(browser, origins[0], for_pages.url) == SHOWN
    assert statuses(browser, for_pages) == [200]
    assert preflights(browser) == 1
    again = browser.evaluate(
        "import('@openfeature/web-sdk').then(async ({OpenFeature}) => {"
        "await OpenFeature.setContext({...OpenFeature.getContext()});"
        "return OpenFeature.getClient().getStringValue('language', 'en'); })"
    )
    assert again == "fr"
    assert statuses(browser, for_pages) == [200, 304]  # the ETag was readable, and If-None-Match allowed
    assert browser.evaluate("localStorage.length") == 0


def test_a_browser_that_objects_is_heard(browser: Browser, for_pages: Server, origins: tuple[str, str]) -> None:
    """Global Privacy Control is the browser's own header; the page need not know of it. Control, and why."""
    browser.do("Emulation.setUserAgentOverride", userAgent="Mozilla/5.0", acceptLanguage="fr-CH,fr")
    browser.do("Network.setExtraHTTPHeaders", headers={"Sec-GPC": "1"})
    try:
        assert shown(browser, origins[0], for_pages.url) == [*SHOWN[:2], "hero a DEFAULT withheld"]
    finally:
        browser.do("Network.setExtraHTTPHeaders", headers={})


def test_a_page_of_elsewhere_goes_on_with_its_own(
    browser: Browser, for_pages: Server, origins: tuple[str, str]
) -> None:
    """An origin that the site does not name: the browser keeps the answer from it."""
    assert shown(browser, origins[1], for_pages.url) == OWN
    assert statuses(browser, for_pages) == []


def test_a_page_whose_service_is_away_goes_on_with_its_own(browser: Browser, origins: tuple[str, str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert shown(browser, origins[0], f"http://127.0.0.1:{nobody.getsockname()[1]}") == OWN


# The document.

DOCUMENT = DOCUMENTS["service/docs/openfeature.md"]
LANGUAGES = {"server.py": "python", "server.mjs": "js", "page.html": "html"}


def test_the_clients_are_pinned_by_what_they_contain_and_not_by_where_they_lie() -> None:
    """The lock file has the digest of every package and the address of none, so that any registry will do."""
    text = (FOLDER / "package-lock.json").read_text()
    packages = [package for name, package in json.loads(text)["packages"].items() if name]
    assert len(packages) >= 4
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert "://" not in text


def test_one_target_installs_the_clients_for_a_reader_and_for_the_tests() -> None:
    """Those for Python and those for JavaScript, each by its lock; the document says which target."""
    make = program(("make",), "make")
    for target in ("clients", "test"):
        plan = subprocess.check_output([make, "--dry-run", "--always-make", target], cwd=ROOT, text=True)
        assert all(step in plan for step in ("-r tests/requirements.lock", "npm ci"))
        assert ("-m pytest" in plan) == (target == "test")
    assert "`make clients`" in DOCUMENT


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_document_shows_the_tested_files(name: str) -> None:
    """Letter for letter, and no longer than a reader's patience."""
    text = (FOLDER / name).read_text()
    assert len(text.splitlines()) <= 30
    assert f"```{LANGUAGES[name]}\n{text}```" in DOCUMENT


def test_the_snippets_of_both_backends_print_the_same(server: Server, node: str) -> None:
    """What the document says they print, and what the service recommends who asks it directly."""
    for command in ([sys.executable, "-W", "error", "server.py"], [node, "server.mjs"]):
        done = subprocess.run(
            [*command, server.url], cwd=FOLDER, capture_output=True, text=True, timeout=20, check=False
        )
        assert (done.stdout.splitlines(), done.stderr) == (SHOWN, "")
    answer = recommendation(server, VISIT)
    assert answer["language"]["tag"] == "fr"
    assert answer["slots"]["front"]["options"][0] == "spring"
    assert answer["experiments"]["hero"] == {"variant": "b", "in_experiment": True, "reason": "split"}
    assert "\n".join(SHOWN) in DOCUMENT
