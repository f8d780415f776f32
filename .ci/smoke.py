"""A newcomer's first minutes: clone, `make up`, paste the curl line, Ctrl-C, start again. Fails where one fails.

python .ci/smoke.py        clones the repository that this file is in, at its last commit
"""

import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FIRST_START_S, SECOND_START_S, STOP_S = 600, 30, 8  # the second takes 2 s; a busy machine may take longer
PRODUCTION_VARIABLES = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "INVOREC_MODE")


def main() -> None:
    """Run the scene in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="invorec-smoke-") as folder:
        clone = Path(folder) / "invorec"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        port = free_port()

        first = MakeUp(clone, port)
        first.wait_for_address(FIRST_START_S)
        invoice = json.loads(between(first.output, r"was read:\n", r"\n}") + "}")
        expect(invoice["status"] == "succeeded", f"the sample succeeds: {invoice['status']}, {invoice.get('error')}")
        expect(invoice["totalAmount"] is not None, "the sample's total is read")
        pasted = first.paste_curl()
        expect(pasted["totalAmount"] == invoice["totalAmount"], "the printed curl line reads the same total")
        second_on_port = subprocess.run(
            ["make", "up"], cwd=clone, env=environment(port), capture_output=True, text=True
        )
        said = second_on_port.stdout + second_on_port.stderr
        expect(second_on_port.returncode != 0 and f"Port {port} is in use" in said, "a taken port is said")
        first.stop()

        second = MakeUp(clone, port)
        took = second.wait_for_address(SECOND_START_S)
        expect(second.key() == first.key(), "the second start shows the same key")
        expect(second.paste_curl()["duplicateOf"] is not None, "the second start kept the invoices")
        second.stop()
        print(f"smoke: ok (second start {took:.1f} s)")


class MakeUp:
    """A running `make up` and what it printed so far."""

    def __init__(self, clone: Path, port: int) -> None:
        self.clone, self.port, self.output = clone, port, ""
        self.process = subprocess.Popen(
            ["make", "up"], cwd=clone, env=environment(port), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    def wait_for_address(self, seconds: float) -> float:
        """Read on until the curl line has been printed; returns how long that took."""
        started = time.monotonic()
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        while not re.search(r"/v1/invoices\n", self.output):
            left = started + seconds - time.monotonic()
            chunk = os.read(self.process.stdout.fileno(), 65536) if selector.select(max(0, left)) else b""
            if not chunk:
                self.stop(check=False)
                expect(False, f"make up shows its address within {seconds} s; it printed:\n{self.output}")
            self.output += chunk.decode()
        return time.monotonic() - started

    def key(self) -> str:
        """The live key that was printed."""
        return between(self.output, r"live key +", r"\s")

    def paste_curl(self) -> dict:
        """Run the printed curl command in a shell, as a reader would."""
        command = between(self.output, r"\n(?= *curl )", r"/v1/invoices\n") + "/v1/invoices"
        done = subprocess.run(["sh", "-c", command], cwd=self.clone, capture_output=True, text=True, timeout=60)
        expect(done.returncode == 0, f"the curl line works: {done.stderr}")
        return json.loads(done.stdout)

    def stop(self, check: bool = True) -> None:
        """Ctrl-C: everything ends within seconds and the port is free."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            expect(not check, f"Ctrl-C ends make up within {STOP_S} s")
        if check:
            expect(self.process.returncode in (0, 2, 130, -signal.SIGINT), f"a clean end: {self.process.returncode}")
            with socket.socket() as probe:
                expect(probe.connect_ex(("127.0.0.1", self.port)) != 0, "the port is free after Ctrl-C")


def environment(port: int) -> dict[str, str]:
    """This environment without a wish for production, with the port."""
    kept = {key: value for key, value in os.environ.items() if key not in PRODUCTION_VARIABLES}
    return kept | {"PORT": str(port)}


def between(text: str, start: str, end: str) -> str:
    """The shortest text between two patterns."""
    found = re.search(f"{start}(.*?){end}", text, re.DOTALL)
    expect(found is not None, f"{start!r} .. {end!r} is in:\n{text}")
    return found.group(1)


def expect(holds: bool, what: str) -> None:
    """End with `what` unless it holds."""
    if not holds:
        sys.exit(f"smoke: NOT so: {what}")


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
