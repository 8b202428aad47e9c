"""Sites and policy read anew while the service runs: on SIGHUP, and when their files change.

All of the configuration is read and checked as at start, in a thread, and the sites are compiled there. If anything is
wrong, or reading takes too long, the one in force stays whole, and the log and ``/readyz`` say so until a good one
comes. If nothing is, the next epoch is made of it. Settings are read once, at start: where the file has others now,
that is logged and they wait for a restart. Every worker looks for itself. Files are polled, not watched, for inotify
says nothing about many mounted volumes.
"""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import fields, replace

from service.adapters.atomic_file import file_stamp
from service.app.assembly import Container, compile_sites, read_again
from service.app.ending import Terminal
from service.app.privacy_facts import facts_of, policy_age_of
from service.core.privacy import Policy
from service.core.sites import Key, SiteRules
from service.settings import FILE_NAME, Configuration, ConfigurationError, Settings
from service.settings.site_files import site_files
from service.web.endpoints.health import ConfigurationState

LOOK_MAX_S = 10.0
"""How long a look at the files may take. It doubles with each that takes longer, so that any configuration is read."""
_DOUBLINGS_MAX = 8
_LATE_MAX = 8
"""Threads that may still be at looks that were given up, as on a network's file system that does not answer."""

_Stamp = tuple[tuple[str, tuple[int, ...] | None], ...]
"""Of every file that is read its path and what changes when it does, None for one that is not there."""


class _Read(Struct, frozen=True):
    """A valid configuration, and the rules that its sites compile to."""

    configuration: Configuration
    sites: Mapping[Key, SiteRules]


class _Look(Struct, frozen=True):
    """What a look at the files came to: a configuration, why there is none, or None where there is nothing new.

    ``judged`` and ``pending`` are for the next look, and ``asks_again`` says that it is to read at once.
    """

    judged: _Stamp | None
    pending: _Stamp | None
    outcome: _Read | Exception | None = None
    asks_again: bool = False


class Reloading:
    """Follows the files of the configuration. ``configuration`` is the one in force, with the settings of the start.

    ``on_taken`` is called when another one comes into force.
    """

    def __init__(
        self, container: Container, on_taken: Callable[[], None] = lambda: None, *, look_max_s: float = LOOK_MAX_S
    ) -> None:
        self.configuration = container.configuration
        self.refused = 0
        """Newer configurations refused since the one in force."""
        self.taken_at_s = time.time()
        self._container = container
        self._on_taken = on_taken
        self._environment = dict(os.environ)
        self._waiting_settings: tuple[str, ...] = ()
        self._wake = asyncio.Event()
        self._is_asked = False
        self._look_max_s = look_max_s
        self._late: list[threading.Thread] = []
        self._late_in_a_row = 0
        # The first look always reads: something may have changed while this process was starting.
        self._judged: _Stamp | None = None
        self._pending: _Stamp | None = None

    @property
    def state(self) -> ConfigurationState:
        """The state for ``/readyz``."""
        return ConfigurationState(self.refused, restart_needed=bool(self._waiting_settings))

    def ask(self) -> None:
        """Read now, whether or not a file changed."""
        self._is_asked = True
        self._wake.set()

    @contextlib.contextmanager
    def on_hangup(self, terminal: Terminal | None = None) -> Iterator[None]:
        """While the context lasts SIGHUP asks: in a process's first thread, and where the system has that signal.

        Where it means that the terminal is gone, it ends the process as SIGTERM does.

        ``serve`` keeps it blocked until then, so that one which came too early waits and ends nobody.
        """
        if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()

        def hear() -> None:
            if terminal is not None and terminal.gone:
                terminal.let_go()
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                self.ask()

        loop.add_signal_handler(signal.SIGHUP, hear)
        before = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            loop.remove_signal_handler(signal.SIGHUP)

    async def watch(self, interval_s: float) -> None:
        """Follow the files for ever: look every ``interval_s``, and at once when asked."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(interval_s):
                    await self._wake.wait()
            await self.refresh()

    async def refresh(self) -> None:
        """Look at the files once. Whatever they hold, it raises nothing."""
        self._wake.clear()
        is_asked, self._is_asked = self._is_asked, False
        try:
            look = await self._look_in_time(is_asked)
            if look is None:
                self._is_asked |= is_asked
                return
            self._judged, self._pending = look.judged, look.pending
            self._is_asked |= look.asks_again
            if isinstance(look.outcome, ConfigurationError):
                self._refuse(look.outcome.mistakes)
            elif isinstance(look.outcome, Exception):
                raise look.outcome  # noqa: TRY301  # as what is raised below
            elif look.outcome is not None:
                await self._consider(look.outcome, is_asked)
        except Exception as error:  # noqa: BLE001  # what is in force must outlive any mistake in what is not
            self.refused += 1
            self._container.telemetry.internal_error(error)

    def _refuse(self, mistakes: list[str]) -> None:
        self.refused += 1
        fields = {"mistakes": mistakes, "pid": os.getpid()}
        self._container.telemetry.log_adapter_event("configuration_refused", fields)

    async def _look_in_time(self, is_asked: bool) -> _Look | None:
        """A look in a thread of its own, which nobody waits for at the end; None where it takes too long.

        A thread cannot be told to stop: it is left behind, what it comes to is dropped, and the next look has another.
        """
        self._late = [thread for thread in self._late if thread.is_alive()]
        if len(self._late) >= _LATE_MAX:
            return None
        loop = asyncio.get_running_loop()
        looked: asyncio.Future[_Look] = loop.create_future()

        def hand_over(look: _Look) -> None:
            if not looked.done():
                looked.set_result(look)

        def run() -> None:
            look = self._look(is_asked, self._judged, self._pending)
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(hand_over, look)

        thread = threading.Thread(target=run, name="configuration", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._look_max_s * 2**self._late_in_a_row):
                look = await looked
        except TimeoutError:
            self._late.append(thread)
            if not self._late_in_a_row:
                directory, most = self.configuration.directory, f"{self._look_max_s:g} s"
                self._refuse([f"{directory}: reading it takes longer than {most}: does the file system answer?"])
            self._late_in_a_row = min(self._late_in_a_row + 1, _DOUBLINGS_MAX)
            self._judged = self._pending = None  # it is read anew as soon as that is possible
            return None
        self._late_in_a_row = 0
        return look

    def _look(self, is_asked: bool, before: _Stamp | None, pending: _Stamp | None) -> _Look:
        """What the files say, unless they are as last judged, or somebody is writing them.

        It raises nothing, and changes nothing: it may come too late.

        Editors and copies write in pieces: what changed is read when it is the same at the next look, unless asked.
        """
        stamp: _Stamp | None = before
        try:
            stamp = _stamp(self.configuration)
            if not is_asked and stamp != pending:
                return _Look(before, None if stamp == before else stamp)
            outcome: Configuration | ConfigurationError
            try:
                outcome = read_again(self._container, self._environment)
            except ConfigurationError as error:
                outcome = error
            if _stamp(self.configuration) != stamp:
                return _Look(before, None, asks_again=is_asked)
            if isinstance(outcome, ConfigurationError):
                return _Look(stamp, None, outcome)
            parts, sites = self._container, self._container.current.epoch.inputs.sites
            return _Look(stamp, None, _Read(outcome, compile_sites(outcome, parts.languages, parts.regions, sites)))
        except Exception as error:  # noqa: BLE001  # it is for the loop to log, and its cause is judged once
            return _Look(stamp, None, error)

    async def _consider(self, candidate: _Read, is_asked: bool) -> None:
        """Log what has to wait for a restart, and put the rest in force if there is anything new in it."""
        telemetry, before, written = self._container.telemetry, self.configuration, candidate.configuration
        waiting = tuple(_different(before.settings, written.settings))
        if waiting and (is_asked or waiting != self._waiting_settings):
            telemetry.log("settings_need_restart", "warning", fields={"settings": waiting})
        self._waiting_settings = waiting
        for notice in written.notices:
            if notice not in before.notices:
                telemetry.log("configuration_notice", "warning", fields={"notice": notice})
        is_new = written.sites != before.sites or not _same(written.policy, before.policy)
        if is_new:
            await self._take(candidate)
        else:
            self.configuration = replace(written, settings=before.settings, policy=before.policy)
        if is_new or is_asked or self.refused:
            self.refused, self.taken_at_s = 0, time.time()
            taken = {"sites": sorted(candidate.sites), "policy_version": written.policy.version, "pid": os.getpid()}
            telemetry.log("configuration_taken", fields=taken)

    async def _take(self, candidate: _Read) -> None:
        """Put a configuration in force."""
        container, before, written = self._container, self.configuration, candidate.configuration
        policy = before.policy if _same(written.policy, before.policy) else written.policy
        configuration = replace(written, settings=before.settings, policy=policy)
        counting = container.counting
        snapshots = {} if counting is None else await counting.release_loop.snapshots_by(candidate.sites)
        # Nothing waits from here until the swap, so that what follows from the epoch in force still does.
        now = container.current.epoch
        texts_max = container.decisions.intake.devices.texts_cached_max
        facts = facts_of(before.settings, candidate.sites, now.inputs.facts.store, texts_max)
        epoch = now.reloaded(candidate.sites, snapshots, policy, policy_age_of(configuration), facts)
        self.configuration = configuration
        if counting is not None:
            counting.buffer.set_sites(candidate.sites.keys())
        self._on_taken()
        del now  # so that the swap can free it in pieces
        await container.current.swap(epoch)


def _stamp(configuration: Configuration) -> _Stamp:
    settings = configuration.settings
    sites = site_files(configuration.path(settings.sites_dir))
    paths = [configuration.path(FILE_NAME), configuration.path(settings.regimes_file), *sites]
    return tuple((str(path), file_stamp(path)) for path in paths)


def _different(running: Settings, written: Settings) -> Iterator[str]:
    """The names of the settings that differ: never their values, some of which are secret."""
    for field in fields(Settings):
        if getattr(running, field.name) != getattr(written, field.name):
            yield field.name


def _same(first: Policy, second: Policy) -> bool:
    """Whether two policies say the same in every part that answers and disclosures show."""
    return _contents(first) == _contents(second)


def _contents(policy: Policy) -> tuple[object, ...]:
    # Its rows are compared by identity.
    rows = [(row.key, row.places, row.levels, row.subdivision, row.reading) for row in policy.regimes.values()]
    return policy.version, policy.not_legal_advice, rows
