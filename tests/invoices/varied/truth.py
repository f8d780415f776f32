"""The true values of a document, as far as its pages show them; keys and conventions are those of the manifests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.invoices.locales import decimal_text
from tests.invoices.varied.paper import Item, Paper, rounded
from tests.invoices.varied.words import Words

UNJUDGED = ("vendorName", "paymentTerms", "paymentMethod")  # where not printed as such, a sentence may imply them
CELLS = ("description", "quantity", "unitPrice", "totalPrice", "taxRate")


def truth_of(paper: Paper, words: Words, roles: set[str]) -> dict[str, Any]:
    """By wire name. None is what the document lacks; what cannot be judged (a name only in a picture, a sum that the
    page leaves open) is left out. A list holds values of which any is right."""
    said = {name: value if name in roles else None for name, value in _plain(paper, words).items()}
    truth = {name: value for name, value in said.items() if value is not None or name not in UNJUDGED}
    if "vendorTrading" in roles and "vendorName" in roles:
        truth["vendorName"] = [paper.vendor.name, str(paper.facts["store"])]
    if paper.kind == "receipt":
        truth.pop("paymentMethod", None)
    truth["currency"] = paper.currency
    truth["totalAmount"] = _money(paper, paper.total)
    truth |= _net(paper, roles) | _tax(paper, roles)
    truth["lineItems"] = [_line(paper, item, i, roles) for i, item in enumerate(paper.items)]
    return truth


def _money(paper: Paper, value: Decimal) -> str:
    return str(rounded(value, words_places(paper)))


def words_places(paper: Paper) -> int:
    """Decimals that the paper's amounts have."""
    return 0 if paper.currency == "JPY" else 2


def _plain(paper: Paper, words: Words) -> dict[str, Any]:
    """Values that are there or not."""
    found: dict[str, Any] = {
        "invoiceNumber": paper.number,
        "invoiceDate": paper.date.isoformat(),
        "dueDate": paper.due.isoformat(),
        "purchaseOrder": paper.purchase_order,
        "iban": paper.account.replace(" ", ""),
        "paymentMethod": words.method(),
        "paymentTerms": words.terms(paper.days),
        "discountAmount": _money(paper, abs(paper.discount)),
    }
    for side, party in (("vendor", paper.vendor), ("customer", paper.customer)):
        found |= {
            f"{side}Name": party.name,
            f"{side}Email": party.email,
            f"{side}Phone": party.phone,
            f"{side}TaxId": party.tax_id.replace(" ", ""),
            f"{side}Address": ", ".join(party.address),
        }
    return found


def _net(paper: Paper, roles: set[str]) -> dict[str, Any]:
    """The net sum. Where only the lines' sum is printed either is right; with gross prices nobody can say."""
    net, lines = _money(paper, paper.net), _money(paper, paper.lines_sum)
    if "subtotalAmount" in roles:
        return {"subtotalAmount": [net, lines] if paper.gross and "linesSum" in roles else net}
    if "subtotal" in roles:
        return {"subtotalAmount": net if net == lines else [net, lines]}
    return {}


def _tax(paper: Paper, roles: set[str]) -> dict[str, Any]:
    """Tax and rate; left out where none is printed."""
    shown = "taxAmount" in roles or any(role.startswith("taxes.") for role in roles)
    found: dict[str, Any] = {"taxAmount": _money(paper, paper.tax)} if shown else {}
    rates = {band.rate for band in paper.bands}
    if len(rates) > 1:
        return found | {"taxRate": None}
    band = paper.bands[0]
    if "taxRate" not in roles:
        return found
    texts = [decimal_text(band.rate), *{decimal_text(rate) for _, rate, _ in band.parts if rate != band.rate}]
    return found | {"taxRate": texts if len(texts) > 1 else texts[0]}


def _line(paper: Paper, item: Item, index: int, roles: set[str]) -> dict[str, str]:
    values = {
        "description": item.description,
        "quantity": decimal_text(item.quantity),
        "unitPrice": str(item.price),
        "totalPrice": _money(paper, item.total),
        "taxRate": decimal_text(item.rate),
    }
    return {cell: values[cell] for cell in CELLS if f"lineItems.{index}.{cell}" in roles}
