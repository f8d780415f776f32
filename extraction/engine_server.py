"""The service's side of the engine's process: start it, hand it documents from any thread, start it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from extraction import jail
from extraction.engine.errors import Crashed, TimedOut
from extraction.engine.frames import (
    ANSWER,
    ANSWERED,
    CALL,
    MAX_ANSWER_BYTES,
    TIMED_OUT,
    Json,
    receive,
    send_request,
)

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parent.parent
_ENGINE_CODE = (ROOT / "extraction" / "__init__.py", ROOT / "extraction" / "engine")
_LEAVE_S = 2.0  # for removing what its workers leave behind
_START_S = 60.0  # beyond a document's own time: loading the engine on a busy machine


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one document may take: wall-clock and CPU seconds, bytes of address space."""

    wall_s: float
    cpu_s: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    control: socket.socket


class EngineServer:
    """One zygote of this process, started when first needed. `functions` maps names to "module:function"; `code` adds
    paths that the process may read."""

    def __init__(self, functions: Mapping[str, str], *, sandbox: str = "auto", code: tuple[Path, ...] = ()) -> None:
        self._functions = [f"{name}={target}" for name, target in functions.items()]
        self._sandbox = sandbox
        self._code = (*_ENGINE_CODE, *code)
        self._lock = threading.Lock()
        self._running: _Running | None = None
        # A forked worker of this process starts a zygote of its own; the parent's is not its to use or to keep alive.
        os.register_at_fork(after_in_child=self._disown)

    def call(self, function: str, options: Json, data: bytes, bounds: Bounds) -> bytes:
        """The worker's answer, unchecked JSON of at most MAX_ANSWER_BYTES.

        Raises TimedOut, or Crashed where the worker ended without an answer. A request that is lost is made once
        more, to a new zygote where the old one is gone.
        """
        header = {
            "function": function,
            "options": options,
            "cpu_s": bounds.cpu_s,
            "memory_bytes": bounds.memory_bytes,
        }
        for _ in range(2):
            running = self._running_or_start()
            try:
                return _ask(running.control, header, data, bounds.wall_s)
            except (EOFError, OSError) as error:
                log.warning("engine_request_lost", reason=repr(error))
                if _is_gone(running.control):
                    self._drop(running)
        raise Crashed

    def close(self) -> None:
        """End the zygote and whatever it reads."""
        if self._running is not None:
            self._drop(self._running)

    @property
    def pid(self) -> int | None:
        """The process that was started, for those who watch it: bubblewrap or the zygote itself."""
        return self._running.process.pid if self._running else None

    def _running_or_start(self) -> _Running:
        with self._lock:
            if self._running is None:
                self._running = self._start()
            return self._running

    def _start(self) -> _Running:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            handle = theirs.fileno()
            command = [sys.executable, "-P", "-m", "extraction.engine.zygote", str(handle), *self._functions]
            process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                jail.wrap(command, code=self._code, sandbox=self._sandbox),
                env=jail.environment(ROOT),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(handle,),
                start_new_session=True,  # Ctrl-C in a terminal is for the service, which then closes the socket
            )
        return _Running(process, ours)

    def _drop(self, running: _Running) -> None:
        with self._lock:
            if self._running is not running:
                return  # another thread was faster
            self._running = None
        running.control.close()
        try:
            running.process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()

    def _disown(self) -> None:
        if self._running is not None:
            self._running.control.close()
            self._running.process.returncode = 0  # not our child: nothing to wait for or to warn of
        self._lock = threading.Lock()  # the thread that held the old one may not exist in this process
        self._running = None


def _is_gone(control: socket.socket) -> bool:
    """Whether the zygote's side is closed; it closes before the workers' sockets do."""
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _ask(control: socket.socket, header: Json, data: bytes, wall_s: float) -> bytes:
    """One request on a socket of its own. Raises EOFError or OSError where the zygote is gone."""
    deadline = time.monotonic() + wall_s + _START_S
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            socket.send_fds(control, [CALL.pack(wall_s)], [theirs.fileno()])
        ours.settimeout(wall_s + _START_S)
        try:
            with suppress(ConnectionError):  # ended before it had read all; what was said of it is there to be read
                send_request(ours, header, data)
            return _answer(ours, deadline)
        except TimeoutError as error:
            raise TimedOut from error


def _answer(connection: socket.socket, deadline: float) -> bytes:
    """What a worker says is believed as far as it harms only its own document. Raises EOFError or OSError where
    nothing is said at all."""
    end, size = ANSWER.unpack(receive(connection, ANSWER.size, deadline))
    if end == TIMED_OUT:
        raise TimedOut
    if end != ANSWERED or size > MAX_ANSWER_BYTES:
        raise Crashed
    try:
        return receive(connection, size, deadline)
    except (EOFError, ConnectionError) as error:
        raise Crashed from error
