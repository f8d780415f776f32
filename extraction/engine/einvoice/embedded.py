"""The e-invoice XML that a hybrid PDF (Factur-X, ZUGFeRD, XRechnung) carries as an attachment."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pikepdf

from extraction.engine.einvoice.detect import open_einvoice
from extraction.engine.errors import EngineError
from extraction.engine.options import Limits

# By the specifications' own names first; any other attachment may be the invoice too.
_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "ferd-invoice.xml", "order-x.xml")
_MAX_ATTACHMENTS = 64
_SNIFFED = 256
_XML_STARTS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What pikepdf raises for objects that are not what they should be
_PDF_FAULTS = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)


def embedded_xml(pdf: bytes, limits: Limits) -> bytes | None:
    """The first attachment that is a well-formed e-invoice with a total, standard names first.

    None without one, or where the PDF cannot be opened. No attachment is inflated past `limits.max_xml_bytes`, and
    nothing is written anywhere.
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            specs = sorted(islice(_file_specs(document), _MAX_ATTACHMENTS), key=_rank)
            contents = (_content(spec, limits.max_xml_bytes) for spec in specs)
            return next((xml for xml in contents if xml and _says_enough(xml, limits)), None)
    except (*_PDF_FAULTS, pikepdf.PasswordError):
        return None


def _file_specs(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """File specifications of the name tree and of the associated files (/AF), each once."""
    seen = set()
    for spec in (*_associated(document), *_name_tree(document)):
        key = spec.objgen if spec.is_indirect else id(spec)
        if isinstance(spec, pikepdf.Dictionary) and key not in seen:
            seen.add(key)
            yield spec


def _associated(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    listed = document.Root.get("/AF")
    if isinstance(listed, pikepdf.Array):
        yield from islice(iter(listed), _MAX_ATTACHMENTS)


def _name_tree(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    try:
        files = islice(document.attachments.values(), _MAX_ATTACHMENTS)
        yield from (file.obj for file in files)
    except _PDF_FAULTS:  # a broken tree; /AF may still name the file
        return


def _rank(spec: pikepdf.Object) -> int:
    name = str(spec.get("/UF", spec.get("/F", ""))).lower()
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def _says_enough(xml: bytes, limits: Limits) -> bool:
    """Whether the XML is an e-invoice with a total (every profile has one): a mere shell must not hide the page."""
    try:
        root, reader = open_einvoice(xml, limits)
    except EngineError:
        return False
    return reader(root).fields.get("total_amount") is not None


def _content(spec: pikepdf.Object, limit: int) -> bytes | None:
    """The attached bytes where they look like XML and stay within `limit`; None otherwise."""
    try:
        files = spec["/EF"]
        stream = files["/F"] if "/F" in files else files["/UF"]
        stored: Any = stream.get("/Filter", [])
        names = [str(stored)] if isinstance(stored, pikepdf.Name) else [str(name) for name in stored]
        raw = stream.read_raw_bytes()
        head = _decoded(raw, names, _SNIFFED)
        if not head.lstrip().startswith(_XML_STARTS):
            return None
        data = _decoded(raw, names, limit + 1)
    except (*_PDF_FAULTS, zlib.error):
        return None
    return data if len(data) <= limit else None


def _decoded(raw: bytes, filters: list[str], limit: int) -> bytes:
    """At most `limit` bytes of a stream. Attachments are stored plain or deflated; raises ValueError for others."""
    for name in filters:
        if name not in ("/FlateDecode", "/Fl"):
            raise ValueError(f"attachment stored as {name}")
        raw = zlib.decompressobj().decompress(raw, limit)
    return raw[:limit]
