"""What identifies is refused with its kind, however it is disguised; a few short words or digits are harmless."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.category import Category
from service.core.identity.values import identifying_value

TOLD: tuple[tuple[Category, tuple[str, ...]], ...] = (
    (
        "email",
        (
            "ann@example.org", "Ann Example <ann.b+tag@mail.example.co.uk>", "mailto:ann@example.org",
            "jörg@bücher.example",
            "ann%40example.org", "ann%2540example%252Eorg", "ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ",
            "an\u200bn@exam\u200bple.org",
            "ann at example dot org", "ann [at] example [dot] org", "ann(at)example.org", "x_ann_at_example.org",
            "YW5uQGV4YW1wbGUub3Jn", "WVc1dVFHVjRZVzF3YkdVdWIzSm4=", "616e6e406578616d706c652e6f7267",
            "v2.YW5uQGV4YW1wbGUub3Jn.77aa", '{"email": "ann@example.org"}', "email=ann",
        ),
    ),
    ("phone", ("+41 44 668 18 00", "+14155550132", "0041446681800", "%2B14155550132", "(415) 555-0132", "tel:911",
               "044 668 18 00", "415-555-0132", "+49(0)30 1234567", "415-555-0132x77")),
    ("name", ("Ann Example", "Dr. Zoë O'Neill", "Müller", "佐藤", "김영수", "Иван Петров", "ann.example", "emma_moss", "annaschmidt", "max-hans", "Hans")),
    ("address", ("12 Baker Street, London", "Bahnhofstrasse 7, 8001 Zürich", "street=Baker")),
    ("government_id", ("078-05-1120", "123.456.789-09", "131052-308T", "871220-2384", "900101-1234567", "12345678Z",
                       "X1234567L", "RSSMRA85T10A562S", "ABCDE1234F", "QQ 12 34 56 C", "P<UTOERIKSSON<<ANNA<MARIA",
                       "756.9217.0769.85", "79927398714", "ssn: 1", "B-MW 1234", "AB-123-CD", "AB-123", "ZH-123", "1HGCM82633A004352")),
    ("payment", ("4111 1111 1111 1111", "378282246310005", "CH93 0076 2011 6238 5295 7", "DE89370400440532013000",
                 "0x742d35Cc6634C0532925a3b844Bc454e4438f44e", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "DEUTDEFF500")),
    ("account", ("cus_NffrFeUfNV2Hib", "acct_1032D82eZvKYlo2C", "user_2b9KQxZ0aa", "12345", "employee#4711", "user-17", "ann85", "kmoss1990", "member/8")),
    ("credential", ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                    "AKIAIOSFODNN7EXAMPLE", "Bearer abc", "sk_live_4eC39HqLyjWDarjt", "token=x")),
    ("network_id", ("192.0.2.7", "192.0.2.7:443", "192-0-2-7", "2001:db8::1", "2001:db8::", "00:1A:2B:3C:4D:5E",
                    "AA-BB-CC-DD-EE-FF", "001a.2b3c.4d5e", "c232ab00-9414-11ec-b3c8-9f6bdeced846")),
    ("device_serial", ("490154203237518", "49-015420-323751-8", "0df36c25-37ed-4c74-ad63-5f2275b831a1")),
    ("location", ("47.3769, 8.5417", "geo:47.37,8.54", "47°22'N", "8FVC9G8F+6X", "///filled.count.soap", "lat=47.4")),
    ("date_of_birth", ("1984-03-12", "19840312", "12.03.1984", "3/12/84", "dob=1984")),
    ("url", ("https://social.example/ann.example", "www.example.org", "linkedin.com/in/ann")),
    ("digest", ("900150983cd24fb0d6963f7d28e17f72", "sha256:ba7816bf8f01cfea", "$2b$12$abcdefghijklmnopqrstuv",
                "a9993e364706816aba3e25717850c26c9cd0d89d", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
                "5df6e0e2-7613-5f8b-9f3c-0f4a3c1a4c1c")),
    ("free_text", ("please ship it to the red house over there", "the parcel goes to the neighbour with the dog")),
    ("other", ("password", "test", " ", "\x00\x01", "Xk3-9fLq-Zz81", "../../etc/passwd", "AAAAAAAAAAAAAAAAAAAAAA")),
)  # fmt: skip


@pytest.mark.parametrize(("category", "value"), [(category, value) for category, values in TOLD for value in values])
def test_an_identifying_value_is_known_for_what_it_is(category: Category, value: str) -> None:
    assert identifying_value(value) == category


HARMLESS = """
xx foo de_DE 1 0 en de-CH zh-Hant-TW en_US.UTF-8 de_DE@euro Europe/Zurich America/New_York outdoor-shoes true null
hero.b~checkout.a outdoor:3.shoes:1 statistics.experiments de-CH,de;q=0.9,en;q=0.5 english German CH-ZH US-CA 2024 v1
??? !!! {} (none) <lang> ${lang} {{locale}} j:"fr" j:{"lang":"fr"} 'fr' acme.com shop.acme.co.uk 1demo hero=b&x=c 10% key!
1.0 undefined NaN es-419 hero=b checkout:control enUS utf-8 USD dark mobile v2.1.0 A/B spring,app * - _ qps-ploc lang=de
zh-Hans zh-hans zh-hans-cn zh_hans zh-HANS zh-cmn-Hans-CN cmn-hans yue-Hans zh-hant sr-cyrl sr-Cyrl-RS CH-ZH FR-75 JP-13 GB-ENG
""".split()  # noqa: SIM905 - a list of words reads best as words


@pytest.mark.parametrize(
    "value", ["", "de, en;q=0.5", '"de"', "fr ", " fr", "fr%20", "\N{SLIGHTLY SMILING FACE}", *HARMLESS]
)
def test_short_garbage_is_harmless(value: str) -> None:
    assert identifying_value(value) is None


@given(signs=st.text("".join(sorted(set(string.punctuation) - {"@"})) + "…“”«»€→★¿", min_size=1, max_size=64))
def test_signs_without_a_letter_or_a_digit_say_nothing(signs: str) -> None:
    assert identifying_value(signs) is None


@given(
    given=st.sampled_from(["anna", "peter", "maria", "daniel", "hannah", "thomas"]),
    family=st.sampled_from(["schmidt", "kowalski", "rossi", "nguyen", "okafor", "lindgren"]),
    join=st.sampled_from(["{0}{1}", "{1}{0}", "{0}.{1}", "{0}-{1}", "{0} {1}", "{0}_{1}", "{2}{1}", "{0}1", "{0}{1}7"]),
)
def test_two_names_are_somebodys_however_they_are_joined(given: str, family: str, join: str) -> None:
    name = join.format(given, family, given[0])
    assert identifying_value(name) is not None
    assert identifying_value(name.title()) is not None


@given(digits=st.from_regex(r"[0-9]([ ./-]?[0-9]){4,18}", fullmatch=True))
def test_five_digits_or_more_are_never_harmless(digits: str) -> None:
    assert identifying_value(digits) is not None


@given(
    local=st.from_regex(r"[a-z][a-z0-9._+-]{0,20}", fullmatch=True),
    domain=st.from_regex(r"[a-z][a-z0-9-]{0,15}\.(org|de|co\.uk|museum)", fullmatch=True),
    disguise=st.sampled_from(
        [
            str,
            str.upper,
            lambda text: text.replace("@", "%40"),
            lambda text: text.replace("@", " [at] "),
            "\u200b".join,
            lambda text: base64.b64encode(text.encode()).decode(),
            lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
            lambda text: text.encode().hex(),
        ]
    ),
)
def test_an_email_is_refused_in_every_disguise(local: str, domain: str, disguise: object) -> None:
    assert callable(disguise)
    assert identifying_value(disguise(f"{local}@{domain}")) is not None


@given(octets=st.binary(min_size=12, max_size=64))
def test_random_tokens_fail_closed(octets: bytes) -> None:
    """In hex always; in base64 there is a chance in a billion that 16 letters come out as words."""
    assert identifying_value(octets.hex()) is not None
    assert identifying_value(base64.urlsafe_b64encode(octets * 2).decode()) is not None
