"""Which version of the software this is, for ``--version`` and for records that people keep."""

from importlib import metadata
from pathlib import Path
from tomllib import loads


def software_version() -> str:
    """Of the installed package, else of the source tree that this runs from."""
    try:
        return metadata.version("passerby")
    except metadata.PackageNotFoundError:
        source = Path(__file__).resolve().parent.parent.parent / "pyproject.toml"
        version: str = loads(source.read_text(encoding="utf-8"))["project"]["version"]
        return version
