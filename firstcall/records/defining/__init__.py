"""What modules there are: their fields and layouts as values, checked as a whole, compared, and made so."""
