"""Configure gunicorn for the processor's health endpoint; other processes do the work."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(gunicorn_settings("processor", workers=1, threads=2))
