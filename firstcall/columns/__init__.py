"""The columnar copy: records and touchpoints as Parquet files beside the database, for questions over all of them."""
