import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from extraction.engine.read.cutting import cut_line, ink_rows


def line(*texts, gap=60, height=40):
    """Texts in one line, `gap` pixels apart, and where each begins and ends."""
    font = ImageFont.load_default(28)
    image = Image.new("L", (1200, height), 255)
    draw, x, places = ImageDraw.Draw(image), 10, []
    for text in texts:
        draw.text((x, 4), text, font=font, fill=0)
        end = x + draw.textlength(text, font=font)
        places.append((x, end))
        x = round(end) + gap
    return np.asarray(image), places


def words(text, picture):
    return [word for word, _, _ in cut_line(text, picture)]


def test_blanks_are_laid_on_the_gaps():
    picture, (date, amount) = line("12 May 2024", "1 284,00")
    cut = cut_line("12 May 2024 1 284,00", picture)
    assert [word for word, _, _ in cut] == ["12", "May", "2024", "1", "284,00"]
    assert cut[0][1] == pytest.approx(date[0], abs=6)
    assert cut[2][2] == pytest.approx(date[1], abs=6)
    assert cut[3][1] == pytest.approx(amount[0], abs=6)
    assert cut[4][2] == pytest.approx(amount[1], abs=6)


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        (("2018-03-12", "10:13:04"), "2018-03-1210:13:04"),
        (("4.40", "SR"), "4.40SR"),
        (("Paid", "48.95"), "Paid48.95"),
    ],
)
def test_words_read_as_one_are_parted_at_a_wide_gap(parts, read):
    assert words(read, line(*parts, gap=40)[0]) == list(parts)


def test_word_without_a_wide_gap_stays_whole():
    assert words("INV-2024/0815", line("INV-2024/0815")[0]) == ["INV-2024/0815"]


def test_sign_after_a_blank_belongs_to_the_word_before():
    assert words("Total : 56.00", line("Total :", "56.00")[0]) == ["Total:", "56.00"]


def test_line_without_ink_is_one_word():
    assert cut_line("ghost", np.full((30, 100), 255, dtype=np.uint8)) == [("ghost", 0.0, 100.0)]


def test_rows_of_the_letters_leave_the_white_out():
    picture = np.full((60, 200), 255, dtype=np.uint8)
    picture[20:40, 10:190] = 0
    assert ink_rows(picture) == (20, 40)


@given(st.lists(st.text("ab1.:Z", min_size=1, max_size=6), min_size=1, max_size=6), st.binary(min_size=1, max_size=40))
def test_no_character_is_lost_whatever_the_picture_shows(tokens, ink):
    columns = np.where(np.unpackbits(np.frombuffer(ink, dtype=np.uint8)) == 1, 0, 255).astype(np.uint8)
    cut = cut_line(" ".join(tokens), np.tile(np.repeat(columns, 3), (20, 1)))
    assert "".join(word.replace(" ", "") for word, _, _ in cut) == "".join(tokens)
    assert all(0 <= left <= right <= 3 * len(columns) + 20 for _, left, right in cut)
