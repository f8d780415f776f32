"""One JSON line per event, with the ids that are bound, whoever logs."""

import io
import json
import logging
import logging.config
import sys

import pytest
import structlog

from invorec.logs import logging_config


@pytest.fixture
def lines(monkeypatch):
    """Log as a service would; returns a function giving the parsed lines so far."""
    stderr, before = io.StringIO(), logging.root.handlers[:]
    monkeypatch.setattr(sys, "stderr", stderr)
    logging.config.dictConfig(logging_config(pretty=False, level="INFO"))
    structlog.contextvars.clear_contextvars()
    yield lambda: [json.loads(line) for line in stderr.getvalue().splitlines()]
    structlog.contextvars.clear_contextvars()
    logging.root.handlers[:] = before


def test_both_kinds_of_logger_carry_the_bound_ids(lines):
    structlog.contextvars.bind_contextvars(request_id="req_1", invoice_id="inv_1")
    structlog.get_logger("extraction.jobs").info("claimed", generation=2)
    logging.getLogger("some.library").warning("took %s s", 3)
    ours, theirs = lines()
    assert (ours["event"], ours["generation"], ours["request_id"], ours["invoice_id"]) == (
        "claimed",
        2,
        "req_1",
        "inv_1",
    )
    assert (theirs["event"], theirs["level"], theirs["request_id"]) == ("took 3 s", "warning", "req_1")


def test_an_exception_is_one_line(lines):
    try:
        raise ValueError("no such thing")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    (line,) = lines()
    assert line["exception"].endswith("ValueError: no such thing")


def test_libraries_that_see_documents_are_quiet(lines):
    for name in ("PIL.Image", "boto3", "httpx", "pikepdf"):
        logging.getLogger(name).info("a piece of a document")
    logging.getLogger("httpx").warning("a warning")
    assert [line["event"] for line in lines()] == ["a warning"]


def test_a_request_is_one_line_without_its_query(lines, client):
    client.get("/healthz?token=hunter2")
    client.get("/?token=hunter2", headers={"Authorization": "Bearer invr_live_x"})
    (line,) = lines()
    assert (line["method"], line["path"], line["status"]) == ("GET", "/", 200)
    assert line["request_id"].startswith("req_")
    assert "hunter2" not in json.dumps(line)
    assert "invr_live" not in json.dumps(line)
