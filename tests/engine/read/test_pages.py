from typing import get_args

import numpy as np
import pytest
from PIL import Image

from extraction.engine.errors import DamagedFile, EncryptedFile, NoTextFound, TimedOut, TooManyPages, TooManyPixels
from extraction.engine.options import Limits, Options, Reader
from extraction.engine.read import drawing
from extraction.engine.read import pages as pages_module
from extraction.engine.read.drawing import read_frames
from extraction.engine.read.pages import is_usable, read_pages
from extraction.engine.read.textlayer import TextLayer
from extraction.engine.tools import poppler_version, tesseract_languages
from extraction.engine.words import Box, Word
from tests.engine.read.documents import INVOICE, draw_pdf, draw_scan, encode, lock_pdf, photograph, write_invoice

ENGLISH = Options(languages=("eng",))
READERS = {reader: Options(reader=reader, languages=("eng",)) for reader in get_args(Reader)}
needs_tesseract = pytest.mark.skipif("eng" not in tesseract_languages(), reason="Tesseract is not installed")
WANTED = {"INV-2041", "535.00", "107.00", "642.00"}


def texts(page):
    return {word.text.strip(",.") for word in page.words}


def layer(text, images=0.0, paths=0, unreadable=0):
    box = Box(0, 0, 0.1, 0.1)
    return TextLayer(tuple(Word(t, box, 1) for t in text.split()), (), unreadable, images, paths)


LONG = " ".join(INVOICE)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (layer(LONG), True),
        (layer(LONG, images=1.0), True),  # visible words on a coloured background
        (layer("Page 2 of 2"), True),
        (layer("Page 2 of 2", images=0.9), False),  # a scan with a stamped page number
        (layer("Page 2 of 2", paths=4000), False),  # letters turned into curves
        (layer(""), False),
        (layer(LONG, unreadable=100), False),
        (layer('!"#$ %&/( )=?+ *~-_ .:,; <>|^ [[]] {{}} $$%% ==== ++++ ---- ////'), False),
        (layer("wklv wh{w lv vkliwhg qrw hqfubswhg mxvw prygg " * 5), False),
    ],
)
def test_text_layer_is_judged_by_what_it_says(found, expected):
    assert is_usable(found) is expected


def test_written_page_is_read_from_its_text_layer():
    (page,) = read_pages("pdf", draw_pdf(write_invoice), ENGLISH)
    assert (page.number, page.method, page.turn) == (1, "text", None)
    assert (page.width, page.height) == pytest.approx((595.28, 841.89), abs=0.01)
    assert [word.text for word in page.words] == LONG.split()


@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_scanned_page_of_a_pdf_is_read_by_ocr_beside_a_written_one(reader):
    scan = photograph(size=(1240, 1754))
    written, scanned = read_pages("pdf", draw_pdf(write_invoice, lambda c: draw_scan(c, scan)), READERS[reader])
    assert (written.method, scanned.method, scanned.number) == ("text", "ocr", 2)
    assert texts(scanned) >= WANTED
    assert all(0 < word.confidence <= 1 and word.page == 2 for word in scanned.words)


@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_words_hidden_beneath_a_scan_do_not_count(reader):
    def page(canvas):
        draw_scan(canvas, photograph(size=(1240, 1754)))
        canvas.drawString(100, 100, "Total 9999.00 " * 3, mode=3)

    (page,) = read_pages("pdf", draw_pdf(page), READERS[reader])
    assert "9999.00" not in texts(page)
    assert texts(page) >= WANTED


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "heic"])
def test_image_of_every_kind_is_decoded(kind):
    drawn = photograph()
    data = encode(drawn.convert("RGB"), {"heic": "HEIF"}.get(kind, kind.upper()), quality=95)
    ((grey, dpi),) = read_frames(kind, data, Limits())
    assert grey.shape == (900, 1240)
    assert np.abs(grey.astype(int) - np.asarray(drawn)).mean() < 3
    assert dpi == pytest.approx(1240 / 11.69, abs=0.1)  # none is given: as if it were as long as A4


@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_photograph_is_read(reader):
    (page,) = read_pages("jpeg", encode(photograph(), "JPEG"), READERS[reader])
    assert page.method == "ocr"
    assert texts(page) >= WANTED


@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_box_of_a_word_is_where_it_was_drawn(reader):
    (page,) = read_pages("png", encode(photograph(["Total amount 642.00"] * 8), "PNG"), READERS[reader])
    first = next(word for word in page.words if word.text == "Total")
    box = page.displayed(first.box)
    assert (box.x0, box.y0) == pytest.approx((82 / 1240, 88 / 900), abs=0.01)


@pytest.mark.parametrize("degrees", [-4, 3])
@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_crooked_scan_is_levelled_and_its_boxes_mapped_back(degrees, reader):
    image = photograph().rotate(degrees, fillcolor=255, expand=True)
    (page,) = read_pages("png", encode(image, "PNG"), READERS[reader])
    assert texts(page) >= WANTED
    line = [word.box.cy for word in page.words if word.text in ("Invoice", "INV-2041", "March")]
    assert max(line) - min(line) < 0.01  # level as read
    shown = [page.displayed(word.box).cy for word in page.words if word.text in ("Invoice", "March")]
    assert abs(shown[0] - shown[1]) > 0.01  # crooked as displayed


@pytest.mark.parametrize("quarters", [1, 2, 3])
@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_page_on_its_side_is_set_upright(quarters, reader):
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(photograph()), quarters)))
    (page,) = read_pages("png", encode(turned, "PNG"), READERS[reader])
    assert texts(page) >= WANTED
    assert page.width > page.height
    first = next(word for word in page.words if word.text == "Northwind")
    box = page.displayed(first.box)
    corner = {1: (0.1, 0.85), 2: (0.85, 0.88), 3: (0.9, 0.15)}[quarters]
    assert (box.cx, box.cy) == pytest.approx(corner, abs=0.08)


@needs_tesseract
def test_orientation_of_the_camera_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated clockwise
    sideways = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(photograph()), 1)))
    (page,) = read_pages("jpeg", encode(sideways, "JPEG", exif=exif, quality=95), ENGLISH)
    assert texts(page) >= WANTED
    assert page.turn is None


@needs_tesseract
def test_transparent_image_stands_on_white():
    ink = photograph()
    image = Image.merge("LA", (Image.new("L", ink.size, 0), ink.point(lambda v: 255 - v)))
    (page,) = read_pages("png", encode(image, "PNG"), ENGLISH)
    assert texts(page) >= WANTED


@needs_tesseract
def test_every_page_of_a_tiff_is_read():
    first, second = photograph(["Page one has words on it"] * 8), photograph(["Page two has other words"] * 8)
    data = encode(first, "TIFF", save_all=True, append_images=[second], dpi=(150, 150))
    pages = read_pages("tiff", data, ENGLISH)
    assert [page.number for page in pages] == [1, 2]
    assert [(page.width, page.height) for page in pages] == [(1240 * 72 / 150, 900 * 72 / 150)] * 2
    assert "one" in texts(pages[0])
    assert "two" in texts(pages[1])


@needs_tesseract
@pytest.mark.parametrize("reader", READERS)
def test_same_bytes_give_the_same_pages(reader):
    data = encode(photograph().rotate(1, fillcolor=255), "JPEG")
    assert read_pages("jpeg", data, READERS[reader]) == read_pages("jpeg", data, READERS[reader])


def test_blank_pages_have_no_text():
    with pytest.raises(NoTextFound):
        read_pages("pdf", draw_pdf(lambda c: None), ENGLISH)
    with pytest.raises(NoTextFound):
        read_pages("png", encode(Image.new("L", (800, 600), 240), "PNG"), ENGLISH)


def test_page_without_an_installed_language_has_no_words():
    with pytest.raises(NoTextFound):
        read_pages("png", encode(photograph(), "PNG"), Options(reader="tesseract", languages=("tlh",)))


def test_limits_hold_for_callers_who_did_not_inspect():
    two = draw_pdf(write_invoice, write_invoice)
    with pytest.raises(TooManyPages):
        read_pages("pdf", two, Options(limits=Limits(max_pages=1)))
    with pytest.raises(TooManyPixels):
        read_pages("png", encode(photograph(), "PNG"), Options(limits=Limits(max_page_pixels=1000)))
    with pytest.raises(EncryptedFile):
        read_pages("pdf", lock_pdf(two, user="secret", owner="secret"), ENGLISH)
    with pytest.raises(DamagedFile):
        read_pages("png", encode(photograph(), "PNG")[:20], ENGLISH)


def test_words_are_bounded_over_all_pages():
    pages = read_pages("pdf", draw_pdf(write_invoice, write_invoice), Options(limits=Limits(max_words=60)))
    assert [len(page.words) for page in pages] == [len(LONG.split()), 60 - len(LONG.split())]


@needs_tesseract
def test_page_is_drawn_without_poppler_too(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    document = pages_module.open_pdf(draw_pdf(write_invoice), Limits())
    page = pages_module.load_page(document, 0)
    picture = pages_module.render_page(b"", page, 1, Limits())
    assert picture.shape == pytest.approx((3508, 2480), abs=1)
    assert picture.min() < 100


def test_page_too_large_for_its_pixels_is_drawn_coarser():
    document = pages_module.open_pdf(draw_pdf(write_invoice, size=(10_000, 10_000)), Limits())
    picture = pages_module.render_page(b"", pages_module.load_page(document, 0), 1, Limits(max_page_pixels=1_000_000))
    assert picture.size <= 1_000_000


def test_truncated_image_is_read_as_far_as_it_goes():
    data = encode(photograph(), "PNG")
    ((grey, _),) = read_frames("png", data[: len(data) * 3 // 4], Limits())
    assert grey.shape == (900, 1240)


def test_earlier_ocr_beneath_a_scan_serves_where_ours_finds_nothing():
    def page(canvas):
        draw_scan(canvas, photograph(size=(1240, 1754)))
        canvas.drawString(100, 100, "Total amount due 642.00", mode=3)

    (read,) = read_pages("pdf", draw_pdf(page), Options(reader="tesseract", languages=("tlh",)))
    assert [(word.text, word.confidence) for word in read.words] == [
        (t, 0.8) for t in ("Total", "amount", "due", "642.00")
    ]
    assert read.method == "ocr"


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (5000, 20)])
def test_image_without_room_for_text_has_none(size):
    with pytest.raises(NoTextFound):
        read_pages("png", encode(Image.new("L", size, 0), "PNG"), ENGLISH)


@pytest.mark.skipif(poppler_version() is None, reason="poppler is not installed")
def test_page_that_cannot_be_drawn_in_time_is_late_and_spares_the_others(monkeypatch):
    monkeypatch.setattr(drawing, "_RENDER_TIMEOUT_S", 0.000001)
    drawn = draw_pdf(write_invoice, lambda canvas: draw_scan(canvas, photograph()))
    written, late = read_pages("pdf", drawn, ENGLISH)
    assert (len(written.words), late.words) == (len(LONG.split()), ())
    with pytest.raises(TimedOut):
        read_pages("pdf", draw_pdf(lambda canvas: draw_scan(canvas, photograph())), ENGLISH)
