"""From a request or a body to a decision: the one way that every endpoint, page and command goes.

It joins the intake, where identity ends, to the use case, which never met it, and sees to it that a visit is counted.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.access import EVERYTHING, Grant
from service.core.assignment import Assigned, Chart, assign, chart, visitor_of
from service.core.counts import Increment
from service.core.device import BOT_KINDS, BotKind
from service.core.privacy import Permissions, Policy
from service.core.recommendation import Decision
from service.core.signals import Signals
from service.core.sites import Key, SiteRules
from service.core.snapshot import NOTHING_KNOWN, SiteSnapshot
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.personalize import Personalizer
from service.web.bodies.schema import VisitBody, read_recommendation, read_visit
from service.web.decision_headers import Heads, heads_of
from service.web.problems import Refusal
from service.web.still import Still
from service.web.visit.connection import Fields
from service.web.visit.intake import Intake, Visit
from service.web.visit.steps import BODY, FieldNames


class Made(NamedTuple):
    """A decision but for experiments, its headers, the JSON before and after them, and the permissions it was made by.

    ``increment`` is what a visit so answered adds to the counts; ``chart`` is what experiments give such visits.
    """

    decision: Decision
    heads: Heads
    before: bytes
    after: bytes
    increment: Increment | None
    chart: Chart
    permissions: Permissions


class Answer(Struct, frozen=True, gc=False):
    """The answer to a visit: what many share, and its variants."""

    made: Made
    assigned: Assigned

    @property
    def decision(self) -> Decision:
        """The whole decision."""
        return replace(self.made.decision, experiments=self.assigned.experiments)

    @property
    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """The same as the JSON that is sent, in pieces."""
        return self.made.before, self.assigned.encoded, self.made.after

    @property
    def body(self) -> bytes:
        """The pieces put together."""
        return b"".join(self.pieces)


class Decisions:
    """Decides on visits to the configured sites, and counts them.

    Visits that show the same get the same answer, and most show what many show: answers are remembered by what decided
    them, which is closed values and identifies nobody, until a new snapshot comes. Variants are not: each experiment
    would double the number of different answers, and many together tell a device from others. They are looked up.
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
        """Grows with each snapshot, configuration and interval: what was made by older ones is out of date."""
        self.buffer: CountBuffer | None = None
        """Where visits are counted, if they are."""
        self.bots: dict[BotKind, int] = dict.fromkeys(BOT_KINDS, 0)
        """How many visits of bots were answered, by what they come for: of all sites together, in the metrics alone."""
        self.still = Still()
        """Held by whoever decides on several visits by the same rules and gives the loop back in between."""
        self._interval_start_s = 0
        self._made = lru_cache(maxsize=ANSWERS_MAX)(self._make)
        self._chart = lru_cache(maxsize=CHARTS_MAX)(chart)

    def rules(self, site: str, grant: Grant = EVERYTHING) -> SiteRules | Refusal:
        """The rules of the site with this id, for a caller who may ask for it."""
        if not grant.reaches(site):
            return Refusal("forbidden")
        return self.sites.get(site) or Refusal("unknown-site")

    def take(self, site: Key, snapshot: SiteSnapshot) -> None:
        """From now on decide by this snapshot."""
        self.snapshots[site] = snapshot
        self.generation += 1
        self._made.cache_clear()

    def adopt(self, sites: Mapping[Key, SiteRules], snapshots: Mapping[Key, SiteSnapshot], policy: Policy) -> None:
        """From now on decide by these rules, and of sites in ``snapshots`` by these; the rest of them stay known.

        To be called while ``still`` is held by nobody. Nothing of the rules before is remembered.
        """
        self.snapshots = {
            key: snapshots[key] if key in snapshots else self.snapshots.get(key, NOTHING_KNOWN) for key in sites
        }
        self.sites = sites
        self.intake.policy = policy
        self.generation += 1
        self._made.cache_clear()
        self._chart.cache_clear()

    def turn(self, interval_start_s: int) -> None:
        """A release interval has begun: tokens are sealed anew."""
        self._interval_start_s = interval_start_s
        self.generation += 1
        self._made.cache_clear()

    def forget_texts(self) -> Iterator[None]:
        """Let go of the User-Agents, client hints and Accept-Languages that are remembered: in steps of up to 4 ms."""
        self.intake.forget()
        yield
        for rules in tuple(self.sites.values()):
            rules.matcher.forget()
            yield

    def for_request(
        self, peer: str | None, fields: Fields, rules: SiteRules, *, counted: bool = True
    ) -> Answer | Refusal:
        """The answer to a visit by its own request: headers, by ``Intake.fields``, and cookies."""
        visit = self.intake.of_request(peer, fields, rules, self.buffer if counted else None)
        return visit if isinstance(visit, Refusal) else self._decide(visit, rules, counted=counted)

    def despite(
        self, refusal: Refusal, peer: str | None, fields: Fields, rules: SiteRules, *, counted: bool
    ) -> Answer | Refusal:
        """The answer to the same visit without the cookies for which it was refused.

        It counts as any visit that comes without them.
        """
        visit = self.intake.despite(refusal, peer, fields, rules, self.buffer if counted else None)
        return visit if isinstance(visit, Refusal) else self._decide(visit, rules, counted=counted)

    def both_ways(self, peer: str | None, fields: Fields, rules: SiteRules) -> tuple[Answer, Answer] | Refusal:
        """The answer to a visit by its own request, and the one after its other choice: opted out, or no longer.

        Neither is counted.
        """
        visits = self.intake.with_and_without_opt_out(peer, fields, rules)
        if isinstance(visits, Refusal):
            return visits
        answer, instead = (self._decide(visit, rules, counted=False) for visit in visits)
        return answer, instead

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

    def for_visit(
        self, visit: VisitBody, rules: SiteRules, *, counted: bool = True, names: FieldNames = BODY
    ) -> Answer | Refusal:
        """The answer to a visit that a backend describes, already read; a refusal points at fields by these names."""
        known = self.intake.of_body(visit, rules, self.buffer if counted else None, names)
        return known if isinstance(known, Refusal) else self._decide(known, rules, counted=counted)

    def _decide(self, visit: Visit, rules: SiteRules, *, counted: bool) -> Answer:
        made = self._made(rules, visit.permissions, visit.signals)
        increment, buffer = made.increment, self.buffer
        if increment is None:  # no person's visit that counts: here there is time to look for a bot
            if counted:
                self._count_bot(visit)
        elif buffer is not None and counted:
            buffer.count(increment)
            if visit.device_hash is not None:
                buffer.add_hash(increment.site, visit.device_hash)
        return Answer(made, assign(made.chart, visit.entry))

    def _count_bot(self, visit: Visit) -> None:
        """One more of its kind, if it is one. Who objects to being counted is believed, a bot too."""
        kind = visit.signals.sighting.bot_kind
        if kind is not None and not visit.signals.opt_out and visit.permissions.gpc != "honoured":
            self.bots[kind] += 1

    def _make(self, rules: SiteRules, permissions: Permissions, signals: Signals) -> Made:
        snapshot = self.snapshots[rules.site.id]
        found = self.personalizer.personalize(rules, permissions, signals, snapshot, self._interval_start_s)
        before, _, after = msgspec.json.encode(found.decision).partition(NO_EXPERIMENTS)
        name = NO_EXPERIMENTS.removesuffix(b"{}")
        told = found.decision
        visitor = visitor_of(rules, permissions, told.device, told.region.country, told.language.tag)
        shown = self._chart(rules, visitor)
        return Made(told, heads_of(told), before + name, after, found.increment, shown, permissions)


# What experiments look like in the JSON of a decision without them. No earlier part of it can contain this.
NO_EXPERIMENTS = b'"experiments":{}'
# A kilobyte and a half each.
ANSWERS_MAX = 5120
TEXTS_KEPT_MAX_S = 3600
"""After this at most, what ``forget_texts`` forgets is forgotten."""
# As many as there are kinds of visitors that targeting tells apart, nearly always.
CHARTS_MAX = 1024
