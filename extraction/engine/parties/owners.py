"""Whose an identifier is: by its label, its domain, and the party that it stands with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import mean

from extraction.engine.parties.cues import domain_matches
from extraction.engine.parties.identifiers import Identifier
from extraction.engine.parties.lexicon import phrase_pattern
from extraction.engine.parties.mentions import Mention
from extraction.engine.parties.roles import Party, Roles
from extraction.engine.result import Field, Rejected

MIN_TAX_QUALITY = 0.5
NEAR_EM = 4.0  # so near a party's mention, in text heights, an identifier is rather its
INSIDE_VENDOR = 0.05
UNCLAIMED = 0.12  # an identifier that stands near nobody is the vendor's, whose letterhead has them
SURE_VAT = 0.85
LIKELY_VAT = 0.75
AROUND_EM = 12.0  # so far from the customer's mention the second of two ids may stand
MAX_REJECTED = 3
NOBODY = 0.96  # factor for an e-mail address that is not called a contact's
ABROAD = 0.95  # factor for a VAT id of another country than one of the same party
DOUBT = 0.97  # an identifier that looks right in every way may still be another field's

Claims = dict[str, tuple[float, Identifier]]  # by the identifier's text, with how likely it is a field's value


def identifier_fields(identifiers: Sequence[Identifier], roles: Roles) -> dict[str, Field]:
    """The best identifier of each kind for either side; a value seen twice belongs where the stronger evidence is."""
    owners: dict[tuple[str, str], float] = {}
    for identifier in identifiers:
        owner, key = _owner(identifier, roles), (identifier.kind, identifier.text)
        if key not in owners or abs(owner - 0.5) > abs(owners[key] - 0.5):
            owners[key] = owner
    _give_second_tax_id(identifiers, owners, roles)
    claims: defaultdict[str, Claims] = defaultdict(dict)
    for identifier in identifiers:
        for name, score in _claims(identifier, owners[identifier.kind, identifier.text], roles):
            best = claims[name].get(identifier.text)
            if best is None or score > best[0]:
                claims[name][identifier.text] = (score, identifier)
    claims["vendor_tax_id"] = _at_home(claims["vendor_tax_id"], claims["iban"])
    return {name: _field(list(found.values())) for name, found in claims.items() if found}


def _at_home(claims: Claims, accounts: Claims) -> Claims:
    """The claims of tax ids; those of other countries less where one is of the country that the vendor banks in: a
    company may be registered for VAT in several."""
    homes = {text[:2] for text in accounts}
    if not any(text[:2] in homes for text in claims):
        return claims
    return {text: (score * (1 if text[:2] in homes else ABROAD), i) for text, (score, i) in claims.items()}


def _field(claims: list[tuple[float, Identifier]]) -> Field:
    """The field of the best claim, the first in reading order among equals; the others are kept as rejected."""
    ranked = sorted(claims, key=lambda claim: -claim[0])
    score, best = ranked[0]
    sure = mean(word.confidence for word in best.span.words)
    rejected = tuple(
        Rejected(i.text, s, i.provenance(i.label.strip() or None)) for s, i in ranked[1 : 1 + MAX_REJECTED]
    )
    return Field(best.value, score * DOUBT * sure, best.provenance(best.label.strip() or None), rejected)


def _give_second_tax_id(identifiers: Sequence[Identifier], owners: dict[tuple[str, str], float], roles: Roles) -> None:
    """Where the vendor's own VAT id is certain, another one that nobody claims is the customer's; and of two that
    nobody claims, the one that stands nearer to the customer than to the vendor."""
    vat = [i for i in identifiers if i.kind == "tax_id" and i.quality >= LIKELY_VAT]
    texts = {i.text for i in vat}
    if len(texts) < 2 or roles.customer is None or any(owners["tax_id", text] > 0.5 for text in texts):
        return
    certain = any(owners["tax_id", i.text] <= INSIDE_VENDOR and i.quality >= SURE_VAT for i in vat)
    for i in vat:
        customer, vendor = _nearest(i, [roles.customer]), _nearest(i, [roles.vendor] if roles.vendor else [])
        nearer = customer < vendor and customer < AROUND_EM
        if (certain and i.quality >= SURE_VAT and owners["tax_id", i.text] > INSIDE_VENDOR) or nearer:
            owners["tax_id", i.text] = 0.65


def _claims(identifier: Identifier, owner: float, roles: Roles) -> Iterator[tuple[str, float]]:
    """The fields that an identifier may fill, with how likely it is the right one."""
    if identifier.kind == "domain" or (identifier.kind == "tax_id" and identifier.quality < MIN_TAX_QUALITY):
        return
    if identifier.kind in ("iban", "bic"):
        if owner <= 0.8:
            yield identifier.kind, identifier.quality * (1 - owner / 3)
    elif owner <= 0.5:
        yield f"vendor_{identifier.kind}", _usefulness(identifier) * (1 - owner)
    elif roles.customer is not None or owner > 0.9:
        yield f"customer_{identifier.kind}", _usefulness(identifier) * owner


def _usefulness(identifier: Identifier) -> float:
    """Its quality; of an e-mail address less where nobody is said to read it: beside the contact's (EN 16931 BT-43,
    BT-58) stands where invoices are sent by machine (BT-34, BT-49)."""
    mute = identifier.kind == "email" and not phrase_pattern("parties", "attention").search(identifier.label)
    return identifier.quality * (NOBODY if mute else 1)


def _owner(identifier: Identifier, roles: Roles) -> float:
    """How likely the customer owns an identifier (0 the vendor's, 1 the customer's)."""
    label = phrase_pattern("identifiers", "phone").sub("", identifier.label)  # "customer care" is the vendor's
    yours = phrase_pattern("parties", "yours").search(label)
    ours = phrase_pattern("parties", "ours").search(label)
    if bool(yours) != bool(ours):
        return 0.97 if yours else 0.05
    if identifier.kind == "email":
        vendors, customers = (_has_domain(party, identifier) for party in (roles.vendor, roles.customer))
        if vendors != customers:
            return 0.04 if vendors else 0.95
    return _owner_by_place(identifier, roles)


def _has_domain(party: Party | None, identifier: Identifier) -> bool:
    return party is not None and any(domain_matches(name, identifier) for name in party.names)


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
    return UNCLAIMED


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
