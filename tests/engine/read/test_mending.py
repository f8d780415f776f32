import pytest

from extraction.engine.read.mending import mend_decimals
from extraction.engine.words import Box, Word, around


def words(*texts: str, gap: float = 4.0) -> list[Word]:
    """Words on one line of a page of 100 x 100: each letter 5 wide, 10 high, `gap` between."""
    found, x = [], 0.0
    for text in texts:
        width = 5.0 * len(text)
        found.append(Word(text, Box(x / 100, 0.1, (x + width) / 100, 0.2), 1, 0.9))
        x += width + gap
    return found


def texts(*parts: str, gap: float = 4.0) -> list[str]:
    return [word.text for word in mend_decimals(words(*parts, gap=gap), 100, 100)]


@pytest.mark.parametrize(
    ("parts", "mended"),
    [
        (("RM", "29.", "70"), ["RM", "29.70"]),
        (("$1699", ".96"), ["$1699.96"]),
        (("9,", "65-"), ["9,65-"]),
        (("Total", "29.70"), ["Total", "29.70"]),
        (("1.", "Apples"), ["1.", "Apples"]),
        (("No.", "12"), ["No.", "12"]),
        (("3.", "125"), ["3.", "125"]),
    ],
)
def test_only_torn_decimals_are_joined(parts: tuple[str, ...], mended: list[str]) -> None:
    assert texts(*parts) == mended


def test_far_apart_is_not_torn() -> None:
    assert texts("29.", "70", gap=30) == ["29.", "70"]


def test_the_joined_word_covers_both_and_is_as_sure_as_the_less_sure() -> None:
    left, right = words("29.", "70")
    right = Word(right.text, right.box, 1, 0.4)
    assert mend_decimals([left, right], 100, 100) == (Word("29.70", around([left.box, right.box]), 1, 0.4),)
