"""A real nginx with the configuration that ships asks the service about each page and passes the answer on."""

import contextlib
import http.client
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.free_ports import free_port

CONFIGURATION = Path(__file__).resolve().parent.parent.parent / "deploy" / "edge" / "nginx" / "passerby.conf"


class Shop(http.server.BaseHTTPRequestHandler):
    """The website behind the edge: it shows which PB headers reached it."""

    def do_GET(self):
        body = json.dumps(
            {name: value for name, value in self.headers.items() if name.upper().startswith("PB-")}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing is logged."""


@pytest.fixture(scope="module")
def edge(nginx, server, tmp_path_factory):
    """nginx in front of a shop, with the service beside it."""
    with running_edge(nginx, server, tmp_path_factory.mktemp("nginx")) as port:
        yield port


@contextlib.contextmanager
def running_edge(nginx, server, folder, key=""):
    """The shipped configuration, with a key filled in where one is given; the port that visitors ask."""
    shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    port = free_port()
    text = CONFIGURATION.read_text().replace('Authorization ""', f'Authorization "{key}"')
    for shipped, here in (
        ("listen 8081", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8080", f"127.0.0.1:{server.port}"),
        ("127.0.0.1:3000", f"127.0.0.1:{shop.server_port}"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "passerby.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f"http {{ access_log off; {temporary} include {folder}/passerby.conf; }}"
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            ask(port)
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(5)
        shop.shutdown()
        shop.server_close()


def ask(port, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(
            "GET", "/some/page", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_the_website_learns_language_and_device(edge):
    """What the visit shows arrives as headers; what is unknown does not arrive at all."""
    status, seen = ask(edge, accept_language="de-CH,de;q=0.9", sec_ch_ua_mobile="?1", sec_ch_ua_platform='"Android"')
    assert (status, seen) == (200, {"PB-Language": "de-CH", "PB-Device": "smartphone"})


def test_a_client_cannot_speak_for_the_service(edge):
    """Its own PB headers and forwarding headers are replaced."""
    _, seen = ask(
        edge, accept_language="fr", pb_region="US", pb_cohort="x", pb_language="ja", x_forwarded_for="8.8.8.8"
    )
    assert seen == {"PB-Language": "fr"}


def test_a_refused_cookie_still_gets_its_page(edge):
    """An identifying cookie costs the visit nothing but itself, and is never an error page."""
    assert ask(edge, accept_language="fr", cookie="pb_device=anna@example.com") == (200, {"PB-Language": "fr"})
    refused = "pb_device=anna@example.com; pb_language=ja"
    assert ask(edge, accept_language="fr", cookie=refused) == (200, {"PB-Language": "ja"})


def test_a_wrong_key_costs_the_answer_and_never_the_page(nginx, start, tmp_path):
    """With the right key visits are known; without, pages are served with nothing known. A visitor's key is nobody's."""
    keys = tmp_path / "keys.toml"
    made = [sys.executable, "-m", "service", "keys", "new", "--file", str(keys), "--scope", "recommend"]
    key = subprocess.run(made, capture_output=True, text=True, check=True).stdout.strip()
    guarded = start(keys_file=str(keys))
    for given, seen in ((f"Bearer {key}", {"PB-Language": "fr"}), ("", {}), ("Bearer nonsense", {})):
        with running_edge(nginx, guarded, Path(tempfile.mkdtemp(dir=tmp_path)), given) as port:
            assert ask(port, accept_language="fr", authorization=f"Bearer {key}") == (200, seen)


def test_the_page_is_served_without_the_service(edge, server):
    """With the service gone every visit is unknown, and every page is there."""
    server.stop()
    assert ask(edge, accept_language="fr", pb_language="ja") == (200, {})
