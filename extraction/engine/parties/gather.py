"""Every mention of a party in a document: stacks, lines, heads, headings, payees; addresses joined to their names."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.engine.layout import Layout
from extraction.engine.parties.forms import find_forms
from extraction.engine.parties.letterheads import HEADING_ZONE, covers, find_head, find_headings, find_payees
from extraction.engine.parties.lexicon import legal_form
from extraction.engine.parties.mentions import Mention, of_stack
from extraction.engine.parties.pieces import Piece, looks_numbered, names_street
from extraction.engine.parties.stacks import find_stacks

FIRST_PAGES = 2
FOOTER_ZONE = 0.88
ADOPT_EM = 3.5  # so far above an address without a name its name may stand
ALIGN_EM = 1.6
SAME_LINE_EM = 15.0  # so far left of an address its name may end


def find_mentions(layout: Layout) -> list[Mention]:
    """Every mention of a party on the first pages and the last, and beside them: between them stand the goods."""
    found: list[Mention] = []
    level = [page for page in layout.pages if page.beside is None]
    outer = [*level[:FIRST_PAGES], *level[FIRST_PAGES:][-1:]]
    numbers = {page.number for page in outer}
    for page in [*outer, *(page for page in layout.pages if page.beside in numbers)]:
        stacks = find_stacks(page)
        here = [m for stack in stacks for m in of_stack(stack)]
        head = list(find_head(page))
        free = [m for m in here if not any(covers(h, m) for h in head)]
        found += head + _adopt_names([*free, *find_headings(page)])
        found += find_payees(page)
        found += find_forms(page)
    return [m for m in found if (m.names or m.address) and _counts(m)]


def _counts(mention: Mention) -> bool:
    """Whether a mention can be a party's at all: in the body of the page a bare name needs a legal form or a label."""
    if mention.address or mention.label or mention.cues:
        return True
    edge = mention.y < HEADING_ZONE or mention.y > FOOTER_ZONE
    return (edge and mention.page.number == 1) or any(legal_form(p.text) for p in mention.names)


def _adopt_names(mentions: list[Mention]) -> list[Mention]:
    """Addresses without a name take the nearest name above them (a letterhead's, a centred footer's)."""
    for mention in mentions:
        if mention.names or not mention.address:
            continue
        owner = _name_above(mention, mentions)
        if owner is not None:
            owner.address = [*owner.address, *_street_names(owner), *mention.address]
            owner.spans += mention.spans
            owner.cues |= mention.cues
            owner.label = owner.label or mention.label
            mention.address, mention.spans = [], owner.spans
    return [m for m in mentions if m.names or m.address]


def _street_names(owner: Mention) -> list[Piece]:
    """Lines that a gap in the stack has left among the names though they are streets; they leave the names."""
    cut = next((i for i, p in enumerate(owner.names) if i and (names_street(p.text) or looks_numbered(p.text))), None)
    if cut is None:
        return []
    streets, owner.names = owner.names[cut:], owner.names[:cut]
    return streets


def _name_above(mention: Mention, mentions: Sequence[Mention]) -> Mention | None:
    em, top = mention.page.em, mention.spans[0]
    best, best_gap = None, ADOPT_EM * em
    for other in mentions:
        if other is mention or not other.names or any(p.kind == "city" for p in other.address):
            continue
        last = (other.address or other.names)[-1].span
        gap = top.y0 - other.spans[-1].y1
        labelled = other.edge is not None and abs(other.edge - top.x0) <= ALIGN_EM * em
        if -0.3 * em <= gap < best_gap and (labelled or last.misalignment(top) <= ALIGN_EM * em):
            best, best_gap = other, gap
        elif top.v_overlap(last) > 0.5 * last.height and 0 < top.x0 - last.x1 < SAME_LINE_EM * em and best is None:
            best = other
    return best
