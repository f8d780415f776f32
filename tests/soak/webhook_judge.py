"""What the receivers' log and the tables say about a soak: pure, so that it can itself be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COUNTED = ("lost", "doubled", "changed", "unknown", "unsigned", "overtaking", "accepted out of order")


def judge(
    requests: Iterable[Mapping[str, Any]], events: Sequence[tuple[str, str, str]], at: Mapping[str, Sequence[int]]
) -> Counter[str]:
    """Counts of what went wrong. `requests` is the receivers' log, `events` are (id, subject, workspace) in order of
    ids, `at` the receivers of each workspace.

    An event overtakes where it arrives, at all, before the one before it was accepted; both are of one subject.
    """
    found: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    before = _before(events)
    known = {event for event, _, _ in events}
    texts: dict[str, str] = {}
    accepted: Counter[tuple[int, str]] = Counter()
    for request, is_answer in _moments(requests):
        event, receiver = request["id"], request["receiver"]
        earlier = before.get(event)
        waits = earlier is not None and not accepted[receiver, earlier]
        if is_answer:
            accepted[receiver, event] += 1
            found["accepted out of order"] += waits
            continue
        found["requests"] += 1
        found["unknown"] += event not in known
        found["unsigned"] += not request["signed"]
        found["changed"] += texts.setdefault(event, request["sha256"]) != request["sha256"]
        found["overtaking"] += waits
        found["most at once"] = max(found["most at once"], request["flying"])
    expected = [(receiver, event) for event, _, workspace in events for receiver in at[workspace]]
    found["expected"] = len(expected)
    found["lost"] = sum(not accepted[each] for each in expected)
    found["doubled"] = sum(count - 1 for count in accepted.values() if count > 1)
    return found


def untold(events: Iterable[tuple[str, str, int]], stands: Mapping[str, int]) -> list[str]:
    """Subjects whose events do not tell what happened to them. Every change of a subject counts up a number that the
    event shows: `events` are (subject, type, number) in order of ids, `stands` the number of each that still exists.

    Right is: created 0, updated 1, 2, 3 … up to what stands or to what the deletion shows, and nothing after that.
    """
    numbers: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for subject, kind, number in events:
        numbers[subject].append((kind, number))
    wrong = []
    for subject in numbers.keys() | stands.keys():
        told = numbers[subject]
        right = [("invoice.created", 0), *(("invoice.updated", number) for number in range(1, len(told)))]
        if subject not in stands and told:
            right[-1] = ("invoice.deleted", max(0, len(told) - 2))
        if told != right or stands.get(subject, told[-1][1]) != told[-1][1]:
            wrong.append(subject)
    return sorted(wrong)


def _before(events: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Of each event the one before it of the same subject."""
    last: dict[str, str] = {}
    before = {}
    for event, subject, _ in events:
        if subject in last:
            before[event] = last[subject]
        if subject:
            last[subject] = event
    return before


def _moments(requests: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], bool]]:
    """Arrivals (False) and acceptances (True), in their order."""
    moments = []
    for request in requests:
        moments.append((request["arrived"], request, False))
        if request["answer"] == "200":
            moments.append((request["answered"], request, True))
    return [(request, is_answer) for _, request, is_answer in sorted(moments, key=lambda moment: moment[0])]
