"""How gunicorn runs live."""

from shared.serving import gunicorn_settings

globals().update(gunicorn_settings("live", workers=1, threads=4))
