"""From a request or a body to a decision: the one way that every endpoint, page and command goes.

It joins the intake, where identity ends, to the use case, which never met it, and sees to it that a visit is counted.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from service.core.access import EVERYTHING, Grant
from service.core.cohort import Rungs
from service.core.counts import Increment
from service.core.privacy import Permissions
from service.core.recommendation import Decision
from service.core.signals import Signals
from service.core.sites import Key, SiteRules
from service.core.snapshot import NOTHING_KNOWN, SiteSnapshot
from service.use_cases.personalize import Personalizer
from service.use_cases.tally import Tally
from service.web.intake import Connection, Fields, Intake, from_body
from service.web.problems import Refusal
from service.web.schema import VisitBody, read_recommendation, read_visit


class Answer(NamedTuple):
    """A decision, the same as the JSON that is sent, and what a visit so answered adds to the counts."""

    decision: Decision
    body: bytes
    increment: Increment | None
    rungs: Rungs


class Decisions:
    """Decides on visits to the configured sites, and counts them.

    Visits that show the same get the same answer, and most show what many show: answers are remembered by what decided
    them, which is closed values and identifies nobody, until a new snapshot comes.
    """

    def __init__(
        self,
        intake: Intake,
        sites: Mapping[str, SiteRules],
        default_site: str,
        personalizer: Personalizer,
    ) -> None:
        self.intake = intake
        self.sites = sites
        self.default_site = default_site
        self.personalizer = personalizer
        self.snapshots: dict[Key, SiteSnapshot] = dict.fromkeys(sites, NOTHING_KNOWN)
        self.generation = 0
        """Grows with each snapshot taken: what was made of an older one is out of date."""
        self.tally: Tally | None = None
        """Where visits are counted, if they are."""
        self._interval_start_s = 0
        self._answer = lru_cache(maxsize=ANSWERS_MAX)(self._make_answer)

    def rules(self, site: str, grant: Grant = EVERYTHING) -> SiteRules | Refusal:
        """The rules of the site with this id, for a caller who may ask for it."""
        if not grant.reaches(site):
            return Refusal("forbidden")
        return self.sites.get(site) or Refusal("unknown-site")

    def take(self, site: Key, snapshot: SiteSnapshot) -> None:
        """From now on decide by this snapshot."""
        self.snapshots[site] = snapshot
        self.generation += 1
        self._answer.cache_clear()

    def turn(self, interval_start_s: int) -> None:
        """A release interval has begun: tokens are sealed anew."""
        self._interval_start_s = interval_start_s
        self._answer.cache_clear()

    def for_request(
        self, peer: str | None, fields: Fields, rules: SiteRules, *, counted: bool = True
    ) -> Answer | Refusal:
        """The answer to a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        connection = self.intake.connect(peer, fields)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules, counted=counted)

    def for_body(self, body: bytes, grant: Grant = EVERYTHING) -> Answer | Refusal:
        """The answer to a visit that a backend describes, site included."""
        found = read_recommendation(body)
        if isinstance(found, Refusal):
            return found
        rules = self.rules(self.default_site if found.site is UNSET else found.site, grant)
        return rules if isinstance(rules, Refusal) else self.for_visit(found, rules)

    def for_item(self, item: bytes, rules: SiteRules) -> Answer | Refusal:
        """The answer to one visit of a batch, as it was written."""
        found = read_visit(item)
        return found if isinstance(found, Refusal) else self.for_visit(found, rules)

    def for_visit(self, visit: VisitBody, rules: SiteRules) -> Answer | Refusal:
        """The answer to a visit that a backend describes, already read."""
        connection = from_body(visit)
        return connection if isinstance(connection, Refusal) else self._decide(connection, rules, counted=True)

    def _decide(self, connection: Connection, rules: SiteRules, *, counted: bool) -> Answer | Refusal:
        visit = self.intake.derive(connection, rules)
        if isinstance(visit, Refusal):
            return visit
        answer = self._answer(rules, visit.permissions, visit.signals)
        increment, tally = answer.increment, self.tally
        if increment is not None and tally is not None and counted:
            tally.count(increment)
            if visit.signals.device_id and (asked := tally.needs(increment.site, answer.rungs)) is not None:
                mark = self.intake.mark(connection, increment.site, *asked)
                tally.mark(increment.site, answer.rungs, mark)
        return answer

    def _make_answer(self, rules: SiteRules, permissions: Permissions, signals: Signals) -> Answer:
        snapshot = self.snapshots[rules.site.id]
        made = self.personalizer.personalize(rules, permissions, signals, snapshot, self._interval_start_s)
        return Answer(made.decision, msgspec.json.encode(made.decision), made.increment, made.rungs)


# A kilobyte and a half each.
ANSWERS_MAX = 8192
