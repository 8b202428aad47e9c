"""The ASGI application: what answers, and the loops that run beside it."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import AsyncIterator

from service import __version__
from service.adapters.mmdb.held import REASONS
from service.app.counting import OFF
from service.app.disclosing import days_since, disclosure_of, policy_age, practice_of
from service.app.ending import Ending
from service.app.house import NO_PLACES, House
from service.app.last_words import loop_handler
from service.app.metrics_listener import serve_metrics
from service.app.reloading import Reloading
from service.app.terminal import Terminal
from service.core import identity
from service.settings import is_loopback
from service.use_cases.disclosure import PolicyAge
from service.web.admission import Admission, Crowded
from service.web.asgi import (
    ClientGone,
    Headers,
    Receive,
    Response,
    Scope,
    Send,
    header,
    problem_response,
    respond_problem,
    send_response,
)
from service.web.auth import Auth, refused
from service.web.cors import Cors
from service.web.decisions import TEXTS_KEPT_MAX_S
from service.web.endpoints.cohorts import Cohorts
from service.web.endpoints.counts import Counts
from service.web.endpoints.documents import Documents
from service.web.endpoints.events import Events
from service.web.endpoints.health import Health, PolicyState
from service.web.endpoints.mirror import Mirror
from service.web.endpoints.ofrep import Flags, parse_path
from service.web.endpoints.privacy import Privacy
from service.web.endpoints.problems import ProblemPages
from service.web.endpoints.recommendations import Limits, Recommendations
from service.web.endpoints.way_out import WayOut
from service.web.farewell import ProtocolProblem
from service.web.pages.frame import Frame
from service.web.problems import Refusal
from service.web.routes import COHORT_PATH, COHORT_PREFIX, VISIT_PATH, Routes, table

POLICY_CHECK_INTERVAL_S = 3600
KEYS_WATCH_INTERVAL_S = 1.0
PARENT_CHECK_INTERVAL_S = 1.0

_VISIT_PATH, _COHORT_PREFIX = VISIT_PATH.encode(), COHORT_PREFIX.encode()
# An orchestrator that asks while the house is full must not be told that nobody is at home.
_ALWAYS_ANSWERED = frozenset({"/livez", "/readyz"})


class Application:
    """The ASGI application: sheds what is too much, answers the rest, and lets no exception speak to a client."""

    def __init__(self, house: House, parent_pid: int | None = None, terminal: Terminal | None = None) -> None:
        """``parent_pid`` is of the process that this one is a worker of, and ends with; else with its ``terminal``."""
        self._parent_pid = parent_pid
        self._terminal = terminal
        settings = house.configuration.settings
        self._telemetry = house.telemetry
        self._house = house
        self.admission = Admission(settings.requests_in_flight_max)
        counting = house.counting
        self.health = Health(
            house.geo,
            settings.geo_max_age_days,
            self._policy_state,
            (lambda: OFF) if counting is None else counting.state,
            lambda: self.reloading.state,
            time.time,
        )
        self.ending = Ending(self.health, self._telemetry)
        limits = Limits(
            settings.body_max_bytes,
            settings.batch_body_max_bytes,
            settings.batch_items_max,
            settings.body_read_timeout_s,
            streams_max=max(1, settings.requests_in_flight_max // 4),  # a stream may last; single visits must get in
        )
        cors = Cors({key: rules.site.cors_origins for key, rules in house.decisions.sites.items()})
        frame = Frame()
        self._recommendations = Recommendations(house.decisions, limits, cors)
        self._cohorts = Cohorts(house.decisions, house.regions, settings.cohort_max_age_s)
        self._flags = Flags(house.decisions, limits, cors)
        self._privacy = Privacy(house.decisions, lambda rules: disclosure_of(house, rules), cors)
        self._policy_told: PolicyAge = "current"
        self.reloading = Reloading(house, cors, (self._recommendations, self._flags, self._privacy), self._disclose)
        self._mirror = Mirror(house.decisions, practice_of(house), frame)
        self._auth = Auth(
            house.keys,
            settings.open_scopes,
            everything_open=not settings.keys_file and is_loopback(settings.host),
        )
        rows = table(
            self._recommendations,
            self._cohorts,
            Events(house.decisions, house.recorder, house.sealer, limits, cors, time.time, self._auth, house.networks),
            self._flags,
            Counts(house.decisions.rules, None if counting is None else counting.reports),
            self.health,
            self._privacy,
            Documents(),
            self._mirror,
            WayOut(house.decisions, limits.body_max_bytes, limits.body_read_timeout_s, cors, self._mirror.refuse),
            ProblemPages(frame),
        )
        self._measure()
        self._cors = cors
        self._routes = Routes(rows, cors, house.telemetry, self._auth)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._live(receive, send)
            return
        place = self.admission.enter(always=scope["path"] in _ALWAYS_ANSWERED)
        if place is None:
            await self._shed(send)
            return
        try:
            await self._routes(scope, place.receiving(receive), place.sending(send))
        except ClientGone:
            pass
        except Crowded:
            await self._shed(send)
        except Exception as error:  # noqa: BLE001  # the last resort: its text may repeat what a client sent
            self._telemetry.internal_error(error)
            self._telemetry.answered("none", "other", 500, 0.0)
            with contextlib.suppress(RuntimeError):  # the answer may have begun
                await send_response(send, self._broken(scope["path"], header(scope, b"origin")))
        finally:
            place.leave()

    async def _shed(self, send: Send) -> None:
        self._telemetry.answered("none", "other", await respond_problem(send, Refusal("overloaded")), 0.0)

    def _measure(self) -> None:
        """The state that an alarm wants, read when the metrics are."""
        gauge, geo = self._telemetry.gauge, self._house.geo
        self._telemetry.fact("passerby_build_info", "Which version this is", "version", __version__)
        gauge("passerby_requests_in_flight", "Requests in work", lambda: self.admission.in_flight)
        gauge("passerby_geo_healthy", "Whether a geo look-up answers", lambda: geo.healthy)
        gauge("passerby_geo_built_timestamp_seconds", "When the geo data were built", lambda: geo.built_at)
        gauge("passerby_geo_refused", "Newer geo files refused since the last that was taken", lambda: geo.refused)
        gauge("passerby_geo_errors", "Look-ups that failed inside the reader", lambda: geo.errors)
        gauge("passerby_policy_age_days", "Age of the policy", lambda: self._policy_state().age_days)
        gauge("passerby_keys_refused", "Newer keys files refused since the last", lambda: self._house.keys.refused)
        counter, decisions = self._telemetry.counter, self._house.decisions
        meaning = "Visits of bots by what they come for, without those with Global Privacy Control or an opt-out"
        counter("passerby_bots", meaning, lambda: decisions.bots, by="kind")
        reloading = self.reloading
        gauge(
            "passerby_configuration_refused",
            "Newer sites or policies refused since those in force",
            lambda: reloading.refused,
        )
        gauge(
            "passerby_configuration_taken_timestamp_seconds",
            "When the sites and the policy in force were taken in",
            lambda: reloading.taken_at_s,
        )
        if self._house.counting is not None:
            self._house.counting.measure(self._telemetry)
        if (networks := self._house.networks) is not None:
            counter("passerby_capped", "Reports beyond the cap on their network", lambda: networks.cap.refused)

    def refused_before_asking(self, name: ProtocolProblem) -> None:
        """Count what the protocol refused: a request that never got as far as a route."""
        self._telemetry.answered("none", "other", Refusal(name).kind.status, 0.0)

    def answer_now(self, url: bytes, peer: str | None, headers: Headers, body: bytes | None = None) -> Response | None:
        """The hot paths: a visit, a cohort, flags. They wait for nothing, and ASGI's tasks were a third of their time.

        ``body`` is that of a POST, None for a GET. None leaves a request to the way through ASGI, which gives the same
        answer.
        """
        if b"#" in url:  # what follows is no part of a path or a query, for whoever reads a URL whole
            return None
        path, _, query = url.partition(b"?")
        started = time.perf_counter()
        method = "GET" if body is None else "POST"
        try:
            if body is not None:
                route, response = self._posted_now(path, query, headers, body)
            elif path == _VISIT_PATH:
                route, grant = VISIT_PATH, self._auth.grant("recommend", headers)
                if isinstance(grant, Refusal):
                    response = refused(grant, headers, self._cors)
                else:
                    response = self._recommendations.answer_now(query, peer, headers, grant)
            elif path.startswith(_COHORT_PREFIX):
                route, response = COHORT_PATH, self._cohorts.answer_now(path, query, headers)
            else:
                return None
        except Exception as error:  # noqa: BLE001  # as above
            self._telemetry.internal_error(error)
            route, response = "none", self._broken(path.decode("latin-1"), dict(headers).get(b"origin", b""))
        if response is not None:
            self._telemetry.answered(route, method, response.status, time.perf_counter() - started)
        return response

    def _broken(self, path: str, origin: bytes) -> Response:
        """A 500, as OpenFeature has it where flags were asked for."""
        return self._flags.broken(path, origin) or problem_response(Refusal("internal-error"), [])

    def _posted_now(self, path: bytes, query: bytes, headers: Headers, body: bytes) -> tuple[str, Response | None]:
        """A post's route and answer. A path with percent signs wants to be read first."""
        asked = None if b"%" in path else parse_path(path.decode("latin-1"))
        if asked is None:
            return "none", None
        grant = self._auth.grant("recommend", headers)
        if isinstance(grant, Refusal):
            return asked.route, refused(grant, headers, self._cors)
        return asked.route, self._flags.answer_now(asked, query, headers, body, grant)

    async def _live(self, receive: Receive, send: Send) -> None:
        """ASGI's lifespan: open and run the loops, then close in reverse."""
        await receive()
        try:
            async with self._running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except OSError as error:
            self._telemetry.internal_error(error)
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            return
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        settings = self._house.configuration.settings
        asyncio.get_running_loop().set_exception_handler(loop_handler(self._telemetry))
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self.ending.ended)  # the last of all
            stack.callback(self._house.geo.close)
            if not self._house.geo.open():
                self._say_no_places()
            stack.enter_context(self.reloading.on_hangup(self._terminal))
            loops = [
                self._house.geo.watch(settings.geo_watch_interval_s),
                self._watch_policy(),
                self._forget_texts(),
                self.reloading.watch(settings.config_watch_interval_s),
            ]
            if settings.keys_file:
                loops.append(self._house.keys.watch(KEYS_WATCH_INTERVAL_S))
            if self._house.counting is not None:
                await stack.enter_async_context(self._house.counting.running())
            if self._parent_pid is not None:
                loops.append(self._follow_parent(self._parent_pid))
                self.ending.hear_signals()
            for loop in loops:
                task = asyncio.create_task(loop)
                stack.push_async_callback(_end, task)
            await serve_metrics(settings, self._telemetry, stack)
            warming = asyncio.create_task(asyncio.to_thread(identity.prepare))
            stack.push_async_callback(_end, warming)
            # Tables and patterns live as long as the process: collections need not walk them and stall the loop. Most
            # of what a request makes cannot be in a cycle; looking less often makes a batch of 1000 a tenth faster.
            gc.freeze()
            gc.set_threshold(10_000, 20, 50)
            self.ending.started(asyncio.get_running_loop())
            yield

    def _say_no_places(self) -> None:
        configuration, refusal = self._house.configuration, self._house.geo.refusal
        path = configuration.path(configuration.settings.geo_database)
        notice = f"geo_database: {REASONS[refusal or 'unreadable']} ({path}), {NO_PLACES}"
        self._telemetry.log("no_places", "error", fields={"notice": notice})

    async def _follow_parent(self, pid: int) -> None:
        """End when the parent did, however it did: a worker alone would hold the port, and nobody would replace it."""
        while os.getppid() == pid:  # noqa: ASYNC110  # the system tells of it in no other way
            await asyncio.sleep(PARENT_CHECK_INTERVAL_S)
        self._telemetry.log("parent_gone", "warning")
        os.kill(os.getpid(), signal.SIGTERM)

    async def _forget_texts(self) -> None:
        """Texts of visits that save work for the next ones are remembered for an hour at most, however few come."""
        while True:
            await asyncio.sleep(TEXTS_KEPT_MAX_S)
            for _ in self._house.decisions.forget_texts():
                await asyncio.sleep(0)

    async def _watch_policy(self) -> None:
        """A policy that has become too old is taken as knowing nothing: ``ZZ`` for every visit."""
        while True:
            if self._policy_age() != self._policy_told:
                configuration = self.reloading.configuration
                if self._policy_age() == "outdated":
                    self._house.decisions.intake.policy = configuration.policy.outdated()
                    self._house.decisions.generation += 1  # pages of cohorts were made by the policy before
                self._disclose()
            await asyncio.sleep(POLICY_CHECK_INTERVAL_S)

    def _disclose(self) -> None:
        """Tell what is done with visits by the rules and the policy in force."""
        self._privacy.forget()
        self._mirror.take(practice_of(self._house))
        self._warn_of_policy()

    def _warn_of_policy(self) -> None:
        """Say in the log that the policy in force wants to be read again, or is no longer gone by: once for each."""
        age, fields = self._policy_age(), {"policy_version": self.reloading.configuration.policy.version}
        if age != self._policy_told and age == "outdated":
            self._telemetry.log("policy_outdated", "warning", fields=fields)
        elif age != self._policy_told and age == "ageing":
            self._telemetry.log("policy_ageing", "warning", fields=fields)
        self._policy_told = age

    def _policy_age(self) -> PolicyAge:
        configuration = self.reloading.configuration
        return policy_age(days_since(configuration.policy_date), configuration.settings)

    def _policy_state(self) -> PolicyState:
        configuration, age = self.reloading.configuration, self._policy_age()
        days = days_since(configuration.policy_date)
        return PolicyState(configuration.policy.version, days, ageing=age != "current", outdated=age == "outdated")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
