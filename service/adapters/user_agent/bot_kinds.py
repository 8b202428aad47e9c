"""What a bot comes for, told by the text of a User-Agent that is already known to be a bot's.

Vendors' own names come first, each by the main purpose that the vendor documents: many crawlers serve two. Then the
published list of crawlers (crawler-user-agents 1.67), by the tags of its entries; then words that programs are named
with. What says what it is for beats what it was made with: a monitor that drives a headless browser
is a monitor. What says nothing is ``other``, as are those that come for a purpose without a kind: marketing data,
advertising, archives, feeds, research, scans of the whole internet.

The borders:

- ``search`` gathers pages for an index that people, or programs on their behalf, search later;
- ``assistant`` fetches a page now because a person asked an assistant or an agent for something;
- ``training`` gathers texts or pictures for models to learn from, or for data sets that are sold or given for that;
- ``preview`` fetches one page that somebody shared, to show its title and picture, or a picture in somebody's stead;
- ``monitor`` looks whether a site is up, fast, valid and accessible, mostly for whom it belongs to;
- ``tool`` is a program or a library that anybody can point at anything, and that says no more than its name.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from service.adapters.user_agent.bot_patterns import MONITORS, SCANNING_PROGRAMS
from service.adapters.user_agent.published_crawlers import NAMES_A_RULE, Crawler
from service.adapters.user_agent.rule_matcher import joined, matcher
from service.core.device import BotKind

# All patterns are in small letters and meet the text in small letters: people retype names as they like, and a matcher
# that has to mind both cases takes twice the memory.

# Names of vendors' bots by what their vendors document. Where the list says the same of a name today, it stands here so
# that the documented answer does not hang on the list's next edition.
VENDORS: tuple[tuple[BotKind, tuple[str, ...]], ...] = (
    (
        "training",
        (
            # OpenAI: platform.openai.com/docs/bots. Anthropic: its help page on crawling and how owners can block it
            r"\bgptbot\b|\bclaudebot\b|\banthropic-ai\b",
            # Meta (developers.facebook.com/docs/sharing/webmasters/web-crawlers): "training AI models or improving
            # products by indexing content directly"; FacebookBot was to train its models of speech
            r"meta-externalagent|\bfacebookbot\b",
            # Amazon (developer.amazon.com/amazonbot): "may be used to train Amazon AI models"; search and users have
            # bots of their own
            r"\bamazonbot\b",
            # Google-Extended is a word of robots.txt (Google's list of common crawlers): whoever sends it means that
            r"google-extended|applebot-extended",
            # ByteDance documents neither; the list tags both as crawlers for AI
            r"\bbytespider\b|\btiktokspider\b",
            # Common Crawl (commoncrawl.org/ccbot) is no model, but what most of them learned from; Webz.io
            # (webz.io/bot.html), Diffbot (docs.diffbot.com) and Huawei's PanguBot gather the like
            r"\bccbot\b|\bomgili(?:bot)?\b|\bwebzio|\bdiffbot\b|\bpangubot\b",
            r"\bcohere-(?:ai|training)|\blaiondownloader\b|\bai2bot\b|\bdeepseekbot\b|\bchatglm-spider\b|\bimg2dataset\b",
        ),
    ),
    (
        "search",
        (
            r"^(?:googlebot|bingbot)\b|\boai-searchbot\b|\bclaude-searchbot\b|\bamzn-searchbot\b|\bmeta-webindexer\b",
            # Perplexity (docs.perplexity.ai/guides/bots): "not used to crawl content for AI foundation models"
            r"\bperplexitybot\b|\byoubot\b|\bphindbot\b|\bkagibot\b|\blinkupbot\b|\blinerbot\b|\biaskbot\b|iaskspider",
            # Apple (support.apple.com/119829): Spotlight, Siri and Safari; training is switched by another word
            r"\bapplebot\b",
            # indexes that a site's owner orders: Google's list of common crawlers, AWS Kendra, Azure, Cloudflare, Rovo
            r"google-cloudvertexbot|amazon-kendra|kendrabot|azureai-searchbot|cloudflare-autorag|atlassian-bot",
            # engines of before (Wikipedia's "List of search engines"), whose robots go by other names
            r"altavista|\bscooter[-/]|infoseek|stackrambler|\bteoma\b|openfind|\bgaisbot|lycos|inktomi|guruji|\bempas",
            # search that agents are the readers of (docs.tavily.com, docs.parallel.ai)
            r"\btavilybot\b|\bshapbot\b|\banomura\b|\bzanistabot\b|\bchannel3bot\b",
        ),
    ),
    (
        "assistant",
        (
            r"\bchatgpt-user\b|\bclaude-user\b|\bperplexity-?user\b|\bmistralai-user\b|\bamzn-user\b",
            # "user-initiated fetches of individual links"
            r"meta-externalfetcher",
            # DuckDuckGo (duckduckgo.com/duckduckgo-help-pages/results/duckassistbot): in real time, for one answer
            r"\bduckassistbot\b",
            # Google's list of user-triggered fetchers
            r"google-notebooklm|google-?agent\b|googleagent-|google-gemini-cli|gemini-deep-research",
            # agents that act for a person, whatever browser they drive
            r"\bmanus-user\b|\bdevin\b|\bnovaact\b|amazonbuyforme|bedrock-agentcore|\banchor browser\b",
            r"\btwinagent\b|\bkagi-fetcher\b|\bopencode\b|\btrae/|\blinkreader/|\bclaude-code\b|\bclaude-cli\b|\bcodex_cli",
            # the server for fetching that comes with the protocol (github.com/modelcontextprotocol/servers, src/fetch)
            r"\bmodelcontextprotocol/|\bmcp-server-fetch\b|\bbrowser-use\b",
        ),
    ),
    (
        "preview",
        (
            # the Facebook family, whose name Apple's Messages takes too when it shows a link; Pinterest
            r"facebookexternalhit|meta-externalhit|\bfacebot\b|\bpinterest(?:bot)?/",
            # Google+'s and Google's pictures of a page, and its app for messages (its list of user-triggered fetchers)
            r"\bgooglemessages\b|google web preview|googleimageproxy|developers\.google\.com/\+/web/snippet",
            # servers of the Fediverse fetch what their people link to
            r"\b(?:mastodon|pleroma|akkoma|misskey|friendica|lemmy|gotosocial|pixelfed)\b",
            # chats and networks that name no preview in their preview's name: KakaoTalk, Bluesky, Mattermost's server
            r"\bkakaotalk-scrap\b|\bbluesky cardyb\b|^mattermost-(?:\d|bot/)",
        ),
    ),
    (
        "monitor",
        (
            # Google's list: what the owner of a site has it look at
            r"google-inspectiontool|google-structured-data-testing-tool|chrome-lighthouse|googlestackdrivermonitoring",
            # Yandex (yandex.com/support/webmaster, "Yandex robots in server logs"): whether a page can be reached, is
            # marked up rightly, and belongs to whom it should
            r"\byandex(?:accessibilitybot|webmaster|pagechecker|sitelinks)\b",
            r"\bgooglehc/|\belb-healthchecker\b|\bkube-probe/|\bamazon-route53-health-check",
        ),
    ),
    (
        "other",
        (
            # Google's lists: research and development, push notifications, verification of sites, advertising
            r"googleother|apis-google|google-site-verification|google-safety|google-read-aloud|mediapartners-google",
            r"adsbot-google|googleproducer|google-certificates-bridge",
            # Yandex's and Baidu's robots for advertising, figures and calendars, as each names them
            r"\byandex(?:metrika|direct(?:dyn)?|adnet|partner|calendar)\b|\byadirectfetcher\b|\bbaiduspider-(?:ads|cpro)\b",
        ),
    ),
    (
        "tool",
        (
            # services and programs that fetch for whoever runs them
            r"\bapify|\bfirecrawl|\bcrawl4ai\b|\bappengine-google\b|\bsimplecrawler\b|\bphpcrawl\b",
            # programs that look for weaknesses; the services that scan the whole internet are none
            rf"\b(?:{SCANNING_PROGRAMS}|hydra|httpx - open-source)\b",
        ),
    ),
)

# The kinds of the list's tags, in the order that they are asked in: a text may name an index's spider beside what it
# comes for, "LinkedInBot/1.0 (...), libot/Nutch-1.9". The rest of the tags has none: seo advertising scanner archiver
# academic feed-reader. Of an entry with several tags, as few have, the first counts.
TAGS: dict[str, BotKind] = {
    "monitoring": "monitor",
    "social-preview": "preview",
    "ai-crawler": "training",
    "search-engine": "search",
    "http-library": "tool",
    "browser-automation": "tool",
}

# Words that programs of a kind are named with. OpenAI, Anthropic, Perplexity, Mistral and Amazon made "-User" the word
# for whoever comes on a user's behalf, and "-SearchBot" that for an index.
WORDS: tuple[tuple[BotKind, tuple[str, ...]], ...] = (
    ("assistant", (r"[a-z0-9]-user(?:$|[/ ;)])",)),
    # but not "research"; also as the name of the host or the product that a robot works for: "search.example.com",
    # "PicoSearch/1.0", in German "suchmaschine"
    (
        "search",
        (
            r"(?:^e?|[^e]|[^r]e)search-?(?:bot|engine|spider|crawler|indexer|robot)\b",
            r"(?:^|[^a-z])search\.[a-z]|(?:^|[^e]|[^r]e)search (?:engine|robot)\b|(?:^|[^a-z])such(?:maschine|bot)",
            r"(?:^|[^e]|[^r]e)search(?:/v?\d|\.(?:com|net|org|de|eu|ru|co|info)(?:$|[^a-z]))",
        ),
    ),
    (
        "training",
        (
            r"\b(?:llm|gpt|genai|ai)[-_ ]?(?:bot|crawler|spider|scraper|trainer)\b|training[-_ ]?data",
            r"datasets?[-_ ]?(?:bot|crawl|spider|scrap|download|fetch)",
        ),
    ),
    (
        "preview",
        (
            r"(?:link|url|page|site|web|rich ?link)[-_ ]?preview|preview(?:er|bot)?/|unfurl|link[-_ ]?expan|onebox",
            r"open-?graph|oembed|embedly|iframely|thumbnail|screenshot|favicon|image[-_ ]?proxy|^whatsapp\b",
        ),
    ),
    (
        "monitor",
        (
            *MONITORS,
            r"uptime|pa11y|axe-core|health[- ]?check|synthetics?(?:$|[^a-z])",
            (
                r"[a-z][ -]?monitor(?:ing)?(?:$|[^a-z])|(?:link|site|page|url|uri|domain|dns|ssl|tls|http|css|html"
                r"|status|availability)[-_ ]?(?:check|valid|monitor|prob|watch|test)"
            ),
            r"heartbeat|\bprometheus/|\bgrafana|\btelegraf|blackbox",
        ),
    ),
)
# A bot by its own name that says no more is no tool, whatever library it speaks through.
NAMED_BOTS = r"[a-z]{2}(?:bot|crawler|spider)(?:$|[/;) ])"
TOOLS: tuple[str, ...] = (
    # browsers without a person, and what drives them
    (
        r"headless|phantomjs|slimerjs|casperjs|puppeteer|playwright|selenium|webdriver|cypress|htmlunit|mechanize"
        r"|jsdom|prerender|rendertron|scrapy|\bcolly\b"
    ),
    # clients, libraries and runtimes that speak HTTP or what runs over it
    (
        r"\b(?:lib|py|php-?)?curl|wget|httpie|postman|insomnia|powershell|\baria2|\brclone|\baxel/|\blftp|apachebench|jmeter|gatling"
        r"|\bk6/|\bwrk|\bsiege/|\blocust|\bvegeta|artillery|\bhey/"
    ),
    (
        r"http[-_ ]?(?:client|unit|request|kit|core|url)|(?:rest|web|api|feign|soap)[-_ ]?client"
        r"|\bhttpx?[-/.]?(?:rb|go)?/|-http(?:$|[/ ;-])|urllib|libwww|\blwp\b|okhttp|retrofit|guzzle|axios|node-fetch"
        r"|undici|superagent|\bgot[ /(]|needle/|reqwest|hyper/|\bureq/|aiohttp|restsharp|unirest|faraday|typhoeus"
        r"|(?:requests|niquests)/\d|\bktor\b|\bbruno-runtime|cpprest|winhttp|wininet|reactornetty|\bnetty|vert\.x|akka-|pekko|jersey|cxf/|axis2?/"
        r"|\bspring[-/]|\bgrpc|thrift|connect-(?:go|es)|zend_http|symfony|snoopy|fasthttp|resty|httr|cohttp|dart:io"
    ),
    # SDKs say what language they are written in: OpenAI/JS, twilio-python/7.1
    (
        r"[/._-](?:python|py|js|javascript|typescript|go|golang|java|kotlin|ruby|rb|php|node|nodejs|rust|rs|dotnet"
        r"|csharp|cpp|swift|dart|scala|perl)(?:$|[/ ]v?\d)|bindings/\d"
    ),
    r"\b(?:aws-sdk|aws-cli|boto3?|botocore|azsdk|google-api|google-cloud-sdk|gcloud|minio|s3fs|[a-z0-9]*-?sdk)\b",
    (
        r"^(?:java|ruby|perl|php|python|go|dart|elixir|erlang|lua|tcl|swift|deno|bun|node(?:\.js)?|r|julia)"
        r"(?:$|[/ ;(-])"
    ),
    (
        r"^(?:git|pip|uv|xh|npm|yarn|pnpm|docker|containerd|helm|terraform|cargo|composer|debian apt-http|libdnf"
        r"|homebrew)[/ (]"
    ),
    r"httrack|sitesucker|webcopier|webzip|offline ?explorer|teleport ?pro",
)


_ESCAPED_OR_NOT = re.compile(r"\\.|[^\\]+")
_SHORT_NAME = re.compile(r"\w(?!.*[a-z]{7})")


class BotKinds:
    """Tells kinds by one matcher, asked only for bots. ``crawlers``: the published list."""

    def __init__(self, crawlers: Iterable[Crawler]) -> None:
        self._rules = matcher(_rules(crawlers))

    def kind_of(self, text: str) -> BotKind:
        """The kind that a bot's text says, ``other`` where it says none. The text holds no lone surrogates."""
        rule: Any = self._rules.extract(text.lower())
        return cast(BotKind, rule.family) if rule else "other"


def _rules(crawlers: Iterable[Crawler]) -> Iterator[tuple[str, BotKind]]:
    """The first that matches counts: names, purposes, and only then what a program was made with."""
    yield from _all(VENDORS)
    *purposes, tools = _listed(crawlers)
    yield from _all(purposes)
    yield from _all(WORDS)
    yield NAMED_BOTS, "other"
    yield from _all([tools])
    yield from _all([("tool", TOOLS)])


def _all(rules: Iterable[tuple[BotKind, Iterable[str]]]) -> Iterator[tuple[str, BotKind]]:
    return ((pattern, kind) for kind, patterns in rules for pattern in patterns)


def _listed(crawlers: Iterable[Crawler]) -> list[tuple[BotKind, list[str]]]:
    """The published names of each kind, ``tool`` last. Short ones, RED or Buck, are parts of words: they begin one."""
    names: dict[BotKind, tuple[list[str], list[str]]] = {kind: ([], []) for kind in TAGS.values()}
    for crawler in crawlers:
        kind = TAGS.get(crawler.tags[0]) if crawler.tags else None
        if kind:
            name = _in_small_letters(crawler.pattern)
            names[kind][bool(_SHORT_NAME.match(name))].append(name)
    return [
        (kind, [*joined(long, NAMES_A_RULE), *(rf"\b(?:{some})" for some in joined(short, NAMES_A_RULE))])
        for kind, (long, short) in names.items()
    ]


def _in_small_letters(pattern: str) -> str:
    return _ESCAPED_OR_NOT.sub(lambda found: found[0] if found[0].startswith("\\") else found[0].lower(), pattern)
