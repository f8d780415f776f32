"""What makes two documents structurally different, seen in the drawn words alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tests.invoices.draw import Word

BLOCKS = (
    *("vendorName", "vendorAddress", "vendorTaxId", "customerName", "shipTo", "title", "invoiceNumber", "invoiceDate"),
    *("dueDate", "purchaseOrder", "subtotal", "taxAmount", "totalAmount", "amountDue", "paymentTerms", "iban"),
)
LABELLED = ("invoiceNumber", "invoiceDate", "totalAmount")


def shape(words: Sequence[Word]) -> str:
    """A digest of: the blocks from top to bottom with the third of the page they begin in, where the labels of three
    fields stand, and the columns of the lines from left to right."""
    first: dict[str, Word] = {}
    for word in words:
        first.setdefault(word.role, word)
    blocks = sorted(
        (first[role] for role in BLOCKS if role in first), key=lambda w: (w.page, round(w.box[1], 2), w.box[0])
    )
    parts = [f"{word.role}@{int(word.box[0] * 3)}" for word in blocks]
    parts += [f"{role}:{label_side(words, first[role])}" for role in LABELLED if role in first]
    return hashlib.sha1("|".join(parts + columns(first)).encode()).hexdigest()[:10]


def columns(first: dict[str, Word]) -> list[str]:
    """The cells of the first line in reading order, each with whether it opens a printed line."""
    cells = [word for role, word in first.items() if role.startswith("lineItems.0.")]
    cells.sort(key=lambda w: (round(w.box[1], 2), w.box[0]))
    tops = {round(word.box[1], 2) for word in cells}
    return [word.role.rpartition(".")[2] for word in cells] + [f"{len(tops)} lines"]


def label_side(words: Sequence[Word], value: Word) -> str:
    """Where the nearest label of a value stands: before it, above it or nowhere near."""
    x0, y0, _, y1 = value.box
    labels = [word.box for word in words if word.page == value.page and word.role == "label"]
    if any(box[2] <= x0 + 0.01 and min(y1, box[3]) - max(y0, box[1]) > 0.5 * (y1 - y0) for box in labels):
        return "before"
    above = [box for box in labels if 0 <= y0 - box[3] + 0.004 < 0.02 and box[0] < value.box[2] and box[2] > x0]
    return "above" if above else "none"
