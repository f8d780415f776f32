"""The judgement at upload: what the file is, how many pages it has, and whether it is worth starting on it.

Cheap: headers and page counts, no page is drawn and no pixel decoded.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from extraction.engine.einvoice import open_einvoice
from extraction.engine.errors import FileTooLarge
from extraction.engine.options import Limits
from extraction.engine.read.images import count_frames
from extraction.engine.read.pdf import count_pages, open_pdf
from extraction.engine.sniff import Kind, sniff

_KINDS: tuple[Kind, ...] = ("pdf", "png", "jpeg", "tiff", "webp", "heic", "xml")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file before it is read. An XML e-invoice has no pages (it costs one credit all the same)."""

    kind: Kind
    page_count: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Facts:
        """Raises ValueError, KeyError or TypeError where `data` is not what `to_json` gives."""
        kind, count = data["kind"], data["page_count"]
        if kind not in _KINDS or type(count) is not int or count < 0:
            raise ValueError(f"not facts: {data!r}")
        return cls(kind, count)


def inspect(data: bytes, limits: Limits) -> Facts:
    """Kind and number of pages of an upload.

    Raises EmptyFile, FileTooLarge, UnsupportedFile, DamagedFile (cut short beyond repair, or without a page),
    EncryptedFile (a password is needed to open it), TooManyPages, TooManyPixels.
    """
    if len(data) > limits.max_bytes:
        raise FileTooLarge.beyond(limits.max_bytes)
    kind = sniff(data)
    if kind == "pdf":
        return Facts(kind, _pdf_pages(data, limits))
    if kind == "xml":
        _check_einvoice(data, limits)
        return Facts(kind, 0)
    return Facts(kind, count_frames(kind, data, limits))


def _pdf_pages(data: bytes, limits: Limits) -> int:
    with closing(open_pdf(data, limits)) as document:
        return count_pages(document, data, limits)


def _check_einvoice(data: bytes, limits: Limits) -> None:
    if len(data) > limits.max_xml_bytes:
        raise FileTooLarge.beyond(limits.max_xml_bytes)
    open_einvoice(data, limits)
