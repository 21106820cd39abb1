"""The options of `firstcall import`, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from firstcall.cli.failing import RefusedError

type Command = Callable[..., Any]

_FILE = (
    click.option("--separator", metavar="SIGN", help="Between the cells of a CSV, where it is not found out."),
    click.option("--encoding", metavar="NAME", help="Of a text file, such as cp1250, where it is not found out."),
    click.option("--sheet", metavar="NAME", help="Of a workbook; the first if left out."),
    click.option("--header", metavar="NAMES", help="The columns, with commas between, of a file without a header."),
    click.option("--skip", type=click.IntRange(0), metavar="N", help="So many lines above the header are passed over."),
    click.option("--empty", multiple=True, metavar="TEXT", help="A text that means a missing value; repeat for more."),
    click.option("--time-zone", metavar="ZONE", default="UTC", show_default=True, help="Of times that tell none."),
    click.option(
        "--date-format", "date_formats", multiple=True, metavar="[COLUMN=]FORMAT",
        help="day-first, month-first, or a format such as %d/%m/%Y, for all columns or for one.",
    ),
    click.option(
        "--decimal", "decimals", multiple=True, metavar="[COLUMN=]point|comma",
        help="What stands before the decimals, for all columns or for one.",
    ),
    click.option("--as-is", is_flag=True, help="Keep the apostrophe that exports put before = + - @."),
)  # fmt: skip
_RECORDS = (
    click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="A column's field, or skip."),
    click.option("--by", metavar="KEY", help="What records are found by: id, external_id, email, phone, none."),
    click.option("--create-fields", is_flag=True, help="Make fields of the columns that are unknown."),
    click.option("--external-id", metavar="COLUMN", help="Make a field of ids of another system of this column."),
    click.option("--add-choices", is_flag=True, help="Make unknown values of picklists choices."),
    click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", help="A value for every row."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag for every row."),
    click.option("--clear-empty", is_flag=True, help="An empty cell clears its field; else it leaves it as it is."),
    click.option("--leave-out", is_flag=True, help="Leave out a cell that cannot be used, and take its row."),
)  # fmt: skip
_TOUCHPOINTS = (
    click.option("--source", metavar="NAME", help="Touchpoints: where they are from; the file's name if left out."),
    click.option("--module", metavar="NAME", help="Touchpoints: whose they are; leads if left out."),
    click.option("--person", metavar="COLUMN", help="Touchpoints: the column that says whose each is."),
    click.option("--type", metavar="COLUMN", help="Touchpoints: the column of types."),
    click.option("--fixed-type", metavar="TYPE", help="Touchpoints: one type for all rows."),
    click.option("--type-map", "types", multiple=True, metavar="TEXT=TYPE", help="Touchpoints: a text's type."),
    click.option("--type-prefix", metavar="TEXT", default="", help="Touchpoints: before types that are not mapped."),
    click.option("--at", metavar="COLUMN", help="Touchpoints: the column that says when each was."),
    click.option("--id-column", metavar="COLUMN", help="Touchpoints: the column of their own ids."),
    click.option("--where", multiple=True, metavar="COLUMN=TEXT", help="Touchpoints: only rows with this text."),
    click.option("--without", multiple=True, metavar="COLUMN", help="Touchpoints: a column that is no property."),
)  # fmt: skip


def import_options(command: Command) -> Command:
    for option in reversed((*_FILE, *_RECORDS, *_TOUCHPOINTS)):
        command = option(command)
    return command


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """`A=B` texts; the last = divides, since columns may hold one."""
    found = {}
    for text in given:
        left, sign, right = text.rpartition("=")
        if not sign or not left:
            raise click.UsageError(f"{option} takes two parts with = between, such as 'A=B', not {text!r}.")
        found[left] = right
    return found


def by_column(given: tuple[str, ...]) -> dict[str, str]:
    """`[COLUMN=]VALUE` texts by column; `*` is every column."""
    return {(text.rpartition("=")[0] or "*"): text.rpartition("=")[2] for text in given}


def file_options(given: dict[str, Any]) -> Any:
    from firstcall.records.importing.staging import FileOptions

    separator = {"tab": "\t", r"\t": "\t"}.get(given["separator"] or "", given["separator"])
    header = tuple(name.strip() for name in (given["header"] or "").split(",") if name.strip())
    return FileOptions(separator or None, given["encoding"], given["sheet"], header, given["skip"])


def reading_options(given: dict[str, Any]) -> Any:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from firstcall.records.importing.plan import ReadingOptions

    signs = {"point": ".", "comma": ","}
    decimals = by_column(given["decimals"])
    faults = [
        f"--decimal takes point or comma, not {text}." for text in decimals.values() if text not in signs
    ]
    try:
        ZoneInfo(given["time_zone"])
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"There is no time zone {given['time_zone']}. Write one such as Europe/Berlin.")
    if faults:
        raise RefusedError(faults)
    return ReadingOptions(
        empty=given["empty"],
        zone=given["time_zone"],
        dates=by_column(given["date_formats"]),
        decimals={column: signs[text] for column, text in decimals.items()},
        escaped=not given["as_is"],
    )


def records_asked(given: dict[str, Any]) -> Any:
    """What is asked of an import of records."""
    from firstcall.records.importing.asking import Asked
    from firstcall.records.importing.planning import Wishes
    from firstcall.records.importing.rows import RowOptions

    _refuse(given, _TOUCHPOINTS, "goes with touchpoints.")
    wishes = Wishes(
        columns=pairs(given["columns"], "--map"),
        by=given["by"] or "",
        create_fields=given["create_fields"],
        external_id=given["external_id"],
        add_choices=given["add_choices"],
        reading=reading_options(given),
    )
    constants = pairs(given["constants"], "--set")
    rows = RowOptions(constants, given["tags"], given["clear_empty"], given["leave_out"])
    return Asked(file_options(given), wishes, rows)


def touchpoints_asked(given: dict[str, Any], name: str) -> Any:
    """What is asked of an import of touchpoints."""
    from firstcall.touchpoints.importing.asking import TouchpointsAsked, TouchpointWishes

    _refuse(given, [option for option in _RECORDS if option is not _RECORDS[1]], "goes with records.")
    where: dict[str, tuple[str, ...]] = {}
    for text in given["where"]:
        [(column, value)] = pairs((text,), "--where").items()
        where[column] = (*where.get(column, ()), value)
    wishes = TouchpointWishes(
        source=given["source"] or name,
        module=given["module"] or "leads",
        person=given["person"] or "",
        by=given["by"] or "",
        type=given["type"] or "",
        fixed_type=given["fixed_type"] or "",
        types=pairs(given["types"], "--type-map"),
        prefix=given["type_prefix"],
        at=given["at"] or "",
        id=given["id_column"] or "",
        where=where,
        leave_out=given["without"],
    )
    return TouchpointsAsked(wishes, file_options(given), reading_options(given))


def _refuse(given: dict[str, Any], options: Any, says: str) -> None:
    """An option that would do nothing is a mistake."""
    for option in options:
        for parameter in _parameters(option):
            if given.get(parameter.name):
                raise click.UsageError(f"{parameter.opts[0]} {says}")


def _parameters(option: Any) -> list[click.Parameter]:
    def nothing() -> None: ...

    option(nothing)
    found: list[click.Parameter] = nothing.__click_params__  # type: ignore[attr-defined]
    return found
