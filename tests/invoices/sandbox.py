"""`python -m tests.invoices.sandbox`: read drawn documents and write the fixtures of test mode.

Each fixture is the first document of its kind that the engine reads as the kind demands, so that a better engine makes
other fixtures of the same kinds, and never wrong ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from extraction.engine.errors import EngineError, NotAnInvoice, NoTextFound, TimedOut
from extraction.engine.options import Options
from extraction.engine.pipeline import extract
from extraction.engine.result import Extraction
from extraction.sandbox import DATA
from tests.invoices import Document, einvoice_xml, generate, hybrid, sample, scan_png, varied

FIRST_SEED = 700_000
WIDTH = 160
MAX_LINES = 6  # on one page: fixtures are for reading, too
REJECTED = 2  # runners-up kept of each field, and of no cell
Documents = Iterator[bytes]


@dataclass(frozen=True)
class Kind:
    """What a fixture shows, the documents that may become it, and what must have been read from the one that does."""

    about: str
    documents: Callable[[], Documents]
    wanted: Callable[[Extraction], bool]


def drawn(locale: str, pages: int = 1) -> Documents:
    """Invoices of a place with so many pages."""
    found = (generate(seed, locale=locale) for seed in count(FIRST_SEED))
    return (document.pdf for document in found if document.pages == pages)


def composed(kind: str, locale: str) -> Documents:
    """Varied documents of one type."""
    return (varied(seed, kind=kind, locale=locale).pdf for seed in count(FIRST_SEED))


def scanned(locale: str) -> Documents:
    """Scans of one page."""
    found = ((seed, generate(seed, locale=locale)) for seed in count(FIRST_SEED))
    return (scan_png(document, seed) for seed, document in found if document.pages == 1)


def is_clean(source: str, kind: str = "invoice", pages: int = 1) -> Callable[[Extraction], bool]:
    """Wanted: from this source, of this type, with lines, and nothing that wants a person's look."""

    def wanted(read: Extraction) -> bool:
        whole = all(read.value(name) for name in ("vendor_name", "invoice_date", "total_amount", "currency"))
        as_wanted = (read.source, read.document_type, read.needs_review) == (source, kind, False)
        short = read.page_count <= pages and 1 <= len(read.line_items) <= MAX_LINES * pages**2
        return as_wanted and whole and short

    return wanted


def has_due_date(read: Extraction) -> bool:
    return read.value("due_date") is not None and is_clean("text")(read)


def fails_a_check(read: Extraction) -> bool:
    return read.needs_review and any(not check.passed for check in read.checks)


def einvoices(make: Callable[[Document], bytes], locale: str) -> Documents:
    """E-invoices of a place."""
    return (make(generate(seed, locale=locale)) for seed in count(FIRST_SEED))


def ubl(document: Document) -> bytes:
    return einvoice_xml(document, "ubl")


def is_yen(read: Extraction) -> bool:
    return read.value("currency") == "JPY" and is_clean("text")(read)


# name -> what it shows, the documents that may become it, what must have been read
KINDS = {
    "invoice-sample": Kind("The sample invoice, British", lambda: iter([sample().pdf]), is_clean("text")),
    "invoice-de": Kind("A German invoice with a due date", lambda: drawn("de-DE"), has_due_date),
    "invoice-us": Kind("An American invoice", lambda: composed("invoice", "en-US"), is_clean("text")),
    "invoice-jp": Kind("In yen, which has no smaller unit", lambda: composed("invoice", "en-JP"), is_yen),
    "einvoice-cii": Kind("A hybrid PDF that carries CII", lambda: einvoices(hybrid, "de-DE"), is_clean("einvoice")),
    "einvoice-ubl": Kind("A bare UBL file", lambda: einvoices(ubl, "nl-NL"), is_clean("einvoice")),
    "multipage-fr": Kind("A French invoice of two pages", lambda: drawn("fr-FR", pages=2), is_clean("text", pages=2)),
    "credit-de": Kind(
        "A German credit note", lambda: composed("credit_note", "de-DE"), is_clean("text", "credit_note")
    ),
    "receipt-gb": Kind("A till receipt", lambda: composed("receipt", "en-GB"), is_clean("text", "receipt")),
    "scan-nl": Kind("A scan of a Dutch invoice", lambda: scanned("nl-NL"), is_clean("ocr")),
    "review-it": Kind("An invoice in which a check fails", lambda: composed("invoice", "it-IT"), fails_a_check),
}
FAILURES: dict[str, tuple[str, type[EngineError]]] = {
    "fail-no-text": ("Nothing to read on the page", NoTextFound),
    "fail-not-an-invoice": ("Text, but of no invoice", NotAnInvoice),
    "fail-timed-out": ("Reading took too long", TimedOut),
}


def fixture(kind: Kind) -> dict[str, Any]:
    """The content of one fixture's file."""
    for document in kind.documents():
        read = _read(document)
        if read is not None and kind.wanted(read):
            sha256 = hashlib.sha256(document).hexdigest()
            return {"about": kind.about, "sha256": sha256, "extraction": shortened(read).to_json()}
    raise ValueError(f"the engine reads no document as {kind.about!r} wants it")


def _read(document: bytes) -> Extraction | None:
    try:
        return extract(document, Options(explain=True))
    except EngineError:
        return None


def shortened(read: Extraction) -> Extraction:
    """The extraction with few runners-up: a fixture is for reading, too."""

    fields = {name: replace(field, rejected=field.rejected[:REJECTED]) for name, field in read.fields.items()}
    lines = tuple(
        replace(line, cells={name: replace(cell, rejected=()) for name, cell in line.cells.items()})
        for line in read.line_items
    )
    return replace(read, fields=fields, line_items=lines)


def written(value: Any, indent: int = 0) -> str:
    """JSON in which whatever fits into a line stands on one."""
    compact = json.dumps(value, ensure_ascii=False)
    if indent + len(compact) <= WIDTH or not isinstance(value, dict | list):
        return compact
    inner = indent + 2
    if isinstance(value, list):
        ends, parts = "[]", [written(item, inner) for item in value]
    else:
        ends, parts = "{}", [f"{json.dumps(key)}: {written(item, inner)}" for key, item in value.items()]
    lines = (",\n" + " " * inner).join(parts)
    return f"{ends[0]}\n{' ' * inner}{lines}\n{' ' * indent}{ends[1]}"


def main() -> None:
    for name, (about, error) in FAILURES.items():
        (DATA / f"{name}.json").write_text(written({"about": about, "error": error.code}) + "\n", encoding="utf-8")
    for name, kind in KINDS.items():
        (DATA / f"{name}.json").write_text(written(fixture(kind)) + "\n", encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
