import pytest

from extraction.engine.table.vocabulary import column_at, end_length, is_carried, is_included, is_unit
from extraction.engine.textfold import tokens


@pytest.mark.parametrize(
    ("header", "name", "words"),
    [
        ("Unit Price Excl. VAT Amount", "unit_price", 4),
        ("Prix unitaire HT", "unit_price", 3),
        ("Price per 100", "unit_price", 3),
        ("Gesamtpreis netto", "total_price", 2),
        ("Menge", "quantity", 1),
        ("Harbour", None, 0),
    ],
)
def test_the_longest_header_phrase_with_its_qualifiers_names_a_column(header, name, words):
    assert column_at(tokens(header), 0) == (name, words)


def test_sums_end_tables_and_carried_sums_are_told_apart():
    assert end_length(tokens("Total excl. VAT 120.00")) == 3
    assert end_length(tokens("Totally new chair")) == 0
    assert is_carried(tokens("Übertrag von Seite 1"))
    assert not is_carried(tokens("Summe"))


def test_units_and_included_parts_are_known_in_several_languages():
    assert [is_unit(word) for word in ("pcs", "Stk.", "kg", "szt.", "m²", "chair")] == [True] * 5 + [False]
    assert is_included(tokens("davon Pfand")) and not is_included(tokens("Pfand"))
