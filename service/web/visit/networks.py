"""Which network a report of events comes from, as a number that means nothing an interval later.

A report is counted in the cohort of its token, whoever sends it, and nothing of its connection is needed for that. To
keep one caller from reporting without end, the prefix of its network alone (/24, or /48 of IPv6) becomes a number, by a
key that this process draws at random, tells nobody and throws away when a release interval ends. The address and the
prefix are let go within one call; the number is compared with others of the same interval, in the process, and stands
in no count, store, log or metric.
"""

import hmac
import secrets

from service.core.groups.counts import HASH_BYTES
from service.use_cases.counting.report_cap import ReportCap, Room
from service.web.visit.client_ip import ClientIpResolver
from service.web.wire.messages import Headers

KEY_BYTES = 32


class Networks:
    """Finds how much the sender of a report may still report."""

    def __init__(self, resolver: ClientIpResolver, cap: ReportCap) -> None:
        self._resolver = resolver
        self.cap = cap
        self._key = secrets.token_bytes(KEY_BYTES)

    def turn(self) -> None:
        """Begin a release interval: who reported in the one before is not known any more."""
        self._key = secrets.token_bytes(KEY_BYTES)
        self.cap.turn()

    def room(self, peer: str | None, headers: Headers) -> Room | None:
        """The room of the network that a request comes from; None where there is no cap. 5 us."""
        prefix = self._resolver.network(peer, headers)
        if prefix is None:
            return None
        return self.cap.room_of(int.from_bytes(hmac.digest(self._key, prefix, "sha256")[:HASH_BYTES]))
