"""What a failure to ask Redis means: one of the closed kinds of ``ports.StoreError``, and what was not permitted.

Nothing that a server says goes into an error: of a refusal the name of the command is read, and told if it is one of
ours.
"""

import re
import ssl

from redis import exceptions as redis_exceptions
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    NoPermissionError,
    RedisError,
)

from service.adapters.redis_store.scripts import COMMANDS, Script, commands_in_line
from service.ports import StoreError, StoreErrorKind

KEYS = "keys"
"""What is not permitted where the command is, but not on our keys."""

_KINDS: dict[str, StoreErrorKind] = {
    "NOAUTH": "authentication",
    "WRONGPASS": "authentication",
    "NOPERM": "permission",
    "READONLY": "read_only",
    "NOREPLICAS": "read_only",
    "MISCONF": "read_only",
    "OOM": "out_of_memory",
    "LOADING": "loading",
    "MASTERDOWN": "loading",
    "CLUSTERDOWN": "loading",
    "TRYAGAIN": "loading",
}
# Redis 6.2 wraps what went wrong inside a script: "ERR Error running script (...): @user_script:7: -OOM command ..."
_INNER_CODE = re.compile(r"@user_script: ?\d+: -?([A-Z]+) ")
# Inside a script a user's missing right is told so by Redis 6.2 to 7.0, and so by later ones.
_NOT_PERMITTED_INSIDE = re.compile(r"The user executing the script can't|ACL failure in script")
_COMMAND = re.compile(r"run the '([a-z|-]{1,40})'")
_LINE = re.compile(r"@user_script: ?(\d{1,6})")
_ABOUT_KEYS = re.compile(r"access (?:a key|one of the keys|at least one of the keys)")


def store_error(error: Exception, script: Script | None = None) -> StoreError:
    """What a failure means.

    ``script`` is what was asked to run: where the server tells a line of it, that names the command.
    """
    for cause in _causes(error):  # redis-py wraps what went wrong while connecting
        if isinstance(cause, AuthenticationError):
            return StoreError("authentication")
        if isinstance(cause, BusyLoadingError):
            return StoreError("loading")
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return StoreError("tls")
        if isinstance(cause, RedisError) and (refusal := _refusal(cause, script)) is not None:
            return refusal
    if isinstance(error, TimeoutError | redis_exceptions.TimeoutError):
        return StoreError("timeout")
    if isinstance(error, redis_exceptions.ConnectionError | OSError) and not isinstance(error, InvalidResponse):
        return StoreError("connection")
    return StoreError("other")


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it came of, the nearest first."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def _refusal(error: Exception, script: Script | None) -> StoreError | None:
    """A refusal that Redis itself makes; None where it is none that we know."""
    text = str(error)
    if "unauthenticated" in text:
        return StoreError("authentication")  # who has not said who they are may not even ask at length
    code: str | None = getattr(error, "status_code", None) or text.partition(" ")[0]
    if _NOT_PERMITTED_INSIDE.search(text):
        return StoreError("permission", not_permitted=not_permitted(text, script))
    inner = _INNER_CODE.search(text)
    if inner is not None and code == "ERR":
        code = inner[1]
    # redis-py has a type for it, and its older releases cut the code off.
    kind = "permission" if isinstance(error, NoPermissionError) else _KINDS.get(code or "")
    if kind == "permission":
        return StoreError(kind, not_permitted=not_permitted(text, script))
    return None if kind is None else StoreError(kind)


def not_permitted(text: str, script: Script | None = None) -> str | None:
    """What a user may not do by a server's refusal: a command of ours in capitals, or ``keys``; None: not told."""
    if _ABOUT_KEYS.search(text):
        return KEYS
    named = _COMMAND.search(text)
    if named is not None:
        command = named[1].partition("|")[0].upper()
        return command if command in COMMANDS else None
    line = _LINE.search(text)
    if script is None or line is None:
        return None
    return " or ".join(commands_in_line(script, int(line[1]))) or None
