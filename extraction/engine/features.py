"""What a finished reading says about how far each of its values can be trusted, beyond what its own stage stated: how
close the runner-up came, which checks hold, how sure the other values are, and whether it looks like its kind.

The numbers are of the order of 1 and mean nothing by themselves; `confidence` weighs them.
"""

from __future__ import annotations

from collections.abc import Callable

from extraction.engine.parties.lexicon import legal_form
from extraction.engine.parties.pieces import is_city, is_postcode
from extraction.engine.result import Extraction, Field
from extraction.engine.textfold import tokens

MANY_WORDS = 6  # of a name
LIKE_DOMAIN = 5  # letters that a word of a name shares with the party's domain
DIALLED = ("+", "0", "(")  # what telephone numbers begin with, and other numbers mostly do not


def features(found: Extraction, name: str) -> dict[str, float]:
    """The features of the field `name` of `found`, by name. Those that do not apply to it are left out, or 0."""
    field, checks = found.fields[name], {check.name: check.passed for check in found.checks}
    others = [other.confidence for key, other in found.fields.items() if key != name]
    common = {
        "runner_up": max((r.score for r in field.rejected), default=0.0),
        "contested": float(bool(field.rejected)),
        "others": sum(others) / max(1, len(others)),
        "checks_held": float(sum(checks.values())),
        "total_holds": _sign(checks.get("total")),
        "lines_hold": _sign(checks.get("line_sum")),
        "no_invoice": float(found.document_type != "invoice"),
    }
    shape = next((of for ending, of in _SHAPES.items() if name.endswith(ending)), None)
    return common | (shape(found, name, str(field.value)) if shape else {})


def _sign(passed: bool | None) -> float:
    return 0.0 if passed is None else 1.0 if passed else -1.0


def _name(found: Extraction, name: str, text: str) -> dict[str, float]:
    parts = tokens(text)
    domain = _domain(found.fields.get(name.replace("_name", "_email")))
    return {
        "one_word": float(len(parts) == 1),
        "many_words": float(len(parts) > MANY_WORDS),
        "legal_form": float(legal_form(text) is not None),
        "has_digit": float(any(c.isdigit() for c in text)),
        "own_domain": float(any(len(p) >= LIKE_DOMAIN - 1 and p[:LIKE_DOMAIN] in domain for p in parts)),
    }


def _domain(email: Field | None) -> str:
    return str(email.value).rpartition("@")[2].rpartition(".")[0].casefold() if email else ""


def _address(_: Extraction, __: str, text: str) -> dict[str, float]:
    parts = text.split(",")
    return {
        "numbered_lines": float(sum(any(c.isdigit() for c in part) for part in parts) >= 2),  # street and town
        "town": float(any(is_city(part.strip()) or is_postcode(part) for part in parts)),
    }


def _phone(_: Extraction, __: str, text: str) -> dict[str, float]:
    return {"dialled": float(text.startswith(DIALLED))}


_SHAPES: dict[str, Callable[[Extraction, str, str], dict[str, float]]] = {
    "_name": _name,
    "_address": _address,
    "_phone": _phone,
}
