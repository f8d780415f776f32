from decimal import Decimal

import pytest

from extraction.engine.table.roles import is_base, multiplies


@pytest.mark.parametrize(
    ("quantity", "unit", "total", "expected"),
    [
        ("2", "10.00", "20.00", True),
        ("3", "0.333", "1.00", True),  # three printed decimals of a price hide half a thousandth
        ("1", "41.1765", "41.18", True),
        ("10000", "0.0205", "205.00", True),
        ("2", "10.00", "20.02", False),
        ("100", "1.00", "101.00", False),
        ("-5", "1.00", "-5.00", True),
    ],
)
def test_a_product_holds_as_far_as_the_printed_decimals_tell(quantity, unit, total, expected):
    assert multiplies(Decimal(quantity), Decimal(unit), Decimal(total)) is expected


def test_a_price_may_be_for_whole_numbers_of_units_above_one():
    assert [is_base(Decimal(value)) for value in ("1", "2", "100", "10000", "2.5", "0", "-10", "20000")] == [
        *(False, True, True, True, False, False, False, False),
    ]
