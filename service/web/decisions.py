"""From a request or a body to a decision: the one way that every endpoint, page and command goes.

It joins the intake, where identity ends, to the epoch's decisions, which never met it, and sees to it that a visit is
counted.
"""

from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.access import EVERYTHING, Grant
from service.core.assignment import Assigned, assign
from service.core.device import BOT_KINDS, BotKind
from service.core.recommendation import Decision
from service.use_cases.tally import Tally
from service.web.epoch import ANSWERS_SHARDS, CachedDecision, Epoch, ServedSite
from service.web.intake import Connection, Fields, Intake, Visit, after_other_choice, from_body
from service.web.problems import Refusal
from service.web.refused_cookies import without_large_cookies, without_refused
from service.web.schema import VisitBody, read_recommendation, read_visit
from service.web.visit_refusals import explained

TEXTS_KEPT_MAX_S = 3600
"""After this at most, the texts of headers that are remembered are let go of."""


class Answer(Struct, frozen=True, gc=False):
    """The answer to a visit: what many share, and its variants."""

    shared: CachedDecision
    assigned: Assigned

    @property
    def decision(self) -> Decision:
        """The whole decision."""
        return replace(self.shared.decision, experiments=self.assigned.experiments)

    @property
    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """The same as the JSON that is sent, in pieces."""
        return self.shared.before, self.assigned.encoded, self.shared.after

    @property
    def body(self) -> bytes:
        """The pieces put together."""
        return b"".join(self.pieces)


class Decisions:
    """Decides on visits by the epoch that their request began with, and counts them.

    Visits that show the same get the same answer, and most show what many show: an epoch remembers answers by what
    decided them, which is closed values and identifies nobody. Variants are not among them: each experiment would
    double the number of different answers, and many together tell a device from others. They are looked up.
    """

    def __init__(self, intake: Intake, tally: Tally | None) -> None:
        self.intake = intake
        self.tally = tally
        """Where visits are counted, if they are."""
        self.bots: dict[BotKind, int] = dict.fromkeys(BOT_KINDS, 0)
        """How many visits of bots were answered, by what they come for: of all sites together, in the metrics alone."""

    def for_request(
        self, peer: str | None, fields: Fields, site: ServedSite, *, counted: bool = True
    ) -> Answer | Refusal:
        """The answer to a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        connection = self.intake.connect(peer, fields)
        if isinstance(connection, Refusal):
            return explained(connection)
        return self._decide(connection, site, counted=counted)

    def despite(
        self, refusal: Refusal, peer: str | None, fields: Fields, site: ServedSite, *, counted: bool
    ) -> Answer | Refusal:
        """The answer to the same visit without the cookies for which it was refused.

        It counts as any visit that comes without them.
        """
        connection = self.intake.connect(peer, fields)
        if isinstance(connection, Refusal):
            connection = self.intake.connect(peer, without_large_cookies(fields))
            if isinstance(connection, Refusal):
                return connection
            answer = self._decide(connection, site, counted=counted)
            if not isinstance(answer, Refusal):
                return answer
            refusal = answer
        return self._decide(without_refused(connection, refusal), site, counted=counted)

    def with_and_without_opt_out(
        self, peer: str | None, fields: Fields, site: ServedSite
    ) -> tuple[Answer, Answer] | Refusal:
        """The answer to a visit by its own request, and the one after its other choice: opted out, or no longer.

        Neither is counted.
        """
        connection = self.intake.connect(peer, fields)
        if isinstance(connection, Refusal):
            return connection
        answer = self._decide(connection, site, counted=False)
        if isinstance(answer, Refusal):
            return answer
        instead = self._decide(after_other_choice(connection), site, counted=False)
        return instead if isinstance(instead, Refusal) else (answer, instead)

    def for_body(self, body: bytes, epoch: Epoch, grant: Grant = EVERYTHING) -> Answer | Refusal:
        """The answer to a visit that a backend describes, site included."""
        described = read_recommendation(body)
        if isinstance(described, Refusal):
            return described
        site = epoch.site(None if described.site is UNSET else described.site, grant)
        return site if isinstance(site, Refusal) else self.for_visit(described, site)

    def for_item(self, item: bytes, site: ServedSite) -> Answer | Refusal:
        """The answer to one visit of a batch, as it was written."""
        described = read_visit(item)
        return described if isinstance(described, Refusal) else self.for_visit(described, site)

    def for_visit(self, visit: VisitBody, site: ServedSite, *, counted: bool = True) -> Answer | Refusal:
        """The answer to a visit that a backend describes, already read."""
        connection = from_body(visit)
        if isinstance(connection, Refusal):
            return explained(connection)
        return self._decide(connection, site, counted=counted)

    def _decide(self, connection: Connection, site: ServedSite, *, counted: bool) -> Answer | Refusal:
        visit = self.intake.derive(connection, site.rules, site.policy)
        if isinstance(visit, Refusal):
            return explained(visit, site.rules)
        signals = visit.signals
        shared = site.answers[hash(signals) % ANSWERS_SHARDS](visit.permissions, signals)
        increment, tally = shared.increment, self.tally
        if increment is None:  # no person's visit that counts: here there is time to look for a bot
            if counted:
                self._count_bot(visit)
        elif tally is not None and counted:
            tally.count(increment)
            if signals.device_id and (asked := tally.needs(increment.site, shared.rungs)) is not None:
                mark = self.intake.mark(connection, increment.site, *asked)
                tally.mark(increment.site, shared.rungs, mark)
        return Answer(shared, assign(shared.chart, visit.entry))

    def _count_bot(self, visit: Visit) -> None:
        """One more of its kind, if it is one. Who objects to being counted is believed, a bot too."""
        kind = visit.signals.sighting.bot_kind
        if kind is not None and not visit.signals.opt_out and visit.permissions.gpc != "honoured":
            self.bots[kind] += 1
