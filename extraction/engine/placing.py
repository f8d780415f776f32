"""From the pages as they were read, set upright, to the pages as people are shown them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.engine.result import CustomField, Extraction, Field, LineItem, Provenance, Rejected
from extraction.engine.words import Page


def as_displayed(extraction: Extraction, pages: Sequence[Page]) -> Extraction:
    """The extraction with every box where its words stand on the page as shown (see `Page.turn`)."""
    turned = {page.number: page for page in pages if page.turn is not None}
    if not turned:
        return extraction
    return replace(
        extraction,
        fields={name: _field(found, turned) for name, found in extraction.fields.items()},
        line_items=tuple(
            LineItem({name: _field(cell, turned) for name, cell in line.cells.items()})
            for line in extraction.line_items
        ),
        custom=_custom(extraction.custom, turned),
        custom_lines=tuple(_custom(line, turned) for line in extraction.custom_lines),
    )


def _custom(fields: dict[str, CustomField], turned: dict[int, Page]) -> dict[str, CustomField]:
    return {
        name: replace(custom, found=tuple(_field(one, turned) for one in custom.found))
        for name, custom in fields.items()
    }


def _field(found: Field, turned: dict[int, Page]) -> Field:
    rejected = tuple(Rejected(r.value, r.score, _place(r.provenance, turned)) for r in found.rejected)
    return replace(found, provenance=_place(found.provenance, turned), rejected=rejected)


def _place(provenance: Provenance, turned: dict[int, Page]) -> Provenance:
    page = turned.get(provenance.page or 0)
    if page is None or provenance.box is None:
        return provenance
    return replace(provenance, page=page.beside or page.number, box=page.displayed(provenance.box))
