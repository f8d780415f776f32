"""The order of the parts on the page: rows of columns above the lines, and what follows below."""

from __future__ import annotations

from tests.invoices.draw import Sheet
from tests.invoices.varied import head
from tests.invoices.varied.foot import draw_foot, turn_page
from tests.invoices.varied.look import Look
from tests.invoices.varied.meta import WIDE, meta, meta_form
from tests.invoices.varied.page import Page, Part
from tests.invoices.varied.paper import Paper
from tests.invoices.varied.payment import SLIP, draw_closing, draw_payment, draw_slip, has_slip
from tests.invoices.varied.table import draw_table
from tests.invoices.varied.totals import draw_totals
from tests.invoices.varied.words import Words

PARTS: dict[str, Part] = {
    "logo": head.logo,
    "vendor": head.vendor,
    "vendor_block": head.vendor_block,
    "title": head.title,
    "customer": head.customer,
    "ship_to": head.ship_to,
    "meta": meta,
}


def draw_paper(paper: Paper, words: Words, look: Look) -> Sheet:
    """Draw it; twice where it takes several pages, because each says how many there are."""
    page = _compose(paper, words, look, 1)
    return page.sheet if page.sheet.page == 1 else _compose(paper, words, look, page.sheet.page).sheet


def _compose(paper: Paper, words: Words, look: Look, pages: int) -> Page:
    size = look.pick("size", [7.5, 8.0, 8.5, 9.0, 9.0, 9.5, 10.0])
    sheet = Sheet(words.place["page"], words.family, size, f"{words.label('title')} {paper.number}")
    page = Page(paper, words, look, sheet, pages)
    y = page.top
    for row in plan(page):
        y = _row(page, y, row) + look.pick("row space", [6.0, 10.0, 16.0])
    y = _letter(page, y)
    y = draw_table(page, y)
    y = draw_totals(page, y + 4)
    y = draw_payment(page, y + 4)
    draw_closing(page, y + 4)
    _finish(page, y)
    return page


def plan(page: Page) -> list[list[str]]:
    """The parts above the lines, as rows of columns; which and in which order is the issuer's choice."""
    look = page.look
    on_top = look.chance("vendor on top", 0.8)
    block = on_top and look.chance("vendor block", 0.22)
    first = ["logo"] if head.shows_logo(page) else []
    first += ["vendor"] if on_top and not block else []
    title_row = look.pick("title at", ["first", "first", "second", "third", "last"])
    if title_row == "first" and len(first) < 2:
        first.append("title")
    body = ["customer", *(["vendor_block"] if block else []), *(["ship_to"] if look.chance("ship to", 0.22) else [])]
    wide = meta_form(page) in WIDE
    body += [] if wide else ["meta"]
    rows = [look.shuffled("first row", first)] if first else []
    rows += _rows_of(look, look.shuffled("body", body))
    if wide:
        rows.insert(look.pick("meta at", [len(rows), len(rows), min(1, len(rows))]), ["meta"])
    if not any("title" in row for row in rows):
        rows.insert({"first": 0, "second": 1, "third": 2}.get(title_row, len(rows)), ["title"])
    return rows


def _rows_of(look: Look, parts: list[str]) -> list[list[str]]:
    """`parts` in rows of one to three columns."""
    rows: list[list[str]] = []
    while parts:
        count = look.pick(f"columns of row {len(rows)}", [1, 2, 2, 2, 2, 3])
        rows.append(parts[:count])
        parts = parts[count:]
    return rows


def _row(page: Page, y: float, names: list[str]) -> float:
    """Parts side by side. Returns the baseline that follows the deepest."""
    widths = {"meta": page.look.pick("meta width", [0.9, 1.0, 1.2])}
    whole = sum(widths.get(name, 1.0) for name in names)
    gap, x, deepest = 16.0, page.left, y
    alone = (
        len(names) == 1 and names[0] not in ("title", "logo") and not (names == ["meta"] and meta_form(page) in WIDE)
    )
    for name in names:
        room = page.width * widths.get(name, 1.0) / whole - (gap if len(names) > 1 else 0)
        room, at = (page.width * 0.5, _aside(page, name)) if alone and name != "vendor" else (room, x)
        deepest = max(deepest, PARTS[name](page, at, y, room))
        x += room + gap
    return deepest


def _aside(page: Page, name: str) -> float:
    """Where a part that stands alone begins: at the left or in the right half."""
    return page.left if page.look.chance(f"{name} left", 0.65) else page.left + page.width * 0.5


def _letter(page: Page, y: float) -> float:
    """The date as letters have it, and a sentence before the lines."""
    paper, look = page.paper, page.look
    if "date" not in head.chosen(page):
        runs = [(f"{paper.vendor.city}, ", "other"), (page.words.date(paper.date), "invoiceDate")]
        y = page.rows(page.left, y, page.width, [runs], align=look.pick("letter date at", ["right", "left"])) + 6
    if look.chance("intro", 0.3) and paper.kind != "credit_note":
        runs = [(page.words.sentence("intro"), "sentence")]
        y = page.sheet.paragraph(page.left, y, page.width, runs) + 6
    return y


def _finish(page: Page, y: float) -> None:
    """The foot of the last page, or the payment slip in its place."""
    if not has_slip(page):
        draw_foot(page)
        return
    if y > page.sheet.height - SLIP - 20:
        turn_page(page)
    draw_slip(page)
