"""Opening an image file, its bounds checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count as count_from
from itertools import islice

import pillow_heif
from PIL import Image, ImageFile, UnidentifiedImageError

from extraction.engine.errors import DamagedFile, TooManyPages, TooManyPixels
from extraction.engine.options import Limits
from extraction.engine.sniff import ImageKind

pillow_heif.register_heif_opener()
ImageFile.LOAD_TRUNCATED_IMAGES = True  # an interrupted upload often shows all that matters

_FORMATS: dict[ImageKind, str] = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "webp": "WEBP", "heic": "HEIF"}
_PAGED = {"tiff"}  # in the others further frames are animation or thumbnails
# What Pillow and the libraries beneath it raise on broken files is wide.
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, ArithmeticError, RuntimeError)


@contextmanager
def opened(kind: ImageKind, data: bytes) -> Iterator[Image.Image]:
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
    with opened(kind, data) as image:
        sizes = [frame.size for frame in islice(frames(kind, image), limits.max_pages + 1)]
    if len(sizes) > limits.max_pages:
        raise TooManyPages.beyond(limits.max_pages)
    if max(width * height for width, height in sizes) > limits.max_page_pixels:
        raise TooManyPixels.beyond(limits.max_page_pixels)
    return len(sizes)


def frames(kind: ImageKind, image: Image.Image) -> Iterator[Image.Image]:
    """The image at each of its pages in turn, always the same object. Raises whatever Pillow does (see `opened`)."""
    for index in count_from(0):
        try:
            image.seek(index)
        except EOFError:
            return
        yield image
        if kind not in _PAGED:
            return
