"""Pictures of every page of the dashboard, over demo data."""
