"""Every address: its method, the scope a caller needs, how much of a body is read, and what answers.

A row turns a request into a response (``wire.dispatch``). Handlers of ours answer about a visit; pages that are the
same for everybody come from one Starlette application behind its rows, ``documents``.
"""

from service.web.endpoints.cohorts import Cohorts
from service.web.endpoints.counts import Counts
from service.web.endpoints.documents import Documents
from service.web.endpoints.events import MEDIA_TYPES as EVENTS_MEDIA
from service.web.endpoints.events import Events
from service.web.endpoints.health import Health
from service.web.endpoints.mirror import Mirror
from service.web.endpoints.opt_out import OptOut
from service.web.endpoints.privacy import Privacy
from service.web.endpoints.recommendations import Recommendations
from service.web.ofrep.flags import FLAG_PATH, FLAGS_PATH, SITE_FLAG_PATH, SITE_FLAGS_PATH, Flags
from service.web.wire.dispatch import PUBLIC, Row

JSON = ("application/json",)
LINES = ("application/x-ndjson",)


def table(
    visits: Recommendations,
    cohorts: Cohorts,
    events: Events,
    flags: Flags,
    counts: Counts,
    health: Health,
    privacy: Privacy,
    mirror: Mirror,
    opt_out: OptOut,
    documents: Documents,
) -> list[Row]:
    """The rows. Where paths with parameters could both fit, the first does."""
    batches = "/v1/recommendations"
    return [
        Row("/v1/recommendation", "GET", "recommend", "none", visits.get, cors=True),
        Row("/v1/recommendation", "POST", "recommend", "small", visits.post, cors=True, media=JSON, takes_query=False),
        Row(batches, "POST", "recommend", "batch", visits.post_batch, cors=True, media=JSON, takes_query=False),
        Row(batches, "POST", "recommend", "stream", visits.post_lines, cors=True, media=LINES, takes_query=False),
        Row("/v1/cohorts/{country}/{language}/{device_class}", "GET", PUBLIC, "none", cohorts.get, reads_path=True),
        Row("/v1/events", "POST", "events", "small", events.post, cors=True, media=EVENTS_MEDIA),
        Row(FLAGS_PATH, "POST", "recommend", "small", flags.post, cors=True, media=JSON, refuse=flags.refuse),
        Row(FLAG_PATH, "POST", "recommend", "small", flags.post, cors=True, media=JSON, refuse=flags.refuse),
        Row(SITE_FLAGS_PATH, "POST", "recommend", "small", flags.post, cors=True, media=JSON, refuse=flags.refuse),
        Row(SITE_FLAG_PATH, "POST", "recommend", "small", flags.post, cors=True, media=JSON, refuse=flags.refuse),
        Row("/v1/sites/{site}/cohorts", "GET", "statistics", "none", counts.cohorts),
        Row("/v1/sites/{site}/slots/{slot}", "GET", "statistics", "none", counts.slot),
        Row("/v1/sites/{site}/experiments/{experiment}", "GET", "statistics", "none", counts.experiment),
        Row("/v1/opt-out", "POST", PUBLIC, "small", opt_out.post, cors=True),
        Row("/v1/opt-out", "DELETE", PUBLIC, "small", opt_out.delete),
        Row("/v1/privacy", "GET", PUBLIC, "none", privacy.get, cors=True),
        Row("/.well-known/gpc.json", "GET", PUBLIC, "none", privacy.support),
        Row("/livez", "GET", PUBLIC, "none", health.live, always=True),
        Row("/readyz", "GET", PUBLIC, "none", health.ready, always=True),
        Row("/openapi.json", "GET", PUBLIC, "none", documents.get),
        Row("/", "GET", PUBLIC, "none", mirror.get),
        Row("/opt-out", "POST", PUBLIC, "small", opt_out.form_opt_out, refuse=opt_out.refuse_in_page),
        Row("/opt-in", "POST", PUBLIC, "small", opt_out.form_opt_in, refuse=opt_out.refuse_in_page),
        Row("/docs", "GET", PUBLIC, "none", documents.get),
        Row("/docs/", "GET", PUBLIC, "none", documents.get),
        Row("/docs/{name}", "GET", PUBLIC, "none", documents.get),
        Row("/problems", "GET", PUBLIC, "none", documents.get),
        Row("/problems/{name}", "GET", PUBLIC, "none", documents.get),
    ]
