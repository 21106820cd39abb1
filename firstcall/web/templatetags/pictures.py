"""Small pictures and marks that pages have by the hundred, written without a template of their own for each."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from firstcall.web import built
from firstcall.web.drawing import Bar, Spark
from firstcall.web.grading import Shown
from firstcall.web.templatetags.web import points, signed

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1_000)
def icon(name: str, size: int = 16) -> SafeString:
    """It tells nothing to who cannot see it: what it stands beside has words. Templates' names are those built."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true" focusable="false">'
        '<use href="{1}#{2}"></use></svg>',
        size,
        built.address("icons.svg"),
        name,
    )


@register.filter
def coloured(hundredths: int | None) -> SafeString:
    """Points with their sign, what is gained and what is lost in their colours."""
    looks = "" if not hundredths else " is-plus" if hundredths > 0 else " is-minus"
    return mark_safe(f'<span class="points{looks}">{escape(signed(hundredths))}</span>')  # noqa: S308  escaped


@register.filter
def grade_mark(grade: Shown | None) -> SafeString | str:
    if grade is None:
        return ""
    return format_html(
        '<span class="grade is-{}"><span class="heard">{} </span>{}</span>',
        grade.rank,
        gettext("Grade"),
        grade.name,
    )


@register.simple_tag
def score_bar(bar: Bar, width: int = 120, height: int = 12) -> SafeString:
    """The figures of a score as a bar."""
    figures = bar.figures
    says = escape(
        gettext(
            "Who they are: %(p)s for, %(n)s against. What they do: %(tp)s for, %(tn)s against. Total %(t)s."
        )
        % {
            "p": points(figures.positive),
            "n": points(figures.negative),
            "tp": points(figures.touchpoint_positive),
            "tn": points(figures.touchpoint_negative),
            "t": points(figures.total),
        }
    )
    parts = "".join(
        f'<rect class="{part.looks}" x="{part.x:.2f}" y="2" width="{part.width:.2f}" height="8"></rect>'
        for part in bar.parts
    )
    return mark_safe(  # noqa: S308  numbers, names of looks, and what is escaped
        f'<svg class="bar" width="{width:d}" height="{height:d}" viewBox="0 0 120 12" preserveAspectRatio="none"'
        f' role="img" aria-label="{says}"><title>{says}</title>'
        f'<rect class="ground" x="0" y="2" width="120" height="8" rx="2"></rect>{parts}'
        f'<line class="axis" x1="{bar.zero:.2f}" x2="{bar.zero:.2f}" y1="0" y2="12"></line></svg>'
    )


@register.simple_tag(name="spark")
def spark_line(way: Spark) -> SafeString:
    """Where a total went in 14 days."""
    says = gettext("From %(a)s to %(b)s in 14 days") % {"a": points(way.first), "b": points(way.last)}
    under = f'<path class="under" d="{way.under}"></path>' if way.under else ""
    return mark_safe(  # noqa: S308  numbers, and what is escaped
        '<svg class="spark" width="84" height="24" viewBox="0 0 84 24" role="img"'
        f' aria-label="{escape(says)}">{under}<path d="{way.path}"></path>'
        f'<circle cx="{way.x:.1f}" cy="{way.y:.1f}" r="2.25"></circle></svg>'
    )
