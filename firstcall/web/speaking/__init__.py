"""The language that somebody reads the pages in."""
