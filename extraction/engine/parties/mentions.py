"""Mentions of parties: a name with an address or a role, wherever the document has one.

Address stacks, one-line senders above an address window, footers, letterheads, labelled names, account holders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean

from extraction.engine.layout import PageLayout, Span
from extraction.engine.parties.addresses import address_range, read_pieces
from extraction.engine.parties.lexicon import (
    core_name,
    is_misread_label,
    legal_form,
    not_names,
    opening,
    phrase_pattern,
)
from extraction.engine.parties.pieces import Piece, classify, looks_numbered, names_street, split
from extraction.engine.parties.stacks import Stack
from extraction.engine.textfold import fold_chars, tokens

LEGIBLE = 0.55
_SMALL = re.compile(r"[^\W\d_A-Z][^\W_A-Z.'’&+-]*(?:,? (?:[^\W\d_A-Z.'’-]+\.?|[&+])){1,4}")  # two to five words
_ONE_WORD = re.compile(r"[^\W\d_][^\W\d_'’&.-]+")
_WORDMARK = re.compile(r"[^\W\d_A-Z][^\W\d_A-Z'’]{4,22}[^\W\d_A-Z]")
_OPEN_ENDS = frozenset(
    {"&", "+", "and", "und", "et", "en", "e", "y", "i", "of", "for", "für", "de", "der", "del", "di"}
)
MIN_INITIALS = 2
SAME_SIZE = 0.05
_JOINING = frozenset({"co", "company", "comp", "m", "and", "und", "et", "en", "e", "y", "i"})


@dataclass
class Mention:
    """One place where a party is named: names best first, address pieces, cues by name (see roles.WEIGHTS)."""

    names: list[Piece]
    address: list[Piece]
    spans: list[Span]
    page: PageLayout
    cues: set[str] = field(default_factory=set)
    label: str | None = None
    edge: float | None = None  # the left edge of the label, where it stands left of the name

    @property
    def labelled(self) -> bool:
        return any(cue.startswith("label_") for cue in self.cues)

    @property
    def is_shipment(self) -> bool:
        """Whether it is where goods go to or come from."""
        return not self.cues.isdisjoint(("label_ship_to", "label_ship_from"))

    @property
    def town(self) -> str:
        """The line of its address with the town, folded; empty without one."""
        return next((" ".join(tokens(p.text)) for p in self.address if p.kind == "city"), "")

    @property
    def y(self) -> float:
        return min(s.y0 for s in self.spans) / self.page.height

    @property
    def bottom(self) -> float:
        return max(s.y1 for s in self.spans) / self.page.height

    @property
    def x(self) -> float:
        return min(s.x0 for s in self.spans) / self.page.width


def of_stack(stack: Stack) -> Iterator[Mention]:
    """The mentions of a stack: those of its lines that hold a name and an address by themselves, and the rest."""
    rest: list[Span] = []
    for segment in stack.segments:
        line = _of_line(segment, stack.page)
        if line is not None and not _is_address_of(rest, line):
            if rest:
                yield of_lines(rest, stack)
            elif stack.roles and segment is stack.top:
                _take_label(line, stack)
                line.cues.discard("one_line")  # "Deliver to: Kiosk, Lake Road 1, Derby": no sender's line
            rest = []
            yield line
        else:
            rest.append(segment)
    if rest:
        yield of_lines(rest, stack)


def _is_address_of(above: Sequence[Span], line: Mention) -> bool:
    """Whether a line is the address of the name above it, though it begins like a name: "The Old Forge, Derby, DE1"."""
    name = above[-1].text if above else ""
    first = line.names[0].text
    return classify(name) == "name" and legal_form(first) is None and core_name(name) != core_name(first)


def _of_line(segment: Span, page: PageLayout) -> Mention | None:
    """A sender's line or a footer's: name and address, parted by separators or commas."""
    pieces = list(split(segment, commas=True))
    if len(pieces) < 3:
        return None
    parts = [Piece(classify(text), text, span) for text, span in pieces]
    kinds = [part.kind for part in parts]
    if kinds[0] != "name" or "city" not in kinds[1:6]:
        return None
    end = kinds.index("city")
    while end + 1 < len(parts) and kinds[end + 1] == "country":
        end += 1
    if (names_street(parts[0].text) or looks_numbered(parts[0].text)) and legal_form(parts[0].text) is None:
        return None  # "Zona Industrial, lote 17, 3000-150 Coimbra": an address whose name stands above
    if end > 5 or any(kind in ("contact", "legal") for kind in kinds[1:end]):
        return None
    mention = Mention([parts[0]], parts[1 : end + 1], [segment], page, {"one_line"})
    _mark_text(mention, [p.text for p in parts[end + 1 :]])
    return mention


def of_lines(segments: Sequence[Span], stack: Stack) -> Mention:
    pieces = list(read_pieces(segments))
    start, end = address_range(pieces)
    names = _join_wrapped([p for p in pieces[:start] if p.kind == "name" and is_legible(p.span)])
    address = pieces[start:end]
    names += [p for p in pieces[end:] if p.kind == "name" and legal_form(p.text)] if not names else []
    names += _in_small_letters(pieces[:start]) if not names and address else []
    names += _under_label(pieces[:start]) if not names and address and stack.roles else []
    mention = Mention(_join_salutation(pieces[:start], names), address, list(segments), stack.page)
    _take_label(mention, stack)
    if any(is_salutation(p) for p in pieces[:2]):
        mention.cues.add("salutation")
    if any(_is_addressing(p.text) for p in pieces[:2]):
        mention.cues.add("addressed")
    _mark_text(mention, [p.text for p in pieces])
    return mention


def _take_label(mention: Mention, stack: Stack) -> None:
    mention.label = stack.label
    mention.edge = stack.label_span.x0 if stack.label_span else None
    mention.cues |= {f"label_{role}" for role in stack.roles}


def _is_addressing(text: str) -> bool:
    """ "Spett.le", "Herrn", "Exmo. Sr.": words that stand on letters, never before a sender's own name."""
    start = opening(text, "parties")
    return start is not None and "addressing" in start.names


def _in_small_letters(before: Sequence[Piece]) -> list[Piece]:
    """The line right above an address, set in small letters ("iron kite lda."): a name, where no other stands."""
    piece = before[-1] if before else None
    small = piece is not None and piece.kind == "other" and is_small_name(piece.text) and is_legible(piece.span)
    return [Piece("name", piece.text, piece.span)] if piece is not None and small else []


def _under_label(before: Sequence[Piece]) -> list[Piece]:
    """The line between a party's label and its address: a name, be it of one word."""
    piece = before[-1] if len(before) == 1 else None
    if piece is None or piece.kind != "other" or not _ONE_WORD.fullmatch(piece.text) or not is_legible(piece.span):
        return []
    return [Piece("name", piece.text, piece.span)]


def is_wordmark(text: str) -> bool:
    """One long word in small letters ("northgate"), and no label or title."""
    known = opening(text, "parties", "fields", "other", "titles", "columns", "identifiers")
    return known is None and _WORDMARK.fullmatch(text) is not None and text not in not_names()


def is_small_name(text: str) -> bool:
    """Two to five words in small letters, no label or title among what they begin with."""
    known = opening(text, "parties", "fields", "other", "titles", "columns", "identifiers")
    return known is None and _SMALL.fullmatch(text) is not None


def is_salutation(piece: Piece) -> bool:
    """ "Herrn", "Mrs Jane Doe"; not "Mr. Price Ltd"."""
    start = opening(piece.text, "parties")
    return start is not None and "salutation" in start.names and legal_form(piece.text) is None


def _join_wrapped(names: list[Piece]) -> list[Piece]:
    """A name over two lines in one: where the lower is nothing but a legal form ("& Co. KG"), where the upper cannot
    end there ("Society for"), or where it began with the initials of both ("NMU Northern Mutual" / "Union Ltd")."""
    joined: list[Piece] = []
    for piece in names:
        if joined and (
            _is_only_form(piece.text) or _continues(joined[-1].text, piece.text) or _is_second_line(joined[-1], piece)
        ):
            joined[-1] = Piece("name", f"{joined[-1].text} {piece.text}", joined[-1].span)
        else:
            joined.append(piece)
    return joined


def _continues(upper: str, lower: str) -> bool:
    first, *words = upper.split()
    if legal_form(upper) is not None:
        return False
    if words and (words[-1].lower() in _OPEN_ENDS or lower.split()[0] in _OPEN_ENDS):
        return True
    initials = "".join(w[0] for w in [*words, *core_name(lower).upper().split()] if w[0].isalpha())
    return bool(words) and first.isupper() and len(first) > MIN_INITIALS and initials.upper().startswith(first)


def _is_second_line(upper: Piece, lower: Piece) -> bool:
    """Whether two lines in capitals of one size end with the legal form that the first lacks, and share no word."""
    capitals = upper.text.isupper() and lower.text.isupper() and len(upper.text.split()) > 1
    alike = abs(upper.span.height - lower.span.height) < SAME_SIZE * upper.span.height
    ends = legal_form(upper.text) is None and legal_form(lower.text) is not None
    return capitals and alike and ends and set(tokens(upper.text)).isdisjoint(tokens(lower.text))


def _is_only_form(text: str) -> bool:
    """ "& Co. KG", "CO. (M) SDN BHD": what stands before the legal form joins it to a name."""
    form = legal_form("any " + text)  # which counts behind a word of some length
    rest = tokens(core_name("any " + text))[1:]
    return form is not None and form.string[form.end() :].strip(" .") == "" and _JOINING.issuperset(rest)


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


def is_legible(span: Span) -> bool:
    """Whether OCR was sure enough of the words for them to be a name; speckles come out as letters too, and labels
    come out wrong."""
    if span.method != "ocr":
        return True
    return mean(word.confidence for word in span.words) >= LEGIBLE and not is_misread_label(span.text)
