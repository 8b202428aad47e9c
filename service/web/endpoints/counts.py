"""``/v1/sites/{site}/...``: the counts of cohorts, slots and experiments that may be read, as JSON and as CSV.

CSV (RFC 4180) has a row for each figure. The terms stand in every row, so that a row that has been copied elsewhere
still says what it is worth. All its texts come from closed vocabularies: none can be taken for a formula.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from service.core.access import Grant
from service.core.experiments.results import Lift, SampleRatioTest
from service.core.groups.aggregates import CohortRow, DevicesTotal, Rate, SlotRow, Total
from service.core.sites import SiteRules
from service.use_cases.counting.report import (
    DEFAULT_WINDOW,
    WINDOWS,
    CohortReport,
    ExperimentReport,
    Report,
    Reports,
    SlotReport,
    Unread,
    paced,
)
from service.web.bodies.guidance import bounded, offered
from service.web.problems import FieldError, ProblemName, Refusal
from service.web.query import read_query
from service.web.wire.messages import JSON, NO_STORE, Request, Response, problem_response, respond

CSV = b"text/csv; charset=utf-8"
_VARY = (b"vary", b"accept")
_QUERY = {"window": frozenset(WINDOWS), "format": frozenset({"csv", "json"})}
_WHY_UNREAD: dict[Unread, ProblemName] = {"busy": "overloaded", "unavailable": "counts-unavailable"}

_TERMS = (
    "site", "window", "from", "to", "release_minutes", "intervals_in_window", "intervals_released", "k", "k_prefixes",
    "epsilon", "noise", "terms_differ",
)  # fmt: skip
COHORT_COLUMNS = (
    "cohort", "current", "figure", "language", "count", "at_least", "suppressed", "intervals", "noise_scale", *_TERMS,
    "cohorts_left_out",
)  # fmt: skip
SLOT_COLUMNS = (
    "slot", "cohort", "option", "figure", "value", "low", "high", "suppressed", "intervals", "noise_scale", *_TERMS,
    "cohorts_left_out",
)  # fmt: skip
EXPERIMENT_COLUMNS = (
    "experiment", "status", "variant", "figure", "value", "low", "high", "suppressed", "intervals", "noise_scale",
    *_TERMS,
)  # fmt: skip
_Cells = tuple[object, ...]
R = TypeVar("R", bound=Report)
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class Counts:
    """Reports on the sites that ``rules`` knows. Without ``reports`` nothing is counted, and there is none to read."""

    def __init__(self, rules: Callable[[str], SiteRules | Refusal], reports: Reports | None) -> None:
        self._rules = rules
        self._reports = reports

    async def cohorts(self, request: Request, grant: Grant) -> Response:
        """The cohorts of a site."""
        report_request = self._report_request(request, grant)
        if isinstance(report_request, Refusal):
            return problem_response(report_request)
        rules, reports, window, as_csv = report_request
        report = await reports.cohorts(rules, window)
        return await _respond(report, COHORT_COLUMNS, _cohort_cells, as_csv=as_csv)

    async def slot(self, request: Request, grant: Grant) -> Response:
        """One of a site's slots."""
        report_request = self._report_request(request, grant)
        if isinstance(report_request, Refusal):
            return problem_response(report_request)
        rules, reports, window, as_csv = report_request
        slot = str(request.parameter("slot"))
        if slot not in rules.site.slots:
            return problem_response(_not_there("slot", rules.site.slots))
        report = await reports.slot(rules, slot, window)
        return await _respond(report, SLOT_COLUMNS, _slot_cells, as_csv=as_csv)

    async def experiment(self, request: Request, grant: Grant) -> Response:
        """One of a site's experiments. A draft is for nobody yet, so it is not there."""
        report_request = self._report_request(request, grant)
        if isinstance(report_request, Refusal):
            return problem_response(report_request)
        rules, reports, window, as_csv = report_request
        key = str(request.parameter("experiment"))
        if key not in rules.site.experiments or rules.site.experiments[key].status == "draft":
            return problem_response(_not_there("experiment", offered(rules.site, "experiment", None)))
        report = await reports.experiment(rules, key, window)
        return await _respond(report, EXPERIMENT_COLUMNS, _experiment_cells, as_csv=as_csv)

    def _report_request(self, request: Request, grant: Grant) -> tuple[SiteRules, Reports, str, bool] | Refusal:
        """The site, what reads its reports, the window, and whether as CSV."""
        site = str(request.parameter("site"))
        if not grant.allows_site(site):  # also for a site that is not there: a key tells nothing of others
            return Refusal("forbidden")
        rules = self._rules(site)
        if isinstance(rules, Refusal):
            return rules
        query = read_query(request.query, _QUERY)
        if isinstance(query, Refusal):
            return query
        if self._reports is None:
            return Refusal("not-found")
        as_csv = query["format"] == "csv" if "format" in query else prefers_csv(request)
        return rules, self._reports, query.get("window", DEFAULT_WINDOW), as_csv


def _not_there(segment: str, keys: Iterable[str]) -> Refusal:
    """That a site has no such thing, and what it has, which the caller's key lets them read."""
    return Refusal("not-found", (bounded(FieldError(f"/path/{segment}", "invalid_value", allowed=tuple(keys))),))


def prefers_csv(request: Request) -> bool:
    """Whether ``Accept`` (RFC 9110 12.5.1) names ``text/csv`` itself, and puts it before JSON."""
    lines = [line.decode("latin-1") for name, line in request.headers if name == b"accept"]
    qualities = dict(_range(text) for text in ",".join(lines).lower().split(","))
    json = next((qualities[kind] for kind in ("application/json", "application/*", "*/*") if kind in qualities), 0.0)
    return qualities.get("text/csv", 0.0) > json


def _range(text: str) -> tuple[str, float]:
    """A media range and how much it is wanted, 1 unless said; not at all where that cannot be read."""
    kind, *parameters = (part.strip() for part in text.split(";"))
    quality = next((part.removeprefix("q=") for part in parameters if part.startswith("q=")), "1")
    return kind, float(quality) if _QUALITY.fullmatch(quality) else 0.0


async def _respond(
    report: R | Unread, columns: tuple[str, ...], cells: Callable[[R], Iterator[_Cells]], *, as_csv: bool
) -> Response:
    """The response with a report, or with the reason why there is none."""
    if isinstance(report, str):
        return problem_response(Refusal(_WHY_UNREAD[report]))
    if as_csv:
        return respond(200, [(b"content-type", CSV), NO_STORE, _VARY], await _csv(columns, cells(report)))
    return respond(200, [JSON, NO_STORE, _VARY], msgspec.json.encode(report))


async def _csv(columns: tuple[str, ...], rows: Iterable[_Cells]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    async for row in paced(rows):
        writer.writerow([_text(value) for value in row])
    return text.getvalue().encode("ascii")


def _text(value: object) -> object:
    """As JSON has it, and nothing for null, which is what the writer makes of it."""
    return str(value).lower() if isinstance(value, bool) else value


def _terms(report: Report) -> _Cells:
    return (
        report.site, report.window, report.from_, report.to, report.release_minutes, report.intervals,
        report.intervals_released, report.k, report.k_prefixes, report.epsilon, report.noise, report.terms_differ,
    )  # fmt: skip


def _cohort_cells(report: CohortReport) -> Iterator[_Cells]:
    terms, scales = (*_terms(report), report.cohorts_left_out), report.noise_scales
    for row in report.cohorts:
        for name, kind, language, figure in _figures(row):
            at_least = figure.at_least if isinstance(figure, DevicesTotal) else False
            figures = (figure.count, at_least, figure.suppressed, figure.intervals, scales.get(kind))
            yield (row.key, row.current, name, language, *figures, *terms)


def _figures(row: CohortRow) -> Iterator[tuple[str, str, str | None, Total | DevicesTotal]]:
    yield "visits", "visit", None, row.visits
    yield "devices", "devices", None, row.devices
    for language in row.languages:
        yield "shown", "shown", language.language, language.shown
        yield "wanted", "wanted", language.language, language.wanted
        yield "chosen", "chosen", language.language, language.chosen


def _slot_cells(report: SlotReport) -> Iterator[_Cells]:
    for row in report.cohorts:
        yield from _option_cells(report, row)
    for warning in report.warnings:
        terms = (*_terms(report), report.cohorts_left_out)
        yield (report.slot, None, None, "warning", warning.code, None, None, False, None, None, *terms)


def _option_cells(report: SlotReport, row: SlotRow) -> Iterator[_Cells]:
    terms, scales = (*_terms(report), report.cohorts_left_out), report.noise_scales
    for option in row.options:
        where: tuple[Any, ...] = (report.slot, row.key, option.option)
        for name, figure in (("offered", option.offered), ("rewarded", option.rewarded)):
            yield (*where, name, figure.count, None, None, figure.suppressed, figure.intervals, scales[name], *terms)
        yield (*where, "rate", *_rate_cells(option.rate, report.intervals_released), None, *terms)
        yield (*where, "clipped", option.clipped, None, None, False, report.intervals_released, None, *terms)


def _experiment_cells(report: ExperimentReport) -> Iterator[_Cells]:
    """The variants' figures, the sample-ratio test, and the codes of the warnings, which a copy must not lose."""
    about, terms, released = (report.experiment, report.status), _terms(report), report.intervals_released
    for row in report.variants:
        yield (*about, row.variant, "weight", row.weight, None, None, False, None, None, *terms)
        for name, kind, figure in (
            ("exposures", "exposed", row.exposures),
            ("conversions", "converted", row.conversions),
        ):
            figures = (figure.count, None, None, figure.suppressed, figure.intervals, report.noise_scales[kind])
            yield (*about, row.variant, name, *figures, *terms)
        yield (*about, row.variant, "rate", *_rate_cells(row.rate, released), None, *terms)
        yield (*about, row.variant, "clipped", row.clipped, None, None, False, released, None, *terms)
        if row is not report.variants[0]:
            compared = _rate_cells(row.lift, released)
            yield (*about, row.variant, "lift", *compared, None, *terms)
            probability = (row.probability_to_beat_control, None, None, *compared[3:])
            yield (*about, row.variant, "probability_to_beat_control", *probability, None, *terms)
    yield (*about, None, "sample_ratio_p_value", *_test_cells(report.sample_ratio_test, released), None, *terms)
    for warning in report.warnings:
        yield (*about, None, "warning", warning.code, None, None, False, None, None, *terms)


def _test_cells(test: SampleRatioTest | None, intervals_released: int) -> _Cells:
    if test is None:
        return (None, None, None, True, 0)
    return (test.p_value, None, None, test.intervals < intervals_released, test.intervals)


def _rate_cells(rate: Rate | Lift | None, intervals_released: int) -> _Cells:
    if rate is None:
        return (None, None, None, True, 0)
    return (rate.value, rate.low, rate.high, rate.intervals < intervals_released, rate.intervals)
