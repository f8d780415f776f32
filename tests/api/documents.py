"""Documents to upload, made on the spot."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pikepdf
from reportlab.pdfgen.canvas import Canvas


@cache
def invoice_pdf(*, pages: int = 1) -> bytes:
    """A PDF that says on every page that it is an invoice."""
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=True)
    for page in range(1, pages + 1):
        for line, text in enumerate(("Invoice 2026-0042", "Date 2026-04-08", "Total EUR 119.00", f"Page {page}")):
            canvas.drawString(72, 760 - 20 * line, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@cache
def encrypted_pdf() -> bytes:
    """The same, readable only with a password."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(invoice_pdf())) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return buffer.getvalue()
