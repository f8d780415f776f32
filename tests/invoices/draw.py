"""A page to write on that remembers every word: text, page, box and role."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

Run = tuple[str, str]  # a piece of text and its role ("" for none)
Piece = tuple[str, str, bool]  # a word, its role, and whether a space stands before it
Text = str | Sequence[Run]
Rgb = tuple[float, float, float]

SIZES = {"A4": (595.28, 841.89), "Letter": (612.0, 792.0)}
BLACK, GREY, WHITE = (0.0, 0.0, 0.0), (0.38, 0.38, 0.4), (1.0, 1.0, 1.0)
FAMILIES = {
    "helvetica": ("Helvetica", "Helvetica-Bold"),
    "times": ("Times-Roman", "Times-Bold"),
    "courier": ("Courier", "Courier-Bold"),
    "vera": ("Vera", "VeraBd"),
    "dejavu": ("DejaVuSans", "DejaVuSans-Bold"),
    "dejavu-serif": ("DejaVuSerif", "DejaVuSerif-Bold"),
    "dejavu-condensed": ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
    "dejavu-serif-condensed": ("DejaVuSerifCondensed", "DejaVuSerifCondensed-Bold"),
    "dejavu-mono": ("DejaVuSansMono", "DejaVuSansMono-Bold"),
}
# Those with Polish letters
FULL_FAMILIES = ("dejavu", "dejavu-serif", "dejavu-condensed", "dejavu-serif-condensed", "dejavu-mono")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word: page from 1, box (x0, y0, x1, y1) in fractions of the page from its top left corner."""

    text: str
    page: int
    box: tuple[float, float, float, float]
    role: str


def roles_of(words: Sequence[Word]) -> list[dict[str, object]]:
    """Text, page, box and role of every word, for a manifest: wire names of fields, "lineItems.0.description", "label",
    names of values that no field asks for ("orderDate"), and "other"."""
    named = {"": "other", "subtotal": "subtotalAmount"}
    return [{"text": w.text, "page": w.page, "box": w.box, "role": named.get(w.role, w.role)} for w in words]


def has_polish_letters() -> bool:
    """Whether a font with them is installed; reportlab brings none."""
    return (DEJAVU / "DejaVuSerif-Bold.ttf").exists() and (DEJAVU / "DejaVuSans-Bold.ttf").exists()


def load_family(family: str) -> tuple[str, str]:
    """Names of its regular and bold face, ready to use. Raises TTFError where a file is missing."""
    faces = FAMILIES[family]
    if family.startswith("dejavu") and not has_polish_letters():
        raise TTFError(f"Font family {family} is not installed: Polish invoices need DejaVu ({DEJAVU}).")
    for face in faces:
        if family in ("vera", *FULL_FAMILIES) and face not in pdfmetrics.getRegisteredFontNames():
            path = DEJAVU / f"{face}.ttf" if family in FULL_FAMILIES else Path(f"{face}.ttf")
            pdfmetrics.registerFont(TTFont(face, str(path)))
    return faces


def runs_of(text: Text) -> list[Run]:
    return [(text, "")] if isinstance(text, str) else list(text)


def pieces_of(text: Text) -> list[Piece]:
    """The words of runs, in order; runs that touch without a space stay together."""
    pieces: list[Piece] = []
    spaced = False
    for part, role in runs_of(text):
        for i, word in enumerate(part.split(" ")):
            spaced = spaced or i > 0
            if word:
                pieces.append((word, role, spaced and bool(pieces)))
                spaced = False
    return pieces


class Sheet:
    """Pages of one size and font family. Coordinates are points from the top left corner; y is a baseline."""

    def __init__(self, page_size: str | tuple[float, float], family: str, size: float, title: str = ""):
        self.width, self.height = SIZES[page_size] if isinstance(page_size, str) else page_size
        self.regular, self.bold = load_family(family)
        self.size = size
        self.page = 1
        self.words: list[Word] = []
        self._out = io.BytesIO()
        # Uncompressed and without a date: the bytes depend on nothing but what is drawn.
        self._canvas = Canvas(self._out, pagesize=(self.width, self.height), invariant=1, pageCompression=0)
        self._canvas.setTitle(title)

    def face(self, bold: bool) -> str:
        return self.bold if bold else self.regular

    def measure(self, text: Text, size: float | None = None, bold: bool = False) -> float:
        """Width of one line of text in points."""
        whole = "".join((" " if spaced else "") + word for word, _, spaced in pieces_of(text))
        return pdfmetrics.stringWidth(whole, self.face(bold), size or self.size)

    def text(
        self,
        x: float,
        y: float,
        text: Text,
        *,
        size: float | None = None,
        bold: bool = False,
        align: str = "left",
        colour: Rgb = BLACK,
        role: str = "",
        fit: float | None = None,
    ) -> float:
        """Write one line and return its width. `x` is its left end, right end or middle by `align`; text wider than
        `fit` points is set smaller."""
        runs = [(part, own or role) for part, own in runs_of(text)]
        size = size or self.size
        width = self.measure(runs, size, bold)
        if fit and width > fit:
            size, width = size * fit / width, fit
        x -= {"left": 0.0, "right": width, "center": width / 2}[align]
        self._line(x, y, pieces_of(runs), size, bold, colour)
        return width

    def _line(self, x: float, y: float, pieces: list[Piece], size: float, bold: bool, colour: Rgb) -> None:
        face = self.face(bold)
        self._canvas.setFillColor(Color(*colour))
        self._canvas.setFont(face, size)
        whole = "".join((" " if spaced else "") + word for word, _, spaced in pieces)
        self._canvas.drawString(x, self.height - y, whole)
        ascent, descent = pdfmetrics.getAscentDescent(face, size)
        for word, role, spaced in pieces:
            x += pdfmetrics.stringWidth(" ", face, size) if spaced else 0
            right = x + pdfmetrics.stringWidth(word, face, size)
            box = (x / self.width, (y - ascent) / self.height, right / self.width, (y - descent) / self.height)
            self.words.append(Word(word, self.page, box, role))
            x = right

    def wrap(self, text: Text, width: float, size: float | None = None, bold: bool = False) -> list[list[Piece]]:
        """Lines of at most `width` points, broken at spaces."""
        lines: list[list[Piece]] = []
        for word, role, spaced in pieces_of(text):
            trial = [*(lines[-1] if lines else []), (word, role, spaced)]
            if lines and (not spaced or self.measure(as_runs(trial), size, bold) <= width):
                lines[-1].append((word, role, spaced))
            else:
                lines.append([(word, role, False)])
        return lines

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: Text,
        *,
        size: float | None = None,
        colour: Rgb = BLACK,
        role: str = "",
        leading: float = 1.35,
        bold: bool = False,
        align: str = "left",
    ) -> float:
        """Write wrapped text and return the baseline that follows it."""
        for line in self.wrap(text, width, size, bold):
            options = {"size": size, "colour": colour, "role": role, "bold": bold, "align": align, "fit": width}
            self.text(x, y, as_runs(line), **options)
            y += (size or self.size) * leading
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5, colour: Rgb = BLACK) -> None:
        self._canvas.setStrokeColor(Color(*colour))
        self._canvas.setLineWidth(weight)
        self._canvas.line(x0, self.height - y0, x1, self.height - y1)

    def frame(self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5, colour: Rgb = BLACK) -> None:
        self._canvas.setStrokeColor(Color(*colour))
        self._canvas.setLineWidth(weight)
        self._canvas.rect(x0, self.height - y1, x1 - x0, y1 - y0, stroke=1, fill=0)

    def fill(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb) -> None:
        self._canvas.setFillColor(Color(*colour))
        self._canvas.rect(x0, self.height - y1, x1 - x0, y1 - y0, stroke=0, fill=1)

    def disc(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        self._canvas.setFillColor(Color(*colour))
        self._canvas.circle(x, self.height - y, radius, stroke=0, fill=1)

    def picture(self, x: float, y: float, width: float, height: float, png: bytes) -> None:
        """An image with its top left corner at (x, y). Whatever it shows, it holds no words."""
        image = ImageReader(io.BytesIO(png))
        self._canvas.drawImage(image, x, self.height - y - height, width, height, mask="auto")

    def turn_page(self) -> None:
        self._canvas.showPage()
        self.page += 1

    def finish(self) -> bytes:
        """The PDF. The sheet is used up."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()


def as_runs(pieces: Sequence[Piece]) -> list[Run]:
    return [((" " if spaced else "") + word, role) for word, role, spaced in pieces]
