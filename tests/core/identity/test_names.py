"""Names of identifying fields in many languages are known; innocent look-alikes are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.category import Category
from service.core.identity.heads import HEADS_THAT_HOLD, INNOCENT_HEADS
from service.core.identity.languages import WORDS_BY_LANGUAGE
from service.core.identity.names import identifying_name
from service.core.identity.systems import CODES_ALONE, WORDS_BY_SYSTEM

IDENTIFYING: tuple[tuple[Category, str], ...] = (
    (
        "email",
        """
        mail e_mail EMail emailAddr userEmail contact_email work_email email_hash sha256_email md5Email correo
        correoElectronico adresse_electronique e-mailadres posta_elettronica indirizzo_email endereco_email
        poczta adres_email epost e_postadress sähköposti eposta mailadresse почта эл_почта имейл אימייל ايميل
        ईमेल 电子邮件 電子郵件 信箱 Eメール 이메일 địa_chỉ_email surel email1 recipient_mail
        """,
    ),
    (
        "phone",
        """
        mobile_number cell cellphone telephone telefon telefonnummer handynummer rufnummer téléphone
        numero_telephone movil celular cellulare telefone telefoon mobiel telefonszám puhelin телефон
        номер_телефона هاتف جوال טלפון 电话 手机号 電話番号 携帯電話 휴대폰 điện_thoại τηλέφωνο phone_e164
        tel_no contact_number home_phone landline faxNumber handynr natel numerKomórki телефонКлиента
        """,
    ),
    (
        "name",
        """
        first_name firstName lname fname middle_name nachname familienname prenom prénom nom_de_famille apellido
        apellidos nombre_completo cognome sobrenome voornaam nazwisko efternamn etternavn fornavn etunimi
        sukunimi jméno příjmení keresztnév vezetéknév prenume soyad фамилия отчество прізвище שם_פרטי اسم उपनाम
        姓名 名前 氏名 이름 성명 họ_tên όνομα επώνυμο real_name legal_name contact_name customer_name
        cardholder_name person имяКлиента
        """,
    ),
    (
        "account",
        """
        userId user_id account_id accountId member_id memberNumber login_name screen_name handle profile_id
        crm_id customerRef order_id loyalty_number employee_id staff_no person_id subject_id visitor_id
        identifiant utilisateur usuario utente gebruiker gebruikersnaam användare kunde kunden_id
        mitgliedsnummer пользователь логин имя_пользователя 用户名 ユーザー名 사용자 người_dùng χρήστης
        felhasználó uživatel kullanıcı اسم_المستخدم उपयोगकर्ता puid ga_client_id distinct_id anonymous_id
        facebook fb_id facebook_id twitter twitter_handle tiktok snapchat whatsapp wechat vk vkontakte
        github_user linkedin profile_url avatar_url photo skype discord_id kakao mastodon
        """,
    ),
    (
        "government_id",
        """
        ssn social_security_number nino national_id passport passport_number reisepass personalausweis
        ausweisnummer steuer_id steuernummer sozialversicherungsnummer ahv_nummer numero_securite_sociale
        codice_fiscale cpf cnpj curp bsn burgerservicenummer pesel personnummer fodselsnummer cpr henkilotunnus
        rodne_cislo cnp tc_kimlik снилс инн 身份证 身份证号 マイナンバー 주민등록번호 cccd aadhaar
        driver_license drivers_licence_no fuehrerschein kennzeichen vehicle_plate medicare_number nhs_number
        תעודת_זהות رقم_الهوية आधार αφμ avsNumber numeroSecu codFiscale taxFileNumber
        """,
    ),
    (
        "payment",
        """
        credit_card creditcard card_no ccnum cvv cvc bic bank_account kontonummer bankverbindung kreditkarte
        numero_carte carta_di_credito tarjeta_credito cuenta_bancaria conta_bancaria rekeningnummer numer_konta
        bankkonto номер_карты банковский_счет 银行卡 銀行口座 クレジットカード 카드번호 계좌번호 paypal
        btc_address eth_wallet card_expiry kartenNr
        """,
    ),
    (
        "address",
        """
        address addr address_line1 street street_name house_number postcode postal_code zip city anschrift
        adresse postleitzahl wohnort hausnr rue code_postal ville direccion calle codigo_postal ciudad citta
        endereco rua cep morada straat huisnummer adres ulica kod_pocztowy adress postnummer osoite postinumero
        cím irányítószám sokak улица 住所 郵便番号 地址 邮编 우편번호 địa_chỉ διεύθυνση כתובת عنوان पता
        shipping_address homeAddress billing_address
        """,
    ),
    (
        "location",
        """
        longitude lon coords coordinates latlng lat_lon geo_point geohash plus_code gps_lat location standort
        koordinaten breitengrad längengrad ubicacion posizione localisation 位置 緯度 経度 纬度 широта долгота
        위도 координаты place_id wifi_ssid bssid
        """,
    ),
    (
        "date_of_birth",
        """
        birthday birth_date birth_year bday geburtsdatum geburtstag date_naissance date_de_naissance
        fecha_nacimiento data_di_nascita geboortedatum data_urodzenia födelsedatum fødselsdato syntymäaika
        datum_narození születési_dátum dogum_tarihi день_рождения 生日 出生日期 生年月日 생년월일 ngày_sinh
        ημερομηνία_γέννησης تاريخ_الميلاد תאריך_לידה जन्म_तिथि age alter edad born
        """,
    ),
    (
        "other",
        """
        gender geschlecht sexe пол 性别 性別 성별 religion confession nationality citizenship political_party
        political_affiliation sexual_orientation health_status disability medical_condition blood_type
        medical_record_number patient dna biometric face_template voiceprint union_membership salary pregnant
        """,
    ),
    (
        "credential",
        """
        passwd passwort kennwort mot_de_passe contraseña senha wachtwoord hasło lösenord salasana heslo jelszó
        şifre пароль 密码 パスワード 비밀번호 mật_khẩu κωδικός סיסמה كلمة_المرور पासवर्ड passphrase pin otp token
        access_token id_token auth_token bearer authorization jwt session_id sid csrf_token apikey api_secret
        client_secret private_key credentials security_answer mfa_code
        """,
    ),
    (
        "device_serial",
        """
        imei imsi iccid serial serialNumber udid idfv gaid advertising_id advertisingId ifa deviceId device_uuid
        oaid fingerprint device_fingerprint canvas_hash browser_fingerprint seriennummer geraete_id numero_serie
        sim_number esn hardware_id installation_id push_token fcm_token
        """,
    ),
    (
        "network_id",
        """
        mac_address macAddr wifi_mac ip_address ipv4 ip_addr client_ip remote_ip user_ip remoteAddr x_real_ip
        forwarded_for ip_adresse adresse_ip ip地址 IPアドレス
        """,
    ),
)
NAMES = [(category, name) for category, names in IDENTIFYING for name in names.split()]

INNOCENT = """
filename filename_style latest_version emphasis template locale country country_code market theme dark_mode
color_scheme colour_scheme font_scale page page_name pageName page_type template_name event_name feature_name
file_name variant_name experiment_name site_name class_name font_name os os_version platform platform_version
browser browser_version browser_name device_class device_type deviceType device_memory screen_width screen_class
viewport pixel_ratio touch bandwidth_class downlink ect rtt network_type connection user_agent accept_language
timezone tz utc_offset hour_bucket weekday daypart is_mobile isTablet section category topic tags campaign
utm_source utm_medium referrer_class source medium slot option experiment bucket cohort segment group flag
coverage weight seed hash_version salt version release build_number api_version sdk_version revision env plan
plan_tier price_band currency_code measurement calendar numbering_system collation hour_cycle script direction
layout layout_variant grid density sort sort_order page_size limit offset format encoding content_type mime_type
cache_status consent consent_version gpc tcf_version is_eu regime purpose reason status confidence ttl interests
preferred_language language_name region_code subdivision continent address_format phone_layout telemetry
telemetry_level television email_format card_layout card_size cart_size login_state logged_in is_logged_in
user_type account_type account_tier customer_tier customer_type membership_tier name_style naming rename
subscription_tier latency lattice flat plate translate relation ip_version geo_source latin latin_script
ad_slot_position nav_position keyboard monkey keyframe pinned spin opinion_scale shopping_stage description
subtitle submit subject substage subregion submarket age_rating max_age cache_age image usage manage package
storage_class message_format agent_class race_condition trace_level embrace generation genre mac_os macos
macos_version machine_class macro ipados iphone_model ipad chip shipping_speed tooltip zip_compression routing
routing_mode sorting security_level serialization serializer series session_depth session_bucket
session_length_bucket visit_count first_visit returning new_visitor visitor_type day_of_week faceted interface
surface typeface font_face passthrough passive compass bypass_cache discard dashboard postcard thumbnail_size
tablet_layout mobile_layout contrast animation autoplay video_quality image_format webp_support avif
http_version tls_version protocol codec hdr refresh_rate battery_level_bucket power_saver memory_tier
cores_bucket gamepad has_touch has_hover pointer_type input_mode notification_style onboarding_step funnel_stage
cart_stage price_tier discount_band inventory_region store_format shelf cache_key_version cdn edge_pop pop
datacenter rollout percentage canary languageCode uiLanguage content_language locale_hint countryIso
country_name market_id site_id site_key page_id pageSection pageTemplate articleType article_id category_id
product_category productType catalog_version cart_value_bucket cartItems checkout_step osFamily os_major
browserFamily browser_major engine_name engine_version device_model_class is_tablet isBot bot_score screenSize
screen_orientation viewport_height color_depth colorGamut forced_colors reduced_transparency prefers_dark
hover_capability touch_points_bucket network_quality save_data_enabled downlink_bucket round_trip_bucket
protocol_version referrer_type referrer_category traffic_source campaign_type campaign_id utm_campaign
entry_page_type exit_intent scroll_depth_bucket experiment_id experiment_key variant_id variant_key bucket_id
flag_key slot_id slot_key option_id cohort_key test_group control_group holdout rollout_percent feature_flags
feature_id template_id layout_id theme_id theme_name font_family time_of_day hour local_hour day_type month
quarter is_weekend holiday_season timezone_offset first_visit_bucket visit_number_bucket returning_visitor
recency_bucket frequency_bucket session_number_bucket engagement_level loyalty_tier currency_symbol price_format
number_format date_format time_format address_layout phone_format name_order email_template email_layout
emailing mailing_layout formality units_system temperature_unit paper_size keyboard_layout app_name app_build
app_channel app_platform sdk_name client_version server_version api_level release_channel deployment_ring
node_version edge_region data_center cache_bucket cache_hit render_mode ssr hydration consent_string_version
consent_purposes privacy_mode gdpr_applies age_band age_gate_passed member_tier user_segment user_tier
account_age_bucket customer_segment plan_name subscription_status subscription_type login_method authenticated
auth_method token_type password_strength subtheme subcategory submenu substitute mailto_enabled ipsum skip clip
zipper script_direction telescope hotel intel cellar canceled excellent naming_scheme renamed tournament dynamic
anonymous codename hostname_style username_style surname_order machine_type machine_learning_model latest
platform_latency translated plates template_plate pinboard pin_to_top spinner shopping_pin sinus tint tinted
satin routine cardinality discarded cardboard wildcard scorecard accounting accountability addressable
birthstone_color addressing personalization_level personalized person_count
""".split()  # noqa: SIM905 - a list of words reads best as words


@pytest.mark.parametrize(("category", "names"), IDENTIFYING)
def test_identifying_names_are_known_for_what_they_hold(category: Category, names: str) -> None:
    assert {name: identifying_name(name) for name in names.split()} == dict.fromkeys(names.split(), category)


def test_innocent_names_are_innocent() -> None:
    assert [name for name in INNOCENT if identifying_name(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "ｅｍａｉｌ", "e‑mail", "emа\u200bil", "tеl", "Pho\u200bne", "PHONE_NUMBER", "E-Mail-Adresse", "user.email",
        "user[email]", "customer/email", "_email_", "eMail2", "TÉLÉPHONE", "te\u0301le\u0301phone", "phone number",
        "emailadresse", "phonenumber", "kundennummer", "benutzername",
    ],
)  # fmt: skip
def test_a_disguised_name_is_seen_through(name: str) -> None:
    assert identifying_name(name) is not None


@pytest.mark.parametrize(
    ("innocent", "identifying"),
    [
        ("sub_region", "sub"),
        ("race_condition", "race"),
        ("mac_os", "mac"),
        ("email_format", "format_email"),
        ("ip_version", "client_ip"),
        ("variant_id", "customer_id"),
        ("page_name", "last_name"),
        ("mobile_first", "mobile_number"),
        ("session_depth", "session_id"),
    ],
)
def test_neighbours_make_a_word_innocent(innocent: str, identifying: str) -> None:
    assert identifying_name(innocent) is None
    assert identifying_name(identifying) is not None


@given(st.sampled_from(NAMES), st.sampled_from(["upper", "title", "-", ".", " ", "camel"]))
def test_case_and_separators_change_nothing(case: tuple[Category, str], style: str) -> None:
    category, name = case
    words = name.replace("-", "_").split("_")
    if any(word[1:] != word[1:].lower() or not word for word in words):
        return
    spelled = {
        "upper": lambda: "_".join(word.upper() for word in words),
        "title": lambda: "_".join(word.title() for word in words),
        "camel": lambda: words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:]),
    }.get(style, lambda: style.join(words))()
    assert identifying_name(spelled) == category


@pytest.mark.parametrize("nothing", ["", "_", "123", "-.-", "\u200b", "\ud800", "\x00"])
def test_what_holds_no_word_names_nothing(nothing: str) -> None:
    assert identifying_name(nothing) is None


@pytest.mark.parametrize("language", WORDS_BY_LANGUAGE)
def test_every_word_of_a_language_identifies(language: str) -> None:
    """In whatever category: a longer or more telling word of ours may be in it."""
    words = [word for line in WORDS_BY_LANGUAGE[language].values() for word in line.split()]
    assert len(words) > 20
    assert [word for word in words if identifying_name(word) is None] == []


@pytest.mark.parametrize("system", WORDS_BY_SYSTEM)
def test_every_name_of_a_system_identifies(system: str) -> None:
    words = [word for line in WORDS_BY_SYSTEM[system].values() for word in line.split()]
    assert [word for word in words if identifying_name(word) is None] == []


@pytest.mark.parametrize("code", " ".join(CODES_ALONE.values()).split())
def test_a_code_identifies_alone_and_is_a_part_of_ordinary_names(code: str) -> None:
    assert identifying_name(code) is not None
    assert identifying_name(f"{code}_theme") is None


# Words that every system has, and what stands beside them; `heads` has some six hundred heads more.
WHOSE = [
    "email",
    "phone",
    "address",
    "password",
    "passport",
    "gender",
    "username",
    "birthday",
    "salary",
    "iban",
    "street",
]
BEFORE = ["user", "customer", "my", "new", "x", "contact", "billing", "the"]
# An "address_line" and a "name_full" are words of the vocabulary, and an "email_kind" may be a child's in German.
LAST_OF_OUR_WORDS = {"full", "line", "block", "card", "kind"}
VALUES = [
    "hash",
    "sha256",
    "1",
    "2",
    "value",
    "raw",
    "primary",
    "work",
    "text",
    "hashed",
    "encrypted",
    "normalized",
    "id",
]


@given(
    whose=st.sampled_from(WHOSE),
    parts=st.lists(st.sampled_from(["bar", "banner", "reset", "entry", "page", "list", "neutral"]), max_size=2),
    head=st.sampled_from(sorted(INNOCENT_HEADS - LAST_OF_OUR_WORDS - set().union(*HEADS_THAT_HOLD.values()))),
    style=st.sampled_from(["_", "-", ".", "camel"]),
)
def test_a_compound_is_what_its_last_word_says(whose: str, parts: list[str], head: str, style: str) -> None:
    """An "address_bar_color" is a colour, whatever it is of."""
    words = [whose, *parts, head]
    name = words[0] + "".join(map(str.title, words[1:])) if style == "camel" else style.join(words)
    assert identifying_name(name) is None


@given(
    whose=st.sampled_from(WHOSE),
    before=st.lists(st.sampled_from(BEFORE), max_size=2),
    after=st.lists(st.sampled_from(VALUES), max_size=2),
    style=st.sampled_from(["_", "-", " ", "camel"]),
)
def test_whatever_stands_before_it_or_is_made_of_it_still_identifies(
    whose: str, before: list[str], after: list[str], style: str
) -> None:
    words = [*before, whose, *after]
    name = words[0] + "".join(map(str.title, words[1:])) if style == "camel" else style.join(words)
    assert identifying_name(name) is not None


@given(
    containers=st.lists(
        st.sampled_from(["user", "traits", "context", "person", "properties", "data", "claims"]), min_size=1
    ),
    leaf=st.sampled_from(["email", "phone", "age", "name", "first", "city", "lastName", "ip", "gender", "id"]),
    path=st.sampled_from([".", "/", ":", "[]"]),
)
def test_the_last_part_of_a_path_identifies(containers: list[str], leaf: str, path: str) -> None:
    parts = [*containers, leaf]
    name = parts[0] + "".join(f"[{part}]" for part in parts[1:]) if path == "[]" else path.join(parts)
    assert identifying_name(name) is not None


@pytest.mark.parametrize(
    ("innocent", "identifying"),
    [
        ("name_of_experiment", "name_of_customer"),
        ("number_of_users", "number_of_passport"),
        ("color_of_address_bar", "address_of_customer"),
        ("has_email", "email"),
        ("max_tokens", "access_token"),
        ("is_phone_verified", "phone_e164"),
        ("page.name", "person.name"),
        ("email_verified", "email_hashed"),
        ("mailbox_full", "full_address"),
        ("gender_neutral_copy", "gender_at_birth"),
        ("email_preferences", "religion_preference"),
        ("email_report", "medical_report"),
        ("email_header", "authorizationHeader"),
        ("email_test", "dna_test"),
        ("gender_neutral_copy", "passport_copy"),
        ("latitude_grid_lines", "addressLines"),
        ("phone_enabled", "phone_insured"),
        ("email_bounced", "email_decrypted"),
        ("email_clicked", "emailSelected"),
        ("password_length", "passwordHint"),
        ("email_count", "emailList"),
        ("emailOptIn", "email_in"),
        ("creativeId", "clientId"),
        ("phone_widget", "phone_business"),
        ("email_optional", "email_responsable"),
        ("photo_count", "photos"),
    ],
)
def test_grammar_parts_what_has_the_same_words(innocent: str, identifying: str) -> None:
    assert identifying_name(innocent) is None
    assert identifying_name(identifying) is not None
