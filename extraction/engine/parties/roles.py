"""Who sells and who buys: mentions of one party put together, and both roles given out at once.

The weights are log-odds set by hand: what a cue says for (or against) a party being the vendor, and the customer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from extraction.engine.parties import cues
from extraction.engine.parties.identifiers import Identifier
from extraction.engine.parties.lexicon import core_name
from extraction.engine.parties.mentions import Mention
from extraction.engine.textfold import has_digit, tokens

# cue: (for the vendor, for the customer)
WEIGHTS: dict[str, tuple[float, float]] = {
    "label_vendor": (4.0, -3.0),
    "label_seller": (1.5, -3.0),  # a name alone, without address and legal form: may be the sales person's
    "label_payee": (2.0, -2.0),  # who gets the money: a factor may
    "label_customer": (-4.0, 4.0),
    "label_ship_to": (-3.0, -0.8),
    "shipped_to": (-1.5, 1.0),  # goods go to it at another place too
    "label_ship_from": (-0.5, 0.0),
    "label_bank": (-6.0, -6.0),  # who keeps the account is no party
    "label_carrier": (-6.0, -6.0),  # nor who moves the goods
    "bank_name": (-3.0, -1.0),  # banks write invoices too, but more often they are where to pay
    "salutation": (-1.5, 1.5),
    "addressed": (-1.5, 1.5),
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
    "your_ids": (-2.0, 2.0),  # "Your VAT no." in the same stack
    "right_top": (0.5, 0.0),
    "below_first": (-0.4, 0.5),  # not the first address on the page
    "in_table": (-2.5, -2.5),
    "late_page": (-1.0, -1.5),
    "nameless": (-1.0, -2.0),
    "text_only": (-0.8, -2.5),
}
PRIOR = (-0.6, -0.9)  # what a party must overcome to be named in a role at all
MAX_PARTIES = 24
SAME_ADDRESS = 90.0
OPPOSITES = (frozenset({"label_vendor", "one_line"}), frozenset({"label_customer", "window"}))


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


def assign_roles(mentions: Sequence[Mention], identifiers: Sequence[Identifier]) -> Roles:
    """The assignment of vendor and customer, never one party, that the cues together make most likely."""
    cues.mark(mentions, identifiers)
    parties = _group(mentions)
    for party in parties:
        party.cues = cues.of_party(party.mentions, identifiers)
    _mark_domains(parties, identifiers)
    for party in parties:
        party.vendor, party.customer = (log_odds(party.cues, side) for side in (0, 1))
    return _best(parties)


def _mark_domains(parties: Sequence[Party], identifiers: Sequence[Identifier]) -> None:
    """A domain that begins with the first word of one party's name, and of no other's, is that party's."""
    words = [{core_name(name).partition(" ")[0] for name in party.names} for party in parties]
    for party, own in zip(parties, words, strict=True):
        begun = {word for word in own if cues.begins_domain(word, identifiers)}
        if any(sum(word in each for each in words) == 1 for word in begun):
            party.cues |= {"domain"}


def log_odds(found: Iterable[str], side: int) -> float:
    """What the cues together say for the vendor (side 0) or the customer (1). A set has no order that stays from one
    process to the next: the sum is exact, so that none of its digits depends on it."""
    return math.fsum([PRIOR[side], *(WEIGHTS[cue][side] for cue in found if cue in WEIGHTS)])


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
    """One party: a name in common, or without a name the address. Not, whatever the names, where a label or the
    address window says that one writes to the other: companies of one group share a name."""
    around = {cue for m in party.mentions for cue in m.cues}
    if any(mine & mention.cues and theirs & around for mine, theirs in (OPPOSITES, OPPOSITES[::-1])):
        return False
    if not mention.names or not party.names:
        return any(_same_address(mention, other) for other in party.mentions)
    if any(stands_in_address(mention, other) or stands_in_address(other, mention) for other in party.mentions):
        return True
    return any(_shares_name(mention, other) for other in party.mentions)


def _shares_name(one: Mention, other: Mention) -> bool:
    """One name, whole or in part; in part is not enough for two with addresses in different towns."""
    pairs = [(a.text, b.text) for a in one.names[:3] for b in other.names if cues.same_name(a.text, b.text)]
    if not pairs or not (one.town and other.town) or _same_town(one, other):
        return bool(pairs)
    return any(core_name(a) == core_name(b) for a, b in pairs)


def _same_town(one: Mention, other: Mention) -> bool:
    return fuzz.partial_ratio(one.town, other.town) >= SAME_ADDRESS


def stands_in_address(one: Mention, other: Mention) -> bool:
    """Whether the name of one is a line of the other's address ("ZA Les Quatre Vents"), in the same town."""
    if not (one.names and one.town and other.town and _same_town(one, other)):
        return False
    return any(tokens(one.names[0].text) == tokens(piece.text) for piece in other.address)


def _same_address(one: Mention, other: Mention) -> bool:
    said = [tokens(" ".join(p.text for p in m.address)) for m in (one, other)]
    a, b = (" ".join(words) for words in said)
    numbers, others = ({word for word in words if has_digit(word)} for words in said)
    alike = numbers <= others or others <= numbers  # "Kerkstraat 70" is not next door
    return bool(a and b) and alike and fuzz.ratio(a, b) >= SAME_ADDRESS


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
