"""What a draft of a rule would do to everything: previewed over the columnar copy."""
