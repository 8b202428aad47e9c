"""``passerby init``: a configuration of one's own to start from.

It is a copy of the one that ships, whole: settings, policy, the example site, the example for production, and the geo
database with its licence, so that the directory can be mounted elsewhere and ``geo update`` has a place to write to.
"""

# ruff: noqa: D301, PLC0415  # see the package

import os
import shlex
import shutil
from contextlib import suppress
from pathlib import Path

import click

from service.cli.console import fail

# What may lie in a directory that is called empty: what a new volume, a desktop or a version control puts there.
_NOTHING = frozenset({"lost+found", ".git", ".gitkeep", ".gitignore", ".DS_Store"})


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def init(target: Path) -> None:
    """Write a configuration of your own into DIR, which must be empty or not there yet.

    It is the one that Passerby ships with: settings, policy, an example of a site, and the geo database.

    \b
    Example:
      passerby init /etc/passerby
    """
    from service.settings import DEFAULT_DIRECTORY

    try:
        if target.exists() and {path.name for path in target.iterdir()} - _NOTHING:
            fail([f"{target}: there is something in it already; init writes only into an empty directory"])
        target.mkdir(parents=True, exist_ok=True)
        _copy(DEFAULT_DIRECTORY, target)
    except OSError as error:
        place = error.filename or target
        fail([f"{place}: cannot be written: {os.strerror(error.errno or 0).lower()}"])
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        click.echo(str(path.relative_to(target)))
    name = shlex.quote(str(target))
    click.echo(
        f"Edit {target / 'passerby.toml'} and {target / 'sites' / 'demo.toml'}, then:\n"
        f"  passerby --config {name} check && passerby --config {name} serve",
        err=True,
    )


def _copy(source: Path, target: Path) -> None:
    """What ships, file by file, for its owner to write to: the package's own may be read-only, and holds no keys.

    All of it or nothing: what was made until something failed is removed, so that a second run finds the place empty.
    """
    copied: list[Path] = []
    try:
        for path in sorted(path for path in source.rglob("*") if _ships(path.relative_to(source))):
            copy = target / path.relative_to(source)
            copied.append(copy)
            if path.is_dir():
                copy.mkdir()
            else:
                shutil.copyfile(path, copy)
    except BaseException:
        for copy in reversed(copied):
            with suppress(OSError):
                copy.rmdir() if copy.is_dir() else copy.unlink()
        raise


def _ships(path: Path) -> bool:
    """Not what somebody made in a source tree: keys, and what editors and systems leave, also in folders of theirs."""
    is_hidden = any(part.startswith(".") for part in path.parts)
    return not is_hidden and not path.name.endswith("~") and path.name != "keys.toml"
