"""From roles to fields: the legal name, the address in one line, and each identifier given to its owner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from statistics import mean

from extraction.engine.labels import phrases, words
from extraction.engine.layout import Layout, Span, span_of
from extraction.engine.parties.cues import same_name
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
from extraction.engine.parties.lexicon import is_bank, legal_form, opening
from extraction.engine.parties.mentions import Mention
from extraction.engine.parties.owners import identifier_fields
from extraction.engine.parties.pieces import Piece
from extraction.engine.parties.roles import Party, Roles, assign_roles, probability, stands_in_address
from extraction.engine.parties.taxids import find_tax_ids
from extraction.engine.result import Field, Provenance, Rejected
from extraction.engine.textfold import tokens

NAME_DOUBT = 0.96  # the role may be right and the line not
ADDRESS_DOUBT = 0.93
MAX_REJECTED = 3
SENTENCE_WORDS = 3
NO_NAME = 4.0  # a bank among a party's names keeps its account; a line of its address is none

_FINDERS = (find_ibans, find_emails, find_tax_ids, find_phones, find_bics, find_domains)


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


def assign_parties(layout: Layout, identifiers: Sequence[Identifier]) -> dict[str, Field]:
    """Vendor, customer, IBAN and BIC, as far as the document shows them: header fields by name."""
    roles = assign_roles(find_mentions(layout), identifiers)
    fields = _party_fields("vendor", roles.vendor, roles.vendor_margin, roles)
    fields |= _party_fields("customer", roles.customer, roles.customer_margin, roles)
    return fields | identifier_fields(identifiers, roles)


def _party_fields(role: str, party: Party | None, margin: float, roles: Roles) -> dict[str, Field]:
    """Name and address of the party in its role; sure as the role is, and as the words are legible."""
    if party is None:
        return {}
    fields = {}
    name, mention = best_name(party), best_address(party)
    if name is not None:
        label = next((m.label for m in party.mentions if name in m.names and m.label), None)
        sure = probability(margin) * _legibility(name.span) * NAME_DOUBT
        provenance = _provenance(name.span, name.text, label)
        fields[f"{role}_name"] = Field(clean_name(name.text), sure, provenance, _rejected_names(role, party, roles))
    if mention is not None:
        span = _union([p.span for p in mention.address])
        text = ", ".join(p.text.strip(" ,.") for p in mention.address)
        sure = probability(margin) * _legibility(span) * ADDRESS_DOUBT
        fields[f"{role}_address"] = Field(text, sure, _provenance(span, text, mention.label))
    return fields


def _rejected_names(role: str, chosen: Party, roles: Roles) -> tuple[Rejected, ...]:
    """The names of the parties next in line for the role."""
    log_odds = {id(p): p.vendor if role == "vendor" else p.customer for p in roles.parties}
    others = sorted((p for p in roles.parties if p is not chosen), key=lambda p: -log_odds[id(p)])
    named = [(p, name) for p in others if (name := best_name(p)) is not None][:MAX_REJECTED]
    return tuple(
        Rejected(clean_name(n.text), probability(log_odds[id(p)]), _provenance(n.span, n.text, None)) for p, n in named
    )


def _legibility(span: Span) -> float:
    return mean(word.confidence for word in span.words)


def best_name(party: Party) -> Piece | None:
    """The name that the party's mentions agree on, best with a legal form and from its main mention."""
    best, best_score = None, float("-inf")
    for mention in party.mentions:
        for place, piece in enumerate(mention.names):
            agreeing = sum(1 for other in party.mentions if any(same_name(piece.text, n.text) for n in other.names))
            score = 3.0 * bool(legal_form(piece.text)) + min(agreeing, 3) + _weight(mention) / 2 - 0.5 * place
            score -= NO_NAME * is_bank(piece.text)
            score -= NO_NAME * any(stands_in_address(mention, other) for other in party.mentions)
            if score > best_score:
                best, best_score = piece, score
    return best


def clean_name(text: str) -> str:
    """The name without what follows its legal form: "Acme SARL au capital de 10 000 EUR" is "Acme SARL"."""
    start = opening(text, "parties")
    addressed = start and (start.phrase in _courtesies() or legal_form(text[start.end :]))
    if start and "company_salutation" in start.names and not start.alone and addressed:
        text = text[start.end :]  # "Spett.le Rossi S.r.l.", "Messrs Hill & Sons"
    title = opening(text, "titles")
    if title and len(title.phrase) > 1 and not title.alone:
        text = text[title.end :]  # "Faktura sprzedaży Kwiaty Sp. z o.o."
    form = legal_form(text)
    if form and _is_no_name(text[form.end() :]):
        text = text[: form.end()]
    return text.strip(" ,;:-–|") if legal_form(text) else text.strip(" ,.;:-–|")


@cache
def _courtesies() -> frozenset[tuple[str, ...]]:
    """What is never part of a company's name, as "Firma" may be."""
    return frozenset(tokens(entry) for entry in words("courtesies"))


def _is_no_name(behind: str) -> bool:
    """What follows a legal form and is no part of the name: figures, a title ("Acme Ltd INVOICE"), a sentence ("Acme
    AG ist ein Unternehmen der Gruppe")."""
    said = behind.split()
    sentence = len(said) >= SENTENCE_WORDS and (said[0].islower() or 2 * sum(w.islower() for w in said) > len(said))
    return sentence or bool(re.search(r"\d|:", behind)) or tokens(behind) in phrases("titles")


def _weight(mention: Mention) -> float:
    labelled = any(cue.startswith("label_") and not cue.startswith("label_ship") for cue in mention.cues)
    return (
        3 * labelled
        + 2 * bool(mention.address)
        + ("one_line" not in mention.cues)
        - 2 * any(cue.startswith("label_ship") for cue in mention.cues)
    )


def best_address(party: Party) -> Mention | None:
    with_address = [m for m in party.mentions if m.address]
    return max(with_address, key=lambda m: (_weight(m), len(m.address))) if with_address else None


def _provenance(span: Span, text: str, label: str | None) -> Provenance:
    return Provenance(span.method, text, span.page, span.box, label)


def _union(spans: Sequence[Span]) -> Span:
    first = spans[0]
    return span_of([w for s in spans for w in s.words], first.page, first.page_width, first.page_height, first.method)
