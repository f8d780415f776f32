import subprocess

import pytest

from tests.bench import peak
from tests.bench.peak import peak_mib
from tests.bench.reading import LONG_SCAN_PAGES, Pair, digital, in_turns, long_scan, one_page_documents
from tests.invoices import sample


def test_runs_alternate_and_the_first_of_each_does_not_count():
    order = []
    pair = in_turns(lambda: order.append("engine"), lambda: order.append("other"), 2)
    assert order == ["engine", "other"] * 3
    assert pair.engine > 0 and pair.other > 0
    assert Pair(3.0, 2.0).ratio == 1.5


def test_documents_have_one_page_and_the_long_scan_many():
    documents = one_page_documents(2)
    assert [d.pages for d in documents] == [1, 1]
    assert long_scan(documents).count(b"/Type /Page\n") == LONG_SCAN_PAGES


def test_time_and_memory_are_measured(tmp_path):
    pair = digital(sample(), tmp_path, 1)
    assert "</doc>" in (tmp_path / "page.html").read_text()
    assert pair.ratio > 0
    assert 30 < peak_mib(tmp_path / "page.pdf") < 1000


def test_memory_of_children_counts(tmp_path, monkeypatch):
    hungry = "import time; held = b'x' * (100 << 20); time.sleep(0.3)"
    spawn = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])"
    monkeypatch.setattr(peak, "READ", spawn)
    assert peak_mib(tmp_path) > 100
    monkeypatch.setattr(peak, "READ", "raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        peak_mib(tmp_path)
