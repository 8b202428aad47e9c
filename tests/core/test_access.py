"""Keys by their digests: what is known, what it grants, and that time and texts tell nothing."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core import access
from service.core.access import EVERYTHING, KEY_LENGTH, SCOPES, Grant, KeyRecord, Keys, including, record_of

KEY = "pbk_a1b2c3d4_" + "S" * 43
OTHER_SECRET = "pbk_a1b2c3d4_" + "T" * 43
OTHER_ID = "pbk_zzzzzzzz_" + "S" * 43
CREATED = "2026-11-22T10:00:00Z"
RECORD = record_of(KEY, ("events",), CREATED, ("demo",), "edge")


def test_a_key_grants_what_its_record_says() -> None:
    """Its scopes for its sites, and no other key the same."""
    keys = Keys.of([RECORD])
    assert keys.grant(KEY.encode()) == Grant(frozenset({"events"}), frozenset({"demo"}))
    for other in (OTHER_SECRET, OTHER_ID, KEY[:-1], KEY + "S", KEY.upper(), "", "pbk_", "a1b2c3d4"):
        assert keys.grant(other.encode()) is None


def test_nothing_is_known_of_no_keys() -> None:
    """Not even what would have the digest that strangers are compared with."""
    assert Keys().grant(KEY.encode()) is None


@given(st.sets(st.sampled_from(SCOPES)))
def test_admin_includes_every_scope_and_no_other_includes_any(scopes: set[access.KeyScope]) -> None:
    assert including(scopes) == (set(SCOPES) if "admin" in scopes else scopes)


@given(st.one_of(st.none(), st.frozensets(st.sampled_from(["demo", "shop", "news"]))), st.text(max_size=8))
def test_a_grant_reaches_its_sites_alone(sites: frozenset[str] | None, site: str) -> None:
    assert Grant(frozenset(), sites).allows_site(site) == (sites is None or site in sites)
    assert EVERYTHING.allows_site(site)


def test_known_and_unknown_ids_take_the_same_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One digest of what was sent, compared in constant time with one of the same length, whoever is asked for."""
    compared = []

    def compare(sent: bytes, kept: bytes) -> bool:
        compared.append((sent, len(kept)))
        return False

    monkeypatch.setattr(access, "compare_digest", compare)
    keys = Keys.of([RECORD])
    for key in (KEY, OTHER_SECRET, OTHER_ID):
        assert keys.grant(key.encode()) is None
    assert compared == [(sha256(key.encode()).digest(), 32) for key in (KEY, OTHER_SECRET, OTHER_ID)]


def test_no_key_is_kept_or_shown() -> None:
    """Of the whole key only the id can be read again."""
    secret = KEY.rpartition("_")[2]
    for kept in (RECORD, Keys.of([RECORD]), RECORD.grant):
        assert secret not in repr(kept)
    assert secret.encode() not in msgspec.json.encode(RECORD)
    assert repr(Keys.of([RECORD])) == "Keys(1)"
    assert Keys.of([RECORD]).__rich_repr__() == []
    assert RECORD.id in KEY
    assert len(KEY) == KEY_LENGTH


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "a1b2c3d4\n"}, {"id": "A1B2C3D4"}, {"id": KEY}, {"sha256": "0" * 63}, {"sha256": KEY}, {"scopes": []},
        {"scopes": ["everything"]}, {"sites": []}, {"sites": ["Demo"]}, {"sites": ["s"] * 65}, {"label": "Anna Schmidt"},
        {"label": "anna@example.com"}, {"created": "2026-11-22"}, {"owner": "anna"},
    ],
)  # fmt: skip
def test_a_record_holds_closed_forms_only(wrong: dict[str, object]) -> None:
    """No room for a key, a person or a field that nobody knows; an empty list of sites is not every site."""
    right = msgspec.to_builtins(RECORD)
    assert msgspec.convert(right, KeyRecord) == RECORD
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(right | wrong, KeyRecord)
