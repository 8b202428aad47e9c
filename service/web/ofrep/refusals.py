"""Refusals in OFREP's form: a code that every OpenFeature SDK knows, and sentences for whoever wrote the context.

The sentences name our fields, a category, or the position of a member. They repeat nothing that was sent, nor the key
of the flag that was asked for, unless the site has it.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Literal, NamedTuple

from msgspec import Struct

from service.core.identity import Category
from service.core.ignored_context import TEXT_CHARS_MAX
from service.web.ofrep.context import CONTEXT_FIELDS, IGNORED_PARAMETERS
from service.web.problems import FieldError, Refusal
from service.web.visit.outcomes import CONTEXT

FlagErrorCode = Literal["PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"]
NO_KEY = ""
"""Stands for the key of a flag that the site does not have. Providers want a text; no flag is called so."""
SENTENCES_MAX = 4


class FlagSetFailure(Struct, frozen=True, rename="camel"):
    """No flag at all, and why."""

    error_code: FlagErrorCode
    error_details: str


class FlagFailure(Struct, frozen=True, rename="camel"):
    """Not this flag, and why. ``key`` is empty for a flag that the site does not have.

    ``metadata`` are always there, though empty: OpenFeature's provider for Java reads them without asking.
    """

    key: str
    error_code: FlagErrorCode
    error_details: str
    metadata: dict[str, str] = {}


def failure_of(refusal: Refusal) -> tuple[int, FlagErrorCode, str] | None:
    """Status, code and sentences of a refusal; None for one outside the protocol, which stays a problem."""
    if refusal.errors:
        return 400, "INVALID_CONTEXT", details_of(refusal.errors)
    if refusal.name == "not-json":
        return 400, "PARSE_ERROR", 'The body is not JSON. It should be {"context": {...}}.'
    if refusal.name == "unknown-site":
        # The only code that the protocol has beside this status, and what some providers make of it anyhow.
        return 404, "FLAG_NOT_FOUND", "There is no such site here, so it has no flags."
    if refusal.name == "internal-error":
        return 500, "GENERAL", "The answer failed here, by no mistake of yours. Later it may not."
    return None


def details_of(errors: Iterable[FieldError]) -> str:
    """The mistakes in a context and their remedies, in up to SENTENCES_MAX sentences for the first of them."""
    first_errors = [*islice(errors, SENTENCES_MAX)]
    closed = {error.pointer: None for error in first_errors if error.code in _MISPLACED}
    allowed = (f"{_CLOSED[pointer].container} takes only: {' '.join(_CLOSED[pointer].allowed)}." for pointer in closed)
    unknown = any(error.pointer == "/context" and error.code == "unknown_field" for error in first_errors)
    return " ".join((*map(_sentence, first_errors), *allowed, *([_IGNORABLE] if unknown else [])))


def _sentence(error: FieldError) -> str:
    if error.code in _MISPLACED:
        member = _CLOSED[error.pointer].member.format(1 if error.position is None else error.position + 1)
        where = "" if error.detail is None else f" {error.detail}"
        if error.category is None:
            return f"{member} is not known here.{where}"
        return f"{member} has a name that says who the visitor is ({error.category}): it was refused.{where or _DO_NOT}"
    field = _TOGETHER.get(error.pointer) or error.pointer.removeprefix("/context/").strip("/").partition("/")[0]
    if error.code == "identifying_value" and error.category is not None:
        sentence = f"{field or 'The body'} looks like {_WORDS[error.category]}, so it was refused."
        return f"{sentence} {_REMEDIES[field]}" if field == "targetingKey" else f"{sentence} Do not send it."
    if error.code == "duplicate_field":
        return f"{field or 'A field of the body'} is given twice."
    if error.code == "missing_field":
        return f"{field or 'A field of the body'} is missing."
    if error.code == "too_large":
        return f"{field} is too long." if field else "The body nests too deep."
    if error.pointer == CONTEXT.pointers["geo"]:
        return "ip and country exclude each other: send one of them."
    is_ignored = error.pointer.startswith("/context/") and field not in CONTEXT_FIELDS
    return f"{field or 'The body'} is not of its form. {_IGNORED_FORM if is_ignored else _REMEDIES.get(field, _FORM)}"


class _Closed(NamedTuple):
    """An object that takes only certain members: how it and a member of it, by its number, are called."""

    member: str
    container: str
    allowed: tuple[str, ...]


_CLOSED: Mapping[str, _Closed] = {
    "/query": _Closed("Parameter {} of the query", "The query", IGNORED_PARAMETERS),
    "": _Closed("Field {} of the body", "The body", ("context",)),
    "/context": _Closed("Field {} of the context", "The context", CONTEXT_FIELDS),
}
_MISPLACED = frozenset({"identifying_name", "unknown_field"})
_TOGETHER: Mapping[str, str] = {CONTEXT.pointers["cookies"]: "The text of language, region and variants"}
_IGNORABLE = (
    "What is harmless and tells nobody apart, such as a plan or a version, the site may name in its file, in "
    'context_ignored = ["..."]: then it is left unread.'
)
_IGNORED_FORM = f"It is left unread, but has to be a text of up to {TEXT_CHARS_MAX} characters, a number or a boolean."
_DO_NOT = " Do not send it."
_FORM = 'It should be {"context": {...}} with an object of texts, booleans and, in consent, a list.'
_REMEDIES: Mapping[str, str] = {
    "targetingKey": "Send an opaque random id that the site made for the device, such as a UUIDv4, or none.",
    "ip": "It is one IPv4 or IPv6 address, such as 195.65.10.7.",
    "country": "It is two capital letters (ISO 3166-1), such as CH.",
    "subdivision": "It is up to three capital letters or digits (ISO 3166-2 without the country), such as ZH.",
    "userAgent": "It is a text.",
    "acceptLanguage": "It is a text.",
    "language": "It is a language of the site, such as de.",
    "region": "It is a country and perhaps a subdivision of it, such as CH or CH-ZH.",
    "variants": "It is as answers have it, such as hero.b.",
    "consent": "It is a list of purposes: language region device cohort statistics experiments interests.",
    "query": "It has names and values in ASCII, and few of them.",
    "gpc": "It is true or false.",
    "optOut": "It is true or false.",
}
_WORDS: Mapping[Category, str] = {
    "email": "an e-mail address",
    "phone": "a phone number",
    "name": "a name",
    "address": "a postal address",
    "government_id": "a government's number of a person",
    "payment": "a payment card or account",
    "account": "the name or number of an account",
    "credential": "a credential",
    "network_id": "the number of a device or a network, or a digest",
    "device_serial": "a device's serial number",
    "location": "a location",
    "date_of_birth": "a date of birth",
    "url": "an address on the web",
    "digest": "a digest of something",
    "free_text": "free text",
    "other": "something that is not random",
}
