"""The lines: three to ten columns in many orders and dresses, sub-rows, groups, pages with carried-over sums."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tests.invoices.draw import BLACK, GREY, WHITE, Piece
from tests.invoices.varied.foot import turn_page
from tests.invoices.varied.page import Page
from tests.invoices.varied.paper import ZERO, Item, rounded
from tests.invoices.varied.words import exponent

PAD = 4.0
TEXT = ("pos", "sku", "hsn", "description", "unit")
DROPPABLE = ("line_gross", "line_tax", "list_price", "hsn", "ordered", "pos", "unit", "sku")
ROLES = {
    "sku": "sku",
    "description": "description",
    "quantity": "quantity",
    "unit": "unit",
    "price": "unitPrice",
    "line_discount": "discountPercent",
    "line_rate": "taxRate",
    "line_tax": "taxAmount",
    "line_total": "totalPrice",
}
ORDERS = (
    "pos sku hsn description ordered quantity unit price line_discount line_rate line_tax line_total line_gross",
    "pos sku description hsn quantity unit list_price price line_discount line_total line_rate line_tax line_gross",
    "pos quantity unit sku description hsn list_price price line_discount line_rate line_tax line_total line_gross",
    "quantity unit description sku hsn price line_discount line_rate line_tax line_total line_gross pos",
    "sku description ordered quantity unit list_price line_discount price line_rate line_total line_tax line_gross",
    "pos description sku hsn unit quantity price line_rate line_discount line_total line_tax line_gross",
    "description price quantity unit line_discount line_rate line_tax line_total line_gross",
    "description line_rate unit price quantity line_discount line_tax line_total line_gross",
    "pos sku description line_rate quantity unit price line_discount line_tax line_total line_gross",
)


@dataclass
class Table:
    """Columns by key with their left and right ends, in order, and the size of the letters."""

    page: Page
    columns: dict[str, tuple[float, float]]
    size: float

    @property
    def step(self) -> float:
        return self.size * 1.28

    @property
    def dress(self) -> str:
        return self.page.look.pick(
            "dress", ["ruled", "grid", "zebra", "plain", "bar", "columns", "lines", "plain", "box"]
        )

    def at(self, key: str) -> tuple[float, str]:
        """Where the cells of a column are anchored, and how."""
        left, right = self.columns[key]
        align = "left" if key in TEXT else self.page.look.pick(f"align {key}", ["right", "right", "right", "center"])
        if key in ("line_total", "price", "line_gross", "line_tax"):
            align = "right"
        return {"left": left + PAD, "right": right - PAD, "center": (left + right) / 2}[align], align

    def wrapped(self, key: str, text: str, *, bold: bool = False) -> list[list[Piece]]:
        left, right = self.columns[key]
        return self.page.sheet.wrap(text, right - left - 2 * PAD + 0.1, self.size, bold)


def keys_of(page: Page) -> list[str]:
    """The columns this issuer prints: those the lines need, and some of the others."""
    look, items = page.look, page.paper.items
    optional = ["pos", "sku", "unit", "line_rate", "line_tax", "hsn", "ordered", "list_price", "line_gross"]
    chances = {
        "pos": 0.35,
        "sku": 0.35,
        "unit": 0.35,
        "line_rate": 0.35,
        "hsn": 0.7 if page.paper.place["country"] == "IN" else 0.04,
    }
    kept = {key for key in optional if look.chance(f"column {key}", chances.get(key, 0.1))} | {
        "description",
        "line_total",
    }
    if not look.chance("no price", 0.07) or any(item.discount for item in items):
        kept |= {"quantity", "price"}
    elif look.chance("quantity alone", 0.5):
        kept.add("quantity")
    if any(item.discount for item in items):
        kept.add("line_discount")
    if len({item.rate for item in items}) > 1:
        kept.add("line_rate")
    if page.paper.gross:
        kept -= {"line_gross", "line_tax"}
    order = look.pick("columns", ORDERS).split()
    return [key for key in order if key in kept] + [key for key in ("line_rate",) if key in kept and key not in order]


def heading(page: Page, key: str) -> str:
    """The head of a column."""
    gross = {"price": "price_gross", "line_total": "line_total_gross"} if page.paper.gross else {}
    text = page.words.label({"line_gross": "line_total_gross"}.get(key, gross.get(key, key)), gross=key in gross)
    return page.headed(text) if key == "line_total" else text


def cells(page: Page, index: int, item: Item) -> dict[str, str]:
    """What each column says of one line."""
    words, places = page.words, exponent(page.paper.currency)
    tax = rounded(item.total * item.rate / 100, places)
    exact = max(places, -int(item.price.normalize().as_tuple().exponent)) if item.price else places
    bare = item.discount.is_zero()
    return {
        "pos": str((index + 1) * page.look.pick("steps", [1, 1, 1, 10])),
        "sku": item.sku,
        "hsn": item.hsn,
        "description": item.description,
        "ordered": words.number(abs(item.quantity)),
        "quantity": words.number(item.quantity, page.look.pick("quantity places", [None, None, None, 2, 3])),
        "unit": words.unit(item.unit),
        "list_price": words.amount(rounded(item.price * Decimal("1.25"), places)),
        "price": page.amount(item.price) if exact == places else words.amount(item.price, exact),
        "line_discount": "" if bare and page.look.chance("blank discounts", 0.5) else words.percent(item.discount),
        "line_rate": words.percent(item.rate),
        "line_tax": words.amount(tax),
        "line_total": page.amount(item.total),
        "line_gross": words.amount(item.total + tax),
    }


def make_table(page: Page) -> Table:
    """Columns as wide as their content; what does not fit is dropped, then set smaller."""
    keys, size = keys_of(page), page.size
    needed = {key for key in ("line_rate",) if len({item.rate for item in page.paper.items}) > 1}
    rows = [cells(page, i, item) for i, item in enumerate(page.paper.items)]
    least = page.width * page.look.pick("least description", [0.26, 0.32, 0.4])
    while True:
        wide = {key: _wide(page, key, rows, size) for key in keys}
        rest = page.width - sum(wide[key] for key in keys if key != "description")
        spare = [key for key in DROPPABLE if key in keys and key not in needed]
        if rest >= least or (not spare and size < 6.2):
            break
        keys, size = ([key for key in keys if key != spare[0]], size) if spare else (keys, size * 0.94)
    wide["description"] = max(rest, 60.0)
    columns, x = {}, page.left
    for key in keys:
        columns[key] = (x, x + wide[key])
        x += wide[key]
    return Table(page, columns, size)


def _wide(page: Page, key: str, rows: list[dict[str, str]], size: float) -> float:
    """The widest cell, or the longest word of the head, which may take several lines."""
    head = max(page.sheet.measure(word, size, True) for word in heading(page, key).split(" "))
    body = max((page.sheet.measure(row[key], size) for row in rows), default=0.0)
    return max(head, body) + 2 * PAD + page.look.pick("air", [0.0, 4.0, 8.0])


def draw_table(page: Page, y: float) -> float:
    """All lines, over as many pages as they need. Returns the baseline that follows."""
    table = make_table(page)
    y = _head(table, y + 4)
    carried, group, group_sum, top = ZERO, "", ZERO, y
    for index, item in enumerate(page.paper.items):
        need = _height(table, item) + table.step * (3.5 if item.group != group else 1.5)
        if y + need > page.bottom:
            _end(table, top, y)
            y = top = _next_page(table, y, carried)
        if item.group != group:
            y = _group_sum(table, y, group_sum) if group else y
            y = _group(table, y, item.group)
            group, group_sum = item.group, ZERO
        y = _row(table, y, index, item)
        carried += item.total
        group_sum += item.total
    y = _group_sum(table, y, group_sum) if group else y
    _end(table, top, y)
    return y + 10


def _next_page(table: Table, y: float, carried: Decimal) -> float:
    page = table.page
    carries = page.look.chance("carries", 0.5)
    if carries:
        _sum(table, y, "carried", carried)
    turn_page(page)
    y = _head(table, page.top + 12) if page.look.chance("repeats head", 0.75) else page.top + 12
    return _sum(table, y, "brought", carried) if carries else y


def _sum(table: Table, y: float, key: str, value: Decimal, *, bold: bool = False) -> float:
    """A sum under the column of totals."""
    page, right = table.page, table.columns["line_total"][1]
    figure = page.amount(value)
    size = table.size
    page.sheet.text(right - PAD, y, figure, align="right", role=key, size=size, bold=bold)
    start = right - PAD - page.sheet.measure(figure, size, bold) - 10
    page.sheet.text(start, y, page.words.label(key), align="right", role="label", size=size, colour=GREY, bold=bold)
    return y + table.step * 1.4


def _group(table: Table, y: float, name: str) -> float:
    page = table.page
    x = table.columns["description"][0] + PAD if page.look.chance("group indented", 0.5) else page.left + PAD
    page.sheet.text(x, y, name, role="group", bold=True, size=table.size)
    return y + table.step * 1.3


def _group_sum(table: Table, y: float, value: Decimal) -> float:
    shown = table.page.look.chance("group sums", 0.6)
    return _sum(table, y, "group_sum", value, bold=True) if shown else y


def _head(table: Table, y: float) -> float:
    """The heads of the columns, wrapped where they are longer than the column is wide."""
    page, bold = table.page, table.page.look.chance("bold heads", 0.75) or table.dress == "bar"
    lines = {key: table.wrapped(key, heading(page, key), bold=bold) for key in table.columns}
    deep = max(map(len, lines.values()))
    top, end = y - table.size - 2, y + table.step * (deep - 1) + 5
    if table.dress == "bar":
        page.sheet.fill(page.left, top, page.right, end, page.accent)
    elif table.dress in ("grid", "columns", "box"):
        page.sheet.frame(page.left, top, page.right, end, 0.5)
    elif table.dress != "plain" or page.look.chance("ruled head", 0.6):
        page.sheet.rule(page.left, end, page.right, end, 0.8)
    if table.dress == "grid":
        _verticals(table, top, end)
    for key, parts in lines.items():
        x, align = table.at(key)
        for i, pieces in enumerate(parts):
            text = " ".join(word for word, _, _ in pieces)
            colour = WHITE if table.dress == "bar" else BLACK
            page.sheet.text(
                x, y + i * table.step, text, bold=bold, role="label", align=align, colour=colour, size=table.size
            )
    return end + table.size + 4


def _verticals(table: Table, top: float, end: float) -> None:
    for left, _ in list(table.columns.values())[1:]:
        table.page.sheet.rule(left, top, left, end, 0.4)


def _sub_rows(table: Table, item: Item) -> list[tuple[str, str]]:
    """What stands beneath a description, with its role."""
    words = table.page.words
    rows = [
        (note.replace("{" + key + "}", words.marked(key)), "note")
        for note in item.notes
        for key in [note[1 : note.index("}")]]
    ]
    if "sku" not in table.columns and table.page.look.chance("sku beneath", 0.15):
        rows.insert(0, (f"{words.marked('sku')} {item.sku}", "sku"))
    return rows


def _height(table: Table, item: Item) -> float:
    lines = len(table.wrapped("description", item.description)) + len(_sub_rows(table, item))
    return lines * table.step + table.size * table.page.look.pick("row gap", [0.2, 0.5, 0.9])


def _row(table: Table, y: float, index: int, item: Item) -> float:
    """One line with its sub-rows; returns the baseline of the next."""
    page, size = table.page, table.size
    height, top = _height(table, item), y - size - 1.5
    _ground(table, index, top, top + height)
    texts = cells(page, index, item)
    for key in table.columns:
        role = f"lineItems.{index}.{ROLES[key]}" if key in ROLES else "other"
        x, align = table.at(key)
        if key == "description":
            left, right = table.columns[key]
            below = page.sheet.paragraph(
                x, y, right - left - 2 * PAD + 0.1, texts[key], role=role, leading=1.28, size=size
            )
            for text, kind in _sub_rows(table, item):
                page.sheet.text(x, below, text, role=kind, size=size * 0.92, colour=GREY, fit=right - left - 2 * PAD)
                below += table.step
        elif texts[key]:
            page.sheet.text(x, y, texts[key], role=role, align=align, size=size)
    return y + height


def _ground(table: Table, index: int, top: float, end: float) -> None:
    """What lies beneath a row: rules or a tint."""
    page = table.page
    if table.dress == "grid":
        page.sheet.frame(page.left, top, page.right, end, 0.4)
        _verticals(table, top, end)
    elif table.dress == "zebra" and index % 2:
        page.sheet.fill(page.left, top, page.right, end, (0.94, 0.95, 0.96))
    elif table.dress in ("lines", "bar"):
        page.sheet.rule(page.left, end, page.right, end, 0.25, GREY)


def _end(table: Table, top: float, y: float) -> None:
    """What closes the table on a page: a rule, or the frame with its columns."""
    page, end = table.page, y - table.size
    if table.dress in ("columns", "box"):
        start = top - table.size - 4
        page.sheet.frame(page.left, start, page.right, end, 0.5)
        if table.dress == "columns":
            _verticals(table, start, end)
    elif table.dress in ("ruled", "zebra"):
        page.sheet.rule(page.left, end, page.right, end, 0.8)
