"""What people do about records: tasks, notes, calls logged by hand, feedback on scores."""
