"""E-invoice XML, bare or inside a PDF: found, recognised, read without loss, compared with the visible page."""

from extraction.engine.einvoice.compare import compare
from extraction.engine.einvoice.detect import is_einvoice, open_einvoice
from extraction.engine.einvoice.read import find_xml, read_einvoice
from extraction.engine.einvoice.xml import xml_text

__all__ = ["compare", "find_xml", "is_einvoice", "open_einvoice", "read_einvoice", "xml_text"]
