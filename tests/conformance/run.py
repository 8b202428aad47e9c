"""``make conformance``: answer quality on test data, one table: set, score, bar.

Most of the data nobody here wrote. They are not part of this project: they are read from ``PASSERBY_CONFORMANCE``, else
from ``../shared/conformance`` beside the checkout. Each module beside this one scores the sets of one kind through the
shipped code; ``own`` those that are part of the project, or others of their form.
Exit status: 0 when every bar is met, 1 when one is missed, 2 when the data are absent or one of our own is ill-formed.
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = "own"
SCORERS = ["language", "region", "device", "identity", "maxmind", "gpc", "growthbook", "ofrep"]


def main() -> int:
    from rich.console import Console
    from rich.table import Table

    options = _options()
    folder = Path(os.environ.get("PASSERBY_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
    own_folder = Path(options.own or os.environ.get("PASSERBY_CONFORMANCE_OWN") or Path(__file__).parent / OWN)
    chosen = [name for name in (*SCORERS, OWN) if not options.only or name in options.only]
    absent = chosen != [OWN] and not folder.is_dir()
    if absent:
        print("conformance: the data are absent. Set PASSERBY_CONFORMANCE to the folder that holds them.")
    if OWN in chosen and not own_folder.is_dir():
        print("conformance: there is no such folder of our own sets.")
        return 2
    sys.path.insert(0, str(Path(__file__).parent))
    table = Table("set", "score", "bar", "", title="Answer quality", title_justify="left")
    missed = 0
    told: list[str] = []
    for name in chosen if not absent else [name for name in chosen if name == OWN]:
        started = time.perf_counter()
        try:
            rows = [*importlib.import_module(name).score(own_folder if name == OWN else folder)]
        except ValueError as mistake:
            if name != OWN:
                raise
            print(f"conformance: {mistake}")
            return 2
        for set_name, score, bar, passed, *misses in rows:
            missed += not passed
            table.add_row(set_name, score, bar, "" if passed else "[red]missed[/red]")
            told += _misses(set_name, *misses, most=options.misses)
        print(f"{name}: scored in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    Console(width=140 if not sys.stdout.isatty() else None).print(table)
    print(*told, sep="\n", end="\n" if told else "")
    return 2 if absent else 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Score answer quality.")
    parser.add_argument("--own", metavar="DIR", help="the folder of our own sets; else tests/conformance/own")
    parser.add_argument("--misses", metavar="N", type=int, default=0, help="print this many misses of each own row")
    parser.add_argument("--only", action="append", choices=[*SCORERS, OWN], help="only these sets; may be repeated")
    return parser.parse_args()


def _misses(name: str, misses: tuple[str, ...] = (), *, most: int) -> Iterator[str]:
    """The first misses of a row as lines, with how many there are."""
    if misses and most > 0:
        yield f"\n{name}: {len(misses)} missed"
        yield from (f"  {miss}" for miss in misses[:most])


if __name__ == "__main__":
    sys.exit(main())
