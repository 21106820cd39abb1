"""Which column of a file of touchpoints is what: by what people say, else by the names that real files have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstcall.records.importing.errors import ImportRefusedError, import_problem
from firstcall.records.importing.headers import REASON, simplify
from firstcall.records.importing.staging import Staged, names_of
from firstcall.scoring.problems import Problem, nearest
from firstcall.scoring.saying import said
from firstcall.touchpoints.importing.asking import TouchpointWishes

# By what persons are found, with the simplified headers that say so, the surest first.
_PERSONS = (
    ("id", ("firstcallid",)),
    (
        "external_id",
        ("recordid", "externalid", "leadid", "contactid", "prospectid", "userid", "customerid", "personid"),
    ),
    ("email", ("email", "emailaddress", "useremail", "recipient", "workemail")),
    ("phone", ("phone", "phonenumber", "mobile", "userphone")),
)
_NAMES = {
    "type": (
        "type",
        "event",
        "eventtype",
        "eventname",
        "action",
        "activity",
        "activitytype",
        "touchtype",
        "status",
    ),
    "at": (
        *("occurredat", "timestamp", "eventtime", "time", "datetime", "touchtimestamp", "activitytimestamp"),
        *(
            "sessiontimestamp",
            "calltime",
            "callstarttime",
            "startdatetime",
            "createdat",
            "createdtime",
            "date",
        ),
        *("conversiontime", "jointime", "lastmodifiedtime", "dueto"),
    ),
    "id": ("messageid", "touchpointid", "eventid", "taskid", "activityid", "id"),
    "properties": ("properties",),
}
BYS = ("id", "external_id", "email", "phone", "name")


@dataclass(frozen=True)
class Roles:
    """The columns by what they are; `properties` has the JSON objects, `own` are a property each."""

    person: str
    by: str
    type: str
    at: str
    id: str
    properties: str
    own: tuple[str, ...]


def find_roles(staged: Staged, wishes: TouchpointWishes) -> Roles:
    """Raises ImportRefusedError with every column that is missing."""
    return _Finding(staged.columns, wishes).roles()


def guess_roles(columns: Sequence[str], wishes: TouchpointWishes) -> Roles:
    """The same without a complaint: what is missing is empty."""
    return _Finding(columns, wishes).guess()


class _Finding:
    def __init__(self, columns: Sequence[str], wishes: TouchpointWishes) -> None:
        self.columns = columns
        self.wishes = wishes
        self.simple = {column: simplify(column) for column in columns}
        self.problems: list[Problem] = []

    def roles(self) -> Roles:
        found = self.guess()
        if self.problems:
            raise ImportRefusedError(self.problems)
        return found

    def guess(self) -> Roles:
        wishes = self.wishes
        person, by = self._person()
        type = (
            ""
            if wishes.fixed_type
            else self._needed("type", wishes.type, "--type COLUMN, or --fixed-type TYPE")
        )
        at = self._needed("at", wishes.at, "--at COLUMN")
        id = self._one("id", wishes.id)
        properties = self._one("properties", wishes.properties)
        for column in (*wishes.where, *wishes.leave_out):
            self._check(column)
        taken = {person, type, at, id, properties, REASON, *wishes.leave_out}
        own = tuple(column for column in self.columns if column not in taken)
        return Roles(person, by, type, at, id, properties, own)

    def _person(self) -> tuple[str, str]:
        asked, by = self.wishes.person, self.wishes.by
        if by and by not in BYS:
            says = said("persons are not found by {by}.", by=by)
            self.problems.append(
                import_problem("unknown-key", says, said("Choose one of {names}.", names=", ".join(BYS)))
            )
        if asked:
            self._check(asked)
            simple = self.simple.get(asked, "")
            guessed = next((kind for kind, names in _PERSONS if simple in names), "external_id")
            return asked, by or guessed
        for kind, names in _PERSONS:
            if by in ("", kind) and (column := self._named(names)):
                return column, kind
        says = said("no column says whose the touchpoints are.")
        self._missing("no-person", says, "--person COLUMN")
        return "", ""

    def _needed(self, role: str, asked: str, option: str) -> str:
        found = self._one(role, asked)
        if not found and not asked:
            what = {"type": said("the type of a touchpoint"), "at": said("when a touchpoint was")}[role]
            self._missing(f"no-{role}", said("no column says {what}.", what=what), option)
        return found

    def _one(self, role: str, asked: str) -> str:
        if asked:
            self._check(asked)
            return asked
        return self._named(_NAMES[role])

    def _named(self, names: Sequence[str]) -> str:
        by_simple: Mapping[str, str] = {simple: column for column, simple in reversed(self.simple.items())}
        return next((by_simple[name] for name in names if name in by_simple), "")

    def _check(self, column: str) -> None:
        if column not in self.columns:
            near = nearest(column, self.columns)
            fix = (
                said("Did you mean {near}?", near=near)
                if near
                else said("It has: {columns}.", columns=names_of(self.columns))
            )
            self.problems.append(
                import_problem(
                    "unknown-column",
                    said("the file has no column {column}.", column=column),
                    fix,
                    column=column,
                )
            )

    def _missing(self, code: str, says: str, option: str) -> None:
        self.problems.append(
            import_problem(
                code,
                says,
                said(
                    "Name it with {option}. There are: {columns}.",
                    option=option,
                    columns=names_of(self.columns),
                ),
            )
        )
