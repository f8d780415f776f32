"""Image files as grey pages, with bounds checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count as count_from
from itertools import islice

import numpy as np
import pillow_heif
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from extraction.engine.errors import DamagedFile, TooManyPages, TooManyPixels
from extraction.engine.options import Limits
from extraction.engine.read.pdf import Grey
from extraction.engine.sniff import ImageKind

pillow_heif.register_heif_opener()
ImageFile.LOAD_TRUNCATED_IMAGES = True  # an interrupted upload often shows all that matters

_FORMATS: dict[ImageKind, str] = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "webp": "WEBP", "heic": "HEIF"}
_PLAUSIBLE_DPI = (100, 1200)
_A4_INCHES = 11.69
_ORIENTATION = 0x0112  # the EXIF tag
_PAGED = {"tiff"}  # in the others further frames are animation or thumbnails
# What Pillow and the libraries beneath it raise on broken files is wide.
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, ArithmeticError, RuntimeError)


@contextmanager
def _opened(kind: ImageKind, data: bytes) -> Iterator[Image.Image]:
    """The image, every failure of Pillow's as one of ours. Its warning of large images is left out, as our own limit
    is checked before anything is decoded; its error, at twice as many pixels, stays."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
                yield image
        except Image.DecompressionBombError as error:
            raise TooManyPixels from error
        except (UnidentifiedImageError, MemoryError, *_BROKEN) as error:
            raise DamagedFile from error


def count_frames(kind: ImageKind, data: bytes, limits: Limits) -> int:
    """How many pages the image file has, judged by its headers alone.

    Raises TooManyPages, TooManyPixels, DamagedFile.
    """
    with _opened(kind, data) as image:
        sizes = [frame.size for frame in islice(_frames(kind, image), limits.max_pages + 1)]
    if len(sizes) > limits.max_pages:
        raise TooManyPages.beyond(limits.max_pages)
    if max(width * height for width, height in sizes) > limits.max_page_pixels:
        raise TooManyPixels.beyond(limits.max_page_pixels)
    return len(sizes)


def read_frames(kind: ImageKind, data: bytes, limits: Limits) -> Iterator[tuple[Grey, float]]:
    """Each page in grey, upright by its EXIF, on white where it is transparent, with its resolution in dpi. A
    truncated page is read as far as it goes.

    Raises TooManyPages, TooManyPixels, DamagedFile.
    """
    count = count_frames(kind, data, limits)
    with _opened(kind, data) as image:
        for frame in islice(_frames(kind, image), count):
            yield _grey(frame), _resolution(frame)


def _frames(kind: ImageKind, image: Image.Image) -> Iterator[Image.Image]:
    for index in count_from(0):
        try:
            image.seek(index)
        except EOFError:
            return
        yield image
        if kind not in _PAGED:
            return


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


def _resolution(frame: Image.Image) -> float:
    """Dots per inch as the file says; where it says nothing believable, as if the page were as long as A4."""
    try:
        dpi = float(frame.info["dpi"][0])
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    low, high = _PLAUSIBLE_DPI
    return dpi if low <= dpi <= high else max(max(frame.size) / _A4_INCHES, 1.0)
