import os
from pathlib import Path

import pytest

from extraction.engine.einvoice import is_einvoice, read_einvoice, xml_text
from extraction.engine.errors import DamagedFile, EngineError, FileTooLarge, UnsupportedFile
from extraction.engine.options import Limits

INVOICE = '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>Ä1</ID>{}</Invoice>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
SHARED = Path(os.environ.get("INVOREC_SHARED", Path(__file__).parents[4] / "shared"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_by_bom_or_first_bytes(encoding):
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>' + INVOICE.format("")
    extraction = read_einvoice(declared.encode(encoding), Limits())
    assert extraction.value("invoice_number") == "Ä1"


def test_declared_encoding_and_leading_blank_lines():
    data = b'\r\n<?xml version="1.0" encoding="windows-1252"?>' + INVOICE.format("").encode("windows-1252")
    assert read_einvoice(data, Limits()).value("invoice_number") == "Ä1"


def test_text_of_the_xml_has_no_declaration_or_comment():
    data = ('<?xml version="1.0" encoding="utf-16"?><a><!-- x -->é</a>').encode("utf-16")
    assert xml_text(data, Limits()) == "<a>é</a>"


@pytest.mark.parametrize(
    "hostile",
    [
        LAUGHS.encode(),
        LAUGHS.encode("utf-16"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><x/>',
        b"<!--" + b"x" * 10_000 + b"--><!DOCTYPE x><x/>",
    ],
)
def test_doctype_is_refused_and_said_so(hostile):
    with pytest.raises(DamagedFile, match="DOCTYPE"):
        read_einvoice(hostile, Limits())
    assert not is_einvoice(hostile, Limits())


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b" \n",
        b"\x00\x00",
        b"<Invoice>",
        b"<a>\xff</a>",
        b"<a>&x;</a>",
        b'<?xml version="1.0" encoding="none-such"?><a/>',
    ],
)
def test_xml_that_is_not_well_formed_is_damaged(broken):
    with pytest.raises(DamagedFile):
        read_einvoice(broken, Limits())


def test_depth_is_bounded():
    def nested(depth: int) -> bytes:
        return INVOICE.format("<a>" * (depth - 1) + "</a>" * (depth - 1)).encode()

    assert is_einvoice(nested(100), Limits())
    with pytest.raises(DamagedFile, match="nested deeper"):
        read_einvoice(nested(101), Limits())
    with pytest.raises(DamagedFile):
        read_einvoice(b"<a>" * 100_000, Limits())


def test_size_is_bounded():
    data = INVOICE.format("").encode()
    assert is_einvoice(data, Limits(max_xml_bytes=len(data)))
    with pytest.raises(FileTooLarge):
        read_einvoice(data, Limits(max_xml_bytes=len(data) - 1))


@pytest.mark.parametrize(
    "other",
    [
        b"<html/>",
        b'<Invoice xmlns="urn:other"/>',
        b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
        b'<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    ],
)
def test_other_xml_is_unsupported(other):
    with pytest.raises(UnsupportedFile, match="not an e-invoice"):
        read_einvoice(other, Limits())


def test_invoice_in_a_business_envelope_is_found():
    data = f'<S:StandardBusinessDocument xmlns:S="urn:s"><S:Header/>{INVOICE.format("")}</S:StandardBusinessDocument>'
    assert read_einvoice(data.encode(), Limits()).value("invoice_number") == "Ä1"


@pytest.mark.shared
def test_hostile_xml_ends_in_an_engine_error():
    folder = SHARED / "hostile"
    if not folder.is_dir():
        pytest.skip(f"needs the hostile documents in {folder}")
    for path in sorted(folder.glob("*.xml")):
        with pytest.raises(EngineError):
            read_einvoice(path.read_bytes(), Limits())
