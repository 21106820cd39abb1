"""The forms of the sheets: what is typed into them, and what the actions take."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from firstcall.access.models import User
from firstcall.followups.calls import Call, Direction, Outcome
from firstcall.followups.feedback import REASONS, Opinion
from firstcall.followups.models import Priority, Task, Verdict
from firstcall.followups.notes import LONGEST_NOTE
from firstcall.followups.tasks import Due

MORNING = time(9)
_MOST_USERS = 500
_AREA = {"rows": 4}


class CallForm(forms.Form):
    outcome = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (Outcome.REACHED, gettext_lazy("Reached")),
            (Outcome.NO_ANSWER, gettext_lazy("No answer")),
            (Outcome.VOICEMAIL, gettext_lazy("Voicemail")),
            (Outcome.BUSY, gettext_lazy("Busy")),
            (Outcome.WRONG_NUMBER, gettext_lazy("Wrong number")),
        ],
        initial=Outcome.REACHED,
    )
    direction = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (Direction.OUTGOING, gettext_lazy("I called")),
            (Direction.INCOMING, gettext_lazy("They called")),
        ],
        initial=Direction.OUTGOING,
    )
    minutes = forms.IntegerField(required=False, min_value=0, max_value=1_440)
    text = forms.CharField(required=False, max_length=5_000, widget=forms.Textarea(attrs=_AREA))

    def call(self) -> Call:
        said = self.cleaned_data
        minutes = said["minutes"]
        return Call(
            Outcome(said["outcome"]),
            Direction(said["direction"]),
            None if minutes is None else minutes * 60,
            said["text"].strip(),
        )


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 7, "autofocus": True})
    )
    is_pinned = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TaskForm(forms.Form):
    subject = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autofocus": True}))
    due_on = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    due_time = forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    priority = forms.TypedChoiceField(
        coerce=lambda value: Priority(int(value)),
        choices=[
            (Priority.LOW.value, gettext_lazy("Low")),
            (Priority.NORMAL.value, gettext_lazy("Normal")),
            (Priority.HIGH.value, gettext_lazy("High")),
        ],
        initial=Priority.NORMAL.value,
    )
    owner = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = User.objects.filter(is_active=True).order_by("name", "email")[:_MOST_USERS]
        owner = self.fields["owner"]
        assert isinstance(owner, forms.TypedChoiceField)  # noqa: S101
        owner.choices = [("", gettext("Whoever comes first")), *((user.pk, str(user)) for user in users)]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("due_time") and not said.get("due_on"):
            self.add_error("due_on", gettext("A time needs its day."))
        return said

    def due(self) -> Due:
        """A moment in the reader's zone, a day, or neither."""
        on, at = self.cleaned_data["due_on"], self.cleaned_data["due_time"]
        if on is not None and at is not None:
            return timezone.make_aware(datetime.combine(on, at))
        due: date | None = on
        return due


def filled(task: Task) -> dict[str, object]:
    """What the form of a task shows at first."""
    at = None if task.due_at is None else timezone.localtime(task.due_at)
    return {
        "subject": task.subject,
        "due_on": task.due_on if at is None else at.date(),
        "due_time": None if at is None else at.time(),
        "priority": task.priority,
        "owner": task.owner_id,
        "version": task.version,
    }


class SnoozeForm(forms.Form):
    """`until` is one of the offers, or `day`: then `on` says which; it comes back in the morning."""

    until = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            ("hours", gettext_lazy("In three hours")),
            ("tomorrow", gettext_lazy("Tomorrow morning")),
            ("week", gettext_lazy("Monday morning")),
            ("month", gettext_lazy("In a month")),
            ("day", gettext_lazy("On a day")),
        ],
        initial="tomorrow",
    )
    on = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("until") == "day" and not said.get("on") and "on" not in self.errors:
            self.add_error("on", gettext("Say the day."))
        return said

    def moment(self, now: datetime) -> datetime:
        local = timezone.localtime(now)
        match self.cleaned_data["until"]:
            case "hours":
                return now + timedelta(hours=3)
            case "tomorrow":
                return morning(local.date() + timedelta(days=1))
            case "week":
                return morning(local.date() + timedelta(days=7 - local.weekday()))
            case "month":
                return morning(local.date() + timedelta(days=30))
        return morning(self.cleaned_data["on"])


def morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))


VERDICTS = {Verdict.GOOD: gettext_lazy("A good lead"), Verdict.BAD: gettext_lazy("A bad lead")}
WORDED = {
    "good_fit": gettext_lazy("Fits us well"),
    "in_need": gettext_lazy("Has the need"),
    "ready_to_buy": gettext_lazy("Ready to buy"),
    "decides": gettext_lazy("Decides"),
    "engaged": gettext_lazy("Engaged"),
    "bad_fit": gettext_lazy("Does not fit us"),
    "no_need": gettext_lazy("No need"),
    "no_budget": gettext_lazy("No budget"),
    "bad_timing": gettext_lazy("Bad timing"),
    "wrong_person": gettext_lazy("Wrong person"),
    "unreachable": gettext_lazy("Cannot be reached"),
    "competitor": gettext_lazy("A competitor"),
    "duplicate": gettext_lazy("There twice"),
    "not_real": gettext_lazy("Not real"),
    "other": gettext_lazy("Something else"),
}


class FeedbackForm(forms.Form):
    """The reasons of both verdicts stand in the form; those of the one that is chosen count."""

    verdict = forms.ChoiceField(choices=list(VERDICTS.items()), widget=forms.RadioSelect)
    good = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[(name, WORDED[name]) for name in REASONS[Verdict.GOOD]],
    )
    bad = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[(name, WORDED[name]) for name in REASONS[Verdict.BAD]],
    )
    comment = forms.CharField(required=False, max_length=2_000, widget=forms.Textarea({"rows": 3}))

    def opinion(self) -> Opinion:
        said = self.cleaned_data
        verdict = Verdict(said["verdict"])
        return Opinion(verdict, said[verdict.value], said["comment"].strip())
