"""Random ids of every format pass, however they are spelled; what a person or a MAC address made does not."""

import base64
import random
import string
import uuid
from collections.abc import Callable
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.category import Category
from service.core.identity.device_ids import DEFAULT_DEVICE_ID_FORMATS, DeviceIdFormat, device_id_checker

EVERY_FORMAT: tuple[DeviceIdFormat, ...] = get_args(DeviceIdFormat)
CHECK = {known: device_id_checker((known,)) for known in EVERY_FORMAT}
CHECK_DEFAULT = device_id_checker(DEFAULT_DEVICE_ID_FORMATS)
CHECK_EVERY = device_id_checker(EVERY_FORMAT)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
WIDE = string.ascii_letters + string.digits + "-_"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
YEARS_MS = (1_577_836_800_000, 2_208_988_800_000)  # 2020 to 2040


def _uuid7(draw: random.Random) -> str:
    octets = bytearray(draw.randrange(*YEARS_MS).to_bytes(6, "big") + draw.randbytes(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(octets)))


def _ulid(draw: random.Random) -> str:
    number = draw.randrange(*YEARS_MS) << 80 | draw.getrandbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))


def _unpadded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


GENERATORS: dict[DeviceIdFormat, Callable[[random.Random], str]] = {
    "uuid4": lambda draw: str(uuid.UUID(int=draw.getrandbits(128), version=4)),
    "uuid7": _uuid7,
    "ulid": _ulid,
    "nanoid": lambda draw: "".join(draw.choices(WIDE, k=21)),
    "base64url128": lambda draw: _unpadded(draw.randbytes(16)),
    "base58_128": lambda draw: "".join(draw.choices(BASE58, k=22)),
    "hex128": lambda draw: draw.randbytes(16).hex(),
    "base64url256": lambda draw: _unpadded(draw.randbytes(32)),
    "ksuid": lambda draw: "".join(draw.choices(WIDE[:62], k=27)),
}


@pytest.mark.parametrize("known", EVERY_FORMAT)
def test_random_ids_pass(known: DeviceIdFormat) -> None:
    """Of four million of each format that is accepted by default, at most four were refused; of these none is."""
    draw = random.Random(20261122)
    refused = sum(CHECK[known](GENERATORS[known](draw)) is not None for _ in range(10_000))
    assert refused == 0


@pytest.mark.parametrize("known", ["uuid4", "uuid7", "ulid", "hex128"])
def test_either_case_passes_but_not_a_mixture(known: DeviceIdFormat) -> None:
    value = GENERATORS[known](random.Random(7))
    assert CHECK[known](value.upper()) is None
    assert CHECK[known](value.lower()) is None
    letter = next(char for char in value if char.isalpha())
    assert CHECK[known](value.lower().replace(letter.lower(), letter.upper())) is not None


@pytest.mark.parametrize("known", EVERY_FORMAT)
def test_a_format_that_is_not_configured_is_refused(known: DeviceIdFormat) -> None:
    """Base58 of 22 characters may end as base64url does, hence an id of each that cannot be the other's."""
    others = tuple(other for other in EVERY_FORMAT if other != known)
    value = {"base58_128": "PLNuDnqjtb6qqWd96utmW7", "ksuid": "fJwhqXyAn22AuJn7BuZI59KKxSM"}.get(known)
    assert device_id_checker(others)(value or GENERATORS[known](random.Random(3))) is not None


@pytest.mark.parametrize("formats", [(), ("uuid5",), ("uuid4", "email")])
def test_unknown_formats_stop_the_start(formats: tuple[DeviceIdFormat, ...]) -> None:
    with pytest.raises(ValueError, match="device id formats must be some of uuid4, uuid7"):
        device_id_checker(formats)


@pytest.mark.parametrize(
    ("value", "category"),
    [
        ("", "other"),
        ("00000000-0000-0000-0000-000000000000", "device_serial"),
        ("7d9f0c9e-5a34-1e0b-9b0e-001a2b9b49bd", "network_id"),
        ("7d9f0c9e-5a34-2e0b-9b0e-6f0c9a3f8f11", "network_id"),
        ("7d9f0c9e-5a34-3e0b-9b0e-6f0c9a3f8f11", "digest"),
        ("7d9f0c9e-5a34-5e0b-9b0e-6f0c9a3f8f11", "digest"),
        ("1eafe7d2-5a34-6e0b-9b0e-001a2b9b49bd", "network_id"),
        ("7d9f0c9e-5a34-8e0b-9b0e-6f0c9a3f8f11", "digest"),
        ("7d9f0c9e5a3411ee9b0e001a2b9b49bd", "network_id"),
        ("ann@example.org", "email"),
        ("4111111111111111", "payment"),
        ("am9obkBleGFtcGxlLmNvbQ", "email"),
    ],
)
def test_a_refusal_says_what_it_took_the_value_for(value: str, category: Category) -> None:
    assert CHECK_EVERY(value) == category


COMPOSED = """
anna-schmidt-1987-brn anna-schmidt-1987-bern AnnaSchmidt1987Bern-1 Anna_Schmidt_1987_Bern JULIA-MUELLER-1990-ZUG
julia_mueller_19900312 user-20240131-12345678 customer-number-004711 tel-0041-44-668-18-00 0049-151-23456789-0001
id-49-015420-323751-8 CH9300762011623852957 john-doe-example-com-1 JohnDoeBerlin19840312 this-is-a-random-devid
qwertyuiopasdfghjklzx abcdefghijklmnopqrstu 123456789012345678901 aaaaaaaaaaaaaaaaaaaaa abcabcabcabcabcabcabc
Aa1_Aa1_Aa1_Aa1_Aa1_A 1984-03-12-1984-03-12 AAAAAAAAAAAAAAAAAAAAAA d8578edf8458ce06fbc5b
12345678-1234-4123-8123-123456789abc 11111111-1111-4111-8111-111111111111 00000000-0000-4000-8000-000000000001
01234567-8901-4234-8567-890123456789 a0b1c2d3-e4f5-4a6b-8c7d-abababababab 00000000000000000000000000000000
01234567890123456789012345 01AAAAAAAAAAAAAAAAAAAAAAAA 99999999999999999999999999 7ZZZZZZZZZZZZZZZZZZZZZZZZZ
""".split()  # noqa: SIM905 - a list of words reads best as words


@pytest.mark.parametrize("value", COMPOSED)
def test_what_was_composed_is_no_id_in_the_costume_of_one(value: str) -> None:
    assert CHECK_EVERY(value) is not None


@given(local=st.from_regex(r"[a-z]{4,9}\.?[a-z0-9]{0,3}", fullmatch=True))
def test_an_email_of_16_characters_is_no_base64url_id(local: str) -> None:
    text = (local + "@example.co.uk")[-16:].encode()
    assert CHECK_DEFAULT(_unpadded(text.rjust(16, b"x"))) is not None
    assert CHECK_EVERY(text.rjust(16, b"x").hex()) is not None


@given(
    local=st.from_regex(r"[a-z]{3,9}\.?[a-z0-9]{0,3}", fullmatch=True),
    end=st.sampled_from(["@web.de", "@x.fr", " Meier", ":1987"]),
)
def test_sixteen_octets_of_text_are_no_base58_id(local: str, end: str) -> None:
    """As wallets and ledgers write octets: of any text that says something of somebody."""
    number, digits = int.from_bytes((local + end).rjust(16, "x")[-16:].encode()), ""
    while number:
        number, digit = divmod(number, 58)
        digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + digits
    assert CHECK_DEFAULT(digits) is not None


@pytest.mark.parametrize(
    "value",
    ["01234567-89ab-4def-8123-456789abcdef", "deadbeef-dead-4eef-8ead-deadbeefdead", "cafebabe-1a2b-4c3d-9e8f-0a1b2c3d4e5f",
     "01ABCDEFGHJKMNPQRSTVWXYZ01", "123456789ABCDEFGHJKLMN", "asdfghjklqwertyuiopzxA", "qwertyuiopASDFGHJKL_x"],
)  # fmt: skip
def test_what_a_finger_runs_along_is_no_id(value: str) -> None:
    """Digits, letters and keys in order, and words that programmers write in hex."""
    assert CHECK_DEFAULT(value) is not None


def _in_crockford(text: str) -> str:
    return text.upper().translate(str.maketrans("ILOU", "110V"))


GIVEN = """
anneliese katarzyna giovanni margarethe alexandra sebastian oluwaseun xiaoming francesca hildegard mohammed svetlana
guillermo henrietta krzysztof yolanda takahiro bernadette
""".split()  # noqa: SIM905 - a list of words reads best as words
FAMILY = """
schneider kowalczyk fernandez okonkwo lindqvist takahashi papadakis ivanova mukherjee gonzales hoffmann rossi
bernasconi oyelaran szczepanski petrosyan
""".split()  # noqa: SIM905
LEET = str.maketrans("oieastOIEAST", "013457" * 2)
IN_COSTUME: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in leet": lambda text: text.translate(LEET),
    "backwards": lambda text: text[::-1],
}


@pytest.mark.parametrize("costume", IN_COSTUME)
def test_a_persons_name_is_no_id_of_64_letters_but_for_one_in_200(costume: str) -> None:
    """First and last name and year, in the case, spelling and direction of somebody who must fill a field of so many."""
    texts = [
        (IN_COSTUME[costume](mark.join(part.title() if title else part for part in parts)) + filling * 22)[:length]
        for parts in product(GIVEN, FAMILY, ("1930", "1987"))
        for title in (False, True)
        for mark in ("", "-", "_")
        for filling in ("0", "x")
        for length in (21, 22)
    ]
    refused = sum(CHECK_DEFAULT(text) is not None for text in texts)
    assert refused >= 0.995 * len(texts)


@pytest.mark.parametrize(("spelt", "share"), [("as it is", 0.99), ("in leet", 0.95), ("backwards", 0.97)])
def test_a_persons_name_is_no_ulid_but_for_few(spelt: str, share: float) -> None:
    """In an alphabet of 32 letters, a third of them digits, more of what people do looks like chance: not all is told."""
    texts = [
        (_in_crockford("01" + IN_COSTUME[spelt](given + family + year)) + filling * 26)[:26]
        for given in GIVEN
        for family in FAMILY
        for year in ("1930", "1955", "1987", "2012")
        for filling in ("0", "X", "1", "9876543210")
    ]
    refused = sum(CHECK_DEFAULT(text) is not None for text in texts)
    assert refused >= share * len(texts)


SECRETS = (
    "sk_live_",
    "pk_test_",
    "rk_live_",
    "glpat-",
    "xoxb-",
    "ghp_",
    "whsec_",
    "sk-proj-",
    "npm_",
    "AIzaSy",
    "dckr_pat_",
    "dop_v1_",
    "lin_api_",
    "shpat_",
    "glsa_",
    "pypi-",
)
SYSTEMS = (
    "acct_",
    "cus_",
    "user_",
    "usr_",
    "pat_",
    "member-",
    "customer_",
    "Account_",
    "token-",
    "session_",
    "org_",
    "sub_",
    "mem_",
    "gho_",
    "ghs_",
)


@given(
    prefix=st.sampled_from(SECRETS + SYSTEMS),
    tail=st.text(WIDE[:62], min_size=22, max_size=22),
    length=st.sampled_from([21, 22]),
)
def test_a_prefixed_id_of_some_system_is_no_opaque_id(prefix: str, tail: str, length: int) -> None:
    assert CHECK_DEFAULT((prefix + tail)[:length]) is not None


@pytest.mark.parametrize(
    ("value", "category"),
    [
        ("01ANNASCHM1DT1987BERN00000", "name"),
        ("anna-schmidt-1987-brn", "name"),
        ("acct_1NfQx2eZvKYlo2Cw", "account"),
        ("acct_1NfQx2eZvKYlo2C1", "account"),
        ("4nn4_5chm1d7_1987_b3r", "name"),
    ],
)
def test_what_an_id_was_composed_of_is_said(value: str, category: Category) -> None:
    assert CHECK_DEFAULT(value) == category


@given(
    name=st.sampled_from(GIVEN).filter(lambda name: len(name) >= 8), digit=st.sampled_from("89ab"), upper=st.booleans()
)
def test_a_text_in_hex_is_no_uuid_under_a_uuids_marks(name: str, digit: str, upper: bool) -> None:
    """Save for the two nibbles of version and variant, which is how somebody makes one of a name."""
    octets = (name + ".1987.of.bern@x")[:16].encode().hex()
    text = f"{octets[:8]}-{octets[8:12]}-4{octets[13:16]}-{digit}{octets[17:20]}-{octets[20:]}"
    assert CHECK["uuid4"](text.upper() if upper else text) is not None


@given(
    name=st.sampled_from(["Jürgen Müller", "Hélène Dupré", "Łucja Nowak", "Ángela Muñoz", "Åsa Öst", "Gökçe Şahin"]),
    padding=st.integers(0, 3),
    digit=st.sampled_from("89ab"),
)
def test_a_name_of_other_european_letters_is_no_uuid_either(name: str, padding: int, digit: str) -> None:
    """UTF-8 writes each with two octets, over which the version or the variant may stand."""
    whole = ("1987"[:padding] + name + " 1990 in Bern").encode()[:16].decode(errors="ignore")
    octets = whole.encode().ljust(16, b"0").hex()
    text = f"{octets[:8]}-{octets[8:12]}-4{octets[13:16]}-{digit}{octets[17:20]}-{octets[20:]}"
    assert CHECK["uuid4"](text) is not None


@pytest.mark.parametrize(
    "value", ["01JSTEFAN1EBAVMGARTNER2CZG", "01JCMAR1AGARC1AZSHJ325KWNG", "01JCPR1YASHARMA02N8REV0NGY"]
)
def test_names_that_are_known_are_found_between_random_characters(value: str) -> None:
    assert CHECK["ulid"](value) is not None


@pytest.mark.parametrize("start", ["01000000", "011SXYZ0", "03AAAAAA", "7ZZZZZZZ"])
def test_an_id_from_outside_these_years_was_not_made_by_a_clock(start: str) -> None:
    """Before 2014 there was no ULID; after 2040 there will be another version of this."""
    value = _ulid(random.Random(11))
    assert CHECK["ulid"](value) is None
    assert CHECK["ulid"](start + value[8:]) is not None


@pytest.mark.parametrize(
    "value",
    [
        "MartaKowalska_", "LindaBergmann_", "LindaBergmann", "PriyaSharma-", "CarlosMendozaTijuana", "Petr4_Nov4k_Olomouc_",
        "HeleneFischer-Bern", "MarioRossiniTorino", "SandraMorales_",
    ],
)  # fmt: skip
def test_a_first_and_a_last_name_are_known_before_whatever_follows(value: str) -> None:
    """A random tail, a place or a number behind them hides nobody, nor do digits for letters."""
    for id_chars in (21, 22):
        assert CHECK_DEFAULT((value + "x7Kq2pRt9Zw4Ly")[: id_chars - 1] + "Q") == "name"


@given(
    names=st.sampled_from([(one, two) for one in GIVEN for two in GIVEN if 13 <= len(one + two) <= 15]),
    joint=st.sampled_from(["", "_", "-"]),
    tail=st.text(WIDE[:62], min_size=22, max_size=22),
)
def test_two_names_with_a_random_tail_are_no_opaque_id(names: tuple[str, str], joint: str, tail: str) -> None:
    composed = joint.join(map(str.title, names)) + tail
    assert CHECK_DEFAULT(composed[:21]) is not None


@given(
    octets=st.binary(min_size=6, max_size=6),
    mark=st.sampled_from("_-"),
    upper=st.booleans(),
    start=st.sampled_from(["ble", "mac", "bt", "hub", "tv"]),
    tail=st.text(WIDE[:62], min_size=22, max_size=22),
)
def test_a_mac_address_is_one_with_whatever_marks(octets: bytes, mark: str, upper: bool, start: str, tail: str) -> None:
    digits = octets.hex().upper() if upper else octets.hex()
    marked = mark.join(digits[at : at + 2] for at in range(0, 12, 2))
    assert CHECK_DEFAULT(f"{start}_{marked}{tail}"[:21]) is not None
    assert CHECK_DEFAULT(f"{start}{mark}{digits}{mark}{tail}"[:21]) is not None
