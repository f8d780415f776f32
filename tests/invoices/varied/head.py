"""The parts of the upper half: logo, issuer, title, customer, other addresses, and the facts about the document."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.invoices.draw import BLACK, DEJAVU, GREY, Run
from tests.invoices.varied.names import Party
from tests.invoices.varied.page import Fact, Page

OPTIONAL = ("due", "purchase_order", "customer_number", "order_number", "order_date", "delivery_date", "delivery_note")
RARE = ("contact", "our_reference", "your_reference", "project", "weight", "parcels", "incoterm", "customer_vat")


def logo(page: Page, x: float, y: float, width: float) -> float:
    """A picture: the name drawn in pixels, or a mark without words."""
    height = page.look.pick("logo height", [28.0, 36.0, 48.0])
    png, ratio = _wordmark(page) if named_logo(page) else _mark(page)
    wide = min(height * ratio, width * 0.9)
    at = x + page.look.pick("logo align", [0.0, 0.0, 0.5, 1.0]) * (width - wide)
    page.sheet.picture(at, y - 20, wide, wide / ratio, png)
    return y - 20 + wide / ratio + page.leading


def named_logo(page: Page) -> bool:
    """Whether the logo says the issuer's name, as a picture."""
    return (DEJAVU / "DejaVuSans-Bold.ttf").exists() and page.look.chance("named logo", 0.65)


def _wordmark(page: Page) -> tuple[bytes, float]:
    face = page.look.pick(
        "logo face", ["DejaVuSans-Bold", "DejaVuSerif-Bold", "DejaVuSansCondensed-Bold", "DejaVuSerif"]
    )
    font = ImageFont.truetype(str(Path(DEJAVU) / f"{face}.ttf"), 90)
    name = page.paper.vendor.name
    wide = int(font.getlength(name)) + 160
    image = Image.new("RGB", (wide, 150), "white")
    ink = tuple(int(255 * part) for part in page.accent)
    draw = ImageDraw.Draw(image)
    draw.ellipse((8, 30, 98, 120), fill=ink)
    draw.text((125, 22), name, font=font, fill=ink)
    return _png(image), wide / 150


def _mark(page: Page) -> tuple[bytes, float]:
    image = Image.new("RGB", (200, 150), "white")
    rng, draw = page.look.rng("mark"), ImageDraw.Draw(image)
    for _ in range(rng.randrange(2, 5)):
        x, y, r = rng.randrange(30, 150), rng.randrange(30, 110), rng.randrange(15, 60)
        draw.regular_polygon((x, y, r), rng.choice([3, 4, 6]), fill=tuple(int(255 * part) for part in page.accent))
    return _png(image), 200 / 150


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def vendor(page: Page, x: float, y: float, width: float) -> float:
    """The issuer as a letterhead: name, address, how to reach it, registers."""
    align = page.look.pick("vendor align", ["left", "left", "right", "center"])
    if not (page.look.chance("logo says the name", 0.5) and shows_logo(page) and named_logo(page)):
        size = page.size * page.look.pick("vendor size", [1.0, 1.2, 1.6, 2.0])
        colour = page.look.pick("vendor colour", [BLACK, page.accent])
        runs = [[(page.paper.vendor.name, "vendorName")]]
        y = page.rows(x, y + size - page.size, width, runs, align=align, size=size, bold=True, colour=colour)
    colour = page.look.pick("vendor text colour", [BLACK, GREY])
    return page.rows(x, y, width, vendor_rows(page), align=align, colour=colour)


def vendor_block(page: Page, x: float, y: float, width: float) -> float:
    """The issuer as a labelled block, like the customer's."""
    y = _heading(page, x, y, width, "vendor")
    y = page.rows(x, y, width, [[(page.paper.vendor.name, "vendorName")]], bold=page.look.chance("bold names", 0.6))
    return page.rows(x, y, width, vendor_rows(page))


def shows_logo(page: Page) -> bool:
    return page.look.chance("logo", 0.4)


def vendor_rows(page: Page) -> list[list[Run]]:
    """Address and contacts, one or two to a line."""
    look, party = page.look, page.paper.vendor
    mark = look.pick("address join", [", ", " · ", " - ", " | "])
    address: list[list[Run]] = [[(line, "vendorAddress")] for line in party.address]
    if look.chance("address in a line", 0.3):
        address = [[run for line in party.address for run in ((line, "vendorAddress"), (mark, ""))][:-1]]
    kinds = [("phone", party.phone, "vendorPhone"), ("email", party.email, "vendorEmail"), ("web", party.web, "web")]
    kinds += [("fax", party.fax, "fax"), ("registration", party.registration, "registration")]
    kinds = look.some("vendor contacts", kinds, 0.45)
    if look.pick("tax id at", ["head", "head", "foot", "both"]) != "foot":
        kinds.append(("vat_id", party.tax_id, "vendorTaxId"))
    bare = look.chance("bare contacts", 0.15)
    contacts: list[list[Run]] = [
        [(value, role)]
        if bare and key in ("email", "web")
        else [(page.words.marked(key) + " ", "label"), (value, role)]
        for key, value, role in kinds
        if value
    ]
    if look.chance("contacts joined", 0.25):
        pairs = zip(contacts[::2], contacts[1::2], strict=False)
        contacts = [[*a, (mark, ""), *b] for a, b in pairs] + contacts[len(contacts) // 2 * 2 :]
    return address + contacts


def title(page: Page, x: float, y: float, width: float) -> float:
    """What the paper is, perhaps with its number."""
    look = page.look
    size = page.size * look.pick("title size", [1.3, 1.6, 2.0, 2.6])
    key = "title_credit" if page.paper.kind == "credit_note" else "title"
    runs: list[Run] = [(page.words.label(key), "title")]
    if number_in_title(page):
        runs += [(look.pick("title mark", [" ", " ", " # ", " No. " if page.words.lang == "en" else " "]), "title")]
        runs += [(page.paper.number, "invoiceNumber")]
    if look.chance("spaced title", 0.06) and len(runs) == 1:
        runs = [(" ".join(runs[0][0].upper()), "title")]
    align = look.pick("title align", ["left", "left", "right", "center"])
    colour = look.pick("title colour", [BLACK, page.accent])
    bold = look.chance("bold title", 0.7)
    return page.rows(x, y + size - page.size, width, [runs], align=align, size=size, bold=bold, colour=colour)


def number_in_title(page: Page) -> bool:
    return page.look.chance("number in title", 0.18)


def _heading(page: Page, x: float, y: float, width: float, key: str) -> float:
    """The label above a block: bold, small, on a coloured bar or underlined."""
    form = page.look.pick("heading", ["bold", "small", "bar", "underlined", "plain"])
    label = page.words.marked(key) if form != "bar" else page.words.label(key)
    if form == "bar":
        page.sheet.fill(x, y - page.size, x + width, y + 4, page.accent)
        page.text(x + 4, y, label, "label", width - 8, bold=True, colour=(1.0, 1.0, 1.0))
        return y + page.leading * 1.25
    size = page.size * (0.8 if form == "small" else 1.0)
    page.text(x, y, label, "label", width, size=size, bold=form == "bold", colour=page.label_colour)
    if form == "underlined":
        page.sheet.rule(x, y + 3, x + width, y + 3, 0.5, GREY)
    return y + page.leading * (1.2 if form == "underlined" else 1.0)


def customer(page: Page, x: float, y: float, width: float) -> float:
    """To whom it goes, with or without a label, a sender's line above it or a frame around it."""
    look, start = page.look, y
    inset = 6.0 if look.chance("framed parties", 0.15) else 0.0
    x, y, width = x + inset, y + inset, width - 2 * inset
    if look.chance("sender line", 0.35 if page.words.lang in ("de", "nl") else 0.06):
        runs = [
            (page.paper.vendor.name, "vendorName"),
            (" · " + " · ".join(page.paper.vendor.address), "vendorAddress"),
        ]
        page.text(x, y, runs, "", width, size=page.size * 0.72, colour=GREY)
        y += page.leading * 1.3
    if look.chance("customer label", 0.65):
        y = _heading(page, x, y, width, "bill_to")
    y = _party(page, x, y, width, page.paper.customer, "customer")
    if inset:
        page.sheet.frame(x - inset, start - page.size, x + width + inset, y - page.size + 2, 0.6, GREY)
    return y


def _party(page: Page, x: float, y: float, width: float, party: Party, side: str) -> float:
    look = page.look
    rows: list[list[Run]] = [[(party.name, f"{side}Name")]]
    if look.chance("attention", 0.15):
        rows.append([(look.pick("attention form", ["Attn: ", "c/o ", "z.Hd. ", ""]) + party.contact, "contact")])
    rows += [[(line, f"{side}Address")] for line in party.address]
    kinds = [("phone", party.phone, "customerPhone"), ("email", party.email, "customerEmail")]
    kinds = look.some("customer contacts", kinds, 0.12)
    tax = page.paper.note == "reverse" or look.chance("customer tax id", 0.25)
    if tax and party.tax_id and "customer_vat" not in chosen(page):
        kinds.append(("customer_vat", party.tax_id, "customerTaxId"))
    rows += [[(page.words.marked(key) + " ", "label"), (value, role)] for key, value, role in kinds if value]
    first = page.rows(x, y, width, rows[:1], bold=look.chance("bold names", 0.6))
    return page.rows(x, first, width, rows[1:])


def ship_to(page: Page, x: float, y: float, width: float) -> float:
    """Where the goods went: the same company elsewhere, or another one."""
    party = page.paper.ship_to
    y = _heading(page, x, y, width, "ship_to")
    return page.rows(x, y, width, [[(party.name, "shipTo")], *([(line, "shipTo")] for line in party.address)])


def chosen(page: Page) -> list[str]:
    """Keys of the facts this issuer prints."""
    look = page.look
    keys = [] if number_in_title(page) and look.chance("number once", 0.6) else ["number"]
    keys += [] if look.chance("letter date", 0.08) else ["date"]
    keys += look.some("facts", OPTIONAL, 0.36) + look.some("rare facts", RARE, 0.09)
    keys += ["original"] if page.paper.kind == "credit_note" and look.chance("original", 0.8) else []
    keys += ["terms"] if look.chance("terms in facts", 0.12) else []
    if page.paper.kind == "credit_note":
        keys = [key for key in keys if key not in ("due", "terms")]
    return look.shuffled("fact order", keys) if look.chance("any fact order", 0.45) else keys


def facts(page: Page) -> list[Fact]:
    """Label, value and role of the facts."""
    paper, words = page.paper, page.words
    number = "number_credit" if paper.kind == "credit_note" else "number"
    known = {
        "number": (number, paper.number, "invoiceNumber"),
        "date": ("date", words.date(paper.date), "invoiceDate"),
        "due": ("due", words.date(paper.due), "dueDate"),
        "purchase_order": ("purchase_order", paper.purchase_order, "purchaseOrder"),
        "customer_vat": ("customer_vat", paper.customer.tax_id, "customerTaxId"),
        "terms": ("terms", words.terms(paper.days), "paymentTerms"),
    }
    found = []
    for key in chosen(page):
        label, value, role = known.get(key) or (key, _shown(page, key), key)
        if value:
            found.append((words.marked(label), value, role))
    return found


def _shown(page: Page, key: str) -> str:
    value = page.paper.facts[key]
    return page.words.date(value) if isinstance(value, date) else value
