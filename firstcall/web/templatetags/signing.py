"""What the pages of one's own account use: fields of django-allauth as ours look, browsers by their names."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.translation import get_language, gettext

register = template.Library()

# The first mark that is found tells: most browsers name their kin too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """Its name and the system's; what it says of itself, at most 60 characters, where it is none of the known.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")
    'Chrome on Linux'
    >>> browser("curl/8.14")
    'curl/8.14'
    """
    name = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if name and system:
        return gettext("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or user_agent[:60] or gettext("An unknown browser")


@register.filter
def sentence(label: str) -> str:
    """English labels that come with a capital in each word begin with one alone; German keeps its nouns.

    >>> sentence("New Password (again)")
    'New password (again)'
    """
    return label[:1] + label[1:].lower() if (get_language() or "en").startswith("en") else label


@register.filter
def unprompted(field: BoundField) -> BoundField:
    """Without the words within it that say the label once more, and fade when one types."""
    field.field.widget.attrs.pop("placeholder", None)
    return field
