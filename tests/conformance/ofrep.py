"""Scores OFREP: every reply to many contexts by the protocol's own OpenAPI document, and by what its clients need.

The document is taken as it is but for two corrections, without which no reply at all could be told right from wrong:

1. ``codeDefaultFlag``, the flag without a value, allows one. So whatever has a value is two kinds of flag at once, where
   ``oneOf`` wants one. Here it may have none, as the document's own description says.
2. The reasons lack DEFAULT. OpenFeature's specification has it (types, resolution reason), all clients know it, and it
   is what a flag is whose value is the fallback; our contract names it.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import yaml

from service.app import Application, assemble, read_configuration
from service.core.sites import Experiment, Slot, Targeting
from service.telemetry import Telemetry

Row = tuple[str, str, str, bool]

CONTEXTS = 1500
PATH = "/ofrep/v1/evaluate/flags"
# What clients read as a reason, beside what the document allows.
REASONS = {"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "DEFAULT"}
ID, OTHER_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "0b6e6f1e-8a4b-4cf5-9b0a-1d8d6a1f2c3d"
VALUES: dict[str, list[Any]] = {
    "targetingKey": [ID, OTHER_ID, "", "anna@example.org", "+41 44 668 18 00", "user-123", "5" * 32, "x" * 200, 7],
    "ip": ["195.65.10.7", "8.8.8.8", "2a02:1200::7", "nowhere", "", None],
    "country": ["CH", "US", "DE", "BR", "XX", "ch", "Switzerland"],
    "subdivision": ["ZH", "CA", "zh", ""],
    "userAgent": ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari", "Googlebot/2.1", "", "x" * 600],
    "acceptLanguage": ["de-CH,de;q=0.9", "fr", "*", "???", "x" * 300],
    "language": ["fr", "DE-ch", "xx", "anna@example.org"],
    "region": ["CH", "CH-ZH", "Bern", "??"],
    "variants": ["hero.b", "hero.a.e~over.b", "hero", "nobody.b"],
    "consent": [["statistics", "experiments"], [], "statistics.experiments", "all", ["all"], True],
    "gpc": [True, False, 1],
    "optOut": [True, False, "no"],
    "email": ["anna@example.org"],
    "plan": ["pro"],
}


def score(folder: Path) -> list[Row]:
    document = corrected(yaml.safe_load((folder / "ofrep" / "openapi.yaml").read_text()))
    app = application()
    asked = [*contexts(), *captured(folder)]
    replies = [reply for path, body in asked for reply in exchange(app, path, body)]
    broken = [wrong for reply in replies if (wrong := mistake(document, *reply))]
    for wrong in broken[:5]:
        print(f"ofrep: {wrong}")
    statuses = {status: sum(reply[1] == status for reply in replies) for status in (200, 304, 400, 404)}
    varied = all(statuses.values())
    right = len(replies) - len(broken)
    return [
        ("ofrep: replies by the document, and as clients need them", f"{right}/{len(replies)}", "100 %", not broken),
        ("ofrep: of each status", " ".join(f"{n} x {status}" for status, n in statuses.items()), "some", varied),
    ]


def corrected(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    schemas["codeDefaultFlag"]["not"] = {"required": ["value"]}
    [reasons] = [
        part["properties"]["reason"]["enum"]
        for part in schemas["evaluationSuccess"]["allOf"]
        if "reason" in part.get("properties", {})
    ]
    reasons.append("DEFAULT")
    return document


def application() -> Application:
    """The shipped configuration with a flag of every kind, no key needed."""
    configuration = read_configuration()
    demo = configuration.sites["demo"]
    experiments = demo.experiments | {
        "over": Experiment("stopped", ("a", "b"), "over"),
        "soon": Experiment("draft", ("a", "b"), "soon"),
        "phones": Experiment("running", ("a", "b", "c"), "p", coverage=0.3, when=Targeting(device=("smartphone",))),
    }
    site = msgspec.structs.replace(demo, experiments=experiments, slots=demo.slots | {"side": Slot(("x", "y"))})
    return Application(assemble(msgspec.structs.replace(configuration, sites={"demo": site}), Telemetry()))


def contexts() -> Iterator[tuple[str, bytes]]:
    """Contexts of a few fields each, good and bad, for all flags and for one; and bodies that are none."""
    draw = random.Random(1)
    keys = ["hero", "over", "soon", "phones", "front", "side", "language", "country", "cohort", "none/such"]
    for number in range(CONTEXTS):
        names = draw.sample([*VALUES], draw.randint(0, 5))
        context = {name: draw.choice(VALUES[name][: 2 if number % 2 else None]) for name in names}
        if number % 2:  # these are all right
            context.pop("email", None)
            context.pop("plan", None)
            if "ip" in context or "country" not in context:
                context.pop("country", None)
                context.pop("subdivision", None)
        site = draw.choice(["", "/sites/demo"])
        yield site + PATH, json.dumps({"context": context}).encode()
        yield f"{site}{PATH}/{draw.choice(keys)}", json.dumps({"context": context}).encode()
    for body in (
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"context":null}',
        b'{"context":"x"}',
        b'{"context":{},"context":{}}',
        b"\xff",
    ):
        yield PATH, body
        yield f"{PATH}/hero", body


def captured(folder: Path) -> Iterator[tuple[str, bytes]]:
    """What real clients were seen to send."""
    for seen in json.loads((folder / "ofrep" / "captured_requests.json").read_text()):
        yield seen["url"], seen["body"].encode()


Reply = tuple[str, int, dict[str, str], bytes]


def exchange(app: Application, path: str, body: bytes) -> Iterator[Reply]:
    """The reply; and where it has a tag, the reply to who has it already."""
    first = ask(app, path, body)
    yield path, *first
    if etag := first[1].get("etag"):
        yield path, *ask(app, path, body, etag)


def ask(app: Application, path: str, body: bytes, etag: str = "") -> tuple[int, dict[str, str], bytes]:
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def receive() -> dict:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "client": ("127.0.0.1", 1), "headers": [*headers, (b"if-none-match", etag.encode())] if etag else headers,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, sent[1]["body"]


def mistake(document: dict[str, Any], path: str, status: int, headers: dict[str, str], body: bytes) -> str:
    """What is wrong with a reply; empty if nothing is."""
    template = PATH if path.endswith(PATH) else f"{PATH}/{{key}}"
    if status == 304:
        return "304 with a body" if body or "etag" not in headers else ""
    described = document["paths"][template]["post"]["responses"].get(str(status))
    if described is None or headers["content-type"] != "application/json":
        return f"{template}: {status} is not described"
    schema = described["content"]["application/json"]["schema"] | {"components": document["components"]}
    reply = json.loads(body)
    for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(reply):
        return f"{template}: {status}: {error.message}"
    if status == 200 and "etag" not in headers:
        return f"{template}: no ETag"
    return "" if as_clients_need(reply, status, bulk=template == PATH) else f"{template}: {status}: {reply}"


def as_clients_need(reply: dict[str, Any], status: int, *, bulk: bool) -> bool:
    """What the three published clients read without asking whether it is there."""
    if status != 200:
        return isinstance(reply.get("errorDetails"), str) and (bulk or isinstance(reply["key"], str))
    return all(
        isinstance(flag["variant"], str)
        and flag["reason"] in REASONS
        and all(isinstance(value, str | int | float) for value in flag["metadata"].values())
        for flag in (reply["flags"] if bulk else [reply])
    )
