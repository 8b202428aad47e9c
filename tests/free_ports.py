"""Ports for servers of tests, each given to one test process only.

To bind port 0 and let it go again is a race: another process of the same run may be given that port, and then each
takes the other's server for its own. So a port is kept by a lock for as long as the process that asked for it lives.
All are below those that systems give to outgoing connections (32768 and up on Linux), also 10,000 further on, where a
node of a Redis Cluster listens too.
"""

import fcntl
import itertools
import os
import socket
import tempfile
from pathlib import Path
from typing import BinaryIO

FIRST, COUNT = 12_000, 10_000
_folder = Path(tempfile.gettempdir()) / f"passerby-test-ports-{os.getuid()}"
_turns = itertools.count(
    os.getpid() * 254, step=2
)  # all are even: the next one, which some servers take too, is nobody's
_kept: list[BinaryIO] = []


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on, and that no other test process is given meanwhile."""
    _folder.mkdir(exist_ok=True)
    for turn in itertools.islice(_turns, COUNT):
        port = FIRST + turn % COUNT
        lock = (_folder / str(port)).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for number in (port, port + 10_000):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
                    probe.bind(("127.0.0.1", number))
        except OSError:
            lock.close()
            continue
        _kept.append(lock)
        return port
    raise AssertionError("no port is free")
