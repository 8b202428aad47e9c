"""The scoring of our own sets, asked as people ask it: a folder of JSON lines in, rows and misses out."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
)
GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
PLAYSTATION = "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko)"
# A wrong expectation in each set is a miss that the scorer must find.
SETS = {
    "browsers": [{"ua": CHROME, "source": "a"}, {"ua": GPTBOT, "source": "mistaken"}],
    "devices": [
        {"ua": PHONE, "class": "mobile", "source": "a"},
        {"ua": PHONE, "class": "feature_phone", "source": "a"},
        {"ua": CHROME, "class": "tablet", "source": "mistaken"},
        {"ua": CHROME, "class": "tablet", "source": "a", "headers": {"Sec-CH-UA-Platform": '"Android"', "Sec-CH-UA-Mobile": "?0"}},
        {"ua": PLAYSTATION, "class": "console", "source": "a"},
    ],
    "bots": [
        {"ua": GPTBOT, "kind": "training", "operated_by_person": False, "source": "a"},
        {"ua": "curl/8.5.0", "kind": "monitor", "operated_by_person": False, "source": "mistaken"},
        {"ua": CHROME, "kind": None, "operated_by_person": True, "source": "a"},
    ],
    "language": [
        {"desired": "de-AT,de;q=0.9", "supported": ["en", "de"], "expect": "de", "part": "plain", "source": "a", "why": "b"},
        {"desired": ["ja"], "supported": ["en", "de"], "expect": None, "part": "default", "source": "a", "why": "b"},
        {"desired": "ja", "supported": ["en", "de"], "default": "de", "expect": None, "part": "default", "source": "a", "why": "b"},
        {"desired": "", "supported": ["en", "de"], "country": "DE", "expect": "en", "part": "country", "source": "mistaken", "why": "b"},
        {"desired": "de", "supported": ["en", "de"], "expect": "en", "part": "plain", "mode": "odd", "source": "mistaken", "why": "b"},
    ],
    "identity_values": [
        {"value": "anna.schmidt@example.com", "identifying": True, "as": "device_id", "why": "a"},
        {"value": "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "identifying": False, "as": "device_id", "why": "a"},
        {"value": "anna.schmidt@example.com", "identifying": True, "as": "cookie_value", "why": "a"},
        {"value": "anna.schmidt@example.com", "identifying": False, "as": "cookie_value", "why": "mistaken"},
    ],
    "identity_names": [
        {"name": "email", "identifying": True, "source": "a"},
        {"name": "filename_style", "identifying": False, "source": "a"},
        {"name": "colour", "identifying": True, "source": "mistaken"},
    ],
}  # fmt: skip
ROWS = {
    "browsers called bots": ("50.00% (1 of 2)", "<= 0.3 %", "missed"),
    "devices, 4 classes": ("75.00% (3 of 4)", ">= 97%", "missed"),
    "devices, 3 classes, macro recall": ("83.33%", ">= 90 %", "missed"),
    "bots, recall": ("100.00% (2 of 2)", ">= 97%", ""),
    "programs in a person's hand, called no bot": ("100.00% (1 of 1)", "reported", ""),
    "bots, kind": ("50.00% (1 of 2)", "reported", ""),
    "language": ("75.00% (3 of 4)", ">= 97%", "missed"),
    "language, plain": ("100.00% (1 of 1)", "reported", ""),
    "language, default": ("100.00% (2 of 2)", "reported", ""),
    "language, country": ("0.00% (0 of 1)", "reported", ""),
    "language, mode odd": ("0.00% (0 of 1)", "reported", ""),
    "identifying, as a device id, refused": ("100.00% (1 of 1)", ">= 99%", ""),
    "innocent, as a device id, let pass": ("100.00% (1 of 1)", ">= 100%", ""),
    "identifying, as a cookie's value, refused": ("100.00% (1 of 1)", ">= 99%", ""),
    "innocent, as a cookie's value, let pass": ("0.00% (0 of 1)", ">= 100%", "missed"),
    "identifying names, refused": ("50.00% (1 of 2)", ">= 97%", "missed"),
    "innocent names, let pass": ("100.00% (1 of 1)", ">= 97%", ""),
}


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RUN), "--only", "own", *options]
    wide = {"COLUMNS": "200", "PATH": "", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=wide)


def rows(told: str) -> dict[str, tuple[str, ...]]:
    cells = (
        tuple(map(str.strip, line.strip("│").split("│")))
        for line in told.splitlines()
        if "own: " in line and "│" in line
    )
    return {name.removeprefix("own: "): tuple(rest) for name, *rest in cells}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("aside")
    for name, lines in SETS.items():
        (made / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def scored(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("--own", str(folder), "--misses", "1")


def test_every_set_is_scored_against_its_bar(scored: subprocess.CompletedProcess[str]) -> None:
    """Each file's rows; a missed bar is the exit status."""
    assert rows(scored.stdout) == ROWS
    assert scored.returncode == 1


def test_misses_are_printed_as_many_as_were_asked_for(scored: subprocess.CompletedProcess[str], folder: Path) -> None:
    """One of each row that has any, with what was answered; none unless asked."""
    listed = re.findall(r"(?m)^own: (.+): (\d+) missed\n  (.+)$", scored.stdout)
    assert [(name, number) for name, number, _ in listed] == [
        ("browsers called bots", "1"), ("devices, 4 classes", "1"), ("bots, kind", "1"), ("language", "1"),
        ("language, country", "1"), ("language, mode odd", "1"), ("innocent, as a cookie's value, let pass", "1"),
        ("identifying names, refused", "1"),
    ]  # fmt: skip
    assert all("mistaken" in miss for _, _, miss in listed)
    assert "tool for monitor: 'curl/8.5.0' (mistaken)" in scored.stdout
    assert "missed\n" not in run(PASSERBY_CONFORMANCE_OWN=str(folder)).stdout.partition("└")[2]


def test_the_folder_of_the_project_is_scored_where_none_is_named() -> None:
    """Whatever is in it by now is well-formed."""
    scored = run()
    assert scored.returncode in (0, 1)
    assert scored.stdout.count("own: ") >= 15


@pytest.mark.parametrize(
    "line", ["{}", "nothing", '{"ua": "a", "source": "b", "more": 1}', '{"ua": "a", "source": null}']
)
def test_an_ill_formed_line_is_named(tmp_path: Path, line: str) -> None:
    """By file and line, and nothing is scored."""
    (tmp_path / "browsers.jsonl").write_text(f'{{"ua": "a", "source": "b"}}\n{line}\n')
    result = run("--own", str(tmp_path))
    assert (result.returncode, "browsers.jsonl:2: " in result.stdout) == (2, True)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Not scored as if it were empty."""
    assert run("--own", str(tmp_path / "absent")).returncode == 2
