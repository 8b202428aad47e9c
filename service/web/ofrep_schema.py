"""The evaluation context of OpenFeature's remote protocol (OFREP): its closed shape, and what it says of a visit.

Apart from ``schema``, because these are the words of another protocol for the same things. A context is read as
strictly as any body here and then becomes a ``VisitBody``, so that every rule of the intake holds for it as well.
"""

from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, UnsetType

from service.core.identity import identifying_name, identifying_value
from service.core.privacy import Purpose
from service.web.cookies import read_consent
from service.web.problems import FieldError, Refusal, refuse
from service.web.query import PARAMETERS_MAX
from service.web.schema import (
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

TARGETING_KEY_CHARS_MAX = 128
# What the protocol's providers add to the address when a stream told them of a change. We send no streams.
IGNORED_PARAMETERS = ("flagConfigEtag", "flagConfigLastModified")


class ContextBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False, rename="camel"):
    """What a visit shows on its face, as an evaluation context. Nothing else is an attribute here.

    ``ip`` and ``country`` exclude each other; an empty ``targetingKey`` counts as none.
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
    ) = UNSET
    ip: Annotated[str, documented("IPv4 or IPv6 address", examples=["195.65.10.7"])] | UnsetType = UNSET
    country: Annotated[str, documented("ISO 3166-1 alpha-2", pattern=COUNTRY_PATTERN, examples=["CH"])] | UnsetType = (
        UNSET
    )
    subdivision: (
        Annotated[str, documented("ISO 3166-2 without the country", pattern="^[A-Z0-9]{1,3}$", examples=["ZH"])]
        | UnsetType
    ) = UNSET
    user_agent: Annotated[str, documented(USER_AGENT_IS_READ)] | UnsetType = UNSET
    accept_language: Annotated[str, documented(LANGUAGES_ARE_READ, examples=["de-CH,de;q=0.9"])] | UnsetType = UNSET
    language: Annotated[str, documented("pb_language: a language of the site", examples=["fr"])] | UnsetType = UNSET
    region: Annotated[str, documented("pb_region: CC or CC-SUB", examples=["CH"])] | UnsetType = UNSET
    variants: Annotated[str, documented("pb_variants", examples=["hero.b"])] | UnsetType = UNSET
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
_evaluation = msgspec.json.Decoder(EvaluationBody)


def read_context(body: bytes) -> ContextBody | Refusal:
    """The context of a request for flags: 1 us."""
    found: EvaluationBody | Refusal = read_strictly(_evaluation, EvaluationBody, body)
    if isinstance(found, Refusal):
        return found
    return _NO_CONTEXT if found.context is UNSET else found.context


def visit_of(context: ContextBody, *, gpc: bool, opted_out: bool) -> VisitBody | Refusal:
    """The visit that a context describes. ``gpc`` and ``opted_out`` are what the browser that asked says itself."""
    geo: GeoBody | UnsetType = UNSET
    if context.country is not UNSET:
        geo = GeoBody(context.country, context.subdivision)
    elif context.subdivision is not UNSET:
        return refuse(FieldError("/context/country", "missing_field"))
    targeting_key = context.targeting_key or UNSET
    if targeting_key is not UNSET and len(targeting_key) > TARGETING_KEY_CHARS_MAX:
        return refuse(FieldError("/context/targetingKey", "too_large"))
    consent = context.consent
    if isinstance(consent, str):
        named = read_consent(consent)
        if named is None:
            category = identifying_value(consent)
            return refuse(
                FieldError("/context/consent", "identifying_value" if category else "invalid_value", category)
            )
        consent = named
    return VisitBody(
        SignalsBody(
            context.ip,
            geo,
            CookiesBody(context.language, context.region, UNSET, context.variants),
            DeviceBody(targeting_key, context.user_agent, context.accept_language),
            gpc or context.gpc,
        ),
        consent,
        opted_out or context.opt_out,
    )


def refuse_query(query: bytes) -> Refusal | None:
    """What is wrong with a query. Nothing in it is read, and only what the protocol itself adds may stand there."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:
        return refuse(FieldError("/query", "invalid_value"))
    errors = []
    for position, (name, _) in enumerate(pairs):
        if name not in IGNORED_PARAMETERS:
            category = identifying_name(name)
            errors.append(FieldError("/query", "identifying_name" if category else "unknown_field", category, position))
    return refuse(*errors) if errors else None
