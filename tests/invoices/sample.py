"""The invoice that ships with InvoRec: one page of plain English, the same whatever the generator learns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.invoices.content import ZERO, Invoice, Line, Party, tax_rows
from tests.invoices.document import Document, draw
from tests.invoices.locales import Wording, cents, data
from tests.invoices.style import Style

VENDOR = Party(
    name="Kestrel Systems Ltd",
    address="14 Mill Lane\nBristol BS1 4QA\nUnited Kingdom",
    street="14 Mill Lane",
    postcode="BS1 4QA",
    city="Bristol",
    country="GB",
    email="accounts@kestrel-systems.example",
    phone="+44 117 496 0173",
    tax_id="GB 910 2374 09",
    registration="09999417",
)
CUSTOMER = Party(
    name="Hartwell Joinery LLP",
    address="Unit 7, Priory Park\nLeeds LS2 7EW\nUnited Kingdom",
    street="Unit 7, Priory Park",
    postcode="LS2 7EW",
    city="Leeds",
    country="GB",
    email="office@hartwell-joinery.example",
    phone="0161 496 0418",
    tax_id="GB861443680",
    registration="07815712",
)
LINES = (
    ("KS-1014", 'Notebook 14", 16 GB memory, 512 GB SSD', "3", "pc", "949.00"),
    ("KS-2203", "USB-C docking station, dual display", "3", "pc", "142.50"),
    ("KS-0310", "On-site installation and handover, including travel", "6.5", "hour", "78.00"),
    ("KS-0455", "Managed hosting, business plan, October to December", "3", "month", "64.90"),
    ("KS-0520", "Encrypted off-site backup, 500 GB", "3", "month", "29.50"),
)
WORDS = {
    "date": "Invoice date",
    "due": "Due date",
    "purchase_order": "Purchase order",
    "bill_to": "Bill to",
    "phone": "Phone",
    "email": "Email",
    "line_rate": "VAT",
    "quantity": "Qty",
    "registration": "Company no.",
}


def sample() -> Document:
    """Drawn by the same code as any other; nothing of it is left to chance."""
    place = data()["places"]["en-GB"]
    words = data()["languages"]["en"]
    style = Style(
        size=9.5,
        title="top",
        table="bar",
        meta_items=("number", "date", "due", "purchase_order"),
        columns=("description", "quantity", "unit_price", "line_rate", "line_total"),
    )
    wording = Wording(
        locale="en-GB",
        currency="GBP",
        separators=(",", "."),
        money_form="£{n}",
        date_form="d MMMM yyyy",
        labels={key: texts[0] for key, texts in words["labels"].items()} | WORDS,
        sentences={key: texts[0] for key, texts in words["sentences"].items()},
        units={key: texts[0] for key, texts in words["units"].items()},
        place=place,
    )
    return draw(_invoice(), wording, style)


def _invoice() -> Invoice:
    rate = Decimal(20)
    lines = tuple(
        Line(sku, text, Decimal(count), unit, Decimal(price), ZERO, rate, cents(Decimal(count) * Decimal(price)))
        for sku, text, count, unit, price in LINES
    )
    return Invoice(
        locale="en-GB",
        currency="GBP",
        number="KS-2026-0417",
        date=date(2026, 10, 5),
        due=date(2026, 11, 4),
        order_date=date(2026, 9, 18),
        delivery_date=date(2026, 10, 1),
        days=30,
        purchase_order="PO-20318",
        customer_number="10427",
        vendor=VENDOR,
        customer=CUSTOMER,
        ship_to=CUSTOMER,
        lines=lines,
        discount_percent=ZERO,
        discount=ZERO,
        shipping=ZERO,
        taxes=tax_rows(lines, ZERO, ZERO),
        prepaid=ZERO,
        account="GB51 SEVN 0153 1363 7510 61",
        bic="SEVNGB21",
        bank="Severn Bank plc",
    )
