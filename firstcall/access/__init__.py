"""Who may do what: users, teams, profiles, API tokens and their scopes, signing in, idempotency keys."""
