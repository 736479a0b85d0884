"""Migrations of the tables in ``shared/models``, run by Alembic."""
