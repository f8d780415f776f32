import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from invorec.lib import ids
from invorec.lib.ids import is_id, new_id, next_id


def test_an_id_is_its_prefix_and_a_ulid():
    assert re.fullmatch(r"inv_[0-9A-HJKMNP-TV-Z]{26}", new_id("inv"))


def test_ids_sort_in_the_order_they_were_made():
    made = [new_id("inv") for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000


def test_ids_stay_in_order_when_the_clock_steps_back(monkeypatch):
    first = new_id("inv")
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    assert new_id("inv") > first


def test_the_next_id_follows_one_of_a_machine_whose_clock_is_ahead(monkeypatch):
    now = ids.time.time_ns()
    with monkeypatch.context() as ahead:
        ahead.setattr(ids.time, "time_ns", lambda: now + 3_600 * 10**9)
        last = f"evt_{ids.ULIDGenerator().generate(ids.time.time_ns() // 10**6)}"
    assert new_id("evt") < last < next_id("evt", after=last)
    assert is_id(next_id("evt", after=last), "evt")
    assert next_id("evt", after=new_id("evt")) > new_id("evt")[:12]


def test_ids_made_by_threads_are_distinct_and_each_thread_sees_its_own_in_order():
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id("inv") for _ in range(500)], range(8)))
    assert len({made for batch in batches for made in batch}) == 4000
    assert all(batch == sorted(batch) for batch in batches)


def test_a_forked_process_does_not_repeat_its_parent(monkeypatch):
    monkeypatch.setattr(ids.time, "time_ns", lambda: 2**60)  # parent and child in the same millisecond
    new_id("inv")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, new_id("inv").encode())
        os._exit(0)
    os.wait()
    assert os.read(reader, 100).decode() != new_id("inv")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", True),
        ("inv_01hfab6zq3k7x9n2t4m5y8r0pd", False),
        ("sch_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", False),
        ("inv_01HFAB6ZQ3K7X9N2T4M5Y8R0P", False),
        ("inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PDD", False),
        ("inv_81HFAB6ZQ3K7X9N2T4M5Y8R0PD", False),
        ("inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PU", False),
        ("inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD\n", False),
        ("", False),
        (None, False),
    ],
)
def test_is_id_knows_prefix_and_shape(value, expected):
    assert is_id(value, "inv") is expected
