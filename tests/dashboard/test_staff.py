"""The operators' site: who gets in, what is done there, and what nobody can do."""

import re
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from billing.audit import ledger_faults
from billing.models import CreditAccount, CreditEntry, Membership, Plan, Workspace
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db

PAGES = ["", "billing/plan/", "billing/workspace/", "billing/workspace/add/", "billing/creditentry/", "auth/user/"]


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", "root@example.org", "x")


@pytest.fixture
def site(root) -> Client:
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def acme(db) -> Workspace:
    return make_workspace("Acme <b>", plan="free", owner=make_user("alice"))


def form_of(site, workspace, name: str) -> dict[str, str]:
    """What the form carries when it is shown."""
    html = site.get(f"/staff/billing/workspace/{workspace.pk}/credits/{name}/").content.decode()
    return {"minted": re.findall(r'name="minted" value="(manual:pay_\w+)"', html)[0]}


def send(site, workspace, name: str, **values):
    return site.post(f"/staff/billing/workspace/{workspace.pk}/credits/{name}/", values)


def balance(workspace) -> tuple[int, int]:
    account = CreditAccount.objects.get(pk=workspace.pk)
    return account.subscription, account.top_up


@pytest.mark.parametrize("page", PAGES)
def test_only_staff_gets_in(site, acme, page):
    anonymous, customer = Client(), Client()
    customer.force_login(User.objects.get(username="alice"))
    for client in (anonymous, customer):
        answer = client.get(f"/staff/{page}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/login/?next=/staff/{page}")
    assert site.get(f"/staff/{page}").status_code == 200


def test_guessing_passwords_is_slowed_down(root, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_716_638_425.5)  # a minute of counting may end between two attempts
    client, values = Client(), {"username": "root", "password": "wrong"}
    seen = [client.post("/staff/login/", values).status_code for _ in range(11)]
    assert set(seen[:10]) == {200}
    assert seen[10] == 429
    answer = client.post("/staff/login/", values | {"password": "x"})
    assert (answer.status_code, answer.content) == (
        429, b"Too many attempts from this address. Try again in a minute.",
    )  # fmt: skip
    assert client.post("/staff/login/", values | {"password": "x"}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_the_address_without_its_slash_leads_there(site):
    assert site.get("/staff").headers["Location"] == "/staff/"


@pytest.mark.parametrize("name", ["top-up", "grant", "adjust", "plan"])
def test_who_may_not_change_credits_changes_none(acme, name):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_workspace"))
    client = Client()
    client.force_login(clerk)
    page = client.get(f"/staff/billing/workspace/{acme.pk}/change/").content.decode()
    assert "/credits/" not in page
    assert client.get(f"/staff/billing/workspace/{acme.pk}/credits/{name}/").status_code == 403
    assert send(client, acme, name, credits=5, reason="x").status_code == 403
    assert CreditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "values", "after", "kind"),
    [
        ("top-up", {"credits": 500}, (25, 500), "top_up"),
        ("grant", {"credits": 5}, (30, 0), "grant"),
        ("adjust", {"subscription": -20, "top_up": 3}, (5, 3), "adjustment"),
        ("plan", {"plan": "growth", "interval": "year"}, (25, 0), "plan_change"),
    ],
)
def test_each_change_is_one_entry_with_who_and_why_however_often_it_is_sent(
    site, root, acme, name, values, after, kind
):
    values |= form_of(site, acme, name) | {"reason": "Bank transfer"}
    for _ in range(2):
        answer = send(site, acme, name, **values)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/billing/workspace/{acme.pk}/change/")
    assert balance(acme) == after
    entry = acme.credits.entries.latest("number")
    assert (entry.number, entry.kind, entry.actor, entry.reason) == (2, kind, f"user:{root.pk}", "Bank transfer")
    page = site.get(answer.headers["Location"]).content.decode()
    assert f"{sum(after)} credits remain, on {'Growth' if name == 'plan' else 'Free'}." in page
    assert "Acme &lt;b&gt;" in page
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("top-up", {"credits": 0, "reason": "x"}, "greater than or equal to 1"),
        ("top-up", {"credits": 5}, "This field is required."),
        ("adjust", {"subscription": -26, "top_up": 0, "reason": "x"}, "Only 25 subscription credits are left"),
        ("adjust", {"subscription": 0, "top_up": 0, "reason": "x"}, "The number of credits is 1 to 10,000,000."),
        ("plan", {"plan": "gold", "interval": "month", "reason": "x"}, "Select a valid choice."),
        ("top-up", {"credits": 5, "reason": "x", "minted": "period:1"}, "Enter a valid value."),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(site, acme, name, values, message):
    answer = send(site, acme, name, **(form_of(site, acme, name) | values))
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert CreditEntry.objects.count() == 1
    assert balance(acme) == (25, 0)


def test_a_reference_of_another_payment_is_refused_at_its_field(site, acme):
    for credits in (5, 6):
        values = form_of(site, acme, "top-up") | {"credits": credits, "reason": "x", "reference": "RE-1"}
        answer = send(site, acme, "top-up", **values)
    assert "The reference RE-1 stands for something else already." in answer.content.decode()
    assert balance(acme) == (25, 5)


def test_a_change_needs_the_token_of_its_page(root, acme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    assert send(client, acme, "top-up", credits=5, reason="x").status_code == 403
    assert CreditEntry.objects.count() == 1


def test_no_crafted_form_sets_a_plan_or_moves_a_balance(site, acme):
    values = {"name": "New", "time_zone": "UTC", "plan": "business", "subscription": 999, "remaining": 999}
    answer = site.post(f"/staff/billing/workspace/{acme.pk}/change/", values | management("memberships", "invitations"))
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.plan_id, balance(acme)) == ("New", "free", (25, 0))


def management(*prefixes: str) -> dict[str, int]:
    return {f"{one}-{name}_FORMS": 0 for one in prefixes for name in ("TOTAL", "INITIAL")}


@pytest.mark.parametrize(("zone", "status"), [("Asia/Tokyo", 302), ("Mars/Olympus", 200)])
def test_the_time_zone_moves_the_billing_day(site, acme, zone, status):
    before = CreditAccount.objects.get(pk=acme.pk).resets_at
    values = {"name": "Acme", "time_zone": zone} | management("memberships", "invitations")
    answer = site.post(f"/staff/billing/workspace/{acme.pk}/change/", values)
    assert answer.status_code == status
    moved = before - CreditAccount.objects.get(pk=acme.pk).resets_at
    assert moved.total_seconds() == (9 * 3600 if status == 302 else 0)


def test_a_workspace_is_opened_with_its_credits(site):
    answer = site.post("/staff/billing/workspace/add/", {"name": "New", "plan": "starter", "time_zone": "UTC"})
    assert answer.status_code == 302
    workspace = Workspace.objects.get()
    assert (workspace.name, balance(workspace)) == ("New", (300, 0))
    assert ledger_faults() == []


@pytest.mark.parametrize("action", ["change/", "delete/"])
def test_an_entry_is_only_shown(site, acme, action):
    entry = CreditEntry.objects.get()
    page = f"/staff/billing/creditentry/{entry.pk}/{action}"
    assert site.post(page, {"post": "yes", "top_up": 5}).status_code == 403
    assert site.post("/staff/billing/creditentry/add/", {"kind": "top_up"}).status_code == 403
    assert list(CreditEntry.objects.values_list("pk", "top_up")) == [(entry.pk, 0)]


def test_a_workspace_is_found_by_a_members_address_and_never_deleted(site, acme):
    assert "Acme" in site.get("/staff/billing/workspace/?q=alice@example.org").content.decode()
    assert "Acme" not in site.get("/staff/billing/workspace/?q=bob@example.org").content.decode()
    assert site.post(f"/staff/billing/workspace/{acme.pk}/delete/", {"post": "yes"}).status_code == 403


def test_members_are_shown_and_not_changed(site, acme):
    member = Membership.objects.get()
    assert "alice" in site.get(f"/staff/billing/workspace/{acme.pk}/change/").content.decode()
    values = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": member.pk}
    values |= {"memberships-0-role": "viewer", "name": "Acme", "time_zone": "UTC"} | management("invitations")
    site.post(f"/staff/billing/workspace/{acme.pk}/change/", values)
    member.refresh_from_db()
    assert member.role == "owner"


def test_a_plan_in_use_is_edited_but_not_deleted(site, acme):
    assert site.post("/staff/billing/plan/free/delete/", {"post": "yes"}).status_code == 403
    values = {"name": "Free", "monthly_pages": 30, "code": "gratis"}
    assert site.post("/staff/billing/plan/free/change/", values).status_code == 302
    assert Plan.objects.get(pk="free").monthly_pages == 30
    assert site.post("/staff/billing/plan/starter/delete/", {"post": "yes"}).status_code == 302
    assert not Plan.objects.filter(pk="starter").exists()


def test_its_style_sheet_comes_from_the_service_itself(site):
    page = site.get("/staff/").content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) > 1
    assert {site.get(sheet).status_code for sheet in sheets} == {200}
