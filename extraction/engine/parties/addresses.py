"""Where the address lies among the lines of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extraction.engine.layout import Span
from extraction.engine.parties.lexicon import legal_form
from extraction.engine.parties.pieces import (
    ADDRESS_KINDS,
    Piece,
    classify,
    is_postcode,
    is_weak_city,
    looks_numbered,
    names_street,
    split,
    without_label,
)

MAX_ADDRESS_LINES = 7


def read_pieces(segments: Iterable[Span]) -> Iterator[Piece]:
    """The lines as pieces; a line whose parts (between "·", "|", "–") are of different kinds comes in parts."""
    for segment in segments:
        cut = without_label(segment.text)
        if cut and cut >= len(segment.text):
            continue
        span = segment.part(segment.text.count(" ", 0, cut), len(segment.words)) if cut else segment
        parts = [Piece(classify(text), text, part) for text, part in split(span)]
        whole = classify(span.text.strip(" ,")) == "city" and parts[0].kind in ("street", "city", "other")
        if (
            not whole
            and len({p.kind for p in parts}) > 1
            and any(p.kind in ADDRESS_KINDS or p.kind == "contact" for p in parts)
        ):
            yield from parts
        else:
            text = span.text.strip(" ,")
            yield Piece(classify(text), text, span)


def address_range(pieces: Sequence[Piece]) -> tuple[int, int]:
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
        continued = start < i == end and _goes_on(pieces[i - 1]) and kinds[i] in ("name", "other")
        if continued or kinds[i] in ADDRESS_KINDS or i == city or is_postcode(pieces[i].text):
            end = i + 1
        elif kinds[i] in ("contact", "attention", "legal") or (city is not None and i > city):
            break
    return start, end


def _is_numbered(piece: Piece) -> bool:
    return piece.kind in ("name", "other") and looks_numbered(piece.text)


def _goes_on(piece: Piece) -> bool:
    """Whether the line ends with a comma: what comes next belongs to it."""
    return piece.span.text.rstrip().endswith(",")


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
    if first is None or (street is not None and street < first):
        start = min(i for i in (street, city) if i is not None)
        return start - 1 if first is None and start == end and start and _is_numbered(pieces[start - 1]) else start
    if first == end - 1 and looks_numbered(pieces[first].text) and legal_form(pieces[first].text) is None:
        return first  # "Weena 664" over the town: a street whose name stands further up
    company = next((i for i in range(end) if pieces[i].kind != "street" and legal_form(pieces[i].text)), first)
    between = range(company + 1, end)
    numbered = next((i for i in between if pieces[i].kind == "street" or _is_numbered(pieces[i])), None)
    named = next((i for i in between if names_street(pieces[i].text)), None)
    if numbered is not None or named is not None:
        return numbered if numbered is not None else named or end
    alone = end == company + 1 or pieces[end - 1].kind not in ("name", "other")
    return end if alone or street == end else end - 1
