"""Experiments as the callers of a recommendation see them: who gets which variant, why, and what is carried on."""

import gc
import io
import json
import random
import shutil
import types
import uuid
from pathlib import Path

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from service.app import Application, assemble, read_configuration
from service.core.experiments.bucketing import hash_value
from service.telemetry import Telemetry
from service.web.ofrep.flags import FLAGS_PATH

CONFIG = Path(__file__).parents[3] / "config"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
CONSENT = "pb_consent=statistics.experiments"
EXPERIMENTS = """
[experiments.checkout]
status = "running"
variants = ["a", "b", "c"]
seed = "checkout"
hash_version = 1

[experiments.swiss]
status = "running"
variants = ["a", "b"]
seed = "swiss"
when = { device = ["smartphone"], countries = ["CH"], languages = ["de"] }

[experiments.nobody]
status = "running"
variants = ["a", "b"]
coverage = 0.0
seed = "nobody"

[experiments.elsewhere]
status = "running"
variants = ["a", "b"]
seed = "elsewhere"
namespace = ["rest", 0.0, 0.0001]

[experiments.over]
status = "stopped"
variants = ["a", "b"]
seed = "over"

[experiments.later]
status = "draft"
variants = ["a", "b"]
seed = "later"
"""


@pytest.fixture(scope="module")
def client(house, tmp_path_factory):
    directory = Path(shutil.copytree(CONFIG, tmp_path_factory.mktemp("experiments") / "config"))
    with (directory / "sites" / "demo.toml").open("a", encoding="utf-8") as file:
        file.write(EXPERIMENTS)
    shutil.copy(directory / "sites" / "demo.toml", directory / "sites" / "children.toml")
    children = (directory / "sites" / "children.toml").read_text()
    children = children.replace('id = "demo"', 'id = "children"').replace(
        "child_directed = false", "child_directed = true"
    )
    (directory / "sites" / "children.toml").write_text(children)
    configuration = read_configuration(directory, {"PASSERBY_ADMIN_PORT": "0"})
    made = assemble(configuration, Telemetry(stream=io.StringIO()))
    made.decisions.intake.geo = house.geo
    with TestClient(Application(replace(made, geo=house.geo)), client=("127.0.0.1", 50000)) as client:
        client.headers.clear()
        yield client


def ask(client, cookie="", site="demo", **more):
    fields = {"x-forwarded-for": "195.65.10.7", "user-agent": PHONE, "accept-language": "de-CH", **more}
    response = client.get(
        "/v1/recommendation", params={"site": site}, headers={**fields, "cookie": f"{CONSENT}; {cookie}"}
    )
    assert response.status_code == 200
    return response


def test_a_device_id_decides(client):
    """Each experiment by its own rules; only those that the device is in are carried on, sorted."""
    response = ask(client, f"pb_device={DEVICE_ID}; pb_variants=hero.a.e~swiss.a")
    checkout = "abc"[int(hash_value("checkout", DEVICE_ID, 1) * 3)]
    swiss = "ab"[int(hash_value("swiss", DEVICE_ID, 2) * 2)]
    assert response.json()["experiments"] == {
        "hero": {"variant": "b", "in_experiment": True, "reason": "split"},
        "checkout": {"variant": checkout, "in_experiment": True, "reason": "split"},
        "swiss": {"variant": swiss, "in_experiment": True, "reason": "split"},
        "nobody": {"variant": "a", "in_experiment": False, "reason": "out_of_coverage"},
        "elsewhere": {"variant": "a", "in_experiment": False, "reason": "namespace"},
        "over": {"variant": "a", "in_experiment": False, "reason": "stopped"},
    }
    assert response.headers["pb-variants"] == f"checkout.{checkout}~hero.b~swiss.{swiss}"
    assert "device_id" in response.json()["privacy"]["signals_used"]
    assert "cookie_variants" not in response.json()["privacy"]["signals_used"]


def test_marks_of_what_was_counted_are_carried_on(client):
    """Of the variant that the device still gets; those of another one say nothing."""
    carried = ask(client, f"pb_device={DEVICE_ID}; pb_variants=checkout.c.ec~hero.b.e").headers["pb-variants"]
    assert "hero.b.e" in carried.split("~")
    checkout = "abc"[int(hash_value("checkout", DEVICE_ID, 1) * 3)]
    assert (f"checkout.{checkout}.ec" in carried) is (checkout == "c")


def test_without_an_id_the_cookie_decides(client):
    """And what it does not name is control, in no experiment, and carried on by nobody: else control would collect."""
    response = ask(client, "pb_variants=checkout.c.e~over.b~later.b~gone.b")
    found = response.json()["experiments"]
    assert found["checkout"] == {"variant": "c", "in_experiment": True, "reason": "cookie"}
    assert found["hero"] == {"variant": "a", "in_experiment": False, "reason": "no_device_id"}
    assert found["over"] == {"variant": "a", "in_experiment": False, "reason": "stopped"}
    assert response.headers["pb-variants"] == "checkout.c.e"
    assert "cookie_variants" in response.json()["privacy"]["signals_used"]


@pytest.mark.parametrize("value", ["checkout.d", "hero", "hero.b~", "HERO.b", "hero.b.x"])
def test_a_cookie_that_names_no_variant_is_none(client, value):
    found = ask(client, f"pb_variants={value}")
    assert {one["reason"] for one in found.json()["experiments"].values()} == {"no_device_id", "stopped"}
    assert found.headers["pb-variants"] == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"x-forwarded-for": "5.9.9.9"},
        {"accept-language": "fr"},
        {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"},
    ],
)
def test_an_experiment_is_for_whom_it_says(client, changed):
    """By country, language and device; neither an id nor a cookie gets anybody else in."""
    for cookie in (f"pb_device={DEVICE_ID}", "pb_variants=swiss.b"):
        response = ask(client, cookie, **changed)
        assert response.json()["experiments"]["swiss"] == {
            "variant": "a",
            "in_experiment": False,
            "reason": "not_targeted",
        }
        assert "swiss" not in response.headers["pb-variants"]


def test_bots_get_control(client):
    response = ask(client, f"pb_device={DEVICE_ID}; pb_variants=hero.b", **{"user-agent": BOT})
    assert {one["reason"] for one in response.json()["experiments"].values()} == {"bot", "stopped"}
    assert response.headers["pb-variants"] == ""
    assert "device_id" not in response.json()["privacy"]["signals_used"]


@pytest.mark.parametrize(
    ("objection", "site"),
    [
        ({"sec-gpc": "1"}, "demo"),
        ({"cookie": "pb_optout=1"}, "demo"),
        ({"x-forwarded-for": "24.48.0.1"}, "demo"),
        ({}, "children"),
    ],
)
def test_what_is_withheld_is_not_worked_out(client, objection, site):
    """With Global Privacy Control, an opt-out, no consent where it is asked, or children: as if nothing had come along."""
    fields = {"x-forwarded-for": "195.65.10.7", "user-agent": PHONE, "accept-language": "de-CH"} | objection
    plain = fields.pop("cookie", "pb_language=de")
    answers = [
        client.get(f"/v1/recommendation?site={site}", headers={**fields, "cookie": plain + more})
        for more in ("", f"; pb_device={DEVICE_ID}; pb_variants=hero.b~swiss.b")
    ]
    assert answers[0].content == answers[1].content
    assert [answer.headers["pb-variants"] for answer in answers] == ["", ""]
    reasons = {one["reason"] for one in answers[0].json()["experiments"].values()}
    assert reasons == {"withheld", "stopped"}


def test_all_ways_to_ask_agree(client):
    """A visit's own request, an explicit one, one of a batch, a line of NDJSON."""
    visit = {
        "signals": {
            "ip": "195.65.10.7",
            "device": {"id": DEVICE_ID, "user_agent": PHONE, "accept_language": "de-CH"},
            "cookies": {"variants": "hero.b.e"},
        },
        "consent": ["statistics", "experiments"],
    }
    own = ask(client, f"pb_device={DEVICE_ID}; pb_variants=hero.b.e")
    as_json = {"content-type": "application/json"}
    explicit = client.post("/v1/recommendation", content=json.dumps(visit), headers=as_json)
    batch = client.post("/v1/recommendations", content=json.dumps({"requests": [visit]}), headers=as_json)
    line = client.post(
        "/v1/recommendations", content=json.dumps(visit), headers={"content-type": "application/x-ndjson"}
    )
    assert own.json() == explicit.json() == batch.json()["recommendations"][0] == json.loads(line.text)
    assert own.headers["pb-variants"] == explicit.headers["pb-variants"]
    headers = ask(client, f"pb_device={DEVICE_ID}; pb_variants=hero.b.e", site="demo").headers["pb-variants"]
    assert headers == own.headers["pb-variants"]


def test_what_is_carried_on_comes_to_the_same(client):
    """The next visit brings the cookie and, say, no id any more: its variants are the same."""
    first = ask(client, f"pb_device={DEVICE_ID}")
    second = ask(client, f"pb_variants={first.headers['pb-variants']}")
    assert second.headers["pb-variants"] == first.headers["pb-variants"]
    assert {key: one["variant"] for key, one in second.json()["experiments"].items()} == {
        key: one["variant"] for key, one in first.json()["experiments"].items()
    }


def test_nothing_remembers_what_a_device_drew(client):
    """With many experiments the variants together tell a device from others: no cache may grow by them, nor by ids."""

    def remembered():
        """The sizes of all caches and of all dicts that the application can reach, but for the tables it was made of."""
        seen, found, todo = set(), 0, [client.app._container.decisions, client.app._container.current]
        while todo:
            one = todo.pop()
            if id(one) in seen or isinstance(
                one, type | types.ModuleType | types.FunctionType | str | bytes | int | float
            ):
                continue
            seen.add(id(one))
            if hasattr(one, "cache_info"):
                found += one.cache_info().currsize
            elif isinstance(one, dict | set | list):
                found += len(one)
            todo += gc.get_referents(one)
        return found

    def visit(number):
        device_id = str(uuid.UUID(int=random.Random(number).getrandbits(128), version=4))
        marks = f"pb_variants=hero.{'ab'[number % 2]}{['', '.e', '.c', '.ec'][number % 4]}~checkout.{'abc'[number % 3]}"
        one = ask(client, f"pb_device={device_id}; {marks}")
        other = ask(client, marks)
        context = {"country": "CH", "targetingKey": device_id, "variants": marks.partition("=")[2]}
        flags = client.post(FLAGS_PATH, json={"context": context})
        assert flags.status_code == 200
        return one.headers["pb-variants"], other.headers["pb-variants"], flags.json()["metadata"]["variants"]

    drawn = {visit(number) for number in range(12)}
    before = remembered()
    drawn |= {visit(number) for number in range(12, 60)}
    assert remembered() == before
    assert len(drawn) > 30
