"""The averaging attack: counts are read again and again, to average their noise away.

Noise would be no protection if asking twice drew it twice. An interval is released by the real code into a real store,
and read through the endpoints of the statistics: every report, in every window that holds it, as JSON and as CSV, and
again. Each figure must be the released cell, and nothing else; rates and tests follow from these figures.
"""

import asyncio
import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from service.adapters.memory_store import MemoryStore
from service.attacks.measures import Measure, at_least, at_most
from service.core.access import EVERYTHING
from service.core.groups.counts import PrivacyParameters, Released, Size, code, counter_key
from service.core.groups.interval import DAY_S, HOUR_S, Interval
from service.core.groups.release import release, size_candidates
from service.core.sites import SiteRules
from service.ports import Noise
from service.use_cases.counting.report import Reports
from service.web.endpoints.counts import Counts
from service.web.wire.messages import Request

WINDOWS = ("1h", "2h", "24h", "168h", "7d")
TIMES = 2
_NOW_S = 20_000 * DAY_S + 12 * HOUR_S
_HOUR = Interval(_NOW_S - HOUR_S, HOUR_S)
_COHORTS = {
    "CH/smartphone/android": 900, "CH/smartphone/ios": 700, "CH/desktop/windows": 101, "DE/desktop/windows": 2000,
    "DE/desktop/linux": 90, "JP/smartphone/ios": 400, "all": 150,
}  # fmt: skip
_CONTINENTS = {"CH": "150", "DE": "150", "JP": "142"}.get
_FIGURES = {"visits": "visit", "exposures": "exposed", "conversions": "converted"}
_OF_VARIANTS = ("exposures", "conversions")

Figure = tuple[str, int]
"""A field of a released cell and its count."""


def averaging(rules: SiteRules, terms: PrivacyParameters, noise: Noise) -> list[Measure]:
    """Release an hour, read it in every way, and compare."""
    released = _release_of_an_hour(rules, terms, noise)
    read = [figure for _ in range(TIMES) for figure in asyncio.run(_read_all(rules, released))]
    not_released = {(field, count) for field, count in read if released.cells.get(field) != count}
    return [
        at_least("figures read of one released hour", len(read), 1, "figures",
                 f"{len(WINDOWS)} windows, JSON and CSV, {TIMES} times"),
        at_most("figures read that are not what was released", len(not_released), 0, "figures",
                "so that nothing is learned by reading again"),
    ]  # fmt: skip


def _release_of_an_hour(rules: SiteRules, terms: PrivacyParameters, noise: Noise) -> Released:
    raw: dict[str, int] = {}
    for cohort, visits in _COHORTS.items():
        for counted in _codes(rules):
            raw[counter_key(cohort, counted)] = visits
    sizes = dict.fromkeys(size_candidates(raw, None, _CONTINENTS), Size(3 * terms.k, 3 * max(1, terms.k_prefixes)))
    return release(_HOUR, raw, sizes, None, terms, len(rules.site.slots), _CONTINENTS, noise.draw)


def _codes(rules: SiteRules) -> Iterator[str]:
    """One of each kind of code that the site's config has."""
    site = rules.site
    yield code("visit")
    yield code("wanted", site.languages[0])
    yield code("chosen", site.languages[-1])
    for key, slot in site.slots.items():
        yield code("offered", key, slot.options[0])
        yield code("rewarded", key, slot.options[0])
    for key in rules.running:
        for variant in site.experiments[key].variants:
            yield code("exposed", key, variant)
            yield code("converted", key, variant)


async def _read_all(rules: SiteRules, released: Released) -> list[Figure]:
    site = rules.site
    store = MemoryStore(k=released.terms.k, k_prefixes=released.terms.k_prefixes, retention_s=DAY_S, clock=_now)
    claim = await store.claim(site.id, released.interval)
    if claim is None or not await store.publish(site.id, released, claim):
        raise RuntimeError("a fresh store does not take a release")
    counts = Counts(lambda _: rules, Reports(store, HOUR_S, released.terms, lambda *_: None, _now))
    figures: list[Figure] = []
    for window, form in itertools.product(WINDOWS, ("json", "csv")):
        about: dict[str, str] = {"site": site.id}
        answers = [(await _answer(counts.cohorts, about, window, form), "")]
        answers += [(await _answer(counts.slot, {**about, "slot": key}, window, form), key) for key in site.slots]
        answers += [
            (await _answer(counts.experiment, {**about, "experiment": key}, window, form), key) for key in rules.running
        ]
        for body, key in answers:
            figures += _of_csv(body) if form == "csv" else _of_json(msgspec.json.decode(body), key)
    return figures


async def _answer(handler: Any, about: dict[str, str], window: str, form: str) -> bytes:
    query = f"window={window}&format={form}".encode()
    path = "/".join(f"(?P<{name}>[^/]+)" for name in about)
    matched = re.fullmatch(path, "/".join(about.values()))
    response = await handler(Request("GET", b"", query, [], None, matched=matched), EVERYTHING)
    if response.status != 200:  # noqa: PLR2004  # HTTP's OK
        raise RuntimeError("the counts that were just released cannot be read")
    return bytes(response.content)


def _of_json(report: dict[str, Any], key: str) -> Iterator[Figure]:
    for row in report.get("variants", ()):
        for name in _OF_VARIANTS:
            yield from _figure("all", f"{_FIGURES[name]}:{key}:{row['variant']}", row[name])
    for row in report.get("cohorts", ()):
        if key:
            for option in row["options"]:
                for name in ("offered", "rewarded"):
                    yield from _figure(row["key"], f"{name}:{key}:{option['option']}", option[name])
            continue
        yield from _figure(row["key"], "visit", row["visits"])
        yield from _figure(row["key"], "devices", row["devices"])
        for language in row["languages"]:
            for name in ("shown", "wanted", "chosen"):
                yield from _figure(row["key"], f"{name}:{language['language']}", language[name])


def _of_csv(table: bytes) -> Iterator[Figure]:
    for row in csv.DictReader(io.StringIO(table.decode("ascii"))):
        name = row["figure"]
        of = [row[column] for column in ("slot", "experiment", "language", "option", "variant") if row.get(column)]
        count = row.get("count") or row.get("value")
        if count and name in {"visits", "devices", "shown", "wanted", "chosen", "offered", "rewarded", *_OF_VARIANTS}:
            yield counter_key(row.get("cohort", "all"), ":".join((_FIGURES.get(name, name), *of))), int(count)


def _figure(cohort: str, counted: str, figure: dict[str, Any]) -> Iterator[Figure]:
    if figure["count"] is not None:
        yield counter_key(cohort, counted), figure["count"]


def _now() -> float:
    return _NOW_S + 900.0
