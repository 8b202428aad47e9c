"""Processes: the service in this one, or a parent with several workers that share what is worth sharing."""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import secrets
import signal
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

import uvicorn
from msgspec import Struct
from uvicorn.supervisors import Multiprocess

from service.adapters.mmdb.following import SharedDatabase
from service.adapters.redis_store.embedded import EmbeddedRedis, start_embedded_redis
from service.app.application import Application
from service.app.counting import open_store
from service.app.ending import ENDING, Stop
from service.app.house import SECRET_BYTES, House, assemble, read_configuration
from service.app.last_words import leave_no_core_file, speak_for_libraries
from service.app.listening import BACKLOG, open_listeners, port_of, url_of
from service.app.terminal import Terminal, keep_standard_numbers
from service.settings import Configuration, ConfigurationError, is_loopback
from service.telemetry import Telemetry
from service.web.wire.answering import Limits as ConnectionLimits
from service.web.wire.connection import connections

# Windows has no SIGHUP, and nothing to hold back there.
_HANGUP = {signal.SIGHUP} if hasattr(signal, "SIGHUP") else set()
DRAIN_S = 6  # and what is counted is handed over after it: an orchestrator waits for 10 s
# Between two workers that cannot begin: the others go on, and need the processor more.
REPLACEMENT_PAUSE_S = 2.0
# Of a process: its configuration, geo database, Redis, metrics and what Python opens.
FILES_BESIDE_CONNECTIONS = 128
CONNECTIONS_MIN = 8


class Server(uvicorn.Server):
    """uvicorn's server, which says *not ready* the moment it is told to stop, and has then ended well: status 0."""

    def __init__(self, config: uvicorn.Config, stop_asked: Callable[[int], None]) -> None:
        super().__init__(config)
        self._stop_asked = stop_asked

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's shape
        # uvicorn's own would raise the signal again once all is done, and so end the process as if killed by it.
        self._stop_asked(sig)
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


class Workers(Multiprocess):
    """uvicorn's supervisor of worker processes, which hands SIGHUP on: for us it means to read the configuration anew.

    Unless it means that the terminal is gone: then all of them end.

    uvicorn's own would start every worker anew. The signal is blocked in this process, and so in workers from their
    first moment on, until they are ready for it: here it is looked for each time that uvicorn looks at its own signals.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket], terminal: Terminal) -> None:
        super().__init__(config, sockets)
        self._terminal = terminal
        self.stop: Stop | None = None
        """Who asked for the end and when; None where nobody did."""
        for number in ENDING:
            signal.signal(number, self._end)

    def handle_signals(self) -> None:
        if _HANGUP and _HANGUP & signal.sigpending():
            signal.sigwait(_HANGUP)
            if self._terminal.gone:
                self._terminal.let_go()
                self._end(signal.SIGTERM, None)
            else:
                self.handle_hup()
        super().handle_signals()

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a signal's handler
        self.stop = self.stop or Stop.by(number)
        self.signal_queue.append(number)

    def handle_hup(self) -> None:
        for process in self.processes:
            if process.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGHUP)


class ProtocolMaker(Struct, frozen=True):
    """Makes connections with the configured limits, as uvicorn's ``http``. A worker is sent it by pickle."""

    limits: ConnectionLimits

    def __call__(self, *, config: uvicorn.Config, **connection: Any) -> asyncio.Protocol:
        application: Any = config.loaded_app
        return _maker(application.dispatcher, self.limits)(config=config, **connection)


_maker = lru_cache(maxsize=4)(connections)  # one for each server: what its connections share stands there


def create_app() -> Application:
    """The application by this process's environment: what a worker process calls.

    Where the configuration cannot be used, which the parent's could, the worker says so and ends; the parent begins
    another.
    """
    speak_for_libraries(Telemetry())
    try:
        configuration = read_configuration()
    except ConfigurationError as error:
        Telemetry().event("configuration_refused", {"mistakes": error.mistakes, "pid": os.getpid()})
        time.sleep(REPLACEMENT_PAUSE_S)
        raise SystemExit(1) from None
    parent = multiprocessing.parent_process()  # also when it died while this process was starting
    return Application(_begin(configuration, None), None if parent is None else parent.pid)


def serve(configuration: Configuration, on_listening: Callable[[str], None] = lambda _url: None) -> None:
    """Serve until told to stop: in this process, or with several workers as their parent.

    ``on_listening`` is told where to look once the port is open. Raises ConfigurationError where it cannot be opened.
    """
    keep_standard_numbers()
    settings = configuration.settings
    listeners = open_listeners(settings)
    telemetry = Telemetry()
    speak_for_libraries(telemetry)
    options: dict[str, Any] = {
        "http": ProtocolMaker(
            ConnectionLimits(
                settings.header_block_max_bytes,
                settings.header_fields_max,
                settings.header_read_timeout_s,
                settings.write_timeout_s,
                _connections_max(settings.connections_max, telemetry),
            )
        ),
        "timeout_keep_alive": settings.keep_alive_s,
        "loop": "uvloop",
        "ws": "none",
        "lifespan": "on",
        "proxy_headers": False,  # the intake resolves the client's address itself
        "server_header": False,
        "access_log": False,  # a line per visit would hold an address
        "log_config": None,
        "backlog": BACKLOG,
        "timeout_graceful_shutdown": DRAIN_S,
    }
    leave_no_core_file()
    terminal = Terminal()
    if _HANGUP:  # until somebody can act on it; processes and threads begun from here on inherit it
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANGUP)
    # The first thing of all: it comes up while the rest is read and assembled.
    embedded = _begin_redis(configuration, telemetry)
    url = url_of(settings.host, port_of(listeners))
    telemetry.log("listening", fields={"host": settings.host, "port": port_of(listeners), "url": url})
    on_listening(url)
    try:
        if settings.workers == 1:
            application = Application(_begin(configuration, embedded), terminal=terminal)
            Server(uvicorn.Config(application, **options), application.ending.asked).run(listeners)
        else:
            _serve_workers(configuration, telemetry, embedded, terminal, options, listeners)
    finally:
        if embedded is not None:
            embedded.stop()


def _serve_workers(
    configuration: Configuration,
    telemetry: Telemetry,
    embedded: EmbeddedRedis | None,
    terminal: Terminal,
    options: dict[str, Any],
    listeners: list[socket],
) -> None:
    """The parent of workers: it holds the port, the geo database, the redis-server and the secret that they share."""
    settings = configuration.settings
    shared = SharedDatabase(
        str(configuration.path(settings.geo_database)),
        on_event=telemetry.event,
    )
    shared.open()
    shared.follow(settings.geo_watch_interval_s)
    # Whole paths: a worker takes a relative one to be in its configuration's directory.
    os.environ |= {
        "PASSERBY_CONFIG": str(configuration.directory.absolute()),
        "PASSERBY_GEO_DATABASE": str(Path(shared.path).absolute()),
    }
    if embedded is not None:
        os.environ["PASSERBY_REDIS_URL"] = embedded.url
    if not settings.secret:
        os.environ["PASSERBY_SECRET"] = secrets.token_urlsafe(SECRET_BYTES)
    config = uvicorn.Config("service.app:create_app", factory=True, workers=settings.workers, **options)
    workers = Workers(config, listeners, terminal)
    workers.run()
    shared.close()
    if workers.stop is None:  # a worker could not begin, and said why; no other could
        raise SystemExit(1)
    telemetry.log("stopped", fields=workers.stop.fields())


def _connections_max(wanted: int, telemetry: Telemetry) -> int:
    """As many connections as are wanted and the system has files for; its soft limit is ours to raise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + FILES_BESIDE_CONNECTIONS
    if soft == resource.RLIM_INFINITY or soft >= files:
        return wanted
    raised = files if hard == resource.RLIM_INFINITY else min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    possible = min(wanted, max(CONNECTIONS_MIN, raised - FILES_BESIDE_CONNECTIONS))
    if possible < wanted:
        notice = f"connections_max is {possible} here: the system lets a process open {raised} files (ulimit -n)"
        telemetry.log("configuration_notice", "warning", fields={"notice": notice})
    return possible


def _begin_redis(configuration: Configuration, telemetry: Telemetry) -> EmbeddedRedis | None:
    """Our own redis-server, where the settings name no other and one is to be had."""
    settings = configuration.settings
    if not settings.counting or settings.redis_url:
        return None
    return start_embedded_redis(
        f"{settings.redis_max_memory_mb}mb",
        on_event=telemetry.event,
    )


def _begin(configuration: Configuration, embedded: EmbeddedRedis | None) -> House:
    telemetry = Telemetry()
    for notice in configuration.notices:
        telemetry.log("configuration_notice", "warning", fields={"notice": notice})
    settings = configuration.settings
    if is_loopback(settings.host) and not settings.keys_file:
        telemetry.log("keys_off", fields={"notice": "no keys are configured: on loopback every caller may ask"})
    starting = {"host": settings.host, "port": settings.port, "sites": sorted(configuration.sites), "pid": os.getpid()}
    telemetry.log("starting", fields=starting | {"policy_version": configuration.policy.version})
    house = assemble(configuration, telemetry, open_store(settings, telemetry, embedded))
    if settings.keys_file:
        house.keys.open()
    return house
