"""Every process collects the same tests: processes that share a run out among themselves have to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_another_process_collects_the_same_tests_later(request: pytest.FixtureRequest) -> None:
    """Seconds later, in another time zone, with other hashes: no name of a test depends on any of them, nor its place.

    Where a run is of some files only, of these.
    """
    option = request.config.option
    if option.keyword or option.markexpr or any("::" in argument for argument in request.config.args):
        arguments = [os.fspath(Path(__file__).relative_to(ROOT))]  # some tests of a file: then this file stands for all
        here = [item.nodeid for item in request.session.items if item.path == Path(__file__)]
    else:
        arguments = request.config.args
        here = [item.nodeid for item in request.session.items]
    environment = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"}
    left_out = [f"--ignore={path}" for path in option.ignore or ()]
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
    command += [*left_out, *arguments]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    there = [line for line in told.stdout.splitlines() if "::" in line]
    assert told.returncode == 0, told.stdout[-2000:]
    assert sorted(set(here) ^ set(there)) == []
    assert there == here
