"""Where the service listens: what a host of the settings means, and what is said of an address that cannot be had."""

import contextlib
import errno
import socket
from collections.abc import Iterator

import msgspec
import pytest

from service.app import listening
from service.settings import ConfigurationError, Settings

V4, V6 = ("127.0.0.1",), ("::1",)


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


IPV6 = has_ipv6()


@contextlib.contextmanager
def listeners(host: str, port: int = 0) -> Iterator[list[socket.socket]]:
    found = listening.listen(host, port)
    try:
        yield found
    finally:
        listening.close(found)


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "by_ipv4", "by_ipv6"),
    [
        ("127.0.0.1", True, False),
        ("0.0.0.0", True, False),
        ("::1", False, True),
        ("::", True, True),
        ("::0", True, True),
        ("0:0:0:0:0:0:0:0", True, True),
        ("localhost", True, True),
        ("0:0:0:0:0:0:0:1", False, True),
        ("::ffff:127.0.0.1", True, False),
    ],
)
def test_a_host_means_the_same_whoever_serves(host: str, by_ipv4: bool, by_ipv6: bool) -> None:
    """`::` is every address of the machine, of both families; `::1` is IPv6's loopback alone; `localhost` both."""
    if not IPV6 and host in ("::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"):
        with pytest.raises(OSError, match=r"\w"):
            listening.listen(host, 0)
        return
    with listeners(host) as found:
        port = listening.port_of(found)
        assert {one.getsockname()[1] for one in found} == {port}
        assert (answers("127.0.0.1", port), answers("::1", port)) == (by_ipv4, by_ipv6 and IPV6)


@pytest.mark.parametrize("host", ["::", "localhost"])
def test_peers_are_named_by_their_own_family(host: str) -> None:
    """Not as ::ffff:127.0.0.1, which whoever is trusted by 127.0.0.0/8 would have to be known under as well."""
    with listeners(host) as found:
        port = listening.port_of(found)
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            named = [one for one in found if one.family == socket.AF_INET]
            connection, peer = named[0].accept()
            connection.close()
    assert peer[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["::", "localhost"])
def test_a_machine_without_ipv6_listens_by_ipv4(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a host means two addresses and one family is not there."""
    plain = socket.socket

    def without_ipv6(family: int, *rest: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return plain(family, *rest)

    monkeypatch.setattr(socket, "socket", without_ipv6)
    with listeners(host) as found:
        assert [one.family for one in found] == [socket.AF_INET]
    with pytest.raises(OSError, match="not supported"):
        listening.listen("::1", 0)


@pytest.mark.parametrize("taken", [1, 4, 5])
def test_a_port_that_the_system_chose_is_free_on_both(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it chose for one family may be somebody's in the other: another is tried, a bounded number of times."""
    plain, left = socket.socket.bind, [taken]

    def unlucky(listener: socket.socket, place: tuple[str, int]) -> None:
        if place[1] and left[0]:
            left[0] -= 1
            raise OSError(errno.EADDRINUSE, "Address already in use")
        plain(listener, place)

    monkeypatch.setattr(socket.socket, "bind", unlucky)
    monkeypatch.setattr(listening, "addresses_of", lambda host: ("127.0.0.1", "127.0.0.2"))
    if taken < listening.TRIES_MAX:
        with listeners("localhost") as found:
            assert len({one.getsockname()[1] for one in found}) == 1
    else:
        with pytest.raises(OSError, match="in use"):
            listening.listen("localhost", 0)


TAKEN_BY = [
    # Who listens already, what is wanted, whether there is room for both.
    ("127.0.0.1", "127.0.0.1", False),
    ("127.0.0.1", "0.0.0.0", False),
    ("0.0.0.0", "127.0.0.1", False),
    ("0.0.0.0", "0.0.0.0", False),
    ("127.0.0.1", "localhost", False),
    ("127.0.0.1", "::", False),
    ("0.0.0.0", "::", False),
    ("127.0.0.1", "127.0.0.2", True),
    *([("::1", "localhost", False), ("::1", "::", False), ("::1", "::1", False), ("::1", "127.0.0.1", True), ("::", "0.0.0.0", False)] if IPV6 else []),
]  # fmt: skip


@pytest.mark.parametrize(("holder", "wanted", "is_free"), TAKEN_BY)
@pytest.mark.parametrize("prefix", ["", "admin_"])
def test_a_taken_port_is_told_with_its_address(holder: str, wanted: str, is_free: bool, prefix: str) -> None:
    """In a line that says which it is and what to set; nothing stays open of what could be."""
    with listeners(holder) as held:
        port = listening.port_of(held)
        base = Settings(port=0, admin_port=0)
        settings = msgspec.structs.replace(base, **{f"{prefix}host": wanted, f"{prefix}port": port})
        if is_free:
            listening.close(listening.open_listeners(settings))
            return
        with pytest.raises(ConfigurationError) as raised:
            listening.open_listeners(settings)
        (line,) = raised.value.mistakes
        place = f"[{wanted}]:{port}" if ":" in wanted else f"{wanted}:{port}"
        assert line.startswith(f"{prefix}port: {place} is in use by another program; ")
        assert f"PASSERBY_{prefix.upper()}PORT" in line


def test_all_that_is_taken_is_told_at_once() -> None:
    """The public port, and of the metrics' ports each that a worker would want."""
    with listeners("127.0.0.1") as held, listeners("127.0.0.2") as metrics:
        port, second = listening.port_of(held), listening.port_of(metrics)
        settings = Settings(port=port, admin_host="127.0.0.2", admin_port=second - 1, workers=3)
        with pytest.raises(ConfigurationError) as raised:
            listening.open_listeners(settings)
    assert [line.partition(" is in use")[0] for line in raised.value.mistakes] == [
        f"port: 127.0.0.1:{port}",
        f"admin_port: 127.0.0.2:{second}",
    ]


@pytest.mark.parametrize(
    ("host", "port", "number", "said"),
    [
        ("127.0.0.1", 80, errno.EACCES, "port: 127.0.0.1:80 takes special rights, as every port below 1024; "),
        ("127.0.0.1", 8080, errno.EACCES, "port: 127.0.0.1:8080 cannot be opened: permission denied"),
        (
            "192.0.2.7",
            8080,
            errno.EADDRNOTAVAIL,
            "host: 192.0.2.7 is no address of this machine; set another one with PASSERBY_HOST",
        ),
        ("2001:db8::7", 8080, errno.EADDRNOTAVAIL, "host: 2001:db8::7 is no address of this machine; "),
        ("::1", 8080, errno.EAFNOSUPPORT, "host: ::1 is no address of this machine; "),
        ("::1", 8080, errno.EADDRINUSE, "port: [::1]:8080 is in use by another program; "),
        ("127.0.0.1", 8080, errno.EMFILE, "port: 127.0.0.1:8080 cannot be opened: too many open files"),
        ("127.0.0.1", 8080, None, "port: 127.0.0.1:8080 cannot be opened: OSError"),
    ],
)
def test_other_reasons_are_told_in_words(host: str, port: int, number: int | None, said: str) -> None:
    """Of the setting that has to be changed."""
    error = OSError(number, "text of the system's") if number is not None else OSError("text of somebody's")
    assert listening._mistake("", host, port, error).startswith(said)
    assert listening._mistake("admin_", host, port, error).startswith(f"admin_{said.partition('PASSERBY')[0]}"[:40])


def test_an_address_that_this_machine_does_not_have_is_said() -> None:
    """Asked of the system itself."""
    with pytest.raises(ConfigurationError) as raised:
        listening.open_listeners(Settings(host="192.0.2.7", port=0, admin_port=0))
    assert raised.value.mistakes == [
        "host: 192.0.2.7 is no address of this machine; set another one with PASSERBY_HOST"
    ]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080/"),
        ("localhost", "http://localhost:8080/"),
        ("0.0.0.0", "http://127.0.0.1:8080/"),
        ("::", "http://127.0.0.1:8080/"),
        ("0::0", "http://127.0.0.1:8080/"),
        ("0:0:0:0:0:0:0:0", "http://127.0.0.1:8080/"),
        ("FD00::0:5", "http://[fd00::5]:8080/"),
        ("::1", "http://[::1]:8080/"),
        ("10.0.0.5", "http://10.0.0.5:8080/"),
        ("fd00::5", "http://[fd00::5]:8080/"),
    ],
)
def test_where_to_look_is_an_address_that_a_browser_takes(host: str, url: str) -> None:
    """Of every address of the machine it is the loopback's."""
    assert listening.url_of(host, 8080) == url
