"""The lines: columns as wide as their content, wrapped descriptions, page breaks with the header repeated."""

from __future__ import annotations

from decimal import Decimal

from tests.invoices.content import ZERO, Line
from tests.invoices.draw import BLACK, GREY, WHITE
from tests.invoices.foot import turn_page
from tests.invoices.locales import cents
from tests.invoices.style import Draft

PAD = 5.0
LEAST_DESCRIPTION = 120.0
LEFT = ("pos", "sku", "description", "unit")
DROPPABLE = ("line_tax", "sku", "pos", "unit")  # in this order, where the page is too narrow
ROLES = {
    "sku": "sku",
    "description": "description",
    "quantity": "quantity",
    "unit": "unit",
    "unit_price": "unitPrice",
    "line_discount": "discountPercent",
    "line_rate": "taxRate",
    "line_tax": "taxAmount",
    "line_total": "totalPrice",
}
Columns = dict[str, tuple[float, float]]  # left and right end by key, in order


def cells(draft: Draft, index: int, line: Line) -> dict[str, str]:
    """What each column says of one line."""
    words = draft.words
    tax = cents(line.total * line.tax_rate / 100)
    return {
        "pos": str(index + 1),
        "sku": line.sku,
        "description": line.description,
        "quantity": words.number(line.quantity),
        "unit": words.units[line.unit],
        "unit_price": draft.amount(line.unit_price),
        "line_discount": words.number(line.discount_percent) + "%",
        "line_rate": words.percent(line.tax_rate),
        "line_tax": draft.amount(tax),
        "line_total": draft.amount(line.total),
    }


def headings(draft: Draft) -> dict[str, str]:
    texts = {key: draft.words.label(key) for key in ("pos", *ROLES)}
    return texts | {"line_total": draft.headed(texts["line_total"])}


def place_columns(draft: Draft) -> Columns:
    """Columns over the whole width; the description takes what the others leave."""
    rows = [headings(draft)] + [cells(draft, i, line) for i, line in enumerate(draft.invoice.lines)]
    keys = list(draft.style.columns)
    wide = {key: max(_measure(draft, row[key], i == 0) for i, row in enumerate(rows)) + 2 * PAD for key in keys}
    needed = {"line_discount"} if any(line.discount_percent for line in draft.invoice.lines) else set()
    least = max(LEAST_DESCRIPTION, _measure(draft, rows[0]["description"], True) + 2 * PAD)
    for key in DROPPABLE:
        if sum(wide[k] for k in keys if k != "description") + least > draft.width and key not in needed:
            keys = [k for k in keys if k != key]
    wide["description"] = draft.width - sum(wide[key] for key in keys if key != "description")
    x, columns = draft.left, {}
    for key in keys:
        columns[key] = (x, x + wide[key])
        x += wide[key]
    return columns


def _measure(draft: Draft, text: str, bold: bool) -> float:
    return draft.sheet.measure(text, bold=bold)


def draw_table(draft: Draft, y: float) -> float:
    """All lines, over as many pages as they need. Returns the baseline that follows."""
    columns = place_columns(draft)
    y = _header(draft, columns, y)
    carried = ZERO
    for index, line in enumerate(draft.invoice.lines):
        height = _height(draft, columns, line)
        if y + height + draft.leading * 1.5 > draft.bottom:
            y = _break(draft, columns, y, carried)
        _row(draft, columns, y, index, line, height)
        carried += line.total
        y += height
    draft.sheet.rule(draft.left, y - draft.style.size - 3, draft.right, y - draft.style.size - 3, 0.7, BLACK)
    return y + 8


def _break(draft: Draft, columns: Columns, y: float, carried: Decimal) -> float:
    if draft.style.carried:
        _sum_row(draft, y, "carried", carried)
    turn_page(draft)
    y = _header(draft, columns, draft.top + 14)
    if draft.style.carried:
        _sum_row(draft, y, "brought", carried)
        y += draft.leading * 1.3
    return y


def _sum_row(draft: Draft, y: float, key: str, value: Decimal) -> None:
    draft.sheet.text(draft.right - PAD, y, draft.amount(value), align="right", role=key)
    draft.sheet.text(draft.right - 110, y, draft.words.label(key), align="right", role="label", colour=GREY)


def _header(draft: Draft, columns: Columns, y: float) -> float:
    size, style = draft.style.size, draft.style
    top, end = y - size - 4, y + 6
    if style.table == "bar":
        draft.sheet.fill(draft.left, top, draft.right, end, style.accent)
    elif style.table == "grid":
        draft.sheet.frame(draft.left, top, draft.right, end, 0.5)
        _verticals(draft, columns, top, end)
    elif style.table != "plain":
        draft.sheet.rule(draft.left, end, draft.right, end, 0.9)
    colour = WHITE if style.table == "bar" else BLACK
    texts = headings(draft)
    for key in columns:
        x, align = _place(columns, key)
        draft.sheet.text(x, y, texts[key], bold=True, role="label", align=align, colour=colour)
    return end + size + 6


def _place(columns: Columns, key: str) -> tuple[float, str]:
    left, right = columns[key]
    return (left + PAD, "left") if key in LEFT else (right - PAD, "right")


def _verticals(draft: Draft, columns: Columns, top: float, end: float) -> None:
    for left, _ in list(columns.values())[1:]:
        draft.sheet.rule(left, top, left, end, 0.5)


def _lines_of(draft: Draft, columns: Columns, line: Line) -> int:
    left, right = columns["description"]
    return len(draft.sheet.wrap(line.description, right - left - 2 * PAD))


def _height(draft: Draft, columns: Columns, line: Line) -> float:
    return _lines_of(draft, columns, line) * draft.style.size * 1.25 + draft.style.size * 0.6


def _row(draft: Draft, columns: Columns, y: float, index: int, line: Line, height: float) -> None:
    top = y - draft.style.size - 3
    _ground(draft, columns, index, top, top + height)
    texts = cells(draft, index, line)
    for key in columns:
        role = f"lineItems.{index}.{ROLES[key]}" if key in ROLES else "position"
        x, align = _place(columns, key)
        if key == "description":
            left, right = columns[key]
            draft.sheet.paragraph(x, y, right - left - 2 * PAD, texts[key], role=role, leading=1.25)
        else:
            draft.sheet.text(x, y, texts[key], role=role, align=align)


def _ground(draft: Draft, columns: Columns, index: int, top: float, end: float) -> None:
    """What lies beneath a row: rules or a tint."""
    table = draft.style.table
    if table == "grid":
        draft.sheet.frame(draft.left, top, draft.right, end, 0.5)
        _verticals(draft, columns, top, end)
    elif table == "zebra" and index % 2:
        draft.sheet.fill(draft.left, top, draft.right, end, (0.94, 0.95, 0.96))
    elif table in ("ruled", "bar"):
        draft.sheet.rule(draft.left, end, draft.right, end, 0.25, GREY)
