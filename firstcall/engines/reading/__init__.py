"""Reading files of records and touchpoints of every kind into DuckDB relations that compiled rules run on."""

from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.mapping import (
    ColumnType,
    Mapping,
    RecordsMapping,
    TouchpointsMapping,
    TypeColumn,
)
from firstcall.engines.reading.mapping_file import load_mapping, parse_mapping
from firstcall.engines.reading.rejects import Reject, Rejects
from firstcall.engines.reading.sources import Source, open_source

__all__ = [
    "ColumnType",
    "Mapping",
    "RecordsMapping",
    "Reject",
    "Rejects",
    "Source",
    "SourceError",
    "TouchpointsMapping",
    "TypeColumn",
    "load_mapping",
    "open_source",
    "parse_mapping",
]
