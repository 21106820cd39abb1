"""The JSON API under /api/v1: requests in, what the floors below answer out. It decides nothing about scores."""
