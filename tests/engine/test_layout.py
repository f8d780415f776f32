from dataclasses import replace

from extraction.engine.layout import build
from extraction.engine.words import Box, Page, Word
from tests.engine.typed import typed_page

WIDTH, HEIGHT = 600.0, 800.0


def word(text: str, x: float, top: float, height: float) -> Word:
    return Word(text, Box(x / WIDTH, top / HEIGHT, (x + 5 * len(text)) / WIDTH, (top + height) / HEIGHT), 1)


def lines_of(*words: Word) -> list[str]:
    layout = build((Page(1, WIDTH, HEIGHT, words, "text"),))
    return [line.text for line in layout.lines]


def test_words_make_lines_and_wide_blanks_end_segments() -> None:
    layout = build((typed_page("Invoice no.    A-1\nDate:  1 May"),))
    assert [[s.text for s in line.segments] for line in layout.lines] == [["Invoice no.", "A-1"], ["Date:", "1 May"]]


def test_a_tall_name_does_not_draw_the_lines_beside_it_together() -> None:
    name = word("ACME", 50, 31, 19)
    small = [word("Street 5", 480, 17, 8), word("34117 Kassel", 480, 27, 8), word("Phone 251", 480, 38, 8)]
    assert lines_of(name, *small) == ["Street 5", "34117 Kassel", "ACME Phone 251"]


def test_a_large_figure_stands_on_the_line_of_its_small_label() -> None:
    assert lines_of(word("Total", 50, 108, 8), word("120.00", 120, 100, 16)) == ["Total 120.00"]


def test_an_overprint_is_a_line_of_its_own() -> None:
    assert len(lines_of(word("PAID", 50, 100, 10), word("120.00", 50, 101, 10))) == 2


def test_aligned_lines_make_a_block() -> None:
    layout = build((typed_page("Globex Ltd\n2 Low Road\nLeeds\n\n\n\nTotal"),))
    assert [block.text for block in layout.blocks] == ["Globex Ltd\n2 Low Road\nLeeds", "Total"]


def test_a_piece_found_by_ocr_stays_one_segment_over_wide_blanks() -> None:
    words = (word("No 8,", 50, 100, 8), word("Jalan", 88, 100, 8), word("9.50", 300, 100, 8))
    told = tuple(replace(w, piece=7) for w in words)
    apart, together = (build((Page(1, WIDTH, HEIGHT, w, "ocr"),)) for w in (words, told))
    assert [s.text for s in apart.pages[0].lines[0].segments] == ["No 8,", "Jalan", "9.50"]
    assert [s.text for s in together.pages[0].lines[0].segments] == ["No 8, Jalan", "9.50"]


def test_a_narrow_gap_parts_what_stands_in_columns() -> None:
    """Gaps of 6 points at a height of 10: too narrow by themselves, and too wide for blanks of 2.7."""
    rows = [
        [("Net", 82.3), ("unit", 100), ("price", 122.7), ("Amount", 153.7)],
        [("31.50", 100), ("630.00", 200)],
        [("x", 153.7)],
    ]
    words = [word(text, x, 20 + 14 * row, 10) for row, cells in enumerate(rows) for text, x in cells]
    layout = build((Page(1, WIDTH, HEIGHT, tuple(words), "text"),))
    assert [s.text for s in next(iter(layout.lines)).segments] == ["Net unit price", "Amount"]
    alone = build((Page(1, WIDTH, HEIGHT, tuple(words[:4]), "text"),))
    assert [s.text for s in next(iter(alone.lines)).segments] == ["Net unit price Amount"]
    seen = build((Page(1, WIDTH, HEIGHT, tuple(words), "ocr"),))
    assert [s.text for s in next(iter(seen.lines)).segments] == ["Net unit price Amount"]


def test_the_blanks_of_a_typewriter_part_no_columns() -> None:
    """Beside small print, whose blanks are narrow, and though columns begin at the same place."""
    rows = [[("ROCCA", 100), ("VR", 130)], [("22", 100), ("VIA", 130)], [("31.50", 130), ("9", 200)]]
    words = [word(text, x, 20 + 14 * row, 9) for row, cells in enumerate(rows) for text, x in cells]
    small = [Word("no", Box(x / WIDTH, 0.5, (x + 8) / WIDTH, 0.51), 1) for x in range(100, 500, 10)]
    layout = build((Page(1, WIDTH, HEIGHT, (*words, *small), "text"),))
    assert next(iter(layout.lines)).segments[0].text == "ROCCA VR"
