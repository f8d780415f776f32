"""From XML elements to fields: paths of local names in, values with their provenance out.

Paths name elements by local name in any namespace: within a recognised root the names are unambiguous, and the
namespaces of CII, ZUGFeRD 1 and UBL differ by version while the names stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice

from lxml import etree
from lxml.etree import _Element as Element

from extraction.engine.result import Field, Provenance, Value

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)  # xs:decimal
_MAX_WRITTEN = 40  # characters of a number; senders write quotients to 29 digits and more
_MAX_DIGITS = 14  # before the point: in the smallest unit of any currency it fits a signed 64-bit integer
_ISO_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?![\d])|(\d{4})(\d{2})(\d{2})(?=\d{4}(\d\d)?$)", re.ASCII)
_LABEL_STEPS = 3


@cache
def _any_namespace(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def every(node: Element | None, path: str) -> list[Element]:
    """All elements at `path` ("A/B", local names) below `node`, in document order; none below None."""
    return [] if node is None else node.findall(_any_namespace(path))


def child(node: Element | None, *paths: str) -> Element | None:
    """The first element at the earliest of `paths` that has one."""
    return next((found for path in paths for found in every(node, path)), None)


def leaf(node: Element | None, *paths: str) -> Element | None:
    """The first element with text at the earliest of `paths` that has one."""
    return next((found for path in paths for found in every(node, path) if written(found)), None)


def written(element: Element | None) -> str:
    """The element's own text without outer blanks; empty for None."""
    return "" if element is None else (element.text or "").strip()


def word(node: Element | None, *paths: str) -> str:
    """The text at the earliest of `paths` that has any, on one line; empty where none has."""
    return " ".join(written(leaf(node, *paths)).split())


def label(element: Element) -> str:
    """The last steps of the element's path below the root, such as "SellerTradeParty/PostalTradeAddress/CityName"."""
    branch = [element, *islice(element.iterancestors(), _LABEL_STEPS)]
    steps = [etree.QName(node).localname for node in branch if node.getparent() is not None]
    return "/".join(reversed(steps[:_LABEL_STEPS]))


def as_field(value: Value | None, element: Element, text: str | None = None) -> Field | None:
    """A field read from `element`, None for no value. `text` defaults to the element's own."""
    if value is None or value == "":
        return None
    return Field(value, 1.0, Provenance("xml", written(element) if text is None else text, label=label(element)))


def text(node: Element | None, *paths: str) -> Field | None:
    """The text at the earliest of `paths`, blanks collapsed."""
    found = leaf(node, *paths)
    return None if found is None else as_field(" ".join(written(found).split()), found)


def prose(elements: Iterable[Element], separator: str) -> Field | None:
    """The texts of all elements, joined; lines are kept, blanks within a line collapsed, repetitions left out."""
    kept: dict[str, Element] = {}
    for element in elements:
        lines = (" ".join(line.split()) for line in written(element).splitlines())
        if joined := "\n".join(line for line in lines if line):
            kept.setdefault(joined, element)
    return as_field(separator.join(kept), next(iter(kept.values())), separator.join(kept)) if kept else None


def number(raw: str) -> Decimal | None:
    """An xs:decimal exactly as written; None for anything else, or for more digits than money has."""
    if not _NUMBER.fullmatch(raw) or len(raw) > _MAX_WRITTEN:
        return None
    value = Decimal(raw)
    return value if value.adjusted() < _MAX_DIGITS else None


def amount(node: Element | None, *paths: str) -> Field | None:
    """The number at the earliest of `paths`, exactly as written."""
    found = leaf(node, *paths)
    return None if found is None else as_field(number(written(found)), found)


def decimal(field: Field | None) -> Decimal | None:
    """The field's number, None where it is absent or no number."""
    return field.value if field and isinstance(field.value, Decimal) else None


def as_date(raw: str, code: str | None = None) -> date | None:
    """A date from ISO 8601 (with or without time) or a UNTDID 2379 form that holds a day: 102, 203, 204, and 101."""
    match = _ISO_DATE.match("20" + raw if code == "101" else raw)
    if not match:
        return None
    year, month, day = (int(part) for part in (match.groups()[:3] if match[1] else match.groups()[3:6]))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day(node: Element | None, *paths: str) -> Field | None:
    """The date at the earliest of `paths`; CII wraps it in a DateTimeString (or DateTime) with a format code."""
    expanded = [path + suffix for path in paths for suffix in ("", "/DateTimeString", "/DateTime")]
    found = leaf(node, *expanded)
    return None if found is None else as_field(as_date(written(found), found.get("format")), found)
