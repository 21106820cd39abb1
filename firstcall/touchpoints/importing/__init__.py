"""Files of touchpoints in: each row one interaction of a known person, once each however often a file is imported."""
