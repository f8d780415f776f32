import io
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from stdnum import iban

from extraction.engine.einvoice import find_xml, read_einvoice
from extraction.engine.options import Limits
from tests.invoices import Document, einvoice_xml, generate, hybrid, sample, scan, scan_pdf, scan_png, scan_tiff
from tests.invoices.__main__ import main
from tests.invoices.draw import has_polish_letters
from tests.invoices.locales import available, grouping

SAMPLE = Path(__file__).parents[1] / "invorec" / "sample" / "invoice.pdf"
SEEDS = range(40)
drawn = cache(generate)


def pdf_text(document: Document) -> str:
    """What the pages say, blanks collapsed."""
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


def printed(document: Document, role: str) -> str:
    return " ".join(word.text for word in document.words if word.role == role)


def test_the_sample_is_what_the_generator_draws():
    assert SAMPLE.read_bytes() == sample().pdf
    assert sample().pages == 1
    assert sample().truth["totalAmount"] == "4877.64"
    assert iban.is_valid(sample().truth["iban"])


def test_the_same_seed_gives_the_same_bytes():
    for seed in (0, 7, 14):
        assert generate(seed).pdf == generate(seed).pdf
        assert generate(seed).truth == generate(seed).truth
    assert len({drawn(seed).pdf for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_true_adds_up(seed):
    invoice, truth = drawn(seed).invoice, drawn(seed).truth
    for line in invoice.lines:
        exact = line.quantity * line.unit_price * (100 - line.discount_percent) / 100
        assert abs(exact - line.total) <= Decimal("0.005")
    for row in invoice.taxes:
        assert abs(row.base * row.rate / 100 - row.amount) <= Decimal("0.005")
    total, tax = Decimal(truth["totalAmount"]), Decimal(truth["taxAmount"])
    assert sum(line.total for line in invoice.lines) - invoice.discount + invoice.shipping + tax == total
    stated = truth["subtotalAmount"]
    assert total - tax == Decimal(stated[-1] if isinstance(stated, list) else stated)
    assert invoice.amount_due == total - invoice.prepaid


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_true_stands_on_the_pages(seed):
    document = drawn(seed)
    text, truth, words, invoice = pdf_text(document), document.truth, document.wording, document.invoice
    assert " ".join(words.amount(invoice.total).split()) in text
    stated = [invoice.tax] if document.style.totals == "full" else [row.amount for row in invoice.taxes]
    assert all(" ".join(words.amount(tax).split()) in text for tax in stated)
    assert truth["vendorName"] in text and truth["customerName"] in text
    assert truth["invoiceNumber"] in text
    assert words.date(invoice.date) in text
    assert truth["dueDate"] is None or words.date(invoice.due) in text
    assert truth["iban"] is None or truth["iban"] in text.replace(" ", "")
    for index, line in enumerate(invoice.lines):
        assert printed(document, f"lineItems.{index}.description") == line.description
        assert " ".join(words.amount(line.total).split()) in text


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_not_printed_is_null(seed):
    document = drawn(seed)
    text = re.sub(r"\W", "", pdf_text(document))
    parties = {"vendor": document.invoice.vendor, "customer": document.invoice.customer}
    for side, party in parties.items():
        for name, value in ((f"{side}Email", party.email), (f"{side}TaxId", party.tax_id)):
            assert (document.truth[name] is None) == (re.sub(r"\W", "", value) not in text)
    assert document.truth["iban"] is None or document.invoice.has_iban


@pytest.mark.parametrize("seed", SEEDS)
def test_words_stand_apart_and_inside_the_page(seed):
    words = drawn(seed).words
    for word in words:
        assert 0.01 < word.box[0] < word.box[2] < 0.99 and 0.01 < word.box[1] < word.box[3] < 0.99, word
    for i, one in enumerate(words):
        for other in words[i + 1 :]:
            assert one.page != other.page or not overlap(one.box, other.box), (one, other)


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes share more than touching lines do: a third of the lower one's height."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across > 0.0005 and down > 0.34 * min(a[3] - a[1], b[3] - b[1])


def test_layouts_languages_and_page_counts_vary():
    documents = [drawn(seed) for seed in SEEDS]
    assert len({document.layout for document in documents}) >= 25
    assert len({document.lang for document in documents}) >= 7
    assert {1, 2} <= {document.pages for document in documents}
    assert len({len(document.style.columns) for document in documents}) >= 5


@pytest.mark.parametrize("locale", available())
def test_every_place_draws_valid_identifiers(locale):
    document = generate(3, locale=locale)
    assert document.invoice.locale == locale
    assert iban.is_valid(document.invoice.account) == document.invoice.has_iban
    assert document.invoice.has_iban == (locale not in ("en-US", "en-IN"))


@pytest.mark.skipif(has_polish_letters(), reason="the font is here")
def test_polish_without_its_font_says_so():
    with pytest.raises(Exception, match="Polish invoices need DejaVu"):
        generate(3, locale="pl-PL")


def test_digits_are_grouped_as_the_place_does():
    assert grouping("1234567", ",") == "1,234,567"
    assert grouping("1234567", ",", indian=True) == "12,34,567"
    assert grouping("123", ".") == "123"


def test_scans_open_as_images_and_differ_by_seed():
    document = drawn(0)
    first, second = scan(document, 1), scan(document, 2)
    assert first != second and first == scan(document, 1)
    for content, form in ((first, "JPEG"), (scan_png(document, 3, severity=2), "PNG")):
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == form and min(image.size) > 700


def test_scans_of_several_pages_keep_them_all():
    document = next(drawn(seed) for seed in SEEDS if drawn(seed).pages == 2)
    with Image.open(io.BytesIO(scan_tiff(document, 1))) as image:
        assert image.n_frames == 2
    content = scan_pdf(document, 1)
    assert content == scan_pdf(document, 1)
    with pypdfium2.PdfDocument(content) as pdf:
        assert len(pdf) == 2
        assert pdf[0].get_textpage().get_text_range() == ""


@pytest.mark.parametrize("syntax", ["cii", "ubl"])
def test_einvoices_are_read_back(syntax):
    for seed in SEEDS:
        invoice = drawn(seed).invoice
        read = read_einvoice(einvoice_xml(drawn(seed), syntax), Limits())
        names = ("invoice_number", "invoice_date", "due_date", "subtotal_amount", "tax_amount", "total_amount")
        said = (invoice.number, invoice.date, invoice.due, invoice.net, invoice.tax, invoice.total)
        assert tuple(read.value(name) for name in names) == said
        assert [line.value("total_price") for line in read.line_items] == [line.total for line in invoice.lines]
        assert [check.name for check in read.checks if not check.passed] == []


def test_a_hybrid_carries_its_xml():
    document = drawn(2)
    content = hybrid(document)
    assert content == hybrid(document)
    assert find_xml("pdf", content, Limits()) == einvoice_xml(document, "cii")


@pytest.mark.parametrize("arguments", [[], ["--scan"]])
def test_the_command_writes_documents_and_their_manifest(tmp_path, arguments):
    main([str(tmp_path), "--count", "3", "--seed", "20", *arguments])
    lines = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["gen-000020", "gen-000021", "gen-000022"]
    for seed, line in zip(range(20, 23), lines, strict=True):
        assert (tmp_path / line["path"]).stat().st_size > 1000
        assert line["kind"] == ("scan" if arguments else "digital_pdf")
        assert line["truth"] == drawn(seed).truth
