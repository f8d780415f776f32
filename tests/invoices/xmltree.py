"""XML trees written as nested calls, and what both e-invoice syntaxes need to know."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from tests.invoices.content import Invoice, Party, goods_by_rate
from tests.invoices.locales import cents

Content = etree._Element | str | None
UNIT_CODES = {
    "pc": "C62",
    "box": "BX",
    "month": "MON",
    "hour": "HUR",
    "km": "KMT",
    "day": "DAY",
    "m²": "MTK",
    "kg": "KGM",
}  # UN/ECE recommendation 20
TRANSFER, SEPA = "30", "58"  # UNTDID 4461
FREIGHT = "FC"  # UNTDID 7161


class Writer:
    """Elements by prefixed name ("ram:ID") in one set of namespaces."""

    def __init__(self, namespaces: dict[str | None, str]):
        self.namespaces = namespaces

    def __call__(self, name: str, *content: Content, **attributes: str) -> etree._Element:
        """An element with text or children; None is left out."""
        prefix, _, local = name.rpartition(":")
        element = etree.Element(f"{{{self.namespaces[prefix or None]}}}{local}", attributes, nsmap=self.namespaces)
        for part in content:
            if isinstance(part, str):
                element.text = part
            elif part is not None:
                element.append(part)
        return element


def to_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def vat_number(party: Party) -> str:
    """The tax id without ornament and with its country before it, where it is a VAT id."""
    compact = "".join(c for c in party.tax_id if c.isalnum())
    has_country = compact.startswith(party.country) or party.country in ("US", "IN")
    return compact if has_country else party.country + compact


def tax_scheme(party: Party) -> str:
    return "FC" if party.country == "US" else "VA"


def discounts(invoice: Invoice) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The document's discount by tax rate: rate, the lines' sum, and what comes off it."""
    percent = invoice.discount_percent
    return [(rate, goods, cents(goods * percent / 100)) for rate, goods in goods_by_rate(invoice.lines) if percent]
