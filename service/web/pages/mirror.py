"""The mirror's page: one decision laid out for the visitor it is about, and the page for a visit that was refused.

It shows nothing but the ``Decision`` that the API returns, said by ``explain_visit``; the same JSON stands at its end.
"""

from collections.abc import Iterable
from html import escape

import msgspec

from service.core.privacy import PURPOSES
from service.core.recommendation import Decision
from service.use_cases.transparency.explanation import Explanation
from service.use_cases.transparency.inventory import inventory
from service.use_cases.transparency.sentences import Sentence, SentenceKey, Topic
from service.web.pages.frame import Frame, template
from service.web.pages.words import Speaker, Spoken, speaker_for, speakers, spoken_for
from service.web.problems import Refusal

# Of the sentences on rules: those that say which apply, those that stand at the top, and what the table tells.
_REGIME_KEYS = ("regime_", "place_")
_AS_NOTICE: frozenset[SentenceKey] = frozenset({"gpc_honoured", "opt_out_honoured"})
_TOLD_ELSEWHERE: frozenset[SentenceKey] = _AS_NOTICE | {"allowed", "withheld"}
_LEFT_ALONE = ("never_address", "never_place", "never_cookies", "never_ads", "never_scripts")


class MirrorPage:
    """Renders decisions and refusals as pages in six languages. A page takes half a millisecond."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._mirror = template("mirror.html")
        self._refused = template("refused.html")
        speakers(), inventory()  # read now, not while a page is asked for

    def explanation(self, explanation: Explanation, site_query: str, spoken: Spoken | None = None) -> tuple[bytes, str]:
        """The page on a decision, and its language: ``spoken``, or the recommended one.

        ``site_query`` ends the form's address: empty or ``?site=...``.
        """
        decision, sentences = explanation.decision, explanation.sentences
        speaker = speaker_for(spoken or decision.language.tag)
        spoken = spoken or spoken_for(decision.language.tag)
        button_query = _button_query(site_query, spoken, stays=spoken_for(explanation.language_instead) == spoken)
        opted_out = "opt_out" in decision.privacy.signals_used
        page = speaker.page
        body = self._mirror.substitute(
            title=escape(page.title),
            lead=escape(page.lead),
            notices=_lines(
                f'<p class="notice">{text}</p>' for text in _topic_html(speaker, sentences, "rules", _AS_NOTICE)
            ),
            cards=_lines(self._cards(speaker, decision, sentences)),
            choice=escape(page.choice),
            choice_body=_choice(speaker, opted_out, button_query),
            changes=_changes(speaker, sentences, opted_out),
            purposes=escape(page.purposes),
            rules=f"<p>{speaker.between_sentences.join(_rules(speaker, sentences))}</p>",
            purpose_rows=_lines(_purpose_rows(speaker, explanation)),
            rule_notes=_lines(f"<p>{text}</p>" for text in _notes(speaker, sentences)),
            sources=escape(page.sources),
            rows=_rows(speaker, sentences),
            signals=escape(page.signals),
            signal_list=_list(_topic_html(speaker, sentences, "signals")) or f"<p>{escape(page.no_signals)}</p>",
            barred=_under_heading(speaker.page.barred, _topic_html(speaker, sentences, "barred")),
            unused=_unused(speaker, sentences),
            shown=_offers(speaker, sentences),
            keeping=escape(page.keeping),
            keeping_list=_list(_topic_html(speaker, sentences, "keeping")),
            kept=escape(page.kept),
            kept_list=_list(_topic_html(speaker, sentences, "kept")),
            never=escape(page.never),
            never_list=_lines(f"<li>{escape(getattr(page, name))}</li>" for name in _LEFT_ALONE),
            raw=escape(page.raw),
            json=escape(msgspec.json.format(msgspec.json.encode(decision), indent=2).decode()),
            footer=escape(page.footer),
            machines=escape(page.machines),
            site_query=escape(site_query),
            problems=escape(page.problems),
            documents=escape(page.documents),
        )
        words = speaker.words
        return self._frame.page(page.title, page.tagline, body, words.language, words.direction), words.language

    def refusal(self, refusal: Refusal, speaker: Speaker, site_query: str, *, stays: bool) -> tuple[bytes, str]:
        """The page on a refusal and its language. It names our fields and our reasons, and nothing that was sent.

        It has the button that opts out, whether or not the visit did so already: it also deletes the cookies that a
        refusal may be about. ``stays`` says that the next page is in this language anyway.
        """
        page, words = speaker.page, speaker.words
        button_query = _button_query(site_query, spoken_for(words.language), stays=stays)
        meaning = words.refusals.get(refusal.name)
        parts = [] if meaning is None else [escape(meaning)]
        for error in refusal.errors:
            where = f'{escape(page.refused_where)}: <code dir="ltr">{escape(error.pointer)}</code>'
            if error.category is None:
                parts.append(where)
            else:
                parts.append(f"{where} · {escape(page.refused_kind)}: {escape(words.categories[error.category])}")
        body = self._refused.substitute(
            status=refusal.kind.status,
            title=escape(page.refused),
            lead=escape(page.refused_lead),
            errors=_lines(f"<li>{part}</li>" for part in parts),
            remedy=escape(page.refused_remedy),
            again=escape(page.refused_again),
            again_href=f"/{escape(site_query)}",
            choice=escape(page.choice),
            choice_body=_choice(speaker, False, button_query),
            more_href=f"/problems/{refusal.name}",
            more=escape(page.refused_more),
        )
        return self._frame.page(page.refused, page.tagline, body, words.language, words.direction), words.language

    def _cards(self, speaker: Speaker, decision: Decision, sentences: tuple[Sentence, ...]) -> Iterable[str]:
        page = speaker.page
        region, device, cohort = decision.region, decision.device, decision.cohort
        withheld = {withheld.purpose for withheld in decision.privacy.withheld}
        place = None if region.country is None else speaker.place(region.country)
        kind = None if device.class_ == "unknown" else speaker.value("device", device.class_)
        facts: tuple[tuple[Topic, str, str | None], ...] = (
            ("language", page.language, speaker.language(decision.language.tag)),
            ("region", page.region, place),
            ("device", page.device, kind),
            ("cohort", page.cohort, None if cohort is None else speaker.cohort(cohort.key)),
        )
        for topic, heading, fact in facts:
            absent = page.not_used if topic in withheld else page.none if topic == "cohort" else page.unknown
            style, fact_text = (" absent", _capital(absent)) if fact is None else ("", _capital(fact))
            why, *details = _topic_html(speaker, sentences, topic)
            details_list = f'<ul class="more">{_lines(f"<li>{text}</li>" for text in details)}</ul>' if details else ""
            yield (
                f'<section class="card"><h2>{escape(heading)}</h2><p class="fact{style}">{escape(fact_text)}</p>'
                f"<p>{why}</p>{details_list}</section>"
            )


def _button_query(site_query: str, spoken: Spoken, *, stays: bool) -> str:
    """What a button hands on, so that the page it leads to is in the language of the page it stands on."""
    return site_query if stays else f"{site_query}{'&' if site_query else '?'}language={spoken}"


def _choice(speaker: Speaker, opted_out: bool, button_query: str) -> str:
    """The button that opts out, or the one that undoes it: a form, so that it works without any script."""
    page = speaker.page
    if opted_out:
        text, action, label, style = page.choice_made, "/opt-in", page.opt_in, ' class="quiet"'
        paragraph = f'<p class="made">{escape(text)}</p>'
    else:
        text, action, label, style = page.choice_lead, "/opt-out", page.opt_out, ""
        paragraph = f"<p>{escape(text)}</p>"
    form = f'<form method="post" action="{action}{escape(button_query)}"><button{style}>{escape(label)}</button></form>'
    return f"{paragraph}\n{form}"


def _changes(speaker: Speaker, sentences: tuple[Sentence, ...], opted_out: bool) -> str:
    """What the other choice would change."""
    page = speaker.page
    return _under_heading(page.change_in if opted_out else page.change_out, _topic_html(speaker, sentences, "changes"))


def _under_heading(heading: str, items: list[str]) -> str:
    return f"<h3>{escape(heading)}</h3>\n{_list(items)}" if items else ""


def _rows(speaker: Speaker, sentences: tuple[Sentence, ...]) -> str:
    """The rows of the policy that apply, each with what it was read from."""
    parts, laws = [], []
    for sentence in sentences:
        if sentence.key == "row_law":
            laws.append(speaker.html(sentence))
        elif sentence.topic == "sources":
            parts += [_laws(laws), f"<p>{speaker.html(sentence)}</p>"]
            laws = []
    return _lines(part for part in (*parts, _laws(laws)) if part)


def _laws(laws: list[str]) -> str:
    return f'<ul class="laws">{_lines(f"<li>{law}</li>" for law in laws)}</ul>' if laws else ""


def _unused(speaker: Speaker, sentences: tuple[Sentence, ...]) -> str:
    """The signals that had no part in the answer, folded away."""
    items = _topic_html(speaker, sentences, "unused")
    return f"<details><summary>{escape(speaker.page.unused)}</summary>\n{_list(items)}\n</details>" if items else ""


def _rules(speaker: Speaker, sentences: tuple[Sentence, ...]) -> Iterable[str]:
    """Which rules apply and how it is known."""
    return (speaker.html(sentence) for sentence in sentences if sentence.key.startswith(_REGIME_KEYS))


def _notes(speaker: Speaker, sentences: tuple[Sentence, ...]) -> Iterable[str]:
    """Further sentences on the rules: consent, and what was ignored."""
    for sentence in sentences:
        is_elsewhere = sentence.key in _TOLD_ELSEWHERE or sentence.key.startswith(_REGIME_KEYS)
        if sentence.topic == "rules" and not is_elsewhere:
            yield speaker.html(sentence)


def _purpose_rows(speaker: Speaker, explanation: Explanation) -> Iterable[str]:
    reasons = {withheld.purpose: withheld.reason for withheld in explanation.decision.privacy.withheld}
    page, words = speaker.page, speaker.words
    for purpose in PURPOSES:
        reason = reasons.get(purpose)
        if reason is None:
            level = explanation.levels.get(purpose, "deny")
            cell = f'<span class="yes">{escape(page.yes)}</span>'
            because = "" if level == "deny" else words.levels[level]
        else:
            cell, because = f'<span class="no">{escape(page.no)}</span>', words.reasons[reason]
        if because:
            cell += f'<span class="because">{escape(_capital(because))}</span>'
        yield f'<tr><th scope="row">{escape(words.purposes[purpose])}</th><td>{cell}</td></tr>'


def _offers(speaker: Speaker, sentences: tuple[Sentence, ...]) -> str:
    """Experiments, slots and interests, where the site has any."""
    topics: tuple[Topic, ...] = ("experiments", "slots", "interests")
    items = [text for topic in topics for text in _topic_html(speaker, sentences, topic)]
    if not items:
        return ""
    heading = f'<h2 id="shown">{escape(speaker.page.shown)}</h2>'
    return f'<section aria-labelledby="shown">\n{heading}\n{_list(items)}\n</section>'


def _topic_html(
    speaker: Speaker, sentences: tuple[Sentence, ...], topic: Topic, keys: frozenset[SentenceKey] | None = None
) -> list[str]:
    chosen = (sentence for sentence in sentences if sentence.topic == topic and (keys is None or sentence.key in keys))
    return [speaker.html(sentence) for sentence in chosen]


def _list(items: list[str]) -> str:
    return f"<ul>\n{_lines(f'<li>{item}</li>' for item in items)}\n</ul>" if items else ""


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _capital(text: str) -> str:
    """A text that stands alone, with a capital: CLDR writes the French name of French in small letters."""
    return text[:1].upper() + text[1:]
