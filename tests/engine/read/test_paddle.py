import pytest

from extraction.engine.read import paddle
from extraction.engine.read.paddle import Line, quarters_to_upright


def line(confidence, width, height, text="Invoice"):
    return Line(text, confidence, 0, 0, width, height)


@pytest.mark.parametrize(
    ("lines", "quarters"),
    [
        ([line(0.98, 200, 20)] * 3 + [line(0.4, 20, 200)], 0),
        ([line(0.98, 20, 200)] * 3 + [line(0.4, 200, 20)], 3),
        ([line(0.55, 20, 200)] * 3, 1),
        ([line(0.55, 200, 20)] * 3, 2),
        ([line(0.3, 20, 200, "l")] * 3, 0),
        ([], 0),
    ],
)
def test_tall_and_unbelievable_lines_tell_how_the_page_lies(lines, quarters):
    assert quarters_to_upright(lines) == quarters


def test_package_is_there():
    assert paddle.is_available()
