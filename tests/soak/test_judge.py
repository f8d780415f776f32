"""The judge of the webhook soak finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.soak.webhook_receivers import Temper, is_signed
from tests.soak.webhooks import judge
from webhooks.signing import headers, mint_secret

EVENTS = [("evt_1", "inv_1", "wsp_1"), ("evt_2", "inv_1", "wsp_1"), ("evt_3", "inv_2", "wsp_1")]
AT = {"wsp_1": [0]}


def arrival(event: str, answer: str = "200", **changes) -> dict:
    return {
        "receiver": 0, "id": event, "sha256": event, "signed": True, "hanging": 0, "answer": answer, **changes
    }  # fmt: skip


FINE = [
    arrival("evt_1", "500"),
    arrival("evt_1"),
    arrival("evt_3"),
    arrival("evt_2", "hang", hanging=1),
    arrival("evt_2"),
]


def found(requests: list[dict]) -> dict[str, int]:
    return {name: count for name, count in judge(requests, EVENTS, AT).items() if count}


def test_nothing_to_complain_of():
    assert found(FINE) == {"requests": 5, "expected": 3, "most hanging": 1}


@pytest.mark.parametrize(
    ("requests", "fault"),
    [
        (FINE[:-1], {"lost": 1}),
        (FINE[1:2] + FINE[3:], {"lost": 1}),
        ([*FINE, arrival("evt_1")], {"doubled": 1}),
        ([*FINE[:-1], arrival("evt_2", sha256="other")], {"changed": 1}),
        ([*FINE, arrival("evt_9")], {"unknown": 1}),
        ([arrival("evt_1", signed=False), *FINE[2:]], {"unsigned": 1}),
        ([FINE[0], arrival("evt_2", "500"), *FINE[1:]], {"overtaking": 1}),
        ([arrival("evt_3", receiver=1), *FINE], {}),
    ],
)
def test_what_is_wrong_is_counted(requests, fault):
    result = found(requests)
    wrong = {name: count for name, count in result.items() if name not in ("requests", "expected", "most hanging")}
    assert wrong == fault


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
