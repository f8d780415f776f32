"""When and how to pay, notes on the tax, and what issuers say at the end; the Swiss payment slip."""

from __future__ import annotations

from tests.invoices.draw import BLACK, GREY, Run
from tests.invoices.locales import digits_in
from tests.invoices.varied.head import chosen
from tests.invoices.varied.meta import filled, spaced
from tests.invoices.varied.page import Page
from tests.invoices.varied.totals import room_for

SLIP = 297.0  # points: 105 mm
CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)  # recursive modulo 10 of Swiss references


def draw_payment(page: Page, y: float) -> float:
    """Tax notes, terms and bank data. Returns the baseline that follows."""
    paper, words, look = page.paper, page.words, page.look
    if paper.note:
        y = _say(page, y, [(words.sentence(paper.note), "taxNote")])
    if paper.kind == "credit_note":
        return _say(page, y, [(words.sentence("credit"), "sentence")])
    y = room_for(page, y, page.leading * 9)
    y = _terms(page, y)
    form = look.pick("payment", ["block", "block", "block", "columns", "sentence", "method", "none"])
    if form == "sentence" and paper.has_iban:
        return _say(page, y, filled(page, words.sentence("bank")))
    if form == "method":
        return page.rows(page.left, y, page.width, [_method(page)]) + 4
    return _account(page, y, columns=form == "columns") if form in ("block", "columns") else y


def _say(page: Page, y: float, runs: list[Run]) -> float:
    y = room_for(page, y, page.leading * 3)
    return page.sheet.paragraph(page.left, y, page.width * 0.92, runs, leading=1.35) + page.leading * 0.4


def _method(page: Page) -> list[Run]:
    return [(page.words.marked("method") + " ", "label"), (page.words.method(), "paymentMethod")]


def _terms(page: Page, y: float) -> float:
    """The terms as a sentence, a labelled row or the due date in words; or nothing."""
    words, look = page.words, page.look
    form = look.pick("terms", ["sentence", "labelled", "due", "none", "none"])
    if "terms" in chosen(page) or form == "none":
        return y
    if form == "due" and "due" not in chosen(page):
        return _say(page, y, filled(page, words.sentence("due")))
    label = [(words.marked("terms") + " ", "label")] if form == "labelled" else []
    return _say(page, y, [*label, (words.terms(page.paper.days), "paymentTerms")])


def _rows(page: Page) -> list[tuple[str, str, str]]:
    paper, words, look = page.paper, page.words, page.look
    role = "iban" if paper.has_iban else "account"
    shown = spaced(paper.account) if look.chance("spaced account", 0.75) else paper.account
    rows = [("bank", paper.bank, "bank"), (role, shown, role)]
    if look.chance("holder", 0.6):
        rows.insert(look.pick("holder at", [0, 1]), ("holder", paper.vendor.name, "vendorName"))
    rows.append(("bic", paper.bic, "bic") if paper.has_iban else ("routing", paper.routing, "routing"))
    if look.chance("payment reference", 0.3):
        rows.append(("payment_reference", paper.number, "invoiceNumber"))
    if look.chance("method row", 0.3):
        rows.insert(0, ("method", words.method(), "paymentMethod"))
    return [(words.marked(key), value, role) for key, value, role in rows]


def _account(page: Page, y: float, *, columns: bool) -> float:
    """Bank data as rows, or in two columns."""
    look, rows = page.look, _rows(page)
    if look.chance("payment heading", 0.7):
        page.sheet.text(page.left, y, page.words.label("payment"), role="label", bold=True, colour=page.accent)
        y += page.leading * 1.1
    if columns:
        half = -(-len(rows) // 2)
        left = _pairs(page, page.left, y, page.width * 0.46, rows[:half])
        return max(left, _pairs(page, page.left + page.width * 0.52, y, page.width * 0.46, rows[half:])) + 4
    return _pairs(page, page.left, y, page.width * 0.6, rows) + 4


def _pairs(page: Page, x: float, y: float, room: float, rows: list[tuple[str, str, str]]) -> float:
    aligned = page.look.chance("aligned account", 0.6)
    wide = max((page.sheet.measure(label) for label, _, _ in rows), default=0.0) + 10
    for label, value, role in rows:
        after = x + (wide if aligned else page.sheet.measure(label) + 5)
        page.sheet.text(x, y, label, role="label", colour=page.label_colour)
        page.text(after, y, value, role, room - (after - x))
        y += page.leading
    return y


def draw_closing(page: Page, y: float) -> float:
    """Thanks, notes and small print, where there is room."""
    look, words = page.look, page.words
    for key, chance, size in (("thanks", 0.5, 1.0), ("print", 0.4, 0.82)):
        if look.chance(f"says {key}", chance) and y + page.leading * 4 < page.bottom:
            runs = [(words.sentence(key), "sentence")]
            y = page.sheet.paragraph(page.left, y, page.width, runs, size=page.size * size, colour=GREY) + 5
    if look.chance("signature", 0.12) and y + page.leading * 5 < page.bottom:
        y += page.leading * 2.5
        page.sheet.rule(page.right - 150, y, page.right, y, 0.5)
        page.sheet.text(
            page.right - 150, y + page.leading, words.label("signature"), role="label", size=page.size * 0.85
        )
    return y


def has_slip(page: Page) -> bool:
    """Whether a Swiss payment part ends the document."""
    fit = (
        page.paper.place["country"] == "CH"
        and page.paper.kind != "credit_note"
        and page.paper.currency in ("CHF", "EUR")
    )
    return fit and page.look.chance("slip", 0.55)


def qr_reference(digits: str) -> str:
    """26 digits with their check digit, in groups as Swiss slips print them."""
    carry = 0
    for digit in digits:
        carry = CARRY[(carry + int(digit)) % 10]
    whole = digits + str((10 - carry) % 10)
    return " ".join([whole[:2], *(whole[i : i + 5] for i in range(2, 27, 5))])


def draw_slip(page: Page) -> None:
    """Receipt and payment part with their code at the bottom of the page, in the words of the language."""
    sheet, top = page.sheet, page.sheet.height - SLIP
    sheet.rule(0, top, sheet.width, top, 0.4, GREY)
    sheet.rule(176, top, 176, sheet.height, 0.4, GREY)
    words = SLIP_WORDS["fr" if page.words.lang == "fr" else "de"]
    reference = qr_reference(digits_in(page.look.rng("qr"), "0#########################"))
    for x, size, heading in ((14.0, 7.0, words[0]), (342.0, 8.5, words[1])):
        sheet.text(14.0 if x < 100 else 190.0, top + 22, heading, bold=True, size=11, role="label")
        _slip_block(page, x, top + 40, size, words, reference)
    _code(page, 190.0, top + 50)
    for x in (14.0, 190.0):
        sheet.text(x, top + 236, words[5], bold=True, size=7, role="label")
        sheet.text(x, top + 247, page.paper.currency, size=8.5, role="currency")
        sheet.text(x + 42, top + 236, words[6], bold=True, size=7, role="label")
        figure = f"{page.paper.amount_due:,.2f}".replace(",", " ")
        sheet.text(x + 42, top + 247, figure, size=8.5, role="amountDue" if page.paper.prepaid else "totalAmount")


def _slip_block(page: Page, x: float, y: float, size: float, words: tuple[str, ...], reference: str) -> None:
    paper, room = page.paper, 155.0 if x < 100 else 240.0
    account = [(spaced(paper.account), "iban"), (paper.vendor.name, "vendorName")]
    blocks = (
        (words[2], [*account, *((line, "vendorAddress") for line in paper.vendor.address)]),
        (words[3], [(reference, "reference")]),
        (
            words[4],
            [(paper.customer.name, "customerName"), *((line, "customerAddress") for line in paper.customer.address)],
        ),
    )
    for label, lines in blocks:
        page.text(x, y, label, "label", room, size=size * 0.82, bold=True)
        for text, role in lines:
            y += size * 1.25
            page.text(x, y, text, role, room, size=size)
        y += size * 2


def _code(page: Page, x: float, top: float) -> None:
    """Modules at random: what matters is that it looks like a code, no reader decodes it here."""
    rng, step = page.look.rng("code"), 128 / 41
    for row in range(41):
        for column in range(41):
            if rng.random() < 0.48:
                left, y = x + column * step, top + row * step
                page.sheet.fill(left, y, left + step, y + step, BLACK)


SLIP_WORDS = {
    "de": ("Empfangsschein", "Zahlteil", "Konto / Zahlbar an", "Referenz", "Zahlbar durch", "Währung", "Betrag"),
    "fr": ("Récépissé", "Section paiement", "Compte / Payable à", "Référence", "Payable par", "Monnaie", "Montant"),
}
