"""Judgement of words beyond ASCII, in any script: names of people, or words that identify nobody.

A word is judged alike in every script: it says nothing unless it is a name that is known, or two words stand together
as a first and a last name do. What languages and countries call themselves (``français``, ``日本語``, ``Türkçe``) are
single words of one script and need no table; names do, as they do in ASCII. Latin, Cyrillic and Greek names are looked
for among those of ``vocabulary`` and ``letters``, by how they sound; other scripts have names here.
"""

import re
import unicodedata
from functools import cache
from typing import Final

from service.core.identity.letters import PEOPLE
from service.core.identity.vocabulary import GIVEN_NAMES, PLACEHOLDERS

# Common first and last names of people who write Cyrillic or Greek, which the names in Latin letters do not have.
_MORE_NAMES: Final = frozenset(
    """
    aleksandr aleksandra aleksei anatolii arseni artem boris daria denis dimitris evgenia evgenii georgios gleb ilia
    kirill ksenia liubov liudmila maksim maksym mikhail nadezhda nikolaos nikos oksana eleni katerina konstantinos
    kostas larisa leonid oleg polina raisa ruslan stanislav stepan tatyana timur vasilii vera viacheslav vitalii
    vladislav yulia zinaida andrii dmytro mykhailo oleksandra bohdan iryna liudmyla nataliia yaroslava
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
# Common first and last names, and the words for nobody, in scripts that do not write sound for sound in Latin letters.
_NAMES_OF_SCRIPTS: Final = frozenset(
    """
    محمد أحمد احمد محمود علي حسن حسين عمر عثمان خالد يوسف إبراهيم ابراهيم عبدالله مصطفى إسماعيل ياسر طارق كريم سعيد
    فاطمة عائشة خديجة زينب مريم ليلى نور سارة هدى أمينة رضا مهدی زهرا حسینی محمدی احمدی عباس جعفر
    משה יוסף דוד אברהם יעקב יצחק דניאל שרה רחל רבקה מרים חנה יעל נועה תמר יוסי אבי כהן לוי מזרחי פרידמן
    राजेश सुरेश रमेश अमित राहुल संजय विजय अनिल प्रिया पूजा नेहा सुनीता अंजलि कविता कुमार शर्मा सिंह गुप्ता वर्मा पटेल
    สมชาย สมหญิง สมศักดิ์ สมพร ประเสริฐ วิชัย มานี มานะ ปิติ ชูใจ
    გიორგი ნინო დავით მარიამ ლევან თამარ ბერიძე Արմեն Նարեկ Տիգրան Անահիտ Հակոբյան
    அருண் குமார் முருகன் லட்சுமி ተስፋዬ በቀለ አበበ
    たろう はなこ やまだ さとう すずき たなか タロウ ハナコ ヤマダ サトウ スズキ タナカ 太郎 花子 一郎
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
# A full name in Chinese characters begins with the family's, and has three characters where the given name has its
# usual two. The commonest (China's Ministry of Public Security, 2020) without those that begin names of countries or
# plain words of three characters, as 马 does 马来语. A name of two characters is no different from a word.
_CHINESE: Final = (
    "[王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫朱胡郭何林郑鄭梁谢謝宋唐邓鄧冯馮曹彭肖蕭萧潘袁蔡蒋蔣杜叶葉魏吕呂丁姚沈钟鍾姜崔谭譚陆陸]"
    "[\u3400-\u9fff]{2}"
)
# In Japan likewise (the hundred commonest of Meiji Yasuda's census of 2018, without those of prefectures).
_JAPANESE: Final = (
    "(?:佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|山本|中村|小林|加藤|吉田|山田|佐々木|松本|井上|木村|斎藤|斉藤|清水|山崎|池田|橋本|阿部"
    "|山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|太田|西村|藤井|金子|岡本|藤原|三浦|中川|原田|松田"
    "|竹内|小野|田村|和田|石田|森田|柴田|酒井|横山|安藤|宮本|工藤|今井|増田|丸山|杉山|村田|大塚|新井|藤本|野口|武田|松井|菅原)"
    "[\u3040-\u30ff\u3400-\u9fff]{0,3}"
)
# And in Korea, in three syllables (Statistics Korea, 2015), with the same exceptions.
_KOREAN: Final = "[김박최정강윤장임권황송홍][\uac00-\ud7a3]{2}"
_EASTERN: Final = re.compile(f"{_CHINESE}|{_JAPANESE}|{_KOREAN}").fullmatch
# Endings of the words for languages and places, which no given name has: 葡萄牙语, 江苏省, 강원도.
_NO_NAME_ENDS: Final = ("语", "語", "话", "話", "省", "市", "县", "縣", "州", "어", "도", "시", "군")

_CYRILLIC_AND_GREEK: Final = dict(
    zip(
        "абвгґдезиіїйклмнопрстуфыэєўѓѕјќђћљњαβγδεζηικλμνοπρσςτυφω",
        "abvggdeziiiiklmnoprstufieeugzikdclnavgdeziiklmnoprsstifo",
        strict=True,
    )
)
# fmt: off
_SEVERAL_LETTERS: Final = {
    "ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "iu",
    "я": "ia", "џ": "dz", "θ": "th", "ξ": "ks", "χ": "ch", "ψ": "ps",
    "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h", "ß": "ss",
}
# fmt: on
_MARKS: Final = dict.fromkeys(map(chr, range(0x300, 0x370)), "")
_LETTERS: Final = str.maketrans(_CYRILLIC_AND_GREEK | _SEVERAL_LETTERS | _MARKS)
_OTHER_SOUNDS: Final = frozenset("äöüåг")
_GERMAN_AND_UKRAINIAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "г": "h"})
_SOUNDS: Final = str.maketrans({"y": "i", "j": "i", "x": "ks"})
_DOUBLED: Final = re.compile(r"(.)\1+")
_SOUND_CHARS_MIN: Final = 3
_NAME_CHARS_MIN: Final = 2
_FAMILY_NAME_CHARS_MIN: Final = 4  # shorter ones are words too, and syllables


def _sound(word: str) -> str:
    """A lower-case word in the Latin letters that sound like it, each once: Мария and Marija are one."""
    plain = unicodedata.normalize("NFD", word).replace("\u03bf\u03c5", "ou")
    return _DOUBLED.sub(r"\1", plain.translate(_LETTERS).translate(_SOUNDS))


@cache
def names_by_sound() -> frozenset[str]:
    """Names, and the words for nobody, by their sound; made when first asked for."""
    family = (name for name in PEOPLE if len(name) >= _FAMILY_NAME_CHARS_MIN)
    sounds = map(_sound, (*GIVEN_NAMES, *PLACEHOLDERS, *_MORE_NAMES, *family))
    return frozenset(sound for sound in sounds if len(sound) >= _SOUND_CHARS_MIN)


_FEMININE: Final = re.compile(r".{2,}(?:[oei]v|in|sk|ck)a").fullmatch


_PART_CHARS_MIN: Final = 4
_JOINED_CHARS_MIN: Final = 6


def _is_joined(sound: str, with_initial: bool) -> bool:
    """Whether it is two names in one, as in "annamüller", or an initial and a name, as in "kmüller"."""
    if len(sound) < _JOINED_CHARS_MIN:
        return False
    names = names_by_sound()
    if with_initial and sound[1:] in names:
        return True
    ends = range(_SOUND_CHARS_MIN, len(sound) - _PART_CHARS_MIN + 1)
    return any(sound[:at] in names and sound[at:] in names for at in ends)


def is_name(word: str) -> bool:
    """Whether a word beyond ASCII is a name that is known, in its own script or by its sound in Latin letters."""
    if word in _NAMES_OF_SCRIPTS or (_EASTERN(word) and not word.endswith(_NO_NAME_ENDS)):
        return True
    lower = word.lower()
    sounds = {_sound(lower)}
    if not _OTHER_SOUNDS.isdisjoint(lower):
        sounds.add(_sound(lower.translate(_GERMAN_AND_UKRAINIAN)))
    sounds |= {sound[:-1] for sound in sounds if _FEMININE(sound)}  # Соколова and Соколов
    if not names_by_sound().isdisjoint(sounds):
        return True
    # Only a handle begins with an initial in lower case: Bolívia is no B. Olivia.
    return any(_is_joined(sound, word == lower) for sound in sounds)


_CHARS_MAX: Final = 64
_WORDS_MAX: Final = 8
_WORD_CHARS_MAX: Final = 32  # marks and all
# Who writes without blanks says in more characters than these more than a word or two.
_UNSPACED: Final = frozenset({"CJK", "HANGUL"})
_UNSPACED_CHARS_MAX: Final = 10
_ONE_SCRIPT: Final = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK"}
_ANY_SCRIPT: Final = frozenset({"MODIFIER", "COMBINING"})
_SIGNS: Final = str.maketrans("’‐‑–—·・", "'----..")
# A quality's or a weight's digit. Any other beside a word whose grammar is unknown may be that of a house or a person.
_WEIGHT: Final = re.compile(r"(?<=:)[0-9](?![0-9])|(?<=;q=)[01](?:\.[0-9]{1,3})?(?![0-9])")
_LETTER: Final = r"[^\x00-\x40\x5b-\x60\x7b-\x7f]"
_WORD: Final = re.compile(rf"{_LETTER}+")
# As a first and a last name are joined.
_JOINED: Final = re.compile(rf"(?=(?<!{_LETTER})({_LETTER}+)[ ._-]{{1,2}}({_LETTER}+))")
# None of both: zh-中文, de-Österreich.
_CODE: Final = re.compile(r"[A-Za-z]{2}").fullmatch


def ascii_pattern(text: str) -> str | None:
    """The text with an "x" for each letter beyond ASCII, where no word beyond ASCII says who: its shape is left to ask.

    None where one is a name, or mixes scripts as only disguises do (UTS 39, 5.2), where two words are joined as in a
    full name, and where there are digits that are no list's weights. Weights and marks are left out.
    """
    if len(text) > _CHARS_MAX:
        return None
    text = _without_signs(_WEIGHT.sub("", text.translate(_SIGNS)))
    if any(map(str.isdigit, text)) or any(map(_is_full_name, _JOINED.finditer(text))):
        return None
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    if len(words) > _WORDS_MAX or any(map(_says_who, words)):
        return None
    return "".join(map(_pattern_of, text))


def has_name(text: str) -> bool:
    """Whether a word beyond ASCII is a name that is known."""
    return any(is_name(word) for word in _WORD.findall(text)[:_WORDS_MAX] if not word.isascii())


def _without_signs(text: str) -> str:
    """With "!" for every sign beyond ASCII."""
    return "".join(char if char.isascii() or unicodedata.category(char)[0] not in "PS" else "!" for char in text)


def _is_full_name(joined: re.Match[str]) -> bool:
    words = joined.groups()
    return not "".join(words).isascii() and not any(map(_CODE, words))


def _says_who(word: str) -> bool:
    script = _script_of(word) if len(word) <= _WORD_CHARS_MAX else None
    if script is None or (script in _UNSPACED and len(word) > _UNSPACED_CHARS_MAX):
        return True
    return len(word) >= _NAME_CHARS_MIN and is_name(word)


def _script_of(word: str) -> str | None:
    """The one script of a word, which Unicode's name of each letter begins with; None where there is no such one."""
    scripts = set()
    for char in set(word):
        if unicodedata.category(char)[0] not in "LM":
            return None
        script = unicodedata.name(char, "").partition(" ")[0]
        scripts.add(_ONE_SCRIPT.get(script, script))
    scripts -= _ANY_SCRIPT
    return scripts.pop() if len(scripts) == 1 else None


def _pattern_of(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.category(char)[0] == "M":
        return ""
    return "X" if char.isupper() else "x"
