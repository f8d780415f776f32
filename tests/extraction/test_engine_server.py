import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extraction import jail
from extraction.engine.errors import Crashed, TimedOut
from extraction.engine.frames import ANSWER, ANSWERED, MAX_ANSWER_BYTES, TIMED_OUT, receive
from extraction.engine_server import ROOT, Bounds, EngineServer

NAMES = (
    "echo", "hang", "spin", "segfault", "abort", "allocate", "refuse", "fail", "flood", "leave_quietly",
    "surroundings", "kill_zygote", "wait", "say", "litter",
)  # fmt: skip
MODULE = "tests.extraction.isolated_functions"
BOUNDS = Bounds(wall_s=20, cpu_s=20, memory_bytes=1024**3)


def make_server(sandbox="none"):
    functions = {name: f"{MODULE}:{name}" for name in NAMES}
    return EngineServer(functions, sandbox=sandbox, code=(ROOT / "tests",))


@pytest.fixture(scope="module")
def server():
    server = make_server()
    yield server
    server.close()


def result(answer):
    return json.loads(answer)["result"]


def is_gone(pid):
    """Whether the process has ended; it may still wait to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.01)


def test_answer_comes_back(server):
    assert result(server.call("echo", {"a": [1]}, b"bytes", BOUNDS)) == {"text": "bytes", "options": {"a": [1]}}


def test_large_document_travels_whole(server):
    data = b"0123456789" * 1_000_000
    assert result(server.call("echo", {}, data, BOUNDS))["text"] == data.decode()


def test_engine_error_is_named_by_its_code(server):
    assert json.loads(server.call("refuse", {}, b"", BOUNDS)) == {
        "error": "not_an_invoice",
        "message": "This is a menu.",
    }


def test_mistake_of_the_engine_is_told(server):
    answer = json.loads(server.call("fail", {}, b"", BOUNDS))
    assert answer == {"crash": "ZeroDivisionError('a mistake of ours')"}


def test_hang_ends_at_the_wall_clock_limit_with_all_its_children(server, tmp_path):
    pids = tmp_path / "pids"
    with pytest.raises(TimedOut):
        server.call("hang", {"pids": str(pids)}, b"", Bounds(wall_s=2, cpu_s=20, memory_bytes=1024**3))
    worker, child = pids.read_text().split()
    wait_until(lambda: is_gone(worker) and is_gone(child))


def test_endless_work_ends_at_the_cpu_limit(server):
    with pytest.raises(TimedOut):
        server.call("spin", {}, b"", Bounds(wall_s=60, cpu_s=1, memory_bytes=1024**3))


@pytest.mark.parametrize("name", ["segfault", "abort", "leave_quietly"])
def test_native_end_is_a_crash_and_the_next_document_is_read(server, name):
    before = server.pid
    with pytest.raises(Crashed):
        server.call(name, {}, b"", BOUNDS)
    assert result(server.call("echo", {}, b"next", BOUNDS))["text"] == "next"
    assert server.pid == before


def test_memory_beyond_the_limit_is_refused(server):
    assert result(server.call("allocate", {"bytes": 1000}, b"", BOUNDS)) == {"size": 1000}
    answer = json.loads(server.call("allocate", {"bytes": 2 * 1024**3}, b"", BOUNDS))
    assert answer == {"crash": "MemoryError()"}


def test_answer_beyond_the_limit_is_a_crash(server):
    with pytest.raises(Crashed):
        server.call("flood", {"bytes": 33 * 1024**2}, b"", BOUNDS)


def test_worker_sees_nothing_of_the_service(server, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for strangers")
    fresh = make_server()
    try:
        seen = result(fresh.call("surroundings", {"root": str(ROOT)}, b"", BOUNDS))
    finally:
        fresh.close()
    environment = seen["environment"]
    assert set(environment) <= {*jail.environment(ROOT), "TMPDIR", "HOME", "LC_CTYPE"}
    assert environment["TMPDIR"] == environment["HOME"] == seen["directory"]
    assert not Path(seen["directory"]).exists()
    assert set(seen["files"]) <= {0, 1, 2, 3, 4}  # the standard three, the request's socket, and this listing
    assert seen["group_leader"]


def test_jail_has_no_network_no_processes_and_no_files_of_the_service():
    jailed = make_server(sandbox="auto")
    try:
        seen = result(jailed.call("surroundings", {"root": str(ROOT)}, b"", BOUNDS))
    finally:
        jailed.close()
    if seen["manage.py"]:
        pytest.skip("bubblewrap is not installed or does not work here")
    assert seen["interfaces"] in ([], ["lo"])
    assert seen["processes"] <= 3  # init, zygote, worker


def test_parallel_documents_do_not_mix():
    server = make_server()
    answers = {}

    def ask(number):
        answers[number] = result(server.call("wait", {"number": number, "seconds": 0.3}, b"", BOUNDS))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.close()
    assert answers == {number: {"number": number} for number in range(8)}


def test_killed_zygote_is_started_again_even_in_the_middle_of_a_document():
    server = make_server()
    try:
        server.call("echo", {}, b"", BOUNDS)
        first = server.pid
        killer = threading.Timer(0.5, os.kill, (first, signal.SIGKILL))
        killer.start()
        assert result(server.call("wait", {"number": 7, "seconds": 1.5}, b"", BOUNDS)) == {"number": 7}
        assert server.pid != first
        os.kill(server.pid, signal.SIGKILL)
        assert result(server.call("echo", {}, b"again", BOUNDS))["text"] == "again"
    finally:
        server.close()


def test_killed_zygote_fails_its_killer_only(server):
    with pytest.raises(Crashed):
        server.call("kill_zygote", {}, b"", BOUNDS)
    assert result(server.call("echo", {}, b"next", BOUNDS))["text"] == "next"


HALF = ANSWER.pack(ANSWERED, 100) + b'{"result"'


@pytest.mark.parametrize(
    ("said", "then", "error"),
    [
        (b"", "leave", Crashed),
        (b"", "close", TimedOut),
        (b"", "hang", TimedOut),
        (b"", "shut", Crashed),
        (b"a", "hang", Crashed),
        (HALF, "leave", Crashed),
        (HALF, "close", Crashed),
        (HALF, "hang", Crashed),
        (HALF, "shut", Crashed),
        (ANSWER.pack(TIMED_OUT, 0), "hang", TimedOut),
        (ANSWER.pack(b"?", 0), "hang", Crashed),
        (ANSWER.pack(ANSWERED, MAX_ANSWER_BYTES + 1), "hang", Crashed),
    ],
)
def test_worker_that_says_no_answer_ends_within_its_time(server, tmp_path, said, then, error):
    pids = tmp_path / "pids"
    begin = time.monotonic()
    with pytest.raises(error):
        server.call("say", {"pids": str(pids), "then": then}, said, Bounds(wall_s=1.5, cpu_s=20, memory_bytes=1024**3))
    assert time.monotonic() - begin < 10
    wait_until(lambda: is_gone(pids.read_text()))
    assert result(server.call("echo", {}, b"next", BOUNDS))["text"] == "next"


def test_worker_that_lives_on_after_its_answer_is_ended(server, tmp_path):
    pids = tmp_path / "pids"
    said = ANSWER.pack(ANSWERED, 2) + b"{}"
    assert server.call("say", {"pids": str(pids), "then": "hang"}, said, BOUNDS) == b"{}"
    wait_until(lambda: is_gone(pids.read_text()))


def test_trickling_answer_is_not_waited_for_beyond_the_deadline():
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.05):
            theirs.send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    with ours, theirs, pytest.raises(TimeoutError):
        try:
            receive(ours, 1_000_000, time.monotonic() + 0.4)
        finally:
            stop.set()
            thread.join()


def test_document_refused_for_its_time_before_it_was_read_whole_is_timed_out(server):
    with pytest.raises(TimedOut):
        server.call("echo", {}, bytes(200_000_000), Bounds(wall_s=0.001, cpu_s=20, memory_bytes=1024**3))


def test_what_a_worker_leaves_behind_is_removed(server):
    home = result(server.call("litter", {}, b"", BOUNDS))["home"]
    wait_until(lambda: not Path(home).exists())


def test_many_requests_at_once_are_all_answered(server):
    def ask(number):
        return result(server.call("wait", {"number": number, "seconds": 0.5}, b"", BOUNDS))["number"]

    with ThreadPoolExecutor(64) as threads:
        assert list(threads.map(ask, range(64))) == list(range(64))


def test_zygote_keeps_nothing_of_a_finished_request(server):
    server.call("echo", {}, b"", BOUNDS)
    files = Path(f"/proc/{server.pid}/fd")
    wait_until(lambda: len(list(files.iterdir())) == 4)  # the standard three and the control socket


def test_fork_of_the_service_starts_its_own_zygote(server):
    server.call("echo", {}, b"", BOUNDS)
    before = server.pid
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = result(server.call("echo", {}, b"child", BOUNDS))["text"]
            os.write(write_end, f"{text} {server.pid}".encode())
            server.close()
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    text, pid = os.read(read_end, 1000).decode().split()
    os.close(read_end)
    assert (text, int(pid) != before) == ("child", True)
    assert result(server.call("echo", {}, b"parent", BOUNDS))["text"] == "parent"
    assert server.pid == before


def test_zygote_ends_when_the_service_is_killed():
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            server = make_server()
            server.call("echo", {}, b"", BOUNDS)
            os.write(write_end, str(server.pid).encode())
            time.sleep(60)
        finally:
            os._exit(0)
    os.close(write_end)
    zygote = int(os.read(read_end, 100))
    os.close(read_end)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_until(lambda: is_gone(zygote))
