"""The pages of /docs: complete, self-contained, and true to what is served."""

from __future__ import annotations

import re

import pytest
from lxml import html

from api.errors import STATUS
from api.views.openapi import document

PAGES = ("/docs", "/docs/python", "/docs/node")


def tree_of(client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def served_operations():
    return {each["operationId"] for methods in document()["paths"].values() for each in methods.values()}


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_nothing_from_elsewhere_and_runs_only_its_own(client, path):
    response = client.get(path)
    text = response.content.decode()
    assert re.findall(r'(?:src|href)="((?!/|#|data:,)[^"]*)"', text) == []
    assert re.findall(r'\s(?:style|on\w+)="', text) == []
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert policy.count("'sha256-") == 2


def test_every_link_leads_to_something(client):
    anchors = {path: set(tree_of(client, path).xpath("//@id")) for path in PAGES}
    for path in PAGES:
        for link in tree_of(client, path).xpath("//a/@href"):
            target, _, anchor = link.partition("#")
            target = target or path
            assert client.get(target).status_code == 200, link
            assert not anchor or anchor in anchors[target], link


def test_every_operation_has_a_section_and_no_other(client):
    tree = tree_of(client, "/docs")
    shown = {section.get("id").replace("-", "_") for section in tree.xpath("//section[.//p[@class='address']]")}
    assert shown == served_operations()


def test_sections_name_every_parameter_field_and_status(client):
    tree = tree_of(client, "/docs")
    for methods in document()["paths"].values():
        for operation in methods.values():
            (section,) = tree.xpath(f"//section[@id='{operation['operationId'].replace('_', '-')}']")
            named = set(section.xpath(".//ul[@class='attributes']/li/code/text()"))
            assert {parameter["name"] for parameter in operation["parameters"]} <= named
            assert operation["responses"].keys() <= named


def test_errors_topic_names_every_code_beside_its_status(client):
    (section,) = tree_of(client, "/docs").xpath("//section[@id='errors']")
    rows = {row[0]: row[1] for row in ([cell.text_content() for cell in tr] for tr in section.xpath(".//tbody/tr"))}
    for code, status in STATUS.items():
        assert code in rows["500, 503" if status == 500 else str(status)]


def test_samples_name_the_address_that_is_served(client):
    response = client.get("/docs", headers={"host": "localhost:9999"})
    text = html.fromstring(response.content.decode()).text_content()
    assert "curl http://localhost:9999/v1/invoices" in text
    assert "api.invorec.com" not in text


def test_description_cannot_smuggle_tags(monkeypatch):
    from invorec.docs.markup import Code, prose

    assert prose("<script>1</script>") == "<p>&lt;script&gt;1&lt;/script&gt;</p>\n"
    assert "<script>" not in Code("json", '{"a": "<script>"}').html


def test_unknown_page_is_not_there(client):
    assert client.get("/docs/cobol").status_code == 404
    assert client.post("/docs").status_code == 405
