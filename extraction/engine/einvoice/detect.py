"""Which e-invoice syntax an XML document is written in, told by its root element."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree
from lxml.etree import _Element as Element

from extraction.engine.einvoice import cii, ubl
from extraction.engine.einvoice.reading import Reading
from extraction.engine.einvoice.xml import parse_xml
from extraction.engine.errors import EngineError
from extraction.engine.options import Limits

Reader = Callable[[Element], Reading]

_ROOTS: tuple[tuple[str, Reader], ...] = (
    (r"\{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:\d+\}CrossIndustryInvoice", cii.read),
    (r"\{urn:ferd:CrossIndustryDocument:[^}]+\}CrossIndustryDocument", cii.read),
    (r"\{urn:oasis:names:specification:ubl:schema:xsd:((?:SelfBilled)?(?:Invoice|CreditNote))-2\}\1", ubl.read),
)
_ENVELOPE = "StandardBusinessDocument"  # Peppol's and GS1's; the invoice is a child of it


def invoice_and_reader(root: Element) -> tuple[Element, Reader] | None:
    """The invoice's own root element and the function that reads it; None where there is no e-invoice."""
    wrapped = list(root) if etree.QName(root).localname == _ENVELOPE else []
    for element in (root, *wrapped):
        for pattern, reader in _ROOTS:
            if re.fullmatch(pattern, str(element.tag)):
                return element, reader
    return None


def is_einvoice(xml: bytes, limits: Limits) -> bool:
    """Whether `xml` is well-formed, within bounds, and an e-invoice that can be read."""
    try:
        return invoice_and_reader(parse_xml(xml, limits)) is not None
    except EngineError:
        return False
