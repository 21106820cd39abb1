"""What is measured and not asserted: speed, and how rules do on real data."""
