"""Set-up: where touchpoints come from, what records are, who may do what, and how the service is."""
