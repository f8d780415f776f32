"""Invoices to test and to learn with: many layouts, languages, currencies and number formats, with the true values."""

from tests.invoices.degrade import scan, scan_pdf, scan_png, scan_tiff
from tests.invoices.document import Document, generate
from tests.invoices.einvoice import einvoice_xml, hybrid
from tests.invoices.sample import sample
from tests.invoices.varied import Varied, varied

__all__ = [
    "Document",
    "Varied",
    "einvoice_xml",
    "generate",
    "hybrid",
    "sample",
    "scan",
    "scan_pdf",
    "scan_png",
    "scan_tiff",
    "varied",
]
