"""In every language the word for what a thing is decides, wherever that language puts it; words that number do not."""

import pytest

from service.core.identity.foreign_heads import HEADS_FIRST, HEADS_LAST, STATES
from service.core.identity.names import folded_words, identifying_name

# What a thing is, and the identifying name of the same words' kind beside it.
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "colours": (
        ("colore_telefono", "numero_telefono"),
        ("couleurTelephone", "numeroTelephone"),
        ("color_de_telefono", "telefono_de_cliente"),
        ("kolor_telefonu", "numer_telefonu"),
        ("цвет_телефона", "номер_телефона"),
        ("لون_الهاتف", "رقم_الهاتف"),
        ("warna_telepon", "nomor_telepon"),
        ("màu_điện_thoại", "số_điện_thoại"),
        ("puhelimen_väri", "puhelinnumero"),
        ("telefon_rengi", "telefon_numarası"),
        ("手机壳颜色", "手机号"),
        ("電話機の色", "電話番号"),
        ("휴대폰케이스색상", "휴대폰번호"),
        ("สีโทรศัพท์", "โทรศัพท์"),
    ),
    "templates and placeholders": (
        ("plantilla_correo", "correo_cliente"),
        ("E-Mail-Vorlage", "E-Mail-Adresse"),
        ("szablon_email", "adres_email"),
        ("шаблон_письма_email", "email_клиента"),
        ("e-posta_şablonu", "e-posta_adresi"),
        ("邮箱模板", "邮箱地址"),
        ("メールアドレステンプレート", "メールアドレス"),
        ("email_template_id", "email_hash_id"),
        ("emailPlaceholderText", "emailText"),
    ),
    "numbers of people": (
        ("客户数量", "客户编号"),
        ("客户人数", "客户号"),
        ("会員数", "会員番号"),
        ("회원수", "회원번호"),
        ("musteri_sayisi", "musteri_numarasi"),
        ("jumlah_pelanggan", "nomor_pelanggan"),
        ("liczba_klientow", "numer_klienta"),
        ("počet_zákazníků", "číslo_zákazníka"),
        ("количество_клиентов", "номер_клиента"),
        ("عدد_العملاء", "رقم_العميل"),
        ("asiakkaiden_määrä", "asiakasnumero"),
        ("Anzahl_Kunden_Anteil", "Kundennummer"),
        ("πλήθος_πελατών", "αριθμός_πελάτη"),
        ("số_lượng_khách_hàng", "tên_khách_hàng"),
        ("จำนวนลูกค้า", "ชื่อลูกค้า"),
    ),
    "whether a field must be filled in": (
        ("telefono_obligatorio", "telefono_fijo"),
        ("adresse_obligatoire", "adresse_complete"),
        ("cognomeObbligatorio", "cognomeCliente"),
        ("telefon_wymagany", "telefon_kontaktowy"),
        ("телефон_обязательный", "телефон_клиента"),
        ("telefon_zorunlu", "telefon_numarası"),
        ("手机号必填", "手机号码"),
    ),
    "what was sent, at which price and in which amount": (
        ("emailsSentToday", "emailsOfCustomer"),
        ("emailsReceivedThisWeek", "emailThisWeek"),
        ("phonesSoldLastMonth", "phoneLastMonth"),
        ("phoneModelName", "phoneOwnerName"),
        ("mailbox_quota_mb", "mailbox_address"),
        ("phonePlanPriceMonthly", "phoneNumberPrimary"),
        ("birthdayCardMotif", "birthdayOfCustomer"),
        ("precio_telefono", "telefono_cliente"),
    ),
    "families and names of kinds": (
        ("fareFamilyName", "customerFamilyName"),
        ("addressFamily", "addressLine"),
        ("plant_common_name", "family_name"),
        ("име_на_продукт", "собствено_име"),
        ("アプリ名", "アプリ利用者名"),
        ("앱이름", "고객이름"),
        ("tên_cây", "tên_khách_hàng"),
        ("ชื่อสี", "ชื่อลูกค้า"),
        ("ime_izdelka", "ime_in_priimek"),
        ("nazwa_gatunku", "imie_i_nazwisko"),
    ),
}


@pytest.mark.parametrize(
    ("kind", "innocent", "identifying"), [(kind, *pair) for kind, pairs in KINDS.items() for pair in pairs]
)
def test_a_thing_is_what_its_head_says_in_every_language(kind: str, innocent: str, identifying: str) -> None:
    assert identifying_name(innocent) is None, kind
    assert identifying_name(identifying) is not None, kind


@pytest.mark.parametrize(
    "number", ["tipo_documento_numero", "tipo_cliente_id", "categoria_cliente_nombre", "marca_cliente_email"]
)
def test_a_number_name_or_address_at_the_end_tells_one_apart_all_the_same(number: str) -> None:
    assert identifying_name(number) is not None


@pytest.mark.parametrize("name", ["tipo_sanguineo", "tipo_religion", "categoria_religion"])
def test_of_blood_and_belief_the_kind_is_the_very_thing(name: str) -> None:
    assert identifying_name(name) is not None


@pytest.mark.parametrize(
    "label",
    [
        "Téléphone (obligatoire)",
        "電話番号（任意）",
        "이메일 (필수)",
        "手机号（必填）",
        "Email (required)",
        "Telefon (zorunlu)",
    ],
)
def test_a_remark_in_brackets_leaves_a_forms_label_identifying(label: str) -> None:
    assert identifying_name(label) is not None


def test_no_head_is_an_identifying_word() -> None:
    """Else its language would lose that word."""
    words = folded_words()
    assert [head for head in sorted(HEADS_FIRST | HEADS_LAST | STATES) if words.get(head, ("", False))[1]] == []
