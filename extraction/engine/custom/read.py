"""Custom fields of the document as a whole: candidates ranked by the definition's labels as built-in fields are."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.engine.candidates import Candidate
from extraction.engine.confidence import calibrate
from extraction.engine.custom.definition import CustomDefinition
from extraction.engine.custom.values import candidates, is_free_text, label_hits, region_text
from extraction.engine.document import Document
from extraction.engine.header import as_field
from extraction.engine.labels import LabelHit
from extraction.engine.result import CustomField
from extraction.engine.scoring import Scored, rank

MIN_SCORE = 0.35
ONLY_MATCH = 0.5  # the one value of the document that fits a pattern or an enum, without a label
IN_REGION = 0.6  # the one value of its region
MAX_VALUES = 50  # of an array


def read_custom(document: Document, definitions: Sequence[CustomDefinition]) -> dict[str, CustomField]:
    """Every field of `definitions` that is no column of the line items, found or not."""
    return {field.name: read_field(document, field) for field in definitions if not field.line_item}


def read_field(document: Document, field: CustomDefinition) -> CustomField:
    """The best value of `field`, or for an array all that its labels name as surely as the best."""
    hits = label_hits(document.layout.segments, field)
    offered = candidates(document, field, hits)
    ranked = ranked_by_labels(document, field, offered, hits) + _unlabelled(field, offered)
    ranked = sorted((s for s in ranked if s.score >= MIN_SCORE), key=lambda s: -s.score)
    return chosen(field, ranked)


def chosen(field: CustomDefinition, ranked: Sequence[Scored]) -> CustomField:
    """The field with the best of `ranked`; where it takes many, with all in the order of their scores."""
    kept: list[Scored] = []
    for scored in ranked:
        if all(scored.candidate.value != other.candidate.value for other in kept):
            kept.append(scored)
    kept = kept[:MAX_VALUES] if field.many else kept[:1]
    rivals = () if field.many else ranked
    found = tuple(as_field(s, rivals, calibrate("custom", s.score) * s.candidate.span.confidence) for s in kept)
    return CustomField(field.kind, field.many, found)


def ranked_by_labels(
    document: Document, field: CustomDefinition, offered: Sequence[Candidate], hits: Sequence[LabelHit]
) -> list[Scored]:
    """`offered` by the field's labels, against the labels of everything else that stands on the page."""
    if not hits or not offered:
        return []
    others = [other for other in document.hits if not any(_overlap(other, hit) for hit in hits)]
    return rank(document.layout, offered, [*hits, *others], (field.name,))[field.name]


def _overlap(a: LabelHit, b: LabelHit) -> bool:
    return bool({id(word) for word in a.span.words} & {id(word) for word in b.span.words})


def _unlabelled(field: CustomDefinition, offered: Sequence[Candidate]) -> list[Scored]:
    """What needs no label: the only fit of a pattern or enum, all fits for an array, the content of a region."""
    values = {str(c.value) for c in offered}
    if field.region and is_free_text(field):
        whole = region_text(offered)
        return [Scored(whole, IN_REGION, None)] if whole else []
    if field.region and (field.many or len(values) == 1):
        return [Scored(c, IN_REGION, None) for c in offered]
    narrow = field.pattern is not None or (bool(field.enum) and field.kind == "string")
    if narrow and (field.many or len(values) == 1):
        return [Scored(c, ONLY_MATCH, None) for c in offered]
    return []
