"""Why the service cannot run."""


class CannotRunError(Exception):
    """The message says what is in the way and how to mend it."""
