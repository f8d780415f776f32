"""The judge of the webhook soak finds what it is there to find."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.soak.webhook_judge import judge, untold
from tests.soak.webhook_receivers import Temper, is_signed
from tests.soak.webhooks import claims
from webhooks.signing import headers, mint_secret

EVENTS = [("evt_1", "inv_1", "wsp_1"), ("evt_2", "inv_1", "wsp_1"), ("evt_3", "inv_2", "wsp_1")]
AT = {"wsp_1": [0]}


def arrival(event: str, arrived: int, answered: int | None, answer: str = "200", **changes) -> dict:
    return {
        "receiver": 0, "id": event, "sha256": event, "signed": True, "flying": 1,
        "arrived": arrived, "answered": answered, "answer": answer, **changes,
    }  # fmt: skip


FINE = [
    arrival("evt_1", 0, 1, "500"),
    arrival("evt_3", 3, 4, flying=2),
    arrival("evt_1", 2, 5),
    arrival("evt_2", 6, None, "hang"),
    arrival("evt_2", 7, 8),
]


def found(requests: list[dict]) -> dict[str, int]:
    return {name: count for name, count in judge(requests, EVENTS, AT).items() if count}


def test_nothing_to_complain_of():
    assert found(FINE) == {"requests": 5, "expected": 3, "most at once": 2}


@pytest.mark.parametrize(
    ("requests", "fault"),
    [
        (FINE[:-1], {"lost": 1}),
        ([FINE[0], FINE[1], *FINE[3:]], {"lost": 1, "overtaking": 2, "accepted out of order": 1}),
        ([*FINE, arrival("evt_1", 9, 10)], {"doubled": 1}),
        ([*FINE[:-1], arrival("evt_2", 7, 8, sha256="other")], {"changed": 1}),
        ([*FINE, arrival("evt_9", 9, 10)], {"unknown": 1}),
        ([*FINE[:2], arrival("evt_1", 2, 5, signed=False), *FINE[3:]], {"unsigned": 1}),
        ([*FINE, arrival("evt_2", 4.5, 4.6, "500")], {"overtaking": 1}),  # the first was under way, not yet accepted
        ([arrival("evt_3", -1, 0, receiver=1), *FINE], {}),
    ],
)
def test_what_is_wrong_is_counted(requests, fault):
    result = found(requests)
    wrong = {name: count for name, count in result.items() if name not in ("requests", "expected", "most at once")}
    assert wrong == fault


TOLD = [
    ("inv_1", "invoice.created", 0),
    ("inv_2", "invoice.created", 0),
    ("inv_1", "invoice.updated", 1),
    ("inv_2", "invoice.deleted", 0),
    ("inv_1", "invoice.updated", 2),
    ("inv_3", "invoice.created", 0),
]


@pytest.mark.parametrize(
    ("told", "stands", "wrong"),
    [
        (TOLD, {"inv_1": 2, "inv_3": 0}, []),
        (TOLD, {"inv_1": 3, "inv_3": 0}, ["inv_1"]),  # a change without its event
        (TOLD, {"inv_1": 1, "inv_3": 0}, ["inv_1"]),  # an event without its change
        (TOLD, {"inv_3": 0}, ["inv_1"]),  # a deletion without its event
        (TOLD, {"inv_1": 2, "inv_2": 0, "inv_3": 0}, ["inv_2"]),  # a deletion that was undone
        (TOLD, {"inv_1": 2, "inv_3": 0, "inv_4": 0}, ["inv_4"]),  # nobody was told that it was made
        ([TOLD[0], TOLD[4], TOLD[2]], {"inv_1": 2}, ["inv_1"]),  # ids in another order than the changes
        ([*TOLD, TOLD[4]], {"inv_1": 2, "inv_3": 0}, ["inv_1"]),  # told twice
    ],
)
def test_events_are_held_against_what_stands(told, stands, wrong):
    assert untold(told, stands) == wrong


def failed(counts: Counter, truth: dict) -> int:
    return list(claims(counts, truth, at_least=3).values()).count(False)


def test_claims_fail_one_by_one():
    fine = Counter({"most at once": 4, "doubled": 2})
    truth = {
        "events": EVENTS, "told": TOLD, "stands": {"inv_1": 2, "inv_3": 0}, "deliveries": 3,
        "statuses": {"succeeded": 3}, "attempts": {"": 5, "interrupted": 2},
    }  # fmt: skip
    assert all(claims(fine, truth, at_least=3).values())
    for name, count in (("lost", 1), ("overtaking", 1), ("accepted out of order", 1), ("changed", 1), ("unknown", 1),
                        ("unsigned", 1), ("doubled", 3), ("most at once", 5), ("most at once", 3)):  # fmt: skip
        assert failed(Counter({**fine, name: count}), truth) == 1
    for other in (
        {"statuses": {"succeeded": 2, "failed": 1}},
        {"statuses": {}},
        {"stands": {}},
        {"events": EVENTS[:2]},
    ):
        assert failed(fine, truth | other) == 1


def test_a_receiver_knows_its_secret():
    secret = mint_secret()
    signature = headers(event_id="evt_1", body=b"{}", keys=[secret], at=1)["InvoRec-Signature"]
    assert is_signed(signature, b"{}", secret)
    assert not is_signed(signature, b"{ }", secret) and not is_signed(signature, b"{}", mint_secret())


def test_a_temper_shares_out_its_answers():
    temper = Temper(fails=0.3, resets=0.05, hangs=0.02)
    assert [temper.answer(chance) for chance in (0, 0.29, 0.31, 0.34, 0.36, 0.38, 0.99)] == [
        "500", "500", "reset", "reset", "hang", "200", "200"
    ]  # fmt: skip
