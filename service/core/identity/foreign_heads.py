"""The words of ``heads`` in other languages, by where each language puts the head of a compound.

Tables for ``names``. Romance, Slavic, Semitic and Malay languages say first what a thing is and
then of what ("colore telefono", "kolor telefonu", "jumlah pelanggan"); Germanic, Finnic, Turkic, Baltic and Indic ones
say it last ("E-Mail-Vorlage", "müşteri sayısı"), and so do those that write no blanks (客户数量). A word that counts is
here, one that numbers is not: 数, "liczba", "sayısı" and عدد say how many, but 号, "numer", "numarası" and رقم which
one. Words that do both (αριθμός, מספר, "numero") are not here either.
"""

from typing import Final

from service.core.identity.folding import word_set

# In this order everywhere: colour; template, type, format, size; number of, share, average; price, tariff; brand,
# icon, label, category. Words that English has as well ("plan", "format") are none of them: a "plan_member" is one, and
# to "format_email" is to write it.
HEADS_FIRST: Final = word_set(
    """
    color colores plantilla plantillas tipo tipos formato tamano talla cantidad porcentaje promedio tasa precio tarifa
    cuota marca icono etiqueta categoria diseno motivo_de version_de funda
    couleur couleurs modele gabarit taille quantite effectif pourcentage moyenne taux prix forfait quota
    marque icone etiquette libelle categorie coque
    colore colori modello tipo formato dimensione quantita percentuale media_dei tasso prezzo tariffa marca icona
    etichetta categoria custodia
    cor cores tamanho quantidade percentagem porcentagem preco tarifa icone etiqueta rotulo capa_de
    culoare sablon dimensiune cantitate procent pret eticheta pictograma
    plantilla mida quantitat percentatge preu icona
    kolor szablon wzor typ rozmiar liczba ilosc odsetek srednia cena taryfa marka ikona etykieta kategoria etui
    barva sablona velikost velkost pocet mnozstvi mnozstvo podil prumer cena znacka ikona popisek kategorie kategoria
    farba typ pouzdro
    boja predlozak vrsta velicina broj_kupaca udio prosjek prosek cijena cena marka oznaka kategorija stevilo
    delez povprecje predloga velikost znamka
    цвет шаблон тип формат размер количество число доля средний средняя цена тариф марка бренд иконка значок метка
    категория чехол
    колір розмір кількість частка ціна іконка категорія
    цвят вид размер брой дял цена икона етикет категория
    боја предложак врста величина удео цена ознака категорија
    tsvet shablon razmer kolichestvo tsena
    χρωμα προτυπο τυπος μορφη μεγεθος πληθος ποσοστο τιμη μαρκα εικονιδιο ετικετα κατηγορια
    لون قالب نوع تنسيق حجم مقاس عدد كمية نسبة متوسط سعر ماركة أيقونة تسمية فئة
    צבע תבנית סוג פורמט גודל כמות שיעור ממוצע מחיר מותג סמל תווית
    رنگ قالب نوع اندازه تعداد درصد میانگین قیمت برند نماد برچسب
    warna templat jenis tipe ukuran jumlah banyaknya persentase rata harga tarif merek ikon label_untuk kategori
    bilangan saiz jenama
    màu mẫu loại kích_thước số_lượng tỷ_lệ giá thương_hiệu biểu_tượng nhãn
    rangi kiolezo aina ukubwa idadi bei
    """
)
HEADS_LAST: Final = word_set(
    """
    farben vorlage vorlagen muster typen groesse größe menge quote anteil durchschnitt preis tarif marke symbol
    bezeichnung kategorie huelle hülle motiv gestaltung platzhalter pflichtfeld
    sjabloon soort maat hoeveelheid aandeel gemiddelde prijs merk pictogram hoesje ontwerp
    färg mall storlek andel genomsnitt pris varumärke ikon etikett skal
    skabelon storrelse størrelse gennemsnit maerke mærke cover mal gjennomsnitt merke deksel
    väri malli pohja tyyppi muoto koko määrä lukumäärä osuus keskiarvo hinta merkki kuvake luokka
    värv mall tüüp suurus arv kogus osakaal keskmine hind ikoon
    színe szín sablon sablonja típus típusa méret mérete száma_db darabszáma mennyiség aránya átlaga ára márkája
    krasa krāsa veidne tips izmers izmērs skaits cena
    spalva šablonas tipas dydis skaičius kiekis kaina
    rengi şablonu şablon türü tipi biçimi boyutu sayısı adedi miktarı oranı ortalaması fiyatı tarifesi markası simgesi
    etiketi kategorisi kılıfı tasarımı
    रंग टेम्पलेट प्रकार आकार संख्या_कुल मात्रा प्रतिशत औसत कीमत मूल्य ब्रांड आइकन
    রঙ টেমপ্লেট ধরন আকার পরিমাণ দাম
    ფერი შაბლონი ტიპი ზომა რაოდენობა ფასი
    நிறம் வகை அளவு எண்ணிக்கை விலை
    """
)
# Whether a field must be filled in, may be seen or holds: participles and adjectives, which follow in a field's name.
STATES: Final = word_set(
    """
    obligatorio obligatoria obligatorios opcional requerido requerida visible habilitado habilitada activo activa
    validado validada verificado verificada valido valida
    obligatoire obligatoires facultatif facultative optionnel optionnelle requis requise active activee valide validee
    verifie verifiee affiche affichee
    obbligatorio obbligatoria facoltativo facoltativa opzionale richiesto richiesta visibile abilitato abilitata
    attivo attiva verificato verificata valido
    obrigatorio obrigatoria visivel ativo ativa
    obligatoriu obligatorie optional vizibil activ obligatori obligatoria
    erforderlich pflicht optional sichtbar aktiv aktiviert verifiziert bestaetigt bestätigt gueltig gültig
    verplicht optioneel zichtbaar actief geverifieerd
    obligatorisk valgfri valgfritt frivillig synlig aktiv påkrevd påkrævet valfri krävs
    pakollinen valinnainen näkyvissä vahvistettu kohustuslik
    kötelező opcionális látható
    wymagany wymagana wymagane obowiązkowy obowiązkowe opcjonalny opcjonalne widoczny widoczne
    povinny povinne povinná povinné nepovinny volitelny volitelne viditelny
    obavezno obavezan obvezno obvezen neobavezno vidljivo
    обязательный обязательная обязательно обязателен необязательно видимый
    обовязковий обовязково обовʼязково задължителен задължително обавезно обавезан
    υποχρεωτικο υποχρεωτικη προαιρετικο
    zorunlu gerekli görünür isteğe_bağlı
    إلزامي مطلوب اختياري ظاهر חובה אופציונלי الزامی اجباری اختیاری
    wajib opsional pilihan bắt_buộc tùy_chọn अनिवार्य वैकल्पिक
    """
)
# The same at the end of a word that nothing parts from those before it.
UNPARTED_ENDS: Final = tuple(
    """
        颜色 顏色 色 カラー 색상 색깔 색 模板 範本 范本 テンプレート ひな形 템플릿 서식 类型 類型 種類 种类
        タイプ 種別 유형 종류 格式 形式 フォーマット 형식 大小 尺寸 サイズ 크기 数量 數量 人数 人數 件数 总数
        總數 総数 数 數 인원수 개수 총수 수 率 比例 割合 비율 平均 평균 价格 價格 価格 料金 가격 요금 요금제
        套餐 プラン 品牌 ブランド 브랜드 型号 型號 機種 기종 图标 圖示 アイコン 아이콘 标签 標籤 ラベル 라벨
        分类 分類 カテゴリ 카테고리 必填 必須 任意 필수 선택 可见 表示 표시여부 占位符 プレースホルダー 统计
        統計 통계 合計 합계 壳 殼 贺卡 賀卡 ケース 케이스 上限 版本 バージョン 버전
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
# And in Thai at its beginning: a colour, template, type, size, number of, price, brand.
UNPARTED_BEGINNINGS: Final = ("สี", "แม่แบบ", "เทมเพลต", "ประเภท", "ขนาด", "จำนวน", "ราคา", "ยี่ห้อ")

# After any of them a number or name tells one of many apart all the same: "tipo_documento_numero".
TELLING_ENDS: Final = word_set(
    """
    id ids uid uuid number no nr num nro numero nummer nombre nome nom name nama nume nazwa imie jmeno ime numer cislo
    nomor номер имя رقم שם
    """
)

# Further things with names, as in ``heads``: what is sold, grown, written, held or travelled.
MORE_THINGS: Final = word_set(
    """
    plant tree flower shrub herb mushroom species bird breed mineral fare route medicine drug dish
    planta plantas arbol especie flor tarifa aplicacion aplicativo ruta calle_comercial fichero juego medicamento
    plante arbre espece fleur application itineraire fichier pianta albero specie fiore applicazione percorso gioco
    arvore rota percurso planta copac specie floare aplicatie traseu
    roslina rosliny drzewo drzewa gatunek gatunku produktu koloru pliku wydarzenia aplikacji gry trasy sklepu
    strony kategorii kursu projektu rostlina rostliny strom stromu barvy souboru suboru udalosti akce aplikace
    aplikacie hry trasy vyrobku vyrobok produktu obchodu stranky kategorie kurzu projektu
    izdelka izdelek rastline drevesa barve datoteke dogodka aplikacije igre poti trgovine strani kategorije tecaja
    proizvoda artikla biljke drveta boje datoteke dogadaja igre rute trgovine stranice kategorije
    производ производа биљке боје датотеке игре продукт продукта артикул растение растения дърво цвят файл
    събитие приложение игра маршрут магазин страница категория курс сайт вид цвета события приложения игры
    маршрута магазина породы дерева сайта рослини кольору файлу події додатку гри магазину сайту
    προϊόντος φυτού χρώματος αρχείου εφαρμογής παιχνιδιού
    bitki agac agaci urunun dosyanin renk etkinligi uygulama rota tanaman pohon acara aplikasi rute
    kasvin kasvi tuotteen varin tiedoston tapahtuman sovelluksen pelin taim taime toote faili
    novenytermek noveny fajl esemeny alkalmazas jatek augalo produkto prekes preces produkta auga
    vaxt vaxten trad plante blomst vare varens produktet pflanze baum pflanzen datei spiel strecke produkts
    النبات نبات اللون التطبيق الحدث اللعبة הצמח האפליקציה האירוע המשחק
    पौधे ऐप फ़ाइल পণ্যের পণ্য
    """
)
# The same where nothing parts them from the word for a name, which has to follow: an アプリ利用者名 is a user's. In
# Thai and Vietnamese it goes before.
_HAN_AND_KANA: Final = word_set(
    """
    植物 树木 樹木 动物 動物 颜色 顏色 色 游戏 活动 活動 应用 應用 软件 軟體 航线 航線
    药品 藥品 アプリ イベント 花 薬品 航路
    """
)
_HANGUL: Final = word_set("앱 이벤트 식물 동물 색상 행사 노선 약품 프로그램")
_THAI: Final = ("สี", "พืช", "ต้นไม้", "แอป", "กิจกรรม", "เส้นทาง")
_VIETNAMESE: Final = word_set("cây màu ứng_dụng sự_kiện tệp tuyến")
UNPARTED_NAMES_OF_THINGS: Final = frozenset(
    [thing + name for thing in _HAN_AND_KANA for name in ("名", "名称", "名稱")]
    + [thing + name for thing in _HANGUL for name in ("이름", "명")]
    + ["ชื่อ" + thing for thing in _THAI]
    + [f"tên_{thing}" for thing in _VIETNAMESE]
)
