"""What all templates use: built files, points, grades, moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.template.defaultfilters import date as formatted
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext_lazy

from firstcall.moments import now
from firstcall.scorekeeping.following import present_mark
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.models import Touchpoint
from firstcall.web import built

if TYPE_CHECKING:
    from firstcall.web.records.asking import Wishes

register = template.Library()

_TELLING = ("path", "subject", "campaign", "name", "title", "form", "outcome", "url")
MINUS = "−"
_STEPS = (
    (timedelta(days=365), ngettext_lazy("%d year", "%d years")),
    (timedelta(days=30), ngettext_lazy("%d month", "%d months")),
    (timedelta(days=7), ngettext_lazy("%d week", "%d weeks")),
    (timedelta(days=1), ngettext_lazy("%d day", "%d days")),
    (timedelta(hours=1), ngettext_lazy("%d hour", "%d hours")),
    (timedelta(minutes=1), ngettext_lazy("%d minute", "%d minutes")),
)


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file."""
    return built.address(name)


@register.simple_tag
def page_assets(name: str) -> SafeString:
    """The style and the script of one page, `assets/pages/NAME.css` and `.js`, as far as there are such."""
    files, script, style = built.manifest(), f"pages/{name}.js", f"pages/{name}.css"
    if not {script, style} & files.keys():
        raise template.TemplateSyntaxError(f"There is neither assets/pages/{name}.js nor {name}.css.")
    found = []
    if style in files:
        found.append(format_html('<link rel="stylesheet" href="{}">', built.address(style)))
    if script in files:
        found.append(format_html('<script type="module" src="{}"></script>', built.address(script)))
        found += [
            format_html('<link rel="modulepreload" href="{}">', at) for at in built.chunk_addresses(script)
        ]
    return format_html_join("\n", "{}", ((part,) for part in found))


@register.simple_tag
def app_chunks() -> SafeString:
    """What every page's script reads before it begins, to be fetched with it."""
    addresses = ((at,) for at in built.chunk_addresses("app.js"))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', addresses)


@register.filter
def points(hundredths: Decimal | int | None) -> str:
    """Whole hundredths as people read them: 12.5; a true minus."""
    return "–" if hundredths is None else _told(Decimal(hundredths) / 100)


@register.filter
def signed(hundredths: Decimal | int | None) -> str:
    """The same with its sign."""
    if hundredths is None:
        return "–"
    return ("+" if hundredths > 0 else "") + points(hundredths)


@register.filter
def number(value: object) -> str:
    """A number in the reader's way of writing."""
    return _told(value) if isinstance(value, Decimal | int) else str(value)


@register.filter
def ago(at: datetime | None) -> str:
    """How long ago, or in how long, in words."""
    if at is None:
        return ""
    passed = now() - at
    length = abs(passed)
    if length < timedelta(minutes=1):
        return gettext("just now") if passed >= timedelta(0) else gettext("in a moment")
    for step, says in _STEPS:
        if length >= step:
            words = says % (length // step)
            form = gettext("%(time)s ago") if passed >= timedelta(0) else gettext("in %(time)s")
            return form % {"time": words}
    raise AssertionError(length)


@register.filter
def lasting(seconds: float) -> str:
    """How long that is, in words."""
    length = timedelta(seconds=float(seconds))
    for step, says in _STEPS:
        if length >= step:
            return str(says % round(length / step))
    return gettext("less than a minute")


@register.filter
def exact(at: datetime | None) -> str:
    """Date and time in the reader's zone."""
    return "" if at is None else formatted(timezone.localtime(at), "DATETIME_FORMAT")


@register.simple_tag
def when(at: datetime | None) -> SafeString | str:
    """How long ago, with the exact moment to be read beside it."""
    if at is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), exact(at), ago(at)
    )


@register.simple_tag
def score_mark() -> str:
    """Up to where a page knows the scores."""
    return present_mark()


@register.simple_tag
def again(wishes: Wishes, **other: str) -> str:
    """The address of the same list but for what is said."""
    return wishes.address(**other)


@register.filter
def turned(points: int) -> int:
    """With the other sign."""
    return -points


@register.filter
def touchpoint_label(type: str) -> str:
    return label_of(type)


@register.filter
def about_touchpoint(touchpoint: Touchpoint) -> str:
    """What tells most of it, in a few words."""
    told = touchpoint.properties
    return next((str(told[name])[:80] for name in _TELLING if told.get(name)), "")


@register.filter
def dialled(number: str) -> str:
    """A telephone number as a link takes it.

    >>> dialled("+49 (30) 123-45 67 ext. 8")
    '+493012345678'
    """
    return "".join(letter for letter in str(number) if letter in "+0123456789*#")


@register.filter
def initials(name: str) -> str:
    """
    >>> initials("Ann Lee Miller"), initials("ann@example.com")
    ('AM', 'A')
    """
    words = name.partition("@")[0].split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def at(found: dict[int, object], id: int) -> object:
    """One value of several by its id."""
    return found.get(id)


@register.filter
def item(found: dict[str, object], name: str) -> object:
    """One value of several by its name."""
    return found.get(name)


@register.filter
def chosen(options: SafeString, value: str) -> SafeString:
    """The options of a choice with the one of this value chosen.

    >>> chosen(mark_safe('<option value="a">A</option>'), "a")
    '<option value="a" selected>A</option>'
    """
    start = format_html('<option value="{}"', value)
    return mark_safe(options.replace(start, f"{start} selected", 1))  # noqa: S308  both are safe


def _told(value: Decimal | int) -> str:
    return _written(Decimal(value).normalize(), get_language())


@lru_cache(maxsize=10_000)
def _written(value: Decimal, _: str | None) -> str:
    """In a language. A page has hundreds of numbers, and they are mostly the same."""
    places = max(-int(value.as_tuple().exponent), 0)
    return number_format(value, decimal_pos=places, force_grouping=True).replace("-", MINUS)
