"""What a header says about a site's languages, whatever the header: scripts, places and laws."""

import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from itertools import permutations
from pathlib import Path
from string import ascii_lowercase
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.core.languages.accept_language import MEMBERS_MAX
from service.core.languages.distance import THRESHOLD, locale_distance
from service.core.languages.matching import LanguageMatcher
from service.core.languages.preference import Preference
from service.core.languages.tags import Locale, canonical_tag

TABLES = load_languages()


@cache
def _matcher(*languages: str) -> LanguageMatcher:
    return LanguageMatcher(languages, languages[0], TABLES)


def _prefer(header: str, *languages: str) -> Preference:
    return _matcher(*languages).prefer(header)


def _scripts() -> dict[str, list[str]]:
    """Every language that CLDR writes in several scripts: by its likely subtags, its countries or its distances."""
    scripts: dict[str, set[str]] = {}
    for key, locale in TABLES.tags.likely.items():
        if key.partition("-")[0] == locale.language:
            scripts.setdefault(locale.language, set()).add(locale.script)
    for row in TABLES.speakers.values():
        for one in row:
            if one.tag.script:
                scripts.setdefault(one.tag.language, set()).add(one.tag.script)
    for (desired, offered), pairs in TABLES.distances.scripts.items():
        if desired == offered:
            scripts.setdefault(desired, set()).update(script for pair in pairs for script in pair)
    return {language: sorted(names) for language, names in scripts.items() if len(names) > 1}


SCRIPTS = _scripts()
PAIRS = [(language, *pair) for language, names in sorted(SCRIPTS.items()) for pair in permutations(names, 2)]
LATER = ["", ";q=0.9"]


def _reads(language: str, script: str, other: str) -> bool:
    one, two = Locale(language, script, ""), Locale(language, other, "")
    return locale_distance(one, two, TABLES.distances) < THRESHOLD


def test_there_are_many_such_languages() -> None:
    assert len(PAIRS) > 150
    assert {("zh", "Hant", "Hans"), ("pa", "Arab", "Guru"), ("bs", "Cyrl", "Latn")} <= set(PAIRS)
    assert sum(_reads(*pair) for pair in PAIRS) > 20


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize(("language", "script", "other"), PAIRS)
def test_a_site_in_another_script_serves_only_who_reads_it(language: str, script: str, other: str, later: str) -> None:
    """Also when the language stands bare behind, as browsers write; in any country, and before any later range."""
    default, second = "el", "th"  # near to none of them
    matcher = _matcher(default, f"{language}-{other}", second)
    countries = [None, *sorted(country for country, row in TABLES.speakers.items() if language in str(row))]
    for header in (f"{language}-{script}{later}", f"{language}-{script},{language}{later}"):
        preference = matcher.prefer(header)
        wishing_more = matcher.prefer(f"{header},{second};q=0.1")
        if _reads(language, script, other):
            assert matcher.languages[preference.matches[0].language] == f"{language}-{other}"
            continue
        assert preference.matches == ()
        assert preference.unread == {1}
        assert matcher.languages[wishing_more.matches[0].language] == second
        for country in countries:
            assert matcher.decide(preference, None, country, "ip").tag != f"{language}-{other}"
            assert matcher.decide(wishing_more, None, country, "ip").tag == second


@pytest.mark.parametrize(
    ("language", "country"), [(one, two) for one, row in TABLES.local_scripts.items() for two in row]
)
def test_a_bare_range_is_in_the_script_of_the_place(language: str, country: str) -> None:
    """For every language and country where CLDR has another script at home, on a site that has both; not elsewhere."""
    here, usual = TABLES.local_scripts[language][country], TABLES.tags.likely[language].script
    matcher = _matcher("en", f"{language}-{usual}", f"{language}-{here}")
    preference = matcher.prefer(language)
    assert matcher.decide(preference, None, country, "edge").tag == f"{language}-{here}"
    assert matcher.decide(preference, None, "JP", "edge").tag == f"{language}-{usual}"
    assert matcher.decide(preference, None, None, None).tag == f"{language}-{usual}"
    assert matcher.decide(preference, None, country, "edge").confidence < 1


def test_a_place_changes_only_what_a_header_leaves_open() -> None:
    both = ("en", "zh-Hans", "zh-Hant")
    assert [sorted(countries) for countries, _ in _prefer("zh,en", *both).local] != []
    for header in ("zh-TW,zh", "zh-Hans", "en", "", "ja,*", "zh-Hans-x,zh"):
        assert _prefer(header, *both).local == ()
    assert _prefer("zh,en", "en", "zh-Hans").local == ()


def test_few_languages_are_settled_by_place_and_few_ways() -> None:
    """However many a header leaves open: each may double the work."""
    languages = ("en", *(f"{one}-{script}" for one in TABLES.local_scripts for script in SCRIPTS[one]))
    preference = _prefer(",".join(TABLES.local_scripts), *languages)
    assert 0 < len(preference.local) <= 16
    countries = [country for countries, _ in preference.local for country in countries]
    assert len(countries) == len(set(countries))
    assert all(there.local == () for _, there in preference.local)


def _calls(work: Callable[[], object]) -> Counter[str]:
    """How often the functions of the service are called during some work, by their names."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and "/service/" in frame.f_code.co_filename:
            calls[frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


MANY_SCRIPTS = ("en", *(f"{one}-{script}" for one in sorted(TABLES.local_scripts) for script in SCRIPTS[one]))
LETTERS = [one + other for one in ascii_lowercase for other in ascii_lowercase]


@pytest.mark.parametrize(
    "end", ["", "-", "--", "-x", "-u-", "-é", "-latn-", "-abcde-", "-1996", "-a-b", "-u-co", ";q=0", "-;q=0"]
)
@pytest.mark.parametrize("start", ["", "zh-", "kk-u-", "sgn-", "sh-", "und-", "en-x-"])
@pytest.mark.parametrize(
    "head", ["", "*;q=0,zh,kk,ku", "en;q=0,*;q=0,zh-u-co,kk-u-co,ku-u-co", "zh-Hant,kk-Arab,ku-Arab"]
)
def test_what_a_header_costs_is_linear_in_its_members_whatever_the_site(head: str, start: str, end: str) -> None:
    """However many scripts and places there are, each is read and measured once; and of many members few are.

    Twice where a range is bare and more than its language: that it has the script told before is known once it is read.
    """
    header = ",".join([*filter(None, [head]), *(f"{start}{letters}{end}" for letters in LETTERS)])[:1024]
    times = 2 if start == "kk-u-" else 1
    for matcher in (_matcher("en", "de"), _matcher(*MANY_SCRIPTS)):
        matcher.forget()
        calls = _calls(partial(matcher.prefer, header))
        assert calls["range_tag"] + calls["canonical_tag"] > 0
        assert calls["_parse_start"] <= calls["range_tag"] + calls["canonical_tag"] <= times * MEMBERS_MAX
        assert calls["_nearest"] <= times * MEMBERS_MAX
        assert calls["ruled_out"] <= 1
        assert calls["_rank"] <= 1 + 16
        assert calls["names"] <= calls["_rank"]


def test_whom_icu_serves_we_serve_with_the_same() -> None:
    """At least 97 in 100 of random lists that ICU4C 78.3's LocaleMatcher was asked about (CLDR 48 as well).

    A line is ``desired | supported | its answer``, ``-`` for none. Where we differ, a bare language has the script that
    was told before it, or something far serves late in a list, where ICU has given up.
    """
    lines = Path(__file__).with_name("icu_matches.txt").read_text().splitlines()
    differing = []
    for line in lines:
        desired, supported, answer = (field.split(", ") for field in line.split(" | "))
        matches = _prefer(",".join(desired), *supported).matches
        answered = supported[matches[0].language] if matches else "-"
        if canonical_tag(answer[0], TABLES.tags) != canonical_tag(answered, TABLES.tags):  # of tl and fil the one asked
            differing.append(line)
            script_told = any(two.startswith(f"{one}-") for one in desired for two in desired)
            assert script_told or (answer == ["-"] and matches[0].distance + 5 * matches[0].range_index >= THRESHOLD), (
                line
            )
    assert len(lines) == 400
    assert 0 < len(differing) <= 12


TAGS = ["en", "en-GB", "en-US", "de", "de-CH", "fr", "pt", "pt-BR", "pt-PT", "es", "es-419", "zh-Hans", "zh-Hant", "zh-HK",
        "sr", "sr-Latn", "nb", "nn", "no", "hi", "hi-Latn", "uz-Arab", "uz"]  # fmt: skip
RANGES = [*TAGS, "en-AU", "de-AT", "gsw", "fr-CA", "pt-AO", "es-MX", "zh-TW", "zh-MO", "sr-ME", "da", "uz-AF", "ta", "xx",
          "zh", "en-GB-oed1234567890", "de-1996-1996", "fr-u-", "english", "*"]  # fmt: skip
sites = st.lists(st.sampled_from(TAGS), min_size=1, max_size=8, unique=True)
members = st.builds(str.__add__, st.sampled_from(RANGES), st.sampled_from(["", ";q=0.9", ";q=0.5", ";q=0"]))
headers = st.lists(members, max_size=6).map(",".join)


@given(sites, headers | st.text(alphabet="aezhn-_x1,;q=0.5* é", max_size=200) | st.text(max_size=60))
def test_any_header_is_read(languages: list[str], header: str) -> None:
    preference = _prefer(header, *languages)
    for _, one in [(frozenset(), preference), *preference.local]:
        named = [match.language for match in one.matches]
        assert len(set(named)) == len(named)
        assert set(named).isdisjoint(one.excluded | one.unread)
        assert one.unread | one.excluded <= set(range(len(languages)))
        assert all(0 <= match.distance < THRESHOLD for match in one.matches)


@given(st.data(), sites, headers)
def test_the_sites_order_settles_ties_alone(data: st.DataObject, languages: list[str], header: str) -> None:
    """However a site lists its languages the same wish is served, as nearly; by the same language if one is nearest."""
    one = _prefer(header, *languages)
    shuffled = data.draw(st.permutations(languages))
    other = _prefer(header, *shuffled)
    assert [(match.range_index, match.distance) for match in one.matches[:1]] == [
        (match.range_index, match.distance) for match in other.matches[:1]
    ]
    assert {languages[index] for index in one.unread} == {shuffled[index] for index in other.unread}
    assert {languages[index] for index in one.excluded} == {shuffled[index] for index in other.excluded}
    if one.certain:
        assert other.certain
        assert languages[one.matches[0].language] == shuffled[other.matches[0].language]


@given(sites, headers, st.sampled_from(TAGS))
def test_a_language_more_never_makes_an_answer_worse(languages: list[str], header: str, more: str) -> None:
    """A site that adds a language serves whom it served, by the same wish as nearly, or by a better one."""
    before, after = _prefer(header, *languages), _prefer(header, *dict.fromkeys([*languages, more]))
    if before.matches and not before.excluded:
        assert after.matches
        if after.matches[0].range_index == before.matches[0].range_index:
            assert after.matches[0].distance <= before.matches[0].distance
        else:
            assert languages[before.matches[0].language] != after.matches[0].language
