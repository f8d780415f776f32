"""What a file is, by its content alone: names and declared types come from strangers."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from extraction.engine.errors import EmptyFile, UnsupportedFile

Kind = Literal["pdf", "png", "jpeg", "tiff", "webp", "heic", "xml"]
ImageKind = Literal["png", "jpeg", "tiff", "webp", "heic"]

_HEAD = 1024  # readers accept a PDF header anywhere in here (ISO 32000-1, annex H, note 13)
_IMAGES: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
)
# Major brands of HEVC-coded HEIF (ISO/IEC 23008-12); mif1 and msf1 name the container, so a compatible brand decides.
_HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML_START = re.compile(r"\s*<(\?xml\s|!--|[A-Za-z_])")


def sniff(data: bytes) -> Kind:
    """The kind of `data`. An image is known by its first bytes, a PDF by its header within the first 1024, XML by
    a declaration, a comment or a tag after an optional byte order mark and blanks (UTF-8, UTF-16 or ASCII-like).

    Raises EmptyFile where there is nothing but blanks, UnsupportedFile for anything else.
    """
    head = data[:_HEAD]
    if not head.strip(b" \t\r\n\x00") and not data.strip(b" \t\r\n\x00"):
        raise EmptyFile
    for magic, kind in _IMAGES:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and _is_heic(head):
        return "heic"
    if b"%PDF-" in head:
        return "pdf"
    if _XML_START.match(_text(head)):
        return "xml"
    raise UnsupportedFile


def _is_heic(head: bytes) -> bool:
    size = int.from_bytes(head[:4], "big")
    brands = head[8:12] + head[16 : max(16, min(size, _HEAD))]
    return any(brands[i : i + 4] in _HEVC_BRANDS for i in range(0, len(brands), 4))


def _text(head: bytes) -> str:
    """The head as text, by its byte order mark or by where the zero bytes of UTF-16 stand."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace")
    if head[1:2] == b"\x00":
        return head.decode("utf-16-le", "replace")
    if head[:1] == b"\x00":
        return head.decode("utf-16-be", "replace")
    return head.decode("latin-1")
