"""Columns that hold two cells of each row over one another: hours over their rate, a count over its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from extraction.engine.table.columns import Column
from extraction.engine.table.numbers import Number
from extraction.engine.table.roles import anchor_numbers, multiplies, same_row

REACH = 3.0  # of a number's height: how far under a row's line its second cell may be


def part_stacked(columns: Sequence[Column]) -> list[Column]:
    """`columns`, those parted that hold two cells of each row over one another whose product is the number beside the
    upper one: "0.80" over "385.00/hr" beside 308.00."""
    parted: list[Column] = []
    anchors_of = {id(column): anchor_numbers(column) for column in columns}
    for column in columns:
        beside = (anchors_of[id(other)] for other in columns if other is not column and other.x1 > column.x1)
        pairs = max((_stacked(column, anchors) for anchors in beside), key=len, default=[])
        parted += _halves(column, pairs) if len(pairs) > 1 and 3 * len(pairs) >= len(column.numbers) else [column]
    return parted


def _stacked(column: Column, anchors: Sequence[Number]) -> list[tuple[Number, Number]]:
    """The pairs of `column`, upper and lower, that multiply to the `anchors`; none where another pair does not."""
    pairs = []
    for anchor, following in zip_longest(anchors, anchors[1:]):
        upper = same_row(column, anchor)
        end = following.y - following.span.height / 2 if following else float("inf")
        reach = min(end, anchor.y + REACH * anchor.span.height)
        under = column.by_height.between(upper.y + upper.span.height / 2, reach) if upper else []
        if upper is None or not under:
            continue
        if not multiplies(upper.value, under[0].value, anchor.value):
            return []
        pairs.append((upper, under[0]))
    return pairs


def _halves(column: Column, pairs: Sequence[tuple[Number, Number]]) -> list[Column]:
    lowered = {id(lower): lower.y - upper.y for upper, lower in pairs}
    heads = sorted(column.heads, key=lambda head: (head.span.y0, head.span.x0, head.name != "quantity"))
    upper = [n for n in column.numbers if id(n) not in lowered]
    lower = [replace(n, below=lowered[id(n)]) for n in column.numbers if id(n) in lowered]
    return [Column(upper, heads[:1]), Column(lower, heads[1:])]
