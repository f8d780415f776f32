"""From roles to fields: the legal name, the address in one line, and each identifier given to its owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extraction.engine.layout import Layout, Span, span_of
from extraction.engine.parties.cues import domain_matches, same_name
from extraction.engine.parties.gather import find_mentions
from extraction.engine.parties.identifiers import (
    Identifier,
    find_bics,
    find_domains,
    find_emails,
    find_ibans,
    find_phones,
    readings,
)
from extraction.engine.parties.lexicon import legal_form, phrase_pattern
from extraction.engine.parties.mentions import Mention
from extraction.engine.parties.pieces import Piece
from extraction.engine.parties.roles import Party, Roles, assign_roles, probability
from extraction.engine.parties.taxids import find_tax_ids
from extraction.engine.result import Field, Provenance

_FINDERS = (find_ibans, find_emails, find_tax_ids, find_phones, find_bics, find_domains)
MIN_TAX_QUALITY = 0.5
NEAR_EM = 4.0  # so near a party's mention, in text heights, an identifier is rather its
INSIDE_VENDOR = 0.05
SURE_VAT = 0.85


def find_identifiers(layout: Layout) -> tuple[Identifier, ...]:
    """Every e-mail address, telephone number, IBAN, BIC, tax id and web domain, in reading order."""
    found: list[Identifier] = []
    for reading in readings(layout):
        taken: list[tuple[int, int]] = []
        for finder in _FINDERS:
            for identifier in finder(reading):
                if not any(identifier.start < end and start < identifier.end for start, end in taken):
                    taken.append((identifier.start, identifier.end))
                    found.append(identifier)
    return tuple(found)


def assign_parties(layout: Layout) -> dict[str, Field]:
    """Vendor, customer, IBAN and BIC, as far as the document shows them: header fields by name."""
    identifiers = find_identifiers(layout)
    roles = assign_roles(find_mentions(layout), identifiers)
    fields: dict[str, Field] = {}
    for role, party, margin in (
        ("vendor", roles.vendor, roles.vendor_margin),
        ("customer", roles.customer, roles.customer_margin),
    ):
        if party is not None:
            fields |= _party_fields(role, party, margin, roles)
    fields |= _owned(identifiers, roles)
    return fields


def _party_fields(role: str, party: Party, margin: float, roles: Roles) -> dict[str, Field]:
    fields = {}
    sure = probability(margin)
    name = best_name(party)
    if name is not None:
        label = next((m.label for m in party.mentions if name in m.names and m.label), None)
        fields[f"{role}_name"] = Field(
            clean_name(name.text), round(sure * 0.95, 4), _provenance(name.span, name.text, label)
        )
    mention = best_address(party, role)
    if mention is not None:
        text = ", ".join(p.text.strip(" ,.") for p in mention.address)
        span = _union([p.span for p in mention.address])
        fields[f"{role}_address"] = Field(text, round(sure * 0.9, 4), _provenance(span, text, mention.label))
    return fields


def best_name(party: Party) -> Piece | None:
    """The name that the party's mentions agree on, best with a legal form and from its main mention."""
    best, best_score = None, float("-inf")
    for mention in party.mentions:
        for place, piece in enumerate(mention.names):
            agreeing = sum(1 for other in party.mentions if any(same_name(piece.text, n.text) for n in other.names))
            score = 3.0 * bool(legal_form(piece.text)) + min(agreeing, 3) + _weight(mention) / 2 - 0.5 * place
            if score > best_score:
                best, best_score = piece, score
    return best


def clean_name(text: str) -> str:
    """The name without what follows its legal form: "Acme SARL au capital de 10 000 EUR" is "Acme SARL"."""
    form = legal_form(text)
    if form and re.search(r"\d|:", text[form.end() :]):
        text = text[: form.end()]
    return text.strip(" ,;:-–|") if legal_form(text) else text.strip(" ,.;:-–|")


def _weight(mention: Mention) -> float:
    labelled = any(cue.startswith("label_") and cue != "label_ship_to" for cue in mention.cues)
    return (
        3 * labelled
        + 2 * bool(mention.address)
        + ("one_line" not in mention.cues)
        - ("label_ship_to" in mention.cues) * 2
    )


def best_address(party: Party, role: str) -> Mention | None:
    with_address = [m for m in party.mentions if m.address]
    return max(with_address, key=lambda m: (_weight(m), len(m.address))) if with_address else None


def _owned(identifiers: Sequence[Identifier], roles: Roles) -> dict[str, Field]:
    """Each kind's best identifier for either side. A value seen twice belongs where the stronger evidence is."""
    owners: dict[tuple[str, str], float] = {}
    for identifier in identifiers:
        owner, key = _owner(identifier, roles), (identifier.kind, identifier.text)
        if key not in owners or abs(owner - 0.5) > abs(owners[key] - 0.5):
            owners[key] = owner
    _give_second_tax_id(identifiers, owners)
    best: dict[str, tuple[float, Identifier]] = {}
    for identifier in identifiers:
        for name, score in _claims(identifier, owners[identifier.kind, identifier.text], roles):
            if score > best.get(name, (0.0, identifier))[0]:
                best[name] = (score, identifier)
    return {
        name: Field(i.value, round(min(score, 1.0) * 0.95, 4), i.provenance(i.label.strip() or None))
        for name, (score, i) in best.items()
    }


def _give_second_tax_id(identifiers: Sequence[Identifier], owners: dict[tuple[str, str], float]) -> None:
    """Where the vendor's own VAT id is certain, another one that nobody claims is the customer's."""
    vat = {i.text for i in identifiers if i.kind == "tax_id" and i.quality >= SURE_VAT}
    if any(owners["tax_id", value] <= INSIDE_VENDOR for value in vat):
        for value in vat:
            if INSIDE_VENDOR < owners["tax_id", value] <= 0.5:
                owners["tax_id", value] = 0.65


def _claims(identifier: Identifier, owner: float, roles: Roles) -> Iterator[tuple[str, float]]:
    """The fields that an identifier may fill, with how likely it is the right one."""
    if identifier.kind == "domain" or (identifier.kind == "tax_id" and identifier.quality < MIN_TAX_QUALITY):
        return
    if identifier.kind in ("iban", "bic"):
        if owner <= 0.8:
            yield identifier.kind, identifier.quality * (1 - owner / 2)
    elif owner <= 0.5:
        yield f"vendor_{identifier.kind}", identifier.quality * (1 - owner)
    elif roles.customer is not None or owner > 0.9:
        yield f"customer_{identifier.kind}", identifier.quality * owner


def _owner(identifier: Identifier, roles: Roles) -> float:
    """How likely the customer owns an identifier (0 the vendor's, 1 the customer's)."""
    label = phrase_pattern("identifiers", "phone").sub("", identifier.label)  # "customer care" is the vendor's
    yours = phrase_pattern("parties", "yours").search(label)
    ours = phrase_pattern("parties", "ours").search(label)
    if bool(yours) != bool(ours):
        return 0.97 if yours else 0.05
    if identifier.kind == "email":
        for value, party in ((0.04, roles.vendor), (0.95, roles.customer)):
            if party and any(domain_matches(name, identifier) for name in party.names):
                return value
    return _owner_by_place(identifier, roles)


def _owner_by_place(identifier: Identifier, roles: Roles) -> float:
    others = [p for p in roles.parties if p not in (roles.vendor, roles.customer) and "label_ship_to" in p.cues]
    vendor = _nearest(identifier, [roles.vendor] if roles.vendor else [])
    customer = _nearest(identifier, [roles.customer] if roles.customer else [])
    if vendor == 0:
        return INSIDE_VENDOR
    if customer == 0:
        return 0.95
    if _nearest(identifier, others) == 0:
        return 0.7
    if customer < vendor and customer < NEAR_EM:
        return 0.75
    return 0.2


def _nearest(identifier: Identifier, parties: Iterable[Party]) -> float:
    return min((_distance(identifier, m) for p in parties for m in p.mentions), default=float("inf"))


def _distance(identifier: Identifier, mention: Mention) -> float:
    """In text heights: 0 inside the mention's stack; downwards and sideways counts as usual, upwards twice."""
    if identifier.span.page != mention.page.number:
        return float("inf")
    best = float("inf")
    for span in mention.spans:
        if identifier.segment is span or identifier.span.words[0] in span.words:
            return 0.0
        dx = max(0.0, max(identifier.span.x0 - span.x1, span.x0 - identifier.span.x1))
        dy = max(identifier.span.y0 - span.y1, (span.y0 - identifier.span.y1) * 2, 0.0)
        best = min(best, (dx + dy) / mention.page.em)
    return best


def _provenance(span: Span, text: str, label: str | None) -> Provenance:
    return Provenance(span.method, text, span.page, span.box, label)


def _union(spans: Sequence[Span]) -> Span:
    first = spans[0]
    return span_of([w for s in spans for w in s.words], first.page, first.page_width, first.page_height, first.method)
