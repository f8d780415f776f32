"""The pages set by hand: each says what it is held against."""

import re
from decimal import Decimal

import pytest

from tests.invoices.printing import HOME, printed, truth_of

PAGES = sorted(HOME.glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_its_true_values(page):
    language, truth = truth_of(page)
    shown = re.sub(r"[\s.,'’]", "", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))
    assert language in {"de", "en", "es", "fr", "it", "nl", "pl", "pt"}
    numbers = truth["invoiceNumber"] if isinstance(truth["invoiceNumber"], list) else [truth["invoiceNumber"]]
    assert any(re.sub(r"[\s.,'’]", "", number) in shown for number in numbers)
    total = truth.get("totalAmount")
    for amount in total if isinstance(total, list) else [total] if total else []:
        cents = f"{Decimal(amount):.2f}".replace(".", "")
        assert cents in shown or (cents.endswith("00") and cents[:-2] in shown)
    lines = truth.get("lineItems") or []
    assert all({*line} <= {"description", "quantity", "unitPrice", "totalPrice"} for line in lines)


def test_without_a_browser_nothing_is_printed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="no Chromium to print with"):
        next(printed(tmp_path))
