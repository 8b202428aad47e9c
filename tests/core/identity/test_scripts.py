"""Words beyond ASCII say nothing of anybody, in any script, unless they are a name that is known or a full name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.scripts import ascii_pattern, is_name, names_by_sound
from service.core.identity.values import identifying_value

# What languages and countries call themselves (CLDR), and words, each list in the script it is named for.
WORDS = {
    "Latin": "é français Español Türkçe português čeština slovenščina íslenska română magyar Zürich Österreich Québec "
    "México España Bolívia São Tiếng Việt größe",
    "Latin with signs": "fr’ «français» “Español” français! oʻzbek o‘zbek",
    "Cyrillic": "русский Русский РУССКИЙ українська български српски қазақ Россия Боливия Україна Москва Таджикистан новости",
    "Greek": "Ελληνικά Ελλάδα Κύπρος Αθήνα",
    "Han": "中 中文 简体中文 繁體中文 中国 台灣 香港 新加坡 粤语 韩语 葡萄牙语 张家港市 江苏省 卢森堡 体育 周末 黄金",
    "Japanese": "日本語 日本 ポルトガル語 にほんご カタカナ オーストラリア 東京 北海道",
    "Korean": "한국어 한국 대한민국 서울 정치 강원도 최신",
    "Arabic": "العربية فارسی اردو مصر السعودية قطر",
    "Hebrew": "עברית ישראל",
    "Devanagari": "हिन्दी मराठी भारत",
    "Thai": "ไทย ภาษาไทย",
    "others": "ქართული հայերեն አማርኛ ລາວ မြန်မာ ខ្មែរ தமிழ் తెలుగు ಕನ್ನಡ සිංහල བོད་སྐད ᏣᎳᎩ ⵜⴰⵎⴰⵣⵉⵖⵜ",
    "lists": "中文,en français,english;q=0.5 zh-中文 de-Österreich fr_français grün:2.blau:1 lang=中文 简体中文(中国) 体育:3",
}
NAMES = {
    "Latin": "Müller müller Jürgen José François Łukasz Björn Núñez Yıldız Anná müller-lüdenscheidt JoãoVitorNascimento",
    "Latin in disguise": "ＡｎｎａＳｃｈｍｉｄｔ Ａｎｎａ Аnna an\u200bná %C3%9Crsula",
    "Cyrillic": "Анна анна АННА Мария Марія Иван Сергей Сергій Дмитрий Наталья Юлия Петров Соколова Шевченко тест",
    "Greek": "Γιώργος Μαρία Ελένη Νίκος Παπαδόπουλος",
    "Han": "王小明 張偉明 李小龙",
    "Japanese": "佐藤 山田太郎 佐藤健一 たろう スズキ",
    "Korean": "김영수 김민준 박지성",
    "Arabic": "محمد فاطمة أحمد",
    "Hebrew": "משה כהן",
    "Devanagari": "राजेश शर्मा",
    "Thai": "สมชาย",
    "others": "გიორგი Նարեկ",
    "joined": "annamüller kmüller mariagonzález аннапетрова ипетров АннаПетрова",
    "two words": "Оксана_Грач Grün-Schäfer Σοφία.Δούκα 김_민준 Ödön.Horn Зоя-Туз",
}


@pytest.mark.parametrize(
    ("script", "word"), [(script, word) for script, words in WORDS.items() for word in words.split()]
)
def test_a_word_says_nothing_of_anybody_in_any_script(script: str, word: str) -> None:
    assert identifying_value(word) is None, script


@pytest.mark.parametrize(
    ("script", "name"), [(script, name) for script, names in NAMES.items() for name in names.split()]
)
def test_a_name_that_is_known_is_one_in_any_script(script: str, name: str) -> None:
    assert identifying_value(name) == "name", script


@pytest.mark.parametrize(
    "value",
    [
        "Иван Петров", "محمد علي", "やまだ たろう", "प्रिया शर्मा", "Þórdís Jónsdóttir", "Tiếng Việt",
        "東京都千代田区千代田1-1", "東京都千代田区丸の内一丁目", "请把包裹送到红房子那里", "grün2", "٠٧٩١٢٣", "京A·12345", "中文ABC", "太郎・山岡",
        "русckий", "中\ue000", "é" * 65,
    ],
)  # fmt: skip
def test_full_names_sentences_numbers_and_mixed_scripts_are_refused(value: str) -> None:
    """What may say who somebody is, and mixtures of scripts, which only disguises are."""
    assert identifying_value(value) is not None


ALPHABETS = {
    "Latin": "àéîõüçñšžłøā",
    "Cyrillic": "бвгджзйклмнпрст",
    "Greek": "βγδζθκλμνξπρστ",
    "Hebrew": "אבגדהוזחטיכלמנ",
    "Arabic": "ابتثجحخدذرزسشص",
    "Armenian": "աբգդեզէըթժ",
    "Hiragana": "あいうえおかきくけこ",
    "Hangul": "가나다라마바사아자차",
    "Thai": "กขคงจฉชซฌญ",
}


@given(data=st.data(), script=st.sampled_from(sorted(ALPHABETS)), mark=st.sampled_from(["", "!", "’", "»", "?"]))
def test_every_script_is_judged_by_the_same_rule(data: st.DataObject, script: str, mark: str) -> None:
    """A word passes by itself unless it is a name, in a list, and beside a code; not beside a word, a number, a script."""
    word = data.draw(st.text(ALPHABETS[script], min_size=3, max_size=8), label="word")
    other = data.draw(st.text(ALPHABETS[script], min_size=3, max_size=8), label="other")
    known = is_name(word)
    assert (identifying_value(word + mark) is not None) is known
    assert (identifying_value(f"de-{word}") is not None) is known
    assert (identifying_value(f"{word},en;q=0.5") is not None) is known
    for joint in (" ", "_", "-", "."):
        assert identifying_value(f"{word}{joint}{other}") is not None
    assert identifying_value(f"{word}12") is not None
    foreign = "я" if script != "Cyrillic" else "é"
    assert identifying_value(word + foreign) is not None


@given(text=st.text(st.characters(), max_size=80))
def test_a_pattern_is_ascii_save_for_what_is_no_letter_and_never_longer(text: str) -> None:
    pattern = ascii_pattern(text)
    assert pattern is None or (pattern.isascii() and len(pattern) <= len(text))


@given(
    name=st.sampled_from(["Jürgen", "Анна", "Γιώργος", "山田", "محمد", "김민수", "משה"]),
    text=st.sampled_from(["", "x=", "de,"]),
)
def test_a_name_is_found_in_whatever_list_it_stands(name: str, text: str) -> None:
    assert identifying_value(text + name) is not None
    assert identifying_value(f"{text}{name};q=0.5") is not None


def test_sounds_are_no_syllables() -> None:
    """Shorter ones would be found in words of other languages."""
    assert min(map(len, names_by_sound())) == 3
