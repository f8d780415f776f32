"""How the engine's process is started: without the service's environment, and where bubblewrap works, without
network, other processes, or any file but programs, libraries and the engine's own code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64",
    "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
)  # fmt: skip
_PROBE_TIMEOUT_S = 20


def environment(root: Path) -> dict[str, str]:
    """All that the engine's process knows of its surroundings; `root` is where the packages are."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(root),
        # one thread per process: workers run side by side, and Tesseract's threads cost more than they bring
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # large buffers (pages, what the models compute) go back to the system when freed: a tenth less memory on a long
        # scan; elsewhere than in glibc without effect
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "4194304",
        "MALLOC_TRIM_THRESHOLD_": "4194304",
    }


def wrap(command: list[str], *, code: Iterable[Path], sandbox: str) -> list[str]:
    """`command` inside bubblewrap, with the paths in `code` readable; as it is where `sandbox` is "none" or
    bubblewrap does not work here (logged once)."""
    if sandbox == "none":
        return command
    jail = (_bubblewrap(), *_arguments(tuple(code)))
    return [*jail, *command] if jail[0] and _works(jail) else command


def _bubblewrap() -> str:
    return shutil.which("bwrap") or ""


def _arguments(code: tuple[Path, ...]) -> list[str]:
    """No `--die-with-parent`: it would end the process with the thread that happened to start it. The closed
    control socket ends it instead."""
    visible = dict.fromkeys([*_SYSTEM, sys.base_prefix, sys.prefix, *map(str, code)])
    return [
        "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL", "--new-session",
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",  # noqa: S108  private to the jail
        *(word for path in visible for word in ("--ro-bind-try", path, path)),
        "--chdir", "/",
    ]  # fmt: skip


@lru_cache(maxsize=8)
def _works(jail: tuple[str, ...]) -> bool:
    probe = [*jail, sys.executable, "-c", "import numpy"]
    try:
        done = subprocess.run(probe, capture_output=True, timeout=_PROBE_TIMEOUT_S, env=environment(Path("/")))  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("engine_not_sandboxed", reason=repr(error))
        return False
    if done.returncode:
        log.warning("engine_not_sandboxed", reason=done.stderr.decode(errors="replace")[-300:])
    return done.returncode == 0
