"""Code lists of EN 16931, as far as a field needs them."""

from __future__ import annotations

# UNTDID 1001, the codes that EN 16931 reads as a credit note
CREDIT_NOTE_TYPES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})
CORRECTED_INVOICE = "384"

# UNTDID 4461, English names. Left out: 1 (not defined) and ZZZ (mutually defined), which name no method.
PAYMENT_MEANS = {
    "2": "Automated clearing house credit",
    "3": "Automated clearing house debit",
    "9": "Bank giro",
    "10": "Cash",
    "15": "Bookentry credit",
    "16": "Bookentry debit",
    "20": "Cheque",
    "21": "Banker's draft",
    "23": "Bank cheque",
    "24": "Bill of exchange awaiting acceptance",
    "25": "Certified cheque",
    "26": "Local cheque",
    "30": "Credit transfer",
    "31": "Debit transfer",
    "42": "Payment to bank account",
    "44": "Accepted bill of exchange",
    "45": "Referenced home-banking credit transfer",
    "46": "Interbank debit transfer",
    "47": "Home-banking debit transfer",
    "48": "Bank card",
    "49": "Direct debit",
    "50": "Payment by postgiro",
    "54": "Credit card",
    "55": "Debit card",
    "56": "Bankgiro",
    "57": "Standing agreement",
    "58": "SEPA credit transfer",
    "59": "SEPA direct debit",
    "60": "Promissory note",
    "68": "Online payment service",
    "70": "Bill drawn by the creditor on the debtor",
    "93": "Reference giro",
    "94": "Urgent giro",
    "97": "Clearing between partners",
}

# UNTDID 7161: delivery, freight service, shipping and handling, transportation (by a third party, by the vendor)
FREIGHT_CODES = frozenset({"DL", "FC", "SAA", "TT", "TV"})
# Beginnings of words that say the same in a charge's reason, where no code does
FREIGHT_WORDS = (
    "freight", "shipping", "shipment", "delivery", "carriage", "postage", "transport",
    "versand", "fracht", "porto", "liefer", "zustell", "spedition",
    "livraison", "expédition", "envoi", "frais de port",
    "verzend", "vracht", "bezorg", "levering",
    "envío", "envio", "portes", "flete", "spedizione", "trasporto", "consegna",
    "frakt", "leverans", "wysyłk", "przesył", "dostaw",
)  # fmt: skip
