from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core import mail as outbox
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from billing import credits
from billing.audit import ledger_faults
from billing.credits import HoldSettled, InsufficientCredits, capture, hold, release
from billing.mail import send_mails
from billing.models import CreditAccount, CreditEntry, CreditNotice, Mail
from billing.serializers import CreditsSerializer
from billing.services import open_workspace, set_time_zone
from tests.factories import make_user, make_workspace
from tests.soak.resets import clock, simulate

pytestmark = pytest.mark.django_db


def balance(workspace) -> tuple[int, int, int]:
    account = CreditAccount.objects.get(pk=workspace.pk)
    return account.subscription, account.top_up, account.reserved


def give_top_up(workspace, number: int) -> None:
    with transaction.atomic():
        account = credits.lock_account(workspace)
        credits.enter(account, "top_up", f"payment:{account.entry_count}", now=timezone.now(), top_up=number)


def take(workspace, number: int, reference: str = "job_1"):
    return hold(workspace=workspace, reference=reference, credits=number, subject=reference.replace("job", "inv"))


@pytest.fixture
def free(db):
    """25 credits of the subscription and 10 others."""
    workspace = make_workspace(plan="free")
    give_top_up(workspace, 10)
    return workspace


@pytest.fixture
def hand(db):
    with clock() as hand:
        yield hand


def test_a_new_workspace_has_its_first_credits():
    workspace = make_workspace(plan="starter")
    entry = workspace.credits.entries.get()
    assert balance(workspace) == (300, 0, 0)
    assert (entry.number, entry.kind, entry.subscription, entry.subscription_after) == (1, "grant", 300, 300)
    assert entry.reference == f"period:{workspace.pk}:{entry.period_on}"
    assert ledger_faults() == []


def test_the_subscription_is_spent_before_what_was_bought(free):
    entry = take(free, 28).entry
    assert (entry.subscription, entry.top_up, entry.reserved) == (-25, -3, 28)
    assert balance(free) == (0, 7, 28)
    assert ledger_faults() == []


def test_what_was_read_is_spent(free):
    take(free, 28)
    entry = capture(workspace=free, reference="job_1")
    assert (entry.kind, entry.reserved, entry.subject) == ("capture", -28, "inv_1")
    assert balance(free) == (0, 7, 0)
    assert ledger_faults() == []


def test_what_was_not_read_goes_back_to_where_it_came_from(free):
    take(free, 28)
    entry = release(workspace=free, reference="job_1")
    assert (entry.kind, entry.subscription, entry.top_up, entry.reserved) == ("release", 25, 3, -28)
    assert balance(free) == (25, 10, 0)
    assert ledger_faults() == []


@pytest.mark.parametrize(("first", "second"), [(capture, release), (release, capture)])
def test_a_hold_is_settled_once_and_one_way(free, first, second):
    take(free, 5)
    settled = first(workspace=free, reference="job_1")
    assert first(workspace=free, reference="job_1") == settled
    with pytest.raises(HoldSettled):
        second(workspace=free, reference="job_1")
    assert free.credits.entries.count() == 4
    assert ledger_faults() == []


def test_nothing_held_is_nothing_settled(free):
    assert capture(workspace=free, reference="job_9") is None
    assert release(workspace=free, reference="job_9") is None
    assert free.credits.entries.count() == 2


def test_another_workspace_settles_nothing_of_it(free):
    take(free, 5)
    assert capture(workspace=make_workspace("Other"), reference="job_1") is None
    assert balance(free) == (20, 10, 5)


def test_more_than_there_is_takes_nothing(free, hand):
    with pytest.raises(InsufficientCredits) as refused:
        take(free, 36)
    day = CreditAccount.objects.get(pk=free.pk).resets_at
    assert str(refused.value) == (
        f"This document needs 36 credits and 35 are left. New ones come on {day:%-d %B %Y}; or top up, or upgrade."
    )
    assert balance(free) == (25, 10, 0)
    assert free.credits.entries.count() == 2


def test_the_same_cause_takes_once(free):
    take(free, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        take(free, 1)
    assert balance(free) == (24, 10, 1)


def test_a_period_ends_for_whoever_looks_first(hand):
    hand[0] = datetime(2027, 1, 31, 15, tzinfo=UTC)
    workspace = make_workspace(plan="free")
    give_top_up(workspace, 10)
    take(workspace, 5)
    hand[0] = datetime(2027, 2, 27, 23, 59, 59, tzinfo=UTC)
    take(workspace, 1, "job_2")
    assert balance(workspace) == (19, 10, 6)
    hand[0] = datetime(2027, 2, 28, tzinfo=UTC)
    take(workspace, 1, "job_3")
    assert balance(workspace) == (24, 10, 7)
    kinds = list(workspace.credits.entries.order_by("number").values_list("kind", "subscription", "period_on"))
    assert kinds[-3:] == [
        ("reset", -19, date(2027, 2, 28)), ("grant", 25, date(2027, 2, 28)), ("hold", -1, date(2027, 2, 28)),
    ]  # fmt: skip
    assert ledger_faults() == []


def test_what_is_released_after_its_period_lapses_and_what_was_bought_does_not(hand):
    hand[0] = datetime(2027, 1, 31, 15, tzinfo=UTC)
    workspace = make_workspace(plan="free")
    give_top_up(workspace, 10)
    take(workspace, 28)
    hand[0] += timedelta(days=60)
    release(workspace=workspace, reference="job_1")
    assert balance(workspace) == (25, 10, 0)
    assert ledger_faults() == []


def test_looking_renews_as_well(hand):
    hand[0] = datetime(2027, 1, 15, tzinfo=UTC)
    workspace = make_workspace(plan="free")
    take(workspace, 5)
    hand[0] = datetime(2027, 2, 15, tzinfo=UTC)
    account = credits.account_of(workspace)
    assert CreditsSerializer(account).data == {
        "subscription": 25,
        "topUp": 0,
        "remaining": 25,
        "planMonthlyAllotment": 25,
        "plan": "free",
        "object": "credits",
        "reserved": 5,
        "resets": 1805068800,
        "resetsAt": "2027-03-15T00:00:00Z",
    }


def test_the_beat_renews_what_is_due_once(hand):
    hand[0] = datetime(2027, 1, 15, tzinfo=UTC)
    due, later = make_workspace("Due", plan="free"), make_workspace("Later", plan="free")
    set_time_zone(workspace=later, time_zone="America/New_York")
    hand[0] = datetime(2027, 2, 15, 1, tzinfo=UTC)
    assert [credits.renew_accounts(now=hand[0]) for _ in range(2)] == [1, 0]
    assert due.credits.entries.filter(kind="grant").count() == 2
    assert later.credits.entries.filter(kind="grant").count() == 1


def test_an_account_that_cannot_be_renewed_keeps_nobody_else_from_it(hand):
    hand[0] = datetime(2027, 1, 15, tzinfo=UTC)
    broken, fine = make_workspace("Broken", plan="free"), make_workspace("Fine", plan="free")
    type(broken).objects.filter(pk=broken.pk).update(time_zone="Mars/Olympus")
    hand[0] = datetime(2027, 3, 1, tzinfo=UTC)
    assert credits.renew_accounts(now=hand[0]) == 1
    assert fine.credits.entries.count() == 3


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_moving_to_another_time_zone_begins_no_period_twice(hand, zone):
    hand[0] = datetime(2027, 1, 31, 15, tzinfo=UTC)
    workspace = make_workspace(plan="free")
    for day in range(70):
        hand[0] = datetime(2027, 1, 31, 15, tzinfo=UTC) + timedelta(days=day)
        set_time_zone(workspace=workspace, time_zone=[zone, "UTC"][day % 2])
        credits.renew_accounts(now=hand[0])
    days = workspace.credits.entries.filter(kind="grant").values_list("period_on", flat=True)
    assert [str(day) for day in days] == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert ledger_faults() == []


def test_a_yearly_workspace_has_its_credits_for_the_year(hand):
    hand[0] = datetime(2028, 2, 29, 12, tzinfo=UTC)
    workspace = open_workspace(name="Year", plan="starter", interval="year")
    assert balance(workspace) == (3600, 0, 0)
    account = workspace.credits
    assert account.resets_at == datetime(2029, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(("anchor", "zone"), [(28, "Pacific/Auckland"), (31, "America/New_York")])
def test_two_years_of_billing_days(hand, monkeypatch, anchor, zone):
    monkeypatch.setattr("tests.soak.resets.STEP", timedelta(hours=53))
    granted = simulate(anchor, zone, hand)
    first = date(2027, 1, anchor)
    unseen = 21  # its period began and ended while nobody looked for 70 days
    assert [day for day, _, _ in granted] == [
        first + relativedelta(months=number) for number in range(24) if number != unseen
    ]
    assert {credits for _, _, credits in granted} == {300}
    assert ledger_faults() == []


def test_low_and_exhausted_are_told_once_in_a_period(hand):
    hand[0] = datetime(2027, 1, 15, tzinfo=UTC)
    workspace = make_workspace(plan="free", owner=make_user("alice"))
    kinds = []
    for number, size in enumerate([22, 1, 1, 1]):
        kinds.append([notice.kind for notice in take(workspace, size, f"job_{number}").notices])
    assert kinds == [[], ["low"], [], ["exhausted"]]
    release(workspace=workspace, reference="job_3")
    assert take(workspace, 1, "job_9").notices == ()
    hand[0] = datetime(2027, 2, 15, tzinfo=UTC)
    assert [notice.kind for notice in take(workspace, 25, "job_10").notices] == ["low", "exhausted"]
    notice = CreditNotice.objects.order_by("created_at").first()
    assert (notice.data["remaining"], notice.data["planMonthlyAllotment"]) == (2, 25)


def test_owners_are_mailed_the_graver_news(hand):
    hand[0] = datetime(2027, 1, 15, tzinfo=UTC)
    workspace = make_workspace("Acme\nInc", plan="free", owner=make_user("alice"))
    take(workspace, 25)
    assert send_mails(now=hand[0]) == 1
    (sent,) = outbox.outbox
    assert (sent.to, sent.subject) == (["alice@example.org"], "Credits of Acme Inc are used up")
    assert "documents are refused until there are new ones" in sent.body
    assert "15 February 2027" in sent.body
    assert send_mails(now=hand[0]) == 0
    assert Mail.objects.get().body == ""


def test_nothing_is_told_when_the_hold_was_rolled_back(free):
    with pytest.raises(RuntimeError), transaction.atomic():
        take(free, 35)
        raise RuntimeError
    assert not CreditNotice.objects.exists()
    assert balance(free) == (25, 10, 0)


def test_entries_are_final(free):
    with pytest.raises(TypeError):
        CreditEntry.objects.filter(account=free.credits).update(subscription=99)
    with pytest.raises(TypeError):
        CreditEntry.objects.all().delete()
    assert free.credits.entries.count() == 2


@pytest.mark.postgres
@pytest.mark.parametrize("statement", ["UPDATE billing_creditentry SET top_up = 9", "DELETE FROM billing_creditentry"])
def test_the_database_itself_refuses_to_change_an_entry(free, statement):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ledger_faults() == []


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "hold", "subscription": -1, "reserved": 2},
        {"kind": "capture", "subscription": 1, "reserved": -1},
        {"kind": "release", "subscription": 2, "reserved": -1},
        {"kind": "grant", "top_up": 1},
        {"kind": "top_up", "top_up": -1},
        {"kind": "plan_change", "top_up": 1},
        {"kind": "gift"},
        {"kind": "adjustment", "subscription_after": -1},
    ],
)
def test_an_entry_does_what_its_kind_does(free, values):
    afters = {"subscription_after": 0, "top_up_after": 0, "reserved_after": 0}
    entry = CreditEntry(
        account=free.credits, number=3, reference="x", period_on=date(2027, 1, 1), created_at=timezone.now(),
        **{**afters, **values},
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_take_more_than_there_is():
    workspace = make_workspace(plan="free")

    def try_one(number: int) -> int:
        size = number % 3 + 1
        try:
            take(workspace, size, f"job_{number}")
        except InsufficientCredits:
            return 0
        finally:
            connection.close()
        return size

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(try_one, range(60)))
    assert balance(workspace) == (25 - taken, 0, taken)
    assert 23 <= taken <= 25
    assert ledger_faults() == []
