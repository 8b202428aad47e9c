"""``/``, the mirror: a page on which a person sees what is known of their own visit.

The mirror goes the way of ``GET /v1/recommendation``: the same intake, the same decision. Its buttons are those of
``opt_out``.
"""

from service.core.access import Grant
from service.core.languages.accept_language import parse_accept_language
from service.core.privacy import why_no_subdivision
from service.use_cases.transparency.explanation import Explanation, explain_visit, is_outdated
from service.web.decisions import Decisions
from service.web.epoch import Current, Epoch, ServedSite
from service.web.pages.frame import Frame
from service.web.pages.mirror import MirrorPage
from service.web.pages.words import SPOKEN, Speaker, Spoken, speaker_by, speaker_for, spoken_as, spoken_for
from service.web.problems import Refusal
from service.web.query import KnownParameters, read_page_query
from service.web.visit.size_limits import readable_languages
from service.web.wire.messages import MORE_OF_STATUS, PRIVATE, Request, Response, respond

MIRROR_PARAMETERS: KnownParameters = {"site": None, "language": frozenset(SPOKEN)}


class Mirror:
    """Answers with the mirror's page."""

    def __init__(self, current: Current, decisions: Decisions, frame: Frame) -> None:
        self._current = current
        self._decisions = decisions
        self._frame = frame
        self._page = MirrorPage(frame)

    def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """What this service sees in this visit."""
        epoch = self._current.epoch
        page_request = _page_request(request, epoch)
        if isinstance(page_request, Refusal):
            return self._refuse(request, page_request, epoch)
        site, spoken = page_request
        explanation = self._explain(request, site, epoch)
        if isinstance(explanation, Refusal):
            return self._refuse(request, explanation, epoch)
        body, language = self._page.explanation(explanation, _site_query(site, epoch), spoken)
        return respond(200, [*self._frame.headers(language), *PRIVATE], body)

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """A refusal as a page, of what was looked at or of what a button asked."""
        return self._refuse(request, refusal, self._current.epoch)

    def _refuse(self, request: Request, refusal: Refusal, epoch: Epoch) -> Response:
        page_request = _page_request(request, epoch)
        site, of_button = (epoch.default, None) if isinstance(page_request, Refusal) else page_request
        speaker = _speaker(request, epoch) if of_button is None else speaker_for(of_button)
        # A site that has the language answers in it, once nothing is refused any more.
        stays = spoken_for(speaker.words.language) in map(spoken_for, site.rules.matcher.languages)
        body, language = self._page.refusal(refusal, speaker, _site_query(site, epoch), stays=stays)
        status_headers = MORE_OF_STATUS.get(refusal.kind.status, ())
        return respond(refusal.kind.status, [*self._frame.headers(language), *PRIVATE, *status_headers], body)

    def _explain(self, request: Request, site: ServedSite, epoch: Epoch) -> Explanation | Refusal:
        fields = self._decisions.intake.fields(request.given)
        answers = self._decisions.with_and_without_opt_out(request.peer, fields, site)
        if isinstance(answers, Refusal):
            return answers
        answer, opposite = answers
        decision = answer.decision
        rows = epoch.policy.rows_of(decision.privacy.regime)
        devices = None if decision.cohort is None else site.snapshot.devices.get(decision.cohort.key)
        return explain_visit(
            decision,
            opposite.decision,
            rows,
            devices,
            epoch.inputs.facts,
            rules_outdated=is_outdated(epoch.policy),
            subdivision_withheld=why_no_subdivision(answer.permissions, rows),
        )


def _speaker(request: Request, epoch: Epoch) -> Speaker:
    """The speaker for a refused visit: by Accept-Language alone, for that is never refused.

    No matcher of a site is asked: those cache texts, and a refused visit is to leave none.
    """
    accepted = readable_languages(request.header(b"accept-language").decode("latin-1"), "latin-1")
    if not accepted:
        return speaker_for(epoch.default.rules.matcher.default)
    return speaker_by(tag for tag, _ in parse_accept_language(accepted).ranges)


def _page_request(request: Request, epoch: Epoch) -> tuple[ServedSite, Spoken | None] | Refusal:
    """The site, and the language of the page from which a button led here, where it would be another now."""
    query = read_page_query(request.query, MIRROR_PARAMETERS)
    if isinstance(query, Refusal):
        return query
    site = epoch.site(query.get("site"))
    return site if isinstance(site, Refusal) else (site, spoken_as(query.get("language")))


def _site_query(site: ServedSite, epoch: Epoch) -> str:
    return "" if site is epoch.default else f"?site={site.id}"
