"""``/v1/cohorts/{country}/{language}/{device_class}``: the answer for a whole cohort, which a CDN may keep.

Every input stands in the URL, so a response is one of a bounded number of byte strings. Each is made once in an epoch
and then served from memory, which is what lets this keep up with a server that sends constant bytes.
"""

from typing import get_args

import msgspec

from service.core.access import Grant
from service.core.device import DeviceClass
from service.core.region import RegionTables
from service.use_cases.personalize import Personalizer
from service.web.bodies.guidance import COUNTRY_FORM, bounded
from service.web.cacheable import CacheableResponse, cacheable
from service.web.epoch import Current, Epoch, ServedSite
from service.web.problems import FieldError, Refusal
from service.web.query import read_query
from service.web.wire.messages import Request, Response, problem_response

PREFIX = b"/v1/cohorts/"
AS_IT_IS = "This is spelled without escapes, so that caches keep one page and not two."
_SPELLED = (FieldError("/query/site", "invalid_value", detail=AS_IT_IS),)
_COUNTRY = (f"{COUNTRY_FORM}, such as CH",)
_CLASSES: dict[str, DeviceClass] = {name: name for name in get_args(DeviceClass)}


class Cohorts:
    """Answers for cohorts, from pages that the epoch caches by their path; the oldest make room."""

    def __init__(self, current: Current, personalizer: Personalizer, regions: RegionTables, max_age_s: int) -> None:
        self._current = current
        self._personalizer = personalizer
        self._regions = regions
        self._max_age_s = max_age_s

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The page, 304 when the caller has it, or 404 for anything but canonical values."""
        epoch, query = self._current.epoch, request.query
        site = epoch.by_query.get(query)
        if site is None:
            return problem_response(_refused(epoch, query))
        # The path as sent: an address spelled with percent signs is another address to a cache, and has no answer.
        page = site.pages.get(request.path) or self._make(site, request.path)
        return problem_response(page) if isinstance(page, Refusal) else page.answer(request)

    def _make(self, site: ServedSite, path: bytes) -> CacheableResponse | Refusal:
        country, _, language_and_class = path.removeprefix(PREFIX).decode("latin-1").partition("/")
        tag, _, device_class = language_and_class.partition("/")
        languages = site.rules.site.languages
        errors = []
        if not self._regions.has_country(country):
            errors.append(FieldError("/path/country", "invalid_value", allowed=_COUNTRY))
        if tag not in languages:
            errors.append(bounded(FieldError("/path/language", "invalid_value", allowed=languages)))
        if device_class not in _CLASSES:
            errors.append(FieldError("/path/device_class", "invalid_value", allowed=tuple(_CLASSES)))
        if errors:
            return Refusal("not-found", tuple(errors))
        answer = self._personalizer.personalize_cohort(
            site.rules, site.policy, country, tag, _CLASSES[device_class], site.snapshot, self._max_age_s
        )
        page = cacheable(msgspec.json.encode(answer), self._max_age_s)
        if len(site.pages) >= site.pages_max:
            site.pages.pop(next(iter(site.pages)))
        site.pages[path] = page
        return page


def _refused(epoch: Epoch, query: bytes) -> Refusal:
    """The refusal of a query that names no site plainly."""
    parameters = read_query(query, {"site": None})
    if isinstance(parameters, Refusal):
        return parameters
    site = epoch.site(parameters.get("site"))
    # Another spelling of one that does would be kept twice.
    return site if isinstance(site, Refusal) else Refusal("not-found", _SPELLED)
