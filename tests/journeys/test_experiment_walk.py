"""The way from an experiment to its results, walked by the document's own commands, with a faster clock."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.documents import DOCUMENTS
from tests.journeys.conftest import ROOT, Server
from tests.journeys.counting import until

DOCUMENT = DOCUMENTS["service/docs/experiments.md"]
HEADING = "## From an experiment to its results\n"
FASTER = 7.5
"""The document waits 22 s for intervals of 15; here they are of 2."""
RATE = 4
"""The column."""
START = "PASSERBY_RELEASE_MINUTES=0.25 make run"


def commands() -> tuple[list[str], list[str]]:
    """What the section tells to type, and what it says the last command prints."""
    section = DOCUMENT.partition(HEADING)[2].partition("\n#")[0]
    typed = "\n".join(re.findall(r"```console\n(.*?)\n```", section, re.DOTALL))
    *others, last = re.split(r"^\$ ", typed, flags=re.MULTILINE)[1:]
    stats, *printed = last.splitlines()
    return [command.strip() for command in (*others, stats)], printed


def told(printed: list[str], between: str) -> dict[str, list[str]]:
    """A table's rows by their first cell."""
    return {row[0]: row for row in (re.split(between, line) for line in printed if line != "...")}


def test_five_commands_lead_from_an_experiment_to_its_results(start: Callable[..., Server], tmp_path: Path) -> None:
    """Each as it is printed; then the rows that are printed, with the better variant ahead."""
    (first, visits, twice, reports, stats), printed = commands()
    assert first == START
    # Smaller groups, because here the reports fall into several intervals.
    server = start(release_minutes=str(0.25 / FASTER), k="20", k_prefixes="5")
    until(lambda: server.ask("/readyz")[1]["counts"]["since"])
    time.sleep(0.5)  # a person is slower than the salt of the day, without which no device is counted
    environment = os.environ | {"PASSERBY_PORT": str(server.port), "PYTHONPATH": str(ROOT)}

    def run(command: str) -> str:
        here = command.replace("http://127.0.0.1:8080", server.url).replace("sleep 22", f"sleep {22 / FASTER}")
        here = here.replace(".venv/bin/passerby", f"{sys.executable} -m service").replace("python3", sys.executable)
        here = here.replace("15 - time.time() % 15", "2 - time.time() % 2")
        done = subprocess.run(
            ["bash", "-euc", here],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def members() -> int:
        run(twice)
        answers = json.loads((tmp_path / "answers.json").read_text())["recommendations"]
        return sum(bool(answer.get("cohort")) for answer in answers)

    def results() -> dict[str, list[str]] | None:
        rows = told(run(stats).splitlines(), "\t")
        return rows if rows["a"][RATE] != "-" != rows["b"][RATE] else None

    run(visits)
    assert until(lambda: members() > 790, 30)  # the clock is fast and the machine may be slow: once more then
    run(reports)
    rows = until(results, 30)
    assert rows is not None
    shown = told(printed, " {2,}")
    assert shown.keys() <= rows.keys()
    assert rows["variant"] == shown["variant"]
    assert rows["status"] == shown["status"] == ["status", "running"]
    assert float(rows["a"][RATE].removesuffix("%")) < float(rows["b"][RATE].removesuffix("%"))
