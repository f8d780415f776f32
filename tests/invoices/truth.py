"""The true values of an invoice, as far as its pages show them."""

from __future__ import annotations

from typing import Any

from tests.invoices.content import Invoice, Line
from tests.invoices.locales import Wording, decimal_text

CELLS = ("description", "quantity", "unitPrice", "totalPrice", "taxRate")


def truth_of(invoice: Invoice, words: Wording, roles: set[str]) -> dict[str, Any]:
    """By wire name, as the manifests write it; a field without a word of its role is None: the pages lack it."""
    known = _parties(invoice) | {
        "invoiceNumber": invoice.number,
        "invoiceDate": invoice.date.isoformat(),
        "dueDate": invoice.due.isoformat(),
        "purchaseOrder": invoice.purchase_order,
        "iban": invoice.account.replace(" ", ""),
        "totalAmount": str(invoice.total),
        "discountAmount": str(invoice.discount),
        "paymentMethod": words.method,
    }
    truth = {name: value if name in roles else None for name, value in known.items()}
    truth["currency"] = invoice.currency
    truth["subtotalAmount"] = (
        str(invoice.net) if "subtotalAmount" in roles else [str(invoice.lines_sum), str(invoice.net)]
    )
    truth["taxAmount"] = str(invoice.tax)
    truth["taxRate"] = decimal_text(invoice.taxes[0].rate) if len(invoice.taxes) == 1 else None
    if "paymentTerms" in roles:  # where the due date stands in a sentence, who can say whether that is a term
        truth["paymentTerms"] = words.terms(invoice.days)
    truth["lineItems"] = [_line(line, i, roles) for i, line in enumerate(invoice.lines)]
    return truth


def _parties(invoice: Invoice) -> dict[str, str]:
    found = {}
    for side, party in (("vendor", invoice.vendor), ("customer", invoice.customer)):
        found |= {
            f"{side}Name": party.name,
            f"{side}Email": party.email,
            f"{side}Phone": party.phone,
            f"{side}TaxId": party.tax_id.replace(" ", ""),
            f"{side}Address": ", ".join(party.address.split("\n")),
        }
    return found


def _line(line: Line, index: int, roles: set[str]) -> dict[str, str]:
    values = {
        "description": line.description,
        "quantity": decimal_text(line.quantity),
        "unitPrice": str(line.unit_price),
        "totalPrice": str(line.total),
        "taxRate": decimal_text(line.tax_rate),
    }
    return {cell: values[cell] for cell in CELLS if f"lineItems.{index}.{cell}" in roles}
