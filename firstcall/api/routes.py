"""The API as a whole: which areas it has. A new area is a file with a router, and a line here."""

from __future__ import annotations

from firstcall import __version__
from firstcall.api import (
    ambiguities,
    audit_log,
    backtests,
    batches,
    bulk,
    calls,
    drafts,
    exports,
    feedback,
    files,
    imports,
    jobs,
    modules,
    notes,
    people,
    previews,
    records,
    revocations,
    rules,
    saved_views,
    scores,
    session,
    snoozes,
    sources,
    switching,
    tasks,
    timeline,
    tokens,
    touchpoint_types,
    touchpoints,
    uploads,
)
from firstcall.api.describing import make_api

api = make_api(
    title="Firstcall",
    version=__version__,
    urls_namespace="api",
    description=(
        "Whom to call first, and why. Send an API token as `Authorization: Bearer fc_…`. Errors are"
        " `application/problem+json` with every fault. Lists come in pages: send the `next` of one as `after` for"
        " the following. A writing request with an `Idempotency-Key` may be repeated: it is done once."
    ),
)

AREAS = (
    jobs,
    modules,
    records,
    saved_views,
    timeline,
    tasks,
    notes,
    files,
    calls,
    feedback,
    snoozes,
    batches,
    uploads,
    imports,
    exports,
    bulk,
    previews,
    backtests,
    drafts,
    rules,
    scores,
    session,
    people,
    audit_log,
    switching,
    tokens,
    sources,
    touchpoints,
    revocations,
    ambiguities,
    touchpoint_types,
)

for area in AREAS:
    api.add_router("", area.router)
