"""Gunicorn settings of flags."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(gunicorn_settings("flags", workers=1, threads=4))
