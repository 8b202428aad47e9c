"""A server that leaks on purpose: what an audit puts in the place of the deployment, to see that it would be caught.

It answers on loopback, in a thread of its own, and tells what it was given: whole, in the body, to any path; the n-th
leak to ``/n``, in turn in the body, in a header and in the reason phrase. A leak that HTTP cannot carry in its head
goes into the body.
"""

import contextlib
import socketserver
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

HEAD_BYTES_MAX: Final = 1 << 16


@contextlib.contextmanager
def leaking_server(leaks: Sequence[bytes]) -> Iterator[tuple[str, int]]:
    """Serve until the block ends; its host and port."""

    class Leak(socketserver.StreamRequestHandler):
        timeout = 5

        def handle(self) -> None:
            target = self.rfile.readline(HEAD_BYTES_MAX).split(b" ")[1:2]
            while self.rfile.readline(HEAD_BYTES_MAX).strip():
                pass
            number = target[0].removeprefix(b"/") if target else b""
            known = number.isdigit() and int(number) < len(leaks)
            self.wfile.write(_answer(leaks[int(number)], int(number)) if known else _in_body(b"\n".join(leaks)))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is no matter, and nothing is to be printed."""

    with Server(("127.0.0.1", 0), Leak) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield "127.0.0.1", server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _answer(leak: bytes, number: int) -> bytes:
    fits = leak.isascii() and leak.decode().isprintable()
    if fits and number % 3 == 1:
        return b"HTTP/1.1 200 OK\r\nx-leak: %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % leak
    if fits and number % 3 == 2:  # noqa: PLR2004 - the third of three places
        return b"HTTP/1.1 200 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % leak
    return _in_body(leak)


def _in_body(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return head % len(body) + body
