"""Exact amounts to the wire's integers: the one place that rounds."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

# ISO 4217 exponents that are not 2. CLDR (babel) is no source for them: it tells how people write amounts, IQD and LBP
# without decimals for instance, where ISO defines three and two.
_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _BY_EXPONENT.items() for code in codes.split()}
MAX_MINOR = 2**63 - 1
_exact = Context(prec=60)


def exponent(currency: str | None) -> int:
    """Decimal digits of the smallest unit of an ISO 4217 currency; 2 where the currency is not known."""
    return _EXPONENTS.get(currency or "", 2)


def to_minor(amount: Decimal, currency: str | None) -> int:
    """`amount` (major units) in the smallest unit of `currency`, half-even.

    Raises OverflowError where a signed 64-bit integer cannot hold it, or it is not a finite number.
    """
    digits = exponent(currency)
    if amount.is_finite() and amount.adjusted() + digits < len(str(MAX_MINOR)):
        minor = int(_exact.scaleb(amount, digits).to_integral_value(ROUND_HALF_EVEN))
        if abs(minor) <= MAX_MINOR:
            return minor
    raise OverflowError("the amount does not fit a signed 64-bit integer")
