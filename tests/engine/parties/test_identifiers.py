import pytest

from extraction.engine.layout import build
from extraction.engine.parties import find_identifiers
from tests.engine.typed import typed_page


def found(text: str, kind: str) -> list[str]:
    return [str(i.value) for i in find_identifiers(build([typed_page(text)])) if i.kind == kind]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("IBAN: NL91ABNA0417164300 BIC: ABNANL2A", "NL91ABNA0417164300"),
        ("Nr konta: PL61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874"),
        ("IBAN: DE00 3704 0044 0532 0130 00", "DE00370400440532013000"),  # fails mod 97, but its label names it
    ],
)
def test_ibans_as_printed(text: str, value: str) -> None:
    assert found(text, "iban") == [value]


def test_a_misread_iban_is_put_right_where_mod_97_proves_it() -> None:
    def read(text: str) -> list[str]:
        page = typed_page(text, method="ocr")
        return [str(i.value) for i in find_identifiers(build([page])) if i.kind == "iban"]

    assert read("IBAN G8338UKB20201555555555") == ["GB33BUKB20201555555555"]
    assert read("IBAN DE89 37O4 0044 O532 0130 00") == ["DE89370400440532013000"]
    assert read("Order 12345678901234567890AB") == []
    assert found("G8338UKB20201555555555", "iban") == []  # a text layer has no misread letters


def test_a_low_line_that_was_read_as_a_blank() -> None:
    def read(text: str, method: str) -> list[str]:
        return [str(i.value) for i in find_identifiers(build([typed_page(text, method=method)])) if i.kind == "email"]

    assert read("Email: invoice inquiry@acme.example", "ocr") == ["invoice_inquiry@acme.example"]
    assert read("Email: invoice inquiry@acme.example", "text") == ["inquiry@acme.example"]  # a text layer loses none
    assert read("Our clerk: Jo jo@acme.example", "ocr") == ["jo@acme.example"]


def test_the_label_of_an_id_is_not_the_value_beside_it() -> None:
    page = """
    USt-IdNr.         Empfänger USt-IdNr.
    DE811907980       DE136695976
    """
    labels = [i.label.strip() for i in find_identifiers(build([typed_page(page)])) if i.kind == "tax_id"]
    assert labels == ["ust-idnr.", "empfanger ust-idnr."]


@pytest.mark.parametrize("value", ["T9073138407639", "558999018RT0001"])
def test_ids_whose_form_says_what_they_are(value: str) -> None:
    assert found(f"Reg. No. {value}", "tax_id") == [value]


def test_an_iban_broken_over_two_lines() -> None:
    assert found(
        """
        IBAN
        DE89 3704 0044 0532
        0130 00
        """,
        "iban",
    ) == ["DE89370400440532013000"]


@pytest.mark.parametrize(
    "text", ["IBAN: DE54 5004 **** **** **** 00", "Order DE00370400440532013000", "DE89 3704 0044 0532 0130"]
)
def test_what_is_no_iban(text: str) -> None:
    assert found(text, "iban") == []


def test_a_bic_needs_its_label() -> None:
    assert found("BIC: COBADEFFXXX", "bic") == ["COBADEFFXXX"]
    assert found("CATERING", "bic") == []


def test_fax_numbers_are_not_telephone_numbers() -> None:
    assert found("Tel. +49 9831 505-0   Fax +49 9831 505-3", "phone") == ["+49 9831 505-0"]


def test_dates_order_numbers_and_amounts_are_not_telephone_numbers() -> None:
    assert found("Date: 12.05.2024   Order no: 123-456-7890   1 234 567,00", "phone") == []


def test_e_mail_addresses_and_domains() -> None:
    text = "billing@acme-tools.co.uk   www.acme-tools.co.uk"
    assert found(text, "email") == ["billing@acme-tools.co.uk"]
    assert found(text, "domain") == ["acme-tools.co.uk"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("USt-IdNr. DE 136 695 976", "DE136695976"),
        ("BTW NL8109.33.941.B01", "NL810933941B01"),
        ("VAT# IE 98 209 58W", "IE9820958W"),
        ("N° TVA : FR 40 303 265 045", "FR40303265045"),
        ("Steuernummer: 206/5941/1357", "20659411357"),
        ("GSTIN 27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
        ("EIN: 91-1144442", "911144442"),
        ("NIP: 526-025-09-95", "5260250995"),
        ("VAT ID: 558327284", "558327284"),
    ],
)
def test_tax_ids_in_canonical_form(text: str, value: str) -> None:
    assert found(text, "tax_id") == [value]


def test_a_checksum_that_holds_makes_a_vat_id_surer() -> None:
    good, bad = find_identifiers(build([typed_page("DE136695976\n\nDE136695977")]))
    assert (good.quality, bad.quality) == (1.0, 0.92)


def test_numbers_without_a_tax_label_are_no_tax_ids() -> None:
    assert found("Invoice no 12345678\n\nCustomer no 87654321", "tax_id") == []


def test_the_tax_in_a_title_names_no_tax_id() -> None:
    assert found("Faktura VAT 000018695 z 06.09.2022", "tax_id") == []


def test_the_label_left_of_a_value_is_kept() -> None:
    (identifier,) = find_identifiers(build([typed_page("Ihre USt-IdNr.:   DE136695976")]))
    assert identifier.label.strip() == "ihre ust-idnr.:"


@pytest.mark.parametrize(("text", "expected"), [("Spett.le Rossi", []), ("rossi.it", ["rossi.it"])])
def test_a_domain_ends_with_a_country_that_there_is(text: str, expected: list[str]) -> None:
    assert found(text, "domain") == expected


def test_a_polish_account_needs_no_country() -> None:
    assert found("Nr rachunku: 61 1090 1014 0000 0712 1981 2874", "iban") == ["PL61109010140000071219812874"]
    assert found("Nr rachunku: 62 1090 1014 0000 0712 1981 2874", "iban") == []


@pytest.mark.parametrize(
    "text",
    ["05 57 80 41 26. Open daily", "052 233 18 40 / Pikett", "Service client 0800 22 418", "a@b.de – 0555 123 456"],
)
def test_telephone_numbers_in_a_line_of_contacts(text: str) -> None:
    assert len(found(text, "phone")) == 1
