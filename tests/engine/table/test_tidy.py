from decimal import Decimal

from extraction.engine.result import Field, LineItem, Provenance, Value
from extraction.engine.table.tidy import tidy


def item(**cells: Value) -> LineItem:
    return LineItem({name: Field(value, 0.9, Provenance("text", str(value), 1)) for name, value in cells.items()})


def values(items: tuple[LineItem, ...]) -> list[dict[str, Value]]:
    return [{name: cell.value for name, cell in line.cells.items()} for line in items]


def test_dates_before_every_description_go() -> None:
    rows = tidy([item(description="20.07.2024 Toner cartridge"), item(description="2024-10-29 On-site support")])
    assert values(rows) == [{"description": "Toner cartridge"}, {"description": "On-site support"}]


def test_codes_before_every_description_are_the_article_numbers() -> None:
    first, second = tidy([item(description="8198-99 Ballpoint pens, blue"), item(description="AB1204 Sticky notes")])
    assert values((first, second)) == [
        {"description": "Ballpoint pens, blue", "sku": "8198-99"},
        {"description": "Sticky notes", "sku": "AB1204"},
    ]
    assert first.cells["sku"].provenance.text == "8198-99"


def test_one_row_or_one_description_without_a_code_leaves_all_alone() -> None:
    single = [item(description="HX-410 toner cartridge")]
    mixed = [item(description="HX-410 toner cartridge"), item(description="Paper")]
    assert tidy(single) == tuple(single)
    assert tidy(mixed) == tuple(mixed)


def test_known_article_numbers_are_kept() -> None:
    rows = [item(description="4711-A Pens", sku="1"), item(description="4712-B Paper", sku="2")]
    assert tidy(rows) == tuple(rows)


def test_a_rate_that_no_tax_has_is_the_tax() -> None:
    (row,) = tidy([item(description="Website", tax_rate=Decimal("313.94"))])
    assert values((row,)) == [{"tax_amount": Decimal("313.94"), "description": "Website"}]
    (kept,) = tidy([item(description="Website", tax_rate=Decimal("20"))])
    assert values((kept,)) == [{"description": "Website", "tax_rate": Decimal("20")}]
