"""Kinds of device by the model of an Android device, in the order in which they are asked; tablets' own are a module.

Every table is a list of rules in order, first match wins. The patterns are run by ua-parser's Rust engine, which finds
the few candidates by their literal parts and matches in linear time, so a rule costs next to nothing and none can be
made to backtrack. Its dialect has no look-around. Rules speak of families where a brand has a naming convention, and of
series by their names where it has none. They were collected from public lists of devices; a source is named beside a
rule that has one.
"""

from service.adapters.user_agent.tablet_models import TABLETS
from service.core.device import DeviceClass

_INCHES = "(?:19|22|24|28|32|39|40|42|43|48|49|50|55|58|60|65|70|75|77|82|85|86)"

MODELS: tuple[tuple[DeviceClass, tuple[str, ...]], ...] = (
    (
        # tablets whose code a family of phones or of television sets would claim
        "tablet",
        (
            (
                r"(?i:tablet)|^(?i:moto tab|micromax ?p\d{3}|one ?touch tab|reeder m(?:7|8|10))"
                r"|^TECNO (?:P\d{3}|DP|T1\d{3})|^Infinix X1[01]\d\d"
                r"|^KF[A-Z]{2,6}$|^2\d{3}[0-9A-C]?RP|^SC-(?:0[12][CD]|01E|03G)|^SH-(?:05G|06F|08E)|^[AB][13]-[A-Z]?\d|^ONA\d\dTB|^TAB-\d{3,}"
                r"|^(?:NOOK )?BN[TR]V|^M-MP|^SmartPad|^SN70T|^LG-(?:P(?:451|490|530|755|815)L|LU8300)"
            ),
            # these write the diagonal, in inches or tenths of one: Archos 50 is a phone, 70 and 101 are tablets
            (
                r"(?i)^(?:archos|qilive|arnova|bush|alba)[ _]?(?:[a-z]+[ _])?t?(?:[789]|1[0-5]|[789]\d|1[0-5]\d)"
                r"(?:[^\d]|$)"
            ),
            # Teclast, Onda and Cube add the batch: X98 Air III(M5C5), M40(N9H2)
            r"\([A-Z]\d[A-Z]\d(?:\)|$)",
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
                r"^(?:Pixel(?: [2-9]| XL| Fold|$)|Nexus (?:One|S|4|5|5X|6|6P)\b|moto |Moto |XT\d{4}|Redmi (?:Note|Go|\d"
                r"|[AKYS]\d)|Redmi_Note|POCO|MI \d|Mi \d|MIX \d|ONEPLUS|OnePlus|CPH\d{4}|RMX\d{4}"
                r"|V\d{4}[A-Z]{0,3}$|vivo |Infinix|LM-[GQVXKF]\d|LG-[DEHKLMP]\d|Nokia [CGX]\d|SO-\d\d[H-Z]"
                r"|SOV?G?\d\d|SH-\d\d[A-Z]|A\d{3}(?:OP|SO|SH|FC|XM|ZT)|IN20\d\d|KB20\d\d|LE21\d\d|NE22\d\d"
                r"|GM19\d\d|HD19\d\d)"
            ),
            # players that are phones without the telephone: Walkman, Galaxy Player, FiiO and the like
            (
                r"(?i)^(?:nw-[zafw]|yp-g|fiio|hiby|ibasso|cayin|shanling|astell|walkman|cowon|gogear|philips gogear"
                r"|(?:onkyo )?dp-(?:x1|cmx|ctx)|xdp-\d|surfans|hidizs|tempotec|xduoo|innioasis|timmkoo|agptek|ruizu"
                r"|mechen)"
            ),
            r"^TECNO (?:[ABCEFIKLNRSTUWX]|D[A-OQ-Z])",
            # TCL's and Alcatel's phones by the first digit; Lenovo's K and Sony's Xperias look like a diagonal
            (
                r"^(?:T\d{3}[A-Z]|(?:TCL |Alcatel_)?[456]\d{3}[A-Z]\d?(?:_|$)|Lenovo K\d|X[A-Z]\d\d[a-z]$"
                r"|Nokia (?:XR|\d)|TA-1\d{3}|(?:ZTE )?BV0\d{3})"
            ),
        ),
    ),
    (
        "desktop",
        (
            (
                r"(?i)chrome(?:book|box|base)|chrome os device|pixelbook"
                r"|\b(?:inspiron|latitude|vostro|optiplex|precision|alienware|travelmate|aspire|satellite|tecra|elitebook|probook|pavilion|compaq|thinkcentre"
                r"|thinkpad [extylpw]\d*|ideacentre|ideapad [1-9yszu]\d*|vivobook|zenbook|easynote|toughbook"
                r"|lifebook|portege|akoya|macbook|imac|swift s[fp]\d*|laptop|netbook|notebook pc"
                r"|desktop pc|all-in-one pc|sff pc|virtualbox|vmware|bluestacks|standard pc)\b"
            ),
            r"(?i)^[a-z]+ ?book(?: (?:mini|pro|air|\d+))?$",
        ),
    ),
    (
        "car",
        (
            r"(?i)^(?:car|auto)(?:pad|dvd|play|tab)|\bcar\b|automotive|infotainment|^gminfo\d|^dilink|^rivian",
            # makers of head units, and of boxes that a car's own screen shows
            (
                r"(?i)^(?:atoto|seicane|navifly|belsee|witson|erisin|redpower|carmedia|roximo|winca|zenec"
                r"|kenwood d[mn]x|alpine i[ln]x"
                r"|avic-|xav-|carlinkit|ottocast|carpc|car-?pc|teyes|wide ?media|phantom dv|mydean)"
            ),
            # Head units say their screen's resolution in the name, S9_1280x720, and their chip's family: Rockchip's PX3
            # to PX6, Allwinner's T3 to T8 and T507, NXP's and Telechips' for cars, Unisoc's UIS
            r"[A-Za-z0-9][ _-](?:1024|1280|1560|1600|1920|2000|800|960)[xX*](?:400|480|600|720|768|800|1080|1200)",
            (
                r"(?i)(?:^|[ _-])px[3-6](?:$|[ _-])|^(?:rk\d{4}[ _-])?mtc[bcdep](?:$|[ _-])|^tcc8\d{2}|^ac8\d{3}"
                r"|^uis\d{4}|(?:^|[ _-])k2001|^t(?:3l?|5|7|8|507|113)[ _-](?:p\d|k\d|core|car|quad|octa)|8227l"
            ),
        ),
    ),
    (
        "wearable",
        (
            # whole Androids on the wrist, for children too (Lemfo, Kingwear, Lokmat, Xplora, imoo), and glasses
            (
                r"(?i)^(?:lem[a-z]?\d|les\d|dm\d{2,3}$|k[cg]\d\d$|appllp|lokmat|tiroke|ticwris|makibes|omate|truesmart"
                r"|xplora|imoo|wonlex|aimoto|prolike|kidphone|allcall (?:w\d|gt)|iqi i\d|ourtime|optimus_?pro$)"
                r"|rayneo|rokid|^inmo|qiyu|^nolo|arpara|^lynx-r|magic ?leap|^a(?:7h10|7q10|8110|9210)$"
            ),
            # Wear OS names: OPPO and OnePlus, Mobvoi, Fossil's houses, and the makers of watches that license it
            (
                r"(?i)^(?:op?w?we\d{3}|w[efgh]\d{5}|gen \d|q (?:founder|marshal|wander|explorist|venture)|mk ?go"
                r"|(?:ea|ax) connected|riley touch|julianna|garrett|carlyle|lexington|vapor(?: \d)?$"
                r"|tag heuer|montblanc|mb summit|summit(?: lite| \d)|movado|hublot|guess connect|gsw-h|suunto|polar m6)"
            ),
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
        # and displays that hang on a wall or stand on a desk: Acer's DA series, ViewSonic's VSD, IFP and CDE, AOC's,
        # Philips's and BenQ's with a system inside
        "speaker",
        (
            (
                r"(?i)^(?:aeo[a-z]{2,3}|wt(?:15|19|22)m|lx0[46]$|x08[ace]$"
                r"|yandexstation|yndx|xdh-|smart ?clock|smart ?display|echo(?:$| show| dot)|da2\d\dh"
                r"|a2[24]72pw|s2[23]1c\d|ct2200|lenovo cd-"
                r"|vsd\d{3}|ifp\d{4}|cde\d{4})"
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
                r"(?i)^(?:aft[a-z0-9]+$|a95x|t95(?:$|[^0-9])|x9[268](?:$| |-|_|mini|max|pro|air|s$|q$|h$)|x88|h96|h20$"
                r"|hk1"
                r"|tx[23569](?:$|[ -]|mini|pro|max|s$)|mxq|mx10|mx9|m8s|m9c|m12n|v88$|z28|neo-[uxz]\d|minix"
                r"|beelink|tanix|mecool|(?:[a-z]+-)?k[mt][1-9](?:$| )|r-?tv|s90[05]|ugoos|zidoo|dune|rombica"
                r"|pendoo|egreat|himedia|nexbox|scishion|sunvell|vontar|bqeel|magicsee|wechip|(?:kpn )?diw\d{3}"
                r"|b8[26]0[hva]|b760|zxv10|hg680|ec6108|m301h|jetstream|hp4[02]|uzx8020|swtv|kstb|bouygtel"
                r"|fbx)"
            ),
            # sets and boxes by what their platform's maker writes: TPV, Technicolor, Kaon, Korea's carriers and others
            (
                r"^AI PONT|^ATV R\d|^R(?:[456]|[1-6]G)$|TVE\d|^TPM1\d\d"
                r"|^Q[MV]1\d\d[A-Z]|^(?:UIW|UIE|UZW|UZX|UIL|UHW|HMB|DWT|DCTIW|DCX|uie"
                r"|ute|sti)\d{3,4}"
                r"|^HY\d{4}|^S[T6H][0-9]{2,3}[A-Z]-|^S60[A-Z]{3}$|^(?:BKO|BHX|BID|BAS)-[A-Z]|^SX930|^SEI[-_\d]"
                r"|^NVSH|^SCSH|^VIP[57]\d{3}"
                r"|^DV8\d{3}|^[24]KTV|^hsw4|^MiProj|^X[34]-(?:40|43|50|55|65)|^KDL|^XBR|^LCD_|^decoder$"
            ),
            (
                r"(?i)wetek|probox|matricom|zoomtak|cs9[16]8|^rkm|^mk80\d|^ug00\d|^ug802|^measy|tronsmart|^cx-?9\d\d"
                r"|rikomagic|^imito|amlogic|^(?-i:p(?:20[0-9]|212|281|230|231|241))$|^u21[12]$|^gx[lm]_"
                r"|meson\d?|evpad|svicloud"
                r"|superbox|formuler|dreamlink|tvip|infomir|vermax|eltex|zappiti|geniatech|inphic|diyomate|^hi37\d\d"
                r"|^sdmc|coship|^kaon|humax|technicolor|sagemcom|^q ?box|transpeed|pulierde|leelbox|^qplus"
                r"|seetv|(?:^|[-_])i?tv(?:$|[-_])"
                r"|(?:^|[_ -])(?:atv|box)(?:$|[_ -])|^haieratv|stick(?: hd|$)|^(?:32|40|43|50|55|65)[df](?:col|na|sa)?$"
                r"|^dv6\d{3}|^dongle|^sw-\d\d|^k[ad]\d$|^km\dpro|^leap-s|^b866|^timvision|^(?:bfx"
                r"|bip)-|(?:^|[^0-9])[48]k(?:$|[ _-])|hdr(?:$|[ _-])"
                r"|^(?:frc1|pyxis)-|^kamai|^ipa-?1104|tvision|streaming|^b8\d\d[a-z]-"
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
    ("tablet", TABLETS),
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
