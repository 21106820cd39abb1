"""Writes many records in a few statements: what is given is taken or refused one by one, what is taken goes in together."""
