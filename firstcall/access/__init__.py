"""Who may do what: users. Not yet: profiles, permissions, tokens, audit."""
