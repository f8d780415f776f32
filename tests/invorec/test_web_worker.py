"""What the web server refuses by itself is refused in the API's form."""

from __future__ import annotations

import json
import logging
import socket
from email.parser import Parser

import pytest
from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders, LimitRequestLine

from invorec.lib.ids import is_id
from invorec.web_worker import WebWorker


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (LimitRequestLine(9000, 4094), "414 Request-URI Too Long", "The address with its parameters is too long."),
        (LimitRequestHeaders("fields"), "431 Request Header Fields Too Large", "The headers are too long."),
        (InvalidHeader("<script>"), "400 Bad Request", "The request could not be understood."),
        (
            RuntimeError("in /srv/invorec"),
            "500 Internal Server Error",
            "Something went wrong on our side. It is safe to try again.",
        ),
    ],
)
def test_errors_that_never_reach_the_application(db, error, status, message):
    ours, theirs = socket.socketpair()
    worker = object.__new__(WebWorker)
    worker.log = logging.getLogger("gunicorn.error")
    worker.handle_error(None, ours, ("192.0.2.1", 1), error)
    ours.close()
    head, _, body = theirs.makefile("rb").read().decode().partition("\r\n\r\n")
    first, _, rest = head.partition("\r\n")
    headers = Parser().parsestr(rest)
    assert first == f"HTTP/1.1 {status}"
    assert is_id(headers["Request-Id"], "req")
    assert (headers["X-RateLimit-Limit"], headers["Connection"]) == ("60", "close")
    assert int(headers["Content-Length"]) == len(body.encode())
    code = "internal_error" if status.startswith("500") else "invalid_request_error"
    assert json.loads(body) == {"error": {"code": code, "message": message, "request_id": headers["Request-Id"]}}
