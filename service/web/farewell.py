"""The refusal of a connection's last request: what is said where HTTP itself was not kept to, or its limits.

Apart from ``protocol``, which decides when it is said. Nothing of the request is in it.
"""

from typing import TYPE_CHECKING, Final, Literal

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from service.web.problems import PROBLEM_MEDIA_TYPE, Refusal, encode

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

    from service.web.sockets import TimedConnection

ProtocolProblem = Literal["headers-too-large", "headers-timeout", "not-http"]


class Farewell:
    """The refusal of a connection's last request, in the shape of the cycles that wait in a pipeline."""

    response_complete = False

    def __init__(self, protocol: "TimedConnection", name: ProtocolProblem) -> None:
        self._protocol = protocol
        self._name = name

    async def run_asgi(self, _: "ASGI3Application") -> None:
        """Speak in its turn; the application is not asked."""
        self.speak()

    def speak(self) -> None:
        """Write the answer, then end our side of the connection and linger."""
        protocol, transport = self._protocol, self._protocol.transport
        if transport.is_closing():
            return
        status, fields, body = _ANSWERS[self._name]
        default = b"".join([b"%b: %b\r\n" % header for header in protocol.server_state.default_headers])
        transport.write(b"".join((status, default, fields, body)))
        protocol.linger()


def _answer(name: ProtocolProblem) -> tuple[bytes, bytes, bytes]:
    refusal = Refusal(name)
    body = encode(refusal)
    fields = f"content-type: {PROBLEM_MEDIA_TYPE}", f"content-length: {len(body)}", "cache-control: no-store"
    head = "\r\n".join((*fields, "connection: close", "", ""))
    return STATUS_LINE[refusal.kind.status], head.encode(), body


_ANSWERS: Final[dict[ProtocolProblem, tuple[bytes, bytes, bytes]]] = {
    "headers-too-large": _answer("headers-too-large"),
    "headers-timeout": _answer("headers-timeout"),
    "not-http": _answer("not-http"),
}
