"""Till receipts: narrow thermal paper, as long as what stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.invoices.draw import FULL_FAMILIES, Run, Sheet, Text, has_polish_letters
from tests.invoices.locales import digits_in
from tests.invoices.varied.look import Look
from tests.invoices.varied.paper import ZERO, Item, Paper
from tests.invoices.varied.words import Words

LONG = 6000.0
MARGIN = 10.0


@dataclass
class Roll:
    """The paper under the print head: a sheet, and the baseline of the next line."""

    paper: Paper
    words: Words
    look: Look
    sheet: Sheet
    y: float = 30.0

    @property
    def right(self) -> float:
        return self.sheet.width - MARGIN

    @property
    def middle(self) -> float:
        return self.sheet.width / 2

    def feed(self, lines: float = 1.0) -> None:
        self.y += self.sheet.size * 1.25 * lines

    def centre(self, text: str, role: str = "other", *, bold: bool = False, scale: float = 1.0) -> None:
        """A line in the middle, wrapped where it is too wide; at the left for shops that print so."""
        left = self.look.chance("head left", 0.2)
        size = self.sheet.size * scale
        self.y = self.sheet.paragraph(
            MARGIN if left else self.middle,
            self.y,
            self.sheet.width - 2 * MARGIN,
            [(text, role)],
            size=size,
            bold=bold,
            align="left" if left else "center",
            leading=1.25,
        )

    def pair(self, label: Text, value: str, role: str, *, bold: bool = False, scale: float = 1.0) -> None:
        """Label at the left, value at the right; in two lines where one is too narrow."""
        size = self.sheet.size * scale
        room = self.sheet.measure(value, size, bold)
        self.y += max(size - self.sheet.size, 0)
        if self.sheet.measure(label, size, bold) + room + 6 > self.right - MARGIN:
            self.sheet.text(MARGIN, self.y, label, size=size, bold=bold, role="label", fit=self.right - MARGIN)
            self.feed(scale)
        else:
            self.sheet.text(MARGIN, self.y, label, size=size, bold=bold, role="label")
        self.sheet.text(self.right, self.y, value, size=size, bold=bold, role=role, align="right")
        self.feed(scale)

    def inline(self, *facts: tuple[str, str, str]) -> None:
        """Facts (label key, value, role) one behind the other."""
        runs: list[Run] = []
        for key, value, role in facts:
            runs += [(self.words.marked(key), "label"), (" ", ""), (value, role), ("  ", "")]
        self.y = self.sheet.paragraph(MARGIN, self.y, self.right - MARGIN, runs[:-1], leading=1.25)

    def line(self) -> None:
        """What parts the sections: dashes, stars, a rule or nothing but space."""
        kind = self.look.pick("divider", ["-", "-", "=", "*", "rule", "space"])
        if kind == "rule":
            self.sheet.rule(MARGIN, self.y - 4, self.right, self.y - 4, 0.6)
        elif kind != "space":
            count = int((self.right - MARGIN) / self.sheet.measure(kind))
            self.sheet.text(MARGIN, self.y, kind * count, role="other")
        self.feed()


def draw_receipt(paper: Paper, words: Words, look: Look) -> Sheet:
    """Drawn twice: first to learn how long it gets."""
    length = _print(paper, words, look, LONG).y
    return _print(paper, words, look, length + 24).sheet


def _print(paper: Paper, words: Words, look: Look, length: float) -> Roll:
    width = look.pick("width", [164.0, 204.0, 226.0, 226.0, 250.0])
    full = ["dejavu-mono", "dejavu-condensed"] if has_polish_letters() else ["courier"]
    families = full if words.family in FULL_FAMILIES or words.lang == "pl" else ["courier", "courier", "helvetica"]
    size = look.pick("receipt size", [7.0, 7.5, 8.0, 8.5]) * (0.9 if width < 200 else 1)
    roll = Roll(paper, words, look, Sheet((width, length), look.pick("receipt family", families), size, "Receipt"))
    _head(roll)
    _facts(roll)
    roll.line()
    for index, item in enumerate(paper.items):
        _item(roll, index, item)
    roll.line()
    _totals(roll)
    _paid(roll)
    if look.chance("tax table", 0.6):
        _tax_table(roll)
    _foot(roll)
    return roll


def _head(roll: Roll) -> None:
    """Store and legal name, registers, address."""
    vendor, look, words = roll.paper.vendor, roll.look, roll.words
    store = str(roll.paper.facts.get("store", ""))
    if store:
        roll.centre(store, "vendorTrading", bold=True, scale=1.5)
    roll.centre(vendor.name, "vendorName", bold=not store, scale=1.0 if store else look.pick("name size", [1.0, 1.4]))
    if look.chance("register", 0.5):
        form = look.pick("register form", ["({n})", "label"])
        text = f"{words.marked('registration')} {vendor.registration}"
        roll.centre(form.replace("{n}", vendor.registration) if form != "label" else text, "registration")
    lines = [", ".join(vendor.address)] if look.chance("one line", 0.3) else vendor.address
    for line in lines:
        roll.centre(line.upper() if look.chance("capitals", 0.4) else line, "vendorAddress")
    if look.chance("phone", 0.75):
        _labelled(roll, "phone", vendor.phone, "vendorPhone")
    if look.chance("web", 0.2):
        roll.centre(vendor.web, "web")
    if look.chance("tax id on top", 0.8):
        _labelled(roll, "vat_id", vendor.tax_id, "vendorTaxId")
    roll.feed(0.6)


def _labelled(roll: Roll, key: str, value: str, role: str) -> None:
    left = roll.look.chance("head left", 0.2)
    runs = [(roll.words.marked(key) + " ", "label"), (value, role)]
    x, align = (MARGIN, "left") if left else (roll.middle, "center")
    roll.sheet.text(x, roll.y, runs, align=align, fit=roll.right - MARGIN)
    roll.feed()


def _facts(roll: Roll) -> None:
    """Title, number, date with time, till and cashier, in the order and form of the shop."""
    paper, words, look = roll.paper, roll.words, roll.look
    if look.chance("title", 0.65) and words.label("title_receipt"):
        roll.centre(words.label("title_receipt"), "title", bold=look.chance("bold title", 0.5))
    stamp = words.date(paper.date)
    clock = str(paper.facts["time"])
    facts = [("number_receipt", paper.number, "invoiceNumber"), ("date", stamp, "invoiceDate")]
    if look.chance("bare date", 0.35):
        facts.pop()
    facts += [(key, str(paper.facts[key]), "other") for key in look.some("fact", ["till", "cashier", "member"], 0.5)]
    if look.chance("pairs", 0.4):
        for key, value, role in look.shuffled("facts", facts):
            roll.pair(words.marked(key), value, role)
    else:
        ordered = look.shuffled("facts", facts)
        for start in range(0, len(ordered), 2):
            roll.inline(*ordered[start : start + 2])
    if len([fact for fact in facts if fact[0] == "date"]) == 0:
        _bare(roll, stamp, clock)
    elif look.chance("time", 0.6):
        roll.inline(("time", clock, "other"))


def _bare(roll: Roll, stamp: str, clock: str) -> None:
    """Date and time without labels."""
    runs = [(stamp, "invoiceDate"), (" " + clock, "other")]
    roll.sheet.text(MARGIN, roll.y, runs, fit=roll.right - MARGIN)
    roll.feed()


def _item(roll: Roll, index: int, item: Item) -> None:
    """One article in one, two or three lines."""
    form = roll.look.pick("item form", ["one", "one", "count", "two", "two", "three"])
    {"one": _one, "count": _one, "two": _two, "three": _three}[form](roll, f"lineItems.{index}", item)


def _total_text(roll: Roll, item: Item) -> str:
    code = roll.look.pick("tax code", ["", "", " A", " SR", " *", "T", " 1"])
    return roll.words.amount(item.total) + code


def _value(roll: Roll, item: Item, role: str) -> list[Run]:
    text = roll.words.amount(item.total)
    code = _total_text(roll, item).removeprefix(text)
    return [(text, f"{role}.totalPrice"), (code, "other")]


def _one(roll: Roll, role: str, item: Item) -> None:
    """Count, name and amount in a line; counts of one may be left out."""
    total = _value(roll, item, role)
    room = roll.right - MARGIN - roll.sheet.measure(total) - 6
    count = [(roll.words.number(item.quantity), f"{role}.quantity"), (roll.look.pick("x", [" x ", " ", "x "]), "other")]
    always = roll.look.pick("item form", ["one", "one", "count", "two", "two", "three"]) == "count"
    runs = [*(count if always or item.quantity != 1 else []), (item.description, f"{role}.description")]
    roll.sheet.text(MARGIN, roll.y, runs, fit=room)
    roll.sheet.text(roll.right, roll.y, total, align="right")
    roll.feed()


def _times(roll: Roll, role: str, item: Item) -> list[Run]:
    mark = roll.look.pick("times", [" x ", " X ", " @ ", " * "])
    return [
        (roll.words.number(item.quantity), f"{role}.quantity"),
        (mark, "other"),
        (roll.words.amount(item.price), f"{role}.unitPrice"),
    ]


def _two(roll: Roll, role: str, item: Item) -> None:
    """The name, and below it count, price and amount."""
    roll.sheet.text(MARGIN, roll.y, item.description, role=f"{role}.description", fit=roll.right - MARGIN)
    roll.feed()
    indent = roll.look.pick("indent", [0.0, 12.0, 30.0])
    roll.sheet.text(MARGIN + indent, roll.y, _times(roll, role, item))
    roll.sheet.text(roll.right, roll.y, _value(roll, item, role), align="right")
    roll.feed()


def _three(roll: Roll, role: str, item: Item) -> None:
    """Code, name, and count with price and amount."""
    roll.sheet.text(MARGIN, roll.y, item.sku, role=f"{role}.sku")
    roll.feed()
    _two(roll, role, item)


def _totals(roll: Roll) -> None:
    """Sum, taxes, rounding and total, as far as the till prints them."""
    paper, words, look = roll.paper, roll.words, roll.look
    if look.chance("count of items", 0.4):
        roll.pair(words.marked("items_count"), words.number(sum((i.quantity for i in paper.items), ZERO)), "other")
    if not paper.gross or look.chance("subtotal", 0.5):
        roll.pair(
            words.label("subtotal", gross=paper.gross),
            words.amount(paper.lines_sum),
            "linesSum" if paper.gross else "subtotal",
        )
    for extra in paper.extras:
        name = words.marked("handling" if extra.amount > 0 else "discount")
        roll.pair(name, words.amount(extra.amount), "discountAmount" if extra.amount < 0 else "other")
    if not paper.gross:
        for i, band in enumerate(paper.bands):
            role = "taxAmount" if len(paper.bands) == 1 else f"taxes.{i}.amount"
            roll.pair(_rated(words, "tax", band.rate), words.amount(band.tax), role)
    if paper.rounding:
        roll.pair(words.marked("rounding"), words.amount(paper.rounding), "other")
    scale = look.pick("total size", [1.0, 1.0, 1.3, 1.6])
    figure = words.money(paper.total) if look.chance("currency", 0.6) else words.amount(paper.total)
    roll.pair(words.marked("total"), figure, "totalAmount", bold=look.chance("bold total", 0.7), scale=scale)


def _rated(words: Words, key: str, rate: Decimal) -> list[Run]:
    return [(words.label(key), "label"), (" ", ""), (words.percent(rate), "taxRate")]


def _paid(roll: Roll) -> None:
    """Cash and change, or a card; points."""
    paper, words, look = roll.paper, roll.words, roll.look
    tendered = Decimal(str(paper.facts["tendered"]))
    if paper.facts["paid"] == "cash":
        roll.pair(words.marked("cash"), words.amount(tendered), "paymentMethod")
        roll.pair(words.marked("change"), words.amount(tendered - paper.total), "other")
    else:
        roll.pair(words.marked("card"), words.amount(paper.total), "paymentMethod")
        if look.chance("approval", 0.5):
            roll.pair(words.marked("approval"), digits_in(look.rng("approval"), "######"), "other")
    roll.feed(0.5)
    if look.chance("points", 0.2):
        roll.pair(words.marked("points"), str(look.rng("points").randrange(5, 900)), "other")


def _tax_table(roll: Roll) -> None:
    """A row for each rate: code or rate, base, tax and perhaps gross; or a single sentence."""
    paper, words, look = roll.paper, roll.words, roll.look
    if paper.gross and len(paper.bands) == 1 and look.chance("tax line", 0.4):
        band = paper.bands[0]
        roll.pair(_rated(words, "tax_included", band.rate), words.amount(band.tax), "taxAmount")
        return
    keys = ["rate", "base", "tax_amount", *(["gross_amount"] if look.chance("gross column", 0.5) else [])]
    ends = [MARGIN + (roll.right - MARGIN) * (i + 1) / len(keys) for i in range(len(keys))]
    for end, key in zip(ends, keys, strict=True):
        room = (roll.right - MARGIN) / len(keys) - 4
        roll.sheet.text(end, roll.y, words.label(key), role="label", align="right", fit=room)
    roll.feed()
    for i, band in enumerate(paper.bands):
        tax_role = "taxAmount" if len(paper.bands) == 1 else f"taxes.{i}.amount"
        net_role = "subtotalAmount" if len(paper.bands) == 1 else f"taxes.{i}.base"
        cells = [(words.percent(band.rate), "taxRate"), (words.amount(band.base), net_role)]
        cells += [(words.amount(band.tax), tax_role), (words.amount(band.base + band.tax), "other")]
        for end, (text, role) in zip(ends, cells, strict=False):
            roll.sheet.text(end, roll.y, text, role=role, align="right")
        roll.feed()
    roll.feed(0.4)


def _foot(roll: Roll) -> None:
    """Thanks, what was not said on top, and a bar code."""
    look, words, vendor = roll.look, roll.words, roll.paper.vendor
    if not look.chance("tax id on top", 0.8):
        _labelled(roll, "vat_id", vendor.tax_id, "vendorTaxId")
    roll.line()
    for name in ("receipt", "thanks")[: look.pick("sayings", [1, 1, 2])]:
        roll.centre(words.sentence(name), "other")
    if look.chance("bars", 0.35):
        _bars(roll, look.rng("bars"))
    roll.feed(look.pick("blank end", [0.0, 2.0]))


def _bars(roll: Roll, rng: Random) -> None:
    x, top = roll.middle - 50, roll.y - 4
    while x < roll.middle + 50:
        wide = rng.choice([0.8, 0.8, 1.6, 2.4])
        roll.sheet.fill(x, top, x + wide, top + 26, (0.0, 0.0, 0.0))
        x += wide + rng.choice([0.8, 1.6, 2.4])
    roll.y = top + 40
