"""Parties printed as forms, as Chinese invoices have them: rows of labels, and the side written downwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.engine import labels
from extraction.engine.layout import PageLayout, Span, span_of
from extraction.engine.parties.mentions import Mention
from extraction.engine.parties.pieces import Piece
from extraction.engine.textfold import tokens
from extraction.engine.words import Word

ALIGN_EM = 2.0  # so far apart the labels of one form may begin
VALUE_EM = 10.0  # so far right of its label a value may begin
GAP_EM = 3.0  # so far apart the words of a value may stand
ROW_EM = 0.7  # so far apart the middles of a label and its value may be
TALL_EM = 2.0  # a higher word is written downwards
MAX_HEIGHT_EM = 14.0  # of a form
SIDE_EM = 8.0  # so far left of its labels the side's name stands
SIDE_WIDTH_EM = 2.5
MIN_PHONE = 6  # figures


@dataclass(frozen=True)
class _Row:
    """A label of a form with its value: what the label names, its words and the value's."""

    name: str
    label: Span
    value: tuple[Word, ...]

    @property
    def spans(self) -> tuple[Word, ...]:
        return (*self.label.words, *self.value)


def find_forms(page: PageLayout) -> Iterator[Mention]:
    """A labelled mention for each party's form on the page; none without a row for a name."""
    rows = sorted(_rows(page), key=lambda row: row.label.y0)
    heads = [row for row in rows if row.name == "name"]
    for place, head in enumerate(sorted(heads, key=lambda r: (r.label.y0, r.label.x0))):
        form = _form(head, rows, page.em)
        side = _side(page, form)
        if len(form) > 1 and (side or len(heads) == 2):
            # The form prescribes the order: who buys above or left, who sells below or right
            yield from _mention(page, form, side or ("customer", "vendor")[place])


def _rows(page: PageLayout) -> Iterator[_Row]:
    table, reach = labels.phrases("party_form"), ROW_EM * page.em / page.height
    level = [w for line in page.lines for w in line.span.words if w.box.height * page.height < TALL_EM * page.em]
    known = {id(word): table[key] for word in level if (key := tokens(word.text)) in table}
    for label in [word for word in level if id(word) in known]:
        right = [w for w in level if w.box.x0 > label.box.x0 and abs(w.box.cy - label.box.cy) < reach]
        value, limit = [label], VALUE_EM
        for word in sorted(right, key=lambda w: w.box.x0):
            if id(word) in known or _gap(value[-1], word, page) > limit:
                break
            value.append(word)
            limit = GAP_EM
        yield _Row(known[id(label)][0][0], _span((label,), page), tuple(value[1:]))


def _gap(left: Word, right: Word, page: PageLayout) -> float:
    return (right.box.x0 - left.box.x1) * page.width / page.em


def _form(head: _Row, rows: Sequence[_Row], em: float) -> list[_Row]:
    """The rows under `head`, up to the next form."""
    form = [head]
    for row in rows:
        below = row.label.y0 > head.label.cy and row.label.y0 - head.label.y0 < MAX_HEIGHT_EM * em
        if not below or abs(row.label.x0 - head.label.x0) > ALIGN_EM * em:
            continue
        if row.name == "name":
            break
        form.append(row)
    return form


def _side(page: PageLayout, form: Sequence[_Row]) -> str | None:
    """The side that the characters left of the form's labels name."""
    em, left = page.em, form[0].label.x0
    top, bottom = form[0].label.y0 - 2 * em, form[-1].label.y1 + 2 * em
    words = (_span((word,), page) for line in page.lines for word in line.span.words)
    beside = [
        w.text
        for w in words
        if w.width <= SIDE_WIDTH_EM * em
        and left - SIDE_EM * em < w.x1 < left + em
        and w.x0 < left
        and top < w.cy < bottom
    ]
    votes = {
        side: sum(any(sign in text for sign in signs) for text in beside)
        for side, signs in labels.groups("form_sides").items()
    }
    best = max(votes, key=lambda side: votes[side])
    return best if votes[best] and list(votes.values()).count(votes[best]) == 1 else None


def _mention(page: PageLayout, form: Sequence[_Row], side: str) -> Iterator[Mention]:
    names = [_piece("name", row.value, page) for row in form if row.name == "name" and row.value]
    streets = [_without_phone(row.value) for row in form if row.name == "address"]
    address = [_piece("street", words, page) for words in streets if words]
    if names:
        spans = [_span(row.spans, page) for row in form]
        yield Mention(names, address, spans, page, {f"label_{side}"}, form[0].label.text)


def _without_phone(words: tuple[Word, ...]) -> tuple[Word, ...]:
    last = words[-1].text if words else ""
    is_phone = sum(c.isdigit() for c in last) >= MIN_PHONE and not any(c.isalpha() for c in last)
    return words[:-1] if is_phone else words


def _piece(kind: str, words: tuple[Word, ...], page: PageLayout) -> Piece:
    span = _span(words, page)
    return Piece(kind, span.text, span)  # type: ignore[arg-type]


def _span(words: tuple[Word, ...], page: PageLayout) -> Span:
    return span_of(words, page.number, page.width, page.height, page.method)
