"""``passerby keys``: make, show and revoke the keys of callers. A running service takes a change up by itself."""

# ruff: noqa: D301, PLC0415  # see the package

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.console import configuration_in, fail, print_table

if TYPE_CHECKING:
    from service.core.access import KeyRecord

SCOPES = ("recommend", "events", "statistics", "admin")
COLUMNS = ("id", "label", "scopes", "sites", "created")
NOT_SET = (
    'keys_file: is not set, so no keys are asked for; set it in passerby.toml (keys_file = "keys.toml") or as '
    "PASSERBY_KEYS_FILE, or name a file with --file"
)
NO_SUCH_KEY = "there is no key with this id; `passerby keys list` shows those there are"

_in_file = click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="The file of the keys; else `keys_file`.",
)


@click.group()
def keys() -> None:
    """Make, show and revoke the keys of callers.

    \b
    Example:
      passerby keys list
    """


@keys.command()
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What the key allows; may be given several times. `admin` includes the others.",
)
@click.option("--site", "sites", multiple=True, metavar="ID", help="A site that the key is for; else every site.")
@click.option("--label", metavar="NAME", help="What to tell the key by in `list`: up to 32 of a-z 0-9 _ -, a-z first.")
@_in_file
@click.pass_obj
def new(
    directory: Path | None, scopes: tuple[str, ...], sites: tuple[str, ...], label: str | None, file: Path | None
) -> None:
    """Make a key and print it. It is shown this once: the file has only its SHA-256.

    \b
    Example:
      passerby keys new --scope recommend --scope events --site demo --label edge
      passerby keys new --scope statistics --file keys.toml
    """
    from service.adapters.keys_file import add_key
    from service.core import access

    _check_names("--label", () if label is None else (label,))
    _check_names("--site", sites)
    if len(sites) > access.SITES_MAX:
        raise click.UsageError(f"--site: {access.SITES_MAX} at most; without any, the key is for every site.")
    path = _file(directory, file, sites)
    created = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    granted = [scope for scope in access.SCOPES if scope in scopes]  # each once
    with _refusals():
        key, record = add_key(path, granted, created, [*dict.fromkeys(sites)], label)
    click.echo(key)
    click.echo(f"This key is shown only now. Its id is {record.id}; {path} has what it allows.", err=True)


@keys.command("list")
@_in_file
@click.pass_obj
def list_(directory: Path | None, file: Path | None) -> None:
    """Show every key by its id: label, scopes, sites, and when it was made.

    \b
    Example:
      passerby keys list
    """
    from service.adapters.keys_file import read_keys

    path = _file(directory, file)
    with _refusals():
        records = read_keys(path)
    print_table(COLUMNS, [_row(record) for record in records])


@keys.command()
@click.argument("key_id", metavar="ID")
@_in_file
@click.pass_obj
def revoke(directory: Path | None, key_id: str, file: Path | None) -> None:
    """Forget the key with this id. A running service refuses it from a second later on.

    \b
    Example:
      passerby keys revoke k3y1d0ab
    """
    from service.adapters.keys_file import remove_key

    path = _file(directory, file)
    with _refusals():
        was_there = remove_key(path, key_id)
    if not was_there:
        fail([NO_SUCH_KEY])
    click.echo("The key is revoked.", err=True)


def _row(record: "KeyRecord") -> tuple[str, ...]:
    sites = "every site" if record.sites is None else " ".join(record.sites)
    return record.id, record.label or "", " ".join(record.scopes), sites, record.created


def _file(directory: Path | None, named: Path | None, sites: tuple[str, ...] = ()) -> Path:
    """The file that was named, else the configured one: there, the sites of a new key must exist."""
    if named is not None:
        return named
    configuration = configuration_in(directory, keys_needed=False)
    if not configuration.settings.keys_file:
        fail([NOT_SET])
    if not configuration.sites.keys() >= {*sites}:
        fail([f"--site: the configured sites are {' '.join(configuration.sites)}"])
    return configuration.path(configuration.settings.keys_file)


def _check_names(option: str, names: tuple[str, ...]) -> None:
    from service.core.sites import KEY_PATTERN

    if not all(re.match(KEY_PATTERN, name) for name in names):
        raise click.UsageError(f"{option} takes up to 32 of a-z 0-9 _ -, a letter first.")


@contextmanager
def _refusals() -> Iterator[None]:
    """A file that cannot be used, as an exit that says why."""
    from service.adapters.keys_file import KeysRefusedError

    try:
        yield
    except KeysRefusedError as error:
        fail([f"keys_file: {error}"])
