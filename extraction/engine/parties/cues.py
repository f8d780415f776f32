"""What speaks for a mention being the vendor's or the customer's: its place on the page, and what stands around it.

Labels, salutations and legal text are marked where a mention is read (`mentions`); here come the cues that need the
other mentions, the identifiers or the line table. `roles.WEIGHTS` says what each is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from rapidfuzz import fuzz

from extraction.engine.labels import words
from extraction.engine.layout import PageLayout, Span
from extraction.engine.parties.identifiers import Identifier
from extraction.engine.parties.lexicon import core_name, is_bank, legal_form, opening, phrase_pattern
from extraction.engine.parties.mentions import Mention
from extraction.engine.textfold import tokens

SAME_NAME = 88.0  # similarity from which two names are one
MIN_PREFIX = 4
LONG_WORD = 5  # letters of a name's first word that say whose a domain is
APART = 0.04  # of the page's height: mentions this far apart are a repetition
LETTERHEAD_ZONE = 0.25  # parts of the page's height
UPPER_ZONE = 0.45
FOOTER_ZONE = 0.88
WINDOW_EM = 8.0  # so far under a sender's line, in text heights, an address window begins
SLIP_ZONE = 0.55  # from here down is the part that is sent back with a payment
TABLE_HEADERS = 3  # column headers that make a line the head of a table

CONTACTS = ("phone", "email", "domain")  # "customer service: 0800 12 34 56" is the vendor's
ACCOUNT_EM = 6.0  # so near an account's number, in text heights, a name is its holder's

Region = tuple[float, float, float, float]


def same_name(a: str, b: str) -> bool:
    """Whether two names are of one party: alike, or one the beginning or the end of the other."""
    a, b = core_name(a), core_name(b)
    if not a or not b:
        return False
    short, long = sorted((a, b), key=len)
    if len(short) >= MIN_PREFIX and (long.startswith(short + " ") or long.endswith(" " + short)):
        return True
    return fuzz.ratio(a, b) >= SAME_NAME


def domain_matches(name: str, identifier: Identifier) -> bool:
    """Whether an e-mail address or domain is of the name's: "Kraxi GmbH" and kraxi.com."""
    label, joined = _registered(identifier), core_name(name).replace(" ", "")
    if len(label) < MIN_PREFIX or len(joined) < MIN_PREFIX:
        return False
    return joined.startswith(label) or label.startswith(joined) or fuzz.ratio(joined, label) >= SAME_NAME


def _registered(identifier: Identifier) -> str:
    """The part of an e-mail address or domain before the suffix: that of "example.com" and of "example.co.uk"."""
    host = identifier.text.rpartition("@")[2].lower().removeprefix("www.").split(".")
    label = host[-3] if len(host) > 2 and len(host[-2]) <= 3 else host[-2] if len(host) > 1 else host[0]
    return label.replace("-", "")


def begins_domain(word: str, identifiers: Iterable[Identifier]) -> bool:
    """Whether a name's first word is that of an e-mail address or domain too: "Kraxi Bau" and kraxi-shop.com."""
    hosts = (_registered(i) for i in identifiers if i.kind in ("email", "domain"))
    return len(word) >= LONG_WORD and any(host.startswith(word) for host in hosts)


def mark(mentions: Sequence[Mention], identifiers: Iterable[Identifier]) -> None:
    """Add to each mention the cues of its place."""
    tables = {m.page.number: m.page for m in mentions}
    regions = {number: _table(page, goes_on=number < max(tables)) for number, page in tables.items()}
    _mark_windows(mentions)
    _unmark_heads(mentions)
    addresses = [m for m in mentions if m.page.number == 1 and m.address and "one_line" not in m.cues]
    for m in mentions:
        _mark_place(m, regions[m.page.number])
        if m.address:
            _mark_address(m, first=bool(addresses) and m is addresses[0], later=m in addresses[1:])
        if "label_vendor" in m.cues and not m.address and m.names and not any(legal_form(n.text) for n in m.names):
            m.cues = (m.cues - {"label_vendor"}) | {"label_seller"}
        if not m.names:
            m.cues.add("nameless")
        if not m.address and not m.labelled and not m.cues & {"heading", "letterhead", "window"}:
            m.cues.add("text_only")
    _mark_slips(mentions)
    _mark_shipments(mentions)
    _mark_identifiers(mentions, identifiers)
    accounts = [i.span for i in identifiers if i.kind in ("iban", "bic")]
    banks = [n.span for m in mentions for n in m.names if is_bank(n.text)]
    _mark_account_holders(mentions, accounts + banks)


def _mark_account_holders(mentions: Sequence[Mention], accounts: Sequence[Span]) -> None:
    """ "Name: Acme Ltd" beside an account's number is who gets the money, not who is billed."""
    for m in mentions:
        if {"label_customer", "label_payee"} <= m.cues:  # "Titular": of the account or of the contract
            m.cues.discard("label_customer" if _is_beside(m, accounts) else "label_payee")
            continue
        start = opening(m.label or "", "parties")
        if "label_customer" not in m.cues or m.address or start is None or "name" not in start.names:
            continue
        if _is_beside(m, accounts):
            m.cues = (m.cues - {"label_customer"}) | {"label_payee"}


def _is_beside(m: Mention, accounts: Sequence[Span]) -> bool:
    return any(a.page == m.page.number and abs(a.cy - m.spans[0].cy) <= ACCOUNT_EM * m.page.em for a in accounts)


def _mark_shipments(mentions: Sequence[Mention]) -> None:
    """ "Shipper" and "Consignee" side by side, under the address of another party: whose goods travel to whom."""
    for sender in [m for m in mentions if _is_called(m, "shippers")]:
        above = [m for m in mentions if m.names and m.address and not m.labelled and m.bottom < sender.y]
        receivers = (m for m in mentions if _is_called(m, "consignees") and _is_in_row(m, sender))
        receiver = next(receivers, None) if above else None
        if receiver is not None:
            sender.cues = (sender.cues - {"label_vendor"}) | {"label_ship_from"}
            receiver.cues = (receiver.cues - {"label_customer"}) | {"label_ship_to"}


def _is_called(m: Mention, section: str) -> bool:
    return tokens(m.label or "") in _called(section)


def _is_in_row(one: Mention, other: Mention) -> bool:
    return one is not other and one.page is other.page and one.spans[0].v_overlap(other.spans[0]) > 0


def _mark_slips(mentions: Sequence[Mention]) -> None:
    """ "To:" in the lower half of a page is a payment slip's, and names who is paid."""
    for m in mentions:
        if "label_customer" in m.cues and m.y > SLIP_ZONE and _is_called(m, "slip_labels"):
            m.cues = (m.cues - {"label_customer"}) | {"label_payee"}


@cache
def _called(section: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tokens(entry) for entry in words(section))


def _mark_place(m: Mention, table: Region | None) -> None:
    if (
        m.y < FOOTER_ZONE
        and table
        and all(s.x0 < table[2] and s.x1 > table[0] and table[1] <= s.cy <= table[3] for s in m.spans)
    ):
        m.cues.add("in_table")
    if m.page.number > 1:
        m.cues.add("late_page")
    if m.y >= FOOTER_ZONE:
        m.cues.add("footer")
    elif m.page.number == 1 and m.bottom <= LETTERHEAD_ZONE and not m.labelled:
        m.cues.add("letterhead")


def _mark_address(m: Mention, first: bool, later: bool) -> None:
    m.cues.add("has_address")
    if not m.labelled and m.x > 0.5 and m.y < LETTERHEAD_ZONE:
        m.cues.add("right_top")
    if first:
        m.cues.add("first")
    if later:
        m.cues.add("below_first")
    if m.page.number == 1 and m.y < UPPER_ZONE:
        m.cues.add("upper")


def _table(page: PageLayout, goes_on: bool) -> Region | None:
    """The line table in points (x0, y0, x1, y1): from its column headers to the last label of an amount below."""
    for line in page.lines:
        starts = (opening(segment.text, "columns") for segment in line.segments)
        if sum(1 for start in starts if start is not None and start.alone) >= TABLE_HEADERS:
            ends = [s.y1 for s in page.segments if s.y0 > line.span.y1 and _names_amount(s)]
            foot = FOOTER_ZONE * page.height  # without amounts below, the table goes on overleaf
            return line.span.x0, line.span.y0, line.span.x1, max(ends, default=foot if goes_on else line.span.y1)
    return None


def _names_amount(segment: Span) -> bool:
    start = opening(segment.text, "fields")
    return start is not None and any(name.endswith("_amount") for name in start.names)


def _unmark_heads(mentions: Sequence[Mention]) -> None:
    """A head says who sells only where nobody below has an address or a label: on till slips."""
    for head in [m for m in mentions if "head" in m.cues]:
        others = [m for m in mentions if m.names and (m.address or m.labelled) and m.y >= head.bottom]
        if not all(shares_name(head, other) for other in others):
            head.cues.discard("head")


def shares_name(one: Mention, other: Mention) -> bool:
    return any(same_name(a.text, b.text) for a in one.names for b in other.names)


def _mark_windows(mentions: Sequence[Mention]) -> None:
    """Addresses right under a one-line sender: the window of the envelope."""
    for sender in mentions:
        if "one_line" not in sender.cues or sender.y > UPPER_ZONE:
            continue
        for m in mentions:
            same_page = m.page.number == sender.page.number
            if (
                same_page
                and m.names
                and m.address
                and "one_line" not in m.cues
                and _stands_under(m.spans[0], sender.spans[0], m.page.em)
            ):
                m.cues.add("window")


def _stands_under(top: Span, line: Span, em: float) -> bool:
    return 0 <= top.y0 - line.y1 <= WINDOW_EM * em and abs(top.x0 - line.x0) <= 2 * em


def _mark_identifiers(mentions: Sequence[Mention], identifiers: Iterable[Identifier]) -> None:
    owners = {id(span): m for m in reversed(mentions) for span in m.spans}
    feet = [m for m in mentions if "footer" in m.cues and m.address]
    for identifier in identifiers:
        owner = owners.get(id(identifier.segment))
        if owner is not None:
            owner.cues.add(_identifier_cue(identifier))
        if owner is None or not owner.address:
            beside = next((m for m in feet if _is_in_foot_of(identifier.span, m)), None)
            if beside is not None:
                beside.cues.add(_identifier_cue(identifier))


def _is_in_foot_of(span: Span, m: Mention) -> bool:
    """Whether `span` stands in a column beside the address in the foot of a page."""
    top, bottom = (edge * m.page.height for edge in (m.y, m.bottom))
    return span.page == m.page.number and top - m.page.em <= span.cy <= bottom + m.page.em


def _identifier_cue(identifier: Identifier) -> str:
    if identifier.kind == "iban":
        return "vendor_ids"
    theirs = identifier.kind not in CONTACTS and phrase_pattern("parties", "yours").search(identifier.label)
    return "your_ids" if theirs else "own_ids"


def of_party(mentions: Sequence[Mention], identifiers: Iterable[Identifier]) -> frozenset[str]:
    """The cues of a party: what is said against one of its mentions does not count where another has better."""
    cues = {cue for m in mentions for cue in m.cues}
    elsewhere = any(m.address and not m.is_shipment for m in mentions)
    if "label_ship_to" in cues and "label_customer" not in cues and elsewhere:
        cues.add("shipped_to")
    for cue, excused in (
        ("in_table", any("in_table" not in m.cues for m in mentions)),
        ("text_only", any(m.address or m.labelled for m in mentions)),
        ("nameless", any(m.names for m in mentions)),
        ("late_page", any(m.page.number == 1 for m in mentions)),
        ("label_ship_to", "label_customer" in cues or elsewhere),
        ("label_ship_from", elsewhere),
        ("label_carrier", any("label_carrier" not in m.cues for m in mentions)),
        ("label_bank", any("label_bank" not in m.cues for m in mentions)),
    ):
        if excused:
            cues.discard(cue)
    names = [piece.text for m in mentions for piece in m.names]
    own = [m for m in mentions if not m.is_shipment] or mentions
    if max(m.y for m in own) - min(m.y for m in own) > APART:
        cues.add("repeated")
    if any(legal_form(name) for name in names):
        cues.add("legal_form")
    if names and all(is_bank(name) for name in names):
        cues.add("bank_name")
    if any(domain_matches(name, i) for name in set(names) for i in identifiers if i.kind in ("email", "domain")):
        cues.add("domain")
    return frozenset(cues)
