"""``/``: a person looks at their own visit.

The mirror goes the way of ``GET /v1/recommendation``: the same intake, the same decision. Its buttons are those of
``opt_out``.
"""

from service.core.accept_language import parse_accept_language
from service.core.access import Grant
from service.core.privacy import why_no_subdivision
from service.core.sites import SiteRules
from service.use_cases.transparency.explanation import Explanation, explain_visit, is_outdated
from service.use_cases.transparency.inventory import DeploymentFacts
from service.web.decisions import Decisions
from service.web.pages.frame import Frame
from service.web.pages.mirror import MirrorPage
from service.web.pages.words import SPOKEN, Speaker, Spoken, speaker_by, speaker_for, spoken_as, spoken_for
from service.web.problems import Refusal
from service.web.query import KnownParameters, read_page_query
from service.web.visit.size_limits import readable_languages
from service.web.wire.messages import MORE_OF_STATUS, PRIVATE, Request, Response, respond

MIRROR_PARAMETERS: KnownParameters = {"site": None, "language": frozenset(SPOKEN)}


class Mirror:
    """The page. ``facts`` is what it says of how long anything is kept."""

    def __init__(self, decisions: Decisions, facts: DeploymentFacts, frame: Frame) -> None:
        self._decisions = decisions
        self._frame = frame
        self._page = MirrorPage(frame)
        self.take(facts)

    def take(self, facts: DeploymentFacts) -> None:
        """From now on tell this of how long anything is kept."""
        self._facts = facts

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """What this service sees in this visit."""
        asked = self._asked(request)
        if isinstance(asked, Refusal):
            return self.refuse(request, asked)
        rules, spoken = asked
        explanation = self._explain(request, rules)
        if isinstance(explanation, Refusal):
            return self.refuse(request, explanation)
        body, language = self._page.explanation(explanation, self._site_query(rules.site.id), spoken)
        return respond(200, [*self._frame.headers(language), *PRIVATE], body)

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """A refusal as a page, of what was looked at or of what a button asked."""
        decisions, asked = self._decisions, self._asked(request)
        rules, of_button = (decisions.sites[decisions.default_site], None) if isinstance(asked, Refusal) else asked
        speaker = self._speaker(request) if of_button is None else speaker_for(of_button)
        # A site that has the language answers in it, once nothing is refused any more.
        stays = spoken_for(speaker.words.language) in map(spoken_for, rules.matcher.languages)
        body, language = self._page.refusal(refusal, speaker, self._site_query(rules.site.id), stays=stays)
        more = MORE_OF_STATUS.get(refusal.kind.status, ())
        return respond(refusal.kind.status, [*self._frame.headers(language), *PRIVATE, *more], body)

    def _speaker(self, request: Request) -> Speaker:
        """Who speaks to someone whose visit was refused: by Accept-Language alone, for that is never refused.

        No matcher of a site is asked: those remember what they are shown, and who was refused is to leave none of it.
        """
        accepted = readable_languages(request.header(b"accept-language").decode("latin-1"), "latin-1")
        if not accepted:
            return speaker_for(self._decisions.sites[self._decisions.default_site].matcher.default)
        return speaker_by(tag for tag, _ in parse_accept_language(accepted).ranges)

    def _asked(self, request: Request) -> tuple[SiteRules, Spoken | None] | Refusal:
        """The site, and the language of the page from which a button led here, where it would be another now."""
        found = read_page_query(request.query, MIRROR_PARAMETERS)
        if isinstance(found, Refusal):
            return found
        rules = self._decisions.rules(found.get("site", self._decisions.default_site))
        return rules if isinstance(rules, Refusal) else (rules, spoken_as(found.get("language")))

    def _explain(self, request: Request, rules: SiteRules) -> Explanation | Refusal:
        decisions = self._decisions
        found = decisions.both_ways(request.peer, decisions.intake.fields(request.headers), rules)
        if isinstance(found, Refusal):
            return found
        answer, instead = found
        decision, policy = answer.decision, decisions.intake.policy
        rows = policy.rows_of(decision.privacy.regime)
        known = decisions.snapshots[rules.site.id].devices
        devices = None if decision.cohort is None else known.get(decision.cohort.key)
        return explain_visit(
            decision,
            instead.decision,
            rows,
            devices,
            self._facts,
            rules_outdated=is_outdated(policy),
            subdivision_withheld=why_no_subdivision(answer.made.permissions, rows),
        )

    def _site_query(self, site: str) -> str:
        return "" if site == self._decisions.default_site else f"?site={site}"
