"""Of a site's languages the right one serves a wish, in the site's own spelling."""

import pytest

from service.adapters.cldr.languages import load_languages
from service.core.language_offers import LanguageOffers

TABLES = load_languages()


def _offers(*languages: str) -> LanguageOffers:
    return LanguageOffers(languages, TABLES.tags, TABLES.distances)


@pytest.mark.parametrize(
    ("languages", "wish", "served"),
    [
        (("es", "es-MX", "es-419"), "es-AR", ["es-419", "es-MX", "es"]),
        (("en", "en-IN", "en-GB"), "en-ZA", ["en-GB", "en-IN", "en"]),
        (("nl", "nl-Latn", "nl-NL", "nl-BE"), "nl-Latn-NL", ["nl-NL", "nl-Latn", "nl", "nl-BE"]),
        (("fr-CA", "fr-CH", "fr"), "fr-US", ["fr", "fr-CA", "fr-CH"]),
        (("fil", "tl", "iw", "he"), "iw", ["iw", "he"]),
        (("zh-CN", "zh-TW"), "zh-Hant-HK", ["zh-TW", "zh-CN"]),
        (("en", "sh"), "hr", ["sh"]),
        (("en", "no", "nn"), "nb", ["no", "nn"]),
        (("en-US-posix", "en", "en-US"), "en-US", ["en-US", "en-US-posix", "en"]),
        (("fr", "x-bork"), "x-bork", ["x-bork"]),
        (("fr", "x-bork"), "x-piglatin", []),
        (("en", "und"), "und", ["und"]),
        (("en", "fr"), "und", []),
        (("en", "fr"), "und-CH", []),
        (("en", "de"), "und-CH", ["de"]),
        (("qaa-CH", "en"), "qaa", ["qaa-CH"]),
        (("en",), "!", []),
    ],
)
def test_who_serves_a_wish_in_order(languages: tuple[str, ...], wish: str, served: list[str]) -> None:
    assert [languages[index] for index, _ in _offers(*languages).serve(wish)] == served


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
    ],
)
def test_the_longest_range_decides_what_is_ruled_out(refused: list[str], wanted: list[str], out: list[str]) -> None:
    languages = ("en", "en-GB", "zh-Hant", "he")
    assert {languages[index] for index in _offers(*languages).ruled_out(refused, wanted, None)} == set(out)


def test_a_refused_wildcard_leaves_only_what_is_named_or_served() -> None:
    assert _offers("en", "fr", "de").ruled_out([], ["fr"], {2}) == frozenset({0})


def test_what_is_no_tag_cannot_be_a_sites_language() -> None:
    with pytest.raises(ValueError, match=r"languages\[1\]"):
        _offers("en", "e n")
