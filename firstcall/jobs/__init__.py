"""Long work apart from any request: kept in a table with its progress, taken up again after a crash, cancellable."""
