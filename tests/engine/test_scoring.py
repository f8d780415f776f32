from datetime import date

import pytest

from extraction.engine.document import read_document
from extraction.engine.header import document_type, read_header
from extraction.engine.parties import find_identifiers
from tests.engine.answers import document, header
from tests.engine.typed import typed_page


def test_labels_left_of_their_values() -> None:
    assert header("""
    Invoice number: INV-2024-001
    Invoice date:   12 March 2024
    Due date:       11 April 2024
    PO number:      4500017
    """) == {
        "invoice_number": "INV-2024-001",
        "invoice_date": date(2024, 3, 12),
        "due_date": date(2024, 4, 11),
        "purchase_order": "4500017",
    }


def test_a_reference_is_the_number_where_nothing_else_is_called_so() -> None:
    assert header("Tax invoice\nReference: FA2012106\n")["invoice_number"] == "FA2012106"
    assert header("Invoice no. A-77\nReference: FA2012106\n")["invoice_number"] == "A-77"


def test_a_number_beside_a_date_in_the_head() -> None:
    assert header("Harbour Stores\n\nL11011 / 22-Oct-2025\n")["invoice_number"] == "L11011"


def test_a_number_behind_a_sign_alone() -> None:
    assert (
        header("TAX INVOICE\n\n#            : VB/24-25/0317\nInvoice Date : 12/01/2025\n")["invoice_number"]
        == "VB/24-25/0317"
    )


def test_a_house_number_right_of_a_label_is_not_the_invoices() -> None:
    read = header("""
    No facture:          Zoning 174
    0632940              5000 Namur
    """)
    assert read["invoice_number"] == "0632940"


def test_a_postcode_right_of_a_label_is_not_the_invoices() -> None:
    read = header("""
    Factuurnr :          06108 Halle
    2024-7002            Kirchweg 139
    """)
    assert read["invoice_number"] == "2024-7002"


def test_a_year_of_a_date_is_no_number() -> None:
    assert header("Issued: Nov 8, 2022 Check # 000005380")["invoice_number"] == "000005380"


def test_a_tax_id_is_no_invoice_number() -> None:
    page = document("Timber Ltd\nVAT No. GB980780684\nNumber\n2021/3477\n")
    assert read_header(page, find_identifiers(page.layout))["invoice_number"].value == "2021/3477"


def test_a_titles_last_word_is_no_part_of_the_number() -> None:
    assert header("CREDIT NOTE 20210125-62\n")["invoice_number"] == "20210125-62"


def test_labels_above_their_values() -> None:
    assert header("""
    Rechnungsnummer     Rechnungsdatum     Fällig am
    RE-2024-17          01.02.2024         15.02.2024
    """) == {"invoice_number": "RE-2024-17", "invoice_date": date(2024, 2, 1), "due_date": date(2024, 2, 15)}


def test_other_dates_and_numbers_are_not_taken() -> None:
    assert (
        header("""
    Delivery date:    01/02/2024
    Customer number:  889900
    Order date:       28/01/2024
    """)
        == {}
    )


def test_a_stacked_column_keeps_each_label_with_its_value() -> None:
    assert header("""
    Lieferdatum:     02.01.2024
    RechnungsNr:     70128793
    KundenNr:        34034
    Datum:           05.01.2024
    """) == {"invoice_number": "70128793", "invoice_date": date(2024, 1, 5)}


def test_a_date_broken_before_its_year() -> None:
    read = header("""
    Due on: 27 May 2022 Doc. number: FV 71/05/2022 Invoice date: 19 May
    2022 Customer code: C-84790
    """)
    assert (read["invoice_date"], read["due_date"]) == (date(2022, 5, 19), date(2022, 5, 27))


def test_dollars_of_another_country_do_not_make_dates_american() -> None:
    till = "Invoice 4711\n98 Pacific Hwy, Cairns {}\nDate: 11/08/2025\nTotal $ 19.53\n"
    assert header(till.format("QLD 4870"))["invoice_date"] == date(2025, 8, 11)
    assert header(till.format("FL 33010"))["invoice_date"] == date(2025, 11, 8)


def test_a_lone_date_near_the_top_is_the_invoice_date() -> None:
    assert header("Hamburg, 18. April 2014\n\nRechnung Nr. 2014-7") == {
        "invoice_number": "2014-7",
        "invoice_date": date(2014, 4, 18),
    }


def test_a_period_is_not_a_date() -> None:
    assert "invoice_date" not in header("Standard plan\nDec 21, 2022 – Jan 21, 2023")


def test_the_due_date_is_never_before_the_invoice_date() -> None:
    assert header("Invoice date: 10 May 2024\nDue date: 1 May 2024") == {"invoice_date": date(2024, 5, 10)}


def test_provenance_names_the_words_and_the_label() -> None:
    field = read_header(document("Invoice no.   A-77\n"))["invoice_number"]
    assert (field.provenance.text, field.provenance.page, field.provenance.label) == ("A-77", 1, "Invoice no")
    assert field.provenance.box is not None
    assert 0 <= field.provenance.box.x0 < field.provenance.box.x1 <= 1


def test_the_heading_names_the_document_type() -> None:
    assert document_type(document("CREDIT NOTE\n\nNumber: 5")) == "credit_note"
    assert document_type(document("Quittung\n\nTotal: 5,00")) == "receipt"
    assert document_type(document("Gutschrift 2024-01")) == "credit_note"
    assert document_type(document("Statement of work")) == "invoice"


def test_a_sentence_gives_the_due_date_but_not_that_of_a_discount() -> None:
    assert header("Please settle the amount of £50.00 by 2021-05-18.") == {"due_date": date(2021, 5, 18)}
    assert header("Zahlbar netto bis 04.07.2013, 3% Skonto bis 15.06.2013") == {"due_date": date(2013, 7, 4)}


def test_a_date_tied_to_the_number_is_the_invoice_date_unless_a_label_says_otherwise() -> None:
    tied = "Invoice no. 2021-3439 of 2021-04-03"
    assert header(tied)["invoice_date"] == date(2021, 4, 3)
    assert header(f"Invoice date: 2021-06-01\n\n{tied}")["invoice_date"] == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Credit memorandum NHZ20245600", "NHZ20245600"),
        ("Honorarnote FV 98/09/2025", "FV 98/09/2025"),
        ("Faktura nr 2023 5536 z dnia 27-05-2023", "2023 5536"),
        ("Transaction no 3498 / 2022", "3498 / 2022"),
        (r"Invoice No. GT\5153", r"GT\5153"),
        ("INVOICE\n\n#1024", "#1024"),
    ],
)
def test_numbers_as_titles_and_signs_introduce_them(text: str, number: str) -> None:
    assert header(text)["invoice_number"].removeprefix("#") == number.removeprefix("#")


def test_a_year_behind_a_month_is_no_part_of_a_number() -> None:
    assert "invoice_number" not in header("Delivered in May 2023 5536 times")


def test_another_label_is_no_misread_one() -> None:
    text = """
    Bill To:
    1600 Park Way
    """
    page = typed_page(text, method="ocr")
    assert "invoice_number" not in read_header(read_document((page,)))


def test_the_head_of_a_number_is_no_misread_label() -> None:
    page = typed_page(r"Invoice No. GT\5153", method="ocr")
    assert read_header(read_document((page,)))["invoice_number"].value == r"GT\5153"


def test_a_label_broken_over_two_lines() -> None:
    assert header("""
    Invoice number    VF/2989/2020
    Invoice due       27-02-2020
    date
    """) == {"invoice_number": "VF/2989/2020", "due_date": date(2020, 2, 27)}


def test_labels_that_stand_close_are_headings_each() -> None:
    assert header("""
    Invoice no. Invoice date Due date
    A-1001      01/02/2024   15/02/2024
    """) == {"invoice_number": "A-1001", "invoice_date": date(2024, 2, 1), "due_date": date(2024, 2, 15)}
