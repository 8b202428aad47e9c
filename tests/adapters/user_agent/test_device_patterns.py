"""Kinds of device and browser that a word anywhere in the text names, whatever words of phones stand beside it."""

import pytest

from service.adapters.user_agent.lookup import UserAgentLookup

LOOKUP = UserAgentLookup()
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBVIEW = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


def class_of(text):
    return LOOKUP.find(text).class_


@pytest.mark.parametrize(
    ("kind", "class_"),
    [("TV", "tv"), ("ATV", "tv"), ("STB", "tv"), ("OTT", "tv"), ("BDP", "tv"), ("GAME", "console")],
)
def test_cobalt_says_the_kind_of_appliance(kind, class_):
    """YouTube's browser names the device type of Starboard in its third product."""
    product = f"Example_{kind}_Chipset_2024/1.2 (Example, Model 5, Wired)"
    assert class_of(f"Mozilla/5.0 (Linux armeabi-v7a) Cobalt/23.lts (unlike Gecko) Starboard/14, {product}") == class_


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("Linux UPnP/1.0 Sonos/83.1-61240 (ZPS36)", "speaker"),
        ("Linux UPnP/1.0 Sonos/83.1-61240 (BR200)", "speaker"),
        ("Linux UPnP/1.0 Sonos/84.0-10000 (LR1)", "speaker"),
        ("Sonos/84.0-10000", "speaker"),
        ("Linux UPnP/1.0 Sonos/83.1-61240 (MDCR_MacBookPro16,1)", "desktop"),
        ("Linux UPnP/1.0 Sonos/83.1-61240 (ICRU_iPhone14,2)", "smartphone"),
        ("Linux UPnP/1.0 Sonos/83.1-61240 (ICRU_iPad13,4)", "tablet"),
        ("Echo/1.0(APNG)", "speaker"),
        ("AlexaWebMediaPlayer/1.0.200641.0 (Linux;Android 5.1.1)", "speaker"),
        ("BluOS/4.2 (Linux)", "speaker"),
    ],
)
def test_a_speaker_is_no_controller_of_speakers(text, class_):
    """A player says its own code, the apps that steer it the phone or computer they run on."""
    assert class_of(text) == class_


HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        (f"SomeMaker;Room_1;{HEX};;tpapi;3.200.1", "speaker"),
        (f"SomeMaker;Receiver-20;{HEX};2.6.1.0xcc9884b;tpapi;3.194.67", "speaker"),
        (f"Google;ChromecastHD;{HEX};;tpapi;3.200.454", "tv"),
        (f"sony_tv;ps5;{HEX};;tpapi;3.202.356", "console"),
        ("Spotify/4.4.0.0 Volvo/32 (Volvo)", "car"),
        ("Spotify/8.9.1 Android/34 (SM-G991B)", "smartphone"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBVIEW} TeslaMusic/factory-2023.44.100", "car"),
        ("Mozilla/3.0 (DreamPassport/3.0)", "console"),
        ("Mozilla/5.0 (X11; U; Linux i686; en-US) AppleWebKit/533.4 (KHTML, like Gecko) Boxee/1.0.1", "tv"),
    ],
)
def test_players_say_what_they_play_on(text, class_):
    """By the grammar that a service's player has on appliances, or by the maker where a phone's model would stand."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("SEC_HHP_[TV]UE40F6400/1.0", "tv"),
        ("DLNADOC/1.50 SEC_HHP_[TV] Samsung 7 Series (55)/1.0 UPnP/1.0", "tv"),
        ("SEC_HHP_BD-D5100/1.0", "tv"),
        ("DLNADOC/1.50 SEC_HHP_[Phone]SM-G900F/1.0", "smartphone"),
        ("DLNADOC/1.50 SEC_HHP_[Mobile]GT-I9505/1.0", "smartphone"),
        ("DLNADOC/1.50 SEC_HHP_[Tab]GT-P5100/1.0", "tablet"),
        ("DLNADOC/1.50 SEC_HHP_[AV] Samsung Soundbar K950/1.0 UPnP/1.0", "speaker"),
        ("SEC_HHP_[HTS]HT-E5550/1.0", "speaker"),
        ("DLNADOC/1.50 SEC_HHP_[PC]LPC001/1.0  MS-DeviceCaps/1024", "desktop"),
        ("Linux/3.0.13 UPnP/1.0 LGE_DLNA_SDK/1.6.0 [TV][LG]55LA690V-ZA/04.02.00 DLNADOC/1.50", "tv"),
        ("Linux/2.6.35 UPnP/1.0 DLNADOC/1.50 LGE_DLNA_SDK/1.5.0 [HTS][LG]BH9420/1", "speaker"),
        ("DLNADOC/1.50 SHARP-AQUOS-DMP/1.1W", "tv"),
        ("Panasonic MIL DLNA CP UPnP/1.0 DLNADOC/1.50", "tv"),
        ("Allegro-Software-WebClient/5.40b1 DLNADOC/1.50", "tv"),
        ("Android/5.1 UPnP/1.0 SomePlayer/2.3 DLNADOC/1.50", "smartphone"),
        ("Network Media Player UPnP/1.0 DLNADOC/1.50 libhttp/3.35 (PS Vita)", "console"),
    ],
)
def test_players_of_the_home_network_say_their_kind(text, class_):
    """In brackets, by their maker's library, or only that they are one, which without a system is a television's box."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        (f"Mozilla/5.0 (Linux; Android 12; Some Box Build/STT5.250117.001; wv) {WEBVIEW}", "tv"),
        (f"Mozilla/5.0 (Linux; Android 11; HP44H Build/RTT2.210929.001; wv) {WEBVIEW}", "tv"),
        ("Dalvik/2.1.0 (Linux; U; Android 10; B866V2-H Build/QTG3.200305.006)", "tv"),
        (f"Mozilla/5.0 (Linux; Android 13; SM-G991B Build/TP1A.220624.014; wv) {WEBVIEW}", "smartphone"),
        (f"Mozilla/5.0 (Linux; Android 4.4.4; Nexus 5 Build/KTU84P) {WEBVIEW}", "smartphone"),
        (f"Mozilla/5.0 (Linux; Android 11; moto g Build/RTAS31.68-20-3; wv) {WEBVIEW}", "smartphone"),
    ],
)
def test_a_build_for_televisions_is_a_televisions(text, class_):
    """Its branch has a T for its second letter, where a phone's has none before a date."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        (
            "Mozilla/5.0 (Linux armv7l) AppleWebKit/602.1.28+ (KHTML, like Gecko) Version/9.1 WPE/2.22.1, SomeSTB/X1",
            "tv",
        ),
        ("Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 WPE RDK", "tv"),
        ("Dalvik/1.6.0 (Linux; U; Android 4.1.1; BroadSign Xpress 1.0.14 B- (720) Build/JRO03H)", "tv"),
        (f"BrightSign/8.2.26 (XT1144) Mozilla/5.0 (Unknown; Linux arm) {WEBVIEW}", "tv"),
        (f"Mozilla/5.0 (Linux; Android) {WEBKIT} Chrome/88.0.4324.109 Safari/537.36 CrKey/1.54.248666", "speaker"),
        (f"Mozilla/5.0 (X11; Linux armv7l) {WEBKIT} Chrome/52.0.2743.84 Safari/537.36 CrKey/1.22.79313", "tv"),
        ("Xbox/2.0.17150.0 UPnP/1.0 Xbox/2.0.17150.0", "console"),
        ("Xbox Live Client/2.0.16202.0", "console"),
        ("PS3Update-agent/1.0.0 libhttp/1.0.0", "console"),
        ("libhttp/3.60 (PS Vita)", "console"),
        ("libcurl/7.64.1 (HAC; nnEns; SDK 9.3.4.0)", "console"),
        ("NintendoSDK Firmware/10.0.0-1.0 (platform:NX; eid:lp1)", "console"),
        ("Xbox/2107 CFNetwork/1240.0.4 Darwin/20.6.0", "smartphone"),
        ("RIM-Z10-STL100-2/10.3.1.2576", "smartphone"),
        ("MSFT-WP/8.10.14219", "smartphone"),
        ("MSFT-WIN-4/10.0.19041", "desktop"),
        ("macOS/13.4 (22F66) dataaccessd/1.0", "desktop"),
        ("HotJava/1.1.2 FCS", "desktop"),
        ("NCSA_Mosaic/2.7", "desktop"),
        ("Sleipnir Version 1.66", "desktop"),
        ("Xiino/1.0.9E [en] (v. 4.1; 153x130; g4)", "smartphone"),
    ],
)
def test_boxes_signs_consoles_and_agents_are_what_they_run_on(text, class_):
    """Also where a program speaks that is no browser."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("mozilla/5.0 (linux; android 4.4.3; kfthwi build/ktu84m) applewebkit/537.36 chrome/34.0.0.0", "tablet"),
        ("mozilla/5.0 (ipad; cpu os 12_0 like mac os x) applewebkit/605.1.15 mobile/15e148", "tablet"),
        ("mozilla/5.0 (iphone; cpu iphone os 12_0 like mac os x) applewebkit/605.1.15 mobile/15e148", "smartphone"),
    ],
)
def test_a_text_in_small_letters_is_the_same_device(text, class_):
    """As some programs between write it down."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    "text",
    [
        f"Mozilla/5.0 (Linux; Android 9; AFTLBT962E2 Build/PS7290.2744N; wv) {WEBVIEW}",
        f"Mozilla/5.0 (Linux; Android 9; AFTLFT962X3) {WEBVIEW}",
        "Mozilla/5.0 (webOS Auto; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0 Safari/537.36",
        "Mozilla/5.0 (VCC; 1.0; like Gecko) NetFront/4.2",
        f"Mozilla/5.0 (Linux; Android 10; DiLink3.0 For BYD AUTO Build/QKQ1; wv) {WEBVIEW}",
    ],
)
def test_a_televisions_system_in_a_car_is_a_car(text):
    """Fire TV for Auto, webOS Auto and the boards of makers of cars."""
    assert class_of(text) == "car"


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        (
            "Opera/9.80 (Android 3.2.1; Linux; Opera Tablet/ADR-1109081720; U; ja) Presto/2.8.149 Version/11.10",
            "tablet",
        ),
        (f"{IPHONE} [FBAN/FBIOS;FBDV/iPad4,1;FBMD/iPad;FBID/tablet;FBLC/nl_NL;FBOP/1]", "tablet"),
        ("SomeShop/1.2.3 (Android 9; Some-1; Tablet)", "tablet"),
        ("Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; U1 Build/HCL ME Tablet U1) Version/4.0 Mobile Safari", "tablet"),
        ("Mozilla/5.0 (Linux; Android; pl_PL) AppleWebKit/534.34 PocketBook/631 (screen 1072x1448) Mobile", "tablet"),
        ("Mozilla/5.0 (Linux; U; Android 2.0; en-us;) Version/4.0 Mobile Safari/538.1 (Kobo Touch 0377)", "tablet"),
        (
            "Mozilla/5.0 (Windows NT 6.2; ARM; Trident/7.0; Touch; rv:11.0; WPDesktop; Lumia 635) like Gecko",
            "smartphone",
        ),
        ("Mozilla/5.0 (Sailfish 4.0; Mobile; rv:78.0) Gecko/78.0 Firefox/78.0 SailfishBrowser/1.0", "smartphone"),
        (
            "Mozilla/5.0 (webOS/1.3; U; en-US) AppleWebKit/525.27.1 Version/1.0 Safari/525.27.1 Desktop/1.0",
            "smartphone",
        ),
        ("Mozilla/4.0 (PS2; PlayStation BB Navigator 1.0) NetFront/3.0", "console"),
        ("Mozilla/5.0 (Nintendo Switch 2; WebApplet) AppleWebKit/609.4 NF/6.0", "console"),
        (f"Mozilla/5.0 (Linux; Android 9; PortalTV) {WEBVIEW}", "tv"),
        ("Mozilla/5.0 (TV; rv:44.0) Gecko/44.0 Firefox/44.0", "tv"),
        ("Some App/1.0 (me.example.app; build:1; macOS(Catalyst) 13.1.0) Alamofire/5.6.4", "desktop"),
    ],
)
def test_what_a_program_says_of_its_device(text, class_):
    """The words by which apps, browsers of readers and systems name the kind of thing that they run on."""
    assert class_of(text) == class_


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"Mozilla/5.0 (Linux; Android 14; SM-G991B Build/UP1A; wv) {WEBVIEW}{end}"
            for end in ("", " Instagram 300.0.0.0", " [FB_IAB/FB4A;FBAV/400.0.0.0;]", " Line/12.6.1/IAB", " News/1.0")
        ),
        *(
            f"Mozilla/5.0 (Linux; Android 14; SM-G991B) {WEBVIEW.replace('Version/4.0 ', '')} {end}"
            for end in ("MetaIAB Facebook", "musical_ly_2023", "BytedanceWebview/d8a21c6", "MicroMessenger/8.0.40")
        ),
        *(
            f"{IPHONE} {end}"
            for end in (
                "[FBAN/FBIOS;FBAV/445.0;FBDV/iPhone12,1]",
                "Instagram 300.0.0.0 (iPhone12,1; iOS 18_5; en_US)",
                "musical_ly_30.0.0 JsSdk/2.0",
                "MicroMessenger/8.0.40(0x18002831) NetType/WIFI",
                "[LinkedInApp]/9.1",
                "Snapchat/12.0.0.0",
                "[Pinterest/iOS]",
                "Line/12.6.1",
                "KAKAOTALK 10.0.0",
                "",
            )
        ),
        f"{IPHONE} Safari/604.1".replace("Mobile/", "GSA/300.0.598994205 Mobile/"),
    ],
)
def test_an_app_that_shows_a_page_is_a_webview(text):
    """Android says "; wv" itself; iOS leaves out Safari; and the apps add words of their own."""
    assert LOOKUP.find(text).browser == "webview"


@pytest.mark.parametrize(
    ("end", "browser"),
    [
        ("Chrome/142.0.0.0 Mobile Safari/537.36", "chrome"),
        ("SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "samsung"),
        ("Chrome/142.0.0.0 Mobile Safari/537.36 OPR/90.0.0.0", "opera"),
        ("Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0", "edge"),
        ("Version/4.0 Chrome/110.0 YaBrowser/23.1.2.70 Mobile Safari/537.36", "yandex"),
    ],
)
def test_a_browser_stays_what_it_is(end, browser):
    """What is built on Android's view and has a name of its own is no app that shows a page."""
    text = f"Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) {end}"
    assert LOOKUP.find(text).browser == browser


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 LibreWolf/140.0-2", "desktop"),
        ("HomeBrewing/3 CFNetwork/1404.0.5 Darwin/22.3.0", "smartphone"),
        ("Unheard-X100 BREW 3.1.5", "feature_phone"),
        ("Unheard/1.0 (BREW; U; en-us; Teleca/Q05A/INT)", "feature_phone"),
        ("Unheard-100/BREWMP 1.0.4", "feature_phone"),
    ],
)
def test_a_system_of_old_phones_is_a_word_of_its_own(text, class_):
    """Qualcomm's BREW, not four letters of a browser's or an app's name."""
    assert class_of(text) == class_
