"""Guesses the language a buyer writes in: by script where it tells, by frequent small words where it does not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

#: The languages that can be told, by ISO 639-1 code, with their English names. Tagalog is `tl`.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "english",
        "zh": "chinese",
        "th": "thai",
        "vi": "vietnamese",
        "id": "indonesian",
        "ms": "malay",
        "tl": "tagalog",
        "ja": "japanese",
        "ko": "korean",
    }
)

#: Longer texts are judged by their beginning.
_LOOKED_AT = 2000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that are frequent in one of the languages written in Latin letters. A word may stand for several of them; what
# Indonesian and Malay share says only that it is one of the two.
_WORDS: Mapping[str, frozenset[str]] = {
    "en": _words(
        """the is are my i you when will it this that have has not and please can order what where how do does did for
        to of with still yet arrived received hi hello thanks thank your been want need why was ship shipped color
        package parcel refund return would could any size item"""
    ),
    "id": _words(
        """saya sy aku kak kakak gan min nggak ngga gak ga enggak kapan dikirim kirim barangnya udah sudah bisa tidak
        belum pesanan sampai yang dan ini itu ya apa kenapa gimana bagaimana warna ukuran mau dong banget aja saja
        tolong paket resi rusak kembalikan uang pesan alamat hari kok berapa masih terima kasih makasih barang
        ada untuk"""
    ),
    "ms": _words(
        """saya sy awak bila boleh tak tidak barang sampai belum dah sudah nak macam mana kenapa mengapa parcel pos
        pesanan yang dan ini itu ya apa warna saiz tolong kasut rosak pulangkan wang hantar dihantar encik puan hari
        berapa masih terima kasih lagi je sahaja saja ada untuk alamat seller bungkusan penghantaran"""
    ),
    "tl": _words(
        """po ang ng na sa ko mo ba kailan hindi wala pa ito yung yun lang naman kasi pwede puwede salamat magkano bakit
        dumating order nyo niyo ninyo namin natin opo kayo siya kung paano saan ay mga ako akin may meron din rin maam
        ate kuya pakisagot padala dala sira ibalik kulay"""
    ),
    "vi": _words(
        """cho minh mình toi tôi em shop ơi oi khong không ko hang hàng giao chua chưa bao gio giờ khi nao nào don đơn
        duoc được da đã cai cái nay này a ạ nhe nhé bi bị loi lỗi tra trả lai lại cam on cảm ơn mau màu nhan nhận roi
        rồi gui gửi sao vay vậy bạn ban"""
    ),
}

#: Which of two nearly equal languages is meant, by the region of the store.
_MALAYAN = {"ID": "id", "MY": "ms", "SG": "ms"}
#: By how many words one language must be ahead of the next.
_CLEAR = 0.5

# Letters with a mark that no other of the languages writes.
_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("th", re.compile("[\u0e01-\u0e5b]")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    ("ja", re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")),
)


def guess_language(text: str, region: str = "") -> str:
    """The code of the language a text is written in, "" when it cannot be told (a number, an emoji, "ok").

    Indonesian and Malay share most of their words: where a text has no others, the store's `region` decides.
    """
    text = unicodedata.normalize("NFC", _LINK.sub(" ", text[:_LOOKED_AT])).lower()
    return _by_script(text) or _by_words(text, region)


def language_of_talk(texts: Iterable[str], region: str = "") -> str:
    """The language most of a buyer's messages are in, of equals the one seen first; "" when none can be told."""
    found = Counter(code for code in (guess_language(text, region) for text in texts) if code)
    return max(found, key=lambda code: found[code]) if found else ""


def _by_script(text: str) -> str:
    counts = {code: len(letters.findall(text)) for code, letters in _SCRIPTS}
    # A few kana in Chinese characters make it Japanese; a brand's name in Latin letters changes nothing.
    if counts["ja"] and counts["ja"] * 8 >= counts["zh"]:
        counts["ja"] += counts["zh"]
    code = max(counts, key=lambda each: counts[each])
    # A character of these scripts says about as much as a word's three or four letters.
    return code if counts[code] and counts[code] * 4 >= len(_LATIN.findall(text)) else ""


def _by_words(text: str, region: str) -> str:
    if len(_VIETNAMESE.findall(text)) * 12 >= max(len(_LATIN.findall(text)), 1):
        return "vi"
    words = _WORD.findall(text)
    # What a word says is shared among the languages that have it.
    scores = dict.fromkeys(_WORDS, 0.0)
    for word in words:
        having = [code for code, known in _WORDS.items() if word in known]
        for code in having:
            scores[code] += 1 / len(having)
    ranked = sorted(scores, key=lambda code: -scores[code])
    first, second = ranked[0], ranked[1]
    # A small word or two may be of a language that is not listed.
    if scores[first] - scores[second] >= _CLEAR and scores[first] >= 1 and scores[first] * 4 > len(words):
        return first
    if {first, second} == {"id", "ms"} and (both := scores[first] + scores[second]) >= 1 and both * 4 > len(words):
        return _MALAYAN.get(region, "")
    return ""
