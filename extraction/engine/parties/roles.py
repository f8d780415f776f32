"""Who sells and who buys: mentions of one party put together, and both roles given out at once.

The weights are log-odds set by hand: what a cue says for (or against) a party being the vendor, and the customer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from extraction.engine.layout import Layout, PageLayout, Span
from extraction.engine.parties.identifiers import Identifier
from extraction.engine.parties.lexicon import core_name, legal_form, opening
from extraction.engine.parties.mentions import Mention

# cue: (for the vendor, for the customer)
WEIGHTS: dict[str, tuple[float, float]] = {
    "label_vendor": (4.0, -3.0),
    "label_customer": (-4.0, 4.0),
    "label_ship_to": (-3.0, -0.8),
    "salutation": (-1.5, 1.5),
    "footer": (1.7, -2.5),
    "letterhead": (0.9, -0.1),
    "head": (1.6, -2.0),  # lines that stand alone at the top of the page
    "first": (0.6, 0.0),  # the topmost of the page's addresses
    "upper": (0.0, 0.6),  # an address in the upper half
    "heading": (1.2, -1.0),
    "one_line": (2.0, -2.0),
    "window": (-2.5, 3.0),  # right under a one-line sender
    "legal_text": (1.5, -1.5),
    "has_address": (0.6, 1.2),
    "legal_form": (0.8, 0.4),
    "repeated": (0.7, -0.3),
    "domain": (1.5, -0.8),  # an e-mail or web domain elsewhere resembles the name
    "vendor_ids": (1.0, -1.0),  # IBAN or company registration in the same stack
    "own_ids": (0.8, 0.2),  # a tax id, e-mail address or telephone number in the same stack
    "payee": (2.0, -2.0),
    "right_top": (0.5, 0.0),
    "below_first": (-0.4, 0.5),  # not the first address on the page
    "in_table": (-2.5, -2.5),
    "late_page": (-1.0, -1.5),
    "nameless": (-1.0, -2.0),
    "text_only": (-0.8, -2.5),
}
PRIOR = (-0.6, -0.9)  # what a party must overcome to be named in a role at all
SAME_NAME = 88.0  # similarity from which two names are one
MIN_PREFIX = 4
APART = 0.04  # of the page's height: mentions this far apart are a repetition
LETTERHEAD_ZONE = 0.25
FOOTER_ZONE = 0.88
MAX_PARTIES = 24


@dataclass
class Party:
    """One company or person with all its mentions, its cues, and its log-odds of being vendor and customer."""

    mentions: list[Mention]
    cues: frozenset[str] = frozenset()
    vendor: float = 0.0
    customer: float = 0.0

    @property
    def names(self) -> list[str]:
        return [piece.text for mention in self.mentions for piece in mention.names]


@dataclass(frozen=True)
class Roles:
    """The parties in their roles, and the log-odds by which each was chosen over the next best assignment."""

    vendor: Party | None
    customer: Party | None
    vendor_margin: float
    customer_margin: float
    parties: tuple[Party, ...]


def same_name(a: str, b: str) -> bool:
    """Whether two names are of one party: alike, or one the beginning of the other."""
    a, b = core_name(a), core_name(b)
    if not a or not b:
        return False
    short, long = sorted((a, b), key=len)
    if len(short) >= MIN_PREFIX and (long.startswith(short + " ") or long.endswith(" " + short)):
        return True
    return fuzz.ratio(a, b) >= SAME_NAME


def assign_roles(mentions: Sequence[Mention], identifiers: Sequence[Identifier], layout: Layout) -> Roles:
    """The assignment of vendor and customer, never one party, that the cues together make most likely."""
    _mark_places(mentions)
    _mark_identifiers(mentions, identifiers)
    parties = _group(mentions)
    for party in parties:
        _mark_party(party, identifiers)
        party.vendor = PRIOR[0] + sum(WEIGHTS[cue][0] for cue in party.cues if cue in WEIGHTS)
        party.customer = PRIOR[1] + sum(WEIGHTS[cue][1] for cue in party.cues if cue in WEIGHTS)
    return _best(parties)


def _best(parties: Sequence[Party]) -> Roles:
    choices: list[Party | None] = [None, *parties]
    scored = []
    for v in choices:
        for c in choices:
            if v is None or v is not c:
                scored.append(((v.vendor if v else 0.0) + (c.customer if c else 0.0), v, c))
    total, vendor, customer = max(scored, key=lambda s: s[0])
    other_vendor = max(score for score, v, _ in scored if v is not vendor) if len(scored) > 1 else total
    other_customer = max(score for score, _, c in scored if c is not customer) if len(scored) > 1 else total
    return Roles(vendor, customer, total - other_vendor, total - other_customer, tuple(parties))


def _group(mentions: Sequence[Mention]) -> list[Party]:
    parties: list[Party] = []
    for mention in mentions:
        home = next((p for p in parties if _belongs(mention, p)), None)
        if home is None:
            parties.append(Party([mention]))
        else:
            home.mentions.append(mention)
    return parties[:MAX_PARTIES]


def _belongs(mention: Mention, party: Party) -> bool:
    """One party: a name in common; not, whatever the names, where one is labelled the other's opposite."""
    roles = {cue for m in [*party.mentions, mention] for cue in m.cues if cue.startswith("label_")}
    if {"label_vendor", "label_customer"} <= roles:
        return False
    return any(same_name(a.text, b) for a in mention.names[:3] for b in party.names)


def _mark_places(mentions: Sequence[Mention]) -> None:
    _mark_windows(mentions)
    _unmark_heads(mentions)
    stacked = [m for m in mentions if m.page.number == 1 and m.address and "one_line" not in m.cues]
    for m in mentions:
        if _in_table(m):
            m.cues.add("in_table")
        labelled = any(cue.startswith("label_") for cue in m.cues)
        if m.page.number > 1:
            m.cues.add("late_page")
        if m.y >= FOOTER_ZONE:
            m.cues.add("footer")
        elif m.page.number == 1 and m.bottom <= LETTERHEAD_ZONE and not labelled:
            m.cues.add("letterhead")
        if m.address:
            m.cues.add("has_address")
            if not labelled and m.x > 0.5 and m.y < LETTERHEAD_ZONE:
                m.cues.add("right_top")
            if stacked and m in stacked:
                m.cues.add("first" if m is stacked[0] else "below_first")
            if m.page.number == 1 and m.y < 0.45:
                m.cues.add("upper")
        if not m.names:
            m.cues.add("nameless")
        if not labelled and not m.address and not m.cues & {"heading", "letterhead", "window", "payee"}:
            m.cues.add("text_only")


@cache
def _table(page: PageLayout) -> tuple[float, float, float, float] | None:
    """The region of the line table in points (x0, y0, x1, y1): from its column headers to the last of its end words."""
    for line in page.lines:
        starts = (opening(segment.text, "columns") for segment in line.segments)
        if sum(1 for start in starts if start is not None and start.alone) >= 3:
            ends = [s.y1 for s in page.segments if s.y0 > line.span.y1 and _ends_table(s)]
            return line.span.x0, line.span.y0, line.span.x1, max(ends, default=line.span.y1)
    return None


def _ends_table(segment: Span) -> bool:
    start = opening(segment.text, "fields")
    return start is not None and any(name.endswith("_amount") for name in start.names)


def _in_table(mention: Mention) -> bool:
    region = _table(mention.page)
    if region is None:
        return False
    x0, y0, x1, y1 = region
    return all(s.x0 < x1 and s.x1 > x0 and y0 <= s.cy <= y1 for s in mention.spans)


def _unmark_heads(mentions: Sequence[Mention]) -> None:
    """A head says who sells only where no other party has an address or a label: on till slips."""
    for head in [m for m in mentions if "head" in m.cues]:
        names = [p.text for p in head.names]
        for other in mentions:
            named = other.address or any(cue.startswith("label_") for cue in other.cues)
            if (
                named
                and other.names
                and other.y >= head.bottom
                and not any(same_name(a, p.text) for a in names for p in other.names)
            ):
                head.cues.discard("head")


def _mark_windows(mentions: Sequence[Mention]) -> None:
    for sender in mentions:
        if "one_line" not in sender.cues or sender.y > 0.4:
            continue
        line = sender.spans[0]
        for m in mentions:
            if (
                m.page is sender.page
                and m.names
                and "one_line" not in m.cues
                and _stands_under(m.spans[0], line, m.page.em)
            ):
                m.cues.add("window")


def _stands_under(top: Span, line: Span, em: float) -> bool:
    return 0 <= top.y0 - line.y1 <= 8 * em and abs(top.x0 - line.x0) <= 2 * em


def _mark_identifiers(mentions: Sequence[Mention], identifiers: Iterable[Identifier]) -> None:
    for identifier in identifiers:
        for m in mentions:
            if any(identifier.segment is span for span in m.spans) and (m.names or m.address):
                m.cues.add("vendor_ids" if identifier.kind == "iban" else "own_ids")


def _mark_party(party: Party, identifiers: Iterable[Identifier]) -> None:
    cues = {cue for m in party.mentions for cue in m.cues}
    if any("in_table" not in m.cues for m in party.mentions):
        cues -= {"in_table"}
    strong = [m for m in party.mentions if m.address or any(c.startswith("label_") for c in m.cues)]
    if strong:
        cues -= {"text_only"}
    if any(m.names for m in party.mentions):
        cues -= {"nameless"}
    if any(m.page.number == 1 for m in party.mentions):
        cues -= {"late_page"}
    if max(m.y for m in party.mentions) - min(m.y for m in party.mentions) > APART:
        cues.add("repeated")
    if any(legal_form(name) for name in party.names):
        cues.add("legal_form")
    if "label_ship_to" in cues and "label_customer" in cues:
        cues -= {"label_ship_to"}
    if any(domain_matches(name, i) for name in party.names for i in identifiers if i.kind in ("email", "domain")):
        cues.add("domain")
    party.cues = frozenset(cues)


def domain_matches(name: str, identifier: Identifier) -> bool:
    """ "Kraxi GmbH" and kraxi.com."""
    host = str(identifier.value).rpartition("@")[2].lower().removeprefix("www.")
    label = (
        host.split(".")[0] if host.count(".") < 2 else host.rsplit(".", 2)[-2 if len(host.split(".")[-2]) > 3 else -3]
    )
    joined = core_name(name).replace(" ", "")
    label = label.replace("-", "")
    if len(label) < MIN_PREFIX or len(joined) < MIN_PREFIX:
        return False
    return joined.startswith(label) or label.startswith(joined) or fuzz.ratio(joined, label) >= SAME_NAME


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
