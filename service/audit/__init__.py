"""The privacy audit of a deployment: nothing that a visit shows comes out anywhere but in its own answer.

Unique markers go through every channel that a client has. Then they are looked for, in every encoding in which a
program could have kept them, wherever the deployment writes. At the end leaks are planted there, which the same search
must find.

    run                the order of it all
    plan               which marker goes by which channel, to have which outcome, and what became of it
    markers            the texts that are sent, each unlike all others
    channels           every way in; channel says what one is, and what an answer must say to show that it was read
    requests           requests as octets, and one of every route
    client             plain sockets, and every octet that comes back
    deployment         what is audited: running already, or started for it
    preflight          whether what is watched is of that deployment, and what is not audited
    marker_encodings   the encodings in which a marker could hide: what controls plant
    patterns           what the search looks for, eight octets at a time
    decodings          how it reads: as it stands, with escapes undone, out of hex and base64
    search             markers by the thousand, found in one pass
    sinks              where leaks come out: metrics and answers; log_file and redis_sinks (over redis_link) are others
    recorder           keeps what a sink saw
    report             what an audit found, for people and for machines
"""

from typing import Final

MARKERS_MIN: Final = 800
"""Enough for each channel to have each outcome once."""
MARKERS_WHOLE: Final = 14_000
"""Enough for each channel to go on each route, granted and refused; the rest goes round again."""
