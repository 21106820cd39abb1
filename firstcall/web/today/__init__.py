"""The start page: whom to call first, and why."""
