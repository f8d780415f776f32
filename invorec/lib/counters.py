"""Counters that all web processes share, the store of rate limits: in Redis, or in a small SQLite file where there is
none. Both are caches of Django's as far as counting needs them: `add` and `incr`, each atomic.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.5  # of Redis
REMEMBERED = 10_000  # counters that a thread knows to exist
BUSY_S = 1.0  # a writer holds the file for microseconds
TABLE = """
    CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS counter_ends ON counter (ends);
"""


class OneTripClient(RedisCacheClient):
    """Django's client with one round trip for each count instead of three: what it has seen to exist is neither started
    nor looked for again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._one: Any = None
        self._seen: set[Any] = set()

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """One for all: its connections come from the pool."""
        self._one = self._one or super().get_client(key, write=write)
        return self._one

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        """Start a counter unless there is one; whether this did."""
        if key in self._seen:
            return False
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        added = bool(super().add(key, value, timeout))
        self._seen.add(key)
        return added

    def incr(self, key: Any, delta: int) -> int:
        """Raise a counter and return it. Raises ValueError where there was none."""
        client = self.get_client(key, write=True)
        value = int(client.incr(key, delta))
        if value == delta:  # lost since it was started; what was just made would never end
            client.delete(key)
            self._seen.discard(key)
            raise ValueError(f"There is no counter {key!r}.")
        return value


class RedisCounters(RedisCache):
    """Django's Redis cache with fewer round trips, and no patience: a count is not worth a wait."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        hasty = {"socket_connect_timeout": TIMEOUT_S, "socket_timeout": TIMEOUT_S, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, params | {"OPTIONS": params.get("OPTIONS", {}) | hasty})
        self._class = OneTripClient


class FileCounters(BaseCache):
    """Counters in the SQLite file at `location`, for the processes of one machine."""

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
