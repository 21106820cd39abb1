"""One change to many records: fields, owner, tags; with progress, faults by record, and an undo."""
