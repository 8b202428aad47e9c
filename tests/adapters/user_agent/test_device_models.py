"""Kinds of device by an Android's model that are neither phone nor tablet: cars, watches, speakers, televisions."""

import pytest

from service.adapters.user_agent.lookup import UserAgentLookup

LOOKUP = UserAgentLookup()


def found(model, mobile="Mobile "):
    text = f"Mozilla/5.0 (Linux; Android 10; {model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    return LOOKUP.find(f"{text}{mobile}Safari/537.36").class_


@pytest.mark.parametrize(
    "model",
    [
        *(f"{board}{gap}{size}" for board in ("S9", "TS7", "K2") for gap in ("_", "-", " ") for size in ("1280x720",)),
        "QUAD-CORE 1024x600",
        "T3-P1 1024X600",
        "px5",
        "MTCD px6",
        "UIS7862",
        "AC8257",
        "TCC893X_EVM",
        "gminfo37",
        "Rivian R1T",
        "DiLink3.0 For BYD AUTO",
        "8227L_demo",
        "ATOTO A6",
    ],
)
@pytest.mark.parametrize("mobile", ["", "Mobile "])
def test_a_head_unit_is_a_car(model, mobile):
    """A screen's resolution in the model, chips made for cars, and makers of cars."""
    assert found(model, mobile) == "car"


@pytest.mark.parametrize(
    "model",
    [
        "OPWWE231",
        "OWWE231",
        "WH12018",
        "Q Venture HR",
        "Gen 6",
        "TAG Heuer Connected",
        "Montblanc SUMMIT",
        "TicWatch E",
    ],
)
def test_a_watch_is_worn(model):
    """Codes of OPPO's and Mobvoi's watches and the names of houses that license Wear OS."""
    assert found(model) == "wearable"


def test_wear_os_is_told_by_its_build():
    """Google's builds for watches have a branch of their own, whatever the model is called."""
    for build in ("TWR7.231113.001", "PWDR.190618.001.B8", "RWD9.220429.053"):
        assert LOOKUP.find(f"Dalvik/2.1.0 (Linux; U; Android 13; Anything Build/{build})").class_ == "wearable"
    assert LOOKUP.find("Dalvik/2.1.0 (Linux; U; Android 13; Anything Build/TQ3A.230901.001)").class_ == "smartphone"


@pytest.mark.parametrize("model", ["AEOKN", "AEOBP", "WT19M-FI", "YNDX-00055", "XDH-21-A1"])
def test_speakers_and_displays_stand_by_themselves(model):
    """Amazon's Echo Show, Yandex's and Xiaodu's displays, and those that hang on a wall."""
    assert found(model) == "speaker"


@pytest.mark.parametrize(
    "model", ["R4G", "TVE19I", "POLA-TVE19M", "VIP7300", "Stick HD", "KPN DIW7022", "T-Mobile TVision"]
)
def test_sets_boxes_and_sticks_are_televisions(model):
    """What platforms of televisions write, whether or not the browser says "Mobile"."""
    assert found(model) == found(model, "") == "tv"


@pytest.mark.parametrize(
    "model", ["Chromebook Plus", "AOpen Chromebox Mini", "AOpen Chromebase", "RK3288 Chrome OS Device"]
)
def test_a_chromebook_that_runs_an_android_app_is_a_desktop(model):
    """Also those whose box or chip would name a television."""
    assert found(model) == "desktop"


@pytest.mark.parametrize("model", ["FiiO M11", "NW-A105", "Surfans Y57A", "XDP-100R", "DP-X1A", "COWON PLENUE"])
def test_a_player_is_a_small_touch_screen(model):
    """Players of music are phones without the telephone, though their browsers leave out "Mobile"."""
    assert found(model, "") == found(model) == "smartphone"


def test_an_android_app_on_chromeos_is_told_by_its_build():
    """The model is a board's name that nobody knows, the build one of ChromeOS."""
    found = LOOKUP.find("Dalvik/2.1.0 (Linux; U; Android 9; sarien Build/R91-13904.97.0)")
    assert (found.class_, found.os) == ("desktop", "chromeos")
