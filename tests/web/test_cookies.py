"""The jar: ours are found whatever the spelling, the others never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.cookies import NAMES, _one_by_one, read_consent, read_cookies


@pytest.mark.parametrize(
    ("jar", "found"),
    [
        (b"", {}),
        (b"pb_language=fr", {"language": "fr"}),
        (b"theme=dark; pb_language=fr; x=y", {"language": "fr"}),
        (b"theme=dark;pb_language=fr;x=y", {"language": "fr"}),
        (b"pb_language = fr ; x=y", {"language": "fr"}),
        (b'pb_language="fr"', {"language": "fr"}),
        (b"pb_language=fr; pb_language=de", {"language": "fr"}),
        (b"my_pb_language=fr; xpb_region=CH", {}),
        (b"x=pb_language=fr", {}),
        (b"x=a; pb_language", {}),
        (b"x=a;pb_optout =1", {"optout": "1"}),
        (b"pb_secret=1; pb_region=CH", {"region": "CH"}),
        (b"pb_region=New York", {"region": "New York"}),
        (b"pb_interests=outdoor:3.shoes:1", {"interests": "outdoor:3.shoes:1"}),
        (b"pb_optout=0; pb_optout=1", {"optout": "1"}),
        (b"PB_LANGUAGE=fr", {}),
        (b"pb_region=\xe9", {"region": "\xe9"}),
    ],
)
def test_the_jar_is_read(jar, found):
    """Names exactly, values without quotes and blanks, the first of two."""
    assert read_cookies(jar) == found


PIECES = st.sampled_from(
    [
        *sorted(f"pb_{name}" for name in NAMES),
        "pb_x",
        "theme",
        "=",
        ";",
        "; ",
        " ",
        '"',
        "fr",
        "1",
        "0",
        "pb_",
        "\t",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=16).map("".join))
def test_the_fast_reading_agrees_with_the_careful_one(jar):
    """Whatever the jar holds, being fast changes nothing."""
    assert read_cookies(jar.encode("latin-1")) == _one_by_one(jar)


def test_consent_is_all_or_nothing():
    """A list of purposes joined by dots; None when any part is none."""
    assert read_consent("") == frozenset()
    assert read_consent("statistics.experiments") == {"statistics", "experiments"}
    assert read_consent("statistics.ads") is None
    assert read_consent("statistics.") is None
