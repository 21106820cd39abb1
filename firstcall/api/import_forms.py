"""What a request for an import says, and what is told of one."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ninja import Schema
from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from firstcall.api.types import Given, Moment
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.models import ImportRun, ImportStatus
from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.planning import Wishes
from firstcall.records.importing.rows import RowOptions
from firstcall.records.importing.staging import FileOptions
from firstcall.touchpoints.importing.asking import TouchpointsAsked, TouchpointWishes

Text = Annotated[str, StringConstraints(max_length=500)]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone; write one such as Europe/Berlin") from None
    return value


class FileForm(Given):
    """How the file is to be read, where it is not found out rightly."""

    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = None
    sheet: Text | None = None
    header: list[Text] = Field([], max_length=10_000)
    skip: int | None = Field(None, ge=0, le=10_000, strict=True)
    empty: list[Text] = Field([], max_length=100)
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    dates: dict[str, Text] = Field(
        {}, description="By column, or by `*`: day-first, month-first, or a format."
    )
    decimals: dict[str, Literal[".", ","]] = Field({}, description="By column, or by `*`.")
    as_is: StrictBool = False

    def file(self) -> FileOptions:
        return FileOptions(self.separator, self.encoding, self.sheet, tuple(self.header), self.skip)

    def reading(self) -> ReadingOptions:
        return ReadingOptions(tuple(self.empty), self.time_zone, self.dates, self.decimals, not self.as_is)


class RecordsForm(Given):
    """`upload` is the id of one; `columns` are fields by the columns of the file, or `skip`, `new_field`, `owner`, `tags`,
    `created_at`, `full_name`, `external_id`, `record_id`."""

    upload: str = Field(max_length=40)
    module: str = Field(max_length=63)
    columns: dict[str, Text] = Field({})
    by: Literal["", "id", "external_id", "email", "phone", "name", "none"] = ""
    create_fields: StrictBool = False
    external_id: Text | None = None
    add_choices: StrictBool = False
    values: dict[str, Any] = Field({}, description="For every row, by field.")
    tags: list[Text] = Field([], max_length=100)
    clear_empty: StrictBool = False
    leave_out: StrictBool = Field(
        False, description="A cell that cannot be used is left out, and its row taken."
    )
    only_new: StrictBool = Field(False, description="A record that is there already is left as it is.")
    reading: FileForm = Field(default_factory=lambda: FileForm.model_validate({}))

    def asked(self) -> Asked:
        wishes = Wishes(
            self.columns,
            {},
            self.by,
            self.create_fields,
            self.external_id,
            self.add_choices,
            self.reading.reading(),
        )
        rows = RowOptions(self.values, tuple(self.tags), self.clear_empty, self.leave_out, self.only_new)
        return Asked(self.reading.file(), wishes, rows)


class LookForm(Given):
    upload: str = Field(max_length=40)
    module: str = Field(max_length=63)
    reading: FileForm = Field(default_factory=lambda: FileForm.model_validate({}))


class TouchpointsForm(Given):
    """`person`, `type`, `at`, `id` and `properties` are columns; what is left out is found by usual names."""

    upload: str = Field(max_length=40)
    source: str = Field(min_length=1, max_length=100)
    module: str = Field("leads", max_length=63)
    person: Text = ""
    by: Literal["", "id", "external_id", "email", "phone", "name"] = ""
    type: Text = ""
    fixed_type: str = Field("", max_length=120)
    types: dict[str, Text] = Field({})
    prefix: str = Field("", max_length=60)
    at: Text = ""
    id: Text = ""
    properties: Text = ""
    where: dict[str, list[Text]] = Field({})
    leave_out: list[Text] = Field([], max_length=10_000)
    reading: FileForm = Field(default_factory=lambda: FileForm.model_validate({}))

    def asked(self) -> TouchpointsAsked:
        wishes = TouchpointWishes(
            self.source, self.module, self.person, self.by, self.type, self.fixed_type, self.types, self.prefix,
            self.at, self.id, self.properties, {c: tuple(texts) for c, texts in self.where.items()}, tuple(self.leave_out),
        )  # fmt: skip
        return TouchpointsAsked(wishes, self.reading.file(), self.reading.reading())


class ImportOut(Schema):
    """`job` does the work, and says how far it is."""

    id: int
    kind: str
    module: str | None
    file_name: str
    status: ImportStatus
    message: str
    total: int | None
    done: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    notes: list[str]
    job: int | None
    created_at: Moment
    ended_at: Moment | None
    undone_at: Moment | None

    @classmethod
    def of(cls, run: ImportRun) -> ImportOut:
        names = set(cls.model_fields) - {"module", "job"}
        module = run.module.name if run.module else None
        return cls(module=module, job=run.job_id, **{name: getattr(run, name) for name in names})
