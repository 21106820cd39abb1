"""What an API token may be allowed to do, and which right of its user each of these needs."""

from __future__ import annotations

from enum import StrEnum


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


# The rights that not every user has; Django's names of permissions.
RIGHTS = {
    Scope.RULES_WRITE: "access.manage_scoring",
    Scope.MODULES_WRITE: "access.manage_modules",
    Scope.ADMIN: "access.manage_access",
}
