"""The pages: templates and components, and views that call the same actions as the API. One folder an area."""
