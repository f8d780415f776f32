import pytest

from extraction.engine.options import Limits
from extraction.engine.read import textlayer
from extraction.engine.read.pdf import load_page, open_pdf
from extraction.engine.read.textlayer import read_text_layer
from tests.engine.read.documents import A4, INVOICE, change_pdf, draw_pdf, draw_scan, photograph, write_invoice


def layer_of(data):
    document = open_pdf(data, Limits())
    return read_text_layer(load_page(document, 0), 1)


def texts(data):
    return [word.text for word in layer_of(data).words]


def write(text, x=100, y=700, **state):
    def page(canvas):
        canvas.setFont("Helvetica", state.get("size", 12))
        if "colour" in state:
            canvas.setFillColorRGB(*state["colour"])
        canvas.drawString(x, y, text, mode=state.get("mode"), charSpace=state.get("tracking", 0))

    return page


def near(box, x0, y0, x1, y1):
    return (box.x0, box.y0, box.x1, box.y1) == pytest.approx((x0, y0, x1, y1), abs=0.01)


def test_words_are_parted_at_blanks_and_numbered():
    words = layer_of(draw_pdf(write("Total due 1.234,56 €"))).words
    assert [(w.text, w.page, w.confidence) for w in words] == [
        ("Total", 1, 1.0),
        ("due", 1, 1.0),
        ("1.234,56", 1, 1.0),
        ("€", 1, 1.0),
    ]


def test_box_is_in_fractions_from_the_top_left():
    width, height = A4
    box = layer_of(draw_pdf(write("Total", x=100, y=700))).words[0].box
    assert near(box, 100 / width, (height - 711) / height, 127 / width, (height - 697) / height)


def test_columns_without_a_blank_are_parted_by_their_gap():
    def page(canvas):
        canvas.drawString(100, 700, "12.50")
        canvas.drawString(160, 700, "500.00")

    assert texts(draw_pdf(page)) == ["12.50", "500.00"]


def test_letters_set_apart_stay_one_word():
    assert texts(draw_pdf(write("INVOICE", tracking=1.5))) == ["INVOICE"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_rotated_page_is_read_as_displayed(angle):
    width, height = A4

    def turn(pdf):
        pdf.pages[0].Rotate = angle

    word = layer_of(change_pdf(draw_pdf(write("Total", x=100, y=700)), turn)).words[0]
    x0, x1, y0, y1 = 100 / width, 127 / width, (height - 711) / height, (height - 697) / height
    expected = {
        90: (1 - y1, x0, 1 - y0, x1),
        180: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        270: (y0, 1 - x1, y1, 1 - x0),
    }
    assert word.text == "Total"
    assert near(word.box, *expected[angle])


def test_crop_box_is_the_page_and_text_outside_it_is_not_there():
    def page(canvas):
        canvas.drawString(120, 700, "inside")
        canvas.drawString(120, 100, "outside")

    def crop(pdf):
        pdf.pages[0].CropBox = [100, 600, 300, 800]

    words = layer_of(change_pdf(draw_pdf(page), crop)).words
    assert [w.text for w in words] == ["inside"]
    assert words[0].box.x0 == pytest.approx(0.1, abs=0.01)
    assert words[0].box.cy == pytest.approx(0.48, abs=0.02)


def test_media_box_need_not_begin_at_the_origin():
    def move(pdf):
        pdf.pages[0].MediaBox = [50, 50, 595, 842]

    box = layer_of(change_pdf(draw_pdf(write("Total", x=100, y=700)), move)).words[0].box
    assert box.x0 == pytest.approx(50 / 545, abs=0.005)


def test_invisible_text_is_kept_apart():
    layer = layer_of(draw_pdf(lambda c: (write("shown")(c), write("hidden", y=600, mode=3)(c))))
    assert [w.text for w in layer.words] == ["shown"]
    assert [w.text for w in layer.hidden] == ["hidden"]


def test_white_on_white_is_not_there_but_white_on_dark_is():
    def page(canvas):
        canvas.rect(90, 690, 200, 30, fill=1)
        write("header", colour=(1, 1, 1))(canvas)
        write("ghost", y=600, colour=(1, 1, 1))(canvas)

    assert texts(draw_pdf(page)) == ["header"]


def test_text_beneath_a_picture_of_the_page_is_hidden():
    scan = photograph()
    layer = layer_of(draw_pdf(lambda c: (write("beneath")(c), draw_scan(c, scan))))
    assert (layer.words, [w.text for w in layer.hidden], layer.is_scan) == ((), ["beneath"], True)


def test_form_field_is_read():
    def page(canvas):
        canvas.drawString(100, 700, "Name")
        canvas.acroForm.textfield(name="who", value="Ada", x=200, y=690, width=100, height=20)

    assert texts(draw_pdf(page)) == ["Name", "Ada"]


def test_codes_without_a_meaning_are_counted_not_shown():
    def garble(pdf):
        font = pdf.pages[0].Resources.Font
        for name in list(font):
            font[name].ToUnicode = pdf.make_stream(
                b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
                b"1 beginbfrange <00> <FF> <E000> endbfrange endcmap"
            )

    layer = layer_of(change_pdf(draw_pdf(write("secret")), garble))
    assert (layer.words, layer.unreadable) == ((), 6)


def test_damaged_page_content_does_not_raise():
    def break_content(pdf):
        pdf.pages[0].Contents = pdf.make_stream(b"BT /F1 12 Tf (unfinished")

    assert layer_of(change_pdf(draw_pdf(write("x")), break_content)).words == ()


def test_endless_line_is_cut_into_words_of_bounded_length():
    words = texts(draw_pdf(write("1" * 600, x=0, size=0.5)))
    assert "".join(words) == "1" * 600
    assert max(map(len, words)) == 256


def test_what_runs_up_a_margin_is_told_from_the_level_words():
    def page(canvas):
        write_invoice(canvas)
        canvas.rotate(90)
        canvas.drawString(300, -30, "Registered in Bristol")

    layer = layer_of(draw_pdf(page))
    assert "Registered" not in [word.text for word in layer.words]
    assert {way: [word.text for word in words] for way, words in layer.beside.items()} == {
        3: ["Registered", "in", "Bristol"]
    }

    def sideways(canvas):
        canvas.rotate(90)
        canvas.translate(0, -790)
        write_invoice(canvas, INVOICE[:3])

    assert "INV-2041" in texts(draw_pdf(sideways))


@pytest.mark.parametrize(("code", "text"), [(0x2011, "-"), (0x2010, "-"), (0xAD, "-"), (0x2013, "–"), (0xE000, "")])
def test_characters_as_later_stages_see_them(code, text):
    assert textlayer._text(code) == text
