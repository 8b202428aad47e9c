"""Tablets by how their makers name them: each kind of name is drawn anew, in every way that a browser sends a model."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.user_agent.lookup import UserAgentLookup

LOOKUP = UserAgentLookup()
ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"
WAYS = (
    "Mozilla/5.0 (Linux; Android 12; {}) " + ENGINE + " Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 12; {}) " + ENGINE + " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 4.4.2; en-us; {} Build/KOT49H) "
    + ENGINE
    + " Version/4.0 Chrome/30.0.0.0 Mobile Safari/537.36",
    "Dalvik/2.1.0 (Linux; U; Android 9; {} Build/PPR1.180610.011)",
)


def classes(model, ways=WAYS):
    return {LOOKUP.find(way.format(model)).class_ for way in ways}


KINDS = {
    "Samsung's Galaxy Tabs": r"SM-[TXP][1-9]\d\d[A-Z]?",
    "Lenovo's": r"(?:Lenovo )?TB-?[1-9]\d\d[FXLM]U?",
    "Huawei's and Honor's without a telephone": r"(?:AGS|BAH|DBY|MRX|XYA|QWE)\d?-W\d\d",
    "Amazon's Fire": r"KF[A-Z]{4,5}",
    "Xiaomi's Pads": r"2[1-5]0[1-9]\dRP[A-Z]\d[A-Z]",
    "OPPO's and realme's": r"(?:OPD2|RMP2)\d{3}",
    "the word in any name": r"(?:Smart|Edu|Kindo|Zed|X9|Qwert)[ _-](?:Tab|Pad|Tablet|TAB)(?:[ _]\d{1,2})?",
    "the word written together": r"(?:Fun|Kindo|Zed|Qwert)Tab[A-Z]\d",
    "the diagonal in two digits": r"(?:DTA|MW|ELT|NT|EB)-?0[789]\d{2}[A-Z]?",
    "ten inches behind letters": r"(?:CT|MID|TPC|DWA)10[1-9]\d[A-Z]?",
    "the maker's TB": r"(?:HS_)?(?:7|8|9|10)DTB\d{2}",
    "four cores in the middle": r"M(?:15|16|17)QF\d",
    "tablet PC": r"TPC[_-]?[7-9]\d{3}|\d{3,4}TPC",
    "the diagonal first": r"(?:7|8|10)[A-D]_(?:LTE|3G|PLUS)",
    "the batch in parentheses": r"[PTX]\d0(?: Air| Pro)?\([A-Z]\d[A-Z]\d\)",
    "Archos, in tenths of an inch": r"ARCHOS (?:70|80|90|97|101)(?:b)? (?:Xenon|Helium|Titanium)",
    "the edition without a telephone": r"X[A-HJ]\d{2}[ _]Wi-?Fi",
    "onn, whose models are numbers": r"100\d{6}",
    "Mediatek's chips for tablets": r"MT8[1-7]\d\d",
}
PHONES = {
    "Samsung's": r"SM-[AFGMS][1-9]\d\d[BEUN]",
    "Google's": r"Pixel(?: [6-9]a?| Fold| XL)?",
    "Motorola's": r"XT2\d{3}-\d",
    "Nokia's, which begin with letters and ten": r"TA-10\d\d",
    "anybody's with the region it is sold in": r"(?:Zedo|KN-|Qwert |NJ)[1-6]\d?(?:Pro|XA|_Max)?[-_](?:EEA|ROW|US|RUS)",
    "Wiko's, which say the region": r"W-[KVP]\d{3}-EEA",
    "TCL's, likewise": r"T7\d{2}[HUK]_EEA",
    "ZTE's BV, which have a diagonal's digits": r"(?:ZTE )?BV0[78]\d{2}",
    "Lenovo's for the rest of the world": r"Lenovo [APS]\d{3}_ROW",
    "Archos's": r"Archos 5[0-5] (?:Helium|Platinum)",
    "OPPO's": r"CPH[12]\d{3}",
    "Sony Ericsson's": r"[LMS]T[12]\di",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_tablet_is_told_by_its_makers_grammar(kind):
    """Whatever code of the kind: no "Mobile" of a browser or silence of a program makes a phone of it."""

    @settings(max_examples=40, deadline=None)
    @given(st.from_regex(re.compile(KINDS[kind], re.ASCII), fullmatch=True))
    def holds(model):
        assert classes(model) == {"tablet"}

    holds()


@pytest.mark.parametrize("kind", PHONES)
def test_a_phone_of_a_like_name_stays_a_phone(kind):
    """Codes of phones that have a mark of tablets in them, as the browser of a phone sends them."""

    @settings(max_examples=40, deadline=None)
    @given(st.from_regex(re.compile(PHONES[kind], re.ASCII), fullmatch=True))
    def holds(model):
        assert classes(model, (WAYS[0], WAYS[2], WAYS[3])) == {"smartphone"}

    holds()


def test_a_version_in_a_models_place_is_no_model():
    """`Android; 7.0; Mobile` has no model; a number of four digits or more is one, behind "Mobile" too."""
    assert LOOKUP.find("SomePlayer/5.4 (Android; 7.0; Mobile; fr)").class_ == "smartphone"
    assert LOOKUP.find(WAYS[0].format("10")).class_ == "smartphone"
    firefox = "Mozilla/5.0 (Android 11; Mobile; Lenovo YT-X705X; rv:129.0) Gecko/129.0 Firefox/129.0"
    assert LOOKUP.find(firefox).class_ == "tablet"


@pytest.mark.parametrize("word", ["Surfer", "Stable 5", "COOLPAD 8720L", "Adaptable", "PadFone 2", "Notable One"])
def test_a_word_is_no_tablet_by_its_letters_alone(word):
    """ "Tab" and "Pad" inside other words, and the phones whose makers are named so."""
    assert LOOKUP.find(WAYS[0].format(word)).class_ == "smartphone"


def test_honeycomb_ran_on_tablets_alone():
    """Android 3 is a tablet whatever its model and browser say; Google TV, which ran it too, says that it is one."""
    old = "Mozilla/5.0 (Linux; U; Android 3.{}; en-us; Unheard Of Build/HTK75) AppleWebKit/534.13 Mobile Safari/534.13"
    assert {LOOKUP.find(old.format(minor)).class_ for minor in ("0", "1", "2.1")} == {"tablet"}
    assert LOOKUP.find("Mozilla/5.0 (Linux; GoogleTV 3.2; Some Box Build/MASTER) Safari/534.24").class_ == "tv"


@settings(max_examples=100, deadline=None)
@given(st.integers(100, 640), st.integers(320, 2600), st.integers(320, 2600))
def test_a_screen_is_a_tablets_from_600_units_on(dpi, width, height):
    """Android's own line, by the screen that an app writes; it is the smaller side that counts."""
    kind = "tablet" if min(width, height) * 160 / dpi >= 600 else "smartphone"
    instagram = f"Instagram 27.0.0.11.97 Android (19/4.4.2; {dpi}dpi; {width}x{height}; Some; Unheard; of; chip; en_US)"
    assert LOOKUP.find(instagram).class_ == kind
    density = dpi / 160
    facebook = f"[FBAN/FB4A;FBDM/{{density={density:.5f},width={width},height={height}}};FBSV/9] Dalvik (Android 9)"
    if abs(min(width, height) / density - 600) > 1:
        assert LOOKUP.find(facebook).class_ == kind


def test_a_screen_without_a_density_is_read_without_an_error():
    """A density of nothing divides nothing."""
    assert LOOKUP.find("[FBDM/{density=0,width=480,height=800}] Dalvik (Android 9)").class_ == "smartphone"
    assert LOOKUP.find("Instagram 1 Android (19/4.4.2; 00dpi; 800x1280; a; b)").class_ in ("tablet", "smartphone")
