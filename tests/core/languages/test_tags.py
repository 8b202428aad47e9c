"""Tags are read, made canonical and completed as BCP 47 and UTS #35 say, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.core.languages.tags import (
    TAG_LENGTH_MAX,
    Locale,
    Tag,
    canonical_tag,
    maximise,
    minimise,
    parse_tag,
    range_tag,
)

TAGS = load_languages().tags

LANGUAGES = [*sorted(TAGS.languages), "und", "en", "zh", "sgn", "hy", "no", "sr", "pt"]
SCRIPTS = ["", "Latn", "Cyrl", "Hant", "Qaai"]
REGIONS = ["", "CH", "SU", "419", "830", "US", "GB", "ME"]
VARIANTS = ["", "bokmal", "arevela", "hakka", "fonipa", "polytoni", "aaland", "heploc", "1996"]


@st.composite
def tags(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(pool)) for pool in (LANGUAGES, SCRIPTS, REGIONS, VARIANTS)]
    return "-".join(part for part in parts if part)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("EN-us", "en-US"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("iw", "he"),
        ("i-klingon", "tlh"),
        ("en-GB-oed", "en-GB-oxendict"),
        ("zh-cmn-Hans-CN", "zh-Hans-CN"),
        ("zh-min-nan", "nan"),
        ("sgn-BE-FR", "sfb"),
        ("sgn-gb", "bfi"),
        ("no-nynorsk", "nn"),
        ("sh", "sr-Latn"),
        ("sh-Cyrl", "sr-Cyrl"),
        ("hye-arevmda", "hyw"),
        ("ru-SU", "ru-RU"),
        ("hy-SU", "hy-AM"),
        ("und-830", "und-JE"),
        ("de-DE-1996-u-co-phonebk", "de-DE-1996-u-co-phonebk"),
        ("en-u-ca-buddhist-a-myext", "en-a-myext-u-ca-buddhist"),
        ("x-Piglatin", "x-piglatin"),
        ("de-CH-x-phonebk", "de-CH-x-phonebk"),
        ("pt_BR", "pt-BR"),
    ],
)
def test_old_and_careless_spellings_become_canonical(text: str, canonical: str) -> None:
    assert str(canonical_tag(text, TAGS)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "-", "e", "en-", "-en", "en--US", "12", "en-US-US", "en-1996-1996", "en-u", "en-u-co-u-ca", "x", "en-x", "ąół",
     "de-1x", "en-USA", "abcdefghi", "*", "en US", "en" + "-u-co" * 40],
)  # fmt: skip
def test_what_is_no_tag_is_none(text: str) -> None:
    assert canonical_tag(text, TAGS) is None


def test_a_text_longer_than_any_tag_is_not_even_split() -> None:
    text = "en-x-" + "-".join(["a"] * TAG_LENGTH_MAX)
    assert parse_tag(text[:TAG_LENGTH_MAX].rstrip("-"), TAGS) is not None
    assert parse_tag(text, TAGS) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # Empty, too long, or of other characters.
        ("en-US-", "en-US"),
        ("en--US", "en"),
        ("en-GB-oed1234567890", "en-GB"),
        ("fr-CA-québec", "fr-CA"),
        ("de-AT-1996-ver.2", "de-AT-1996"),
        ("pt_BR.utf8", "pt"),
        ("en-x-" + "-".join(["a"] * 200), "en-x-" + "-".join(["a"] * 48)),
        # A single letter is no end: an extension or private use of nothing.
        ("en-US-u-", "en-US"),
        ("en-latn-us-x", "en-Latn-US"),
        ("de-a-b-c", "de"),
        ("sr-Latn-u-co-t", "sr-Latn-u-co"),
        # In another order, or more than once.
        ("zh-TW-Hant", "zh-TW"),
        ("zh-cmn-Hans-CN-foo_bar", "zh-Hans-CN"),
        ("en-US-US", "en-US"),
        ("sl-rozaj-IT", "sl-rozaj"),
        ("de-DE-1996-1996", "de-DE-1996"),
        ("en-u-co-phonebk-u-ca-buddhist", "en-u-co-phonebk"),
        ("en-Latn-Cyrl-GB", "en-Latn"),
        ("english-US-foo", "english-US"),
        ("en-USA", "en"),
        ("pt_bra-Latn", "pt"),
        ("zh-yue-HK-x", "yue-HK"),
        # Grandfathered tags are whole.
        ("i-klingon-extra", "tlh"),
        ("zh-min-nan-!", "nan"),
        ("zh-min-u", "nan-x-zh-min"),
        ("i-unheard-of", None),
        ("x-", None),
        ("abcdefghi-US", None),
        ("1-US", None),
        ("-en", None),
        ("", None),
    ],
)
def test_of_a_range_that_is_no_tag_its_longest_start_that_is_one_is_meant(text: str, left: str | None) -> None:
    """RFC 4647 section 3.4: cut from the right, subtag by subtag, and with them a single letter that is left last."""
    tag = range_tag(text, TAGS)
    assert (None if tag is None else str(tag)) == left


@pytest.mark.parametrize(
    ("text", "full", "short", "short_with_region"),
    [
        ("de", ("de", "Latn", "DE"), "de", "de"),
        ("zh-TW", ("zh", "Hant", "TW"), "zh-Hant", "zh-TW"),
        ("und-Hant", ("zh", "Hant", "TW"), "zh-Hant", "zh-TW"),
        ("und-CH", ("de", "Latn", "CH"), "de-CH", "de-CH"),
        ("sr-ME", ("sr", "Latn", "ME"), "sr-ME", "sr-ME"),
        ("en-Latn-US", ("en", "Latn", "US"), "en", "en"),
        ("und", ("en", "Latn", "US"), "en", "en"),
    ],
)
def test_likely_subtags_are_added_and_removed(
    text: str, full: tuple[str, str, str], short: str, short_with_region: str
) -> None:
    tag = parse_tag(text, TAGS)
    assert tag is not None
    assert maximise(tag, TAGS) == Locale(*full)
    assert str(minimise(tag, TAGS)) == short
    assert str(minimise(tag, TAGS, favour_region=True)) == short_with_region


def test_a_language_unknown_to_cldr_has_no_likely_subtags() -> None:
    assert maximise(Tag("qaa", "Cyrl", "CH"), TAGS) is None
    assert minimise(Tag("qaa"), TAGS) is None


@given(st.text(max_size=120))
def test_any_text_is_a_tag_or_none(text: str) -> None:
    tag = canonical_tag(text, TAGS)
    assert tag is None or str(tag)


@given(tags())
def test_canonical_is_final(text: str) -> None:
    tag = canonical_tag(text, TAGS)
    assert tag is not None
    assert canonical_tag(str(tag), TAGS) == tag


@given(tags())
def test_case_and_separator_do_not_matter(text: str) -> None:
    assert canonical_tag(text.upper().replace("-", "_"), TAGS) == canonical_tag(text, TAGS)


@given(tags())
def test_minimising_loses_nothing(text: str) -> None:
    tag = canonical_tag(text, TAGS)
    assert tag is not None
    short = minimise(tag, TAGS)
    if short is not None:
        assert maximise(short, TAGS) == maximise(tag, TAGS)
        assert len(str(short)) <= max(len(str(tag)), len("zh-Hant-TW"))


SUBTAGS = [*LANGUAGES[-8:], "i", "klingon", "min", "nan", "cmn", "Latn", "CYRL", "ch", "419", "1996", "rozaj", "u", "co",
           "t", "x", "", "a", "12", "é", "toolong99", "US.utf8"]  # fmt: skip
ranges = st.lists(st.tuples(st.sampled_from(SUBTAGS), st.sampled_from("-_")), max_size=40).map(
    lambda parts: "".join(subtag + separator for subtag, separator in parts)[:-1]
)


@given(ranges | st.text(alphabet="aen-_x1 é", max_size=140) | tags())
def test_a_range_means_what_the_textbook_cuts_it_down_to(text: str) -> None:
    """Cut and read again until it reads: what one pass over the subtags finds as well."""
    left = text.replace("_", "-")
    while left and canonical_tag(left, TAGS) is None:
        left = left.rpartition("-")[0]
    assert range_tag(text, TAGS) == (canonical_tag(left, TAGS) if left else None)
