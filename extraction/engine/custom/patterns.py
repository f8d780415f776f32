"""Regular expressions of strangers: only those that end soon on a short text are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

MAX_LENGTH = 200  # characters of a pattern
MAX_TEXT = 120  # characters of a text that is searched; the rest is not looked at
MAX_WAYS = 2_000_000  # in which a pattern may be tried at one place: three open repeats side by side

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)


def check_pattern(pattern: str) -> None:
    """Raises ValueError, saying why, for what is no regular expression or could try too many ways (`(a+)+`)."""
    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters")
    try:
        tree = _parser.parse(_unanchored(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"no regular expression: {error}") from error
    if _ways(tree) > MAX_WAYS:
        raise ValueError("could take too long: nested or many open repeats")


def find_matches(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Where whole words of `text` match `pattern`: `^` and `$` mean the ends of the value, not of the text."""
    for match in _compiled(pattern).finditer(text[:MAX_TEXT]):
        if match.end() > match.start():
            yield match.span()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_unanchored(pattern)})(?!\w)")


def _unanchored(pattern: str) -> str:
    pattern = pattern.removeprefix("^")
    is_escaped = (len(pattern[:-1]) - len(pattern[:-1].rstrip("\\"))) % 2 == 1
    return pattern if is_escaped else pattern.removesuffix("$")


def _ways(tree: Any) -> int:
    """An upper bound, stopped above MAX_WAYS, of the paths that a backtracking search can take from one place."""
    ways = 1
    for operator, argument in tree:
        ways *= _step_ways(operator, argument)
        if ways > MAX_WAYS:
            return MAX_WAYS + 1
    return ways


def _step_ways(operator: Any, argument: Any) -> int:
    if operator in _REPEATS:
        low, high, body = int(argument[0]), int(argument[1]), argument[2]
        most = min(high, MAX_TEXT)
        inner = _ways(body)
        power: int = MAX_WAYS + 1 if inner > 1 and most > MAX_WAYS.bit_length() else inner**most
        return (most - min(low, most) + 1) * power
    if operator is _constants.BRANCH:
        return sum(_ways(branch) for branch in argument[1])
    parts = argument if isinstance(argument, tuple) else (argument,)
    ways = 1
    for part in parts:
        ways *= _ways(part) if isinstance(part, _parser.SubPattern) else 1
    return ways
