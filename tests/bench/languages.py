"""A site of 140 languages, and visitors of whom nearly none asks for the same as another.

The languages are of CLDR's locales. A visitor's header names one to five of them as browsers write them: the regions
that people have, weights in steps of a tenth, the language alone behind its region. There are millions of such headers,
so that no cache of whole ones helps, as one of single languages does.
"""

import random
import re

_TAGS = """
af am ar as az be bg bn br bs ca ceb chr cs cv cy da de doi dsb ee el en es et eu fa ff fi fil fo fr fy ga gd gl gsw
gu ha he hi hr hsb hu hy id ig is it ja jv ka kab kea kk kl km kn ko kok ku ky lb ln lo lt lv mai mi mk ml mn mr ms mt
my nb ne nl nn oc om or pa pcm pl ps pt qu rm ro ru rw sa sc sd si sk sl so sq sr sv sw ta te tg th ti tk to tr tt ug
uk ur uz vi wo xh yi yo yue zh-Hans zu
"""
_REGIONS = {
    "en": "US GB AU CA IN IE NZ ZA SG", "de": "DE AT CH LI LU", "fr": "FR CA CH BE LU", "es": "ES MX AR CO CL PE US",
    "pt": "BR PT AO", "zh-Hans": "CN SG", "zh-Hant": "TW HK MO", "ar": "EG SA AE MA DZ IQ", "it": "IT CH", "nl": "NL BE",
    "sv": "SE FI", "bn": "BD IN", "ta": "IN LK SG", "ur": "PK IN", "sw": "KE TZ", "ms": "MY SG BN", "ru": "RU KZ BY UA",
}  # fmt: skip
_MORE_TAGS = "zh-Hant en-GB en-AU en-CA en-IN es-419 es-MX fr-CA fr-CH pt-PT de-AT de-CH sr-Latn ar-EG nl-BE"
_LANGUAGES = _TAGS.split()
SITE_LANGUAGES = (*_LANGUAGES, *_MORE_TAGS.split())
_WISHES_MAX = 5


def site(demo: str) -> str:
    """The demo site's file with as many languages."""
    listed = ", ".join(f'"{tag}"' for tag in SITE_LANGUAGES)
    return re.sub(r"(?m)^languages = .*$", f"languages = [{listed}]", demo, count=1)


def accept_language(draw: random.Random) -> str:
    """One visitor's header."""
    wishes: list[str] = []
    for _ in range(draw.randint(1, _WISHES_MAX)):
        # Half of what people read is among few languages, the other half is any.
        language = draw.choice(tuple(_REGIONS) if draw.random() < 1 / 2 else _LANGUAGES)
        regions = _REGIONS.get(language, "").split()
        written = language.replace("-Hans", "").replace("-Hant", "")
        ranges = (f"{written}-{draw.choice(regions)}", written) if regions else (written,)
        wishes += [text for text in ranges if text not in wishes]
    weights = sorted((draw.randint(1, 9) for _ in wishes[1:]), reverse=True)
    return ",".join([wishes[0], *(f"{text};q=0.{weight}" for text, weight in zip(wishes[1:], weights, strict=True))])
