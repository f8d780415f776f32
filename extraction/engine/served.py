"""Reading as the isolated process calls it: bytes and JSON in, JSON out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from PIL import Image

from extraction.engine.errors import EngineError
from extraction.engine.options import Options
from extraction.engine.pipeline import extract as extract_document
from extraction.engine.pipeline import read_visible
from extraction.engine.tools import poppler_version, tesseract_languages
from extraction.engine.words import Box, Page, Word

_SAMPLE = (
    "Example Ltd, 1 Main Street, Bristol BS1 1AA",
    "Invoice number: 1 Date: 3 March 2026",
    "Description Quantity Unit price Amount",
    "Work 2 10.00 20.00",
    "Subtotal 20.00",
    "VAT 20% 4.00",
    "Total due 24.00 GBP",
)


def preload() -> None:
    """Do once what every document would otherwise pay for: image plug-ins, probes of the external programs, and by
    reading a sample invoice the word lists (a second of CPU)."""
    Image.init()
    tesseract_languages()
    poppler_version()
    with suppress(EngineError):
        read_visible((_sample_page(),), Options())


def _sample_page() -> Page:
    words = [
        Word(text, Box(0.1 + 0.1 * column, 0.1 + 0.05 * row, 0.18 + 0.1 * column, 0.12 + 0.05 * row), 1)
        for row, line in enumerate(_SAMPLE)
        for column, text in enumerate(line.split())
    ]
    return Page(1, 595.0, 842.0, tuple(words), "text")


def extract(data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """`pipeline.extract`; raises its EngineErrors."""
    return extract_document(data, Options.from_json(options)).to_json()
