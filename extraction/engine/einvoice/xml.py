"""Parsing of untrusted XML: bounded in size and depth, no DOCTYPE, no entities, no network."""

from __future__ import annotations

from typing import NoReturn

from lxml import etree
from lxml.etree import _Element as Element

from extraction.engine.errors import DamagedFile, FileTooLarge
from extraction.engine.options import Limits

_CHUNK = 4096


class _RootReached(Exception):
    """The prolog ended without a DOCTYPE."""


class _Prolog:
    """A parser target that looks no further than the root's start tag."""

    def doctype(self, name: str, public_id: str | None, system_id: str | None) -> NoReturn:
        raise DamagedFile("The XML has a DOCTYPE, which is refused: e-invoices need none.")

    def start(self, tag: str, attributes: dict[str, str]) -> NoReturn:
        raise _RootReached

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


def _parser(target: object | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=target,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_doctype(data: bytes) -> None:
    """Read the prolog piece by piece, so that nothing a DOCTYPE declares is ever worked on."""
    parser = _parser(_Prolog())
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except _RootReached:
        return


def parse_xml(data: bytes, limits: Limits) -> Element:
    """The root of the XML in `data` (any encoding that its BOM or declaration names; comments are left out).

    Raises FileTooLarge past `limits.max_xml_bytes`; DamagedFile where it is not well-formed, has a DOCTYPE, or nests
    deeper than `limits.max_xml_depth`.
    """
    if len(data) > limits.max_xml_bytes:
        raise FileTooLarge("The XML is larger than allowed.")
    data = data.lstrip(b" \t\r\n")  # some senders put a blank line before the XML declaration, where none may stand
    try:
        _refuse_doctype(data)
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, LookupError, ValueError) as fault:  # LookupError: an encoding nobody knows
        raise DamagedFile("The XML is not well-formed.") from fault
    if root.xpath("boolean(" + "/*" * (limits.max_xml_depth + 1) + ")"):
        raise DamagedFile("The XML is nested deeper than allowed.")
    return root


def xml_text(data: bytes, limits: Limits) -> str:
    """The XML as text, whatever its encoding, without declaration and comments. Raises as `parse_xml` does."""
    text: str = etree.tostring(parse_xml(data, limits), encoding="unicode")
    return text
