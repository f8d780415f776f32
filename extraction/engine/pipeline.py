"""The order of the stages, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from extraction.engine.checks import run_checks, with_checks
from extraction.engine.confidence import calibrated, is_unsure, overall
from extraction.engine.custom.stage import with_custom, with_custom_of, without_rejected
from extraction.engine.document import Document, read_document
from extraction.engine.einvoice import compare, find_xml, read_einvoice
from extraction.engine.errors import EngineError, FileTooLarge, NotAnInvoice
from extraction.engine.header import document_type, read_header
from extraction.engine.options import Options
from extraction.engine.parties import assign_parties, find_identifiers
from extraction.engine.payment import read_payment
from extraction.engine.placing import as_displayed
from extraction.engine.read.pages import read_pages
from extraction.engine.result import Extraction, Source
from extraction.engine.sniff import Kind, sniff
from extraction.engine.table import find_line_items
from extraction.engine.totals import read_totals
from extraction.engine.words import Page


def extract(data: bytes, options: Options | None = None) -> Extraction:
    """Read one document: PDF, image or XML e-invoice, told apart by content.

    Deterministic: same bytes, options and versions give the same result. Raises an EngineError for what cannot be read.
    """
    options = options or Options()
    if len(data) > options.limits.max_bytes:
        raise FileTooLarge.beyond(options.limits.max_bytes)
    kind = sniff(data)
    xml = find_xml(kind, data, options.limits)
    if kind == "xml":
        return with_custom_of(read_einvoice(data, options.limits), None, options.custom)
    if xml is None:
        return read_visible(read_pages(kind, data, options), options)
    return _read_hybrid(xml, kind, data, options)


def _read_hybrid(xml: bytes, kind: Kind, data: bytes, options: Options) -> Extraction:
    """The XML half answers; the visible half, where it can be read, is held against it."""
    pages: tuple[Page, ...] = ()
    visible: Extraction | None = None
    with suppress(EngineError):
        pages = read_pages(kind, data, options)
        visible = read_visible(pages, options)
    stated = read_einvoice(xml, options.limits, page_count=_count(pages) or 1)
    stated = with_checks(stated, compare(stated, visible)) if visible else stated
    return with_custom_of(stated, visible, options.custom)


def read_visible(pages: tuple[Page, ...], options: Options) -> Extraction:
    """What the pages say to a reader. Raises NotAnInvoice where nothing on them looks like one."""
    document = read_document(pages)
    lines = find_line_items(document.layout, document.style)
    identifiers = find_identifiers(document.layout)
    fields = read_header(document, identifiers)
    totals = read_totals(document, lines)
    fields |= assign_parties(document.layout, identifiers) | totals.fields | read_payment(document)
    if not _looks_like_invoice(document, set(fields)):
        raise NotAnInvoice
    source: Source = "ocr" if any(page.method == "ocr" for page in pages) else "text"
    found = Extraction(source, document_type(document), _count(pages), fields, lines, totals.tax_breakdown)
    found = with_checks(found, run_checks(found, rounding=totals.rounding))
    found = replace(found, fields=calibrated(found))
    doubtful = found.needs_review or is_unsure(found.fields, options.review_below)
    found = replace(found, confidence=overall(found.fields), needs_review=doubtful)
    found = with_custom(found, document, options.custom)
    return as_displayed(found if options.explain else _unexplained(found), pages)


def _count(pages: tuple[Page, ...]) -> int:
    return sum(page.beside is None for page in pages)


def _unexplained(extraction: Extraction) -> Extraction:
    fields = {name: replace(field, rejected=()) for name, field in extraction.fields.items()}
    lines = tuple(without_rejected(line) for line in extraction.custom_lines)
    return replace(extraction, fields=fields, custom=without_rejected(extraction.custom), custom_lines=lines)


def _looks_like_invoice(document: Document, found: set[str]) -> bool:
    """An amount to pay, or a number under an invoice's label: a letter, a photo or a table of figures has neither."""
    labelled = {name for hit in document.hits if not hit.weak for name in hit.names}
    has_amount = bool(found & {"total_amount", "subtotal_amount", "amount_due"})
    return has_amount or ("invoice_number" in found and "invoice_number" in labelled)
