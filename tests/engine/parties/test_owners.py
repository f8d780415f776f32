from tests.engine.parties.test_parties import parties


def test_the_second_of_two_ids_is_the_customer_s_beside_whom_it_stands() -> None:
    read = parties("""
    CONTOSO LTD
    60 RUE EMILE ZOLA
    34560 PARIS
    No TVA: 123456-7

    Client: Marie Monet
    Adresse: 50 RUE DES FLEURS 33500 LIBOURNE
                                            No TVA: 765432-1
    """)
    assert (read["vendor_tax_id"], read["customer_tax_id"]) == ("1234567", "7654321")
    assert (read["customer_name"], read["customer_address"]) == ("Marie Monet", "50 RUE DES FLEURS 33500 LIBOURNE")


def test_of_several_vat_ids_that_of_the_country_of_the_bank() -> None:
    read = parties("""
    Nordbau SA                         UID: ATU12345675
    Mercatorstrasse 16                 MwSt. Nr.: BE0403170701
    4780 Sankt Vith                    IBAN: BE68 5390 0754 7034

    Kunde:
    Aventa Windows
    Hauptstrasse 3
    12345 Musterstadt
    """)
    assert (read["vendor_tax_id"], read["iban"]) == ("BE0403170701", "BE68539007547034")


def test_a_contact_s_e_mail_address_goes_before_one_for_machines() -> None:
    read = parties("""
    Les Fournitures SARL
    35 rue du Port
    75018 PARIS
    Adresse: factures@fournitures.example
    Contact: ventes@fournitures.example
    """)
    assert read["vendor_email"] == "ventes@fournitures.example"


def test_the_swiss_register_entry_is_no_tax_id() -> None:
    read = parties("""
    Bergbach AG
    Kirchgasse 37
    3011 Bern
    HR-Nr. CHE-116.281.710

    Rechnung an:
    Seeblick GmbH
    Marktgasse 5
    8400 Winterthur
    """)
    assert read["vendor_name"] == "Bergbach AG"
    assert "vendor_tax_id" not in read and "customer_tax_id" not in read


def test_a_uid_with_its_vat_suffix_goes_before_the_bare_one() -> None:
    read = parties("""
    Bergbach AG
    Kirchgasse 37
    3011 Bern
    (CHE-116.281.710)
    MWST-Nr. CHE-116.281.710 MWST
    """)
    assert read["vendor_tax_id"] == "CHE116281710MWST"


def test_a_number_under_another_label_is_no_telephone() -> None:
    assert "vendor_phone" not in parties("Northmoor Water plc\n\nYour account number\n400 1182 7731\n")
