"""The language a visit is answered in: the own choice, then the header, then the country, then the default."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.core.languages.distance import DEMOTION
from service.core.languages.matching import ALTERNATIVES_MAX, Candidate, Language, LanguageMatcher
from service.core.languages.prior import Learned

TABLES = load_languages()
DEMO = ("en", "de", "de-CH", "fr", "it", "es", "pt-BR", "ja", "zh-Hans", "zh-Hant", "ar")
MATCHERS = {
    languages: LanguageMatcher(languages, languages[0], TABLES)
    for languages in (DEMO, ("fr", "en-GB", "en", "es-419", "nn", "iw"), ("zh-CN", "sr-Latn", "x-bork"), ("en",))
}
RANGES = ["en", "en-US", "en-GB", "de", "de-CH", "de-AT", "gsw", "fr-CA", "es-AR", "zh-TW", "zh-HK", "zh", "sr", "no",
          "iw", "pt-PT", "ta", "xx", "x-bork", "ja-Latn", "sr-Latn", "de-CH-x", "zh-Hans-oddities", "en-1-u"]  # fmt: skip


def _answer(
    header: str | None = None,
    choice: str | None = None,
    country: str | None = None,
    languages: tuple[str, ...] = DEMO,
    default: str | None = None,
) -> Language:
    matcher = LanguageMatcher(languages, default or languages[0], TABLES)
    preference = None if header is None else matcher.prefer(header)
    return matcher.decide(preference, choice, country, "ip" if country else None)


def _tags(language: Language) -> list[str]:
    return [language.tag, *(candidate.tag for candidate in language.alternatives)]


def test_the_own_choice_is_certain_and_alternatives_are_the_countrys() -> None:
    language = _answer("de-CH,de;q=0.9,en;q=0.5", "fr", "CH")
    assert language == Language("fr", 1.0, "cookie", (Candidate("de-CH", 0.0),))


def test_a_choice_the_site_does_not_have_counts_as_none() -> None:
    assert _answer("ja", "nl").tag == "ja"


def test_the_header_decides_over_the_country() -> None:
    language = _answer("ja", country="CH")
    assert (language.tag, language.source) == ("ja", "accept_language")
    assert "de-CH" in _tags(language)


def test_the_headers_order_is_the_answers_order() -> None:
    languages = ("en", "de", "fr", "fr-CH", "it")
    assert _tags(_answer("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", languages=languages)) == [
        "fr-CH",
        "fr",
        "en",
        "de",
    ]


@pytest.mark.parametrize("country", [None, "TW", "CN", "US"])
@pytest.mark.parametrize(
    ("header", "languages", "tag"),
    [
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", ("en", "zh-CN", "ja"), "en"),
        ("zh-TW,zh;q=0.9,ja;q=0.1", ("en", "zh-CN", "ja"), "ja"),
        ("zh-TW,zh-Hant;q=0.9", ("en", "zh-Hans"), "en"),
        ("zh-TW,en;q=0.1", ("fr", "zh-CN", "en"), "en"),
        ("zh-TW", ("zh-CN", "zh-Hant"), "zh-Hant"),
        ("zh-TW", ("fr", "zh-CN"), "fr"),
        ("zh-CN,zh", ("en", "zh-Hant"), "en"),
        ("pa-PK,pa;q=0.9", ("en", "pa"), "en"),
        ("az-Cyrl,az", ("en", "az"), "en"),
        ("uz-AF,uz,ps", ("en", "uz", "ps"), "ps"),
        ("hi", ("en", "hi-Latn"), "en"),
        ("hi-Latn,hi", ("en", "hi"), "hi"),  # who reads Hindi in Latin letters reads it in its own
        ("sr-Latn,sr", ("en", "sr-Cyrl"), "sr-Cyrl"),  # and Serbs read both
    ],
)
def test_nobody_is_answered_in_a_script_that_they_do_not_read(
    header: str, languages: tuple[str, ...], tag: str, country: str | None
) -> None:
    """Not where nothing else serves, nor because everybody around them reads it: then the default."""
    assert _answer(header, country=country, languages=languages).tag == tag


def test_the_default_is_answered_whoever_reads_it() -> None:
    """It is the site's own word of what to do where nothing serves, and says so."""
    assert _answer("zh-TW", languages=("zh-Hans", "fr")) == Language("zh-Hans", 0.0, "default", ())
    assert _answer("zh-TW,en;q=0", languages=("en", "zh-Hans", "fr")).tag == "fr"


BOTH = ("en", "zh-Hans", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "country", "languages", "tag"),
    [
        ("zh,en", "TW", BOTH, "zh-Hant"),
        ("zh,en", "HK", BOTH, "zh-Hant"),
        ("zh,en", "MO", BOTH, "zh-Hant"),
        ("zh,en", "HK", ("zh-CN", "zh-TW", "zh-HK"), "zh-HK"),
        ("zh,en", "TW", ("en", "zh", "zh-TW"), "zh-TW"),
        ("zh,zh-TW;q=0.5", "HK", BOTH, "zh-Hant"),
        ("zh,en", "CN", BOTH, "zh-Hans"),
        ("zh,en", "SG", BOTH, "zh-Hans"),
        ("zh,en", "US", BOTH, "zh-Hans"),  # from where they came the place does not tell
        ("zh,en", None, BOTH, "zh-Hans"),
        ("zh,en", "TW", ("en", "zh-Hans"), "zh-Hans"),  # the site has no other
        ("zh,en", "TW", ("en", "zh-Hant"), "zh-Hant"),
        ("zh,en", "US", ("en", "zh-Hant"), "en"),
        ("zh-CN,zh,en", "TW", BOTH, "zh-Hans"),  # said is said
        ("sr", "ME", ("en", "sr-Cyrl", "sr-Latn"), "sr-Latn"),
        ("sr", "RS", ("en", "sr-Cyrl", "sr-Latn"), "sr-Cyrl"),
        ("pa", "PK", ("en", "pa", "pa-Arab"), "pa-Arab"),
        ("pa", "IN", ("en", "pa", "pa-Arab"), "pa"),
        ("uz", "AF", ("en", "uz", "uz-Arab", "uz-Cyrl"), "uz-Arab"),
        ("az", "IR", ("en", "az", "az-Arab"), "az-Arab"),
        ("kk", "CN", ("en", "kk", "kk-Arab"), "kk-Arab"),
        ("mn", "CN", ("en", "mn", "mn-Mong"), "mn-Mong"),
        ("zh,sr,en", "ME", ("sr-Latn", "sr", *BOTH), "zh-Hans"),
    ],
)
def test_a_language_without_a_script_is_in_the_one_that_is_written_where_the_visitor_is(
    header: str, country: str | None, languages: tuple[str, ...], tag: str
) -> None:
    language = _answer(header, country=country, languages=languages, default="en" if "en" in languages else None)
    assert (language.tag, language.source) == (tag, "accept_language")


def test_a_far_first_wish_gives_way_to_a_near_second_one() -> None:
    assert _answer("nb, en-US", languages=("nn", "en-GB")).tag == "en-GB"
    assert _answer("de-CH, fr", languages=("en", "de", "fr")).tag == "de"


def test_the_answer_is_spelled_as_the_site_spells_it() -> None:
    assert _answer("he-IL", languages=("en", "iw")).tag == "iw"
    assert _answer("fr-fr", languages=("en", "FR-fr")).tag == "FR-fr"


@pytest.mark.parametrize(
    ("country", "languages", "tag"),
    [
        ("CH", DEMO, "de-CH"),
        ("CH", ("en", "de"), "de"),
        ("AT", DEMO, "de"),
        ("BE", ("en", "fr", "nl"), "nl"),
        ("BE", ("en", "fr"), "fr"),
        ("IN", ("de", "en", "hi"), "hi"),
        ("IN", ("de", "en"), "en"),
        ("SE", ("fr", "fi", "en"), "en"),
        ("TW", ("en", "zh-Hans", "zh-Hant"), "zh-Hant"),
        ("TW", ("en", "zh"), "zh"),
        ("MX", ("en", "es", "es-419"), "es-419"),
        ("MW", ("fr", "en"), "en"),
        ("AQ", ("fr", "en"), "en"),
    ],
)
def test_a_country_alone_leads_to_what_people_read_there(country: str, languages: tuple[str, ...], tag: str) -> None:
    language = _answer(country=country, languages=languages)
    assert (language.tag, language.source) == (tag, "ip")
    assert language.confidence > 0


def test_a_country_does_not_lead_across_a_script_barrier_that_the_site_names() -> None:
    assert _answer(country="TW", languages=("en", "zh-Hans")).tag == "en"


def test_the_place_s_source_is_the_answer_s() -> None:
    assert MATCHERS[DEMO].decide(None, None, "CH", "edge").source == "edge"


@pytest.mark.parametrize("header", [None, "", "*", "xx", "!!", ";q=1"])
def test_an_empty_handed_header_leaves_it_to_the_country_then_the_default(header: str | None) -> None:
    assert _answer(header, country="FR").source == "ip"
    assert _answer(header) == Language("en", 0.0, "default", ())
    assert _answer(header, country="JP", languages=("it", "fr")).source == "default"


def test_what_a_header_excludes_is_not_answered_by_country_or_default_either() -> None:
    assert _answer("de;q=0", country="DE", languages=("de", "fr", "en")).tag == "en"
    assert _answer("en;q=0").tag == "de"
    assert _answer("fr, *;q=0", country="DE", languages=("de", "fr-CA")).tag == "fr-CA"
    assert _answer("*;q=0") == Language("en", 0.0, "default", ())


def test_a_header_may_want_anything_else_more_than_what_it_names() -> None:
    language = _answer("*, en;q=0.1", languages=("en", "fr"))
    assert (language.tag, language.source, _tags(language)) == ("fr", "default", ["fr", "en"])
    assert _answer("*, en;q=0.1", country="DE").tag == "de"
    assert _answer("*, en;q=0.1", languages=("en",)).tag == "en"


def test_confidence_falls_with_distance_and_with_even_wishes() -> None:
    exact, near, far = (_answer(wish, languages=("de",)).confidence for wish in ("de", "de-AT", "rm"))
    assert exact > near > far > 0.5
    assert exact == 1.0
    assert _answer("de-AT,fr").confidence < _answer("de-AT,fr;q=0.5").confidence


CH = ("en", "de", "de-CH", "fr")
NAMED_EXACTLY = [
    ("de-CH", CH, "de-CH"),
    ("de-CH,de;q=0.9,en;q=0.5", CH, "de-CH"),
    ("de,de-CH;q=0.9", CH, "de"),
    ("DE-ch", CH, "de-CH"),
    ("de_CH,de", CH, "de-CH"),
    ("de-CH,de,en;q=0.8", CH, "de-CH"),
    ("de-CH;q=0.4", CH, "de-CH"),  # weights only rank
    ("en;q=0.3,de-CH;q=0.8", CH, "de-CH"),
    ("fr;q=0.001", CH, "fr"),
    ("de-CH,*;q=0.5", CH, "de-CH"),
    ("fr, *;q=0", CH, "fr"),
    ("fr,tlh", CH, "fr"),  # the site has no Klingon to prefer
    ("fr, de, de;q=0", CH[:1] + CH[3:], "fr"),
    ("de-DE", CH, "de"),  # German of Germany is what plain German means
    ("en-US,en;q=0.9", CH, "en"),
    ("de-CH-1996", CH, "de-CH"),
    ("pt-BR,pt;q=0.9,en;q=0.8", DEMO, "pt-BR"),
    ("zh-TW,zh;q=0.9", DEMO, "zh-Hant"),
    ("zh-Hans", DEMO, "zh-Hans"),
    ("zh-CN,zh", DEMO, "zh-Hans"),
    # What is no tag is what its longest start says.
    ("de-CH-1996-1996,en;q=0.5", CH, "de-CH"),
    ("en-latn-us-x", CH, "en"),
    ("en-US-u-", CH, "en"),
    ("zh-cmn-Hans-CN-foo_bar", DEMO, "zh-Hans"),
    ("zh", ("en", "zh", "zh-Hant"), "zh"),
    ("sr", ("sr", "sr-Latn"), "sr"),
    ("zh-Hant-TW", DEMO, "zh-Hant"),
    ("pt-BR", ("pt", "en"), "pt"),
    ("he-IL", ("en", "iw"), "iw"),
    ("x-bork", ("en", "x-bork"), "x-bork"),
    ("en-GB,en", ("en-GB", "en"), "en-GB"),
    # As scripts write it that join navigator.languages: the first of those that weigh the same.
    ("de-DE,de,en-US,en", CH, "de"),
    ("de-CH,de,en", CH, "de-CH"),
    ("fr-FR,fr,en-US,en", CH, "fr"),
    ("en,de", CH, "en"),
    ("de,fr", CH, "de"),
    ("de-CH,fr,en;q=0.5", CH, "de-CH"),
    ("fr;q=0.5,de;q=0.5", CH, "fr"),
    ("zh-TW,zh-CN", DEMO, "zh-Hant"),
    ("en-US,en-GB", ("en-US", "en-GB"), "en-US"),
    ("de,*", CH, "de"),
    ("*;q=0.5,de;q=0.5", CH, "de"),
]
LESS_THAN_CERTAIN = [
    ("de-AT", CH),  # near
    ("de", ("en", "de-CH")),
    ("en-GB", CH),
    ("gsw,de;q=0.9", CH),
    ("tlh,de-CH;q=0.9", CH),  # exactly the second wish
    ("nl,de;q=0.9", CH),
    ("*,de;q=0.5", CH),
    ("zh", DEMO),  # which script?
    ("zh", ("en", "zh-Hans")),
    ("pt", ("en", "pt-BR")),  # which region?
    ("en", ("en-US", "fr")),
    ("sr", ("sr-Cyrl", "en")),
    ("de", ("en", "de-1901")),  # which spelling?
    ("zh,en;q=0.9", DEMO),
    ("sr", ("sr-Cyrl", "sr-Latn")),
    ("sr", ("en", "sr-Latn")),
    ("zh-TW", ("en", "zh-CN")),
    ("english", CH),
    ("no", ("nn", "en")),
    ("es-MX", ("es", "es-419")),
    ("zh-MO", DEMO),  # near: plain zh-Hant is Taiwan's
    ("*", CH),
    ("", CH),
    ("de;q=0", CH),
]


@pytest.mark.parametrize(("header", "languages", "tag"), NAMED_EXACTLY)
@pytest.mark.parametrize("country", [None, "CH", "JP"])
def test_what_the_first_range_names_exactly_is_certain(
    header: str, languages: tuple[str, ...], tag: str, country: str | None
) -> None:
    """Whatever else the visitor reads and wherever they are; alternatives keep their order and have nothing left."""
    language = _answer(header, country=country, languages=languages)
    assert (language.tag, language.confidence, language.source) == (tag, 1.0, "accept_language")
    assert {candidate.confidence for candidate in language.alternatives} <= {0.0}


@pytest.mark.parametrize(("header", "languages"), LESS_THAN_CERTAIN)
def test_what_is_near_or_less_than_the_site_says_is_not(header: str, languages: tuple[str, ...]) -> None:
    """A guess is told as one."""
    assert _answer(header, languages=languages).confidence < 1


def test_what_visitors_taught_does_not_touch_what_one_says() -> None:
    """A visitor who names a language is not outvoted, nor made less sure of."""
    learned = Learned((tuple(1e6 if tag == "fr" else 0.0 for tag in DEMO),))
    matcher = MATCHERS[DEMO]
    language = matcher.decide(matcher.prefer("de-CH,de;q=0.9"), None, "CH", "ip", learned)
    assert (language.tag, language.confidence) == ("de-CH", 1.0)
    assert _tags(language)[:3] == ["de-CH", "de", "fr"]


def test_alternatives_are_bounded() -> None:
    languages = tuple(sorted({row[0].tag.language for row in TABLES.speakers.values()}))
    assert len(languages) > ALTERNATIVES_MAX
    assert len(_answer(",".join(languages), languages=languages).alternatives) == ALTERNATIVES_MAX


def test_a_default_that_the_site_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="default"):
        LanguageMatcher(("en",), "fr", TABLES)


# Laws.

weights = st.sampled_from(["", ";q=0.9", ";q=0.5", ";q=0.1", ";q=0", ";q=x"])
members = st.builds(str.__add__, st.sampled_from([*RANGES, "*"]), weights)
headers = st.lists(members, max_size=8).map(", ".join) | st.text(max_size=60)
matchers = st.sampled_from(list(MATCHERS.values()))
countries = st.sampled_from([None, "CH", "TW", "US", "ZZ", "XX", "", *sorted(TABLES.speakers)])


@given(matchers, headers, countries, st.none() | st.sampled_from(DEMO))
def test_every_answer_is_a_language_of_the_site_with_honest_confidences(
    matcher: LanguageMatcher, header: str, country: str | None, choice: str | None
) -> None:
    language = matcher.decide(matcher.prefer(header), choice, country, "ip")
    confidences = [language.confidence, *(candidate.confidence for candidate in language.alternatives)]
    assert set(_tags(language)) <= set(matcher.languages)
    assert len(set(_tags(language))) == len(_tags(language))
    assert confidences == sorted(confidences, reverse=True)
    assert 0 <= sum(confidences) <= 1 + 1e-9
    assert all(round(confidence * 20) == pytest.approx(confidence * 20) for confidence in confidences)
    assert (language.source == "cookie") == (choice in matcher.languages)


@given(matchers, st.data(), st.sampled_from(["", ";q=1", ";q=0.7", ";q=0.002"]), headers)
def test_whoever_names_a_language_of_the_site_first_is_answered_in_it_for_certain(
    matcher: LanguageMatcher, data: st.DataObject, weight: str, others: str
) -> None:
    """In the site's own spelling, in capitals or not, whatever else is wanted less."""
    tag = data.draw(st.sampled_from(matcher.languages))
    written = data.draw(st.sampled_from([tag, tag.lower(), tag.upper()]))
    less = ",".join(f"{other.partition(';')[0].strip()};q=0.001" for other in others.split(","))
    language = matcher.decide(matcher.prefer(f"{written}{weight},{less}"), None, None, None)
    assert (language.tag, language.confidence) == (tag, 1.0)


@given(matchers, headers, countries)
def test_an_excluded_language_is_answered_only_where_nothing_else_is_left(
    matcher: LanguageMatcher, header: str, country: str | None
) -> None:
    preference = matcher.prefer(header)
    tag = matcher.decide(preference, None, country, "ip").tag
    if matcher.languages.index(tag) in preference.excluded:
        assert len(preference.excluded) == len(matcher.languages)
        assert tag == matcher.default


@given(matchers, headers, st.sampled_from(RANGES))
def test_a_wish_added_last_never_displaces_one_that_is_well_served(
    matcher: LanguageMatcher, header: str, last: str
) -> None:
    before = matcher.prefer(header)
    after = matcher.prefer(f"{header},{last};q=0.001")
    if before.matches and before.matches[0].distance <= DEMOTION and not before.excluded:
        assert after.matches[0].language == before.matches[0].language


@given(matchers, headers, countries, countries)
def test_the_country_never_changes_what_a_header_decides(
    matcher: LanguageMatcher, header: str, one: str | None, other: str | None
) -> None:
    """But for the script of a language that is named without one."""
    preference = matcher.prefer(header)
    if preference.matches and not preference.deferring and not preference.local:
        assert matcher.decide(preference, None, one, "ip").tag == matcher.decide(preference, None, other, "edge").tag


# A language without a script is in that of the ranges before it, so that there the order says more.
SCRIPTS_TOLD = [text for text in RANGES if text not in {"zh", "sr"}]


@given(matchers, st.lists(st.sampled_from(SCRIPTS_TOLD), min_size=1, max_size=6, unique=True), st.randoms())
def test_the_order_of_even_wishes_changes_the_ranking_but_not_who_is_ranked(
    matcher: LanguageMatcher, wishes: list[str], random: "object"
) -> None:
    shuffled = list(wishes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = matcher.prefer(",".join(wishes)), matcher.prefer(",".join(shuffled))
    assert {match.language for match in one.matches} == {match.language for match in other.matches}


@given(matchers, st.lists(members, max_size=8))
def test_the_first_wish_that_the_site_has_exactly_is_answered(matcher: LanguageMatcher, rest: list[str]) -> None:
    for wish in matcher.languages:
        header = ",".join([wish, *(f"{member.partition(';')[0]};q=0.4" for member in rest)])
        if "*" not in header:
            assert matcher.decide(matcher.prefer(header), None, "DE", "ip").tag == wish


def test_a_matcher_that_nobody_needs_is_gone_at_once() -> None:
    """A site's rules are replaced while the service runs, and a collection of cycles would keep visitors waiting."""
    matcher = LanguageMatcher(("en", "de"), "en", TABLES)
    matcher.decide(matcher.prefer("fr-CH, de;q=0.5, *;q=0.1"), None, "CH", "ip")
    gone = weakref.ref(matcher.prefer), weakref.ref(matcher.decide), weakref.ref(matcher)
    gc.disable()
    try:
        del matcher
        assert [one() for one in gone] == [None, None, None]
    finally:
        gc.enable()
