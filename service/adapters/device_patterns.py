"""The patterns by which a User-Agent is told: data for ``user_agent``, apart because it grows by the line.

Every table is a list of rules in order, first match wins. The patterns are run by ua-parser's Rust engine, which finds
the few candidates by their literal parts and matches in linear time, so a rule costs next to nothing and none can be
made to backtrack. Its dialect has no look-around. Rules speak of families (a brand's naming convention, a token that a
platform puts into every User-Agent), not of single devices.
"""

from service.core.device import Browser, DeviceClass, OperatingSystem

# -- Asked last -------------------------------------------------------------------------------------------------------

# What is asked only where no operating system, kind of device or label told more: browsers of text, and old phones that
# send little besides their maker's name.
ALONE: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    ("desktop", (r"[(;] ?Desktop[; )]|^(?:Lynx|w3m|Links|ELinks|links|elinks|dillo|Dillo)[ /(]",)),
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

# ua-parser's three patterns for the name of any bot, without the name (see ``user_agent._browser_rule``).
ANY_BOT = (
    r"(?:[Aa]rchiver|[Ii]ndexer|[Ss]craper|[Bb]ot|[Ss]pider|[Cc]rawl[a-z]*)[/ ]\d"
    r"|[^C][^Uu][Bb]ot\b|[Ss][Pp][Ii][Dd][Ee][Rr]|[Ss]crape|[Cc][Rr][Aa][Ww][Ll]"
)

# -- Kinds that a token anywhere in the User-Agent names -------------------------------------------------------------

KINDS: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    ("desktop", (r"\(PC; (?:OpenHarmony|HarmonyOS)|Sonos/[\d.-]+ \([MW]DCR",)),
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
        ),
    ),
    (
        "speaker",
        (
            r"(?i)sonos/[\d.-]+ \((?:zp|br|anvil|s\d)|^sonos;|acr_:[^)]*(?:touch|panel|speaker)",
            (
                r"(?i)yandex ?station|yandexmini|yndx-\d|; aeo[a-z]{2,3}[;) ]|amazon;aeo|echo ?(?:show|dot"
                r"|spot|studio|auto)|alexamediaplayer|alexaservice|alexa ?media|homepod|audioaccessory"
                r"|^airplay/|nest ?(?:hub|mini|audio)|smart ?speaker|smart ?display"
                r"|linkplay|; xdh-|portal(?:\+|tv|mini|go)|xiaodu|tmall ?genie|mibrain"
                r"|crkey/[\d.]+ devicetype/(?:smartspeaker|smartdisplay)|fuchsia\)"
            ),
        ),
    ),
    (
        "console",
        (
            (
                r"(?i)playstation ?(?:[345]|vita|portable|now|;|\))|\bps[345][);]|;ps[345];"
                r"|\(psp|ps ?vita|nintendo (?:switch;|[23]?ds|wii|gameboy)|nintendobrowser|\bwii ?u?\b"
                r"|[;(] ?xbox|\bxbox(?:_| one| series| 360|\))|dreamcast"
                r"|\bouya\b|playdate|steam ?deck|sega saturn"
            ),
            (
                r"(?i); (?:retroid|anbernic|ayn odin|odin(?:2|m)|logitech g|razer edge|gamemt|gpd (?:xd|q9"
                r"|win)|jxd|archos gamepad|shield portable|nvidia shield portable|rg(?:28|35|40|47|55)\w{0,3}"
                r"|rg50[35]|g cloud|moqi"
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
                r"|skyworth|changhong|smartcast|xumo"
            ),
            (
                r"Web0S|webOS\.TV|WebOS TV|LG Browser/|TSBNetTV|VSTVB|OMI/\d|Model/(?:Vestel|Hisense|TCL|Sharp"
                r"|Philips)|Viera|VIERA|BRAVIA|Bravia|SonyDTV|SonyBDP|SonyCEBrowser|Opera TV|AQUOSBrowser"
                r"|AquosTV|Maple[ _\d]|MB\d{2,3}/\d|ANTGalio|Ekioh|Espial|POV_TV|FreeviewPlay|Freetime|WebTV/"
                r"|WhatsOnTV|CrKey|LibVLC/.*(?:HD|USB)|(?:HD|USB)_VLC"
            ),
            (
                r"SMART-?TV|Tizen[^)]*\bTV\b|\(lite\) TV|Safari/[\d.]+ TV\b|\bTV Safari|Large Screen|TV Store"
                r"|;AFT[A-Z0-9]+;|smarttv_|; AFT[A-Z0-9]+[ ;)]|Linux mips|DTV[;/_]|\bIPTV\b|\bSTB\b|\bOTT\b"
                r"|DVB|Vewd|; [A-Za-z]+ Shell |PhilipsTV|GRUNDIG|Grundig|Toshiba-DTV|HiTV|CloudTV|[^/]UHD"
                r"|; BRAVIA|; Chromecast"
            ),
            r"(?i)set-?top|\bmag ?[2-5]\d\d[;) ]",
        ),
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
                r"iPad|PlayBook|TouchPad|Kindle|; KF[A-Z]{2,5}[;) ]|Silk-Accelerated|Windows NT 6\.[23]; ARM;"
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
        ),
    ),
    (
        "feature_phone",
        (
            (
                r"(?i)kaios|kai os|series ?[346]0(?:[^\d]|$)|\bs40\b|midp|cldc|maui[ -/_]|dorado|up\.browser"
                r"|up\.link|obigo|teleca|brew|\brex;|j2me|jblend|docomo|j-phone|softbank/|kddi-|pdxgw|willcom"
                r"|ddipocket|wap[12]\.|wap-?browser|mmp/[12]|polaris/|semc-browser|jasmine|mocor|spreadtrum"
                r"|ucweb/[\d.]+ ?\(java|\(java;|openwave"
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

# -- Kinds that the model of an Android device names ------------------------------------------------------------------

_INCHES = "(?:19|22|24|28|32|39|40|42|43|48|49|50|55|58|60|65|70|75|77|82|85|86)"

MODELS: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    (
        # tablets whose code a family of phones or of television sets would claim
        "tablet",
        (
            (
                r"^(?i:moto tab|micromax ?p\d{3}|one ?touch tab|reeder m(?:7|8|10))|^TECNO (?:P\d{3}|DP)"
                r"|^SC-(?:0[12][CD]|01E|03G)|^SH-(?:05G|06F|08E)|^[AB][13]-[A-Z]?\d|^ONA\d\dTB|^TAB-\d{3,}"
                r"|^BN[TR]V|^M-MP|^SmartPad|^SN70T"
            ),
            r"(?i)^(?:archos|qilive|arnova|bush|alba) ?(?:7|8|9|1[0-5])\d?[^\d]",
        ),
    ),
    (
        "smartphone",
        (
            # phones whose maker's name or model looks like one of the families below
            r"(?i)coolpad|padfone|tech pad|voice ?tab|padpro|^iphone|^e?-?pad phone",
            # phones by the code of their family: some leave out "Mobile", when they show a desktop's page or unfold
            (
                r"^SM-[AEFGJMNSCWU]\d{3,4}|^GT-[ISB]\d{4}|^GT-N7\d{3}|^SHV-E(?:1[126]0|2[15]0|3[03]0)"
                r"|^SC-\d\d[D-Z]|^SCV\d\d|^SCG\d\d"
            ),
            (
                r"^(?:Pixel [2-9]|Nexus (?:One|S|4|5|5X|6|6P)\b|moto |Moto |XT\d{4}|Redmi (?:Note|Go|\d"
                r"|[AKYS]\d)|Redmi_Note|POCO|MI \d|Mi \d|MIX \d|ONEPLUS|OnePlus|CPH\d{4}|RMX\d{4}"
                r"|V\d{4}[A-Z]{0,3}$|vivo |Infinix|LM-[GQVXKF]\d|LG-[DEHKLMP]\d|Nokia [CGX]\d|SO-\d\d[H-Z]"
                r"|SOV?G?\d\d|SH-\d\d[A-Z]|A\d{3}(?:OP|SO|SH|FC|XM|ZT)|IN20\d\d|KB20\d\d|LE21\d\d|NE22\d\d"
                r"|GM19\d\d|HD19\d\d)"
            ),
            # players that are phones without the telephone: Walkman, Galaxy Player, FiiO and the like
            r"(?i)^(?:nw-[zafw]|yp-g|fiio|hiby|ibasso|cayin|shanling|astell|walkman)",
            r"^TECNO (?:[ABCEFIKLNRSTUWX]|D[A-OQ-Z])",
        ),
    ),
    (
        "desktop",
        (
            (
                r"(?i)chromebook|pixelbook|\b(?:inspiron|latitude|vostro|optiplex|precision|alienware"
                r"|travelmate|aspire|satellite|tecra|elitebook|probook|pavilion|compaq|thinkcentre"
                r"|thinkpad [extylpw]\d*|ideacentre|ideapad [1-9yszu]\d*|vivobook|zenbook|easynote|toughbook"
                r"|lifebook|portege|akoya|macbook|imac|swift s[fp]\d*|laptop|netbook|notebook pc"
                r"|desktop pc|all-in-one pc|sff pc|virtualbox|vmware|bluestacks|standard pc)\b"
            ),
            r"(?i)^[a-z]+ ?book(?: (?:mini|pro|air|\d+))?$",
        ),
    ),
    ("car", (r"(?i)^(?:car|auto)(?:pad|dvd|play|tab)|\bcar\b|automotive",)),
    (
        "wearable",
        (
            (
                r"(?i)watch|wsd-f\d|^leo-[bd]|^fossil|skagen|falster|\bvr\b|^vr-|smart ?glass"
                r"|^(?:thor(?: [a-z0-9]{1,2})?$|lem\d{1,2}|lemfo|ow\d{2}w"
                r"|kingwear|kw\d{2}\b|zeblaze|dm\d{2}$|elari|finow|microwear|no\.1 d\d|lf\d\d$|kospet|rogbid"
                r"|dz09|gt08|smart ?band|wear24|huawei-w\d|mi band|vuzix|hmt-1|moverio|bt-[234]\d\d$|xreal"
                r"|nreal|dpvr|skyworth vr)"
            ),
        ),
    ),
    (
        # and displays that hang on a wall or stand on a desk: Acer's DA series, ViewSonic's VSD, IFP and CDE
        "speaker",
        (
            (
                r"(?i)^(?:aeo[a-z]{2}|yandexstation|yndx|xdh-|smart ?clock|smart ?display|echo(?:$| show| dot)|da2\d\dh"
                r"|vsd\d{3}|ifp\d{4}|cde\d{4}|smart ?board|promethean|newline|maxhub|prowise)"
            ),
        ),
    ),
    (
        "tv",
        (
            # boxes and sticks
            (
                r"(?i)\btv\b|tv[-_ ]?(?:box|stick)|(?:android|smart|media|set.?top|stream)[-_ ]?box|\bbox\b"
                r"|[a-z]box(?:$|[ _-])|mi ?box|mi ?tv|[a-z]{2,}tv\d*(?:$|[ _-])|^[a-z]{0,3}tv[-_ ]\d"
                r"|^[a-z]{2}tv-|\bott\b|\bstb\b|\biptv|atv\d|(?:^|[ _-])(?:chromecast|shield (?:android|tv)"
                r"|adt-\d|nexus player|bravia|aquos-tv|vidaa|foster)|shield_pro|\b(?:s9(?:05|12|22)[a-z]?\d?"
                r"|rk3[0-9]{3}|mk[89]\d\d)\b"
            ),
            (
                r"(?i)^(?:aft[a-z0-9]+$|a95x|t95|x9[268](?:$| |-|_|mini|max|pro|air|s$|q$|h$)|x88|h96|h20$|hk1"
                r"|tx[23569](?:$|[ -]|mini|pro|max|s$)|mxq|mx10|mx9|m8s|m9c|m12n|v88$|z28|neo-[uxz]\d|minix"
                r"|beelink|tanix|mecool|(?:[a-z]+-)?k[mt][1-9](?:$| )|r-?tv|s90[05]|ugoos|zidoo|dune|rombica"
                r"|pendoo|egreat|himedia|nexbox|scishion|sunvell|vontar|bqeel|magicsee|wechip|diw\d{3}"
                r"|b8[26]0[hva]|b760|zxv10|hg680|ec6108|m301h|jetstream|hp4[02]|uzx8020|swtv|kstb|bouygtel"
                r"|fbx)"
            ),
            # sets and boxes by what their platform's maker writes: TPV, Technicolor, Kaon, Korea's carriers and others
            (
                r"^AI PONT|^ATV R\d|^TPM1\d\d|^Q[MV]1\d\d[A-Z]|^(?:UIW|UIE|UZW|UZX|UIL|UHW|HMB|DWT|DCTIW|DCX|uie"
                r"|ute|sti)\d{3,4}"
                r"|^HY\d{4}|^S[T6H][0-9]{2,3}[A-Z]-|^S60[A-Z]{3}$|^(?:BKO|BHX|BID|BAS)-[A-Z]|^SX930|^SEI[-_\d]"
                r"|^NVSH|^SCSH|^VIP5\d{3}"
                r"|^DV8\d{3}|^[24]KTV|^hsw4|^MiProj|^X[34]-(?:40|43|50|55|65)|^KDL|^XBR|^LCD_|^decoder$"
            ),
            (
                r"(?i)wetek|probox|matricom|zoomtak|cs9[16]8|^rkm|^mk80\d|^ug00\d|^ug802|^measy|tronsmart|^cx-?9\d\d"
                r"|rikomagic|^imito|amlogic|^(?-i:p(?:20[0-9]|212|281|230|231|241))$|^q200$|^u21[12]$|^gx[lm]_"
                r"|meson\d?|evpad|svicloud"
                r"|superbox|formuler|dreamlink|tvip|infomir|vermax|eltex|zappiti|geniatech|inphic|diyomate|^hi37\d\d"
                r"|^sdmc|coship|^kaon|humax|technicolor|sagemcom|^q ?box|transpeed|pulierde|leelbox|^qplus|^r39$"
                r"|seetv|(?:^|[-_])i?tv(?:$|[-_])"
                r"|(?:^|[_ -])(?:atv|box)(?:$|[_ -])|^haieratv|stick$|^(?:32|40|43|50|55|65)[df](?:col|na|sa)?$"
                r"|csv2k|aiplus2k|^dv6\d{3}|^dongle|^sw-\d\d|^k[ad]\d$|^km\dpro|^leap-s|^b866|^timvision|^(?:bfx"
                r"|bip)-|(?:^|[^0-9])[48]k(?:$|[ _-])|hdr(?:$|[ _-])"
                r"|\dqplus|^ax-?11\d|^shield console|^m38\dwb|^hph\d\d|^km_sh"
            ),
            # sets carry the diagonal in inches in their model: 32LF7120T, U43G9000, HTY-43F11B, LED50XU400, TA32BH500
            "(?i)(?:led|uhd|qled|oled|fhd)[-_ ]?" + _INCHES + "|" + _INCHES + "[a-z]{0,2}(?:uhd|fhd|led|lex|qled)",
            "(?i)(?:^|[-_ ])" + _INCHES + r"[a-z]{1,5}[-_]?\d{1,5}",
            "(?i)(?:^|[-_ ])[a-z]{1,4}" + _INCHES + r"[a-z]{1,3}\d{2,5}",
            (
                r"(?i)projector|^(?:hisense (?:\d{2}|tv|vidaa)|hismart|skyworth|vizio|westinghouse|jvc tv"
                r"|toshiba tv|tcl (?:android|smart)|panasonic tv|philips tv)"
            ),
        ),
    ),
    (
        "tablet",
        (
            (
                r"(?i)tablet|(?:^|[^a-z])[a-z]{0,12}tab(?:$|[^a-z]|[se]\d)|(?:^|[^a-z])[a-z]{0,12}pad(?:$"
                r"|[^a-z])|[a-z]{2,}(?:pad|tab)\d|mediapad|matepad|drawingpad|xoom|iconia|sketchpad|pixel c$"
                r"|pixel slate|hudl|\bflyer|evo view|htc jetstream|p715a|pg41200|pg09410|\bnook\b|bntv|bnrv"
            ),
            r"(?:^|[^\d.])(?:7\.0|7\.85|7\.9|8\.0|8\.9|9\.7|10\.1|10\.4|11\.6)(?:$|[^\d.])",
            (
                r"^SM-[TXP]\d{3}|^GT-P\d{4}|^GT-N[58]\d{3}|^SHV-E(?:140|150|230|400)|^SHW-M(?:180|300|305|380"
                r"|430|480|485|486|500)|^SMT-i9|^403SC|^SGH-(?:T849|T859|T869|I467|I497|I957|I987|T779)"
                r"|^SCH-(?:[Ii]705|I800|I815|I905|I915|I925|P\d)|^SPH-P\d"
            ),
            (
                r"^(?:(?i:lenovo)[ _]?)?(?:TB[-_ ]?\d|TB-?[A-Z]?\d[0-9A-Z]{2}|YT\d?[-_]|YB1|S[56]000-|B6000|B8000"
                r"|B8080|A(?:10|21"
                r"|22|33|35|55|76)\d{2}[A-Z]?-?[FHGLTIV]+$|A[1-7]\d{3}-[FHGL]V?C?$|IdeaTab|IdeaPadA|2 A\d+-"
                r"|PB-\d)|^LAVIE"
                r"|^LaVie"
            ),
            # Huawei and Honor: four letters of a tablet's family; and -Wnn, which says "Wi-Fi only"
            (
                r"^(?:BTV|BAH\d?|AGS\d?|AGRK?|KOB\d?|CMR|SHT|JDN\d?|VRD|SCM|SCMR|MRX|MRR|DBY\d?|WGR"
                r"|BZ[TKAW]\d?|GOT|BTKR?|DBR|HEY\d|KJR|ROD\d|NDL|KRJ|HDN|BG2|T1|S7|S8|S10|M2|TGR|PCE"
                r"|BRT|CPN|BGO|PLE|FDR|AGM\d?|ROL)-[A-Z0-9]{2,6}|^[A-Z]{3,4}\d?[A-Z]?-W\d{2}|^\d{3}LV$|^(?:40[23]"
                r"|60[56]|70[12])HW$"
            ),
            # Japan's carriers
            (
                r"^d-\d{2}[A-Z]$|^dtab|^KYT3\d|^LGT3\d|^SHT2\d|^HWT\d\d|^PC-T[SE]|^N-0[68]D|^P-08D|^SO-03E"
                r"|^SO-05[FG]|^SOT\d\d|^SGPT?\d{2,3}|^F-(?:01D|05E|02F|03G|04H|02K)|^(?:FJ|LE|SC)T\d\d|^FAR7|^M01T"
                r"|^EB-[LW]\d\d|^A\d01LV"
            ),
            (
                r"^KF[A-Z]{2,5}$|^Nexus (?:7|9|10)|^ME(?:1[78]|3[07]|40)\d|^(?:ASUS[_ ])?K0[01][0-9A-Z]{1,2}(?:_\d)?$"
                r"|^(?:ASUS_)?P0[012][0-9A-Z]{1,2}(?:_[0-9A-Z])?$|^TF\d{3}|^Eee ?Pad|(?:Slider )?SL101"
                r"|^(?:ASUS )?Transformer|^AST21"
            ),
            (
                r"^(?:G1-7\d\d|A(?:50|51|70)[01]$|ACTAB)|^LG-?(?:(?:V|UK|VK|AK)\d{3}|LK4\d\d|X760|P(?:451|490|530"
                r"|755|815)L)|^AK815"
                r"|^VK\d{3}|^LM-T\d|^MZ\d{3}|^AT(?:[1-8]\d{2}(?:$|[^\d])|1S0|7-|10)|^Venue ?\d"
                r"|^Dell Venue|^Streak (?:7|10)|^HP (?:Slate|\d+(?:\.\d)?(?: |$))|^Slate \d|^HP Pro Slate"
            ),
            (
                r"^(?:ZTE )?(?:K8[0-9][UV]?|K9\d[UV]?|E8Q|E10Q|T9[48])$|^ZTE V(?:55|66|70|71|72)(?:$|[ A])|^QTA|^QMV"
                r"|^VFD ?1\d00|^OPD\d|^DPD\d{4}|^PA2\d{3}$|^2\d{3}CPC|^RMP\d{4}|^2[0-9]{3}[0-9A-C]?RP|^2\d{4}RP"
                r"|^M2105K81|^21051182|^2208128\d"
                r"|^Nokia (?:T\d|N1)|^(?:TCL )?(?:ALCATEL[ _])?(?:(?:ONE ?TOUCH|ALCATEL) ?)?(?:80[5-9]\d"
                r"|8[1-4]9\d|90[0-8]\d|9[1-4]\d\d)[A-Z]{1,2}\d?(?:_|$)|^(?:8051|90\d\d)(?:_|$)"
                r"|^(?:Alcatel[_ ])?[13]T[ _]\d|NXTPAPER 1\d"
            ),
            # makers with codes for their tablets: Prestigio, Irbis, BQ, teXet, Mediacom, RCA, MID, Digma and others
            (
                r"(?i)^PM[PT]\d{4}|^(?:[a-z]+ )?TM-[79]\d{3}|^(?:irbis )?T[GXZ]\d{2,3}|^BQ-?(?:1\d|[789]\d)\d{2}"
                r"|^M-(?:MP|SP"
                r"|IPRO|WPW)|^RCT\d|^P?MID\d|^EG[DLMPQS]-?\d{3}|^NXA\d|^NX0\d\d|^NX\d{3}(?:QC|HD)|^NX16"
                r"|^NS-(?:P\d|1\d)|^Novo\d|^[UT]\d{2}GT|^CW-|^RMD-\d"
                r"|^T[AI][QDC]-\d|^LIFETAB|^CTAB|^YPY|^TPAD|^PLT\d{4}|^IdeaTab|^(?:Ginzzu )?GT-[78X]\d{3}"
                r"|^Nomi[_ ]C(?:0[789]|10)\d"
            ),
            r"\b(?:TS|PS|NS|CS|TT|WS|ES)\d{4}[A-Z]{2}\b|^(?:Plane|Optima|Platina|CITI)[ _]\d",
            # makers that build nothing else, or whose series of tablets have a name of their own
            (
                r"(?i)^(?:ainol|alldocube|aoson|arnova|chuwi|coby|colorfly|craig|cube[ _-]?(?:[uitkx]|pad)"
                r"|datawind|denver|dragon ?touch"
                r"|freelander|headwolf|ifive|iview|lark[ _](?:freeme|evo|ulti)|lenco|nextbook|newsmy|novo ?\d"
                r"|odys[ _-]|onda|pandigital|pipo|ployer"
                r"|ramos|sanei|simbans|storex|teclast|trekstor|trio[- ]|vankyo|veidoo|velocity|vido|window[ -]?n|woxter"
                r"|yarvik|yuandao|zeki|skytex|contixo|fusion5|hipstreet|irulu|clempad|klipad|lexibook|kurio(?:7"
                r"|10|tab| smart)|nabi"
                r"|cat ?nova|ghia|exo[_ ]?wave|ubislate|i\.onik|serioux|jay-?tech|goclever (?:t|q|ar|or|in))"
            ),
            (
                r"(?i)\bursus\b|^numy|^m(?:7|8|9|10)s?_?go|^ml\d*-m(?:7|8|9|10)|qualcore|steelcore|livecore"
                r"|^ov-(?:quattor|basecore)|^endeavour"
                r"|^(?:explay )?(?:surfer \d"
                r"|informer|squad ?(?:7|8|9|10))|^(?:i-?ball[ _])?slide[ _]|(?:^|[ _])iplay[ _]?\d|^hi(?:8|9"
                r"|10)(?: |$|pro|air"
                r"|plus)|^d-?slide|^visionbook (?:7|8|9|10)|^regent|^(?:vonino )?(?:pluri|navo |magnet [mgw]|orin )"
                r"|^energy (?:[isx]\d|neo \d)|^(?:spc )?(?:gravity|lightyear|heaven|blink|glow|flow)[ _-](?:[234]"
                r"|7|10|pro|max|se|[34]g)(?:$|[ _.])"
                r"|^casper[ _]via[ _](?:t\d|l10)|^aquaris[ _][em]?(?:8|10)|^bq (?:edison|kepler|elcano|curie"
                r"|maxwell|verne)"
                r"|^viva[ _][chq]\d|^pixus (?:touch|play|ride|blaze|vision|line|sprint|drive|arena|joker|blast|hi)"
                r"|^element[ _-]?(?:7|8|9|10)|^l-?(?:ement|ixir|ite)[ _](?:tab|[789]\d\d|1\d{3})|^primo ?\d"
                r"|^teo(?:7|8|9|10|x|-)|^mobii[ _]|^volks-?t"
                r"|^e-?boda (?:revo|izzy|essential|supreme|intell?i|impress)|^tesla (?:tablet|l\d\d?\.)|^dicle"
                r"|^xelio|^loox"
            ),
            (
                r"(?i)^b1-\d{3}|^le ?pan|snook|^triostealth|^smarttab|ypy |^dell streak (?:7|10)|ideos s7|^kobo"
                r"|^stylistic"
                r"|^(?:bq )?(?:edison|kepler|elcano) \d|^maxwell-10|^t-hub|^htc_flyer|^v9\+|^lifetouch|^lt-(?:na7"
                r"|tla)|^ltb-|^pbskd|^tegra ?note|^vt785|^vt97|^st7\d{4}|^ematic eg|^ov102\d"
                r"|^ml-[a-z]{2}\d*-m(?:7|8|9|10)|^m(?:7|8|9|10)s?(?:qc| dual|lite)|^pantech ?p4"
            ),
            # and those with codes
            (
                r"^PI\d{4}|^TM\d{3,4}[A-Z]\d|^TBBVNC|^TB[DQVX][A-Z]?[-_]?\d|^TA[QDI]_\d|^AT_(?:7|8|10)|^RC(?:7"
                r"|10)T\d|^(?:ICRAIG_)?CMP[ _]?[78]\d\d|^F3T\d|^GT\d+-B16|^CT3\d1T|^GTB ?(?:7|8|10)\d|^PT\d{4}A"
                r"|^DTP9\d|^MID[-_]\d|^GR-TB"
                r"|^(?:Lenovo )?A(?:3500|5500|7600)(?:-|$)"
                r"|^(?:Lenovo )?S6000L|^E2[123]\d1$|^F5[12]8[01]$|^L-06C|^M532$|^VF-1[1-4]9\d|^Next[27]"
                r"|^D000-0000|^BTPC-"
                r"|^[A-Z0-9]{2,3}-TB[A-Z]?\d|^TB_M|^GEM-70|^MAT\d{5}|^AT7003|^BNT[-_](?:7|8|10)|^D2-7\d\d|^VP7\d"
            ),
            (
                r"^(?:OUKITEL )?(?:RT|OT)\d(?:$|[ _-])|^DOOGEE [TUR][1-3]0|^[PMT][1-9]0(?:HD|SE|S|H|X|Air|Plus"
                r"|Pro)?_(?:EEA|ROW)"
                r"|^CWI\d{3}|^DP\d{1,2}[A-Z]|^itel (?:W7\d{3}|P1\d{4}|Kid)|^MFC[_\d]|^(?:SNB02|NBTY|NBFP|NABI2)"
                r"|^MD\d{4}$"
                r"|^GS-\d{3,4}$|^[EPSX][17]\d{3}X$|^(?:BOSCH|MICROSTAR)_E1|^C1\d{4}$|^0[1-9]\d{3}$|^AQT\d"
                r"|^AC(?:7\d|8\d|9\d|1\d\d)[A-Z]|^VT\d{2,4}[A-Z]?\d?$|^S?T\d{5}(?:-|_|$)|^KM(?:0[789]|1[01])\d{2}"
                r"|^CMP_?[789]\d"
                r"|^INU\d{3}|^QV(?:8|10|15)\d{2}|^SN(?:\dA|97|70|10|14)T|^HSG\d{4}|^MP(?:QC|DC)\d|^8[1-9]\d{4}$"
                r"|^CT\d{3,4}$"
                r"|^T(?:A|A ?)\d{5}[A-Z]|^1000\d{5}|^DL[1789]\d{2,3}[A-Z]*$|^NID[-_]\d|^PTB\d|^PCB-?T|^TPC-"
                r"|^TOUCHP?AD|^M[78]L"
                r"|^ITQ\d|^T0?[78]0[0-9]L|^T1001L|^TQ[789]\d{2}|^(?:ADVAN |Advan )\d{4}|^i7_Plus|^HPAD"
                r"|^(?:Oysters )?T[78]\d?[A-Z]{1,2}"
                r"(?:i|i? [34]G)$|^Mi-?7\d\d|^Celkon CT|^CT[127]$|^IRA[_ ]|^HCL ME|^ME TAB|^AP-\d{3}|^STM?7\d{3}"
                r"|^TR10|^MT0[23]"
            ),
            r"(?i)^(?:ml[-_ ])?(?:so-)?m(?:7|8|9|10)(?:s|a|i)?[ _-](?:3g|4g|wi-?fi|plus|quad|lite|go|kids)",
        ),
    ),
    (
        # codes of phones of makers whose tablets are named above: what is left of these families is a phone
        "smartphone",
        (
            (
                r"^[A-Z]{3}\d?-(?:[ATUCN][LN]\d\d|L[XN]?\d{1,2}|LX\d[A-Z]?|N\d\d|NX\d)[A-Z]?$|^TA-1\d{3}"
                r"|^XQ-[A-Z]{2}\d\d|^[CDEFGH][5-8]\d{3}$|^M2\d{3}[A-Z]\d|^2\d{3,4}[0-9A-Z]{4,7}$"
                r"|^(?:ASUS_)?[XZI]0\d\d?[A-Z]*|^Z[ABCESD]\d{3}K"
            ),
            (
                r"^(?:HTC|Lenovo [AKPSVZ]\d|ZTE (?:Blade|A\d|BLADE)|Blade|BLADE|Wiko|W_[KCPV]\d|BV\d{4}"
                r"|DOOGEE [SXYNV]\d|Ulefone|OUKITEL|CUBOT|HUAWEI [A-Z]|HONOR|realme|Hisense [HFUEA]\d|BLU|OPPO"
                r"|meizu|MEIZU|MX\d|PRO \d|AC20|BE20|DE21|itel [APSLV])"
            ),
        ),
    ),
)

# Series of tablets whose codes phones bear too: believed only of programs that never say "Mobile" (Dalvik, players).
TABLETS_OF_PROGRAMS: tuple[str, ...] = (
    (
        r"(?i)^(?:[a-z]+ )?[tw]\d{3}$|^[a-z]{1,2}\d{4}[a-z]?$|^(?:momo|goclever|kiano|manta|modecom|polaroid"
        r"|simmtronics|wexler|oysters|supra|ritmix|digma|irbis)\b"
    ),
)

# -- Operating systems -------------------------------------------------------------------------------------------------

# Asked before ua-parser, which names the platform below these or only the maker.
SYSTEM_TOKENS: tuple[tuple[OperatingSystem, tuple[str, ...]], ...] = (
    ("kaios", (r"(?i)kaios|kai os",)),
    ("android", (r"Andr0id|\(ACR_",)),
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
    ("playstation", (r"(?i)playstation ?(?:[345]|vita|portable|now|;|\))|\bps[345][);]|;ps[345];",)),
    ("xbox", (r"(?i)[;(] ?xbox|\bxbox(?:_| one| series| 360|\))",)),
    ("nintendo", (r"(?i)nintendo (?:switch;|[23]?ds|wii|gameboy)|nintendobrowser|\bwii ?u?\b",)),
    ("tizen", (r"Tizen",)),
    ("webos", (r"Web0S|webOS|hpwOS|WebOS|LG Browser/",)),
    ("roku", (r"Roku",)),
    ("chromeos", (r"CrOS |Chromebook|Pixelbook",)),
    ("other", (r"Windows Phone|Windows Mobile|Windows CE|IEMobile|Symbian|SymbOS",)),
    ("ipados", (r"Macintosh;.{1,60}Mac OS X.{1,120}(?: Mobile/\w|CriOS/|FxiOS/|EdgiOS/|OPiOS/|OPT/|GSA/)",)),
    ("macos", (r"Darwin/[\d.]+ \((?:x86_64|i386|Power)",)),
    (
        "ios",
        (
            (
                r"(?i)watch ?os[ ,/]|apple ?tv\b|tvos|apple ?watch|^airplay/|\biph\d\d?,\d|^iphone\d"
                r"|\bios[ /;)]\d|[-/]ios\b"
            ),
        ),
    ),
)

# Asked where ua-parser knows nothing: programs that name their platform in words of their own.
SYSTEM_TOKENS_LAST: tuple[tuple[OperatingSystem, tuple[str, ...]], ...] = (
    ("android", (r"(?i)\bandr[o0]id\b|\badr \d|\bdalvik\b|exoplayer|fban/fb4a",)),
    ("ios", (r"(?i)\biphone\b|\bipod\b|\bipad\b|\biphone os\b|\bios\b|alamofire|fban/fbios",)),
    (
        "macos",
        (
            (
                r"(?i)macintosh|mac ?os|mac_powerpc|osx|\(mac|darwin/[\d.]+ \((?:x86_64|i386|power)"
                r"|apple-darwin|\(darwin"
            ),
        ),
    ),
    ("windows", (r"(?i)windows|win32|win64|winnt|\bwin(?:98|95)\b|microsoft-delivery|microsoft edge update",)),
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
