"""The account of a decision: everything that was used, withheld, honoured or dropped is said, and nothing else."""

from typing import Any, get_args

import msgspec
import pytest

from service.core.device import BOT_KINDS, BotKind, Device, DeviceSource
from service.core.languages.matching import Candidate, Language, LanguageSource
from service.core.privacy import PURPOSES, Withheld, WithheldReason
from service.core.recommendation import Assignment, Cohort, Decision, Privacy, SignalStatus
from service.core.region import UNKNOWN_REGION, Region, RegionSource
from service.core.signals import SIGNAL_NAMES
from service.core.sites import SlotRanking
from service.use_cases.transparency.explanation import explain_decision
from service.use_cases.transparency.sentences import SENTENCE_KEYS, Context, Sentence, SentenceKey

REASONS = get_args(WithheldReason)
SWISS = Region("CH", "ZH", "dach", "CHF", "Europe/Zurich", "metric", "mon", 0.9, "ip")
DECISION = Decision(
    "demo",
    Language("de-CH", 0.7, "accept_language", (Candidate("de", 0.25), Candidate("fr", 0.0))),
    SWISS,
    Device("smartphone", "android", "chrome", "standard", bot=False, source="user_agent"),
    Cohort("CH/smartphone", ("os",), None),
    {"hero": Assignment("b", True, "split")},
    {"front": SlotRanking(("spring", "app"), "cohort")},
    ("shoes",),
    Privacy("CH", "2026-11-22", ("ip", "accept_language", "user_agent"), PURPOSES, (), (), SignalStatus("absent")),
    300,
)


USUAL = Context(counting=True, networks_counted=True, rules_outdated=False)


def amid(**parts: Any) -> Context:
    return msgspec.structs.replace(USUAL, **parts)


def changed(**parts: Any) -> Decision:
    return msgspec.structs.replace(DECISION, **parts)


def private(**parts: Any) -> Decision:
    return changed(privacy=msgspec.structs.replace(DECISION.privacy, **parts))


def withheld(reason: WithheldReason) -> Decision:
    """Nothing at all may be used, for this reason."""
    privacy = msgspec.structs.replace(
        DECISION.privacy, allowed=(), withheld=tuple(Withheld(purpose, reason) for purpose in PURPOSES), signals_used=()
    )
    language = Language("en", 0.0, "default", ())
    device = Device("unknown", "unknown", "unknown", "standard", bot=False, source="default")
    return changed(privacy=privacy, language=language, region=UNKNOWN_REGION, device=device, cohort=None)


def said(decision: Decision, key: SentenceKey) -> Sentence:
    """The one sentence with this key."""
    (sentence,) = [sentence for sentence in explain_decision(decision, USUAL) if sentence.key == key]
    return sentence


def keys(decision: Decision, context: Context = USUAL) -> set[SentenceKey]:
    return {sentence.key for sentence in explain_decision(decision, context)}


@pytest.mark.parametrize("source", get_args(LanguageSource))
def test_says_what_decided_the_language(source: LanguageSource) -> None:
    """Each source has its own sentence, with the language and how sure it is."""
    decision = msgspec.structs.replace(
        private(signals_used=("accept_language",) if source == "accept_language" else ()),
        language=Language("de-CH", 0.7, source, ()),
    )
    assert said(decision, f"language_{source}").values == {"language": "de-CH", "percent": 70}


def test_of_a_browser_that_named_languages_it_is_not_said_that_nothing_told_one() -> None:
    """Where none of the site's followed from them: it has a sentence of its own, with the same values."""
    read = msgspec.structs.replace(DECISION, language=Language("de", 0.0, "default", ()))
    assert said(read, "language_unserved").values == {"language": "de", "percent": 0}
    assert "language_default" not in keys(read)
    unread = msgspec.structs.replace(private(signals_used=("geo",)), language=read.language)
    assert said(unread, "language_default").values == {"language": "de", "percent": 0}
    assert "language_unserved" not in keys(unread)


def test_names_only_languages_that_are_likely_at_all() -> None:
    """An alternative of confidence 0 is no news."""
    assert said(DECISION, "language_alternatives").values == {"languages": ("de",)}


@pytest.mark.parametrize("source", [source for source in get_args(RegionSource) if source != "default"])
def test_says_what_decided_the_region(source: RegionSource) -> None:
    """Each source has its own sentence, with the place as finely as it is used."""
    decision = changed(region=msgspec.structs.replace(SWISS, source=source))
    assert said(decision, f"region_{source}").values == {"place": "CH-ZH", "percent": 90}


def test_facts_of_a_region_that_are_not_known_are_not_said() -> None:
    """No sentence has a hole in it."""
    region = Region("US", None, None, None, None, None, None, 0.9, "edge")
    assert {key for key in keys(changed(region=region)) if key.startswith("region_")} == {"region_edge"}


def test_an_unknown_region_and_a_withheld_one_are_different_news() -> None:
    """Not knowing is not the same as not looking."""
    assert "region_unknown" in keys(changed(region=UNKNOWN_REGION))
    assert said(withheld("denied"), "region_withheld").values == {"reason": "denied"}


@pytest.mark.parametrize("reason", REASONS)
def test_everything_withheld_is_said_with_its_reason(reason: WithheldReason) -> None:
    """One sentence for each reason names every purpose it ends."""
    assert said(withheld(reason), "withheld").values == {"purposes": PURPOSES, "reason": reason}


def test_a_choice_of_language_is_told_even_where_the_purpose_is_withheld() -> None:
    """The visitor's own choice is honoured under every regime."""
    decision = msgspec.structs.replace(withheld("denied"), language=Language("fr", 1.0, "cookie", ()))
    assert "language_cookie" in keys(decision)


@pytest.mark.parametrize("kind", BOT_KINDS)
def test_says_what_a_bot_comes_for(kind: BotKind) -> None:
    """The kind stands beside the word that it is a program; of people nothing of the sort is said."""
    bot = Device("bot", "unknown", "other", "standard", bot=True, source="user_agent")
    assert said(msgspec.structs.replace(private(bot_kind=kind), device=bot), "device_bot_kind").values == {
        "bot_kind": kind
    }
    assert "device_bot_kind" not in keys(DECISION)


PROGRAM = Device("bot", "unknown", "other", "standard", bot=True, source="user_agent")
ABSENT, HONOURED = SignalStatus("absent"), SignalStatus("honoured")


@pytest.mark.parametrize("allowed", [PURPOSES, ("language", "region", "device")])
@pytest.mark.parametrize(
    ("status", "used", "key"),
    [
        (ABSENT, ("user_agent",), "bot_counted"),
        (HONOURED, ("user_agent", "gpc"), "bot_not_counted"),
        (ABSENT, ("user_agent", "opt_out"), "bot_not_counted"),
        (HONOURED, ("user_agent", "gpc", "opt_out"), "bot_not_counted"),
    ],
)
def test_the_number_of_bots_is_told_where_it_grows_and_only_there(
    allowed: Any, status: SignalStatus, used: Any, key: SentenceKey
) -> None:
    """Whatever the rules say of statistics; a bot's own no ends it. In groups it is never counted."""
    bot = private(allowed=allowed, signal_status=status, signals_used=used, bot_kind="training")
    found = keys(msgspec.structs.replace(bot, device=PROGRAM))
    assert found & {"bot_counted", "bot_not_counted", "counted", "not_counted"} == {key, "not_counted"}


def test_of_people_nothing_is_said_of_bots() -> None:
    """Neither of a number nor of its absence."""
    objected = private(signals_used=("opt_out",), signal_status=HONOURED)
    assert not {"bot_counted", "bot_not_counted"} & (keys(DECISION) | keys(objected))


# What an address was used for is said with it.
SIGNAL_OF = dict.fromkeys(("signal_ip_place", "signal_ip_network", "signal_ip_place_network"), "signal_ip")


def test_every_signal_that_was_used_is_said_and_no_other() -> None:
    """The list of what was looked at is the decision's own."""
    for used in (SIGNAL_NAMES, ("geo",), ()):
        told = [one.key for one in explain_decision(private(signals_used=used), USUAL) if one.topic == "signals"]
        assert [SIGNAL_OF.get(key, key) for key in told] == [f"signal_{name}" for name in used]


def test_every_signal_is_said_to_be_used_or_not() -> None:
    """What was left alone is told too, and nothing is told twice."""
    for decision in (DECISION, withheld("denied")):
        told = [one.key for one in explain_decision(decision, USUAL) if one.topic in ("signals", "barred", "unused")]
        assert sorted(SIGNAL_OF.get(key, key) for key in told) == sorted(f"signal_{name}" for name in SIGNAL_NAMES)


def test_what_may_not_be_used_is_told_from_what_was_not_sent() -> None:
    """A place, choices and objections are never barred; a device id only where no purpose is left for it."""

    def barred(decision: Decision) -> list[str]:
        return [one.key.removeprefix("signal_") for one in explain_decision(decision, USUAL) if one.topic == "barred"]

    assert barred(DECISION) == []
    assert barred(withheld("denied")) == [
        "accept_language", "client_hints", "user_agent", "device_id", "cookie_variants", "cookie_interests",
    ]  # fmt: skip
    assert barred(private(allowed=("language", "device", "experiments"))) == ["cookie_interests"]


@pytest.mark.parametrize("source", get_args(DeviceSource))
def test_a_browser_taken_at_its_word_is_said_to_be(source: DeviceSource) -> None:
    """A device has no percentage. Where a browser told it, that is all there is; a program says what it is."""
    device = Device("smartphone", "android", "chrome", "standard", bot=False, source=source)
    assert ("device_taken_at_word" in keys(changed(device=device))) == (source in ("client_hints", "user_agent"))
    assert "device_taken_at_word" not in keys(changed(device=msgspec.structs.replace(device, class_="bot", bot=True)))


def test_an_honoured_signal_is_said() -> None:
    """Global Privacy Control and an opt-out are confirmed; without them nothing is claimed."""
    decision = private(signal_status=SignalStatus("honoured"), signals_used=("gpc", "opt_out", "consent"))
    assert {"gpc_honoured", "opt_out_honoured", "consent_given"} <= keys(decision)
    assert not {"gpc_honoured", "opt_out_honoured", "consent_given"} & keys(DECISION)
    assert "gpc_absent" in keys(DECISION)
    assert "gpc_absent" not in keys(decision)


def test_dropped_fields_are_named() -> None:
    """What was ignored is said by our field's name."""
    assert said(private(dropped=("device", "consent")), "dropped").values == {"fields": ("device", "consent")}


@pytest.mark.parametrize(
    ("regime", "key"),
    [("CH", "regime_row"), ("US-GPC", "regime_row"), ("ZZ", "regime_unknown_place"), ("REST", "regime_elsewhere"),
     ("CA-QC+REST", "regime_strictest")],
)  # fmt: skip
def test_says_which_rules_apply(regime: str, key: SentenceKey) -> None:
    """The four ways to come under a row, each with the row and its version."""
    assert said(private(regime=regime), key).values == {"regime": regime, "version": "2026-11-22"}


CANADA = Region("CA", None, None, "CAD", None, "metric", "sun", 0.9, "edge")


@pytest.mark.parametrize(
    ("region", "key"),
    [
        (CANADA, "regime_strictest"),
        (msgspec.structs.replace(CANADA, subdivision="QC", source="ip"), "regime_row"),
        (msgspec.structs.replace(CANADA, source="cookie"), "regime_part"),
        (UNKNOWN_REGION, "regime_part"),
    ],
)
def test_the_rules_of_a_part_are_said_to_be_the_visitors_own_only_where_that_shows(
    region: Region, key: SentenceKey
) -> None:
    """Canada without a province is under Quebec's rules too, and where the region is withheld nobody can tell which."""
    told = keys(msgspec.structs.replace(private(regime="CA-QC"), region=region))
    assert {each for each in told if each.startswith("regime_")} == {key}


@pytest.mark.parametrize("reason", ["consent_required", "denied"])
@pytest.mark.parametrize("source", ["edge", "ip"])
def test_says_that_only_the_country_is_used_and_not_which_part_the_rules_are_of(reason: str, source: str) -> None:
    """A part that may not be used does not show, so the rules may be its own or the strictest of the country."""
    canada = msgspec.structs.replace(private(regime="CA-QC"), region=msgspec.structs.replace(CANADA, source=source))
    told = {sentence.key: sentence.values for sentence in explain_decision(canada, amid(subdivision_withheld=reason))}
    assert told["subdivision_withheld"] == {"reason": reason}
    assert {each for each in told if each.startswith("regime_")} == {"regime_part"}
    assert "subdivision_withheld" not in keys(canada)


def test_says_how_the_place_of_the_rules_was_known() -> None:
    """By the edge's word, by the address, or not at all."""
    assert "place_by_ip" in keys(private(signals_used=("ip",)))
    assert "place_by_geo" in keys(private(signals_used=("geo",)))
    assert not {"place_by_ip", "place_by_geo"} & keys(private(signals_used=("ip",), regime="ZZ"))


def test_where_the_network_named_the_place_the_address_did_not_tell_it() -> None:
    """The address may have been used all the same: for the hash of a network."""
    told = keys(private(signals_used=("geo", "ip", "device_id")))
    assert {"place_by_geo", "signal_ip_network"} <= told
    assert "place_by_ip" not in told


@pytest.mark.parametrize(
    ("used", "context", "key"),
    [
        (("ip",), USUAL, "signal_ip_place"),
        (("ip", "device_id"), USUAL, "signal_ip_place_network"),
        (("ip", "device_id"), amid(networks_counted=False), "signal_ip_place"),
        (("ip", "device_id"), amid(counting=False), "signal_ip_place"),
        (("geo", "ip", "device_id"), USUAL, "signal_ip_network"),
        (("geo", "ip", "device_id"), amid(counting=False), "signal_ip"),
        (("geo",), USUAL, "signal_ip"),
    ],
)
def test_says_what_the_address_was_used_for(used: tuple[str, ...], context: Context, key: SentenceKey) -> None:
    """For a country, where the network named none; for the hash of a network, where such are counted of this visit."""
    told = keys(private(signals_used=used), context)
    assert {each for each in told if each.startswith("signal_ip")} == {key}


def test_no_network_is_counted_of_a_visit_that_is_not() -> None:
    """Its device id had a part in an experiment, and no count."""
    told = keys(private(signals_used=("ip", "device_id"), allowed=("experiments",)))
    assert "signal_ip_place" in told


def test_an_outdated_policy_is_said_to_be_and_no_country_is_said_to_be_unknown() -> None:
    """The strictest rules apply for another reason, whatever was found out of the place."""
    told = keys(private(regime="ZZ", signals_used=("geo",)), amid(rules_outdated=True))
    assert {each for each in told if each.startswith(("regime_", "place_"))} == {"regime_outdated"}


def test_counted_is_said_only_of_visits_that_may_be() -> None:
    """Statistics must be allowed, and a program is never counted."""
    assert "counted" in keys(DECISION)
    assert "not_counted" in keys(DECISION, amid(counting=False))
    assert "counted" not in keys(DECISION, amid(counting=False))
    assert "not_counted" in keys(withheld("gpc"))
    assert "not_counted" in keys(
        changed(device=Device("bot", "linux", "chrome", "standard", bot=True, source="user_agent"))
    )


def test_says_how_long_the_answer_may_be_kept() -> None:
    """In seconds, or not at all."""
    assert said(DECISION, "answer_kept").values == {"seconds": 300}
    assert "answer_not_kept" in keys(changed(ttl=0))


# Said by ``explain_visit`` and ``opt_out_diff``, of what stands around a decision.
SAID_ELSEWHERE = tuple(
    key
    for key in SENTENCE_KEYS
    if key.startswith(("change_", "kept_", "row_", "cohort_size_")) or key == "gpc_shown_by_law"
)


def test_every_sentence_can_be_said() -> None:
    """No word waits for a decision that cannot come."""
    decisions = [DECISION, withheld("denied"), changed(cohort=None, region=UNKNOWN_REGION, ttl=0)]
    decisions += [changed(language=Language("en", 0.5, source, ())) for source in get_args(LanguageSource)]
    decisions += [
        changed(region=msgspec.structs.replace(SWISS, source=source)) for source in ("cookie", "edge", "ip", "cohort")
    ]
    decisions += [
        msgspec.structs.replace(
            private(bot_kind="other"), device=Device("bot", "other", "other", "lite", bot=True, source=source)
        )
        for source in get_args(DeviceSource)
    ]
    decisions.append(private(bot_kind="other", signals_used=("opt_out",)))
    decisions.append(msgspec.structs.replace(private(signals_used=()), language=Language("en", 0.0, "default", ())))
    reasons = get_args(msgspec.structs.fields(Assignment)[2].type)
    decisions.append(
        changed(experiments={f"e{index}": Assignment("a", False, reason) for index, reason in enumerate(reasons)})
    )
    decisions.append(changed(slots={source: SlotRanking(("a",), source) for source in ("cohort", "prior", "default")}))
    decisions.append(private(signals_used=SIGNAL_NAMES, signal_status=SignalStatus("honoured"), dropped=("region",)))
    decisions += [private(regime=regime) for regime in ("ZZ", "REST", "US-GPC+US")]
    decisions.append(msgspec.structs.replace(private(regime="CA-QC"), region=UNKNOWN_REGION))
    found = set().union(*map(keys, decisions), keys(DECISION, amid(rules_outdated=True)))
    found |= keys(DECISION, amid(subdivision_withheld="consent_required"))
    for used in (("ip",), ("geo", "ip", "device_id"), ("ip", "device_id")):
        found |= keys(private(signals_used=used))
    assert found == set(SENTENCE_KEYS) - set(SAID_ELSEWHERE)
