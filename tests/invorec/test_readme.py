"""README.md is complete: a variable that the code reads, or a command of the Makefile, stands in it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_variable_that_is_read_is_in_the_readme():
    sources = [(ROOT / "invorec" / name).read_text() for name in ("settings.py", "startup.py", "gunicorn.py")]
    calls = r'(?:env\.\w+\(|secret\(env, )\s*"([A-Z_]+)"'
    names = {name for source in sources for name in re.findall(calls, source)}
    names |= set(re.findall(r'"([A-Z_]+)"', sources[1].split("PRODUCTION_VARIABLES = ")[1].split("\n")[0]))
    assert len(names) > 25
    assert {name for name in names if not re.search(rf"\b{name}\b", README)} == set()


def test_every_variable_in_the_table_is_read():
    table = README.split("## Configuration")[1].split("\n## ")[0]
    documented = {
        name for row in re.findall(r"^\| (`[^|]+`) \|", table, re.M) for name in re.findall(r"[A-Z_]{4,}", row)
    }
    code = "".join((ROOT / "invorec" / name).read_text() for name in ("settings.py", "startup.py", "gunicorn.py"))
    assert len(documented) > 25
    assert {name for name in documented if f'"{name}"' not in code} == set()


def test_the_first_two_commands_do_all_set_up():
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"^make (\w+)", README, re.M)[:2] == ["up", "test"]
    assert re.search(r"^up:.*\n\t@\.ci/setup run\n", makefile, re.M)
    assert re.search(r"^test:.*\n\t@\.ci/setup test\n", makefile, re.M)


def test_every_make_command_is_in_the_readme():
    commands = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    assert [name for name in commands if f"`make {name}`" not in README and name != "help"] == []
