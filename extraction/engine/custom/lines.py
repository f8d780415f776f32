"""Custom fields of line items: a column under the definition's label, else a label or a pattern within the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extraction.engine.candidates import Candidate
from extraction.engine.custom.definition import CustomDefinition
from extraction.engine.custom.read import ONLY_MATCH, chosen, ranked_by_labels
from extraction.engine.custom.values import candidates, is_free_text, label_hits
from extraction.engine.document import Document
from extraction.engine.labels import LabelHit
from extraction.engine.layout import PageLayout, Span
from extraction.engine.result import CustomField, LineItem
from extraction.engine.scoring import BELOW, Scored

UNDER_EM = 2.0  # how far past its heading a cell may reach into a blank that no other heading claims
LAST_EM = 4.0  # how far the text of a page's last row may go on below its numbers
MIN_LABEL = 0.5  # score from which a label within the row names a value


@dataclass(frozen=True)
class Row:
    """The part of a page that a line item takes, in points: `y0` to `y1` its cells, `end` where the next begins."""

    page: int
    y0: float
    y1: float
    end: float

    def holds(self, span: Span) -> bool:
        return span.page == self.page and self.y0 - 0.5 * span.height <= span.cy < self.end

    def is_beside(self, span: Span) -> bool:
        return span.page == self.page and self.y0 <= span.cy <= self.y1


def read_custom_lines(
    document: Document, items: Sequence[LineItem], definitions: Sequence[CustomDefinition]
) -> tuple[dict[str, CustomField], ...]:
    """For each of `items` the fields of `definitions` that are its columns; empty where none is."""
    fields = [field for field in definitions if field.line_item]
    if not fields:
        return ()
    rows = _rows(document, items)
    columns = [_read_column(document, field, rows) for field in fields]
    return tuple({f.name: column[i] for f, column in zip(fields, columns, strict=True)} for i in range(len(items)))


def _rows(document: Document, items: Sequence[LineItem]) -> list[Row | None]:
    """Where each item stands; None for one without a place."""
    spans = [_extent(document, item) for item in items]
    rows: list[Row | None] = []
    for i, extent in enumerate(spans):
        if extent is None:
            rows.append(None)
            continue
        page, y0, y1 = extent
        em = document.layout.page(page).em
        below = [s[1] for s in spans[i + 1 :] if s and s[0] == page and s[1] > y0]
        rows.append(Row(page, y0, y1, min(below) - 0.1 * em if below else y1 + LAST_EM * em))
    return rows


def _extent(document: Document, item: LineItem) -> tuple[int, float, float] | None:
    places = [(c.provenance.page, c.provenance.box) for c in item.cells.values()]
    known = [(page, box) for page, box in places if page is not None and box is not None]
    if not known:
        return None
    first = min(page for page, _ in known)
    height = document.layout.page(first).height
    boxes = [box for page, box in known if page == first]
    return first, min(box.y0 for box in boxes) * height, max(box.y1 for box in boxes) * height


def _read_column(document: Document, field: CustomDefinition, rows: Sequence[Row | None]) -> list[CustomField]:
    hits = label_hits(document.layout.segments, field)
    offered = candidates(document, field, hits)
    head = _heading(hits, rows)
    labelled = ranked_by_labels(document, field, offered, [h for h in hits if h is not head])
    cells = [_cells(document.layout.page(row.page), row, offered, head) if row else [] for row in rows]
    return [chosen(field, _of_row(field, row, cell, labelled, offered)) for row, cell in zip(rows, cells, strict=True)]


def _of_row(
    field: CustomDefinition,
    row: Row | None,
    cells: Sequence[Scored],
    labelled: Sequence[Scored],
    offered: Sequence[Candidate],
) -> list[Scored]:
    """What is the row's by its column, else by a label within it, else by fitting the pattern or enum."""
    if row is None:
        return []
    named = [s for s in labelled if s.score >= MIN_LABEL and s.label and _is_in(row, s.candidate, s.label)]
    found = sorted([*cells, *named], key=lambda s: -s.score)
    if found or is_free_text(field) or not (field.pattern or field.enum):
        return found
    return [Scored(c, ONLY_MATCH, None) for c in offered if row.holds(c.span)]


def _is_in(row: Row, candidate: Candidate, label: LabelHit) -> bool:
    return row.holds(candidate.span) and row.holds(label.span)


def _heading(hits: Sequence[LabelHit], rows: Sequence[Row | None]) -> LabelHit | None:
    """The label nearest above the first row: the heading of a column."""
    first = next((row for row in rows if row), None)
    above = [h for h in hits if first and h.span.page == first.page and h.span.y1 <= first.y0 + 0.5 * h.span.height]
    return max(above, key=lambda h: h.span.y1, default=None)


def _cells(page: PageLayout, row: Row, offered: Sequence[Candidate], head: LabelHit | None) -> list[Scored]:
    """The values beside the row's other cells that stand under the heading, best aligned first."""
    if head is None:
        return []
    x0, x1 = _room(page, head)
    scored = []
    for candidate in offered:
        span = candidate.span
        if row.is_beside(span) and min(span.x1, x1) - max(span.x0, x0) > 0.6 * span.width:
            edges = (abs(span.x0 - head.span.x0), abs(span.x1 - head.span.x1), abs(span.cx - head.span.cx))
            scored.append(Scored(candidate, BELOW - min(0.3, 0.05 * min(edges) / page.em), head))
    return sorted(scored, key=lambda s: -s.score)


def _room(page: PageLayout, head: LabelHit) -> tuple[float, float]:
    """The column's left and right bounds: half way to the headings beside it, where these stand near."""
    own, em = head.span, page.em
    line = next((line for line in page.lines if any(s is head.segment for s in line.segments)), None)
    words = [s for s in (line.segments if line else ()) if s is not head.segment]
    left = max((s.x1 for s in words if s.x1 <= own.x0), default=own.x0 - 2 * UNDER_EM * em)
    right = min((s.x0 for s in words if s.x0 >= own.x1), default=own.x1 + 2 * UNDER_EM * em)
    return max((left + own.x0) / 2, own.x0 - 2 * UNDER_EM * em), (own.x1 + right) / 2
