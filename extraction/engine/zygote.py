"""The clean process that forks one child per untrusted document.

Started as `python -m extraction.engine.zygote FD name=module:function …`: it loads the named functions once, then
takes requests from the Unix socket FD, each a socket of its own. For every request it forks a warden, and the warden
forks the worker that touches the document: in its own process group and temporary directory, under limits of memory,
CPU, file size and open files. The warden ends the whole group at the wall-clock limit and says how it ended. The
zygote ends when the other side of FD is closed, wardens end with the zygote, workers with their warden.

A function takes the document's bytes and a JSON object and returns a JSON object, or raises an EngineError.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

from extraction.engine.errors import EngineError

Json = dict[str, Any]
Function = Callable[[bytes, Json], Json]
End = Literal["answered", "timed_out", "crashed"]

MAX_ANSWER_BYTES = 32 * 1024 * 1024
MAX_REQUEST_BYTES = 1024 * 1024 * 1024  # the sender is trusted; the engine's own limits are far lower
_MAX_FILE_BYTES = 512 * 1024 * 1024  # temporary files: an uncompressed page of 100 megapixels and room
_MAX_OPEN_FILES = 256
_HIGHEST_FILE = 1 << 16  # descriptors that a worker could have inherited; the zygote itself holds a handful
_HEAD = struct.Struct("!II")  # lengths of the JSON header and of the bytes that follow it
_PR_SET_PDEATHSIG = 1
_LAST_WORDS_S = 1.0  # how long after its pipe closed a worker may take to show its exit status


def send_frame(connection: socket.socket, header: Json, data: bytes = b"") -> None:
    """Raises OSError where the other side is gone."""
    head = json.dumps(header).encode()
    connection.sendall(_HEAD.pack(len(head), len(data)) + head)
    connection.sendall(data)


def receive_frame(connection: socket.socket, max_bytes: int) -> tuple[Json, bytes]:
    """Raises EOFError where the other side is gone, ValueError for a frame that is too long or not JSON."""
    head, size = _HEAD.unpack(_receive(connection, _HEAD.size))
    if head + size > max_bytes:
        raise ValueError("frame too long")
    header = json.loads(_receive(connection, head))
    if not isinstance(header, dict):
        raise ValueError("header is not an object")
    return header, _receive(connection, size)


def _receive(connection: socket.socket, size: int) -> bytes:
    buffer = bytearray(size)
    view, done = memoryview(buffer), 0
    while done < size:
        count = connection.recv_into(view[done:])
        if count == 0:
            raise EOFError
        done += count
    return bytes(buffer)


def main(arguments: list[str]) -> None:
    """Serve until the control socket is closed."""
    control = socket.socket(fileno=int(arguments[0]))
    functions = dict(_load(argument) for argument in arguments[1:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens are reaped by the kernel
    gc.collect()
    gc.freeze()  # the children share these pages as long as nobody writes to them
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        with contextlib.suppress(OSError):  # no process to be had: the sender sees its socket closed
            if os.fork() == 0:
                control.close()
                _keep(socket.socket(fileno=descriptors[0]), functions)
        for descriptor in descriptors:
            os.close(descriptor)


def _load(argument: str) -> tuple[str, Function]:
    """`name=module:function`, the module imported and warmed up by its `preload()` where it has one."""
    name, _, target = argument.partition("=")
    module_name, _, function_name = target.partition(":")
    module = importlib.import_module(module_name)
    getattr(module, "preload", lambda: None)()
    return name, getattr(module, function_name)


def _keep(connection: socket.socket, functions: dict[str, Function]) -> NoReturn:
    """The warden: one request, one worker, one answer."""
    status = 1
    try:
        _die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        header, data = receive_frame(connection, MAX_REQUEST_BYTES)
        home = Path(tempfile.mkdtemp(prefix="document-"))
        try:
            end, answer = _supervise(functions[header["function"]], header, data, home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        send_frame(connection, {"end": end}, answer)
        status = 0
    except (OSError, EOFError):
        pass  # the sender is gone
    finally:
        os._exit(status)


def _supervise(function: Function, header: Json, data: bytes, home: Path) -> tuple[End, bytes]:
    deadline = time.monotonic() + header["wall_s"]
    read_end, write_end = os.pipe()
    worker = os.fork()
    if worker == 0:
        _work(function, header, data, home, write_end)
    os.close(write_end)
    with contextlib.suppress(OSError):
        os.setpgid(worker, worker)  # as the worker does itself: whoever comes first
    try:
        answer = _collect(read_end, deadline)
        end = "timed_out" if answer is None else "answered" if answer else _cause(worker, deadline)
        return end, answer or b""
    finally:
        for kill in (os.killpg, os.kill):  # before the worker is reaped, so that its number is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _collect(read_end: int, deadline: float) -> bytes | None:
    """What the worker wrote until it closed the pipe; nothing at all where it wrote too much; None at the
    deadline."""
    answer = bytearray()
    while True:
        ready, _, _ = select.select([read_end], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(read_end, 1 << 20)
        if not chunk:
            return bytes(answer)
        answer += chunk
        if len(answer) > MAX_ANSWER_BYTES:
            return b""


def _cause(worker: int, deadline: float) -> End:
    """Why a worker ended without an answer: the CPU limit, or a crash. A worker that only closed its pipe counts
    as crashed."""
    until = min(deadline, time.monotonic() + _LAST_WORDS_S)
    while True:
        state = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if state is not None:
            return "timed_out" if state.si_status == signal.SIGXCPU else "crashed"
        if time.monotonic() >= until:
            return "crashed"
        time.sleep(0.005)


def _work(function: Function, header: Json, data: bytes, home: Path, write_end: int) -> NoReturn:
    """The worker: everything from here on may be in the hands of whoever made the document."""
    status = 1
    try:
        os.setpgid(0, 0)
        _die_with_parent()
        write_end = _settle(home, write_end)
        _limit(header)
        answer = json.dumps(_answer(function, data, header["options"])).encode()
        view = memoryview(answer)
        while view:
            view = view[os.write(write_end, view) :]
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


def _settle(home: Path, write_end: int) -> int:
    """A place of its own for the worker: directory, temporary files, no descriptor but the pipe to the warden."""
    os.chdir(home)
    os.environ["TMPDIR"] = os.environ["HOME"] = tempfile.tempdir = str(home)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(write_end, 3, inheritable=False)
    os.closerange(4, _HIGHEST_FILE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, this process goes first
    return 3


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


def _die_with_parent() -> None:
    """Ask Linux for SIGKILL when the parent is gone; elsewhere the closed sockets have to do."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
