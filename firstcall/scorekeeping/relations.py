"""The relations that compiled rules read: the records of every module, and which of them are linked with which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from firstcall.records.field_columns import OWN_COLUMNS, OWN_SQL
from firstcall.records.kinds import FieldKind, column_of, value_sql
from firstcall.records.models import Field, Module, WrittenBy
from firstcall.scoring.columns import Lookup, RelatedColumns

_OWN = ",\n           ".join(f"{sql.format(r='record')} AS {name}" for name, sql in OWN_SQL.items())
RECORDS = f"""SELECT r.id, {{columns}}
  FROM (
    SELECT id, values, module_id,
           {_OWN}
    FROM records_record AS record
    WHERE deleted_at IS NULL
  ) AS r
  WHERE r.module_id = {{module}}"""
LINKS = "SELECT record_id AS id, target_id AS target FROM records_recordlink WHERE field_id = {field}"

_LOOKUP, LINKS_NAME, _MODULE = "look_", "links_", "module_"


@dataclass(frozen=True, slots=True)
class Selected:
    """A module, and the SQL that reads its columns from a record `r`."""

    module: int
    columns: tuple[str, ...]
    lookups: tuple[int, ...]  # the ids of the fields

    @property
    def relation(self) -> str:
        return f"{_MODULE}{self.module}"

    def sql(self) -> str:
        """The relation of its records as they are."""
        return RECORDS.format(columns=", ".join(self.columns), module=self.module)


def select(fields: Iterable[Field], module: Module) -> tuple[Selected, RelatedColumns]:
    """The columns of a module's records, in SQL and as the compiler sees them."""
    columns = dict(OWN_COLUMNS)
    selected = [f"r.{name}" for name in OWN_COLUMNS]
    lookups: dict[str, Lookup] = {}
    ids = []
    for known in fields:
        # Numbered, so that no field can be called as a column of the statement is.
        ref, kind = f"f{known.pk}", FieldKind(known.kind)
        columns[known.name] = column_of(kind, known.name, ref)
        selected.append(f"{value_sql(kind, known.name)} AS {ref}")
        if known.target is not None and kind is FieldKind.LOOKUP:
            lookups[known.name] = Lookup(known.target.name, f"{_LOOKUP}{known.pk}", f"{LINKS_NAME}{known.pk}")
            selected.append(f"{value_sql(kind, known.name)} AS {_LOOKUP}{known.pk}")
            ids.append(known.pk)
    found = Selected(module.pk, tuple(selected), tuple(ids))
    return found, RelatedColumns(found.relation, columns, lookups, is_people=module.is_people)


def select_all() -> dict[str, tuple[Selected, RelatedColumns]]:
    """Every module by its name, with the columns it has now; no rule reads what rules write."""
    fields: dict[int, list[Field]] = defaultdict(list)
    read = Field.objects.exclude(written_by=WrittenBy.RULE)
    for field in read.select_related("target").order_by("pk"):
        fields[field.module_id].append(field)
    return {module.name: select(fields[module.pk], module) for module in Module.objects.order_by("pk")}


def relations_sql(selected: Iterable[Selected]) -> Mapping[str, str]:
    """The relations of the modules and of their look-ups, by name."""
    found = {}
    for of in selected:
        found[of.relation] = of.sql()
        found |= {f"{LINKS_NAME}{field}": LINKS.format(field=field) for field in of.lookups}
    return found


def field_of(lookup: Lookup) -> int:
    """The id of the field that a look-up is."""
    return int(lookup.ref.removeprefix(_LOOKUP))
