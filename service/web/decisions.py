"""From a request or a body to a decision: the one way that every endpoint, page and command goes.

It joins the intake, where identity ends, to the use case, which never met it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from service.core.privacy import Permissions
from service.core.recommendation import Decision
from service.core.signals import Signals
from service.core.sites import SiteRules
from service.use_cases.personalize import personalize
from service.web.intake import Connection, Fields, Intake, from_body
from service.web.problems import Refusal
from service.web.schema import VisitBody, read_recommendation, read_visit


class Answer(NamedTuple):
    """A decision, and as the JSON that is sent."""

    decision: Decision
    body: bytes


class Decisions:
    """Decides on visits to the configured sites. ``ttl_s`` is how long a caller may keep an answer.

    Visits that show the same get the same answer, and most show what many show: answers are remembered by what decided
    them, which is closed values and identifies nobody.
    """

    def __init__(self, intake: Intake, sites: Mapping[str, SiteRules], default_site: str, ttl_s: int) -> None:
        self.intake = intake
        self.sites = sites
        self.default_site = default_site
        self._ttl_s = ttl_s
        self._answer = lru_cache(maxsize=ANSWERS_MAX)(self._make_answer)

    def rules(self, site: str) -> SiteRules | Refusal:
        """The rules of the site with this id."""
        return self.sites.get(site) or Refusal("unknown-site")

    def for_request(self, peer: str | None, fields: Fields, rules: SiteRules) -> Answer | Refusal:
        """The answer to a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        connection = self.intake.connect(peer, fields)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules)

    def for_body(self, body: bytes) -> Answer | Refusal:
        """The answer to a visit that a backend describes, site included."""
        found = read_recommendation(body)
        if isinstance(found, Refusal):
            return found
        rules = self.rules(self.default_site if found.site is UNSET else found.site)
        return rules if isinstance(rules, Refusal) else self.for_visit(found, rules)

    def for_item(self, item: bytes, rules: SiteRules) -> Answer | Refusal:
        """The answer to one visit of a batch, as it was written."""
        found = read_visit(item)
        return found if isinstance(found, Refusal) else self.for_visit(found, rules)

    def for_visit(self, visit: VisitBody, rules: SiteRules) -> Answer | Refusal:
        """The answer to a visit that a backend describes, already read."""
        connection = from_body(visit)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules)

    def _decide(self, connection: Connection, rules: SiteRules) -> Answer | Refusal:
        visit = self.intake.derive(connection, rules)
        if isinstance(visit, Refusal):
            return visit
        return self._answer(rules, visit.permissions, visit.signals)

    def _make_answer(self, rules: SiteRules, permissions: Permissions, signals: Signals) -> Answer:
        decision = personalize(rules, permissions, signals, self._ttl_s)
        return Answer(decision, msgspec.json.encode(decision))


# A kilobyte and a half each.
ANSWERS_MAX = 8192
