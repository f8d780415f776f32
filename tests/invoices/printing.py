"""The pages of `typeset/`: invoices set by hand as the trades of many countries set theirs, with what they say."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = Path(__file__).with_name("typeset")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PRINT_S = 60
CELLS = ("description", "quantity", "unitPrice", "totalPrice")


def printed(folder: Path, pages: Path = HOME) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Each page of `pages` printed to PDF in `folder`, its language and its true values as the manifests write them.

    Raises FileNotFoundError where no browser is installed that could print.
    """
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise FileNotFoundError("no Chromium to print with")
    for page in sorted(pages.glob("*.html")):
        pdf = folder / f"{page.stem}.pdf"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
        subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True, timeout=PRINT_S)
        yield pdf, *truth_of(page)


def truth_of(page: Path) -> tuple[str, dict[str, Any]]:
    """The language and the true values of a page."""
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    language = truth.pop("_lang")
    for line in truth.get("lineItems") or ():  # of several right readings of a cell the first
        line |= {name: line[name][0] for name in CELLS if isinstance(line.get(name), list)}
    return language, truth
