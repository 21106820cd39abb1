"""Running a compiled rule: over files with DuckDB, in PostgreSQL, on Spark, or with the reference evaluator."""
