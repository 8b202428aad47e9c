"""What helps in a refusal: our own words for every place, made from the structs that read requests."""

import string
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity import identifying_name
from service.core.sites import Experiment, Site, Slot
from service.web.bodies import guidance
from service.web.bodies.event_schema import EventsBody, read_events
from service.web.bodies.guidance import (
    ELSEWHERE,
    NONE,
    OTHER_KIND,
    Guide,
    bounded,
    guide_of,
    misfit,
    not_of_site,
    offered,
)
from service.web.bodies.schema import BatchDocument, RecommendationBody, VisitBody, read_recommendation, read_visit
from service.web.ofrep.context import EvaluationBody, read_context
from service.web.problems import ALLOWED_MAX, FieldError, Refusal

KINDS = {
    "POST /v1/recommendation": RecommendationBody,
    "POST /v1/recommendations": BatchDocument,
    "POST /v1/events": EventsBody,
    "POST /ofrep/v1/evaluate/flags": EvaluationBody,
}
VISIT = guide_of(RecommendationBody)
OBJECTS = [pointer for pointer, texts in VISIT._allowed.items() if "signals" in texts or set(texts) & {"ip", "id"}]
OBJECTS += ["/signals/geo", "/signals/cookies", "/signals/device/client_hints"]
SITE = Site(
    "demo",
    ("en", "de"),
    "en",
    topics=("shoes",),
    experiments={
        "hero": Experiment("running", ("a", "b"), "hero"),
        "old": Experiment("stopped", ("x", "y"), "old"),
        "secret": Experiment("draft", ("p", "q"), "secret"),
    },
    slots={"front": Slot(("spring", "app"))},
)


def body_at(pointer: str, name: str) -> bytes:
    """A visit with one member at a place."""
    value: Any = {name: 1}
    for part in reversed(pointer.split("/")[1:]):
        value = {part: value}
    return msgspec.json.encode(value)


def only_error(refusal: object) -> FieldError:
    assert isinstance(refusal, Refusal)
    [error] = refusal.errors
    return error


@pytest.mark.parametrize("pointer", OBJECTS)
@pytest.mark.parametrize("name", sorted(VISIT._places))
def test_every_field_of_a_visit_is_led_home_from_wherever_it_stands(pointer: str, name: str) -> None:
    """It is an unknown field there and no identity, whatever it is called, and its place is told."""
    members = VISIT.allowed(pointer)
    if name in members:
        return
    found = read_recommendation(body_at(pointer, name))
    assert isinstance(found, Refusal)
    error = found.errors[0]
    assert (error.pointer, error.code, error.category) == (pointer, "unknown_field", None)
    assert error.allowed == members
    inside = guidance._INSIDE.get(pointer.rpartition("/")[2], {}).get(name)
    home = f"This field belongs at {VISIT._places[name]}."
    assert error.detail == (home if inside is None else f"This is called {pointer}/{inside} here.")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("userAgent", "/signals/device/user_agent"),
        ("User-Agent", "/signals/device/user_agent"),
        ("acceptLanguage", "/signals/device/accept_language"),
        ("Accept-Language", "/signals/device/accept_language"),
        ("targetingKey", "/signals/device/id"),
        ("deviceId", "/signals/device/id"),
        ("device_id", "/signals/device/id"),
        ("pb_device", "/signals/device/id"),
        ("pb_language", "/signals/cookies/language"),
        ("pb_region", "/signals/cookies/region"),
        ("pb_interests", "/signals/cookies/interests"),
        ("pb_variants", "/signals/cookies/variants"),
        ("pb_consent", "/consent"),
        ("pb_optout", "/opt_out"),
        ("optOut", "/opt_out"),
        ("Sec-GPC", "/signals/gpc"),
        ("GPC", "/signals/gpc"),
        ("IP", "/signals/ip"),
        ("ipAddress", "/signals/ip"),
        ("client_ip", "/signals/ip"),
        ("countryCode", "/signals/geo/country"),
        ("Country", "/signals/geo/country"),
        ("clientHints", "/signals/device/client_hints"),
        ("Sec-CH-UA-Mobile", "/signals/device/client_hints/sec-ch-ua-mobile"),
        ("saveData", "/signals/device/client_hints/save-data"),
        ("ua", "/signals/device/user_agent"),
    ],
)
def test_what_others_call_a_field_is_told_in_our_words(name: str, place: str) -> None:
    """It may be an identifying name all the same: it is refused as it was, and what it is called here is added."""
    error = only_error(read_recommendation(body_at("", name)))
    category = None if name in ELSEWHERE and name != "targetingKey" else identifying_name(name)
    assert (error.code, error.category) == ("identifying_name" if category else "unknown_field", category)
    assert error.detail == f"This is called {place} here."
    assert error.allowed == ("signals", "consent", "opt_out", "site")


@pytest.mark.parametrize(
    ("pointer", "name", "member"),
    [
        ("/signals/geo", "region", "subdivision"),
        ("/signals/geo", "Region", "subdivision"),
        ("/signals/geo", "regionCode", "subdivision"),
        ("/signals/geo", "region_code", "subdivision"),
        ("/signals/geo", "pb_region", "subdivision"),
        ("/signals/geo", "state", "subdivision"),
        ("/signals/geo", "province", "subdivision"),
        ("/signals/geo", "country_code", "country"),
        ("/signals/geo", "countryCode", "country"),
        ("/signals/geo", "iso_code", "country"),
        ("/signals/device", "language", "accept_language"),
        ("/signals/device", "languages", "accept_language"),
        ("/signals/device", "locale", "accept_language"),
        ("/signals/device", "userAgent", "user_agent"),
        ("/signals/device", "userAgentData", "client_hints"),
        ("/signals/device/client_hints", "ua", "sec-ch-ua"),
        ("/signals/device/client_hints", "brands", "sec-ch-ua"),
        ("/signals/device/client_hints", "mobile", "sec-ch-ua-mobile"),
        ("/signals/device/client_hints", "platform", "sec-ch-ua-platform"),
        ("/signals/device/client_hints", "saveData", "save-data"),
        ("/signals/cookies", "locale", "language"),
        ("/signals/cookies", "pb_region", "region"),
    ],
)
def test_what_a_name_means_depends_on_where_it_stands(pointer: str, name: str, member: str) -> None:
    """An edge's guess is never led to where the visitor's own choice is told; the same in an item of a batch."""
    detail = f"This is called {pointer}/{member} here."
    for read in (read_recommendation, read_visit):
        found = read(body_at(pointer, name))
        assert isinstance(found, Refusal)
        error = found.errors[0]
        assert (error.pointer, error.code, error.category, error.detail) == (pointer, "unknown_field", None, detail)


def test_a_user_agent_among_the_hints_is_led_beside_them() -> None:
    error = only_error(read_recommendation(body_at("/signals/device/client_hints", "userAgent")))
    assert error.detail == "This is called /signals/device/user_agent here."


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("gpc", "its header Sec-GPC"),
        ("GPC", "its header Sec-GPC"),
        ("Sec-GPC", "its header Sec-GPC"),
        ("globalPrivacyControl", "its header Sec-GPC"),
        ("opt_out", "its cookie pb_optout"),
        ("optOut", "its cookie pb_optout"),
        ("pb_optout", "its cookie pb_optout"),
        ("consent", "its token"),
        ("pb_consent", "its token"),
    ],
)
@pytest.mark.parametrize("pointer", ["", "/events/0"])
def test_a_wish_in_a_report_is_led_to_what_counts_there(pointer: str, name: str, counts: str) -> None:
    """Not to the body of a visit, which a page that reports does not send."""
    event = {"type": "reward", "slot": "front", "option": "app"}
    body: dict[str, Any] = {"events": [event | ({name: True} if pointer else {})]} | ({} if pointer else {name: True})
    error = only_error(read_events(msgspec.json.encode(body)))
    assert (error.pointer, error.code, error.category) == (pointer, "unknown_field", None)
    assert error.detail is not None
    assert error.detail.startswith(f"A report has no field for this: {counts} ")


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (read_recommendation, RecommendationBody),
        (read_visit, VisitBody),
        (read_events, EventsBody),
        (read_context, EvaluationBody),
    ],
)
def test_a_field_of_another_body_or_a_query_is_led_there(read: Any, kind: Any, name: str) -> None:
    """Of names that say who somebody is, it stays said; the others are a mere mistake."""
    guide = guide_of(kind)
    if name in guide._places:
        return
    found = read(msgspec.json.encode({name: 1}))
    assert isinstance(found, Refusal)
    error = found.errors[0]
    assert error.allowed == guide.allowed("")
    beside = set(guide._beside.values())
    assert error.detail in {
        ELSEWHERE[name],
        *beside,
        *(f"This is called {place} here." for place in guide._spellings.values()),
    }
    identity = name in {"ip", "id", "token", "targetingKey"}
    assert (error.code, error.category is not None) == (
        ("identifying_name", True) if identity else ("unknown_field", False)
    )


def test_where_fields_belong_is_where_the_structs_have_them() -> None:
    """Each row of the table leads to a place that there is, and no field of any body is without a row."""
    for name, (route, pointer) in guidance._FIELDS.items():
        assert pointer.rpartition("/")[2] == name
        assert guide_of(KINDS[route]).allowed(pointer), (name, pointer)
    names = {name for kind in KINDS.values() for name in guide_of(kind)._places}
    assert names <= set(ELSEWHERE)


@pytest.mark.parametrize("kind", [*KINDS.values(), VisitBody])
def test_every_place_has_something_allowed(kind: Any) -> None:
    """Few texts, each short and one line; and none of them is the id of a device or an address."""
    for pattern, texts in Guide(kind)._allowed.items():
        assert 1 <= len(texts) <= ALLOWED_MAX, pattern
        for text in texts:
            assert 0 < len(text) <= 200
            assert text.isprintable()
            assert "7d9f0c9e" not in text
            assert "195.65" not in text


def test_an_event_knows_only_the_members_of_its_type() -> None:
    """What another type has is told to be that; what a report has stands beside the events."""
    found = read_events(
        b'{"events":[{"type":"reward","slot":"front","option":"spring","experiment":"hero","site":"x"}]}'
    )
    assert isinstance(found, Refusal)
    told = [(error.pointer, error.allowed, error.detail) for error in found.errors]
    members = ("type", "slot", "option")
    assert told == [("/events/0", members, OTHER_KIND), ("/events/0", members, "This field belongs at /site.")]


@pytest.mark.parametrize(
    ("member", "beside", "has"),
    [
        ("experiment", None, ("hero", "old")),
        ("variant", "hero", ("a", "b")),
        ("variant", "old", ("x", "y")),
        ("variant", "secret", ()),
        ("variant", "nothing", ()),
        ("variant", None, ()),
        ("slot", None, ("front",)),
        ("option", "front", ("spring", "app")),
        ("option", "back", ()),
        ("language", None, ("en", "de")),
        ("topic", None, ("shoes",)),
        ("type", None, ()),
    ],
)
def test_what_a_site_offers_holds_no_drafts(member: str, beside: str | None, has: tuple[str, ...]) -> None:
    """A draft is for nobody yet: neither its key nor its variants are told."""
    assert offered(SITE, member, beside) == has


def test_a_site_without_any_says_so() -> None:
    """Where nothing could have been right, that is what helps."""
    assert not_of_site("/events/0/topic", "cars", (), None).detail == NONE
    assert not_of_site("/events/0/topic", "cars", (), "First.").detail == f"First. {NONE}"


@given(st.integers(0, 400))
def test_what_is_allowed_is_bounded_and_says_what_was_cut(count: int) -> None:
    """A site of two hundred languages does not fill an answer with them."""
    error = FieldError("/events/0/language", "invalid_value", allowed=tuple(f"l{index}" for index in range(count)))
    told = bounded(error)
    assert told.allowed == error.allowed[:ALLOWED_MAX]
    assert told.detail == (
        None if count <= ALLOWED_MAX else f"There are {count}, of which the first {ALLOWED_MAX} are named."
    )


@pytest.mark.parametrize(
    "value",
    [
        "Demo", "DEMO", "demo ", " demo", "Demo-Shop", "demo/", "DEMO_2", "Shop-CH", "Anna", "ShopSchweiz", "Shop2026", "MyShop",
        "My-Site", "TEST", "Default", "Main ", "SHOP-DE-CH", "B", "Hero", "Front_Page",
    ],
)  # fmt: skip
def test_a_key_in_capitals_is_a_slip_and_no_identity(value: str) -> None:
    """Its looks alone say nothing, for in small letters it is as good a key as any."""
    assert misfit(value, key=True) is None


@pytest.mark.parametrize("value", ["anna@example.org", "+41 44 668 18 00", "https://example.org/anna", "Anna Schmidt"])
def test_what_has_a_shape_of_its_own_stays_identifying(value: str) -> None:
    """Also where a key should stand."""
    assert misfit(value, key=True) is not None


@given(st.text(string.ascii_letters + string.digits + "_- @.", max_size=40))
def test_for_no_value_a_slip_is_called_worse_than_before(value: str) -> None:
    """The question that a key is asked answers as the other one, or that there is no identity."""
    assert misfit(value, key=True) in {None, misfit(value)}
