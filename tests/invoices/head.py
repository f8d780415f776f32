"""The upper part: letterhead, title, the customer's window and the facts about the invoice."""

from __future__ import annotations

from tests.invoices.content import Party
from tests.invoices.draw import BLACK, GREY, WHITE, Rgb
from tests.invoices.style import Draft

Fact = tuple[str, str, str]  # label, value, role


def one_line(party: Party) -> str:
    return ", ".join(party.address.split("\n"))


def letterhead(draft: Draft) -> float:
    """Who writes, at the top. Returns the baseline that follows."""
    kind, top = draft.style.letterhead, draft.top
    if kind == "footer":
        return top + 14
    if kind == "band":
        return _band(draft)
    align, x = {"right": ("right", draft.right), "centre": ("center", draft.sheet.width / 2)}.get(
        kind, ("left", draft.left)
    )
    if kind == "left":
        draft.sheet.disc(draft.left + 9, top - 1, 9, draft.style.accent)
        x += 26
    vendor = draft.invoice.vendor
    room = draft.width * (0.52 if kind in ("left", "split") else 1) - 26
    draft.sheet.text(
        x, top + 5, vendor.name, size=16, bold=True, align=align, colour=draft.style.accent, role="vendorName", fit=room
    )
    if kind == "split":
        return max(_contacts(draft, draft.right, top, "right", GREY), top + 24)
    return _contacts(draft, x, top + 20, align, GREY)


def _band(draft: Draft) -> float:
    """A coloured band over the whole width."""
    height = 78.0
    draft.sheet.fill(0, 0, draft.sheet.width, height, draft.style.accent)
    name = draft.invoice.vendor.name
    draft.sheet.text(draft.left, 46, name, size=17, bold=True, colour=WHITE, role="vendorName", fit=draft.width * 0.55)
    _contacts(draft, draft.right, 24, "right", WHITE)
    return height + 26


def _contacts(draft: Draft, x: float, y: float, align: str, colour: Rgb) -> float:
    """Address, phone and tax id as a stack of small lines."""
    vendor = draft.invoice.vendor
    rows = [[(vendor.address.replace("\n", ", "), "vendorAddress")]]
    if draft.style.letterhead in ("split", "band"):
        rows = [[(line, "vendorAddress")] for line in vendor.address.split("\n")]
    rows.append([(draft.label("phone") + " ", "label"), (vendor.phone, "vendorPhone")])
    if draft.style.fax and draft.style.letterhead != "band":
        rows.append([(draft.label("fax") + " ", "label"), (draft.invoice.vendor.fax, "fax")])
    rows.append([(draft.label("email") + " ", "label"), (vendor.email, "vendorEmail")])
    if draft.style.payment != "footer":
        rows.append([(draft.label("vat_id") + " ", "label"), (vendor.tax_id, "vendorTaxId")])
    if draft.style.letterhead == "band":
        rows = rows[:4] if len(rows) > 5 else rows
    for row in rows:
        draft.small(x, y, row, align=align, colour=colour)
        y += (draft.style.size - 1.5) * 1.35
    return y


def title(draft: Draft, y: float) -> float:
    """What the paper is. Returns the baseline that follows."""
    runs = [(draft.words.label("title"), "title")]
    if draft.style.title_number:
        runs += [(" ", ""), (draft.invoice.number, "invoiceNumber")]
    if draft.style.title == "top":
        draft.sheet.text(draft.right, draft.top + 6, runs, size=20, align="right", colour=BLACK, fit=draft.width * 0.42)
        return y
    draft.sheet.text(draft.left, y + 10, runs, size=16, bold=True)
    return y + 30


def facts(draft: Draft) -> list[Fact]:
    """Label, value and role of what the style shows about the invoice."""
    invoice, words = draft.invoice, draft.words
    known = {
        "number": ("number", invoice.number, "invoiceNumber"),
        "date": ("date", words.date(invoice.date), "invoiceDate"),
        "due": ("due", words.date(invoice.due), "dueDate"),
        "purchase_order": ("purchase_order", invoice.purchase_order, "purchaseOrder"),
        "customer_number": ("customer_number", invoice.customer_number, "customerNumber"),
        "order_date": ("order_date", words.date(invoice.order_date), "orderDate"),
        "delivery_date": ("delivery_date", words.date(invoice.delivery_date), "deliveryDate"),
        "customer_vat": ("customer_vat", invoice.customer.tax_id, "customerTaxId"),
    }
    shown = [known[item] for item in draft.style.meta_items]
    if draft.style.title_number:
        shown = [fact for fact in shown if fact[0] != "number"]
    return [(draft.words.label(key), value, role) for key, value, role in shown]


def address_band(draft: Draft, y: float) -> float:
    """Customer and facts, side by side or one above the other. Returns the baseline that follows."""
    half = draft.width * 0.5
    near, far = draft.left, draft.left + half + 12
    customer_x, facts_x = (near, far) if draft.style.customer_side == "left" else (far, near)
    after = _customer(draft, customer_x, y, half - 24)
    beside = draft.style.meta in ("beside", "aligned", "above", "grid")
    if beside:
        after = max(after, _facts_beside(draft, facts_x, y, half - 12))
    elif draft.style.vendor_block or draft.style.ship_to:
        key, party, roles = _second_party(draft)
        after = max(after, _party(draft, facts_x, y, half - 24, key, party, roles))
    y = after + 16
    if draft.style.meta == "strip":
        y = _strip(draft, y)
    elif draft.style.meta == "sentence":
        y = _sentence(draft, y)
    return y


def _second_party(draft: Draft) -> tuple[str, Party, tuple[str, str]]:
    if draft.style.vendor_block:
        return "vendor", draft.invoice.vendor, ("vendorName", "vendorAddress")
    return "ship_to", draft.invoice.ship_to, ("shipTo", "shipTo")


def _customer(draft: Draft, x: float, y: float, room: float) -> float:
    if draft.style.sender_line:
        vendor = draft.invoice.vendor
        runs = [(vendor.name, "vendorName"), (" · ", ""), (one_line(vendor), "vendorAddress")]
        draft.sheet.text(x, y, runs, size=6.5, colour=GREY, fit=room)
        draft.sheet.rule(x, y + 3, x + room, y + 3, 0.3, GREY)
        y += 16
    key = "bill_to" if draft.style.customer_label else ""
    return _party(draft, x, y, room, key, draft.invoice.customer, ("customerName", "customerAddress"))


def _party(draft: Draft, x: float, y: float, room: float, key: str, party: Party, roles: tuple[str, str]) -> float:
    if key:
        draft.small(x, y, [(draft.label(key), "label")])
        y += draft.leading
    draft.sheet.text(x, y, party.name, role=roles[0], bold=bool(key), fit=room)
    for line in party.address.split("\n"):
        y += draft.leading
        draft.sheet.text(x, y, line, role=roles[1], fit=room)
    if draft.style.customer_contact and roles[0] == "customerName":
        y += draft.leading
        draft.sheet.text(x, y, party.email, role="customerEmail", fit=room)
    return y + draft.leading


def _facts_beside(draft: Draft, x: float, y: float, room: float) -> float:
    shown = facts(draft)
    if draft.style.meta == "above":
        return _facts_above(draft, x, y, room, shown)
    sheet, size = draft.sheet, draft.style.size
    colon = "" if draft.style.meta == "grid" else draft.style.colon
    wide = max(sheet.measure(label + colon) for label, _, _ in shown) + 12
    step = draft.leading * (1.3 if draft.style.meta == "grid" else 1.12)
    right = x + room
    for label, value, role in shown:
        if draft.style.meta == "grid":
            sheet.frame(x, y - size - 2, right, y - size - 2 + step, 0.4, GREY)
        mark = colon if label[-1].isalnum() or label[-1] == "." else ""
        sheet.text(x + 4, y, label + mark, role="label", colour=GREY, fit=room * 0.55)
        if draft.style.meta == "aligned":
            sheet.text(right, y, value, role=role, align="right", bold=role == "invoiceNumber", fit=room * 0.42)
        else:
            at = x + min(wide, room * 0.56) + 4
            sheet.text(at, y, value, role=role, bold=role == "invoiceNumber", fit=right - at - 2)
        y += step
    return y


def _facts_above(draft: Draft, x: float, y: float, room: float, shown: list[Fact]) -> float:
    """Two columns, each label above its value."""
    for i, (label, value, role) in enumerate(shown):
        at = x + (room / 2 if i % 2 else 0)
        draft.small(at, y, label, role="label", fit=room / 2 - 8)
        draft.sheet.text(at, y + draft.leading, value, role=role, bold=True, fit=room / 2 - 8)
        if i % 2 or i == len(shown) - 1:
            y += draft.leading * 2.4
    return y


def _strip(draft: Draft, y: float) -> float:
    """A table over the whole width: labels in the first row, values in the second."""
    shown = facts(draft)
    step, size = draft.width / len(shown), draft.style.size
    top, height = y - size - 2, draft.leading * 2 + 8
    draft.sheet.frame(draft.left, top, draft.right, top + height, 0.5, GREY)
    for i, (label, value, role) in enumerate(shown):
        x = draft.left + i * step
        if i:
            draft.sheet.rule(x, top, x, top + height, 0.5, GREY)
        draft.small(x + 5, y, label, role="label", fit=step - 10)
        draft.sheet.text(x + 5, y + draft.leading, value, role=role, fit=step - 10)
    return top + height + size + 12


def _sentence(draft: Draft, y: float) -> float:
    """Number and date in a heading, the rest as labels with values behind."""
    parts = {
        "number": (draft.invoice.number, "invoiceNumber"),
        "date": (draft.words.date(draft.invoice.date), "invoiceDate"),
    }
    draft.sheet.text(
        draft.left, y, filled(draft.words.sentences["meta"], parts), bold=True, size=draft.style.size + 1.5
    )
    y += draft.leading * 1.5
    for label, value, role in facts(draft):
        if role not in ("invoiceNumber", "invoiceDate"):
            mark = draft.style.colon if label[-1].isalnum() else ""
            draft.sheet.text(draft.left, y, [(f"{label}{mark} ", "label"), (value, role)])
            y += draft.leading
    return y + 4


def filled(sentence: str, parts: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """A sentence with {names} as runs, the values with their roles."""
    runs: list[tuple[str, str]] = []
    for piece in sentence.replace("{", "\0{").replace("}", "}\0").split("\0"):
        runs.append(parts[piece[1:-1]] if piece.startswith("{") else (piece, "sentence"))
    return [run for run in runs if run[0]]
