"""The patterns by which a User-Agent is told: data for ``lookup`` that grows by the line.

Every table is a list of rules in order, first match wins. The patterns are run by ua-parser's Rust engine, which finds
the few candidates by their literal parts and matches in linear time, so a rule costs next to nothing and none can be
made to backtrack. Its dialect has no look-around. Rules speak of families (a token that a platform or a maker puts into
every User-Agent), and of products by their names where those are all that is told.
"""

from service.core.device import Browser, DeviceClass, OperatingSystem

# -- Asked last -------------------------------------------------------------------------------------------------------

# What is asked only where no operating system, kind of device or label told more: browsers of text, and old phones that
# send little besides their maker's name.
ALONE: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    ("desktop", (r"[(;] ?Desktop[; )]|^(?:Lynx|w3m|Links|ELinks|links|elinks|dillo|Dillo)[ /(]",)),
    (
        # browsers of the web's first years and of research, by Wikipedia's "List of web browsers", that tell no system
        "desktop",
        (
            (
                r"^(?:[Aa]maya|HotJava|X-Smiles|(?:NCSA[ _]|Enhanced_|AIR_|Spyglass_)?Mosaic|MacWeb|WinWeb|Cyberdog"
                r"|(?:IBM )?WebExplorer|Cello|UdiWWW|Arena|Chimera|Grail|MidasWWW|ViolaWWW|SlipKnot|Arachne|Emacs-W3"
                r"|Charon|Mothra|Hv3|Lobo|Galeon|[Uu]zbl|luakit|xombrero|[Vv]improbable|[Cc]onkeror|retawq|edbrowse"
                r"|browsh|Ladybird|Contiki|NetSurf|Konqueror|iCab|OmniWeb|Camino|K-Meleon|Kazehakase|Epiphany|Dooble"
                r"|QupZilla|Shiira|Off By One|Lunascape|Sylera|Songbird|Flock|Emacs-w3m) ?/v?\d"
            ),
        ),
    ),
    ("desktop", (r"^(?:Sleipnir|sleipnir|PRODIGY-WB|Internet Explorer)[ /]",)),
    (
        "smartphone",
        (r"^(?:EudoraWeb|AvantGo|Xiino|ReqwirelessWeb|Wapsilon|M3Gate|Blazer|Minimo|Skyfire|TeaShark)[ /]v?\d",),
    ),
    # Who speaks DLNA and names neither a phone's nor a desk's system is a television or stands beside one.
    ("tv", (r"\bDLNADOC/\d",)),
    (
        "feature_phone",
        (
            (
                r"(?i)(?:^|[ (])(?:alcatel|amoi|asus-|bird[ ._-]|benq|blackberry|cect|dopod|ericsson|gionee"
                r"|haier|acer-|htc[-_ /]|sony/|lge/|huawei[-_ ]?[a-z]?\d|kyocera|kwc-|lenovo[-_ ]"
                r"|lge?[-_ ]?[a-z]{1,4}\d"
                r"|micromax|mitsu|mot-|motorola-|nec-|nokia|palm|panasonic[-_ ]|pantech|philips[-_ ]|portalmmm"
                r"|sagem|samsung[-_ ][a-z-]*\d|samsung/|sanyo|sec-|sch-|sgh-|sharp-|sie-|siemens|sonyericsson"
                r"|spice|tianyu|toshiba[-_ ]|vk-|vodafone|zte[-_ ]?[a-z]?\d|mobilephone;)|foma;"
            ),
        ),
    ),
)

# -- Kinds that a token anywhere in the User-Agent names -------------------------------------------------------------

_CHROMEOS_BUILD = r"Build/R\d{2,3}-\d{4,6}\.\d"
KINDS: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    (
        "desktop",
        (
            r"\(PC; (?:OpenHarmony|HarmonyOS)|Sonos/[\d.-]+ \([MW]DCR",
            # an Android app on ChromeOS, whose builds are numbered R91-13904.97.0 and models are boards: "sarien"
            _CHROMEOS_BUILD,
        ),
    ),
    (
        # What sits in a car though its system is a television's or a phone's: Fire TV for Auto (Amazon's table of Fire
        # TV devices: AFTL?T962 are BMW's and Stellantis's), LG's webOS Auto, and boards of cars' makers
        "car",
        (
            r"AFTL[A-Z]T962|webOS ?(?:Auto|for Automotive)|\bDiLink\b|\(VCC;",
            r"[;(] ?(?:BYD AUTO|Rivian|Lucid|NIO_|XPENG|ZEEKR)\b",
            # apps that come with the car: Tesla's player, General Motors' and Alexa's, and Spotify, which names makers
            # where a phone's model would stand: "Spotify/4.3.2.0 Volvo/30 (Volvo)"
            r"TeslaMusic/|(?i:android/\d+ tesla\b|alexa ?auto|\bcom\.gm\.)",
            r"^Spotify/[\d.]+ (?:Volvo|Polestar|BYD AUTO|gminfo|Rivian|Renault|Nissan|Honda|Ford|Lucid)\w{0,4}/\d",
        ),
    ),
    (
        # Samsung's players of the home network say their kind in brackets, "SEC_HHP_[TV]UE32D5000/1.0", LG's behind the
        # name of its library; AV and HTS are sound bars and receivers (profiles of Universal Media Server)
        "speaker",
        (r"SEC_HHP_\[(?:AV|HTS)\]|LGE_DLNA_SDK/[\d.]+ \[(?:AV|HTS|AUDIO)\]",),
    ),
    ("smartphone", (r"SEC_HHP_\[(?:Phone|Mobile)\]|^RIM-[A-Za-z0-9]{1,12}-[A-Z]{3}\d{3}|^MSFT-(?:WP|PPC|SPhone)/",)),
    ("tablet", (r"SEC_HHP_\[Tab",)),
    ("desktop", (r"SEC_HHP_\[PC\]",)),
    (
        "tv",
        (
            r"SEC_HHP_|LGE_DLNA_SDK/|AQUOS-DMP|TOSHIBA-DMP|Panasonic MIL DLNA",
            # Android's builds for televisions say so in the branch, the second letter: Build/STT5.250117.001
            r"Build/[A-Z]T[A-Z0-9]{1,2}\.\d{6}\.",
            # signs in shops and stations
            r"BroadSign|BrightSign/\d|signageOS|XiboSignage|ScreenCloud|OptiSigns|Yodeck|NoviSign",
        ),
    ),
    (
        # the smart display, among those that are cast to, by Chrome's own table of devices ("Nest Hub")
        "speaker",
        (r"\(Linux; Android\) AppleWebKit/[\d.]+ \(KHTML, like Gecko\) Chrome/[\d.]+ Safari/[\d.]+ CrKey/",),
    ),
    (
        # what consoles fetch with, beside their browsers: Sony's and Nintendo's libraries, the Xbox 360's two programs
        "console",
        (r"\blibhttp/\d|^PS[345][A-Z]\w+-agent/|^PSP Application|^NintendoSDK |\(HAC; nn|^Xbox(?:/2\.0\.\d| Live)",),
    ),
    (
        # Cobalt, YouTube's browser for appliances, says the kind in its third product, `Brand_TV_Chipset_2024/...`:
        # starboard/extension's device types are TV, ATV, STB, OTT, BDP and GAME
        "console",
        (r"Starboard/\d+, [\w.-]{0,40}_GAME_|CellOS|\(PS[23];|PlayStation BB",),
    ),
    ("tv", (r"Cobalt/[\w.]|_(?:ATV|STB|OTT|BDP|TV)_\w{1,40}/|(?i:portal ?tv)|\(TV; rv:",)),
    (
        "wearable",
        (
            (
                r"(?i)watch ?os[ ,/\d]|apple ?watch|watchapp|\bwatch\d{1,2},\d|wear ?os|smart ?watch"
                r"|galaxy watch|ticwatch|amazfit|fitbit (?:versa|sense|ionic)"
                r"|garmin (?:forerunner|fenix|venu|vivo|instinct|epix)|suunto \d|moto 360|; gear (?:s|live|fit)"
            ),
            (
                r"(?i)oculus|; quest(?: |\)|;)|\bpico (?:neo|g\d|\d)|picobrowser|wolvic|mobile vr|\bvr safari"
                r"|vive (?:focus|flow|xr)|magic leap|hololens|visionos|google ?glass|; glass \d|meta quest"
                r"|; vr[-_ ]?\d"
            ),
            r"SM-[RV]\d{3}|SM-L[37]\d\d|SAMSUNG-SM-V7|; LG-W\d{3}|; G Watch",
            # Google's builds for watches say so in the branch, the second and third letter: Build/TWR7.231113.001
            r"Build/[A-Z]W[DR][A-Z0-9]\.\d{6}",
        ),
    ),
    (
        "speaker",
        (
            # Sonos says which player it is, ZPS9, BR200; a controller is a phone's app, ACR_ (Android) or ICRU_ (iOS)
            r"(?i)sonos/[\d.-]+(?:$| \([b-hj-z])|sonos/[\d.-]+ \(anvil|^sonos;|acr_:[^)]*(?:touch|panel|speaker)",
            (
                r"(?i)^echo/\d|alexawebmediaplayer|bluos|bluesound|musiccast|\bheos\b|soundtouch|libratone"
                r"|streammagic|squeezebox|volumio|\bwiim\b|\bbose[ _/]"
            ),
            (
                r"(?i)yandex ?station|yandexmini|yndx-\d|; aeo[a-z]{2,3}[;) ]|amazon;aeo|echo ?(?:show|dot"
                r"|spot|studio|auto)|alexamediaplayer|alexaservice|alexa ?media|homepod|audioaccessory"
                r"|^airplay/|nest ?(?:hub|mini|audio)|smart ?speaker|smart ?display"
                r"|linkplay|; xdh-|portal(?:\+|mini|go)|xiaodu|tmall ?genie|mibrain"
                r"|crkey/[\d.]+ devicetype/(?:smartspeaker|smartdisplay)|fuchsia\)"
            ),
        ),
    ),
    (
        "console",
        (
            (
                r"(?i)playstation ?(?:[2345]|vita|portable|now|;|\))|\bps[345][);]|;ps[345];"
                r"|\(psp|ps ?vita|nintendo (?:switch|[23]?ds|wii|gameboy)|nintendobrowser|\bwii ?u?\b"
                r"|[;(] ?xbox|\bxbox(?:_| one| series| 360|\))|dreamcast|dreampassport|dreamkey/"
                r"|\bouya\b|playdate|steam ?deck|sega saturn|planetweb|atari vcs|; shield(?:\)| build)"
            ),
            (
                r"(?i); (?:retroid|anbernic|ayn odin|odin(?:2|m)|logitech g|razer edge|gamemt|gpd (?:xd|q9"
                r"|win)|jxd|archos gamepad|shield portable|nvidia shield portable|rg ?(?:28|35|40|47|55)\w{0,3}"
                r"|rg ?(?:50[35]|cube|arc|slide)|g cloud|gr0006|moqi|ayaneo"
                r"|powkiddy|abxylute|pocket (?:s|ace|dmg|evo))"
            ),
        ),
    ),
    (
        "car",
        (
            (
                r"(?i)tesla/(?:\d{4}|terminal|develop|feature)|qtcarbrowser|android ?auto(?:motive)?|carplay"
                r"|car[-_ ]?(?:pad|play|browser|multimedia|stereo|radio)\b|rear[-_ ]seat|; porsche|; kzcar"
                r"|head ?unit|in-?vehicle|; polestar|; volvo|gas_(?:car|aaos)|aosp on (?:bmw|car)|\bivi\b"
            ),
            (
                r"(?i); (?:YT\d{4}[a-z]{0,2}|(?:quad|octa|hexa)-?core [RT]\d|ultraocta|octa-t|airtouch|teyes"
                r"|cc[23](?:l|plus)? ?(?:2k|teyes)?\)|sp98\w+_\w+_vmm|mpc-\d\d|f92\d\d[a-z]?\)|vc[78]\d00"
                r"|tb8163|ts\d{2}[_-]|uis\d{4}|ums512\w*(?:nwd|car)|\w*k2001|\w*-nwd|8227l|ac8227|ac8257"
                r"|alps ac8|joying|isudar|mekede|eonon|xtrons|dasaita|hizpo|junsun|ownice|navitel t|prology"
                r"|incar|farcar|mstar car)"
            ),
        ),
    ),
    (
        "tv",
        (
            (
                r"(?i)hbbtv|ce-html|smart-?tv|smart tv|google ?tv|android ?tv|apple ?tv\b|appletv|\btvos\b"
                r"|netcast|nettv/|inettv|netrange|linux/tv|firetv|fire tv|\baftv|roku|tv ?bro/|viziOS|vizio"
                r"|\bvidaa|\btivo(?: ?os|[_ -])|netgem|sagemcom|humax|technisat|dunehd|dune hd|zidoo|freebox"
                r"|skyworth|changhong|smartcast|xumo|\bboxee/|\bopentv\b|hybridcast/"
            ),
            (
                r"Web0S|webOS\.TV|WebOS TV|LG Browser/|TSBNetTV|VSTVB|OMI/\d|Model/(?:Vestel|Hisense|TCL|Sharp"
                r"|Philips)|Viera|VIERA|BRAVIA|Bravia|SonyDTV|SonyBDP|SonyCEBrowser|Opera TV|AQUOSBrowser"
                r"|AquosTV|Maple[ _\d]|MB\d{2,3}/\d|ANTGalio|Ekioh|Espial|POV_TV|FreeviewPlay|Freetime|WebTV/"
                r"|WhatsOnTV|CrKey|SRAF/|\(Hisense;|MSD6\d{3}|NSZ-G"
                r"|\bGTV\d|GNU/Linux\).{1,80} WPE|\bWPE(?:/\d| RDK)"
                r"|^samsung-agent|^Model/|LibVLC/.*(?:HD|USB)|(?:HD|USB)_VLC"
            ),
            (
                r"SMART-?TV|Tizen[^)]*\bTV\b|\(lite\) TV|Safari/[\d.]+ TV\b|\bTV Safari|Large Screen|TV Store"
                r"|;AFT[A-Z0-9]+;|smarttv_|; AFT[A-Z0-9]+[ ;)]|Linux mips|DTV[;/_]|\bIPTV\b|\bSTB\b|[a-z]STB/|\bOTT\b"
                r"|DVB|Vewd|; [A-Za-z]+ Shell |PhilipsTV|GRUNDIG|Grundig|Toshiba-DTV|HiTV|CloudTV|[^/]UHD"
                r"|; BRAVIA|; Chromecast"
            ),
            r"(?i)set-?top|\bmag ?[2-5]\d\d[;) ]",
        ),
    ),
    (
        # What plays by Spotify Connect fetches with "maker;model;32 digits of hex;firmware;tpapi;version": speakers and
        # receivers, but for the consoles and sticks of televisions, which say so
        "tv",
        (r"^[^;]{1,40};(?:[^;]{0,30}TV|Chromecast)[^;]{0,30};[0-9a-f]{32};[^;]{0,60};tpapi;",),
    ),
    ("speaker", (r"^[^;]{1,40};[^;]{1,40};[0-9a-f]{32};[^;]{0,60};tpapi;",)),
    (
        # Windows Phone 8.1 that asks for desktop pages, as Microsoft documents: WPDesktop
        "smartphone",
        (r"WPDesktop",),
    ),
    (
        "tablet",
        (
            # an iPad that asks for desktop pages, where the app or browser betrays it: no Mac says Mobile/ or CriOS/
            r"Macintosh;.{1,60}Mac OS X.{1,120}(?: Mobile/\w|CriOS/|FxiOS/|EdgiOS/|OPiOS/|OPT/|GSA/)",
            (
                # apps write the model wherever they please: the codes that cannot be anything else
                r"SM-[TXP]\d{3}|GT-P\d{4}|GT-N[58]\d{3}|IdeaTab|LIFETAB|MediaPad|MatePad|Transformer (?:Pad|TF)"
                r"|[ /_-]Nexus (?:7|9|10)[^\d]|SGP[35]\d\d|Galaxy Tab|Lenovo TB-|[ /;]KF[A-Z]{3,4}WI\b"
            ),
            (
                # what an app or browser for tablets says of itself: Opera Tablet, Facebook's FBID/tablet, "; Tablet)"
                r"Opera Tablet/|FBID/[Tt]ablet|[;(] ?Tablet[;)]|Android Tablet|(?i:surftab)"
                r"|Build/[^;)]{0,32}Tablet"
                # readers of books: their makers' own browsers
                r"|PocketBook/\d|\(Kobo|Kobo eReader|tolino|bookeen|EBRD\d{4}"
                r"|iPad|\(ipad; cpu|; kf[a-z]{2,5} build/|TSB_CLOUD_COMPANION"
                r"|PlayBook|TouchPad|Kindle|; KF[A-Z]{2,5}[;) ]|Silk-Accelerated|Windows NT 6\.[23]; ARM;"
                r"|Windows RT|Tablet; rv:|Android; Tablet|HP Slate"
            ),
            r"(?i)pad/a?pad|\bapad hmos",
        ),
    ),
    (
        "smartphone",
        (
            (
                r"Windows Phone|IEMobile|Windows Mobile|Windows CE;? ?.{0,40}(?:PPC|Smartphone)"
                r"|Windows NT [\d.]+; ARM; (?:Lumia|RM-)|BB10;|BlackBerry|Maemo|MeeGo|Nokia ?N9|(?:Pre|Pixi"
                r"|Veer)/\d|Ubuntu; Mobile|[Bb]ada[/ ]|Symbian|SymbOS"
            ),
            r"\(Android; Mobile; rv:|iPhone|iPod|\biPh\d|Phone; OpenHarmony|Opera Mobi(?:le)?/|Opera Mini/|UCWEB/",
            # Jolla's Sailfish, Palm's webOS before it was a television's, and the hand-helds before all of them
            r"Sailfish|Jolla|Zune ?HD|\(webOS/[12]|PalmSource|\(PDA;",
        ),
    ),
    (
        "feature_phone",
        (
            (
                r"(?i)kaios|kai os|series ?[346]0(?:[^\d]|$)|\bs40\b|midp|cldc|maui[ -/_]|dorado|up\.browser"
                r"|up\.link|obigo|teleca|\bbrew(?:mp)?\b|\brex;|j2me|jblend|docomo|j-phone|softbank/|kddi-|pdxgw|willcom"
                r"|ddipocket|wap[12]\.|wap[ _-]?browser|jig ?browser|\bmtk62\d\d|mmp/[12]|polaris/|semc-browser"
                r"|jasmine|mocor|spreadtrum"
                r"|ucweb/[\d.]+ ?\(java|\(java;|openwave/\d\.|nf-browser/"
            ),
            (
                r"^(?:MOT-|SAMSUNG-|Samsung-|SonyEricsson|Nokia|NOKIA|LG-|LGE?-|SIE-|SAGEM|PANTECH|Pantech"
                r"|Alcatel-|TIANYU|Micromax|BenQ|Panasonic-|PHILIPS|Philips|SHARP-|SEC-|SCH-|ZTE-|HUAWEI-"
                r"|Huawei-|LENOVO-|Lenovo-|LAVA|KARBONN|KGT|GIONEE|Haier|HTIL|TECNO|itel|Itel|QC\d|portalmmm"
                r"|Mitsu|NEC-|KYOCERA|Sanyo|SANYO|AUDIOVOX|CDM|Vodafone/)[^(]*$"
            ),
        ),
    ),
)

# -- Operating systems -------------------------------------------------------------------------------------------------

# Asked before ua-parser, which names the platform below these or only the maker. Every text is asked, so in any case of
# ASCII alone: with few enough literals the engine reads twice as fast, and Unicode's "s" makes two of one.
SYSTEM_TOKENS: tuple[tuple[OperatingSystem, tuple[str, ...]], ...] = (
    ("kaios", (r"(?i-u)kaios|kai os",)),
    ("android", (r"Andr0id|\(ACR_|\(linux; (?:u; )?android ",)),
    ("macos", (r"\(MDCR_",)),
    ("harmonyos", (r"HarmonyOS|OpenHarmony|Hmos/",)),
    (
        "fireos",
        (
            (
                r"[;_](?: |)(?:KF[A-Z]{2,5}|AFT[A-Z0-9]{1,9}|AEO[A-Z]{2})(?:[;) _]|$)|Kindle Fire"
                r"|Silk-Accelerated|AmazonWebAppPlatform"
            ),
        ),
    ),
    ("playstation", (r"(?i-u)playstation ?(?:[345]|vita|portable|now|;|\))|\bps[345][);]|;ps[345];",)),
    ("xbox", (r"(?i-u)[;(] ?xbox|\bxbox(?:_| one| series| 360|\))",)),
    ("nintendo", (r"(?i-u)nintendo (?:switch;|[23]?ds|wii|gameboy)|nintendobrowser|\bwii ?u?\b",)),
    ("tizen", (r"Tizen",)),
    ("webos", (r"Web0S|webOS|hpwOS|WebOS|LG Browser/",)),
    ("roku", (r"Roku",)),
    ("chromeos", (r"CrOS |Chromebook|Pixelbook", _CHROMEOS_BUILD)),
    ("other", (r"Windows Phone|Windows Mobile|Windows CE|IEMobile|Symbian|SymbOS",)),
    ("ipados", (r"Macintosh;.{1,60}Mac OS X.{1,120}(?: Mobile/\w|CriOS/|FxiOS/|EdgiOS/|OPiOS/|OPT/|GSA/)",)),
    ("macos", (r"Darwin/[\d.]+ \((?:x86_64|i386|Power)",)),
    (
        "ios",
        (
            (
                r"(?i-u)watch ?os[ ,/]|apple ?tv\b|tvos|apple ?watch|^airplay/|\biph\d\d?,\d|^iphone\d"
                r"|\bios[ /;)]\d|[-/]ios\b"
            ),
        ),
    ),
)

# Asked where ua-parser knows nothing: programs that name their platform in words of their own.
SYSTEM_TOKENS_LAST: tuple[tuple[OperatingSystem, tuple[str, ...]], ...] = (
    ("playstation", (r"\blibhttp/\d|^PS[345][A-Z]\w+-agent/|^PSP Application",)),
    ("xbox", (r"^Xbox(?:/2\.0\.\d| Live)",)),
    ("nintendo", (r"^NintendoSDK |\(HAC; nn",)),
    ("android", (r"(?i)\bandr[o0]id\b|\badr \d|\bdalvik\b|exoplayer|fban/fb4a",)),
    ("macos", (r"macOS ?\(Catalyst\)|macOS \d",)),
    ("ios", (r"(?i)\biphone\b|\bipod\b|\bipad\b|\biphone os\b|\bios\b|alamofire|fban/fbios",)),
    (
        "macos",
        (
            (
                r"(?i)macintosh|mac[ _]?os|mac_powerpc|osx|\(mac|darwin/[\d.]+ \((?:x86_64|i386|power)"
                r"|apple-darwin|\(darwin"
            ),
        ),
    ),
    (
        "windows",
        (
            (
                r"(?i)windows|win32|win64|winnt|\bwin(?:98|95)\b|microsoft-(?:delivery|cryptoapi|wns|webdav)"
                r"|microsoft (?:edge update|bits|ncsi)|^msft-win"
            ),
        ),
    ),
    ("linux", (r"(?i)linux|x11;|ubuntu|debian|fedora|gnome|wayland",)),
    (
        "other",
        (
            (
                r"(?i)openvms|amiga|beos|haiku|\bos/2\b|sunos|solaris|[a-z]+bsd|syllable|risc ?os|irix|hp-ux"
                r"|\baix\b|qnx|plan ?9|minix 3"
            ),
        ),
    ),
)

# ua-parser's words for an operating system. What is missing here is a system of its own kind: "other".
SYSTEMS: dict[str, OperatingSystem] = {
    "Android": "android",
    "Chromecast Android": "android",
    "GoogleTV": "android",
    "iOS": "ios",
    "tvOS": "ios",
    "ATV OS X": "ios",
    "WatchOS": "ios",
    "Windows": "windows",
    "Mac OS X": "macos",
    "Mac OS": "macos",
    "Chrome OS": "chromeos",
    "KaiOS": "kaios",
    "Tizen": "tizen",
    "webOS": "webos",
    "Web0S": "webos",
    "Roku": "roku",
    "HarmonyOS": "harmonyos",
    "Kindle": "fireos",
    "FireHbbTV": "fireos",
    "Linux": "linux",
    "Chromecast Linux": "linux",
    "Ubuntu": "linux",
    "Kubuntu": "linux",
    "Debian": "linux",
    "Fedora": "linux",
    "Red Hat": "linux",
    "SUSE": "linux",
    "Gentoo": "linux",
    "Mandriva": "linux",
    "Arch Linux": "linux",
    "CentOS": "linux",
    "Slackware": "linux",
    "PCLinuxOS": "linux",
    "Linux Mint": "linux",
    "Puppy": "linux",
    "Raspbian": "linux",
    "Mageia": "linux",
    "VectorLinux": "linux",
}
# Families of the class "other" that stand on desks; the first is our word for those ua-parser does not know.
DESKTOP = "desktop"
DESKTOP_FAMILIES = frozenset({DESKTOP, "FreeBSD", "OpenBSD", "NetBSD", "BSD", "Solaris", "SunOS", "SerenityOS"})
FIRST_IPADOS = 13  # before, an iPad ran iOS
NEWEST_WINDOWS = 11  # ua-parser's higher "versions" are years: 95, 2000, 2008

# -- Browsers ----------------------------------------------------------------------------------------------------------

# ua-parser's words for a browser. What is missing here is a browser or app of its own: "other".
BROWSERS: dict[str, Browser] = {
    "Chrome": "chrome",
    "Chrome Mobile": "chrome",
    "Chrome Mobile iOS": "chrome",
    "Chromium": "chrome",
    "HeadlessChrome": "chrome",
    "Chrome Frame": "chrome",
    "Chrome Mobile WebView": "webview",
    "Mobile Safari UI/WKWebView": "webview",
    "Crosswalk": "webview",
    # apps that show pages inside themselves
    "Facebook": "webview",
    "Facebook Messenger": "webview",
    "Instagram": "webview",
    "TikTok": "webview",
    "WeChat Browser": "webview",
    "Weibo": "webview",
    "LINE": "webview",
    "KakaoTalk": "webview",
    "Snapchat": "webview",
    "Pinterest": "webview",
    "Twitter": "webview",
    "Flipboard": "webview",
    "Google": "webview",  # the Google app on iOS, GSA/
    "Safari": "safari",
    "Mobile Safari": "safari",
    "WebKit Nightly": "safari",
    "Firefox": "firefox",
    "Firefox Mobile": "firefox",
    "Firefox iOS": "firefox",
    "Firefox Beta": "firefox",
    "Firefox Alpha": "firefox",
    "Firefox (Shiretoko)": "firefox",
    "Firefox (Minefield)": "firefox",
    "Firefox (Namoroka)": "firefox",
    "Firefox Focus": "firefox",
    "Firefox Klar": "firefox",
    "Edge": "edge",
    "Edge Mobile": "edge",
    "Samsung Internet": "samsung",
    "Opera": "opera",
    "Opera Mini": "opera",
    "Opera Mobile": "opera",
    "Opera Tablet": "opera",
    "Opera Touch": "opera",
    "Opera Coast": "opera",
    "Opera GX": "opera",
    "Opera Neon": "opera",
    "UC Browser": "uc",
    "Yandex Browser": "yandex",
    "IE": "ie",
    "IE Mobile": "ie",
    "IE Large Screen": "ie",
}

# What apps write into the text of a page that they show inside themselves. Android's WebView says "; wv" since Android
# 5 ("User-Agent in WebView" of Chrome's developer pages); the others are the apps' own words: Meta's, ByteDance's,
# Tencent's, Weibo, Alibaba's, Baidu's, Naver's, Kakao's, LINE, LinkedIn, Snap, Pinterest, X, Reddit, Zalo, VK, and
# Google's own app.
IN_APP = (
    r"; wv\)|\[?FB(?:AN|AV|_IAB)[/;]|MetaIAB|Instagram \d|Barcelona \d|BytedanceWebview|musical_ly|trill_\d|TikTok"
    r"|MicroMessenger/|\bQQ/\d|WeiBo|AliApp\(|AlipayClient|DingTalk/|baiduboxapp|NAVER\(inapp|KAKAOTALK|\bLine/\d"
    r"|LinkedInApp|Snapchat/|\[Pinterest/|Twitter for|TwitterAndroid|Reddit/|\bZalo |VKAndroidApp|\bGSA/"
)
