"""The words of identity: field names in many languages and scripts, and the names and placeholders people give.

Tables for ``names`` and ``values``. Words are written with ``_`` where their parts may stand apart; they are looked up
joined, without case, marks and separators, so that ``fecha_de_nacimiento`` also stands for ``FechaDeNacimiento``. One
line or more per language group: English; Western Europe; Nordic; Central and Eastern Europe; Cyrillic and Greek;
Arabic, Hebrew and Hindi; East and South-East Asia.
"""

from typing import Final

from service.core.identity.category import Category
from service.core.identity.folding import word_set

# Words that identify wherever they stand in a name.
WORDS_ANYWHERE: Final[tuple[tuple[Category, str], ...]] = (
    (
        "email",
        """
        email mail e_mail emailaddr emailid emailhash mailbox email_full
        correo correio courriel mel mailadresse emailadresse emailadres electronicmail posta_elettronica
        correo_electronico
        adresse_electronique
        epost epostadress epostadresse sahkoposti sahkopostiosoite
        poczta_elektroniczna poczta adres_email eposta posta_elektronica posta drotposta emailcim surel
        почта электронная_почта элпочта мейл имейл имэйл е_пошта пошта электроннаяпочта ηλεκτρονικο_ταχυδρομειο
        ημειλ
        بريد بريد_الكتروني البريد_الإلكتروني ايميل إيميل אימייל מייל דואר_אלקטרוני דואל ईमेल ई_मेल मेल
        邮箱 邮件 电子邮件 电子邮箱 電子郵件 郵箱 信箱 電子メール メール メールアドレス eメール 이메일 전자우편
        메일 địa_chỉ_email thư_điện_tử อีเมล
        電郵 电邮 电子信箱 مراسلة_الكترونية mailaddr mailto_address 메일주소
        el_pasts el_pastas e_mail_cim emailova_adresa imejl elektronska_posta elektronicka_posta 邮件地址
        電子信箱 イーメール メアド 이메일주소 e_pasts
        """,
    ),
    (
        "phone",
        """
        phone telephone telephonenumber tel telno telnr phoneno msisdn cellphone cell_number cell_no
        mobile_number mobile_no mobilephone
        fax faxnumber landline contact_number contact_no sms_number whatsapp_number
        telefon telefonnummer handynummer mobilnummer mobiltelefon mobilfunknummer rufnummer festnetz telefonnr
        faxnummer
        telefono numero_telefono telefono_movil movil celular cellulare numero_telephone numero_de_telephone
        telephone_portable numero_portable telefone telemovel telefoon telefoonnummer mobielnummer gsm gsmnummer
        telefonnumer mobilnr telefonnr puhelin puhelinnumero matkapuhelin
        telefonu numer_telefonu telefonszam cislo_telefonu telefonni_cislo numar_telefon telefon_numarasi
        cep_telefonu ceptel
        nomor_telepon nomor_hp telepon
        телефон номер_телефона мобильный мобильный_телефон тел номер_телефону τηλεφωνο κινητο
        هاتف الهاتف رقم_الهاتف جوال الجوال موبايل טלפון מספר_טלפון נייד फोन फ़ोन मोबाइल दूरभाष
        电话 电话号码 手机 手机号 手机号码 電話 電話番号 電話號碼 手機 携帯 携帯番号 携帯電話 전화 전화번호
        휴대폰 휴대전화 핸드폰 điện_thoại số_điện_thoại sđt โทรศัพท์ เบอร์โทร
        faks faksi faxe tlf tlfnr mob mobilni mobilni_telefon telefonas talrunis gsm_no gsmno phonenum phonehash
        telefon_mobil telefone_celular whatsapp_nr zalo 傳真 传真 ファックス 팩스 연락처 联系方式 連絡先
        """,
    ),
    (
        "name",
        """
        firstname lastname fullname name_full middlename surname familyname givenname forename maidenname birthname
        displayname
        realname legalname nickname fname lname mname personname customername contactname cardholder
        cardholdername holdername
        ownername username_full preferredname firstnames lastnames initials salutation patronymic
        vorname nachname familienname zuname geburtsname spitzname rufname anrede prenom nomdefamille nomcomplet
        nom_famille
        nomdenaissance surnom nombre nombre_completo primer_nombre nombres apellido apellidos apodo cognome
        nome_completo nomecompleto
        primeiro_nome sobrenome apelido nome voornaam achternaam familienaam tussenvoegsel bijnaam
        fornamn efternamn fornavn etternavn efternavn mellemnavn etunimi sukunimi kutsumanimi
        imie nazwisko imie_nazwisko jmeno prijmeni krestni_jmeno keresztnev vezeteknev csaladnev teljes_nev
        prenume nume nume_complet
        soyad soyadi adsoyad isim soyisim nama_lengkap nama_depan nama_belakang
        имя фамилия отчество фио полное_имя никнейм имя_фамилия прізвище ім_я імя по_батькові ονομα επωνυμο
        ονοματεπωνυμο
        اسم الاسم الاسم_الأول الاسم_الكامل اسم_العائلة اللقب שם שם_פרטי שם_משפחה שם_מלא नाम उपनाम पूरा_नाम
        प्रथम_नाम
        姓名 名字 真实姓名 名前 氏名 姓 名 お名前 苗字 昵称 暱稱 フルネーム ニックネーム ふりがな フリガナ 이름
        성명 성함 성 닉네임 họ_tên họ_và_tên tên ชื่อ นามสกุล
        secondname second_name segundonombre meno priezvisko krstne_meno ime prezime ime_i_prezime priimek vards
        uzvards vardas pavarde eesnimi perenimi familia familiya име фамилно_име презиме segundo_apellido
        primer_apellido apellido_paterno apellido_materno nom_usage nom_famille nom_jeune_fille tratamiento
        titulo_nombre honorific namesuffix nameprefix 本名 実名 全名 真名 カナ氏名 본명 영문이름 漢字氏名 昵名
        callsign
        """,
    ),
    (
        "account",
        """
        userid username user_name userkey usernumber uid uuid guid puid suid useruuid userref loginid loginname
        login
        accountid accountname acct acctid acctno customerid customernumber customerref customerno customerkey
        customeruuid
        memberid membernumber memberno membershipid membershipnumber memberships_no clientref
        clientnumber subscriberid subscriptionid subscriptionnumber
        employeeid employeenumber staffid staffno staffnumber studentid studentnumber personid subjectid
        visitorid externalid
        profileid crmid contactid recipientid loyaltyid loyaltynumber loyaltycard orderid ordernumber orderno
        bookingref invoicenumber
        screenname distinctid anonymousid cookieid clientid gaclientid targetingkey gclid fbclid msclkid
        userhandle
        benutzer benutzername benutzerid benutzerkennung nutzer nutzername nutzerid nutzerkennung anmeldename
        kunde kundennummer
        kundennr kundenid kundin mitgliedsnummer mitgliedsnr mitgliedid mitarbeiternummer personalnummer
        matrikelnummer konto_id auftragsnummer
        utilisateur nomutilisateur nom_d_utilisateur identifiant id_client numero_client numclient adherent
        identifiant_client
        usuario idusuario nombre_usuario nombre_de_usuario numero_cliente id_cliente utente nome_utente
        codice_cliente nomeutente
        nome_de_usuario nome_usuario codigo_cliente gebruiker gebruikersnaam gebruikerid klantnummer klantid
        klantnr lidnummer
        anvandare anvandarnamn anvandarid kundnummer medlemsnummer bruker brukernavn brugernavn bruger
        kundenummer medlemsnr
        kayttaja kayttajatunnus kayttajanimi asiakasnumero
        uzytkownik nazwa_uzytkownika numer_klienta id_klienta uzivatel uzivatelske_jmeno cislo_zakaznika
        zakaznik felhasznalo
        felhasznalonev ugyfelszam ugyfel utilizator nume_utilizator kullanici kullaniciadi musteri_no musteri
        pengguna nama_pengguna
        пользователь имя_пользователя логин идентификатор номер_клиента клиент учетная_запись користувач χρηστης
        ονομα_χρηστη
        مستخدم المستخدم اسم_المستخدم معرف_المستخدم العميل משתמש שם_משתמש מזהה_משתמש לקוח उपयोगकर्ता उपयोगकर्ता_नाम
        ग्राहक
        用户 用户名 用户id 用户编号 用戶 用戶名 使用者 账号 账户 帐号 帳號 会员 会员号 会员编号 客户编号 客户号
        会員番号 会員id ユーザー ユーザー名 ユーザid
        ユーザーid 顧客番号 顧客id アカウント 学籍番号 社員番号 사용자 사용자명 사용자id 아이디 회원번호
        고객번호 계정 người_dùng tên_đăng_nhập khách_hàng mã_khách_hàng ผู้ใช้
        facebook fbid instagram instagramid twitter twitterid tiktok snapchat whatsapp wechat weixin openid
        unionid vkontakte vkid
        linkedin linkedinurl profileurl sociallink telegram telegramid skype discord kakao kakaotalk lineid
        mastodon bluesky threads_handle github githubid gitlab
        pinterest reddit twitch youtube_channel xing viber signal_number social_handle social_profile qq微信
        微信 微博 카카오톡
        photo avatar selfie portrait profilephoto profilepicture foto profile_image profile_pic user_image headshot
        konto_inhaber kontoinhaber titular titulaire intestatario rekeninghouder gacid analyticsid adclickid
        usager idusager membre abonne abonnent abonnentnummer vartotojas lietotajs kasutaja kasutajanimi
        korisnik korisnicko_ime uporabnik потребител потребителско_име 学号 學號 工号 사번 학번 職員番号
        患者番号 pelanggan anggota nomor_anggota tài_khoản userslug usertoken useralias accountref acctref
        buyerid sellerid guestid passengerid travelerid driverid voucher_holder ticketnumber ticketno
        reservationnumber bookingnumber pnr confirmationnumber trackingnumber shipmentnumber caseid caseno
        casenumber contractnumber contractno claimnumber
        insta ig_handle igid ighandle fbprofile fb_link fbtoken xhandle xtwitter twitterurl facebookurl
        instagramurl githubusername tiktokid youtubeid snapchatid signalid lineuserid wechatopenid weibo weiboid
        zhihu douyin naver kakaoid ok_ru odnoklassniki orcid keybase gravatar soundcloud spotify_user steamid
        xboxgamertag gamertag psnid epicid battletag playerid
        ログイン ログインid 고객 회원 顧客 お客様 客户 顾客 会員 受取人 担当者 거래처 клиентский_номер
        """,
    ),
    (
        "government_id",
        """
        ssn ssnlast4 last4ssn socialsecurity socialsecuritynumber social_insurance_number socialinsurance nino
        nationalinsurance nationalinsurancenumber
        nationalid nationalidnumber nationalnumber identitynumber identitycard idcard idcardnumber idnumber idno
        governmentid govid citizenid
        passport passportno passportnumber passportnr passportid driverlicense driverslicense drivinglicense
        driverlicence driverslicence
        drivinglicence dlnumber licenseplate licenceplate numberplate plate_number platenumber vehicleplate vin
        vinnumber taxid taxnumber
        taxpayerid tinnumber itin ein vatnumber vatid votersid voterid residentid residencepermit visanumber
        greencard
        medicare medicaid medicarenumber nhsnumber nhs healthcard healthinsurance insurancenumber insurance_no
        policynumber
        reisepass reisepassnummer personalausweis ausweis ausweisnummer ausweisnr steuerid steuernummer steuernr
        steueridentifikationsnummer
        sozialversicherungsnummer svnr svnummer ahvnummer ahv ahvnr versichertennummer
        krankenversicherungsnummer kennzeichen
        autokennzeichen fuhrerschein fuehrerschein fuhrerscheinnummer
        passeport numero_securite_sociale numero_de_securite_sociale numsecu nir carte_identite carte_nationale
        cni plaque_immatriculation immatriculation permis_conduire
        permis_de_conduire numero_fiscal dni nif nie cif pasaporte cedula curp rut matricula carnet_conducir
        seguridad_social numero_seguridad_social licencia_conducir
        codicefiscale codice_fiscale passaporto targa patente partita_iva carta_identita tessera_sanitaria
        passaporte cpf cnpj carteira_identidade cartao_cidadao cnh nisf pis rne titulo_eleitor
        bilhete_identidade contribuinte
        bsn burgerservicenummer paspoort paspoortnummer kenteken rijbewijs rijbewijsnummer rijksregisternummer
        sofinummer identiteitskaart
        personnummer personnr fodselsnummer fodselsnr cprnummer cprnr cpr pass_nummer korkort korkortsnummer
        henkilotunnus hetu passinumero ajokortti kennitala samordningsnummer
        pesel nip dowod_osobisty numer_dowodu paszport prawo_jazdy rejestracja rodnecislo rodne_cislo cislo_op
        obcansky_prukaz ridicsky_prukaz cislo_pasu cestovni_pas spz
        szemelyi_szam szemelyi_igazolvany tajszam taj_szam adoazonosito adoszam utlevel rendszam jogositvany
        cnp buletin pasaport carte_de_identitate tckimlik tckimlikno kimlikno kimlik tckn vergino pasaportno
        ehliyet plaka nik ktp npwp oib emso jmbg amka
        паспорт номер_паспорта снилс инн серия_паспорта водительское_удостоверение номерной_знак госномер
        ідентифікаційний_код іпн егн
        αφμ αμκα ταυτοτητα αριθμος_ταυτοτητας διαβατηριο
        رقم_الهوية الهوية الهوية_الوطنية جواز_السفر جواز رقم_الجواز תעודת_זהות מספר_זהות דרכון רישיון_נהיגה आधार
        आधार_संख्या पैन पासपोर्ट aadhaar aadhar uidai
        身份证 身份证号 身份证号码 身分證 身分證字號 护照 护照号 護照 车牌 车牌号 驾照 社保号 マイナンバー
        個人番号 パスポート 旅券番号 運転免許証 免許証番号 保険証 주민등록번호
        주민번호 여권 여권번호 운전면허 외국인등록번호 cccd cmnd căn_cước chứng_minh_nhân_dân hộ_chiếu số_cmnd
        mã_số_thuế บัตรประชาชน
        vehicleregistration registrationplate numberofpassport lastfourssn ssnlastfour personalnumber personalid
        personal_code identificationnumber identification_document reg_plate
        documentnumber documentno documentid nrodocumento nro_documento numero_documento numdocumento
        documento_identidad documento identitydocument vatno vatreg пасспорт загранпаспорт паспортные_данные
        водительские_права инн_снилс номер_документа rodne_cislo_sk ico_dic jmbg_broj licna_karta
        osobna_iskaznica licenca_vozila asmens_kodas personas_kods isikukood egn lnch nik_ktp sim_card_id
        社会保障番号 保険証番号 統一編號 居民身份证 税号 納税者番号 사업자번호 주민번호뒷자리 면허번호
        운전면허번호 자동차번호 차량번호 車牌號碼 ナンバープレート medicarecard driverid_no drivinglicencenumber
        driverslicensenumber driverlicensenumber driverlicencenumber dl_no certificate_number birthcertificate
        militaryid
        taxidentifier taxfilenumber nationalidentifier governmentidentifier plateno platenr rfcmexico
        """,
    ),
    (
        "payment",
        """
        iban bic swiftcode bicswift accountnumber accountno accountnr bankaccount bankaccountnumber bankdetails
        routingnumber routingno aba sortcode bsbnumber ifsc
        creditcard creditcardnumber debitcard debitcardnumber cardnumber cardno cardnr ccnumber ccnum ccno ccn
        pannumber primaryaccountnumber
        cvv cvv2 cvc cvc2 cardexpiry cardexp cardlast4 expirydate_card paymentcard paymentmethodid
        giftcardnumber
        paypal paypalid venmo walletaddress walletid cryptowallet cryptoaddress btcaddress bitcoinaddress
        bitcoin ethaddress ethwallet ethereumaddress xpub upi upiid pixkey
        kontonummer kontonr bankverbindung bankleitzahl blz kreditkarte kreditkartennummer kartennummer
        ecknummer girokonto prufziffer_karte bankkonto
        carte_bancaire numero_carte numero_de_carte carte_de_credit cartecredit numero_compte numero_de_compte
        compte_bancaire rib cryptogramme
        tarjeta tarjeta_credito tarjeta_de_credito numero_tarjeta cuenta_bancaria numero_cuenta numero_de_cuenta
        clabe cbu
        carta_credito carta_di_credito numero_carta conto_bancario conto_corrente numero_conto conta_bancaria
        cartao cartao_credito cartao_de_credito
        numero_cartao numero_conta chave_pix rekeningnummer bankrekening creditcardnummer kaartnummer
        bankkontonummer kreditkort kortnummer kreditkortsnummer betalkort bankkort tilinumero luottokortti
        pankkitili
        numer_konta konto_bankowe numer_karty karta_kredytowa karta_platnicza cislo_uctu bankovni_ucet
        cislo_karty kreditni_karta platebni_karta
        bankszamlaszam szamlaszam bankkartya kartyaszam bankkartyaszam cont_bancar numar_card banka_hesabi
        hesap_no kredi_karti kart_no nomor_rekening kartu_kredit
        номер_карты карта_номер банковский_счет номер_счета банковская_карта кредитная_карта расчетный_счет
        рахунок τραπεζικος_λογαριασμος πιστωτικη_καρτα αριθμος_καρτας
        رقم_البطاقة بطاقة_الائتمان رقم_الحساب الحساب_البنكي آيبان ايبان כרטיס_אשראי מספר_כרטיס חשבון_בנק
        מספר_חשבון क्रेडिट_कार्ड कार्ड_नंबर खाता_संख्या बैंक_खाता
        银行卡 银行卡号 信用卡 信用卡号 信用卡號 银行账户 銀行帳號 支付宝 銀行口座 口座番号 クレジットカード
        カード番号 카드번호 신용카드 계좌번호 계좌 số_thẻ thẻ_tín_dụng số_tài_khoản บัตรเครดิต เลขบัญชี
        cardlastfour cardlast lastfour last4 lastfourdigits ach achrouting achaccount accountholder banknumber
        banking_details sepamandate sepa cardtoken cardfingerprint cardbin
        cardpan panhash maskedpan accountiban banksortcode bankcode bankname bankaccountno kreditkartennr
        kontoinhabername geldkarte banca_cuenta nro_tarjeta numero_cuenta_bancaria numer_konta_bankowego
        broj_racuna broj_kartice ziro_racun tekuci_racun номер_счёта расчётный_счёт 口座 口座名義 銀行コード
        ウォレット 錢包 钱包 钱包地址 은행계좌 카드 지갑 venmo_id cashtag cashapp zelle stripecustomer stripeid
        applepay googlepay dogecoin litecoin monero solana seed_wallet
        """,
    ),
    (
        "address",
        """
        address addr address_full full_address street_line streetaddress addressline homeaddress shippingaddress
        billingaddress mailingaddress
        postaladdress street streetname streetnumber streetno
        housenumber houseno housenr apartment apartmentnumber aptno flatnumber postcode postalcode zipcode zip
        zip4 pobox deliveryaddress residence
        anschrift adresse strasse strassenname strassennummer hausnummer hausnr postleitzahl plz wohnort
        wohnadresse lieferadresse rechnungsadresse postanschrift postfach
        rue nomrue codepostal code_postal cp_ville adresse_postale adresse_livraison domicile ville
        adresse_facturation numero_rue
        direccion calle codigopostal codigo_postal domicilio ciudad direccion_postal poblacion municipio colonia
        indirizzo codice_postale numero_civico citta comune via_residenza residenza endereco rua cep morada
        bairro logradouro codigo_postal cidade
        straat straatnaam huisnummer huisnr postcodes adres woonplaats woonadres huisadres
        adress gatuadress postnummer postnr postadress gateadresse vejnavn husnummer katuosoite
        osoite postinumero postitoimipaikka lahiosoite kotiosoite
        ulica ulice nr_domu numer_domu kodpocztowy kod_pocztowy miejscowosc miasto adres_zamieszkania psc
        bydliste cislo_popisne mesto
        lakcim iranyitoszam utca hazszam cim adresa strada cod_postal cod_numeric localitate sokak mahalle
        postakodu posta_kodu ev_adresi alamat kode_pos
        адрес улица дом_номер номер_дома почтовый_индекс домашний_адрес квартира поштовий_індекс адреса вулиця
        διευθυνση οδος ταχυδρομικος_κωδικας τκ
        عنوان العنوان شارع الشارع الرمز_البريدي כתובת רחוב מיקוד पता सड़क पिन_कोड डाक_पता
        地址 住址 街道 邮编 邮政编码 郵遞區號 家庭住址 收货地址 住所 番地 郵便番号 自宅住所 주소 집주소 우편번호
        도로명주소 địa_chỉ số_nhà mã_bưu_điện đường_phố ที่อยู่ รหัสไปรษณีย์
        localidad provincia_cp municipality residential_address residential permanentaddress currentaddress
        workaddress officeaddress zip5 zippostal postcodeprefix strassen_nr ortschaft hausnummer_zusatz
        codigo_postal_cp estado_direccion barrio departamento_dir piso_puerta portal_numero adresa_bydliska
        ulica_broj postanski_broj postna_stevilka naslov mjesto_stanovanja пощенски_код адресат адрес_проживания
        丁目 市区町村 建物名 マンション名 門牌 详细地址 道路名 상세주소 동호수 kelurahan kecamatan rt_rw
        """,
    ),
    (
        "location",
        """
        latitude longitude lat lng latlng latlon latlong lonlat lnglat coord coords coordinate coordinates
        geocoordinates geopoint geolocation geoloc
        geohash gps gpslat gpslon gpsposition gpslocation gpscoordinates pluscode what3words w3w s2cell h3index
        placeid altitude userlocation currentlocation
        lastlocation homelocation preciselocation location whereabouts wifissid ssid bssid cellid celltower
        trackingposition
        standort aufenthaltsort koordinaten breitengrad langengrad laengengrad geokoordinaten geoposition
        gpsposition
        localisation geolocalisation coordonnees emplacement ubicacion coordenadas latitud longitud
        geolocalizacion posicion_gps
        posizione geolocalizzazione coordinate latitudine longitudine localizacao localizacao_gps locatie
        coordinaten breedtegraad lengtegraad
        koordinater breddgrad langdgrad posisjon sijainti koordinaatit leveysaste pituusaste lokalizacja
        wspolrzedne szerokosc_geograficzna dlugosc_geograficzna
        souradnice zemepisna_sirka poloha koordinatak helyzet szelesseg hosszusag locatie_gps coordonate konum
        enlem boylam lokasi lintang bujur
        широта долгота координаты местоположение геолокация геопозиция довгота місцезнаходження συντεταγμενες
        γεωγραφικο_πλατος τοποθεσια
        موقع الموقع خط_العرض خط_الطول إحداثيات מיקום קואורדינטות קו_רוחב קו_אורך स्थान अक्षांश देशांतर निर्देशांक
        位置 定位 经度 纬度 經度 緯度 坐标 座標 経度 位置情報 現在地 위도 경도 위치 좌표 vị_trí vĩ_độ kinh_độ
        tọa_độ ตำแหน่ง ละติจูด
        precisegeo exactlocation geolat geolng geolon preciselat preciselng
        currentlat currentlng currentlon lastlat lastlng lastlon long_lat lat_long gpslong gpslng locationlat
        locationlng deg_lat geoposition geocode geotag geotrack координата локация lokacija polozaj
        zemljepisna_sirina 所在地 地理位置 位置坐标 現在地情報 현재위치 위치정보 経緯度 经纬度
        coordenada coordinata koordinate koordinat koordinata
        """,
    ),
    (
        "date_of_birth",
        """
        dob birthdate birthday dateofbirth birthyear birthmonth yearofbirth monthofbirth bday bdate birth
        borndate birthplace placeofbirth age_exact exactage ageyears
        geburtsdatum geburtstag gebdatum geburtsjahr geboren geburtsort lebensalter datenaissance
        date_de_naissance date_naissance anniversaire annee_naissance lieu_naissance ne_le
        fechanacimiento fecha_nacimiento fecha_de_nacimiento cumpleanos ano_nacimiento nacimiento datadinascita
        data_nascita data_di_nascita compleanno anno_nascita nascita
        datanascimento data_nascimento data_de_nascimento aniversario nascimento geboortedatum geboortejaar
        verjaardag geboorteplaats
        fodelsedatum fodelsear fodselsdato fodselsdag fodelsedag syntymaaika syntymapaiva syntymavuosi
        data_urodzenia dataurodzenia urodziny rok_urodzenia datum_narozeni narozeni narozeniny rok_narozeni
        szuletesi_datum szuletesnap szuletesi_ido szuletesi_hely szuletes
        data_nasterii datanasterii ziua_nasterii dogumtarihi dogum_tarihi dogumgunu dogum_yili dogum
        tanggal_lahir tgl_lahir tempat_lahir datum_rodjenja
        дата_рождения день_рождения год_рождения дата_народження рождение возраст место_рождения
        ημερομηνια_γεννησης γενεθλια γεννηση ηλικια
        تاريخ_الميلاد الميلاد تاريخ_الولادة العمر תאריך_לידה יום_הולדת גיל जन्मतिथि जन्म_तिथि जन्मदिन जन्म_दिनांक
        आयु उम्र
        生日 出生日期 出生年月 出生 年龄 年齡 生年月日 誕生日 生まれ 年齢 생년월일 생일 출생일 나이 ngày_sinh
        năm_sinh sinh_nhật tuổi วันเกิด
        fecha_nac fec_nac fechanac data_nasc dtnasc datanasc date_naiss datenaiss gebjahr geb_dat
        nascimento_data birthdt dateborn
        naissance fodselsar fodsels_ar fodelsear_manad geburts_jahr geb geburt nasc nascita_data rok_narodenia
        datum_narodenia datum_rodenja datum_rojstva rodjendan rodjenja gimimo_data dzimsanas_datums sunniaeg
        дата_на_раждане рожден_ден рождения 出生年 出生地 生まれ年 출생년도 출생연도 태어난해 ageinyears
        agegroup_exact birthtime birthdatetime birthmonthday
        """,
    ),
    (
        "device_serial",
        """
        deviceid deviceuuid deviceserial deviceidentifier serialnumber serialno serialnr serialnum imei imei2
        imeisv imeinumber meid esn imsi iccid eid_esim simserial simnumber
        simid udid androidid ssaid idfa idfv ifa ifv gaid aaid adid oaid vaid rida tifa lgudid msai
        advertisingid advertiserid adtrackingid hwid hardwareid machineid machineguid
        installationid installid instanceid cpuserial boardserial biosserial diskserial tpmid vendorid_device
        pushtoken fcmtoken apnstoken registrationtoken
        fingerprint devicefingerprint browserfingerprint canvasfingerprint canvashash webglhash audiofingerprint
        fonthash fingerprintid fingerprinthash fingerprinttemplate
        seriennummer seriennr geratenummer geratekennung gerateid geraeteid geraetenummer numero_serie
        numero_de_serie identifiant_appareil id_dispositivo numero_di_serie numero_de_serie serienummer
        apparaatid enhetsid sarjanumero laitetunnus numer_seryjny seriove_cislo sorozatszam numar_serie seri_no
        serino cihaz_id nomor_seri
        серийный_номер имей идентификатор_устройства серійний_номер σειριακος_αριθμος الرقم_التسلسلي معرف_الجهاز
        מספר_סידורי מזהה_מכשיר क्रमांक_संख्या सीरियल_नंबर
        序列号 序號 设备id 设备号 设备标识 製造番号 シリアル番号 シリアルナンバー 端末id デバイスid 일련번호
        기기id 단말기id số_sê_ri
        deviceguid devicehash devicefp deviceimei serialnum serialcode snnumber imeihash modemid baseband_id
        wifi_id btid bluetoothid beaconid adidhash gaidhash idfahash oaidmd5 androidadid appinstanceid appsetid
        firebaseid fid_token onesignalid braze_id amplitudeid mixpanelid segmentanonymousid clientuuid browserid
        visitoruuid 设备序列号 設備編號 設備識別碼 端末識別番号 기기식별자 광고id 広告id 广告id
        """,
    ),
    (
        "network_id",
        """
        ip ipaddress ipaddr ipadr ipv4address ipv6address ipaddressv4 clientip remoteip userip visitorip
        sourceip publicip localip lanip peerip realip trueclientip xrealip remoteaddr remoteaddress
        remotehost clientaddr xforwardedfor forwardedfor cfconnectingip xclientip macaddress macaddr macadr
        wifimac wlanmac ethernetmac bluetoothmac btmac mac bluetoothaddress btaddr
        hostaddr rdns reversedns ptrrecord dhcpclientid duid ipadresse ipadressen macadresse adresseip
        adressemac direccionip direccionmac direccion_ip indirizzoip indirizzo_ip enderecoip endereco_ip
        ipadres macadres ipadress iposoite adresip adres_ip ipcim adresa_ip ip_adresi ipadresi ip_адрес
        айпи_адрес айпи عنوان_ip כתובת_ip ip地址 ipアドレス macアドレス mac地址 ip주소 mac주소 아이피 địa_chỉ_ip
        """,
    ),
    (
        "credential",
        """
        password passwd pwd passphrase passcode passwordhash pinnumber pincode otp otpcode totp mfacode
        twofactorcode onetimepassword secret secretkey clientsecret apisecret
        sharedsecret token accesstoken refreshtoken idtoken authtoken bearertoken bearer sessiontoken csrftoken
        xsrftoken jwt oauth oauthtoken apikey apitoken accesskey secretaccesskey awskey privatekey sshkey
        encryptionkey signingkey licensekey auth authkey authcode authorization authorisation authcookie
        basicauth credential credentials sessionid sessionkey sessioncookie sessid jsessionid phpsessid sid
        cookie cookies setcookie securityquestion securityanswer secretquestion secretanswer mothersmaidenname
        recoverycode recoveryphrase seedphrase mnemonic backupcode samlresponse samlassertion
        passwort kennwort geheimnis zugangsdaten anmeldedaten sitzungsid motdepasse mot_de_passe mdp contrasena
        clave_secreta contrasenya parola_chiave parola chiave_segreta senha palavra_passe palavrapasse
        wachtwoord geheim losenord losen passord adgangskode kodeord salasana haslo heslo jelszo sifre parolasi
        kata_sandi katasandi sandi lozinka geslo
        пароль секрет токен секретный_ключ κωδικος συνθηματικο κωδικος_προσβασης كلمة_المرور كلمة_السر
        الرقم_السري סיסמה סיסמא पासवर्ड कूटशब्द गुप्त
        密码 密碼 口令 密钥 令牌 パスワード 暗証番号 秘密鍵 トークン 비밀번호 암호 토큰 인증키 mật_khẩu
        mã_bí_mật รหัสผ่าน
        csrf xsrf userpass passhash pw_hash pwdhash heslo_hash parole_hash лозинка zaporka geslo_hash
        slaptazodis parool парола ключ_доступа код_доступа 口令牌 验证码 認証コード 認証トークン 인증번호
        인증토큰 暗号鍵 显示密码 smscode smsotp verificationcode loginkey logintoken magiclink resetlink
        resettoken signedcookie sessiondata authsession authuser ssotoken nonceauth
        """,
    ),
    (
        "other",
        """
        gender confession ethnicity ethnic ethnicgroup religion religious nationality citizenship maritalstatus
        marital sexualorientation sexuality politicalparty politicalaffiliation politicalopinion politicalviews
        tradeunion unionmembership
        diagnosis diagnoses healthstatus healthcondition medicalcondition medicalrecord medicalrecordnumber
        medicalhistory mrn patient patientid patientname disability disabled_person bloodtype bloodgroup
        prescription medication allergies
        pregnant pregnancy hivstatus dna genome genetic geneticdata biometric biometrics biometricdata faceid
        faceprint facetemplate facedescriptor faceembedding facialrecognition irisscan retina retinascan
        voiceprint palmprint salary income creditscore caste criminalrecord convictions
        geschlecht ethnie herkunft konfession staatsangehorigkeit staatsburgerschaft nationalitat familienstand
        personenstand diagnose krankheit gesundheit behinderung schwanger blutgruppe einkommen gehalt
        sexuelle_orientierung parteizugehorigkeit
        sexe ethnie nationalite etat_civil situation_familiale maladie handicap groupe_sanguin salaire revenu
        orientation_sexuelle genero sexo etnia nacionalidad estado_civil raza religiao nacionalidade raca
        diagnostico enfermedad salario ingresos
        sesso genere_persona nazionalita cittadinanza stato_civile malattia religione reddito geslacht
        nationaliteit burgerlijke_staat godsdienst etniciteit ziekte inkomen
        kon_person nationalitet civilstand etnicitet sukupuoli kansalaisuus siviilisaaty uskonto plec narodowosc
        obywatelstwo wyznanie stan_cywilny pohlavi narodnost statni_prislusnost nabozenstvi nem_szemely
        allampolgarsag vallas nemzetiseg cetatenie cinsiyet uyruk medeni_hal din_mezhep jenis_kelamin agama
        пол религия национальность гражданство вероисповедание раса диагноз семейное_положение стать
        громадянство φυλο θρησκεια υπηκοοτητα εθνικοτητα الجنس الديانة الجنسية العرق الحالة_الاجتماعية מין דת
        לאום אזרחות लिंग धर्म जाति राष्ट्रीयता
        性别 性別 民族 国籍 國籍 宗教 婚姻状况 病历 诊断 人種 血液型 성별 국적 종교 인종 결혼여부 혈액형
        giới_tính quốc_tịch tôn_giáo dân_tộc เพศ ศาสนา สัญชาติ
        sexual sexualpreference sexlife disabilities disabilitystatus political politics ethnicbackground racial
        racialorigin medicalid medical medicalinfo healthdata healthinfo illness handicapped immigrationstatus
        veteranstatus criminal
        religiousaffiliation sexassigned genderatbirth pronouns hiv hivresult vaccination vaccinationstatus
        disease_history mentalhealth bmi weight_kg bodyweight biometria biometrija националност вера
        пол_человека věk_osoby narodnost_osoby rasa_osoby народность вероисповедание_религия 学歴 年収 収入 病歴
        持病 障害 既往歴 학력 소득 병력 장애 收入 病史 残疾 种族 民族成分 政治面貌 gewerkschaft krankheiten
        religionszugehorigkeit ethnische_herkunft parti_politique syndicat appartenance orientacion_sexual
        estado_salud sante etat_de_sante opinioni_politiche salute
        """,
    ),
)

# Words that identify alone or beside qualifiers only, because elsewhere they are ordinary, as in "sub_region".
WORDS_ALONE: Final[tuple[tuple[Category, str], ...]] = (
    (
        "email",
        """
        em eml recipient inbox
        """,
    ),
    (
        "phone",
        """
        mobile cell handy portable sms gsm mobiel mobil telephony contact
        """,
    ),
    (
        "name",
        """
        name names first last middle full family given nom navn namn naam nev nimi nama nick alias person holder
        owner ad who middle_initial
        """,
    ),
    (
        "account",
        """
        user users account accounts customer client member subscriber student employee staff visitor sub oid
        handle identity identifier id ids pid cid vid profile patron buyer guest passenger traveler traveller
        tenant_user cliente klient klant kunden kund vk line wx qq fbp fbc ga gid xid eid ref homepage website
        picture twitter_handle konto
        """,
    ),
    (
        "government_id",
        """
        sin nin tin dni rg rfc pan nss license licence visa bi crn pps sofi kvnr visum aid
        document dokument
        """,
    ),
    (
        "payment",
        """
        card pan cc swift wallet bank expiry exp iban_code pix btc eth karte carte carta kort karta kart
        konto_nr conta conto cuenta compte
        """,
    ),
    (
        "address",
        """
        city town village county house building apt suite block district via cap ort stadt stad by ort_name oras
        sehir kota cp
        gate gata vej
        """,
    ),
    (
        "location",
        """
        lon long position posit pos place venue geo latitud alt where
        geo
        """,
    ),
    (
        "date_of_birth",
        """
        age alter edad eta idade leeftijd alder ika wiek vek kor varsta yas born umur birth_place
        """,
    ),
    (
        "device_serial",
        """
        serial device sn handset sim hardware machine print_id
        """,
    ),
    (
        "network_id",
        """
        ipv4 ipv6 host hostname ether hwaddr asn isp
        """,
    ),
    (
        "credential",
        """
        pin session key code_otp nonce_token pw pass signature login_code clave tan puk
        """,
    ),
    (
        "other",
        """
        sex race party iris retina_id genotype health disease weight_kg height_cm weight_lbs kon ras
        rasse raza sessualita face voice
        性
        """,
    ),
)

# What may stand beside a word of ``WORDS_ALONE`` without making it innocent.
QUALIFIERS: Final = word_set(
    """
    id ids no nr num number nummer numero code value val hash hashed sha sha1 sha256 sha512 md5 hex raw exact
    plain encrypted enc full real true my your the of de user customer client member visitor person personal
    contact primary secondary home work private business billing shipping delivery current legal main uuid guid
    ref reference key kunde kunden mitglied owner holder guest patient employee student account parent en fr es
    it pt nl pl sv da fi cs hu ro tr ru uk ar he hi zh ja ko vi el 1 2 3 4 5 6 7 8 9 text string str field data
    info input token cookie proof external internal
    precise nearest detected resolved provided given sent known
    nro num numero numer cislo nr deg degrees hash sha512 md5hash obfuscated masked
    cliente clientes klant klienta klient client kunden zakaznika ugyfel musteri utente usuario usager titulaire
    paciente
    paziente medlem asiakas privat persona personne person_de usr cust mbr emp stud cli clt
    recipient sender spouse partner husband wife child son daughter parent mother father guardian kin emergency
    beneficiary
    buyer seller payer payee passenger traveler traveller attendee applicant candidate resident driver doctor teacher
    nominee insured policyholder signatory
    """
)

# A last token that makes a name speak of how something looks or how much of it there is, not of what it says.
DESCRIPTORS: Final = word_set(
    """
    type types tier class classes version versions format formats layout style count counts bucket buckets band
    policy mode theme size level length status state enabled supported available allowed support schema visible
    hidden range group_size quality depth segment segments cohort source provider rating ratings required valid
    verified limit limits ttl max min validation placeholder label icon color colour font width height
    position_in_page strength order sort sorting locale os feature features variant layout_variant compression
    speed step stage scale view
    template templates method methods passed gate prompt banner widget button category categories name_format
    language_mode rule rules percent ratio flag flags
    """
)

# Things that have names, ids, keys and numbers without being people.
THINGS: Final = word_set(
    """
    page creative event feature file template variant experiment site class font theme slot option topic category tag
    campaign market segment cohort group flag product content article layout build release version week month
    day year row column col item step stage section block widget component module os browser platform app api
    sdk engine brand model region country language currency time zone timezone cache key hash color colour icon
    image asset bucket store channel environment env cluster node server service plan tier level field table
    index schema style script query route locale calendar unit test bundle package request trace span
    correlation job task batch config setting design banner video audio media screen view tab menu collection
    catalog catalogue sku game room library referrer network parent_page node carousel list section_header header footer
    """
)

# What compounds with an identifying word without a separator: "emailadresse", "phonenumber".
FILLERS: Final = word_set(
    """
    id ids no nr num nummer number numero code hash key name namen names address adresse adressen addr adres
    adress line zeile ref token data info value field text user customer client member my account nummern
    kennung kode koden haus home work primary secondary the eingabe feld input angabe eintrag n 地址 号 号码
    番号 名 번호 주소
    nro num numero numeri numer cislo szam broj nomor mobile
    """
)

# What people, or programs with nothing to say, put where an id is asked.
PLACEHOLDERS: Final = word_set(
    """
    test tester testing password passwort passwd secret admin administrator root guest anonymous anon nobody
    someone me myself user username demo example sample foobar qwerty asdf azerty letmein deadbeef changeme
    """
)

# Common first and last names of Europe, the Americas and Asia; those that are also places or plain words are left out.
GIVEN_NAMES: Final = word_set(
    """
    adam ahmed ahmet alejandro alessandro alexander alexandra ali alice amanda amber amelie amy ana andrea
    andreas andrew andrzej angela anna anne anthony anton antonio ashley barbara becker ben bernd brandon brenda
    brian brittany brown bruce bryan camille carlos carol carolyn catherine charles charlotte chen cheryl chiara
    christian christine christopher claire clara claudia crystal cynthia daniel david davis deborah debra demir
    dennis diana diane diego dimitri donald donna dorothy dustin edward elena elizabeth emilia emily emma eric
    erica erik eugene eva evelyn fabian fatima felipe felix fernando fiona fischer florian francesca francesco
    francois frank gabriel garcia gary george giovanni giulia giuseppe gomez gonzalez greta guillaume
    gupta hannah hans harald hassan heather heike heinrich heinz helen henrik henry hernandez hiroshi hoffmann
    hugo ibrahim igor ines ingrid isabel isabella ivan ivanov jack jacob jacqueline jakub james jan jane janine
    jason jean jeffrey jennifer jeremy jerry jessica jiri joao joe joel johan johannes john jonas jonathan jones
    jorge jose josef joseph joshua juan juergen julia julian julie justin karen karin karl katarzyna kate
    katharina katherine kathleen kaya kelly kenji kenneth kevin kimberly klaus kowalski kumar kyle larry lars
    laura lea lena leon leonardo lewis linda lisa lopez lorenzo lori louis lucas lucia ludwig luigi luis luisa
    lukas magdalena maja malgorzata mallory manfred manuel marcel marco marcos margaret margot maria marie
    marina mario marta martin martina martinez mary mateusz matteo matthew matthias max maximilian megan mehmet
    melanie melissa meyer mia michael michel michelle miguel mikko milan miller mohamed mohammed monica monika
    moore mueller muhammad mustafa nagy nancy natalia nathan nguyen nicolas nicole nikolai nils nina noah novak
    olga oliver olivia pablo pamela paolo patel patricia patrick paul paula pavel pedro perez peter petra petrov
    pham philip philipp philippa philippe pierre piotr popescu rachel rafael raj ralf ramon raymond rebecca
    renate richard rick robert roberto rodrigo rodriguez ronald ronny rossi ruth ryan sabine samuel sanchez
    sandra sara sarah schmidt schneider sebastian sergei sergio sharma sharon shirley silva silvia simon simone
    singh smith sofia sophie soren stanislaw stefan stephanie stephen steven susan susana susanne sven svetlana
    takashi tanaka tatiana taylor teresa theresa thomas thompson tiffany tim timothy tobias tomasz torres tran
    troy tyler ursula valentina valerie vanessa veronica victor victoria viktor vincent vladimir wagner walker
    walter wang weber wei wendy werner wilhelm william wilson wolfgang xavier yang yilmaz yuki yusuf yves
    zachary zhang zofia
    """
)
