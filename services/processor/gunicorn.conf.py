"""How gunicorn runs the processor's health endpoint; the work is done by other processes."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(gunicorn_settings("processor", workers=1, threads=2))
