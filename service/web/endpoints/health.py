"""``/livez`` and ``/readyz``: whether the process lives, and whether it can do its work right now."""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Struct

from service import __version__
from service.core.access import Grant
from service.ports import Clock, GeoLookup, StoreErrorKind
from service.web.wire.messages import JSON, NO_STORE, Request, Response, respond

DAY_S = 86400


class Geo(Struct, frozen=True):
    """The state of the geo data: whether a real look-up answers, the data's age in days, and newer files refused."""

    healthy: bool
    age_days: int | None
    outdated: bool
    refused: int


class PolicyState(Struct, frozen=True):
    """The policy and its age in days. ``ageing``: have it reviewed. ``outdated``: ``ZZ`` applies to every visit."""

    version: str
    age_days: int
    ageing: bool
    outdated: bool


class ConfigurationState(Struct, frozen=True):
    """The sites and the policy. ``refused``: newer ones refused since those in force, which the log says why.

    ``restart_needed``: a setting was changed, which only a restart takes up.
    """

    refused: int
    restart_needed: bool


class CountsState(Struct, frozen=True):
    """The state of the counts. ``store`` says where they are kept; ``off`` is a choice and nothing is wrong.

    ``since`` is when the store began to keep them: what a store in memory held before is gone. ``snapshot_age_s`` is
    the seconds since the end of the newest interval that answers go by: a new process has it from the store, and it
    grows to an interval and more. ``overdue`` says that a release is late, ``failure`` what is wrong with the store,
    and ``not_permitted`` the right that is missing there, a command or ``keys``. Nothing here moves with a single
    visit: everybody may read it.
    """

    store: Literal["embedded", "redis", "process", "off"]
    working: bool
    since: str | None
    snapshot_age_s: int | None
    overdue: bool
    failure: StoreErrorKind | None = None
    not_permitted: str | None = None


class Readiness(Struct, frozen=True):
    """``ready``: send visitors here. ``degraded``: answers are given, but something needs a person.

    ``version`` is that of the software, as ``passerby --version`` and ``/openapi.json`` have it.
    """

    status: str
    version: str
    geo: Geo
    policy: PolicyState
    counts: CountsState
    configuration: ConfigurationState


class Health:
    """Liveness answers always; readiness does a real look-up."""

    def __init__(
        self,
        geo: GeoLookup,
        geo_max_age_days: int,
        policy: Callable[[], PolicyState],
        counts: Callable[[], CountsState],
        configuration: Callable[[], ConfigurationState],
        now_s: Clock,
    ) -> None:
        self._geo = geo
        self._geo_max_age_days = geo_max_age_days
        self._policy = policy
        self._counts = counts
        self._configuration = configuration
        self._now_s = now_s
        self.draining = False

    def live(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        return respond(200, [JSON, NO_STORE], b'{"status":"live"}')

    def ready(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        state = self.state()
        status = 503 if state.status == "draining" else 200
        return respond(status, [JSON, NO_STORE], msgspec.json.encode(state))

    def state(self) -> Readiness:
        built_at = self._geo.built_at
        age_days = None if built_at is None else max(0, int((self._now_s() - built_at) // DAY_S))
        outdated = age_days is not None and age_days > self._geo_max_age_days
        geo = Geo(self._geo.healthy, age_days, outdated, self._geo.refused)
        policy, counts, configuration = self._policy(), self._counts(), self._configuration()
        degraded = (
            not geo.healthy or geo.outdated or geo.refused > 0
            or policy.ageing or policy.outdated
            or not counts.working or counts.overdue or configuration.refused > 0
        )  # fmt: skip
        status = "draining" if self.draining else "degraded" if degraded else "ready"
        return Readiness(status, __version__, geo, policy, counts, configuration)
