"""What was meant by a word that is none of ours: near words, other spellings, and words that others use."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.access import SCOPES
from service.core.device import DeviceClass
from service.core.identity import DeviceIdFormat
from service.core.privacy import LEVELS, PURPOSES
from service.core.sites import Experiment, Site, Slot, Targeting
from service.settings import Settings
from service.settings.policy_file import RowNotes
from service.settings.synonyms import SYNONYMS, closest_word
from service.web.visit.client_ip import Edge

CLASSES = get_args(DeviceClass)
STATUSES = ("draft", "running", "stopped")
FORMATS = get_args(DeviceIdFormat)
EDGES = get_args(Edge)
SETTINGS = tuple(field.name for field in msgspec.structs.fields(Settings))


def names(*kinds: type[msgspec.Struct]) -> list[str]:
    return list(dict.fromkeys(field.name for kind in kinds for field in msgspec.structs.fields(kind)))


@pytest.mark.parametrize(
    ("allowed", "pairs"),
    [
        (
            CLASSES,
            ("mobile:smartphone phone:smartphone Mobile:smartphone iPhone:smartphone smart-phone:smartphone "
            "smartphones:smartphone cellphone:smartphone handset:smartphone pc:desktop computer:desktop laptop:desktop "
            "web:desktop dekstop:desktop ipad:tablet pad:tablet television:tv smarttv:tv smart-tv:tv SmartTV:tv ctv:tv "
            "TV:tv set-top-box:tv playstation:console games_console:console smartwatch:wearable watch:wearable "
            "vehicle:car smart_speaker:speaker feature-phone:feature_phone featurephone:feature_phone crawler:bot "
            "spider:bot other:unknown"),
        ),
        (
            PURPOSES,
            ("analytics:statistics measurement:statistics stats:statistics Statistics:statistics geo:region "
            "location:region lang:language locale:language user_agent:device ab_testing:experiments A/B:experiments "
            "experiment:experiments personalization:interests personalisation:interests segments:cohort statistcs:statistics"),
        ),
        (
            LEVELS,
            ("allowed:allow yes:allow true:allow granted:allow opt_out:notice opt-out:notice inform:notice opt-in:consent "
            "opt_in:consent explicit:consent ask:consent denied:deny no:deny false:deny forbidden:deny off:deny Deny:deny "
            "unallowed:deny not-allow:deny dont_allow:deny disallowed:deny"),
        ),
        (
            STATUSES,
            ("active:running live:running started:running runing:running enabled:running paused:stopped ended:stopped "
            "finished:stopped archived:stopped planned:draft pending:draft Draft:draft"),
        ),
        (("mean", "thompson"), "thompson_sampling:thompson bandit:thompson average:mean greedy:mean Thompson:thompson"),
        (("on", "off"), "true:on false:off yes:on no:off 1:on 0:off enabled:on disabled:off On:on"),
        (EDGES, "cf:cloudflare akami:akamai aws:cloudfront CloudFront:cloudfront haproxy:generic envoy:generic none: off:"),
        (SCOPES, "recommendations:recommend read:recommend event:events stats:statistics administrator:admin"),
        (FORMATS, "uuid:uuid4 UUIDv4:uuid4 uuid-v7:uuid7 guid:uuid4 base64:base64url128 ULID:ulid nano-id:nanoid"),
        (
            SETTINGS,
            ("prot:port bind:host listen:host proxies:trusted_proxies redis:redis_url redisUrl:redis_url k_anon:k "
            "eps:epsilon cdn:edge sites:sites_dir maxmind:geo_database trusted-proxies:trusted_proxies"),
        ),
        (tuple(names(Experiment)), "variations:variants weight:weights hashVersion:hash_version targeting:when rollout:coverage"),
        (tuple(names(Site)), "locales:languages origins:cors_origins coppa:child_directed idFormats:device_id_formats"),
        (("low", "medium", "high"), "middle:medium moderate:medium hgih:high"),
    ],
)  # fmt: skip
def test_a_word_that_people_use_leads_to_ours(allowed: tuple[str, ...], pairs: str) -> None:
    """Other words, other spellings and slips of the finger."""
    for pair in pairs.split():
        word, _, ours = pair.partition(":")
        assert closest_word(word, allowed) == ours, word


@pytest.mark.parametrize("word", ["", "zebra", "x" * 1000, "*", "everything", "public", "42"])
def test_a_word_that_is_far_from_all_leads_nowhere(word: str) -> None:
    """A wrong guess costs more than none; that all may be asked of everybody is never a guess."""
    assert closest_word(word, SCOPES) is None


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (
            LEVELS,
            ("no-consent not-consent non-consent nonconsent unconsent noConsent without_consent consent-free consentless "
            "consent_not consent-never never-consent !consent !allow -allow ~allow ¬deny ^notice undeny not-deny dont_deny "
            "no-notice not_notice nonotice unnotice allow-not allow_none allow-never allow=false dont-notice un-notice"),
        ),
        (STATUSES, "not-running notrunning unstopped not_stopped non-running isnt-running undraft no-draft !running running-off"),
        (("on", "off"), "non not-on noton !on !off -on not-off"),
        (SCOPES, "noadmin non-admin nostats no-events noevents no_recommend !admin -stats"),
        (SETTINGS, "no_counting no-noise nonoise not_counting discounting !counting no_host"),
        (tuple(names(Site)), "no_topics non_markets not_child_directed"),
        (EDGES, "--- - _ . !fastly no-fastly noakamai"),
    ],
)  # fmt: skip
def test_a_word_with_a_not_never_leads_to_that_word(allowed: tuple[str, ...], words: str) -> None:
    """It is near in its letters alone: whoever took the guess would have a policy that says the opposite."""
    for word in words.split():
        assert closest_word(word, allowed) is None, word


@given(
    st.sampled_from(
        ["un", "no", "no-", "not", "not_", "non-", "dont_", "don't ", "do not ", "dis", "never_", "!", "-"]
    ),
    st.sampled_from(LEVELS),
)
def test_no_level_is_guessed_from_its_opposite(before: str, level: str) -> None:
    """What is not allowed is denied; of the rest nobody knows what it is."""
    assert closest_word(before + level, LEVELS) in ({"deny", None} if level == "allow" else {None})


@pytest.mark.parametrize(
    "pair",
    ["alow:allow", "allw:allow", "consnt:consent", "conset:consent", "notise:notice", "notcie:notice", "dney:deny"],
)
def test_a_slip_of_the_finger_in_a_level_is_still_seen(pair: str) -> None:
    """Also where it begins as a *not* does."""
    word, _, level = pair.partition(":")
    assert closest_word(word, LEVELS) == level


@pytest.mark.parametrize(
    ("value", "ours"), [(True, "allow"), (False, "deny"), (1, None), (["allow"], "allow"), ({}, None)]
)
def test_what_is_no_word_is_taken_as_it_is_written(value: object, ours: str | None) -> None:
    """TOML has true and false without quotes."""
    assert closest_word(value, LEVELS) == ours


VOCABULARIES = [
    CLASSES, PURPOSES, LEVELS, STATUSES, ("mean", "thompson"), ("on", "off"), EDGES, SCOPES, FORMATS, SETTINGS,
    tuple(names(Site)), tuple(names(Experiment)), tuple(names(Slot, Targeting)), tuple(names(RowNotes)), ("counts", "salt"),
    ("low", "medium", "high"),
]  # fmt: skip


def test_every_other_word_leads_to_a_word_that_is_ours() -> None:
    """The table has no word that a vocabulary lost."""
    assert set(SYNONYMS) <= {word for words in VOCABULARIES for word in words}


@pytest.mark.parametrize("allowed", VOCABULARIES, ids=" ".join)
def test_every_other_word_of_a_vocabulary_leads_to_one_place_there(allowed: tuple[str, ...]) -> None:
    """Where two of ours are allowed, no other word stands for both."""
    seen: dict[str, str] = {}
    for ours in allowed:
        for other in SYNONYMS.get(ours, "").replace("_", "").split():
            assert seen.setdefault(other, ours) == ours, other


@given(st.text(max_size=60), st.sampled_from(VOCABULARIES))
def test_any_text_leads_to_an_allowed_word_or_nowhere(word: str, allowed: tuple[str, ...]) -> None:
    """And never raises."""
    assert closest_word(word, allowed) in {None, *allowed}
    assert all(closest_word(one, allowed) == one for one in allowed if one)
