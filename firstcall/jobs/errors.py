"""Why a job's function is left before its end. None of these is the function's to catch, but to tidy up."""


class JobLeftError(Exception):
    """The step that was to be saved is undone, and the function is left."""


class JobCancelledError(JobLeftError):
    """Someone asked for it."""


class JobInterruptedError(JobLeftError):
    """The process is to stop; the job is taken up again by the next one, from its last step."""


class JobTakenOverError(JobLeftError):
    """Another process goes on with the job, because this one was not heard of for too long."""


class UnknownJobError(LookupError):
    """There is no job of that kind."""
