"""Keeps child processes running: starts them, restarts the one that dies, stops all of them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

STEADY_S = 3.0  # a child that ran this long had started well: its next failure starts the back-off anew
FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 30.0
STOP_S = 5.0  # what a child gets to finish in before it is killed
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Child:
    """One command and the process that runs it now, if any. Times are of the monotonic clock."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    failures: int = 0


@dataclass
class Supervisor:
    """Runs `children`; call `tick` a few times a second."""

    children: list[Child]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def tick(self) -> None:
        """Start what is due and take note of what ended."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None and now >= child.due_at:
                self._start(child, now)
            elif child.process is not None and child.process.poll() is not None:
                _note_end(child, now)

    def stop(self) -> None:
        """End every child: politely at first, for good after STOP_S."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()

    def _start(self, child: Child, now: float) -> None:
        # A session of its own: Ctrl-C in the terminal reaches only us, and we end the children in order.
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.command, env=self.environment, start_new_session=True, preexec_fn=_end_with_parent
        )
        child.started_at = now


def delay_s(failures: int) -> float:
    """Seconds to wait before the restart that follows the `failures`-th failure in a row: 0.5, 1, 2 … 30."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (failures - 1))


def _note_end(child: Child, now: float) -> None:
    code = child.process.returncode if child.process else None
    child.failures = 1 if now - child.started_at >= STEADY_S else child.failures + 1
    child.due_at = now + delay_s(child.failures)
    child.process = None
    log.error("child_ended", child=child.name, exit_code=code, restart_in_s=delay_s(child.failures))


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)


def _end_with_parent() -> None:
    """In the child, before its program starts: be told to end when the parent is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
