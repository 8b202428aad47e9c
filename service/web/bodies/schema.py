r"""Request bodies: the closed shape of each, and a strict reading of bytes into it.

The fast path decodes with msgspec (unknown fields, wrong types and null fail) and costs about two microseconds. What
msgspec does not see is a member given twice: it keeps the last. So a decoded body is encoded again. No JSON text of the
same value is shorter than that, so if the lengths agree nothing was dropped. If white space or escapes make the body
longer, the colons are counted: without ``\u`` escapes, every colon stands after a member's name or inside a string, and
a member that was dropped took at least one with it. Whatever fails goes to ``body_errors``, which reads slowly and
names every mistake.

No struct here shows what it holds: a ``repr`` ends up in logs and tracebacks.
"""

import asyncio
import contextlib
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from service.core.privacy import Purpose
from service.core.sites import Key
from service.web.bodies.body_errors import diagnose, diagnose_batch, has_duplicates
from service.web.bodies.guidance import COUNTRY_FORM, SUBDIVISION_FORM
from service.web.problems import FieldError, Refusal, refuse

# What a browser sends by itself is read up to here, and beyond it left unread: never a reason to refuse a visit.
USER_AGENT_MAX_BYTES = 1024
ACCEPT_LANGUAGE_MAX_BYTES = 1024
CLIENT_HINT_MAX_BYTES = 256
COOKIES_MAX_BYTES = 2048
JSON_DEPTH_MAX = 6
COMMAS_UNCOUNTED_MAX = 32768
UNCOUNTED_MAX_BYTES = 3 * COMMAS_UNCOUNTED_MAX
# Editors and .NET write it before JSON, where RFC 8259 lets a reader pass over it.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# With what edges say of Tor, of proxies that hide a place, and of satellites: an unknown place.
COUNTRY_PATTERN = "^([A-Z]{2}|T1|A1|A2)$"
USER_AGENT_IS_READ = f"User-Agent; a longer one than {USER_AGENT_MAX_BYTES} bytes is left unread"
LANGUAGES_ARE_READ = (
    f"Accept-Language; of a longer one than {ACCEPT_LANGUAGE_MAX_BYTES} bytes the whole members within them are read"
)
ADDRESS_MEANING = "one IPv4 or IPv6 address; a port, brackets, a zone and blanks around it are left away"


def documented(description: str, **schema: object) -> Meta:
    """Meta that only documents: the intake checks these values itself, with better errors than a pattern's."""
    return Meta(description=description, extra_json_schema=schema or None)


class ClientText(Struct, frozen=True, gc=False):
    """What a client sent. It shows nothing of itself."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own lists every field
        return []


class GeoBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """A place that an edge resolved, so that the address never leaves it."""

    country: Annotated[str, documented(COUNTRY_FORM, pattern=COUNTRY_PATTERN, examples=["CH"])]
    subdivision: (
        Annotated[str, documented(SUBDIVISION_FORM, pattern="^[A-Z0-9]{1,3}$", examples=["ZH"])] | UnsetType
    ) = UNSET


class CookiesBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """The site's own preference cookies. An ill-formed one is dropped and named, an identifying one refused.

    An empty one counts as not sent, as in a Cookie header. Each is read as frameworks write it too: percent-encoded.
    """

    language: Annotated[str, documented("pb_language: a language of the site", examples=["fr"])] | UnsetType = UNSET
    region: Annotated[str, documented("pb_region: CC or CC-SUB", examples=["CH"])] | UnsetType = UNSET
    interests: (
        Annotated[str, documented("pb_interests: topics with weights", examples=["outdoor:3.shoes:1"])] | UnsetType
    ) = UNSET
    variants: Annotated[str, documented("pb_variants: variants by experiment", examples=["hero.b"])] | UnsetType = UNSET


class ClientHintsBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False, rename="kebab"):
    """The low-entropy client hints as the browser sent them, each read up to 256 bytes. No other hint is read."""

    sec_ch_ua: Annotated[str, documented("brands")] | UnsetType = UNSET
    sec_ch_ua_mobile: Annotated[str, documented("?1 or ?0", examples=["?1"])] | UnsetType = UNSET
    sec_ch_ua_platform: Annotated[str, documented("platform", examples=['"Android"'])] | UnsetType = UNSET
    save_data: Annotated[str, documented("on", examples=["on"])] | UnsetType = UNSET


class DeviceBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the device shows of itself."""

    id: (
        Annotated[
            str,
            documented(
                "an opaque random id of one of the site's device_id_formats, minted and kept by the site",
                minLength=1,
                examples=["7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"],
            ),
        ]
        | UnsetType
    ) = UNSET
    user_agent: Annotated[str, documented(USER_AGENT_IS_READ)] | UnsetType = UNSET
    accept_language: Annotated[str, documented(LANGUAGES_ARE_READ, examples=["de-CH,de;q=0.9"])] | UnsetType = UNSET
    client_hints: ClientHintsBody | UnsetType = UNSET


class SignalsBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a visit shows on its face. ``ip`` and ``geo`` exclude each other."""

    ip: Annotated[str, documented(ADDRESS_MEANING, examples=["195.65.10.7"])] | UnsetType = UNSET
    geo: GeoBody | UnsetType = UNSET
    cookies: CookiesBody | UnsetType = UNSET
    device: DeviceBody | UnsetType = UNSET
    gpc: bool | UnsetType = UNSET


class VisitBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """One visit, without its site: an item of a batch."""

    signals: SignalsBody | UnsetType = UNSET
    consent: Annotated[frozenset[Purpose], documented("purposes the visitor consented to")] | UnsetType = UNSET
    opt_out: bool | UnsetType = UNSET


class RecommendationBody(VisitBody, frozen=True, forbid_unknown_fields=True, gc=False):
    """One visit to a site."""

    site: Key | UnsetType = UNSET


class BatchBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """Many visits to one site. Each is decoded by itself, so that a bad one does not spoil the rest."""

    requests: list[Raw]
    site: Key | UnsetType = UNSET


class BatchDocument(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """``BatchBody`` as its readers see it."""

    requests: Annotated[list[VisitBody], documented("visits, at most the setting `batch_items_max` of them")]
    site: Key | UnsetType = UNSET


_encoder = msgspec.json.Encoder()
_recommendation = msgspec.json.Decoder(RecommendationBody)
_visit = msgspec.json.Decoder(VisitBody)
_batch = msgspec.json.Decoder(BatchBody)
_document = msgspec.json.Decoder(BatchDocument)


def read_recommendation(body: bytes) -> RecommendationBody | Refusal:
    """One request of ``POST /v1/recommendation``."""
    recommendation: RecommendationBody | Refusal = read_strictly(_recommendation, RecommendationBody, body)
    return recommendation


def read_visit(body: bytes | Raw) -> VisitBody | Refusal:
    """One item of a batch."""
    visit: VisitBody | Refusal = read_strictly(_visit, VisitBody, bytes(body))
    return visit


async def read_batch(body: bytes, items_max: int, item_max_bytes: int) -> BatchDocument | BatchBody | Refusal:
    """A batch: all read where all is well, else the envelope with its items still raw.

    However large and odd the body, the event loop waits less than 5 ms at a time.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    # Each item becomes an object, and decoding cannot be told to stop at a number of them. There are never fewer
    # commas: with so many that it could take long, the items are counted first, step by step. ``{},`` is the shortest.
    if len(body) > UNCOUNTED_MAX_BYTES and body.count(b",") > COMMAS_UNCOUNTED_MAX:
        refusal = await diagnose_batch(body, BatchDocument, "requests", items_max)
        if refusal is not None:
            return refusal
    else:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            document = _document.decode(body)
            if len(document.requests) <= items_max and _is_all_well(document, body, item_max_bytes):
                return document
        await asyncio.sleep(0)
    try:
        batch = _batch.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refusal = await diagnose_batch(body, BatchDocument, "requests", items_max)
        return refusal or refuse(FieldError("", "invalid_value"))
    if len(batch.requests) > items_max:
        return refuse(FieldError("/requests", "too_large", allowed=(f"a list of at most {items_max}",)))
    if len(_encoder.encode(batch)) != len(body):
        inside = sum(bytes(item).count(b":") for item in batch.requests)
        members = 1 if batch.site is UNSET else 2  # neither a member's name nor a site's has a colon
        if body.count(b":") - inside != members:
            return await diagnose_batch(body, BatchDocument, "requests", items_max) or batch
    return batch


def _is_all_well(document: BatchDocument, body: bytes, item_max_bytes: int) -> bool:
    """Whether no member was lost in decoding a batch, and no item is too long for the blanks in it.

    Most encoders write no blanks. Python's does, and each visit of its batches would otherwise be decoded twice.
    """
    written = _encoder.encode(document)
    if len(written) == len(body):
        return True
    if b"\\u" in body or written.count(b":") != body.count(b":"):
        return False
    return max(map(len, _batch.decode(body).requests), default=0) <= item_max_bytes


def read_strictly(
    decoder: msgspec.json.Decoder[Any], kind: type[Struct], body: bytes, *, length_tells: bool = True
) -> Any:
    """A ``kind`` from a small body by its decoder, or the refusal that says what is wrong.

    A member that is given twice is lost in decoding, so what was decoded is written again: it is as long as the body,
    or has as many colons. Without ``length_tells`` something may be written longer than it came, as the number 1e15 is.
    """
    try:
        decoded = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if body.startswith(BYTE_ORDER_MARK) and not body.startswith(BYTE_ORDER_MARK * 2):
            return read_strictly(decoder, kind, body.removeprefix(BYTE_ORDER_MARK), length_tells=length_tells)
        return diagnose(body, kind, JSON_DEPTH_MAX)
    written = _encoder.encode(decoded)
    if len(written) != len(body) or not length_tells:
        is_escaped = b"\\u" in body  # then colons tell nothing: they may be escaped themselves
        if has_duplicates(body) if is_escaped else written.count(b":") != body.count(b":"):
            return diagnose(body, kind, JSON_DEPTH_MAX)
    return decoded
