"""What bots come for: by the names and purposes that their vendors document, and by the words that programs are named with."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.user_agent.bot_kinds import NAMED_BOTS, TOOLS, VENDORS, WORDS, BotKinds
from service.adapters.user_agent.lookup import UserAgentLookup
from service.adapters.user_agent.published_crawlers import published_crawlers
from service.core.device import BOT_KINDS, BotKind

LOOKUP = UserAgentLookup()
KINDS = BotKinds(published_crawlers())
WEBKIT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; "
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def kind(user_agent: str, brands: str = "") -> BotKind | None:
    return LOOKUP.look_up(user_agent, brands, "", "", "").bot_kind


# As each vendor writes it on the page about its bots.
DOCUMENTED: dict[str, tuple[str, ...]] = {
    "search": (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
        f"{WEBKIT}OAI-SearchBot/1.0; +https://openai.com/searchbot)",
        f"{WEBKIT}Claude-SearchBot/1.0; +https://www.anthropic.com)",
        f"{WEBKIT}PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
        f"{WEBKIT}Amzn-SearchBot/0.1) Chrome/119.0.6045.214 Safari/537.36",
        "meta-webindexer/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 "
            "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"
        ),
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        f"{WEBKIT}Google-CloudVertexBot; +https://cloud.google.com/enterprise-search)",
    ),
    "assistant": (
        f"{WEBKIT}ChatGPT-User/1.0; +https://openai.com/bot",
        f"{WEBKIT}Claude-User/1.0; +Claude-User@anthropic.com)",
        f"{WEBKIT}Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
        f"{WEBKIT}MistralAI-User/1.0; +https://docs.mistral.ai/robots)",
        f"{WEBKIT}Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36",
        "DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)",
        "meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "Mozilla/5.0 (compatible; Google-NotebookLM; +https://notebooklm.google.com/)",
        "ModelContextProtocol/1.0 (User-Specified; +https://github.com/modelcontextprotocol/servers)",
        "codex_cli_rs/0.60.1 (Mac OS 15.1.0; arm64) iTerm.app",
    ),
    "training": (
        f"{WEBKIT}GPTBot/1.2; +https://openai.com/gptbot)",
        f"{WEBKIT}ClaudeBot/1.0; +claudebot@anthropic.com)",
        "CCBot/2.0 (https://commoncrawl.org/faq/)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        (
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; "
            "Bytespider; spider-feedback@bytedance.com)"
        ),
        f"{WEBKIT}Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
        "Mozilla/5.0 (compatible; AI2Bot/1.0; +https://www.allenai.org/crawler)",
        "cohere-training-data-crawler/1.0",
        "omgili/0.5 +http://omgili.com",
    ),
    "preview": (
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Twitterbot/1.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "TelegramBot (like TwitterBot)",
        "WhatsApp/2.23.20.0",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
        "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
        "Iframely/1.3.1 (+https://iframely.com/docs/about)",
        "http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.example/)",
        "GoogleMessages",
    ),
    "monitor": (
        "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) StatusCake",
        "Mozilla/5.0 (compatible; Site24x7; +https://www.site24x7.com)",
        f"{CHROME} DatadogSynthetics",
        f"{CHROME} NewRelicSynthetics/1.0",
        "Checkly/1.0 (https://www.checklyhq.com)",
        "Better Uptime Bot Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        f"{CHROME} Chrome-Lighthouse",
        f"{CHROME} GTmetrix",
        "W3C_Validator/1.3 http://validator.w3.org/services",
        "GoogleHC/1.0",
        "kube-probe/1.29",
        "Mozilla/5.0 (compatible; YandexAccessibilityBot/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; YandexPagechecker/1.0; +http://yandex.com/bots)",
        "Consul Health Check",
        f"{CHROME} DebugBear",
        "Mozilla/5.0 (compatible; Uptrends; +https://www.uptrends.com)",
        "pa11y/6.2.3",
    ),
    "tool": (
        "curl/8.5.0",
        "Wget/1.21.4",
        "python-requests/2.32.3",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "axios/1.7.2",
        "grpc-go/1.64.0",
        "aws-sdk-java/2.25.60 Linux/5.10",
        "Deno/1.44.0",
        "PostmanRuntime/7.39.0",
        CHROME.replace("Chrome", "HeadlessChrome"),
        "Scrapy/2.11.2 (+https://scrapy.org)",
        "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
        "sqlmap/1.7.8#stable (https://sqlmap.org)",
        "Mozilla/5.0 (compatible; w3af.org)",
        "Mozilla/5.0 (X11; Linux x86_64) Burp Suite Professional",
        "ktor-client",
        "niquests/3.15.2",
        "uv/0.9.1",
    ),
    "other": (
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
        "AdsBot-Google (+http://www.google.com/adsbot.html)",
        "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
        "Feedfetcher-Google; (+http://www.google.com/feedfetcher.html)",
        "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
        "Mozilla/5.0 (compatible; YandexMetrika/2.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; YandexDirect/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; YaDirectFetcher/1.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; Baiduspider-ads; +http://www.baidu.com/search/spider.html)",
        "GoogleOther",
        "Mozilla/5.0 (compatible; Unheardofbot/1.0; +https://unheard.example/)",
    ),
}


@pytest.mark.parametrize(
    ("expected", "user_agent"), [(kind, text) for kind, texts in DOCUMENTED.items() for text in texts]
)
def test_vendors_bots_come_for_what_their_vendors_say(expected: str, user_agent: str) -> None:
    """By the text alone, and each is a bot to begin with."""
    assert kind(user_agent) == expected


def test_every_kind_is_reached() -> None:
    """No word of the vocabulary waits for a bot that cannot come."""
    assert DOCUMENTED.keys() == {*BOT_KINDS}


@pytest.mark.parametrize(
    ("expected", "user_agent"),
    [
        ("assistant", f"{WEBKIT}Unheardof-User/1.0; +https://unheard.example/)"),
        ("search", f"{WEBKIT}Unheardof-SearchBot/1.0; +https://unheard.example/)"),
        ("training", "unheard-llm-crawler/0.1 (+https://unheard.example/)"),
        ("training", "unheard-dataset-crawler/0.1 (+https://unheard.example/)"),
        ("other", "unheard-dataset-sync/2"),
        ("preview", "UnheardLinkPreview/2.0 (bot; +https://unheard.example/)"),
        ("monitor", "Unheard Uptime Monitor/1.0 (+https://unheard.example/)"),
        ("tool", "unheard-http-client/1.0"),
        ("tool", "unheard-api-python/7.1"),
    ],
)
def test_a_bot_that_nobody_listed_has_the_kind_that_it_is_named_with(expected: str, user_agent: str) -> None:
    """The endings that vendors agreed on, and the plain words for what a program does."""
    assert kind(user_agent) == expected


@given(st.text("abcdelnorsv", max_size=8), st.sampled_from(["engine", "bot", "spider", "crawler", "indexer"]))
def test_a_search_is_one_behind_any_letters_but_those_of_research(before: str, program: str) -> None:
    """`livesearch-bot` searches; a research bot, whatever it is named with, does not."""
    is_search = KINDS.kind_of(f"{before}search-{program}/1.0") == "search"
    assert is_search == (not before.endswith("re"))


@pytest.mark.parametrize(
    ("expected", "user_agent"),
    [
        ("monitor", CHROME.replace("Chrome", "HeadlessChrome") + " DatadogSynthetics"),
        ("preview", "http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.example/)"),
        ("training", "python-requests/2.32 GPTBot/1.2"),
        ("other", "python-requests/2.32 Unheardofbot/1.0"),
    ],
)
def test_what_a_bot_is_for_beats_what_it_was_made_with(expected: str, user_agent: str) -> None:
    """A library or a driven browser is a kind only of whoever says nothing else."""
    assert kind(user_agent) == expected


@pytest.mark.parametrize("text", [text for texts in DOCUMENTED.values() for text in texts])
def test_a_kind_does_not_hang_on_the_case_of_letters(text: str) -> None:
    """People retype names as they like."""
    assert KINDS.kind_of(text.lower()) == KINDS.kind_of(text.upper()) == KINDS.kind_of(text)


def test_short_names_of_the_list_begin_a_word() -> None:
    """`RED/` is a monitor; whatever is shared is none."""
    assert (KINDS.kind_of("RED/1"), KINDS.kind_of("unshared/1 thing")) == ("monitor", "other")


def test_patterns_are_in_small_letters() -> None:
    """As is the text that they meet; else they could not."""
    own = [pattern for table in (VENDORS, WORDS) for _, patterns in table for pattern in patterns]
    assert [pattern for pattern in (*own, NAMED_BOTS, *TOOLS) if pattern != pattern.lower()] == []


def test_a_browser_that_a_program_drives_is_a_tool() -> None:
    """Also where only its client hints say so."""
    assert kind(CHROME, brands='"HeadlessChrome";v="142", "Chromium";v="142"') == "tool"


@pytest.mark.parametrize(
    "user_agent", [CHROME, "", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"]
)
def test_people_have_no_kind(user_agent: str) -> None:
    """Nor has nothing."""
    assert kind(user_agent) is None


@given(st.text(st.characters(codec="utf-8"), max_size=256), st.sampled_from(sorted(DOCUMENTED)))
def test_any_text_has_a_kind_of_the_closed_set(text: str, said: str) -> None:
    """Whatever stands around a bot's name, what is told of it is one of our words and nothing of its own."""
    assert KINDS.kind_of(text) in BOT_KINDS
    assert KINDS.kind_of(f"{text} {DOCUMENTED[said][0]}") in BOT_KINDS
    assert cast(str, KINDS.kind_of(DOCUMENTED[said][0])) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NameBot/1.0 (+http://search.example.com/bot.html)", "search"),
        ("NameSearch/1.0", "search"),
        ("NameBot/2.1 (Some Search Engine bot; http://example.org)", "search"),
        ("namebot/1.0 (+http://www.such-example.de; suchmaschine)", "search"),
        ("Scooter/3.3", "search"),
        ("research/1.0 (+https://example.org)", "other"),
        ("NameBot/1.0 (+https://research.example.com)", "other"),
        ("mattermost-5.27.0", "preview"),
        ("Mattermost-Bot/1.1", "preview"),
        ("Xymon xymonnet/4.3.12", "monitor"),
    ],
)
def test_what_a_robot_works_for_tells_its_kind(text: str, expected: str) -> None:
    """An engine by the host or the product of its name, where "research" is none; a server that shows links; a monitor."""
    assert kind(text) == expected
