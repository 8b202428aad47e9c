"""The patterns by which a program is told from a person: data for ``user_agent_bots``.

Every table is a list of rules in order, run by ua-parser's Rust engine as those of ``device_patterns`` are: it finds
the few candidates by their literal parts and matches in linear time. Its dialect has no look-around. Rules speak of
kinds (a task in a name, a contact for the webmaster, a library that speaks HTTP), not of single programs.
"""

# Entries of the published list that are also words of people's devices and apps: phones, a maker, an Android build, a
# mobile browser. Where they mean a crawler, BOT_SHAPES says it more exactly.
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
    }
)

# Apps that, like robots, tell where they come from: "(+http://player.example/; iOS podcast app)". Then
# shapes that say "a program" whatever else stands in the text. Cubot makes phones, hence the letters before "bot".
NOT_BOTS = r"(?i)(?:ios|android|mac ?os|windows|web) (?:podcast )?(?:app|player|client)(?:$|[;) ])"
BOT_SHAPES: tuple[str, ...] = (
    r"(?i)(?:^|[^ud])bots?(?:$|[^a-z])",
    r"(?i)[^c]ubots?(?:$|[^a-z])",
    r"(?i)[^i]dbots?(?:$|[^a-z])",
    r"(?i)[a-tv-z]bot[-_/][a-z0-9]",
    r"(?i)robot|crawl|scraper|scraping|(?:^|[^a-z])slurp|archiver|httrack|heritrix|nutch|larbin|(?:^|[^a-z])wget",
    r"(?i)(?:^|[^ a-z]|[a-z])spider(?:$|[^a-z0-9]|s[^a-z])",
    # checkers, monitors, scanners
    (
        r"(?i)(?:link|site|page|url|uri|seo|domain|dns|ssl|tls|http|rss|css|html)[-_ ]?(?:check|valid"
        r"|analy[sz]|audit|scan|monitor|inspect|prob|watch|lookup|status|test)"
    ),
    (
        r"(?i)(?:uptime|pingdom|statuscake|health-?check|healthcheck|googlehc|elb-health|kube-probe|site24x7"
        r"|nagios|zabbix|checkly|newrelic|datadog|dynatrace|ruxit|catchpoint|gomezagent|alertsite|updown\.io"
        r"|freshping|hetrixtools|montastic|panopta|netcraft|monitis|[a-z][ -]?monitor(?:ing)?(?:$|[^a-z])"
        r"|measurements?(?:$|[/) ])|transcoder|daumoa|dummy connection|\bdcv\b|ips-agent|synthetics?(?:$|[^a-z]))"
    ),
    r"(?i)(?:lighthouse|pagespeed|page speed|gtmetrix|webpagetest|\bptst/|speedcurve|sitespeed|yellowlab)",
    (
        r"(?i)(?:nessus|nikto|sqlmap|nmap|masscan|zgrab|openvas|acunetix|netsparker|qualys|arachni|wpscan"
        r"|dirbuster|gobuster|nuclei|shodan|censys|expanse|internet-?measurement|virustotal|urlscan|leakix"
        r"|l9explore|l9tcpid|xtate|infrawatch|netsystemsresearch|interact\.sh|oast\.)"
    ),
    r"(?:\$\{|\{\{|%7[Bb]|<script|\(\) ?\{)",
    # previews of links, and whatever fetches for people that are elsewhere
    (
        r"(?i)(?:facebookexternal|facebookcatalog|facebookplatform|externalhit|link ?preview|url ?preview"
        r"|preview(?:er)?/\d|thumbnail|screenshot|url ?resolver|link ?expand|unfurl|snippet|embedly|iframely"
        r"|favicon)|(?:^|[ ;(])GoogleOther|APIs-Google|Google-[A-Z][A-Za-z]+|Google Web Preview|Google Favicon"
        r"|Google-AMPHTML|developers\.google\.com"
    ),
    r"^WhatsApp(?:/[\d.]+(?:[ /][AWNai])?)?$|^Iframely|^(?:Sonic|Butterfly|speedy)[ /]",
    (
        r"(?i)(?:^|[^a-z])fetch(?:er|or|ing)?(?:$|[^a-z])|feed ?fetch|rss ?fetch|feedparser|feed parser"
        r"|feedbin|feedburner|netvibes|tiny tiny rss|superfeedr"
        r"|\d+ (?:subscribers?|readers?)"
    ),
    (
        r"(?i)(?:(?:^|[^a-z])(?:grabber|harvester|siphon|extractor|leech|webcopier|webzip|websucker"
        r"|sitesucker|offline ?explorer|teleport ?pro|webreaper|sitemap|indexer|aggregator|validator"
        r"|linter)(?:$|[^a-z]))|url ?download|link ?sleuth|search-?engine|searchbot"
    ),
    # browsers without a person
    (
        r"(?i)headless|phantomjs|slimerjs|casperjs|puppeteer|playwright|selenium|webdriver|cypress|\bsplash\b"
        r"|zombie\.js|htmlunit|mechanize|jsdom|nightmare|prerender|rendertron"
    ),
    # libraries that speak HTTP, and tools built on them
    (
        r"(?i)(?:^|[^a-z])(?:python|go|java|ruby|perl|php|node|rust|scala|lua|swift|dart|r)[-_ ]?(?:http"
        r"|urllib|requests|client|fetch|net|curl|lib|oauth|superagent|eurekaclient|rest)"
    ),
    (
        r"(?i)(?:http|rest|web|api|feign)[-_ ]?client(?:$|[^a-z])|httpclient|httpunit|httprequest|http_request"
        r"|libwww-perl|^lib(?:www|curl)|lwp(?:::|-)|aiohttp|httpx/|urllib|guzzle|okhttp|reactornetty"
        r"|apache-cxf|apache-http|async-?http|commons-http|http\.rb|http-kit|clj-http|requests?/\d|restsharp"
        r"|unirest|faraday|typhoeus|superagent|axios|node-fetch|got \(|got/|undici|needle/|reqwest|hyper/|ureq"
        r"|^winhttp|^wininet|cpprest|simplepie|magpierss|universalfeedparser|zend_http|wordpress|drupal|joomla"
        r"|typo3|snoopy v|(?:^|[^a-z])curl[/ ]|apachebench|jmeter|gatling|\bk6/|artillery|locust|siege/|wrk/"
        r"|aws-sdk|aws-cli|boto3?/|rclone|minio[ /-]|s3fs|cloudfoundry|postmanruntime|insomnia/|httpie|powershell"
        r"|symfony|guzzlehttp|go-resty|vert\.x|akka-http|jersey/|jakarta|spring-|^spring|springframework|retrofit"
        r"|nsplayer-check"
    ),
    (
        r"^(?:Java|Ruby|Perl|PHP|Python|Go|Dart|Elixir|Debian APT-HTTP|npm|yarn|pnpm|docker|MediaWiki|Viber|Deno"
        r"|Bun|Wget|curl|Axel|aria2|lftp|Lua|Tcl|Erlang|HTTP|Http|http"
        r"|node|rss|test|Test|hello|url|UA|ua|user-?agent|User-?Agent|Agent)(?:$|[/ :;+(])"
        r"|^[Mm]ozilla(?:/\d\.\d+)?$"
    ),
    r"(?i)^(?:user-?agent:|\"|'|-|\*|null|undefined|none|nil|default|unknown|anonymous|n/a)",
    # a contact for the webmaster, as RFC 9110 section 10.1.2 asks of robots
    r"(?:\+|; ?|\()\+ ?https?:|\+https?://|\+www\.|^Mozilla/.*https?://|mailto:",
    r"like Gecko; compatible; ",
)
# Browsers of small renown that end their text as otherwise only the programs of the next table do.
DESKTOP_BROWSERS = (
    r" (?:Safari|Firefox)/[\d.]+ (?:[A-Za-z]*[Bb]rowser|[A-Z]{2,9}$|Vivaldi|Otter|Brave|TheWorld|SE 2|QIHU"
    r"|LBBROWSER|360"
    r"|Maxthon|AOL|Avast|AVG|Sleipnir|CoolNovo|Iron|Comodo|Dragon|Kinza|Iridium|Sidekick|Wavebox|Ferdi|Rambox|Station"
    r"|Large|Smart|Mobile|Slack|Teams|Discord|Signal|Notion|Spotify|Edg|Falkon|Q[Uu]p[Zz]illa|Konqueror|Epiphany"
    r"|Surf|Midori|Min|Beaker"
    r"|Puffin|LibreWolf|Waterfox|PaleMoon|SeaMonkey)|\) (?:Otter|Arora|Midori|Surf|Uzbl)/"
)
DESKTOP_BOT_SHAPES: tuple[str, ...] = (
    # a desktop browser's whole text with a word or an address before or after it that is none of a browser's
    r"^[a-z0-9_.-]{3,40}(?:/[a-z]+)? Mozilla/5\.0 \((?:Macintosh;|Windows NT |X11;)",
    (
        r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) .* (?:Safari/[\d.]+ \(?[A-Za-z][A-Za-z -]{2,30}\)?"
        r"|Firefox/[\d.]+ [A-Z][A-Za-z -]{2,30})$"
    ),
    (
        r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) .*(?:Safari|Firefox|Gecko|Chrome)[/)].*[ (;]"
        r"(?:[A-Za-z0-9-]+\.)+(?:com|io|net|org|ai|eu|co)(?:$|[/ ;)])"
    ),
    r"^Mozilla/5\.0 \((?:Windows NT|X11|Macintosh)[^)]*\) AppleWebKit/537\.36 \(KHTML, like Gecko\) [A-Z]\w+/0\.\d",
)

# What is asked only where no operating system, kind of device, label or maker of old phones told more: programs with a
# contact, a task in their name, or nothing of a browser at all.
ALONE_BOT_SHAPES: tuple[str, ...] = (
    r"https?://|www\.|(?i)(?:^|[ /(@.])[a-z0-9-]+\.(?:com|net|org|io|ai|eu|dev|info|ru|de|cz)(?:$|[/ ;)])",
    r"(?:^|[^0-9a-f])[0-9a-f]{40}(?:$|[^0-9a-f])",
    r"[A-Za-z0-9._-]{2,32}(?:@| at |\[at\]|\(at\))[A-Za-z0-9-]{2,32}(?:\.| dot )[a-z]{2,6}",
    r"^Mozilla/\d\.\d+ \(compatible; ?[A-Za-z]|^Mozilla/\d\.\d+ \([A-Z][\w.-]+\)",
    r"^Mozilla/\d\.\d+ [A-Za-z][\w.-]*(?:/v?[\d.]+)?$",
    r"^[a-z]+(?:[_-][a-z]+)+$|^[A-Za-z]+/[a-z]*$|^[A-Za-z][\w-]+ \([0-9a-f]{6,}\)$|^[A-Za-z]\w*/[\d.]+; ",
    r"^[A-Z][a-z]+(?: [A-Z][a-z]+){2,6}$",
    (
        r"(?i)(?:agent|checker|scan(?:ner)?|monitor|lookup|proxy|cache|search|collector|worker|service|server"
        r"|daemon|engine|validator|verifier|inspector|detector|tester|loader|importer|parser|resolver"
        r"|external)[a-z]*(?:$|[/ _.;(-])|(?:^|[^a-z])(?:sdk|lib|cli|api|tool|sync)(?:$|[/ _.;(-])"
    ),
)
# A few words with at most a version, `Name/1.2`: a program, unless the name is that of an app for listening or reading.
LONE_PRODUCT = (
    r"^[A-Za-z][\w.+-]{2,40}(?: [A-Za-z][\w.+-]{0,20}){0,3}(?:[/ ]v?\d[\w.+-]{0,20})?"
    r"(?: \([A-Za-z ]{2,30}\)| [A-Za-z][\w.-]{1,30}/v?\d[\w.]{0,12})?$"
)
LONE_APP = (
    r"pod|cast|radio|music|player|media|audio|news|reader|book|voox|fm$|tv|app(?:$|[^a-z])|mobile|android|ios"
    r"|iphone|ipad|phone"
    r"|foobar|kodi|vlc|winamp|itunes|spotify|deezer|tunein|stitcher|anghami|gaana|saavn|audible|boom|sound|listen"
    r"|browser"
)
