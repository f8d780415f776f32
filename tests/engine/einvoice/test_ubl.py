def test_invoice_header(read, shown):
    extraction = read("ubl_invoice")
    assert extraction.document_type == "invoice"
    assert shown(extraction) == {
        "invoice_number": "VK-300",
        "vendor_name": "Fietsplein Zwolle B.V.",
        "vendor_email": "post@fietsplein.example",
        "vendor_phone": "038-5550100",
        "vendor_tax_id": "NL123456782B12",
        "vendor_address": "Kade 12, Poort B, 2e verdieping, 8011 AB Zwolle",
        "customer_name": "Rijwielhandel Ommen",
        "customer_email": "inkoop@ommen.example",
        "currency": "EUR",
        "payment_terms": "30 dagen netto",
        "payment_method": "iDEAL",
        "payment_status": "paid",
        "notes": "Met dank voor uw bestelling",
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
        "invoice_date": "2026-01-15",
        "due_date": "2026-02-14",
        "subtotal_amount": "127.50",
        "tax_amount": "26.78",  # not the kronor in the second tax total
        "total_amount": "154.28",
        "discount_amount": "12.50",
        "shipping_amount": "15.00",
        "amount_paid": "154.30",
        "amount_due": "0.00",
        "tax_rate": "21",
        "discount_percent": "10.00",  # 0.10 of 125.00: a fraction, by the amount
    }
    assert not extraction.needs_review


def test_price_of_ten_becomes_the_price_of_one(read, lines):
    assert lines(read("ubl_invoice")) == [
        {
            "description": "Fietsbel",
            "sku": "BEL-3",
            "quantity": "50",
            "unit": "H87",
            "unit_price": "2.50",
            "total_price": "125.00",
            "tax_rate": "21",
        }
    ]


def test_credit_note_keeps_its_sign_and_a_national_account_is_no_iban(read, shown):
    extraction = read("ubl_credit_note")
    assert extraction.document_type == "credit_note"
    assert shown(extraction) == {
        "invoice_number": "AV-0009",
        "vendor_name": "Librairie du Port",
        "vendor_tax_id": "FR44732829320",
        "customer_name": "Inès Morel",
        "currency": "EUR",
        "payment_method": "Credit transfer",
        "invoice_date": "2026-05-04",
        "due_date": "2026-05-20",
        "subtotal_amount": "20.00",
        "tax_amount": "1.10",
        "total_amount": "21.10",
        "amount_due": "21.10",
        "tax_rate": "5.5",
    }


def test_totals_that_ubl_leaves_optional_are_worked_out(read, shown):
    extraction = read(
        "ubl_invoice",
        ('<cbc:TaxExclusiveAmount currencyID="EUR">127.50</cbc:TaxExclusiveAmount>', ""),
        ('<cbc:TaxInclusiveAmount currencyID="EUR">154.28</cbc:TaxInclusiveAmount>', ""),
        ("<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", ""),
    )
    values = shown(extraction)
    assert (values["subtotal_amount"], values["total_amount"], values["currency"]) == ("127.50", "154.28", "EUR")
    assert extraction.fields["total_amount"].provenance.method == "derived"
