"""Which e-invoice syntax an XML document is written in, told by its root element."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree
from lxml.etree import _Element as Element

from extraction.engine.einvoice import cii, ubl
from extraction.engine.einvoice.reading import Reading
from extraction.engine.einvoice.xml import parse_xml
from extraction.engine.errors import EngineError, UnsupportedFile
from extraction.engine.options import Limits

Reader = Callable[[Element], Reading]

_ROOTS: tuple[tuple[str, Reader], ...] = (
    (r"\{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:\d+\}CrossIndustryInvoice", cii.read),
    (r"\{urn:ferd:CrossIndustryDocument:[^}]+\}CrossIndustryDocument", cii.read),
    (r"\{urn:oasis:names:specification:ubl:schema:xsd:((?:SelfBilled)?(?:Invoice|CreditNote))-2\}\1", ubl.read),
)
_ENVELOPE = "StandardBusinessDocument"  # Peppol's and GS1's; the invoice is a child of it


def open_einvoice(xml: bytes, limits: Limits) -> tuple[Element, Reader]:
    """The invoice's own root element and the function that reads it.

    Raises UnsupportedFile for XML that is no e-invoice, DamagedFile for XML that is not well-formed, has a DOCTYPE or
    nests too deep, FileTooLarge past the limit.
    """
    root = parse_xml(xml, limits)
    wrapped = list(root) if etree.QName(root).localname == _ENVELOPE else []
    for element in (root, *wrapped):
        for pattern, reader in _ROOTS:
            if re.fullmatch(pattern, str(element.tag)):
                return element, reader
    raise UnsupportedFile("The XML is not an e-invoice in CII, ZUGFeRD 1.0 or UBL.")


def is_einvoice(xml: bytes, limits: Limits) -> bool:
    """Whether `xml` is well-formed, within bounds, and an e-invoice that can be read."""
    try:
        open_einvoice(xml, limits)
    except EngineError:
        return False
    return True
