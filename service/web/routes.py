"""Every address of the service: path, method, the scope a caller needs, and what answers. The wire on one screen."""

from time import perf_counter
from typing import Literal, NamedTuple

from starlette.routing import Route as PatternRoute
from starlette.routing import Router

from service.core.access import KeyScope
from service.telemetry import Telemetry
from service.web.asgi import Endpoint, Receive, Scope, Send, respond, respond_problem, send_response
from service.web.auth import Auth, keep_grant, refused
from service.web.cors import Cors
from service.web.endpoints.cohorts import Cohorts
from service.web.endpoints.counts import Counts
from service.web.endpoints.documents import Documents
from service.web.endpoints.events import Events
from service.web.endpoints.health import Health
from service.web.endpoints.mirror import Mirror
from service.web.endpoints.ofrep import FLAG_PATH, FLAGS_PATH, SITE_FLAG_PATH, SITE_FLAGS_PATH, Flags, parse_path
from service.web.endpoints.privacy import Privacy
from service.web.endpoints.problems import ProblemPages
from service.web.endpoints.recommendations import Recommendations
from service.web.endpoints.way_out import WayOut
from service.web.problems import Refusal

PUBLIC: Literal[""] = ""
VISIT_PATH = "/v1/recommendation"
COHORT_PREFIX = "/v1/cohorts/"
COHORT_PATH = COHORT_PREFIX + "{country}/{language}/{device_class}"


class Row(NamedTuple):
    """One line of the table.

    ``scope`` is what a key must allow; empty means public. HEAD is asked for as GET is, and OPTIONS, with which a
    browser asks whether it may ask, needs no key. ``cors``: pages of a site's ``cors_origins`` may ask.
    """

    path: str
    method: str
    scope: KeyScope | Literal[""]
    endpoint: Endpoint
    cors: bool = False


def table(
    recommendations: Recommendations,
    cohorts: Cohorts,
    events: Events,
    flags: Flags,
    counts: Counts,
    health: Health,
    privacy: Privacy,
    documents: Documents,
    mirror: Mirror,
    way_out: WayOut,
    problems: ProblemPages,
) -> list[Row]:
    return [
        Row(VISIT_PATH, "GET", "recommend", recommendations.get, cors=True),
        Row(VISIT_PATH, "POST", "recommend", recommendations.post, cors=True),
        Row("/v1/recommendations", "POST", "recommend", recommendations.post_many, cors=True),
        Row(COHORT_PATH, "GET", PUBLIC, cohorts.get),
        Row("/v1/events", "POST", "events", events.post, cors=True),
        Row(FLAGS_PATH, "POST", "recommend", flags.post, cors=True),
        Row(FLAG_PATH, "POST", "recommend", flags.post, cors=True),
        Row(SITE_FLAGS_PATH, "POST", "recommend", flags.post, cors=True),
        Row(SITE_FLAG_PATH, "POST", "recommend", flags.post, cors=True),
        Row("/v1/sites/{site}/cohorts", "GET", "statistics", counts.cohorts),
        Row("/v1/sites/{site}/slots/{slot}", "GET", "statistics", counts.slot),
        Row("/v1/sites/{site}/experiments/{experiment}", "GET", "statistics", counts.experiment),
        Row("/v1/opt-out", "POST", PUBLIC, way_out.post, cors=True),
        Row("/v1/opt-out", "DELETE", PUBLIC, way_out.delete),
        Row("/v1/privacy", "GET", PUBLIC, privacy.get, cors=True),
        Row("/.well-known/gpc.json", "GET", PUBLIC, privacy.support),
        Row("/livez", "GET", PUBLIC, health.live),
        Row("/readyz", "GET", PUBLIC, health.ready),
        Row("/openapi.json", "GET", PUBLIC, documents.openapi),
        Row("/", "GET", PUBLIC, mirror.get),
        Row("/opt-out", "POST", PUBLIC, way_out.press_out),
        Row("/opt-in", "POST", PUBLIC, way_out.press_in),
        Row("/problems", "GET", PUBLIC, problems.get),
        Row("/problems/{name}", "GET", PUBLIC, problems.get),
    ]


class Routes:
    """The table as an ASGI application, which counts what it answers.

    A fixed path is one look-up in a dict. Paths with parameters go through Starlette's router, but for the cohort
    pages, which are asked for as often as all else together: they are told by their first two segments. So are flags
    told by what stands before their keys, which may have slashes in them as some clients send them. What sites allow
    other origins may change while it runs.
    """

    def __init__(self, rows: list[Row], cors: Cors, telemetry: Telemetry, auth: Auth) -> None:
        paths: dict[str, dict[str, Row]] = {}
        for row in rows:
            methods = paths.setdefault(row.path, {})
            methods[row.method] = row
            if row.method == "GET":
                methods["HEAD"] = row
        resources = {path: _Resource(path, methods, cors, telemetry, auth) for path, methods in paths.items()}
        self._fixed = {path: resource for path, resource in resources.items() if "{" not in path}
        self._cohorts = resources[COHORT_PATH]
        self._resources = resources
        patterns = [
            PatternRoute(path, resource)
            for path, resource in resources.items()
            if "{" in path and FLAGS_PATH not in path
        ]
        self._router = Router(patterns, redirect_slashes=False, default=_Nothing(telemetry))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        resource = self._fixed.get(path)
        if resource is not None:
            await resource(scope, receive, send)
        elif path.startswith(COHORT_PREFIX) and path.count("/") == COHORT_PATH.count("/"):
            await self._cohorts(scope, receive, send)
        elif (asked := parse_path(path)) is not None:
            await self._resources[asked.route](scope, receive, send)
        else:
            await self._router(scope, receive, send)


class _Resource:
    """The rows of one path by their method."""

    def __init__(self, path: str, methods: dict[str, Row], cors: Cors, telemetry: Telemetry, auth: Auth) -> None:
        self._path = path
        self._methods = methods
        self._open_to_pages = [method for method, row in methods.items() if row.cors]
        self._cors = cors if self._open_to_pages else None
        self._telemetry = telemetry
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        method = scope["method"]
        row = self._methods.get(method)
        if row is not None:
            status = await self._answer(row, scope, receive, send)
        elif method == "OPTIONS" and self._cors is not None and self._cors.enabled:
            status = await respond(send, 204, self._cors.preflight(scope, self._open_to_pages))
        else:
            allow = (b"allow", ", ".join(sorted(self._methods)).encode())
            status, method = await respond_problem(send, Refusal("method-not-allowed"), [allow]), "other"
        self._telemetry.answered(self._path, method, status, perf_counter() - started)

    async def _answer(self, row: Row, scope: Scope, receive: Receive, send: Send) -> int:
        if row.scope:
            grant = self._auth.grant(row.scope, scope["headers"])
            if isinstance(grant, Refusal):
                return await send_response(send, refused(grant, scope["headers"], self._cors))
            keep_grant(scope, grant)
        return await row.endpoint(scope, receive, send)


class _Nothing:
    """Where no path leads."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI
        status = await respond_problem(send, Refusal("not-found"))
        self._telemetry.answered("none", "other", status, 0.0)
