"""The facts about the document, in the forms issuers give them: lists, grids, strips, sentences."""

from __future__ import annotations

from tests.invoices.draw import GREY, Run
from tests.invoices.varied.head import facts
from tests.invoices.varied.page import Page

WIDE = ("strip", "sentence", "inline")  # forms that take the whole width


def meta_form(page: Page) -> str:
    forms = [
        "list",
        "list",
        "aligned",
        "right",
        "above",
        "grid",
        "boxed",
        "stacked",
        "strip",
        "strip",
        "sentence",
        "inline",
    ]
    form = page.look.pick("meta", forms)
    return "list" if form == "strip" and len(facts(page)) > 6 else form


def meta(page: Page, x: float, y: float, width: float) -> float:
    """The facts in the issuer's form. Returns the baseline that follows."""
    draw = {
        "above": _above,
        "grid": _above,
        "stacked": _stacked,
        "strip": _strip,
        "sentence": _sentence,
        "inline": _inline,
    }.get(meta_form(page), _list)
    return draw(page, x, y, width)


def _list(page: Page, x: float, y: float, width: float) -> float:
    """Label at the left and value behind it: in a column, at the right edge, or both against a middle axis."""
    form, shown = meta_form(page), facts(page)
    if not shown:
        return y
    wide = min(max(page.sheet.measure(label) for label, _, _ in shown), width * 0.52)
    step = page.leading * (1.35 if form == "boxed" else 1.08)
    bold = page.look.chance("bold values", 0.2)
    for label, value, role in shown:
        top = y - page.size - 2
        if form == "boxed":
            page.sheet.frame(x - 3, top, x + width, top + step, 0.4, GREY)
            page.sheet.rule(x + wide + 5, top, x + wide + 5, top + step, 0.4, GREY)
        if form == "right":
            page.text(x + wide, y, label, "label", wide, align="right", colour=page.label_colour)
        else:
            page.text(x, y, label, "label", wide, colour=page.label_colour)
        room = width - wide - 13
        at, align = (x + width, "right") if form == "aligned" else (x + wide + 10, "left")
        page.text(at, y, value, role, room, align=align, bold=bold)
        y += step
    return y


def _above(page: Page, x: float, y: float, width: float) -> float:
    """Label above value, in two or three columns."""
    shown, boxed = facts(page), meta_form(page) == "grid"
    count = 2 if width < 300 else 3
    step, deep = width / count, page.leading * 2.5
    for i, (label, value, role) in enumerate(shown):
        at, line = x + step * (i % count), y + deep * (i // count)
        if boxed:
            page.sheet.frame(at, line - page.size, at + step, line - page.size + deep, 0.4, GREY)
        page.text(at + 3, line, label, "label", step - 10, size=page.size * 0.82, colour=page.label_colour)
        page.text(at + 3, line + page.leading * 0.95, value, role, step - 10, bold=page.look.chance("bold values", 0.2))
    return y + deep * -(-len(shown) // count) if shown else y


def _stacked(page: Page, x: float, y: float, width: float) -> float:
    """Label and value each on a line of their own."""
    align = page.look.pick("stack align", ["left", "right"])
    for label, value, role in facts(page):
        y = page.rows(x, y, width, [[(label, "label")]], align=align, colour=page.label_colour)
        y = page.rows(x, y, width, [[(value, role)]], align=align, bold=True) + 2
    return y


def _strip(page: Page, x: float, y: float, width: float) -> float:
    """A table of one row: labels in the head, values beneath."""
    shown = facts(page)
    if not shown:
        return y
    step, filled = width / len(shown), page.look.chance("filled strip", 0.4)
    top, middle = y - page.size - 3, y + 5
    end = middle + page.leading + 4
    if filled:
        page.sheet.fill(x, top, x + width, middle, (0.9, 0.91, 0.93))
    if page.look.chance("ruled strip", 0.7):
        page.sheet.frame(x, top, x + width, end, 0.5, GREY)
        page.sheet.rule(x, middle, x + width, middle, 0.4, GREY)
    for i, (label, value, role) in enumerate(shown):
        at = x + step * (i + 0.5)
        page.text(at, y, label, "label", step - 6, align="center", size=page.size * 0.88)
        page.text(at, middle + page.size + 1, value, role, step - 6, align="center")
    return end + page.leading


def _sentence(page: Page, x: float, y: float, width: float) -> float:
    """Number and date in words, the other facts below."""
    runs = filled(page, page.words.sentence("meta"))
    y = page.rows(x, y, width, [runs], bold=True)
    rest = [fact for fact in facts(page) if fact[2] not in ("invoiceNumber", "invoiceDate")]
    return page.rows(x, y, width, [[(f"{label} ", "label"), (value, role)] for label, value, role in rest])


def _inline(page: Page, x: float, y: float, width: float) -> float:
    """All facts one behind the other."""
    gap = page.look.pick("inline gap", ["   ", " | ", "  ·  ", ", "])
    runs: list[Run] = []
    for label, value, role in facts(page):
        runs += [(f"{label} ", "label"), (value, role), (gap, "")]
    return page.sheet.paragraph(x, y, width, runs[:-1], leading=1.4) if runs else y


def filled(page: Page, sentence: str) -> list[Run]:
    """A sentence with {names} as runs, the values with their roles."""
    paper, words = page.paper, page.words
    parts = {
        "number": (paper.number, "invoiceNumber"),
        "date": (words.date(paper.date), "invoiceDate"),
        "due": (words.date(paper.due), "dueDate"),
        "amount": (words.money(paper.amount_due), "amountDue" if paper.prepaid else "totalAmount"),
        "iban": (spaced(paper.account), "iban" if paper.has_iban else "account"),
        "bic": (paper.bic, "bic"),
        "bank": (paper.bank, "bank"),
    }
    pieces = sentence.replace("{", "\0{").replace("}", "}\0").split("\0")
    runs = [parts[piece[1:-1]] if piece.startswith("{") else (piece, "sentence") for piece in pieces]
    return [run for run in runs if run[0]]


def spaced(account: str) -> str:
    """An IBAN in groups of four; other account numbers as they are."""
    return " ".join(account[i : i + 4] for i in range(0, len(account), 4)) if account[:2].isalpha() else account
