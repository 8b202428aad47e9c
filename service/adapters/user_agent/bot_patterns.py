"""The patterns by which a program is told from a person: data for ``bots``.

Every table is a list of rules in order, run by ua-parser's Rust engine as those of ``device_patterns`` are: it finds
the few candidates by their literal parts and matches in linear time. Its dialect has no look-around, so an exception is
a rule that stands before the one it is taken from. ``(?i-u)`` is any case of ASCII's letters: beyond ASCII "s" and "k"
have a third case each, which leaves the engine fewer literals to find a rule by; it does not go with ``[^...]``.

Rules speak of kinds (a task in a name, a contact for the webmaster, a library that speaks HTTP), not of single
programs. Where vendors' names are listed, they are those of their documentation, and they stand in texts that nothing
else tells from a browser's. Who is a bot: what asks for pages when nobody looks at them. An app that a person holds in
the hand is none, whether it shows pages, letters, feeds or podcasts; the server that fetches feeds for many is one.
"""

# -- The published list, crawler-user-agents ---------------------------------------------------------------------------

# Entries that are also words of people's devices: phones ("HTC Butterfly", "Sonic"), a maker ("008/" ends versions), an
# Android build, a mobile browser ("Sogou"). Where they mean a crawler, BOT_SHAPES says it more exactly.
CRAWLERS_TOO_WIDE = frozenset(
    {
        "WhatsApp",
        "Butterfly",
        "Viber",
        "Sonic",
        "speedy",
        r"008\/",
        r"AP3A\.240617\.008",
        "Iframely",
        "Sogou",
        r"sindresorhus\/got",
        # The browser inside Meta's apps says so at the end of its text; IAB is "in-app browser".
        "MetaIAB Facebook",
        # The library by which Android's apps speak (see BOT_SHAPES).
        "okhttp",
        # Editors, which show pages to who writes in them (Electron programs; see NOT_BOTS).
        r"Code\/1\.",
        r"Trae\/",
    }
)
# Services that fetch pages under the name that their app has too. The app's own browser writes the name behind a
# browser's text (Android's WebView and Apple's WKWebView append what an app gives them: WebSettings.setUserAgentString,
# WKWebViewConfiguration.applicationNameForUserAgent), or is followed by Apple's library for HTTP, "Name/1 CFNetwork/2
# Darwin/3"; the service begins its text with it.
CRAWLERS_WITH_APPS = frozenset(
    {
        "Blackboard",
        "Fluid",
        "Synapse",
        r"Asana\/",
        r"Bluesky\/",
        r"Chirp|gotosocial",
        "Devin",
        "Disqus",
        "Expanse",
        "Feedly",
        r"Fetch\/",
        "Goodreads",
        r"Grammarly\/",
        "Hatena",
        r"IFTTT\/",
        "inoreader",
        r"Instapaper\/",
        "Jumio",
        r"Klaviyo\/",
        r"Make\/",
        "Mastodon",
        "NextCloud",
        r"Notion\/",
        r"Overcast\/",
        r"PayPal\/",
        r"PocketCasts\/",
        "Podimo",
        r"Retool\/",
        r"Scoop\.it\/",
        r"Stripe\/",
        r"Tumblr\/",
        r"Uptime\/",
        r"upday\/",
    }
)
# The letter case of a name says nothing (RFC 9110 section 10.1.5 knows no case of products; people who set a crawler's
# name write `googlebot`). But a short word in another case ends longer ones: "RED/" and "itunesstored/", "NING/" and
# "Lightning/". From this many letters on, a name is known in any case.
LETTERS_IN_ANY_CASE_MIN = 6
# Longer ones that are people's words in another case: Mail.Ru's programs.
CRAWLERS_BY_CASE = frozenset({r"mail\.ru"})

# -- Asked before the list ---------------------------------------------------------------------------------------------

# Browsers without a person: what drives them is in their text (Chromium's headless mode, PhantomJS, Electron under
# Cypress and Nightmare, Pingdom's and SolarWinds' recorders), or renders pages to pictures and PDF.
AUTOMATED_BROWSERS: tuple[str, ...] = (
    (
        r"(?i-u)headless|phantomjs|slimerjs|casperjs|puppeteer|playwright|selenium|webdriver|cypress|\bsplash\b"
        r"|zombie\.js|htmlunit|mechanize|jsdom|happy-?dom|nightmare|prerender|rendertron|testcafe|taiko/"
        r"|wkhtmlto|webkit2png|webkit2pdf|capybara|cutycapt|browserless|browserbase|novaact|pingdom|solarwinds|synthetic"
    ),
)
# Programs of people that look like robots: apps that tell where they come from, "(+http://player.example/; iOS podcast
# app)", "(RSS Reader; https://...)"; whatever is built with Electron, which writes the program's name, Chromium's and
# its own version, at 0.x too (electronjs.org, app.userAgentFallback); the app of iRobot, who makes vacuum cleaners; the
# Delphi component that puts its author's address into Internet Explorer's text; and a person who reads through Google's
# translator.
NOT_BOTS: tuple[str, ...] = (
    r"(?i-u)(?:ios|android|mac ?os|windows|web) (?:podcast )?(?:app|player|client)[;) ]|\(RSS reader;",
    r" Chrome/[\d.]+ Electron/\d|\biRobot/\d",
    r"bsalsa\.com|EmbeddedWB|Embedded Web Browser",
    r"\(via translate\.google\.com\)",
)

# The words of the trade, asked first because they tell most of the list's entries, and in any letter case. Cubot makes
# phones, hence the letters before "bot".
WORDS_OF_THE_TRADE: tuple[str, ...] = (
    r"(?i)(?:^|[^ud])bots?(?:$|[^a-z])",
    r"(?i)[^c]ubots?(?:$|[^a-z])",
    r"(?i)[^i]dbots?(?:$|[^a-z])",
    r"(?i-u)[a-tv-z]bot[-_/][a-z0-9]",
    r"(?i)robot|crawl|scraper|scraping|(?:^|[^a-z])slurp|httrack|heritrix|nutch|larbin|(?:^|[^a-z])wget",
    r"(?i)(?:^|[^ a-z]|[a-z])spider(?:$|[^a-z0-9]|s[^a-z])|(?-i: [Ss]pider)(?:/|\)| v?\d)",
)

# -- Shapes that say "a program" whatever else stands in the text ------------------------------------------------------

# Who looks for a site's owner whether it is up and fast, by name. In small letters, because ``bot_kinds`` tells kinds
# by the same names.
MONITORS: tuple[str, ...] = (
    (
        r"pingdom|statuscake|googlehc|elb-health|kube-probe|site24x7|nagios|zabbix|checkly|new ?relic|datadog|dynatrace"
        r"|ruxit|catchpoint|gomezagent|alertsite|updown\.io|freshping|hetrixtools|montastic|panopta|monitis|neustar"
        r"|dejaclick|\bktxn\b|\bkhte\b|ip-?label|uptrends|thousandeyes|dotcom-?monitor|nodeping|better ?stack|oh ?dear/"
        r"|ghost ?inspector|sematext|\bapica\b|exoprise|blackbox[ _-]exporter|prtg|statping|gatus/|icinga|check_http"
        r"|xymon|\bsitescope\b|rapidspike|\bktht\b|host-?tracker|\balertra\b"
        r"|monitoring-plugins|webmon(?:$|[/ ])"
    ),
    (
        r"lighthouse|page ?speed|gtmetrix|webpagetest|\bptst[/ ]|speedcurve|sitespeed|yellowlab|debugbear|dareboost"
        r"|treo\.sh|calibreapp"
    ),
)
# Programs that look for holes, by name and in small letters likewise: anybody can point them at anything.
SCANNING_PROGRAMS = (
    r"nessus|nikto|sqlmap|nmap|masscan|zgrab|openvas|acunetix|netsparker|invicti|arachni|wpscan|dirbuster|gobuster"
    r"|feroxbuster|ffuf|fuzz faster|wfuzz|nuclei|metasploit|w3af|skipfish|appscan|webinspect|whatweb|joomscan"
    r"|droopescan|burp ?suite|owasp|zaproxy|zmeu|morfeus|muieblackcat"
)
BOT_SHAPES: tuple[str, ...] = (
    # Agents that ask for a person who is elsewhere: ChatGPT-User, Claude-User, Perplexity-User (their vendors' pages on
    # crawlers); and what runs in a terminal, "name-cli/1.0", or drives a browser for an agent.
    r"(?i-u)[a-z]-User(?:$|[/ ;),])|[a-z][-_]cli(?:[-_][a-z]{1,12})?/v?\d|\bbrowser-use\b",
    # Monitors and whatever measures a site from outside, also behind a browser's whole text; and what crawls a site for
    # its owner, checks a name, or renders for others.
    *(f"(?i-u){names}" for names in MONITORS),
    (
        r"(?i-u)netcraft|daumoa|dummy connection|\bdcv\b|ips-agent|applitools|observepoint|contentking|\blumar\b"
        r"|deepcrawl|sitebulb|screaming ?frog|siteimprove|silktide|monsido"
    ),
    # Scanners of networks and of holes: programs, and services that scan the whole internet or their customers' sites.
    f"(?i-u){SCANNING_PROGRAMS}",
    (
        r"(?i-u)qualys|shodan|censys|^expanse|internet-?measurement|virustotal|urlscan|leakix|l9explore|l9tcpid|xtate"
        r"|infrawatch|netsystemsresearch|interact\.sh|\boast\.|detectify|rapid7|tenable|wappalyzer|burpcollaborator"
        r"|binaryedge|onyphe|shadowserver|bitsight|securityscorecard|stretchoid|probely|intruder\.io|hardenize|immuniweb"
        r"|sitelock|quttera|projectdiscovery|pdiscovery"
    ),
    r"(?:\$\{|\{\{|%7[Bb]|<script|\(\) ?\{)",
    # Previews of links, and whatever fetches for people that are elsewhere.
    (
        r"(?i-u)(?:facebookexternal|facebookcatalog|facebookplatform|externalhit|link ?preview|url ?preview"
        r"|thumbnail|site-?shot|url ?resolver|link ?expand|unfurl|embedly|iframely"
        r"|favicon)|(?:^|[ ;(])GoogleOther|APIs-Google|(?-i:Google-[A-Z][a-z]+)|DuplexWeb-Google"
        r"|Google Web Preview|Google Favicon|Google Search Console|Google-AMPHTML|developers\.google\.com"
    ),
    # Messengers' previews: their name and at most a version and a letter for the platform. With a system, or by Apple's
    # CFNetwork, the app itself speaks.
    r"^WhatsApp(?:/[\d.]+(?:[ /][AWNai])?)?$|^Viber(?:/[\d.]+)?$|^Iframely|^(?:Sonic|Butterfly|speedy)[ /]",
    (
        r"(?i-u)feed ?fetch|rss ?fetch|feedparser|feed parser|feedbin|feedburner|netvibes|tiny tiny rss|superfeedr"
        r"|\d+ (?:subscribers?|readers?)"
    ),
    (
        r"(?i-u)webcopier|webzip|websucker|sitesucker|offline ?explorer|teleport ?pro|webreaper|\bsitemap\b"
        r"|url ?download|link ?sleuth|search-?engine|searchbot"
    ),
    # Libraries that speak HTTP, and tools built on them. OkHttp is also how Android's apps speak: alone it is a
    # program of anybody's, behind an app's name and system it is the app.
    (
        r"(?i)(?:^|[^a-z])(?:python|go|java|ruby|perl|php|node|rust|scala|lua|swift|dart|r)[-_ ]?(?:http"
        r"|urllib|requests|client|fetch|net|curl|lib|oauth|superagent|eurekaclient|rest|sdk|api)"
    ),
    (
        r"(?i-u)(?:http|rest|web|api|feign)[-_ ]?client(?:$|[/ ;(),.:]|\d)|httpclient|httpunit|httprequest|http_request"
        r"|libwww-perl|^lib(?:www|curl)|lwp(?:::|-)|aiohttp|httpx/|urllib|guzzle|^okhttp|reactornetty"
        r"|apache-cxf|apache-http|async-?http|commons-http|http\.rb|http-kit|clj-http|requests?/\d|restsharp"
        r"|faraday|typhoeus|superagent|(?-i:\baxios)|node-fetch|undici|reqwest|^hyper/|^winhttp|^wininet|cpprest|simplepie"
        r"|magpierss|universalfeedparser|zend_http|wordpress|drupal|joomla"
        r"|typo3|snoopy v|(?:^|[ /(;])curl[/ ]|apachebench|jmeter|gatling|\bk6/|^artillery"
        r"|aws-sdk|aws-cli|aws-internal|boto(?:core|3)?/|rclone|minio[ /-]|s3fs|cloudfoundry|postmanruntime"
        r"|^insomnia/|httpie|powershell|(?:^|[ (;])grpc[-/]|azsdk-|google-api-|google-cloud-"
        r"|symfony|go-resty|vert\.x|akka-http|jakarta commons|^spring|springframework"
        r"|web services client protocol|nsplayer-check|httparty|mojolicious|lua-resty|fasthttp|webclient"
    ),
    # Those that are parts of longer words: Viktor, Escargot, Besiege, Offspring.
    (
        r"(?i-u)\b(?:ktor\b|got ?[(/]|siege/|wrk/|needle/|ureq\b|locust\b|unirest|excon/|jersey/|cohttp|gcloud|spring-"
        r"|retrofit)"
    ),
    # The language that a program runs in, as a product of its own or in the place of a version, which is how generated
    # clients write themselves: "Example/JS 4.2.0", "Example/v1 PythonBindings/5.0", "example/2.1 node/18.2".
    # In three rules: joined to one they cost every text 0.3 us.
    (
        r"(?i-u)(?:^|[ (;,+])(?:c?python/|pypy/|node/|node\.?js/|ruby/|php/|perl/|golang/|openjdk/|deno/|\.net/|dotnet/"
        r"|erlang/|elixir/|typescript/|(?-i:bun/|go/))v?\d|(?:^|[ (;])(?:node\.js v|(?-i:go1\.))\d"
    ),
    (
        r"(?i-u)^[a-z][\w.@:-]*/"
        r"(?:js|python|node(?:\.?js)?|php|ruby|go|java|kotlin|rust|csharp|\.net|typescript)(?:$|[/ ])"
    ),
    r"(?i-u)(?:python|node|php|ruby|go|java|dotnet|net)bindings/",
    # What pip and its like tell of themselves: "name/1.0 {json".
    r"^[a-z]+/[\d.]+ \{\"",
    # The platform as Go (GOOS and GOARCH) and Rust (target triples) name it, which no browser does: "(linux; amd64)".
    (
        r"[( /](?:linux|darwin|windows|freebsd)(?:[/;,_-] ?(?:amd64|arm64|x64|386|x86_64)| amd64| arm64)"
        r"|(?:x86_64|aarch64)-unknown-linux|-pc-windows-msvc"
    ),
    (
        r"^(?:Java|Ruby|Perl|PHP|Python|Go|Dart|Elixir|Debian APT-HTTP|libdnf|ZYpp|npm|yarn|pnpm|docker|MediaWiki|Deno"
        r"|Bun|Wget|curl|Axel|aria2|lftp|Lua|Tcl|Erlang|HTTP|Http|http"
        r"|node|rss|test|Test|[Hh]ello|url|UA|ua|user-?agent|User-?Agent|Agent)(?:$|[/ :;+(,])"
        r"|^[Mm]ozilla(?:/\d\.\d+)?$|^(?i:java)/?\d"
    ),
    # A field's own name, or a placeholder. A browser's text in quotation marks is none: who sets it by hand quotes it.
    r"(?i)^(?:user-?agent:|-|\*|null|undefined|none|nil|default|unknown|anonymous|n/a)|^[\"'][^M]",
    # QtWebKit's and QtWebEngine's place for the program's name (QCoreApplication::applicationName), which of a script
    # is the interpreter's.
    r"like Gecko\) python[\d.]* (?:Version/[\d.]+ )?Safari/",
    # A comment in a browser's manner, but inside or behind a browser's text; or a spider's name at its end.
    r" [Ss]pider$|like Gecko; (?:compatible; |Google )|(?:Safari|Firefox|Chrome)/[\d.]+ \(compatible;",
)
# Apps in the hand tell where they come from as robots do: a text of their own, not a browser's, that names a phone's
# system; a player or reader that names the system of a desk.
APPS_WITH_CONTACTS: tuple[str, ...] = (
    r"^(?:[A-LN-Za-z]|M[^o]).*[ (;/](?:iPhone|iPad|iOS|watchOS|Android)[ ;/)]",
    r"(?i)^[a-z ]*(?:pod|cast|player|reader)[a-z]*/[\d.]+ \(.*(?:linux|windows|mac ?os|macintosh)",
)
# A contact for the webmaster, as RFC 9110 section 10.1.2 asks of robots: an address of a page or of a mailbox.
CONTACTS: tuple[str, ...] = (
    r"(?:\+|; ?|\()\+ ?https?:|\+https?://|\+www\.|^Mozilla/.*https?://|mailto:|[(;] ?www\.[\w-]+\.",
    r"(?i-u)\w at [\w-]+ dot [a-z]",
    (
        r"[\w.+-]@[A-Za-z0-9.-]+\.(?:com|org|net|edu|gov|info|biz|co|io|ai|eu|de|fr|uk|cz|nl|it|es|ch|at|pl|ru|ua|jp|cn"
        r"|in|us|br)"
    ),
)
# An app that somebody looks at: in Android's WebView ("; wv", see ``device_patterns.IN_APP``), on Apple's phones and
# tablets, and whatever speaks by Apple's library for HTTP.
APPS_IN_THE_HAND = r"; wv\)|\((?:iPhone|iPad|iPod)[;)]|CFNetwork/[\d.]+ Darwin/"
# By what they do programs are named that run by themselves, and people's apps as well, which scan papers, check prices
# and watch babies: so it is asked after whatever tells an app.
TASKS: tuple[str, ...] = (
    # At the end of a product's name, before its version: "ExampleChecker/1.0", "some-preview/2".
    (
        r"(?i-u)[a-z][-_]?(?:check(?:er)?|monitor|prob(?:e|er)|fetch(?:er)?|scan(?:ner)?|archiver?|preview(?:er)?"
        r"|validator|inspector|analy[sz]er|audit(?:or)?|tester|grabber|harvester|extractor|resolver|indexer"
        r"|verifier|collector|resizer|sniffer|unfurler|expander|shooter|webhooks?|transcriber|pipeline|backfill"
        r"|migration|ingest(?:er|or|ion)?)/v?\d"
        r"|[a-z][-_](?:scan|check|probe|fetch)(?:n?er)?(?:$|[ ;)])"
    ),
    (
        r"(?i-u)(?:link|site|page|url|uri|seo|domain|dns|ssl|tls|https?|rss|css|html|cert)[-_ ]?(?:check|valid"
        r"|analy[sz]|audit|scan|monitor|inspect|prob|watch|lookup|status|test)"
    ),
    r"(?-i:[a-z]Agent|[a-z]-agent)/v?\d",
    (
        r"(?i-u)[a-z][ _-]?monitor(?:ing)?(?:$|[/ ;),.]|\d)|measurements?(?:$|[/) ])|transcoder|preview(?:er)?/\d"
        r"|uptime|health[- ]?check"
        r"|screen-?shot|web-?(?:thumb|snap|shot|screen)|snippet|archiver"
    ),
    (
        r"(?i)(?:^|[^a-z])(?:fetch(?:er|or|ing)?|grabber|harvester|siphon|extractor|leech|indexer|aggregator|validator"
        r"|linter)(?:$|[^a-z])"
    ),
)
# Browsers of small renown, and Linux distributions, that end their text as otherwise only the programs of the next
# table do.
DESKTOP_BROWSERS = (
    r" (?:Safari|Firefox)/[\d.]+ (?:[A-Za-z]*[Bb]rowser|[A-Z]{2,9}$|Vivaldi|Otter|Brave|TheWorld|SE 2|QIHU"
    r"|LBBROWSER|360"
    r"|Maxthon|AOL|Avast|AVG|Sleipnir|CoolNovo|Iron|Comodo|Dragon|Kinza|Iridium|Sidekick|Wavebox|Ferdi|Rambox|Station"
    r"|Large|Smart|Mobile|Slack|Teams|Discord|Signal|Notion|Spotify|Edg|Falkon|Q[Uu]p[Zz]illa|Konqueror|Epiphany"
    r"|Surf|Midori|Min|Beaker|Epic|GoogleTV|Debian|Ubuntu|Fedora|Gentoo"
    r"|Puffin|LibreWolf|Waterfox|PaleMoon|SeaMonkey)|\) (?:Otter|Arora|Midori|Surf|Uzbl)/| Toolbar"
)
DESKTOP_BOT_SHAPES: tuple[str, ...] = (
    # A desktop browser's whole text with a word before it, or with one word or an address behind it, that is none of a
    # browser's. Browsers that add their name add its version.
    r"^[a-z0-9_.-]{3,40}(?:/[a-z]+)?,? Mozilla/5\.0 \((?:Macintosh;|Windows NT |X11;)",
    (
        r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) .* (?:Safari/[\d.]+ (?:[A-Za-z][A-Za-z-]{2,30}"
        r"|\([A-Za-z][A-Za-z -]{2,30}\))|Firefox/[\d.]+ [A-Z][A-Za-z-]{2,30})$"
    ),
    (
        r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) .*(?:Safari|Firefox|Gecko|Chrome)[/)].*[ (;]"
        r"(?:[A-Za-z0-9-]+\.)+(?:com|io|net|org|ai|eu|co)(?:$|[/ ;)])"
    ),
    # Chromium's engine without Chromium's name, but with that of something unfinished; or a browser's beginning, and
    # behind it no engine at all.
    (
        r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) AppleWebKit/537\.36 \(KHTML, like Gecko\) [A-Z]\w+/0\.\d"
        r"[\w.-]*(?: Safari/[\d.]+)?$"
        r"|^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) [A-Za-z][\w-]*/0\.\d[\w.-]*$"
    ),
)

# "Mozilla/5.0 (compatible; Name/1.0; ...)" is how programs write themselves since Internet Explorer did so, and also
# "Name/1.0 (compatible; MSIE 6.0; ...)": theirs, but for the browsers that did it too, and phones that put their name
# before a browser's text.
COMPATIBLE_BROWSERS: tuple[str, ...] = (
    (
        r"\(compatible; ?(?:(?:Opera|Chrome|Konqueror|Origyn|NetFront|NetPositive|IBrowse|AWeb|OmniWeb|iCab|iPhone"
        r"|Lotus-Notes|AmigaVoyager|ANTFresco|NCBrowser)/|AvantGo |Dillo |[A-Za-z ]*Browser)"
        r"|Mozilla/\d\.\d+ \([Cc]ompatible; ?(?:MSIE ?\d|Mozilla/)"
    ),
)
COMPATIBLE_BOT_SHAPES: tuple[str, ...] = (
    r"^Mozilla/\d\.\d+ \(compatible; ?[A-Za-z][\w.-]*/v?\d",
    r"^(?:[A-LN-Za-z]|M[^o])[\w .!-]*(?:/[\w.]+)? \([Cc]ompatible; ?(?:MSIE|Mozilla|Win\d)",
)

# -- Asked last --------------------------------------------------------------------------------------------------------

# What is asked only where no operating system, kind of device, label or maker of old phones told more. First what is a
# person's there: browsers of small systems, that a build's whole hash stands in the place of a version (who builds a
# program runs it), and the app of an address that is read from the right, "com.example.app/1".
ALONE_PEOPLE: tuple[str, ...] = (
    *COMPATIBLE_BROWSERS,
    r"^[A-Za-z]+ Browser(?:$|[ /])",
    r"^[A-Za-z][\w. -]*/[0-9a-f]{40}(?:$|[^0-9a-f])",
    r"^(?:com|org|net|io|de|fr|jp|co|me)\.[a-z0-9-]+\.[A-Za-z0-9.-]+(?:$|[/ ])",
)
# Then programs: a contact, a task in their name, or nothing of a browser at all.
ALONE_BOT_SHAPES: tuple[str, ...] = (
    r"https?://|www\.|(?i)(?:^|[ /(@.])[a-z0-9-]+\.(?:com|net|org|io|ai|app|eu|dev|info|ru|de|cz)(?:$|[/ ;)])",
    r"[A-Za-z0-9._-]{2,32}(?:@| at |\[at\]|\(at\))[A-Za-z0-9-]{2,32}(?:\.| dot )[a-z]{2,6}",
    r"^Mozilla/\d\.\d+ \(compatible; ?[A-Za-z]|^Mozilla/\d\.\d+ \([A-Z][\w.-]+\)",
    r"^Mozilla/\d\.\d+ [A-Za-z][\w.-]*(?:/v?[\d.]+)?$|^Mozilla/\d\.\d+ \([A-Za-z][A-Za-z -]{1,40}\)$",
    r"^[a-z]+(?:[_-][a-z]+)+$|^[A-Za-z]+/[A-Za-z]*$|^[A-Za-z][\w-]+ \([0-9a-f]{6,}\)$|^[A-Za-z]\w*/[\d.]+;",
    r"^[A-Z][a-z]+(?: [A-Z][a-z]+){2,6}$",
    r"^[A-Za-z][\w -]{0,40}(?:::?|\\)[A-Za-z /\d]",  # a label; a module of Perl, "Some::Thing", or of PHP, "Some\Thing"
    (
        r"(?i)(?:agent|checker|scan(?:ner)?|monitor|lookup|proxy|cache|search|collector|worker|service|server"
        r"|daemon|engine|validator|verifier|inspector|detector|tester|loader|importer|parser|resolver|resizer|tracer"
        r"|external)[a-z]*(?:$|[/ _.;()-])|(?:^|[^a-z])(?:sdk|lib|cli|api|tool|sync)(?:$|[/ _.;(-])"
    ),
    # What is done to many recordings or pages at once, nobody listening or reading.
    (
        r"(?i)(?:fetch|fetcher|siphon|feedupdate|download|discovery|migration|backfill|pipeline|transcri(?:be|ber|bers|pt|pts|ption|ptions)"
        r"|ingest(?:er|or|ion)?|import|process(?:or|ing)|enrich(?:er|ment)|summar(?:y|izer|ies)|converter|generator"
        r"|analytics|analysis|research|statistics|stats|backup|clipper|harvest|embeddings|dataset|script)"
        r"(?:$|[/ _.;()-])|(?:^|[^a-z])(?:dl|etl|rag|intel|test|whisper|batch|cron)(?:$|[/ _.;()-])"
    ),
)
# What is left then is a program's, whatever it is, unless it has the words of a browser or is the name of an app for
# listening, reading or playing.
LEFT_TO_PEOPLE: tuple[str, ...] = (
    r"(?i)^(?:mozilla|opera|ucweb)|gecko|webkit|khtml|presto|trident|netfront",
    (
        r"(?i)pod|cast|radio|music|player|media ?(?:player|center|monkey)|audio|news|reader|books?(?:$|[^a-z])|voox|fm$"
        r"|tv(?:$|[^a-z])|app(?:$|[^a-z])|mobile|android|(?:^|[^a-z])ios|iphone|ipad|phone"
        r"|foobar|kodi|vlc|winamp|itunes|spotify|deezer|tunein|stitcher|anghami|gaana|saavn|audible|boom|sound|listen"
        r"|totem|xmms|^mpc-|potplayer|squeeze|infuse|shazam|digital editions|aldiko|minecraft|second ?life|launcher"
        r"|aimp|xmplay|^mpv|rhythmbox|clementine|banshee|amarok|audacious|acrobat|acroforms|adobe ?air|google ?earth"
        r"|browser|mail|outlook|thunderbird|em ?client|zimbra|mutt|evolution|lotus|postbox|the bat|quicktime"
        r"|realmedia|unity|unreal|game|steam"
    ),
)

# -- Among the browsers ------------------------------------------------------------------------------------------------

# How ua-parser's three patterns for the name of any bot begin, and what stands for them, without the name: see
# ``lookup._browser_rules``.
LOOKS_FAR_BEHIND = "^.{0,200}?"
ANY_BOT = (
    r"(?:[Aa]rchiver|[Ii]ndexer|[Ss]craper|[Bb]ot|[Ss]pider|[Cc]rawl[a-z]*)[/ ]\d"
    r"|[^C][^Uu][Bb]ot\b|[Ss][Pp][Ii][Dd][Ee][Rr]|[Ss]crape|[Cc][Rr][Aa][Ww][Ll]"
)

# How its list of spiders begins, whose names end the text or a version follows.
LIST_OF_SPIDERS = "(CSimpleSpider|"
