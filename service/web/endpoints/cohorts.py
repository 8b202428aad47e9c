"""``/v1/cohorts/{country}/{language}/{device_class}``: the answer for a whole cohort, which a CDN may keep.

Every input stands in the URL, so a response is one of a bounded number of byte strings. Each is made once and then
served from memory, which is what lets this keep up with a server that sends constant bytes.
"""

from typing import get_args

import msgspec

from service.core.access import Grant
from service.core.device import DeviceClass
from service.core.region import RegionTables
from service.web.bodies.guidance import COUNTRY_FORM, bounded
from service.web.decisions import Decisions
from service.web.problems import FieldError, Refusal
from service.web.query import read_query
from service.web.tagged import TaggedPage, tagged_page
from service.web.wire.messages import Request, Response, problem_response

PREFIX = b"/v1/cohorts/"
PAGES_MAX = 4096
AS_IT_IS = "This is spelled without escapes, so that caches keep one page and not two."
_COUNTRY = (f"{COUNTRY_FORM}, such as CH",)
_CLASSES: dict[str, DeviceClass] = {name: name for name in get_args(DeviceClass)}


class Cohorts:
    """Pages for cohorts, remembered by their URL until the oldest must make room."""

    def __init__(self, decisions: Decisions, regions: RegionTables, max_age_s: int) -> None:
        self._decisions = decisions
        self._regions = regions
        self._max_age_s = max_age_s
        self._pages: dict[tuple[bytes, bytes], TaggedPage] = {}
        self._generation = 0

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The page, 304 when the caller has it, or 404 for anything but canonical values."""
        # The path as sent: an address spelled with percent signs is another address to a cache, and has no answer.
        page = self._page(request.path, request.query) or self._make(request.path, request.query)
        return problem_response(page) if isinstance(page, Refusal) else page.answer(request)

    def _page(self, path: bytes, query: bytes) -> TaggedPage | None:
        """A page made before, from what is known today."""
        if self._generation != self._decisions.generation:
            self._generation = self._decisions.generation
            self._pages.clear()
        return self._pages.get((path, query))

    def _make(self, path: bytes, query: bytes) -> TaggedPage | Refusal:
        found = read_query(query, {"site": None})
        if isinstance(found, Refusal):
            return found
        site = found.get("site", self._decisions.default_site)
        rules = self._decisions.rules(site)
        if isinstance(rules, Refusal):
            return rules
        if query and query != f"site={site}".encode():  # another spelling of the same, which would be kept twice
            return Refusal("not-found", (FieldError("/query/site", "invalid_value", detail=AS_IT_IS),))
        country, _, rest = path.removeprefix(PREFIX).decode("latin-1").partition("/")
        tag, _, device_class = rest.partition("/")
        errors = []
        if not self._regions.known(country):
            errors.append(FieldError("/path/country", "invalid_value", allowed=_COUNTRY))
        if tag not in rules.site.languages:
            errors.append(bounded(FieldError("/path/language", "invalid_value", allowed=rules.site.languages)))
        if device_class not in _CLASSES:
            errors.append(FieldError("/path/device_class", "invalid_value", allowed=tuple(_CLASSES)))
        if errors:
            return Refusal("not-found", tuple(errors))
        answer = self._decisions.personalizer.personalize_cohort(
            rules,
            self._decisions.intake.policy,
            country,
            tag,
            _CLASSES[device_class],
            self._decisions.snapshots[site],
            self._max_age_s,
        )
        page = tagged_page(msgspec.json.encode(answer), self._max_age_s)
        if len(self._pages) >= PAGES_MAX:
            self._pages.pop(next(iter(self._pages)))
        self._pages[path, query] = page
        return page
