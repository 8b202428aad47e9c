"""The jar: ours are found whatever the spelling, the others never."""

from itertools import combinations
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.privacy import PURPOSES
from service.core.signals import DroppedField
from service.web.visit import cookies
from service.web.visit.cookies import (
    NAMES,
    _read_carefully,
    as_written,
    read_consent,
    read_cookies,
    read_jar,
)
from service.web.visit.opt_out_signals import opted_out


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
        (b"pb_language=fr, x=y", {"language": "fr, x=y"}),
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
        ",",
        "\t",
        "é",
        "statistics.cohort",
        "; pb_device=Uakgb_J5m9g-0JDMbcJqL",
        "; pb_consent=cohort.statistics",
    ]
)


@given(st.lists(PIECES, max_size=16).map("".join))
def test_the_fast_reading_agrees_with_the_careful_one(jar):
    """Whatever the jar holds, being fast changes nothing. A choice that is empty is none."""
    said = []
    for read in (read_jar, _read_carefully):
        device_id, choices, consent, opt_out = read(jar.encode("latin-1"))
        said.append((device_id, {field: value for field, value in choices.items() if value}, consent, opt_out))
    assert said[0] == said[1]


OPT_OUTS = {
    "pb_optout=1": "1",
    "pb_optout=yes": "yes",
    'pb_optout="1"': '"1"',
    'pb_optout="0"': '"0"',
    'pb_optout=""': '""',
    'pb_optout="': '"',
    "pb_optout": "1",
    "x=y; pb_optout ; z=1": "1",
    "pb_optout=0; pb_optout": "1",
    "pb_optout=00": "00",
    "pb_optout==0": "=0",
    "a=1, pb_optout=1": "1",
    "a=1,pb_optout=1,b=2": "1",
    "a=1, pb_optout=1, mail=anna@example.org": "1",
    "pb_language=fr, pb_optout=1": "1",
    "pb_optout=0, b=2": "1",
    "pb_optout=0,b=2": "1",
    "a=1 pb_optout=1": "1",
    "a=b; pb_optout=0; c=d, pb_optout": "1",
}
NO_OPT_OUTS = {
    "pb_optout=0": "0",
    "pb_optout=": "",
    "pb_optout = 0 ; x=y": "0",
    "pb_optout=;pb_optout=0": "",
    "a=1, pb_optout=0": "0",
    "x=pb_optout=1": None,
    "my_pb_optout=1": None,
    "pb_optouts=1": None,
    "pb_optout-x=1, pb_optout.y": None,
    "PB_OPTOUT=1": None,
    "x=1,pb_opt_out=1": None,
}


@pytest.mark.parametrize(("jar", "said"), [*OPT_OUTS.items(), *NO_OPT_OUTS.items()])
def test_an_opt_out_is_heard_anywhere_in_the_jar(jar, said):
    """It fails closed: as it was sent, quotes and all, any value but none and ``0`` is one; and so is the bare name.

    Of a jar that was joined by commas no other cookie comes along with it.
    """
    for before, after in (("", ""), ("theme=dark; ", ""), ("", "; theme=dark")):
        assert read_cookies((before + jar + after).encode()).get("optout") == said
        assert opted_out([(b"cookie", (before + jar + after).encode())]) is (jar in OPT_OUTS)


def test_every_consent_is_read_in_any_order_and_nobodys_spelling_is_kept():
    """All 128, as they are usually written, backwards and with one purpose twice: the same object each time."""
    kept = len(cookies._SPELLED), len(cookies._CONSENTS)
    for count in range(len(PURPOSES) + 1):
        for chosen in combinations(PURPOSES, count):
            found = read_consent(".".join(chosen))
            assert found == frozenset(chosen)
            for spelling in (sorted(chosen), chosen[::-1], (*chosen, *chosen[:1])):
                assert read_consent(".".join(spelling)) is found
    assert (len(cookies._SPELLED), len(cookies._CONSENTS)) == kept
    assert kept[1] == 128


def test_consent_is_all_or_nothing():
    """A list of purposes joined by dots; None when any part is none."""
    assert read_consent("") == frozenset()
    assert read_consent("statistics.experiments") == {"statistics", "experiments"}
    assert read_consent("statistics.ads") is None
    assert read_consent("statistics.") is None
    assert read_consent("Statistics") is None
    assert read_consent(" statistics") is None
    assert read_consent(".") is None


# How frameworks write a value, and what it means. PHP's urlencode and Rack encode most, encodeURIComponent less.
WRITTEN = {
    "outdoor%3A3.shoes%3A1": "outdoor:3.shoes:1",
    "outdoor%3a3.shoes%3a1": "outdoor:3.shoes:1",
    "outdoor%3A3%2Eshoes%3A1": "outdoor:3.shoes:1",
    "hero.b%7Echeckout.a": "hero.b~checkout.a",
    "hero%2Eb%7echeckout%2Ea": "hero.b~checkout.a",
    "%68%65%72%6F.b": "hero.b",
    "zh%2DHant": "zh-Hant",
    "pt%2dBR": "pt-BR",
    "CH%2DZH": "CH-ZH",
    '"fr"': "fr",
    '"outdoor%3A3"': "outdoor:3",
    '"outdoor:3.shoes:1"': "outdoor:3.shoes:1",
    "%22fr%22": '"fr"',  # quotes of the value's own, which no value of ours has
    "fr%2525": "fr%25",  # once, and not again
    "outdoor%253A3": "outdoor%3A3",
    "fr%": "fr%",
    "fr%2": "fr%2",
    "fr%zz": "fr%zz",
    "outdoor%3A3+shoes%3A1": "outdoor:3+shoes:1",
    "a+b": "a+b",
    "anna%40example.com": "anna@example.com",
    "%C3%BC": "ü",
    "%E2%82%AC": "€",
    "%FF": "\ufffd",
    "%00": "\0",
    "": "",
    "%25": "%",
}


@pytest.mark.parametrize(("written", "meant"), WRITTEN.items())
def test_a_value_is_read_as_frameworks_write_it(written, meant):
    """Out of its quotes, decoded once; what encodes nothing is left."""
    assert as_written(written) == meant


LISTS = "sport.football home.garden mode.damen deportes.fútbol outdoor:100 electronics:2.photo:3 体育:3.音乐 hero.GREEN"
NO_LISTS = (
    "anna.schmidt anna:3.x user-17.x 12345.6 044.668.18.00 79.12.31 sport.user-17 max:1.müller:2 山田.x k3J9.x8Qz.p0Lm"
)


@pytest.mark.parametrize("field", ["interests", "variants"])
def test_in_a_list_a_dot_joins_and_a_number_weighs(field: DroppedField) -> None:
    """Neither makes a name or an account of words; a name that is known is one, and a number that is no weight."""
    assert [value for value in LISTS.split() if cookies._category(field, value)] == []
    assert [value for value in NO_LISTS.split() if cookies._category(field, value) is None] == []
    assert cookies._category("language", "sport.football") == "name"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_jar_is_not_decoded(name):
    """What is encoded is no consent, an opt-out and no id; of the others it is found out once they have no shape."""
    assert read_cookies(f"pb_{name}=%30; theme=%20".encode()) == {name: "%30"}
    assert read_cookies(b'pb_consent="statistics"') == {"consent": '"statistics"'}
    assert read_cookies(b'pb_optout="0"') == {"optout": '"0"'}
    assert opted_out([(b"cookie", b"pb_optout=%30")])
    assert read_consent("statistics%2Eexperiments") is None


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.sampled_from(["", "!~*'()", "-_.~"]), st.booleans())
def test_whatever_is_encoded_comes_back(text, safe, in_quotes):
    """As JavaScript, PHP, Python and Ruby encode it, whatever they leave as it is."""
    written = quote(text, safe=safe)
    assert as_written(f'"{written}"' if in_quotes else written) == text


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_a_value_is_decoded_once(text):
    """What was encoded twice is read as encoded: no second reading can make of it what the first did not see."""
    assert as_written(quote(quote(text, safe=""), safe="")) == quote(text, safe="")
