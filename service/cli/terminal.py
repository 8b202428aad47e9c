"""What commands print with: rows, a progress bar, and mistakes. For people in colour, for pipes in plain lines."""

# ruff: noqa: PLC0415  # rich takes longer to import than most commands take to run

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click

UNUSABLE = 1
"""The exit code of a configuration or a request that cannot be used."""


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
    """Something that stops nothing, but wants a person."""
    click.secho(f"warning: {text}", fg="yellow", err=True)


def fail(lines: Iterable[str]) -> NoReturn:
    """Say what is wrong, a line each, and exit."""
    for line in lines:
        click.secho(line, fg="red", err=True)
    raise SystemExit(UNUSABLE)
