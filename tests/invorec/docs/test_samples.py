"""Every sample of /docs runs as it stands; so do the lines of the published reference."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from api import examples, examples_webhooks
from invorec.docs.views import contents
from tests.invorec.docs.conftest import ROOT, example_objects

pytestmark = pytest.mark.django_db(transaction=True)

SHARED = Path(os.environ.get("INVOREC_SHARED", ROOT.parent / "shared"))
PUBLISHED = SHARED / "spec" / "reference.txt"
# samples that show an error, and its code
REFUSED = {"authentication": "invalid_api_key"}


def needs(program: str):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def sections():
    """(anchor, samples) of the whole reference page."""
    page = contents()
    topics = [*page["getting_started"], *page["webhooks"]]
    endpoints = [endpoint for _, group in page["groups"] for endpoint in group]
    return [(each.anchor, each.samples) for each in [*topics, *endpoints]]


@pytest.mark.parametrize("language", [pytest.param("sh", marks=needs("curl")), "python",
                                      pytest.param("js", marks=needs("node"))])  # fmt: skip
def test_every_sample_runs(service, run, language):
    count = 0
    for anchor, samples in sections():
        for code in (code for sample in samples for code in sample if code.language == language):
            example_objects(service.tenant)
            done = run(language, code.text)
            if anchor in REFUSED:
                assert json.loads(done.stdout)["error"]["code"] == REFUSED[anchor]
            else:
                assert done.returncode == 0, f"{anchor}: {done.stdout}\n{done.stderr}"
            count += 1
    assert count >= 14


@needs("curl")
@pytest.mark.shared
@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published reference beside the project")
def test_every_curl_line_of_the_published_reference_runs(service, run):
    lines = re.findall(r"^(?:# .*?|export .*?)?(curl .*)$", PUBLISHED.read_text(encoding="utf-8"), re.M)
    assert len(lines) == 20
    for line in lines:
        example_objects(service.tenant)
        done = run("sh", runnable(line))
        if "8a3f...c91" in line:
            assert json.loads(done.stdout)["error"]["code"] == "invalid_api_key"
        else:
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def runnable(line: str) -> str:
    """A published line with its breaks restored and what it leaves open filled in."""
    owners = {"/schemas/": examples.SCHEMA, "/webhooks/": examples_webhooks.WEBHOOK}
    owner = next((example for path, example in owners.items() if path in line), examples.ACCEPTED)
    filled = {
        "{id}": owner["id"],
        # types stand for values: what a url and an event must be, and what cannot be nothing
        '"url": "string"': f'"url": "{examples_webhooks.WEBHOOK["url"]}"',
        '[ "string" ]': '[ "invoice.succeeded" ]',
        '"url": { "present": true, "value": null }': '"url": { "present": false, "value": null }',
        '"enabled": { "present": true, "value": null }': '"enabled": { "present": true, "value": false }',
        "file=…": "file=@invoice.pdf",
        "'\"string\"'": f"'\"{examples.SCHEMA['id']}\"'",
        " \\ -": " -",
    }
    line = re.sub(r"\?\S*…\S*", "", line)  # parameters without values
    line = re.sub(r" # take next_cursor.*", "", line)  # the page after that one has a cursor of its own
    for open_, value in filled.items():
        line = line.replace(open_, value)
    return line


@pytest.mark.shared
@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published reference beside the project")
def test_the_published_verifier_stands_word_for_word_in_the_docs():
    published = re.search(r"^import crypto .*$", PUBLISHED.read_text(encoding="utf-8"), re.M)[0]
    (verifier,) = [
        code.text for anchor, samples in sections() if anchor == "signature-verification"
        for sample in samples for code in sample if code.language == "js"
    ]  # fmt: skip
    assert verifier.split() == published.split()
