"""Why a view is not kept."""


class InvalidViewError(ValueError):
    """What is wrong with its name or what it asks; `str` says it.

    at  which part of it: name, query, shared
    """

    def __init__(self, at: str, says: str) -> None:
        super().__init__(says)
        self.at = at
