"""The OpenFeature clients that people use, each unmodified and behind the same question.

The one for Python runs here; those for JavaScript run in a Node of their own, at the command of ``openfeature/ask.mjs``.
The web client asks for all flags at once, when it starts and when its context changes; the others ask for one at a time.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

FOLDER = Path(__file__).parent / "openfeature"
FlagType = Literal["string", "boolean", "number", "object"]


class Told(NamedTuple):
    """What an application is told of a flag.

    ``error`` is the client's code, ``words`` what the service said of it: the application reads them, but for the web
    client, which puts neither the code nor the words of a refused context before anybody but the network panel.
    ``status`` is its own state, ``failure`` what it complained of, ``wire`` what it sent and got.
    """

    value: Any
    reason: str
    variant: str | None
    metadata: Mapping[str, Any]
    error: str | None
    words: str | None
    status: str | None = None
    failure: str | None = None
    wire: tuple[dict[str, Any], ...] = ()


class Client(Protocol):
    """One of the clients, started anew for each question."""

    name: str

    def ask(
        self,
        url: str,
        flag: str,
        default: Any,
        context: Mapping[str, Any] | None = None,
        *,
        type_: FlagType = "string",
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """The details of a flag for this context, asked of the service at this address."""


class PythonClient:
    """openfeature-sdk with openfeature-provider-ofrep."""

    name = "python"

    def ask(self, url, flag, default, context=None, *, type_="string", headers=None):
        provider = OFREPProvider(url, headers_factory=lambda: dict(headers or {}))
        api.set_provider_and_wait(provider)
        client = api.get_client()
        method = {"string": client.get_string_details, "boolean": client.get_boolean_details,
                  "number": client.get_integer_details, "object": client.get_object_details}[type_]  # fmt: skip
        attributes = dict(context or {})
        about = None if context is None else EvaluationContext(attributes.pop("targetingKey", None), attributes)
        told = method(flag, default, about)
        provider.session.close()
        error = told.error_code and told.error_code.value
        return Told(told.value, str(told.reason), told.variant, told.flag_metadata, error, told.error_message)


class NodeClient:
    """One of the two for JavaScript, in a Node that answers questions until it is closed.

    ``node`` is @openfeature/server-sdk with @openfeature/ofrep-provider, ``web`` @openfeature/web-sdk with
    @openfeature/ofrep-web-provider.
    """

    def __init__(self, program: str, name: Literal["node", "web"]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [program, "ask.mjs", name], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, url, flag, default, context=None, *, type_="string", headers=None):
        return self._told(url=url, flag=flag, byDefault=default, context=context, type=type_, headers=headers or {})

    def go_on(self, flag: str, default: Any, context: Mapping[str, Any]) -> Told:
        """Of the web client: the same page later, when its context is this."""
        return self._told(again=True, flag=flag, byDefault=default, context=context, type="string")

    def _told(self, **question: Any) -> Told:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        words = told.get("errorMessage")
        if self.name == "web":
            body = told["wire"][-1]["body"] if told["wire"] else ""
            words = json.loads(body).get("errorDetails") if body.startswith("{") else None
        return Told(
            told["value"],
            told["reason"],
            told.get("variant"),
            told["flagMetadata"],
            told.get("errorCode"),
            words,
            told.get("status"),
            told.get("failure"),
            tuple(told["wire"]),
        )

    def close(self) -> None:
        """Its questions are over."""
        self._process.communicate(timeout=10)
