"""Counters that several processes of one machine share, in a small SQLite file: the store of rate limits where there is
no Redis."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

BUSY_S = 1.0  # a writer holds the file for microseconds
TABLE = """
    CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS counter_ends ON counter (ends);
"""


class CounterCache(BaseCache):
    """Django's cache API as far as counting needs it: `add` and `incr`, each one atomic statement."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.location = location
        self._connection: sqlite3.Connection | None = None

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Start a counter at `value` unless there is one; whether this did. Raises sqlite3.Error."""
        now = time.time()
        ends = self.get_backend_timeout(timeout)
        started = self._execute(
            "INSERT INTO counter VALUES (:key, :value, :ends) ON CONFLICT (key) DO UPDATE "
            "SET value = excluded.value, ends = excluded.ends WHERE ends <= :now RETURNING value",
            {"key": self._name(key, version), "value": value, "ends": ends, "now": now},
        )
        if started:
            self._execute("DELETE FROM counter WHERE ends <= :now", {"now": now})
        return bool(started)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raise a counter and return it. Raises ValueError where there is none, sqlite3.Error."""
        rows = self._execute(
            "UPDATE counter SET value = value + :delta WHERE key = :key AND ends > :now RETURNING value",
            {"delta": delta, "key": self._name(key, version), "now": time.time()},
        )
        if not rows:
            raise ValueError(f"There is no counter {key!r}.")
        return int(rows[0][0])

    def _name(self, key: str, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _execute(self, statement: str, values: dict[str, Any]) -> list[Any]:
        return self._connected().execute(statement, values).fetchall()

    def _connected(self) -> sqlite3.Connection:
        """This thread's connection: Django keeps a cache object per thread, and makes it after a fork."""
        if self._connection is None:
            connection = sqlite3.connect(self.location, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may lose counts, never the file
            connection.executescript(TABLE)
            self._connection = connection
        return self._connection
