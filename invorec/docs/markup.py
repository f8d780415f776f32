"""Markdown and code as HTML. Prose and code come apart: a topic shows its code beside its words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# the languages a reader chooses between, by the name of their code fence
LANGUAGES = {"sh": "curl", "python": "Python", "js": "Node"}

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_formatter = HtmlFormatter(nowrap=True)


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: `language` is that of the highlighter, `title` what stands above."""

    language: str
    text: str
    title: str = ""

    @property
    def html(self) -> SafeString:
        """The text with its colours."""
        coloured = highlight(self.text.rstrip("\n"), get_lexer_by_name(self.language), _formatter)
        return mark_safe(coloured)  # noqa: S308  Pygments escapes what it colours

    @property
    def label(self) -> str:
        """The name on the tab, where the reader chooses."""
        return "" if self.title else LANGUAGES.get(self.language, "")


Sample = list[Code]  # the same in several languages, or one piece alone


def prose(text: str) -> SafeString:
    """Markdown without code blocks of its own as HTML; tags in it are shown as text."""
    return mark_safe(_markdown.render(text))  # noqa: S308  written by us, and html is off


def parted(text: str) -> tuple[SafeString, list[Sample]]:
    """The prose of a Markdown text, and its code fences as samples."""
    tokens = _markdown.parse(text)
    fences = [Code(*_language_and_title(token.info, token.content)) for token in tokens if token.type == "fence"]
    words = [token for token in tokens if token.type != "fence"]
    html = _markdown.renderer.render(words, _markdown.options, {})
    return mark_safe(html), grouped(fences)  # noqa: S308  as above


def grouped(codes: list[Code]) -> list[Sample]:
    """Neighbours in different languages to choose between are one sample."""
    samples: list[Sample] = []
    for code in codes:
        previous = samples[-1] if samples else []
        taken = {each.language for each in previous}
        if code.label and previous and previous[0].label and code.language not in taken:
            previous.append(code)
        else:
            samples.append([code])
    return samples


def _language_and_title(info: str, text: str) -> tuple[str, str, str]:
    language, _, title = info.partition(" ")
    return language or "text", text, title
