"""``passerby experiments``: take over the experiments that a team has in GrowthBook, so that both split alike."""

# ruff: noqa: D301, PLC0415  # see the package

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from service.cli.console import configuration_in, fail, print_table, warn

if TYPE_CHECKING:
    from service.adapters.growthbook_import.features import Conversion, Imported, LeftOut, Payload
    from service.adapters.site_file import Origin
    from service.settings import Configuration

COLUMNS = ("experiment", "in GrowthBook", "variants", "weights", "coverage", "hash", "namespace", "for")
VALUE_CHARS_MAX = 24


@click.group()
def experiments() -> None:
    """Take over experiments from GrowthBook.

    \b
    Example:
      passerby experiments import features.json
    """


@experiments.command("import")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--site", metavar="ID", help="The site that they are for; else `default_site`.")
@click.option(
    "--status",
    type=click.Choice(["draft", "running"]),
    default="running",
    show_default=True,
    help="What they start as here. A draft does not exist for visitors.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Put them in place of experiments of the same key. These go with the comments in them and right below them, "
    "up to a blank line; those above them stay.",
)
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD=NEW",
    help="The spelling here of a key in GrowthBook that has none; may be given several times.",
)
@click.option(
    "--despite-force-rules",
    is_flag=True,
    help="Take experiments also where a force rule decides first for some visits, such as those of testers: "
    "here these are in the experiment.",
)
@click.option("--dry-run", is_flag=True, help="Print the TOML that would be written, and write nothing.")
@click.pass_obj
def import_(
    directory: Path | None,
    file: str,
    site: str | None,
    status: Literal["draft", "running"],
    replace: bool,
    renames: tuple[str, ...],
    despite_force_rules: bool,
    dry_run: bool,
) -> None:
    """Take over the experiments in FILE, the features that GrowthBook serves its SDKs (- reads them from stdin).

    They are written at the end of the site's file, if the configuration is still sound with them. Every device gets
    the variant that GrowthBook gives it, as long as the site sends us as device id what it has there as `id`,
    `deviceId` or `anonymousId`. Experiments that ask for attributes of a person, or for anything else that is not known
    here, are left out, and it is said why.

    \b
    Example:
      passerby experiments import features.json --dry-run
      passerby experiments import features.json --site demo --rename Checkout_2.0=checkout
    """
    from service.adapters.cldr.regions import load_region_tables
    from service.adapters.growthbook_import.features import convert
    from service.adapters.growthbook_import.import_reasons import printable
    from service.adapters.site_file import Origin, experiment_tables

    names = _names(renames)
    payload = _payload(file)
    configuration = configuration_in(directory, keys_needed=False)
    key = configuration.settings.default_site if site is None else site
    if key not in configuration.sites:
        fail([f"--site: the configured sites are {' '.join(configuration.sites)}"])
    conversion = convert(
        payload,
        configuration.sites[key],
        load_region_tables().has_country,
        status=status,
        replace=replace,
        despite_force_rules=despite_force_rules,
        names=names,
    )
    for imported in conversion.left_out:
        click.echo(_left_out_line(imported), err=True)
    for name in conversion.unused_names:
        warn(f"--rename: no experiment in FILE has the key {name}")
    if not conversion.imported:
        click.echo("There is no experiment to take. Nothing was written.", err=True)
        return
    origins = {
        new.key: Origin(printable(new.converted.source_key), printable(new.feature), new.converted.values)
        for new in conversion.imported
    }
    path = _write(configuration, key, conversion, origins, dry_run=dry_run)
    if dry_run:
        click.echo(experiment_tables(conversion.experiments, origins), nl=False)
    else:
        print_table(COLUMNS, [_row(imported, origins[imported.key]) for imported in conversion.imported])
    _say_notes(conversion)
    if not dry_run:
        click.echo(
            f"{path} has them now: {len(conversion.imported)} taken, {len(conversion.left_out)} left out.", err=True
        )


def _payload(file: str) -> "Payload":
    """What GrowthBook serves, out of a file or stdin."""
    from service.adapters.growthbook_import.features import PayloadRefusedError, payload_bytes_max, read_payload

    try:
        with click.open_file(file, "rb") as stream:
            content: Any = stream.read(payload_bytes_max + 1)
        return read_payload(content)
    except OSError as error:
        fail([f"FILE: {error.strerror}"])
    except PayloadRefusedError as error:
        fail([f"FILE: {error}"])


def _names(renames: Sequence[str]) -> dict[str, str]:
    from service.core.sites import KEY_PATTERN

    pairs = [text.rpartition("=") for text in renames]
    if not all(old and re.match(KEY_PATTERN, new) for old, _, new in pairs):
        raise click.UsageError("--rename takes OLD=NEW, where NEW is up to 32 of a-z 0-9 _ -, a letter first.")
    return {old: new for old, _, new in pairs}


def _write(
    configuration: "Configuration",
    site: str,
    conversion: "Conversion",
    origins: Mapping[str, "Origin"],
    *,
    dry_run: bool,
) -> Path:
    """Change the site's file, unless it is a dry run or the configuration would no longer be sound."""
    from service.adapters.site_file import find_site_file, read_site_file, with_experiments, write_site_file

    with _refusals():
        path = find_site_file(configuration.path(configuration.settings.sites_dir), site)
        before = read_site_file(path)
        after = with_experiments(before, conversion.experiments, origins)
    _check(configuration, path, after)
    if not dry_run:
        with _refusals():
            write_site_file(path, before, after)
    return path


def _check(configuration: "Configuration", path: Path, text: str) -> None:
    """Read the whole configuration as it would be, from a copy of its sites. Ends the command with every mistake."""
    from service.app import read_configuration
    from service.settings import ConfigurationError
    from service.settings.site_files import site_files

    with tempfile.TemporaryDirectory() as folder:
        sites = Path(folder) / path.parent.name
        sites.mkdir()
        for other in site_files(path.parent):
            (sites / other.name).write_bytes(text.encode() if other == path else other.read_bytes())
        try:
            environment = {**os.environ, "PASSERBY_SITES_DIR": str(sites)}
            read_configuration(configuration.directory, environment, keys_needed=False)
        except ConfigurationError as error:
            fail([*error.mistakes, "Nothing was written."])


def _left_out_line(left_out: "LeftOut") -> str:
    from service.adapters.growthbook_import.import_reasons import REASONS, printable

    rule = f", rule {left_out.rule}" if left_out.rule else ""
    place = f"{'experiment' if left_out.is_web else 'feature'} {printable(left_out.feature)}{rule}"
    why = [REASONS[lack.reason] + (f" ({lack.detail})" if lack.detail else "") for lack in left_out.obstacles]
    return f"left out: {place}: {'; '.join(why)}"


def _row(imported: "Imported", origin: "Origin") -> tuple[str, ...]:
    from service.adapters.site_file import short_value

    experiment = imported.converted.experiment
    when = (*experiment.when.device, *experiment.when.countries, *experiment.when.languages)
    values = zip(experiment.variants, origin.values, strict=True)
    space = "" if experiment.namespace is None else "{} {:g} to {:g}".format(*experiment.namespace)
    return (
        imported.key,
        str(origin),
        " ".join(f"{name}={short_value(value, VALUE_CHARS_MAX)}" for name, value in values),
        " ".join(f"{weight:g}" for weight in experiment.weights) or "equal",
        f"{experiment.coverage:g}",
        f"version {experiment.hash_version}",
        space,
        " ".join(when) or "everyone",
    )


def _say_notes(conversion: "Conversion") -> None:
    """What is not quite the same here, and what the site has to send."""
    from service.adapters.growthbook_import.import_reasons import NOTES, printable

    for note, text in NOTES.items():
        keys = [imported.key for imported in conversion.imported if note in imported.converted.notes]
        if keys:
            warn(f"{', '.join(keys)}: {text}")
    attributes = dict.fromkeys(printable(imported.converted.attribute) for imported in conversion.imported)
    click.echo(
        f"The device id that the site sends must be what GrowthBook has as {' and '.join(attributes)}.", err=True
    )
    if len(attributes) > 1:
        warn("these attributes must have the same value, for there is one device id here")


@contextmanager
def _refusals() -> Iterator[None]:
    """A site's file that cannot be changed, as an exit that says why."""
    from service.adapters.site_file import SiteFileRefusedError

    try:
        yield
    except SiteFileRefusedError as error:
        fail([f"sites_dir: {error}"])
