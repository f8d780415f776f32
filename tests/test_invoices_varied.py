import json
import re
from decimal import Decimal
from functools import cache

import numpy as np
import pypdfium2
import pytest
from stdnum import iban

from tests.invoices import Varied, scan, varied
from tests.invoices.__main__ import main
from tests.invoices.degrade import HEAVY, render
from tests.invoices.locales import decimal_text
from tests.invoices.varied.make import KINDS
from tests.invoices.varied.paper import ZERO, Band, Paper
from tests.invoices.varied.payment import qr_reference
from tests.invoices.varied.words import locales
from tests.test_invoices import overlap

SEEDS = range(300)
CENT = Decimal("0.01")
TEXTS = (
    "invoiceNumber",
    "vendorName",
    "vendorAddress",
    "vendorEmail",
    "vendorPhone",
    "customerName",
    "customerAddress",
)
drawn = cache(varied)


def printed(document: Varied, role: str) -> str:
    return " ".join(word.text for word in document.words if word.role == role)


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def faults_in_sums(paper: Paper) -> list[str]:
    """Which of the equations that a paper of its type must satisfy it does not."""
    step = Decimal(1) if paper.currency == "JPY" else CENT
    extras = sum((extra.amount for extra in paper.extras), ZERO)
    goal = paper.net + paper.tax if paper.gross else paper.net
    faults = [] if paper.lines_sum + extras == goal else [f"lines {paper.lines_sum} + {extras} != {goal}"]
    for item in paper.items:
        exact = item.quantity * item.price * (100 - item.discount) / 100
        faults += [f"{item.total} is not {exact}"] if abs(exact - item.total) > step / 2 else []
    faults += [f"{band}" for band in paper.bands if not is_taxed(band, step)]
    if abs(paper.rounding) > Decimal("0.5") or paper.total != paper.net + paper.tax + paper.rounding:
        faults.append(f"rounded by {paper.rounding}")
    return faults


def is_taxed(band: Band, step: Decimal) -> bool:
    """Whether every part of the tax is its rate of the base; a gross price taken apart may be off by its rounding."""
    rates = sum(rate for _, rate, _ in band.parts)
    return rates == band.rate and all(abs(band.base * rate / 100 - tax) <= step * 2 / 3 for _, rate, tax in band.parts)


def test_the_same_seed_gives_the_same_bytes():
    for seed in (0, 5, 11, 23):
        assert varied(seed).pdf == varied(seed).pdf
        assert varied(seed).truth == varied(seed).truth
        assert varied(seed).roles == varied(seed).roles
    assert len({drawn(seed).pdf for seed in SEEDS}) == len(SEEDS)


def test_sums_hold_by_type():
    assert [(seed, faults_in_sums(drawn(seed).paper)) for seed in SEEDS if faults_in_sums(drawn(seed).paper)] == []


def test_a_wrong_sum_is_found():
    paper = drawn(0).paper
    wrong = Paper(**{**vars(paper), "items": paper.items[1:]})
    assert faults_in_sums(wrong)[0].startswith("lines")


def test_what_is_true_stands_on_the_pages():
    for seed in SEEDS:
        document = drawn(seed)
        truth, paper, words = document.truth, document.paper, document.wording
        for field in TEXTS:
            true = truth.get(field)
            for value in true if isinstance(true, list) else [true] if true else []:
                said = printed(document, field) + printed(document, "vendorTrading")
                assert letters(value).casefold() in letters(said).casefold(), (seed, field)
        assert words.amount(abs(paper.total)) in printed(document, "totalAmount"), seed
        assert (words.date(paper.date) in printed(document, "invoiceDate")) == bool(truth["invoiceDate"]), seed
        assert (words.date(paper.due) in printed(document, "dueDate")) == bool(truth["dueDate"]), seed


def test_lines_are_printed_as_they_are_true():
    for seed in SEEDS:
        document = drawn(seed)
        assert len(document.truth["lineItems"]) == len(document.paper.items)
        for index, (item, line) in enumerate(zip(document.paper.items, document.truth["lineItems"], strict=True)):
            assert printed(document, f"lineItems.{index}.description") == item.description == line["description"], seed
            assert line["totalPrice"] == str(item.total)
            assert document.wording.amount(abs(item.total)) in printed(document, f"lineItems.{index}.totalPrice")
            assert line.get("quantity", decimal_text(item.quantity)) == decimal_text(item.quantity)


def test_words_stand_apart_and_inside_the_page():
    for seed in SEEDS:
        by_page: dict[int, list] = {}
        for word in drawn(seed).words:
            assert 0 < word.box[0] < word.box[2] < 1 and 0 < word.box[1] < word.box[3] < 1, (seed, word)
            by_page.setdefault(word.page, []).append(word)
        for words in by_page.values():
            words.sort(key=lambda word: word.box[1])
            for i, one in enumerate(words):
                for other in words[i + 1 :]:
                    if other.box[1] > one.box[3]:
                        break
                    assert not overlap(one.box, other.box), (seed, one, other)


def test_layouts_are_hundreds():
    documents = [drawn(seed) for seed in SEEDS]
    assert len({document.layout for document in documents}) >= 270
    assert len({document.lang for document in documents}) >= 7
    assert {document.paper.kind for document in documents} == set(KINDS)
    assert {1, 2} <= {document.pages for document in documents}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", locales())
def test_every_place_draws_every_type(kind, locale):
    document = varied(3, kind=kind, locale=locale)
    assert (document.paper.kind, document.paper.locale) == (kind, locale)
    assert iban.is_valid(document.paper.account) == document.paper.has_iban
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        assert len(pdf) == document.pages
        text = letters("".join(page.get_textpage().get_text_range() for page in pdf))
    assert letters(document.wording.amount(abs(document.paper.total))) in text


def test_a_name_only_in_the_picture_is_not_judged():
    hidden = [d for d in map(drawn, SEEDS) if not printed(d, "vendorName")]
    assert all("vendorName" not in document.truth for document in hidden)
    assert all(document.truth["vendorName"] for document in map(drawn, SEEDS) if printed(document, "vendorName"))


def test_the_check_digit_of_a_swiss_reference():
    assert qr_reference("21000000000313947143000901") == "21 00000 00003 13947 14300 09017"


def test_receipts_are_narrow_and_long():
    for seed in range(5):
        with pypdfium2.PdfDocument(varied(seed, kind="receipt").pdf) as pdf:
            width, height = pdf[0].get_size()
        assert 150 < width < 260 and height > width


def test_heavy_damage_differs_by_seed_and_from_light():
    document = drawn(1)
    first = scan(document, 1, level="heavy")
    assert first == scan(document, 1, level="heavy")
    assert len({first, scan(document, 2, level="heavy"), scan(document, 1)}) == 3


@pytest.mark.parametrize("step", [step for step, _ in HEAVY], ids=lambda step: step.__name__)
def test_every_damage_leaves_a_page_that_differs(step):
    page = render(drawn(1).pdf, 100)[0]
    damaged = step(page, np.random.default_rng(4), 1.0)
    assert damaged.dtype == np.uint8 and damaged.ndim == 3
    assert damaged.shape != page.shape or (damaged != page).any()
    assert 100 < damaged.mean() < 255
    assert (step(page, np.random.default_rng(4), 1.0) == damaged).all()


def test_the_command_writes_varied_documents_with_roles(tmp_path):
    main([str(tmp_path), "--count", "2", "--varied", "--type", "receipt", "--locale", "en-MY", "--scan", "heavy"])
    entries = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    roles = [json.loads(line) for line in (tmp_path / "roles.jsonl").read_text(encoding="utf-8").splitlines()]
    for seed, (entry, said) in enumerate(zip(entries, roles, strict=True)):
        document = varied(seed, kind="receipt", locale="en-MY")
        assert entry["truth"] == document.truth
        assert said["words"][0]["role"] in ("vendorTrading", "vendorName")
        assert [word["text"] for word in said["words"]] == [word.text for word in document.words]
        assert (tmp_path / entry["path"]).stat().st_size > 1000


def test_the_command_refuses_a_type_without_variety(tmp_path):
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--type", "receipt"])
    assert list(tmp_path.iterdir()) == []
