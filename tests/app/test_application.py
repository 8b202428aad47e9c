"""The application as a whole: what it does under pressure and when something breaks."""

import asyncio
import json

import msgspec
import pytest

from service.app import Application
from service.telemetry import Telemetry
from service.web.epoch import Current


class Log:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def scope(path="/v1/recommendation", query=b"", headers=()):
    return {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
        "client": ("127.0.0.1", 1), "headers": [*headers],
    }  # fmt: skip


async def ask(app, asked, body=b""):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": body}

    await app(asked, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


class Broken:
    """A device door that falls off, with a client's text in its last words."""

    def look_up(self, user_agent, *hints):
        raise KeyError(user_agent)


def test_a_fault_of_ours_says_nothing_of_the_clients(house):
    """500 with fixed words; the log has the exception's type and our line, never its message."""
    log = Log()
    broken = msgspec.structs.replace(house, telemetry=Telemetry(stream=log))
    app = Application(broken)
    kept = house.decisions.intake.devices
    house.decisions.intake.devices = Broken()
    try:
        status, _, body = asyncio.run(ask(app, scope(headers=[(b"user-agent", b"marker-of-anna")])))
    finally:
        house.decisions.intake.devices = kept
    assert (status, json.loads(body)["type"]) == (500, "/problems/internal-error")
    line = json.loads(log.text)
    assert (line["event"], line["error"]) == ("internal_error", "KeyError")
    assert line["where"].startswith("service.web.visit.intake:")
    assert "marker" not in log.text + body.decode()


def with_room_for(house, requests):
    settings = msgspec.structs.replace(house.configuration.settings, requests_in_flight_max=requests)
    configuration = msgspec.structs.replace(house.configuration, settings=settings)
    return Application(msgspec.structs.replace(house, configuration=configuration))


def posted(path="/v1/recommendation"):
    return scope(path, headers=[(b"content-type", b"application/json")]) | {"method": "POST"}


BATCH = json.dumps({"requests": [{}] * 900}).encode()


def test_too_many_at_once_are_shed_and_liveness_still_answers(house):
    """Beyond requests_in_flight_max: 503 and Retry-After, at once. Two batches are in work and give the loop back."""
    app = with_room_for(house, 2)

    async def run():
        waiting = [asyncio.create_task(ask(app, posted("/v1/recommendations"), BATCH)) for _ in range(2)]
        await asyncio.sleep(0)
        assert app.dispatcher.in_work == 2
        shed, alive = await ask(app, scope()), await ask(app, scope("/livez"))
        answered = await asyncio.gather(*waiting)
        return shed, alive, [status for status, _, _ in answered], await ask(app, scope())

    (status, headers, body), (live, _, _), batches, (after, _, _) = asyncio.run(run())
    assert (status, headers[b"retry-after"], json.loads(body)["type"]) == (503, b"1", "/problems/overloaded")
    assert (live, batches, after) == (200, [200, 200], 200)
    assert (app.dispatcher.in_work, app.dispatcher.unfinished_bytes) == (0, 0)


def test_a_body_that_is_on_its_way_takes_no_place(house):
    """However many wait for their bodies, others are answered, and so are they when the bodies are there."""
    app = with_room_for(house, 2)

    async def run():
        there = asyncio.Event()

        async def receive():
            await there.wait()
            return {"type": "http.request", "body": b"{}"}

        statuses = []

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        waiting = [asyncio.create_task(app(posted(), receive, send)) for _ in range(50)]
        await asyncio.sleep(0)
        assert app.dispatcher.in_work == 0
        (answered, _, _), (posted_too, _, _) = await ask(app, scope()), await ask(app, posted(), b"{}")
        there.set()
        await asyncio.gather(*waiting)
        return answered, posted_too, statuses

    assert asyncio.run(run()) == (200, 200, [200] * 50)


def test_a_client_that_does_not_read_takes_no_place(house):
    """The answer is made, and that is all that a place is for."""
    app = with_room_for(house, 2)

    async def run():
        async def receive():
            return {"type": "http.request", "body": b"{}"}

        async def send(_):
            await asyncio.Event().wait()

        waiting = [asyncio.create_task(app(posted(), receive, send)) for _ in range(50)]
        await asyncio.sleep(0)
        assert app.dispatcher.in_work == 0
        status, _, _ = await ask(app, posted(), b"{}")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return status

    assert asyncio.run(run()) == 200
    assert app.dispatcher.in_work == 0


def test_a_body_that_comes_when_there_is_no_place_is_shed(house):
    """Its place was another's in the meantime: 503 as at the door."""
    app = with_room_for(house, 1)

    async def run():
        there = asyncio.Event()

        async def receive():
            await there.wait()
            return {"type": "http.request", "body": b"{}"}

        statuses = []

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        waiting = asyncio.create_task(app(posted(), receive, send))
        await asyncio.sleep(0)
        batch = asyncio.create_task(ask(app, posted("/v1/recommendations"), BATCH))
        await asyncio.sleep(0)
        there.set()
        await asyncio.gather(waiting, batch)
        return statuses

    assert asyncio.run(run()) == [503]
    assert app.dispatcher.in_work == 0


@pytest.mark.parametrize("age_days", [400, 401])
def test_an_old_policy_knows_nothing(house, age_days):
    """Past policy_max_age_days every visit is under ZZ."""
    import datetime

    date = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=age_days)
    configuration = msgspec.structs.replace(house.configuration, policy_date=date)
    current = Current(house.current.epoch)
    app = Application(msgspec.structs.replace(house, configuration=configuration, current=current))

    async def run():
        watching = asyncio.create_task(app._watch_policy())
        await asyncio.sleep(0)
        watching.cancel()
        return await ask(app, scope(headers=[(b"x-forwarded-for", b"195.65.10.7")])), await ask(app, scope("/readyz"))

    (_, _, body), (_, _, ready) = asyncio.run(run())
    assert json.loads(body)["privacy"]["regime"] == ("CH" if age_days == 400 else "ZZ")
    assert json.loads(ready)["status"] == "degraded"


@pytest.mark.parametrize(
    "settings, kind", [({"counting": False}, None), ({}, "memory"), ({"redis_url": "redis://127.0.0.1:1/0"}, "redis")]
)
def test_counts_live_where_the_settings_say_or_in_the_process_which_is_said(settings, kind):
    """Without a redis-server of our own to be had, counting goes on in the process, with a warning in the log."""
    from service.app.counting import open_store
    from service.settings import Settings

    log = Log()
    store = open_store(Settings(**settings), Telemetry(stream=log), None)
    assert (None if store is None else store.kind) == kind
    assert ("counts_in_process" in log.text) == (kind == "memory")
