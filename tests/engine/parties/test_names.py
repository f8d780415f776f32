"""Names over two lines, beside managers, banks and sales people, and companies that share part of a name."""

from tests.engine.parties.test_parties import parties


def test_a_name_over_two_lines_that_begins_with_its_initials() -> None:
    read = parties("""
    NMU Northern Mutual
    Underwriters Ltd
    4 Quay Street
    Bristol BS1 4RW

    Bill to:
    Harbour Stores Inc.
    200 Main Street
    Seattle, WA 98101
    """)
    assert read["vendor_name"] == "NMU Northern Mutual Underwriters Ltd"


def test_a_name_that_cannot_end_with_its_first_line() -> None:
    read = parties("""
    Society for the Care of
    Old Ships Limited
    4 Quay Street
    Bristol BS1 4RW
    """)
    assert read["vendor_name"] == "Society for the Care of Old Ships Limited"


def test_a_house_name_is_the_address_of_the_name_above_it() -> None:
    read = parties("""
    Invoice to:
    Dean Musgrave
    The Old Forge, Sheffield, S3 8GG
    """)
    assert (read["customer_name"], read["customer_address"]) == ("Dean Musgrave", "The Old Forge, Sheffield, S3 8GG")


def test_the_name_beside_an_account_is_its_holders() -> None:
    read = parties("""
    Verium Ltd.
    14 Dock Road
    Bristol BS1 4RW

    Blue Fern Stores Inc.
    200 Main Street
    Seattle, WA 98101

    Total      20.00

    Name: Verium Ltd.
    IBAN: GB82 WEST 1234 5698 7654 32
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Verium Ltd.", "Blue Fern Stores Inc.")


def test_a_sales_person_is_not_the_vendor() -> None:
    read = parties("""
    Timber Brothers
    14 Dock Road
    Bristol BS1 4RW
    sales@timberbrothers.example

    Seller:
    Jane Doe
    """)
    assert read["vendor_name"] == "Timber Brothers"


def test_who_signs_for_a_company_is_not_the_company() -> None:
    read = parties("""
    Timber Brothers
    14 Dock Road
    Bristol BS1 4RW
    CEO: Jane Doe
    """)
    assert read["vendor_name"] == "Timber Brothers"


def test_your_vat_number_says_who_buys() -> None:
    read = parties("""
    Coastal Timber Ltd
    14 Dock Road
    Bristol BS1 4RW


    Precision Parts Ltd
    3 Mill Lane
    Derby DE1 2RJ
    Your VAT no. GB980780684
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Coastal Timber Ltd", "Precision Parts Ltd")
    assert read["customer_tax_id"] == "GB980780684"


def test_companies_that_share_part_of_a_name_are_parted_by_their_towns() -> None:
    read = parties("""
    From:                              Bill to:
    Ortega Roofing LLC                 Haverford Ortega Roofing LLC
    20 Elm Street                      62 County Road
    Brooklyn, NY 11201                 Omaha, NE 68102
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Ortega Roofing LLC", "Haverford Ortega Roofing LLC")


def test_a_name_in_small_letters_with_its_legal_form() -> None:
    read = parties("""
    Faturado a:
    srk móveis, lda.
    Rua da Boavista, 175
    3810-155 Aveiro
    """)
    assert read["customer_name"] == "srk móveis, lda."


def test_a_name_of_one_word_between_its_label_and_its_address() -> None:
    read = parties("""
    SPRZEDAWCA:
    Jasny
    31-042 Kraków, Rynek 168
    """)
    assert read["vendor_name"] == "Jasny"


def test_a_label_with_a_full_stop() -> None:
    read = parties("""
    Our bankers.
    Northgate Bank
    Beneficiary. Coastal Timber Ltd
    IBAN: GB82 WEST 1234 5698 7654 32
    """)
    assert read["vendor_name"] == "Coastal Timber Ltd"


def test_a_name_in_capitals_over_two_lines() -> None:
    read = parties("""
    Spett.le
    CARPENTERIA METALLICA
    ZORZELLA S.R.L.
    VIA LODOVICO ARIOSTO 22/C
    37060 NOGAROLE ROCCA VR
    """)
    assert read["customer_name"] == "CARPENTERIA METALLICA ZORZELLA S.R.L."


def test_a_legal_form_on_a_line_of_its_own() -> None:
    read = parties("""
    Sprzedawca
    KLEKS J. Wasielak, M. Tomczak
    Spółka Jawna
    ul. Poznańska 147
    64-300 Nowy Tomyśl
    """)
    assert read["vendor_name"] == "KLEKS J. Wasielak, M. Tomczak Spółka Jawna"


def test_a_street_word_cut_short_is_no_name() -> None:
    read = parties("""
    Imprenta Moncayo, S.L.
    Pol. Ind. El Pradillo, nave 16 - 50690 Pedrola (Zaragoza)
    """)
    assert read["vendor_name"] == "Imprenta Moncayo, S.L."


def test_signs_of_a_street_that_look_like_a_legal_form() -> None:
    read = parties("""
    Bill to.
    Ahmad + Chong Bakery
    Lot 134, Jalan SS 21/37
    70200 Seremban, Negeri Sembilan
    """)
    assert read["customer_address"] == "Lot 134, Jalan SS 21/37, 70200 Seremban, Negeri Sembilan"


def test_a_numbered_line_over_a_town_is_its_street() -> None:
    read = parties("""
    Postma Installaties B.V.

    De Dreef 40
    2511 AB Den Haag

    Aan:
    Groothandel Utrecht
    Postbus 337, 3511 BL Utrecht
    """)
    assert read["vendor_address"] == "De Dreef 40, 2511 AB Den Haag"
