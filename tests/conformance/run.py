"""``make conformance``: answer quality on test data that nobody here wrote, one table: set, score, bar.

The data are not part of this project: they are read from ``PASSERBY_CONFORMANCE``, else from ``../shared/conformance``
beside the checkout. Each module beside this one scores the sets of one kind through the shipped code.
Exit status: 0 when every bar is met, 1 when one is missed, 2 when the data are absent.
"""

import importlib
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCORERS = ["language", "region", "device", "identity", "maxmind", "gpc", "growthbook", "ofrep"]


def main() -> int:
    from rich.console import Console
    from rich.table import Table

    folder = Path(os.environ.get("PASSERBY_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
    if not folder.is_dir():
        print("conformance: the data are absent. Set PASSERBY_CONFORMANCE to the folder that holds them.")
        return 2
    sys.path.insert(0, str(Path(__file__).parent))
    table = Table("set", "score", "bar", "", title="Answer quality", title_justify="left")
    missed = 0
    for name in SCORERS:
        started = time.perf_counter()
        for set_name, score, bar, passed in importlib.import_module(name).score(folder):
            missed += not passed
            table.add_row(set_name, score, bar, "" if passed else "[red]missed[/red]")
        print(f"{name}: scored in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    Console(width=140 if not sys.stdout.isatty() else None).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
