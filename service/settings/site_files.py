"""Reader of the sites' files in ``sites_dir``."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from service.core.languages.tags import TagTables
from service.core.region import Market, RegionTables, mistakes_in_markets
from service.core.sites import Experiment, Site, Slot, is_site_file, mistakes, notices
from service.settings.reading import Reading, as_toml

_TABLES: dict[str, type[Struct]] = {"markets": Market, "experiments": Experiment, "slots": Slot}


def site_files(directory: Path) -> list[Path]:
    """The files of a directory that are read as sites, in the order of their names."""
    return sorted(path for path in directory.glob("*.toml") if is_site_file(path.name))


def read_sites(reading: Reading, directory: Path, regions: RegionTables, languages: TagTables) -> dict[str, Site]:
    """The sites by id. Mistakes are named, each with its file; a site with some may be left out, or lack parts."""
    sites: dict[str, Site] = {}
    files: dict[str, str] = {}
    paths = site_files(directory)
    if not paths:
        reading.mistakes.append(f"sites_dir: there is no site in {directory}: each is a file whose name ends in .toml")
    for path in paths:
        where, before = f"{directory.name}/{path.name}: ", len(reading.mistakes)
        tables = reading.toml(path, where.removesuffix(": "))
        if len(reading.mistakes) > before:
            continue
        values = reading.fields(where, tables, Site, skip=_TABLES)
        are_fields_read = len(reading.mistakes) == before
        for name, kind in _TABLES.items():
            values[name] = reading.members(f"{where}{name}", tables.get(name, {}), kind)
        key = values.get("id")
        if key in files:  # said also where something else is wrong with the file
            reading.mistakes.append(f"{where}id: {as_toml(key)} is the id of {directory.name}/{files[key]} too")
        elif key is not None:
            files[key] = path.name
        if not are_fields_read:
            continue
        site = Site(**values)  # without what could not be read of its tables
        _judge(reading, where, site, tables, regions, languages)
        sites[site.id] = site
    return sites


def _judge(
    reading: Reading, where: str, site: Site, tables: dict[str, Any], regions: RegionTables, languages: TagTables
) -> None:
    """Add the mistakes and notices of a site that its types alone cannot say."""
    texts = (*mistakes(site, languages, regions), *mistakes_in_markets(site.markets, regions))
    reading.mistakes += [where + text for text in texts]
    reading.notices += [where + text for text in notices(site)]
    reading.notices += [
        f"{where}experiments.{key}.when.{name}: is an empty list, so it keeps nobody out"
        for key, experiment in site.experiments.items()
        for name, targets in tables["experiments"][key].get("when", {}).items()
        if experiment.status == "running" and not targets
    ]
