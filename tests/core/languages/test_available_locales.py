"""Of a site's languages the right one serves a wish, in the site's own spelling."""

import pytest

from service.adapters.cldr.languages import load_languages
from service.core.languages.available_locales import LanguageOffers
from service.core.languages.tags import Tag, range_tag

TABLES = load_languages()


def _offers(*languages: str) -> LanguageOffers:
    return LanguageOffers(languages, TABLES.tags, TABLES.distances, TABLES.local_scripts)


def _served(languages: tuple[str, ...], wish: str) -> list[str]:
    reach = _offers(*languages).reach(wish)
    return [] if reach is None else [languages[index] for index, _ in reach.matching]


@pytest.mark.parametrize(
    ("languages", "wish", "served"),
    [
        (("es", "es-MX", "es-419"), "es-AR", ["es-419", "es-MX", "es"]),
        (("en", "en-IN", "en-GB"), "en-ZA", ["en-GB", "en-IN", "en"]),
        # Of those that are the same the one that says the same, the script before the region.
        (("nl", "nl-Latn", "nl-NL", "nl-BE"), "nl-Latn-NL", ["nl-Latn", "nl-NL", "nl", "nl-BE"]),
        (("nl-Latn", "nl", "nl-NL"), "nl-NL", ["nl-NL", "nl", "nl-Latn"]),
        (("nl-NL", "nl-Latn", "nl-Latn-NL"), "nl", ["nl-NL", "nl-Latn", "nl-Latn-NL"]),
        # Of those that are equally near the usual form, then the first of the site, whatever they say.
        (("ms-SG", "ms-Latn"), "ms-ID", ["ms-Latn", "ms-SG"]),
        (("nn-NO", "nn"), "no", ["nn-NO", "nn"]),
        (("sr-Latn-XK", "sr-TR"), "sr", ["sr-Latn-XK", "sr-TR"]),
        (("pt-AO", "pt-PT"), "pt-MZ", ["pt-AO", "pt-PT"]),
        (("fr", "pt-AO", "pt-PT"), "pt-MZ", ["pt-PT", "pt-AO"]),
        # A script before a region, where something must give.
        (("zh-Hans-HK", "zh-Hant-TW"), "zh-HK", ["zh-Hant-TW"]),
        (("sr-Cyrl-ME", "sr-Latn-RS"), "sr-ME", ["sr-Latn-RS", "sr-Cyrl-ME"]),
        (("fr-CA", "fr-CH", "fr"), "fr-US", ["fr", "fr-CA", "fr-CH"]),
        (("fil", "tl", "iw", "he"), "iw", ["iw", "he"]),
        (("zh-CN", "zh-TW"), "zh-Hant-HK", ["zh-TW"]),
        (("en", "sh"), "hr", ["sh"]),
        (("en", "no", "nn"), "nb", ["no", "nn"]),
        (("en-x-pirate", "en"), "en", ["en", "en-x-pirate"]),
        (("en-US-posix", "en", "en-US"), "en-US", ["en-US", "en-US-posix", "en"]),
        (("fr", "x-bork"), "x-bork", ["x-bork"]),
        (("fr", "x-bork"), "x-piglatin", []),
        (("en", "und"), "und", ["und"]),
        (("en", "fr"), "und", []),
        (("en", "fr"), "und-CH", []),
        (("en", "de"), "und-CH", ["de"]),
        (("qaa-CH", "en"), "qaa", ["qaa-CH"]),
        # Of languages that CLDR does not know the script is that of the place, or Latin.
        (("qaa-CH", "qaa-US"), "qaa", ["qaa-US", "qaa-CH"]),
        (("qaa-Latn", "qaa-Cyrl"), "qaa-RU", ["qaa-Cyrl"]),
        (("fr", "en"), "tlh", ["en"]),
        (("fr", "en"), "tlh-Cyrl", []),
        (("en",), "!", []),
    ],
)
def test_who_serves_a_wish_in_order(languages: tuple[str, ...], wish: str, served: list[str]) -> None:
    assert _served(languages, wish) == served


@pytest.mark.parametrize(
    ("languages", "wish", "unread"),
    [
        (("zh-CN", "zh-TW", "en"), "zh-Hant-HK", ["zh-CN"]),
        (("zh-Hans", "yue-Hans", "yue"), "yue-HK", ["yue-Hans"]),
        (("hi", "hi-Latn"), "hi", ["hi-Latn"]),
        (("hi", "hi-Latn"), "hi-Latn", []),
        (("sr", "sr-Latn"), "sr-Latn", []),
        (("pa", "en"), "pa-PK", ["pa"]),
    ],
)
def test_a_script_that_cldr_does_not_expect_a_reader_to_read_is_unread(
    languages: tuple[str, ...], wish: str, unread: list[str]
) -> None:
    """In their own language; of other languages nothing is said."""
    reach = _offers(*languages).reach(wish)
    assert reach is not None
    assert [languages[index] for index in sorted(reach.unread)] == unread


@pytest.mark.parametrize(
    ("text", "spelling"),
    [("de-ch", "de-CH"), ("iw", "he"), ("HE", "he"), ("pt-br", "pt-BR"), ("pt_BR", None), ("pt", None), ("", None),
     ("zh-cmn-Hans", "zh-Hans"), ("zh-CN", None), ("fr\n", None)],
)  # fmt: skip
def test_a_site_knows_its_languages_by_any_canonical_spelling(text: str, spelling: str | None) -> None:
    assert _offers("de-CH", "he", "pt-BR", "zh-Hans").spelling(text) == spelling


def test_the_sites_own_deprecated_spelling_is_kept() -> None:
    assert _offers("iw", "en").spelling("he") == "iw"
    assert _offers("iw", "he").spelling("he") == "he"


@pytest.mark.parametrize(
    ("refused", "wanted", "out"),
    [
        (["en"], [], ["en", "en-GB"]),
        (["en-gb"], ["en"], ["en-GB"]),
        (["en"], ["en-gb"], ["en"]),
        (["zh-tw"], [], ["zh-Hant"]),
        (["en-us"], ["en"], []),
        (["iw"], [], ["he"]),
        (["fr"], [], []),
        (["en-gb-nonsense99"], [], []),
        (["en"], ["en-gb-nonsense99"], ["en"]),
    ],
)
def test_the_longest_range_decides_what_is_ruled_out(refused: list[str], wanted: list[str], out: list[str]) -> None:
    languages = ("en", "en-GB", "zh-Hant", "he")
    tags = [tag for text in wanted if (tag := range_tag(text, TABLES.tags)) is not None]
    assert {languages[index] for index in _offers(*languages).ruled_out(refused, tags).refused} == set(out)


def test_a_refused_wildcard_leaves_only_what_is_named() -> None:
    """Or served, as ``Preference`` has it; what a refused range names is refused anyhow."""
    assert _offers("en", "fr", "de").ruled_out([], [Tag("fr")]) == (frozenset(), frozenset({0, 2}))
    assert _offers("en", "fr", "de-CH").ruled_out(["de"], [Tag("fr")]) == (frozenset({2}), frozenset({0}))


def test_what_is_no_tag_cannot_be_a_sites_language() -> None:
    with pytest.raises(ValueError, match=r"languages\[1\]"):
        _offers("en", "e n")
