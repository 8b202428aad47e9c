"""From a request or a body to a decision: the one way that every endpoint, page and command goes.

It joins the intake, where identity ends, to the use case, which never met it.
"""

from collections.abc import Mapping

from msgspec import UNSET, Raw

from service.core.recommendation import Decision
from service.core.sites import SiteRules
from service.use_cases.personalize import personalize
from service.web.intake import Connection, Fields, Intake, from_body
from service.web.problems import Refusal
from service.web.schema import read_recommendation, read_visit


class Decisions:
    """Decides on visits to the configured sites. ``ttl_s`` is how long a caller may keep an answer."""

    def __init__(self, intake: Intake, sites: Mapping[str, SiteRules], default_site: str, ttl_s: int) -> None:
        self.intake = intake
        self.sites = sites
        self.default_site = default_site
        self._ttl_s = ttl_s

    def rules(self, site: str) -> SiteRules | Refusal:
        """The rules of the site with this id."""
        return self.sites.get(site) or Refusal("unknown-site")

    def for_request(self, peer: str | None, fields: Fields, rules: SiteRules) -> Decision | Refusal:
        """The decision on a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        connection = self.intake.connect(peer, fields)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules)

    def for_body(self, body: bytes) -> Decision | Refusal:
        """The decision on a visit that a backend describes, site included."""
        found = read_recommendation(body)
        if isinstance(found, Refusal):
            return found
        rules = self.rules(self.default_site if found.site is UNSET else found.site)
        if isinstance(rules, Refusal):
            return rules
        connection = from_body(found)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules)

    def for_item(self, item: bytes | Raw, rules: SiteRules) -> Decision | Refusal:
        """The decision on one visit of a batch."""
        found = read_visit(item)
        connection = found if isinstance(found, Refusal) else from_body(found)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules)

    def _decide(self, connection: Connection, rules: SiteRules) -> Decision | Refusal:
        visit = self.intake.derive(connection, rules)
        if isinstance(visit, Refusal):
            return visit
        return personalize(rules, visit.permissions, visit.signals, self._ttl_s)
