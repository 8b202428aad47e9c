"""Requests as octets: what an audit writes on a socket, with nothing between that would tidy it up.

A ``Message`` is a template. ``$marker`` stands where a marker goes, ``$site``, ``$key`` and the like for what is known
of the deployment (``Ground``). Apart from ``channels``, which says what is sent, because this only says how it is
written, and apart from ``traffic``, which sends it.
"""

from collections.abc import Mapping
from string import Template
from typing import Any, Final, Literal

from msgspec import Struct

Spoil = Literal["query", "method"]
"""How a request that would be granted gets refused: by a parameter that nobody knows, or by a method not allowed."""

VISITOR_HEADERS: Final = frozenset({
    "x-forwarded-for", "forwarded", "pb-client-ip", "cf-connecting-ip", "true-client-ip", "fastly-client-ip",
    "cloudfront-viewer-address", "x-vercel-forwarded-for", "x-real-ip",
})  # fmt: skip
"""Whose is the visit: of these a request has one, or the service would believe none."""
_CREDENTIALS: Final = frozenset({"authorization", "x-api-key", "proxy-authorization"})


class Message(Struct, frozen=True):
    """A request. ``lines`` are header fields as they are written; ``raw`` is a whole request, and then all there is."""

    method: str = "GET"
    target: str = "/"
    lines: tuple[str, ...] = ()
    body: str = ""
    raw: str = ""

    def with_line(self, line: str) -> "Message":
        """The same with one more header field, instead of what it would contradict."""
        name = _name(line)
        instead = VISITOR_HEADERS if name in VISITOR_HEADERS else {name}
        lines = tuple(other for other in self.lines if _name(other) not in instead)
        return Message(self.method, self.target, (line, *lines), self.body, self.raw)

    def with_query(self, query: str) -> "Message":
        """The same with one more parameter."""
        target = self.target + ("&" if "?" in self.target else "?") + query
        return Message(self.method, target, self.lines, self.body, self.raw)

    def spoiled(self, how: Spoil) -> "Message":
        """The same, so that it is refused."""
        if self.raw:
            return self
        if how == "query":
            return self.with_query("nobody-knows-this=1")
        return Message("PATCH", self.target, self.lines, self.body)

    def waiting_its_turn(self) -> "Message":
        """The same on the way that a full house refuses.

        What is answered without waiting for anything is never refused; a fragment, which no client sends, keeps a
        request from that short way.
        """
        return self if self.raw else Message(self.method, self.target + "#", self.lines, self.body)


class Ground(Struct, frozen=True):
    """What is known of the deployment under audit, and fills the templates.

    ``key`` may be empty: none is needed; ``slot``, ``experiment`` and ``topic`` where the site has none.
    """

    host: str
    site: str
    key: str = ""
    token: str = ""
    cohort: str = ""
    slot: str = "front"
    option: str = "spring"
    experiment: str = "hero"
    variant: str = "b"
    topic: str = ""
    language: str = "de"

    def __repr__(self) -> str:
        """Nothing of it: the key is for no log and no traceback."""
        return "Ground(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []

    def values(self, marker: str, number: int) -> dict[str, str]:
        """What a template may name. ``net`` is one of fifty networks, so that a crowd does not come from one alone.

        ``token`` is as JSON has it: null where the deployment gave none, which is a report of which nothing counts.
        ``event`` is one that the site knows.
        """
        token = f'"{self.token}"' if self.token else "null"
        chosen = f'{{"type": "language_chosen", "language": "{self.language}"}}'
        reward = f'{{"type": "reward", "slot": "{self.slot}", "option": "{self.option}"}}'
        return {
            "marker": marker, "net": str(number % 50), "host": self.host, "site": self.site, "key": self.key,
            "token": token, "slot": self.slot, "option": self.option, "experiment": self.experiment,
            "variant": self.variant, "topic": self.topic, "language": self.language,
            "event": reward if self.slot else chosen,
        }  # fmt: skip


def octets(message: Message, values: Mapping[str, str]) -> bytes:
    """A message as it goes over the wire.

    A length is added where there is a body and no line says how it comes, and the deployment's key where there is one
    and no line is a credential.
    """
    if message.raw:
        return filled(message.raw, values).encode("latin-1")
    body = filled(message.body, values).encode("utf-8")
    names = {_name(line) for line in message.lines}
    more = [] if "host" in names else ["Host: $host"]
    if values["key"] and not names & _CREDENTIALS:
        more.append("Authorization: Bearer $key")
    if (body or message.method in ("POST", "DELETE")) and not names & {"content-length", "transfer-encoding"}:
        more.append(f"Content-Length: {len(body)}")
    lines = (f"{message.method} {message.target} HTTP/1.1", *more, *message.lines, "", "")
    return filled("\r\n".join(lines), values).encode("latin-1") + body


def filled(template: str, values: Mapping[str, str]) -> str:
    return Template(template).safe_substitute(values)


def is_bodyless(request: bytes) -> bool:
    """Whether the answer to a request has no body, whatever its length says."""
    return request.startswith(b"HEAD ")


def _name(line: str) -> str:
    return line.partition(":")[0].strip().lower()
