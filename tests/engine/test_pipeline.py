import io
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from extraction.engine.errors import EmptyFile, FileTooLarge, NotAnInvoice, UnsupportedFile
from extraction.engine.options import Limits, Options
from extraction.engine.pipeline import extract

LINES = """
ACME Widgets Ltd                                        INVOICE
1 High Street, London SW1A 1AA                          Invoice number: 2024-0815
VAT No. GB980780684                                     Invoice date: 12 March 2024

Bill to:
Globex Corporation
2 Low Road
Leeds LS1 4AP

Description              Qty     Unit price       Amount
Blue widget                2         £50.00      £100.00
Red widget                 1         £20.00       £20.00

                                   Subtotal      £120.00
                                   VAT 20%        £24.00
                                   Total         £144.00
"""


def typed_pdf(text: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    canvas.setFont("Courier", 9)
    for row, line in enumerate(text.strip("\n").split("\n")):
        canvas.drawString(40, 800 - 13 * row, line)
    canvas.save()
    return buffer.getvalue()


def test_an_invoice_is_read_whole() -> None:
    read = extract(typed_pdf(LINES))
    values = {name: field.value for name, field in read.fields.items()}
    assert values["invoice_number"] == "2024-0815"
    assert values["vendor_name"] == "ACME Widgets Ltd"
    assert values["vendor_tax_id"] == "GB980780684"
    assert values["customer_name"] == "Globex Corporation"
    assert (values["subtotal_amount"], values["tax_amount"], values["total_amount"]) == (
        Decimal("120.00"),
        Decimal("24.00"),
        Decimal("144.00"),
    )
    assert values["currency"] == "GBP"
    assert [
        (line.value("description"), line.value("quantity"), line.value("total_price")) for line in read.line_items
    ] == [
        ("Blue widget", Decimal(2), Decimal("100.00")),
        ("Red widget", Decimal(1), Decimal("20.00")),
    ]
    assert (read.source, read.document_type, read.page_count) == ("text", "invoice", 1)
    assert {check.name for check in read.checks if not check.passed} == set()
    assert not read.needs_review


def test_the_same_bytes_give_the_same_json() -> None:
    pdf = typed_pdf(LINES)
    assert extract(pdf).to_json() == extract(pdf).to_json()


def test_rejected_candidates_are_kept_only_to_explain() -> None:
    pdf = typed_pdf(LINES)
    assert not any(field.rejected for field in extract(pdf).fields.values())
    explained = extract(pdf, Options(explain=True)).fields
    assert explained.keys() == extract(pdf).fields.keys()
    assert any(field.rejected for field in explained.values())


def test_a_sum_that_does_not_hold_is_returned_and_said() -> None:
    read = extract(typed_pdf(LINES.replace("£144.00", "£150.00")))
    assert read.value("total_amount") == Decimal("150.00")
    assert "total" in {check.name for check in read.checks if not check.passed}
    assert read.needs_review


def test_a_letter_is_not_an_invoice() -> None:
    letter = (
        "Dear Sir or Madam,\n\nthank you for your letter of last week. We shall answer it as soon\nas we can.\n\nYours"
    )
    with pytest.raises(NotAnInvoice):
        extract(typed_pdf(letter))


@pytest.mark.parametrize(("data", "error"), [(b"", EmptyFile), (b"hello", UnsupportedFile), (b"x" * 200, FileTooLarge)])
def test_what_cannot_be_read_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        extract(data, Options(limits=Limits(max_bytes=100)))


def test_a_hybrid_with_a_page_that_is_no_invoice_answers_from_its_xml_with_all_its_pages() -> None:
    xml = (Path(__file__).parent / "einvoice" / "data" / "cii_two_rates.xml").read_bytes()
    letter = typed_pdf("Dear Sir or Madam,\n\nthe invoice is attached to this letter for your machines to read.")
    with pikepdf.open(io.BytesIO(letter)) as document, pikepdf.open(io.BytesIO(letter)) as other:
        document.pages.extend(other.pages)
        document.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(document, xml, filename="factur-x.xml")
        buffer = io.BytesIO()
        document.save(buffer)
    read = extract(buffer.getvalue())
    assert (read.source, read.page_count, read.value("invoice_number")) == ("einvoice", 2, "HF-2026/0417")


def test_what_runs_up_the_margin_is_read_where_it_stands() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    canvas.setFont("Courier", 9)
    for row, line in enumerate(LINES.replace("VAT No. GB980780684", "").strip("\n").split("\n")):
        canvas.drawString(40, 800 - 13 * row, line)
    canvas.rotate(90)
    canvas.setFont("Helvetica", 7)
    canvas.drawString(300, -20, "ACME Widgets Ltd, registered in London. VAT No. GB980780684")
    canvas.save()
    read = extract(buffer.getvalue())
    found = read.fields["vendor_tax_id"]
    assert (found.value, read.page_count, found.provenance.page) == ("GB980780684", 1, 1)
    box = found.provenance.box
    assert box is not None
    assert 0.02 < box.x0 < box.x1 < 0.04
    assert box.y0 < 1 - 480 / 842 < box.y1  # the line begins 300 points up, its last words 465
