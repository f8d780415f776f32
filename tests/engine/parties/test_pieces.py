import pytest

from extraction.engine.parties.lexicon import core_name, is_country, legal_form
from extraction.engine.parties.pieces import classify


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Papierflieger-Vertriebs-GmbH", "name"),
        ("Jane Doe", "name"),
        ("ACME TOOLS", "name"),
        ("Rabattstr. 25", "street"),
        ("12, rue de la Paix", "street"),
        ("PO Box 112", "street"),
        ("1887 Whitney Mesa Dr #9995", "street"),
        ("ul. Prosta 51", "street"),
        ("34567 Osterhausen", "city"),
        ("D-63571 Gelnhausen", "city"),
        ("3012 CN Rotterdam", "city"),
        ("London W1D 2HZ", "city"),
        ("Seattle, WA 98052", "city"),
        ("32-432 Pcim", "city"),
        ("New Delhi - 110001", "city"),
        ("Tampoi,81200 Johor Bahru,Johor", "city"),
        ("4330O Seri Kembangan", "city"),
        ("Geelong VIC 3220", "city"),
        ("S(408568)", "city"),
        ("NO12GF, JALANMAMANDA 5", "name"),  # no British postcode
        ("Zoning 151, 5000 Namur", "city"),
        ("6020 Innsbruck, Dorf 159", "city"),
        ("Bosdreef 138 bus 2, 3000 Leuven", "city"),
        ("Rynek 134, 31-042 Kraków", "city"),
        ("45-3-1 Kanda-Surugadai", "street"),
        ("Plot No. 162, GIDC Estate", "street"),
        ("Sakura Bldg. 57F, 1-2-3 Nishi-Shinjuku", "street"),
        ("Order no (ours) 674990", "other"),
        ("Contractor License: C5071472", "other"),
        ("Bearing 6204-2RS", "name"),
        ("3D Gasthof GmbH", "name"),
        ("VKK e.U.", "name"),
        ("CEO: Jane Doe", "attention"),
        ("RG-58779", "other"),
        ("Opp. Bus Stand", "street"),
        ("H.No. 4-101, Ameerpet", "street"),
        ("Minato-ku", "other"),
        ("Siena (SI)", "other"),
        ("Österreich", "country"),
        ("Klang Selangor, Malaysia", "country"),
        ("(867388-U)", "contact"),
        ("(LLP0007299-LGN)", "contact"),
        ("05 Mar 2018 18:24", "other"),
        ("SUN - THU", "other"),
        ("Royaume-Uni", "country"),
        ("info@acme.com", "contact"),
        ("Tel. 0123 4567", "contact"),
        ("IBAN DE89 3704 0044 0532 0130 00", "contact"),
        ("Attn: Jane Doe", "attention"),
        ("Purchasing Dept.", "attention"),
        ("Dept Stores Ltd", "name"),
        ("Registergericht Hanau", "legal"),
        ("Invoice number 4711", "other"),
        ("Page 1 of 2", "other"),
        ("Invoice", "other"),
        ("12.05.2024", "other"),
        ("Thank you for your order, it will be sent tomorrow", "other"),
    ],
)
def test_a_line_is_what_it_says(text: str, kind: str) -> None:
    assert classify(text) == kind


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Kraxi GmbH", "kraxi"),
        ("ACME, INC.", "acme"),
        ("Nordlicht GmbH & Co. KG", "nordlicht"),
        ("Kwiaty Sp. z o.o.", "kwiaty"),
        ("Coolbike B.V.", "coolbike"),
        ("Jane Doe", "jane doe"),
        ("verde srl unipersonale", "verde"),
        ("couriers dublin ltd", "couriers dublin"),
        ("jasny sp.j.", "jasny"),
    ],
)
def test_the_core_of_a_name(name: str, core: str) -> None:
    assert core_name(name) == core


def test_pronouns_are_no_legal_forms() -> None:
    assert legal_form("Rechnung, die se ag betrifft") is None


def test_countries_in_many_languages() -> None:
    assert all(is_country(name) for name in ("Germany", "Deutschland", "Allemagne", "Niemcy", "USA", "DE"))
    assert not is_country("Springfield")


@pytest.mark.parametrize("text", ["Sehr geehrter Herr Kreuz", "Dear Mr Smith", "Szanowny Panie Nowak", "CHF"])
def test_a_greeting_or_a_currency_is_no_name(text: str) -> None:
    assert classify(text) != "name"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("3100 Cargo Road", "street"),  # begins like a Swiss town
        ("801 2nd Ave SE", "street"),  # ends like a European company
        ("3100 Langenthal", "city"),
        ("von Dr. Weg 7 vom 21.07.2014 an", "other"),
        ("Portland, OR 97201", "city"),
    ],
)
def test_streets_and_towns_that_look_alike(text: str, kind: str) -> None:
    assert classify(text) == kind
