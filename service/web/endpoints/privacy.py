"""``/v1/privacy`` and ``/.well-known/gpc.json``: what is done with visits, for machines to read.

A site's disclosure is made when it is first asked for after the service started, or its sites or its policy changed:
that costs some 150 us, and to make those of many sites at once would hold up visits. From then on a request is a
look-up. Both are about everybody, so any cache may keep them, and of a request only its query is read, and the origin
of the page that asks.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from service.core.access import Grant
from service.core.sites import Key, SiteRules
from service.use_cases.transparency.disclosure import Disclosure
from service.web.cors import Cors
from service.web.decisions import Decisions
from service.web.problems import Refusal
from service.web.query import read_query
from service.web.tagged import TaggedPage, tagged_page
from service.web.wire.messages import Request, Response, problem_response

MAX_AGE_S = 300


class GpcSupport(Struct, frozen=True, rename="camel"):
    """That requests with Global Privacy Control are abided by, and since when it is said so (GPC specification)."""

    gpc: bool
    last_update: str


class Privacy:
    """The disclosures of all sites, and the support resource of Global Privacy Control.

    ``disclose`` says what is done with visits to a site by these rules, as things are now.
    """

    def __init__(self, decisions: Decisions, disclose: Callable[[SiteRules], Disclosure], cors: Cors) -> None:
        self._decisions = decisions
        self._cors = cors
        self._disclose = disclose
        self._pages: dict[Key, TaggedPage] = {}  # as many as there are sites

    def forget(self) -> None:
        """The sites or the policy are others from now on, and so is what is told."""
        self._pages.clear()

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The disclosure of one site, or 304 when the caller has it."""
        origin, rules = request.header(b"origin"), self._asked(request)
        if isinstance(rules, Refusal):
            return problem_response(rules, self._cors.headers_for_any(origin))
        return self._page(rules).answer(request, self._cors.headers(origin, rules.site.id))

    def support(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """That Global Privacy Control is honoured. Whoever probes for it may add to the address what they like."""
        # The statement is made with the policy: its date is that of the law as it was read.
        return _tagged(GpcSupport(True, self._decisions.intake.policy.version)).answer(request)

    def _asked(self, request: Request) -> SiteRules | Refusal:
        found = read_query(request.query, {"site": None})
        if isinstance(found, Refusal):
            return found
        return self._decisions.rules(found.get("site", self._decisions.default_site))

    def _page(self, rules: SiteRules) -> TaggedPage:
        page = self._pages.get(rules.site.id)
        if page is None:
            page = self._pages[rules.site.id] = _tagged(self._disclose(rules))
        return page


def _tagged(told: Struct) -> TaggedPage:
    return tagged_page(msgspec.json.encode(told), MAX_AGE_S)
