"""Keys on a running service: made and revoked by a command, in force within two seconds, on every route that asks."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from inspect import signature
from itertools import product
from pathlib import Path

import pytest

from service.adapters.keys_file import add_key
from service.core.access import SCOPES
from service.web.openapi.examples import all_examples
from service.web.openapi.operations import OPERATIONS
from service.web.routes import table

TAKEN_UP_MAX_S = 2.0
QUESTION = "/v1/recommendation?site=demo"


def passerby(*arguments):
    """A command's exit code and what it prints."""
    command = [sys.executable, "-m", "service", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=15, check=False, env=os.environ | {"COLUMNS": "200"}
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory):
    return tmp_path_factory.mktemp("keys") / "keys.toml"


@pytest.fixture(scope="module")
def keys(keys_file):
    """A key of each scope by its name: for every site, for the site `demo`, and for the site `shop` alone."""
    made = {}
    for scope, site in product(SCOPES, ("", "demo", "shop")):
        made[scope, site], _ = add_key(keys_file, [scope], "2026-11-22T10:00:00Z", [site] if site else [])
    return made


@pytest.fixture(scope="module")
def admin(keys):
    return keys["admin", ""]


@pytest.fixture(scope="module")
def closed(start, keys_file, keys):
    """A service that asks every caller for a key."""
    return start(keys_file=str(keys_file))


def ask(server, path, key=None, method="GET", body=None, kind="application/json", **headers):
    """Status, headers and body of an answer. Without ``connection: close`` a GET takes the short way."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None:
            sent["Content-Type"] = kind
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def becomes(status, question):
    """Whether a question is answered so within the time that a change may take."""
    deadline = time.monotonic() + TAKEN_UP_MAX_S
    while time.monotonic() < deadline:
        if question()[0] == status:
            return True
        time.sleep(0.05)
    return question()[0] == status


def test_a_key_comes_and_goes_without_a_restart(closed, keys_file):
    """From `keys new` to the first answer, and from `keys revoke` to the first refusal: two seconds at most."""
    code, key, _ = passerby("keys", "new", "--scope", "recommend", "--file", str(keys_file))
    assert code == 0
    assert becomes(200, lambda: ask(closed, QUESTION, key))
    assert passerby("keys", "revoke", key[4:12], "--file", str(keys_file))[0] == 0
    assert becomes(401, lambda: ask(closed, QUESTION, key))
    assert closed.process.poll() is None
    log = closed.log.read_text()
    assert '"event":"keys_replaced"' in log
    assert key[13:-1] not in log
    assert "pbk_" not in log


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_both_ways_to_an_answer_ask_for_the_key(closed, keys, admin, connection):
    """The short way past ASGI and the way through it."""
    other = keys["admin", "shop"]
    assert ask(closed, QUESTION, other, connection=connection)[0] == 403
    status, headers, body = ask(closed, QUESTION, connection=connection, origin="https://shop.example")
    assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="passerby"')
    assert json.loads(body)["type"] == "/problems/unauthorized"
    assert ask(closed, QUESTION, admin[:-1] + "_", connection=connection)[0] == 401
    assert ask(closed, QUESTION, admin, connection=connection)[0] == 200
    assert ask(closed, QUESTION, x_api_key=admin, connection=connection)[0] == 200
    assert ask(closed, QUESTION, admin, x_api_key=other, connection=connection)[0] == 401
    assert ask(closed, "/v1/recommendation", other, connection=connection)[0] == 403
    assert ask(closed, "/v1/recommendation?site=nowhere", other, connection=connection)[0] == 403
    assert ask(closed, "/v1/recommendation?site=nowhere", admin, connection=connection)[0] == 404


def test_a_refused_question_with_a_body_leaves_the_connection_in_order(closed, admin):
    """What follows it on the same connection is answered as if it had come alone."""
    with socket.create_connection(("127.0.0.1", closed.port), timeout=5) as connection:
        connection.sendall(b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ")
        connection.sendall(
            b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: "
            + admin.encode()
            + b"\r\n\r\n"
        )
        said = b""
        while part := connection.recv(65536):
            said += part
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"401", b"200"]


class Named:
    """Stands for every endpoint of the table."""

    def __getattr__(self, name):
        return name


ASKING = [row for row in table(*[Named() for _ in signature(table).parameters]) if row.scope]


def question_of(row):
    """A request that this row answers well: the document's own example, else one made of its path."""
    path = re.sub(
        r"\{(\w+)\}",
        lambda found: {"site": "demo", "slot": "front", "experiment": "hero"}.get(found[1], "hero"),
        row.path,
    )
    name = next(
        operation.name for operation in OPERATIONS if (operation.path, operation.method) == (row.path, row.method)
    )
    found = [it for it in all_examples().values() if it.operation == name and it.body is not None and it.status < 300]
    if row.method == "GET":
        return path, None, ""
    body = found[0].body
    return path, body if isinstance(body, str) else json.dumps(body), found[0].content_type


@pytest.mark.parametrize("row", ASKING, ids=lambda row: f"{row.method} {row.path}")
def test_every_row_that_asks_for_a_scope_asks_for_the_site(closed, keys, admin, row):
    """The real endpoints: no key and a wrong one 401; another scope's or another site's 403; the right one gets through."""
    path, body, kind = question_of(row)
    other_scope = next(scope for scope in SCOPES if scope not in (row.scope, "admin"))
    right = keys[row.scope, "demo"]

    def status(key):
        return ask(closed, path, key, row.method, body, kind)[0]

    assert status(keys[other_scope, ""]) == 403
    assert status(keys[row.scope, "shop"]) == 403
    assert status(keys["admin", "shop"]) == 403
    assert status(right) not in (401, 403)
    assert status(admin) == status(keys[row.scope, ""]) == status(right)
    assert status(None) == status("pbk_") == status(right[:-1] + "_") == 401


def test_a_line_for_another_site_is_refused_and_the_rest_answered(closed, keys):
    """NDJSON: each line names its own site, or none and means the default one."""
    lines = b'{"site":"demo"}\n{}\n{"site":"shop"}\n'
    for site, statuses in (("shop", [403, 403, 404]), ("demo", [200, 200, 403])):
        key = keys["recommend", site]
        status, _, said = ask(closed, "/v1/recommendations", key, "POST", lines, "application/x-ndjson")
        assert status == 200
        assert [json.loads(line).get("status", 200) for line in said.splitlines()] == statuses


def test_a_broken_file_is_refused_and_the_keys_stay(closed, keys_file, admin):
    """Half a file revokes nobody, and the log says why it was not taken."""
    good = keys_file.read_bytes()
    keys_file.write_text("[[keys]]\n")
    deadline = time.monotonic() + TAKEN_UP_MAX_S
    while "keys_refused" not in closed.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert '"event":"keys_refused","reason":"broken"' in closed.log.read_text()
    assert ask(closed, QUESTION, admin)[0] == 200
    keys_file.write_bytes(good)


def test_what_is_open_needs_no_key_and_looks_at_none(start, keys_file, keys):
    """With `open_scopes` pages may ask; the rest is as closed as before."""
    server = start(keys_file=str(keys_file), open_scopes="recommend")
    assert ask(server, QUESTION)[0] == 200
    assert ask(server, QUESTION, "pbk_wrong")[0] == 200
    closed_row = next((row for row in ASKING if row.scope != "recommend"), None)
    if closed_row is not None:
        path, body, kind = question_of(closed_row)
        assert ask(server, path, None, closed_row.method, body, kind)[0] == 401


def test_off_loopback_nothing_is_open_by_itself(start, keys_file, admin):
    """With keys the service may listen anywhere, and asks for them."""
    server = start(host="0.0.0.0", keys_file=str(keys_file), secret="0123456789abcdef" * 2)
    assert ask(server, QUESTION)[0] == 401
    assert ask(server, QUESTION, admin)[0] == 200
    assert ask(server, "/livez")[0] == 200


@pytest.mark.parametrize("content", [None, "[[keys]]\n"])
def test_a_start_without_sound_keys_is_refused(tmp_path: Path, content):
    """Exit status 1 and the mistake in words."""
    path = tmp_path / "keys.toml"
    if content is not None:
        path.write_text(content)
    environment = os.environ | {"PASSERBY_KEYS_FILE": str(path)}
    command = [sys.executable, "-m", "service", "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=15, check=False)
    assert done.returncode == 1
    assert "PASSERBY_KEYS_FILE: " in done.stderr
    assert "Traceback" not in done.stderr
