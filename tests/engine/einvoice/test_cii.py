from decimal import Decimal

import pytest

from extraction.engine.result import Extraction, TaxLine


def test_every_header_field_is_read_as_written(read, shown):
    extraction = read("cii_two_rates")
    assert (extraction.source, extraction.document_type, extraction.page_count) == ("einvoice", "invoice", 0)
    assert shown(extraction) == {
        "invoice_number": "HF-2026/0417",
        "vendor_name": "Hofkelterei Birnbaum GmbH",
        "vendor_email": "rechnung@birnbaum.example",
        "vendor_phone": "+49 7541 555 01",
        "vendor_tax_id": "DE281459730",
        "vendor_address": "Obstgasse 3, Hinterhaus, 88045 Friedrichshafen",
        "customer_name": "Café Seeblick OHG",
        "customer_email": "kueche@seeblick.example",
        "customer_tax_id": "DE319072645",
        "customer_address": "Uferweg 9, 88131 Lindau",
        "currency": "EUR",
        "payment_terms": "Bis 17.03.2026 mit 2 % Skonto\nBis 09.04.2026 netto",
        "payment_method": "SEPA credit transfer",
        "payment_status": "partial",
        "notes": "Leihkisten bitte zurückgeben.\nUst-frei: nichts.",
        "purchase_order": "PO-88",
        "iban": "DE41500105170123456789",
        "bic": "INGDDEFFXXX",
        "invoice_date": "2026-03-10",
        "due_date": "2026-04-09",  # the net date, not the discount's last day
        "subtotal_amount": "231.40",
        "tax_amount": "35.63",  # in euros, not the francs beside it
        "total_amount": "267.03",
        "discount_amount": "6.88",
        "shipping_amount": "8.90",
        "amount_paid": "100.00",
        "amount_due": "167.03",
        "discount_percent": "9",
    }


def test_lines_keep_their_decimals_and_leave_out_groups(read, lines):
    assert lines(read("cii_two_rates")) == [
        {
            "description": "Apfelsaft trüb 0,7 l",
            "sku": "AP-12",
            "quantity": "48",
            "unit": "C62",
            "unit_price": "1.675",
            "total_price": "76.38",
            "tax_rate": "7.00",
            "discount_amount": "4.02",
            "discount_percent": "5.00",
        },
        {
            "description": "Saftpresse, Miete",
            "quantity": "2.0",
            "unit": "DAY",
            "unit_price": "75.0000",
            "total_price": "150.00",
            "tax_rate": "19",
        },
    ]


def test_tax_breakdown_has_a_row_for_each_rate(read):
    assert read("cii_two_rates").tax_breakdown == (
        TaxLine(Decimal("7.00"), Decimal("69.50"), Decimal("4.87")),
        TaxLine(Decimal("19"), Decimal("161.90"), Decimal("30.76")),
    )


def test_all_checks_pass_on_a_sound_invoice(read):
    extraction = read("cii_two_rates")
    assert [(check.name, check.passed) for check in extraction.checks] == [
        ("line_sum", True),
        ("subtotal", True),
        ("tax_breakdown", True),
        ("tax_breakdown", True),
        ("tax_total", True),
        ("total", True),
        ("amount_due", True),
        ("due_date_order", True),
        ("iban", True),
        ("vendor_tax_id", True),
        ("customer_tax_id", True),
    ]
    assert (extraction.confidence, extraction.needs_review) == (1.0, False)


def test_wrong_total_is_kept_doubted_and_to_be_reviewed(read):
    extraction = read("cii_two_rates", ("GrandTotalAmount>267.03", "GrandTotalAmount>276.03"))
    failed = {check.name for check in extraction.checks if not check.passed}
    assert failed == {"total", "amount_due"}
    total = extraction.fields["total_amount"]
    assert (total.value, total.confidence) == (Decimal("276.03"), 0.9)
    assert extraction.fields["invoice_number"].confidence == 1.0
    assert extraction.needs_review


def test_provenance_names_the_element_and_its_text(read):
    extraction = read("cii_two_rates")
    iban = extraction.fields["iban"].provenance
    assert (iban.method, iban.text) == ("xml", "DE41 5001 0517 0123 4567 89")
    assert iban.label == "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"
    assert (iban.page, iban.box) == (None, None)


def test_extraction_survives_json(read):
    extraction = read("cii_two_rates")
    assert Extraction.from_json(extraction.to_json()) == extraction


def test_base_quantity_that_repeats_the_billed_one_is_left_out(read, lines):
    wrong_base = ('NetPriceProductTradePrice><ram:ChargeAmount>75.0000</ram:ChargeAmount>',
                  'NetPriceProductTradePrice><ram:ChargeAmount>75.0000</ram:ChargeAmount>'
                  '<ram:BasisQuantity unitCode="DAY">2.0</ram:BasisQuantity>')  # fmt: skip
    assert lines(read("cii_two_rates", wrong_base))[1]["unit_price"] == "75.0000"


def test_unit_price_without_finite_decimals_is_cut_at_ten_places(read, lines):
    base_of_seven = ('<ram:ChargeAmount>20.10</ram:ChargeAmount><ram:BasisQuantity unitCode="C62">12<',
                     '<ram:ChargeAmount>20.10</ram:ChargeAmount><ram:BasisQuantity unitCode="C62">7<')  # fmt: skip
    assert lines(read("cii_two_rates", base_of_seven))[0]["unit_price"] == "2.8714285714"


def test_credit_note_and_corrected_invoice(read):
    code = "<ram:TypeCode>380</ram:TypeCode>"
    assert read("cii_two_rates", (code, "<ram:TypeCode>381</ram:TypeCode>")).document_type == "credit_note"
    corrected = (code, "<ram:TypeCode>384</ram:TypeCode>")
    assert read("cii_two_rates", corrected).document_type == "invoice"
    negative = ("GrandTotalAmount>267.03", "GrandTotalAmount>-267.03")
    assert read("cii_two_rates", corrected, negative).document_type == "credit_note"


def test_what_is_no_number_or_date_is_no_value(read, shown):
    values = shown(read(
        "cii_two_rates",
        ("GrandTotalAmount>267.03", "GrandTotalAmount>267,03"),
        ("20260310", "20261310"),
        ("<ram:InvoiceCurrencyCode>EUR", "<ram:InvoiceCurrencyCode>Euro"),
    ))  # fmt: skip
    assert values.keys().isdisjoint({"total_amount", "invoice_date", "currency"})


@pytest.mark.parametrize("absurd", ["1" * 15, "0." + "0" * 40 + "1", "1e5", "NaN", "٣"])
def test_what_no_amount_of_money_looks_like_is_no_value(read, shown, absurd):
    changed = read("cii_two_rates", ("GrandTotalAmount>267.03", f"GrandTotalAmount>{absurd}"))
    assert "total_amount" not in shown(changed)
