"""What the administrator's tools ask: is it alive, is it ready, how is it doing; and what each request took."""
