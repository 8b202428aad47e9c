"""Words for people's roles, and for what tells one person in a role from the others.

Two tables that ``persons`` joins: a word for a person in some role ("consignee", "Schüler", "nasabah") and
a word for what tells that person apart ("name", "Nummer", "kode"), in the languages of ``languages``. Words
are looked up without marks, case and separators; one of five letters or more also with an ending of up to three, so
that in languages that decline, the stem is listed ("odbiorc" for "odbiorca" and "odbiorcy").
"""

from typing import Final

from service.core.identity.category import Category
from service.core.identity.folding import word_set

# English words for persons and nothing else.
ENGLISH_ROLES: Final = word_set(
    """
    user customer member subscriber patient student employee patron guest passenger traveler traveller attendee
    visitor consignee consignor shipper addressee recipient signatory signee signer pupil learner schoolchild
    schoolkid borrower lender parishioner congregant worshipper churchgoer debtor creditor payee payer remitter
    beneficiary homeowner householder landlord landlady lessee lessor renter occupant occupier policyholder
    policy_holder policy_owner insured insured_person insured_party claimant donor volunteer applicant alumni
    alumnus alumna graduate cardholder card_holder account_holder account_owner license_holder licence_holder
    permit_holder ticket_holder pass_holder passport_holder stakeholder shareholder stockholder bondholder
    unitholder leaseholder next_of_kin kin guardian spouse caregiver carer caller callee calling_party
    called_party connected_party redirecting_party a_party b_party calling_subscriber called_subscriber buyer
    purchaser shopper sender mailer crewmember crew_member staff physician doctor nurse practitioner
    clinician surgeon dentist therapist inpatient outpatient resident teacher tutor professor lecturer instructor
    athlete swimmer rider cyclist commuter motorist captain sailor seafarer taxpayer voter
    elector citizen prisoner inmate detainee suspect defendant plaintiff witness victim offender complainant
    petitioner appellant notary lawyer solicitor attorney mourner deceased decedent heir testator trustee
    settlor grantor grantee nominee assignee transferee transferor mortgagor mortgagee guarantor cosigner co_signer
    shareowner investor depositor drawer drawee endorser requester requestor submitter enrollee registrant
    delegate exhibitor hunter angler gambler bettor punter contestant entrant camper hiker skier diver
    golfer lodger boarder tenant_contact hirer labourer laborer contractor freelancer apprentice
    trainee cadet soldier veteran recruit refugee migrant asylum_seeker farmer grower breeder pet_owner dog_owner
    horse_owner keeper registered_keeper vehicle_owner car_owner boat_owner owner_contact baptised baptized
    godparent godfather godmother confirmand pledger tither sacristan child infant newborn mother father parent
    fiance bride groom organ_donor blood_donor sponsor_contact household_head maiden baptismal
    christening religious_order birth_mother loan_taker loyalty_member club_member gym_member team_member
    bank_customer retail_customer end_customer end_user enduser operator_user portal_user game_player gamer
    streamer viewer_user author_user angel_investor account_signatory authorised_person authorized_person
    contact_person natural_person data_subject trial_subject study_participant participant respondent receiver
    jockey nok interviewee panelist panellist proband
    pax keyholder key_holder skipper steward stewardess flight_attendant kid householder juror judge arrestee
    police_officer priest pastor rabbi imam vicar beneficial_owner ubo bidder dancer neighbour neighbor
    fisherman barrister paralegal referring_doctor prescriber gp physiotherapist pharmacist optician midwife
    paramedic rescuer firefighter pensioner retiree hostess janitor caretaker cleaner babysitter nanny childminder
    freeholder co_owner co_applicant co_debtor daughter son wife husband sibling brother sister grandparent
    grandmother grandfather stepmother stepfather licensee undersigned counterparty_contact household_member
    """
)

# English words for persons that are also words for programs, machines and companies: a key, code or hash of theirs is
# no person's.
ENGLISH_ROLES_OF_THINGS_TOO: Final = word_set(
    """
    reader driver candidate tenant crew courier seller client player agent sponsor winner pilot coach director officer
    intern
    """
)

ROLES_BY_LANGUAGE: Final[dict[str, str]] = {
    "German": "empfanger empfaenger absender versender zusteller unterzeichner unterschreiber schuler schueler "
    "lehrer lehrkraft student studierende auszubildende azubi gast fahrgast fluggast hotelgast passagier reisende "
    "leser bibliotheksnutzer ausleiher entleiher mitglied gemeindemitglied spender glaubiger glaeubiger schuldner "
    "zahlungsempfanger zahlungsempfaenger zahlungspflichtige begunstigte beguenstigte kontoinhaber karteninhaber "
    "versicherungsnehmer versicherte anspruchsteller bewerber kandidat teilnehmer mieter vermieter eigentumer "
    "eigentuemer hausbesitzer wohnungseigentumer halter fahrzeughalter tierhalter besitzer inhaber fahrer "
    "bewohner einwohner burger buerger steuerpflichtige patient versicherten abonnent anrufer angerufene kaufer "
    "kaeufer verkaufer verkaeufer besteller auftraggeber ehrenamtliche helfer angehorige angehoerige "
    "erziehungsberechtigte wahler waehler laufer laeufer anschlussinhaber verstorbene landwirt gesellschafter "
    "vormund sanger nutzer mandant klager beklagte erblasser taufling taeufling tauf konfirmand pate anleger "
    "aktionar darlehensnehmer kreditnehmer sparer arzt spieler absolvent mitarbeiter arbeitnehmer beschaftigte "
    "personal zeuge zeugen richter anwalt anwalts rechtsanwalt jager jaeger eigner bootseigner gastgeber bauherr "
    "bauherren rechnungsempfanger rechnungsempfaenger sportler zahlerinhaber vertragspartner vertragsinhaber "
    "kassenpatient kind kindes eltern elternteil vater mutter ehepartner ehemann ehefrau lebenspartner nachbar "
    "pfarrer priester hausarzt apotheker therapeut trainer betreuer betreute pflegebedurftige bevollmachtigte "
    "treuhander stifter kunstler kuenstler autor taucher pachter verpachter winzer wirt opfer tater zuschauer "
    "besucher rentner soldat gefangene haftling",
    "French": "destinataire expediteur consignataire signataire eleve etudiant ecolier enseignant professeur "
    "voyageur passager invite hote locataire proprietaire bailleur lecteur emprunteur abonne adherent paroissien "
    "fidele donateur benevole debiteur creancier beneficiaire payeur titulaire souscripteur assure sinistre "
    "demandeur candidat conducteur chauffeur livreur patient resident habitant appelant appele acheteur vendeur "
    "acquereur porteur contribuable salarie employe allocataire ayant_droit conjoint parrain filleul joueur "
    "apprenti licencie electeur defunt tuteur agriculteur associe cotisant preteur epargnant mandant coursier "
    "client mandataire gerant cavalier skieur avocat temoin juge enfant parent pere mere epoux epouse mari femme "
    "partenaire voisin pretre cure medecin infirmier pharmacien athlete sportif entraineur victime detenu "
    "prisonnier soldat veteran retraite chasseur pecheur plongeur artiste auteur visiteur responsable pacsee "
    "concubin defendeur plaignant agent",
    "Spanish": "destinatario remitente consignatario firmante alumno alumna alumnado estudiante escolar profesor "
    "docente huesped pasajero viajero lector prestatario socio afiliado feligres donante voluntario deudor "
    "acreedor beneficiario pagador titular tomador asegurado reclamante solicitante aspirante candidato conductor "
    "chofer repartidor paciente residente inquilino arrendatario arrendador propietario abonado suscriptor "
    "llamante comprador vendedor contribuyente empleado trabajador conyuge ahijado padrino jugador invitado "
    "ahorrador ciudadano apoderado egresado cliente testigo abogado juez hijo hija padre madre esposo esposa "
    "marido pareja vecino sacerdote medico enfermero farmaceutico atleta deportista entrenador victima preso "
    "recluso soldado jubilado cazador pescador buceador artista autor visitante responsable tutor demandado "
    "demandante colegiado menor dueno anfitrion agricultor ganadero",
    "Portuguese": "destinatario remetente consignatario signatario aluno estudante professor hospede passageiro "
    "viajante leitor mutuario socio associado paroquiano doador voluntario devedor credor beneficiario pagador "
    "titular tomador segurado reclamante requerente candidato motorista condutor entregador paciente residente "
    "inquilino locatario proprietario assinante chamador comprador vendedor contribuinte funcionario trabalhador "
    "conjuge afilhado padrinho jogador convidado cidadao correntista utente testemunha advogado juiz filho filha "
    " esposo esposa marido parceiro vizinho padre medico enfermeiro farmaceutico atleta treinador vitima "
    "preso detento soldado aposentado cacador pescador artista autor visitante responsavel tutor dependente "
    "dono anfitriao agricultor pensionista",
    "Italian": "destinatario mittente firmatario alunno studente scolaro docente ospite passeggero viaggiatore "
    "lettore mutuatario socio iscritto parrocchiano donatore volontario debitore creditore beneficiario pagatore "
    "intestatario titolare contraente assicurato richiedente candidato conducente autista corriere paziente "
    "residente inquilino conduttore proprietario abbonato chiamante chiamato acquirente venditore contribuente "
    "dipendente lavoratore coniuge giocatore invitato cittadino correntista tesserato cliente assistito atleta "
    "matricola testimone avvocato giudice figlio figlia padre madre genitore marito moglie vicino sacerdote "
    "parroco medico infermiere farmacista sportivo allenatore vittima detenuto soldato pensionato cacciatore "
    "pescatore artista autore visitatore responsabile tutore imputato minore battezzato battezzando padrino "
    "madrina agricoltore",
    "Dutch": "ontvanger afzender verzender ondertekenaar leerling scholier student leraar gast hotelgast reiziger "
    "passagier lezer lener lid parochiaan kerklid gemeentelid donateur donor vrijwilliger schuldenaar debiteur "
    "schuldeiser crediteur begunstigde betaler rekeninghouder kaarthouder polishouder verzekeringnemer verzekerde "
    "aanvrager sollicitant kandidaat bestuurder chauffeur bezorger patient bewoner huurder verhuurder eigenaar "
    "huiseigenaar abonnee beller koper verkoper werknemer medewerker deelnemer cursist speler kentekenhouder "
    "klant houder dopeling getuige advocaat rechter ouder kind vader moeder echtgenoot buurman priester "
    "predikant dominee huisarts arts verpleegkundige apotheker atleet sporter trainer slachtoffer gevangene "
    "gedetineerde soldaat gepensioneerde jager visser duiker kunstenaar auteur bezoeker voogd zorgverzekerde "
    "cliënt aandeelhouder belegger notaris",
    "Danish and Norwegian": "modtager mottaker mottager afsender avsender underskriver elev studerende student "
    "laerer gaest gjest hotelgaest passager passasjer rejsende reisende laner laaner leser menighedsmedlem "
    "menighetsmedlem sognebarn giver donor frivillig skyldner debitor kreditor betaler kontohaver kontoinnehaver "
    "kortholder kortinnehaver forsikringstager forsikringstaker forsikrede ansoger ansogning soker kandidat forer "
    "sjafor chauffor patient pasient beboer lejer leietaker lejertager udlejer ejer ejeren eier eieren velger "
    "valger afdode avdode boligejer boligeier bileier bilejer abonnent opkalder innringer kober kjoper saelger "
    "selger medarbejder ansatt ansat medlem deltager deltaker spiller kunde vidne vidnet vitne vitnet advokat "
    "dommer barn barnet foraelder foreldre forelder foresatte foresatt vaerge verge aegtefaelle ektefelle "
    "nabo praest prest laege lege sygeplejerske sykepleier atlet utover idraetsudover traener trener offer fange "
    "soldat pensionist jaeger jeger fisker dykker kunstner forfatter besogende besokende aktionaer aksjonaer "
    "parorende",
    "Swedish": "mottagare avsandare undertecknare elev larare gast hotellgast passagerare resenar lantagare "
    "lasare forsamlingsmedlem kyrkomedlem medlem givare donator volontar galdenar borgenar betalare "
    "betalningsmottagare formanstagare kontohavare kontoinnehavare kortinnehavare forsakringstagare forsakrade "
    "sokande kandidat forare chauffor patient boende hyresgast hyresvard agare husagare fordonsagare abonnent "
    "uppringare kopare saljare anstalld medarbetare deltagare spelare student kund anhorig vittne vittnet advokat "
    "domare barn barnet malsman malsmans vardnadshavare foralder make maka granne prast lakare "
    "sjukskoterska apotekare idrottare tranare offer fange soldat pensionar jagare fiskare dykare konstnar "
    "forfattare besokare aktieagare ombud",
    "Finnish": "vastaanottaja lahettaja allekirjoittaja oppilas oppilaa opiskelija opettaja vieras vieraa "
    "hotellivieraa matkustaja lainaaja lukija jasen jasene seurakuntalai seurakunnan_jasen lahjoittaja vapaaehtoi "
    "velallinen velallise velkoja maksaja maksunsaaja edunsaaja tilinomistaja tilinhaltija kortinhaltija "
    "vakuutuksenottaja vakuutettu vakuutetu hakija ehdokas ehdokkaa kuljettaja kuljettaj potilas potilaa asukas "
    "asukkaa vuokralai vuokranantaja omistaja omistaj haltija tilaaja soittaja ostaja myyja tyontekija "
    "osallistuja pelaaja asiakas asiakkaa lahiomai huoltaja lapsi lapse todistaja urheilija asianajaja tuomari "
    "vanhempi vanhemma aiti puoliso naapuri pappi papi laakari hoitaja apteekkari valmentaja uhri vanki vangi "
    "sotilas sotilaa elakelai metsastaja kalastaja taiteilija kirjailija vierailija osakas edunvalvoja",
    "Polish": "odbiorc nadawc sygnatariusz uczni uczen studen nauczyciel goscia gosci gosc pasazer podrozn "
    "czytelnik wypozyczajac parafian wiern darczync wolontariusz dluznik wierzyciel beneficjent platnik posiadacz "
    "ubezpieczon ubezpieczajac wnioskodawc kandydat kierowc kurier pacjent mieszkanc lokator najemc wlasciciel "
    "abonent dzwoniac kupujac nabywc sprzedawc pracownik uczestnik gracz czlonk czlonek klient podatnik zawodnik "
    "czlonkowsk dziecka dziecko swiadek swiadk prawnik adwokat sedzia sedzieg rodzic matka matki ojciec ojca "
    "malzonek malzonk sasiad ksiadz ksiedza lekarz pielegniark farmaceut sportowc trener ofiar wiezni zolnierz "
    "emeryt mysliw wedkarz artyst autor odwiedzajac opiekun oskarzon powod spadkobierc udzialowc",
    "Czech and Slovak": "prijemc prijemca odesilatel odosielatel ziak zaka student ucitel host hosta "
    "cestujici cestujuc pasazer ctenar citatel vypujcitel farnik darce darca dobrovolnik dluznik dlznik veritel "
    "platce platitel majitel drzitel pojistnik pojistenec pojisten poistenec poistnik zadatel ziadatel uchazec "
    "uchadzac kandidat ridic vodic kuryr pacient obyvatel najemnik najemc najomc vlastnik ucastnik volajici "
    "volajuci kupujici kupujuci prodavajici predavajuci prodejce zamestnanec zamestnanc clen clena hrac zakaznik "
    "odberatel svedek svedk svedok dite ditet dieta rodic otec otce matka matky manzel sportovc advokat pravnik "
    "soudce sudc soused sused knez lekar lekara sestra lekarnik trener obet vezen vojak duchodc dochodc lovec "
    "rybar umelec navstevnik opatrovnik zastupc akcionar",
    "Hungarian": "cimzett felado atvevo alairo tanulo diak hallgato tanar vendeg utas olvaso kolcsonzo egyhaztag "
    "hivo adomanyozo onkentes ajandekozo ados hitelezo kedvezmenyezett fizeto szamlatulajdonos kartyabirtokos "
    "tulajdonos biztositott szerzodo igenylo jelentkezo palyazo jelolt sofor vezeto gepkocsivezeto futar beteg "
    "paciens lako berlo tulaj elofizeto hivott vevo vasarlo elado munkavallalo dolgozo alkalmazott resztvevo "
    "jatekos ugyfel hozzatartozo uzembentarto tanu gyermek szulo ugyved apja anyja anya hazastars birosag "
    "biro szomszed orvos apolo gyogyszeresz sportolo edzo aldozat fogvatartott katona nyugdijas vadasz "
    "horgasz muvesz szerzo latogato gyam orokos versenyzo reszvenyes gondviselo",
    "Romanian": "destinatar expeditor semnatar elev elevul student profesor oaspete oaspetel pasager calator "
    "cititor imprumutat enorias donator voluntar debitor creditor beneficiar platitor titular asigurat "
    "contractant solicitant candidat sofer conducator curier pacient rezident locatar chirias proprietar abonat "
    "apelant cumparator vanzator angajat salariat participant jucator membru client contribuabil copil martor "
    "parinte avocat sportiv tata mama sotie vecin preot medic asistent farmacist antrenor victima detinut "
    "soldat pensionar vanator pescar artist autor vizitator tutore mostenitor",
    "Turkish": "alici gonderici gonderen imzaci imzalayan ogrenci ogretmen misafir konuk yolcu okuyucu okur üye "
    "odunc_alan bagisci gonullu borclu alacakli lehtar odeyen hesap_sahibi kart_sahibi sahibi police_sahibi "
    "sigortali sigorta_ettiren basvuran basvuru_sahibi aday surucu sofor kurye hasta sakin kiraci ev_sahibi malik "
    "abone arayan aranan satici calisan personel katilimci oyuncu musteri mukellef veli mezun tanik cocuk anne "
    "baba avukat sporcu hasta_yakini hakim komsu imam doktor hemsire eczaci antrenor magdur mahkum tutuklu "
    "asker emekli avci balikci sanatci yazar ziyaretci vasi vekil mirasci yakini",
    "Greek": "παραληπτ αποστολε υπογραφ μαθητ φοιτητ σπουδαστ επισκεπτ επιβατ πελατ αναγνωστ δανειζομεν ενοριτ "
    "δωρητ εθελοντ οφειλετ πιστωτ δικαιουχ πληρωτ κατοχ ασφαλισμεν αιτουντ υποψηφι οδηγ ασθεν κατοικ ενοικιαστ "
    "ιδιοκτητ συνδρομητ αγοραστ πωλητ εργαζομεν υπαλληλ συμμετεχοντ μελου μελος φιλοξενουμεν μαρτυρ παιδι παιδιου "
    "γονε δικηγορ δικαστ συζυγ πατερα μητερα γειτον ιερε γιατρ ιατρ νοσηλευτ αθλητ προπονητ θυματ κρατουμεν "
    "στρατιωτ συνταξιουχ κυνηγ αλιε καλλιτεχν κηδεμον κληρονομ",
    "Russian and Bulgarian": "получател отправител грузополучател грузоотправител подписант ученик учащ студент "
    "учител преподавател гост гостя постоялец постояльц пассажир пътник читател заемщик прихожан жертвовател "
    "донор волонтер доброволец должник длъжник кредитор бенефициар плательщик платец владел держател страхователь "
    "страхователя застрахованн заявител кандидат соискател водител курьер куриер пациент жител жильц арендатор "
    "наемател собственник хозяин абонент звонящ вызываем вызывающ покупател купувач продавец продавц продавач "
    "сотрудник служител работник участник игрок член вкладчик налогоплательщик клиент заказчик родственник "
    "выпускник ребенок ребенк ребенка свидетел родител адвокат судья судьи супруг отец отца мать матери сосед "
    "священник врач медсестр спортсмен тренер потерпевш заключенн солдат военнослужащ пенсионер охотник рыболов "
    "художник автор посетител опекун наследник истец истца ответчик акционер дете",
    "Ukrainian": "одержувач отримувач відправник вантажоодержувач підписант учн учен студент вчител гост гіст "
    "пасажир читач позичальник парафіян жертводавец волонтер боржник кредитор бенефіціар платник власник тримач "
    "страхувальник застрахован заявник кандидат водій воді кур'єр пацієнт мешканц мешканець жител орендар абонент "
    "покупець покупц продавець продавц працівник учасник гравець член вкладник клієнт замовник дитин дитина свідк "
    "свідок батьк батько матер мати адвокат судд чоловік дружин сусід священик лікар медсестр спортсмен тренер "
    "потерпіл ув'язнен солдат військовослужбовц пенсіонер мисливц художник автор відвідувач опікун спадкоємец "
    "спадкоємц позивач відповідач",
    "Arabic": "مستلم مرسل مرسل_اليه شاحن موقع طالب تلميذ معلم ضيف نزيل مسافر راكب قارئ مستعير متبرع متطوع مدين "
    "دائن مستفيد دافع صاحب صاحب_الحساب حامل_البطاقة حامل_الوثيقة مؤمن مؤمن_له مطالب مقدم_الطلب مرشح سائق مريض "
    "مقيم ساكن مستاجر مؤجر مالك مشترك متصل مشتري بائع موظف عامل مشارك عضو لاعب عميل زبون ولي_الامر مواطن مندوب "
    "طفل شاهد محام محامي زوج زوجة اب ام والد والدة ابن وصي قاض قاضي جار كاهن طبيب ممرض صيدلي رياضي مدرب ضحية سجين "
    "جندي متقاعد صياد فنان زائر وارث مساهم",
    "Hebrew": "נמען שולח מקבל חותם תלמיד סטודנט מורה אורח נוסע קורא שואל תורם מתנדב חייב נושה מוטב משלם "
    "בעל_החשבון בעל_חשבון בעל_הכרטיס בעל_הפוליסה מבוטח תובע מבקש מועמד נהג שליח מטופל חולה דייר שוכר משכיר "
    "בעל_הדירה בעלים מנוי מתקשר קונה מוכר עובד משתתף חבר שחקן לקוח חוסה תושב ילד עד הורה עורך_דין עורך_הדין שופט "
    "בן_זוג אב אם אבא אמא שכן כומר רב רופא אחות ספורטאי מאמן קורבן אסיר חייל גמלאי דייג מבקר אפוטרופוס יורש",
    "Persian": "گیرنده فرستنده امضاکننده دانش_آموز دانشجو معلم مهمان میهمان مسافر خواننده امانت_گیرنده عضو "
    "اهداکننده داوطلب بدهکار بستانکار ذینفع پرداخت_کننده صاحب_حساب دارنده_کارت دارنده بیمه_گذار بیمه_شده متقاضی "
    "نامزد راننده پیک بیمار ساکن مستاجر مالک مشترک تماس_گیرنده خریدار فروشنده کارمند شرکت_کننده بازیکن سرنشین "
    "فرزند کودک شاهد وکیل پدر مادر همسر قاضی همسایه پزشک پرستار ورزشکار مربی قربانی زندانی سرباز بازنشسته هنرمند "
    "بازدیدکننده قیم وارث سهامدار",
    "Hindi": "प्राप्तकर्ता प्रेषक हस्ताक्षरकर्ता छात्र छात्रा विद्यार्थी शिक्षक अतिथि मेहमान यात्री पाठक सदस्य "
    "दाता दानदाता स्वयंसेवक देनदार ऋणी लेनदार लाभार्थी भुगतानकर्ता खाताधारक खाता_धारक कार्डधारक कार्ड_धारक धारक "
    "पॉलिसीधारक पॉलिसी_धारक बीमित दावेदार आवेदक उम्मीदवार अभ्यर्थी चालक ड्राइवर रोगी मरीज मरीज़ निवासी किरायेदार "
    "मकान_मालिक मालिक ग्राहक खरीदार विक्रेता कर्मचारी प्रतिभागी खिलाड़ी chhatra vidyarthi yatri labharthi "
    "khatadharak aavedak marij mareez kirayedar grahak बच्चे बच्चा गवाह वकील पिता माता पति पत्नी न्यायाधीश पड़ोसी "
    "पुजारी डॉक्टर चिकित्सक नर्स एथलीट कोच पीड़ित कैदी सैनिक पेंशनभोगी किसान आगंतुक अभिभावक वारिस नामांकित",
    "Indonesian and Malay": "penerima pengirim penandatangan siswa siswi murid pelajar mahasiswa guru dosen tamu "
    "penumpang pembaca peminjam jemaat umat donatur penderma relawan sukarelawan debitur kreditur nasabah "
    "pembayar pemilik pemilik_rekening pemilik_kartu pemegang pemegang_polis pemegang_kartu pemegang_akun "
    "tertanggung pemohon pelamar calon kandidat pengemudi sopir supir kurir pasien pesakit penghuni penyewa "
    "penduduk warga pelanggan penelepon pemanggil pembeli penjual karyawan pegawai pekerja peserta anggota ahli "
    "pemain wali tetamu anak saksi orang_tua pengacara suami istri ayah hakim tetangga pendeta dokter perawat "
    "apoteker atlet pelatih korban narapidana tahanan prajurit pensiunan petani nelayan seniman pengunjung "
    "ahli_waris pemegang_saham peserta_bpjs peguam ibu_bapa penjaga",
    "Vietnamese": "người_nhận người_gửi người_ký học_sinh sinh_viên giáo_viên khách khách_hàng hành_khách độc_giả "
    "bạn_đọc người_mượn giáo_dân tín_đồ nhà_tài_trợ tình_nguyện_viên con_nợ chủ_nợ người_thụ_hưởng người_trả "
    "chủ_thẻ chủ_tài_khoản chủ_hộ chủ_xe chủ_nhà chủ_hợp_đồng người_được_bảo_hiểm bên_mua người_nộp_đơn ứng_viên "
    "thí_sinh tài_xế lái_xe bệnh_nhân cư_dân người_thuê thuê_bao người_gọi người_mua người_bán nhân_viên "
    "thành_viên hội_viên người_chơi phụ_huynh người_thân chủ_sở_hữu trẻ_em con_cái nhân_chứng luật_sư vợ_chồng "
    "cha_mẹ bố_mẹ thẩm_phán hàng_xóm linh_mục bác_sĩ y_tá dược_sĩ vận_động_viên huấn_luyện_viên nạn_nhân tù_nhân "
    "quân_nhân nông_dân ngư_dân nghệ_sĩ khách_tham_quan người_giám_hộ người_thừa_kế cổ_đông",
    "Thai": "ผู้รับ ผู้ส่ง ผู้ลงนาม นักเรียน นักศึกษา ครู แขก ผู้เข้าพัก ผู้โดยสาร ผู้อ่าน ผู้ยืม ผู้บริจาค "
    "อาสาสมัคร ลูกหนี้ เจ้าหนี้ ผู้รับเงิน ผู้รับผลประโยชน์ ผู้จ่าย เจ้าของบัญชี เจ้าของ ผู้ถือบัตร ผู้เอาประกัน "
    "ผู้ถือกรมธรรม์ ผู้สมัคร คนขับ ผู้ขับขี่ ผู้ป่วย คนไข้ ผู้พักอาศัย ผู้เช่า ผู้โทร ผู้ซื้อ ผู้ขาย พนักงาน "
    "สมาชิก ผู้เล่น ลูกค้า ผู้ปกครอง บุตร พยาน ทนาย ทนายความ คู่สมรส บิดา มารดา ผู้พิพากษา แพทย์ พยาบาล เภสัชกร "
    "นักกีฬา ผู้ฝึกสอน ผู้เสียหาย ผู้ต้องขัง ทหาร เกษตรกร ผู้เข้าชม ทายาท ผู้ถือหุ้น ผู้เข้าร่วม",
    "Japanese": "受取人 荷受人 荷送人 送り主 差出人 届け先 お届け先 宛先 宛名 署名者 生徒 学生 児童 園児 保護者 "
    "教員 宿泊者 宿泊客 ゲスト お客様 乗客 搭乗者 旅客 利用者 貸出者 借受人 読者 会員 信者 信徒 檀家 寄付者 "
    "ボランティア 債務者 債権者 受益者 支払人 口座名義人 名義人 名義 契約者 被保険者 保険契約者 請求者 申請者 "
    "申込者 応募者 候補者 運転者 運転手 ドライバー 乗務員 患者 入居者 居住者 借主 貸主 賃借人 所有者 加入者 契約 "
    "発信者 着信者 購入者 買主 売主 販売者 従業員 社員 職員 参加者 プレイヤー 選手 顧客 注文者 依頼人 担当者 "
    "近親者 卒業生 子供 お子様 証人 弁護士 配偶者 裁判官 父親 母親 父 母 隣人 神父 牧師 医師 看護師 薬剤師 監督 "
    "被害者 受刑者 兵士 年金受給者 農家 漁師 作家 来訪者 来場者 後見人 相続人 株主 被告 原告 世帯主 飼い主",
    "Chinese": "收货人 收件人 寄件人 发货人 發貨人 收貨人 签收人 簽收人 签字人 学生 學生 学员 學員 教师 教師 客人 "
    "住客 入住人 旅客 乘客 乘机人 读者 讀者 借阅人 借閱人 会员 會員 教友 信徒 捐赠人 捐赠者 捐款人 捐贈者 志愿者 "
    "志願者 义工 義工 债务人 債務人 债权人 債權人 受益人 收款人 付款人 开户人 户主 戶主 账户持有人 持卡人 投保人 "
    "被保险人 被保險人 索赔人 申请人 申請人 候选人 候選人 考生 司机 司機 驾驶员 駕駛 快递员 骑手 患者 病人 住户 "
    "住戶 居民 租客 租户 承租人 房东 房東 业主 業主 车主 車主 用户 用戶 主叫 被叫 买家 買家 买方 卖家 賣家 卖方 "
    "员工 員工 职工 成员 玩家 客户 客戶 顾客 顧客 储户 监护人 家长 校友 孩子 儿童 兒童 家属 家屬 证人 證人 律师 "
    "律師 配偶 法官 父亲 母亲 父親 母親 邻居 神父 牧师 医生 醫生 护士 護士 药师 运动员 運動員 选手 選手 教练 "
    "受害人 囚犯 军人 退休人员 农户 渔民 访客 訪客 繼承人 继承人 股东 股東 被告 原告 宠物主人",
    "Korean": "수취인 수령인 수신자 발송인 발신자 보내는사람 받는사람 서명자 학생 원생 교사 투숙객 숙박객 손님 "
    "승객 탑승객 탑승자 독자 대출자 회원 교인 신도 성도 기부자 후원자 봉사자 자원봉사자 채무자 채권자 수익자 "
    "지급인 예금주 계좌주 명의자 카드소유자 보험계약자 계약자 피보험자 청구인 신청자 신청인 지원자 응시자 후보자 "
    "운전자 기사 배달원 환자 입주자 거주자 임차인 세입자 임대인 소유자 차주 가입자 구매자 판매자 직원 사원 참가자 "
    "플레이어 고객 이용자 주문자 보호자 졸업생 자녀 아동 증인 변호사 배우자 판사 부친 모친 이웃 신부 목사 의사 "
    "간호사 약사 선수 감독 피해자 수감자 군인 연금수급자 농부 어민 작가 방문자 방문객 후견인 상속인 주주 피고 "
    "원고 세대주 견주",
}

# Where a noun is described behind it, so that in one word too the person is last: "namanasabah".
PERSON_LAST: Final = frozenset({"French", "Spanish", "Portuguese", "Italian", "Indonesian and Malay", "Vietnamese"})

# What tells one person from the others. Numbers are apart: of several persons a number is how many they are.
TELLERS: Final[tuple[tuple[Category, str], ...]] = (
    (
        "name",
        """
        name names nm namen nom noms prenom nombre nombres nome navn navne namn naam nev neve nevet nimi nume
        numele adi ad isim ismi soyadi imie nazwa nazwisko jmeno prijmeni meno onoma nama ten ho_ten hoten
        ho_va_ten imya imja surname lastname firstname fullname signature unterschrift anschrift handtekening имя
        имени фамилия фио ім_я імя піб име ονομα ονοματεπωνυμο اسم الاسم نام שם नाम naam ชื่อ 名 名前 氏名 姓名
        名称 이름 성명 명 tên họ_tên nev_teljes
        """,
    ),
    (
        "account",
        """
        number num no nr nbr numero num_ro nummer nummeret numer numara numarasi numaras cislo szam szama szamu
        numarul numar numaru arithmos nomor nombor αριθμος αρ номер رقم شماره מספר नंबर संख्या क्रमांक หมายเลข เลข
        เลขที่ เลขประจำตัว 番号 番號 編號 编号 号 号码 號 號碼 번호 no_hp nomer matricule matricola
        tessera id ids uid guid uuid
        identifier identifiant identificador identificatore identificativo identyfikator identifikator azonosito
        azonositoja kimlik kimligi tunnus tunnusnumero kennung kennzeichen идентификатор ідентифікатор
        αναγνωριστικο معرف شناسه מזהה आईडी รหัส 識別子 标识 식별자 mã ma barcode bar_code strichcode streifencode
        code_barre code_barres codebarre codigo_barras streckkod stregkode strekkode viivakoodi kod_kreskowy
        carovy_kod vonalkod barkod штрихкод qr qrcode qr_code rfid nfc_uid chip_uid badge_no badge_number badge_id
        file_no account_no registration_no record_no reg_no ref_no reference_number ausweis upn uln mrn npi
        """,
    ),
    (
        "account",
        """
        ref reference code cd kode kod koden kodu codigo codice cod kodi kodja kodas kood koodi koda код кодът
        κωδικος كود رمز کد קוד कोड コード 代码 代碼 編碼 编码 코드 hash hashed hashes key schlussel cle clave
        chiave token
        """,
    ),
    ("phone", "phone tel telephone telno mobile cell cellphone telefon mobil hp handy gsm msisdn whatsapp fax contact"),
    ("email", "email mail e_mail epost"),
    ("government_id", "dni rg rfc nin nie cpf ssn nik ktp nip pesel bsn cnp nss curp rut vin passport tax_id"),
    ("address", "address addr adresse adres adress adresa adresi alamat street zip zipcode postcode city town"),
    ("date_of_birth", "dob birthdate birthday birthyear age"),
)  # fmt: skip

# Those that are of machines too, and say nobody's identity behind a word that means a program as well.
TELLERS_OF_THINGS_TOO: Final = word_set("code cd ref reference hash hashed hashes key token qr")
# With which several persons are counted: "guests_number", "numero_de_pasajeros", "nombre_de_passagers".
TELLERS_THAT_COUNT: Final = word_set("number num no nr nbr numero nombre szam szama")
# Tellers that are English: "card_reader", "code_reader" and "phone_holder" are what their last word says.
ENGLISH_TELLERS: Final = word_set(
    """
    name names nm surname signature number num no nbr uid identifier barcode bar_code qr rfid ref reference code cd
    hash hashed hashes key token phone tel telephone mobile cell email mail address addr street zip city town age
    passport
    """
)

# What may stand between a person and what tells it apart: words that part names, papers, and the small ones.
BETWEEN: Final = word_set(
    """
    first last full middle family given birth maiden display legal preferred nick short long known contact main
    primary secondary home work mobile business loyalty membership member card account library registration reg
    record file case policy badge licence license ticket booking serial internal external official tax national
    insurance roll admission permit payroll bib service tax_file induk barre barres barras enrolment
    enrollment matriculation candidate
    unique persistent
    personal kana kanji latin local native en the of s pa av von vom zum de del della dell dello do
    da das dos du des d di la le l el
    et y e i a al der die das des von van het dla na pour para per til av af till for cua का की के ka ki ke של של_ה
    карты карточки karty karta carte tarjeta tessera kart karti kaart kort kartu telefon telefonu telepon hp wa
    rekening kontakt adres adresi
    """
)
