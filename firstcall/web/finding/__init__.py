"""The quick search over everything, in the bar at the top."""
