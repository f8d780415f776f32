"""Mentions of parties: a name with an address or a role, wherever the document has one.

Address stacks, one-line senders above an address window, footers, letterheads, labelled names, account holders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import mean

from extraction.engine.layout import Layout, Line, PageLayout, Span
from extraction.engine.parties.lexicon import core_name, legal_form, opening, phrase_pattern
from extraction.engine.parties.pieces import (
    ADDRESS_KINDS,
    Piece,
    classify,
    is_name,
    is_postcode,
    is_weak_city,
    looks_numbered,
    names_street,
    split,
    without_address_label,
)
from extraction.engine.parties.stacks import Stack, find_stacks, role_label
from extraction.engine.textfold import fold_chars

FIRST_PAGES = 2
MAX_ADDRESS_LINES = 7
ADOPT_EM = 3.5  # so far above an address without a name its name may stand
ALIGN_EM = 1.6
HEAD_LINES = 14  # lines among which a head is looked for
HEAD_GAP_EM = 4.0
TILL_BLANK_EM = 2.2
LEGIBLE = 0.55
HEADING = 1.35  # times the usual text height
FOOTER_ZONE = 0.88
HEADING_ZONE = 0.35  # a letterhead's name stands in this part of the first page


@dataclass
class Mention:
    """One place where a party is named: names best first, address pieces, cues by name (see roles.WEIGHTS)."""

    names: list[Piece]
    address: list[Piece]
    spans: list[Span]
    page: PageLayout
    cues: set[str] = field(default_factory=set)
    label: str | None = None

    @property
    def labelled(self) -> bool:
        return any(cue.startswith("label_") for cue in self.cues)

    @property
    def y(self) -> float:
        return min(s.y0 for s in self.spans) / self.page.height

    @property
    def bottom(self) -> float:
        return max(s.y1 for s in self.spans) / self.page.height

    @property
    def x(self) -> float:
        return min(s.x0 for s in self.spans) / self.page.width


def find_mentions(layout: Layout) -> list[Mention]:
    """Every mention of a party on the first pages and the last: between them stand the goods."""
    found: list[Mention] = []
    for page in [*layout.pages[:FIRST_PAGES], *layout.pages[FIRST_PAGES:][-1:]]:
        stacks = find_stacks(page)
        here = [m for stack in stacks for m in _of_stack(stack)]
        head = list(_head(page))
        found += head + _adopt_names([m for m in here if not any(_covers(h, m) for h in head)], stacks)
        found += _headings(page)
        found += _payees(page)
    return [m for m in found if (m.names or m.address) and _counts(m)]


def _counts(mention: Mention) -> bool:
    """Whether a mention can be a party's at all: in the body of the page a bare name needs a legal form or a label."""
    if mention.address or mention.label or mention.cues:
        return True
    edge = mention.y < HEADING_ZONE or mention.y > FOOTER_ZONE
    return (edge and mention.page.number == 1) or any(legal_form(p.text) for p in mention.names)


def _of_stack(stack: Stack) -> Iterator[Mention]:
    """The mentions of a stack: those of its lines that hold a name and an address by themselves, and the rest."""
    rest: list[Span] = []
    for segment in stack.segments:
        line = _of_line(segment, stack.page)
        if line is not None:
            if rest:
                yield _of_lines(rest, stack)
            rest = []
            yield line
        else:
            rest.append(segment)
    if rest:
        yield _of_lines(rest, stack)


def _of_line(segment: Span, page: PageLayout) -> Mention | None:
    """A sender's line or a footer's: name and address, parted by separators or commas."""
    parts = [Piece(classify(text), text, span) for text, span in split(segment, commas=True)]
    kinds = [part.kind for part in parts]
    if len(parts) < 3 or kinds[0] != "name" or "city" not in kinds[1:6]:
        return None
    end = kinds.index("city")
    while end + 1 < len(parts) and kinds[end + 1] == "country":
        end += 1
    if end > 5 or any(kind in ("contact", "legal") for kind in kinds[1:end]):
        return None
    # "Old Mill, Main Street 1, 12345 Town" is an address without a name unless the first part has a legal form.
    mention = Mention([parts[0]], parts[1 : end + 1], [segment], page, {"one_line"})
    _mark_text(mention, [p.text for p in parts[end + 1 :]])
    return mention


def _of_lines(segments: Sequence[Span], stack: Stack) -> Mention:
    pieces = list(_pieces(segments))
    start, end = _address_range(pieces)
    names = _join_wrapped([p for p in pieces[:start] if p.kind == "name" and is_legible(p.span)])
    address = pieces[start:end]
    names += [p for p in pieces[end:] if p.kind == "name" and legal_form(p.text)] if not names else []
    mention = Mention(_join_salutation(pieces[:start], names), address, list(segments), stack.page)
    mention.label = stack.label
    mention.cues |= {f"label_{role}" for role in stack.roles}
    if any(_is_salutation(p) for p in pieces[:2]):
        mention.cues.add("salutation")
    _mark_text(mention, [p.text for p in pieces])
    return mention


def _is_salutation(piece: Piece) -> bool:
    """ "Herrn", "Mrs Jane Doe"; not "Mr. Price Ltd"."""
    start = opening(piece.text, "parties")
    return start is not None and "salutation" in start.names and legal_form(piece.text) is None


def _pieces(segments: Iterable[Span]) -> Iterator[Piece]:
    """The lines as pieces; a line whose parts (between "·", "|", "–") are of different kinds comes in parts."""
    for segment in segments:
        cut = without_address_label(segment.text)
        if cut and cut >= len(segment.text):
            continue
        span = segment.part(segment.text.count(" ", 0, cut), len(segment.words)) if cut else segment
        parts = [Piece(classify(text), text, part) for text, part in split(span)]
        if len({p.kind for p in parts}) > 1 and any(p.kind in ADDRESS_KINDS or p.kind == "contact" for p in parts):
            yield from parts
        else:
            text = span.text.strip(" ,")
            yield Piece(classify(text), text, span)


def _address_range(pieces: Sequence[Piece]) -> tuple[int, int]:
    """Where the address lies among `pieces`: from its first street or town line to its last, gaps included."""
    kinds = [p.kind for p in pieces]
    city = next((i for i, kind in enumerate(kinds) if kind == "city"), None)
    street = next((i for i, kind in enumerate(kinds) if kind == "street"), None)
    if city is None and street is not None:
        # A town without a postcode counts right under a street.
        city = next((i for i in range(street + 1, min(street + 4, len(pieces))) if _could_be_town(pieces[i])), None)
    if city is None and street is None:
        return _before_country(pieces)
    start = _address_start(pieces, street, city)
    end = start + 1
    for i in range(start, min(len(pieces), start + MAX_ADDRESS_LINES)):
        if city is not None and i > city and pieces[i].text.count(",") > 1:
            break  # a second address, in one line
        if kinds[i] in ADDRESS_KINDS or i == city or is_postcode(pieces[i].text):
            end = i + 1
        elif kinds[i] in ("contact", "attention", "legal") or (city is not None and i > city):
            break
    return start, end


def _before_country(pieces: Sequence[Piece]) -> tuple[int, int]:
    """An address in a form that is not known: from a number to a country, or a street named without one."""
    last = next((i for i, p in enumerate(pieces) if p.kind == "country"), 0)
    start = next((i for i in range(1, last) if looks_numbered(pieces[i].text) or names_street(pieces[i].text)), None)
    if start is not None:
        return start, last + 1
    street = next((i for i, p in enumerate(pieces) if i and "," in p.text and names_street(p.text)), len(pieces))
    return street, min(street + 1, len(pieces))


def _could_be_town(piece: Piece) -> bool:
    return piece.kind in ("name", "other", "street") and is_weak_city(piece.text)


def _address_start(pieces: Sequence[Piece], street: int | None, city: int | None) -> int:
    """The first line after the name that reads like part of an address; at least the one above the town."""
    end = city if city is not None else street
    assert end is not None  # noqa: S101 - the caller has made sure of one of the two
    first = next((i for i in range(end) if pieces[i].kind == "name"), None)
    if first is None:
        return min(i for i in (street, city) if i is not None)
    if first == end - 1 and looks_numbered(pieces[first].text):
        return first  # "Weena 664" over the town: a street whose name stands further up
    company = next((i for i in range(end) if legal_form(pieces[i].text)), first)
    between = range(company + 1, end)
    numbered = next((i for i in between if pieces[i].kind == "street" or looks_numbered(pieces[i].text)), None)
    named = next((i for i in between if names_street(pieces[i].text)), None)
    if numbered is not None or named is not None:
        return numbered if numbered is not None else named or end
    alone = end == company + 1 or pieces[end - 1].kind not in ("name", "other")
    return end if alone or street == end else end - 1


def _join_wrapped(names: list[Piece]) -> list[Piece]:
    """A line of nothing but a legal form ("& Co. KG") belongs to the name above it."""
    joined: list[Piece] = []
    for piece in names:
        if joined and not core_name("x " + piece.text).removeprefix("x").strip(" &"):
            joined[-1] = Piece("name", f"{joined[-1].text} {piece.text}", joined[-1].span)
        else:
            joined.append(piece)
    return joined


def _join_salutation(before: Sequence[Piece], names: list[Piece]) -> list[Piece]:
    """ "Herrn" over "Max Mustermann" is one name."""
    if len(before) >= 2 and len(names) >= 1:
        start = opening(before[0].text, "parties")
        if start and start.alone and "salutation" in start.names and before[1] in names:
            joined = Piece("name", f"{before[0].text} {before[1].text}", before[1].span)
            return [joined, *[n for n in names if n not in before[:2]]]
    return names


def _mark_text(mention: Mention, texts: Iterable[str]) -> None:
    """Cues from the words around the name and address."""
    folded = fold_chars("\n".join(texts))
    if phrase_pattern("legal_text").search(folded):
        mention.cues.add("legal_text")


def _adopt_names(mentions: list[Mention], stacks: Sequence[Stack]) -> list[Mention]:
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
        if -0.3 * em <= gap < best_gap and _aligned(last, top, em):
            best, best_gap = other, gap
        elif top.v_overlap(last) > 0.5 * last.height and 0 < top.x0 - last.x1 < 15 * em and best is None:
            best = other
    return best


def _aligned(a: Span, b: Span, em: float) -> bool:
    return min(abs(a.x0 - b.x0), abs(a.cx - b.cx), abs(a.x1 - b.x1)) <= ALIGN_EM * em


def _headings(page: PageLayout) -> Iterator[Mention]:
    """Large names at the top of the first page: letterheads without an address."""
    if page.number != 1:
        return
    for segment in page.segments:
        large = segment.height >= HEADING * page.em and segment.y0 <= HEADING_ZONE * page.height
        if (
            large
            and is_legible(segment)
            and role_label(segment.text) is None
            and is_name(segment.text)
            and not re.search(r"\d", segment.text)
        ):
            yield Mention([Piece("name", segment.text, segment)], [], [segment], page, {"heading"})


def _head(page: PageLayout) -> Iterator[Mention]:
    """The lines at the top of the first page that stand alone on theirs, however set: a receipt's or centred head."""
    head: list[Span] = []
    for line in page.lines[:HEAD_LINES] if page.number == 1 else ():
        if role_label(line.text) is not None or _is_salutation(Piece("name", line.text, line.span)):
            break
        gap = line.span.y0 - head[-1].y1 if head else 0.0
        if not _stands_alone(line, page.em) or gap > HEAD_GAP_EM * page.em or _ends_head(line.text):
            if len(head) > 1:
                break
            head = []
        elif head or (is_name(line.text) and is_legible(line.span)):
            head.append(line.span)
    head = _first_address(head)
    mention = _of_lines(head, Stack(page, head)) if len(head) >= 2 else None
    if mention is not None and mention.names and mention.address:
        mention.cues.add("head")
        yield mention


def _first_address(lines: list[Span]) -> list[Span]:
    """The lines up to where, after an address, a second name or address begins."""
    pieces = list(_pieces(lines))
    _, end = _address_range(pieces)
    later = [p.span.y0 for p in pieces[end:] if p.kind in ADDRESS_KINDS or p.kind == "name"]
    return [line for line in lines if not later or line.y0 < later[0]]


def _covers(head: Mention, other: Mention) -> bool:
    """Whether another mention is but a fragment of the head's lines, and has nothing to say for itself."""
    return not other.cues and all(head.spans[0].y0 <= s.cy <= head.spans[-1].y1 for s in other.spans)


def _stands_alone(line: Line, em: float) -> bool:
    """One run of words, if with the wide blanks of a till's fixed pitch."""
    return all(right.x0 - left.x1 <= TILL_BLANK_EM * em for left, right in pairwise(line.segments))


def _ends_head(text: str) -> bool:
    """A title or a field's label: what is below is no longer the sender's head."""
    return classify(text) == "other" and opening(text, "titles", "fields", "other") is not None


def is_legible(span: Span) -> bool:
    """Whether OCR was sure enough of the words for them to be a name; speckles come out as letters too."""
    return span.method != "ocr" or mean(word.confidence for word in span.words) >= LEGIBLE


def _payees(page: PageLayout) -> Iterator[Mention]:
    """Names after an account holder's or payee's label within a line: "Make all checks payable to Acme Ltd"."""
    for segment in page.segments:
        for m in phrase_pattern("parties", "vendor").finditer(fold_chars(segment.text)):
            rest = re.match(r"\s*:?\s*(?P<name>[^:;|·•]+)", segment.text[m.end() :])
            if " " not in m[0] or m.start() == 0 or rest is None:
                continue
            name = rest["name"].split(" - ")[0].strip(" .,!")
            if is_name(name) and name[:1].isupper():
                first = segment.text.count(" ", 0, m.end() + rest.start("name"))
                span = segment.part(first, min(first + len(name.split()), len(segment.words)))
                yield Mention(
                    [Piece("name", name, span)], [], [span], page, {"payee"}, segment.text[m.start() : m.end()]
                )
