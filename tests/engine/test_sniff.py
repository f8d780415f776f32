import codecs
import io

import pytest
from PIL import Image

from extraction.engine.errors import EmptyFile, UnsupportedFile
from extraction.engine.sniff import sniff

XML = '<?xml version="1.0"?>\n<Invoice xmlns="urn:x"/>'


def image(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.new("RGB", (16, 16), "white").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "expected"), [("PNG", "png"), ("JPEG", "jpeg"), ("TIFF", "tiff"), ("WEBP", "webp"), ("HEIF", "heic")]
)
def test_image_is_known_by_its_first_bytes(kind, expected):
    assert sniff(image(kind)) == expected


@pytest.mark.parametrize("prefix", [b"", b"\r\n", b"MZ" + b"\x90" * 1000])
def test_pdf_header_may_stand_anywhere_in_the_first_kilobyte(prefix):
    assert sniff(prefix + b"%PDF-1.7\n...") == "pdf"


def test_pdf_header_after_the_first_kilobyte_is_not_a_pdf():
    with pytest.raises(UnsupportedFile):
        sniff(b"x" * 1024 + b"%PDF-1.7")


@pytest.mark.parametrize(
    "data",
    [
        XML.encode(),
        b" \n\t" + XML.encode(),
        codecs.BOM_UTF8 + XML.encode(),
        XML.encode("utf-16"),
        codecs.BOM_UTF16_BE + XML.encode("utf-16-be"),
        XML.encode("utf-16-le"),
        XML.encode("utf-16-be"),
        b"<rsm:CrossIndustryInvoice/>",
        b"<!-- made by hand --><Invoice/>",
    ],
)
def test_xml_in_its_encodings(data):
    assert sniff(data) == "xml"


@pytest.mark.parametrize("data", [b"", b"\n  \r\n", b"\x00" * 4096])
def test_nothing_but_blanks_is_empty(data):
    with pytest.raises(EmptyFile):
        sniff(data)


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + b"\x01" * 20,
        b"PK\x03\x04",
        b"hello, invoice",
        b"<!DOCTYPE html><html></html>",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf",
        b"BM" + b"\x01" * 60,
    ],
)
def test_other_content_is_refused(data):
    with pytest.raises(UnsupportedFile):
        sniff(data)
