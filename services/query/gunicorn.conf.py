"""How gunicorn runs query: threads wait for PostgreSQL, which does the work."""

from shared.serving import gunicorn_settings

globals().update(gunicorn_settings("query", workers=1, threads=8))
