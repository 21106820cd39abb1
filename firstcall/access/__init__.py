"""Who may do what: users, API tokens and their scopes, signing in, idempotency keys. Not yet: profiles, audit."""
