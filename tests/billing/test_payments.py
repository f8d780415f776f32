from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from billing import manual
from billing.audit import ledger_faults
from billing.models import CreditAccount, CreditEntry
from billing.payments import Adjustment, Grant, PaymentRefused, PlanChange, ReferenceReused, TopUp, apply
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db

WHO = {"actor": "user:1", "reason": "Bank transfer"}


def state(workspace) -> tuple:
    account = CreditAccount.objects.select_related("workspace").get(pk=workspace.pk)
    return account.subscription, account.top_up, account.workspace.plan_id, account.interval


def facts(workspace) -> list:
    """What a processor might tell of one workspace."""
    day = [datetime(2027, 1, number, tzinfo=UTC) for number in (1, 2, 3)]
    return [
        TopUp(workspace=workspace, reference="pi_1", credits=500, **WHO),
        TopUp(workspace=workspace, reference="pi_2", credits=500, **WHO),
        PlanChange(workspace=workspace, reference="ev_1", plan="starter", interval="month", happened_at=day[0], **WHO),
        PlanChange(workspace=workspace, reference="ev_2", plan="growth", interval="month", happened_at=day[1], **WHO),
        PlanChange(workspace=workspace, reference="ev_3", plan="business", interval="year", happened_at=day[1], **WHO),
        Grant(workspace=workspace, reference="pi_1", credits=5, **WHO),
    ]


def test_a_fact_is_an_entry_with_who_and_why():
    workspace = make_workspace(plan="free")
    entry = apply(facts(workspace)[0])
    assert (entry.kind, entry.top_up, entry.reference) == ("top_up", 500, "payment:pi_1")
    assert (entry.actor, entry.reason) == ("user:1", "Bank transfer")
    assert state(workspace) == (25, 500, "free", "month")


def test_each_twice_and_in_any_order_has_one_effect():
    seen = set()
    for number, order in enumerate([range(6), reversed(range(6)), (4, 3, 2, 5, 1, 0), (3, 4, 2, 0, 5, 1)]):
        workspace = make_workspace(f"Acme {number}", plan="free")
        told = [_own(fact, number) for fact in facts(workspace)]
        order = list(order)
        for which in [*order, *order, *reversed(order)]:
            apply(told[which])
        seen.add(state(workspace))
        assert workspace.credits.entries.count() == 7
    assert seen == {(30, 1000, "business", "year")}
    assert ledger_faults() == []


def _own(fact, number: int):
    return replace(fact, reference=f"{fact.reference}:{number}")


def test_an_entry_says_whether_the_change_is_in_force():
    workspace = make_workspace(plan="free")
    told = facts(workspace)
    in_force = [apply(told[which]).details["in_force"] for which in (3, 2, 4)]
    assert in_force == [True, False, True]


def test_a_change_of_plan_keeps_the_balance_until_the_next_period():
    workspace = make_workspace(plan="starter")
    renews_on = workspace.credits.renews_on
    manual.change_plan(workspace=workspace, plan="business", **WHO)
    assert state(workspace) == (300, 0, "business", "month")
    assert CreditAccount.objects.get(pk=workspace.pk).renews_on == renews_on


@pytest.mark.parametrize("credits", [499, 501])
def test_a_reference_stands_for_one_fact(credits):
    workspace = make_workspace(plan="free")
    apply(facts(workspace)[0])
    with pytest.raises(ReferenceReused) as refused:
        apply(TopUp(workspace=workspace, reference="pi_1", credits=credits, **WHO))
    assert refused.value.param == "reference"
    assert state(workspace) == (25, 500, "free", "month")


def test_a_reference_stands_for_one_workspace():
    apply(facts(make_workspace(plan="free"))[0])
    other = make_workspace("Other", plan="free")
    with pytest.raises(ReferenceReused):
        apply(facts(other)[0])
    assert state(other) == (25, 0, "free", "month")


@pytest.mark.parametrize(
    ("fact", "values", "param", "message"),
    [
        (TopUp, {"credits": 0}, "credits", "The number of credits is 1 to 10,000,000."),
        (TopUp, {"credits": -5}, "credits", "The number of credits is 1 to 10,000,000."),
        (Grant, {"credits": 10_000_001}, "credits", "The number of credits is 1 to 10,000,000."),
        (Adjustment, {}, "credits", "The number of credits is 1 to 10,000,000."),
        (Adjustment, {"subscription": -26}, "credits", "Only 25 subscription credits are left to take away."),
        (Adjustment, {"top_up": -1}, "credits", "Only 0 top-up credits are left to take away."),
        (TopUp, {"credits": 1, "reason": " "}, "reason", "The reason has 1 to 500 characters."),
        (TopUp, {"credits": 1, "actor": ""}, "actor", "The actor has 1 to 255 characters."),
        (TopUp, {"credits": 1, "reference": "x" * 201}, "reference", "The reference has 1 to 200 characters."),
        (
            PlanChange,
            {"plan": "gold", "interval": "month", "happened_at": datetime(2027, 1, 1, tzinfo=UTC)},
            "plan",
            "There is no plan gold. Plans: free, starter, growth, business.",
        ),
        (
            PlanChange,
            {"plan": "free", "interval": "week", "happened_at": datetime(2027, 1, 1, tzinfo=UTC)},
            "interval",
            "The interval is one of month, year.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(fact, values, param, message):
    workspace = make_workspace(plan="free")
    with pytest.raises(PaymentRefused) as refused:
        apply(fact(**{"workspace": workspace, "reference": "r", **WHO, **values}))
    assert (refused.value.param, str(refused.value)) == (param, message)
    assert state(workspace) == (25, 0, "free", "month")
    assert CreditEntry.objects.count() == 1


def test_staff_without_a_reference_mean_it_each_time():
    workspace = make_workspace(plan="free")
    for _ in range(2):
        manual.top_up(workspace=workspace, credits=5, **WHO)
        manual.top_up(workspace=workspace, credits=7, reference="RE-7", **WHO)
        manual.grant(workspace=workspace, credits=1, **WHO)
    assert state(workspace) == (27, 17, "free", "month")
    manual.adjust(workspace=workspace, subscription=-2, top_up=-17, **WHO)
    manual.change_plan(workspace=workspace, plan="growth", reference="K-1", **WHO)
    manual.change_plan(workspace=workspace, plan="growth", reference="K-1", **WHO)
    assert state(workspace) == (25, 0, "growth", "month")
    assert ledger_faults() == []


def test_a_correction_can_make_credits_low():
    workspace = make_workspace(plan="free")
    manual.adjust(workspace=workspace, subscription=-24, **WHO)
    assert [notice.kind for notice in workspace.credits.notices.all()] == ["low"]


@pytest.mark.django_db(transaction=True)
def test_the_same_fact_at_once_has_one_effect():
    workspaces = [make_workspace("A", plan="free"), make_workspace("B", plan="free")]

    def tell(number: int) -> str:
        try:
            return apply(facts(workspaces[number % 2])[0]).pk
        except ReferenceReused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(tell, range(16)))
    assert CreditEntry.objects.filter(kind="top_up").count() == 1
    assert sorted(answers)[8:] == ["refused"] * 8
    assert len(set(answers)) == 2
    assert ledger_faults() == []
