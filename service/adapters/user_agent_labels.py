"""user-agents' labels (is it a tablet, a phone, a PC) over a User-Agent that is already parsed.

Separate because of how the package must be imported: it pulls in ua-parser's legacy module, whose 1,270 Python patterns
take 0.13 s to compile and serve only user-agents' own parsing, 20 times slower than the Rust engine. The labels need
none of it, so while user-agents is imported a stand-in takes that module's place and fetches the real one on first use.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_LEGACY = "ua_parser.user_agent_parser"


class _Later(ModuleType):
    """The legacy module, imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(_LEGACY), name)


def _import_parsers() -> Any:
    if _LEGACY in sys.modules:
        return import_module("user_agents.parsers")
    sys.modules[_LEGACY] = _Later(_LEGACY)
    try:
        return import_module("user_agents.parsers")
    finally:
        del sys.modules[_LEGACY]


_parsers = _import_parsers()


class Labels(_parsers.UserAgent):  # type: ignore[misc, name-defined]
    """``is_tablet``, ``is_mobile``, ``is_pc`` of a text and what ua-parser's engine found in it (None: nothing).

    Of the device's family the labels know too little to pay for looking it up, so it is always "Other" here.
    """

    def __init__(self, text: str, system: Any, agent: Any) -> None:
        self.ua_string = text
        self.os = _parsers.parse_operating_system(*_parts(system))
        self.browser = _parsers.parse_browser(*_parts(agent))
        self.device = _parsers.parse_device("Other", None, None)


def _parts(found: Any) -> tuple[str, str | None, str | None, str | None]:
    return (found.family, found.major, found.minor, found.patch) if found else ("Other", None, None, None)
