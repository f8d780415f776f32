"""Counters in a file: exact whoever counts, gone when their time is over."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from django.core.cache import caches

from invorec.lib.counters import FileCounters, RedisCounters

COUNT = """
import sys
from django.conf import settings
settings.configure()
from invorec.lib.counters import FileCounters
cache = FileCounters(sys.argv[1], {})
for _ in range(200):
    cache.add("k", 0, 60)
    cache.incr("k")
"""


@pytest.fixture
def cache(tmp_path) -> FileCounters:
    return FileCounters(str(tmp_path / "limits.sqlite3"), {})


def test_counting(cache):
    assert cache.add("k", 1, 60) is True
    assert cache.add("k", 1, 60) is False
    assert [cache.incr("k"), cache.incr("k", 5)] == [2, 7]
    assert cache.add("other", 1, 60) is True


def test_what_was_not_started_cannot_be_raised(cache):
    with pytest.raises(ValueError, match="There is no counter 'k'"):
        cache.incr("k")


def test_a_counter_ends(cache, monkeypatch):
    cache.add("k", 1, 60)
    cache.add("other", 1, 60)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(ValueError, match="no counter"):
        cache.incr("k")
    assert cache.add("k", 1, 60) is True
    assert sqlite3.connect(cache.location).execute("SELECT count(*) FROM counter").fetchone() == (1,)


def test_prefixes_keep_counters_apart(tmp_path):
    location = str(tmp_path / "limits.sqlite3")
    one, other = (FileCounters(location, {"KEY_PREFIX": prefix}) for prefix in ("a", "b"))
    assert (one.add("k", 1, 60), other.add("k", 1, 60)) == (True, True)


def test_processes_and_threads_lose_no_count(cache):
    cache.add("k", 0, 60)
    processes = [subprocess.Popen([sys.executable, "-c", COUNT, cache.location]) for _ in range(2)]
    threads = [threading.Thread(target=count_to_100, args=[cache.location]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0]
    assert cache.incr("k") == 2 * 200 + 2 * 100 + 1


def count_to_100(location: str) -> None:
    own = FileCounters(location, {})
    for _ in range(100):
        own.incr("k")


@pytest.mark.redis
def test_counting_in_redis(settings):
    cache = caches["limits"]
    assert isinstance(cache, RedisCounters)
    assert [cache.add("k", 1, 60), cache.add("k", 1, 60)] == [True, False]
    assert [cache.incr("k"), cache.incr("k")] == [2, 3]
    with pytest.raises(ValueError, match="There is no counter"):
        cache.incr("never-started")
    with pytest.raises(ValueError, match="There is no counter"):
        cache.incr("never-started")
    assert cache.add("never-started", 1, 60) is True


@pytest.mark.redis
def test_a_counter_that_redis_has_lost_is_started_again():
    cache = caches["limits"]
    cache.add("k", 1, 60)
    cache.delete("k")
    assert cache.add("k", 1, 60) is False
    with pytest.raises(ValueError, match="There is no counter"):
        cache.incr("k")
    assert cache.add("k", 1, 60) is True
    assert cache.incr("k") == 2
