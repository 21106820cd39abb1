"""Previews of draft rules."""
