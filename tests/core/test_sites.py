"""What is wrong with a site is said to its operator, all of it."""

import msgspec
import pytest

from service.adapters.cldr.languages import load_languages
from service.core.sites import Experiment, Site, Slot, Targeting, mistakes

TAGS = load_languages().tags


def mistakes_with(**parts):
    """What is wrong with a site that would be right without these parts."""
    return mistakes(msgspec.structs.replace(Site(id="shop", languages=("en",), default_language="en"), **parts), TAGS)


def test_the_demo_site_is_right(configuration):
    """The site that ships has no mistakes."""
    assert mistakes(configuration.sites["demo"], TAGS) == []


def test_every_mistake_is_named():
    """One site with everything wrong at once."""
    site = Site(
        id="shop",
        languages=("en", "en"),
        default_language="de",
        device_id_formats=(),
        topics=("outdoor",),
        experiments={
            "hero": Experiment(
                "running", ("a", "a"), "s", weights=(0.5,), namespace=("n", 0.5, 0.5), when=Targeting(languages=("nl",))
            ),
            "language": Experiment("draft", ("a", "b"), "s", weights=(0.9, 0.2)),
        },
        slots={"hero": Slot(()), "front": Slot(("x",), topics={"y": ("shoes",)})},
    )
    assert sorted(mistakes(site, TAGS)) == [
        "default_language: must be one of languages",
        "device_id_formats: at least one is needed",
        "experiments.hero.namespace: its start must lie before its end",
        "experiments.hero.variants: two or more different ones are needed",
        "experiments.hero.weights: must add up to 1",
        "experiments.hero.weights: one for each variant",
        "experiments.hero.when.languages: a language the site does not have",
        "experiments.language.weights: must add up to 1",
        "experiments.language: the key is a flag of every site",
        "languages: one stands there twice",
        "slots.front.topics: a topic the site does not have",
        "slots.front.topics: an option the slot does not have",
        "slots.hero.options: one or more different ones are needed",
        "slots.hero: an experiment has this key",
    ]
    assert mistakes_with(languages=())[0] == "languages: at least one is needed"


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "http://localhost:3000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://xn--bcher-kva.example:65535",
    ],
)
def test_an_origin_as_browsers_send_it_is_right(origin):
    """Scheme, host, and a port that is not the scheme's own."""
    assert mistakes_with(cors_origins=(origin,)) == []


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "https://shop.example/",
        "https://shop.example/path",
        "https://Shop.example",
        "HTTPS://shop.example",
        "https://*.shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://shop.example:65536",
        "https://shop.example\n",
        "https://user@shop.example",
        "https://bücher.example",
        "ftp://shop.example",
        "shop.example",
    ],
)
def test_an_origin_that_no_browser_sends_is_a_mistake(origin):
    """It would never match, and its operator would look for the fault elsewhere."""
    (mistake,) = mistakes_with(cors_origins=("https://shop.example", origin))
    assert mistake.startswith(f"cors_origins: {origin!r} is not as browsers send it")


@pytest.mark.parametrize("domain", ["", "shop.example", "localhost", "a-b.shop.example"])
def test_a_cookie_domain_is_a_host(domain):
    """Or empty: the host itself."""
    assert mistakes_with(cookie_domain=domain) == []


@pytest.mark.parametrize(
    "domain", ["x\r\ny", ".shop.example", "Shop.example", "shop.example; Secure", "https://shop.example", "a" * 64]
)
def test_a_cookie_domain_that_is_no_host_is_a_mistake(domain):
    """It would break the header that sets the cookie."""
    (mistake,) = mistakes_with(cookie_domain=domain)
    assert mistake.startswith("cookie_domain: must be a host such as shop.example")


@pytest.mark.parametrize("tag", ["de-CH", "zh-Hant-TW", "iw", "sh", "zh-yue", "en-x-pirate", "x-klingon", "qaa"])
def test_languages_in_use_out_of_use_and_private_are_right(tag):
    """What a site has always called its language goes on."""
    assert mistakes_with(languages=("en", tag)) == []


@pytest.mark.parametrize(
    ("tag", "mistake"),
    [
        ("DE", "DE is spelled de"),
        ("de-ch", "de-ch is spelled de-CH"),
        ("zh-hant", "zh-hant is spelled zh-Hant"),
        ("Deutsch", "'Deutsch' is no language that CLDR knows"),
        ("xx-bogus", "'xx-bogus' is no language that CLDR knows"),
        ("c", "'c' is no language that CLDR knows"),
        ("de-de-de", "'de-de-de' is no language that CLDR knows"),
        ("fr\n", "'fr\\n' is no language that CLDR knows"),
    ],
)
def test_a_language_that_is_none_or_misspelt_is_a_mistake(tag, mistake):
    """It would be served to nobody, or answered in a spelling that nobody expects."""
    (found,) = mistakes_with(languages=("en", tag))
    assert found.startswith(f"languages: {mistake}")


def test_one_language_in_two_spellings_is_a_mistake():
    """Case does not tell languages apart."""
    assert "languages: one stands there twice" in mistakes_with(languages=("en", "de", "DE"))
