"""Why a view is not kept."""


class InvalidViewError(ValueError):
    """What is wrong with its name or what it asks; `str` says it."""


class ChangedMeanwhileError(Exception):
    """Somebody has changed the view since it was read."""
