"""What people call the kinds of fields."""

from django.utils.translation import gettext_lazy

from firstcall.records.kinds import FieldKind

KINDS = {
    FieldKind.TEXT: gettext_lazy("Text"),
    FieldKind.LONG_TEXT: gettext_lazy("Long text"),
    FieldKind.NUMBER: gettext_lazy("Number"),
    FieldKind.CURRENCY: gettext_lazy("Amount of money"),
    FieldKind.DATE: gettext_lazy("Date"),
    FieldKind.DATE_TIME: gettext_lazy("Date and time"),
    FieldKind.YES_NO: gettext_lazy("Yes or no"),
    FieldKind.PICKLIST: gettext_lazy("One of a list"),
    FieldKind.MULTI_SELECT: gettext_lazy("Several of a list"),
    FieldKind.EMAIL: gettext_lazy("E-mail address"),
    FieldKind.PHONE: gettext_lazy("Phone number"),
    FieldKind.URL: gettext_lazy("Web address"),
    FieldKind.LOOKUP: gettext_lazy("A record of another module"),
}
