"""Mentions without a stack of their own: a head of lone lines, large names, payees named in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from extraction.engine.layout import Line, PageLayout, Span
from extraction.engine.parties.addresses import address_range, read_pieces
from extraction.engine.parties.lexicon import opening, phrase_pattern
from extraction.engine.parties.mentions import Mention, is_legible, is_salutation, is_small_name, is_wordmark, of_lines
from extraction.engine.parties.pieces import ADDRESS_KINDS, Piece, classify, is_name
from extraction.engine.parties.stacks import Stack, role_label
from extraction.engine.textfold import fold_chars

HEAD_LINES = 14  # lines among which a head is looked for
HEAD_GAP_EM = 4.0
BREAK_EM = 1.0  # so far below, what is aligned otherwise is another block
TILL_BLANK_EM = 2.2  # blanks between the words of a till's fixed pitch
HEADING = 1.35  # times the usual text height
HEADING_ZONE = 0.35  # a letterhead's name stands in this part of the first page


def find_headings(page: PageLayout) -> Iterator[Mention]:
    """Large names at the top of the first page: letterheads without an address."""
    if page.number != 1:
        return
    for segment in page.segments:
        large = segment.height >= HEADING * page.em and segment.y0 <= HEADING_ZONE * page.height
        if (
            large
            and is_legible(segment)
            and role_label(segment.text) is None
            and (is_name(segment.text) or is_small_name(segment.text) or is_wordmark(segment.text))
            and not re.search(r"\d", segment.text)
        ):
            yield Mention([Piece("name", segment.text, segment)], [], [segment], page, {"heading"})


def find_head(page: PageLayout) -> Iterator[Mention]:
    """The lines at the top of the first page that stand alone on theirs, however set: a receipt's or centred head."""
    head: list[Span] = []
    shared: Line | None = None  # the last line with something beside it
    for line in page.lines[:HEAD_LINES] if page.number == 1 else ():
        if role_label(line.text) is not None or is_salutation(Piece("name", line.text, line.span)):
            break
        gap = line.span.y0 - head[-1].y1 if head else 0.0
        apart = bool(head) and gap > BREAK_EM * page.em and head[-1].misalignment(line.span) > page.em
        if not _stands_alone(line, page.em) or gap > HEAD_GAP_EM * page.em or apart or _ends_head(line.text):
            if len(head) > 1:
                break
            head = [line.span] if apart and is_name(line.text) else []
            shared = None if _stands_alone(line, page.em) else line
        elif not head and _goes_on(shared, line, page.em):
            break
        elif head or (is_name(line.text) and is_legible(line.span)):
            head.append(line.span)
    head = _first_address(head)
    mention = of_lines(head, Stack(page, head)) if len(head) >= 2 else None
    if mention is not None and mention.names and mention.address:
        mention.cues.add("head")
        yield mention


def _first_address(lines: list[Span]) -> list[Span]:
    """The lines up to where, after an address, a second name or address begins."""
    pieces = list(read_pieces(lines))
    _, end = address_range(pieces)
    later = [p.span.y0 for p in pieces[end:] if p.kind in ADDRESS_KINDS or p.kind == "name"]
    return [line for line in lines if not later or line.y0 < later[0]]


def covers(head: Mention, other: Mention) -> bool:
    """Whether another mention is but a fragment of the head's lines, and has nothing to say for itself."""
    return not other.cues and all(head.spans[0].y0 <= s.cy <= head.spans[-1].y1 for s in other.spans)


def _stands_alone(line: Line, em: float) -> bool:
    """One run of words, if with the wide blanks of a till's fixed pitch."""
    return all(right.x0 - left.x1 <= TILL_BLANK_EM * em for left, right in pairwise(line.segments))


def _goes_on(shared: Line | None, line: Line, em: float) -> bool:
    """Whether a line is the second of a stack whose first has something beside it: a head does not begin there."""
    above = shared.segments if shared is not None else ()
    return any(line.span.y0 - s.y1 < BREAK_EM * em and s.misalignment(line.span) <= 0.5 * em for s in above)


def _ends_head(text: str) -> bool:
    """A title or a field's label: what is below is no longer the sender's head."""
    return classify(text) == "other" and opening(text, "titles", "fields", "other") is not None


def find_payees(page: PageLayout) -> Iterator[Mention]:
    """Names after an account holder's or payee's label within a line: "Make all checks payable to Acme Ltd"."""
    for segment in page.segments:
        for m in phrase_pattern("parties", "vendor", "payee").finditer(fold_chars(segment.text)):
            rest = re.match(r"\s*:?\s*(?P<name>[^:;|·•]+)", segment.text[m.end() :])
            if " " not in m[0] or m.start() == 0 or rest is None:
                continue
            name = rest["name"].split(" - ")[0].strip(" .,!")
            if is_name(name) and name[:1].isupper():
                first = segment.text.count(" ", 0, m.end() + rest.start("name"))
                span = segment.part(first, min(first + len(name.split()), len(segment.words)))
                yield Mention(
                    [Piece("name", name, span)], [], [span], page, {"label_payee"}, segment.text[m.start() : m.end()]
                )
