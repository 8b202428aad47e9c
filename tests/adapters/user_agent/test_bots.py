"""Who speaks, a person or a program, by kinds: texts written here after how each kind of program builds its own."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.user_agent import bot_patterns
from service.adapters.user_agent.lookup import UserAgentLookup
from service.adapters.user_agent.published_crawlers import published_crawlers

LOOKUP = UserAgentLookup()

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
)
WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 14; SM-G991B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
APPLES_LIBRARY = " CFNetwork/1404.0.5 Darwin/22.3.0"


def electron(name):
    return (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"{name} Chrome/134.0.0.0 Electron/35.1.0 Safari/537.36"
    )


def is_bot(user_agent):
    return LOOKUP.find(user_agent).class_ == "bot"


# What apps append to the text of the WebView that they show pages in.
TOKENS_OF_APPS = [
    "MetaIAB Facebook",
    "[FB_IAB/FB4A;FBAV/400.0.0.0;IABMV/1;]",
    "[FBAN/FBIOS;FBAV/400.0;FBBV/1;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/18.5]",
    "Instagram 300.0.0.0 (iPhone14,5; iOS 18_5; en_US)",
    "Barcelona 300.0.0.0",
    "MicroMessenger/8.0.42.2460 WeChat/arm64 Weixin NetType/WIFI Language/en",
    "Line/13.0.0/IAB",
    "KAKAOTALK/10.4.3 (INAPP)",
    "NAVER(inapp; search; 1110; 12.5.3)",
    "musical_ly_30.0.0 JsSdk/2.0 NetType/WIFI BytedanceWebview/d8a21c6",
    "Snapchat/12.50.0.28 (like Safari/8615.2.9.0.3, panda)",
    "[Pinterest/iOS]",
    "Twitter for iPhone/9.60",
    "[LinkedInApp]/9.29",
    "GSA/260.0.0",
    "DuckDuckGo/7",
    "Flipboard/4.2",
    "WhatsApp/2.23",
    "Viber/20.0",
    "Telegram-Android/10.0.5 (Samsung SM-G991B; Android 13; SDK 33; HIGH)",
    "Zalo android/2308 ZaloTheme/light ZaloLanguage/vi",
    "AliApp(AP/10.3) AlipayClient/10.3",
    "Reddit/2023.30.0/iOS",
    "PayPal/8.20",
    "Tumblr/28.0",
    "Bluesky/1.50",
    "Mastodon/2023.10",
    "Feedly/90",
    "Goodreads/4.0",
    "Instapaper/8.0",
    "Blackboard/3.10.0",
    "HatenaBookmark/5.0",
    "com.example.app/4.2.1",
]
KINDS_OF_PEOPLE = {
    "programs built with Electron": [
        electron(name)
        for name in (
            "Code/1.95.0",
            "Cursor/0.45.11",
            "Slack/4.36.140",
            "discord/0.0.310",
            "Teams/0.7.00.5803",
            "obsidian/1.5.3",
            "Notion/2.0.23",
            "Hyper/0.8.3",
            "Insomnia/8.4.5",
            "Asana/1.5.0",
            "@scope/name/0.1.0",
            "mattermost-desktop/5.5 Mattermost/5.5.0",
        )
    ],
    "apps that speak by Apple's library": [
        name + APPLES_LIBRARY
        for name in (
            "Viber/13.3.0",
            "WhatsApp/2.23.20.79",
            "Telegram/26000",
            "Slack/23.0",
            "Mastodon/1.4",
            "Feedly/90.0",
            "Notion/2.0",
            "NetNewsWire/6120",
            "Some%20Feeds/272",
            "com.apple.WebKit.Networking/8614.4.6.1.5",
        )
    ],
    "apps of Android, by its runtime or its library": [
        "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)",
        "SomeApp/5.1 (com.example.someapp; build:510; Android 13) okhttp/4.9.3",
    ],
    "who reads letters, feeds and podcasts": [
        "SomeMail/5.600",
        "Lotus-Notes/8.5.3",
        "NetNewsWire (RSS Reader; https://netnewswire.com/)",
        "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
        "SomePodder/3.0.1",
        "SomeWave/1.5 (+https://some.example/; iPhone 15.4)",
        "SomePodder/3.10.15 (+https://some.example/) Linux/5.11.0",
        "Podimo/1.11.3 build 121/iOS 13.3",
    ],
    "a build's hash for a version": ["SomeBrowser/0123456789abcdef0123456789abcdef01234567"],
    "agents of a system, for mail and calendars, updates and folders": [
        "macOS/13.4 (22F66) dataaccessd/1.0",
        "macOS/10.12.6 (16G29) CalendarAgent/386.5",
        "Mac+OS+X/10.11.6 (15G31) AddressBookSourceSync/1.0",
        "Mac_OS_X/10.9.5 (13F34) CoreDAV/229.7",
        "iOS/17.0 (21A329) accountsd/1.0",
        "com.apple.SomeAgent/1.0.2",
        "com.apple.Some.FeedParser/10600.1 CFNetwork/720.5.7 Darwin/14.5.0 (x86_64)",
        "Microsoft BITS/7.8",
        "Microsoft-CryptoAPI/10.0",
        "Microsoft-WebDAV-MiniRedir/10.0.19041",
        "Google Update/1.3.36.72;winhttp",
        "WebDAVLib/1.3",
        "WinSCP/5.17 neon/0.30.2",
        "CalDavSynchronizer/4.2",
    ],
    "office programs": [
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.4266; Pro)",
        "Microsoft Office Excel 2014",
        "Microsoft Office Existence Discovery",
        "Microsoft Office Protocol Discovery",
        "MSOffice 16",
        "MSFrontPage/12.0",
        "Microsoft-MacOutlook/10.12.0.110505",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 14)",
        "Microsoft OneDrive/19.0",
    ],
    "meetings and chats": [
        "UCCAPI/16.0.4266.1001 OC/16.0.4266.1001 (Skype for Business)",
        "UCCP/2.0.6362.0 OC/2.0.6362.0 (Microsoft Office Communicator)",
        "OC/4.0.7577.314 (Microsoft Lync 2010)",
        "CPE/4.0.7577.0 OCPhone/4.0.7577.0 (Microsoft Lync Phone Edition)",
        "LyncImm/15.0.1 (Microsoft Lync)",
        "SfBForMac/16.28.0.112",
        "MicrosoftTeams-Rigel/1.0.94.2021061002",
        "ZoomPresence/5.1",
        "Pidgin/2.14 (libpurple)",
        "GoToMeeting/8.41",
        "Webex Teams (unknown version)",
    ],
    "mail by Exchange's protocol": [
        "MSFT-WIN-4/10.0.19041",
        "MSFT-PPC/5.2.5079",
        "TouchDown(MSRPC)/8.1.00088",
        "RIM-Z10-STL100-2/10.3.1.2576",
        "Apple-iPhone12C1/1704.53",
    ],
    "a library before the phone or the game that it serves": [
        "okhttp/4.9.0 SomeEngine/2.7 Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)",
        "okhttp/4.9.0 (Linux; Android 12; SM-A125F)",
        "okhttp/3.12.1 com.example.app/1.0 Android/30",
        "Some http client/11.3.8(421) (Android)",
        "Apache-HttpClient/UNAVAILABLE (Android 5.1; SM-G920F)",
        "FBiOSSDK.9.0.0",
        "Valve/Steam HTTP Client 1.0 (tenfoot)",
        "UnityPlayer/2019.4.1f1 (UnityWebRequest/1.0, libcurl/7.52.0-DEV)",
    ],
    "managers of downloads": ["FlashGet/3.7", "ReGet Deluxe 5.2 (build 330)", "Free Download Manager", "uTorrent/2210"],
    "readers of feeds and players on a desk": [
        "QuiteRSS/0.19.4",
        "Akregator/5.0; syndication",
        "JetBrains Omea Reader 2.2 (http://www.jetbrains.com/omea_reader/)",
        "AIMP/4.70",
        "Rhythmbox/3.4.4",
        "Adobe Acrobat/20",
    ],
    "set by hand": [f'"{MAC}"', f"'{ANDROID}'"],
    "through a translator, with a component's address": [
        FIREFOX + ",gzip(gfe) (via translate.google.com)",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; EmbeddedWB 14.52 from: http://www.bsalsa.com/; SLCC2)",
    ],
    "browsers and systems that add their name": [
        WINDOWS + " Vivaldi/6.5",
        WINDOWS + " OPR/105.0",
        WINDOWS + " SomeBrowser/1.0",
        WINDOWS + " Epic",
        FIREFOX + " Waterfox/6.5",
        LINUX + " Debian",
        "Mozilla/3.01 (compatible; AmigaVoyager/2.95; AmigaOS/MC680x0)",
        "SomePhone_T8282 Mozilla/4.0 (compatible; MSIE 6.0; Windows CE; IEMobile 7.11)",
        "Mozilla/5.0 (compatible; Konqueror/14.0; Linux) KHTML/TDEHTML/14.0.4 (like Gecko) (Debian)",
        "Mozilla/5.0 (compatible; Konqueror/4.1; DragonFly) KHTML/4.1.4 (like Gecko)",
        "Mozilla/5.0 (iOS) Nextcloud-iOS/4.8.0",
        "Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8",
    ],
}
KINDS_OF_PROGRAMS = {
    "known crawlers in any letter case": [
        "googlebot",
        "GOOGLEBOT/2.1",
        "bingBot",
        "BAIDUSPIDER",
        "SLURP",
        "FaceBookExternalHit/1.1",
        "chatgpt-user",
        "FLIPBOARDPROXY",
        "mediapartners-google",
    ],
    "a task at the end of a name": [
        "Mozilla/5.0 (X11; Linux x86_64) ExampleChecker/1.0",
        LINUX + " some-preview/2",
        WINDOWS + " ExampleMonitor/2",
        WINDOWS + " SiteAnalyzer/5.7",
        "examplescan",
        "CertMonitor/1.0 (Windows NT 10.0)",
    ],
    "what is done to many recordings or pages at once": [
        "some-podcast-migration/1.0",
        "radio-backfill/0.3",
        "news-ingest/0.3",
        "SomePodcastTranscriber/1.0",
        "PodcastPipeline/2.0",
        "podcast-archive/1.0 (transcription)",
        "NameCast/1.0 (Podcast Import)",
        "music-metadata-harvest/1.0",
        "Mozilla/5.0 (podcast-downloader)",
        "PodcastFetcher",
        "MailSiphon/2",
        "Mozilla/5.0 (some podcast-dl)",
        "some-rss-pipeline/0.1 (Windows local batch)",
    ],
    "a script in a browser's engine, or behind a browser's beginning": [
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/538.1 (KHTML, like Gecko) python Safari/538.1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/602.1 (KHTML, like Gecko) python3.6 Version/9.0 Safari/602.1",
        "Mozilla/5.0 (X11; Linux x86_64) Some-research/0.1",
        "Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US) Some Spider",
    ],
    "servers of what people hold": [
        "Valve/Steam HTTP Client 1.0 (SteamChatURLLookup)",
        "Microsoft Office Online Server",
        "mattermost-5.27.0",
    ],
    "monitors and synthetic agents behind a browser's text": [
        WINDOWS + " PingdomTMS/2020.2",
        electron("browser/2020.2.0") + " PingdomTMS/2020.2",
        WINDOWS + " DatadogSynthetics",
        IPHONE + " DatadogSynthetics",
        LINUX + " Checkly, https://www.checklyhq.com",
        LINUX + " NewRelicSynthetics/1.0",
        WINDOWS + " RuxitSynthetic/1.0 v6093 t38550",
        LINUX + " GTmetrix",
        ANDROID + " Chrome-Lighthouse",
        ANDROID + " DebugBear",
        "Xymon xymonnet/4.3.12",
        "SiteScope/11.30 (compatible; MSIE 9.0; Windows NT 6.1)",
        LINUX + " PTST/240301.1",
        FIREFOX + " DejaClick/2.9.7.2",
        FIREFOX + " SomeSyntheticAgent/1.2",
        FIREFOX.replace("; rv:", "; Neustar WPM; rv:"),
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; PTST 2.386)",
    ],
    "scanners": [
        "Mozilla/5.0 (compatible; Nessus)",
        "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
        "Mozilla/5.0 zgrab/0.x",
        "masscan/1.3",
        "sqlmap/1.7.2#stable (https://sqlmap.org)",
        WINDOWS + " Detectify",
        LINUX + " WhatWeb/0.5.5",
        WINDOWS + " root@example.burpcollaborator.net",
    ],
    "browsers without a person": [
        LINUX.replace("Chrome/", "HeadlessChrome/"),
        LINUX + " Playwright",
        electron("Cypress/12.0.0"),
        "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) wkhtmltopdf Safari/538.1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    ],
    "libraries and clients that are generated": [
        "grpc-python/1.54.0 grpc-c/31.0.0 (linux; chttp2)",
        "grpc-node-js/1.8.0",
        "example/1.0 grpc-go/1.56.0",
        "Example/JS 4.20.0",
        "AsyncExample/Python 1.3.5",
        "Stripe/v1 PythonBindings/5.0.0",
        "aws-sdk-go/1.44.0 (go1.19; linux; amd64)",
        "Boto3/1.26.0 Python/3.9.16 Linux/5.10 Botocore/1.29.0",
        "azsdk-net-Storage.Blobs/12.13.0 (.NET 6.0.9; Microsoft Windows 10.0.19045)",
        "@example:web-api/6.7.0 node/16.13.0 linux/5.4",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1",
        "undici",
        "Deno/1.30.0",
        "Java1.4.0",
        "okhttp/4.12.0",
    ],
    "platforms as compilers name them": [
        "example/0.14 (linux/amd64)",
        "Example/1.2 (darwin; arm64)",
        "Example/0.26.0 (x86_64-unknown-linux-gnu)",
    ],
    "a product alone": [
        "Name/1.0",
        "name.app/v1",
        "Name:1.0-rc2",
        "Some::Module/0.02",
        "Some\\Name\\Client",
        "Name/6.0.0;python",
        "Name/0.9 Beta Two (three; four)",
        "Who is Name? -- The Name!",
        "Mozilla/5.0 (Some Name)",
        "Name/1.0 (compatible; MSIE 5.5; Windows NT 5.0)",
        "Some Name Spider v0.98a",
        "Name (+https://example.org)",
        "Name/1.0; +http://example.org/",
    ],
    "a contact within the text": [
        "Mozilla/5.0 (compatible; Name/2.1; contact@example.org)",
        "Mozilla/5.0 (compatible; Name/2.1; Windows NT 10.0)",
        "Mozilla/4.0 (compatible; MSIE 9.0; Windows NT 6.1; www.example.org)",
        "Mozilla/5.0 (Windows NT 6.1; rv:47.0) Gecko/20100101 Firefox/47.0 (name at example dot com)",
        "Mozilla/5.0 (Windows NT 6.1; rv:40.0; Name; noc@example.com) Gecko/20100101 Firefox/40.1",
        WINDOWS + " (compatible; Name/1.0)",
        LINUX + " Name/1.0; +https://example.org",
    ],
    "who asks for a person that is elsewhere": [
        "WhatsApp/2.23.20.0 A",
        "Viber/13.3.0",
        WINDOWS + " Some-User/1.0",
        WINDOWS + " Agent-NovaAct/0.9",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)",
        "Miniflux/2.0.41",
        "Overcast/1.0 Podcast Sync (123 subscribers; feed-id=1; +http://overcast.fm/)",
    ],
    "programs in a terminal, and browsers that agents drive": [
        "some-cli/1.0 (Mac OS 15.1; arm64)",
        "other_cli_rs/0.2.1 (Windows 10.0; x86_64) Terminal",
        "browser-use/0.9",
    ],
}


def texts_of(kinds):
    return [pytest.param(text, id=f"{kind}: {text[-48:]}") for kind, texts in kinds.items() for text in texts]


@pytest.mark.parametrize("user_agent", texts_of(KINDS_OF_PEOPLE))
def test_what_people_hold_is_no_bot(user_agent):
    """An app, an editor, a reader or a browser of small renown is a person's, whatever its name and version."""
    assert not is_bot(user_agent)


@pytest.mark.parametrize("user_agent", texts_of(KINDS_OF_PROGRAMS))
def test_what_runs_by_itself_is_a_bot(user_agent):
    """Crawlers, monitors, scanners, libraries and lone products are programs, also behind a browser's whole text."""
    assert is_bot(user_agent)


@pytest.mark.parametrize("token", TOKENS_OF_APPS)
@pytest.mark.parametrize("browser", [WEB_VIEW, IPHONE, ANDROID], ids=["web view", "iphone", "android"])
def test_an_apps_own_browser_is_a_persons(browser, token):
    """Appending an app's token to a browser's text never makes a bot, also where a service fetches by that name."""
    assert not is_bot(f"{browser} {token}")


# Names that are made of these syllables spell no word of the trade.
NAMES = st.lists(st.sampled_from(["ba", "lo", "mi", "ve", "nu", "ka", "de", "fo"]), min_size=2, max_size=5).map(
    lambda syllables: "".join(syllables).capitalize()
)
VERSIONS = st.lists(st.integers(0, 999).map(str), min_size=1, max_size=4).map(".".join)


@given(NAMES, VERSIONS, st.sampled_from([WEB_VIEW, IPHONE, ANDROID, MAC, WINDOWS, FIREFOX]))
def test_a_name_with_a_version_behind_a_browsers_text_is_no_sign(name, version, browser):
    """Any product's name and version may stand there: that is how browsers and apps that nobody knows name themselves."""
    assert not is_bot(f"{browser} {name}/{version}")


@given(NAMES, VERSIONS)
def test_electron_is_a_persons_whatever_it_is_built_to(name, version):
    """Any name at any version, 0.x too; and the same app by Apple's library."""
    assert not is_bot(electron(f"{name}/{version}"))
    assert not is_bot(f"{name}/{version}{APPLES_LIBRARY}")


@given(NAMES, st.text("0123456789abcdef", min_size=40, max_size=40))
def test_a_builds_hash_in_the_place_of_a_version_is_a_persons(name, build):
    """Who builds a program runs it. The hash alone is a program's, like any other lone word."""
    assert not is_bot(f"{name}/{build}")


@given(NAMES, VERSIONS)
def test_a_product_alone_is_a_program(name, version):
    """No system, no engine, no maker: a name with its version, with whatever runtime behind it."""
    for text in (f"{name}/{version}", f"{name.lower()}/{version}", f"{name}/v{version}"):
        assert is_bot(text)
    for runtime in ("node/18.2", "Python/3.11", "grpc-go/1.56.0", "(linux; amd64)", "(+https://example.org)"):
        assert is_bot(f"{name}/{version} {runtime}")


# What people's apps do: they scan papers, check spelling, watch sleep. By the same words robots are named.
APPS_BY_TASK = [
    "DocumentScanner",
    "BarcodeScan",
    "GrammarChecker",
    "SymptomCheck",
    "SleepMonitor",
    "BatteryMonitor",
    "WifiAnalyzer",
    "StampCollector",
    "MicTester",
    "Color%20Grabber",
    "AudioExtractor",
    "PhotoResizer",
    "HomeInspector",
    "EstateAgent",
    "ScreenShots",
    "CodeSnippets",
    "RoomMeasurement",
    "WebScreen",
    "SiteStatus",
    "PhotoArchiver",
    "Uptime",
    "HeartHealthCheck",
    "Ball%20Fetch",
    "Fetch",
]
# And names that end or begin as a library or a scanner is named.
APPS_BY_CHANCE = [
    "Direktor",
    "Inspektor9",
    "KtorenTo",
    "JakartaPost",
    "Coast.app",
    "Roast.me",
    "Argot",
    "Ingot",
    "Mainspring-Pro",
    "RingCloud",
    "GrandExpanse",
    "AxiosNews",
    "Bureqa",
    "iRobot",
]
FORMS_OF_APPS = [
    WEB_VIEW + " {}/{}",
    IPHONE + " {}/{}",
    IPHONE.replace(" Mobile/15E148", "") + " {}/{}",
    IPHONE.replace("Mobile", "Version/18.5 Mobile") + " Safari/604.1 {}/{}",
    "{}/{}" + APPLES_LIBRARY,
    "{}/{} (iPhone; iOS 17.5; Scale/3.00)",
    "{}/{} (com.example.app; build:12; iOS 17.5.1) Alamofire/5.8.0",
    "{}/{} (Android 13; SM-G991B)",
    "{}/{} (com.example.app; build:510; Android 13) okhttp/4.9.3",
]


@given(st.sampled_from(APPS_BY_TASK + APPS_BY_CHANCE), VERSIONS, st.sampled_from(FORMS_OF_APPS))
def test_an_app_in_the_hand_may_be_named_by_what_it_does(name, version, form):
    """Where a phone or Apple's library speaks, a task in an app's name is no sign, nor is what a name ends with."""
    assert not is_bot(form.format(name, version))


@given(st.sampled_from(APPS_BY_TASK), VERSIONS, st.sampled_from(["{}/{}", "Some-{}/{}", "My {}/{} (linux)"]))
def test_a_task_without_a_device_is_a_programs(name, version, form):
    """The same names alone, or where only a server's system is told."""
    assert is_bot(form.format(name, version))


@given(st.sampled_from(APPS_BY_CHANCE), VERSIONS, st.sampled_from([MAC, WINDOWS, FIREFOX, ANDROID]))
def test_a_name_that_ends_as_a_library_does_is_no_sign(name, version, browser):
    """Also behind a desktop browser's text, where a task would be one."""
    assert not is_bot(f"{browser} {name}/{version}")


@pytest.mark.parametrize("place", ["Asia/Jakarta", "Asia-Jakarta", "id-Jakarta"])
def test_where_somebody_lives_is_no_sign(place):
    """Apps write the zone of the clock; a project of that name made libraries."""
    assert not is_bot(f"Name/1.0 (TimeZone/{place}){APPLES_LIBRARY}")
    assert not is_bot(f"{IPHONE} Name/1.0 TimeZone/{place}")


PUBLISHED = [crawler.pattern for crawler in published_crawlers()]
PUBLISHED_NAMES = [
    re.sub(r"\\(.)", r"\1", pattern)
    for pattern in PUBLISHED
    if re.fullmatch(r"(?:[\w -]|\\/)+", pattern)
    and sum(map(str.isalpha, pattern)) >= bot_patterns.LETTERS_IN_ANY_CASE_MIN
    and pattern not in bot_patterns.CRAWLERS_TOO_WIDE | bot_patterns.CRAWLERS_WITH_APPS
]


@settings(max_examples=300)
@given(st.sampled_from(PUBLISHED_NAMES), st.randoms(use_true_random=False))
def test_the_letter_case_of_a_known_crawlers_name_never_matters(name, random):
    """As it is published, in small letters, in capitals or mixed: the same answer, also behind a browser's text."""
    mixed = "".join(random.choice((letter.lower(), letter.upper())) for letter in name)
    for spelling in (name, name.lower(), name.upper(), mixed):
        assert is_bot(f"{MAC} {spelling}")
        assert is_bot(f"Mozilla/5.0 ({spelling})")


def test_every_exception_names_an_entry_of_the_published_list():
    """An exception whose entry is gone or was rewritten would silently except nothing."""
    exceptions = bot_patterns.CRAWLERS_TOO_WIDE | bot_patterns.CRAWLERS_WITH_APPS | bot_patterns.CRAWLERS_BY_CASE
    assert exceptions <= set(PUBLISHED)


@pytest.mark.parametrize(
    "part",
    [
        "a.b@",
        "a@a.",
        "node/ ",
        "Safari/1 A",
        "Safari/1 (compatible ",
        "CFNetwork/1 ",
        "Electron/ Chrome/1 ",
        "-User",
        "a.a.a-",
        "a::",
        "Checker/v",
        "Mozilla/5.0 (X11) ",
        "0123456789abcdef",
        "robo crawl-less scrap feed googl yandex \xe9 ",
        "K",
    ],
)
def test_a_hostile_text_costs_what_its_length_costs(part):
    """Four times the text is about four times the work: no rule looks at a part of the text again and again."""

    def cost(length):
        text = "Mozilla/5.0 (X11; x) " + (part * length)[:length]
        best = float("inf")
        for _ in range(5):
            started = time.thread_time_ns()
            LOOKUP.find(text)
            best = min(best, time.thread_time_ns() - started)
        return best

    assert cost(32_768) < 12 * cost(8_192) + 200_000
