"""What a batch of made-up leads does between creation and decision, as rows of moments and sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstcall.demo import moments
from firstcall.demo.behaviour import ALL_KINDS, BOUNCED, CAME_BY_FORM, CRAWLED, KINDS, LEFT
from firstcall.demo.draws import Draws, Flags, Floats, Ints, growth_table, skewed_table
from firstcall.demo.people import LEVELS, People
from firstcall.demo.sentences import say

_SKEW = skewed_table(1.0)
_KEENER_DO_MORE = growth_table(LEVELS, 0.5)
_AVERAGE_LEAD = 1.06  # what the share that is silent and the growth by intent come to together
_CRAWL = 4  # a machine's walk, in touchpoints of an average lead

_MAIL_TYPES = np.array([kind.type.startswith(("email.", "campaign.")) for kind in ALL_KINDS])
# A row a level of intent, a column a kind.
_WEIGHTS = np.round(
    np.column_stack([kind.weight * 1_000 * growth_table(LEVELS, kind.leans) for kind in KINDS])
).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Touchpoints in order of lead and moment: the lead's index in its batch, the moment, the sentence."""

    lead: Ints
    occurred_at: Ints
    sentence: Ints


def make_timeline(draws: Draws, people: People, average: float) -> Timeline:
    """About `average` touchpoints a lead, none before its creation or after its decision."""
    counts = _counts(draws, people, average)
    lead = np.repeat(np.arange(len(counts)), counts)
    kinds = _kinds(draws, people, lead)
    occurred_at = _moments(draws, people, lead)
    _begin_with_the_form(people, counts, kinds, occurred_at)
    occurred_at = _stop_mail_after_leaving(draws, people, counts, lead, kinds, occurred_at)
    crawl_lead, crawl_at = _crawls(draws, people, average)
    lead = np.concatenate([lead, crawl_lead])
    occurred_at = np.concatenate([occurred_at, crawl_at])
    kinds = np.concatenate([kinds, np.full(len(crawl_lead), ALL_KINDS.index(CRAWLED))])
    order = np.lexsort((occurred_at, lead))
    return Timeline(lead[order], occurred_at[order], say(draws, kinds)[order])


def _counts(draws: Draws, people: People, average: float) -> Ints:
    """How many touchpoints each lead has: most few, some very many, the silent none."""
    count = len(people.level)
    size = average / _AVERAGE_LEAD * _KEENER_DO_MORE[people.level] * _SKEW[draws.below(len(_SKEW), count)]
    counts = np.floor(size + draws.uniform(count)).astype(np.int64)
    return np.where(people.silent, 0, counts)


def _kinds(draws: Draws, people: People, lead: Ints) -> Ints:
    """The kind of each touchpoint, by its lead's level of intent."""
    edges = np.cumsum(_WEIGHTS, axis=1)
    starts = np.concatenate([[0], np.cumsum(edges[:, -1])])
    level = people.level[lead]
    drawn = starts[level] + draws.below(edges[level, -1], len(lead))
    flat = (edges + starts[:-1, None]).ravel()
    kinds = np.searchsorted(flat, drawn, side="right") - level * len(KINDS)
    refused = ALL_KINDS.index(BOUNCED[0]) + draws.pick([kind.weight for kind in BOUNCED], len(lead))
    return np.where(people.bounced[lead], refused, kinds)


def _moments(draws: Draws, people: People, lead: Ints) -> Ints:
    """When: the keen come more and more often, the others begin well and fade."""
    count = len(lead)
    drawn, other = draws.uniform(count), draws.uniform(count)
    keen = LEVELS[people.level[lead]] + draws.uniform(count) * 2 - 1
    place = np.where(
        keen > 0.3, np.maximum(drawn, other), np.where(keen < -0.3, np.minimum(drawn, other), drawn)
    )
    first, last = people.created_at[lead], people.decided_at[lead]
    return moments.in_working_hours(draws, _between(first, last, place), first, last)


def _between(first: Ints, last: Ints, place: Floats) -> Ints:
    return np.asarray(first + np.floor(place * (last - first)).astype(np.int64))


def _begin_with_the_form(people: People, counts: Ints, kinds: Ints, occurred_at: Ints) -> None:
    """Leads of the website come by a form: it is their first touchpoint, at the moment of their creation."""
    begins = people.website & ~people.bounced & (counts > 0)
    place = (np.cumsum(counts) - counts)[begins]
    kinds[place] = ALL_KINDS.index(CAME_BY_FORM)
    occurred_at[place] = people.created_at[begins]


def _stop_mail_after_leaving(
    draws: Draws, people: People, counts: Ints, lead: Ints, kinds: Ints, occurred_at: Ints
) -> Ints:
    """Leads that leave unsubscribe once, by their last touchpoint's row; all other mail happened before."""
    leaves = people.leaves & (counts > 1)
    place = (np.cumsum(counts) - 1)[leaves]
    kinds[place] = ALL_KINDS.index(LEFT[0]) + draws.pick([kind.weight for kind in LEFT], len(place))
    left_at = people.decided_at.copy()
    left_at[leaves] = occurred_at[place]
    first, last, left = people.created_at[lead], people.decided_at[lead], left_at[lead]
    late = _MAIL_TYPES[kinds] & (occurred_at > left) & leaves[lead]
    share = (occurred_at - first) / np.maximum(last - first, 1)
    return np.where(late, _between(first, left, share), occurred_at)


def _crawls(draws: Draws, people: People, average: float) -> tuple[Ints, Ints]:
    """Machines walk the website in the name of some leads: many visits within two hours."""
    which: Flags = people.crawled & ~people.silent
    leads = np.flatnonzero(which)
    lead = np.repeat(leads, int(average * _CRAWL))
    first, last = people.created_at[leads], people.decided_at[leads]
    starts = _between(first, np.maximum(first, last - 7_200), draws.uniform(len(leads)))
    walk = np.repeat(starts, int(average * _CRAWL)) + draws.below(7_200, len(lead))
    return lead, np.minimum(walk, people.decided_at[lead])
