"""The published list of crawlers, crawler-user-agents: patterns of their names, and tags of what they come for."""

from importlib.util import find_spec
from pathlib import Path

import msgspec

# How many names are joined to a rule. 700 names cost 1.8 MB so, 2.7 MB by 10 as by 250, and 12 MB alone.
NAMES_A_RULE = 50


class Crawler(msgspec.Struct):
    pattern: str
    tags: tuple[str, ...] = ()


def published_crawlers() -> list[Crawler]:
    """The list that is installed, in its order."""
    spec = find_spec("crawleruseragents")  # found, not imported: importing it parses its file a second time, in Python
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package crawler-user-agents is not installed")
    data = Path(spec.origin).with_name("crawler-user-agents.json").read_bytes()
    return msgspec.json.decode(data, type=list[Crawler])
