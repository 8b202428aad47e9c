"""The ASGI application: a dispatcher over the endpoints, and the loops that run beside it."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable

from service import __version__
from service.adapters.mmdb.snapshot_file import REASONS
from service.app.assembly import NO_PLACES, Container
from service.app.counting import OFF
from service.app.ending import Ending, Terminal
from service.app.log_redaction import loop_handler
from service.app.metrics_listener import serve_metrics
from service.app.privacy_facts import days_since, policy_age_of
from service.app.reloading import Reloading
from service.core import identity
from service.settings import is_loopback
from service.use_cases.transparency.disclosure import PolicyAge
from service.web.auth import Auth
from service.web.decisions import TEXTS_KEPT_MAX_S
from service.web.endpoints.cohorts import Cohorts
from service.web.endpoints.counts import Counts
from service.web.endpoints.documents import Documents
from service.web.endpoints.events import Events
from service.web.endpoints.health import Health, PolicyState
from service.web.endpoints.mirror import Mirror
from service.web.endpoints.opt_out import OptOut
from service.web.endpoints.privacy import Privacy
from service.web.endpoints.recommendations import SLICE_S, Limits, Recommendations
from service.web.ofrep.flags import Flags
from service.web.pages.frame import Frame
from service.web.routes import table
from service.web.wire.asgi import Receive, Scope, Send, answer_scope
from service.web.wire.dispatch import BodyLimits, Dispatcher

POLICY_CHECK_INTERVAL_S = 3600
KEYS_WATCH_INTERVAL_S = 1.0
PARENT_CHECK_INTERVAL_S = 1.0
STREAM_IDLE_MAX_S = 10.0


class Application:
    """The service: its ``dispatcher`` answers, and loops run beside it while it lives. It is an ASGI application."""

    def __init__(
        self,
        container: Container,
        parent_pid: int | None = None,
        terminal: Terminal | None = None,
        *,
        beat: Callable[[], None] = lambda: None,
        stream_idle_max_s: float = STREAM_IDLE_MAX_S,
        slice_s: float = SLICE_S,
    ) -> None:
        """It ends with the parent of ``parent_pid`` if it is a worker, else with its ``terminal``.

        The loop of a worker calls ``beat`` every second, by which its parent knows that it does not hang.
        """
        self._parent_pid = parent_pid
        self._beat = beat
        self._terminal = terminal
        settings = container.configuration.settings
        self._telemetry = container.telemetry
        self._container = container
        counting = container.counting
        self.health = Health(
            container.geo,
            settings.geo_max_age_days,
            self._policy_state,
            (lambda: OFF) if counting is None else counting.state,
            lambda: self.reloading.state,
            time.time,
        )
        self.ending = Ending(self.health, self._telemetry)
        limits = Limits(
            settings.body_max_bytes,
            settings.batch_items_max,
            streams_max=max(1, settings.requests_in_flight_max // 4),  # a stream may last; single visits must get in
            stream_idle_max_s=stream_idle_max_s,
            slice_s=slice_s,
        )
        frame, current, decisions = Frame(), container.current, container.decisions
        self._policy_age_logged: PolicyAge = "current"
        self.reloading = Reloading(container, self._warn_of_policy)
        mirror = Mirror(current, decisions, frame)
        auth = Auth(
            container.keys,
            settings.open_scopes,
            everything_open=not settings.keys_file and is_loopback(settings.host),
        )
        rows = table(
            Recommendations(current, decisions, limits),
            Cohorts(current, container.personalizer, container.regions, settings.cohort_max_age_s),
            Events(current, container.recorder, container.sealer, time.time, auth, container.networks),
            Flags(current, decisions),
            Counts(current.rules, None if counting is None else counting.reports),
            self.health,
            Privacy(current),
            mirror,
            OptOut(current, mirror.refuse),
            Documents(frame),
        )
        self.dispatcher = Dispatcher(
            rows,
            container.telemetry,
            BodyLimits(
                settings.body_max_bytes, settings.batch_body_max_bytes, settings.body_read_timeout_s, stream_idle_max_s
            ),
            auth=auth,
            cors=lambda: current.epoch.cors,
            in_work_max=settings.requests_in_flight_max,
        )
        self._measure()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await answer_scope(self.dispatcher, scope, receive, send)

    def _measure(self) -> None:
        """Register the metrics of the state, which are read when the metrics are."""
        gauge, geo = self._telemetry.gauge, self._container.geo
        self._telemetry.fact("passerby_build_info", "Which version this is", "version", __version__)
        gauge("passerby_requests_in_flight", "Requests in work", lambda: self.dispatcher.in_work)
        gauge("passerby_geo_healthy", "Whether a geo look-up answers", lambda: geo.healthy)
        gauge("passerby_geo_built_timestamp_seconds", "When the geo data were built", lambda: geo.built_at)
        gauge("passerby_geo_refused", "Newer geo files refused since the last that was taken", lambda: geo.refused)
        gauge("passerby_geo_errors", "Look-ups that failed inside the reader", lambda: geo.errors)
        gauge("passerby_policy_age_days", "Age of the policy", lambda: self._policy_state().age_days)
        gauge("passerby_keys_refused", "Newer keys files refused since the last", lambda: self._container.keys.refused)
        counter, decisions = self._telemetry.counter, self._container.decisions
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
        if self._container.counting is not None:
            self._container.counting.measure(self._telemetry)
        if (networks := self._container.networks) is not None:
            counter("passerby_capped", "Reports beyond the cap on their network", lambda: networks.cap.refused)

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
        settings = self._container.configuration.settings
        asyncio.get_running_loop().set_exception_handler(loop_handler(self._telemetry))
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self.ending.ended)  # the last of all
            stack.enter_context(self.ending.on_signals())
            stack.callback(self._container.geo.close)
            if not self._container.geo.open():
                self._say_no_places()
            stack.enter_context(self.reloading.on_hangup(self._terminal))
            loops = [
                self._container.geo.watch(settings.geo_watch_interval_s),
                self._watch_policy(),
                self._forget_texts(),
                self.reloading.watch(settings.config_watch_interval_s),
            ]
            if settings.keys_file:
                loops.append(self._container.keys.watch(KEYS_WATCH_INTERVAL_S))
            if self._container.counting is not None:
                await stack.enter_async_context(self._container.counting.running())
            if self._parent_pid is not None:
                loops.append(self._follow_parent(self._parent_pid))
            for loop in loops:
                task = asyncio.create_task(loop)
                stack.push_async_callback(_end, task)
            await serve_metrics(settings, self._telemetry, stack)
            warming = asyncio.create_task(asyncio.to_thread(identity.prepare))
            stack.push_async_callback(_end, warming)
            # Tables and patterns live as long as the process: collections need not walk them and stall the loop. Most
            # of what a request makes cannot be in a cycle; looking less often makes a batch of 1000 a tenth faster.
            # What is still there at a second look is old: a reload makes hundreds of thousands of objects that stay,
            # and no look is to walk more than some thousands of them. (To freeze those too would keep connections'
            # cycles for ever; so would, nearly, to look at old ones much less often than after two million new ones.)
            gc.freeze()
            gc.set_threshold(5_000, 1, 200)
            # Threads read configurations and build snapshots: they let the loop go on so soon, and not after 5 ms.
            sys.setswitchinterval(0.001)
            self.ending.started(asyncio.get_running_loop())
            yield

    def _say_no_places(self) -> None:
        configuration, refusal = self._container.configuration, self._container.geo.refusal
        path = configuration.path(configuration.settings.geo_database)
        notice = f"geo_database: {REASONS[refusal or 'unreadable']} ({path}), {NO_PLACES}"
        self._telemetry.log("no_places", "error", fields={"notice": notice})

    async def _follow_parent(self, pid: int) -> None:
        """Tell the parent that this loop turns, and end when the parent did, however it did.

        A worker alone would hold the port, and nobody would replace it.
        """
        while os.getppid() == pid:  # the system tells of it in no other way
            self._beat()
            await asyncio.sleep(PARENT_CHECK_INTERVAL_S)
        self._telemetry.log("parent_gone", "warning")
        os.kill(os.getpid(), signal.SIGTERM)

    async def _forget_texts(self, interval_s: float = TEXTS_KEPT_MAX_S) -> None:
        """Drop cached texts of visits every hour, however few come."""
        while True:
            await asyncio.sleep(interval_s)
            for _ in self._container.forget_texts():
                await asyncio.sleep(0)

    async def _watch_policy(self, interval_s: float = POLICY_CHECK_INTERVAL_S) -> None:
        """Follow the age of the policy. One that is too old is not applied: ``ZZ`` holds for every visit."""
        while True:
            current, age = self._container.current, policy_age_of(self.reloading.configuration)
            if age != current.epoch.inputs.policy_age:
                await current.swap(current.epoch.aged(age))
            self._warn_of_policy()
            await asyncio.sleep(interval_s)

    def _warn_of_policy(self) -> None:
        """Log that the policy in force is due for review, or no longer applied: once for each."""
        configuration = self.reloading.configuration
        age, fields = policy_age_of(configuration), {"policy_version": configuration.policy.version}
        if age != self._policy_age_logged and age == "outdated":
            self._telemetry.log("policy_outdated", "warning", fields=fields)
        elif age != self._policy_age_logged and age == "ageing":
            self._telemetry.log("policy_ageing", "warning", fields=fields)
        self._policy_age_logged = age

    def _policy_state(self) -> PolicyState:
        configuration = self.reloading.configuration
        age = policy_age_of(configuration)
        days = days_since(configuration.policy_date)
        return PolicyState(configuration.policy.version, days, ageing=age != "current", outdated=age == "outdated")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
