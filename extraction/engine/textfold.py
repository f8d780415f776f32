"""Text folded for comparison: case and accents away, offsets kept where a caller needs them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_REMEMBERED = 20_000  # texts: those of some dozen pages
_SPECIAL = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "°": "o", "№": "n", "’": "'", "`": "'", "´": "'"})
TOKEN = re.compile(r"[^\W_]+|#|%")

_DIGIT = re.compile(r"\d")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_MIN_HAN = 8  # characters from which a text is Chinese; a logo or a stamp has fewer


class _Folded(dict[int, str]):
    """The folded character of every code point met so far, for `str.translate`: folding is what reading does most."""

    def __missing__(self, code: int) -> str:
        self[code] = (fold(chr(code)) or chr(code))[:1]
        return self[code]


_FOLDED = _Folded()


@lru_cache(maxsize=_REMEMBERED)
def fold(text: str) -> str:
    """Case and accents removed ("Fälligkeit" to "falligkeit", "ß" to "ss")."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def fold_chars(text: str) -> str:
    """Like `fold`, one character for one, so that offsets into the result are offsets into `text`."""
    return text.translate(_FOLDED)


@lru_cache(maxsize=_REMEMBERED)
def tokens(text: str) -> tuple[str, ...]:
    """The folded words of `text`; `#` and `%` count as words, other punctuation does not."""
    return tuple(TOKEN.findall(fold_chars(text)))


def has_digit(text: str) -> bool:
    """Most texts of a page have none, and need not be searched for numbers, dates or ids."""
    return _DIGIT.search(text) is not None


def longest(phrases: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """The number of words of the longest phrase by its first word: few words of a page begin one."""
    lengths: dict[str, int] = {}
    for phrase in phrases:
        lengths[phrase[0]] = max(lengths.get(phrase[0], 0), len(phrase))
    return lengths


def is_chinese(text: str) -> bool:
    """Whether `text` holds some Chinese characters and no Japanese syllables."""
    return len(HAN.findall(text)) >= _MIN_HAN and not _KANA.search(text)
