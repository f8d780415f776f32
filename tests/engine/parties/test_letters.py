"""Who writes to whom where letters, shipments and contracts name further parties."""

from dataclasses import replace

import pytest

from extraction.engine.layout import build
from extraction.engine.parties.gather import find_mentions
from tests.engine.parties.test_parties import parties
from tests.engine.typed import typed_page


def test_a_letter_is_addressed_to_its_customer() -> None:
    read = parties("""
    Dott. Ing. Lucia Bertani
    Via Emilia Est 418, 41124 Modena
    Partita IVA 02987401177 - tel. 059 37 12 884

                                          Spett.le
                                          Condominio Le Magnolie
                                          Via Giardini 77/A
                                          41125 Modena
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Dott. Ing. Lucia Bertani", "Condominio Le Magnolie")


def test_shipper_and_consignee_are_no_vendor_and_customer_under_another_letterhead() -> None:
    read = parties("""
    Northgate Forwarding Ltd
    88 Dock Road, Bristol BS1 4RW
    accounts@northgateforwarding.example

    Harbour Stores Ltd
    PO Box 318
    Leeds LS1 4HT

    Shipper                           Consignee
    Harbour Stores Ltd                Para Timber Inc.
    14 Lodge Road                     200 Main Street
    Leeds LS2 9QT                     Seattle, WA 98101
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Northgate Forwarding Ltd", "Harbour Stores Ltd")
    assert read["customer_address"] == "PO Box 318, Leeds LS1 4HT"


def test_shipper_and_consignee_alone_are_vendor_and_customer() -> None:
    read = parties("""
    Shipper                           Consignee
    Harbour Stores Ltd                Para Timber Inc.
    14 Lodge Road                     200 Main Street
    Leeds LS2 9QT                     Seattle, WA 98101
    """)
    assert read["vendor_name"] == "Harbour Stores Ltd"


def test_a_delivery_address_on_one_line_is_no_sender() -> None:
    read = parties("""
    Adresse de livraison : Buvette du Lac, plage de Pareloup, 12410 SALLES CURAN

    Marsac SAS
    4 rue Haute
    12340 BOZOULS
    TVA FR 75 448172031

                                              LES TERRASSES SARL
                                              4 place du Foirail
                                              12290 PONT DE SALARS
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Marsac SAS", "LES TERRASSES SARL")


@pytest.mark.parametrize(
    ("holder", "customer"),
    [("Titular: Dolores Esteban", "Dolores Esteban"), ("Titular: Lumbria Energia, S.A.U.", None)],
)
def test_a_titular_holds_the_contract_or_the_account_beside(holder: str, customer: str | None) -> None:
    account = "IBAN: ES91 2100 0418 4502 0005 1332" if customer is None else ""
    read = parties(f"""
    Lumbria Energia, S.A.U.
    C/ Ribera del Duero, 4, 47008 Valladolid
    C.I.F. A58144726

    {holder}
    {account}
    """)
    assert read["vendor_name"] == "Lumbria Energia, S.A.U."
    assert read.get("customer_name") == customer


def test_the_mark_of_prepaid_postage_is_no_line_of_the_address_under_it() -> None:
    read = parties("""
                                              Teliwa SA - PB-PP B-1030
                                              P.P. 88124 / 0417
                                              CORDONNERIE HENRARD SRL
                                              RUE SAINT-LAMBERT 63
                                              4040 HERSTAL

    Teliwa SA, Avenue du Port 104, 1000 Bruxelles - TVA BE 0477.183.679
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Teliwa SA", "CORDONNERIE HENRARD SRL")
    assert read["customer_address"] == "RUE SAINT-LAMBERT 63, 4040 HERSTAL"


def test_what_is_sold_is_no_name() -> None:
    read = parties("""
    Marsac Fils
    Groceries – Hygiene – Packaging
    4 Quay Street
    Bristol BS1 4RW
    """)
    assert read["vendor_name"] == "Marsac Fils"


def test_who_is_paid_sells_and_not_the_branch_that_ships() -> None:
    read = parties("""
    Shipped from:
    Branch 04 - Duluth
    2210 W Michigan St
    Duluth, MN 55806

                                              REMIT TO
                                              TAMARACK FASTENER & SUPPLY CO
                                              PO BOX 77140
                                              MINNEAPOLIS, MN 55480
    """)
    assert read["vendor_name"] == "TAMARACK FASTENER & SUPPLY CO"


def test_a_floor_is_no_company() -> None:
    read = parties("""
    Rechnungsadresse
    Annegret Sielaff
    Hinterhaus, 2. OG
    Kastanienallee 53
    39104 Magdeburg
    """)
    assert read["customer_name"] == "Annegret Sielaff"


def test_the_last_page_is_searched_though_margins_follow_it() -> None:
    pages = [typed_page(f"Goods {n}", n) for n in (1, 2, 3)]
    last = typed_page("Kestrel Stores Ltd\n4 Quay Street\nBristol BS1 4RW", 4)
    beside = replace(typed_page("Registered in Bristol", 5), beside=1)
    found = find_mentions(build((*pages, last, beside)))
    assert "Kestrel Stores Ltd" in [name.text for mention in found for name in mention.names]
