"""Query's routes."""
