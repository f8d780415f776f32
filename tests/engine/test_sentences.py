"""Dates that sentences introduce: when the sum is due or debited, and which paper a date is of."""

from datetime import date

import pytest

from extraction.engine.scoring import rank
from tests.engine import typed
from tests.engine.answers import document, header


@pytest.mark.parametrize(
    ("sentence", "due"),
    [
        ("Votre facture sera prélevée le 12 juin 2019 sur votre compte.", date(2019, 6, 12)),
        ("Den Betrag von 32,46 EUR buchen wir am 12.06.2019 von Ihrem Konto ab (Abbuchung).", date(2019, 6, 12)),
        ("Your card will be charged on June 12, 2019 automatically.", date(2019, 6, 12)),
        ("Votre facture a été prélevée le 12 juin 2019 sur votre compte.", None),
        ("Your card was charged on June 12, 2019 automatically.", None),
        ("Der Betrag ist zahlbar ohne Abzug bis zum 12.06.2019 per Überweisung.", date(2019, 6, 12)),
        ("Bei Zahlung bis 08.06.2019 gewähren wir 3 % Skonto, bis 12.06.2019 zahlbar netto.", date(2019, 6, 12)),
    ],
)
def test_when_the_sum_is_to_be_paid(sentence, due):
    assert header(f"Invoice no. 77-1\nInvoice date: 2019-06-01\n\n{sentence}").get("due_date") == due


def test_a_colon_sets_a_common_label_off_from_its_sentence(monkeypatch):
    def strength(text):
        page = document(text)
        return rank(page.layout, page.dates, page.hits, ["due_date"])["due_date"][0].score

    monkeypatch.setattr(typed, "COLUMN", 3.0)  # blanks so narrow that a colon ends no segment
    plain = strength("Voir notre échéance 12/06/19")
    assert strength("Voir notre échéance : 12/06/19") > plain + 0.1


def test_a_sentence_goes_on_in_the_next_line():
    text = "Invoice no. 77-1\nInvoice date: 2019-06-01\n\nPlease kindly transfer the sum by\n{}June 12, 2019 to us."
    assert header(text.format(""))["due_date"] == date(2019, 6, 12)
    assert "due_date" not in header(text.format("\n\n\n"))


def test_a_label_ends_a_line_and_its_value_begins_the_next():
    text = "Factura n. 77-1\nFecha: 01/06/2019\n\nPago por transferencia a la cuenta. Vencimiento:\n12/06/2019"
    assert header(text)["due_date"] == date(2019, 6, 12)


def test_a_date_behind_the_number_of_an_order_is_the_orders():
    text = "Rechnungsnummer: R-77\nIhre Bestellung:    4500038812 vom 14.07.2023\n\nBerlin, 31.08.2023"
    assert header(text)["invoice_date"] == date(2023, 8, 31)


def test_a_dateline_is_the_invoices_date_beside_the_dates_of_the_goods():
    table = "\n\nDatum       Leistung      Betrag\n19.06.23    Beratung      10,72\n26.06.23    Injektion     12,74"
    assert header("Hannover, 11.07.2023" + table)["invoice_date"] == date(2023, 7, 11)
    assert header("Lyon, le 11 juillet 2023" + table)["invoice_date"] == date(2023, 7, 11)


def test_the_words_of_another_sentence_set_no_limit():
    text = (
        "Invoice no. 77-1\nInvoice date: 2019-06-01\n\nLate payment costs 7.50. Your contract runs until June 30, 2021."
    )
    assert "due_date" not in header(text)
