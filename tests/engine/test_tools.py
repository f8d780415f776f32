import re

from extraction.engine import tools


def test_versions_are_numbers_or_none():
    for version in (tools.tesseract_version(), tools.poppler_version()):
        assert version is None or re.fullmatch(r"\d+(\.\d+)+", version)


def test_languages_are_those_of_tesseract_without_the_orientation_model():
    languages = tools.tesseract_languages()
    assert "osd" not in languages
    assert bool(languages) <= bool(tools.tesseract_version())


def test_absent_program_has_no_version(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert tools.tesseract_version.__wrapped__() is None
    assert tools.poppler_version.__wrapped__() is None
