"""`.ci/setup` on machines that lack something: says what, and the exact command."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ["sh", "dirname", "basename", "cat", "cksum", "echo", "grep", "sed", "uname", "rm", "ls", "readlink", "env"]


@pytest.fixture
def machine(tmp_path):
    """A bare machine: a copy of the script, a folder of programs, and a function to run the one with the other."""
    programs, project = tmp_path / "bin", tmp_path / "project"
    (project / ".ci").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(ROOT / ".ci" / "setup", project / ".ci" / "setup")
    (project / "requirements.txt").write_text("")
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool))
    return Machine(programs, project)


class Machine:
    def __init__(self, programs: Path, project: Path) -> None:
        self.programs, self.project = programs, project

    def has(self, name: str, does: str) -> None:
        """Put a program there; what it is called with is kept in `calls`."""
        path = self.programs / name
        path.write_text(f'#!{self.programs}/sh\necho "{name} $*" >>"{self.project}/calls"\n{does}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def calls(self, name: str) -> list[str]:
        lines = (self.project / "calls").read_text().splitlines()
        return [line.removeprefix(f"{name} ") for line in lines if line.split()[0] == name]

    def set_up(self, purpose: str = "run") -> subprocess.CompletedProcess[str]:
        command = [".ci/setup", purpose]
        environment = {"PATH": str(self.programs), "HOME": os.environ["HOME"]}
        return subprocess.run(command, cwd=self.project, env=environment, capture_output=True, text=True)

    def with_python(self) -> None:
        """A Python whose venv is itself, so that nothing is downloaded."""
        (self.project / ".venv" / "bin").mkdir(parents=True)
        (self.project / ".venv" / "bin" / "python").symlink_to(self.programs / "python3.11")
        self.has("python3.11", f'case "$1" in -m) exit 0 ;; esac; exec {sys.executable} "$@"')


def test_no_python_is_said_and_nothing_is_made(machine):
    machine.has("python3", "exit 1")
    machine.has("id", "echo 1000")
    done = machine.set_up()
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed and none was found." in done.stderr
    assert not (machine.project / ".venv").exists()


def test_missing_programs_are_named_with_the_command_where_nothing_may_be_installed(machine):
    machine.with_python()
    machine.has("id", "echo 1000")
    machine.has("apt-get", "exit 1")
    machine.has("bwrap", "")
    machine.has("tesseract", 'echo "List of available languages (2):"; echo eng; echo deu')
    done = machine.set_up()
    wanted = " ".join(f"tesseract-ocr-{language}" for language in ("fra", "spa", "ita", "nld", "por", "pol"))
    assert done.returncode == 0
    assert f"Missing on this machine: {wanted} poppler-utils\n" in done.stderr
    command = f"env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {wanted} poppler-utils"
    assert f"    install with: sudo {command}\n" in done.stderr
    assert "going on without" in done.stderr
    assert "apt-get" not in {line.split()[0] for line in (machine.project / "calls").read_text().splitlines()}


def test_root_installs_what_is_missing_once(machine):
    machine.with_python()
    machine.has("id", "echo 0")
    machine.has("apt-get", "exit 0")
    machine.has("bwrap", "")
    machine.has("pdftoppm", "")
    languages = "; ".join(f"echo {language}" for language in ["eng", "deu", "fra", "spa", "ita", "nld", "por"])
    machine.has("tesseract", languages)
    done = machine.set_up()
    assert (done.returncode, "Installing: tesseract-ocr-pol" in done.stderr) == (0, True)
    assert machine.calls("apt-get") == ["update -qq", "install -y --no-install-recommends tesseract-ocr-pol"]


def test_a_failing_installation_is_said_and_the_rest_goes_on(machine):
    machine.with_python()
    machine.has("id", "echo 0")
    machine.has("dnf", "exit 1")
    done = machine.set_up("test")
    assert done.returncode == 0
    assert "install with: dnf install -y tesseract tesseract-langpack-eng" in done.stderr
    assert "the tests that need them are skipped" in done.stderr


def test_requirements_are_installed_again_only_when_they_changed(machine):
    machine.with_python()
    machine.has("id", "echo 1000")
    install = "-m pip install --quiet --disable-pip-version-check --no-input -r requirements.txt"
    for text, times in (("", 1), ("", 1), ("more==1", 2)):
        (machine.project / "requirements.txt").write_text(text)
        assert machine.set_up().returncode == 0
        assert machine.calls("python3.11").count(install) == times
