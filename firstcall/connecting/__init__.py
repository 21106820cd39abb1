"""Django's connection to PostgreSQL, which is given up where the server hangs: see `base` and `watching`."""
