"""What is wrong with a site is said to its operator, all of it."""

import random
import uuid
from collections import Counter

import msgspec
import pytest

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.core.experiments.bucketing import Bucketer, Bucketing
from service.core.sites import Experiment, Site, Slot, Targeting, mistakes, notices

TAGS = load_languages().tags
REGIONS = load_region_tables()


def mistakes_with(**parts):
    """What is wrong with a site that would be right without these parts."""
    site = msgspec.structs.replace(Site(id="shop", languages=("en",), default_language="en"), **parts)
    return mistakes(site, TAGS, REGIONS)


def test_the_demo_site_is_right(configuration):
    """The site that ships has no mistakes."""
    assert mistakes(configuration.sites["demo"], TAGS, REGIONS) == []
    assert notices(configuration.sites["demo"]) == []


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
    assert sorted(mistakes(site, TAGS, REGIONS)) == [
        'default_language: "de" must be one of languages: en en',
        "device_id_formats: at least one is needed, of uuid4 uuid7 ulid nanoid base64url128 base58_128 hex128 base64url256 ksuid",
        "experiments.hero.namespace: its start must lie before its end, but 0.5 is not below 0.5",
        'experiments.hero.variants: "a" stands there twice',
        "experiments.hero.weights: must add up to 1, from 0.99 to 1.01; 0.5 is 0.5",
        "experiments.hero.weights: one for each variant, so 2, not 1",
        'experiments.hero.when.languages: "nl" is no language of the site, which has en en',
        "experiments.language.weights: must add up to 1, from 0.99 to 1.01; 0.9 + 0.2 is 1.1",
        (
            "experiments.language: the key is a flag of every site, as are cohort country currency device language market "
            "tier; choose another"
        ),
        'languages: "en" stands there twice',
        'slots.front.topics.y: "shoes" is no topic of the site, which has outdoor',
        'slots.front.topics: "y" is no option of the slot, which has x',
        "slots.hero.options: one or more are needed",
        "slots.hero: an experiment has this key, and a flag has one; choose another",
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
    quoted = ascii(origin) if "\n" in origin else f'"{origin}"'
    assert mistake.startswith(f"cors_origins: {quoted} is not as browsers send it")


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
    quoted = ascii(domain) if "\n" in domain else f'"{domain}"'
    assert mistake.startswith(f"cookie_domain: {quoted} must be a host such as shop.example")


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
        ("Deutsch", '"Deutsch" is no language that CLDR knows'),
        ("xx-bogus", '"xx-bogus" is no language that CLDR knows'),
        ("c", '"c" is no language that CLDR knows'),
        ("de-de-de", '"de-de-de" is no language that CLDR knows'),
        ("fr\n", "'fr\\n' is no language that CLDR knows"),
    ],
)
def test_a_language_that_is_none_or_misspelt_is_a_mistake(tag, mistake):
    """It would be served to nobody, or answered in a spelling that nobody expects."""
    (found,) = mistakes_with(languages=("en", tag))
    assert found.startswith(f"languages: {mistake}")


def test_one_language_in_two_spellings_is_a_mistake():
    """Case does not tell languages apart."""
    assert 'languages: "de" stands there twice' in mistakes_with(languages=("en", "de", "DE"))


@pytest.mark.parametrize(
    "parts",
    [
        {"variants": tuple(f"v{n}" for n in range(16))},
        {"weights": (1.0, 0.0)},
        {"weights": (0.5, 0.49)},
        {"weights": (0.5, 0.51)},
        {"coverage": 0.0},
        {"seed": "x" * 128},
        {"seed": "größe 7"},
        {"namespace": ("checkout", 0.0, 1.0)},
        {"when": Targeting(device=("smartphone", "tv"), countries=("CH", "GB"), languages=("en",))},
    ],
    ids=str,
)
def test_an_experiment_may_go_to_the_limits(parts):
    """Sixteen variants, a variant without weight, GrowthBook's tolerance, a long seed."""
    experiment = msgspec.structs.replace(Experiment("running", ("a", "b"), "hero"), **parts)
    assert mistakes_with(experiments={"hero": experiment}) == []


@pytest.mark.parametrize(
    ("parts", "mistake"),
    [
        ({"variants": tuple(f"v{n}" for n in range(17))}, "variants: at most 16, not 17"),
        ({"weights": (0.0, 0.0)}, "weights: must add up to 1, from 0.99 to 1.01; 0 + 0 is 0"),
        ({"weights": (0.5, 0.48)}, "weights: must add up to 1, from 0.99 to 1.01; 0.5 + 0.48 is 0.98"),
        ({"weights": (0.5, 0.3, 0.2)}, "weights: one for each variant, so 2, not 3"),
        ({"seed": ""}, "seed: must have 1 to 128 characters, none of them a control character; it has 0"),
        ({"seed": "x" * 129}, "seed: must have 1 to 128 characters, none of them a control character; it has 129"),
        ({"seed": "a\tb"}, "seed: must have 1 to 128 characters, none of them a control character; character 2 is one"),
        (
            {"namespace": ("", 0.0, 1.0)},
            "namespace: its id must have 1 to 128 characters, none of them a control character; it has 0",
        ),
        (
            {"namespace": ("x\x7f", 0.0, 1.0)},
            "namespace: its id must have 1 to 128 characters, none of them a control character; character 2 is one",
        ),
        ({"namespace": ("x", 0.0, 0.0)}, "namespace: its start must lie before its end, but 0 is not below 0"),
        ({"namespace": ("x", 0.7, 0.2)}, "namespace: its start must lie before its end, but 0.7 is not below 0.2"),
        (
            {"when": Targeting(device=("tv", "bot"))},
            'when.device: "bot" cannot be aimed at: bots get control, and who is unknown is not told apart',
        ),
        (
            {"when": Targeting(device=("unknown",))},
            'when.device: "unknown" cannot be aimed at: bots get control, and who is unknown is not told apart',
        ),
        ({"when": Targeting(countries=("XX",))}, "when.countries: XX is no country"),
        ({"when": Targeting(countries=("UK",))}, "when.countries: UK is no country; its code is GB"),
        ({"when": Targeting(countries=("CH", "CH"))}, 'when.countries: "CH" stands there twice'),
        ({"when": Targeting(device=("tv", "tv"))}, 'when.device: "tv" stands there twice'),
        ({"when": Targeting(languages=("en", "en"))}, 'when.languages: "en" stands there twice'),
    ],
    ids=str,
)
def test_a_half_edited_experiment_is_a_mistake(parts, mistake):
    """It is named before a visit meets it."""
    experiment = msgspec.structs.replace(Experiment("draft", ("a", "b"), "hero"), **parts)
    assert mistakes_with(experiments={"hero": experiment}) == [f"experiments.hero.{mistake}"]


def test_what_is_hardly_meant_gets_a_word():
    """Of experiments that run: nobody is in one, or two split everybody in the same way."""
    hero = Experiment("running", ("a", "b"), "hero")
    site = Site(
        id="shop",
        languages=("en",),
        default_language="en",
        experiments={
            "hero": hero,
            "empty": msgspec.structs.replace(hero, seed="empty", coverage=0.0),
            "one-sided": msgspec.structs.replace(hero, seed="side", weights=(1.0, 0.0)),
            "copy": hero,
            "other-hash": msgspec.structs.replace(hero, hash_version=1),
            "near": msgspec.structs.replace(hero, seed=hero.seed[:-1] + "q", hash_version=1),
            "far": msgspec.structs.replace(hero, seed="q" + hero.seed, hash_version=1),
            "over": msgspec.structs.replace(hero, status="stopped", coverage=0.0),
            "coming": msgspec.structs.replace(hero, status="draft", coverage=0.0),
        },
    )
    assert notices(site) == [
        "experiments.empty.coverage: is 0, so nobody is in the experiment",
        "experiments.one-sided.weights: nobody gets b, for the weight is 0",
        "experiments.copy.seed: hero has it too, so the variant of one tells that of the other",
        (
            "experiments.near.seed: other-hash has it but for the last character, so with hash_version 1 the variant of one "
            "tells something of that of the other; choose quite another seed, or version 2"
        ),
    ]


@pytest.mark.parametrize(
    ("origins", "domain", "named"),
    [
        (("https://www.shop.example",), "", "https://www.shop.example"),
        (("https://shop.example", "https://www.shop.example"), "", "https://www.shop.example"),
        (("https://shop.ch",), "", "https://shop.ch"),
        (("http://shop.ch",), "", "http://shop.ch"),
        (("https://shop.ch:8443",), "", "https://shop.ch:8443"),
        (("https://a.b.shop.co.uk",), "", "https://a.b.shop.co.uk"),
        (("https://xn--bcher-kva.example",), "", "https://xn--bcher-kva.example"),
        (("https://shop.xn--p1ai",), "", "https://shop.xn--p1ai"),
        (("https://one.ch", "https://two.ch"), "", "https://one.ch"),
        (("http://localhost:3000", "https://www.shop.ch"), "", "https://www.shop.ch"),
        (("https://localhost.ch",), "", "https://localhost.ch"),
        (("https://www.localhosts",), "", "https://www.localhosts"),
        (("https://www.shop.ch",), "shop.ch", None),
        (("https://www.shop.example",), "shop.example", None),
        ((), "", None),
        ((), "shop.ch", None),
        (("https://shop.example",), "", None),
        (("http://localhost:3000",), "", None),
        (("http://www.shop.localhost:3000",), "", None),
        (("http://127.0.0.1:8000",), "", None),
        (("http://[::1]:8000",), "", None),
        (("https://10.0.0.5",), "", None),
        (("https://intranet",), "", None),
    ],
)
def test_an_opt_out_that_the_site_would_never_see_is_said(origins, domain, named):
    """A page of the site on a host of its own may ask for it; without a domain the cookie is for the service's host."""
    site = Site(id="shop", languages=("en",), default_language="en", cors_origins=origins, cookie_domain=domain)
    assert mistakes(site, TAGS, REGIONS) == []
    said = notices(site)
    assert len(said) == (named is not None)
    for text in said:
        assert text.startswith(f"cookie_domain: is empty, so an opt-out that a page of {named} asks for stays on")
        assert "set it to the domain that both hosts are in" in text


@pytest.mark.parametrize("seed", ["hero", "s", "exp_2026_11"])
def test_one_seed_in_both_versions_gives_variants_that_are_as_if_drawn_apart(seed):
    """Pearson's chi-square over 10 x 10 variants: 81 degrees of freedom, of which 150 has a chance of 5 in a million."""
    ids, n = 20_000, 10
    drawn = random.Random(5)
    draws = Bucketer([Bucketing(seed, n, hash_version=1), Bucketing(seed, n, hash_version=2)])
    table = Counter(draws.bucket(str(uuid.UUID(int=drawn.getrandbits(128), version=4))) for _ in range(ids))
    rows, columns = (
        [sum(count for pair, count in table.items() if pair[side] == at) for at in range(n)] for side in (0, 1)
    )
    expected = {(a, b): rows[a] * columns[b] / ids for a in range(n) for b in range(n)}
    assert sum((table[pair] - mean) ** 2 / mean for pair, mean in expected.items()) < 150
