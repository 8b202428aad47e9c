"""Who may ask for what: every route, every method, every kind of caller."""

import re
from inspect import signature
from itertools import product
from typing import Any, get_args

import pytest

from service.core.access import EVERYTHING, SCOPES, Grant, KeyRecord, Keys, KeyScope, record_of
from service.web.auth import Auth
from service.web.cors import Cors
from service.web.problems import Refusal
from service.web.routes import table
from service.web.wire.dispatch import Dispatcher, Row
from service.web.wire.messages import Request, Response, respond
from tests.doors import answer, dispatcher_of, request

CREATED = "2026-11-22T10:00:00Z"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SHOP = b"https://shop.example"


class Endpoints:
    """Stands for every endpoint: whoever is let through is answered 200 at any site of the key's, else refused."""

    def __getattr__(self, name: str) -> Any:
        def answer(_: Request, grant: Any) -> Response:
            return respond(200 if isinstance(grant, Refusal) or grant.allows_site("demo") else 403, [])

        return answer


ROWS = table(*[Endpoints() for _ in signature(table).parameters])  # type: ignore[arg-type]
PATHS = sorted({row.path for row in ROWS})


class Held:
    """Keys as a service holds them, and the texts of those keys."""

    def __init__(self) -> None:
        records: list[KeyRecord] = []
        self.texts: dict[str, str] = {}

        def add(name: str, scopes: tuple[KeyScope, ...], sites: tuple[str, ...] | None = None) -> None:
            self.texts[name] = f"pbk_{len(self.texts):08}_{name * 43:.43}"
            records.append(record_of(self.texts[name], scopes, CREATED, sites, None))

        for scope in SCOPES:
            add(scope, (scope,))
        add("own", ("recommend", "events", "statistics"), ("demo", "shop"))
        add("other", ("recommend", "events", "statistics"), ("shop",))
        add("other-admin", ("admin",), ("shop",))
        add("revoked", ("admin",))
        records.pop()
        self.keys = Keys.of(records)
        self.texts["wrong"] = self.texts["admin"][:-1] + "x"
        self.texts["unknown"] = "pbk_zzzzzzzz_" + "x" * 43
        self.texts["malformed"] = "pbk_"
        self.texts["empty"] = ""


HELD = Held()
CALLERS = ["nobody", *HELD.texts]


def bearer(caller: str) -> list[tuple[bytes, bytes]]:
    if caller == "nobody":
        return []
    return [(b"host", b"x"), (b"authorization", b"Bearer " + HELD.texts[caller].encode()), (b"accept", b"*/*")]


def expected(row: Row, caller: str, open_scopes: tuple[KeyScope, ...]) -> int:
    """The status that a caller is due from a row: the promise of the table in words of its own."""
    if not row.scope or row.scope in open_scopes or "admin" in open_scopes:
        return 200
    if caller in ("nobody", "wrong", "unknown", "malformed", "empty", "revoked"):
        return 401
    if caller in ("other", "other-admin"):
        return 403
    allows: tuple[str, ...] = ("recommend", "events", "statistics") if caller == "own" else (caller,)
    return 200 if row.scope in allows or "admin" in allows else 403


def routes(auth: Auth, *, origins: tuple[str, ...] = (SHOP.decode(),)) -> Dispatcher:
    return dispatcher_of(*ROWS, auth=auth, cors=lambda: Cors({"demo": origins}))


def ask(
    dispatcher: Dispatcher, path: str, method: str, headers: list[tuple[bytes, bytes]]
) -> tuple[int, dict[bytes, bytes]]:
    """The status of an answer and its headers; a body is of a type that is read there."""
    media = next((row.media[0] for row in ROWS if (row.path, row.method) == (path, method) and row.media), "")
    fields = [*headers, (b"content-type", media.encode())]
    response = answer(dispatcher, request(method, re.sub(r"\{\w+\}", "x", path), fields))
    return response.status, dict(response.headers)


def test_the_table_asks_for_scopes_that_keys_have() -> None:
    """A row whose scope no key could have would be closed for ever."""
    assert {row.scope for row in ROWS} <= {"", *SCOPES}
    assert get_args(KeyScope) == SCOPES


@pytest.mark.parametrize("open_scopes", [(), *((scope,) for scope in SCOPES)], ids=" ".join)
@pytest.mark.parametrize("path", PATHS)
def test_every_route_by_every_method_for_every_caller(path: str, open_scopes: tuple[KeyScope, ...]) -> None:
    """The table of routes is the law: for each row and caller the one status that is due, HEAD as GET."""
    app = routes(Auth(HELD, open_scopes))
    rows = {row.method: row for row in ROWS if row.path == path}
    if "GET" in rows:
        rows["HEAD"] = rows["GET"]

    for method, caller in product(METHODS, CALLERS):
        status, headers = ask(app, path, method, bearer(caller))
        row = rows.get(method)
        if row is not None:
            assert status == expected(row, caller, open_scopes), (method, caller)
        elif method == "OPTIONS" and any(row.cors for row in rows.values()):
            assert status == 204, caller
        else:
            assert status == 405, (method, caller)
        assert (b"www-authenticate" in headers) == (status == 401)


@pytest.mark.parametrize("path", PATHS)
def test_on_loopback_without_keys_all_is_open(path: str) -> None:
    """Whatever key is sent, and with none."""
    app = routes(Auth(HELD, (), everything_open=True))
    for row, caller in product([row for row in ROWS if row.path == path], CALLERS):
        assert ask(app, path, row.method, bearer(caller))[0] == 200


def test_off_loopback_without_keys_only_the_open_is_open() -> None:
    """There is no key that could open the rest."""
    held = Held()
    held.keys = Keys()
    auth = Auth(held, ("recommend",))
    assert auth.grant("recommend", []) == EVERYTHING
    for caller in CALLERS:
        assert auth.grant("statistics", bearer(caller)) == Refusal("unauthorized")


def key(caller: str) -> bytes:
    return HELD.texts[caller].encode()


@pytest.mark.parametrize(
    ("headers", "granted"),
    [
        ([(b"authorization", b"bearer " + key("own"))], True),
        ([(b"authorization", b"BEARER   " + key("own") + b" ")], True),
        ([(b"x-api-key", key("own"))], True),
        ([(b"authorization", b"Bearer " + key("own")), (b"x-api-key", key("own"))], True),
        ([(b"authorization", b"Basic YW5uYTphbm5h"), (b"x-api-key", key("own"))], True),
        ([(b"authorization", b"Bearer " + key("own")), (b"x-api-key", key("admin"))], False),
        ([(b"authorization", b"Bearer " + key("own")), (b"x-api-key", b"")], False),
        ([(b"x-api-key", key("own")), (b"x-api-key", key("admin"))], False),
        ([(b"authorization", b"Bearer " + key("own")), (b"authorization", b"Bearer " + key("admin"))], False),
        ([(b"authorization", b"Bearer")], False),
        ([(b"authorization", key("own"))], False),
        ([(b"authorization", b"Basic " + key("own"))], False),
        ([(b"authorization", b"Bearer\t" + key("own"))], False),
        ([(b"cookie", b"key=" + key("own"))], False),
    ],
)
def test_a_key_is_read_from_its_two_places(headers: list[tuple[bytes, bytes]], granted: bool) -> None:
    """The scheme in any case; two that differ are none; another scheme is somebody else's."""
    found = Auth(HELD, ()).grant("recommend", headers)
    assert found == (
        Grant(frozenset(SCOPES) - {"admin"}, frozenset({"demo", "shop"})) if granted else Refusal("unauthorized")
    )


def test_for_what_is_open_no_key_is_looked_at() -> None:
    """Sending a key never gets a caller less than sending none."""
    auth = Auth(HELD, ("recommend",))
    for caller in CALLERS:
        assert auth.grant("recommend", bearer(caller)) is EVERYTHING


def test_keys_are_those_of_this_moment() -> None:
    """A swap of the keys needs no new Auth."""
    held = Held()
    auth = Auth(held, ())
    assert auth.grant("events", bearer("events")) == Grant(frozenset({"events"}))
    held.keys = Keys()
    assert auth.grant("events", bearer("events")) == Refusal("unauthorized")


def test_a_refusal_can_be_read_by_the_pages_that_may_ask() -> None:
    """A site's own page learns that its key is wrong; another's learns nothing, and a path without CORS says none."""
    app = routes(Auth(HELD, ()))
    origin = [(b"origin", SHOP)]
    status, headers = ask(app, "/v1/recommendation", "GET", origin)
    assert (status, headers[b"access-control-allow-origin"]) == (401, SHOP)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"www-authenticate"] == b'Bearer realm="passerby"'
    status, headers = ask(app, "/v1/recommendation", "GET", origin + bearer("events"))
    assert (status, headers[b"access-control-allow-origin"]) == (403, SHOP)
    _, headers = ask(app, "/v1/recommendation", "GET", [(b"origin", b"https://evil.example")])
    assert b"access-control-allow-origin" not in headers
    for row in ROWS:
        if row.scope and not row.cors:
            assert b"access-control-allow-origin" not in ask(app, row.path, row.method, origin)[1]


def test_a_table_without_keys_grants_nothing() -> None:
    """A row that wants a scope is closed where nobody said who has it."""
    open_and_closed = [Row("/a", "GET", "", "none", respond_ok), Row("/b", "GET", "recommend", "none", respond_ok)]
    dispatcher = dispatcher_of(*open_and_closed)
    statuses = [answer(dispatcher, request("GET", path)).status for path in ("/a", "/b")]
    assert statuses == [200, 401]


def respond_ok(_: Request, __: Grant) -> Response:
    return respond(200, [])
