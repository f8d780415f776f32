"""Small PDFs and images, drawn when a test needs them."""

import io

import pikepdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

INVOICE = (
    "Northwind Trading Ltd, 12 Harbour Street, Bristol",
    "Invoice number INV-2041 of 3 March 2026",
    "Description Quantity Unit price Amount",
    "Steel brackets with screws 40 12.50 500.00",
    "Delivery to your warehouse 1 35.00 35.00",
    "Subtotal 535.00 and tax 107.00",
    "Total amount due 642.00 by 2 April 2026",
    "Please pay to the account named below, thank you",
)


def draw_pdf(*draw, size=A4):
    """One page for each function, which gets the canvas."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    for page in draw:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def write_invoice(canvas, lines=INVOICE):
    canvas.setFont("Helvetica", 12)
    for i, line in enumerate(lines):
        canvas.drawString(72, 760 - 24 * i, line)


def change_pdf(data, change):
    """`data` after `change(pdf)`."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def lock_pdf(data, user, owner):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def photograph(lines=INVOICE, size=(1240, 900), letters=30):
    """A grey picture of the lines."""
    image = Image.new("L", size, 255)
    font = ImageFont.load_default(letters)
    for i, line in enumerate(lines):
        ImageDraw.Draw(image).text((80, 80 + 2.6 * letters * i), line, fill=20, font=font)
    return image


def encode(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def draw_scan(canvas, image):
    canvas.drawImage(ImageReader(image), 0, 0, *A4)
