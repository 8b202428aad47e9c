"""``/livez`` and ``/readyz``: what an orchestrator asks, and what a person at night reads."""

import pytest

from service.web.endpoints.health import ConfigurationState, CountsState, Health, PolicyState

DAY_S = 86400


class Geo:
    def __init__(self, built_at, healthy=True):
        self.built_at = built_at
        self.healthy = healthy
        self.refused = 0

    def look_up(self, address):
        return None


COUNTS = CountsState("redis", working=True, since=None, snapshot_age_s=None, overdue=False)


def state(geo, *, now_s=1_000 * DAY_S, ageing=False, draining=False, counts=COUNTS, refused=0):
    policy = PolicyState("2026-11-22", 0, ageing, False)
    configuration = ConfigurationState(refused, restart_needed=False)
    health = Health(geo, 180, lambda: policy, lambda: counts, lambda: configuration, lambda: now_s)
    health.draining = draining
    return health.state()


def test_liveness_is_always_answered(client):
    """It says that the process lives, nothing else."""
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_readiness_tells_the_age_of_the_geo_data(client):
    """A look-up was made, and the data's age is said in days."""
    answer = client.get("/readyz").json()
    assert answer["status"] == "ready"
    assert answer["geo"]["healthy"] is True
    assert answer["geo"]["age_days"] >= 0
    assert answer["policy"]["version"] == "2026-11-30"


@pytest.mark.parametrize(
    ("built_at", "healthy", "outdated_policy", "status"),
    [
        (999 * DAY_S, True, False, "ready"),
        (820 * DAY_S, True, False, "ready"),
        (819 * DAY_S, True, False, "degraded"),
        (None, False, False, "degraded"),
        (999 * DAY_S, False, False, "degraded"),
        (999 * DAY_S, True, True, "degraded"),
    ],
)
def test_what_needs_a_person_degrades_but_still_answers(built_at, healthy, outdated_policy, status):
    """Old or missing geo data and an old policy are said; visitors may still be sent here."""
    assert state(Geo(built_at, healthy), ageing=outdated_policy).status == status


def test_draining_is_not_ready():
    """Told to stop, the service asks for no more visitors."""
    assert state(Geo(999 * DAY_S), draining=True).status == "draining"


@pytest.mark.parametrize(
    "working, overdue, status", [(True, False, "ready"), (False, False, "degraded"), (True, True, "degraded")]
)
def test_counts_that_stand_still_degrade_but_answers_go_on(working, overdue, status):
    """A store that fails, and a release that is late, want a person."""
    counts = CountsState("redis", working=working, since=None, snapshot_age_s=None, overdue=overdue)
    assert state(Geo(999 * DAY_S), counts=counts).status == status


def test_a_newer_configuration_that_was_refused_degrades():
    """The old one is in force, which is well for visitors and wants a person."""
    assert state(Geo(999 * DAY_S), refused=1).status == "degraded"
