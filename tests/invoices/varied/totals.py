"""What stands below the lines: sums, extras, taxes and the total, in six forms; the table of rates; how to pay."""

from __future__ import annotations

import re
from decimal import Decimal

from tests.invoices.draw import BLACK, GREY, Run
from tests.invoices.varied.foot import turn_page
from tests.invoices.varied.page import Page
from tests.invoices.varied.table import PAD, make_table

DANGLING = re.compile(r" (à|@|at|of)$", re.IGNORECASE)  # what asks for a rate behind it
Sum = tuple[list[Run], Decimal, str, bool]  # label, value, role, whether it is a main sum


def room_for(page: Page, y: float, height: float) -> float:
    """`y`, or the top of a new page where `height` points do not fit any more."""
    if y + height <= page.bottom:
        return y
    turn_page(page)
    return page.top + 14


def sums(page: Page) -> list[Sum]:
    """The sums in the order of the page: goods, extras, taxes and total; below a gross total what is in it."""
    paper, words = page.paper, page.words
    key = "total_credit" if paper.kind == "credit_note" else "total"
    rows = _before_tax(page) + ([] if paper.gross else _taxes(page))
    if paper.rounding:
        rows.append(_sum(page, "rounding", paper.rounding, "rounding"))
    rows.append(([(page.headed(words.label(key)), "label")], paper.total, "totalAmount", True))
    if paper.gross:
        rows += _taxes(page)
        rows += [_sum(page, "net", paper.net, "subtotalAmount")] if page.look.chance("net below", 0.4) else []
    if paper.prepaid:
        rows.append(_sum(page, "prepaid", -paper.prepaid, "amountPaid"))
        rows.append(([(words.label("amount_due"), "label")], paper.amount_due, "amountDue", True))
    return rows


def _before_tax(page: Page) -> list[Sum]:
    """The lines' sum, what goes off and on it, and the net sum."""
    paper, words, look = page.paper, page.words, page.look
    rows: list[Sum] = []
    bare = not paper.extras and len(paper.bands) == 1 and paper.note == "exempt"
    if not (bare and look.chance("only the total", 0.4)) and not (paper.gross and look.chance("no subtotal", 0.5)):
        label = [(words.label("subtotal", gross=paper.gross), "label")]
        rows.append((label, paper.lines_sum, "linesSum" if paper.gross else "subtotal", False))
    for extra in paper.extras:
        label = [(words.label(extra.key), "label")]
        if extra.percent and look.chance("discount percent", 0.7):
            label += [(" ", ""), (words.percent(extra.percent), "discountPercent")]
        rows.append((label, extra.amount, f"{extra.key}Amount", False))
    if paper.extras and not paper.gross and look.chance("net row", 0.7):
        rows.append(_sum(page, "net", paper.net, "subtotalAmount"))
    return rows


def _sum(page: Page, key: str, value: Decimal, role: str) -> Sum:
    return [(page.words.label(key), "label")], value, role, False


def _taxes(page: Page) -> list[Sum]:
    """A row for each tax; one for all where the rates stand in a table of their own."""
    paper, words = page.paper, page.words
    if paper.note and page.look.chance("no tax row", 0.5):
        return []
    key = "tax_included" if paper.gross else "tax"
    several = sum(len(band.parts) for band in paper.bands) > 1
    if shows_rates(page) and page.look.chance("one tax row", 0.7):
        return [([(DANGLING.sub("", words.label(key)), "label")], paper.tax, "taxAmount", False)]
    rows: list[Sum] = []
    rated = several or page.look.chance("rate beside tax", 0.75)
    for i, (band, name, rate, amount) in enumerate((b, *part) for b in paper.bands for part in b.parts):
        text = name or words.label(key)
        label: list[Run] = [(text if rated else DANGLING.sub("", text), "label")]
        if rated:
            label += [(" ", ""), (words.percent(rate), "taxRate")]
        if several and page.look.chance("base beside tax", 0.3):
            label += [
                (page.look.pick("on", [" / ", " on ", " (", " - "]).rstrip("("), "other"),
                (words.amount(band.base), "base"),
            ]
        rows.append((label, amount, f"taxes.{i}.amount" if several else "taxAmount", False))
    if several and page.look.chance("tax sum", 0.35):
        rows.append(([(DANGLING.sub("", words.label(key)), "label")], paper.tax, "taxAmount", False))
    return rows


def shows_rates(page: Page) -> bool:
    """Whether a table says base and tax for each rate."""
    return page.look.chance("rates table", 0.6 if len(page.paper.bands) > 1 else 0.15) and not page.paper.note


def draw_totals(page: Page, y: float) -> float:
    """The sums in the issuer's form, kept together. Returns the baseline that follows."""
    rows = sums(page)
    form = page.look.pick("totals", ["right", "right", "right", "left", "boxed", "table", "wide", "ruled", "across"])
    y = room_for(page, y, (len(rows) + len(page.paper.bands) + 3) * page.leading * 1.35)
    if shows_rates(page) and page.look.chance("rates first", 0.5):
        y = draw_rates(page, y)
        rates_first = True
    else:
        rates_first = False
    y = _across(page, y, rows) if form == "across" and len(rows) <= 6 else _stack(page, y, rows, form)
    return draw_rates(page, y) if shows_rates(page) and not rates_first else y


def _ends(page: Page, form: str) -> tuple[float, float]:
    """Left end of the labels and right end of the figures."""
    share = page.look.pick("totals width", [0.38, 0.46, 0.55])
    if form == "left":
        return page.left, page.left + page.width * share
    if form == "wide":
        return page.left, page.right
    if form == "table":
        right = make_table(page).columns["line_total"][1] - PAD
        return max(page.left, right - page.width * share), right
    return page.right - page.width * share, page.right


def _stack(page: Page, y: float, rows: list[Sum], form: str) -> float:
    """Rows of label and figure."""
    left, right = _ends(page, form)
    step = page.leading * page.look.pick("totals step", [1.05, 1.2, 1.35])
    labels_right = page.look.chance("labels right", 0.3) or form == "table"
    top = y - page.size - 4
    for label, value, role, main in rows:
        size = page.size * (page.look.pick("main size", [1.0, 1.0, 1.15, 1.35]) if main else 1.0)
        bold = main and page.look.chance("bold main", 0.85)
        if main and page.look.chance("rule above main", 0.6):
            page.sheet.rule(left, y - step + 3.5, right, y - step + 3.5, 0.7)
        y += size - page.size
        figure = page.amount(value, total=True)
        room = page.sheet.measure(figure, size, bold)
        page.sheet.text(right - 4, y, figure, align="right", role=role, bold=bold, size=size)
        at = (right - room - 16, "right") if labels_right else (left + 4, "left")
        page.text(at[0], y, label, "", right - left - room - 24, bold=bold, size=size, align=at[1])
        if form == "ruled":
            page.sheet.rule(left, y + 3, right, y + 3, 0.3, GREY)
        y += step
    if form in ("boxed", "wide"):
        page.sheet.frame(left, top, right, y - page.size, 0.6, BLACK if form == "boxed" else GREY)
    return y + 10


def _across(page: Page, y: float, rows: list[Sum]) -> float:
    """One row: labels in the head, figures beneath."""
    step, top = page.width / len(rows), y - page.size - 3
    end = y + page.leading + 8
    page.sheet.frame(page.left, top, page.right, end, 0.5, GREY)
    for i, (label, value, role, main) in enumerate(rows):
        x = page.left + step * (i + 1) - 5
        if i:
            page.sheet.rule(x - step + 5, top, x - step + 5, end, 0.4, GREY)
        page.text(x, y, label, "", step - 10, size=page.size * 0.85, align="right", colour=GREY)
        page.text(x, y + page.leading, page.amount(value, total=True), role, step - 10, align="right", bold=main)
    return end + page.leading + 8


def draw_rates(page: Page, y: float) -> float:
    """Rate, base, tax and perhaps gross in columns."""
    words, paper = page.words, page.paper
    keys = ["rate", "base", "tax_amount", *(["gross_amount"] if page.look.chance("gross column", 0.4) else [])]
    step = page.width * page.look.pick("rates width", [0.12, 0.15, 0.2])
    if page.look.chance("rates title", 0.3):
        page.sheet.text(page.left, y, words.label("tax_summary"), role="label", bold=True)
        y += page.leading * 1.1
    ends = [page.left + step * (i + 1) for i in range(len(keys))]
    for end, key in zip(ends, keys, strict=True):
        page.text(end, y, words.label(key), "label", step - 6, align="right", bold=True)
    page.sheet.rule(page.left, y + 3, ends[-1], y + 3, 0.4, GREY)
    single = len(paper.bands) == 1
    for i, band in enumerate(paper.bands):
        y += page.leading
        cells = [
            (words.percent(band.rate), "taxRate"),
            (words.amount(band.base), "subtotalAmount" if single else "base"),
        ]
        cells += [(words.amount(band.tax), "taxAmount" if single else f"taxes.{i}.amount")]
        cells += [(words.amount(band.base + band.tax), "gross")]
        for end, (text, role) in zip(ends, cells, strict=False):
            page.text(end, y, text, role, step - 6, align="right")
    return y + page.leading * 1.8
