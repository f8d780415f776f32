from itertools import permutations

import pytest

from extraction.engine.parties.roles import PRIOR, WEIGHTS, log_odds
from tests.engine.parties.test_parties import parties

NEWLINE = "\n"
CUES = ("window", "has_address", "legal_form", "repeated", "own_ids")


def test_log_odds_are_the_same_to_the_last_digit_in_whatever_order_the_cues_come() -> None:
    orders = list(permutations(CUES))
    naive = {PRIOR[0] + sum(WEIGHTS[cue][0] for cue in order) for order in orders}
    assert len(naive) > 1  # plain sums differ: the test can fail
    for side in (0, 1):
        assert len({log_odds(order, side) for order in orders}) == 1


def test_log_odds_begin_with_what_a_party_must_overcome_and_pass_over_cues_without_a_weight() -> None:
    assert log_odds((), 0) == PRIOR[0]
    assert log_odds(("label_customer", "of no weight"), 1) == pytest.approx(PRIOR[1] + WEIGHTS["label_customer"][1])


def test_the_seller_is_named_in_the_foot_alone() -> None:
    foot = """
    Verstraete Elektro          Tel: +32 16 55 05 85             Scheldebank
    Markt 142                   Mail: info@verstraete24.example  Rek.nr. BE68 5390 0754 7034
    B-8500 Kortrijk
    """.strip("\n")
    read = parties(f"""
    Bart Peeters Bouw
    Bosdreef 174
    9000 Gent

    Factuur 4711
    {NEWLINE * 42}
{foot}
    """)
    assert (read["vendor_name"], read["vendor_address"]) == ("Verstraete Elektro", "Markt 142, B-8500 Kortrijk")
    assert read["customer_name"] == "Bart Peeters Bouw"


def test_the_foot_names_whom_the_letterhead_leaves_to_its_logo() -> None:
    read = parties(f"""
    Opp. Bus Stand
    Hyderabad - 500016
    Tel. +91 40 5555 0290

    Bill to:
    Little Stone
    Plot No. 144, GIDC Estate
    Chennai - 600017
    {NEWLINE * 42}
    Deepa Krishna Infotech
    Opp. Bus Stand
    Hyderabad - 500016
    """)
    assert (read["vendor_name"], read["vendor_address"]) == (
        "Deepa Krishna Infotech",
        "Opp. Bus Stand, Hyderabad - 500016",
    )


def test_where_goods_go_too_is_the_customer() -> None:
    read = parties("""
    Cafés Carvalho S.A.
    Zona Industrial, Lote 189
    4700-318 Braga

    Belark.pt                  Local de descarga
    Zona Industrial, Lote 12   Belark.pt
    4050-101 Porto             Largo do Carmo 29
                               4050-101 Porto
    Factura
    """)
    assert (read["vendor_name"], read["customer_name"]) == ("Cafés Carvalho S.A.", "Belark.pt")


def test_one_street_with_other_numbers_is_another_address() -> None:
    read = parties(f"""
    Kerkstraat 70
    3000 Leuven
    BTW-nr. BE 0403.170.701

    Aan:
    Lumelo bvba
    Kerkstraat 153
    3000 Leuven
    {NEWLINE * 42}
    Oriymo nv
    Kerkstraat 70
    3000 Leuven
    """)
    assert (read["vendor_name"], read["vendor_tax_id"]) == ("Oriymo nv", "BE0403170701")
    assert read["customer_address"] == "Kerkstraat 153, 3000 Leuven"
