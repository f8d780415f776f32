"""Child processes: started, restarted, stopped."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from invorec import supervisor
from invorec.supervisor import Child, Supervisor, delay_s


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for(condition, tick=lambda: None, seconds=20.0):
    """Call `tick` until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        tick()
        time.sleep(0.01)


def test_a_child_that_dies_is_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_DELAY_S", 0.01)
    count = tmp_path / "count"
    child = Child("short", python(f"open({str(count)!r}, 'a').write('x')"))
    family = Supervisor([child])
    wait_for(lambda: count.exists() and len(count.read_text()) >= 3, family.tick)
    family.stop()
    assert child.failures >= 2


def test_the_pauses_grow_and_stay_bounded():
    assert [delay_s(n) for n in (1, 2, 3, 7, 50)] == [0.5, 1.0, 2.0, 30.0, 30.0]


def test_a_child_that_ran_steadily_starts_its_back_off_anew(monkeypatch):
    monkeypatch.setattr(supervisor, "STEADY_S", 0.0)
    child = Child("steady", python("pass"), failures=6)
    family = Supervisor([child])
    family.tick()
    wait_for(lambda: child.process is None, family.tick)
    assert child.failures == 1


def test_stop_ends_polite_and_stubborn_children_and_what_they_started(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_S", 0.3)
    grandchild = tmp_path / "pid"
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import signal, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)']);"
        f"f = open({str(grandchild)!r}, 'w'); f.write(str(p.pid)); f.close(); time.sleep(60)"
    )
    children = [Child("polite", python("import time; time.sleep(60)")), Child("stubborn", python(stubborn))]
    family = Supervisor(children)
    family.tick()
    wait_for(lambda: grandchild.exists() and grandchild.read_text())
    family.stop()
    assert [child.process.returncode for child in children] == [-signal.SIGTERM, -signal.SIGKILL]
    wait_for(lambda: not is_running(int(grandchild.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="parents are watched on Linux only")
def test_children_end_when_their_supervisor_is_killed(tmp_path):
    pid_file = tmp_path / "pid"
    code = (
        "import sys, time; from invorec.supervisor import Child, Supervisor;"
        "s = Supervisor([Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'])]); s.tick();"
        f"f = open({str(pid_file)!r}, 'w'); f.write(str(s.children[0].process.pid)); f.close(); time.sleep(60)"
    )
    outer = Child("outer", python(code))
    Supervisor([outer]).tick()
    wait_for(lambda: pid_file.exists() and pid_file.read_text())
    outer.process.kill()
    outer.process.wait()
    wait_for(lambda: not is_running(int(pid_file.read_text())))


def is_running(pid: int) -> bool:
    """Whether the process exists and is not merely waiting to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")
