"""Cross Industry Invoice: UN/CEFACT CII D16B and later (Factur-X, ZUGFeRD 2, XRechnung), and ZUGFeRD 1.0.

Element names by EN 16931-3-3. ZUGFeRD 1.0 has the same tree with other names for its trunk and a few leaves, so each
path is given in both forms, CII first.
"""

from __future__ import annotations

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
    number,
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

_SUMMATIONS = (
    "SpecifiedTradeSettlementHeaderMonetarySummation",
    "SpecifiedTradeSettlementLineMonetarySummation",
    "SpecifiedTradeSettlementMonetarySummation",
)
_RATES = ("RateApplicablePercent", "ApplicablePercent")
_ORDER_IDS = ("BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID")
_NOT_SUMMED = {"GROUP", "INFORMATION"}  # BT-X-8: headings and sub-totals of the detail lines beside them


def read(root: Element) -> Reading:
    """All that a CrossIndustryInvoice or a ZUGFeRD 1.0 CrossIndustryDocument says."""
    head = child(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = child(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = child(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    settlement = child(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    allowances = (*_allowances(settlement), *_logistics(settlement))
    type_code = word(head, "TypeCode")
    return Reading(
        type_code=type_code,
        is_credit_note=type_code in CREDIT_NOTE_TYPES,
        fields={
            "invoice_number": text(head, "ID"),
            "invoice_date": day(head, "IssueDateTime"),
            "notes": prose(every(head, "IncludedNote/Content"), "\n"),
            "purchase_order": text(agreement, *_ORDER_IDS),
            **_party("vendor", child(agreement, "SellerTradeParty")),
            **_party("customer", child(agreement, "BuyerTradeParty")),
            **_payment(settlement),
            **_totals(settlement),
        },
        lines=tuple(_lines(trade)),
        tax_rows=tuple(_tax_row(row) for row in every(settlement, "ApplicableTradeTax")),
        allowances=allowances,
        sums=_sums(settlement),
    )


def _party(role: str, party: Element | None) -> dict[str, Field | None]:
    contact = "DefinedTradeContact"
    mail = "EmailURIUniversalCommunication"
    phone = "TelephoneUniversalCommunication"
    return {
        f"{role}_name": text(party, "Name", "SpecifiedLegalOrganization/TradingBusinessName", f"{contact}/PersonName"),
        f"{role}_email": text(party, f"{contact}/{mail}/URIID", f"{contact}/{mail}/CompleteNumber") or _mailbox(party),
        f"{role}_phone": text(party, f"{contact}/{phone}/CompleteNumber"),
        f"{role}_tax_id": _tax_id(party),
        f"{role}_address": _address(child(party, "PostalTradeAddress")),
    }


def _mailbox(party: Element | None) -> Field | None:
    """The electronic address (BT-34, BT-49) where it is an e-mail address."""
    addresses = every(party, "URIUniversalCommunication/URIID")
    return first(addresses, lambda one: as_field(written(one), one) if "@" in written(one) else None)


def _tax_id(party: Element | None) -> Field | None:
    """The VAT id (scheme VA), else the tax number (FC), else what stands there."""
    ids = [one for one in every(party, "SpecifiedTaxRegistration/ID") if written(one)]
    rank = {"VA": 0, "VAT": 0, "FC": 1}
    ids.sort(key=lambda one: rank.get((one.get("schemeID") or "").upper(), 2))
    return as_field(" ".join(written(ids[0]).split()), ids[0]) if ids else None


def _address(node: Element | None) -> Field | None:
    lines = [word(node, name) for name in ("LineOne", "LineTwo", "LineThree")]
    return address(node, lines, word(node, "PostcodeCode"), word(node, "CityName"))


def _payment(settlement: Element | None) -> dict[str, Field | None]:
    means = every(settlement, "SpecifiedTradeSettlementPaymentMeans")
    terms = every(settlement, "SpecifiedTradePaymentTerms")
    account = "PayeePartyCreditorFinancialAccount"
    return {
        "currency": currency(leaf(settlement, "InvoiceCurrencyCode"), word(settlement, "InvoiceCurrencyCode")),
        "payment_terms": prose([one for term in terms for one in every(term, "Description")], "\n"),
        "due_date": _due_date(terms),
        "payment_method": first(
            means, lambda one: payment_method(leaf(one, "TypeCode", "Information"), word(one, "Information"))
        ),
        "iban": first(means, lambda one: iban(leaf(one, f"{account}/IBANID"), declared=True))
        or first(means, lambda one: iban(leaf(one, f"{account}/ProprietaryID"), declared=False)),
        "bic": first(means, lambda one: text(one, "PayeeSpecifiedCreditorFinancialInstitution/BICID")),
    }


def _due_date(terms: list[Element]) -> Field | None:
    """The first net due date (BT-9): a term that grants a discount states the discount's last day instead."""
    net = [term for term in terms if child(term, "ApplicableTradePaymentDiscountTerms/CalculationPercent") is None]
    return first([*net, *terms], lambda term: day(term, "DueDateDateTime"))


def _totals(settlement: Element | None) -> dict[str, Field | None]:
    totals = child(settlement, *_SUMMATIONS)
    unit = word(settlement, "InvoiceCurrencyCode")

    def stated(name: str) -> Field | None:
        return first(in_currency(every(totals, name), unit), lambda one: as_field(number(written(one)), one))

    rows = every(settlement, "ApplicableTradeTax")
    return {
        "subtotal_amount": stated("TaxBasisTotalAmount"),
        "tax_amount": stated("TaxTotalAmount") or added(amount(row, "CalculatedAmount") for row in rows),
        "total_amount": stated("GrandTotalAmount"),
        "discount_amount": stated("AllowanceTotalAmount"),
        "amount_paid": stated("TotalPrepaidAmount"),
        "amount_due": stated("DuePayableAmount"),
    }


def _sums(settlement: Element | None) -> Sums:
    totals = child(settlement, *_SUMMATIONS)
    names = ("LineTotalAmount", "AllowanceTotalAmount", "ChargeTotalAmount", "RoundingAmount")
    return Sums(*(decimal(amount(totals, name)) for name in names))


def _tax_row(row: Element) -> TaxLine:
    rate, base, tax = amount(row, *_RATES), amount(row, "BasisAmount"), amount(row, "CalculatedAmount")
    return TaxLine(decimal(rate), decimal(base), decimal(tax))


def _allowances(settlement: Element | None, path: str = "SpecifiedTradeAllowanceCharge") -> list[Allowance]:
    found = []
    for node in every(settlement, path):
        is_charge = word(node, "ChargeIndicator/Indicator", "ChargeIndicator").lower() in ("true", "1")
        money = amount(node, "ActualAmount")
        if money:
            freight = is_charge and is_freight(word(node, "ReasonCode"), word(node, "Reason"))
            found.append(Allowance(is_charge, money, amount(node, "CalculationPercent"), freight))
    return found


def _logistics(settlement: Element | None) -> list[Allowance]:
    """Logistics services (BG-X-42) are freight by name."""
    services = every(settlement, "SpecifiedLogisticsServiceCharge")
    return [Allowance(True, money, freight=True) for one in services if (money := amount(one, "AppliedAmount"))]


def _lines(trade: Element | None) -> list[LineItem]:
    nodes = every(trade, "IncludedSupplyChainTradeLineItem")
    summed = [n for n in nodes if word(n, "AssociatedDocumentLineDocument/LineStatusReasonCode") not in _NOT_SUMMED]
    return [line for node in summed if (line := line_item(_cells(node)))]


def _cells(node: Element) -> dict[str, Field | None]:
    agreement = child(node, "SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
    settlement = child(node, "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
    delivery = child(node, "SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
    product = child(node, "SpecifiedTradeProduct")
    billed = leaf(delivery, "BilledQuantity")
    unit = None if billed is None else billed.get("unitCode")
    quantity, total = amount(delivery, "BilledQuantity"), amount(child(settlement, *_SUMMATIONS), "LineTotalAmount")
    allowances = _allowances(settlement)
    price, base = _net_price(agreement)
    discount, percent = discount_cells(allowances)
    return {
        "description": text(product, "Name", "Description") or _line_notes(node),
        "sku": text(product, "SellerAssignedID"),
        "quantity": quantity,
        "unit": None if billed is None else as_field(unit, billed, unit),
        "unit_price": per_unit(price, base, quantity, before_discounts(total, allowances)),
        "total_price": total,
        "tax_rate": amount(child(settlement, "ApplicableTradeTax"), *_RATES),
        "tax_amount": amount(child(settlement, "ApplicableTradeTax"), "CalculatedAmount"),
        "discount_amount": discount,
        "discount_percent": percent,
    }


def _line_notes(node: Element) -> Field | None:
    return prose(every(node, "AssociatedDocumentLineDocument/IncludedNote/Content"), "\n")


def _net_price(agreement: Element | None) -> tuple[Field | None, Field | None]:
    """The item's net price (BT-146), else its gross price (BT-148) less the discount on it (BT-147), and the quantity
    that it is for (BT-149)."""
    net = child(agreement, "NetPriceProductTradePrice")
    if price := amount(net, "ChargeAmount"):
        return price, amount(net, "BasisQuantity")
    gross = child(agreement, "GrossPriceProductTradePrice")
    price, discounts = amount(gross, "ChargeAmount"), _allowances(gross, "AppliedTradeAllowanceCharge")
    value = decimal(price)
    if value is not None and discounts:
        signed = [(decimal(one.amount) or 0) * (1 if one.is_charge else -1) for one in discounts]
        price = derived(value + sum(signed), price, *(one.amount for one in discounts))
    return price, amount(gross, "BasisQuantity")
