"""The fields of all modules as the language sees them, and the SQL that reads each from the tables themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.records.computed import computed_sql
from firstcall.records.kinds import FieldKind, column_of, value_sql
from firstcall.records.models import Field, Module, WrittenBy
from firstcall.records.seeing import owners_sql
from firstcall.scoring.columns import Column, Columns, Lookup, RecordColumns, RelatedColumns, Storage
from firstcall.scoring.links import Way
from firstcall.scoring.values import Kind

# What every record has, whatever its module: rules and filters know it under these names.
OWN_COLUMNS: Mapping[str, Column] = {
    name: Column(name, name, storage, kind)
    for name, storage, kind in (
        ("created_at", Storage.MICROSECONDS, Kind.TIME),
        ("updated_at", Storage.MICROSECONDS, Kind.TIME),
        ("layout", Storage.TEXT, Kind.TEXT),
        ("owner", Storage.TEXT, Kind.TEXT),  # an e-mail address
        ("tags", Storage.JSON, Kind.LIST),
    )
}

# The SQL of each, with {r} for the table of records.
OWN_SQL: Mapping[str, str] = {
    "created_at": "{r}.created_at",
    "updated_at": "{r}.updated_at",
    "layout": "(SELECT layout.name FROM records_layout AS layout WHERE layout.id = {r}.layout_id)",
    "owner": "(SELECT owner.email FROM access_user AS owner WHERE owner.id = {r}.owner_id)",
    "tags": "to_jsonb({r}.tags)",
}

_ID = Column("id", "id", Storage.INTEGER, Kind.NUMBER)  # filters alone know it


@dataclass(frozen=True)
class FieldColumns:
    """What the viewer may ask for; `sources` is the SQL of each column, by its ref, with {r} for the table."""

    columns: Columns
    sources: Mapping[str, str]
    viewer: Viewer

    def sql(self, way: Way, column: Column) -> str:
        """The column of a record in `records_record`, or of where the way from it leads; what is in the trash on the
        way, or what the viewer does not see, is not there."""
        if not way:
            return f"({self.sources[column.ref].format(r='records_record')})"
        joins, before = [], "records_record"
        for number, lookup in enumerate(way):
            alias = f"far_{number}"
            found = f"{alias}.id = {self.sources[lookup.ref].format(r=before)} AND {alias}.deleted_at IS NULL"
            if (owners := self.viewer.owners(lookup.module)) is not None:
                found += f" AND {owners_sql(owners, alias)}"
            joins.append((alias, found))
            before = alias
        (first, found), *others = joins
        more = "".join(f" JOIN records_record AS {alias} ON {on}" for alias, on in others)
        value = self.sources[column.ref].format(r=before)
        return f"(SELECT {value} FROM records_record AS {first}{more} WHERE {found})"


def field_columns(module: Module, viewer: Viewer) -> FieldColumns:
    """As of now: one query. Look-ups lead to modules alone that the viewer may look into."""
    sources: dict[str, str] = {}
    related: dict[str, RelatedColumns] = {}
    modules = Module.objects.prefetch_related("fields__target")
    for known in modules:
        fields = {"id": _ID, **OWN_COLUMNS}
        lookups = {}
        for field in known.fields.all():
            ref = f"f{field.pk}"
            fields[field.name] = column_of(FieldKind(field.kind), field.name, ref)
            is_computed = field.written_by == WrittenBy.RULE
            sources[ref] = _computed_source(field) if is_computed else _source(field)
            if field.target is not None and viewer.may(Verb.VIEW, field.target.name):
                lookups[field.name] = Lookup(field.target.name, ref)
        related[known.name] = RelatedColumns(known.name, fields, lookups, known.is_people)
    sources |= {"id": "{r}.id", **OWN_SQL}
    own = related[module.name]
    columns = Columns(RecordColumns(own.fields, True, own.lookups), module=module.name, related=related)
    return FieldColumns(columns, sources, viewer)


def _source(field: Field) -> str:
    """The name is one of small letters, digits and _, so that it may stand in SQL and in a format."""
    return value_sql(FieldKind(field.kind), field.name).replace("r.values", "{r}.values")


def _computed_source(field: Field) -> str:
    """Of a field whose value lies elsewhere; nothing, where no rule writes it any more."""
    sql = computed_sql(field.module_id).get(field.name, "CAST(NULL AS JSONB)")
    return value_sql(FieldKind(field.kind), field.name).replace(
        f"r.values ->> '{field.name}'", f"({sql} #>> '{{{{}}}}')"
    )
