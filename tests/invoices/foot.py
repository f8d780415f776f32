"""The lower part: totals, how to pay, small print, and the foot of every page."""

from __future__ import annotations

from decimal import Decimal

from tests.invoices.draw import BLACK, GREY, Run
from tests.invoices.head import filled, one_line
from tests.invoices.style import Draft

Total = tuple[str, Decimal, str, bool]  # label, value, role, bold


def turn_page(draft: Draft) -> None:
    page_foot(draft)
    draft.sheet.turn_page()


def room_for(draft: Draft, y: float, height: float) -> float:
    """`y`, or the top of a new page where `height` points do not fit any more."""
    if y + height <= draft.bottom:
        return y
    turn_page(draft)
    return draft.top + 14


def total_rows(draft: Draft) -> list[Total]:
    """What stands below the lines, in order."""
    invoice, label = draft.invoice, draft.words.label
    reduced = bool(invoice.discount or invoice.shipping)
    rows: list[Total] = [(label("lines_sum"), invoice.lines_sum, "linesSum" if reduced else "subtotalAmount", False)]
    if invoice.discount:
        text = f"{label('discount')} {draft.words.percent(invoice.discount_percent)}"
        rows.append((text, -invoice.discount, "discountAmount", False))
    if invoice.shipping:
        rows.append((label("shipping"), invoice.shipping, "shippingAmount", False))
    if reduced and shows_net(draft):
        rows.append((label("net"), invoice.net, "subtotalAmount", False))
    if draft.style.totals == "full":  # the rates stand in a table of their own
        rows.append((label("tax"), invoice.tax, "taxAmount", False))
    for i, tax in enumerate(invoice.taxes if draft.style.totals != "full" else ()):
        role = "taxAmount" if len(invoice.taxes) == 1 else f"taxes.{i}.amount"
        rows.append((f"{label('tax')} {draft.words.percent(tax.rate)}", tax.amount, role, False))
    rows.append((draft.headed(label("total")), invoice.total, "totalAmount", True))
    if invoice.prepaid:
        rows.append((label("prepaid"), -invoice.prepaid, "amountPaid", False))
        rows.append((draft.headed(label("amount_due")), invoice.amount_due, "amountDue", True))
    return rows


def shows_net(draft: Draft) -> bool:
    return draft.style.net_row or len(draft.invoice.taxes) > 1


def draw_totals(draft: Draft, y: float) -> float:
    """The totals in the style's form, kept together on one page. Returns the baseline that follows."""
    rows = total_rows(draft)
    step = draft.leading * 1.2
    y = room_for(draft, y, (len(rows) + len(draft.invoice.taxes) + 3) * step)
    if draft.style.totals == "full":
        y = _tax_table(draft, y)
    left = draft.left if draft.style.totals == "full" else draft.right - draft.width * 0.46
    top = y - draft.style.size - 4
    for label, value, role, bold in rows:
        if bold:
            line = y - draft.style.size - 1.5
            draft.sheet.rule(left, line, draft.right, line, 0.7)
        figure = draft.amount(value, total=True)
        room = draft.sheet.measure(figure, bold=bold)
        draft.sheet.text(draft.right - 5, y, figure, align="right", role=role, bold=bold)
        draft.sheet.text(left + 5, y, label, role="label", bold=bold, fit=draft.right - left - room - 20)
        y += step
    end = y - draft.style.size - 1
    if draft.style.totals == "right":
        draft.sheet.rule(left, end, draft.right, end, 0.7)
    else:
        draft.sheet.frame(left, top, draft.right, end, 0.6, BLACK if draft.style.totals == "box" else GREY)
    return y + 14


def _tax_table(draft: Draft, y: float) -> float:
    """Rate, base and tax in columns, a row for each rate."""
    words, size = draft.words, draft.style.size
    ends = [draft.left + draft.width * part for part in (0.16, 0.36, 0.56)]
    for end, key in zip(ends, ("tax_rate", "tax_base", "tax_amount"), strict=True):
        draft.sheet.text(end, y, words.label(key), align="right", role="label", bold=True, fit=draft.width * 0.15)
    draft.sheet.rule(draft.left, y + 4, ends[-1] + 4, y + 4, 0.5, GREY)
    for i, row in enumerate(draft.invoice.taxes):
        y += draft.leading * 1.1
        texts = (words.percent(row.rate), draft.amount(row.base), draft.amount(row.amount))
        for end, text, name in zip(ends, texts, ("rate", "base", "amount"), strict=True):
            draft.sheet.text(end, y, text, align="right", role=f"taxes.{i}.{name}")
    return y + size * 2.2


def draw_payment(draft: Draft, y: float) -> float:
    """When and how to pay. Returns the baseline that follows."""
    y = room_for(draft, y, draft.leading * 9)
    y = _terms(draft, y)
    if draft.style.payment == "sentence" and draft.invoice.has_iban:
        return (
            draft.sheet.paragraph(draft.left, y, draft.width, filled(draft.words.sentences["bank"], _parts(draft))) + 4
        )
    if draft.style.payment == "footer":
        return y
    draft.sheet.text(draft.left, y, draft.words.label("payment"), bold=True, colour=draft.style.accent)
    y += draft.leading * 1.15
    rows = account_rows(draft)
    wide = max(draft.sheet.measure(label) for label, _, _ in rows) + 14
    for label, value, role in rows:
        draft.sheet.text(draft.left, y, label, role="label", colour=GREY)
        draft.sheet.text(draft.left + wide, y, value, role=role)
        y += draft.leading
    return y + 4


def _parts(draft: Draft) -> dict[str, Run]:
    invoice, words = draft.invoice, draft.words
    return {
        "amount": (
            words.money(invoice.amount_due).replace(" ", "\u00a0"),
            "amountDue" if invoice.prepaid else "totalAmount",
        ),
        "due": (words.date(invoice.due), "dueDate"),
        "days": (str(invoice.days), "paymentTerms"),
        "iban": (invoice.account, "iban"),
        "bic": (invoice.bic, "bic"),
        "bank": (invoice.bank, "bank"),
        "number": (invoice.number, "invoiceNumber"),
    }


def _terms(draft: Draft, y: float) -> float:
    if draft.style.due_in_terms:
        runs = filled(draft.words.sentences["due"], _parts(draft))
    else:
        runs = [(draft.words.terms(draft.invoice.days), "paymentTerms")]
    return draft.sheet.paragraph(draft.left, y, draft.width, runs) + draft.leading * 0.5


def account_rows(draft: Draft) -> list[tuple[str, str, str]]:
    invoice, label = draft.invoice, draft.words.label
    rows = [(label("holder"), invoice.vendor.name, "vendorName"), (label("bank"), invoice.bank, "bank")]
    if draft.style.method:
        rows.insert(0, (label("method"), draft.words.method, "paymentMethod"))
    if invoice.has_iban:
        return [*rows, (label("iban"), invoice.account, "iban"), (label("bic"), invoice.bic, "bic")]
    return [
        *rows,
        (label("account"), invoice.account, "account"),
        (invoice.bic.split(" ")[0], invoice.bic.split(" ")[-1], "routing"),
    ]


def draw_closing(draft: Draft, y: float) -> float:
    """Thanks and small print, where there is room."""
    sentences = [draft.words.sentences["thanks"]]
    if draft.style.small_print:
        sentences.append(draft.words.sentences["print"])
    for sentence in sentences:
        if y + draft.leading * 2 < draft.bottom:
            y = draft.sheet.paragraph(draft.left, y, draft.width, sentence, colour=GREY) + 4
    return y


def page_foot(draft: Draft) -> None:
    """Who, where and the registers, at the bottom of every page; its number where there are several."""
    sheet, y = draft.sheet, draft.sheet.height - draft.foot + 18
    sheet.rule(draft.left, y - 11, draft.right, y - 11, 0.4, GREY)
    columns = _foot_columns(draft)
    step = draft.width / len(columns)
    for i, column in enumerate(columns):
        for j, runs in enumerate(column):
            sheet.text(draft.left + i * step, y + j * 9, runs, size=7, colour=GREY, fit=step - 8)
    if draft.pages > 1:
        text = draft.words.label("page").format(page=sheet.page, pages=draft.pages)
        sheet.text(draft.right, sheet.height - 18, text, size=7, align="right", colour=GREY, role="page")


def _foot_columns(draft: Draft) -> list[list[list[Run]]]:
    vendor, invoice = draft.invoice.vendor, draft.invoice
    label = draft.words.label
    registration = [(label("registration") + " ", "label"), (vendor.registration, "registration")]
    columns = [[[(vendor.name, "vendorName")], [(one_line(vendor), "vendorAddress")]], [registration]]
    if draft.style.letterhead == "footer" or draft.style.payment == "footer":
        columns[1].append([(label("vat_id") + " ", "label"), (vendor.tax_id, "vendorTaxId")])
    if draft.style.letterhead == "footer":
        columns[0].append([(vendor.phone, "vendorPhone"), (" · ", ""), (vendor.email, "vendorEmail")])
    if draft.style.payment == "footer":
        key = "iban" if invoice.has_iban else "account"
        columns.append([[(invoice.bank, "bank")], [(label(key) + " ", "label"), (invoice.account, key)]])
    return columns
