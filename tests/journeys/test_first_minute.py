"""A newcomer copies the commands of the README and the documents, and gets what is printed there."""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, README, Example, blocks, examples
from tests.journeys.conftest import ROOT, Server

EXAMPLES = list(examples())


def test_the_documents_have_their_examples() -> None:
    """If the documents change their form, these tests must not pass for want of cases."""
    assert len(EXAMPLES) == sum(text.count("```console example") for text in DOCUMENTS.values())
    places = [example.document for example in EXAMPLES]
    assert places.count("README.md") == 3
    assert places.count("service/docs/deciding.md") == 3
    assert all(example.is_whole for example in EXAMPLES if example.document == "service/docs/deciding.md")


def printed_by(command: str, server: Server) -> str:
    """The very command; the address and the program are the test's."""
    words = shlex.split(command.replace("http://127.0.0.1:8080", server.url))
    if words[0] == ".venv/bin/passerby":
        words[:1] = [sys.executable, "-m", "service"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=10, cwd=ROOT)
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{one.document}-{index}" for index, one in enumerate(EXAMPLES)])
def test_a_command_answers_as_printed(server: Server, example: Example) -> None:
    """The very bytes; of what is cut, each part that is shown, in its order."""
    answered = printed_by(example.command, server)
    if example.is_whole:
        assert json.loads(answered) == json.loads(example.printed)
        assert answered == example.printed
    assert example.is_printed_by(answered)


@pytest.mark.parametrize(
    ("printed", "answer", "is_it"),
    [
        ('{"a":1}', '{"a":1}', True),
        ('{"a":1,...}', '{"a":1,"b":2}', True),
        ('{"a":1,\n  ..."c":3}', '{"a":1,"b":2,"c":3}', True),
        ('{"a":1,...}', '{"a":2,"b":2}', False),
        ('{"c":3,..."a":1}', '{"a":1,"b":2,"c":3}', False),
        ('{"a":1}', '{"a":1,"b":2}', False),
        ("...\nb\n...", "a\nb\nc\n", True),
    ],
)
def test_what_is_shown_has_to_be_there(printed: str, answer: str, is_it: bool) -> None:
    """That the comparison above says no where it must."""
    assert Example("", "", printed).is_printed_by(answer) is is_it


def test_a_site_of_ones_own_is_as_the_readme_says(start: Callable[..., Server], tmp_path: Path) -> None:
    """``init``, the README's site file, ``check``; then a device with the README's cookie is in the experiment."""
    directory = tmp_path / "shop"
    passerby = [sys.executable, "-m", "service"]
    subprocess.run([*passerby, "init", str(directory)], check=True, capture_output=True, cwd=ROOT, timeout=30)
    (directory / "sites/demo.toml").unlink()
    (site,) = blocks(README, "toml")
    (directory / "sites/shop.toml").write_text(site)
    (setting,) = set(re.findall(r"`(default_site = [^`]*)`", README))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
    with (directory / "passerby.toml").open("a") as settings:
        settings.write(f"{setting}\n")
    check = [*passerby, "--config", str(directory), "check"]
    subprocess.run(check, check=True, capture_output=True, cwd=ROOT, timeout=30, env=environment)

    (program,) = blocks(README, "python")
    made: dict[str, str] = {}
    exec(program, made)  # noqa: S102  # it is the README's
    name_and_value = made["cookie"].partition(";")[0]
    server = start(sites_dir=str(directory / "sites"), default_site="shop")
    headers = {
        "X-Forwarded-For": "195.65.10.7",
        "Accept-Language": "fr-CH",
        "Cookie": name_and_value,
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    }
    request = urllib.request.Request(f"{server.url}/v1/recommendation?site=shop", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        answer = json.load(response)
    assert (answer["language"]["tag"], answer["region"]["market"]) == ("fr", "dach")
    assert answer["experiments"]["hero"]["reason"] == "split"
