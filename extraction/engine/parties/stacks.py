"""Stacks of lines under a party label or by themselves: the raw material of parties.

A block of the layout is cut where a label begins, and where the distance of its lines jumps; a label that stands
alone takes what is right of it, or else what is below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extraction.engine.layout import PageLayout, Span
from extraction.engine.parties.lexicon import Opening, opening, phrase_pattern
from extraction.engine.textfold import fold_chars, tokens

_INDICIA = re.compile(r"P\.?\s?P\.?,?\s+(?:[A-Z]{1,2}-)?\d")
ROLES = ("vendor", "payee", "customer", "ship_to", "ship_from", "bank", "carrier")

STEP_JUMP = 1.5  # a line step this many times the block's own ends a stack
RIGHT_GAP_EM = 8.0  # so far right of a lone label its value may begin
BELOW_GAP_EM = 2.6  # so far below a lone label its stack may begin
MAX_STACKS = 200  # a dense page has 60
MAX_LABELS = 40
MIN_STOPPED = 6  # letters of a word that a full stop closes ("Beneficiary. Acme Ltd") and does not shorten
INDENT_EM = 3.0  # so far a stack may be indented under its label


@dataclass
class Stack:
    """Lines of one block, top to bottom; `roles` are what its label says it is (none, or several: "client")."""

    page: PageLayout
    segments: list[Span]
    roles: tuple[str, ...] = ()
    label: str | None = None
    label_span: Span | None = None

    @property
    def first(self) -> Span:
        """Its label, or its first line."""
        return self.label_span or self.segments[0]

    @property
    def top(self) -> Span:
        return self.segments[0]

    @property
    def bottom(self) -> Span:
        return self.segments[-1]


def find_stacks(page: PageLayout) -> list[Stack]:
    """The page's stacks in reading order, with their labels."""
    stacks = [stack for block in page.blocks for run in _runs(block.segments) for stack in _cut(page, run)]
    stacks.sort(key=lambda s: (s.first.y0, s.first.x0))
    stacks = stacks[:MAX_STACKS] + stacks[MAX_STACKS:][-MAX_STACKS // 4 :]  # the top and the foot of a crowded page
    for lone in [s for s in stacks if not s.segments][:MAX_LABELS]:
        _give_label(lone, stacks)
    return [s for s in stacks if s.segments]


def _runs(segments: Sequence[Span]) -> Iterator[list[Span]]:
    """The segments of a block, parted where the step from line to line jumps."""
    steps = [below.y1 - above.y1 for above, below in pairwise(segments)]
    usual = median(steps) if len(steps) >= 3 else (min(steps) if len(steps) == 2 else float("inf"))
    run = [segments[0]]
    for step, segment in zip(steps, segments[1:], strict=True):
        if step > STEP_JUMP * usual:
            yield run
            run = []
        run.append(segment)
    yield run


def _cut(page: PageLayout, run: Sequence[Span]) -> Iterator[Stack]:
    """Stacks of a run: each party label begins one. A lone label comes out as a stack without segments."""
    current = Stack(page, [])
    for segment in run:
        found = role_label(segment.text)
        if found is None and (_is_other_label(segment.text) or _is_indicia(segment.text)):
            if current.segments or current.roles:
                yield current
            current = Stack(page, [])
            continue
        if found is None:
            current.segments.append(segment)
            continue
        if current.segments or current.roles:
            yield current
        roles, start = found
        current = Stack(page, [], roles, segment.text[: start.end].strip(), segment)
        if not start.alone:
            current.segments.append(segment.part(segment.text.count(" ", 0, start.end), len(segment.words)))
    if current.segments or current.roles:
        yield current


def _is_indicia(text: str) -> bool:
    """The mark of prepaid postage over an address: "P.P. 8021 Zürich", "PB-PP B-1030"."""
    return bool(_INDICIA.match(text) or phrase_pattern("postage_paid").search(fold_chars(text)))


def _is_other_label(text: str) -> bool:
    """A label alone ("Address:", "Invoice #:"): its value stands elsewhere, and what is above ends here."""
    start = opening(text, "parties", "fields", "other")
    return start is not None and start.alone and start.colon and not set(start.names) & {"salutation", "attention"}


def role_label(text: str) -> tuple[tuple[str, ...], Opening] | None:
    """The roles that a party label at the beginning of `text` names: alone, before a colon, or of several words."""
    start = opening(text, "parties", "fields", "other", "columns")
    if start is None:
        return _closing_label(text)
    roles = tuple(name for name in ROLES if name in start.names)
    heading = start.alone and start.colon  # "Firma:" over a name
    if not roles or "attention" in start.names or ("salutation" in start.names and not heading):
        return None
    rest = text[start.end :].lstrip()
    lone = start.alone and (len(start.phrase[0]) > 1 or len(start.phrase) > 1)
    stopped = len(start.phrase[-1]) >= MIN_STOPPED and text[: start.end].rstrip().endswith(".")
    named = rest[:1].isupper() and (len(start.phrase) >= 2 or roles == ("payee",))
    if lone or start.colon or named or (stopped and rest):
        return roles, start
    return None


def _closing_label(text: str) -> tuple[tuple[str, ...], Opening] | None:
    """A payee's label at the end of a line, the name on the next: "All payments in favour of"."""
    folded = fold_chars(text).rstrip(" :")
    for m in phrase_pattern("parties", "vendor", "payee").finditer(folded):
        if m.end() == len(folded) and " " in m[0]:
            return ("payee",), Opening(("payee",), tokens(m[0]), len(text), True, True)
    return None


def _give_label(lone: Stack, stacks: list[Stack]) -> None:
    """Attach a lone label to the value right of it, cutting the value's stack there, or to the stack below."""
    span, em = lone.label_span, lone.page.em
    if span is None:
        return
    right = _nearest_right(span, stacks, em)
    below = _nearest_below(span, stacks, em)
    if right is not None:
        stack, index = right
        below_gap = below.top.y0 - span.y1 if below else float("inf")
        if not stack.roles and (stack.segments[index].x0 - span.x1 < RIGHT_GAP_EM * em / 2 or below_gap > em):
            target = stack if index == 0 else Stack(stack.page, stack.segments[index:])
            if index:
                stack.segments = stack.segments[:index]
                stacks.append(target)
            target.roles, target.label, target.label_span = lone.roles, lone.label, span
            return
    if below is not None and not below.roles:
        below.roles, below.label, below.label_span = lone.roles, lone.label, span


def _nearest_right(span: Span, stacks: Sequence[Stack], em: float) -> tuple[Stack, int] | None:
    found = None
    for stack in stacks:
        for index, segment in enumerate(stack.segments):
            gap = segment.x0 - span.x1
            same_line = span.v_overlap(segment) > 0.5 * min(span.height, segment.height)
            if same_line and 0 <= gap <= RIGHT_GAP_EM * em and (found is None or gap < found[2]):
                found = (stack, index, gap)
    return found[:2] if found else None


def _nearest_below(span: Span, stacks: Sequence[Stack], em: float) -> Stack | None:
    found, best = None, BELOW_GAP_EM * em
    for stack in stacks:
        if not stack.segments:
            continue
        gap = stack.top.y0 - span.y1
        if -0.5 * em <= gap < best and (abs(stack.top.x0 - span.x0) <= INDENT_EM * em):
            found, best = stack, gap
    return found
