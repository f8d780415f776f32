"""How one issuer's invoices look: a choice of parts, and the draft that is being drawn with it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.invoices.content import Invoice
from tests.invoices.draw import GREY, Rgb, Sheet, Text
from tests.invoices.locales import Wording

ACCENTS = ((0.09, 0.24, 0.42), (0.12, 0.40, 0.33), (0.55, 0.16, 0.14), (0.25, 0.25, 0.28), (0.36, 0.22, 0.47))
LETTERHEADS = ("left", "right", "centre", "split", "band", "footer")
METAS = ("beside", "beside", "aligned", "above", "grid", "strip", "sentence")
TABLES = ("ruled", "grid", "zebra", "plain", "bar")
TOTALS = ("right", "right", "box", "full")
PAYMENTS = ("block", "block", "sentence", "footer")
OPTIONAL_META = ("due", "purchase_order", "customer_number", "order_date", "delivery_date", "customer_vat")
NARROW = ("pos", "sku", "unit", "line_discount", "line_rate", "line_tax")


@dataclass(frozen=True)
class Style:
    family: str = "helvetica"
    size: float = 9.0
    accent: Rgb = ACCENTS[0]
    letterhead: str = "left"  # of LETTERHEADS; "footer" leaves the issuer to the foot of the page
    sender_line: bool = False  # one line of small print above the customer's address
    title: str = "top"  # "top", "heading" or "table": beside the letterhead, beneath it, above the lines
    title_number: bool = False  # the title says the number as well
    customer_side: str = "left"
    customer_label: bool = True
    customer_contact: bool = False
    ship_to: bool = False
    meta: str = "beside"  # of METAS
    meta_items: tuple[str, ...] = ("number", "date", "due")
    colon: str = ":"
    intro: bool = False
    columns: tuple[str, ...] = ("description", "quantity", "unit_price", "line_total")
    table: str = "ruled"
    carried: bool = False
    currency_in: str = "all"  # "all" cells, "totals" only, or as a code in the "header"
    totals: str = "right"
    net_row: bool = False
    payment: str = "block"
    method: bool = False  # says how to pay
    due_in_terms: bool = False
    small_print: bool = False
    fax: bool = False
    vendor_block: bool = False  # the issuer as a labelled block beside the customer

    def name(self) -> str:
        """An id that names the composition; fonts, colours and sizes aside."""
        flags = ("sender_line", "customer_label", "ship_to", "carried", "net_row", "vendor_block")
        parts = [self.letterhead, self.title, self.customer_side, f"meta_{self.meta}", f"cols{len(self.columns)}"]
        parts += [self.table, f"totals_{self.totals}", f"pay_{self.payment}", f"money_{self.currency_in}"]
        return "-".join(parts + [flag for flag in flags if getattr(self, flag)])


def choose_style(rng: Random, invoice: Invoice) -> Style:
    """A composition drawn at random, fit for what the invoice holds."""
    letterhead = rng.choice(LETTERHEADS)
    items = ["number", "date", *(item for item in OPTIONAL_META if rng.random() < 0.4)]
    return Style(
        family=_family(rng, invoice),
        size=rng.choice([8.5, 9.0, 9.0, 9.5, 10.0]),
        accent=rng.choice(ACCENTS),
        letterhead=letterhead,
        sender_line=letterhead == "footer" or (letterhead != "centre" and rng.random() < 0.35),
        title=rng.choice(["top", "heading", "table"])
        if letterhead in ("left", "footer")
        else rng.choice(["heading", "table"]),
        title_number=rng.random() < 0.15,
        customer_side=rng.choice(["left", "left", "left", "right"]),
        customer_label=rng.random() < 0.5,
        customer_contact=rng.random() < 0.2,
        ship_to=rng.random() < 0.2,
        meta=rng.choice(METAS),
        meta_items=_order(rng, items),
        colon=rng.choice([":", ":", ""]),
        intro=rng.random() < 0.35,
        columns=_columns(rng, invoice),
        table=rng.choice(TABLES),
        carried=rng.random() < 0.5,
        currency_in=rng.choice(["all", "all", "totals", "header"]),
        totals=rng.choice(TOTALS),
        net_row=rng.random() < 0.5,
        payment=rng.choice(PAYMENTS),
        due_in_terms="due" not in items and rng.random() < 0.4,
        method=rng.random() < 0.4,
        fax=rng.random() < 0.25,
        small_print=rng.random() < 0.35,
        vendor_block=letterhead != "footer" and rng.random() < 0.15,
    )


def _family(rng: Random, invoice: Invoice) -> str:
    if invoice.locale == "pl-PL":
        return rng.choice(("dejavu", "dejavu-serif"))
    return rng.choice(["helvetica", "helvetica", "helvetica", "times", "vera", "courier"])


def _order(rng: Random, items: list[str]) -> tuple[str, ...]:
    """Number and date first, as most do, or any order."""
    return tuple(items) if rng.random() < 0.6 else tuple(rng.sample(items, len(items)))


def _columns(rng: Random, invoice: Invoice) -> tuple[str, ...]:
    """Three to nine columns; those that the lines need are among them."""
    needed = {"line_discount"} if any(line.discount_percent for line in invoice.lines) else set()
    needed |= {"line_rate"} if len(invoice.taxes) > 1 else set()
    chosen = {key for key in NARROW if key in needed or (key != "line_discount" and rng.random() < 0.3)}
    front = [key for key in ("pos", "sku") if key in chosen]
    middle = ["description", *(["quantity", "unit"] if "unit" in chosen else ["quantity"])]
    if rng.random() < 0.2:
        middle = middle[1:] + middle[:1]
    price = ["unit_price", *(["line_discount"] if "line_discount" in chosen else [])]
    tax = [key for key in ("line_rate", "line_tax") if key in chosen]
    if not needed and rng.random() < 0.08:
        price = []
    return (*front, *middle, *price, *tax, "line_total")


@dataclass
class Draft:
    """An invoice under way: what it says, in which words and style, and the sheet with its margins."""

    invoice: Invoice
    words: Wording
    style: Style
    sheet: Sheet
    pages: int = 1  # how many there will be
    left: float = 54.0
    top: float = 50.0
    foot: float = 60.0  # kept free at the bottom for the footer

    @property
    def right(self) -> float:
        return self.sheet.width - self.left

    @property
    def bottom(self) -> float:
        return self.sheet.height - self.foot

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def leading(self) -> float:
        return self.style.size * 1.38

    def small(self, x: float, y: float, text: Text, **options: object) -> float:
        return self.sheet.text(x, y, text, size=self.style.size - 1.5, **({"colour": GREY} | options))

    def label(self, key: str) -> str:
        """The label's words with the issuer's colon."""
        text = self.words.label(key)
        return text + self.style.colon if text[-1].isalnum() or text[-1] == "." else text

    def amount(self, value, *, total: bool = False) -> str:
        """An amount as the issuer prints it in the table or, with `total`, below it."""
        shown = self.style.currency_in == "all" or (total and self.style.currency_in == "totals")
        return self.words.money(value) if shown else self.words.amount(value)

    def headed(self, text: str) -> str:
        """A heading of amounts, with the currency where the amounts do not carry it."""
        return f"{text} ({self.invoice.currency})" if self.style.currency_in == "header" else text
