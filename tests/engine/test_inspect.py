import io

import numpy as np
import pikepdf
import pytest
from PIL import Image

from extraction.engine.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    TooManyPages,
    TooManyPixels,
    UnsupportedFile,
)
from extraction.engine.inspect import Facts, inspect
from extraction.engine.options import Limits
from tests.engine.read.documents import change_pdf, draw_pdf, encode, lock_pdf, photograph, write_invoice

LIMITS = Limits(max_bytes=1_000_000, max_pages=3, max_page_pixels=2_000_000)
UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>7</cbc:ID></Invoice>"""


def pdf(pages=1):
    return draw_pdf(*[write_invoice] * pages)


def tiff(frames):
    first, *rest = [Image.fromarray(np.zeros((50, 40), np.uint8)) for _ in range(frames)]
    return encode(first, "TIFF", save_all=True, append_images=rest)


def structure(objects):
    """A PDF of these objects, numbered from 1, the first of which is the catalog."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, 2)
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{content}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    out.write(f"trailer <</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"
CATALOG = "<</Type/Catalog/Pages 2 0 R>>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pdf(2), Facts("pdf", 2)),
        (encode(photograph(), "PNG"), Facts("png", 1)),
        (tiff(3), Facts("tiff", 3)),
        (UBL, Facts("xml", 0)),
        (lock_pdf(pdf(), user="", owner="owner"), Facts("pdf", 1)),  # opens without a password
        (structure([CATALOG, "<</Type/Pages/Kids[3 0 R]/Count 5000>>", PAGE]), Facts("pdf", 1)),  # the count lies
    ],
)
def test_kind_and_pages(data, expected):
    assert inspect(data, LIMITS) == expected


DOUBLING = [f"<</Type/Pages/Kids[{n} 0 R {n} 0 R]/Count {2 ** (30 - n)}>>" for n in range(3, 30)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", EmptyFile),
        (b"x" * 1_000_001, FileTooLarge),
        (b"hello", UnsupportedFile),
        (b"<html><body>Invoice</body></html>", UnsupportedFile),
        (b"%PDF-1.7\n", DamagedFile),
        (pdf()[:400], DamagedFile),
        (structure([CATALOG, "<</Type/Pages/Kids[]/Count 0>>"]), DamagedFile),
        (structure([CATALOG, "<</Type/Pages/Kids[2 0 R]/Count 1>>"]), DamagedFile),
        (structure([CATALOG, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 900>>"]), DamagedFile),
        (lock_pdf(pdf(), user="secret", owner="owner"), EncryptedFile),
        (pdf(4), TooManyPages),
        (tiff(4), TooManyPages),
        (structure([CATALOG, *DOUBLING, PAGE]), TooManyPages),
        (structure([CATALOG, f"<</Type/Pages/Kids[{'3 0 R ' * 9}]/Count 100000000>>", PAGE]), TooManyPages),
        (encode(Image.new("1", (2000, 1001)), "PNG"), TooManyPixels),
        (encode(Image.new("1", (20_000, 20_000)), "PNG"), TooManyPixels),
        (encode(photograph(), "PNG")[:20], DamagedFile),
        (b"\xff\xd8\xff" + bytes(1000), DamagedFile),
    ],
)
def test_refusals(data, expected):
    with pytest.raises(expected):
        inspect(data, LIMITS)


def test_xml_has_a_limit_of_its_own():
    with pytest.raises(FileTooLarge):
        inspect(UBL, Limits(max_xml_bytes=100))


def test_pages_are_counted_without_being_read():
    def bomb(document):
        document.pages[0].Contents = pikepdf.Stream(document, b"q " * 5_000_000)

    assert inspect(change_pdf(pdf(), bomb), LIMITS) == Facts("pdf", 1)


def test_facts_travel_as_json_and_are_checked_on_arrival():
    facts = Facts("tiff", 3)
    assert Facts.from_json(facts.to_json()) == facts
    for wrong in (
        {"kind": "exe", "page_count": 1},
        {"kind": "pdf", "page_count": -1},
        {"kind": "pdf", "page_count": "1"},
    ):
        with pytest.raises(ValueError, match="not facts"):
            Facts.from_json(wrong)
