"""What is plainly somebody's is found in a text that is not read; plans, versions, themes and builds are not taken for it."""

import random
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.plain import plainly_identifying

PLAIN = {
    "email": [
        "anna@example.com", "mailto:a@b.ch", "Anna <anna.s@mail.example.co.uk>", "anna%40example.com", "of anna@example.org!",
        "ａｎｎａ@example.com", "anna+shop@example.travel", "用户@例子.公司", "12@163.com", "plan=anna@example.com",
    ],
    "phone": [
        "+41 44 668 18 00", "+41446681800", "0041446681800", "044 668 18 00", "0791234567", "(030) 123456", "(212) 555-0100",
        "212-555-0123", "+1 (212) 555-0100", "03-1234-5678", "030-1234567", "tel:110", "whatsapp:41446681800", "030/1234567",
    ],
    "payment": [
        "4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004", "378282246310005", "6011111111111117",
        "CH9300762011623852957", "DE89 3704 0044 0532 0130 00", "0x52908400098527886E0F7030069857D2E4169EE7",
        "2221000000000009", "card 4111111111111111",
    ],
    "government_id": [
        "123-45-6789", "123.456.789-09", "811218-9876", "131052-308T", "12345678Z", "X1234567L", "1 85 05 78 006 084 91",
        "756.1234.5678.97", "ABCPE1234F", "AB123456C", "RSSMRA85T10A562S", "900101-1234567", "2345 6789 0123",
        "P<UTOERIKSSON<<ANNA<MARIA", "HEGG560427MVZRRL04",
    ],
    "credential": [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "AIzaSyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI", "xoxb-123456789012-abcdef",
        "Bearer abcdefghijklmnop1234", "glpat-12345678901234567890", "sk-abcdefghijklmnopqrstuvwxyz",
        "-----BEGIN PRIVATE KEY-----", "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",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789", "shpat_0123456789abcdef0123456789abcdef",
    ],
}  # fmt: skip
HARMLESS = [
    "", "pro", "free", "enterprise", "premium-yearly", "Basic plan", "Basic monthly subscription", "Token economy", "dark",
    "1.2.3", "10.20.30.40", "121.0.6167.85", "2024.12.1", "1.0.0-beta+20130313144700", "1.0.0+20130313144700", "web@1.2.3",
    "my-app@4.5.0-rc.1", "2024-11-30", "01-11-2024", "1/2/2024", "20241130", "241130-1200", "2024-11-30T12:00:00Z",
    "20241130-120000-123", "2024113012", "1733000000000", "1733000000", "2024.11.30.1234", "r2024-11-30-01", "de-CH",
    "Europe/Zurich", "control", "variant_b", "SG.premium-plan", "sk-premium-yearly", "sk-business-annual-plan", "A/B",
    "PRO-2024", "AB 123", "v2", "build 1234", "1,000", "99.99", "#ff8800", "prod-eu-west-1", "iPhone15,2", "SM-G960F",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "https://shop.example/",
    "feature/JIRA-1234", "d10f99f", "5d41402abc4b2a76b9719d911017c592", "-1", "3.14", "1e10", "-122.5", "1234567", "12345678",
    "größe", "プレミアム", "@beta", "@scope/pkg", "a@b", "user tier: gold", "00:00", "100%", "x" * 128, "4111 1111 1111 1112",
    "811218-9877", "131052-308A", "12345678A", "CH9300762011623852958", "1 85 05 78 006 084 90",
]  # fmt: skip


@pytest.mark.parametrize(("category", "text"), [(kind, text) for kind, texts in PLAIN.items() for text in texts])
def test_what_is_plainly_somebodys_is_found(category: str, text: str) -> None:
    """As it is, with blanks around it, and percent-encoded."""
    assert plainly_identifying(text) == category
    assert plainly_identifying(quote(text, safe="")) == category


@pytest.mark.parametrize("text", HARMLESS)
def test_what_contexts_are_made_of_is_not(text: str) -> None:
    """Names of plans, versions, builds, dates, ids: none of it is taken for a number of somebody's."""
    assert plainly_identifying(text) is None


@given(st.text(max_size=128))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert plainly_identifying(text) in (None, *PLAIN)


@given(st.tuples(st.integers(0, 9999), st.integers(0, 99999), st.integers(0, 99999)), st.sampled_from(["", "v", "V"]))
def test_no_version_identifies(parts: tuple[int, int, int], before: str) -> None:
    assert plainly_identifying(before + ".".join(map(str, parts))) is None


@given(st.from_regex(r"[a-z]{1,12}(?:[ _-][a-z]{1,12}){0,3}", fullmatch=True))
def test_no_words_identify(text: str) -> None:
    """Whatever a plan or a theme is called."""
    assert plainly_identifying(text) is None


# A percent sign, which an address may have, is read as an encoding first: `%09@example.com` is a blank before a domain.
ADDRESSES = st.emails(domains=st.sampled_from(["example.com", "mail.example.co.uk", "xn--bcher-kva.example"]))


@given(ADDRESSES.filter(lambda address: "%" not in address))
def test_every_address_is_found(address: str) -> None:
    assert plainly_identifying(address[-128:]) == "email"


@given(st.integers(0, 10**15 - 1), st.sampled_from(["4", "51", "2221", "37", "6011"]), st.booleans())
def test_every_card_is_found_by_its_check_digit(number: int, issuer: str, in_groups: bool) -> None:
    """And one that fails it is none."""
    length = 15 if issuer == "37" else 16
    body = (issuer + str(number).zfill(15))[: length - 1]
    doubled = [
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(body[::-1])
    ]
    card = body + str(-sum(doubled) % 10)
    written = " ".join(card[at : at + 4] for at in range(0, length, 4)) if in_groups else card
    assert plainly_identifying(written) == "payment"
    wrong = body + str((1 - sum(doubled)) % 10)
    assert plainly_identifying(wrong) != "payment"


def test_a_hostile_text_costs_little() -> None:
    """What is looked at is short, and every pattern bounded."""
    drawn = random.Random(5)
    pieces = ["a@", "b.", "1 ", "+1", "(-", "eyJ", "sk-", "0x", "P<", "4 1", "00", "%40", "ü", "-", "SG.", "CH93"]
    for _ in range(50):
        text = "".join(drawn.choice(pieces) for _ in range(64))[:128]
        started = time.thread_time()
        plainly_identifying(text)
        assert time.thread_time() - started < 0.02
