"""From rows and columns to line items: every cell with its value, confidence and place on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.engine.layout import Span, span_of
from extraction.engine.result import Field, LineItem, Provenance
from extraction.engine.table.columns import Column
from extraction.engine.table.numbers import Number, has_letters, text_of
from extraction.engine.table.roles import Roles, is_base, lettered_base, multiplies, same_row
from extraction.engine.table.rows import Row, description_of, give_beginnings, setting_of
from extraction.engine.table.texts import TextColumn, Texts
from extraction.engine.table.vocabulary import is_included
from extraction.engine.textfold import tokens

# How often cells were right, by what speaks for them
PROVEN = 0.97  # quantity times unit price is the total
NAMED = 0.9  # a header names the column
PLACED = 0.6  # only its place speaks for it
DESCRIBED = 0.9
TIMES = {"x", "×", "*"}
FEW_COUNT = 4  # one in so many rows has a count
LONGEST_COUNT = 3  # digits of a count before a description


@dataclass(frozen=True)
class Cell:
    """A number found for a cell, and how sure it is."""

    number: Number
    confidence: float
    base: Decimal = Decimal(1)  # for so many units the price is printed

    @property
    def field(self) -> Field:
        span = self.number.span
        value = self.number.value if self.base == 1 else self.number.value / self.base
        return Field(value, self.confidence * span.confidence, _provenance(span))


def line_items(rows: Sequence[Row], roles: Roles, texts: Texts, room: float, em: float) -> list[LineItem]:
    """The line items of `rows` in their order; `room` is where the column right of the descriptions begins."""
    setting = setting_of(texts.goods_pieces, room, em) if texts.goods_pieces else None
    if setting:
        give_beginnings(rows, setting)
    described = [description_of(row, setting) if setting else [] for row in rows]
    leading = [_leading_number(pieces) for pieces in described]
    counted = roles.unit is None and roles.quantity is None and _counting(leading, bool(texts.headed))
    numbered = _counts_up(leading)
    items = []
    for row, pieces, number in zip(rows, described, leading, strict=True):
        times = roles.quantity is None and number is not None and _multiplied(pieces)
        lead = times or (number is not None and (counted or numbered))
        named = _without_words(pieces, 2 if times and _is_times(pieces[0].words[1].text) else 1) if lead else pieces
        item = _line_item(row, roles, texts, named)
        if item is not None and (times or (counted and not numbered)) and number is not None:
            item.cells["quantity"] = Field(number, PLACED * pieces[0].confidence, _provenance(pieces[0].part(0, 1)))
        items += [item] if item is not None else []
    return items


def _is_times(word: str) -> bool:
    return word.casefold() in TIMES


def _multiplied(pieces: Sequence[Span]) -> bool:
    """Whether the description begins by saying how many: "3 x Coffee", "3x Coffee"."""
    words = [word.text for word in pieces[0].words]
    return words[0][-1:].casefold() == "x" or (len(words) > 2 and _is_times(words[1]))


def _line_item(row: Row, roles: Roles, texts: Texts, described: Sequence[Span]) -> LineItem | None:
    """The line item of `row`, or None where nothing but an amount stands there."""
    cells = _amounts(row, roles)
    fields = {name: cell.field for name, cell in cells.items()}
    if described and any(has_letters(piece.text) for piece in described):
        fields["description"] = _text_field(described, DESCRIBED)
    elif "quantity" not in cells or "unit_price" not in cells:
        return None
    if described and "unit_price" not in cells and is_included(tokens(described[0].text)):
        return None
    fields |= _side_fields(row, texts.side)
    quantity = cells.get("quantity")
    if quantity is not None and quantity.number.unit and "unit" not in fields:
        fields["unit"] = replace(fields["quantity"], value=quantity.number.unit)
    return LineItem(fields)


def _leading_number(pieces: Sequence[Span]) -> Decimal | None:
    """The short whole number before the words of a description ("2 Surface Pens")."""
    words = pieces[0].words if pieces else ()
    leads = len(words) > 1 and words[0].text.rstrip(".x").isdecimal() and len(words[0].text) <= LONGEST_COUNT
    return Decimal(words[0].text.rstrip(".x")) if leads else None


def _counting(leading: Sequence[Decimal | None], headed: bool) -> bool:
    """Whether numbers before descriptions are counts: all rows have one; on slips of tills, which leave out a one, at
    least two and a quarter of the rows."""
    found = sum(bool(number) for number in leading)
    return found > 1 and (found == len(leading) or (not headed and found * FEW_COUNT >= len(leading)))


def _counts_up(leading: Sequence[Decimal | None]) -> bool:
    """Whether the rows are numbered 1, 2, 3 before their descriptions."""
    return len(leading) > 1 and all(number == i for i, number in enumerate(leading, start=1))


def _without_words(pieces: Sequence[Span], count: int) -> list[Span]:
    return [pieces[0].part(count, len(pieces[0].words)), *pieces[1:]]


def _amounts(row: Row, roles: Roles) -> dict[str, Cell]:
    total = row.anchor
    units, quantities = _in_row(roles.unit, row), _in_row(roles.quantity, row)
    pairs = [(q, u, base) for base in _bases(row, roles) for u in units for q in quantities]
    proof = next(((q, u, b) for q, u, b in pairs if multiplies(q.value, u.value / b, total.value)), None)
    found = {"total_price": Cell(total, PROVEN if proof else _sure(roles.total, "total_price", "gross_price"))}
    if proof:
        found["quantity"], found["unit_price"] = Cell(proof[0], PROVEN), Cell(proof[1], PROVEN, proof[2])
    else:
        if units and roles.unit is not None:
            found["unit_price"] = Cell(units[0], _sure(roles.unit, "unit_price"))
        if quantities and roles.quantity is not None:
            found["quantity"] = Cell(quantities[0], _sure(roles.quantity, "quantity"))
    for name, column in roles.others.items():
        numbers = _in_row(column, row)
        if numbers:
            found[name] = Cell(numbers[0], NAMED)
    return found


def _bases(row: Row, roles: Roles) -> list[Decimal]:
    """For how many units the price may be: one, else a number of the price's header or of a further column, or what a
    letter right behind the price says ("61.250 C")."""
    heads = [word for head in roles.unit.heads for word in tokens(head.span.text)] if roles.unit else []
    stated = [Decimal(word) for word in heads if word.isdecimal()]
    beside = [n.value for column in roles.rest for n in _in_row(column, row)[:1]]
    lettered = [base for n in _in_row(roles.unit, row) if (base := lettered_base(n)) is not None]
    return [Decimal(1), *(base for base in (*stated, *beside, *lettered) if is_base(base))]


def _sure(column: Column, *names: str) -> float:
    return NAMED if column.names & set(names) else PLACED


def _in_row(column: Column | None, row: Row) -> list[Number]:
    """The numbers of `column` in `row`: first the one on the line of the total, then those above and below it."""
    if column is None:
        return []
    first = same_row(column, row.anchor)
    others = [n for n in column.by_height.between(*row.band) if n is not first]
    found = ([first] if first is not None else []) + others
    return sorted(found, key=lambda n: not n.segment.text.startswith("="))  # "20.00 - 1.00 = 19.00"


def _side_fields(row: Row, side: Sequence[TextColumn]) -> dict[str, Field]:
    """Article number and unit from the columns of text named so."""
    found: dict[str, Field] = {}
    for column in side:
        name = next((n for n in ("sku", "unit") if n in column.names), None)
        span = row.anchor.span
        pieces = column.by_height.between(row.anchor.y - span.height / 2, row.anchor.y + span.height / 2)
        if name and pieces and name not in found:
            found[name] = _text_field(pieces[:1], NAMED)
    return found


def _text_field(pieces: Sequence[Span], confidence: float) -> Field:
    first = pieces[0]
    words = [word for piece in pieces for word in piece.words if piece.page == first.page]
    span = span_of(words, first.page, first.page_width, first.page_height, first.method)
    text = " ".join(text for piece in pieces if (text := text_of(piece)))
    return Field(text, confidence * span.confidence, replace(_provenance(span), text=text))


def _provenance(span: Span) -> Provenance:
    return Provenance(span.method, span.text, span.page, span.box)
