"""The parameters that requests may have and the headers that answers have, as data: one serves many operations."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct

from service.core.device import DeviceClass
from service.core.privacy import PURPOSES
from service.core.sites import KEY_PATTERN
from service.use_cases.counting.report import DEFAULT_WINDOW, WINDOW_PATTERN
from service.web.bodies.schema import ACCEPT_LANGUAGE_MAX_BYTES, CLIENT_HINT_MAX_BYTES, USER_AGENT_MAX_BYTES
from service.web.pages.document_pages import DOCUMENT_NAMES
from service.web.pages.words import SPOKEN
from service.web.problems import PROBLEMS

Json = dict[str, Any]


class Parameter(Struct, frozen=True):
    """One parameter of any operation that names it. ``name`` is the one sent, where it is not the component's."""

    place: Literal["query", "header", "cookie", "path"]
    meaning: str
    schema: Json
    example: str | None = None
    name: str = ""


_KEY: Json = {"type": "string", "pattern": KEY_PATTERN.replace(r"\Z", "$")}  # JSON Schema does not know Python's end
_TEXT: Json = {"type": "string"}
PARAMETERS: Mapping[str, Parameter] = {
    "site": Parameter("query", "The site; else `default_site`.", _KEY, "demo"),
    "format": Parameter("query", "`headers`: 204 and no body.", {"enum": ["json", "headers"], "default": "json"}),
    "site_counted": Parameter("path", "The site.", _KEY, "demo", "site"),
    "slot": Parameter("path", "A slot of the site.", _KEY, "front"),
    "experiment": Parameter("path", "An experiment of the site, running or stopped.", _KEY, "hero"),
    "flag": Parameter("path", "A flag's key: a recommendation, a slot or an experiment.", _KEY, "hero", "key"),
    "flagConfigEtag": Parameter("query", "What providers may add. It is left unread.", _TEXT),
    "flagConfigLastModified": Parameter("query", "The same.", _TEXT),
    "window": Parameter(
        "query",
        "So far back from the beginning of the open interval: `1h` to `168h`, or `1d` to `7d`.",
        {"type": "string", "pattern": WINDOW_PATTERN, "default": DEFAULT_WINDOW},
        "24h",
    ),
    "format_of_counts": Parameter(
        "query",
        "Else as `Accept` says: CSV where it names `text/csv` and puts it before JSON.",
        {"enum": ["json", "csv"]},
        name="format",
    ),
    "ack": Parameter("query", "`stored`: answer only once the store has the counts.", {"enum": ["stored"]}),
    "country": Parameter("path", "ISO 3166-1 alpha-2.", {"type": "string", "pattern": "^[A-Z]{2}$"}, "CH"),
    "language": Parameter("path", "A language of the site, as the site spells it.", _TEXT, "de-CH"),
    "language_of_page": Parameter(
        "query",
        f"The language of the page whose button led here, where it would be another now: one of {' '.join(SPOKEN)}. "
        "Any other is left unread.",
        _TEXT,
        name="language",
    ),
    "name": Parameter("path", "A problem's name.", {"enum": [*PROBLEMS]}, "unknown-field"),
    "document": Parameter("path", "A document's name.", {"enum": [*DOCUMENT_NAMES]}, "operate", name="name"),
    "device_class": Parameter("path", "A device class.", {"enum": [*get_args(DeviceClass)]}, "smartphone"),
    "User-Agent": Parameter("header", f"Read for a class of device, up to {USER_AGENT_MAX_BYTES} bytes.", _TEXT),
    "Accept-Language": Parameter(
        "header",
        f"RFC 9110 12.5.4, read up to {ACCEPT_LANGUAGE_MAX_BYTES} bytes and 64 members.",
        _TEXT,
        "de-CH,de;q=0.9,en;q=0.5",
    ),
    "Sec-CH-UA": Parameter("header", f"Brands, read up to {CLIENT_HINT_MAX_BYTES} bytes, as each hint is.", _TEXT),
    "Sec-CH-UA-Mobile": Parameter("header", "`?1` or `?0`.", _TEXT, "?1"),
    "Sec-CH-UA-Platform": Parameter("header", "Platform.", _TEXT, '"Android"'),
    "Save-Data": Parameter("header", "`on`.", _TEXT, "on"),
    "Sec-GPC": Parameter("header", "Global Privacy Control: exactly `1`.", _TEXT, "1"),
    "If-None-Match": Parameter("header", "RFC 9110 13.1.2: a list of tags, or `*`.", _TEXT),
    "pb_device": Parameter(
        "cookie",
        "The device id: opaque and random, of one of the site's `device_id_formats`, minted and kept by the site.",
        _TEXT,
        "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11",
    ),
    "pb_language": Parameter("cookie", "The visitor's own choice of language.", _TEXT, "fr"),
    "pb_region": Parameter("cookie", "The visitor's own choice of region: `CC` or `CC-SUB`.", _TEXT, "CH"),
    "pb_interests": Parameter("cookie", "Up to three topics with weights 1 to 3.", _TEXT, "outdoor:3.shoes:1"),
    "pb_variants": Parameter("cookie", "Variants by experiment.", _TEXT, "hero.b~checkout.a"),
    "pb_consent": Parameter(
        "cookie",
        f"Purposes the visitor consented to, of: {' '.join(PURPOSES)}.",
        _TEXT,
        "cohort.statistics.experiments",
    ),
    "pb_optout": Parameter("cookie", "Anything but empty or `0` is an opt-out.", _TEXT, "1"),
}


class Header(Struct, frozen=True):
    """One header of an answer, under the name of its component. ``required``: no answer that has it lacks it."""

    name: str
    meaning: str
    schema: Json
    required: bool = True


HEADERS: Mapping[str, Header] = {
    "PB-Language": Header("PB-Language", "The recommended language.", {"type": "string"}),
    "PB-Region": Header(
        "PB-Region", "`CC` or `CC-SUB`.", {"type": "string", "pattern": "^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"}
    ),
    "PB-Device": Header(
        "PB-Device", "The class of device.", {"enum": ["", *(k for k in get_args(DeviceClass) if k != "unknown")]}
    ),
    "PB-Cohort": Header("PB-Cohort", "The cohort's key.", _TEXT),
    "PB-Variants": Header("PB-Variants", "Variants by experiment, sorted.", _TEXT),
    "PB-Problem": Header("PB-Problem", "Why a cookie was left out.", {"enum": [*PROBLEMS]}, required=False),
    "Location": Header("Location", "The mirror.", {"type": "string", "pattern": r"^/(\?[a-z0-9_=&-]+)?$"}),
    "Set-Cookie": Header("Set-Cookie", "`pb_optout` set or deleted, others of ours deleted.", _TEXT, required=False),
    "Private": Header("Cache-Control", "One visitor's answer: no cache may keep it.", {"const": "private, no-store"}),
    "CDN": Header("CDN-Cache-Control", "The same, for CDNs.", {"const": "no-store"}),
    "No-Store": Header("Cache-Control", "No cache may keep it.", {"const": "no-store"}),
    "Public": Header(
        "Cache-Control", "Any cache may keep it so long.", {"type": "string", "pattern": "^public, max-age=[0-9]+$"}
    ),
    "Vary": Header("Vary", "The format goes by `Accept`.", {"const": "accept"}),
    "ETag": Header("ETag", "A strong tag of these bytes.", {"type": "string", "pattern": '^"[0-9a-f]{32}"$'}),
    "WWW-Authenticate": Header(
        "WWW-Authenticate", "How to send a key (RFC 6750).", {"const": 'Bearer realm="passerby"'}
    ),
    "Retry-After": Header("Retry-After", "Seconds.", {"type": "string", "pattern": "^[0-9]+$"}, required=False),
}
