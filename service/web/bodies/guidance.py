"""Guidance in refusals: the names, values and forms that may stand at each place, in a closed set of sentences.

Nothing here is made of what a client sent. A name of ours in the wrong place is looked up in a table of sentences. A
``Guide`` is for one kind of body and made once from the struct that reads it, so that a refusal costs a look-up in a
dict.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct, inspect

from service.core.identity import Category
from service.core.sites import KEY_PATTERN, Site
from service.web.bodies.scrutiny import name_category, value_category
from service.web.problems import ALLOWED_MAX, ErrorCode, FieldError

GUIDES_MAX: Final = 64
KEY_FORM: Final = ("a small letter, then up to 31 small letters, digits, _ or -, such as demo",)
COUNTRY_FORM: Final = "two capital letters (ISO 3166-1 alpha-2), without a subdivision"
SUBDIVISION_FORM: Final = "one to three capital letters or digits (ISO 3166-2, without the country)"
AN_OBJECT: Final = "An object of these members belongs here."
A_LIST: Final = "A list belongs here."
NO_NULL: Final = "Null is refused: leave out what is not known."
ONCE: Final = "Each field is given once."
OTHER_KIND: Final = "This field belongs to events of another type."
NONE: Final = "The site has none."
SITE_LEFT_OUT: Final = "Without site, this is a report on the default site."
_SITE_PLACES: Final = (
    "A site is named in one place: beside signals, requests or events in a body, else in the query or the path."
)
# Where the fields of one body belong, for whoever puts them into another or into a query.
_VISIT, _BATCH = "POST /v1/recommendation", "POST /v1/recommendations"
_REPORT, _FLAGS = "POST /v1/events", "POST /ofrep/v1/evaluate/flags"
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "signals": (_VISIT, "/signals"),
    "ip": (_VISIT, "/signals/ip"),
    "geo": (_VISIT, "/signals/geo"),
    "country": (_VISIT, "/signals/geo/country"),
    "subdivision": (_VISIT, "/signals/geo/subdivision"),
    "cookies": (_VISIT, "/signals/cookies"),
    "language": (_VISIT, "/signals/cookies/language"),
    "region": (_VISIT, "/signals/cookies/region"),
    "interests": (_VISIT, "/signals/cookies/interests"),
    "variants": (_VISIT, "/signals/cookies/variants"),
    "device": (_VISIT, "/signals/device"),
    "id": (_VISIT, "/signals/device/id"),
    "user_agent": (_VISIT, "/signals/device/user_agent"),
    "accept_language": (_VISIT, "/signals/device/accept_language"),
    "client_hints": (_VISIT, "/signals/device/client_hints"),
    "sec-ch-ua": (_VISIT, "/signals/device/client_hints/sec-ch-ua"),
    "sec-ch-ua-mobile": (_VISIT, "/signals/device/client_hints/sec-ch-ua-mobile"),
    "sec-ch-ua-platform": (_VISIT, "/signals/device/client_hints/sec-ch-ua-platform"),
    "save-data": (_VISIT, "/signals/device/client_hints/save-data"),
    "gpc": (_VISIT, "/signals/gpc"),
    "consent": (_VISIT, "/consent"),
    "opt_out": (_VISIT, "/opt_out"),
    "requests": (_BATCH, "/requests"),
    "events": (_REPORT, "/events"),
    "token": (_REPORT, "/token"),
    "type": (_REPORT, "/events/0/type"),
    "experiment": (_REPORT, "/events/0/experiment"),
    "variant": (_REPORT, "/events/0/variant"),
    "slot": (_REPORT, "/events/0/slot"),
    "option": (_REPORT, "/events/0/option"),
    "topic": (_REPORT, "/events/0/topic"),
    "context": (_FLAGS, "/context"),
    "targetingKey": (_FLAGS, "/context/targetingKey"),
    "userAgent": (_FLAGS, "/context/userAgent"),
    "acceptLanguage": (_FLAGS, "/context/acceptLanguage"),
    "optOut": (_FLAGS, "/context/optOut"),
}
_PARAMETERS: Final[Mapping[str, str]] = {
    "format": "GET /v1/recommendation",
    "window": "GET /v1/sites/{site}/cohorts",
    "ack": "POST /v1/events",
}
ELSEWHERE: Final[Mapping[str, str]] = {
    "site": _SITE_PLACES,
    **{name: f"This is a field of {route}: {pointer}." for name, (route, pointer) in _FIELDS.items()},
    **{name: f"This is a parameter of {route}." for name, route in _PARAMETERS.items()},
}
# Of our names those that say who a visitor is, or let somebody in: they are no mere mistake where no such field is.
_IDENTITY: Final = frozenset({"ip", "id", "token", "targetingKey"})
# What others call our fields, and what we call them elsewhere ourselves; as ``_squashed`` has them.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "ipaddress": ("ip",),
    "clientip": ("ip",),
    "countrycode": ("country",),
    "deviceid": ("id", "targetingKey"),
    "targetingkey": ("id",),
    "id": ("targetingKey",),
    "ua": ("user_agent", "userAgent"),
    "secgpc": ("gpc",),
    "pbdevice": ("id", "targetingKey"),
    "pblanguage": ("language",),
    "pbregion": ("region",),
    "pbinterests": ("interests",),
    "pbvariants": ("variants",),
    "pbconsent": ("consent",),
    "pboptout": ("opt_out", "optOut"),
}
# The same where it depends on the object: what an edge resolved is no choice of the visitor's, though it is called so.
_INSIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "geo": {
        **dict.fromkeys(("region", "regioncode", "pbregion", "state", "statecode", "province"), "subdivision"),
        **dict.fromkeys(("provincecode", "subdivisioncode", "canton"), "subdivision"),
        **dict.fromkeys(("countrycode", "countryiso", "isocode", "isocountry", "cc"), "country"),
    },
    "cookies": dict.fromkeys(("lang", "locale"), "language"),
    "device": {
        **dict.fromkeys(("language", "languages", "lang", "locale", "locales"), "accept_language"),
        **dict.fromkeys(("hints", "uahints", "useragentdata", "uadata"), "client_hints"),
    },
    "client_hints": {
        **dict.fromkeys(("ua", "chua", "brands", "brand"), "sec-ch-ua"),
        **dict.fromkeys(("mobile", "chuamobile", "ismobile"), "sec-ch-ua-mobile"),
        **dict.fromkeys(("platform", "chuaplatform", "os"), "sec-ch-ua-platform"),
    },
}
# What a report has no field for, though it counts there: by ``_squashed`` names.
_OF_THE_HEADER: Final = "A report has no field for this: its header Sec-GPC counts."
_OF_THE_COOKIE: Final = "A report has no field for this: its cookie pb_optout counts."
_OF_THE_TOKEN: Final = "A report has no field for this: its token says what the visit's consent permitted."  # noqa: S105
_BESIDE_A_REPORT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("gpc", "secgpc", "globalprivacycontrol"), _OF_THE_HEADER),
    **dict.fromkeys(("optout", "pboptout"), _OF_THE_COOKIE),
    **dict.fromkeys(("consent", "pbconsent"), _OF_THE_TOKEN),
}
_NAME_CHARS_MAX: Final = 40
_EXAMPLE_CHARS_MAX: Final = 20


class Guide:
    """What may stand at each place of one kind of body, and where its fields belong."""

    def __init__(self, kind: type[Struct]) -> None:
        self._allowed: dict[str, tuple[str, ...]] = {}
        places: dict[str, str] = {}
        for pattern, texts in _walk(inspect.type_info(kind), ""):
            self._allowed[pattern] = tuple(dict.fromkeys((*self._allowed.get(pattern, ()), *texts)))
            places.setdefault(pattern.rpartition("/")[2], pattern.replace("/*", "/0"))
        self._places = {name: pointer for name, pointer in places.items() if name not in {"", "*"}}
        self._spellings = {_squashed(name): pointer for name, pointer in self._places.items()}
        for alias, names in _ALIASES.items():
            for name in names:
                if name in self._places:
                    self._spellings.setdefault(alias, self._places[name])
        self._beside = _BESIDE_A_REPORT if "/events" in self._allowed else {}

    def allowed(self, pointer: str) -> tuple[str, ...]:
        """What may stand at a place; empty for one that this kind of body does not have."""
        texts = self._allowed.get(pointer)
        return self._allowed.get(_INDEX.sub("/*", pointer), ()) if texts is None else texts

    def explain(self, error: FieldError) -> FieldError:
        """The same error with what may stand there, unless it has that already."""
        if error.allowed or error.code in _OF_NAMES:
            return error
        return FieldError(
            error.pointer, error.code, error.category, error.position, self.allowed(error.pointer), error.detail
        )

    def misplaced(self, name: str, pointer: str, position: int, members: Collection[str]) -> FieldError:
        """The mistake in a member that its object does not know, which knows ``members``.

        One of this body's own names is no identifying one, wherever it stands.
        """
        here = _INDEX.sub("/0", pointer)
        our_name = _INSIDE.get(here.rpartition("/")[2], {}).get(_squashed(name))
        if our_name is not None and our_name in members:
            detail = f"This is called {here}/{our_name} here."
            return FieldError(pointer, "unknown_field", None, position, tuple(members), detail)
        beside = self._beside.get(_squashed(name))
        if beside is not None:
            return misnamed(name, pointer, position, members, beside)
        place = self._places.get(name)
        if place is not None:
            in_another = place.rpartition("/")[0] == here
            detail = OTHER_KIND if in_another else f"This field belongs at {place}."
            return FieldError(pointer, "unknown_field", None, position, tuple(members), detail)
        spelled = self._spellings.get(_squashed(name))
        hint = ELSEWHERE.get(name) if spelled is None else f"This is called {spelled} here."
        return misnamed(name, pointer, position, members, hint)

    def sentences(self) -> Iterator[str]:
        """Every sentence about names that it may use, for tests of refusals."""
        yield from (f"This field belongs at {place}." for place in self._places.values())
        yield from (f"This is called {place} here." for place in self._spellings.values())
        for pattern in self._allowed:
            parent = pattern.replace("/*", "/0")
            yield from (
                f"This is called {parent}/{name} here." for name in _INSIDE.get(parent.rpartition("/")[2], {}).values()
            )
        yield from self._beside.values()
        yield from (OTHER_KIND, AN_OBJECT, A_LIST, NO_NULL, ONCE, *ELSEWHERE.values())


@lru_cache(maxsize=GUIDES_MAX)
def guide_of(kind: type[Struct]) -> Guide:
    """The guide to a kind of body, of which there are a few: half a millisecond when it is new."""
    return Guide(kind)


def misnamed(name: str, pointer: str, position: int, allowed: Collection[str], detail: str | None) -> FieldError:
    """The mistake in a name that is not known in its place."""
    category = None if name in ELSEWHERE and name not in _IDENTITY else name_category(name)
    code: ErrorCode = "identifying_name" if category else "unknown_field"
    return FieldError(pointer, code, category, position, tuple(allowed), detail)


def misfit(value: str, *, key: bool = False) -> Category | None:
    """The category of a value that is not of its form. With ``key`` it should have been a key of ours.

    A key in capitals, or with a blank beside it, is a typing mistake, though a name of somebody may look the same.
    """
    category = value_category(value)
    return None if key and category in _GUESSED and _KEY.match(value.strip(" /").lower()) else category


def offered(site: Site, member: str, beside: str | None) -> tuple[str, ...]:
    """What a site has for a member of an event. ``beside`` is the experiment or the slot that it is of, if any."""
    match member:
        case "experiment":
            return tuple(key for key, experiment in site.experiments.items() if experiment.status != "draft")
        case "variant" if beside in site.experiments and site.experiments[beside].status != "draft":
            return site.experiments[beside].variants
        case "slot":
            return tuple(site.slots)
        case "option" if beside in site.slots:
            return site.slots[beside].options
        case "language":
            return site.languages
        case "topic":
            return site.topics
    return ()


def not_of_site(pointer: str, value: str, allowed: tuple[str, ...], detail: str | None) -> FieldError:
    """The mistake in a key or a language that the site does not have.

    It may be another site's, so its looks tell little; what looks like a name of somebody, or has a known shape, is
    still called that.
    """
    category = value_category(value)
    if category in _KEYLIKE:
        category = None
    code: ErrorCode = "identifying_value" if category else "invalid_value"
    return FieldError(pointer, code, category, None, allowed, detail if allowed else _join(detail, NONE))


def bounded(error: FieldError) -> FieldError:
    """The same with at most ALLOWED_MAX texts in ``allowed``; and it says so where there are more."""
    texts_n = len(error.allowed)
    if texts_n <= ALLOWED_MAX:
        return error
    detail = _join(error.detail, f"There are {texts_n}, of which the first {ALLOWED_MAX} are named.")
    texts = error.allowed[:ALLOWED_MAX]
    return FieldError(error.pointer, error.code, error.category, error.position, texts, detail)


_OF_NAMES: Final = frozenset({"identifying_name", "unknown_field", "duplicate_field"})
# What `identifying_value` says by the looks of a value alone, of which it knows no shape.
_GUESSED: Final = frozenset({"other", "name", "account", "free_text"})
_KEYLIKE: Final = frozenset({"other", "account"})
_KEY: Final = re.compile(KEY_PATTERN)
_INDEX: Final = re.compile(r"/[0-9]+(?=/|\Z)")


def _join(detail: str | None, sentence: str) -> str:
    return sentence if detail is None else f"{detail} {sentence}"


def _squashed(name: str) -> str:
    """A name without what only parts its words: ``User-Agent``, ``user_agent`` and ``userAgent`` are one."""
    return name.lower().replace("-", "").replace("_", "") if len(name) <= _NAME_CHARS_MAX else ""


_Places = Iterator[tuple[str, tuple[str, ...]]]


def _walk(info: inspect.Type, pattern: str, notes: Mapping[str, Any] = {}) -> _Places:
    """Every place of a type with what may stand there, parents first; ``*`` stands for an index."""
    if isinstance(info, inspect.Metadata):
        yield from _walk(info.type, pattern, {**notes, **(info.extra_json_schema or {})})
    elif isinstance(info, inspect.UnionType):
        for member in info.types:
            yield from _walk(member, pattern, notes)
    elif isinstance(info, inspect.StructType):
        yield from _walk_object(info, pattern)
    elif isinstance(info, inspect.ListType | inspect.FrozenSetType):
        of_words = isinstance(info.item_type, inspect.LiteralType)
        yield pattern, _words(info.item_type) if of_words else (_list_form(notes),)
        yield from _walk(info.item_type, f"{pattern}/*")
    elif isinstance(info, inspect.StrType):
        yield pattern, _text_form(info, notes)
    else:
        yield pattern, _words(info)


def _walk_object(info: inspect.StructType, pattern: str) -> _Places:
    """An object, with the member first that tells its kind, if one does; then its members."""
    names = tuple(member.encode_name for member in info.fields)
    yield pattern, names if info.tag_field is None else (info.tag_field, *names)
    if info.tag_field is not None:
        yield f"{pattern}/{info.tag_field}", (str(info.tag),)
    for member in info.fields:
        yield from _walk(member.type, f"{pattern}/{member.encode_name}")


def _words(info: inspect.Type) -> tuple[str, ...]:
    """The values of a closed set; none for null, which is never what should have been sent."""
    if isinstance(info, inspect.LiteralType):
        return tuple(map(str, info.values))
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return ("a number",)
    return ("true", "false") if isinstance(info, inspect.BoolType) else ()


def _list_form(notes: Mapping[str, Any]) -> str:
    size = f" of {notes['minItems']} to {notes['maxItems']}" if "maxItems" in notes else ""
    return f"a list{size}: {_plain(notes.get('description', 'any'))}"


def _text_form(info: inspect.StrType, notes: Mapping[str, Any]) -> tuple[str, ...]:
    is_key = info.pattern == KEY_PATTERN
    if "description" not in notes:
        return KEY_FORM if is_key else ("a text",)
    parts = [_plain(notes["description"])]
    if is_key:
        parts.append("in small letters")
    if "maxLength" in notes:
        parts.append(f"at most {notes['maxLength']} bytes")
    # What is told already needs no example. A device id's, which is long, would soon be the id of many devices, and an
    # address may be somebody's.
    examples = () if "address" in parts[0] else notes.get("examples", ())
    parts += [
        f"such as {example}" for example in examples if len(example) <= _EXAMPLE_CHARS_MAX and example not in parts[0]
    ]
    return (", ".join(parts),)


def _plain(text: str) -> str:
    return text.replace("`", "")
