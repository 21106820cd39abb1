"""Modules, their fields, and the records: leads, contacts, accounts, deals and one's own."""
