"""What befalls paper before and while it is photographed: stamps, pens, folds, heat, a table and a hand-held lens."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]  # height x width x 3, RGB
Step = Callable[[Pixels, np.random.Generator, float], Pixels]
INKS = ((176, 32, 40), (30, 50, 150), (20, 20, 24), (24, 110, 60))
STAMPS = (
    "PAID",
    "RECEIVED",
    "COPY",
    "BEZAHLT",
    "EINGEGANGEN",
    "PAYE",
    "RECU LE",
    "PAGATO",
    "PAGADO",
    "BETAALD",
    "ZAPLACONO",
)
TABLES = ((92, 66, 46), (60, 62, 66), (150, 140, 128), (36, 44, 58), (120, 92, 60))


def ink(page: Pixels, mask: npt.NDArray[np.float32], colour: tuple[int, int, int], strength: float) -> Pixels:
    """Ink that lets what is printed shine through; `mask` in 0..1."""
    share = (mask * strength)[..., None]
    tinted = page * (1 - share + share * np.array(colour) / 255)
    return np.clip(tinted, 0, 255).astype(np.uint8)


def stamp(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """A rubber stamp, askew and unevenly inked."""
    height, width = page.shape[:2]
    scale = width / 1654 * rng.uniform(1.4, 2.4)
    text = str(rng.choice(STAMPS))
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 3)
    pad = int(18 * scale)
    plate = np.zeros((high + 2 * pad, wide + 2 * pad), np.uint8)
    cv2.putText(
        plate, text, (pad, high + pad), cv2.FONT_HERSHEY_DUPLEX, scale, 255, max(2, int(3 * scale)), cv2.LINE_AA
    )
    cv2.rectangle(plate, (4, 4), (plate.shape[1] - 5, plate.shape[0] - 5), 255, max(2, int(2 * scale)))
    centre = (float(rng.uniform(0.25, 0.75) * width), float(rng.uniform(0.2, 0.85) * height))
    matrix = cv2.getRotationMatrix2D((plate.shape[1] / 2, plate.shape[0] / 2), float(rng.uniform(-25, 25)), 1.0)
    matrix[:, 2] += np.array(centre) - np.array(plate.shape[::-1]) / 2
    mask = cv2.warpAffine(plate, matrix, (width, height)).astype(np.float32) / 255
    patches = cv2.resize(rng.uniform(0.4, 1.0, (24, 24)).astype(np.float32), (width, height))
    return ink(page, mask * patches, INKS[int(rng.integers(len(INKS)))], min(0.85, 0.6 * severity))


def scribble(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """A signature, a tick or a note with a ball pen."""
    height, width = page.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        start = rng.uniform([0.1, 0.1], [0.8, 0.9]) * [width, height]
        steps = rng.normal(0, width * 0.012, (int(rng.integers(8, 30)), 2)) + np.array([width * 0.006, 0])
        path = start + np.cumsum(steps, axis=0)
        smooth = np.stack([np.convolve(axis, np.ones(3) / 3, "valid") for axis in path.T], axis=1)
        weight = max(1, round(width / 1654 * rng.uniform(2, 4)))
        cv2.polylines(mask, [smooth.astype(np.int32)], False, 1.0, weight, cv2.LINE_AA)
    return ink(page, mask, INKS[int(rng.integers(1, 3))], 0.85)


def folds(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Creases where the paper was folded: a dark and a light line side by side."""
    height, width = page.shape[:2]
    light = np.ones((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        across = rng.random() < 0.6
        at = int(rng.uniform(0.2, 0.8) * (height if across else width))
        slope = int(rng.normal(0, 0.01) * width)
        ends = ((0, at), (width, at + slope)) if across else ((at, 0), (at + slope, height))
        shift = (0, 2) if across else (2, 0)
        cv2.line(light, *ends, 0.75, 2, cv2.LINE_AA)
        cv2.line(light, *((x + shift[0], y + shift[1]) for x, y in ends), 1.12, 2, cv2.LINE_AA)
    return np.clip(page * cv2.GaussianBlur(light, (0, 0), 1.2)[..., None], 0, 255).astype(np.uint8)


def thermal(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Faded thermal print: pale in broad patches, with pale streaks where the head is worn."""
    height, width = page.shape[:2]
    patches = cv2.resize(rng.uniform(0.0, 0.55 * min(severity, 1.6), (6, 4)).astype(np.float32), (width, height))
    streaks = np.zeros((1, width), np.float32)
    streaks[0, rng.integers(0, width, 3)] = 0.5
    pale = np.clip(patches + cv2.GaussianBlur(streaks, (0, 0), 1.5), 0, 0.8)[..., None]
    paper = np.array([240, 238, 228])
    return np.clip(page * (1 - pale) + paper * pale, 0, 255).astype(np.uint8)


def photo(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Held over a table: its surface around the sheet, seen at an angle, in uneven light."""
    height, width = page.shape[:2]
    border = int(max(width, height) * rng.uniform(0.03, 0.09))
    size = (width + 2 * border, height + 2 * border)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + border + rng.uniform(-0.6, 0.6, (4, 2)) * border * min(severity, 1.5)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    sheet = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_CUBIC)
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)[..., None]
    scene = sheet * cover + _table(rng, size) * (1 - cover)
    light = cv2.resize(rng.uniform(0.62, 1.05, (3, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    warm = np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.82, 1.0)])
    return np.clip(scene * light[..., None] * warm, 0, 255).astype(np.uint8)


def _table(rng: np.random.Generator, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """A surface with grain along its length."""
    grain = cv2.resize(rng.normal(0, 9, (size[1] // 3 + 1, 40)).astype(np.float32), size)
    return np.array(TABLES[int(rng.integers(len(TABLES)))], np.float32) + grain[..., None]


def coarse_pixels(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Fewer pixels for good: what a messenger makes of a photo."""
    factor = rng.uniform(0.5, 0.75)
    return cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
