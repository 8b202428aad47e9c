"""One way in for what a client sends, and how each kind of way is written down.

Apart from ``channels``, the list of them all.
"""

from typing import Final, Literal

from msgspec import Struct

from service.proof.carriers import ALLOWED, CONSENT, CONTEXT, FLAGS, JSON, OUTCOMES, PLACE, REPORT, Carrier, Outcome
from service.proof.markers import Kind
from service.proof.messages import Message, Spoil

ALL: Final = frozenset[Outcome](OUTCOMES)
REFUSED: Final = ALL - {"success"}
UNHEARD: Final = frozenset[Outcome]({"refusal", "shutdown"})
"""What is no HTTP is refused before anybody counts how full the house is."""
OfSite = Literal["", "topic", "experiment"]


class Channel(Struct, frozen=True):
    """One way in. ``line`` or ``query`` goes on carriers, else ``message`` is sent as it is.

    ``whole`` is the value that the marker is a part of, where it is not the whole of it. ``granted`` and ``refused``
    are what an answer must say (``telling``) for it to count as the one or the other; ``of_site`` is what a site must
    have for anything of that to be said.
    """

    key: str
    kind: Kind
    line: str = ""
    query: str = ""
    message: Message = Message()
    whole: str = ""
    needs: frozenset[Outcome] = ALL
    spoil: Spoil = "query"
    granted: str = ""
    refused: str = ""
    of_site: OfSite = ""

    @property
    def rides(self) -> bool:
        """Whether it goes on carriers."""
        return bool(self.line or self.query)

    def on(self, carrier: Carrier) -> Message:
        """The request that takes a marker in by this channel on a carrier."""
        if self.line:
            return carrier.message.with_line(self.line)
        return carrier.message.with_query(self.query)


def header(key: str, kind: Kind, name: str, value: str = "$marker", granted: str = "") -> Channel:
    return Channel(key, kind, f"{name}: {value}", whole=_whole(value), granted=granted)


def cookie(key: str, kind: Kind, pair: str, granted: str = "", refused: str = "", of_site: OfSite = "") -> Channel:
    """A cookie, beside the consent without which hardly any would be used."""
    whole = _whole(pair.partition("=")[2])
    return Channel(
        key, kind, f"Cookie: {CONSENT}; {pair}", whole=whole, granted=granted, refused=refused, of_site=of_site
    )


def _whole(value: str) -> str:
    """The value, where a marker is a part of it."""
    return value if "$marker" in value and value != "$marker" else ""


def asked(
    key: str, kind: Kind, signals: str, granted: str = "", refused: str = "", whole: str = "", of_site: OfSite = ""
) -> Channel:
    """A member of the signals of a visit in a body; ``refused``: there is none such, or not of this form."""
    placed = signals if signals.startswith('"ip"') else f"{PLACE}, {signals}"
    body = f'{{"site": "$site", "signals": {{{placed}}}, {ALLOWED}}}'
    message = Message("POST", "/v1/recommendation", (JSON,), body)
    needs = REFUSED if refused else ALL
    return Channel(
        key, kind, message=message, whole=whole, needs=needs, granted=granted, refused=refused, of_site=of_site
    )


def posted(
    key: str,
    kind: Kind,
    target: str,
    body: str,
    needs: frozenset[Outcome] = REFUSED,
    lines: tuple[str, ...] = (JSON,),
    granted: str = "",
    of_site: OfSite = "",
) -> Channel:
    message = Message("POST", target, lines, body)
    return Channel(key, kind, message=message, needs=needs, granted=granted, of_site=of_site)


def context(
    key: str,
    kind: Kind,
    members: str,
    needs: frozenset[Outcome] = ALL,
    flag: str = "",
    granted: str = "",
    of_site: OfSite = "",
) -> Channel:
    """Members of an evaluation context."""
    body = f'{{"context": {{{members}}}}}'
    return posted(key, kind, FLAGS + flag, body, needs, granted=granted, of_site=of_site)


def events(key: str, kind: Kind, event: str, needs: frozenset[Outcome] = REFUSED) -> Channel:
    """A report of one event."""
    return posted(key, kind, "/v1/events", f'{{"events": [{{{event}}}]}}', needs)


def reported(key: str, kind: Kind, member: str, needs: frozenset[Outcome] = ALL) -> Channel:
    """A member of a report whose event is counted."""
    return posted(key, kind, "/v1/events", REPORT.replace('"events"', f'{member}, "events"'), needs)


def preflight(key: str, lines: tuple[str, ...]) -> Channel:
    """What a browser asks first; whether it is told no depends on the site, so neither is waited for."""
    return Channel(key, "word", message=Message("OPTIONS", "/v1/events", lines), needs=ALL - {"success", "refusal"})


def path(key: str, target: str, method: str = "GET") -> Channel:
    """A segment of a path, where nothing is found or where it is no name that the site has."""
    lines, body = ((JSON,), CONTEXT) if method == "POST" else ((), "")
    return Channel(key, "word", message=Message(method, target, lines, body), needs=REFUSED, spoil="method")


def wire(key: str, raw: str, needs: frozenset[Outcome] = UNHEARD, kind: Kind = "word") -> Channel:
    """A whole request as it is written, for what no request should look like. The answer to it is the last."""
    return Channel(key, kind, message=Message(raw=raw.replace("\n", "\r\n")), needs=needs)
