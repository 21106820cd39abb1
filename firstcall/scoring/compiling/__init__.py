"""From rules to one SQL statement."""
