"""What is one owner's alone, and the headers that say who asks, are known; things of the same words are not."""

import pytest

from service.core.identity.belongings import WORDS_BY_BELONGING
from service.core.identity.names import identifying_name


@pytest.mark.parametrize("kind", WORDS_BY_BELONGING)
def test_every_word_of_a_belonging_identifies(kind: str) -> None:
    words = [word for line in WORDS_BY_BELONGING[kind].values() for word in line.split()]
    assert len(words) > 20
    assert [word for word in words if identifying_name(word) is None] == []


@pytest.mark.parametrize(
    ("identifying", "innocent"),
    [
        ("Fahrgestellnummer", "Fahrgestellfarbe"),
        ("車台番号", "車台色"),
        ("vehicle_identification_number", "vehicle_type"),
        ("numéro_de_châssis", "numero_de_page"),
        ("voiceprint_template", "email_template"),
        ("fingerprintTemplate", "fingerprint_resistant_coating"),
        ("faceEmbedding", "face_cream_type"),
        ("nom_de_jeune_fille", "nom_de_la_page"),
        ("baptismal_name", "font_name"),
        ("xuid", "xbox_theme"),
        ("X-UIDH", "X-Request-Count"),
        ("X-SSL-Client-S-DN", "X-SSL-Version"),
        ("X-Remote-User", "X-Original-User-Agent"),
        ("X-Amzn-Oidc-Identity", "X-Amzn-Trace-Mode"),
        ("X-Forwarded-User", "X-Forwarded-Proto"),
        ("X-Forwarded-Client-Cert", "X-Client-Version"),
        ("sip_user_uri", "template_uri_scheme"),
        ("tel_uri", "tile_style"),
    ],
)
def test_a_belonging_is_told_from_a_thing(identifying: str, innocent: str) -> None:
    assert identifying_name(identifying) is not None
    assert identifying_name(innocent) is None


@pytest.mark.parametrize(
    "name",
    [
        "phone_case_material", "cookie_flavour", "birthday_cake_flavour", "token_economy_model", "passport_cover_colour",
        "home/blinds/position", "garage/door/position", "phone_stand_color", "card_game_genre", "wallet_material",
        "iris_variety", "email_client_theme", "street_food_category", "address_book_theme", "voice_assistant_language",
    ],
)  # fmt: skip
def test_an_identifying_word_may_only_say_of_which_kind_a_thing_is(name: str) -> None:
    assert identifying_name(name) is None


@pytest.mark.parametrize("name", ["user/position", "traits.position", "driver/position", "device/gps/position"])
def test_the_position_of_a_person_is_where_somebody_is(name: str) -> None:
    assert identifying_name(name) == "location"
