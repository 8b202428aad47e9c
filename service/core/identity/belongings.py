"""Names of what belongs to one owner, and of headers in which carriers and proxies say who asks.

Tables for ``names``, written as in ``vocabulary``: the numbers of vehicles (ISO 3779) and their
plates, the templates of a body's prints, names that were had before, the accounts of consoles and telephony's
addresses; and the products of two lists, where every one of the first is found before every one of the second.
"""

from itertools import product
from typing import Final

from service.core.identity.category import Category

# What is read of a body, and what is made of it to be compared with (ISO/IEC 2382-37).
_PRINTS: Final = [
    "voice",
    "voiceprint",
    "face",
    "faceprint",
    "facial",
    "fingerprint",
    "fingervein",
    "palm",
    "palmprint",
    "palm_vein",
    "hand_vein",
    "iris",
    "retina",
    "gait",
    "ear_shape",
    "keystroke",
    "signature_biometric",
    "biometric",
    "biometrics",
    "speaker",
    "finger",
    "thumbprint",
    "thumb",
    "footprint",
]
_MADE_OF_PRINTS: Final = [
    "template",
    "templates",
    "print",
    "prints",
    "embedding",
    "embeddings",
    "vector",
    "vectors",
    "encoding",
    "encodings",
    "minutiae",
    "features_vector",
    "enrollment",
    "enrolment",
    "signature",
    "descriptor",
    "descriptors",
    "scan",
    "scans",
    "sample",
    "samples",
    "image",
    "images",
    "model_of_person",
]
# Servers and proxies that have asked who somebody is hand it on (CGI's REMOTE_USER, RFC 3875; Apache, nginx, oauth2-
# proxy, Google IAP, AWS ALB, Azure App Service, Cloudflare Access, Tailscale, Pomerium, SiteMinder).
_PROVEN: Final = [
    "remote",
    "forwarded",
    "authenticated",
    "auth",
    "auth_request",
    "webauth",
    "proxy",
    "proxy_auth",
    "sso",
    "saml",
    "oidc",
    "iap",
    "impersonate",
    "impersonated",
    "effective",
    "kerberos",
    "krb",
    "ldap",
    "shib",
    "shibboleth",
    "sm",
    "iv",
    "oam",
    "gssapi",
    "ntlm",
    "cas",
    "tailscale",
    "pomerium",
    "vouch",
    "authelia",
    "authentik",
    "cf_access",
    "goog_authenticated",
    "ms_client",
    "jwt_claim",
    "claim",
    "oidc_claim",
    "amzn_oidc",
    "forwarded_preferred",
    "logged_in",
    "on_behalf_of",
    "acting",
    "real",
    "run_as",
    "teleport",
    "openid",
    "cloudflare_access",
    "keycloak",
    "grafana",
    "kubernetes",
]
_WHO: Final = [
    "user",
    "username",
    "identity",
    "principal",
    "subject",
    "login",
    "upn",
    "uid",
    "nameid",
    "email",
    "sub",
    "person",
    "preferred_username",
]
# A client's certificate is its owner's (nginx, Apache, HAProxy, Envoy, Traefik; RFC 9440).
_CERTIFICATES: Final = [
    "ssl_client",
    "tls_client",
    "client",
    "ssl_client_s",
    "client_ssl",
    "mtls_client",
    "ssl_peer",
    "x509_client",
]
_OF_CERTIFICATES: Final = [
    "dn",
    "s_dn",
    "i_dn",
    "subject_dn",
    "cert",
    "certificate",
    "cert_subject",
    "cert_dn",
    "cert_serial",
    "cert_fingerprint",
    "cert_hash",
    "s_dn_cn",
    "subject",
    "subject_cn",
    "cert_chain",
    "certificate_subject",
    "san_email",
    "s_dn_email",
    "m_serial",
    "cert_sha1",
    "cert_sha256",
    "cert_sn",
    "cert_pem",
]
# Telephony and messages address a person by a URI (RFC 3261, 3966, 6120; 3GPP 23.003).
_ADDRESSED_BY: Final = ["sip", "sips", "tel", "xmpp", "jabber", "im", "pstn", "ims", "voip", "h323", "volte"]
_ADDRESSES: Final = [
    "uri",
    "uris",
    "user",
    "user_uri",
    "username",
    "address",
    "from",
    "to",
    "contact",
    "aor",
    "account",
    "identity",
    "peer",
    "jid",
    "alias",
]


def _joined(first: list[str], second: list[str]) -> str:
    return " ".join(f"{before}_{after}" for before, after in product(first, second))


WORDS_BY_BELONGING: Final[dict[str, dict[Category, str]]] = {
    "vehicles and their plates": {
        "government_id": "vin vehicle_identification_number vehicle_identification vehicle_id_number chassis_number "
        "chassis_no chassis_nr frame_number hull_number hull_identification_number engine_serial_number tail_number "
        "aircraft_registration vessel_registration vehicle_registration_number registration_mark vrm plate_no "
        "plate_text plate_string anpr_plate alpr_plate licence_plate_number license_plate_number "
        "fahrgestellnummer fahrgestellnr fahrzeugidentifizierungsnummer fahrzeug_identifizierungsnummer fin_nummer "
        "fahrzeugident_nr kfz_kennzeichen amtliches_kennzeichen nummernschild kontrollschild rahmennummer "
        "numero_de_chassis numero_chassis numero_de_serie_vehicule plaque_d_immatriculation numero_immatriculation "
        "numero_de_bastidor numero_bastidor bastidor numero_chasis numero_de_chasis placa_vehiculo numero_placa "
        "numero_de_placa numero_do_chassi numero_chassi chassi placa_veiculo numero_di_telaio numero_telaio telaio "
        "targa_veicolo numero_targa chassisnummer voertuigidentificatienummer kentekenplaat kentekennummer "
        "stelnummer nummerplade registreringsnummer understellsnummer chassinummer skiltnummer kjennemerke "
        "registreringsskylt regnummer valmistenumero alustanumero rekisterinumero rekisteritunnus numer_nadwozia "
        "nr_nadwozia numer_vin numer_rejestracyjny nr_rejestracyjny tablica_rejestracyjna cislo_karoserie "
        "cislo_podvozku registracni_znacka statni_poznavaci_znacka evidencne_cislo_vozidla alvazszam "
        "forgalmi_rendszam serie_sasiu serie_de_sasiu numar_sasiu numar_inmatriculare numar_de_inmatriculare sasi_no "
        "sasi_numarasi sase_no sase_numarasi plaka_no plaka_numarasi αριθμος_πλαισιου αριθμος_κυκλοφοριας πινακιδα "
        "номер_кузова номер_шасси вин_код вин номер_авто госномер_авто регистрационный_знак рама_номер номер_рамы "
        "номер_шасі номер_кузову державний_номер регистрационен_номер رقم_الهيكل رقم_الشاصي رقم_الشاسيه رقم_اللوحة "
        "لوحة_السيارة מספר_שלדה מספר_רכב לוחית_רישוי מספר_רישוי شماره_شاسی شماره_پلاک پلاک चेसिस_नंबर चेसिस_संख्या "
        "वाहन_नंबर वाहन_संख्या nomor_rangka no_rangka nomor_polisi nopol plat_nomor no_polisi plat_kendaraan "
        "no_pendaftaran_kenderaan nombor_plat số_khung so_khung biển_số bien_so bien_so_xe biển_số_xe เลขตัวถัง "
        "หมายเลขตัวถัง ทะเบียนรถ ป้ายทะเบียน เลขทะเบียน 車台番号 車体番号 登録番号標 車両番号 車両登録番号 车架号 車架號 "
        "车架号码 車身號碼 车辆识别代号 车辆识别码 车牌号码 車號 发动机号 차대번호 차량등록번호 번호판 broj_sasije "
        "broj_tablice registarska_oznaka stevilka_sasije registrska_stevilka",
    },
    "prints of a body": {
        "other": f"{_joined(_PRINTS, _MADE_OF_PRINTS)} "
        "gesichtsabdruck fingerabdruck fingerabdruckvorlage stimmabdruck handvenen iris_scan netzhautscan "
        "empreinte_digitale empreinte_vocale empreinte_faciale empreintes_digitales huella_dactilar huella_digital "
        "huella_de_voz impronta_digitale impronta_vocale impressao_digital vingerafdruk stemafdruk gezichtsafdruk "
        "fingeraftryk fingeravtryck fingeravtrykk stemmeaftryk rostavtryck sormenjalki aanijalki kasvojalki "
        "odcisk_palca odciski_palcow otisk_prstu odtlacok_prsta ujjlenyomat hanglenyomat amprenta amprenta_digitala "
        "parmak_izi ses_izi yuz_izi δακτυλικο_αποτυπωμα отпечаток_пальца отпечатки_пальцев отпечаток_голоса "
        "голосовой_отпечаток відбиток_пальця відбитки_пальців بصمة بصمة_الاصبع بصمة_الصوت بصمة_الوجه טביעת_אצבע "
        "טביעת_קול اثر_انگشت उंगलियों_के_निशान sidik_jari cap_jari dấu_vân_tay vân_tay van_tay ลายนิ้วมือ "
        "指紋 指纹 声紋 声纹 "
        "聲紋 顔特徴量 虹膜 人脸特征 人臉特徵 지문 성문 홍채",
    },
    "names had before": {
        "name": "maiden_name maidenname nee_name birth_name name_at_birth former_name previous_name baptismal_name "
        "christening_name christian_name confirmation_name religious_name regnal_name stage_name pen_name "
        "artist_name deadname dead_name unmarried_name married_name mothers_maiden_name mother_maiden_name "
        "maedchenname madchenname ledigname taufname konfirmationsname ordensname kunstlername kuenstlername "
        "ehename nom_de_jeune_fille nom_jeune_fille nom_de_bapteme nom_de_naissance nom_d_epouse "
        "apellido_de_soltera apellido_soltera nombre_de_soltera nombre_de_bautismo nombre_bautismal "
        "nome_de_solteira nome_de_batismo apelido_de_solteira cognome_da_nubile cognome_nubile nome_di_battesimo "
        "nome_da_nubile meisjesnaam geboortenaam doopnaam pigenavn pikenavn dobsnavn dabenavn dopenavn flicknamn "
        "dopnamn tyttonimi entinen_nimi ristimanimi kastenimi nazwisko_panienskie nazwisko_rodowe imie_z_chrztu "
        "rodne_prijmeni rodne_priezvisko divci_jmeno krestni_jmeno leanykori_nev szuletesi_nev kereszteloi_nev "
        "nume_de_fata nume_de_botez nume_la_nastere kizlik_soyadi evlenmeden_onceki_soyadi vaftiz_adi "
        "πατρικο_ονομα βαπτιστικο_ονομα πατρωνυμο девичья_фамилия имя_при_крещении крестильное_имя "
        "дівоче_прізвище моминско_име اسم_قبل_الزواج اسم_المعمودية שם_נעורים שם_קודם نام_قبل_از_ازدواج "
        "जन्म_का_नाम nama_gadis nama_baptis nama_lahir tên_khai_sinh tên_thánh ten_thanh ten_khai_sinh ชื่อเดิม "
        "นามสกุลเดิม "
        "旧姓 洗礼名 戒名 法名 芸名 婚前姓 婚前姓氏 教名 圣名 聖名 세례명 법명 djevojacko_prezime dekliski_priimek",
    },
    "consoles and telephony": {
        "account": "xuid xbox_xuid xbl_xuid xbox_user_id psn_id psn_online_id online_id_psn np_account_id npid "
        "nintendo_account_id nsa_id friend_code steamid64 steam_id64 riot_puuid puuid summoner_id epic_account_id "
        "eos_puid productuserid playfab_id title_player_id master_player_id gamecenter_id game_center_player_id "
        "uplay_id ubisoft_id ea_id origin_id bnet_id battlenet_id roblox_user_id minecraft_uuid "
        "p_asserted_identity p_preferred_identity p_called_party_id remote_party_id impu impi calling_line_id "
        "up_calling_line_id up_subno x_uidh x_acr vf_acr subno tm_user_id amobee_1 wsb_identity",
        "phone": f"{_joined(_ADDRESSED_BY, _ADDRESSES)} calling_number called_number caller_number callee_number "
        "dialed_number dialled_number caller_id_number a_number b_number calling_party called_party "
        "calling_party_id called_party_id e164 e164_number isdn_number ani_number h3g_msisdn nokia_msisdn",
    },
    "headers of proxies": {
        "account": f"{_joined(_PROVEN, _WHO)} amzn_oidc_data amzn_oidc_identity amzn_oidc_accesstoken "
        "ms_client_principal_name ms_client_principal_id ms_client_principal remote_groups httpremoteuser "
        "smuser smuniversalid ivuser persistent_id_shib cf_access_jwt_assertion goog_iap_jwt_assertion",
        "credential": f"{_joined(_CERTIFICATES, _OF_CERTIFICATES)} forwarded_client_cert forwarded_tls_client_cert "
        "xfcc arr_clientcert forwarded_access_token auth_request_access_token subject_dn issuer_dn_serial",
    },
}
