"""An invoice as UBL 2.1 in the terms of EN 16931 (Peppol BIS Billing 3)."""

from __future__ import annotations

from decimal import Decimal

from lxml.etree import _Element as Element

from tests.invoices.content import Invoice, Line, Party
from tests.invoices.locales import cents, decimal_text
from tests.invoices.xmltree import FREIGHT, SEPA, TRANSFER, UNIT_CODES, Writer, discounts, to_bytes, vat_number

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd"
el = Writer(
    {
        None: f"{_SCHEMA}:Invoice-2",
        "cac": f"{_SCHEMA}:CommonAggregateComponents-2",
        "cbc": f"{_SCHEMA}:CommonBasicComponents-2",
    }
)


def ubl_xml(invoice: Invoice, terms: str) -> bytes:
    """The invoice with `terms` as its payment terms."""
    unit = invoice.currency
    texts = {
        "CustomizationID": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "ProfileID": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        "ID": invoice.number,
        "IssueDate": invoice.date.isoformat(),
        "DueDate": invoice.due.isoformat(),
        "InvoiceTypeCode": "380",
        "DocumentCurrencyCode": unit,
    }
    charges = [
        _allowance(unit, False, off, invoice.discount_percent, goods, rate) for rate, goods, off in discounts(invoice)
    ]
    if invoice.shipping:
        charges.append(_allowance(unit, True, invoice.shipping, rate=invoice.taxes[0].rate))
    root = el(
        "Invoice",
        *(el(f"cbc:{name}", text) for name, text in texts.items()),
        el("cac:OrderReference", el("cbc:ID", invoice.purchase_order)),
        el("cac:AccountingSupplierParty", _party(invoice.vendor)),
        el("cac:AccountingCustomerParty", _party(invoice.customer)),
        el("cac:Delivery", el("cbc:ActualDeliveryDate", invoice.delivery_date.isoformat())),
        _means(invoice),
        el("cac:PaymentTerms", el("cbc:Note", terms)),
        *charges,
        _tax_total(invoice),
        _totals(invoice),
        *(_line(unit, i, line) for i, line in enumerate(invoice.lines, 1)),
    )
    return to_bytes(root)


def _money(name: str, value: Decimal, unit: str) -> Element:
    return el(f"cbc:{name}", str(cents(value)), currencyID=unit)


def _scheme() -> Element:
    return el("cac:TaxScheme", el("cbc:ID", "VAT"))


def _category(name: str, rate: Decimal) -> Element:
    return el(f"cac:{name}", el("cbc:ID", "S"), el("cbc:Percent", decimal_text(rate)), _scheme())


def _party(party: Party) -> Element:
    address = el(
        "cac:PostalAddress",
        el("cbc:StreetName", party.street),
        el("cbc:CityName", party.city),
        el("cbc:PostalZone", party.postcode),
        el("cac:Country", el("cbc:IdentificationCode", party.country)),
    )
    return el(
        "cac:Party",
        el("cbc:EndpointID", party.email, schemeID="EM"),
        el("cac:PartyName", el("cbc:Name", party.name)),
        address,
        el("cac:PartyTaxScheme", el("cbc:CompanyID", vat_number(party)), _scheme()),
        el("cac:PartyLegalEntity", el("cbc:RegistrationName", party.name)),
        el("cac:Contact", el("cbc:Telephone", party.phone), el("cbc:ElectronicMail", party.email)),
    )


def _means(invoice: Invoice) -> Element:
    branch = el("cac:FinancialInstitutionBranch", el("cbc:ID", invoice.bic)) if invoice.has_iban else None
    return el(
        "cac:PaymentMeans",
        el("cbc:PaymentMeansCode", SEPA if invoice.has_iban else TRANSFER),
        el("cbc:PaymentID", invoice.number),
        el("cac:PayeeFinancialAccount", el("cbc:ID", invoice.account.replace(" ", "")), branch),
    )


def _allowance(
    unit: str,
    is_charge: bool,
    amount: Decimal,
    percent: Decimal | None = None,
    base: Decimal | None = None,
    rate: Decimal | None = None,
) -> Element:
    return el(
        "cac:AllowanceCharge",
        el("cbc:ChargeIndicator", str(is_charge).lower()),
        el("cbc:AllowanceChargeReasonCode", FREIGHT) if is_charge else None,
        el("cbc:AllowanceChargeReason", "Freight" if is_charge else "Discount"),
        el("cbc:MultiplierFactorNumeric", decimal_text(percent)) if percent else None,
        _money("Amount", amount, unit),
        _money("BaseAmount", base, unit) if base else None,
        _category("TaxCategory", rate) if rate is not None else None,
    )


def _tax_total(invoice: Invoice) -> Element:
    unit = invoice.currency
    rows = [
        el(
            "cac:TaxSubtotal",
            _money("TaxableAmount", row.base, unit),
            _money("TaxAmount", row.amount, unit),
            _category("TaxCategory", row.rate),
        )
        for row in invoice.taxes
    ]
    return el("cac:TaxTotal", _money("TaxAmount", invoice.tax, unit), *rows)


def _totals(invoice: Invoice) -> Element:
    amounts = {
        "LineExtensionAmount": invoice.lines_sum,
        "TaxExclusiveAmount": invoice.net,
        "TaxInclusiveAmount": invoice.total,
        "AllowanceTotalAmount": invoice.discount,
        "ChargeTotalAmount": invoice.shipping,
        "PrepaidAmount": invoice.prepaid,
        "PayableAmount": invoice.amount_due,
    }
    nodes = [_money(name, value, invoice.currency) for name, value in amounts.items()]
    return el("cac:LegalMonetaryTotal", *nodes)


def _line(unit: str, index: int, line: Line) -> Element:
    full = cents(line.quantity * line.unit_price)
    off = full - line.total
    return el(
        "cac:InvoiceLine",
        el("cbc:ID", str(index)),
        el("cbc:InvoicedQuantity", decimal_text(line.quantity), unitCode=UNIT_CODES[line.unit]),
        _money("LineExtensionAmount", line.total, unit),
        _allowance(unit, False, off, line.discount_percent, full) if off else None,
        el(
            "cac:Item",
            el("cbc:Name", line.description),
            el("cac:SellersItemIdentification", el("cbc:ID", line.sku)),
            _category("ClassifiedTaxCategory", line.tax_rate),
        ),
        el("cac:Price", _money("PriceAmount", line.unit_price, unit)),
    )
