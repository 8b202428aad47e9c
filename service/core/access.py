"""Scopes, what a caller is granted, and the API keys of which only digests are kept.

A key is ``pbk_<id>_<secret>``, kept as its SHA-256: the secret is 32 random bytes, which nobody finds by trying, so
neither a salt nor a slow hash would add anything. No type here has a field that could hold a key.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any, Literal, Self, get_args

from msgspec import Meta, Struct

from service.core.sites import Key

KeyScope = Literal["recommend", "events", "statistics", "admin"]
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)

KEY_PREFIX = "pbk_"
KEY_ID_LENGTH = 8
SECRET_BYTES = 32
# The secret stands there in base64url without padding.
KEY_LENGTH = len(KEY_PREFIX) + KEY_ID_LENGTH + len("_") + 43
SITES_MAX = 64

KeyId = Annotated[str, Meta(pattern=r"^[a-z0-9]{8}\Z")]
KeyDigest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="SHA-256 of the whole key, in hexadecimal")]
Moment = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z", description="2026-11-22T10:00:00Z")
]


class Grant(Struct, frozen=True):
    """The rights of a caller: these scopes, for these sites; None is every site."""

    scopes: frozenset[KeyScope]
    sites: frozenset[Key] | None = None

    def allows_site(self, site: str) -> bool:
        """Whether the caller may ask for this site."""
        return self.sites is None or site in self.sites


EVERYTHING = Grant(frozenset(SCOPES))


class KeyRecord(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key as it is kept. Its label is for telling keys apart and has no room for a person's name or address."""

    id: KeyId
    sha256: KeyDigest
    scopes: Annotated[tuple[KeyScope, ...], Meta(min_length=1, max_length=len(SCOPES))]
    created: Moment
    sites: Annotated[tuple[Key, ...], Meta(min_length=1, max_length=SITES_MAX)] | None = None
    label: Key | None = None

    @property
    def grant(self) -> Grant:
        return Grant(including(self.scopes), None if self.sites is None else frozenset(self.sites))


def record_of(
    key: str, scopes: tuple[KeyScope, ...], created: Moment, sites: tuple[Key, ...] | None, label: Key | None
) -> KeyRecord:
    """The record of a new key."""
    digest = sha256(key.encode()).hexdigest()
    return KeyRecord(key[_ID_FROM:_ID_TO], digest, scopes, created, sites, label)


def including(scopes: Iterable[KeyScope]) -> frozenset[KeyScope]:
    """The scopes with all that they include: ``admin`` includes every other."""
    granted = frozenset(scopes)
    return frozenset(SCOPES) if "admin" in granted else granted


class Keys(Struct, frozen=True):
    """All API keys: by id the digest and the grant of each. A change of keys replaces the whole value."""

    by_id: Mapping[bytes, tuple[bytes, Grant]] = {}

    @classmethod
    def of(cls, records: Iterable[KeyRecord]) -> Self:
        return cls({record.id.encode(): (bytes.fromhex(record.sha256), record.grant) for record in records})

    def grant(self, key: bytes) -> Grant | None:
        """The grant of this key; None for an unknown one. 0.6 us.

        An unknown id costs what a wrong secret costs, so time tells neither; only the length, which is public, is
        refused at once.
        """
        if len(key) != KEY_LENGTH:
            return None
        digest, grant = self.by_id.get(key[_ID_FROM:_ID_TO], _NOBODY)
        return grant if compare_digest(sha256(key).digest(), digest) else None

    def __repr__(self) -> str:
        return f"Keys({len(self.by_id)})"

    def __rich_repr__(self) -> list[Any]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


_ID_FROM = len(KEY_PREFIX)
_ID_TO = _ID_FROM + KEY_ID_LENGTH
# Compared with where there is no such id. Should a key ever meet it, it grants nothing.
_NOBODY: tuple[bytes, None] = (bytes(32), None)
