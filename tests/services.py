"""Runs the suite twice: embedded (SQLite), and on a private PostgreSQL and Redis started and stopped here.

    python -m tests.services [--only embedded|production] [pytest arguments]

The first run that fails ends it, so the last line is always pytest's own and belongs to what matters.
"""

import argparse
import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import redis

PRODUCTION_VARIABLES = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "INVOREC_MODE")
START_S = 30


def main() -> int:
    """Run pytest per environment; the exit code is that of the first run that failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.services")
    parser.add_argument("--only", choices=["embedded", "production"])
    chosen, pytest_arguments = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the services below are stopped
    missing = missing_programs()
    note = f"skipped: the run on PostgreSQL and Redis ({', '.join(missing)} not found)" if missing else ""
    with tempfile.TemporaryDirectory(prefix="invorec-test-", ignore_cleanup_errors=True) as folder:
        code = 0
        if chosen.only != "production":
            code = run_pytest(pytest_arguments, embedded_environment(Path(folder), note))
        if code or chosen.only == "embedded" or missing:
            return code if chosen.only != "production" else bool(print(note, file=sys.stderr)) or 1
        with production_services(Path(folder)) as environment:
            return run_pytest(pytest_arguments, environment)


def run_pytest(arguments: list[str], environment: Mapping[str, str]) -> int:
    """pytest's exit code; on Ctrl-C waits for its teardown, so that no test database is left in use."""
    print(f"\n== {environment['INVOREC_TEST_RUN']}", flush=True)
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], env=dict(environment))
    try:
        return process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        raise


def missing_programs() -> list[str]:
    """The names of the server programs that this machine lacks."""
    found = {"initdb": postgres_program("initdb"), "redis-server": shutil.which("redis-server")}
    return [name for name, path in found.items() if not path]


def postgres_program(name: str) -> str | None:
    """The newest installed `name`; Debian keeps PostgreSQL's server programs off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    return shutil.which(name, path=os.pathsep.join(map(str, reversed(versions)))) or shutil.which(name)


def embedded_environment(folder: Path, note: str = "") -> dict[str, str]:
    """This process's environment without anything that asks for production."""
    kept = {key: value for key, value in os.environ.items() if key.removesuffix("_FILE") not in PRODUCTION_VARIABLES}
    return kept | {
        "INVOREC_VAR": str(folder / "var"),
        "INVOREC_TEST_RUN": "embedded: SQLite, no broker",
        "INVOREC_TEST_NOTE": note,
    }


@contextmanager
def production_services(folder: Path) -> Iterator[dict[str, str]]:
    """Start PostgreSQL and Redis on free ports under `folder`; yields an environment that uses them."""
    with ExitStack() as stack:
        database_port = stack.enter_context(running_postgres(folder / "postgres"))
        redis_port = stack.enter_context(running_redis(folder / "redis"))
        yield embedded_environment(folder) | {
            "DATABASE_URL": f"postgres://invorec@127.0.0.1:{database_port}/invorec",
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "STORAGE_URL": f"file://{folder}/files",
            "SECRET_KEY": "only-for-the-test-suite-" * 3,
            "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
            "INVOREC_REQUIRE_HTTPS": "false",
            "INVOREC_TEST_RUN": "production: PostgreSQL and Redis",
        }


@contextmanager
def running_postgres(folder: Path) -> Iterator[int]:
    """A throw-away PostgreSQL; it refuses to run as root, so root hands it to user postgres (or nobody)."""
    folder.mkdir()
    user = getpass.getuser()
    if os.getuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in names else "nobody"
        folder.parent.chmod(0o711)
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    initdb = postgres_program("initdb") or "initdb"
    how = ["-U", "invorec", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run([initdb, "-D", data, *how], check=True, stdout=subprocess.DEVNULL, cwd=folder, user=own(user))
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off"}
    command = [postgres_program("postgres") or "postgres", "-D", str(data)]
    command += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    with running(command, folder, signal.SIGINT, user=own(user)) as process:  # SIGINT: disconnect all and stop
        url = f"postgres://invorec@127.0.0.1:{port}/postgres"
        wait_until(lambda: psycopg.connect(url, connect_timeout=2).close(), process, folder)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE invorec")
        yield port


@contextmanager
def running_redis(folder: Path) -> Iterator[int]:
    """A throw-away Redis that keeps nothing."""
    folder.mkdir()
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with running(command, folder, signal.SIGTERM) as process:
        wait_until(lambda: redis.Redis(port=port).ping(), process, folder)
        yield port


@contextmanager
def running(
    command: list[str], folder: Path, stop: signal.Signals, user: str | None = None
) -> Iterator[subprocess.Popen]:
    """A server in a session of its own (Ctrl-C must not reach it first), stopped at the end by signal `stop`."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, user=user, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(works: Callable[[], object], process: subprocess.Popen, folder: Path) -> None:
    """Call `works` until it raises nothing. Raises RuntimeError, with the server's log, when that does not happen."""
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            works()
            return
        except (psycopg.Error, redis.RedisError):
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start:\n{(folder / 'log').read_text(errors='replace')}")


def own(user: str) -> str | None:
    """The `user` argument of subprocess: only root may and must change it."""
    return user if os.getuid() == 0 else None


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
