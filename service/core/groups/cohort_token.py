"""The cohort token: part of an answer, so that an event can be counted without saying who sends it.

A token names a cohort, a release interval and what may be done with its events, under a MAC that only this service can
make. It holds nothing of the visit: every member of the cohort with the same permissions gets the same bytes in that
interval, so that it singles nobody out.
"""

import binascii
import hmac
from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from service.core.groups.cohort import CohortKey
from service.core.groups.interval import DAY_S, HOUR_S

VALID_S = DAY_S
"""For how long after the end of its interval a token is good."""
AHEAD_MAX_S = HOUR_S
"""How far the clock of the worker that sealed may be before that of the worker that opens."""
MAC_BYTES = 16
TOKEN_CHARS_MAX = 128

_VERSION = 1
# So that no other use of the same secret can ever make a MAC that is good here.
_KEY_LABEL = b"passerby cohort token"


class Sealed(Struct, frozen=True, gc=False):
    """The content of a token: the cohort, the interval it was given in, and what its events may be used for."""

    interval_start_s: int
    cohort: CohortKey
    statistics: bool
    interests: bool


class TokenSealer:
    """Seals and opens the tokens of all sites: 2 us to seal, 4 us to open.

    ``secrets`` are new then old: the first one seals, any of them opens, so that a new one can come in while tokens of
    the old are still out. Raises ValueError when there is none, or an empty one. ``interval_s`` is the length of a
    release interval.
    """

    def __init__(self, secrets: Sequence[str], interval_s: int = HOUR_S) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a secret is needed to seal tokens, and none may be empty")
        self._keys = tuple(hmac.digest(secret.encode(), _KEY_LABEL, "sha256") for secret in secrets)
        self._good_s = interval_s + VALID_S

    def seal(self, site: str, interval_start_s: int, cohort: CohortKey, statistics: bool, interests: bool) -> str:
        """The token: base64url without padding (RFC 4648 section 5) of the payload and its MAC."""
        payload = msgspec.msgpack.encode((_VERSION, interval_start_s, cohort, 2 * interests + statistics))
        return _to_text(payload + _mac(self._keys[0], site, payload))

    def open(self, site: str, token: str, now_s: float) -> Sealed | None:
        """The content of a token of this site; None when it is forged, of another site, too old, or of the future."""
        octets = _from_text(token)
        if octets is None:
            return None
        payload, mac = octets[:-MAC_BYTES], octets[-MAC_BYTES:]
        if not any(hmac.compare_digest(_mac(key, site, payload), mac) for key in self._keys):
            return None
        try:
            _, start_s, cohort, flags = _payload.decode(payload)
        except msgspec.DecodeError:  # of another version
            return None
        if not now_s - self._good_s < start_s <= now_s + AHEAD_MAX_S:
            return None
        return Sealed(start_s, cohort, bool(flags & 1), bool(flags & 2))


_payload = msgspec.msgpack.Decoder(tuple[Literal[1], int, CohortKey, Literal[0, 1, 2, 3]])
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def _mac(key: bytes, site: str, payload: bytes) -> bytes:
    # The key of a site holds no NUL, so no other site and payload are strung together to the same.
    return hmac.digest(key, site.encode() + b"\0" + payload, "sha256")[:MAC_BYTES]


def _to_text(octets: bytes) -> str:
    return binascii.b2a_base64(octets, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def _from_text(token: str) -> bytes | None:
    """The octets of a token, None unless it is their one and only spelling."""
    if len(token) > TOKEN_CHARS_MAX or not token.isascii():
        return None
    padded = token.encode().translate(_FROM_URL) + b"=" * (-len(token) % 4)
    try:
        octets = binascii.a2b_base64(padded, strict_mode=True)
    except binascii.Error:
        return None
    return octets if len(octets) > MAC_BYTES and _to_text(octets) == token else None
