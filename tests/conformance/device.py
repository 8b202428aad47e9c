"""Scores devices: matomo's fixtures, the crawlers' list and uap-core's tests, asked of the shipped look-up.

How the fixtures' classes are read in our words: smartphone, phablet and feature phone are one, "mobile", as are our
smartphone and feature_phone; "car browser" is car; smart speaker and smart display are speaker. Our vocabulary has no
portable media player, camera or peripheral (tills, scanners, boards). For them the best answer is what a site should
serve: a player or camera is a small touch screen (smartphone; tablet for a camera with a large one), a peripheral is
whatever its browser behaves like (smartphone, tablet or desktop); "unknown" is as good. Cases whose type the fixtures
do not know are not scored. Systems: Android holds android, fireos and harmonyos; iOS holds ios and ipados; a console
may be named by its maker or by the system it says it runs; families without a word of ours are "other" or "unknown".
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from service.adapters.user_agent import device_patterns
from service.adapters.user_agent.lookup import UserAgentLookup
from service.core.device import Device

Row = tuple[str, str, str, bool]
Case = dict[str, Any]

ACCEPTED: dict[str, frozenset[str]] = {
    "smartphone": frozenset({"smartphone", "feature_phone"}),
    "phablet": frozenset({"smartphone", "feature_phone"}),
    "feature phone": frozenset({"smartphone", "feature_phone"}),
    "car browser": frozenset({"car"}),
    "smart speaker": frozenset({"speaker"}),
    "smart display": frozenset({"speaker"}),
    "portable media player": frozenset({"smartphone", "unknown"}),
    "camera": frozenset({"smartphone", "tablet", "unknown"}),
    "peripheral": frozenset({"smartphone", "tablet", "desktop", "unknown"}),
}
COARSE = {"smartphone": "mobile", "phablet": "mobile", "feature phone": "mobile"}
FOUR = frozenset({"mobile", "tablet", "desktop", "bot"})
SYSTEMS: dict[str, frozenset[str]] = {
    "Android": frozenset({"android", "fireos", "harmonyos"}),
    "iOS": frozenset({"ios", "ipados"}),
    "GNU/Linux": frozenset({"linux"}),
    "Windows": frozenset({"windows", "xbox"}),
    "Mac": frozenset({"macos"}),
    "Chrome OS": frozenset({"chromeos"}),
    "OpenHarmony": frozenset({"harmonyos"}),
    "Google TV": frozenset({"android"}),
    "Firefox OS": frozenset({"kaios", "other"}),
    "Other Mobile": frozenset({"tizen", "webos", "other"}),
    "Other Smart TV": frozenset({"roku", "tizen", "webos", "other"}),
    "Gaming Console": frozenset({"playstation", "xbox", "nintendo"}),
    "Mobile Gaming Console": frozenset({"playstation", "nintendo"}),
}
NO_WORD_OF_OURS = frozenset({"other", "unknown"})
LOOK_UP_MS_MAX = 0.3


def score(folder: Path) -> list[Row]:
    lookup = UserAgentLookup()
    cases = [json.loads(line) for line in (folder / "matomo-device-detector" / "visible.jsonl").open()]
    return [*_matomo(lookup, cases), *_bots(lookup, folder, cases), *_uap_core(lookup, folder / "uap-core")]


def _matomo(lookup: UserAgentLookup, cases: list[Case]) -> Iterable[Row]:
    right: dict[str, list[bool]] = defaultdict(list)
    systems: list[bool] = []
    hinted: list[bool] = []
    for case in cases:
        device = ask_device(lookup, case)
        kind = "bot" if case["bot"] else case["device_type"]
        if not case["bot"] and case["os_family"]:
            systems.append(device.os in SYSTEMS.get(case["os_family"], NO_WORD_OF_OURS))
        if kind is None:
            continue
        right[COARSE.get(kind, kind)].append(device.class_ in ACCEPTED.get(kind, {kind}))
        if case["headers"]:
            hinted.append(right[COARSE.get(kind, kind)][-1])
    four = _share([hit for kind, hits in right.items() if kind in FOUR for hit in hits])
    recall = sum(_share(hits) for hits in right.values()) / len(right)
    yield "matomo: 4 classes, accuracy", f"{four:.2%}", ">= 97 %", four >= 0.97
    yield f"matomo: {len(right)} classes, macro recall", f"{recall:.2%}", ">= 90 %", recall >= 0.9
    everything = _share([hit for hits in right.values() for hit in hits])
    yield f"matomo: {len(right)} classes, accuracy", f"{everything:.2%}", "user-agents 62.6 %", everything > 0.626
    yield "matomo: OS family", f"{_share(systems):.2%}", "reported", True
    yield "matomo: class, with headers", f"{_share(hinted):.2%}", "reported", True
    slow = sum(_cpu_ms(lookup, case["ua"]) > LOOK_UP_MS_MAX for case in cases)
    yield "matomo: look-ups over 0.3 ms of CPU", f"{slow} of {len(cases)}", "0", slow == 0


def _bots(lookup: UserAgentLookup, folder: Path, cases: list[Case]) -> Iterable[Row]:
    """Recall on the crawlers and on matomo's bots; false alarms on matomo's browsers and on any browsers beside."""
    listed = json.loads((folder / "crawlers" / "crawler-user-agents.json").read_text())
    bots = {text for entry in listed for text in entry["instances"]}
    yield _recall(lookup, "crawlers: recall on the list", bots)
    yield _recall(lookup, "crawlers: recall on matomo's bots", {case["ua"] for case in cases if case["bot"]})
    people = {case["ua"] for case in cases if not case["bot"] and case["device_type"]}
    yield _false_alarms(lookup, "crawlers: false alarms on matomo's devices", people)
    for name, is_bot in (("isbot-crawlers", True), ("isbot-browsers", False)):
        path = folder / "crawlers" / f"{name}.yml"
        if path.is_file():
            texts = {text for group in yaml.safe_load(path.read_text()).values() for text in group}
            yield (_recall if is_bot else _false_alarms)(lookup, f"crawlers: {name}", texts)


def _recall(lookup: UserAgentLookup, name: str, bots: set[str]) -> Row:
    recall = _share([lookup.find(text).class_ == "bot" for text in bots])
    return name, f"{recall:.2%}", ">= 97 %", recall >= 0.97


def _false_alarms(lookup: UserAgentLookup, name: str, people: set[str]) -> Row:
    alarms = _share([lookup.find(text).class_ == "bot" for text in people])
    return name, f"{alarms:.2%}", "<= 0.3 %", alarms <= 0.003


def _uap_core(lookup: UserAgentLookup, folder: Path) -> Iterable[Row]:
    """ua-parser's own families in our words. Where ours says more than ua-parser's, it must be a kind of its word."""
    finer = {"android": {"fireos", "harmonyos"}, "ios": {"ipados"}, "unknown": {"playstation", "nintendo", "xbox"}}
    for file, words, part in (
        ("test_os", device_patterns.SYSTEMS, "os"),
        ("test_ua", device_patterns.BROWSERS, "browser"),
    ):
        hits = []
        for case in _yaml_cases(folder / f"{file}.yaml"):
            expected = words.get(case["family"], "unknown" if case["family"] == "Other" else "other")
            found = getattr(lookup.find(case["user_agent_string"]), part)
            hits.append(found == expected or found in finer.get(expected, ()))
        share = _share(hits)
        yield f"uap-core: {part} family", f"{share:.2%}", ">= 99 % of ua-parser's", share >= 0.99
    spiders = [case for case in _yaml_cases(folder / "test_device.yaml") if case["family"] == "Spider"]
    yield _recall(lookup, "uap-core: spiders", {case["user_agent_string"] for case in spiders})


def _yaml_cases(path: Path) -> list[Case]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    cases = yaml.load(path.read_text(), loader)["test_cases"]  # noqa: S506 (both loaders are safe ones)
    return [case for case in cases if "js_ua" not in case]


def ask_device(lookup: UserAgentLookup, case: Case) -> Device:
    """The case as it would be sent: its low-entropy headers only; the script form of the hints is not a request."""
    headers = {name.lower(): value or "" for name, value in (case["headers"] or {}).items()}
    hints = (headers.get(f"sec-ch-ua{end}", "") for end in ("", "-mobile", "-platform"))
    return lookup.look_up(case["ua"], *hints, headers.get("save-data", "")).device


def _cpu_ms(lookup: UserAgentLookup, text: str) -> float:
    """The best of three, so that another program's work on this machine does not count."""
    best = float("inf")
    for _ in range(3):
        started = time.thread_time_ns()
        lookup.find(text)
        best = min(best, (time.thread_time_ns() - started) / 1e6)
    return best


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)
