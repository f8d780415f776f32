from extraction.engine.layout import Layout, build
from extraction.engine.parties import assign_parties, find_identifiers
from extraction.engine.parties.fields import clean_name
from extraction.engine.result import Field
from tests.engine.typed import typed_page


def parties_of(layout: Layout) -> dict[str, Field]:
    return assign_parties(layout, find_identifiers(layout))


def parties(text: str) -> dict[str, object]:
    return {name: field.value for name, field in parties_of(build([typed_page(text)])).items()}


def test_labelled_columns() -> None:
    assert parties("""
    INVOICE

    From:                              Bill to:
    Coastal Timber Ltd                 Harbour Stores Inc.
    14 Dock Road                       200 Main Street
    Bristol BS1 4RW                    Seattle, WA 98101
    VAT no: GB980780684                orders@harbour.example
    sales@coastaltimber.example

    Description       Quantity     Price     Amount
    Oak boards        2            10.00     20.00
    Total                                    20.00
    """) == {
        "vendor_name": "Coastal Timber Ltd",
        "vendor_address": "14 Dock Road, Bristol BS1 4RW",
        "vendor_tax_id": "GB980780684",
        "vendor_email": "sales@coastaltimber.example",
        "customer_name": "Harbour Stores Inc.",
        "customer_address": "200 Main Street, Seattle, WA 98101",
        "customer_email": "orders@harbour.example",
    }


def test_a_german_window_with_the_sender_above_it_and_a_footer() -> None:
    read = parties("""



    Nordlicht GmbH · Hafenstraße 4 · 20457 Hamburg
    Blumen Weber KG
    Frau Ilse Weber
    Lindenallee 12
    80331 München


    Rechnung 2024-17              Ihre USt-IdNr.: DE129273398

    Pos    Bezeichnung    Menge    Preis
    1      Lampen         2        10,00
    Summe                          20,00




    Nordlicht GmbH            Registergericht Hamburg      IBAN DE89 3704 0044 0532 0130 00
    Hafenstraße 4             HRB 4711                     BIC COBADEFFXXX
    20457 Hamburg             USt-IdNr. DE136695976        Tel. 040 123456
    """)
    assert read == {
        "vendor_name": "Nordlicht GmbH",
        "vendor_address": "Hafenstraße 4, 20457 Hamburg",
        "vendor_tax_id": "DE136695976",
        "vendor_phone": "040 123456",
        "customer_name": "Blumen Weber KG",
        "customer_address": "Lindenallee 12, 80331 München",
        "customer_tax_id": "DE129273398",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
    }


def test_the_customer_is_not_the_recipient_of_the_goods() -> None:
    read = parties("""
    Acme Tools Inc.
    5 Elm Street
    Boston, MA 02108

    Bill To:                   Ship To:
    Harbour Stores Inc.        Harbour Warehouse
    200 Main Street            9 Pier Road
    Seattle, WA 98101          Tacoma, WA 98402
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Acme Tools Inc.", "Harbour Stores Inc.")
    assert read["customer_address"] == "200 Main Street, Seattle, WA 98101"


def test_a_label_left_of_its_value() -> None:
    read = parties("""
    Customer:   White Triangle
    Address:    Unit 1, Fork Works, Rotherham, S1 1RT
    """)
    assert read == {"customer_name": "White Triangle", "customer_address": "Unit 1, Fork Works, Rotherham, S1 1RT"}


def test_a_till_slip_names_the_shop_and_nobody_else() -> None:
    assert parties("""
         GREEN GROCER
        12 High Street
        Leeds LS1 5AB
      Tel: 0113 496 0000

    Apples          1.20
    Pears           2.30
    TOTAL           3.50
    CASH            5.00
    """) == {
        "vendor_name": "GREEN GROCER",
        "vendor_address": "12 High Street, Leeds LS1 5AB",
        "vendor_phone": "0113 496 0000",
    }


def test_the_head_of_a_slip_with_its_number_hours_and_wrapped_lines() -> None:
    assert parties("""
          CITY BOOK
        CO. (M) SDN BHD
         05 Mar 2018 18:24
          (867388-U)
     LOT 12, JALAN AMPANG,
     KAWASAN PERINDUSTRIAN,
       50450 KUALA LUMPUR
         OPENING HOURS
     SUN - THU: 1000 - 2200
    """) == {
        "vendor_name": "CITY BOOK CO. (M) SDN BHD",
        "vendor_address": "LOT 12, JALAN AMPANG, KAWASAN PERINDUSTRIAN, 50450 KUALA LUMPUR",
    }


def test_a_bank_is_no_party() -> None:
    read = parties("""
    CONTOSO
    14 Dock Road
    Bristol BS1 4RW

    Bank details:
    BARCLAYS PLC
    1 Churchill Place
    London E14 5HP
    """)
    assert read["vendor_name"] == "CONTOSO"
    assert "customer_name" not in read


def test_a_shop_may_be_called_by_its_domain() -> None:
    read = parties("""
    Trius.com
    14 Dock Road
    Bristol BS1 4RW
    """)
    assert (read["vendor_name"], read["vendor_address"]) == ("Trius.com", "14 Dock Road, Bristol BS1 4RW")


def test_a_misread_label_is_no_name() -> None:
    text = """
    Acme Ltd, 14 Dock Road, Bristol BS1 4RW

    Aocount No
    200 Main Street
    Leeds LS1 5AB
    """
    page = typed_page(text, method="ocr")
    assert "customer_name" not in parties_of(build([page]))


def test_the_account_holder_sells() -> None:
    read = parties("""
    Please make the transfer. Account holder: Verde Energia S.A.
    """)
    assert read["vendor_name"] == "Verde Energia S.A."


def test_nobody_is_named_where_nobody_stands() -> None:
    assert parties("Total   10.00\n\nThis is a computer generated document without signature.") == {}


def test_where_a_name_was_read_is_kept() -> None:
    (field,) = parties_of(build([typed_page("Sold by: Acme Tools Ltd")])).values()
    assert (field.provenance.text, field.provenance.label, field.provenance.page) == ("Acme Tools Ltd", "Sold by:", 1)
    assert field.provenance.box is not None
    assert 0.8 < field.confidence <= 1.0


def test_a_name_in_small_letters_over_its_address() -> None:
    read = parties("""
    amber willow joinery
    14 Dock Road
    Bristol BS1 4RW

    Invoice no. 4711

    Bill to:
    Harbour Stores Inc.
    200 Main Street
    Seattle, WA 98101
    """)
    assert read["vendor_name"] == "amber willow joinery"


def test_a_bank_in_the_sellers_column_is_not_the_seller() -> None:
    read = parties("""
    Bill to:
    Harbour Stores Inc.
    200 Main Street
    Seattle, WA 98101

    Invoice no. 4711

    From:
    Bank of the Estuary
    Copper Anvil
    14 Dock Road
    Bristol BS1 4RW
    """)
    assert read["vendor_name"] == "Copper Anvil"


def test_a_title_on_the_line_of_the_name_is_left_out() -> None:
    assert clean_name("Faktura sprzedaży Kwiaty Sp. z o.o.") == "Kwiaty Sp. z o.o."
    assert clean_name("Kwiaty Sp. z o.o.") == "Kwiaty Sp. z o.o."
    assert clean_name("Ligurn AG ist ein Unternehmen der Ligurn Gruppe") == "Ligurn AG"
    assert clean_name("Twin Stone Dakwerken BV FACTUUR") == "Twin Stone Dakwerken BV"
    assert clean_name("Tax Invoice Subramaniam Kopitiam") == "Subramaniam Kopitiam"


def test_a_letter_greets_whom_it_is_sent_to() -> None:
    found = parties("""
    M. Beweglich, Kurpromenade 3, 83435 Bad Reichenhall
    Herrn
    Anton Kreuz
    Am Saalachufer 17
    83435 Bad Reichenhall

    Sehr geehrter Herr Kreuz,
    laut Verordnung von Dr. Wagner vom 21.07.2014 berechne ich 100,00 EUR auf das Konto IBAN DE89 3704 0044
    0532 0130 00 bei der Sparkasse.
    """)
    assert found["customer_name"] == "Herrn Anton Kreuz"
    assert found["customer_address"] == "Am Saalachufer 17, 83435 Bad Reichenhall"
    assert found["iban"] == "DE89370400440532013000"


def test_labels_in_two_languages() -> None:
    found = parties("""
    Brasserie du Nord sprl
    Rue de Gand 565
    1080 Bruxelles

    Client / Klant:
    Le Zinc sa
    Rue Haute 118
    1000 Bruxelles
    """)
    assert (found["vendor_name"], found["customer_name"]) == ("Brasserie du Nord sprl", "Le Zinc sa")


def test_a_centred_letterhead_ends_where_the_lines_are_set_otherwise() -> None:
    found = parties("""
                       ANNIKA VOSS
                     Texte und Lektorat

    Stadtwerke Oldau
    Am Wasserturm 1
    29313 Oldau






























    Annika Voss - Bahnhofstr. 22 - 29221 Celle
    """)
    assert (found["vendor_name"], found["customer_name"]) == ("Annika Voss", "Stadtwerke Oldau")


def test_the_slip_at_the_foot_is_sent_to_who_is_paid() -> None:
    blank = "\n" * 34
    found = parties(f"""
    Coastal Strata Management          Bluegum Plumbing Pty Ltd
    PO Box 312                         14 Sheppard Rd
    MANLY NSW 1655                     BROOKVALE NSW 2100
    {blank}
    To: Bluegum Plumbing Pty Ltd       Customer: Coastal Strata Management
    14 Sheppard Rd
    BROOKVALE NSW 2100
    """)
    assert found["vendor_name"] == "Bluegum Plumbing Pty Ltd"
    assert found["customer_name"] == "Coastal Strata Management"


def test_a_courtesy_is_no_part_of_a_name() -> None:
    assert clean_name("Spett.le CANTINE MONTEROSSO SOC. AGR.") == "CANTINE MONTEROSSO SOC. AGR"
    assert clean_name("Firma Remontowa Adamex") == "Firma Remontowa Adamex"


def test_a_hyphen_at_a_postcode_parts_no_address() -> None:
    read = parties("""
    Varora Suministros, C/ Mayor, 51, 50001 - Zaragoza, Tlf. 976 55 41 55
    CLIENTE:
    Rocío Aranda
    Barrio Sarriena s/n, 30001 - Murcia
    """)
    assert (read["vendor_name"], read["vendor_address"]) == ("Varora Suministros", "C/ Mayor, 51, 50001 - Zaragoza")
    assert read["customer_address"] == "Barrio Sarriena s/n, 30001 - Murcia"
