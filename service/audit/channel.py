"""A channel: one way in for what a client sends, and what an answer must say to show that it was read.

A status alone says little: a request is granted just as well where nobody reads a cookie. So an *expectation* is a
regular expression that must match the answer: it tells what of the visit was used, dropped or refused.
"""

import re
from typing import Final, Literal, TypedDict, Unpack

from msgspec import Struct

from service.audit.markers import Kind
from service.audit.requests import (
    ALLOWED,
    CONSENT,
    CONTEXT,
    FLAGS,
    JSON,
    OUTCOMES,
    PLACE,
    REPORT,
    Carrier,
    Message,
    Outcome,
    RefusedBy,
)

ALL: Final = frozenset[Outcome](OUTCOMES)
REFUSED: Final = ALL - {"success"}
UNHEARD: Final = frozenset[Outcome]({"refusal", "shutdown"})
"""What is no HTTP is refused before anything is shed."""

_NAME: Final = re.compile(r"[a-z_]+")
# What is told of one visit is private; a public description of the service has the same words in its examples.
_PRIVATE: Final = r"\ncache-control: private\b(?s:.*)"


def used(signal: str) -> str:
    """Expect that a decision names the signal among those that it was made of."""
    return rf'{_PRIVATE}"signals_used":\[[^]]*"{_name(signal)}"'


def dropped(field: str) -> str:
    """Expect that a decision names the field as one whose value was not of its shape."""
    return rf'{_PRIVATE}"dropped":\[[^]]*"{_name(field)}"'


def pointed_at(pointer: str) -> str:
    """Expect that a refusal names the place of the mistake."""
    return rf'"pointer":"{re.escape(pointer)}"'


def reasoned(reason: str) -> str:
    """Expect that a flag has this reason."""
    return rf'{_PRIVATE}"metadata":{{"reason":"{_name(reason)}"'


def meets(answer: bytes, expectation: str) -> bool:
    """Whether an answer says what is expected. Every answer meets an empty expectation."""
    return not expectation or re.search(expectation.encode(), answer) is not None


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError("a name of ours is small letters and underscores")
    return text


NeedsSite = Literal["", "topic", "experiment"]


class Channel(Struct, frozen=True):
    """One way in. ``line`` or ``query`` goes on carriers, else ``message`` is sent as it is.

    ``whole`` is the value that the marker is a part of, where it is not the whole of it. ``granted`` and ``refused``
    are the expectations of an answer that counts as the one or the other; ``needs_site`` is what a site must have for
    them to be met. ``needs`` are the outcomes without which an audit is inconclusive.
    """

    key: str
    kind: Kind
    line: str = ""
    query: str = ""
    message: Message = Message()
    whole: str = ""
    needs: frozenset[Outcome] = ALL
    refused_by: RefusedBy = "query"
    granted: str = ""
    refused: str = ""
    needs_site: NeedsSite = ""

    @property
    def rides(self) -> bool:
        """Whether it goes on carriers."""
        return bool(self.line or self.query)

    def on(self, carrier: Carrier) -> Message:
        """The request that takes a marker in by this channel on a carrier."""
        return carrier.message.with_line(self.line) if self.line else carrier.message.with_query(self.query)


class Options(TypedDict, total=False):
    """What most kinds of channels may have besides; see Channel."""

    refused: str
    whole: str
    needs_site: NeedsSite


def header(key: str, kind: Kind, name: str, value: str = "$marker", granted: str = "") -> Channel:
    return Channel(key, kind, f"{name}: {value}", whole=_whole(value), granted=granted)


def cookie(key: str, kind: Kind, pair: str, granted: str = "", **options: Unpack[Options]) -> Channel:
    """A cookie, beside the consent without which hardly any would be used."""
    options["whole"] = _whole(pair.partition("=")[2])
    return Channel(key, kind, f"Cookie: {CONSENT}; {pair}", granted=granted, **options)


def _whole(value: str) -> str:
    return value if "$marker" in value and value != "$marker" else ""


def signal(key: str, kind: Kind, members: str, granted: str = "", **options: Unpack[Options]) -> Channel:
    """Members of the signals of a visit in a body; ``refused``: there are none such, or not of this form."""
    placed = members if members.startswith('"ip"') else f"{PLACE}, {members}"
    body = f'{{"site": "$site", "signals": {{{placed}}}, {ALLOWED}}}'
    needs = REFUSED if options.get("refused") else ALL
    return posted(key, kind, "/v1/recommendation", body, needs, granted=granted, **options)


def posted(
    key: str,
    kind: Kind,
    target: str,
    body: str,
    needs: frozenset[Outcome] = REFUSED,
    lines: tuple[str, ...] = (JSON,),
    granted: str = "",
    **options: Unpack[Options],
) -> Channel:
    return Channel(key, kind, message=Message("POST", target, lines, body), needs=needs, granted=granted, **options)


def context(
    key: str,
    kind: Kind,
    members: str,
    needs: frozenset[Outcome] = ALL,
    flag: str = "",
    granted: str = "",
    **options: Unpack[Options],
) -> Channel:
    """Members of an evaluation context."""
    return posted(key, kind, FLAGS + flag, f'{{"context": {{{members}}}}}', needs, granted=granted, **options)


def event(key: str, kind: Kind, members: str) -> Channel:
    """A report of one event, which is refused."""
    return posted(key, kind, "/v1/events", f'{{"events": [{{{members}}}]}}')


def report(key: str, kind: Kind, member: str, needs: frozenset[Outcome] = ALL) -> Channel:
    """A member of a report whose event is counted."""
    return posted(key, kind, "/v1/events", REPORT.replace('"events"', f'{member}, "events"'), needs)


def preflight(key: str, lines: tuple[str, ...]) -> Channel:
    """A CORS preflight. The site decides whether it is refused, so neither outcome is waited for."""
    return Channel(key, "word", message=Message("OPTIONS", "/v1/events", lines), needs=ALL - {"success", "refusal"})


def path(key: str, target: str, method: str = "GET") -> Channel:
    """A segment of a path, where nothing is found or where it is no name that the site has."""
    lines, body = ((JSON,), CONTEXT) if method == "POST" else ((), "")
    return Channel(key, "word", message=Message(method, target, lines, body), needs=REFUSED, refused_by="method")


def wire(key: str, raw: str, needs: frozenset[Outcome] = UNHEARD) -> Channel:
    """A whole request as it is written, for what no request should look like. The answer to it is the last."""
    return Channel(key, "word", message=Message(raw=raw.replace("\n", "\r\n")), needs=needs)
