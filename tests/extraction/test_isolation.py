import json
import os
from pathlib import Path

import pytest

from extraction import isolation
from extraction.engine.errors import Crashed, EmptyFile, EncryptedFile, NotAnInvoice, NoTextFound, TimedOut
from extraction.engine.inspect import Facts
from extraction.engine.options import Limits, Options
from extraction.engine.pipeline import extract
from extraction.engine_server import EngineServer
from tests.engine.read.documents import draw_pdf, lock_pdf, write_invoice

MODULE = "tests.extraction.isolated_functions"


@pytest.fixture(scope="module")
def invoice():
    return draw_pdf(write_invoice)


def test_isolated_engine_gives_what_the_engine_gives(invoice):
    assert isolation.extract_isolated(invoice, Options()) == isolation.checked_extraction(
        extract(invoice, Options()).to_json()
    )


def test_inspection_gives_facts(invoice):
    assert isolation.inspect_isolated(invoice, Limits()) == Facts("pdf", 1)


def test_errors_of_the_engine_come_back_as_themselves(invoice):
    with pytest.raises(EmptyFile):
        isolation.inspect_isolated(b"", Limits())
    with pytest.raises(EncryptedFile):
        isolation.inspect_isolated(lock_pdf(invoice, user="secret", owner="secret"), Limits())
    with pytest.raises(NoTextFound):
        isolation.extract_isolated(draw_pdf(lambda canvas: None), Options())


def test_limits_of_the_caller_reach_the_engine(invoice):
    with pytest.raises(isolation._ERRORS["file_too_large"]):
        isolation.inspect_isolated(invoice, Limits(max_bytes=10))


def test_wall_clock_limit_of_the_caller_holds(invoice):
    with pytest.raises(TimedOut):
        isolation.extract_isolated(invoice, Options(), wall_s=0.001)


def test_limits_come_from_the_settings(invoice, settings):
    settings.INSPECT_WALL_S = 0.001
    with pytest.raises(TimedOut):
        isolation.inspect_isolated(invoice, Limits())


@pytest.fixture
def answering(monkeypatch):
    """Has the isolated process run `name` of `isolated_functions` in the engine's place."""
    servers = []

    def answer(name):
        functions = {"extract": f"{MODULE}:{name}", "inspect": f"{MODULE}:{name}"}
        root = Path(__file__).resolve().parents[2]
        servers.append(EngineServer(functions, sandbox="none", code=(root / "tests",)))
        monkeypatch.setattr(isolation, "_server", lambda function: servers[-1])

    yield answer
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("name", "error"), [("echo", Crashed), ("fail", Crashed), ("segfault", Crashed), ("refuse", NotAnInvoice)]
)
def test_whatever_the_process_does_is_an_engine_error(answering, name, error):
    answering(name)
    with pytest.raises(error):
        isolation.extract_isolated(b"document", Options())
    with pytest.raises(error):
        isolation.inspect_isolated(b"document", Limits())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b'{"result": []}',
        b'{"result": NaN}',
        b'{"error": "no_text_found"}',
        b"[" * 100_000,
    ],
)
def test_answer_that_is_no_answer_is_refused(answer):
    with pytest.raises(isolation._MALFORMED):
        isolation.result_of(answer)


def test_error_that_is_not_ours_is_a_crash():
    with pytest.raises(Crashed):
        isolation.result_of(b'{"error": "os_command", "message": "hello"}')


def change(path, value):
    def apply(data):
        *way, last = path
        for step in way:
            data = data[step]
        data[last] = value

    return apply


NUMBER = ("fields", "invoice_number")


@pytest.mark.parametrize(
    "spoil",
    [
        change(("source",), "magic"),
        change(("document_type",), None),
        change(("page_count",), "1"),
        change(("page_count",), True),
        change(("needs_review",), 1),
        change(("confidence",), 1.5),
        change(("extra",), "field"),
        change(("fields", "not_a_field"), {}),
        change((*NUMBER, "value"), None),
        change((*NUMBER, "confidence"), -0.1),
        change((*NUMBER, "confidence"), "high"),
        change((*NUMBER, "method"), "guess"),
        change((*NUMBER, "text"), ["list"]),
        change((*NUMBER, "page"), "first"),
        change((*NUMBER, "box"), [0, 0, 1, 7]),
        change((*NUMBER, "box"), [0, 0]),
        change(("line_items",), {"description": "x"}),
        change(("checks",), None),
    ],
)
def test_extraction_of_the_wrong_shape_is_refused(invoice, spoil):
    data = json.loads(json.dumps(extract(invoice, Options()).to_json()))
    assert isolation.checked_extraction(data).to_json() == data
    spoil(data)
    with pytest.raises(isolation._MALFORMED):
        isolation.checked_extraction(data)


def test_service_keeps_no_descriptor_of_a_document(invoice):
    isolation.inspect_isolated(invoice, Limits())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        isolation.inspect_isolated(invoice, Limits())
    assert len(os.listdir("/proc/self/fd")) == before
