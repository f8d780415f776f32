"""Opening a PDF and drawing its pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pdf2image
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

from extraction.engine.errors import DamagedFile, EncryptedFile
from extraction.engine.options import Limits

Grey = np.ndarray[Any, np.dtype[Any]]  # (height, width) of uint8, 0 black to 255 white

OCR_DPI = 300
_POPPLER_FAILS = (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
    OSError,
    ValueError,
)
_RENDER_TIMEOUT_S = 20
_MIN_SIDE = 8  # pixels; a page that comes out smaller holds nothing to read


def open_pdf(data: bytes) -> pdfium.PdfDocument:
    """The document, with its forms ready to be drawn.

    Raises EncryptedFile where a password is needed to open it, DamagedFile where no reader would open it.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise (EncryptedFile if error.err_code in locked else DamagedFile) from error
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()
    return document


def load_page(document: pdfium.PdfDocument, index: int) -> pdfium.PdfPage | None:
    """Page `index` (from 0) with filled-in form fields made part of it; None where it is missing or broken."""
    try:
        page = document[index]
        if document.formenv and page.flatten() == pdfium_c.FLATTEN_SUCCESS:
            page = document[index]  # flattening leaves the loaded page as it was
    except (pdfium.PdfiumError, IndexError):
        return None
    return page


def render_page(data: bytes, page: pdfium.PdfPage, number: int, limits: Limits) -> Grey | None:
    """Page `number` (from 1) in grey at 300 dpi, or less where that would pass the limit of pixels; None where it
    cannot be drawn. Drawn by poppler; by PDFium where poppler is absent, fails or takes too long."""
    width, height = page.get_size()
    dpi = _resolution(width, height, limits.max_page_pixels)
    if min(width, height) * dpi / 72 < _MIN_SIDE:
        return None
    try:
        images = pdf2image.convert_from_bytes(
            data,
            dpi=dpi,
            first_page=number,
            last_page=number,
            grayscale=True,
            use_cropbox=True,
            timeout=_RENDER_TIMEOUT_S,
        )
    except _POPPLER_FAILS:
        images = []
    if images:
        return np.asarray(images[0].convert("L"))
    try:
        return np.ascontiguousarray(page.render(scale=dpi / 72, grayscale=True).to_numpy()[:, :])
    except (pdfium.PdfiumError, MemoryError):
        return None


def _resolution(width: float, height: float, max_pixels: int) -> int:
    """Dots per inch for a page of this size in points, so that the picture stays within an A3 page's pixels."""
    area = max(width * height, 1.0) / 72**2
    wanted = min(max_pixels, int(11.7 * 16.6 * OCR_DPI**2))
    return max(1, min(OCR_DPI, int((wanted / area) ** 0.5)))
