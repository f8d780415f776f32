"""The clean process that forks one worker per untrusted document, and watches over them.

Started as `python -m extraction.engine.zygote FD name=module:function …`: it loads the named functions once, then
takes calls from the Unix socket FD, each with the socket of a request. For every call it forks a worker (`confined`),
which alone reads the request and answers it: in its own process group and temporary directory, under limits of memory,
CPU, file size and open files. The zygote never reads a request's socket, so what it hands on to the next fork holds
nothing of a document. It ends a worker's whole group at the wall-clock limit, or as soon as the service has closed its
end (the answer is there, or nobody waits for it), removes what it left behind, and has the last word on the socket:
who ended without an answer is known to have run out of time, or to have crashed.

The zygote ends when the other side of FD is closed, and its workers with it.

A function takes the document's bytes and a JSON object and returns a JSON object, or raises an EngineError.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import math
import os
import secrets
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from extraction.engine.confined import Function, work
from extraction.engine.frames import ANSWER, CALL, CRASHED, TIMED_OUT

_REMOVAL_S = 60.0  # for what a worker left behind


@dataclass(slots=True, eq=False)
class _Child:
    """A worker, or the removal of what one left behind (neither connection nor home)."""

    pid: int
    handle: int  # readable once it has ended
    deadline: float
    connection: socket.socket | None = None
    home: Path | None = None
    timed_out: bool = False


class Zygote:
    """One thread, one loop: a fork holds what the loop holds at that moment and nothing half done."""

    def __init__(self, control: socket.socket, functions: Mapping[str, Function]) -> None:
        self._control = control
        self._functions = functions
        self._homes = _homes()
        self._children: dict[int, _Child] = {}  # by either of its descriptors
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Until the control socket is closed."""
        try:
            while self._turn():
                pass
        finally:
            for child in set(self._children.values()):
                if child.home:
                    _kill(child.pid)
                    os.waitpid(child.pid, 0)
                    shutil.rmtree(child.home, ignore_errors=True)

    def _turn(self) -> bool:
        ready = [descriptor for descriptor, _ in self._poll.poll(self._patience_ms())]
        for descriptor in ready:
            child = self._children.get(descriptor)
            if child and descriptor == child.handle:
                self._bury(child)
            elif child:
                self._hang_up(child)
        now = time.monotonic()
        for child in set(self._children.values()):
            if child.deadline <= now:
                child.deadline, child.timed_out = math.inf, True
                _kill(child.pid)
        # Last, so that no new descriptor has the number of one that was told of above.
        return self._control.fileno() not in ready or self._admit()

    def _patience_ms(self) -> int | None:
        nearest = min((child.deadline for child in self._children.values()), default=math.inf)
        return None if nearest == math.inf else max(0, math.ceil((nearest - time.monotonic()) * 1000))

    def _admit(self) -> bool:
        """Take one call; False where no more will come."""
        message, descriptors, _, _ = socket.recv_fds(self._control, CALL.size, 1)
        if not message:
            return False
        if not descriptors:  # none left in this process: the sender sees its socket closed
            return True
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptors[0])
        connection.set_inheritable(False)
        home, zygote = next(self._homes), os.getpid()
        deadline = time.monotonic() + CALL.unpack(message)[0]
        try:
            pid = os.fork()
        except OSError:  # no process to be had: likewise
            connection.close()
            return True
        if pid == 0:
            work(connection.fileno(), self._functions, home, zygote)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # as the worker does itself: whoever comes first
        self._watch(pid, deadline, connection, home)
        return True

    def _watch(
        self, pid: int, deadline: float, connection: socket.socket | None = None, home: Path | None = None
    ) -> None:
        try:
            handle = os.pidfd_open(pid)
        except OSError:  # no descriptor left: not to be watched, so not to be
            _kill(pid)
            os.waitpid(pid, 0)
            if connection:
                connection.close()
            return
        child = _Child(pid, handle, deadline, connection, home)
        self._children[handle] = child
        self._poll.register(handle, select.POLLIN)
        if connection:
            self._children[connection.fileno()] = child
            self._poll.register(connection, 0)  # tells of the other end's closing whatever is asked for

    def _hang_up(self, child: _Child) -> None:
        """The service has its answer, or waits no longer."""
        _kill(child.pid)
        if child.connection:
            self._forget(child.connection.fileno())
            child.connection.close()
            child.connection = None

    def _bury(self, child: _Child) -> None:
        state = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if state is None:
            return
        _kill(child.pid)  # its own children, while its number is still its own
        os.waitpid(child.pid, 0)
        self._forget(child.handle)
        os.close(child.handle)
        if child.connection:
            timed_out = child.timed_out or state.si_status == signal.SIGXCPU
            self._forget(child.connection.fileno())
            _close(child.connection, TIMED_OUT if timed_out else CRASHED)
        if child.home:
            self._remove(child.home)

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._children[descriptor]

    def _remove(self, home: Path) -> None:
        """At once where it is empty, as it should be; else in a process of its own, as nobody knows how much it
        is."""
        try:
            home.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            with contextlib.suppress(OSError):
                removal = os.posix_spawnp("rm", ["rm", "-rf", "--", str(home)], os.environ, setpgroup=0)
                self._watch(removal, time.monotonic() + _REMOVAL_S)


def _homes() -> Iterator[Path]:
    """Names of temporary directories that nobody else can have thought of."""
    mark = secrets.token_hex(8)
    return (Path(tempfile.gettempdir(), f"document-{mark}-{number}") for number in itertools.count())


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _close(connection: socket.socket, end: bytes) -> None:
    """The last word, where anybody listens, and the end of the socket for whoever else may still hold it."""
    with contextlib.suppress(OSError):
        connection.send(ANSWER.pack(end, 0), socket.MSG_DONTWAIT)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def main(arguments: list[str]) -> None:
    """Serve until the control socket is closed."""
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    functions = dict(_load(argument) for argument in arguments[1:])
    zygote = Zygote(control, functions)
    gc.collect()
    gc.freeze()  # the children share these pages as long as nobody writes to them
    zygote.serve()


def _load(argument: str) -> tuple[str, Function]:
    """`name=module:function`, the module imported and warmed up by its `preload()` where it has one."""
    name, _, target = argument.partition("=")
    module_name, _, function_name = target.partition(":")
    module = importlib.import_module(module_name)
    getattr(module, "preload", lambda: None)()
    return name, getattr(module, function_name)


if __name__ == "__main__":
    main(sys.argv[1:])
