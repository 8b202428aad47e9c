"""Texts of one form: no rule tells them apart, which is proved from the rules, and the look-up says the same of all."""

import json
import re
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ua_parser.loaders import load_lazy_builtins

from service.adapters.user_agent import bot_kinds, bots, device_patterns, lookup
from service.adapters.user_agent.known_forms import PATTERNS, PROVED, digest, form_of, has_form
from service.adapters.user_agent.published_crawlers import published_crawlers
from service.adapters.user_agent.rule_matcher import of_ascii, uncaptured
from tests.adapters.user_agent.automata import DIGITS, Automaton, Walk, signs

LOOKUP = lookup.UserAgentLookup()
OWN = Path(__file__).parents[2] / "conformance" / "own"
# What user-agents' labels look for in a text, and ``lookup`` itself.
LABELS = "Mobile Safari|J2ME|MIDP|iPhone;|Googlebot-Mobile|NokiaBrowser|Mobile|Windows NT|Silk|Maemo|Linux|X11|Touch"
LITERALS = r"iPad|Android 3\.|dpi; |density=|Mobi|Safari/"


def rules():
    """Every pattern that is asked of a text, whether its groups tell something, and whether it is asked in small."""
    agents, systems, devices = map(list, load_lazy_builtins())
    crawlers = published_crawlers()
    for system in systems:
        yield uncaptured(system.regex, kept=3), True, False
    for pattern, family in lookup._browser_rules(agents):
        yield pattern, "$1" in family, False
    people = *bots.patterns.NOT_BOTS, *bots.HELD_PROGRAMS, *bots.patterns.ALONE_PEOPLE
    alone = *people, *bots.patterns.ALONE_BOT_SHAPES, *bots.patterns.LEFT_TO_PEOPLE
    for pattern in (*(pattern for pattern, _ in bots._rules(crawlers, devices)), *alone):
        yield pattern, False, False
    for pattern, _ in bot_kinds._rules(crawlers):
        yield pattern, False, True
    tables = (
        device_patterns.KINDS,
        device_patterns.ALONE,
        device_patterns.SYSTEM_TOKENS,
        device_patterns.SYSTEM_TOKENS_LAST,
    )
    for table in tables:
        yield from ((pattern, False, False) for pattern, _ in lookup._flat(table))
    yield from ((pattern, False, False) for pattern in (device_patterns.IN_APP, LABELS, LITERALS))
    for pattern in (lookup._MODEL, lookup._SCREEN, bots._BUILT_MODEL):
        yield pattern.pattern, True, False
    yield f"^(?:{bots._NAME_FIRST.pattern})", False, False


@cache
def grammar(pattern):
    return Automaton(re.sub(r"\{1,160\}", "+", pattern))  # more texts, and fewer states


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_rule_reads_what_a_form_leaves_out(pattern, number):
    """Not the last product of one letter; of the digits of versions none is told from another, nor taken out.

    Models need no walk: they are cut out of the parentheses, which a form leaves as they are.
    """
    for rule, told, in_small in islice(rules(), number, None, 8):
        walk = Walk(Automaton(of_ascii(rule)), grammar(pattern), in_small=in_small)
        assert not list(walk.reads("last")), rule
        for group, alike in (("first", DIGITS & ~signs("0")), ("digits", DIGITS)):
            for read, captured in walk.reads(group):
                assert read & alike in (0, alike), rule
                assert not (told and captured), rule


def test_the_walk_finds_what_is_read():
    """Rules that read a part of the grammar's text are found, however they are written, and others are not."""
    text = Automaton(r"Some \([ -'*-~]+\) Name/(?P<digits>[0-9.]+)(?: x/(?P<last>[0-9a-f]+))?")
    reading = (
        r"Name/1",
        r"e/[0-5]",
        r"Some.*4\.0",
        r"(?i)name/.?7",
        r"\d{2}8(?:$| )",
        r"(?:^| )Name/(?=4)\d",
        r"/(?!4)\d",
    )
    for rule in reading:
        assert any(read & DIGITS not in (0, DIGITS) for read, _ in Walk(Automaton(rule), text).reads("digits")), rule
    for rule in (r"Name/\d", r"360SE", r"^4", r"\(.*4\)", r"Name/[\d.]+ y", r"Other/4"):
        assert all(read & DIGITS in (0, DIGITS) for read, _ in Walk(Automaton(rule), text).reads("digits")), rule
    for rule in (r"x/\d", r"[a-f]$", r"bada$", r"(?i)\) NAME.*E$", r"\w$"):
        assert list(Walk(Automaton(rule), text).reads("last")), rule
    assert any(captured for _, captured in Walk(Automaton(r"Name/(\d+)"), text).reads("digits"))
    assert list(Walk(Automaton("name/4"), text, in_small=True).reads("digits"))


def test_the_proof_is_of_the_rules_that_are_installed():
    """With another edition of others' rules no text has a form: when the proof holds of it, its digest is written down."""
    agents, systems, devices = map(list, load_lazy_builtins())
    assert digest(systems, agents, bots.spiders_of(devices), published_crawlers()) == PROVED
    assert LOOKUP._is_proved


def test_without_a_proof_every_text_is_looked_at():
    """And nothing of it is kept."""
    unproved = lookup.UserAgentLookup(proved="of other rules")
    text = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    assert unproved.look_up(text, "", "", "", "") == LOOKUP.look_up(text, "", "", "", "")
    assert unproved._cached.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.59 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/999.9.9999.99 Mobile Safari/537.36",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/141.0.12.3 q/18f-3",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/999.9.9.9 Safari/999.99 Edg/999.9.99.9 x/0",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        ),
    ],
)
def test_forms(text, form):
    """Versions from Chrome's on are nines, but for the engine's at the end; a form is a form of its own."""
    assert has_form(text)
    assert form_of(text) == form
    assert has_form(form)
    assert form_of(form) == form


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Example/1.0",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/0.9 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 MyName/1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 x/y",
        "Mozilla/5.0 (X11; \xe9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0" + " Mobile" * 80,
        f"Mozilla/5.0 ({'K' * 161}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ],
)
def test_unusual_texts_have_no_form(text):
    """Words that are no browser's, letters beyond ASCII, long systems: such a text is looked at, and not kept."""
    assert not has_form(text)
    before = LOOKUP._cached.cache_info().currsize
    LOOKUP.look_up(text, "", "", "", "")
    assert LOOKUP._cached.cache_info().currsize == before


def changed(text, number):
    """The same text with other versions, another build, and a last product."""
    yield re.sub(r"(?<=[a-z]/)[1-9]\d*(?:\.\d+)*", lambda found: re.sub(r"\d", str(number % 9 + 1), found[0]), text)
    yield re.sub(r"(?<=Chrome/)\d+", str(100 + number % 60), text)
    yield re.sub(r"(?<=Build/)[A-Z0-9]+", f"UP1A{number % 10}", text)
    yield re.sub(r"(?<= OS )(\d+)_\d", rf"\g<1>_{number % 10}", text)
    yield f"{text} x/{number * 7919:x}-{number:x}"
    yield f"{text} {'abcQZ'[number % 5]}/{number * 104729:x}"
    yield f"{text} Mobile GSA/{number}.0"


def test_what_is_found_is_what_a_careful_look_finds():
    """Of every text of the own sets, and of each with other versions, builds and endings."""
    with_form = 0
    for file in ("browsers", "devices", "bots"):
        for number, line in enumerate((OWN / f"{file}.jsonl").read_text().splitlines()):
            case = json.loads(line)
            text = case["ua"]
            for other in (text, *changed(text, number)):
                if has_form(other):
                    with_form += 1
                    assert LOOKUP._cached(form_of(other)) == LOOKUP.find(other), other
    assert with_form > 1000


SYSTEMS = st.sampled_from((
    "Linux; Android 10; K", "Linux; Android 13; SM-T870 Build/RP1A.200720.012; wv", "Windows NT 10.0; Win64; x64",
    "X11; CrOS x86_64 14541.0.0", "iPhone; CPU iPhone OS 18_5 like Mac OS X", "BB10; Touch", "Obigo", "ArcGIS.iOS-1.2",
    "Linux; Android 9; density=2.0, width=1280, height=800", "compatible; MSIE 9.0; Windows NT 6.1", "iPad; U; S60",
)) | st.text("aA1 ;._/Tb9-", min_size=1, max_size=24)  # fmt: skip
NAMES = st.sampled_from(
    ("Chrome", "Safari", "Version", "Mobile", "OPR", "Edg", "CriOS", "SamsungBrowser", "Firefox", "x", "v")
)
PRODUCTS = st.lists(
    st.tuples(NAMES, st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,4}){0,3}|[0-9a-f-]{1,8}", fullmatch=True)), max_size=6
)


@settings(max_examples=400, deadline=None)
@given(SYSTEMS, PRODUCTS, st.sampled_from((" Mobile", "")), st.sampled_from((" Safari/537.36", "")))
@example("Obigo", [("x", "1")], "", "")
def test_texts_of_one_form_are_one(system, products, mobile, end):
    """Any text and one with other digits where its form has nines: what is found of them is the same."""
    named = "".join(f" {name}/{version}" for name, version in products)
    text = f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko){named}{mobile}{end}"
    if has_form(text):
        assert has_form(form_of(text))
        assert form_of(form_of(text)) == form_of(text)
        assert LOOKUP.find(text) == LOOKUP.find(form_of(text))


@pytest.mark.parametrize(
    "system", ["Linux; Chrome; Android 6.0; Nexus 5", "X; Chrome; CPU OS 12_4 like Mac OS X", "a Chrome 5"]
)
@pytest.mark.parametrize(
    "browser",
    [
        "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30",
    ],
)
def test_a_browsers_name_among_the_systems_words_is_one_of_them(system, browser):
    text = f"Mozilla/5.0 ({system}) {browser}"
    assert has_form(text)
    assert f"({system})" in form_of(text)
    assert LOOKUP.find(text) == LOOKUP.find(form_of(text))
