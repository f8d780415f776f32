"""The foot of every page: who, where, the registers and the bank, in columns or in a line; page numbers."""

from __future__ import annotations

from tests.invoices.draw import GREY, Run
from tests.invoices.varied.meta import spaced
from tests.invoices.varied.page import Page


def turn_page(page: Page) -> None:
    draw_foot(page)
    page.sheet.turn_page()
    if page.look.chance("number on every page", 0.4):
        runs = [(page.words.marked("number") + " ", "label"), (page.paper.number, "invoiceNumber")]
        page.sheet.text(page.left, page.top - 16, runs, size=page.size * 0.85, colour=GREY)


def draw_foot(page: Page) -> None:
    """The foot in the issuer's form, and the page's number where there are several pages."""
    form = page.look.pick("foot", ["columns", "columns", "columns", "line", "line", "none"])
    needed = not page.look.chance("vendor on top", 0.8)  # the foot is all that names the issuer
    columns = _columns(page)
    y = page.sheet.height - page.foot + 20
    if form == "columns" or (needed and form == "none"):
        _in_columns(page, y, columns)
    elif form == "line":
        mark = page.look.pick("foot mark", [" · ", " | ", " - ", ", "])
        for i, part in enumerate((columns[:2], columns[2:])):
            runs = [run for column in part for row in column for run in (*row, (mark, ""))][:-1]
            if runs:
                page.text(page.sheet.width / 2, y + 10 * i, runs, "", page.width, size=6.8, align="center", colour=GREY)
    if page.pages > 1 or page.look.chance("page number", 0.2):
        text = page.words.label("page").format(page=page.sheet.page, pages=page.pages)
        page.sheet.text(page.right, page.sheet.height - 16, text, size=7, align="right", colour=GREY, role="page")


def _in_columns(page: Page, y: float, columns: list[list[list[Run]]]) -> None:
    step = page.width / len(columns)
    if page.look.chance("foot rule", 0.6):
        page.sheet.rule(page.left, y - 11, page.right, y - 11, 0.4, GREY)
    for i, column in enumerate(columns):
        for j, runs in enumerate(column[:4]):
            page.text(page.left + i * step, y + j * 8.6, runs, "", step - 8, size=6.8, colour=GREY)


def _columns(page: Page) -> list[list[list[Run]]]:
    """Blocks of small print: address, contacts, registers, bank."""
    look, words, paper = page.look, page.words, page.paper
    vendor = paper.vendor
    street, rest = vendor.address[0], ", ".join(vendor.address[1:])
    named: list[list[Run]] = [[(vendor.name, "vendorName")], [(street, "vendorAddress")]]
    named += [[(rest, "vendorAddress")]] if rest else []
    contacts: list[list[Run]] = [
        [(words.marked(key) + " ", "label"), (value, role)]
        for key, value, role in (("phone", vendor.phone, "vendorPhone"), ("email", vendor.email, "vendorEmail"))
    ]
    registers: list[list[Run]] = [
        [(words.marked("registration") + " ", "label"), (vendor.registration, "registration")]
    ]
    if look.pick("tax id at", ["head", "head", "foot", "both"]) != "head":
        registers.append([(words.marked("vat_id") + " ", "label"), (vendor.tax_id, "vendorTaxId")])
    if look.chance("director", 0.25):
        registers.append([(look.pick("director form", ["CEO: ", "GF: ", "Dir. ", ""]) + vendor.contact, "other")])
    bank: list[list[Run]] = [[(paper.bank, "bank")]]
    role = "iban" if paper.has_iban else "account"
    bank.append([(words.marked(role) + " ", "label"), (spaced(paper.account), role)])
    bank.append([(words.marked("bic") + " ", "label"), (paper.bic, "bic")])
    blocks = [contacts, registers, *([bank] if look.chance("bank in foot", 0.5) else [])]
    return [named, *look.shuffled("foot blocks", blocks)]
