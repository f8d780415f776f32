"""The hand-written e-invoices in `data/`, as bytes and as read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extraction.engine.einvoice import read_einvoice
from extraction.engine.options import Limits
from extraction.engine.result import Extraction, value_to_json

DATA = Path(__file__).parent / "data"


@pytest.fixture
def xml() -> Callable[[str], bytes]:
    return lambda name: (DATA / f"{name}.xml").read_bytes()


@pytest.fixture
def read(xml) -> Callable[..., Extraction]:
    """Read `data/<name>.xml` after replacing texts in it."""

    def read_changed(name: str, *changes: tuple[str, str]) -> Extraction:
        data = xml(name)
        for old, new in changes:
            assert old.encode() in data
            data = data.replace(old.encode(), new.encode())
        return read_einvoice(data, Limits())

    return read_changed


@pytest.fixture
def shown() -> Callable[[Extraction], dict[str, str | None]]:
    return lambda extraction: {name: value_to_json(field.value) for name, field in extraction.fields.items()}


@pytest.fixture
def lines() -> Callable[[Extraction], list[dict[str, str | None]]]:
    return lambda extraction: [
        {name: value_to_json(cell.value) for name, cell in line.cells.items()} for line in extraction.line_items
    ]
