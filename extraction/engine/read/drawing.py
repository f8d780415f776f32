"""Pages in grey: those of a PDF drawn, those of an image file decoded.

Apart from `pdf` and `images`, which judge a file without a pixel and are to be light in memory: numpy comes in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pdf2image
import pypdfium2 as pdfium
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError
from PIL import Image, ImageOps

from extraction.engine.errors import TimedOut
from extraction.engine.options import Limits
from extraction.engine.read.images import count_frames, frames, opened
from extraction.engine.sniff import ImageKind

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
_PLAUSIBLE_DPI = (100, 1200)
_A4_INCHES = 11.69
_ORIENTATION = 0x0112  # the EXIF tag


def render_page(data: bytes, page: pdfium.PdfPage, number: int, limits: Limits) -> Grey | None:
    """Page `number` (from 1) in grey at 300 dpi, or less where that would pass the limit of pixels; None where it
    cannot be drawn. Drawn by poppler, or by PDFium where poppler is absent or fails.

    Raises TimedOut where poppler takes longer than is decent; PDFium, which cannot be stopped, is not tried then.
    """
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
    except PDFPopplerTimeoutError as error:
        raise TimedOut from error
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


def read_frames(kind: ImageKind, data: bytes, limits: Limits) -> Iterator[tuple[Grey, float]]:
    """Each page in grey, upright by its EXIF, on white where it is transparent, with its resolution in dpi. A
    truncated page is read as far as it goes.

    Raises TooManyPages, TooManyPixels, DamagedFile.
    """
    count = count_frames(kind, data, limits)
    with opened(kind, data) as image:
        for frame in islice(frames(kind, image), count):
            yield _grey(frame), _image_resolution(frame)


def _grey(frame: Image.Image) -> Grey:
    frame.draft("L", frame.size)  # a JPEG is decoded to grey at once
    turned = frame.getexif().get(_ORIENTATION, 1) != 1
    upright = ImageOps.exif_transpose(frame) if turned else frame  # which would copy a page of 400 MB
    if upright.mode in ("I;16", "I;16B", "I;16L"):
        return (np.asarray(upright, dtype=np.uint16) >> 8).astype(np.uint8)
    if upright.mode == "P" and "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if upright.mode in ("RGBA", "LA"):
        return _on_white(upright)
    return np.asarray(upright.convert("L"))


def _on_white(image: Image.Image) -> Grey:
    page = Image.new("L", image.size, 255)
    page.paste(image.convert("L"), mask=image.getchannel("A"))
    return np.asarray(page)


def _image_resolution(frame: Image.Image) -> float:
    """Dots per inch as the file says; where it says nothing believable, as if the page were as long as A4."""
    try:
        dpi = float(frame.info["dpi"][0])
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    low, high = _PLAUSIBLE_DPI
    return dpi if low <= dpi <= high else max(max(frame.size) / _A4_INCHES, 1.0)
