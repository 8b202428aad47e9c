"""Settings that are allowed, but weaken what is promised, each get a line at every start and in ``passerby check``."""

from pathlib import Path

import pytest

from service.app import read_configuration
from service.use_cases.counting.report_cap import EVENTS_MIN

CONFIG = Path(__file__).resolve().parents[2] / "config"

NO_NETWORKS_PUBLIC = {"HOST": "0.0.0.0", "SECRET": "x" * 16, "K_PREFIXES": "0", "K": "200"}


def notices(**settings: str) -> list[str]:
    environment = {f"PASSERBY_{name}": value for name, value in settings.items()}
    return [*read_configuration(CONFIG, environment).notices]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, []),
        ({"K": "1"}, ["k: is 1, for closed test beds"]),
        ({"K": "2"}, ["k: is 2, for closed test beds"]),
        ({"K": "49"}, ["k: is 49, for closed test beds"]),
        ({"K": "50"}, []),
        ({"K": "1", "NOISE": "off"}, ["k: is 1, for closed test beds", "noise: it is off"]),
        ({"K_PREFIXES": "1"}, ["k_prefixes: is 1, so a cohort may be one firm or family"]),
        ({"K_PREFIXES": "9"}, ["k_prefixes: is 9, so a cohort may be one firm or family"]),
        ({"K_PREFIXES": "10"}, []),
        ({"K_PREFIXES": "1", "K": "200"}, []),
        ({"K_PREFIXES": "0", "K": "200"}, ["k_prefixes: is 0, and events may be reported without a key"]),
        ({"K_PREFIXES": "0", "K": "200", "EDGE": "generic"}, ["k_prefixes: is 0, and events may be"]),
        ({"K_PREFIXES": "0", "K": "200", "EDGE": "cloudflare"}, ["k_prefixes: is 0, and events may be"]),
        ({"K_PREFIXES": "0", "K": "200", "HOST": "::1"}, ["k_prefixes: is 0, and events may be"]),
        ({"K_PREFIXES": "0", "K": "200", "COUNTING": "false"}, []),
        ({"K_PREFIXES": "1", "K": "200", "EDGE": "generic"}, []),
        ({"EDGE": "generic"}, []),
        ({**NO_NETWORKS_PUBLIC, "OPEN_SCOPES": "events"}, ["k_prefixes: is 0, and events may be"]),
        ({**NO_NETWORKS_PUBLIC, "OPEN_SCOPES": "recommend,events"}, ["k_prefixes: is 0, and events may be"]),
        ({**NO_NETWORKS_PUBLIC, "OPEN_SCOPES": "admin"}, ["k_prefixes: is 0, and", "open_scopes: has admin"]),
        ({**NO_NETWORKS_PUBLIC, "OPEN_SCOPES": "recommend"}, []),
        ({**NO_NETWORKS_PUBLIC, "OPEN_SCOPES": "recommend,statistics"}, []),
        ({"EPSILON": "100"}, ["epsilon: is 100, for closed test beds"]),
        ({"EPSILON": "5.01"}, ["epsilon: is 5.01, for closed test beds"]),
        ({"EPSILON": "5"}, []),
        ({"EPSILON": "100", "NOISE": "off"}, ["noise: it is off"]),
        ({"EPSILON": "0.1"}, ["epsilon: is 0.1, which is so much noise beside a k of 100"]),
        ({"EPSILON": "0.1", "K": "1000"}, []),
        ({"K": "1", "EPSILON": "100"}, ["epsilon: is 100, for closed test beds", "k: is 1, for closed test beds"]),
        ({"K": "1", "EPSILON": "100", "COUNTING": "false"}, []),
        ({"RELEASE_MINUTES": "5"}, ["release_minutes: is 5, for demonstrations and tests"]),
        ({"RELEASE_MINUTES": "0.25"}, ["release_minutes: is 0.25, for demonstrations and tests"]),
        ({"RELEASE_MINUTES": "15"}, []),
        ({"POLICY_MAX_AGE_DAYS": "401"}, ["policy_max_age_days: is 401"]),
        ({"POLICY_MAX_AGE_DAYS": "400"}, []),
        ({"HOST": "0.0.0.0", "SECRET": "x" * 16, "OPEN_SCOPES": "admin"}, ["open_scopes: has admin"]),
        ({"HOST": "0.0.0.0", "SECRET": "x" * 16, "OPEN_SCOPES": "recommend,events,statistics"}, []),
        ({"OPEN_SCOPES": "admin"}, []),
    ],
)  # fmt: skip
def test_what_weakens_a_promise_is_said(settings: dict[str, str], said: list[str]) -> None:
    """On both sides of each line; what only matters off loopback, or where groups are counted, is said only there."""
    found = sorted(notices(**settings))
    assert len(found) == len(said), found
    assert all(text.startswith(begins) for text, begins in zip(found, said, strict=True)), found


@pytest.mark.parametrize(
    ("more", "is_said"),
    [
        ({}, False),
        ({"OPEN_SCOPES": "recommend"}, False),
        ({"OPEN_SCOPES": "events"}, True),
        ({"HOST": "0.0.0.0", "SECRET": "x" * 16}, False),
        ({"HOST": "0.0.0.0", "SECRET": "x" * 16, "OPEN_SCOPES": "events"}, True),
    ],
)
def test_where_reports_need_a_key_the_cap_is_not_told_of(
    more: dict[str, str], *, is_said: bool, tmp_path: Path
) -> None:
    """With keys, on loopback too, events take one unless they are open."""
    keys = tmp_path / "keys.toml"
    keys.write_text("")
    found = notices(K_PREFIXES="0", K="200", KEYS_FILE=str(keys), **more)
    assert any(text.startswith("k_prefixes: is 0") for text in found) is is_said


def test_the_cap_of_an_edge_that_keeps_addresses_is_told_with_its_mend() -> None:
    """In numbers, and with what lifts it."""
    assert notices(K_PREFIXES="0", K="500") == [
        (
            "k_prefixes: is 0, and events may be reported without a key: where the edge keeps addresses to itself, all who "
            f"report through it are one network, of which {EVENTS_MIN} events of a code count in an interval beside a k of "
            "500; give the edge a key of scope events (`passerby keys new`, keys_file) that it adds to what it passes on: "
            "for that there is no cap"
        )
    ]


def test_a_notice_says_what_it_costs_and_what_would_do() -> None:
    """In numbers that an operator can weigh: how sure somebody may become, and the usual value."""
    assert notices(EPSILON="100", K="1") == [
        (
            "k: is 1, for closed test beds: a cohort of so few devices may be people who know each other, and counts from 1 "
            "on are told; 50 or more makes a group, 100 is the default"
        ),
        (
            "epsilon: is 100, for closed test beds: what is released may make somebody 99.9 % sure that a visit was there, "
            "who knew no better than a coin; with 1 it is 73.1 %, and 5 is the most that hides anything"
        ),
    ]
