"""How much memory reading a document takes: that of the process that reads and of every process that it starts.

Measured from outside over the whole tree: what a process reports of itself (ru_maxrss) begins with the peak of the
process that started it. Linux only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from extraction import jail

READ = """
import pathlib, sys
from extraction.engine.pipeline import extract
extract(pathlib.Path(sys.argv[1]).read_bytes())
"""
EVERY_S = 0.02
ROOT = Path(__file__).parents[2]
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def peak_mib(path: Path) -> float:
    """The most resident memory, in MiB, that a process reading `path` and its children had at once, started as the
    service starts it; pages that they share count for each, but those of a child that still is its parent's program:
    until it becomes another (vfork) it has no memory of its own. Raises CalledProcessError where the document cannot be
    read."""
    command = [sys.executable, "-c", READ, str(path)]
    peak = 0
    with subprocess.Popen(command, env=jail.environment(ROOT)) as process:
        while process.poll() is None:
            peak = max(peak, _tree_bytes(process.pid))
            time.sleep(EVERY_S)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return peak / 1024 / 1024


def _tree_bytes(root: int) -> int:
    """Resident memory of the process `root` and of all that descend from it."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    program: dict[int, bytes] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            program[int(entry.name)] = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # gone since
        children[int(fields[1])].append(int(entry.name))
        resident[int(entry.name)] = int(fields[21]) * PAGE_BYTES
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        total += resident.get(process, 0)
        waiting += [child for child in children[process] if program[child] != program[process]]
    return total
