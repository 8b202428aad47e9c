"""The sockets that the service listens on, opened before anything else is begun.

The sockets are the same for one process and for several. ``::`` means every address of the machine, those of IPv4
included, as people expect who write it; ``localhost`` both loopbacks. Each family has a socket of its own, so that no
peer's IPv4 address appears as an IPv6 one.
"""

import contextlib
import errno
import os
import socket
from ipaddress import ip_address

from service.settings import ConfigurationError, Settings, addresses_of

BACKLOG = 2048
TRIES_MAX = 5
# What a machine says that has no IPv6, or has it switched off.
_NO_SUCH_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
_UNPRIVILEGED_MIN = 1024


def open_listeners(settings: Settings) -> list[socket.socket]:
    """The sockets to serve visitors on, listening. Raises ConfigurationError: a line for each port that cannot be had.

    That of the metrics is tried as well, and let go: each worker opens one of its own.
    """
    mistakes, listeners = [], []
    try:
        listeners = listen(settings.host, settings.port)
    except OSError as error:
        mistakes.append(_mistake("", settings.host, settings.port, error))
    for port in metrics_ports(settings):
        try:
            tried = listen(settings.admin_host, port)
        except OSError as error:
            mistakes.append(_mistake("admin_", settings.admin_host, port, error))
        else:
            close(tried)
    if mistakes:
        close(listeners)
        raise ConfigurationError(mistakes)
    return listeners


def metrics_ports(settings: Settings) -> range:
    """A port for each worker, of which each takes the first that is free; 0 is any."""
    return range(settings.admin_port, settings.admin_port + (settings.workers if settings.admin_port else 1))


def listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address that a host of the settings means, all on one port. Raises OSError.

    Where it means two and the machine has one of their families only, that one will do.
    """
    for _ in range(TRIES_MAX - 1):
        with contextlib.suppress(_PortTakenError):
            return _listen_on_all(host, port)
    return _listen_on_all(host, port)


class _PortTakenError(OSError):
    """The port that the system chose for the first address is somebody's on the second: another may be free on both."""


def _listen_on_all(host: str, port: int) -> list[socket.socket]:
    listeners: list[socket.socket] = []
    lacking: OSError | None = None
    for text in addresses_of(host):
        try:
            listeners.append(_listen(text, port_of(listeners) if listeners else port))
        except OSError as error:
            if error.errno not in _NO_SUCH_FAMILY:
                chosen = bool(listeners) and not port
                close(listeners)
                if chosen and error.errno == errno.EADDRINUSE:
                    raise _PortTakenError(*error.args) from None
                raise
            lacking = error
    if not listeners and lacking is not None:
        raise lacking
    return listeners


def port_of(listeners: list[socket.socket]) -> int:
    """The port that they listen on, which the system chose where 0 was asked for."""
    port: int = listeners[0].getsockname()[1]
    return port


def close(listeners: list[socket.socket]) -> None:
    """Close these sockets."""
    for listener in listeners:
        listener.close()


def url_of(host: str, port: int) -> str:
    """The address of the service for a browser on this machine."""
    first = addresses_of(host)[0]
    if ip_address(first).is_unspecified:
        host = "127.0.0.1"
    elif ":" in host:
        host = f"[{first}]"
    return f"http://{host}:{port}/"


def _listen(text: str, port: int) -> socket.socket:
    flags = socket.AI_NUMERICHOST | socket.AI_PASSIVE
    family, kind, protocol, _, place = socket.getaddrinfo(text, port, type=socket.SOCK_STREAM, flags=flags)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            is_mapped = text.lower().startswith("::ffff:")
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if is_mapped else 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _mistake(prefix: str, host: str, port: int, error: OSError) -> str:
    """The message for an address that cannot be opened: which, why, and what to change."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    name = f"{prefix}port"
    remedy = f"set another one with PASSERBY_{name.upper()}, or `{name}` in passerby.toml"
    match error.errno:
        case errno.EADDRINUSE:
            return f"{name}: {place} is in use by another program; end that, or {remedy}"
        case errno.EACCES if port < _UNPRIVILEGED_MIN:
            return f"{name}: {place} takes special rights, as every port below {_UNPRIVILEGED_MIN}; {remedy}"
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            variable = f"PASSERBY_{prefix.upper()}HOST"
            return f"{prefix}host: {host} is no address of this machine; set another one with {variable}"
        case _:
            why = os.strerror(error.errno).lower() if isinstance(error.errno, int) else type(error).__name__
            return f"{name}: {place} cannot be opened: {why}"
