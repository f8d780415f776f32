"""gunicorn's threaded worker, which also answers in the API's form what never reaches Django: a request line that
is too long, a malformed header, an unknown transfer coding."""

from __future__ import annotations

from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class WebWorker(ThreadWorker):
    """Its errors are JSON with a request id and the quota, like every other."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """gunicorn decides on the status and logs; the page that it would send is replaced."""
        super().handle_error(req, _InOurForm(client, addr), addr, exc)


class _InOurForm:
    """A socket on which gunicorn writes an error page, and our own answer goes out."""

    def __init__(self, socket: Any, addr: Any) -> None:
        self._socket = socket
        self._address = str(addr[0]) if addr else ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def sendall(self, page: bytes) -> None:
        """Raises OSError."""
        status_line = page.split(b"\r\n", 1)[0].decode("latin-1")
        self._socket.sendall(_answer(status_line, self._address))


def _answer(status_line: str, address: str) -> bytes:
    """The whole HTTP answer for gunicorn's status line, "HTTP/1.1 414 URI Too Long"."""
    # gunicorn imports this module before Django is set up
    from django.http import HttpRequest

    from api import answers, ratelimit
    from api.versioning import HEADER
    from invorec.lib import versions
    from invorec.lib.ids import new_id

    request = HttpRequest()
    request.META = {"REMOTE_ADDR": address}
    request_id = request.request_id = new_id("req")  # type: ignore[attr-defined]
    error = answers.for_status(int(status_line.split(" ")[1]), request)
    response = ratelimit.with_quota(answers.error_response(error, request), request)
    body = bytes(getattr(response, "content", b""))
    own = {"Request-Id": request_id, HEADER: versions.current(), "Cache-Control": "no-store"}
    headers = "".join(f"{name}: {value}\r\n" for name, value in {**response.headers, **own}.items())
    first = f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
    return f"{first}{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("latin-1") + body
