"""OpenFeature's remote protocol, OFREP 0.3: all flags of a visit, or one, for any SDK that has a provider for it.

A visit is its evaluation context alone, with two exceptions by which the browser that asks may say no: ``Sec-GPC`` and
the opt-out cookie. All flags at once are what a page asks for, so that is a visit and counted as one, also where the
answer is that nothing changed. One flag is what a server asks for, many times for a page: that is never counted.

What visits with the same traits share is encoded once, and so is each variant of an experiment.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from service.core.access import Grant
from service.core.experiments.assignment import Assignment
from service.core.privacy import PolicyVersion, RegimeKey, WithheldReason
from service.core.sites import Key
from service.use_cases.evaluate_flags import (
    Flag,
    cohort_flags,
    device_flags,
    evaluate_flag,
    experiment_flag,
    has_flag,
    language_flags,
    region_flags,
    slot_flags,
)
from service.web.answers import Answer, Part
from service.web.cacheable import etag_of, matches
from service.web.decisions import Decisions
from service.web.epoch import Current, Epoch, ServedSite
from service.web.ofrep.context import read_context, refuse_query, visit_of
from service.web.ofrep.refusals import NO_KEY, FlagFailure, FlagSetFailure, failure_of
from service.web.problems import Refusal
from service.web.visit.connection import Fields
from service.web.visit.opt_out_signals import opted_out, says_gpc
from service.web.visit.outcomes import CONTEXT
from service.web.wire.messages import (
    JSON,
    NO_STORE,
    PRIVATE,
    Headers,
    Request,
    Response,
    head_of,
    problem_response,
    respond,
)

VARIANTS_MAX = METADATA_MAX = 4096
T = TypeVar("T")
FLAGS_PATH = "/ofrep/v1/evaluate/flags"
FLAG_PATH = FLAGS_PATH + "/{key}"
SITE_FLAGS_PATH = "/sites/{site}" + FLAGS_PATH
SITE_FLAG_PATH = "/sites/{site}" + FLAG_PATH


class FlagTarget(NamedTuple):
    """What the path of a request asks for: ``site`` is None for the default site, ``key`` for all flags."""

    site: str | None
    key: str | None


_ALL_FLAGS = FlagTarget(None, None)
_KEPT, _ANSWERED = head_of(PRIVATE), head_of([JSON, *PRIVATE])


def _target_of(request: Request) -> FlagTarget:
    """What the path of a request asks for. A key is all that is left of it: some providers escape no slash."""
    if request.matched is None:
        return _ALL_FLAGS
    return FlagTarget(request.parameter("site"), request.parameter("key"))


class FlagSetMetadata(Struct, frozen=True):
    """What holds for all flags. ``variants`` is the next value of the device's variant cookie."""

    site: Key
    regime: RegimeKey
    policy_version: PolicyVersion
    variants: str


class FlagSet(Struct, frozen=True):
    """All flags of a visit: those that every site has, its slots', its experiments', in the site's order."""

    flags: list[Flag]
    metadata: FlagSetMetadata


class Flags:
    """Answers for all flags and for one."""

    def __init__(self, current: Current, decisions: Decisions) -> None:
        self._current = current
        self._decisions = decisions

    def post(self, request: Request, grant: Grant) -> Response:
        """All flags, or the one whose key ends the path."""
        fields = self._decisions.intake.fields(request.given)
        return self._answer(_target_of(request), request.query, fields, request.body, grant)

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """The response to a request that was refused before its visit was read."""
        return _refuse(self._current.epoch, refusal, _target_of(request), None, request.header(b"origin"))

    def _answer(self, target: FlagTarget, query: bytes, fields: Fields, body: bytes, grant: Grant) -> Response:
        epoch, origin = self._current.epoch, fields.get(b"origin", b"")
        site = epoch.site(target.site, grant)
        if isinstance(site, Refusal):
            return _refuse(epoch, site, target, None, origin)
        answer = self._decide(site, target, query, fields, body)
        if isinstance(answer, Refusal):
            return _refuse(epoch, answer, target, site, origin)
        headers = epoch.cors.headers(origin, site.id)
        if target.key is None:
            pieces, etag = _all(answer)
        else:
            flag = evaluate_flag(answer.decision, answer.assigned, target.key)
            if flag is None:
                return _fail(404, FlagFailure(NO_KEY, "FLAG_NOT_FOUND", "The site has no such flag."), headers)
            pieces = (_encode(flag),)
            etag = etag_of(pieces[0])
        own_head = head_of([(b"etag", etag), *headers])
        if (if_none_match := fields.get(b"if-none-match")) and matches(if_none_match, etag):
            return Response(304, (_KEPT, own_head))
        return Response(200, (_ANSWERED, own_head), b"", pieces)

    def _decide(
        self, site: ServedSite, target: FlagTarget, query: bytes, fields: Fields, body: bytes
    ) -> Answer | Refusal:
        """The answer to the visit that a context describes, with what a browser says beside it."""
        refusal = refuse_query(query) if query else None
        context = refusal or read_context(body, site.rules.site.context_ignored)
        if isinstance(context, Refusal):
            return context
        gpc = b"sec-gpc" in fields and says_gpc(fields[b"sec-gpc"])
        objects = b"cookie" in fields and opted_out([(b"cookie", fields[b"cookie"])])
        visit = visit_of(context, gpc=gpc, opted_out=objects)
        if isinstance(visit, Refusal):
            return visit
        return self._decisions.for_visit(visit, site, counted=target.key is None, names=CONTEXT)


def _all(answer: Answer) -> tuple[tuple[bytes, ...], bytes]:
    """All flags as JSON, in pieces that visits share and that are encoded once, and their entity tag.

    The tag is made of what tells the pieces apart, for the body follows from them.
    """
    withheld = {refused.purpose: refused.reason for refused in answer.privacy.value.withheld}
    flags = [
        _of_part(answer.language, None, lambda language, _: language_flags(language)),
        _of_part(answer.region, withheld.get("region"), region_flags),
        _of_part(answer.device, withheld.get("device"), device_flags),
        _of_part(answer.cohort, withheld.get("cohort"), cohort_flags),
        _of_part(answer.slots, None, lambda slots, _: slot_flags(slots[0])),
        *[_of_variant(key, assignment) for key, assignment, _, _ in answer.assigned.assignments],
        _metadata(answer.site, answer.privacy.value.regime, answer.privacy.value.policy_version),
    ]
    cookie = answer.assigned.cookie.encode()  # it has no character that JSON would escape
    etag = etag_of(b"".join([digest for _, digest in flags]) + cookie)
    first, *further = [encoded for encoded, _ in flags]
    return (_START, first.removeprefix(b","), *further, cookie, _END), etag


class EncodedFlags(NamedTuple):
    """Flags as JSON, and a digest of that."""

    encoded: bytes
    digest: bytes


def _of_part(
    part: Part[T], withheld: WithheldReason | None, flags_of: Callable[[T, WithheldReason | None], list[Flag]]
) -> EncodedFlags:
    """The flags of a part of an answer, which remembers them."""
    if part.flags is None:
        part.flags = {}
    encoded = part.flags.get(withheld)
    if encoded is None:
        encoded = part.flags[withheld] = _digested(b"".join(map(_after_comma, flags_of(part.value, withheld))))
    return encoded


@lru_cache(maxsize=VARIANTS_MAX)
def _of_variant(key: Key, assignment: Assignment) -> EncodedFlags:
    """The flag of an experiment. There are a few for each variant."""
    return _digested(_after_comma(experiment_flag(key, assignment)))


@lru_cache(maxsize=METADATA_MAX)
def _metadata(site: Key, regime: RegimeKey, policy_version: PolicyVersion) -> EncodedFlags:
    """What holds for all flags, up to the value of ``variants``."""
    metadata = _encode(FlagSetMetadata(site, regime, policy_version, ""))
    return _digested(b'],"metadata":' + metadata.removesuffix(_END[:-1]))


def _after_comma(flag: Flag) -> bytes:
    return b"," + _encode(flag)


def _digested(encoded: bytes) -> EncodedFlags:
    return EncodedFlags(encoded, etag_of(encoded))


def _refuse(epoch: Epoch, refusal: Refusal, target: FlagTarget, site: ServedSite | None, origin: bytes) -> Response:
    """A refusal as the protocol has it, of one flag or of all, else as a problem."""
    headers = epoch.cors.headers_for_any(origin)
    failure = failure_of(refusal)
    if failure is None:
        return problem_response(refusal, headers)
    status, code, details = failure
    if target.key is None:
        return _fail(status, FlagSetFailure(code, details), headers)
    is_flag = site is not None and has_flag(site.rules.site, target.key)
    return _fail(status, FlagFailure(target.key if is_flag else NO_KEY, code, details), headers)


def _fail(status: int, failure: FlagFailure | FlagSetFailure, headers: Headers) -> Response:
    return respond(status, [JSON, NO_STORE, *headers], _encode(failure))


_encode = msgspec.json.Encoder().encode
_START, _END = b'{"flags":[', b'"}}'
