"""A newcomer copies the README's commands and gets what is printed there."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent.parent / "README.md"
EXAMPLES = re.findall(r"<!-- example -->\n```console\n\$ (curl .*)\n(.*)\n```", README.read_text())


def test_the_readme_has_its_three_examples():
    """If the README changes its form, these tests must not pass for want of cases."""
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_a_command_of_the_readme_answers_as_printed(server, command, printed):
    """The very command, the very bytes."""
    command = command.replace("http://127.0.0.1:8080", server.url)
    answered = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True, timeout=10).stdout
    assert json.loads(answered) == json.loads(printed)
    assert answered == printed
