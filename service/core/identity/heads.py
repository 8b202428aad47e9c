"""The last words of field names whose values identify nobody: amounts, states, parts of a page, settings.

Tables for ``names``. In an English compound the last word is what the thing is, and those before it say of which kind:
a ``mailbox_full`` is a state, an ``address_bar_color`` a colour, an ``email_banner`` a banner, but a
``user_email_address`` is an address. A word belongs here when a value that it names
cannot itself be the e-mail, number or name before it: ``hash``, ``domain`` or ``text`` do not.
"""

from typing import Final

from service.core.identity.category import Category
from service.core.identity.folding import word_set

INNOCENT_HEADS: Final = word_set(
    """
    px utilisation utilization price prices amount average avg batch budget budgets capacity chance chunk count counter
    counts cost decile degree delay delta density depth distance duration fraction frequency gap grade height interval
    length limit limits max maximum mean median min minimum offset percent percentage percentile quality quantile quota
    range rank rate ratio rounds score shape share size sizes span speed step steps strength sum threshold timeout
    total totals ttl volume width bucket buckets band bands tier tiers level levels tries attempts retries period
    recency days hours minutes seconds weeks months enabled disabled active inactive open opened closed visible hidden
    shown seen full empty missing present absent required optional allowed forbidden blocked available unavailable
    supported unsupported ready pending complete completed incomplete confirmed unconfirmed verified unverified valid
    invalid expired accepted declined approved rejected granted denied subscribed unsubscribed unread read delivered
    bounced clicked dismissed skipped failed succeeded locked unlocked collapsed expanded checked sticky pinned
    floating animated compact dense sorted neutral first optin optout editable clickable deliverable reachable sortable
    searchable opted ok done changed set unset exists needed on off always never left right centered centred top bottom
    inline stacked bar bars banner banners button buttons badge badges block blocks box boxes bubble bubbles border
    borders card cards carousel checkbox chip color colors colour colours column columns container copy corner cta
    cursor dialog divider dock drawer dropdown editor element feed filter filters font footer form forms frame frames
    gallery gauge grid header headline heading hero icon icons illustration indicator keyboard label labels layout
    layouts loader logo margin marker menu menus meter mockup modal nav navigation notice overlay padding page pages
    pagination pane panel panels picker pill placeholder placeholders plugin popover popup popups position preview
    progress prompt prompts radius ribbon row rows ruler screen screens scroll section sections selector sheet shadow
    sidebar slider slot slots snippet spacing spinner splash style styles stylesheet switch tab table tabs teaser
    template templates theme themes tile tiles toast toggle toolbar tooltip tooltips typography variant variants
    viewport view views watermark widget widgets window wizard zoom action actions adapter algorithm animation
    animations api article articles audio autocomplete autofill backend behavior behaviour build bundle cadence
    calculator campaign campaigns category categories chapter chart check checks class classes codec collation command
    compression config configuration connector content contrast control controls course currency dashboard deck
    defaults definition deliverability demo design direction docs documentation edition encoding engine error errors
    event events experiment experiments explanation export faq feature features filtering flag flags flow flows format
    formats formatter formatting framework funnel game games generation generator grammar guides handler help hierarchy
    hook hooks integration integrations interface kind kinds language languages lang library lifecycle locale locales
    lookup manager mapping mask method methods metric metrics migration mode models module modules naming newsletter
    newsletters notification notifications option options order ordering orientation output package parser part parts
    pattern permission permissions phase pipeline pixel plan plans platform policy policies portal preference
    preferences prefix preheader preset presets pricing priority privacy processing product products program promo
    protocol provider providers publishing purpose purposes queue radio reader reason reasons recommendation
    recommendations redirect refresh release releases reminder reminders renderer rendering report reports request
    requests requirement requirements reset resolution results retention review reviews rollout routing rule rules
    sampling scale schedule schema schemas scheme scope scopes script scripts search season seasons segment segments
    series services service setting settings setup shortcut shortcuts signup sla software sort sorting source sources
    spec stage stages standard standards statistics stats status storage strategy stream suggestion suggestions summary
    survey surveys sync system systems task tasks tech test tests ticker tip tips tool tools topic topics tour traffic
    transformation transition transport trend trial trigger triggers tutorial type types typeface unit units upload ui
    ux usage validation validations validator version versions video videos visibility wait weather weekday wording
    workflow workflows line model modes state states region regions subject bot lines agent agents
    material materials flavour flavours flavor flavors taste scent aroma fragrance coating finish finishes fabric
    texture thickness hardness transparency opacity brightness volume loudness temperature humidity pressure voltage
    wattage consumption efficiency recipe recipes ingredient ingredients topping toppings frosting filling cake cakes
    party_theme decoration decorations gift wrap wrapping ribbon cutlery dough crust jar pouch case cases sleeve
    sleeves stand stands mount mounts strap straps charger chargers cable cables adapter adapters accessory accessories
    brand brands manufacturer manufacturers genre genres season episode breakpoint breakpoints discount discounts
    voucher vouchers coupon coupons bonus economy market markets liquidity supply airdrop roast lens lenses sensor
    sensors resistant resistance proof orders_count stock stocks inventory availability warranty
    sent sold today yesterday daily weekly monthly yearly annually hourly remaining mb gb tb kb pct motif motifs
    family families
    capability capabilities compatibility readiness adoption trends forecast forecasts benchmark benchmarks
    farbe couleur couleurs colore cor kleur farve farg vari kolor barva szin culoare renk tipo typ taal tema thema
    kalender calendrier calendario kalendarz anzahl aantal antal antall cantidad quantite quantita quantidade
    jumlah liczba pocet darabszam groesse grosse taille tamano dimensione formaat modus modalita sprache langue idioma
    lingua estado statut stato
    """
)

# Which of them hold the thing itself where the words before name one of this category: an "authorization_header" is the
# secret, a "passport_copy" the passport, and "religious_views" or a "medical_report" what nobody should be told by.
HEADS_THAT_HOLD: Final[dict[Category, frozenset[str]]] = {
    "credential": word_set("header headers"),
    "government_id": word_set("copy report"),
    "name": word_set("family families"),
    "account": word_set("family families"),
    "other": word_set("family families views report reports result results test tests preference preferences"),
    "address": word_set("lines"),
}

# Participles by their ending, as in "email_animated". What was done to a value that is still there is none of them: a
# hashed e-mail is an e-mail.
STATE_ENDINGS: Final = ("ed",)
STILL_THE_VALUE: Final = word_set(
    """
    hashed encoded encrypted masked normalized normalised lowercased obfuscated redacted trimmed cleaned formatted
    sanitized sanitised parsed pseudonymized pseudonymised tokenized tokenised salted escaped
    preferred shared related linked saved stored captured collected detected resolved inferred derived provided given
    decrypted decoded unmasked insured invited registered updated selected rounded fixed entered submitted
    declared stated reported married used need seed feed speed breed bed red id med
    """
)


# Things that have names without being anybody, in the languages that put the name before them or have one word for it;
# folded. English has them among its ``THINGS``.
FOREIGN_THINGS: Final = word_set(
    """
    producto productos produit produto prodotto produs produk produkt productos articulo artigo articolo articol
    pagina page seite sida side sayfa urun proizvod tuote termek halaman trang thema tema theme campana campagne
    campanha campagna campanie kampagne kampanya curso cours corso curs kurs cursus kursus categoria categorie
    kategorie kategori kategoria kategoriler tienda boutique magasin negozio loja magazin winkel butik toko magaza
    evento evenement eveniment etkinlik acara veranstaltung archivo fichier arquivo fisier dosya berkas proyecto
    projet projeto progetto proiect proje proyek equipo equipe squadra echipa takim tim juego jeu jogo gioco joc
    oyun permainan hotel habitacion chambre quarto camera sala salle kamar oda marca marque marchio marka merek
    modelo modele modello modelul pelicula film filme libro livre livro carte_titlu kitap buku receta recette
    receita ricetta estacion gare estacao stazione statie istasyon stasiun tarifa tarif tariffa color couleur cor
    colore culoare renk warna idioma langue lingua limba dil bahasa pais pays paese tara ulke negara moneda devise
    moeda valuta περιοχης προιοντος προιον σελιδας σελιδα θεματος κατηγοριας товара товар страницы темы категории
    магазина файла курса продукта сторінки товару теми категорії المنتج منتج الصفحة صفحة الفئة الموضوع الدورة
    المتجر الملف הדף דף המוצר מוצר הקטגוריה קטגוריה החנות הקובץ محصول صفحه دسته فروشگاه فایل उत्पाद पृष्ठ श्रेणी
    दुकान विषय
    الفريق فريق التطبيق اللعبة الرحلة הקורס קורס הקבוצה קבוצה המשחק הצוות تیم
    بازی دوره برنامه पाठ्यक्रम टीम खेल команды αιθουσας зала القاعة قاعة האולם ruang ruangan
    """
)
# The same in languages that write no blanks, or part the syllables of a word by them.
UNPARTED_THINGS: Final = word_set(
    """
    商品 店舗 店铺 店鋪 製品 产品 產品 ページ 页面 頁面 カテゴリ 分类 分類 テーマ
    主题 主題 ファイル 文件 課程 课程 コース 作品 記事
    文章 プラン 套餐 ゲーム 游戏 遊戲 駅 车站 部屋 房型 路線 线路 상품 제품 페이지 카테고리 테마 파일 강좌 게임 매장
    สินค้า หน้า หมวดหมู่ ร้าน ไฟล์ คอร์ส ธีม sản_phẩm danh_mục cửa_hàng
    khóa_học chủ_đề tên_đội チーム 便名 球队 팀명 방이름 部屋名 房间 phòng_họp tên_phòng ทีม เกม trò_chơi chương_trình
    """
)
