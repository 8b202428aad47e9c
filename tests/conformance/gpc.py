"""Scores Sec-GPC parsing: the header vectors, asked of the whole application."""

import asyncio
import json
from pathlib import Path

from service.app import Application, assemble, read_configuration
from service.telemetry import Telemetry

Row = tuple[str, str, str, bool]


def score(folder: Path) -> list[Row]:
    app = Application(assemble(read_configuration(), Telemetry()))
    vectors = [
        vector
        for vector in json.loads((folder / "gpc" / "gpc_vectors.json").read_text())["vectors"]
        if not any(word in vector.get("note", "") for word in ("not scored", "or skip"))
    ]
    right = sum(honoured(app, vector["headers"]) == vector["gpc"] for vector in vectors)
    return [("gpc: Sec-GPC vectors", f"{right}/{len(vectors)}", "100 %", right == len(vectors))]


def honoured(app: Application, headers: list[list[str]]) -> bool:
    """Whether the answer to a visit with these headers says that the signal was honoured."""
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def receive() -> dict:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/recommendation",
        "raw_path": b"/v1/recommendation",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }
    asyncio.run(app(scope, receive, send))
    answer = json.loads(sent[1]["body"])
    return answer["privacy"]["signal_status"]["gpc"] == "honoured"
