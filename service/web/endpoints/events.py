"""``/v1/events``: what happened after a visit, reported by the device that it happened on.

The body is all that is counted: of headers only Global Privacy Control and the opt-out cookie are read for that. It is
validated whole before either is honoured, so that a mistake shows itself to everybody alike. Of the connection the
network's prefix is asked for, where the caller has no key, so that none reports without end (``web.visit.networks``).
"""

import msgspec
from msgspec import UNSET

from service.core.access import Grant
from service.core.groups.cohort_token import Sealed, TokenSealer
from service.core.sites import Key
from service.ports import Clock
from service.use_cases.counting.record_events import Recorder, Room, record_events
from service.web.auth import Auth
from service.web.bodies.event_schema import EventsAnswer, EventsBody, event_report, read_events
from service.web.bodies.guidance import SITE_LEFT_OUT
from service.web.epoch import Current, Epoch
from service.web.problems import FieldError, Refusal, refuse
from service.web.query import read_query
from service.web.visit.networks import Networks
from service.web.visit.opt_out_signals import opt_out_signal
from service.web.wire.messages import JSON, PRIVATE, Request, Response, problem_response, respond

# Navigator.sendBeacon sends a text as text/plain, for which a browser asks no leave beforehand.
MEDIA_TYPES = ("application/json", "text/plain")
_QUERY = {"ack": frozenset({"stored"})}


OF_ITS_SITE = "A token counts for the site that it was answered for, and for 24 hours."
OF_ANOTHER_SITE = f"{SITE_LEFT_OUT} {OF_ITS_SITE}"


class Events:
    """Takes reports, and hands their increments to the recorder. Where nothing is counted, ``networks`` is None."""

    def __init__(
        self,
        current: Current,
        recorder: Recorder,
        sealer: TokenSealer,
        now_s: Clock,
        auth: Auth,
        networks: Networks | None,
    ) -> None:
        self._current = current
        self._recorder = recorder
        self._sealer = sealer
        self._now_s = now_s
        self._auth = auth
        self._networks = networks

    async def post(self, request: Request, grant: Grant) -> Response:
        """One report. With ``?ack=stored`` the answer comes once the store has its counts."""
        epoch, origin = self._current.epoch, request.header(b"origin")
        outcome = await self._answer(request, grant, epoch)
        if isinstance(outcome, Refusal):
            return problem_response(outcome, epoch.cors.headers_for_any(origin))
        site, answer = outcome
        cors = epoch.cors.headers(origin, site)
        return respond(202, [JSON, *PRIVATE, *cors], msgspec.json.encode(answer))

    async def _answer(self, request: Request, grant: Grant, epoch: Epoch) -> tuple[Key, EventsAnswer] | Refusal:
        """The site that a report is of, and what became of it."""
        query = read_query(request.query, _QUERY)
        if isinstance(query, Refusal):
            return query
        body = read_events(request.body)
        if isinstance(body, Refusal):
            return body
        site = epoch.site(None if body.site is UNSET else body.site, grant)
        if isinstance(site, Refusal):
            return site
        rules = site.rules
        errors: list[FieldError] = []
        sealed = self._open(body, site.id, errors)
        report = event_report(body, rules, errors)
        if errors:
            return refuse(*errors)
        opt_out_reason = opt_out_signal(request.headers)
        permitted = None if opt_out_reason else sealed
        room = None if permitted is None else self._room(request, site.id)
        outcome = await record_events(self._recorder, rules, permitted, report, until_stored="ack" in query, room=room)
        if outcome is None:
            return Refusal("not-stored")
        reason = opt_out_reason or outcome.reason
        cookies = outcome.variants_cookie, outcome.interests_cookie
        return site.id, EventsAnswer(outcome.accepted, outcome.duplicates, reason, *cookies)

    def _room(self, request: Request, site: Key) -> Room | None:
        """The caller's room under the cap on networks; None with a key, and for this machine itself."""
        if self._networks is None or self._auth.has_key("events", request.headers, site):
            return None
        return self._networks.room(request.peer, request.headers)

    def _open(self, body: EventsBody, site: str, errors: list[FieldError]) -> Sealed | None:
        """What the token says. None without one: ``null``, or left out as JavaScript does with what is undefined."""
        if body.token is UNSET or body.token is None:
            return None
        sealed = self._sealer.open(site, body.token, self._now_s())
        if sealed is None:
            detail = OF_ANOTHER_SITE if body.site is UNSET else OF_ITS_SITE
            errors.append(FieldError("/token", "invalid_value", detail=detail))
        return sealed
