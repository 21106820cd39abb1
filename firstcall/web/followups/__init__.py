"""What readers do about records without leaving a page: calls, notes, tasks, snoozes, feedback, in sheets over it."""
