"""The order of the parts on the page."""

from __future__ import annotations

from tests.invoices.content import Invoice
from tests.invoices.draw import Sheet
from tests.invoices.foot import draw_closing, draw_payment, draw_totals, page_foot
from tests.invoices.head import address_band, letterhead, title
from tests.invoices.locales import Wording
from tests.invoices.style import Draft, Style
from tests.invoices.table import draw_table


def compose(invoice: Invoice, words: Wording, style: Style) -> Sheet:
    """Draw it; twice where it takes several pages, because each says how many there are."""
    draft = _compose(invoice, words, style, 1)
    return draft.sheet if draft.sheet.page == 1 else _compose(invoice, words, style, draft.sheet.page).sheet


def _compose(invoice: Invoice, words: Wording, style: Style, pages: int) -> Draft:
    name = f"{words.label('title')} {invoice.number}"
    draft = Draft(invoice, words, style, Sheet(words.place["page"], style.family, style.size, name), pages)
    y = letterhead(draft) + 22
    if style.title != "table":
        y = title(draft, y)
    y = address_band(draft, y + 8)
    if style.title == "table":
        y = title(draft, y + 4)
    if style.intro:
        y = draft.sheet.paragraph(draft.left, y, draft.width, words.sentences["intro"]) + 6
    y = draw_table(draft, y + 6)
    y = draw_totals(draft, y + 4)
    y = draw_payment(draft, y)
    draw_closing(draft, y + 4)
    page_foot(draft)
    return draft
