"""How commands come by a configuration, and what they print with: for people in colour, for pipes in plain lines.

A configuration with mistakes ends a command with all of them, one a line.
"""

# ruff: noqa: PLC0415  # see the package; rich takes longer to import than most commands take to run

import datetime as dt
import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from service.app import Container
    from service.ports import StoreErrorKind
    from service.settings import Configuration

DAY_S = 86400
UNUSABLE = 1
"""The exit code of a configuration or a request that cannot be used."""
STORE_FAILURES: Mapping["StoreErrorKind", str] = {
    "connection": "nothing answers there",
    "tls": "it and the URL do not agree on TLS (rediss:// or redis://), or its certificate is not trusted "
    "(ssl_ca_certs)",
    "timeout": "it does not answer in time",
    "authentication": "it does not know this user or password",
    "permission": "this user may not do all that is asked for",
    "read_only": "it takes no writes: a replica, or a server that may not",
    "out_of_memory": "its memory is full",
    "loading": "it is not ready yet: loading, or without a master; try again",
    "clock": "its clock and ours are more than an hour apart",
    "other": "what answers there is no Redis that this understands",
}
"""Why a store did not do what was asked, repeating nothing of its URL. Of ``permission`` a command can say more."""


def configuration_in(directory: Path | None, *, keys_needed: bool = True) -> "Configuration":
    """The configuration, or an exit that names every mistake in it. See ``app.read_configuration``."""
    from service.app import read_configuration
    from service.settings import ConfigurationError

    try:
        return read_configuration(directory, keys_needed=keys_needed)
    except ConfigurationError as error:
        fail(error.mistakes)


def open_container(configuration: "Configuration") -> "Container":
    """All that decides, with its geo database open, or a warning why not. It keeps no log: what matters is printed."""
    from service.adapters.mmdb.snapshot_file import REASONS
    from service.app import assemble
    from service.app.assembly import NO_PLACES
    from service.telemetry import Telemetry

    container = assemble(configuration, Telemetry(stream=io.StringIO()))
    if not container.geo.open():
        warn(f"geo_database: {REASONS[container.geo.refusal or 'unreadable']}, {NO_PLACES}")
    return container


def day(seconds: int) -> str:
    """The UTC date of a moment in seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def age_days(seconds: int) -> int:
    """Whole days since a moment in seconds since 1970."""
    return max(0, int((time.time() - seconds) // DAY_S))


def print_rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Named values on stdout: a table where people look, lines of name, tab and value in a pipe.

    A table says a name that repeats only once.
    """
    if not sys.stdout.isatty():
        for name, value in rows:
            click.echo(f"{name}\t{value}")
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=SIMPLE, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    above = ""
    for name, value in rows:
        table.add_row(Text("" if name == above else name), Text(value))
        above = name
    Console().print(table)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under the names of their columns on stdout: a table where people look, lines with tabs in a pipe."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def print_json(text: str) -> None:
    """A JSON text on stdout: in lines and colours where people look, as it is in a pipe."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console

    Console().print_json(text)


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, where that is a terminal. It yields what takes (done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def warn(text: str) -> None:
    """Warn of something that stops nothing, but that a person should see."""
    click.secho(f"warning: {text}", fg="yellow", err=True)


def fail(lines: Iterable[str]) -> NoReturn:
    """Say what is wrong, a line each, and exit."""
    for line in lines:
        click.secho(line, fg="red", err=True)
    raise SystemExit(UNUSABLE)
