"""From a request or a body to a decision: what every endpoint, page and command calls.

It joins the intake, where identity ends, to the decisions of the epoch, which hold none, and counts the visit.
"""

from msgspec import UNSET

from service.core.access import EVERYTHING, Grant
from service.core.device import BOT_KINDS, BotKind
from service.use_cases.counting.buffer import CountBuffer
from service.web.answers import Answer
from service.web.bodies.schema import VisitBody, read_recommendation, read_visit
from service.web.epoch import Epoch, ServedSite
from service.web.problems import Refusal
from service.web.visit.connection import Fields
from service.web.visit.intake import Intake, Visit
from service.web.visit.outcomes import BODY, FieldNames

TEXTS_KEPT_MAX_S = 3600
"""Cached texts of headers are dropped after this time at most."""


class Decisions:
    """Decides on visits by the epoch that their request began with, and counts them.

    Visits that show the same get the same answer: what it follows from are closed values, which identify nobody.
    """

    def __init__(self, intake: Intake, buffer: CountBuffer | None) -> None:
        self.intake = intake
        self.buffer = buffer
        """Where visits are counted, if they are."""
        self.bots: dict[BotKind, int] = dict.fromkeys(BOT_KINDS, 0)
        """How many visits of bots were answered, by what they come for: of all sites together, in the metrics alone."""

    def for_request(
        self, peer: str | None, fields: Fields, site: ServedSite, *, counted: bool = True
    ) -> Answer | Refusal:
        """The answer to a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        visit = self.intake.of_request(peer, fields, site.rules, site.policy, self.buffer if counted else None)
        return visit if isinstance(visit, Refusal) else self._decide(visit, site, counted=counted)

    def despite(
        self, refusal: Refusal, peer: str | None, fields: Fields, site: ServedSite, *, counted: bool
    ) -> Answer | Refusal:
        """The answer to the same visit without the cookies for which it was refused.

        It counts as any visit that comes without them.
        """
        visit = self.intake.despite(refusal, peer, fields, site.rules, site.policy, self.buffer if counted else None)
        return visit if isinstance(visit, Refusal) else self._decide(visit, site, counted=counted)

    def with_and_without_opt_out(
        self, peer: str | None, fields: Fields, site: ServedSite
    ) -> tuple[Answer, Answer] | Refusal:
        """The answer to a visit by its own request, and the one after its other choice: opted out, or no longer.

        Neither is counted.
        """
        visits = self.intake.with_and_without_opt_out(peer, fields, site.rules, site.policy)
        if isinstance(visits, Refusal):
            return visits
        answer, opposite = (self._decide(visit, site, counted=False) for visit in visits)
        return answer, opposite

    def for_body(self, body: bytes, epoch: Epoch, grant: Grant = EVERYTHING) -> Answer | Refusal:
        """The answer to a visit that a backend describes, site included."""
        visit_body = read_recommendation(body)
        if isinstance(visit_body, Refusal):
            return visit_body
        site = epoch.site(None if visit_body.site is UNSET else visit_body.site, grant)
        return site if isinstance(site, Refusal) else self.for_visit(visit_body, site)

    def for_item(self, item: bytes, site: ServedSite) -> Answer | Refusal:
        """The answer to one visit of a batch, as it was written."""
        visit_body = read_visit(item)
        return visit_body if isinstance(visit_body, Refusal) else self.for_visit(visit_body, site)

    def for_visit(
        self, visit: VisitBody, site: ServedSite, *, counted: bool = True, names: FieldNames = BODY
    ) -> Answer | Refusal:
        """The answer to a visit that a backend describes, already read; a refusal points at fields by these names."""
        derived = self.intake.of_body(visit, site.rules, site.policy, self.buffer if counted else None, names)
        return derived if isinstance(derived, Refusal) else self._decide(derived, site, counted=counted)

    def _decide(self, visit: Visit, site: ServedSite, *, counted: bool) -> Answer:
        answer = site.answers.answer(visit.permissions, visit.signals, visit.entry)
        tally, buffer = answer.tally, self.buffer
        if tally is None:  # no person's visit that counts: here there is time to look for a bot
            if counted:
                self._count_bot(visit)
        elif buffer is not None and counted:
            buffer.count_visit(tally)
            if visit.device_hash is not None:
                buffer.add_hash(answer.site, visit.device_hash)
        return answer

    def _count_bot(self, visit: Visit) -> None:
        """Count a visit of a bot by its kind; none that objects to being counted, for a bot may as well."""
        kind = visit.signals.device_result.bot_kind
        if kind is not None and not visit.signals.opt_out and visit.permissions.gpc != "honoured":
            self.bots[kind] += 1
