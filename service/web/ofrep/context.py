"""The evaluation context of OpenFeature's remote protocol (OFREP): its closed shape, and what it says of a visit.

A context is read as strictly as any body here and then becomes a ``VisitBody``, so that every rule of the intake holds
for it as well.
"""

from functools import lru_cache
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct, UnsetType

from service.core.identity import identifying_value
from service.core.ignored_context import mistake_in_value
from service.core.privacy import Purpose
from service.web.bodies.schema import (
    ADDRESS_MEANING,
    COUNTRY_PATTERN,
    LANGUAGES_ARE_READ,
    USER_AGENT_IS_READ,
    ClientText,
    CookiesBody,
    DeviceBody,
    GeoBody,
    SignalsBody,
    VisitBody,
    documented,
    read_strictly,
)
from service.web.problems import FieldError, Refusal, refuse
from service.web.query import PARAMETERS_MAX, misnamed_parameter
from service.web.visit.cookies import read_consent
from service.web.visit.outcomes import CONTEXT

TARGETING_KEY_CHARS_MAX = 128
READERS_MAX = 256  # a few kilobytes each, one for all sites that ignore the same
# What the protocol's providers add to the address when a stream told them of a change. We send no streams.
IGNORED_PARAMETERS = ("flagConfigEtag", "flagConfigLastModified")


class ContextBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False, rename="camel"):
    """What a visit shows on its face, as an evaluation context. Nothing else is an attribute here.

    ``ip`` and ``country`` exclude each other; an empty ``targetingKey`` counts as none. ``null`` counts as not sent,
    but for ``gpc``, ``optOut`` and ``consent``: a wish is never unclear. Members that the site names in
    ``context_ignored`` may stand beside these: texts, numbers and booleans that are left unread.
    """

    targeting_key: (
        Annotated[
            str,
            documented(
                "the device id: opaque and random, of one of the site's device_id_formats, minted and kept by the site",
                maxLength=TARGETING_KEY_CHARS_MAX,
                examples=["7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"],
            ),
        ]
        | UnsetType
        | None
    ) = UNSET
    ip: Annotated[str, documented(ADDRESS_MEANING, examples=["195.65.10.7"])] | UnsetType | None = UNSET
    country: (
        Annotated[str, documented("ISO 3166-1 alpha-2", pattern=COUNTRY_PATTERN, examples=["CH"])] | UnsetType | None
    ) = UNSET
    subdivision: (
        Annotated[str, documented("ISO 3166-2 without the country", pattern="^[A-Z0-9]{1,3}$", examples=["ZH"])]
        | UnsetType
        | None
    ) = UNSET
    user_agent: Annotated[str, documented(USER_AGENT_IS_READ)] | UnsetType | None = UNSET
    accept_language: Annotated[str, documented(LANGUAGES_ARE_READ, examples=["de-CH,de;q=0.9"])] | UnsetType | None = (
        UNSET
    )
    language: Annotated[str, documented("pb_language: a language of the site", examples=["fr"])] | UnsetType | None = (
        UNSET
    )
    region: Annotated[str, documented("pb_region: CC or CC-SUB", examples=["CH"])] | UnsetType | None = UNSET
    variants: Annotated[str, documented("pb_variants", examples=["hero.b"])] | UnsetType | None = UNSET
    consent: (
        Annotated[
            frozenset[Purpose], documented("purposes the visitor consented to; or a text, as pb_consent has them")
        ]
        | str
        | UnsetType
    ) = UNSET
    gpc: bool | UnsetType = UNSET
    opt_out: bool | UnsetType = UNSET


class EvaluationBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """A question for flags. Providers without a context leave it out."""

    context: ContextBody | UnsetType = UNSET


CONTEXT_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(ContextBody))
_NO_CONTEXT = ContextBody()


class _Reader(NamedTuple):
    """How a request for flags is read where some members are left unread: by attribute, and by the name they have."""

    kind: type[Struct]
    decoder: msgspec.json.Decoder[Any]
    ignored: tuple[tuple[str, str], ...]


_PLAIN_READER = _Reader(EvaluationBody, msgspec.json.Decoder(EvaluationBody), ())


@lru_cache(maxsize=READERS_MAX)
def _reader(names: tuple[str, ...]) -> _Reader:
    """The reader for a site's ``context_ignored``: 60 us when new. So the shape of a context stays closed."""
    ignored = tuple((f"ignored_{number}", name) for number, name in enumerate(names))
    context = msgspec.defstruct(
        "ContextBody",
        [(attribute, Any, UNSET) for attribute, _ in ignored],
        bases=(ContextBody,),
        rename=dict(ignored),
        frozen=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    kind = msgspec.defstruct(
        "EvaluationBody",
        [("context", context | UnsetType, UNSET)],
        bases=(ClientText,),
        frozen=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    return _Reader(kind, msgspec.json.Decoder(kind), ignored)


def read_context(body: bytes, ignored: tuple[str, ...] = ()) -> ContextBody | Refusal:
    """The context of a request for flags: 1 us. Members that ``ignored`` names are looked at once, and let go."""
    reader = _reader(ignored) if ignored else _PLAIN_READER
    request: Any = read_strictly(reader.decoder, reader.kind, body, length_tells=not ignored)
    if isinstance(request, Refusal):
        return request
    context: ContextBody = _NO_CONTEXT if request.context is UNSET else request.context
    if reader.ignored and context is not _NO_CONTEXT:
        errors = [
            FieldError(f"/context/{name}", *mistake)
            for attribute, name in reader.ignored
            if (value := getattr(context, attribute)) is not UNSET and (mistake := mistake_in_value(value)) is not None
        ]
        if errors:
            return refuse(*errors)
    return context


def visit_of(context: ContextBody, *, gpc: bool, opted_out: bool) -> VisitBody | Refusal:
    """The visit that a context describes. ``gpc`` and ``opted_out`` are what the browser that asked says itself."""
    geo: GeoBody | UnsetType = UNSET
    subdivision = _unset_for_null(context.subdivision)
    if isinstance(context.country, str):
        geo = GeoBody(context.country, subdivision)
    elif subdivision is not UNSET:
        return refuse(FieldError(CONTEXT.pointers["country"], "missing_field"))
    targeting_key = context.targeting_key or UNSET
    if targeting_key is not UNSET and len(targeting_key) > TARGETING_KEY_CHARS_MAX:
        return refuse(FieldError(CONTEXT.pointers["device"], "too_large"))
    consent = context.consent
    if isinstance(consent, str):
        purposes = read_consent(consent)
        if purposes is None:
            category = identifying_value(consent)
            return refuse(
                FieldError(CONTEXT.pointers["consent"], "identifying_value" if category else "invalid_value", category)
            )
        consent = purposes
    cookies: CookiesBody | UnsetType = UNSET
    if context.language or context.region or context.variants:  # an empty one says as little as none
        cookies = CookiesBody(context.language or UNSET, context.region or UNSET, UNSET, context.variants or UNSET)
    return VisitBody(
        SignalsBody(
            _unset_for_null(context.ip),
            geo,
            cookies,
            DeviceBody(targeting_key, _unset_for_null(context.user_agent), _unset_for_null(context.accept_language)),
            gpc or context.gpc,
        ),
        consent,
        opted_out or context.opt_out,
    )


def _unset_for_null(text: str | UnsetType | None) -> str | UnsetType:
    """A text, or what stands for none: SDKs send ``null`` for what they do not know."""
    return UNSET if text is None else text


def refuse_query(query: bytes) -> Refusal | None:
    """What is wrong with a query. Nothing in it is read, and only what the protocol itself adds may stand there."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:
        return refuse(FieldError("/query", "invalid_value"))
    errors = []
    for position, (name, _) in enumerate(pairs):
        if name not in IGNORED_PARAMETERS:
            errors.append(misnamed_parameter(name, position, IGNORED_PARAMETERS))
    return refuse(*errors) if errors else None
