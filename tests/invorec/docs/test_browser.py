"""The page in a real browser: its script runs under its content security policy, at every width."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from lxml import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]


def rendered(address: str, folder, width: int):
    """The page as the browser has it after its script ran."""
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=3000",
        f"--user-data-dir={folder}/profile", f"--window-size={width},900", f"{address}/docs",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "Refused to" not in done.stderr and "Content Security Policy" not in done.stderr
    return html.fromstring(done.stdout)


@pytest.mark.parametrize(("width", "is_open"), [(1280, True), (600, False)])
def test_script_runs_and_the_menu_suits_the_width(address, tmp_path, width, is_open):
    tree = rendered(address, tmp_path, width)
    (menu,) = tree.xpath("//details[@class='side']")
    assert ("open" in menu.attrib) == is_open
    bars = len(tree.xpath("//div[@class='bar']"))
    assert bars > 20 and len(tree.xpath("//button[@class='copy']")) == bars
    assert len(tree.xpath("//a[@aria-current]")) == 1
