"""Opening a PDF: why not, how many pages, and each of them."""

from __future__ import annotations

import io
from contextlib import suppress

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extraction.engine.errors import DamagedFile, EncryptedFile, EngineError, TooManyPages
from extraction.engine.options import Limits

_NODES_PER_PAGE = 20  # nodes of the page tree looked at for each page that may be there


def open_pdf(data: bytes, limits: Limits) -> pdfium.PdfDocument:
    """The document, with its forms ready to be drawn.

    Raises EncryptedFile where a password is needed to open it, TooManyPages where PDFium will not have that many,
    DamagedFile where it cannot be opened for another reason.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise _refusal(data, error, limits) from error
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()
    return document


def _refusal(data: bytes, error: pdfium.PdfiumError, limits: Limits) -> EngineError:
    """Why PDFium would not open the document. Its error code may be that of an earlier document, so what qpdf makes
    of the structure comes first."""
    try:
        leaves = _leaves(data, limits.max_pages + 1)
    except EncryptedFile as encrypted:
        return encrypted
    if leaves > limits.max_pages:
        return TooManyPages.beyond(limits.max_pages)
    locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
    return EncryptedFile() if locked and leaves == 0 else DamagedFile()


def count_pages(document: pdfium.PdfDocument, data: bytes, limits: Limits) -> int:
    """How many pages there are to read. PDFium takes the page tree's /Count at its word, so a count past the limit
    is believed only where the tree has so many leaves.

    Raises TooManyPages, DamagedFile where there is no page.
    """
    count = len(document)
    if count > limits.max_pages:
        count = _leaves(data, limits.max_pages + 1)
    if count > limits.max_pages:
        raise TooManyPages.beyond(limits.max_pages)
    if not any(_has_size(document, index) for index in range(count)):
        raise DamagedFile
    return count


def _has_size(document: pdfium.PdfDocument, index: int) -> bool:
    try:
        return bool(min(document.get_page_size(index)) > 0)
    except pdfium.PdfiumError:
        return False


def _leaves(data: bytes, stop: int) -> int:
    """Pages of the page tree counted one by one, no further than `stop`. A tree that loops or branches without end
    is left after so many nodes; 0 where the structure cannot be read at all. Raises EncryptedFile."""
    try:
        with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as document:
            return _walk(document.Root.Pages, stop)
    except pikepdf.PasswordError as error:
        raise EncryptedFile from error
    except (pikepdf.PdfError, AttributeError, KeyError, ValueError, TypeError):
        return 0


def _walk(root: pikepdf.Object, stop: int) -> int:
    found, nodes = 0, [root]
    for _ in range(_NODES_PER_PAGE * stop):
        if not nodes or found >= stop:
            break
        node = nodes.pop()
        kids = node.get("/Kids") if isinstance(node, pikepdf.Dictionary) else None
        if isinstance(kids, pikepdf.Array):
            nodes.extend(kids[i] for i in range(min(len(kids), stop)))
        elif isinstance(node, pikepdf.Dictionary):
            found += 1
    return found


def load_page(document: pdfium.PdfDocument, index: int) -> pdfium.PdfPage | None:
    """Page `index` (from 0) with filled-in form fields made part of it; None where it is missing or broken."""
    try:
        page = document[index]
    except (pdfium.PdfiumError, IndexError):
        return None
    with suppress(pdfium.PdfiumError):  # a form that cannot be drawn still leaves the page beneath it
        if document.formenv and page.flatten() == pdfium_c.FLATTEN_SUCCESS:
            return document[index]  # flattening leaves the loaded page as it was
    return page
