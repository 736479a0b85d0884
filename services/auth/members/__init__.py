"""Members of projects, their roles, and invitations."""
