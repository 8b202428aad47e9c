"""``/v1/sites/{site}/experiments/{experiment}``: results as JSON and CSV, with what to doubt in them beside them."""

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
from service.core.sites import Experiment, Site, SiteRules
from service.ports import StoreError
from service.use_cases.counting.report import ExperimentReport, Reports
from service.web.endpoints.counts import EXPERIMENT_COLUMNS, Counts
from service.web.openapi import document
from service.web.problems import Refusal
from service.web.wire.dispatch import Row
from tests.doors import Granted

HOUR_S = 3600
TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
HERO = "/v1/sites/demo/experiments/hero"
ABSENT = cast("Any", None)
EXPERIMENTS = {
    "hero": Experiment("running", ("a", "b"), "hero"),
    "old": Experiment("stopped", ("a", "b"), "old"),
    "next": Experiment("draft", ("a", "b"), "next"),
}
RULES = SiteRules(Site("demo", ("en",), "en", experiments=EXPERIMENTS), ABSENT, ABSENT, ABSENT, {})
CELLS = {
    "all|exposed:hero:a": 1000, "all|exposed:hero:b": 900, "all|converted:hero:a": 200, "all|converted:hero:b": 150,
    "all|exposed:next:a": 777,
}  # fmt: skip


class ReleasedOnly:
    """A store that has the same released cells in every hour, or that fails."""

    def __init__(self, cells: dict[str, int], failure: StoreError | None = None) -> None:
        self.cells = cells
        self.failure = failure

    async def released(self, site: str, intervals: Sequence[Interval]) -> list[Released | None]:
        assert site == "demo"
        if self.failure is not None:
            raise self.failure
        return [Released(interval, TERMS, self.cells) for interval in intervals]


def client_of(store: Any, grant: Grant = EVERYTHING) -> TestClient:
    """Asks the endpoint under its path, as a caller who was granted this."""
    reports = Reports(store, HOUR_S, TERMS, lambda *_: None, lambda: 20_000 * 86400 + 12 * HOUR_S)
    counts = Counts(lambda site: RULES if site == "demo" else Refusal("unknown-site"), reports)

    row = Row("/v1/sites/{site}/experiments/{experiment}", "GET", "statistics", "none", counts.experiment)
    client = TestClient(Granted(row, grant=grant))
    client.headers.clear()
    return client


@pytest.fixture
def client() -> TestClient:
    return client_of(ReleasedOnly(CELLS))


def test_the_results_of_an_experiment(client: TestClient) -> None:
    """Every field is there: figures by variant, the sample-ratio test, warnings and notes in words."""
    response = client.get(HERO + "?window=2h")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert (response.headers["cache-control"], response.headers["vary"]) == ("no-store", "accept")
    answer = response.json()
    control, variant = answer.pop("variants")
    test, warnings, remarks = answer.pop("sample_ratio_test"), answer.pop("warnings"), answer.pop("notes")
    assert answer == {
        "site": "demo", "window": "2h", "from": "2024-10-04T10:00:00Z", "to": "2024-10-04T12:00:00Z", "release_minutes": 60,
        "intervals": 2, "intervals_released": 2, "k": 100, "k_prefixes": 20, "epsilon": 1.0, "noise": "on",
        "noise_scales": {"exposed": 1.0, "converted": 1.0}, "terms_differ": False, "experiment": "hero",
        "status": "running",
    }  # fmt: skip
    assert (control["variant"], control["weight"], control["lift"], control["probability_to_beat_control"]) == (
        "a", 0.5, None, None,
    )  # fmt: skip
    assert variant["exposures"] == {"count": 1800, "suppressed": False, "intervals": 2}
    assert variant["conversions"] == {"count": 300, "suppressed": False, "intervals": 2}
    assert (variant["rate"]["value"], variant["lift"]["value"]) == (0.166667, -0.166667)
    assert variant["lift"]["low"] < -0.166667 < variant["lift"]["high"] < 0
    assert 0 < variant["probability_to_beat_control"] < 0.01
    assert (test["mismatch"], test["intervals"]) == (False, 2)
    assert 0.001 < test["p_value"] < 0.002
    assert warnings == []
    assert [note["code"] for note in remarks] == ["counted_once", "later_conversions", "one_look"]
    assert "as far as the device itself says so" in remarks[0]["text"]
    assert msgspec.json.decode(response.content, type=ExperimentReport).experiment == "hero"


def test_what_to_doubt_comes_with_it(client: TestClient) -> None:
    """A longer window makes the same shares a mismatch."""
    answer = client.get(HERO).json()
    assert answer["sample_ratio_test"]["mismatch"]
    assert [warning["code"] for warning in answer["warnings"]] == ["sample_ratio_mismatch"]
    assert "before you know why" in answer["warnings"][0]["text"]


def test_a_stopped_experiment_keeps_its_results_and_a_draft_has_none(client: TestClient) -> None:
    """A draft answers like one that does not exist, also where something was once counted of it."""
    assert client.get("/v1/sites/demo/experiments/old").json()["status"] == "stopped"
    refused = [client.get(f"/v1/sites/demo/experiments/{key}") for key in ("next", "none", "HERO")]
    assert {(one.status_code, one.content) for one in refused} == {(404, refused[0].content)}
    assert refused[0].json()["type"] == "/problems/not-found"
    assert client.get("/v1/sites/nowhere/experiments/hero").json()["type"] == "/problems/unknown-site"


@pytest.mark.parametrize("cells", [CELLS, {}, CELLS | {"all|exposed:hero:b": 5000, "all|!converted:hero:a": 1}])
def test_answers_are_as_the_document_says(cells: dict[str, int]) -> None:
    """By the schemas of `/openapi.json`, with everything described and nothing else."""
    schemas = closed(document()["components"]["schemas"])
    whole = {"$ref": "#/components/schemas/ExperimentReport", "components": {"schemas": schemas}}
    answer = client_of(ReleasedOnly(cells)).get(HERO).json()
    assert [*jsonschema_rs.Draft202012Validator(whole).iter_errors(answer)] == []


def closed(schema: Any) -> Any:
    """The same where nothing undescribed may stand."""
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return [*csv.DictReader(io.StringIO(response.text, newline=""))]


def test_results_as_csv(client: TestClient) -> None:
    """A row for each figure, and for each warning, so that a copy keeps them; nothing stands for null."""
    rows = rows_of(client.get(HERO + "?format=csv"))
    assert tuple(rows[0]) == EXPERIMENT_COLUMNS
    assert [(row["variant"], row["figure"]) for row in rows] == [
        ("a", "weight"), ("a", "exposures"), ("a", "conversions"), ("a", "rate"), ("a", "clipped"),
        ("b", "weight"), ("b", "exposures"), ("b", "conversions"), ("b", "rate"), ("b", "clipped"), ("b", "lift"),
        ("b", "probability_to_beat_control"), ("", "sample_ratio_p_value"), ("", "warning"),
    ]  # fmt: skip
    lift, test, warning = rows[10], rows[12], rows[13]
    assert (lift["value"], lift["suppressed"], lift["intervals"]) == ("-0.166667", "false", "24")
    assert float(lift["low"]) < -0.166667 < float(lift["high"])
    assert float(test["value"]) < 0.001
    assert warning["value"] == "sample_ratio_mismatch"
    assert {(row["experiment"], row["status"], row["k"], row["window"]) for row in rows} == {
        ("hero", "running", "100", "24h")
    }
    assert (rows[1]["noise_scale"], rows[3]["noise_scale"]) == ("1.0", "")


def test_what_was_held_back_is_empty_in_csv() -> None:
    """And said to be suppressed."""
    rows = rows_of(client_of(ReleasedOnly({"all|exposed:hero:a": 1000})).get(HERO, headers={"accept": "text/csv"}))
    empty = {(row["variant"], row["figure"]) for row in rows if row["value"] == ""}
    assert empty == {
        ("a", "conversions"), ("a", "rate"), ("b", "exposures"), ("b", "conversions"), ("b", "rate"), ("b", "lift"),
        ("b", "probability_to_beat_control"),
    }  # fmt: skip
    assert all(row["suppressed"] == "true" for row in rows if row["value"] == "")
    assert [row["value"] for row in rows if row["figure"] == "warning"] == [
        "sample_ratio_mismatch", "variant_missing", "near_k", "too_early", "held_back",
    ]  # fmt: skip
    small = rows_of(client_of(ReleasedOnly({"all|exposed:hero:a": 120})).get(HERO + "?format=csv&window=1h"))
    test = next(row for row in small if row["figure"] == "sample_ratio_p_value")
    assert (test["value"], test["suppressed"], test["intervals"]) == ("", "true", "0")
    assert "sample_ratio_untested" in [row["value"] for row in small if row["figure"] == "warning"]


def test_no_cell_of_a_csv_is_a_formula(client: TestClient) -> None:
    """A spreadsheet reads what begins with = + - or @ as one, unless it is a number."""
    for row in rows_of(client.get(HERO + "?format=csv")):
        assert all(re.fullmatch(r"[A-Za-z0-9_][\w./:-]*|-[0-9]+\.[0-9]+|", value) for value in row.values())


@pytest.mark.parametrize("query", ["window=169h", "format=xml", "variant=a", "window=24h&window=24h"])
def test_other_parameters_are_refused(client: TestClient, query: str) -> None:
    """With a pointer, and nothing of what was sent."""
    response = client.get(f"{HERO}?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/query")


def test_a_key_for_another_site_reads_nothing_here() -> None:
    """Nor learns which experiments there are."""
    client = client_of(ReleasedOnly(CELLS), Grant(frozenset({"statistics"}), frozenset({"other"})))
    for key in ("hero", "none"):
        assert client.get(f"/v1/sites/demo/experiments/{key}").json()["type"] == "/problems/forbidden"


def test_without_the_store_there_is_nothing_to_read() -> None:
    """503, to be asked again."""
    response = client_of(ReleasedOnly({}, StoreError("timeout"))).get(HERO)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["type"] == "/problems/counts-unavailable"
