"""Settings from environment variables, without the variables that Kubernetes sets under our name.

Kubernetes tells every pod of the Services beside it, in variables under their names, as Docker's links did before it.
For a Service named ``passerby`` it sets ``PASSERBY_PORT=tcp://10.0.0.5:8080``: the address of that Service, not the
port to serve on. The names are those of ``makeEnvVars`` in Kubernetes' ``pkg/kubelet/envvars/envvars.go``.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from service.settings.reading import Reading
from service.settings.synonyms import closest_word

PREFIX = "PASSERBY_"
# Where the configuration is, and the key that `passerby stats` asks with.
_NOT_SETTINGS = frozenset({"PASSERBY_CONFIG", "PASSERBY_KEY"})

_PROTOCOL = "TCP|UDP|SCTP"
_LINK_NAME = re.compile(
    rf"PASSERBY(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_({_PROTOCOL})(_PROTO|_PORT|_ADDR)?)"
)
_LINK_PORT_NAME = re.compile(r"PASSERBY(_[A-Z0-9_]+)?_PORT")
_LINK_PORT_VALUE = re.compile(rf"({_PROTOCOL})://\S+", re.IGNORECASE)


def read_environment(
    reading: Reading, environment: Mapping[str, str], kinds: Mapping[str, Any], *, secret: Collection[str]
) -> dict[str, Any]:
    """The settings that are given, by name. ``kinds`` has the type of each that there is.

    Of those that are ``secret`` no mistake names the value.

    Lists are separated by commas. An empty variable is an unset one, as compose files write them, but for a list: there
    it is the empty list.
    """
    values, links = {}, []
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if _is_link(variable, text, is_setting=name in kinds):
            links.append(variable)
            continue
        if name not in kinds:
            # A notice and no mistake: whoever starts us may have variables of its own, but a typo must be seen.
            guess = closest_word(name, kinds)
            instead = "" if guess is None else f"; {PREFIX}{guess.upper()}?"
            reading.notices.append(f"{variable}: there is no such setting, it is ignored{instead}")
            continue
        is_list = getattr(kinds[name], "__origin__", None) is tuple
        if not is_list and not text.strip():
            continue
        value: object = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
        converted = reading.convert(variable, value, kinds[name], strict=False, secret=name in secret)
        if converted is not None:
            values[name] = converted
    if links:
        reading.notices.append(_about_links(sorted(links)))
    return values


def _is_link(variable: str, text: str, *, is_setting: bool) -> bool:
    if _LINK_PORT_NAME.fullmatch(variable) and _LINK_PORT_VALUE.fullmatch(text):
        return True
    return not is_setting and _LINK_NAME.fullmatch(variable) is not None


def _about_links(variables: list[str]) -> str:
    first, *others = variables
    more = f" and {len(others)} more" if others else ""
    return (
        f"{first}{more}: ignored, because Kubernetes sets such variables for a Service of that name; "
        "`enableServiceLinks: false` in the pod's spec keeps them out"
    )
