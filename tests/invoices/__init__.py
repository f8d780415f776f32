"""Invoices to test and to learn with: many layouts, languages, currencies and number formats, with the true values."""

from tests.invoices.document import Document, generate
from tests.invoices.sample import sample

__all__ = ["Document", "generate", "sample"]
