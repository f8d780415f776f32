"""An invoice as UN/CEFACT Cross Industry Invoice D16B in the terms of EN 16931."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lxml.etree import _Element as Element

from tests.invoices.content import Invoice, Line, Party
from tests.invoices.locales import cents, decimal_text
from tests.invoices.xmltree import (
    FREIGHT,
    SEPA,
    TRANSFER,
    UNIT_CODES,
    Writer,
    discounts,
    tax_scheme,
    to_bytes,
    vat_number,
)

_STANDARD = "urn:un:unece:uncefact:data:standard"
el = Writer(
    {
        "rsm": f"{_STANDARD}:CrossIndustryInvoice:100",
        "ram": f"{_STANDARD}:ReusableAggregateBusinessInformationEntity:100",
        "udt": f"{_STANDARD}:UnqualifiedDataType:100",
    }
)


def cii_xml(invoice: Invoice, terms: str) -> bytes:
    """The invoice with `terms` as its payment terms."""
    profile = el("ram:GuidelineSpecifiedDocumentContextParameter", el("ram:ID", "urn:cen.eu:en16931:2017"))
    head = el(
        "rsm:ExchangedDocument",
        el("ram:ID", invoice.number),
        el("ram:TypeCode", "380"),
        _day("ram:IssueDateTime", invoice.date),
    )
    trade = el("rsm:SupplyChainTradeTransaction", *(_line(i, line) for i, line in enumerate(invoice.lines, 1)))
    trade.extend([_agreement(invoice), _delivery(invoice), _settlement(invoice, terms)])
    context = el("rsm:ExchangedDocumentContext", profile)
    return to_bytes(el("rsm:CrossIndustryInvoice", context, head, trade))


def _day(name: str, day: date) -> Element:
    return el(name, el("udt:DateTimeString", day.strftime("%Y%m%d"), format="102"))


def _line(index: int, line: Line) -> Element:
    product = el("ram:SpecifiedTradeProduct", el("ram:SellerAssignedID", line.sku), el("ram:Name", line.description))
    price = el("ram:NetPriceProductTradePrice", el("ram:ChargeAmount", str(line.unit_price)))
    billed = el("ram:BilledQuantity", decimal_text(line.quantity), unitCode=UNIT_CODES[line.unit])
    off = cents(line.quantity * line.unit_price) - line.total
    settlement = el(
        "ram:SpecifiedLineTradeSettlement",
        el("ram:ApplicableTradeTax", *_category(line.tax_rate)),
        _allowance(False, off, line.discount_percent) if off else None,
        el("ram:SpecifiedTradeSettlementLineMonetarySummation", el("ram:LineTotalAmount", str(line.total))),
    )
    return el(
        "ram:IncludedSupplyChainTradeLineItem",
        el("ram:AssociatedDocumentLineDocument", el("ram:LineID", str(index))),
        product,
        el("ram:SpecifiedLineTradeAgreement", price),
        el("ram:SpecifiedLineTradeDelivery", billed),
        settlement,
    )


def _category(rate: Decimal) -> list[Element]:
    """Type, category and rate of a tax, in the schema's order."""
    texts = {"TypeCode": "VAT", "CategoryCode": "S", "RateApplicablePercent": decimal_text(rate)}
    return [el(f"ram:{name}", text) for name, text in texts.items()]


def _allowance(
    is_charge: bool,
    amount: Decimal,
    percent: Decimal | None = None,
    base: Decimal | None = None,
    rate: Decimal | None = None,
) -> Element:
    return el(
        "ram:SpecifiedTradeAllowanceCharge",
        el("ram:ChargeIndicator", el("udt:Indicator", str(is_charge).lower())),
        el("ram:CalculationPercent", decimal_text(percent)) if percent else None,
        el("ram:BasisAmount", str(base)) if base else None,
        el("ram:ActualAmount", str(amount)),
        el("ram:ReasonCode", FREIGHT) if is_charge else None,
        el("ram:Reason", "Freight" if is_charge else "Discount"),
        el("ram:CategoryTradeTax", *_category(rate)) if rate is not None else None,
    )


def _party(name: str, party: Party) -> Element:
    phone = el("ram:TelephoneUniversalCommunication", el("ram:CompleteNumber", party.phone))
    mail = el("ram:EmailURIUniversalCommunication", el("ram:URIID", party.email))
    address = el(
        "ram:PostalTradeAddress",
        el("ram:PostcodeCode", party.postcode),
        el("ram:LineOne", party.street),
        el("ram:CityName", party.city),
        el("ram:CountryID", party.country),
    )
    return el(
        f"ram:{name}",
        el("ram:Name", party.name),
        el("ram:DefinedTradeContact", phone, mail),
        address,
        el("ram:SpecifiedTaxRegistration", el("ram:ID", vat_number(party), schemeID=tax_scheme(party))),
    )


def _agreement(invoice: Invoice) -> Element:
    return el(
        "ram:ApplicableHeaderTradeAgreement",
        _party("SellerTradeParty", invoice.vendor),
        _party("BuyerTradeParty", invoice.customer),
        el("ram:BuyerOrderReferencedDocument", el("ram:IssuerAssignedID", invoice.purchase_order)),
    )


def _delivery(invoice: Invoice) -> Element:
    event = el("ram:ActualDeliverySupplyChainEvent", _day("ram:OccurrenceDateTime", invoice.delivery_date))
    return el("ram:ApplicableHeaderTradeDelivery", event)


def _settlement(invoice: Invoice, terms: str) -> Element:
    rows = invoice.taxes
    charges = [_allowance(False, off, invoice.discount_percent, goods, rate) for rate, goods, off in discounts(invoice)]
    if invoice.shipping:
        charges.append(_allowance(True, invoice.shipping, rate=rows[0].rate))
    return el(
        "ram:ApplicableHeaderTradeSettlement",
        el("ram:PaymentReference", invoice.number),
        el("ram:InvoiceCurrencyCode", invoice.currency),
        _means(invoice),
        *(_tax_row(row.amount, row.base, row.rate) for row in rows),
        *charges,
        el("ram:SpecifiedTradePaymentTerms", el("ram:Description", terms), _day("ram:DueDateDateTime", invoice.due)),
        _totals(invoice),
    )


def _means(invoice: Invoice) -> Element:
    account = el("ram:IBANID" if invoice.has_iban else "ram:ProprietaryID", invoice.account.replace(" ", ""))
    institution = el("ram:PayeeSpecifiedCreditorFinancialInstitution", el("ram:BICID", invoice.bic))
    return el(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        el("ram:TypeCode", SEPA if invoice.has_iban else TRANSFER),
        el("ram:PayeePartyCreditorFinancialAccount", account),
        institution if invoice.has_iban else None,
    )


def _tax_row(amount: Decimal, base: Decimal, rate: Decimal) -> Element:
    kind, category, percent = _category(rate)
    calculated, basis = el("ram:CalculatedAmount", str(amount)), el("ram:BasisAmount", str(base))
    return el("ram:ApplicableTradeTax", calculated, kind, basis, category, percent)


def _totals(invoice: Invoice) -> Element:
    amounts = {
        "LineTotalAmount": invoice.lines_sum,
        "ChargeTotalAmount": invoice.shipping,
        "AllowanceTotalAmount": invoice.discount,
        "TaxBasisTotalAmount": invoice.net,
        "TaxTotalAmount": invoice.tax,
        "GrandTotalAmount": invoice.total,
        "TotalPrepaidAmount": invoice.prepaid,
        "DuePayableAmount": invoice.amount_due,
    }
    units = {"TaxTotalAmount": {"currencyID": invoice.currency}}
    nodes = [el(f"ram:{name}", str(cents(value)), **units.get(name, {})) for name, value in amounts.items()]
    return el("ram:SpecifiedTradeSettlementHeaderMonetarySummation", *nodes)
