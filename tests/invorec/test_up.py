"""`make up`: what it refuses, and the demo's keys. The whole scene is `.ci/smoke.py`."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.models import ApiKey
from billing.models import Workspace
from invorec.demo import DemoFailed, demo_keys, succeeded, wait_until_up

ROOT = Path(__file__).parents[2]


def up(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py up` in a clean environment of its own."""
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    everything = clean | {"INVOREC_VAR": str(folder / "var")} | environment
    command = [sys.executable, "manage.py", "up"]
    return subprocess.run(command, cwd=ROOT, env=everything, capture_output=True, text=True, timeout=60)


def test_a_taken_port_is_said_and_nothing_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = up(tmp_path, PORT=str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Port {port} is in use")
    assert f"PORT={port + 1 if port < 65535 else 8000} make up" in done.stderr
    assert not (tmp_path / "var" / "invorec.sqlite3").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_said(tmp_path, port):
    done = up(tmp_path, PORT=port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"PORT={port} is not a port; choose one from 1024 to 65535: PORT=8001 make up\n"


def test_interrupted_early_it_ends_quietly_and_leaves_nothing_running(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    environment = clean | {"INVOREC_VAR": str(tmp_path / "var"), "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until_up(f"http://127.0.0.1:{port}", lambda: time.sleep(0.05))
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output.endswith(b"Stopping.\n")
    assert b"Traceback" not in errors
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_keys_are_made_once_and_kept_for_their_owner(db, tmp_path):
    path = tmp_path / "demo_keys.json"
    keys = demo_keys(path)
    assert demo_keys(path) == keys == json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {mode: ApiKey.of_token(token).livemode for mode, token in keys.items()} == {"live": True, "test": False}
    assert [workspace.plan.code for workspace in Workspace.objects.all()] == ["business"]


def test_keys_that_the_database_does_not_know_are_replaced(db, tmp_path):
    path = tmp_path / "demo_keys.json"
    stale = {"live": "invr_live_x", "test": "invr_test_x"}
    path.write_text(json.dumps(stale))
    keys = demo_keys(path)
    assert keys != stale
    assert ApiKey.of_token(keys["live"]).workspace.name == "Demo"


def test_an_answer_that_is_an_error_is_told_in_the_apis_words():
    with pytest.raises(DemoFailed, match="The API answered 422: no text"):
        succeeded(httpx.Response(422, text="no text"))
