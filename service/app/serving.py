"""Serving in this process, or as the parent of several workers that share what is worth sharing."""

import multiprocessing
import os
import resource
import secrets
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from socket import socket
from types import FrameType

import uvicorn
from msgspec import Struct

from service.adapters.mmdb.following import SharedDatabase
from service.adapters.redis_store.embedded import EmbeddedRedis, start_embedded_redis
from service.app.application import Application
from service.app.assembly import SECRET_BYTES, Container, assemble, read_configuration
from service.app.counting import open_store
from service.app.ending import ENDING, OUTPUTS, Ending, Terminal
from service.app.listening import BACKLOG, close, open_listeners, port_of, url_of
from service.app.log_redaction import leave_no_core_file, redact_library_logs
from service.app.workers import CANNOT_BEGIN, HANGUP, Workers
from service.settings import Configuration, ConfigurationError, is_loopback
from service.telemetry import Telemetry
from service.web.wire.answering import Limits
from service.web.wire.connection import connections

DRAIN_S = 6  # and what is counted is handed over after it: an orchestrator waits for 10 s
END_MAX_S = 9.0
_END_LOOK_INTERVAL_S = 0.5
# Of a process: its configuration, geo database, Redis, metrics and what Python opens.
FILES_BESIDE_CONNECTIONS = 128
CONNECTIONS_MIN = 8


class Answering(Struct, frozen=True):
    """How connections are answered. A worker is sent it by pickle."""

    limits: Limits
    keep_alive_s: float


def create_app(beat: Callable[[], None] = lambda: None) -> Application:
    """The application by this process's environment, as a worker makes it.

    Its loop calls ``beat`` every second. Where the configuration cannot be used, which the parent's could, the worker
    says so and ends; the parent begins another.
    """
    redact_library_logs(Telemetry())
    try:
        configuration = read_configuration()
    except ConfigurationError as error:
        Telemetry().log_adapter_event("configuration_refused", {"mistakes": error.mistakes, "pid": os.getpid()})
        raise SystemExit(1) from None
    parent = multiprocessing.parent_process()  # also when it died while this process was starting
    return Application(_begin(configuration, None), None if parent is None else parent.pid, beat=beat)


def _serve_as_worker(beat: Callable[[], None], answering: Answering, listeners: list[socket]) -> None:
    application = create_app(beat)
    try:
        _answer(application, answering, listeners)
    except SystemExit:  # uvicorn's way to say that the application could not begin
        raise SystemExit(CANNOT_BEGIN) from None


def _answer(
    application: Application, answering: Answering, listeners: list[socket], embedded: EmbeddedRedis | None = None
) -> None:
    """Serve with uvicorn until this process is asked to stop. It has then ended well: status 0."""
    threading.Thread(target=_end_in_time, args=(application.ending, embedded), name="ending", daemon=True).start()
    config = uvicorn.Config(
        application,
        http=connections(application.dispatcher, answering.limits),  # type: ignore[arg-type]  # it calls it as a class
        timeout_keep_alive=answering.keep_alive_s,  # type: ignore[arg-type]  # only these connections ask for it
        loop="uvloop",
        ws="none",
        lifespan="on",
        proxy_headers=False,  # the intake resolves the client's address itself
        server_header=False,
        access_log=False,  # a line per visit would hold an address
        log_config=None,
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_S,
    )
    server = uvicorn.Server(config)

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal's handler
        # While it serves uvicorn handles these signals; when all is done it raises them anew, and this process is not
        # to end as if killed by one.
        application.ending.ask(number)
        server.should_exit = True

    for number in ENDING:
        signal.signal(number, end)
    server.run(listeners)


def _end_in_time(ending: Ending, embedded: EmbeddedRedis | None) -> None:
    """End this process when its time is over, in a thread of its own, whatever the others do.

    Python waits for all threads that work for the loop, and one may be at a file system that does not answer.
    """
    while ending.stop is None:
        time.sleep(_END_LOOK_INTERVAL_S)
    time.sleep(max(0.0, ending.stop.at_s + END_MAX_S - time.monotonic()))
    try:
        if embedded is not None:
            embedded.stop()
    finally:
        os._exit(0 if ending.is_over else 1)


def serve(configuration: Configuration, on_listening: Callable[[str], None] = lambda _url: None) -> None:
    """Serve until asked to stop: in this process, or with several workers as their parent.

    ``on_listening`` gets the URL to look at once the port is open. Raises ConfigurationError where it cannot be opened.
    """
    _keep_standard_numbers()
    settings = configuration.settings
    listeners = open_listeners(settings)
    telemetry = Telemetry()
    redact_library_logs(telemetry)
    limits = Limits(
        settings.header_block_max_bytes,
        settings.header_fields_max,
        settings.header_read_timeout_s,
        settings.write_timeout_s,
        _connections_max(settings.connections_max, telemetry),
    )
    answering = Answering(limits, settings.keep_alive_s)
    leave_no_core_file()
    terminal = Terminal()
    if HANGUP:  # until somebody can act on it; processes and threads begun from here on inherit it
        signal.pthread_sigmask(signal.SIG_BLOCK, HANGUP)
    # The first thing of all: it comes up while the rest is read and assembled.
    embedded = _begin_redis(configuration, telemetry)
    url = url_of(settings.host, port_of(listeners))
    telemetry.log("listening", fields={"host": settings.host, "port": port_of(listeners), "url": url})
    on_listening(url)
    try:
        if settings.workers == 1:
            _answer(Application(_begin(configuration, embedded), terminal=terminal), answering, listeners, embedded)
        else:
            _serve_workers(configuration, telemetry, embedded, terminal, answering, listeners)
    finally:
        if embedded is not None:
            embedded.stop()


def _serve_workers(
    configuration: Configuration,
    telemetry: Telemetry,
    embedded: EmbeddedRedis | None,
    terminal: Terminal,
    answering: Answering,
    listeners: list[socket],
) -> None:
    """The parent of workers: it holds the port, the geo database, the redis-server and the secret that they share."""
    settings = configuration.settings
    shared = SharedDatabase(
        str(configuration.path(settings.geo_database)),
        on_event=telemetry.log_adapter_event,
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
    workers = Workers(
        settings.workers,
        _serve_as_worker,
        (answering, listeners),
        terminal,
        # Else the system would go on to accept connections that nobody takes up any more.
        on_end=partial(close, listeners),
        on_loss=lambda pid, reason: telemetry.log("worker_lost", "error", fields={"pid": pid, "reason": reason}),
    )
    workers.run()
    shared.close()
    if workers.stop is None:  # a worker could not begin, and said why; no other could
        raise SystemExit(1)
    telemetry.log("stopped", fields=workers.stop.fields())


def _keep_standard_numbers() -> None:
    """Open to nowhere what of standard input, output and error this process was begun without (``2>&-``).

    Else a socket would be given the number, and whoever writes to standard error would write to somebody.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= max(OUTPUTS):
        os.set_inheritable(opened, True)
    os.close(opened)


def _connections_max(configured: int, telemetry: Telemetry) -> int:
    """As many connections as are wanted and the system has files for; its soft limit is ours to raise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = configured + FILES_BESIDE_CONNECTIONS
    if soft == resource.RLIM_INFINITY or soft >= files:
        return configured
    raised = files if hard == resource.RLIM_INFINITY else min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    possible = min(configured, max(CONNECTIONS_MIN, raised - FILES_BESIDE_CONNECTIONS))
    if possible < configured:
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
        on_event=telemetry.log_adapter_event,
    )


def _begin(configuration: Configuration, embedded: EmbeddedRedis | None) -> Container:
    telemetry = Telemetry()
    for notice in configuration.notices:
        telemetry.log("configuration_notice", "warning", fields={"notice": notice})
    settings = configuration.settings
    if is_loopback(settings.host) and not settings.keys_file:
        telemetry.log("keys_off", fields={"notice": "no keys are configured: on loopback every caller may ask"})
    starting = {"host": settings.host, "port": settings.port, "sites": sorted(configuration.sites), "pid": os.getpid()}
    telemetry.log("starting", fields=starting | {"policy_version": configuration.policy.version})
    container = assemble(configuration, telemetry, open_store(settings, telemetry, embedded))
    if settings.keys_file:
        container.keys.open()
    return container
