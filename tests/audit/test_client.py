"""Requests over plain sockets: every octet of an answer is kept, however it is framed, and nobody is waited for."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from service.audit.client import Address, Connection, Exchange, address_of, ask_across_shutdown, ask_all

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n0\r\n\r\n"
NO_BODY = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"
EARLIER = b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH
CLOSING = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nto the end"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nhalf"
NOTHING = b""


class Canned:
    """A server that answers each read with the next of its answers, and closes where one says so or is cut short."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = iter(answers)
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []
        self.heard = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        while octets := await reader.read(1 << 16):
            self.heard += octets
            answer = next(self._answers, NOTHING)
            writer.write(answer)
            if answer in (CLOSING, CUT, NOTHING):
                break
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def against(server: Canned, act: Callable[[Address], Awaitable[None]]) -> None:
    """Do something with a server while it runs on loopback."""

    async def run() -> None:
        listening = await asyncio.start_server(server, "127.0.0.1", 0)
        try:
            await act(Address("127.0.0.1", listening.sockets[0].getsockname()[1]))
        finally:
            listening.close()
            await asyncio.gather(*filter(None, server.tasks))

    asyncio.run(run())


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, NO_BODY, EARLIER, CLOSING, CUT])
def test_every_octet_of_an_answer_is_kept(answer: bytes) -> None:
    """Of one that is cut off, what came; of one with an interim answer before it, both."""
    found: list[Exchange] = []

    async def act(address: Address) -> None:
        connection = Connection(address)
        found.append(await connection.ask(b"GET / HTTP/1.1\r\n\r\n"))
        connection.close()

    against(Canned(answer), act)
    assert found[0].answer == answer
    assert found[0].status == int(answer.split(b"HTTP/1.1 ")[-1][:3])


def test_a_connection_is_kept_and_opened_again() -> None:
    """One for many requests; another after the end of the first, and where it had been closed just then."""
    server, found = Canned(LENGTH, LENGTH, CLOSING, LENGTH, NOTHING, LENGTH), []

    async def act(address: Address) -> None:
        connection = Connection(address)
        found.extend([(await connection.ask(b"GET / HTTP/1.1\r\n\r\n")).status for _ in range(5)])
        connection.close()

    against(server, act)
    assert found == [200, 200, 400, 200, 200]
    assert server.connections == 3


def test_the_body_of_an_answer_to_head_is_not_waited_for() -> None:
    found: list[Exchange] = []

    async def act(address: Address) -> None:
        connection = Connection(address)
        found.append(await connection.ask(b"HEAD / HTTP/1.1\r\n\r\n"))
        connection.close()

    against(Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"), act)
    assert found[0].status == 200


def test_nobody_there_is_no_answer_and_no_exception() -> None:
    found: dict[int, Exchange] = {}

    async def act(address: Address) -> None:
        await ask_all(Address("127.0.0.1", 1), [b"GET / HTTP/1.1\r\n\r\n"] * 3, found.__setitem__)

    against(Canned(), act)
    assert found == dict.fromkeys(range(3), Exchange(0, b""))


def test_what_is_never_answered_is_given_up() -> None:
    """After a bounded time, with what came until then."""
    found: list[Exchange] = []

    async def act(address: Address) -> None:
        connection = Connection(address, answer_max_s=0.1)
        found.append(await connection.ask(b"GET / HTTP/1.1\r\n\r\n"))
        connection.close()

    against(Canned(b"HTTP/1.1 200 OK\r\n"), act)
    assert found == [Exchange(0, b"")]


def test_requests_are_under_way_when_the_service_is_stopped() -> None:
    """All but the last octet is sent before, that one after."""
    server = Canned()
    heard: list[bytes] = []
    found: dict[int, Exchange] = {}

    async def act(address: Address) -> None:
        def stop() -> None:
            heard.append(server.heard)

        await ask_across_shutdown(address, [b"one-", b"two-"], stop, found.__setitem__)

    against(server, act)
    assert sorted(heard[0].decode()) == sorted("onetwo")
    assert found.keys() == {0, 1}


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "ftp://host", "http://", "http://host/path", "http://host/?q=1", "http://h:x"]
)
def test_what_is_no_place_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="the service's URL is such as") as refusal:
        address_of(url)
    assert "host/path" not in str(refusal.value)


def test_a_place_is_read_from_a_url() -> None:
    assert address_of("http://127.0.0.1:8080/") == Address("127.0.0.1", 8080)
    assert address_of("https://[::1]") == Address("::1", 443, tls=True)
    assert address_of("https://[::1]").authority == "[::1]:443"
