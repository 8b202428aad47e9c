"""``passerby geo``: what the geo database is, and how to replace it."""

# ruff: noqa: D301, PLC0415  # see the package

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from service.cli.console import age_days, configuration_in, day, fail, print_rows, progress_bar

IP_VERSIONS = {4: "IPv4", 6: "IPv4 and IPv6"}


@click.group()
def geo() -> None:
    """Show or replace the geo database.

    \b
    Example:
      passerby geo show
    """


@geo.command()
@click.argument(
    "source", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[PATH]"
)
@click.option(
    "--full", is_flag=True, help="Keep all fields of the file; else only countries, subdivisions, time zones."
)
@click.option("--allow-older", is_flag=True, help="Take a database that is older than the one in place.")
@click.pass_obj
def update(directory: Path | None, source: Path | None, full: bool, allow_older: bool) -> None:
    """Replace the geo database by the newest one, or by the one in PATH.

    PATH is a .mmdb, .mmdb.gz, .mmdb.xz or .tar.gz file of MaxMind's, DB-IP's or ip-location-db's. Without it npm
    fetches ip-location-db's country database. The new file is checked first and takes the old one's place whole or not
    at all; a running service takes it up by itself.

    \b
    Example:
      passerby geo update
      passerby geo update GeoLite2-City_20261117.tar.gz
    """
    from service.adapters import ip_location_db

    target = _target(directory)
    with _refusals(), progress_bar("geo database") as progress:
        installed = ip_location_db.update(target, source, coarse=not full, allow_older=allow_older, progress=progress)
    rows = [
        ("type", installed.database_type),
        ("built", day(installed.built_at)),
        ("size", f"{installed.file_bytes:,} bytes"),
        ("source", " ".join(filter(None, (installed.source, installed.version)))),
        ("licence", installed.licence),
        ("changes", installed.changes),
    ]
    print_rows(str(target), rows)


@geo.command()
@click.pass_obj
def show(directory: Path | None) -> None:
    """Say what the geo database is: its type, build date, age, networks and licence.

    \b
    Example:
      passerby geo show
    """
    from service.adapters import ip_location_db
    from service.adapters.mmdb.database import describe

    target = _target(directory)
    with _refusals(), progress_bar("counting networks") as progress:
        database = describe(target, progress=progress)
    origin = _origin(ip_location_db.provenance_path(target))
    rows = [
        ("type", database.database_type),
        ("built", day(database.built_at)),
        ("age", f"{age_days(database.built_at)} days"),
        ("networks", f"{database.networks:,}"),
        ("addresses", IP_VERSIONS.get(database.ip_version, "unknown")),
        ("size", f"{database.file_bytes:,} bytes, {database.unpacked_bytes:,} unpacked"),
        ("source", " ".join(filter(None, (origin.get("source", "unknown"), origin.get("version"))))),
        ("licence", origin.get("licence", "unknown")),
    ]
    print_rows(str(target), rows)


def _target(directory: Path | None) -> Path:
    configuration = configuration_in(directory)
    return configuration.path(configuration.settings.geo_database)


@contextmanager
def _refusals() -> Iterator[None]:
    """A database that was not taken, as an exit that says why."""
    from service.adapters.ip_location_db import UpdateFailedError
    from service.adapters.mmdb.snapshot_file import DatabaseRefusedError

    try:
        yield
    except (UpdateFailedError, DatabaseRefusedError) as error:
        fail([f"geo_database: {reasons()[error.reason]} ({error.reason})"])


def reasons() -> dict[str, str]:
    """Why a database was not taken, for the person who gave it: all of UpdateFailedError and DatabaseRefusedError."""
    from service.adapters.mmdb.snapshot_file import REASONS

    return REASONS | {
        "npm_missing": "npm is not on PATH; install it, or pass the path of a database you downloaded",
        "npm_failed": "npm could not fetch the package; try again, or pass the path of a database you downloaded",
        "destination": "the place that `geo_database` names cannot be written; `passerby init` makes one of your own",
        "older": f"{REASONS['older']}; with --allow-older it is taken all the same",
    }


def _origin(path: Path) -> dict[str, Any]:
    """Where a database came from, as written beside it; empty when there is no such file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
