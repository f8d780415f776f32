def test_header_is_read_by_the_names_of_zugferd_1(read, shown):
    extraction = read("zugferd1")
    assert extraction.document_type == "invoice"
    assert shown(extraction) == {
        "invoice_number": "2014-77",
        "vendor_name": "Tischlerei Erlenhof",
        "vendor_tax_id": "33/456/78901",
        "vendor_address": "Werkstraße 4, 21335 Lüneburg",
        "customer_name": "Kita Regenbogen",
        "currency": "EUR",
        "payment_terms": "30 Tage netto",
        "payment_method": "Überweisung",
        "purchase_order": "B-5",
        "invoice_date": "2014-11-02",
        "due_date": "2014-12-02",
        "subtotal_amount": "450.00",
        "tax_amount": "85.50",
        "total_amount": "535.50",
        "discount_amount": "0.00",
        "tax_rate": "19.00",
    }


def test_gross_price_less_its_discount_is_the_unit_price_and_mere_text_is_no_line(read, lines):
    extraction = read("zugferd1")
    assert lines(extraction) == [
        {
            "description": "Kinderhocker Buche",
            "sku": "H-1",
            "quantity": "10.0000",
            "unit": "C62",
            "unit_price": "45.00",
            "total_price": "450.00",
            "tax_rate": "19.00",
        }
    ]
    assert extraction.line_items[0].cells["unit_price"].provenance.method == "derived"


def test_national_tax_number_is_not_held_against_a_vat_rule(read):
    assert [check.name for check in read("zugferd1").checks] == [
        "line_sum",
        "subtotal",
        "tax_breakdown",
        "tax_total",
        "total",
        "due_date_order",
    ]
