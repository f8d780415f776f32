"""A grey page made fit for OCR: even light, level lines, letters of the size that Tesseract reads best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from extraction.engine.read.drawing import Grey
from extraction.engine.words import Affine

Matrix = np.ndarray[Any, np.dtype[Any]]

TARGET_HEIGHT = 24.0  # median height in pixels of letters (between x-height and capitals)
_SCALES = (0.3, 4.0)
MAX_PIXELS = 16_000_000  # of the page that Tesseract gets: A4 at 400 dpi
_BACKGROUND_SIDE = 256  # longer side at which the light of the page is estimated
_SKEW_SIDE = 1000  # longer side at which the skew is measured
_MAX_SKEW = 8.0  # degrees
_LEAST_SKEW = 0.15  # less is left alone
_LEAST_LETTERS = 20
_MIN_SIDE = 16  # pixels; a smaller page has no room for a line of text

cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The page as Tesseract gets it, and the map from its fractions to those of the page that came in (None where
    they are the same)."""

    image: Grey
    turn: Affine | None


def prepare(page: Grey, quarters: int = 0) -> Prepared:
    """Turn `page` clockwise by quarter turns, even out its light, level it and bring its letters to size."""
    upright = np.ascontiguousarray(np.rot90(page, -quarters))
    upright = _shrink(upright)
    flat = flatten(upright)
    angle = skew(flat)
    scale = _scale(flat)
    level, matrix = _warp(flat, angle, scale)
    return Prepared(level, _turn(matrix, upright.shape, level.shape, quarters))


def flatten(page: Grey) -> Grey:
    """The page divided by its background: shadows and yellowed paper turn white, ink stays dark."""
    height, width = page.shape
    small = _resized(page, _BACKGROUND_SIDE / max(height, width))
    # the brightest near by is paper; letters are far smaller than the kernel at this scale
    paper = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 9), (0, 0), 5)
    background = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(page, np.maximum(background, 32), scale=255), dtype=np.uint8)


def is_blank(page: Grey) -> bool:
    """Whether there is next to no ink (less than a short word of it), or no room for any."""
    if min(page.shape) < _MIN_SIDE:
        return True
    return int(np.count_nonzero(flatten(_resized(page, 0.5)) < 160)) < 60


def skew(flat: Grey) -> float:
    """Degrees by which the lines rise to the right: the angle at which the rows of the page, sheared level, differ
    most in ink (Postl's projection profile)."""
    factor = min(1.0, _SKEW_SIDE / max(flat.shape))
    small = _resized(flat, factor)
    ink = (255 - small).astype(np.float32)
    ink[ink < 60] = 0
    coarse = max(np.arange(-_MAX_SKEW, _MAX_SKEW + 0.1, 0.5), key=lambda a: _sharpness(ink, a))
    best = max(np.arange(coarse - 0.4, coarse + 0.41, 0.1), key=lambda a: _sharpness(ink, a))
    clear = _sharpness(ink, best) > 1.02 * _sharpness(ink, 0.0)
    return float(best) if clear and abs(best) >= _LEAST_SKEW else 0.0


def _sharpness(ink: Matrix, degrees: float) -> float:
    height, width = ink.shape
    slope = float(np.tan(np.radians(degrees)))
    shear = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]], dtype=np.float32)
    rows = cv2.warpAffine(ink, shear, (width, height), flags=cv2.INTER_NEAREST).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


def _scale(flat: Grey) -> float:
    """The factor that brings the median letter to the target height, within bounds."""
    _, binary = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = heights[
        (heights >= 5) & (heights <= flat.shape[0] / 10) & (widths <= 3 * heights) & (widths * 8 >= heights)
    ]
    if len(letters) < _LEAST_LETTERS:
        return 1.0
    wanted = TARGET_HEIGHT / float(np.median(letters))
    roof = (MAX_PIXELS / flat.size) ** 0.5
    return float(min(max(wanted, _SCALES[0]), _SCALES[1], roof))


def _shrink(page: Grey) -> Grey:
    factor = (MAX_PIXELS / page.size) ** 0.5
    return page if factor >= 1 else _resized(page, factor)


def _resized(page: Grey, factor: float) -> Grey:
    """A smaller page, of one pixel at least either way."""
    height, width = page.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA))


def _warp(flat: Grey, angle: float, scale: float) -> tuple[Grey, Matrix]:
    """The page levelled and scaled, on a canvas that loses no corner, and the 2x3 matrix that did it."""
    height, width = flat.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, scale)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[:, 2] += (new_width / 2 - width / 2, new_height / 2 - height / 2)
    if angle == 0.0:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(flat, (new_width, new_height), interpolation=how)), matrix
    level = cv2.warpAffine(flat, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderValue=255.0)
    return np.asarray(level), matrix


def _turn(
    matrix: Matrix,
    upright: tuple[int, ...],
    level: tuple[int, ...],
    quarters: int,
) -> Affine | None:
    """The map from fractions of the level page to fractions of the page before its quarter turns."""
    pixels = np.vstack([matrix, [0, 0, 1]])
    to_level_pixels, to_fractions = np.diag([level[1], level[0], 1]), np.diag([1 / upright[1], 1 / upright[0], 1])
    back = {
        0: np.eye(3),
        1: np.array([[0, 1, 0], [-1, 0, 1], [0, 0, 1]]),
        2: np.array([[-1, 0, 1], [0, -1, 1], [0, 0, 1]]),
        3: np.array([[0, -1, 1], [1, 0, 0], [0, 0, 1]]),
    }[quarters % 4]
    whole = back @ to_fractions @ np.linalg.inv(pixels) @ to_level_pixels
    if np.allclose(whole, np.eye(3), atol=1e-3):
        return None
    a, b, c, d, e, f = (float(v) for v in whole[:2].ravel())
    return a, b, c, d, e, f
