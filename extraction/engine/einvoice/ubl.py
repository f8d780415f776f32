"""UBL 2.0 to 2.4: Invoice and CreditNote and their self-billed forms (Peppol BIS 3, XRechnung, NLCIUS and others).

Element names by EN 16931-3-2, and those of UBL 2.0 that EN 16931 left behind.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree
from lxml.etree import _Element as Element

from extraction.engine.checks import Sums
from extraction.engine.einvoice.codes import CREDIT_NOTE_TYPES
from extraction.engine.einvoice.nodes import (
    amount,
    as_field,
    child,
    day,
    decimal,
    every,
    leaf,
    prose,
    text,
    word,
    written,
)
from extraction.engine.einvoice.reading import (
    Allowance,
    Reading,
    added,
    address,
    before_discounts,
    currency,
    derived,
    discount_cells,
    first,
    iban,
    in_currency,
    is_freight,
    line_item,
    payment_method,
    per_unit,
)
from extraction.engine.result import Field, LineItem, TaxLine

_TOTAL = "LegalMonetaryTotal"
_PERCENTS = ("Percent", "TaxCategory/Percent")
_ACCOUNT = "PayeeFinancialAccount"


def read(root: Element) -> Reading:
    """All that a UBL Invoice or CreditNote says."""
    type_code = word(root, "InvoiceTypeCode", "CreditNoteTypeCode")
    unit = _currency(root)
    taxes = _tax_totals(root, unit)
    totals = child(root, _TOTAL)
    lines_total = amount(totals, "LineExtensionAmount")
    allowances = tuple(_allowances(root, decimal(lines_total)))
    return Reading(
        type_code=type_code,
        is_credit_note="CreditNote" in etree.QName(root).localname or type_code in CREDIT_NOTE_TYPES,
        fields={
            "invoice_number": text(root, "ID"),
            "invoice_date": day(root, "IssueDate"),
            "notes": prose(every(root, "Note"), "\n"),
            "purchase_order": _purchase_order(root),
            **_party("vendor", child(root, "AccountingSupplierParty")),
            **_party("customer", child(root, "AccountingCustomerParty")),
            **_payment(root),
            **_totals(totals),
            "currency": unit,
            "tax_amount": added(amount(tax, "TaxAmount") for tax in taxes),
        },
        lines=tuple(_lines(root)),
        tax_rows=tuple(_tax_row(row) for tax in taxes for row in every(tax, "TaxSubtotal")),
        allowances=allowances,
        sums=_sums(totals),
    )


def _currency(root: Element) -> Field | None:
    """BT-5; UBL 2.0 may leave it to the amounts."""
    stated, payable = leaf(root, "DocumentCurrencyCode"), leaf(root, f"{_TOTAL}/PayableAmount")
    implied = "" if payable is None else payable.get("currencyID") or ""
    return currency(stated, written(stated)) or currency(payable, implied)


def _purchase_order(root: Element) -> Field | None:
    """BT-13; Peppol writes NA where there is only a sales order's number to give."""
    found = text(root, "OrderReference/ID")
    return None if found and found.value == "NA" and word(root, "OrderReference/SalesOrderID") else found


def _party(role: str, parent: Element | None) -> dict[str, Field | None]:
    party = child(parent, "Party")
    return {
        f"{role}_name": text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name") or _person(party),
        f"{role}_email": text(party, "Contact/ElectronicMail") or _mailbox(party),
        f"{role}_phone": text(party, "Contact/Telephone"),
        f"{role}_tax_id": _tax_id(party),
        f"{role}_address": _address(child(party, "PostalAddress")),
    }


def _person(party: Element | None) -> Field | None:
    parts = [leaf(party, f"Person/{name}") for name in ("FirstName", "MiddleName", "FamilyName")]
    return prose([part for part in parts if part is not None], " ")


def _mailbox(party: Element | None) -> Field | None:
    """The electronic address (BT-34, BT-49) where it is an e-mail address."""
    endpoint = leaf(party, "EndpointID")
    return as_field(written(endpoint), endpoint) if endpoint is not None and "@" in written(endpoint) else None


def _tax_id(party: Element | None) -> Field | None:
    """The VAT id, else another tax number."""
    schemes = [one for one in every(party, "PartyTaxScheme") if word(one, "CompanyID")]
    schemes.sort(key=lambda one: "VAT" not in word(one, "TaxScheme/ID", "TaxScheme/TaxTypeCode").upper())
    return text(schemes[0], "CompanyID") if schemes else None


def _address(node: Element | None) -> Field | None:
    street = f"{word(node, 'StreetName') or word(node, 'Postbox')} {word(node, 'BuildingNumber')}".strip()
    more = [" ".join(written(line).split()) for line in every(node, "AddressLine/Line")]
    lines = [street, word(node, "AdditionalStreetName"), *more]
    return address(node, lines, word(node, "PostalZone"), word(node, "CityName"))


def _payment(root: Element) -> dict[str, Field | None]:
    means = every(root, "PaymentMeans")
    branch = f"{_ACCOUNT}/FinancialInstitutionBranch"
    return {
        "due_date": day(root, "DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"),
        "payment_terms": prose(every(root, "PaymentTerms/Note"), "\n"),
        "payment_method": first(means, _payment_method),
        "iban": first(means, lambda one: _account(leaf(one, f"{_ACCOUNT}/ID"))),
        "bic": first(means, lambda one: _bic(leaf(one, f"{branch}/ID", f"{branch}/FinancialInstitution/ID"))),
    }


def _payment_method(means: Element) -> Field | None:
    code = leaf(means, "PaymentMeansCode")
    return None if code is None else payment_method(code, " ".join((code.get("name") or "").split()))


def _account(node: Element | None) -> Field | None:
    return iban(node, declared=node is not None and node.get("schemeID", "").upper() == "IBAN")


def _bic(node: Element | None) -> Field | None:
    """Only where it is a BIC: the element also holds national bank codes."""
    compact = "".join(written(node).split()).upper()
    is_bic = len(compact) in (8, 11) and compact.isalnum() and compact[:6].isalpha()
    return as_field(compact, node) if node is not None and is_bic else None


def _totals(totals: Element | None) -> dict[str, Field | None]:
    lines_total, paid = amount(totals, "LineExtensionAmount"), amount(totals, "PrepaidAmount")
    due, total = amount(totals, "PayableAmount"), amount(totals, "TaxInclusiveAmount")
    subtotal = amount(totals, "TaxExclusiveAmount")
    sums = _sums(totals)
    if not subtotal and lines_total and sums.line_total is not None:  # both totals are optional in UBL, not in EN 16931
        subtotal = derived(sums.line_total - (sums.allowances or 0) + (sums.charges or 0), lines_total)
    if not total and due:
        total = derived((decimal(due) or Decimal(0)) + (decimal(paid) or 0) - (sums.rounding or 0), due)
    return {
        "subtotal_amount": subtotal,
        "total_amount": total,
        "discount_amount": amount(totals, "AllowanceTotalAmount"),
        "amount_paid": paid,
        "amount_due": due,
    }


def _sums(totals: Element | None) -> Sums:
    names = ("LineExtensionAmount", "AllowanceTotalAmount", "ChargeTotalAmount", "PayableRoundingAmount")
    return Sums(*(decimal(amount(totals, name)) for name in names))


def _tax_totals(root: Element, unit: Field | None) -> list[Element]:
    """The tax totals in the invoice's currency (BT-110); one in the tax currency (BT-111) has no rows."""
    amounts = in_currency(every(root, "TaxTotal/TaxAmount"), str(unit.value) if unit else "")
    totals = [parent for one in amounts if (parent := one.getparent()) is not None]
    return [total for total in totals if child(total, "TaxSubtotal") is not None] or totals


def _tax_row(row: Element) -> TaxLine:
    rate, base, tax = amount(row, *reversed(_PERCENTS)), amount(row, "TaxableAmount"), amount(row, "TaxAmount")
    return TaxLine(decimal(rate), decimal(base), decimal(tax))


def _allowances(parent: Element, whole: Decimal | None) -> list[Allowance]:
    """Allowances and charges of the document or a line; `whole` is what a factor without a base applies to."""
    found = []
    for node in every(parent, "AllowanceCharge"):
        is_charge = word(node, "ChargeIndicator").lower() in ("true", "1")
        money = amount(node, "Amount")
        if money:
            base = decimal(amount(node, "BaseAmount"))
            percent = _percent(amount(node, "MultiplierFactorNumeric"), whole if base is None else base, decimal(money))
            reason = word(node, "AllowanceChargeReason")
            freight = is_charge and is_freight(word(node, "AllowanceChargeReasonCode"), reason)
            found.append(Allowance(is_charge, money, percent, freight))
    return found


def _percent(factor: Field | None, base: Decimal | None, money: Decimal | None) -> Field | None:
    """A percentage: EN 16931 writes 10 for ten percent, plain UBL 0.10. The amount tells which is meant."""
    value = decimal(factor)
    if factor is None or value is None or base is None or money is None:
        return factor
    is_fraction = abs(base * value - money) < abs(base * value / 100 - money)
    return derived(value * 100, factor) if is_fraction else factor


def _lines(root: Element) -> list[LineItem]:
    nodes = every(root, "InvoiceLine") or every(root, "CreditNoteLine")
    return [line for node in nodes if (line := line_item(_cells(node)))]


def _cells(node: Element) -> dict[str, Field | None]:
    billed = leaf(node, "InvoicedQuantity", "CreditedQuantity")
    unit = None if billed is None else billed.get("unitCode")
    quantity, total = amount(node, "InvoicedQuantity", "CreditedQuantity"), amount(node, "LineExtensionAmount")
    allowances = _allowances(node, decimal(total))
    price, base = amount(node, "Price/PriceAmount"), amount(node, "Price/BaseQuantity")
    discount, percent = discount_cells(allowances)
    item = child(node, "Item")
    return {
        "description": text(item, "Name", "Description") or prose(every(node, "Note"), "\n"),
        "sku": text(item, "SellersItemIdentification/ID"),
        "quantity": quantity,
        "unit": None if billed is None else as_field(unit, billed, unit),
        "unit_price": per_unit(price, base, quantity, before_discounts(total, allowances)),
        "total_price": total,
        "tax_rate": amount(item, "ClassifiedTaxCategory/Percent")
        or amount(child(node, "TaxTotal/TaxSubtotal"), *_PERCENTS),
        "tax_amount": added(amount(tax, "TaxAmount") for tax in every(node, "TaxTotal")),
        "discount_amount": discount,
        "discount_percent": percent,
    }
