"""Authorization: a key from the request's head, the scope that a route needs, and the sites of the key.

A key is read, compared and dropped within one call; what remains of it is a ``Grant``.
"""

from collections.abc import Iterable
from typing import Protocol

from service.core.access import EVERYTHING, SCOPES, Grant, Keys, KeyScope, including
from service.web.cors import Cors
from service.web.problems import Refusal
from service.web.wire.messages import Headers, Response, problem_response

_CHALLENGE = (b"www-authenticate", b'Bearer realm="passerby"')
_UNAUTHORIZED = Refusal("unauthorized")
_FORBIDDEN = Refusal("forbidden")


class KeysHolder(Protocol):
    """Holds the keys in force."""

    @property
    def keys(self) -> Keys: ...


class Auth:
    """Grants what is open to everybody, and what a key allows.

    For an open scope no key is looked at, right or wrong: sending one never gets a caller less than sending none.
    ``everything_open`` is for a service on loopback that was given no keys.
    """

    def __init__(self, holder: KeysHolder, open_scopes: Iterable[KeyScope], *, everything_open: bool = False) -> None:
        self._holder = holder
        self._open = including(SCOPES if everything_open else open_scopes)

    def is_open(self, scope: KeyScope) -> bool:
        """Whether everybody may do what a scope allows."""
        return scope in self._open

    def grant(self, scope: KeyScope, headers: Headers) -> Grant | Refusal:
        """What a caller whose request has these headers may do under a scope: 0.1 us if it is open, else 1 us."""
        if scope in self._open:
            return EVERYTHING
        key = _key_in(headers)
        grant = None if key is None else self._holder.keys.grant(key)
        if grant is None:
            return _UNAUTHORIZED
        return grant if scope in grant.scopes else _FORBIDDEN

    def has_key(self, scope: KeyScope, headers: Headers, site: str) -> bool:
        """Whether a request has a key for this scope and site, also where it needs none."""
        key = _key_in(headers)
        grant = None if key is None else self._holder.keys.grant(key)
        return grant is not None and scope in grant.scopes and grant.allows_site(site)


class _NoKeys:
    keys = Keys()


NOTHING_GRANTED = Auth(_NoKeys(), ())
"""For a table whose rows are all public."""


def refused(refusal: Refusal, headers: Headers, cors: Cors | None) -> Response:
    """The response to a caller without permission. With ``cors`` any site's page may read it: its own is not known."""
    more_headers = [_CHALLENGE] if refusal.name == "unauthorized" else []
    if cors is not None:
        origin = next((value for name, value in headers if name == b"origin"), b"")
        more_headers += cors.headers_for_any(origin)
    return problem_response(refusal, more_headers)


def _key_in(headers: Headers) -> bytes | None:
    """The key of a request; None for none, and for two that differ: nobody knows which of them is meant.

    ``Authorization`` with a scheme other than Bearer (RFC 6750) is somebody else's and left alone.
    """
    key = None
    for name, value in headers:
        if name == b"authorization":
            scheme, _, candidate = value.strip().partition(b" ")
            if scheme.lower() != b"bearer":
                continue
            candidate = candidate.strip()
        elif name == b"x-api-key":
            candidate = value.strip()
        else:
            continue
        if key is not None and key != candidate:
            return None
        key = candidate
    return key
