"""``/v1/privacy`` and ``/.well-known/gpc.json``: what is done with visits, for machines to read.

A site's disclosure is made when it is first asked for in an epoch that has another one: that costs some 150 us, and to
make those of many sites at once would hold up visits. From then on a request is a look-up. Both are about everybody, so
any cache may keep them, and of a request only its query is read, and the origin of the page that asks.
"""

import msgspec
from msgspec import Struct

from service.core.access import Grant
from service.web.cacheable import cacheable
from service.web.epoch import DISCLOSURE_MAX_AGE_S, Current
from service.web.problems import Refusal
from service.web.query import read_query
from service.web.wire.messages import Request, Response, problem_response


class GpcSupport(Struct, frozen=True, rename="camel"):
    """That requests with Global Privacy Control are abided by, and since when it is said so (GPC specification)."""

    gpc: bool
    last_update: str


class Privacy:
    """The disclosures of all sites, and the support resource of Global Privacy Control."""

    def __init__(self, current: Current) -> None:
        self._current = current

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The disclosure of one site, or 304 when the caller has it."""
        epoch, origin = self._current.epoch, request.header(b"origin")
        query = read_query(request.query, {"site": None})
        site = query if isinstance(query, Refusal) else epoch.site(query.get("site"))
        if isinstance(site, Refusal):
            return problem_response(site, epoch.cors.headers_for_any(origin))
        return site.disclosure().answer(request, epoch.cors.headers(origin, site.id))

    def support(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """That Global Privacy Control is honoured. Whoever probes for it may add to the address what they like."""
        # The statement is made with the policy: its date is that of the law as it was read.
        support = GpcSupport(True, self._current.epoch.policy.version)
        return cacheable(msgspec.json.encode(support), DISCLOSURE_MAX_AGE_S).answer(request)
