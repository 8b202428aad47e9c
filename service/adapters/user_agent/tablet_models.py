"""How makers of tablets name their models: grammars of codes, and words for a tablet that stand in a model's name.

A model is the name that Android gives its device (``ro.product.model``), as ``lookup`` cuts it out of the text. The
rules are run by ua-parser's Rust engine, in linear time and without look-around. They were collected from public lists
of devices and from what makers call their own, not from a document of each. "Google's list" is that of the devices
that Google Play supports, with the names they are sold by: a kind is taken when it has tablets of it, and hardly a
phone. Some makers have no grammar, and the names of their series stand one by one.
"""

# What says "tablet" in a model's name, whoever made it.
_WORDS: tuple[str, ...] = (
    (
        r"(?i)tablet|(?:^|[^a-z])[a-z]{0,12}tab(?:$|[^a-z]|[se]\d)|(?:^|[^a-z])[a-z]{0,12}pad(?:$"
        r"|[^a-z])|[a-z]{2,}(?:pad|tab)\d|mediapad|matepad|drawingpad|xoom|iconia|sketchpad|pixel c$"
        r"|pixel slate|hudl|\bflyer|evo view|htc jetstream|p715a|pg41200|pg09410|\bnook\b|bntv|bnrv"
    ),
    r"(?:^|[^\d.])(?:7\.0|7\.85|7\.9|8\.0|8\.9|9\.7|10\.1|10\.4|11\.6)(?:$|[^\d.])",
    # the same words in the middle of names written together: TabX4, FunTabPlay, HiPadPlus
    r"(?:^|[a-z _-])(?:Tab|Pad)[A-Z0-9]|^TAB[A-Z0-9]|^PAD[0-9]|[a-z _-](?:PAD|TAB)[A-Z0-9]",
    # inches that say so, and the edition without a telephone, of which a phone has none
    r"(?i)(?:^|[^0-9.])(?:7|8|9|10|11|12)(?:[.,]\d)? ?(?:inch|zoll|in(?:$|[^a-z]))|wi-?fi(?:$|[^a-z])",
    r"(?i)(?:^|[^a-z])kid(?:s|z)?(?:$|[^a-z])|kidspad|(?:^|[^a-z])slate(?:$|[^a-z])",
    # readers of books
    r"(?i)boox|boyue|likebook|meebook|tolino|pocketbook|bookeen|(?:^|[^a-z])e-?(?:book|reader)(?:$|[^a-z])|^EBRD\d",
)

# What makers without phones write, whoever they are: Google's list has hundreds of each kind.
_CODES: tuple[str, ...] = (
    # the diagonal in two digits, with the maker's letters before it: DTA-07IDRF, MW0812, ELT0801, CT1020W, TP-1003
    (
        r"(?:^|[^A-Za-z0-9])[A-Z]{2,4}[-_ ]?0[789](?:\d\d|[A-Z]{2})"
        r"|^(?:[A-Z]+[ _])?(?:[B-Z][A-Z]{1,2}|A[A-WYZ]|A[A-Z]{2})[-_]?10\d{2}"
    ),
    # the same with one digit, of pairs of letters that no maker of phones has: MT-734G, NP-852, BT7001, TK806; and K10n
    r"^(?:B[MST]|DT|IT|JH|MT|N[BP]|ST|T[KNP]|VT)-?(?:7|8|10)\d\d|^E10\d[A-Z]|^K10[1-9]$",
    # 7DTB37, 10DTB12, DG7TBIPSG, KD10112TB: a number and the maker's "TB"
    r"(?:^|[^0-9])(?:7|8|9|10|11|13)D?TB|\d{3}TB$|(?:^|[_-]|EU|GO_)TB[-_]?\d{3}|TBIPS|TBLS?\d|^PTBL",
    # M17QF6, EGL15QF6, MT-715QR, Elite10QL: "Q" for the four cores that were news when tablets were
    r"\dQF\d|[A-Za-z]{2,}[-_ ]?(?:7|8|9|10|13)Q[A-Z]?$|^(?:TJD )?MT[-_]\d{3,4}[OQ][A-Z]|\d{2,4}GIQ|NQT-\d",
    # "MID", the mobile internet device as Intel named the class in 2007, and "TPC", tablet PC
    r"(?:^|[^A-Za-z])MID(?:$|[^a-z])|^\d{3,4}TPC|(?:^|[^A-Za-z])TPC[-_]?[0-9X]",
    # and of MIDs, Nextbooks and Mediacoms: M7005, M9701, NXM803HC, MP907C
    r"^[Mm](?:70|80|90|97|10)\d\d[A-Z]?$|M\d{3}HC|^NXM\d|^MP\d{3}[A-Z]?$",
    # T84G, JT10LTE-X1, A7_3G: letters, the diagonal, the network; and the number of cores in words
    r"^[A-Z]{1,2}(?:7|8|10)[-_ ]?(?:3G|4G|LTE)(?:$|[-_ ])|(?i:(?:dual|quad)[-_ ]?core)",
    # 10C-PRO-LTE, 7A_Plus, 8C_LTE: the diagonal stands first
    r"^(?:7|8|9|10)[A-Z]?[-_](?:3G|4G|LTE|PRO|PLUS|Plus|HD|PREMIUM)",
    # boards that a chip's maker lends: Rockchip's, MediaTek's line for tablets (MT8...), Allwinner's
    r"(?i)^rk[23]\d{1,3}(?:sdk|[^0-9]|$)|^mt8[1-7]\d\d(?:$|[^0-9])|softwin|^(?:crane|fiber|nuclear|wing|astar|polaris)-",
    # Archos and Arnova before their names had words (101G9, AN10G2, A101IT), Cube (U30GT), Teclast (P20HD, T40SE),
    # Zenithink by its board, the zt180
    r"^(?:A|AN)?\d{1,3}[a-zA-Z]?G\d+|^A(?:28|32|43|70|80|101)(?:IT|H|KS[A-Z]?)$|^A(?:70|101)(?:HB|[BC]?HT)$",
    r"^[PTM]\d0(?:HD|SE|Air)(?:$|[ _(])|^A?\d{2,3}GT(?:$|_)|^(?i:zt-?180)",
)

# What single makers write: their names where they make nothing else, else the codes of their tablets.
_MAKERS: tuple[str, ...] = (
    (
        r"^SM-[TXP]\d{3}|^GT-P\d{4}|^GT-N[58]\d{3}|^SHV-E(?:140|150|230|400)|^SHW-M(?:180|300|305|380"
        r"|430|480|485|486|500)|^SMT-i9|^403SC|^SGH-(?:T849|T859|T869|I467|I497|I957|I987|T779)"
        r"|^SCH-(?:[Ii]705|I800|I815|I905|I915|I925|P\d)|^SPH-P\d"
    ),
    (
        r"^(?:LNV-)?(?:(?i:lenovo)[ _-]?)?(?:TB[-_ ]?\d|TB-?[A-Z]?\d[0-9A-Z]{2}|YT\d?[-_]|YB1|S[56]000-|B6000|B8000"
        r"|B8080|A(?:10|21"
        r"|22|33|35|55|76)\d{2}[A-Z]?-?[FHGLTIV]+(?:$|/)|A[1-7]\d{3}-[FHGL]V?C?(?:$|/)|IdeaTab|IdeaPadA|2 A\d+-"
        r"|PB-\d)|^LAVIE"
        r"|^LaVie"
    ),
    # Huawei and Honor: four letters of a tablet's family; and -Wnn, which says "Wi-Fi only"
    (
        r"^(?:MON|ELN|GDI|HDL|BTV|BAH\d?|AGS\d?|AGRK?|KOB\d?|CMR|SHT|JDN\d?|VRD|SCM|SCMR|MRX|MRR|DBY\d?|WGR"
        r"|BZ[TKAW]\d?|GOT|BTKR?|DBR|HEY\d|KJR|ROD\d|NDL|KRJ|HDN|BG2|T1|S7|S8|S10|M2|TGR|PCE"
        r"|BRT|CPN|BGO|PLE|FDR|AGM\d?|ROL)-[A-Z0-9]{2,6}|^[A-Z]{3,4}\d?[A-Z]?-W\d{2}|^7D-50\d|^\d{3}LV$|^(?:40[23]"
        r"|60[56]|70[12])HW$"
    ),
    # Japan's carriers
    (
        r"^d-\d{2}[A-Z]$|^dtab|^KYT3\d|^LGT3\d|^SHT2\d|^HWT\d\d|^PC-T[SE]|^N-0[68]D|^P-08D|^SO-03E"
        r"|^SO-05[FG]|^SOT\d\d|^SGPT?\d{2,3}|^F-(?:01D|05E|02F|03G|04H|02K)|^(?:FJ|LE|SC)T\d\d|^FAR7|^M01T"
        r"|^EB-[LW]\d\d|^A\d01LV"
    ),
    (
        r"^Nexus (?:7|9|10)|^ME(?:1[78]|3[07]|40)\d|^(?:ASUS[_ ])?K0[01][0-9A-Z]{1,2}(?:_\d)?$"
        r"|^(?:ASUS_)?P0[012][0-9A-Z]{1,2}(?:_[0-9A-Z])?$|^TF\d{3}|^Eee ?Pad|(?:Slider )?SL101"
        r"|^(?:ASUS )?Transformer|^AST21"
    ),
    (
        r"^(?:G1-7\d\d|A(?:101|211|50[01]|51[01]|70[01])$|ACTAB)|^LGT0[12]|^10A(?:WM)?[23]\d|^LG-?(?:(?:V|UK|VK|AK)\d{3}|LK4\d\d|X760|P(?:451|490|530"
        r"|755|815)L)|^AK815"
        r"|^VK\d{3}|^LM-T\d|^MZ\d{3}|^AT(?:[1-8]\d{2}(?:$|[^\d])|1S0|7-|10)|^Venue ?\d"
        r"|^Dell Venue|^Streak (?:7|10)|^HP (?:Slate|\d+(?:\.\d)?(?: |$))|^Slate \d|^HP Pro Slate"
    ),
    (
        r"^(?:ZTE )?(?:K8[0-9][UV]?|K9\d[UV]?|E8Q|E10Q|T9[48])$|^ZTE V(?:55|66|70|71|72)(?:$|[ A])|^QTA|^QMV"
        r"|^VFD ?1\d00|^OPD\d|^DPD\d{4}"
        r"|^i?PA2\d{3}$|^LPD-\d\dW|^2\d{3}CPC|^RMP\d{4}"
        r"|^M2105K81|^21051182|^2208128\d"
        r"|^(?:Nokia |HMD )T\d|^Nokia N1|^(?:TCL )?(?:ALCATEL[ _])?(?:(?:ONE ?TOUCH|ALCATEL) ?)?(?:80[5-9]\d"
        r"|8[1-4][89]\d|90[0-8]\d|9[1-4]\d\d)[A-Z]{1,2}\d?(?:_|$)|^(?:805\d|80[79]\d|90\d\d)(?:_|$)"
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
        r"|tla)|^ltb-|^pbskd|^tegra ?note|^st7\d{4}|^ematic eg|^ov102\d"
        r"|^ml-[a-z]{2}\d*-m(?:7|8|9|10)|^m(?:7|8|9|10)s?(?:qc| dual|lite)|^pantech ?p4"
    ),
    # and those with codes
    (
        r"^PI\d{4}|^TM\d{3,4}[A-Z]\d|^TBBVNC|^TB[DQVX][A-Z]?[-_]?\d|^TA[QDI]_\d|^AT_(?:7|8|10)|^RC(?:7"
        r"|10)T\d|^(?:ICRAIG_)?CMP[ _]?[78]\d\d|^F3T\d|^GT\d+-B16|^CT3\d1T|^GTB ?(?:7|8|10)\d|^PT\d{4}A"
        r"|^DTP9\d|^MID[-_]\d|^GR-TB"
        r"|^(?:LNV-)?(?:Lenovo[ _-]?)?(?:A(?:2109|3500|5500|7600)|S6000)[A-Z]?(?:-|/|$)"
        r"|^E2[123]\d1$|^F5[12]8[01]$|^L-06C|^VF-1[1-4]9\d|^Next[27]"
        r"|^BTPC-"
        r"|^[A-Z0-9]{2,3}-TB[A-Z]?\d|^TB_M|^GEM-70|^MAT\d{5}|^AT7003|^BNT[-_](?:7|8|10)|^D2-7\d\d|^VP7\d"
    ),
    (
        r"^(?:OUKITEL )?(?:RT|OT)\d(?:$|[ _-])|^DOOGEE [TUR][1-3]0|^[PMT][1-9]0(?:HD|SE|S|H|X|Air|Plus"
        r"|Pro)?_(?:EEA|ROW)"
        r"|^CWI\d{3}|^DP\d{1,2}[A-Z]|^(?i:itel)[ _-](?:W7\d{3}|P1\d{4}|Kid)|^MFC[_\d]|^(?:SNB02|NBTY|NBFP|NABI2)"
        r"|^MD\d{4}$"
        r"|^GS-\d{3,4}$|^[EPSX][17]\d{3}X$|^(?:BOSCH|MICROSTAR)_E1|^C1\d{4}$|^0[1-9]\d{3}$|^AQT\d"
        r"|^AC(?:7\d|8\d|9\d|1\d\d)[A-Z]|^VT\d{2,4}[A-Z]?\d?$|^[SV]?T\d{5}(?:-|_|$)|^KM(?:0[789]|1[01])\d{2}"
        r"|^CMP_?[789]\d"
        r"|^INU\d{3}|^QV(?:8|10|15)\d{2}|^SN(?:\dA|97|70|10|14)T|^HSG\d{4}|^MP(?:QC|DC)\d|^8[1-9]\d{4}$"
        r"|^CT\d{3,4}$"
        r"|^T(?:A|A ?)\d{5}[A-Z]|^100\d{6}|^DL[1789]\d{2,3}[A-Z]*$|^NID[-_]\d|^PTB\d|^PCB-?T|^TPC-"
        r"|^TOUCHP?AD|^M[78]L"
        r"|^ITQ\d|^T0?[78]0[0-9]L|^T1001L|^TQ[789]\d{2}|^(?:ADVAN |Advan )\d{4}|^i7_Plus|^HPAD"
        r"|^(?:Oysters )?T[78]\d?[A-Z]{1,2}"
        r"(?:i|i? [34]G)$|^Mi-?7\d\d|^Celkon CT|^CT[127]$|^IRA[_ ]|^HCL ME|^ME TAB|^AP-\d{3}|^STM?7\d{3}"
        r"|^TR10|^MT0[23]"
    ),
    r"(?i)^(?:ml[-_ ])?(?:so-)?m(?:7|8|9|10)(?:s|a|i)?[ _-](?:3g|4g|wi-?fi|plus|quad|lite|go|kids)",
    # Onda and Digma, ECS, Auchan (T: tablette), Fusion5, Linsay, Panasonic, Zebra and Getac, iGet, sencor, Kruger&Matz
    (
        r"^V(?:7|8|9|10|11)\d{1,2}[iswm]$|^iD[xsnrj][A-Z]?\d{1,2}|^[VS]\d{2}OT\d|^T[ACFR](?:7|8|10)\d?[A-Z]{2}\d"
        r"|^[SQ]\d{1,2}T\d{1,2}IN|^QT\d{4,5}|^F(?:10[4-6]|70\d)[A-E]|^F_?(?:7|10)X?(?:HD|IPS|UHD)|^FZ-[ABGMSL]\d"
        r"|^ET\d{2}[A-Z]?$|^(?:Getac )?ZX\d0|^(?i:smart)[ _][GSLW]\d{1,3}|^(?:SENCOR_)?(?:7|10)(?:_1)?Q\d{3}"
        r"|(?i:eagle)[ _]?\d{3}|^ALFA[_ ]?(?:7|8|10|11)|^PET[ _-]1\d|^TE(?:08|10)\d|^TM(?:7|8|10)\d{2}"
    ),
    # and more of those that make nothing else, or give their tablets names of a kind
    (
        r"(?i)^(?:acer[ _]one[ _]\d|allview[ _]?(?:speed|city|ax\d|tx\d|alldro)|assistant[ _]ap|a\dgoclever|dth[aw]\d"
        r"|(?:elite|prime) ?(?:7|8|9|10|13)|oysters[ _]t|supra[ _]m\d|viewsonic[ _]v[bp]"
        r"|(?:njoy[ _])?(?:chronos|deimos|theia|tityos|turnus|arcas|kali)[ _]\d)"
    ),
    (
        r"(?i)nook ?color|^a1[-_]07|^huawei[ -]s7|^scroll |^(?:ziilabs )?zii"
        r"|^(?:ambiance|archos5|azpen|besttab|bmax|broncho|captiva|colorovo|cresta|digiland|dserve|epik|hannspree"
        r"|happykids|intenso|jumper|kocaso|lexand|linsay|logikids|magch|mpman|msi |navcity|nexo|nobis|point ?of ?view"
        r"|pov[_ ]|pritom|scenio|soymomo|tagital|tibuta|toshiba_folio|touchlet|treelogic|tsunami|turbopad|turbokids"
        r"|vandroid|vastking|visual ?land|weltbild|wexler|xoro|yuntab|zenithink)"
    ),
    # Medion's and Odys's names without their maker's, Pritom, Alldocube, Umidigi, 3Q, Wishtel, Philco, Noblex, ZTE's
    # Light, Olivetti, Advan, Supersonic, Southern Telecom, Logicom, Hyundai, Emerson, RCA, and schools' (BYJU's and
    # Unowhy's)
    (
        r"^[EPSX]10[1-9]\d\d[A-Z]?$|^(?:MAVEN|Maven|PACE\d|SPACE_ONE|FALCON_1|GOAL_1|JUNIOR_\d|XENO|NEO_QUAD)"
        r"|^[LMP](?:7|8|10)[-_][ART]\d\d|^(?:T|U)1\d{3}[EP]$|^T8\d\dMH?E$|^TG\w{3,5}(?:GBA|G9TA)"
        r"|^(?:3Q[_ ])?(?:AC|BC|EL|ER|LC|MT|QS|RC|VM)[01]\d{3}[A-Z]|^IRA[A-Z]{0,2}\d|^TP\d{1,2}A\d|^NBX-T|^T7A\d"
        r"|^(?:ZTE )?V9[AC+]?$|^V72[A-C]$|^OP(?:070|11\d)$"
        r"|^(?:10[01]\d|70\d\d|80[0-7]\d)(?:_|$)|^SC-\d{3}|^ST(?:7|10|13)(?:x|/|$)|^(?i:l-?ixir)|^RD\d{3}[TM]"
        r"|^HT(?:7|8|9|10)[A-Z]{2}\d|^EID-?\d|^R[A-Z]{3}\d{5}|^V?CT9[A-Z]\d|^EV-A-|^LRN\w?\d"
        r"|^(?:SQOOL|Y1\d-|QOOQ)|^(?i:readboy|noah)"
    ),
)

TABLETS: tuple[str, ...] = (*_WORDS, *_CODES, *_MAKERS)

# Series of tablets whose codes phones bear too: believed only of programs that never say "Mobile" (Dalvik, players).
TABLETS_OF_PROGRAMS: tuple[str, ...] = (
    (
        r"(?i)^(?:[a-z]+ )?[tw]\d{3}$|^[a-z]{1,2}\d{4}[a-z]?$|^(?:momo|goclever|kiano|manta|modecom|polaroid"
        r"|simmtronics|wexler|oysters|supra|ritmix|digma|irbis)\b"
    ),
)
