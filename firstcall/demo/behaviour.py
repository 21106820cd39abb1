"""What the made-up leads do: kinds of touchpoints, how much each leans on intent, and their properties.

Nothing here tells the outcome: deals won or lost, purchases and cancelled subscriptions are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

type Value = str | int | bool | tuple[str, ...] | None
type Properties = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of touchpoint.

    weight      how often it happens, against the others, to a lead of middling intent
    leans       above 0 the keen do it more, below 0 the others; exp(leans) for a standard deviation
    properties  what each property may be, equally often; None leaves it out
    """

    type: str
    weight: int
    leans: float = 0.0
    properties: Properties = field(default_factory=dict)


CAMPAIGNS = (
    "spring-release",
    "route-guide",
    "winter-check",
    "customer-stories",
    "price-update",
    "invitation",
)
SEARCHES = (None, None, None, "search", "newsletter", "partner")
LANGUAGES = ("en", "en", "de", "fr", "es", "pl", None)
TICKETS = tuple(f"T-{number}" for number in range(4_100, 4_140))
DURATIONS = tuple(range(20, 600, 37)) + tuple(range(600, 2_700, 130))

BLOG = tuple(
    f"/blog/{post}" for post in ("first-dispatch", "fewer-miles", "night-shift", "spare-parts", "no-shows")
)
FEATURES = tuple(f"/features/{part}" for part in ("board", "routes", "mobile", "stock", "reports", "sso"))
MANY_PAGES = ("/", "/about", "/contact", *BLOG, *FEATURES, "/pricing", "/pricing/teams", "/careers", "/legal")

_PAGE: Properties = {"referrer": (None, None, "search.example", "news.example"), "utm_source": SEARCHES}
_MAIL: Properties = {"campaign": CAMPAIGNS, "machine": (False,)}
_SCANNED: Properties = {"campaign": CAMPAIGNS, "machine": (True,)}
_LINKS = ("https://firm.example/pricing", "https://firm.example/features", "https://firm.example/blog")
_KEEN_VOICE: Properties = {
    "sentiment": ("positive", "positive", "neutral"),
    "intent": ("purchase", "query", "query", "request"),
    "emotion": ("trust", "joy", None),
    "keywords": (("purchase",), ("price", "contract"), ("demo",), ("purchase", "rollout"), None),
    "competitors": (None, None, None, None, ("Routewright",), ("Crewline", "Fieldora")),
    "language": LANGUAGES,
}
_COOL_VOICE: Properties = {
    "sentiment": ("neutral", "neutral", "negative"),
    "intent": ("other", "feedback", "query", "complaint"),
    "emotion": ("disappointment", "anger", None, None),
    "keywords": (("later",), ("budget",), ("unsubscribe",), None, None),
    "competitors": (None, None, None, ("Crewline",)),
    "language": LANGUAGES,
}

KINDS = (
    Kind("web.visited", 170, -0.1, {"path": ("/", "/about", "/contact", *BLOG), **_PAGE}),
    Kind("web.visited", 70, 0.45, {"path": FEATURES, **_PAGE}),
    Kind("web.visited", 34, 0.9, {"path": ("/pricing", "/pricing", "/pricing/teams"), **_PAGE}),
    Kind("web.visited", 9, -0.6, {"path": ("/careers", "/careers/engineering"), **_PAGE}),
    Kind("web.form_submitted", 9, -0.1, {"form": ("newsletter", "guide"), "path": ("/blog", "/guide")}),
    Kind("web.form_submitted", 5, 1.2, {"form": ("demo", "quote"), "path": ("/demo", "/pricing")}),
    Kind("web.downloaded", 12, 0.4, {"file": ("planning-guide.pdf", "roi-sheet.xlsx", "security.pdf")}),
    Kind("web.searched", 8, 0.3, {"query": ("price", "integration", "offline", "API", "DSGVO", "mobil")}),
    Kind("web.clicked", 14, 0.3, {"target": ("talk-to-us", "watch-video", "compare-plans", "footer")}),
    Kind("email.received", 7, 0.9, {"subject": ("Re: Your plan", "Question", "Angebot"), **_KEEN_VOICE}),
    Kind("email.received", 6, -0.4, {"subject": ("Re: Hello", "Not now", "Abwesenheit"), **_COOL_VOICE}),
    Kind("email.opened", 70, 0.35, {"message": ("welcome", "follow-up", "reminder"), **_MAIL}),
    Kind("email.opened", 45, 0.0, {"message": ("welcome", "follow-up", "reminder"), **_SCANNED}),
    Kind("email.clicked", 26, 0.6, {"url": _LINKS, **_MAIL}),
    Kind("email.clicked", 14, 0.0, {"url": _LINKS, **_SCANNED}),
    Kind("email.replied", 13, 1.0),
    Kind("email.bounced", 2, 0.0, {"kind": ("soft",)}),
    Kind("email.complained", 1, -0.8),
    Kind("campaign.sent", 150, -0.1, {"campaign": CAMPAIGNS}),
    Kind("campaign.opened", 55, 0.25, _MAIL),
    Kind("campaign.opened", 40, 0.0, _SCANNED),
    Kind("campaign.clicked", 20, 0.55, _MAIL),
    Kind("campaign.clicked", 12, 0.0, _SCANNED),
    Kind("campaign.soft_bounced", 3, 0.0, {"campaign": CAMPAIGNS}),
    Kind(
        "call.made",
        16,
        0.1,
        {"duration": (0, 0, 20, 45, 90), "direction": ("outbound",), "outcome": ("left word", None)},
    ),
    Kind("call.received", 5, 0.9, {"duration": DURATIONS, "direction": ("inbound",), **_KEEN_VOICE}),
    Kind("call.attended", 14, 0.9, {"duration": DURATIONS, "direction": ("outbound",), **_KEEN_VOICE}),
    Kind("call.attended", 6, -0.4, {"duration": DURATIONS[:12], "direction": ("outbound",), **_COOL_VOICE}),
    Kind("call.unattended", 14, -0.5, {"direction": ("outbound",)}),
    Kind("call.missed", 3, 0.4, {"direction": ("inbound",)}),
    Kind("message.received", 6, 0.7, {"channel": ("whatsapp", "sms"), **_KEEN_VOICE}),
    Kind("message.sent", 8, 0.3, {"channel": ("whatsapp", "sms")}),
    Kind("chat.started", 7, 0.5),
    Kind("chat.missed", 2, 0.2),
    Kind("chat.completed", 5, 0.6, _KEEN_VOICE),
    Kind("chat.rated", 3, 0.3, {"rating": (2, 3, 4, 5, 5)}),
    Kind("survey.visited", 4, 0.1, {"survey": ("needs-2025", "needs-2026")}),
    Kind("survey.responded", 3, 0.4, {"survey": ("needs-2025", "needs-2026"), "score": tuple(range(2, 11))}),
    Kind("webinar.registered", 12, 0.4, {"webinar": ("planning-day", "routes-live", "q-and-a")}),
    Kind(
        "webinar.attended", 7, 0.7, {"webinar": ("planning-day", "routes-live"), "minutes": (12, 25, 40, 55)}
    ),
    Kind("webinar.left", 2, 0.1, {"webinar": ("planning-day", "routes-live"), "minutes": (3, 6, 9)}),
    Kind("webinar.missed", 5, -0.3, {"webinar": ("planning-day", "routes-live", "q-and-a")}),
    Kind(
        "event.purchased",
        2,
        0.5,
        {"event": ("Fieldwork Days",), "ticket": ("day", "full"), "amount": (190, 340)},
    ),
    Kind("event.checked_in", 2, 0.6, {"event": ("Fieldwork Days",), "ticket": ("day", "full")}),
    Kind("event.cancelled", 1, -0.4, {"event": ("Fieldwork Days",), "ticket": ("day", "full")}),
    Kind(
        "desk.ticket_opened",
        3,
        0.5,
        {"ticket": TICKETS, "priority": ("low", "normal", "high")},
    ),
    Kind("desk.commented", 2, 0.4, {"ticket": TICKETS, **_COOL_VOICE}),
    Kind("desk.responded", 3, 0.5, {"ticket": TICKETS}),
    Kind("desk.rated", 2, 0.3, {"ticket": TICKETS, "rating": (1, 3, 4, 5, 5)}),
    Kind("facebook.liked", 4, -0.3),
    Kind("facebook.commented", 2, -0.2, _COOL_VOICE),
    Kind("facebook.lead_form", 1, 0.3, {"campaign": CAMPAIGNS}),
    Kind("x.mentioned", 2, -0.1, _COOL_VOICE),
    Kind("x.messaged", 2, 0.5, _KEEN_VOICE),
    Kind("meeting.booked", 8, 1.2),
    Kind("meeting.attended", 7, 1.3, {"minutes": (15, 30, 30, 45, 60)}),
    Kind("meeting.cancelled", 2, -0.2),
    Kind("meeting.no_show", 3, -0.7),
    Kind("product.signed_up", 3, 0.8),
    Kind("product.activated", 3, 1.1),
    Kind("product.used", 24, 1.2, {"feature": ("board", "routes", "mobile", "stock", "reports")}),
    Kind("consent.opted_in", 4, 0.3, {"channel": ("email", "phone")}),
    Kind("consent.opted_out", 1, -0.9, {"channel": ("phone",)}),
)

# What only some leads do, and not by chance of intent.
CRAWLED = Kind("web.visited", 1, 0.0, {"path": MANY_PAGES, "machine": (True,)})
CAME_BY_FORM = Kind(
    "web.form_submitted", 1, 0.0, {"form": ("contact", "newsletter", "guide"), "path": ("/contact", "/blog")}
)
LEFT = (
    Kind("email.unsubscribed", 1),
    Kind("campaign.unsubscribed", 2, 0.0, {"campaign": CAMPAIGNS}),
)
BOUNCED = (
    Kind("campaign.sent", 40, 0.0, {"campaign": CAMPAIGNS}),
    Kind("campaign.hard_bounced", 30, 0.0, {"campaign": CAMPAIGNS}),
    Kind("email.bounced", 20, 0.0, {"kind": ("hard",)}),
    Kind("call.unattended", 10, 0.0, {"direction": ("outbound",)}),
)

ALL_KINDS = (*KINDS, CRAWLED, CAME_BY_FORM, *LEFT, *BOUNCED)
