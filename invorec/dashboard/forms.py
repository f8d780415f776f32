"""What staff says when it moves credits or changes a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator

from billing import manual
from billing.models import CreditAccount, CreditEntry, Plan, Workspace
from billing.payments import MAX_CREDITS, MAX_REASON, MAX_REFERENCE, PaymentRefused
from billing.services import check_time_zone
from invorec.lib.ids import new_id

if TYPE_CHECKING:  # at run time the class takes no parameter
    WorkspaceBase = forms.ModelForm[Workspace]
else:
    WorkspaceBase = forms.ModelForm


def minted() -> str:
    """A reference for what is about to be sent: sent twice, it is the same fact."""
    return f"manual:{new_id('pay')}"


class WorkspaceForm(WorkspaceBase):
    """A workspace; its plan and credits change by what is said below."""

    def clean(self) -> dict[str, Any]:
        """Refuses what is no time zone."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if name := cleaned.get("time_zone"):
            check_time_zone(name)
        return cleaned


class ChangeForm(forms.Form):
    """Why, by what reference, and a reference of the form's own."""

    reason = forms.CharField(max_length=MAX_REASON, widget=forms.TextInput(attrs={"size": 60}))
    reference = forms.CharField(
        max_length=MAX_REFERENCE, required=False, help_text="The payment or contract: the same one has effect once."
    )
    minted = forms.CharField(
        widget=forms.HiddenInput, initial=minted, validators=[RegexValidator(r"^manual:pay_[0-9A-Z]{26}$")]
    )

    def apply(self, change: Callable[..., CreditEntry], *, workspace: Workspace, actor: str) -> bool:
        """Make the change; what it refuses becomes an error of the form, and False."""
        values = dict(self.cleaned_data)
        own, reference = values.pop("minted"), values.pop("reference")
        try:
            change(workspace=workspace, actor=actor, reference=reference or own, **values)
        except PaymentRefused as refused:
            self.add_error(refused.param if refused.param in self.fields else None, str(refused))
        return not self.errors


class CreditsForm(ChangeForm):
    credits = forms.IntegerField(min_value=1, max_value=MAX_CREDITS)
    field_order = ("credits",)


class AdjustForm(ChangeForm):
    subscription = forms.IntegerField(initial=0, help_text="Up, or down with a minus.")
    top_up = forms.IntegerField(initial=0, label="Top-up")
    field_order = ("subscription", "top_up")


class PlanForm(ChangeForm):
    plan = forms.ModelChoiceField(Plan.objects.all(), empty_label=None)
    interval = forms.ChoiceField(choices=CreditAccount.Interval.choices)
    field_order = ("plan", "interval")

    def clean_plan(self) -> str:
        """Its code."""
        return str(self.cleaned_data["plan"].pk)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that staff does to a workspace's credits."""

    title: str
    explained: str
    form: type[ChangeForm]
    change: Callable[..., CreditEntry]


CHANGES = {
    "top-up": Change("Top up", "Credits that never lapse.", CreditsForm, manual.top_up),
    "grant": Change("Grant", "Credits for this period; they lapse with it.", CreditsForm, manual.grant),
    "adjust": Change("Adjust", "A correction of either balance, up or down.", AdjustForm, manual.adjust),
    "plan": Change(
        "Change plan",
        "At once, with the balance as it is; the new allotment comes with the next period.",
        PlanForm,
        manual.change_plan,
    ),
}
