"""The words of identity in other languages, in their own script and in Latin transliteration, a language at a time.

Tables for ``names``; ``vocabulary`` has the commonest words by category. Words are looked up without
marks, case and separators, hence ``telefonní číslo`` is written ``telefonni_cislo``. A word of up to four Latin letters
is part of ordinary ones as well, and identifies only where it stands alone (``names``).
"""

from typing import Final

from service.core.identity.category import Category

WORDS_BY_LANGUAGE: Final[dict[str, dict[Category, str]]] = {
    "German": {
        "email": "email_adresse mail_adresse elektronische_post",
        "phone": "telefon_nummer handy_nummer handynr natel mobil_nummer fernsprecher "
        "rueckrufnummer durchwahl faxnummer mobilfunk",
        "name": "vor_und_nachname vollstaendiger_name taufname ansprechpartner nutzername_klar titel_anrede kosename",
        "address": "postadresse hausanschrift strasse_hausnummer stadtteil landkreis adresszusatz wohnadresse",
        "date_of_birth": "geburts_datum geburtsmonat altersangabe",
        "government_id": "personalausweisnummer passnummer reisepassnr sozialversicherung steuernr umsatzsteuer_id "
        "fuhrerscheinnr rentenversicherungsnummer krankenkassennummer versicherungsnummer ausweis_nr "
        "sozialversicherungsnr avs_number",
        "payment": "bankkontonummer kartenprufnummer lastschrift zahlungsmittelnummer kontoverbindung "
        "kreditkartennr kartennr",
        "account": "benutzer_name anmeldename kunden_nr kundenkonto mitgliedskonto nutzerkonto vertragsnummer "
        "bestellnummer rechnungsnummer auftragsnr profilbild",
        "credential": "losungswort zugangscode sicherheitsfrage einmalpasswort zugangstoken",
        "other": "familienstatus religionszugehoerigkeit nationalitaet staatsangehoerigkeit staatsbuergerschaft "
        "krankenversicherung gewicht koerpergroesse",
    },
    "French": {
        "email": "adresse_courriel adresse_mail adresse_email courrier_electronique mel_personnel",
        "phone": "telephone_mobile telephone_fixe numero_mobile numero_de_portable numero_fixe tel_portable num_tel "
        "numtel num_telephone telecopie",
        "name": "nom_prenom prenom_nom nom_de_naissance nom_d_usage nom_marital deuxieme_prenom nom_complet civilite "
        "surnom pseudo pseudonyme",
        "address": "numero_de_rue adresse_domicile complement_adresse ville_residence commune lieu_dit "
        "adresse_complete",
        "date_of_birth": "datedenaissance date_naiss lieu_de_naissance annee_de_naissance jour_de_naissance",
        "government_id": "numero_passeport numero_de_passeport carte_identite_nationale carte_d_identite numero_insee "
        "numero_fiscal_reference num_secu numero_secu numero_avs securite_sociale carte_vitale siret",
        "payment": "carte_bleue numero_carte_bancaire coordonnees_bancaires releve_identite_bancaire",
        "account": "numero_adherent numero_utilisateur identifiant_utilisateur numero_commande numero_facture "
        "compte_client compte_utilisateur",
        "credential": "motdepasse_utilisateur code_secret jeton jeton_acces phrase_secrete",
        "other": "situation_matrimoniale orientation_religieuse appartenance_syndicale",
        "location": "position_geographique coordonnees_gps",
    },
    "Spanish": {
        "email": "correo_e direccion_correo direccion_de_correo direccion_email mail_contacto",
        "phone": "numero_de_telefono telefono_celular numero_celular numero_movil telefono_fijo num_telefono "
        "nro_telefono",
        "name": "nombre_y_apellidos nombre_apellido nombre_pila nombre_de_pila segundo_nombre apellido_casada "
        "alias_usuario",
        "address": "domicilio_particular calle_numero numero_exterior numero_interior direccion_completa "
        "direccion_envio "
        "direccion_facturacion",
        "date_of_birth": "fecha_nacim fechadenacimiento lugar_nacimiento lugar_de_nacimiento edad_exacta",
        "government_id": "numero_dni numero_pasaporte documento_nacional cedula_identidad cedula_ciudadania "
        "numero_seguro_social licencia_de_conducir numero_identificacion cuil cuit",
        "payment": "numero_tarjeta_credito tarjeta_debito cuenta_corriente numero_cuenta_banco codigo_seguridad",
        "account": "numero_usuario numero_de_cliente identificador_usuario numero_pedido numero_factura numero_socio",
        "credential": "clave_acceso clave_usuario contrasena_usuario codigo_secreto palabra_clave_secreta",
        "other": "estado_salud grupo_sanguineo afiliacion_politica afiliacion_sindical",
    },
    "Italian": {
        "email": "indirizzo_mail indirizzo_di_posta indirizzo_di_posta_elettronica",
        "phone": "numero_di_telefono numero_cellulare telefonino numero_di_cellulare telefono_cellulare",
        "name": "nome_e_cognome nome_cognome secondo_nome soprannome cognome_nubile",
        "address": "via_e_numero indirizzo_completo indirizzo_di_spedizione indirizzo_spedizione provincia_residenza",
        "date_of_birth": "datanascita datadinascita luogo_nascita luogo_di_nascita",
        "government_id": "cod_fiscale "
        "numero_passaporto carta_d_identita numero_documento_identita patente_di_guida numero_patente",
        "payment": "numero_di_carta numero_conto_corrente coordinate_bancarie",
        "account": "numero_utente identificativo_utente numero_ordine numero_fattura tessera_fedelta",
        "credential": "parola_d_ordine codice_segreto",
        "other": "appartenenza_sindacale gruppo_sanguigno",
    },
    "Portuguese": {
        "email": "endereco_de_email endereco_eletronico correio_eletronico correio_electronico",
        "phone": "numero_de_telefone numero_celular numero_telemovel telefone_fixo numero_do_celular "
        "numero_de_telemovel",
        "name": "nome_e_sobrenome nome_proprio ultimo_nome nome_do_usuario_completo nome_social alcunha",
        "address": "endereco_completo endereco_residencial numero_da_casa endereco_de_entrega codigo_de_endereco",
        "date_of_birth": "datadenascimento local_de_nascimento local_nascimento idade_exata",
        "government_id": "numero_cpf numero_do_cpf numero_rg carteira_de_identidade numero_passaporte "
        "cartao_de_cidadao "
        "numero_contribuinte titulo_de_eleitor carteira_de_motorista carta_de_conducao",
        "payment": "numero_do_cartao numero_da_conta agencia_bancaria",
        "account": "numero_utilizador utilizador nome_utilizador nome_de_utilizador numero_do_cliente numero_pedido",
        "credential": "senha_usuario palavra_chave_secreta codigo_secreto",
        "other": "orientacao_sexual filiacao_sindical tipo_sanguineo etnia_pessoa",
    },
    "Dutch": {
        "email": "e_mailadres mailadres",
        "phone": "mobiel_nummer mobiele_telefoon telefoon_nummer telnummer vaste_telefoon gsm_nummer",
        "name": "volledige_naam voor_en_achternaam meisjesnaam roepnaam voorletters aanhef",
        "address": "straat_en_huisnummer postadres bezorgadres factuuradres toevoeging_huisnummer",
        "date_of_birth": "geboorte_datum geboortedag leeftijd_exact",
        "government_id": "paspoort_nummer rijbewijs_nummer burger_service_nummer identiteitsnummer btw_nummer",
        "payment": "bankrekeningnummer rekening_nummer kaart_nummer creditcard_nummer",
        "account": "klant_nummer gebruikers_naam lidmaatschapsnummer bestelnummer factuurnummer ordernummer",
        "credential": "wacht_woord toegangscode geheime_code",
        "other": "nationaliteit_persoon burgerlijke_stand bloedgroep",
    },
    "Polish": {
        "email": "adres_e_mail adres_mailowy adres_poczty",
        "phone": "numer_komorki nr_telefonu telefon_komorkowy komorka telefon_kontaktowy numer_komorkowy",
        "name": "imie_i_nazwisko drugie_imie nazwisko_panienskie nazwisko_rodowe pseudonim",
        "address": "ulica_i_numer adres_zamieszkania adres_korespondencyjny numer_mieszkania miejsce_zamieszkania",
        "date_of_birth": "data_ur miejsce_urodzenia dzien_urodzin",
        "government_id": "numer_pesel numer_paszportu nr_dowodu numer_nip dowod_tozsamosci",
        "payment": "nr_konta numer_rachunku rachunek_bankowy nr_karty",
        "account": "nazwa_konta nr_klienta identyfikator_uzytkownika numer_zamowienia klient_id",
        "credential": "haslo_dostepu tajne_haslo",
        "other": "narodowosc orientacja_seksualna",
    },
    "Czech and Slovak": {
        "email": "emailova_adresa e_mailova_adresa elektronicka_adresa elektronicka_posta",
        "phone": "telefonne_cislo mobilni_cislo mobilne_cislo cislo_mobilu",
        "name": "cele_jmeno cele_meno jmeno_a_prijmeni meno_a_priezvisko rodne_jmeno rodne_meno krestne_jmeno "
        "prezdivka "
        "prezyvka",
        "address": "cislo_domu postovni_smerovaci_cislo postove_smerovacie_cislo trvale_bydliste trvaly_pobyt "
        "ulica_cislo",
        "date_of_birth": "datum_nar misto_narozeni miesto_narodenia vek_osoby",
        "government_id": "cislo_obcanskeho_prukazu cislo_pasu obciansky_preukaz vodicsky_preukaz",
        "payment": "cislo_bankovniho_uctu bankovy_ucet kreditna_karta platobna_karta",
        "account": "uzivatelske_id pouzivatel pouzivatelske_meno zakaznicke_cislo cislo_objednavky",
        "credential": "pristupove_heslo tajne_heslo",
        "other": "rodinny_stav statni_obcanstvi statne_obcianstvo pohlavie",
    },
    "Hungarian": {
        "email": "email_cim elektronikus_levelcim",
        "phone": "mobilszam mobiltelefonszam telefon_szam",
        "name": "nev_teljes utonev becenev szuletesi_nev anyja_neve",
        "address": "lakhely varos_nev postai_iranyitoszam lakohely tartozkodasi_hely",
        "date_of_birth": "szuletesi_ev szulido eletkor",
        "government_id": "szemelyi_igazolvany_szam utlevelszam adoazonosito_jel szemelyazonosito vezetoi_engedely",
        "payment": "bankszamla hitelkartya hitelkartya_szam",
        "account": "felhasznaloi_nev felhasznalo_id ugyfelazonosito rendelesszam",
        "credential": "jelszo_mezo titkos_kod",
        "other": "nemzetiseg_szemely allampolgarsag_szemely csaladi_allapot",
    },
    "Romanian": {
        "email": "adresa_de_email posta_electronica adresa_email",
        "phone": "numar_de_telefon nr_telefon telefon_fix numar_mobil",
        "name": "nume_si_prenume nume_de_familie nume_familie porecla",
        "address": "cod_postal_adresa adresa_domiciliu numar_strada domiciliu oras_domiciliu",
        "date_of_birth": "data_de_nastere data_nastere locul_nasterii an_nastere",
        "government_id": "cod_numeric_personal serie_buletin numar_pasaport permis_de_conducere",
        "payment": "numar_cont cont_bancar_iban card_de_credit",
        "account": "nume_de_utilizator id_utilizator numar_client numar_comanda",
        "credential": "parola_contului cod_secret",
        "other": "stare_civila nationalitate_persoana",
    },
    "Bulgarian": {
        "email": "електронна_поща имейл_адрес elektronna_poshta imeyl",
        "phone": "телефонен_номер мобилен_телефон telefonen_nomer",
        "name": "собствено_име фамилия_име пълно_име прякор sobstveno_ime familno_ime palno_ime",
        "address": "пощенски_адрес град_адрес ulitsa poshtenski_kod",
        "date_of_birth": "дата_раждане рождена_дата възраст data_na_razhdane vazrast rozhden_den",
        "government_id": "единен_граждански_номер лична_карта номер_на_паспорт lichna_karta",
        "payment": "банкова_сметка номер_на_карта bankova_smetka",
        "account": "потребителски_номер клиентски_номер potrebitel potrebitelsko_ime",
        "other": "националност_лице гражданство_лице semeyno_polozhenie",
        "credential": "парола_достъп parola_dostap",
    },
    "Greek": {
        "email": "διευθυνση_email διευθυνση_ηλεκτρονικου_ταχυδρομειου ilektroniko_tachydromeio",
        "phone": "αριθμος_τηλεφωνου κινητο_τηλεφωνο σταθερο_τηλεφωνο tilefono arithmos_tilefonou kinito_tilefono",
        "name": "μικρο_ονομα πληρες_ονομα πατρωνυμο onoma eponymo onomateponymo epitheto",
        "address": "διευθυνση_κατοικιας πολη οδος_αριθμος dieuthinsi diefthynsi odos tachydromikos_kodikas",
        "date_of_birth": "ημερομηνια_γεννησεως τοπος_γεννησης imerominia_gennisis ilikia genethlia",
        "government_id": "αριθμος_διαβατηριου αφμ_πελατη δελτιο_ταυτοτητας tautotita arithmos_tautotitas diavatirio",
        "payment": "αριθμος_λογαριασμου χρεωστικη_καρτα arithmos_kartas pistotiki_karta",
        "account": "κωδικος_πελατη αριθμος_πελατη ονομα_χρηστη_id onoma_christi christis",
        "credential": "μυστικος_κωδικος kodikos_prosvasis synthimatiko",
        "other": "οικογενειακη_κατασταση ithageneia thriskeia fylo",
    },
    "Russian": {
        "email": "электронный_адрес адрес_почты адрес_электронной_почты эл_адрес elektronnaya_pochta pochta imeyl",
        "phone": "номер_мобильного контактный_телефон сотовый домашний_телефон nomer_telefona mobilnyy_telefon "
        "mobilnyy sotovyy",
        "name": "фамилия_имя_отчество полное_имя_клиента девичья_фамилия прозвище imya familiya otchestvo polnoe_imya",
        "address": "адрес_доставки адрес_регистрации город_проживания индекс_почты населенный_пункт ulitsa kvartira "
        "pochtovyy_indeks domashniy_adres adres_dostavki",
        "date_of_birth": "датарождения возраст_лет data_rozhdeniya god_rozhdeniya den_rozhdeniya vozrast "
        "mesto_rozhdeniya",
        "government_id": "серия_и_номер_паспорта номер_снилс номер_инн номер_прав удостоверение_личности pasport "
        "nomer_pasporta snils seriya_pasporta",
        "payment": "номер_банковской_карты номер_карты_клиента лицевой_счет nomer_karty nomer_scheta bankovskaya_karta",
        "account": "номер_пользователя идентификатор_пользователя номер_заказа никнейм_пользователя учётная_запись "
        "polzovatel imya_polzovatelya nomer_klienta klient_id",
        "credential": "пароль_пользователя секретный_код код_подтверждения parol sekretnyy_klyuch",
        "other": "группа_крови состояние_здоровья вероисповедание_лица natsionalnost grazhdanstvo "
        "semeynoe_polozhenie pol",
        "location": "географические_координаты shirota dolgota koordinaty mestopolozhenie",
    },
    "Ukrainian": {
        "email": "електронна_пошта електронна_адреса адреса_пошти elektronna_poshta poshta",
        "phone": "номер_телефону мобільний мобільний_телефон nomer_telefonu mobilnyi",
        "name": "імя_та_прізвище повне_імя дівоче_прізвище imia prizvyshche po_batkovi",
        "address": "домашня_адреса адреса_доставки місто_проживання вулиця_будинок vulytsia poshtovyi_indeks",
        "date_of_birth": "день_народження рік_народження вік_особи data_narodzhennia den_narodzhennia",
        "government_id": "номер_паспорта_громадянина рнокпп код_платника pasport_hromadianyna",
        "payment": "номер_картки банківська_картка банківський_рахунок nomer_kartky",
        "account": "користувацьке_імя логін клієнт номер_клієнта ідентифікатор_користувача korystuvach lohin",
        "credential": "пароль_користувача секретний_ключ",
        "other": "стать_особи національність сімейний_стан natsionalnist stat_osoby",
    },
    "Turkish": {
        "email": "e_posta e_posta_adresi eposta_adresi elektronik_posta",
        "phone": "telefon_no cep_telefonu_no cep_no telefon_numara ev_telefonu is_telefonu",
        "name": "ad_soyad adi_soyadi isim_soyisim ilk_isim soy_isim tam_ad tam_isim kizlik_soyadi takma_ad",
        "address": "ev_adresi is_adresi ilce semt cadde acik_adres teslimat_adresi fatura_adresi",
        "date_of_birth": "dogum_gunu dogumyili dogum_yeri",
        "government_id": "kimlik_numarasi tc_kimlik_no tc_no vergi_no vergi_numarasi pasaport_numarasi ehliyet_no "
        "sgk_no",
        "payment": "kredi_karti_no kart_numarasi banka_hesap_no hesap_numarasi",
        "account": "kullanici_adi kullanici_no musteri_numarasi uye_no uyelik_no siparis_no",
        "credential": "parola_sifre giris_sifresi gizli_soru",
        "other": "medeni_durum vatandaslik uyrugu kan_grubu",
    },
    "Arabic": {
        "email": "عنوان_البريد_الالكتروني البريد_الالكتروني بريد_إلكتروني bareed bareed_elektroni albareed",
        "phone": "رقم_الجوال رقم_الموبايل تليفون رقم_هاتف المحمول رقم_المحمول hatif jawwal raqam_hatif raqm_alhatif",
        "name": "لقب الاسم_الثلاثي الاسم_الرباعي الاسم_الاخير اسم_الأب الكنية الاسم_الاول ism alism laqab ism_kamil "
        "ism_alaila",
        "address": "عنوان_السكن المدينة الحي عنوان_المنزل صندوق_البريد unwan alunwan sharia madina ramz_baridi",
        "date_of_birth": "تاريخ_ميلاد سنة_الميلاد مكان_الميلاد عمر tarikh_milad tarikh_almilad",
        "government_id": "رقم_هوية رقم_البطاقة_الوطنية رقم_جواز_السفر الرقم_القومي الرقم_الوطني رخصة_القيادة "
        "raqam_hawiya hawiya jawaz_safar iqama",
        "payment": "رقم_الحساب_البنكي رقم_البطاقة_الائتمانية حساب_بنكي raqam_hisab bitaqat_itiman",
        "account": "رقم_العميل رقم_المستخدم رقم_العضوية حساب_المستخدم ism_mustakhdim mustakhdim",
        "credential": "كلمة_مرور كلمه_المرور رمز_الدخول kalimat_murur kalimat_sir",
        "other": "الحالة_الإجتماعية فصيلة_الدم الحالة_الصحية jinsiya diyana",
        "location": "الإحداثيات موقع_جغرافي mawqi ihdathiyat",
    },
    "Hebrew": {
        "email": "כתובת_מייל דוא_ל כתובת_דואר_אלקטרוני כתובת_אימייל doar_elektroni ktovet_mail",
        "phone": "מספר_נייד טלפון_נייד פלאפון מספר_פלאפון mispar_telefon mispar_nayad",
        "name": "שם_ושם_משפחה כינוי שם_נעורים shem_prati shem_mishpacha shem_male shem",
        "address": "כתובת_מגורים עיר יישוב מספר_בית ktovet rechov mikud",
        "date_of_birth": "תאריך_הלידה שנת_לידה מקום_לידה taarich_leida shnat_leida gil",
        "government_id": "מספר_תעודת_זהות ת_ז תז מספר_דרכון teudat_zehut mispar_zehut darkon",
        "payment": "מספר_כרטיס_אשראי פרטי_בנק kartis_ashrai cheshbon_bank",
        "account": "מספר_לקוח מספר_משתמש חשבון_משתמש shem_mishtamesh mispar_lakoach",
        "credential": "קוד_סודי סיסמת_כניסה sisma",
        "other": "מצב_משפחתי לאום_האדם matzav_mishpachti ezrachut",
    },
    "Persian": {
        "email": "ایمیل پست_الکترونیک پست_الکترونیکی آدرس_ایمیل رایانامه post_elektronik",
        "phone": "تلفن شماره_تلفن موبایل شماره_موبایل شماره_همراه تلفن_همراه shomare_telefon shomare_mobile "
        "telefon_hamrah",
        "name": "نام نام_خانوادگی نام_کامل نام_و_نام_خانوادگی نام_پدر nam_khanevadegi nam_kamel naam_khanevadegi",
        "address": "آدرس نشانی کد_پستی خیابان شهر محل_سکونت neshani kod_posti khiaban",
        "date_of_birth": "تاریخ_تولد سال_تولد محل_تولد سن tarikh_tavallod tarikhe_tavallod",
        "government_id": "کد_ملی شماره_ملی شماره_شناسنامه شماره_گذرنامه گذرنامه kod_melli code_melli shomare_melli",
        "payment": "شماره_کارت شماره_حساب شماره_شبا کارت_بانکی shomare_kart shomare_hesab",
        "account": "نام_کاربری کاربر شناسه_کاربر شماره_مشتری مشتری nam_karbari karbar",
        "credential": "رمز_عبور گذرواژه کلمه_عبور رمز ramz_oboor gozarvazhe",
        "other": "جنسیت مذهب ملیت وضعیت_تاهل دین jensiyat melliyat vaziyat_taahol",
        "location": "موقعیت_مکانی عرض_جغرافیایی طول_جغرافیایی",
    },
    "Hindi": {
        "email": "ईमेल_पता ई_मेल_पता ईमेल_आईडी imel",
        "phone": "फोन_नंबर फ़ोन_नंबर मोबाइल_नंबर दूरभाष_संख्या टेलीफोन संपर्क_नंबर mobile_nambar",
        "name": "पहला_नाम अंतिम_नाम कुलनाम पिता_का_नाम माता_का_नाम pura_naam upnaam pita_ka_naam kulnaam naam",
        "address": "घर_का_पता शहर गली मकान_नंबर स्थायी_पता ghar_ka_pata pata pin_kod makan_number",
        "date_of_birth": "जन्म_तारीख जन्म_वर्ष जन्म_स्थान जन्म janam_tithi janam_tarikh janm_tithi umra",
        "government_id": "आधार_नंबर आधार_कार्ड पैन_नंबर पैन_कार्ड पासपोर्ट_नंबर मतदाता_पहचान aadhaar_number pan_number "
        "pan_card voter_id aadhar_card",
        "payment": "खाता_नंबर बैंक_खाता_संख्या क्रेडिट_कार्ड_नंबर khata_sankhya khata_number",
        "account": "यूज़रनेम यूजर_नेम यूज़र_आईडी ग्राहक_संख्या upyogkarta upyogkarta_naam grahak_sankhya",
        "credential": "पासवर्ड_कोड गुप्त_कोड gupt_code",
        "other": "वैवाहिक_स्थिति रक्त_समूह जाति_धर्म ling rashtriyata dharm",
    },
    "Thai": {
        "email": "อีเมล์ ที่อยู่อีเมล จดหมายอิเล็กทรอนิกส์ imeo",
        "phone": "เบอร์โทรศัพท์ โทร เบอร์มือถือ หมายเลขโทรศัพท์ มือถือ ber_tho thorasap beo_thorasap",
        "name": "ชื่อจริง ชื่อเต็ม ชื่อเล่น คำนำหน้า chue_lae_namsakun chue_len namsakun",
        "address": "บ้านเลขที่ ถนน จังหวัด อำเภอ ตำบล thi_yu rahat_praisani",
        "date_of_birth": "วันเดือนปีเกิด ปีเกิด อายุ wan_koet wankoet",
        "government_id": "เลขบัตรประชาชน เลขประจำตัวประชาชน หนังสือเดินทาง ใบขับขี่ bat_prachachon",
        "payment": "เลขที่บัญชี หมายเลขบัตร บัตรเดบิต lek_banchi",
        "account": "ชื่อผู้ใช้ รหัสลูกค้า สมาชิก รหัสสมาชิก chue_phu_chai",
        "credential": "รหัส พาสเวิร์ด rahat_phan",
        "other": "สถานภาพสมรส เชื้อชาติ หมู่เลือด",
    },
    "Vietnamese": {
        "email": "hòm_thư email_liên_hệ dia_chi_email thu_dien_tu hom_thu",
        "phone": "so_dien_thoai dien_thoai số_di_động di_động so_di_dong sdt đt_di_động",
        "name": "ho_ten ho_va_ten tên_đầy_đủ ten_day_du tên_đệm ten_dem biệt_danh ho_ten_khach",
        "address": "dia_chi so_nha thành_phố_cư_trú phường quận tỉnh_thành nơi_ở dia_chi_nha ma_buu_dien",
        "date_of_birth": "ngay_sinh nam_sinh nơi_sinh noi_sinh sinh_nhat ngày_tháng_năm_sinh",
        "government_id": "can_cuoc can_cuoc_cong_dan chung_minh_nhan_dan "
        "ho_chieu ma_so_thue so_cccd so_cmnd bằng_lái_xe",
        "payment": "so_the so_tai_khoan the_tin_dung tài_khoản_ngân_hàng",
        "account": "ten_dang_nhap nguoi_dung tai_khoan ma_khach_hang mã_nhân_viên khach_hang",
        "credential": "mat_khau ma_bi_mat mã_xác_thực",
        "other": "gioi_tinh quoc_tich ton_giao dan_toc tình_trạng_hôn_nhân nhóm_máu",
        "location": "toa_do vi_do kinh_do vị_trí_hiện_tại",
    },
    "Indonesian and Malay": {
        "email": "alamat_email surat_elektronik alamat_surel e_mel emel alamat_emel",
        "phone": "no_telepon no_hp telepon_genggam nomor_ponsel ponsel no_telefon nombor_telefon telefon_bimbit no_wa "
        "nomor_wa",
        "name": "nama_pertama nama_keluarga nama_panggilan nama_penuh nama_ibu_kandung nama_ayah nama_pelanggan",
        "address": "alamat_rumah alamat_lengkap alamat_pengiriman kota_tinggal desa_kelurahan poskod "
        "alamat_surat jalan_rumah",
        "date_of_birth": "tanggal_kelahiran tahun_lahir tarikh_lahir tempat_dan_tanggal_lahir usia_pengguna kelahiran",
        "government_id": "no_ktp nomor_induk_kependudukan no_paspor nomor_paspor nomor_sim no_kad_pengenalan "
        "kad_pengenalan mykad nomor_kk",
        "payment": "no_rekening nomor_kartu nomor_kartu_kredit nombor_kad nombor_akaun akaun_bank rekening_bank",
        "account": "id_pengguna nomor_pelanggan nama_akun id_pelanggan no_anggota",
        "credential": "kata_kunci_rahasia kata_laluan sandi_pengguna",
        "other": "jantina kewarganegaraan status_perkawinan golongan_darah bangsa_pemohon warganegara",
    },
    "Japanese": {
        "email": "電子メールアドレス Eメールアドレス denshi_meru meeruadoresu meru_adoresu",
        "phone": "携帯電話番号 電話 連絡先電話番号 固定電話 denwa denwa_bango denwa_bangou "
        "denwabango denwabangou keitai "
        "keitai_bango keitai_denwa",
        "name": "姓名カナ 名字 下の名前 旧姓 氏名カナ 愛称 shimei namae myoji myouji sei_mei onamae furigana simei",
        "address": "都道府県市区町村 番地建物 現住所 郵便番号住所 jusho juusho jyusyo yubin_bango yuubin_bangou banchi",
        "date_of_birth": "誕生年 出身地 満年齢 seinengappi tanjobi tanjoubi umaredoshi nenrei",
        "government_id": "運転免許番号 パスポート番号 健康保険証番号 在留カード番号 mai_namba menkyosho pasupoto_bango",
        "payment": "クレジットカード番号 銀行口座番号 カード名義 koza_bango kurejitto_kado",
        "account": "会員id番号 利用者id 利用者名 顧客コード 注文番号 予約番号 kaiin_bango riyosha_mei yuza_mei",
        "credential": "合言葉 秘密の質問 ansho_bango pasuwado",
        "other": "配偶者 婚姻状況 信仰 健康状態 seibetsu kokuseki shukyo",
        "location": "緯度経度 genzaichi ido_keido",
    },
    "Korean": {
        "email": "이메일_주소 전자우편주소 메일_주소 imeil imeil_juso",
        "phone": "핸드폰번호 휴대폰번호 휴대전화번호 연락처번호 집전화 jeonhwa jeonhwabeonho jeonhwa_beonho hyudaepon",
        "name": "성_이름 한글이름 별명 예금주 받는사람 ireum seongmyeong seongham byeolmyeong",
        "address": "거주지 자택주소 배송지 배송주소 도로명 지번 juso upyeonbeonho",
        "date_of_birth": "출생연월일 태어난날 만나이 saengnyeonwolil saengil chulsaeng_yeondo",
        "government_id": "주민등록증 운전면허증 신분증 신분증번호 jumin_beonho jumindeungnokbeonho yeogwon_beonho",
        "payment": "신용카드번호 은행계좌번호 통장번호 카드_번호 gyejwa_beonho",
        "account": "회원아이디 회원_번호 주문번호 예약번호 고객_번호 hoewon_beonho sayongja gogaek_beonho",
        "credential": "패스워드 비밀_번호 인증_번호 bimilbeonho amho",
        "other": "결혼_여부 건강상태 민족 seongbyeol gukjeok jonggyo",
        "location": "위치_정보 경도위도",
    },
    "Chinese": {
        "email": "电子邮箱地址 邮箱地址 電郵地址 電子信箱地址 youxiang dianziyoujian dianyou youxiang_dizhi",
        "phone": "联系电话 聯絡電話 固定电话 移动电话 行動電話 座机 手機號碼 dianhua dianhua_haoma shouji shoujihao "
        "shouji_haoma lianxi_dianhua",
        "name": "中文名 英文名 联系人 聯絡人 收货人 收件人 曾用名 xingming mingzi xing_ming "
        "zhenshi_xingming nicheng "
        "yonghu_xingming",
        "address": "联系地址 通讯地址 通訊地址 收件地址 居住地 户籍 所在城市 门牌号 dizhi zhuzhi youbian "
        "youzheng_bianma jiating_zhuzhi",
        "date_of_birth": "出生年月日 生辰 出生地点 周岁 shengri chusheng_riqi nianling chushengriqi",
        "government_id": "身份证件号 证件号 证件号码 證件號碼 护照号码 驾驶证号 社保卡号 居留证 統一證號 shenfenzheng "
        "shenfenzheng_hao huzhao zhengjianhao",
        "payment": "银行账号 卡号 持卡人 信用卡卡号 微信支付 银行卡卡号 yinhangka kahao yinhang_zhanghao",
        "account": "用户姓名 登录名 登錄名 登入帳號 客户姓名 订单号 訂單號 会员卡号 yonghuming yonghu_id "
        "zhanghao huiyuan_hao "
        "weixin_hao weixinhao",
        "credential": "登录密码 支付密码 密钥串 动态码 mima yanzhengma denglu_mima",
        "other": "婚姻状态 宗教信仰 健康状况 血型 xingbie minzu guoji zongjiao hunyin_zhuangkuang",
        "location": "经纬度坐标 当前位置 jingdu weidu jingweidu",
    },
    "Swedish": {
        "email": "e_postadress e_post mejl mejladress mailadress",
        "phone": "telefon_nummer mobil_nummer mobilnummer_privat hemtelefon riktnummer",
        "name": "for_och_efternamn fullstandigt_namn smeknamn tilltalsnamn mellannamn flicknamn",
        "address": "gatuadress_hem bostadsadress hemadress leveransadress postort bostadsort",
        "date_of_birth": "fodelse_datum fodelseort aldern",
        "government_id": "person_nummer passnummer korkortsnr organisationsnummer",
        "payment": "konto_nummer kort_nummer bankkontonr betalkortsnummer",
        "account": "anvandar_namn anvandar_id kund_nummer ordernummer medlems_nummer",
        "credential": "los_enord hemlig_kod",
        "other": "nationalitet_person blodgrupp trosbekannelse",
    },
    "Danish and Norwegian": {
        "email": "e_postadresse epostadresse mailadresse_kunde e_post_adresse",
        "phone": "mobilnr mobiltelefonnummer telefon_nr fastnettelefon",
        "name": "for_og_efternavn fulde_navn fullt_navn kaldenavn kallenavn pigenavn mellomnavn",
        "address": "gadenavn vejnavn_husnr bopael bopaelsadresse gatenavn bosted hjemmeadresse leveringsadresse "
        "poststed",
        "date_of_birth": "fodsels_dato fodested fodselsar_person",
        "government_id": "cpr_nummer personnummer_no fodsels_nummer pasnummer korekort forerkort",
        "payment": "konto_nummer_bank reg_og_kontonummer betalingskort",
        "account": "bruger_navn bruger_id kunde_nummer medlemsnummer_dk ordrenummer brukerid brugerid",
        "credential": "kodeord_bruger hemmelig_kode",
        "other": "statsborgerskab statsborgerskap aegteskabelig_stilling sivilstatus",
    },
    "Finnish": {
        "email": "sahkopostiosoite_asiakas sposti meili",
        "phone": "puhelin_numero kannykka kannykkanumero matkapuhelinnumero",
        "name": "koko_nimi etu_ja_sukunimi lempinimi tyttonimi kayttajan_nimi",
        "address": "posti_osoite kaupunki_osoite asuinpaikka asuinkunta toimitusosoite kotikunta",
        "date_of_birth": "syntyma_aika syntymapaikka syntymavuosi_henkilo",
        "government_id": "henkilo_tunnus passin_numero ajokortin_numero sotu",
        "payment": "tili_numero pankkitilinumero kortin_numero maksukortti",
        "account": "asiakas_numero kayttaja_id jasennumero tilausnumero",
        "credential": "sala_sana pin_koodi tunnusluku",
        "other": "siviili_saaty aidinkieli_henkilo veriryhma",
    },
    "Estonian": {
        "email": "e_posti_aadress meiliaadress eposti_aadress",
        "phone": "telefoninumber mobiiltelefon mobiilinumber telefoni_number",
        "name": "perekonnanimi taisnimi ees_ja_perekonnanimi huudnimi",
        "address": "aadress kodune_aadress tanav postiindeks elukoht majanumber",
        "date_of_birth": "sunnikuupaev sunniaeg_isik sunnikoht sunniaasta vanus",
        "government_id": "isiku_kood passi_number juhiluba dokumendi_number",
        "payment": "kontonumber pangakonto kaardinumber krediitkaart",
        "account": "kasutaja_nimi kliendinumber kliendi_number liikmenumber",
        "credential": "salasona parooli_vihje",
        "other": "sugu rahvus kodakondsus perekonnaseis usutunnistus",
    },
    "Latvian": {
        "email": "e_pasta_adrese epasts epasta_adrese",
        "phone": "talruna_numurs mobilais mobilais_talrunis telefona_numurs",
        "name": "vards_uzvards pilns_vards segvards",
        "address": "dzivesvieta pasta_indekss majas_adrese iela adrese",
        "date_of_birth": "dzimsanas_diena dzimsanas_gads dzimsanas_vieta vecums",
        "government_id": "personas_kods_lv pases_numurs vaditaja_apliecība",
        "payment": "konta_numurs bankas_konts kartes_numurs kreditkarte",
        "account": "lietotajvards lietotaja_id klienta_numurs",
        "credential": "paroles_mins pieejas_kods",
        "other": "dzimums tautiba pilsoniba gimenes_stavoklis",
    },
    "Lithuanian": {
        "email": "el_pasto_adresas elpastas elektroninis_pastas",
        "phone": "telefono_numeris mobilusis mobilaus_numeris",
        "name": "vardas_pavarde pilnas_vardas slapyvardis",
        "address": "gyvenamoji_vieta pasto_kodas gatve namo_numeris adresas",
        "date_of_birth": "gimimo_diena gimimo_metai gimimo_vieta amzius",
        "government_id": "asmens_kodas_lt paso_numeris vairuotojo_pazymejimas",
        "payment": "saskaitos_numeris banko_saskaita korteles_numeris kredito_kortele",
        "account": "vartotojo_vardas naudotojo_vardas naudotojas kliento_numeris",
        "credential": "prisijungimo_slaptazodis slaptas_kodas",
        "other": "lytis tautybe pilietybe seimine_padetis",
    },
    "Croatian, Serbian and Slovenian": {
        "email": "elektronicka_adresa elektronska_adresa e_mail_adresa e_naslov elektronski_naslov имејл "
        "електронска_пошта "
        "адреса_е_поште",
        "phone": "broj_telefona broj_mobitela mobitel broj_mobilnog telefonska_stevilka mobilna_stevilka број_телефона "
        "мобилни_телефон",
        "name": "puno_ime polno_ime ime_prezime ime_in_priimek nadimak vzdevek djevojacko_prezime име_и_презиме "
        "надимак "
        "пуно_име",
        "address": "ulica_i_broj ulica_in_stevilka kucni_broj hisna_stevilka prebivaliste stalno_prebivalisce "
        "postanski_kod kraj_bivanja адреса_становања улица_и_број поштански_број",
        "date_of_birth": "datum_rodjenja mjesto_rodenja mesto_rodjenja rojstni_datum rojstni_dan kraj_rojstva "
        "leto_rojstva датум_рођења место_рођења godina_rodenja godina_rodjenja",
        "government_id": "osobni_identifikacijski_broj broj_osobne broj_licne_karte broj_putovnice broj_pasosa "
        "putovnica "
        "pasos davcna_stevilka stevilka_potnega_lista vozacka_dozvola јмбг лична_карта матични_број",
        "payment": "broj_bankovnog_racuna bankovni_racun stevilka_kartice stevilka_racuna bancni_racun број_рачуна "
        "број_картице kreditna_kartica",
        "account": "korisnicki_racun korisnicki_broj broj_kupca uporabnisko_ime stevilka_stranke корисник "
        "корисничко_име",
        "credential": "tajna_rijec skrivna_beseda",
        "other": "drzavljanstvo bracno_stanje bracni_status vjeroispovijest veroispovest zakonski_stan пол_особе "
        "држављанство krvna_grupa",
    },
    "Catalan": {
        "email": "correu correu_electronic adreca_electronica",
        "phone": "numero_de_telefon telefon_mobil mobil_contacte",
        "name": "nom_i_cognoms nom_complet cognom cognoms primer_cognom segon_cognom",
        "address": "adreca carrer codi_postal poblacio_adreca domicili",
        "date_of_birth": "data_naixement data_de_naixement lloc_naixement",
        "account": "nom_usuari nom_d_usuari usuari numero_client",
    },
    "Georgian": {
        "email": "ელფოსტა ელ_ფოსტა",
        "phone": "ტელეფონი ტელეფონის_ნომერი მობილურის_ნომერი მობილური",
        "name": "სახელი გვარი სახელი_გვარი სრული_სახელი",
        "address": "მისამართი",
        "date_of_birth": "დაბადების_თარიღი ასაკი",
        "government_id": "პირადი_ნომერი პასპორტის_ნომერი პირადობის_მოწმობა",
        "payment": "ბარათის_ნომერი ანგარიშის_ნომერი",
        "account": "მომხმარებელი მომხმარებლის_სახელი კლიენტის_ნომერი",
        "credential": "პაროლი",
        "other": "სქესი ეროვნება",
    },
    "Bengali": {
        "email": "ইমেইল ইমেল",
        "phone": "ফোন_নম্বর মোবাইল_নম্বর টেলিফোন ফোন",
        "name": "পূর্ণ_নাম পুরো_নাম নাম",
        "address": "ঠিকানা",
        "date_of_birth": "জন্ম_তারিখ বয়স",
        "government_id": "জাতীয়_পরিচয়পত্র জাতীয়_পরিচয়পত্র_নম্বর পাসপোর্ট_নম্বর",
        "payment": "কার্ড_নম্বর ব্যাংক_হিসাব হিসাব_নম্বর",
        "account": "ব্যবহারকারী গ্রাহক_নম্বর",
        "credential": "পাসওয়ার্ড",
        "other": "লিঙ্গ ধর্ম জাতীয়তা",
    },
    "Urdu": {
        "email": "ای_میل",
        "phone": "فون_نمبر موبائل_نمبر ٹیلی_فون",
        "name": "پورا_نام والد_کا_نام",
        "address": "پتہ پتا",
        "date_of_birth": "تاریخ_پیدائش",
        "government_id": "شناختی_کارڈ شناختی_کارڈ_نمبر پاسپورٹ_نمبر",
        "payment": "کارڈ_نمبر اکاؤنٹ_نمبر",
        "account": "صارف_نام گاہک_نمبر",
        "credential": "پاس_ورڈ",
        "other": "جنس مذہب قومیت ازدواجی_حیثیت",
    },
    "Tamil": {
        "email": "மின்னஞ்சல்",
        "phone": "தொலைபேசி தொலைபேசி_எண் கைபேசி கைபேசி_எண் அலைபேசி_எண்",
        "name": "பெயர் முழு_பெயர் முழுப்பெயர்",
        "address": "முகவரி",
        "date_of_birth": "பிறந்த_தேதி பிறந்த_நாள்",
        "government_id": "அடையாள_எண் ஆதார்_எண் கடவுச்சீட்டு_எண்",
        "payment": "அட்டை_எண் கணக்கு_எண்",
        "account": "பயனர்_பெயர் வாடிக்கையாளர்_எண்",
        "credential": "கடவுச்சொல்",
        "other": "பாலினம் மதம்",
    },
    "Swahili": {
        "email": "barua_pepe anwani_ya_barua_pepe",
        "phone": "namba_ya_simu nambari_ya_simu simu_ya_mkononi",
        "name": "jina_kamili jina_la_kwanza jina_la_mwisho jina_la_ukoo",
        "address": "anwani_ya_makazi anwani_ya_posta",
        "date_of_birth": "tarehe_ya_kuzaliwa",
        "government_id": "kitambulisho_cha_taifa namba_ya_kitambulisho namba_ya_nida namba_ya_pasipoti",
        "payment": "namba_ya_kadi namba_ya_akaunti",
        "account": "jina_la_mtumiaji namba_ya_mteja",
        "credential": "nenosiri neno_la_siri",
        "other": "hali_ya_ndoa",
    },
}
