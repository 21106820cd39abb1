"""The options of long choices, made once and not for every place that offers them: there are hundreds of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString


def grouped_options(
    groups: Iterable[tuple[str | Promise, Iterable[tuple[str, str | Promise]]]],
) -> SafeString:
    """None of them chosen, which the filter `chosen` does; each group with its options, value and label."""
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        (
            (label, format_html_join("", '<option value="{}">{}</option>', options))
            for label, options in groups
        ),
    )
