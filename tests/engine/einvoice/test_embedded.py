import io
import zlib

import pikepdf
import pytest

from extraction.engine.einvoice import find_xml, read_einvoice
from extraction.engine.options import Limits


def make_pdf(files: dict[str, bytes], *, associated: bool = False, **save) -> bytes:
    """A one-page PDF with attachments, in the name tree or (`associated`) in /AF only."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for name, data in files.items():
        if associated:
            stream = pdf.make_stream(data)
            spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, UF=name, EF=pikepdf.Dictionary(F=stream))
            pdf.Root.AF = pikepdf.Array([pdf.make_indirect(spec)])
        else:
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, filename=name)
    out = io.BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def make_bomb(inflated: bytes) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    stream = pikepdf.Stream(pdf, zlib.compress(inflated, 9))
    stream.Filter = pikepdf.Name.FlateDecode
    spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, UF="factur-x.xml", EF=pikepdf.Dictionary(UF=stream))
    pdf.Root.AF = pikepdf.Array([pdf.make_indirect(spec)])
    out = io.BytesIO()
    pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "anything.bin"])
@pytest.mark.parametrize("associated", [False, True])
def test_attached_invoice_is_found_by_its_content(xml, name, associated):
    invoice = xml("cii_two_rates")
    pdf = make_pdf({name: invoice}, associated=associated)
    assert find_xml("pdf", pdf, Limits()) == invoice
    assert read_einvoice(invoice, Limits(), page_count=1).page_count == 1


def test_standard_name_goes_before_another_invoice(xml):
    pdf = make_pdf({"a-credit.xml": xml("ubl_credit_note"), "factur-x.xml": xml("cii_two_rates")})
    assert find_xml("pdf", pdf, Limits()) == xml("cii_two_rates")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<Invoice>",
        b"<html/>",
        b"<!DOCTYPE x><x/>",
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>1</ID></Invoice>',
    ],
)
def test_attachment_that_is_no_readable_invoice_leaves_the_page_to_be_read(content):
    assert find_xml("pdf", make_pdf({"factur-x.xml": content}), Limits()) is None


def test_next_attachment_is_tried_after_a_broken_one(xml):
    pdf = make_pdf({"factur-x.xml": b"<broken", "other.xml": xml("ubl_invoice")})
    assert find_xml("pdf", pdf, Limits()) == xml("ubl_invoice")


def test_attachment_past_the_bound_is_not_used(xml):
    invoice = xml("ubl_invoice")
    pdf = make_bomb(invoice)
    assert find_xml("pdf", pdf, Limits(max_xml_bytes=len(invoice))) == invoice
    assert find_xml("pdf", pdf, Limits(max_xml_bytes=len(invoice) - 1)) is None
    assert find_xml("pdf", make_bomb(b"<" + b" " * 50_000_000), Limits()) is None


def test_pdf_without_attachment_damaged_or_locked_has_none(xml):
    locked = make_pdf({"factur-x.xml": xml("ubl_invoice")}, encryption=pikepdf.Encryption(owner="o", user="u"))
    for pdf in (make_pdf({}), b"%PDF-1.7 cut short", b"", locked):
        assert find_xml("pdf", pdf, Limits()) is None


def test_owner_password_alone_locks_nothing(xml):
    pdf = make_pdf({"factur-x.xml": xml("ubl_invoice")}, encryption=pikepdf.Encryption(owner="o", user=""))
    assert find_xml("pdf", pdf, Limits()) == xml("ubl_invoice")


def test_other_kinds():
    assert find_xml("xml", b"<any/>", Limits()) == b"<any/>"
    assert find_xml("png", b"\x89PNG", Limits()) is None
