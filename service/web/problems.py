"""The closed set of RFC 9457 problems, and a refusal as a value.

A problem names our fields and our reasons. It never repeats anything the client sent, not even an unknown field's name.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from service.core.identity import Category

ErrorCode = Literal[
    "identifying_name", "identifying_value", "unknown_field", "duplicate_field", "invalid_value", "missing_field",
    "too_large",
]  # fmt: skip
ProblemName = Literal[
    "identifying-name", "identifying-value", "unknown-field", "duplicate-field", "invalid-value", "missing-field",
    "too-large", "not-json", "unknown-site", "not-found", "method-not-allowed", "body-timeout", "body-too-large",
    "unsupported-media-type", "headers-too-large", "headers-timeout", "not-http", "unauthorized", "forbidden",
    "cross-site", "overloaded", "not-stored", "counts-unavailable", "internal-error",
]  # fmt: skip

PROBLEM_MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 16
ALLOWED_MAX = 24
"""More is not named: a site may have hundreds of languages."""


class FieldError(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with one field.

    ``pointer`` is a JSON Pointer (RFC 6901) made of our names and array indexes only. For a member whose name is
    unknown or identifying it is the parent's, and ``position`` the member's index in it. ``allowed`` are the names,
    values or forms that may stand there, and ``detail`` says in a sentence or two what they do not: both are our own
    words, whatever was sent.
    """

    pointer: str
    code: ErrorCode
    category: Category | None = None
    position: int | None = None
    allowed: Annotated[tuple[str, ...], Meta(max_length=ALLOWED_MAX)] = ()
    detail: str | None = None


class ProblemKind(Struct, frozen=True):
    """A problem as a person reads of it at ``/problems/{name}``."""

    status: int
    title: str
    meaning: str
    remedy: str


class Problem(Struct, frozen=True, omit_defaults=True):
    """The body of a refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    errors: tuple[FieldError, ...] = field(default=())


class Refusal(Struct, frozen=True):
    """A refusal and its reasons: what the intake and the endpoints return instead of an answer."""

    name: ProblemName
    errors: tuple[FieldError, ...] = ()

    @property
    def kind(self) -> ProblemKind:
        return PROBLEMS[self.name]

    def problem(self) -> Problem:
        return Problem(f"/problems/{self.name}", self.kind.title, self.kind.status, self.errors)


def refuse(*errors: FieldError) -> Refusal:
    """A schema refusal, named by its gravest error, with the first ERRORS_MAX errors."""
    gravest = min((error.code for error in errors), key=_GRAVITY.index)
    return Refusal(_NAME_OF_CODE[gravest], errors[:ERRORS_MAX])


def encode(refusal: Refusal) -> bytes:
    return msgspec.json.encode(refusal.problem())


_GRAVITY: tuple[ErrorCode, ...] = (
    "identifying_value", "identifying_name", "duplicate_field", "unknown_field", "missing_field", "too_large",
    "invalid_value",
)  # fmt: skip
_NAME_OF_CODE: dict[ErrorCode, ProblemName] = {
    "identifying_name": "identifying-name",
    "identifying_value": "identifying-value",
    "unknown_field": "unknown-field",
    "duplicate_field": "duplicate-field",
    "invalid_value": "invalid-value",
    "missing_field": "missing-field",
    "too_large": "too-large",
}

PROBLEMS: dict[ProblemName, ProblemKind] = {
    "identifying-value": ProblemKind(
        422,
        "An identifying value was refused",
        "A value looks like something that says who the visitor is: an e-mail address, a phone number, a name.",
        "Do not send it. A device id must be random and have one of the site's device_id_formats, say a UUIDv4.",
    ),
    "identifying-name": ProblemKind(
        422,
        "An identifying field was refused",
        "A field's name says that it holds something that identifies a person or a device.",
        "Do not send it. The pointer is the object it stood in, the position its index there; `allowed` names what may "
        "stand there, and `detail` what a field is called here that others call so.",
    ),
    "unknown-field": ProblemKind(
        422,
        "An unknown field was refused",
        "The schema is closed: a field that is not in it is refused, so that nothing can slip in.",
        "The pointer is the object it stood in, the position its index there; `allowed` names what may stand there, "
        "and `detail` where a field of ours belongs that stood in the wrong place.",
    ),
    "duplicate-field": ProblemKind(
        422,
        "A field was given twice",
        "JSON with the same member twice means different things to different readers.",
        "Send each field once.",
    ),
    "invalid-value": ProblemKind(
        422,
        "A value is not of its field's form",
        "A field has a value of the wrong type or form. Null is refused too: leave out what is not known.",
        "The pointer names the field, and `allowed` its values or its form; /openapi.json has them all.",
    ),
    "missing-field": ProblemKind(
        422,
        "A required field is missing",
        "A field without which there is no answer is absent.",
        "Send it. The pointer names it, and `allowed` its form.",
    ),
    "too-large": ProblemKind(
        422,
        "A field is too large",
        "A field, a list or the nesting of the request is over its limit.",
        "The pointer names the field, and `allowed` its limit; all limits stand at `/docs/operate`.",
    ),
    "not-json": ProblemKind(
        400,
        "The body is not JSON",
        "The body could not be read as JSON in UTF-8.",
        "Check its syntax and encoding.",
    ),
    "unknown-site": ProblemKind(
        404,
        "There is no such site",
        "No site with this id is configured here.",
        "Check `site`: an id is in small letters.",
    ),
    "not-found": ProblemKind(
        404,
        "There is nothing here",
        "No resource has this address.",
        "Check the path against /openapi.json. Where `errors` point into it, `allowed` names what may stand there.",
    ),
    "method-not-allowed": ProblemKind(
        405, "This method is not allowed here", "The resource exists, but not for this method.", "See the Allow header."
    ),
    "body-timeout": ProblemKind(
        408, "The body took too long", "The body did not arrive in time.", "Send it faster, or in smaller parts."
    ),
    "headers-timeout": ProblemKind(
        408, "The headers took too long", "The request's head did not arrive in time.", "Send it at once."
    ),
    "body-too-large": ProblemKind(
        413, "The body is too large", "The body is over its limit.", "Send less; for many visits use NDJSON."
    ),
    "unsupported-media-type": ProblemKind(
        415,
        "This media type, charset or coding is not supported",
        "The body's media type, its charset or its coding is not one that is read here.",
        "Send `Content-Type: application/json`, in UTF-8 and not compressed.",
    ),
    "headers-too-large": ProblemKind(
        431,
        "The headers are too large",
        "The request's head has too many bytes or too many fields.",
        "Send fewer or shorter headers.",
    ),
    "not-http": ProblemKind(400, "This is not HTTP", "The request could not be read as HTTP/1.1.", "Check the client."),
    "unauthorized": ProblemKind(
        401,
        "A key is needed",
        "No key, or one that is not known, came with the request.",
        "Send `Authorization: Bearer KEY`.",
    ),
    "forbidden": ProblemKind(
        403,
        "This is not allowed",
        "The key lacks the scope or the site; or a page of another website asked to take an opt-out back.",
        "Use a key that has them. An opt-out is taken back on the site's own pages.",
    ),
    "cross-site": ProblemKind(
        403,
        "A page of another website cannot set this cookie: call the site's own host",
        "A script or a frame of another website asked to opt out. Browsers throw away a `SameSite=Lax` cookie that "
        "comes in answer to one, so the visitor's no would be lost.",
        "Ask the host of the site's own domain: from a page of `https://www.shop.example`, one such as "
        "`https://passerby.shop.example`. A link to the mirror, or a form that leads there, works from anywhere.",
    ),
    "overloaded": ProblemKind(
        503,
        "Too busy",
        "More requests are in work than can be answered in time.",
        "Try again after the seconds in Retry-After.",
    ),
    "not-stored": ProblemKind(
        503,
        "Counts could not be stored",
        "With `ack=stored` the answer waits for the store, and the store is not known to have these counts.",
        "Try again after the seconds in Retry-After, with the same cookies as before.",
    ),
    "counts-unavailable": ProblemKind(
        503,
        "The counts cannot be read now",
        "The store that keeps the counts does not answer. Visits are answered all the same.",
        "Try again after the seconds in Retry-After.",
    ),
    "internal-error": ProblemKind(
        500, "Something broke here", "The fault is ours, not the request's.", "Try again later, and tell us."
    ),
}
