"""The same invoice for machines: bare XML, and inside its own PDF (Factur-X)."""

from __future__ import annotations

import io
from typing import Literal

import pikepdf

from tests.invoices.cii import cii_xml
from tests.invoices.document import Document
from tests.invoices.ubl import ubl_xml


def einvoice_xml(document: Document, syntax: Literal["cii", "ubl"] = "cii") -> bytes:
    """CII D16B or UBL 2.1 of what the document says."""
    terms = document.terms
    return cii_xml(document.invoice, terms) if syntax == "cii" else ubl_xml(document.invoice, terms)


def hybrid(document: Document) -> bytes:
    """The PDF with its CII attached as factur-x.xml."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        spec = pikepdf.AttachedFileSpec(
            pdf,
            einvoice_xml(document),
            filename="factur-x.xml",
            mime_type="text/xml",
            relationship=pikepdf.Name.Alternative,
        )
        pdf.attachments["factur-x.xml"] = spec
        pdf.Root.AF = pikepdf.Array([pdf.attachments["factur-x.xml"].obj])
        pdf.save(out, deterministic_id=True)
    return out.getvalue()
