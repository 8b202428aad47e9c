"""What tells a person in some role apart is known by its two words, however a language joins them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.names import identifying_name
from service.core.identity.roles import (
    ENGLISH_ROLES,
    ENGLISH_ROLES_OF_THINGS_TOO,
    ROLES_BY_LANGUAGE,
    TELLERS_OF_THINGS_TOO,
)

NAMES_OF_PERSONS = {
    "English": "consigneeName podSignatoryName frequentGuestNumber member_barcode borrowernumber ultimateDebtorName "
    "callingPartyNumber pupilUPN insured_person_name skier_bib_name next_of_kin_phone voterRegNo inmate_number",
    "German": "Empfängername Kirchenmitgliedsnummer Leserausweisnummer Mietername Name_des_Empfängers Fahrgastnummer",
    "French": "nom_du_destinataire numéro_de_l_assuré nom_locataire code_barre_lecteur nom_titulaire_compte",
    "Spanish": "nombre_huesped DNI_huesped numero_de_alumno nombre_del_titular telefono_del_pasajero",
    "Portuguese": "nome_do_aluno numero_do_passageiro nome_motorista código_do_hóspede",
    "Italian": "nome_destinatario numero_tessera_socio codice_passeggero nome_del_titolare",
    "Dutch": "naam_ontvanger huurdernaam leerlingnummer rekeninghoudernaam kaarthouder_nummer",
    "Nordic": "lånernummer elevnummer mottagarens_namn ejerens_navn hyresgästnummer forsikringstakerNavn",
    "Finnish": "vastaanottajan_nimi oppilaan_numero lainaajan_nimi potilasnumero",
    "Polish and Czech": "imię_odbiorcy numer_pacjenta jméno_příjemce číslo_pojištěnce",
    "Hungarian": "számlatulajdonos_neve beteg_neve bérlő_neve diák_azonosító",
    "Romanian": "numele_pacientului nume_chiriaș cod_elev",
    "Turkish": "hesap_sahibi_adi öğrenci_numarası hasta_no yolcu_adı",
    "Greek": "όνομα_παραλήπτη όνομα_ασθενούς αριθμός_πελάτη",
    "Russian and Ukrainian": "имя_получателя номер_пациента имя_страхователя ім'я_одержувача номер_абонента",
    "Arabic": "اسم_المريض رقم_المشترك اسم_صاحب_الحساب رقم_الطالب",
    "Hebrew": "שם_הנמען מספר_המבוטח שם_התלמיד",
    "Persian": "نام_گیرنده شماره_دانشجو نام_صاحب_حساب",
    "Hindi": "छात्र_का_नाम मरीज_का_नाम खाताधारक_का_नाम छात्र_संख्या",
    "Indonesian": "nama_nasabah no_hp_nasabah nomor_induk_siswa nama_pemilik_rekening namapenumpang",
    "Vietnamese": "tên_người_nhận mã_sinh_viên mã_bệnh_nhân tên_chủ_tài_khoản",
    "Thai": "ชื่อผู้รับ รหัสนักศึกษา รหัสผู้ป่วย",
    "Japanese": "受取人の番号 患者番号 搭乗者名 生徒ID",
    "Chinese": "患者编号 学生号 乘客姓名 投保人姓名",
    "Korean": "환자번호 피보험자명 학생번호 기부자명",
}

INNOCENT = """
user_count guest_mode customer_segment reader_app driver_version patron_level passenger_count seller_rating
student_discount tenant_plan number_of_guests recipient_type guests_number passengers_no graphics_driver_name
candidate_code tenant_key reader_theme_name reader_app_id guest_room_name guest_wifi_name student_discount_code
card_reader_type screw_number course_code fare_class flight_number school_name ship_name branch_code
numero_de_pasajeros numero_ospiti nombre_de_passagers vendégek_száma số_khách Gästeanzahl liczba_gości 乗客数 乘客数量
Schülerrabatt Gästemodus Kursname Artikelnummer nombre_producto nome_do_produto nume_produs اسم_المنتج שם_המוצר
όνομα_προϊόντος उत्पाद_का_नाम tên_sản_phẩm 商品名 店舗名 상품번호 Kennzeichenhalter_Farbe Namenstag_Kalender
""".split()  # noqa: SIM905 - a list of words reads best as words


@pytest.mark.parametrize("language", NAMES_OF_PERSONS)
def test_what_tells_a_person_apart_is_known_in_the_order_of_its_language(language: str) -> None:
    assert [name for name in NAMES_OF_PERSONS[language].split() if identifying_name(name) is None] == []


def test_what_is_counted_rated_or_drawn_for_persons_tells_nobody_apart() -> None:
    assert [name for name in INNOCENT if identifying_name(name) is not None] == []


@pytest.mark.parametrize(
    "name", ["hotel_contact_last_name", "nombre_completo_hotel", "nom_client_magasin", "nome_aluno_curso"]
)
def test_a_name_beside_a_thing_may_be_a_persons_all_the_same(name: str) -> None:
    assert identifying_name(name) is not None


STYLES = ("_", "-", ".", "camel", "joined")


def _styled(words: list[str], style: str) -> str:
    if style == "camel":
        return words[0] + "".join(map(str.title, words[1:]))
    return ("" if style == "joined" else style).join(words)


@given(
    before=st.lists(st.sampled_from(["ultimate", "pod", "primary", "second", "x"]), max_size=1),
    role=st.sampled_from(sorted(ENGLISH_ROLES)),
    told=st.sampled_from(["name", "number", "id", "barcode", "phone", "hash", "ref", "no"]),
    style=st.sampled_from(STYLES[:-1]),
)
def test_every_role_joins_with_all_that_tells_apart(before: list[str], role: str, told: str, style: str) -> None:
    assert identifying_name(_styled([*before, *role.split("_"), told], style)) is not None


@given(
    role=st.sampled_from(sorted(ENGLISH_ROLES)),
    head=st.sampled_from(["type", "tier", "rating", "mode", "layout", "discount", "segment"]),
    style=st.sampled_from(STYLES[:-1]),
)
def test_whatever_else_stands_behind_a_role_makes_it_innocent(role: str, head: str, style: str) -> None:
    assert identifying_name(_styled([*role.split("_"), "name", head], style)) is None
    assert identifying_name(_styled([*role.split("_"), head], style)) is None


@pytest.mark.parametrize("role", sorted(ENGLISH_ROLES_OF_THINGS_TOO - {"client", "seller"}))
@pytest.mark.parametrize("told", sorted(TELLERS_OF_THINGS_TOO & {"code", "hash", "cd"}))
def test_a_role_that_programs_have_too_is_no_person_by_its_code(role: str, told: str) -> None:
    assert identifying_name(f"{role}_{told}") is None
    assert identifying_name(f"{role}_name") is not None


LONG_ROLES = [role for role in ROLES_BY_LANGUAGE["German"].split() if len(role) > 4 and role not in ENGLISH_ROLES]


@given(
    role=st.sampled_from(ROLES_BY_LANGUAGE["German"].split()),
    long_role=st.sampled_from(LONG_ROLES),
    told=st.sampled_from(["name", "nummer", "nr", "kennung", "ausweisnummer"]),
    link=st.sampled_from(["", "s", "n", "en"]),
)
def test_a_german_compound_is_read_from_its_end(role: str, long_role: str, told: str, link: str) -> None:
    """A short word is a person's only at the beginning of a compound: it is in others as well."""
    assert identifying_name(f"{role}{link}{told}".title()) is not None
    assert identifying_name(f"Haupt{long_role}{link}{told}") is not None


@given(
    st.sampled_from(["French", "Spanish", "Portuguese", "Italian", "Indonesian and Malay"]),
    st.sampled_from(["nom", "nombre", "nome", "nama"]),
    st.sampled_from(["", "du", "del", "do", "della"]),
    st.data(),
)
def test_where_nouns_are_described_behind_them_the_person_is_last(
    language: str, told: str, joint: str, data: st.DataObject
) -> None:
    role = data.draw(st.sampled_from(ROLES_BY_LANGUAGE[language].split()))
    assert identifying_name("_".join(word for word in (told, joint, role) if word)) is not None
