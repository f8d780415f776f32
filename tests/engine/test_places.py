import pytest

from extraction.engine.currencies import shared_by
from extraction.engine.places import countries, currency_by_place, shared_currency_by_place


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Geelong VIC 3220", "AU"),
        ("Toronto, Ontario M5V 2T6", "CA"),
        ("S(408568)", "SG"),
        ("Tel. +65 6345 4212", "SG"),
        ("Phone: +353 1 234 5678", "IE"),
        ("www.baeckerei-huber.at", "AT"),
        ("office@north.com.au", "AU"),
        ("IBAN: CH93 0076 2011 6238 5295 7", "CH"),
        ("8001 Zürich, Schweiz", "CH"),
        ("GSTIN 27AAPFU0939F1ZV", "IN"),
        ("Ballymount, Dublin D02 X285", "IE"),
        ("NIF/CIF: B-39178520", "ES"),
        ("N.º contribuinte 974986682", "PT"),
        ("N.I.P. 567-272-74-78", "PL"),
        ("Partita IVA 77093680443", "IT"),
        ("RCS Paris 552 100 554", "FR"),
        ("KvK-nummer 12345678", "NL"),
        ("RPR 0615.978.209", "BE"),
        ("(FN 827229S)", "AT"),
        ("HRB 12345", "DE"),
        ("TVA intra. FR 79 362 435 737", "FR"),
        ("Ust-Ident-Nr. DE 856 019 256", "DE"),
        ("Part. IVA 00590360475", "IT"),
        ("SST ID : 001155332412", "MY"),
        ("70200 SEREMBAN, NEGERI SEMBILAN.", "MY"),
    ],
)
def test_a_line_gives_its_country_away(text, country):
    assert set(countries((text,))) == {country}


@pytest.mark.parametrize(
    "text", ["Total 12.50", "Invoice 2024-17", "Seattle and Boston", "12:30", "IT 2023-15", "No. SE 1234"]
)
def test_most_lines_say_nothing(text):
    assert not countries((text,))


def test_a_vat_id_counts_once():
    assert countries(("VAT no. NL122445922B17",)) == {"NL": 1}


def test_a_shared_sign_is_that_of_the_only_country():
    dollars = shared_by("USD")
    australian = ("Geelong VIC 3220", "ABN 51 824 753 556")
    assert shared_currency_by_place(australian, dollars) == ("AUD", True)
    assert shared_currency_by_place((*australian, *australian, "10115 Berlin, Germany"), dollars) == ("AUD", False)
    assert shared_currency_by_place(("Geelong VIC 3220", "10115 Berlin, Germany"), dollars) == (None, False)
    assert shared_currency_by_place(("10115 Berlin, Germany",), dollars) == (None, True)


def test_without_a_sign_the_most_frequent_country_decides():
    assert currency_by_place(("8001 Zürich, Schweiz", "Tel. +41 44 123 45 67", "Germany")) == "CHF"
    assert currency_by_place(("Schweiz", "Germany")) is None
    assert currency_by_place(("Total 12.50",)) is None
