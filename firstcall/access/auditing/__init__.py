"""The audit log: who changed what, when, from where; rows are added by the database itself, and never changed."""
