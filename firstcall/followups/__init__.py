"""What people do about records: tasks, notes, files, calls logged by hand, feedback on scores."""
