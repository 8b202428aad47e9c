"""What an answer must say for it to count that what went in by a channel was read, and as what.

A status alone says little: a request is granted just as well where nobody reads a cookie. So of all that an answer
tells of a visit the audit demands what a channel must lead to: a regular expression to be found in the answer.
"""

import re
from typing import Final

_NAME: Final = re.compile(r"[a-z_]+")
# What is told of one visit is for nobody else; a description of the service has the same words in its examples.
_OF_ONE_VISIT: Final = r"\ncache-control: private\b(?s:.*)"


def used(signal: str) -> str:
    """A decision names the signal among those that it was made of."""
    return rf'{_OF_ONE_VISIT}"signals_used":\[[^]]*"{_name(signal)}"'


def dropped(field: str) -> str:
    """A decision names the field as one whose value was not of its shape."""
    return rf'{_OF_ONE_VISIT}"dropped":\[[^]]*"{_name(field)}"'


def pointed_at(pointer: str) -> str:
    """A refusal names the place of the mistake."""
    return rf'"pointer":"{re.escape(pointer)}"'


def reasoned(reason: str) -> str:
    """A flag has this reason."""
    return rf'{_OF_ONE_VISIT}"metadata":{{"reason":"{_name(reason)}"'


def says(answer: bytes, what: str) -> bool:
    """Whether an answer says it; of nothing to be said every answer does."""
    return not what or re.search(what.encode(), answer) is not None


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError("a name of ours is small letters and underscores")
    return text
