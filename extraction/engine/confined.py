"""The process that touches one untrusted document: a fork of the zygote that first gives up what is not its own.

It alone reads the document from the request's socket, and only after every other descriptor is closed, so it holds
nothing of other documents and can write to nobody else's socket.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from extraction.engine.errors import EngineError
from extraction.engine.frames import ANSWER, ANSWERED, Json, receive_request

Function = Callable[[bytes, Json], Json]

_MAX_FILE_BYTES = 512 * 1024 * 1024  # temporary files: an uncompressed page of 100 megapixels and room
_MAX_OPEN_FILES = 256
_HIGHEST_FILE = 1 << 16  # descriptors that could be inherited; the zygote holds two for each request in hand
_REQUEST_FILE = 3
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # found once, by the zygote


def work(request: int, functions: Mapping[str, Function], home: Path, zygote: int) -> NoReturn:
    """Answer the request on the descriptor `request`, then end. `home` is to be made; `zygote` is the parent's id."""
    status = 1
    try:
        os.setpgid(0, 0)
        _die_with_parent(zygote)
        _settle(home, request)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, _REQUEST_FILE)
        header, data = receive_request(connection)
        _limit(header)
        # Everything from here on may be in the hands of whoever made the document.
        answer = json.dumps(_answer(functions[header["function"]], data, header["options"])).encode()
        connection.sendall(ANSWER.pack(ANSWERED, len(answer)) + answer)
        status = 0
    finally:
        os._exit(status)


def _answer(function: Function, data: bytes, options: Json) -> Json:
    try:
        return {"result": function(data, options)}
    except EngineError as error:
        return {"error": error.code, "message": str(error)[:500]}
    except Exception as error:
        return {"crash": repr(error)[:500]}


def _die_with_parent(zygote: int) -> None:
    """Ask Linux for SIGKILL when the parent is gone, which it may be already."""
    with contextlib.suppress(AttributeError):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:
        os._exit(1)


def _settle(home: Path, request: int) -> None:
    """A place of its own: directory, temporary files, no descriptor but the request's socket."""
    home.mkdir(mode=0o700)
    os.chdir(home)
    os.environ["TMPDIR"] = os.environ["HOME"] = tempfile.tempdir = str(home)
    with contextlib.suppress(OSError):  # where memory runs out, this process goes first
        os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"1000")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(request, _REQUEST_FILE)
    os.set_inheritable(_REQUEST_FILE, False)  # apart, as dup2 would refuse it where the number is that already
    os.closerange(_REQUEST_FILE + 1, _HIGHEST_FILE)


def _limit(header: Json) -> None:
    cpu_s = int(header["cpu_s"])
    for what, soft, hard in (
        (resource.RLIMIT_AS, header["memory_bytes"], header["memory_bytes"]),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 1),  # SIGXCPU first, which tells it from other deaths
        (resource.RLIMIT_FSIZE, _MAX_FILE_BYTES, _MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
