"""How long it takes from saving a site's file until a client that goes on asking has an answer by it.

The service looks at its files once in ``config_watch_interval_s``, a second by default, and takes a file up when two
looks find it the same: so half a second more than one look is the middle, and two looks are the most. What is over is
reading, compiling and swapping. Files are saved at any moment between looks.
"""

import contextlib
import http.client
import itertools
import json
import random
import statistics
import time
from pathlib import Path

from rounds import CONNECTIONS, VISIT, Bench, WrongAnswerError

PART = "change"
CHANGES = 20
ASK_INTERVAL_S = 0.002
TAKEN_MAX_S = 10.0
_SEED = 14
# What is changed in turn: a line of the site's file, and where in an answer it shows.
_LANGUAGES = ("fr", "de", "it", "en")
_OPTIONS = (["app", "spring", "outlet"], ["outlet", "app", "spring"], ["spring", "outlet", "app"])


def measure(bench: Bench, changes: int = CHANGES) -> None:
    """Lines of the report: without other visits, and at full load."""
    with bench.alone("changing", bench.core) as server:
        editor = _Editor(bench.folder / "changing" / "sites" / "demo.toml")
        for what in ("idle", "at full load"):
            loaded = what != "idle"
            with bench.load(server, "zipf", CONNECTIONS, changes * 4.0 + 10) if loaded else contextlib.nullcontext():
                time.sleep(0.5)
                took_s = [editor.change(server.port) for _ in range(changes)]
            bench.record[f"change_s, {what}"] = took_s
            measured = f"p50 {statistics.median(took_s):.2f}  max {max(took_s):.2f} s"
            title = f"change of a site to a client's answer, {what}"
            bench.add(PART, title, measured, f"{changes} changes", "", "max <= 2.1 s")


class _Editor:
    """Whoever edits the site's file, and a client that asks until it sees what was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draw = random.Random(_SEED)
        self._numbers = itertools.count()

    def change(self, port: int) -> float:
        """Save one change at a moment of chance. Seconds from then to the first answer by it."""
        number = next(self._numbers)
        language = _LANGUAGES[number // 2 % len(_LANGUAGES)]
        options = _OPTIONS[(number + 1) // 2 % len(_OPTIONS)]
        lines = self._path.read_text().splitlines(keepends=True)
        for at, line in enumerate(lines):
            if line.startswith("default_language"):
                lines[at] = f'default_language = "{language}"\n'
            elif line.startswith("options"):
                lines[at] = f"options = {json.dumps(options)}\n"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            if _asked(connection) == (language, options):
                raise WrongAnswerError("a site's change was in force before it was made")
            time.sleep(self._draw.random())
            self._path.write_text("".join(lines))
            saved = time.perf_counter()
            while (took_s := time.perf_counter() - saved) < TAKEN_MAX_S:
                if _asked(connection) == (language, options):
                    return time.perf_counter() - saved
                time.sleep(ASK_INTERVAL_S)
        raise WrongAnswerError(f"a site's change was not in force after {took_s:.0f} s")


def _asked(connection: http.client.HTTPConnection) -> tuple[str, list[str]]:
    """The language and the slot's options for a visit that shows nothing."""
    connection.request("GET", VISIT)
    answer = json.loads(connection.getresponse().read())
    return answer["language"]["tag"], answer["slots"]["front"]["options"]
