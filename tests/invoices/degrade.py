"""Scans and photos of drawn pages: what a desk, a lens, a scanner and a fax line do to them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal, Protocol

import cv2
import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.invoices.damage import Pixels, Step, coarse_pixels, folds, photo, scribble, stamp, thermal

Level = Literal["light", "heavy"]
PAPER = (250, 250, 248)


class Drawn(Protocol):
    """All that is looked at of a document."""

    @property
    def pdf(self) -> bytes: ...


@dataclass(frozen=True)
class Scanned:
    """Pages as pixels, and the resolution they stand for."""

    pages: tuple[Pixels, ...]
    dpi: int
    quality: int  # of the JPEG


def scan(document: Drawn, seed: int, severity: float = 1.0, level: Level = "light") -> bytes:
    """The first page as a JPEG; `severity` 0 is a clean scan, 1 a usual one, 2 a bad photo; the level "heavy" adds
    stamps, pens, folds, faded print, photos on a table and fewer pixels."""
    scanned = scan_pages(document, seed, severity, level)
    return _jpeg(scanned.pages[0], scanned.quality)


def scan_png(document: Drawn, seed: int, severity: float = 1.0, level: Level = "light") -> bytes:
    """The first page as a PNG."""
    out = io.BytesIO()
    Image.fromarray(scan_pages(document, seed, severity, level).pages[0]).save(out, "PNG")
    return out.getvalue()


def scan_pdf(document: Drawn, seed: int, severity: float = 1.0, level: Level = "light") -> bytes:
    """All pages as a PDF of JPEG images, as a scanner writes it: no text layer."""
    scanned = scan_pages(document, seed, severity, level)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for page in scanned.pages:
        width, height = (side * 72 / scanned.dpi for side in (page.shape[1], page.shape[0]))
        canvas.setPageSize((width, height))
        image = ImageReader(io.BytesIO(_jpeg(page, scanned.quality)))
        canvas.drawImage(image, 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scan_tiff(document: Drawn, seed: int, severity: float = 1.0, level: Level = "light") -> bytes:
    """All pages as one TIFF, black and white like a fax (CCITT group 4)."""
    scanned = scan_pages(document, seed, severity, level)
    first, *rest = [
        Image.fromarray(fax(page, np.random.default_rng(seed), severity)).convert("1") for page in scanned.pages
    ]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=(scanned.dpi, scanned.dpi))
    return out.getvalue()


def scan_pages(document: Drawn, seed: int, severity: float = 1.0, level: Level = "light") -> Scanned:
    """Every page rendered and degraded by one chain, drawn from `seed`."""
    rng = np.random.default_rng([seed, 20_000])
    dpi = int(rng.choice([150, 200, 200, 300])) if severity <= 1 else int(rng.choice([110, 130, 150]))
    steps = STEPS if level == "light" else HEAVY
    chain = [step for step, chance in steps if rng.random() < min(chance * severity, 1.0)]
    if rng.random() < 0.1 * severity:
        chain = [rotate, fax]
    pages = []
    for page in render(document.pdf, dpi):
        for step in chain:
            page = step(page, rng, severity)
        pages.append(page)
    return Scanned(tuple(pages), dpi, int(rng.integers(45, 90)) if severity else 92)


def render(pdf: bytes, dpi: int) -> list[Pixels]:
    """Pages as pixels."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB")) for page in opened]


def rotate(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Laid on the glass askew."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 0.8 * severity)), 1.0)
    return cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=PAPER)


def perspective(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Seen from the side: every corner moves inwards by up to three in a hundred."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    moved = corners + inwards * rng.uniform(0, 0.03 * severity, (4, 2)).astype(np.float32) * [width, height]
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(92, 84, 76))


def shadow(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Light that falls off across the page."""
    height, width = page.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, width)[None, :] * np.cos(angle) + np.linspace(-0.5, 0.5, height)[:, None] * np.sin(
        angle
    )
    light = 1 - min(0.35 * severity, 0.7) / (1 + np.exp(-across * rng.uniform(4, 14)))
    return np.clip(page * light[..., None], 0, 255).astype(np.uint8)


def blur(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Out of focus; the radius follows the resolution."""
    sigma = rng.uniform(0.2, 0.7) * severity * page.shape[1] / 1654
    return cv2.GaussianBlur(page, (0, 0), max(sigma, 0.1))


def noise(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Grain of the sensor."""
    grain = rng.normal(0, rng.uniform(2, 9) * severity, page.shape[:2])
    return np.clip(page + grain[..., None], 0, 255).astype(np.uint8)


def fade(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Grey where it was black: an empty cartridge."""
    floor = rng.uniform(20, 70) * severity
    return np.clip(floor + page * (1 - floor / 255), 0, 255).astype(np.uint8)


def coarsen(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Down to fewer pixels and back, as small previews are sent."""
    factor = 1 - rng.uniform(0.1, 0.35) * min(severity, 1.5)
    height, width = page.shape[:2]
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def fax(page: Pixels, rng: np.random.Generator, severity: float) -> Pixels:
    """Black and white by a threshold, with specks."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    white = grey > rng.uniform(140, 190)
    white ^= rng.random(grey.shape) < 0.0006 * severity
    return np.repeat((white * np.uint8(255))[..., None], 3, axis=2)


def _jpeg(page: Pixels, quality: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(page).save(out, "JPEG", quality=quality)
    return out.getvalue()


STEPS: tuple[tuple[Step, float], ...] = (
    (fade, 0.25),
    (blur, 0.6),
    (rotate, 0.7),
    (perspective, 0.25),
    (shadow, 0.35),
    (coarsen, 0.2),
    (noise, 0.6),
)
HEAVY: tuple[tuple[Step, float], ...] = (
    (thermal, 0.3),
    (stamp, 0.35),
    (scribble, 0.35),
    (folds, 0.3),
    (rotate, 0.6),
    (photo, 0.5),
    (shadow, 0.4),
    (blur, 0.6),
    (coarse_pixels, 0.15),
    (coarsen, 0.2),
    (noise, 0.6),
)
