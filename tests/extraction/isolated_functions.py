"""What a hostile document could make the engine do, as functions that the isolated process is given by name."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from extraction.engine.errors import NotAnInvoice


def echo(data, options):
    return {"text": data.decode(), "options": options}


def hang(data, options):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(options["pids"]).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)


def spin(data, options):
    while True:
        pass


def segfault(data, options):
    ctypes.string_at(0)


def abort(data, options):
    os.kill(os.getpid(), signal.SIGABRT)


def allocate(data, options):
    return {"size": len(bytearray(options["bytes"]))}


def refuse(data, options):
    raise NotAnInvoice("This is a menu.")


def fail(data, options):
    raise ZeroDivisionError("a mistake of ours")


def flood(data, options):
    return {"text": "x" * options["bytes"]}


def leave_quietly(data, options):
    os._exit(0)


def surroundings(data, options):
    Path("left behind").write_text("x")
    return {
        "environment": dict(os.environ),
        "directory": os.getcwd(),
        "files": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "group_leader": os.getpgid(0) == os.getpid(),
        "interfaces": sorted(os.listdir("/sys/class/net")) if os.path.exists("/sys/class/net") else [],
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "manage.py": Path(options["root"], "manage.py").exists(),
    }


def kill_zygote(data, options):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


def say(data, options):
    """Writes `data` to the request's socket as it stands, then does as told with the socket and with itself."""
    Path(options["pids"]).write_text(str(os.getpid()))
    os.write(3, data)
    if options["then"] == "shut":
        socket.socket(fileno=3).shutdown(socket.SHUT_RDWR)
    elif options["then"] == "close":
        os.close(3)
    elif options["then"] == "leave":
        os._exit(0)
    time.sleep(600)


def litter(data, options):
    nest = Path("a" * 200)
    for _ in range(300):  # deeper than a path may be long
        nest.mkdir()
        os.chdir(nest)
        Path("file").write_bytes(b"x")
    return {"home": os.environ["HOME"]}


def wait(data, options):
    time.sleep(options["seconds"])
    return {"number": options["number"]}
