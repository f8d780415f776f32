"""Servers that stop and come back on the same port and data, as after an upgrade."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

START_S = 30
AWAY_S = 1.0


class Restarts:
    """Restarts servers that somebody else started, and stops at the end what it started itself."""

    def __init__(self) -> None:
        self.started: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

    def postgres(self, url: str) -> None:
        """All connections end at once; it is back with all that was committed."""
        with psycopg.connect(url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row
        pid_file = Path(row[0]) / "postmaster.pid"
        pid = int(pid_file.read_text().split()[0])
        command = _command(pid)
        self._restart(pid, signal.SIGINT, command, lambda: psycopg.connect(url, connect_timeout=2).close())

    def redis(self, url: str) -> None:
        """It is back, and empty."""
        info = redis.Redis.from_url(url).info()
        command = ["redis-server", "--port", str(info["tcp_port"]), "--bind", "127.0.0.1", "--save", ""]
        self._restart(int(info["process_id"]), signal.SIGTERM, command, lambda: redis.Redis.from_url(url).ping())

    def _restart(self, pid: int, number: signal.Signals, command: list[str], works: Callable[[], object]) -> None:
        folder, owner = Path(f"/proc/{pid}/cwd").resolve(), Path(f"/proc/{pid}").stat().st_uid
        os.kill(pid, number)
        deadline = time.monotonic() + START_S
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(AWAY_S)
        user = owner if os.getuid() == 0 and owner else None
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=folder, user=user, stdout=quiet, stderr=quiet, start_new_session=True)
        self.started.append((process, number))
        while time.monotonic() < deadline:
            try:
                works()
                return
            except (psycopg.Error, redis.RedisError):
                time.sleep(0.1)
        raise SystemExit(f"{command[0]} did not come back")

    def stop(self) -> None:
        """Ends what was started here."""
        for process, number in self.started:
            process.send_signal(number)
        for process, _ in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def restarting() -> Iterator[Restarts]:
    """Restarts, cleaned up at the end."""
    restarts = Restarts()
    try:
        yield restarts
    finally:
        restarts.stop()


def _command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]


def _runs(pid: int) -> bool:
    """Not ended, nor ended and merely not waited for by its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
