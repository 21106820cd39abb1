"""What an API token may be allowed to do, and which right of its user each of these needs."""

from __future__ import annotations

from enum import StrEnum

from firstcall.access.rights import Right


class Scope(StrEnum):
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    TOUCHPOINTS_READ = "touchpoints:read"
    TOUCHPOINTS_WRITE = "touchpoints:write"
    SCORES_READ = "scores:read"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    MODULES_WRITE = "modules:write"
    ADMIN = "admin"


# What not every user may do; whatever concerns records is asked of each module.
RIGHTS = {
    Scope.RULES_WRITE: Right.MANAGE_SCORING,
    Scope.MODULES_WRITE: Right.MANAGE_SETTINGS,
    Scope.ADMIN: Right.MANAGE_USERS,
}
