"""The record of processing as Markdown: headings, lists and tables that can be read in a terminal as they are.

Sentences stand in lists, short values in tables whose columns are as wide as what is in them. Nothing but the date and
what was measured changes from one to the next.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from service.adapters.redis_store.ttl_audit import Finding, FindingCode
from service.cli.privacy.record import BLANKS, MeasuredOn, ProcessingRecord, ReviewRemark
from service.core.groups.counts import KeyKind
from service.core.groups.interval import DAY_S
from service.core.privacy import PURPOSES, NeverDone, Purpose
from service.use_cases.transparency.disclosure import DisclosedRegime, DisclosedSignal, PolicyAge
from service.use_cases.transparency.inventory import CountedFrom, Holder

BLANK = "____________________"
NONE = "-"
WIDTH = 100
"""Columns of text. Tables may need some more."""

_YES = {True: "yes", False: "no"}
_HELD = "\0"
_LIKE_A_BLOCK = re.compile(r"(?<=\S) (?=[-+*#>=|~]|\d+[.)]( |$))")
_MARKUP = re.compile(r"[\\*<\[]")

_FINDINGS: Mapping[FindingCode, str] = {
    "no_expiry": "{kind}: {keys} without an end",
    "beyond_promise": "{kind}: {keys} with a longer life than is promised{excuse}",
    "other_interval": "{kind}: {keys} of another release interval than the configured one, so that their life cannot "
    "be measured: give the report the release_minutes of the service; keys from before a change are gone at their end",
    "not_promised": "{kind}: {keys} where by the settings there is to be none",
    "outside_grammar": "{keys} beginning with pb: whose name is none of this service's",
    "foreign": "{keys} of somebody else in a Redis that is this service's alone",
    "kept_on_disk": "Redis writes its memory to a disk, where what expired can still be read: {keys}",
    "incomplete": "{keys} looked at, and there are more",
}
_LIVES_BY: Mapping[KeyKind, str] = {
    "counts": "release_minutes",
    "batches": "release_minutes",
    "released": "retention_hours or release_minutes",
}
"""The settings that tell how long a kind of key lives. A salt or a sketch lives as long whatever they say."""
_REMARKS: Mapping[ReviewRemark, str] = {
    "never_reviewed": "NEVER REVIEWED",
    "old": "review is getting OLD",
    "too_old": "review is TOO OLD",
    "not_counsel": "no counsel has reviewed it",
    "no_law": "names no law",
    "low_confidence": "confidence is low",
}
_AGES: Mapping[PolicyAge, str] = {
    "current": "current",
    "ageing": "getting old, and wants to be read again",
    "outdated": "too old to go by, so {row} holds everywhere",
}
_HOLDERS: Mapping[Holder, str] = {
    "worker_memory": "the service's memory",
    "store": "the store of counts",
    "caller": "the caller",
    "any_cache": "any cache",
    "device": "the visitor's device",
    "log": "the operator's logs",
}
_COUNTED_FROM: Mapping[CountedFrom, str] = {
    "request": "the request",
    "interval_end": "the interval's end",
    "day_begin": "the day's beginning",
    "day_end": "the day's end",
    "answer": "the answer",
    "set_by_person": "when the visitor set it",
    "written": "when it was written",
}
_NEVER: Mapping[NeverDone, str] = {
    "advertising": "Advertising.",
    "sale_or_sharing": "Sale or sharing of anything.",
    "cross_site_linking": "Linking visits to different sites.",
    "special_categories": "Special categories of data.",
    "location_finer_than_subdivision": "A place finer than a large part of a country.",
}
_MEASURED_ON: Mapping[MeasuredOn, str] = {
    "deployment": "Read from the keys of the deployment itself: {place}.",
    "made_up_visit": "No Redis is configured, so the service starts one of its own. This command started one like it, "
    "wrote one made-up visit into it by the code that serves visits, and read its keys. It did NOT look at a running "
    "service: for that pass --redis with the redis_url that its log line redis_started names.",
    "nothing": "Nothing could be measured: {place}.",
}


def finding_text(finding: Finding) -> str:
    """A finding in words: what is wrong with how many keys. It names no key."""
    keys = f"{finding.keys:,} key{'' if finding.keys == 1 else 's'}"
    settings = None if finding.kind is None else _LIVES_BY.get(finding.kind)
    excuse = f"; one that was written while {settings} was larger keeps it to its end" if settings else ""
    return _FINDINGS[finding.code].format(keys=keys, kind=finding.kind, excuse=excuse)


def markdown(record: ProcessingRecord) -> str:
    """The record for people, with an empty line between blocks and one newline at the end."""
    parts = (
        _head, _responsible, _site, _purposes, _data, _receivers, _policy, _retention, _measured, _terms, _rights,
        _measures,
    )  # fmt: skip
    return "\n\n".join(block for part in parts for block in part(record)) + "\n"


def _head(record: ProcessingRecord) -> Iterator[str]:
    yield f"# Record of processing: site {record.site}"
    yield _wrapped(
        f"Made on {record.made_at} by `passerby privacy report` of version {record.software_version} from the "
        "configuration, the policy and measurements. What only its operator knows is left blank. It is a draft by "
        "software, and no legal advice."
    )


def _responsible(record: ProcessingRecord) -> Iterator[str]:
    yield "## 1. To be filled in by the operator"
    yield _list(f"{name.replace('_', ' ')}: {BLANK} ({BLANKS[name]})" for name in record.to_fill_in)


def _site(record: ProcessingRecord) -> Iterator[str]:
    site = record.disclosure.site
    yield "## 2. The site"
    yield _list(
        (
            f"languages: {_words(site.languages)}",
            f"child-directed: {_YES[site.child_directed]}",
            f"purposes that it can have: {_words(site.purposes)}",
            f"topics: {_words(site.topics)}",
        )
    )
    rows = [(row.key, _words(row.variants), f"{row.coverage:.0%}") for row in record.experiments]
    yield _table(("running experiment", "variants", "devices in it"), rows) if rows else "No experiment is running."
    slots = [(slot.key, _words(slot.options)) for slot in record.slots]
    yield _table(("slot", "options"), slots) if slots else "There are no slots."


def _purposes(record: ProcessingRecord) -> Iterator[str]:
    disclosure = record.disclosure
    yield "## 3. Purposes"
    yield _list(f"{row.name}: {row.meaning} From: {_words(row.signals)}." for row in disclosure.purposes)
    yield _table(
        ("purpose", "ended by GPC", "ended by opt-out", "on children's sites"),
        [
            (row.name, _YES[row.ended_by_gpc], _YES[row.ended_by_opt_out], _YES[row.on_child_directed_sites])
            for row in disclosure.purposes
        ],
    )
    yield "What each regime asks, from mildest to strictest: allow, notice, consent, deny."
    yield _table(
        ("regime", *PURPOSES),
        [(regime.key, *(_asked(regime, purpose) for purpose in PURPOSES)) for regime in disclosure.regimes],
    )


def _asked(regime: DisclosedRegime, purpose: Purpose) -> str:
    """A level; of the region two, where the part of a country needs more than the country."""
    level = regime.levels[purpose]
    if purpose != "region" or regime.subdivision_level == level:
        return level
    return f"{level}; subdivision: {regime.subdivision_level}"


def _data(record: ProcessingRecord) -> Iterator[str]:
    yield "## 4. Whose data, and which"
    yield _list(record.data_subjects)
    yield _list(f"{signal.name}: {signal.meaning} {_traced(signal)}" for signal in record.disclosure.signals)


def _traced(signal: DisclosedSignal) -> str:
    """Where a signal is read, what becomes of it, and what it has a part in that is kept."""
    read = [f"header {name}" for name in signal.headers] + [f"cookie {name}" for name in signal.cookies]
    read += ["connection"] if signal.connection else []
    read += [f"body {name}" for name in signal.body] + [f"flag context {name}" for name in signal.context]
    read += [f"event report {name}" for name in signal.report]
    return f"Read from: {_words(read)}. Becomes: {_words(signal.becomes)}. Part of what is kept: {_words(signal.kept)}."


def _receivers(record: ProcessingRecord) -> Iterator[str]:
    yield "## 5. Recipients and transfers"
    yield _list(record.recipients)
    yield record.transfers


def _policy(record: ProcessingRecord) -> Iterator[str]:
    policy = record.disclosure.policy
    yield f"## 6. The policy of {policy.version}"
    defaults = policy.defaults
    yield _list(
        (
            f"age: {_AGES[policy.age].format(row=policy.defaults.unknown_place)}",
            f"unknown places: {defaults.unknown_place}; countries without a row: {defaults.elsewhere}",
            *(f"{country} without a known part: {key}" for country, key in defaults.unknown_part.items()),
            "it is an engineering draft and no legal advice" if policy.not_legal_advice else "no draft, as it says",
        )
    )
    yield _table(
        ("row", "confidence", "reviewed", "days ago", "remarks"),
        [
            (
                row.regime,
                row.confidence,
                row.reviewed or NONE,
                NONE if row.age_days is None else str(row.age_days),
                "; ".join(_REMARKS[remark] for remark in row.remarks) or NONE,
            )
            for row in record.reviews
        ],
    )
    yield _list(
        f"{row.regime} ({_words(row.places)}), read by {row.reviewer or 'nobody who is named'}: "
        + ("; ".join(row.law) or "no law is named")
        + (f". An honoured signal has to be shown in: {_words(row.status_shown)}." if row.status_shown else "")
        for row in record.reviews
    )


def _retention(record: ProcessingRecord) -> Iterator[str]:
    yield "## 7. What is kept, and for how long at most"
    rows = []
    for entry in record.disclosure.retention:
        longest = "until replaced or let go" if entry.hours_max is None else f"{entry.hours_max:g}"
        entries = NONE if entry.entries_max is None else f"{entry.entries_max:,}"
        row = (entry.what, _HOLDERS[entry.where], entry.about, longest, _COUNTED_FROM[entry.counted_from], entries)
        rows.append(row)
    yield _table(("what", "where", "about", "hours", "counted from", "entries at most"), rows)
    yield _list(f"{entry.what}: {entry.meaning}" for entry in record.disclosure.retention)


def _measured(record: ProcessingRecord) -> Iterator[str]:
    yield "## 8. Durations, measured"
    yield _wrapped(_MEASURED_ON[record.measured_on].format(place=_plain(record.store_place)))
    durations = record.durations
    if durations is None:
        return
    yield _wrapped(
        "Hours are from the end of the interval or day that a key is named after, of a salt from the day's beginning, "
        "until Redis will have forgotten it."
    )
    broken = {finding.kind for finding in durations.findings}
    yield _table(
        ("keys of", "number", "bytes", "hours, longest", "promised", "longest left", "kept"),
        [
            (
                kind.kind,
                f"{kind.keys:,}",
                NONE if kind.bytes is None else f"{kind.bytes:,}",
                _hours(kind.kept_hours),
                _hours(kind.promised_hours),
                _hours(kind.left_hours),
                "NO" if kind.kind in broken else "yes" if kind.keys else "nothing there",
            )
            for kind in durations.kinds
        ],
    )
    yield f"Keys of other sites: {durations.other_sites:,}. Keys that are not this service's: {durations.foreign:,}."
    yield _list(f"FINDING: {finding_text(finding)}." for finding in durations.findings) or "No findings."


def _terms(record: ProcessingRecord) -> Iterator[str]:
    yield "## 9. Settings that bear on this"
    yield _table(("setting", "value"), [(name, _value(value)) for name, value in record.settings.items()])
    counts = record.disclosure.counts
    if counts is not None and counts.epsilon_per_day_max is not None:
        scales = ", ".join(f"{kind} {scale:g}" for kind, scale in counts.noise_scales.items())
        yield _wrapped(
            f"Noise protects one visit or one event. Of a visitor who comes once in each interval, a day's releases "
            f"together tell at most epsilon {counts.epsilon_per_day_max:g}. Scales of the noise: {scales}."
        )


def _rights(record: ProcessingRecord) -> Iterator[str]:
    rights = record.disclosure.rights
    gpc, out = rights.gpc, rights.opt_out
    yield "## 10. What visitors can do"
    days = out.max_age_s // DAY_S
    honoured = f"Every answer says that it was honoured ({gpc.status_in}), and {gpc.support_at} says it of the service."
    how = f"one click on the page `{out.page}`, or `{out.set_by}`; taken back by `{out.cleared_by}`"
    cookies = f"deletes {_words(out.deletes)} and keeps {_words(out.keeps)}"
    lifetime = f"It lives in the cookie {out.cookie} for {days} days, {cookies}."
    consent = f"cookie {rights.consent.cookie}, for {_words(rights.consent.purposes)}"
    permitted = _words(rights.child_directed.keeps)
    erasure = "nothing is kept under a person's name or number, so there is nothing to look up for one."
    lines = [
        f"Global Privacy Control: `{gpc.header}: {gpc.value}` ends {_words(gpc.ends)}. {honoured}",
        f"Opt out: {how}. It ends {_words(out.ends)}. {lifetime} Nothing of it is stored on the server.",
        f"Consent, where a regime asks it, is the site's to ask: {consent}. It ends with the cookie.",
        f"Children: sites that are directed at them have {permitted} and nothing else.",
        f"Access and erasure: {erasure} What lies on the device, its owner can see and delete.",
    ]
    yield _list(lines)


def _measures(record: ProcessingRecord) -> Iterator[str]:
    yield "## 11. Measures"
    yield _list(f"{measure.kind.replace('_', ' ')}: {measure.text}" for measure in record.measures)
    yield "Never, under any regime, consent or setting:"
    yield _list(_NEVER[never] for never in record.disclosure.never)


def _list(items: Iterable[str]) -> str:
    return "\n".join(_wrapped(f"- {_plain(item)}") for item in items)


def _wrapped(text: str) -> str:
    """In lines as short as a terminal's, none of which begins like a list or a heading inside the text."""
    protected = _LIKE_A_BLOCK.sub(_HELD, text)
    lines = wrap(
        protected,
        WIDTH,
        subsequent_indent="  " if text.startswith("- ") else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_HELD, " ")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose columns are padded, so that it is one also where nobody renders it."""
    cells = [[_plain(text).replace("|", r"\|") for text in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """One line, in which nothing that an operator wrote begins a tag, a link or an emphasis."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def _words(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def _hours(hours: float | None) -> str:
    return NONE if hours is None else f"{hours:g}"


def _value(value: bool | float | str | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return _YES[value]
    if isinstance(value, tuple):
        return _words(value)
    return f"{value:,g}" if isinstance(value, float) else str(value) or NONE
