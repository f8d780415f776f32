"""What each column of numbers is: decided for all columns at once, by arithmetic over the rows and by the headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from extraction.engine.table.columns import Column
from extraction.engine.table.numbers import Number

MOST_COLUMNS = 12  # columns of numbers that a table may have; of more the fullest count
LARGEST_BASE = 10_000  # units that a price may be for
LETTERS = {"C": Decimal(100), "M": Decimal(1000)}  # per hundred, per thousand
MOST_ROWS = 40  # rows looked at: more prove nothing new
SAME_ROW = 0.6  # of a number's height: how far the middles of two numbers of a row may be apart

# Votes for a reading: its headers, its arithmetic, its place. Only their order matters, and it is wide.
_NAMED = {
    "total_price": {"total_price": 3.0, "gross_price": 1.5, None: 0.0, "unit_price": -1.0},
    "unit_price": {"unit_price": 2.0, None: 0.0},
    "quantity": {"quantity": 2.0, None: 0.0, "unit": 0.5, "position": -1.0},  # "no." heads counts as well
}
_MISNAMED = -2.5
_PROVEN = 4.0  # all rows multiply out
_TRIVIAL = 1.5  # all do, with a factor of 1 or 0, which proves little
_BROKEN = -2.0
_FILLED = 1.0  # all rows have the cell
_MONEY = 0.6
_RIGHTMOST = 0.5
_UNORDERED = 1.0  # positions would count up
_BEHIND = 1.5  # unnamed numbers behind amounts are mostly tax codes
_LIKELY = 0.2  # counts are mostly whole, and stand left of prices: enough to tell two factors apart
_ADJUSTED = 2.5  # all do, with a discount or a tax between
_ADJUSTED_ONE = 1.0  # the same with a factor of 1
_ALONE = 1.0  # for unnamed numbers without the other factor: hours whose rate is not printed, no prices
_SLACK = Decimal("0.011")
_HALF = Decimal("0.5")
_ENOUGH = 2.5  # a reading with fewer votes is none


@dataclass(frozen=True)
class Roles:
    """The columns of the total, the unit price and the quantity; `proven` is the share of rows that multiply out."""

    total: Column
    unit: Column | None
    quantity: Column | None
    others: Mapping[str, Column]
    rest: tuple[Column, ...]  # what is neither of the three
    score: float
    proven: float


def multiplies(quantity: Decimal, unit: Decimal, total: Decimal) -> bool:
    """Whether quantity times unit price is the total, as far as the printed decimals can tell."""
    exponent = unit.as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    slack = Decimal("0.011") + abs(quantity) * Decimal(5).scaleb(-decimals - 1) * (decimals > 2)
    return abs(quantity * unit - total) <= slack


def is_base(value: Decimal) -> bool:
    """Whether a price may be for so many units."""
    return 1 < value <= LARGEST_BASE and value == value.to_integral()


def lettered_base(price: Number) -> Decimal | None:
    """For how many units a price is by the letter right behind it, as American wholesalers print it; None without."""
    place = next((i for i, word in enumerate(price.segment.words) if word is price.span.words[-1]), None)
    behind = price.segment.words[place + 1 :] if place is not None else ()
    return LETTERS.get(behind[0].text.strip("/")) if behind else None


def adjusted(quantity: Decimal, unit: Decimal, total: Decimal, others: Sequence[Number]) -> bool:
    """Whether the total is quantity times unit price less a discount, or with a tax, that stands on the line."""
    product = quantity * unit
    for number in others:
        value = number.value
        factor = value / 100
        steps = (product * (1 + factor), product * (1 - factor)) if abs(value) < 100 else ()
        amounts = () if number.amount.percent else (product + value, product - value)
        if value and any(abs(step - total) <= _SLACK for step in (*steps, *amounts)):
            return True
    return False


def assign_roles(columns: Sequence[Column], votes: float = 0.0) -> Roles | None:
    """The best reading of `columns`; None when headers, arithmetic and the given `votes` speak for none."""
    usable = [c for c in columns if not _counts_up(c)]
    if len(usable) > MOST_COLUMNS:
        best_filled = sorted(usable, key=lambda c: (not c.heads, -len(c.numbers)))[:MOST_COLUMNS]
        usable = [c for c in usable if c in best_filled]
    best: Roles | None = None
    for total in usable:
        if not _may_be_total(total):
            continue
        anchors = anchor_numbers(total)[:MOST_ROWS]
        rows = {id(c): [same_row(c, a) for a in anchors] for c in usable}
        for unit, quantity in product([None, *usable], repeat=2):
            if unit is total or quantity is total or (unit is not None and unit is quantity) or _has_price(quantity):
                continue
            roles = _weigh(total, unit, quantity, anchors, rows, usable)
            if best is None or roles.score > best.score:
                best = roles
    return best if best is not None and best.score + votes >= _ENOUGH else None


def anchor_numbers(total: Column) -> list[Number]:
    """The numbers of the column of totals, one for each row, top to bottom."""
    numbers = [n for n in total.by_height.items if not n.amount.percent]
    money = [n for n in numbers if n.amount.looks_like_money]
    return money if 3 * len(money) >= 2 * len(numbers) else numbers  # a bare number among sums is none


def same_row(column: Column, anchor: Number) -> Number | None:
    """The number of `column` that stands on the line of `anchor`, the nearest if there are several."""
    reach = SAME_ROW * anchor.span.height
    near = column.by_height.between(anchor.y - reach, anchor.y + reach)
    return min(near, key=lambda n: abs(n.y - anchor.y), default=None)


def _counts_up(column: Column) -> bool:
    """Whether the column numbers the rows: 1, 2, 3 or 10, 20, 30; under a header that says so from any number on."""
    values = [n.value for n in sorted(column.numbers, key=lambda n: n.y)]
    if "position" in column.names and not column.names & {"quantity", "total_price", "unit_price"}:
        return len(values) > 1 and {b - a for a, b in pairwise(values)} <= {0, 1, 10}
    step = values[0]
    counted = step in (1, 10) and all(v == step * (i + 1) for i, v in enumerate(values))
    return counted and len(values) > 2 and not column.names


def _increases(column: Column) -> bool:
    return all(a.value < b.value for a, b in pairwise(column.by_height.items))


def _has_price(column: Column | None) -> bool:
    """Whether a currency or per cent sign stands at most of its numbers: then it counts nothing."""
    if column is None:
        return False
    return 2 * sum(bool(n.amount.currency or n.amount.percent) for n in column.numbers) > len(column.numbers)


def _may_be_total(column: Column) -> bool:
    money = sum(n.amount.looks_like_money for n in column.numbers)
    named = column.names & {"total_price", "gross_price"}
    return not column.names & {"tax_rate", "discount_percent"} and (2 * money >= len(column.numbers) or bool(named))


def _weigh(
    total: Column,
    unit: Column | None,
    quantity: Column | None,
    anchors: Sequence[Number],
    rows: Mapping[int, Sequence[Number | None]],
    columns: Sequence[Column],
) -> Roles:
    score = _named(total, "total_price") + _RIGHTMOST * (total is columns[-1]) + _MONEY * _money(total)
    for role, column in (("unit_price", unit), ("quantity", quantity)):
        if column is not None:
            filled = sum(n is not None for n in rows[id(column)]) / max(len(anchors), 1)
            score += _named(column, role) + _FILLED * (filled - 0.5) * 2
            score -= _BEHIND * (not column.heads and column.x0 >= total.x1)
    if unit is not None and quantity is None and not unit.heads:
        score -= 2 * _ALONE * (_differ(anchors, rows[id(unit)]) - 0.5)
    if quantity is not None and unit is None and not quantity.heads:
        score += _ALONE * _imply_rates(anchors, rows[id(quantity)])
    if unit is not None:
        score += _MONEY * _money(unit) - (0.0 if unit.x1 < total.x1 else 0.5)
    if quantity is not None:
        score -= _MONEY * _money(quantity)
        score += _LIKELY * all(n.value == n.value.to_integral() for n in quantity.numbers)
        score += _LIKELY * (unit is not None and quantity.x1 <= unit.x0)
        score += _UNORDERED * ("position" in quantity.names and not _increases(quantity))
    proven = 0.0
    rest = [c for c in columns if c is not total and c is not unit and c is not quantity]
    if unit is not None and quantity is not None:
        votes, proven = _arithmetic(anchors, rows[id(unit)], rows[id(quantity)], [rows[id(c)] for c in rest])
        score += votes
    return Roles(total, unit, quantity, {}, tuple(rest), score, proven)


def _differ(totals: Sequence[Number], prices: Sequence[Number | None]) -> float:
    """The share of rows whose total is not the price beside it."""
    pairs = [(total.value, price.value) for total, price in zip(totals, prices, strict=True) if price is not None]
    return sum(total != price for total, price in pairs) / max(len(pairs), 1)


def _imply_rates(totals: Sequence[Number], counts: Sequence[Number | None]) -> bool:
    """Whether the totals for one are whole or half units of money, as rates are, in two rows or more with a count."""
    pairs = [(total.value, count.value) for total, count in zip(totals, counts, strict=True) if count is not None]
    return len(pairs) > 1 and all(count and count != 1 and total / count % _HALF == 0 for total, count in pairs)


def _named(column: Column, role: str) -> float:
    """What the headers say about `column` being `role`: the best of them counts."""
    names: set[str | None] = set(column.names) or {None}
    return max(_NAMED[role].get(name, _MISNAMED) for name in names)


def _money(column: Column) -> float:
    return sum(n.amount.looks_like_money for n in column.numbers) / len(column.numbers)


def _arithmetic(
    totals: Sequence[Number],
    units: Sequence[Number | None],
    quantities: Sequence[Number | None],
    rest: Sequence[Sequence[Number | None]],
) -> tuple[float, float]:
    """Votes for quantity x unit price = total, and the share of rows in which it holds."""
    votes, held, tried = 0.0, 0, 0
    for i, (total, unit, quantity) in enumerate(zip(totals, units, quantities, strict=True)):
        if unit is None or quantity is None:
            continue
        tried += 1
        others = [n for column in rest if (n := column[i]) is not None]
        vote = _vote(quantity.value, unit.value, total.value, others)
        base = lettered_base(unit)
        if base is not None:
            vote = max(vote, _vote(quantity.value, unit.value / base, total.value, others))
        held += vote > 0
        votes += vote
    return (votes / tried, held / tried) if tried else (0.0, 0.0)


def _vote(quantity: Decimal, unit: Decimal, total: Decimal, others: Sequence[Number]) -> float:
    if multiplies(quantity, unit, total):
        return _TRIVIAL if 1 in (quantity, unit) or total == 0 else _PROVEN
    per_several = any(is_base(n.value) and multiplies(quantity, unit / n.value, total) for n in others)
    if per_several or adjusted(quantity, unit, total, others):
        return _ADJUSTED_ONE if 1 in (quantity, unit) else _ADJUSTED
    return _BROKEN


def name_others(columns: Sequence[Column], roles: Roles) -> Iterator[tuple[str, Column]]:
    """The further cells that headers name: taxes and discounts, told apart by what stands under the header."""
    used = {id(roles.total), id(roles.unit), id(roles.quantity)}
    for column in columns:
        if id(column) in used:
            continue
        percent = all(n.amount.percent for n in column.numbers)
        for name in sorted(column.names & {"tax_rate", "tax_amount", "discount_percent", "discount_amount"}):
            yield _settle(name, percent, column), column


def _settle(name: str, percent: bool, column: Column) -> str:
    kind = name.partition("_")[0]
    rate, amount = ("tax_rate", "tax_amount") if kind == "tax" else ("discount_percent", "discount_amount")
    if percent:
        return rate
    if name == rate and all(n.amount.looks_like_money and n.amount.currency for n in column.numbers):
        return amount
    return name
