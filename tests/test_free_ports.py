"""Ports that test processes are given."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_no_process_is_given_the_neighbour_of_anothers_port() -> None:
    """Some servers take the next one too: whatever the number of a process is, its ports are even."""
    command = [sys.executable, "-c", "from tests.free_ports import free_port as f; print(f(), f(), f()); input()"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    try:
        ports = [int(port) for process in processes for port in process.stdout.readline().split()]
    finally:
        for process in processes:
            process.communicate("\n", timeout=10)
    assert len(set(ports)) == len(ports) == 12
    assert {port % 2 for port in ports} == {0}
