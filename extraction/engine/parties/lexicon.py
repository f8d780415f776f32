"""The words that parties are told by: label phrases, legal forms, street words, countries, from the label files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale
from rapidfuzz import fuzz, process

from extraction.engine import labels
from extraction.engine.textfold import TOKEN, fold, fold_chars, tokens

MAX_PHRASE = 7
_REGIONLESS = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}  # CLDR regions that no address ends with
_MIN_MISREAD, _MISREAD = 7, 88.0  # letters of a phrase that is known again, and its likeness
_ORDINAL = re.compile(r"\d\.\s*$")  # before "OG" on the second floor
_SHORT_FORM = 3  # letters up to which a legal form counts only as printed: "SE" is one, "se" is a pronoun


@dataclass(frozen=True, slots=True)
class Opening:
    """A label phrase at the beginning of a text: what it may name, and where it and its colon end."""

    names: tuple[str, ...]
    phrase: tuple[str, ...]
    end: int
    colon: bool
    alone: bool


@cache
def _opening_table(*sections: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for section in sections:
        for key, meanings in labels.phrases(section).items():
            table[key] = table.get(key, ()) + tuple(name for name, _ in meanings)
    return table


@lru_cache(maxsize=4096)
def opening(text: str, *sections: str) -> Opening | None:
    """The longest phrase of `sections` (of named lists) that `text` begins with."""
    table = _opening_table(*sections)
    found = list(TOKEN.finditer(fold_chars(text)))[: 2 * MAX_PHRASE]
    words = tuple(m[0] for m in found)
    for size in range(min(MAX_PHRASE, len(found)), 0, -1):
        names = table.get(words[:size])
        if names:
            end = found[_with_translation(text, found, size, names, table) - 1].end()
            mark = re.match(r"\s*(?:\([^)]*\)|[.:#№°º)\]])*\s*(?P<colon>[:：]|[-–—]\s)?\s*", text[end:])
            tail = mark.end() if mark else 0
            colon = ":" in text[end : end + tail] or bool(mark and mark["colon"])
            return Opening(names, words[:size], end + tail, colon, not text[end + tail :].strip(" .:;,-–—#"))
    return None


def _with_translation(
    text: str,
    found: Sequence[re.Match[str]],
    size: int,
    names: tuple[str, ...],
    table: Mapping[tuple[str, ...], tuple[str, ...]],
) -> int:
    """How many words the label has with the same in another language behind a stroke: "Client / Klant"."""
    if size == len(found) or text[found[size - 1].end() : found[size].start()].strip() != "/":
        return size
    for more in range(min(MAX_PHRASE, len(found) - size), 0, -1):
        translated = table.get(tuple(m[0] for m in found[size : size + more]), ())
        if not set(names).isdisjoint(translated):
            return size + more
    return size


@cache
def phrase_pattern(section: str, *names: str) -> re.Pattern[str]:
    """A pattern over folded text for the phrases of `section`, or of its lists `names`, as whole words."""
    entries: Iterable[str] = (
        [e for name in names for e in labels.groups(section).get(name, ())] if names else labels.words(section)
    )
    # Between the words of a phrase anything that is no word may stand: "USt.-IdNr."
    bodies = {r"[\W_]{0,3}".join(map(re.escape, tokens(e))) for e in entries if tokens(e)}
    joined = "|".join(sorted(bodies, key=lambda b: (-len(b), b)))
    return re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])")


_FORM_SIGNS = {" ": r"[ ]?", ".": r"[.]?[ ]?"}  # "G.m.b.H." and "GmbH", "z o.o." and "z o. o."


_NO_WORD = re.compile(r"[b-df-hj-np-tv-z]{3,}", re.IGNORECASE)


@cache
def _legal_pattern() -> re.Pattern[str]:
    forms = []
    for form in labels.words("legal_forms"):
        body = "".join(_FORM_SIGNS.get(c, re.escape(c)) for c in form.rstrip("."))
        short = sum(c.isalnum() for c in form) <= _SHORT_FORM
        # With its full stops a short one counts also small, and so does one that is no word: "srl", "ltd"
        dotted = re.escape(form.lower()) if "." in form else body
        dotted = body.lower() if _NO_WORD.fullmatch(form) else dotted
        forms.append(f"{body}|{body.upper()}|{dotted}" if short else f"(?i:{body})")
    joined = "|".join(sorted(set(forms), key=lambda b: (-len(b), b)))
    return re.compile(rf"(?<![^\W_])(?:{joined})(?:\.|(?![^\W_]))")


@lru_cache(maxsize=4096)
def legal_form(text: str) -> re.Match[str] | None:
    """The last legal form ("GmbH", "Inc.", "Sp. z o.o.") in `text`, which names a company when it ends a name."""
    found = [m for m in _legal_pattern().finditer(text) if not _ORDINAL.search(text[: m.start()])]
    return found[-1] if found and found[-1].start() > 0 else None


def core_name(name: str) -> str:
    """A name for comparison: folded, without its legal form."""
    form = legal_form(name)
    return " ".join(tokens(name[: form.start()] if form and form.start() > 2 else name))


_BANK = re.compile(
    r"(?:^|\s)(?:\w*bank|\w*banque|banc[oa]|sparkasse|\w*kasse|raiffeisen\w*|caixa|caisse|cr[eé]dit)(?:\s|$)"
)


def is_bank(name: str) -> bool:
    """Whether a name says that its bearer is a bank: "Northgate Bank", "Banca Garraf", "Volksbank"."""
    return bool(_BANK.search(core_name(name)) or _BANK.search(" ".join(tokens(name))))


@cache
def _countries() -> frozenset[str]:
    names = {fold(name) for name in labels.words("countries")}
    for language in labels.languages():
        territories = Locale(language).territories.items()
        names |= {
            " ".join(tokens(name)) for code, name in territories if str(code).isalpha() and code not in _REGIONLESS
        }
    return frozenset(names)


@cache
def _country_codes() -> frozenset[str]:
    codes = {str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))}
    return frozenset((codes - _REGIONLESS) | {"USA", "UAE", "GBR", "DEU"})


def is_country(text: str) -> bool:
    """Whether `text` is a country's name in one of the languages, or its code in capitals."""
    return " ".join(tokens(text)) in _countries() or text.strip(" .,()").replace(".", "") in _country_codes()


@cache
def not_names() -> frozenset[str]:
    """Folded phrases that are never a name: document titles, field labels, column headers."""
    known = {" ".join(tokens(word)) for word in labels.words("not_a_name")}
    for section in ("fields", "other", "columns", "titles", "parties", "identifiers"):
        known |= {" ".join(key) for key in labels.phrases(section)}
    return frozenset(known)


@lru_cache(maxsize=4096)
def is_misread_label(text: str) -> bool:
    """Whether OCR may have made `text` of a label, title or heading: "Aocount No" is no name."""
    words = " ".join(tokens(text))
    if len(words) < _MIN_MISREAD:
        return False
    return process.extractOne(words, not_names(), scorer=fuzz.ratio, score_cutoff=_MISREAD) is not None


@cache
def _label_words() -> tuple[frozenset[str], frozenset[str]]:
    """The words that labels are made of, and those that are a label by themselves."""
    keys = [key for section in ("fields", "other", "columns", "identifiers") for key in labels.phrases(section)]
    return frozenset(word for key in keys for word in key), frozenset(
        key[0] for key in keys if len(key) == 1 and len(key[0]) > 2
    )


def reads_like_labels(words: Collection[str]) -> bool:
    """Whether several folded words are but label words: "Customer VAT no.", "Qty Unit price"."""
    parts, whole = _label_words()
    return len(words) > 1 and parts.issuperset(words) and not whole.isdisjoint(words)
