"""``/v1/sites/...``: released counts as JSON and CSV, for those who may read them, and nothing else for anybody."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, cast

import jsonschema_rs
import msgspec
import pytest
from starlette.testclient import TestClient

from service.core.access import EVERYTHING, Grant
from service.core.groups.counts import PrivacyParameters, Released
from service.core.groups.interval import Interval
from service.core.sites import Site, SiteRules, Slot, SlotRanking
from service.ports import StoreError
from service.use_cases.counting.report import CohortReport, Reports, SlotReport
from service.web.endpoints.counts import COHORT_COLUMNS, SLOT_COLUMNS, Counts
from service.web.openapi import document
from service.web.problems import Refusal
from service.web.wire.dispatch import Row
from tests.doors import Granted

HOUR_S = 3600
NOON_S = 20_000 * 86400 + 12 * HOUR_S
TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
COHORTS, SLOT = "/v1/sites/demo/cohorts", "/v1/sites/demo/slots/front"
ABSENT = cast("Any", None)
SITES = {
    name: SiteRules(
        Site(name, ("en", "de"), "en", slots={"front": Slot(("spring", "app"))}), ABSENT, ABSENT, ABSENT, {}
    )
    for name in ("demo", "other")
}
CELLS = {
    "all|visit": 900, "all|devices": 400, "all|in": 1, "all|offered:front:app": 800, "all|rewarded:front:app": 200,
    "CH/smartphone|visit": 300, "CH|wanted:de": 250,
}  # fmt: skip


class ReleasedOnly:
    """A store that has released cells, the same in every hour, of one site; or that fails."""

    def __init__(self, cells: dict[str, int], failure: StoreError | None = None) -> None:
        self.cells = cells
        self.failure = failure

    async def released(self, site: str, intervals: Sequence[Interval]) -> list[Released | None]:
        if self.failure is not None:
            raise self.failure
        return [Released(interval, TERMS, self.cells) if site == "demo" else None for interval in intervals]


def counts(store: Any) -> Counts:
    ranking = SlotRanking(("app", "spring"), "cohort")
    reports = Reports(store, HOUR_S, TERMS, lambda _, __, cohort: ranking if cohort == "all" else None, lambda: NOON_S)
    return Counts(lambda site: SITES.get(site) or Refusal("unknown-site"), reports)


def client_of(endpoints: Counts, grant: Grant = EVERYTHING) -> TestClient:
    """Asks the endpoints under the paths that they have, as a caller who was granted this."""
    rows = (
        Row("/v1/sites/{site}/cohorts", "GET", "statistics", "none", endpoints.cohorts),
        Row("/v1/sites/{site}/slots/{slot}", "GET", "statistics", "none", endpoints.slot),
    )
    client = TestClient(Granted(*rows, grant=grant))
    client.headers.clear()
    return client


@pytest.fixture
def client() -> TestClient:
    return client_of(counts(ReleasedOnly(CELLS)))


def test_the_cohorts_of_a_site(client: TestClient) -> None:
    """Every field is there; sums are of the window's intervals; what was held back is null and said to be."""
    response = client.get(COHORTS + "?window=2h")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert (response.headers["cache-control"], response.headers["vary"]) == ("no-store", "accept")
    answer = response.json()
    rows = answer.pop("cohorts")
    assert answer.pop("noise_scales") == {"visit": 14.0, "shown": 14.0, "wanted": 14.0, "chosen": 4.0}
    assert answer == {
        "site": "demo", "window": "2h", "from": "2024-10-04T10:00:00Z", "to": "2024-10-04T12:00:00Z", "release_minutes": 60,
        "intervals": 2, "intervals_released": 2, "k": 100, "k_prefixes": 20, "epsilon": 1.0, "noise": "on",
        "terms_differ": False, "cohorts_left_out": 0,
    }  # fmt: skip
    held_back = {"count": None, "suppressed": True, "intervals": 0}
    assert rows == [
        {
            "key": "all", "current": True, "visits": {"count": 1800, "suppressed": False, "intervals": 2},
            "devices": {"count": 400, "suppressed": False, "intervals": 2, "at_least": True}, "languages": [],
        },
        {
            "key": "CH", "current": False, "visits": held_back, "devices": held_back | {"at_least": False},
            "languages": [{
                "language": "de", "shown": held_back, "wanted": {"count": 500, "suppressed": False, "intervals": 2},
                "chosen": held_back,
            }],
        },
        {
            "key": "CH/smartphone", "current": False, "visits": {"count": 600, "suppressed": False, "intervals": 2},
            "devices": held_back | {"at_least": False}, "languages": [],
        },
    ]  # fmt: skip
    assert msgspec.json.decode(response.content, type=CohortReport).cohorts_left_out == 0


def test_a_slot_of_a_site(client: TestClient) -> None:
    """Offers, rewards, their rate with its interval, and the ranking in use."""
    answer = client.get(SLOT).json()
    assert (answer["site"], answer["window"], answer["slot"], answer["intervals"]) == ("demo", "24h", "front", 24)
    [row] = answer["cohorts"]
    assert (row["key"], row["ranking"]) == ("all", {"options": ["app", "spring"], "source": "cohort"})
    spring, app = row["options"]
    assert spring == {
        "option": "spring", "rate": None, "offered": {"count": None, "suppressed": True, "intervals": 0},
        "rewarded": {"count": None, "suppressed": True, "intervals": 0}, "clipped": 0,
    }  # fmt: skip
    assert app["rewarded"] == {"count": 4800, "suppressed": False, "intervals": 24}
    assert (app["rate"]["value"], app["rate"]["intervals"]) == (0.25, 24)
    assert 0.23 < app["rate"]["low"] < 0.25 < app["rate"]["high"] < 0.27
    assert answer["warnings"] == []
    assert msgspec.convert(answer, SlotReport).slot == "front"


def test_what_cannot_be_is_marked() -> None:
    """In how many intervals an option had more rewards than offers, and what that means; in CSV as well."""
    client = client_of(counts(ReleasedOnly(CELLS | {"all|!rewarded:front:app": 1})))
    answer = client.get(SLOT).json()
    app = answer["cohorts"][0]["options"][1]
    assert (app["rewarded"]["count"], app["rate"], app["clipped"]) == (4800, None, 24)
    assert [warning["code"] for warning in answer["warnings"]] == ["more_rewards_than_offers"]
    rows = rows_of(client.get(SLOT + "?format=csv"))
    told = [(row["option"], row["value"]) for row in rows if row["figure"] in ("clipped", "warning")]
    assert told == [("spring", "0"), ("app", "24"), ("", "more_rewards_than_offers")]


@pytest.mark.parametrize("cells", [CELLS, {}, CELLS | {"all|!rewarded:front:app": 1}])
def test_answers_are_as_the_document_says(cells: dict[str, int]) -> None:
    """By the schemas of `/openapi.json`, with everything described and nothing else."""
    client = client_of(counts(ReleasedOnly(cells)))
    schemas = closed(document()["components"]["schemas"])
    for path, name in ((COHORTS, "CohortReport"), (SLOT, "SlotReport")):
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        assert [*jsonschema_rs.Draft202012Validator(whole).iter_errors(client.get(path).json())] == []


def closed(schema: Any) -> Any:
    """The same where nothing undescribed may stand."""
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.text.endswith("\r\n")
    assert "\n" not in response.text.replace("\r\n", "")
    return [*csv.DictReader(io.StringIO(response.text, newline=""))]


def test_cohorts_as_csv(client: TestClient) -> None:
    """A row for each figure under a head, each row with its terms; nothing stands for null."""
    rows = rows_of(client.get(COHORTS + "?format=csv&window=2h"))
    assert tuple(rows[0]) == COHORT_COLUMNS
    assert [(row["cohort"], row["figure"], row["language"], row["count"]) for row in rows] == [
        ("all", "visits", "", "1800"), ("all", "devices", "", "400"),
        ("CH", "visits", "", ""), ("CH", "devices", "", ""),
        ("CH", "shown", "de", ""), ("CH", "wanted", "de", "500"), ("CH", "chosen", "de", ""),
        ("CH/smartphone", "visits", "", "600"), ("CH/smartphone", "devices", "", ""),
    ]  # fmt: skip
    assert rows[1] == {
        "cohort": "all", "current": "true", "figure": "devices", "language": "", "count": "400", "at_least": "true",
        "suppressed": "false", "intervals": "2", "noise_scale": "", "site": "demo", "window": "2h",
        "from": "2024-10-04T10:00:00Z", "to": "2024-10-04T12:00:00Z", "release_minutes": "60", "intervals_in_window": "2",
        "intervals_released": "2", "k": "100", "k_prefixes": "20", "epsilon": "1.0", "noise": "on", "terms_differ": "false",
        "cohorts_left_out": "0",
    }  # fmt: skip
    assert (rows[0]["noise_scale"], rows[2]["suppressed"]) == ("14.0", "true")


def test_a_slot_as_csv(client: TestClient) -> None:
    """A rate is a figure with its interval beside it."""
    rows = rows_of(client.get(SLOT + "?format=csv"))
    assert tuple(rows[0]) == SLOT_COLUMNS
    assert [(row["option"], row["figure"], row["value"], row["suppressed"], row["intervals"]) for row in rows] == [
        ("spring", "offered", "", "true", "0"), ("spring", "rewarded", "", "true", "0"), ("spring", "rate", "", "true", "0"),
        ("spring", "clipped", "0", "false", "24"),
        ("app", "offered", "19200", "false", "24"), ("app", "rewarded", "4800", "false", "24"),
        ("app", "rate", "0.25", "false", "24"), ("app", "clipped", "0", "false", "24"),
    ]  # fmt: skip
    assert float(rows[6]["low"]) < 0.25 < float(rows[6]["high"])
    assert {row["slot"] for row in rows} == {"front"}


def test_no_cell_of_a_csv_is_a_formula(client: TestClient) -> None:
    """A spreadsheet reads what begins with = + - or @ as one."""
    for path in (COHORTS, SLOT):
        for row in rows_of(client.get(path + "?format=csv")):
            assert all(re.fullmatch(r"[A-Za-z0-9_][\w./:-]*|", value) for value in row.values())


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/*", "application/json"),
        ("text/html", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("text/csv, */*", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=seven", "application/json"),
        ("text/csv;q=nan", "application/json"),
        ("text/csv", "text/csv"),
        ("Text/CSV; header=present", "text/csv"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("application/json;q=0, text/csv;q=0.001, */*", "text/csv"),
        ("text/csv; q=0.9,application/*;q=0.8", "text/csv"),
        (",;=,text/csv,,", "text/csv"),
    ],
)
def test_csv_is_for_those_who_ask_for_it(client: TestClient, accept: str | None, kind: str) -> None:
    """By its own name and before JSON; whatever else comes gets JSON."""
    response = client.get(COHORTS, headers={} if accept is None else {"accept": accept})
    assert response.headers["content-type"].split(";")[0] == kind


def test_the_parameter_beats_the_header(client: TestClient) -> None:
    """A link can be sent to somebody."""
    assert "cohorts" in client.get(COHORTS + "?format=json", headers={"accept": "text/csv"}).json()
    assert rows_of(client.get(COHORTS + "?format=csv", headers={"accept": "application/json"}))


@pytest.mark.parametrize("path", [COHORTS, SLOT])
@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("window=0h", "/query/window", "invalid_value"),
        ("window=169h", "/query/window", "invalid_value"),
        ("window=8d", "/query/window", "invalid_value"),
        ("window=024h", "/query/window", "invalid_value"),
        ("window=", "/query/window", "invalid_value"),
        ("window=24h&window=24h", "/query/window", "duplicate_field"),
        ("window=anna@example.org", "/query/window", "identifying_value"),
        ("format=xml", "/query/format", "invalid_value"),
        ("cohort=all", "/query", "unknown_field"),
    ],
)
def test_other_parameters_are_refused(client: TestClient, path: str, query: str, pointer: str, code: str) -> None:
    """With the pointer, and nothing of what was sent."""
    response = client.get(f"{path}?{query}")
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


@pytest.mark.parametrize("window", ["1h", "168h", "1d", "7d"])
def test_the_limits_of_the_window_are_in_it(client: TestClient, window: str) -> None:
    """An hour to a week."""
    assert client.get(f"{COHORTS}?window={window}").json()["window"] == window


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/sites/nowhere/cohorts", "unknown-site"),
        ("/v1/sites/nowhere/slots/front", "unknown-site"),
        ("/v1/sites/demo/slots/back", "not-found"),
        ("/v1/sites/DEMO/cohorts", "unknown-site"),
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str, name: str) -> None:
    """By its kind."""
    response = client.get(path)
    assert (response.status_code, response.json()["type"]) == (404, f"/problems/{name}")


def test_a_key_for_one_site_reads_that_site() -> None:
    """It is not even told whether another exists."""
    client = client_of(counts(ReleasedOnly(CELLS)), Grant(frozenset({"statistics"}), frozenset({"other"})))
    assert client.get("/v1/sites/other/cohorts").status_code == 200
    for path in (COHORTS, SLOT, "/v1/sites/nowhere/cohorts"):
        assert client.get(path).json()["type"] == "/problems/forbidden"


@pytest.mark.parametrize("kind", ["connection", "timeout", "loading"])
def test_without_the_store_there_is_nothing_to_read(kind: Any) -> None:
    """503, to be asked again."""
    client = client_of(counts(ReleasedOnly({}, StoreError(kind))))
    for path in (COHORTS, SLOT):
        response = client.get(path)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["type"] == "/problems/counts-unavailable"


def test_too_many_readers_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like any overload."""
    endpoints = counts(ReleasedOnly(CELLS))

    async def busy(*_: object) -> str:
        return "busy"

    monkeypatch.setattr(Reports, "cohorts", busy)
    response = client_of(endpoints).get(COHORTS)
    assert (response.status_code, response.json()["type"]) == (503, "/problems/overloaded")
    assert response.headers["retry-after"] == "1"


def test_where_nothing_is_counted_there_is_nothing() -> None:
    """Counting can be switched off."""
    client = client_of(Counts(lambda _: SITES["demo"], None))
    assert client.get(COHORTS).json()["type"] == "/problems/not-found"
