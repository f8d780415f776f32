"""The words that tables are made of, in all languages at once: column headers, ends, carried sums, units.

A table says what it is by two or three of its headers, so the document's language need not be known first.
"""

from __future__ import annotations

from functools import cache

from extraction.engine import labels
from extraction.engine.textfold import longest, tokens

SUMS = ("subtotal_amount", "tax_amount", "total_amount", "amount_due")
_LONGEST = 6  # words of a phrase


@cache
def _phrases(section: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tokens(phrase) for phrase in labels.words(section))


@cache
def _longest_column() -> dict[str, int]:
    return longest(_columns())


@cache
def _columns() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for name, phrases in labels.groups("columns").items():
        for phrase in phrases:
            found.setdefault(tokens(phrase), name)
    return found


@cache
def _carried() -> frozenset[tuple[str, ...]]:
    known = (*labels.groups("other").get("carried", ()), *labels.words("table_carried"))
    return frozenset(tokens(phrase) for phrase in known)


@cache
def _ends() -> frozenset[tuple[str, ...]]:
    """Phrases that end tables: their own, and the longer labels of sums and taxes (single words are too common)."""
    fields = labels.groups("fields")
    sums = (tokens(phrase) for name in SUMS for phrase in fields.get(name, ()) if not phrase.startswith("~"))
    return _phrases("table_end") | {phrase for phrase in sums if len(phrase) > 1} | _roundings()


@cache
def _roundings() -> frozenset[tuple[str, ...]]:
    return frozenset(tokens(phrase) for phrase in labels.groups("other")["rounding"])


def is_rounding(words: tuple[str, ...]) -> bool:
    """Whether a line that begins with `words` rounds a sum: "Rounding adj. 0.02"."""
    return any(words[:n] in _roundings() for n in range(1, min(_LONGEST, len(words)) + 1))


def column_at(words: tuple[str, ...], start: int) -> tuple[str | None, int]:
    """The column that the longest header phrase at `words[start:]` names, and the phrase's length (0 for none).

    Words that only qualify a header ("excl. VAT", "in EUR") belong to the phrase before them; alone they are
    qualified by nothing and give no column.
    """
    columns = _columns()
    most = _longest_column().get(words[start], 0) if start < len(words) else 0
    for length in range(min(most, len(words) - start), 0, -1):
        name = columns.get(words[start : start + length])
        if name:
            length += modifiers_at(words, start + length)
            base = name == "unit_price" and "".join(words[start + length : start + length + 1]).isdecimal()
            return name, length + base  # "price per 100"
    return None, modifiers_at(words, start)


def modifiers_at(words: tuple[str, ...], start: int) -> int:
    """How many words from `start` on only qualify a header."""
    end = start
    known = _phrases("column_modifiers")
    while end < len(words):
        length = next((n for n in range(3, 0, -1) if words[end : end + n] in known and end + n <= len(words)), 0)
        if not length:
            break
        end += length
    return end - start


def end_length(words: tuple[str, ...]) -> int:
    """The number of words of the longest table-ending phrase that `words` begin with."""
    known = _ends()
    return next((n for n in range(min(_LONGEST, len(words)), 0, -1) if words[:n] in known), 0)


def is_carried(words: tuple[str, ...]) -> bool:
    """Whether `words` begin by saying that a sum is carried over between pages."""
    return any(words[:n] in _carried() for n in range(1, min(_LONGEST, len(words)) + 1))


@cache
def is_unit(word: str) -> bool:
    """Whether `word` is a unit of measure or of counting, as printed behind quantities."""
    return tokens(word) in _phrases("units")


def is_included(words: tuple[str, ...]) -> bool:
    """Whether `words` begin by saying that what follows is part of the price above ("incl. copyright levy")."""
    return any(words[:n] in _phrases("included") for n in range(1, min(_LONGEST, len(words)) + 1))
