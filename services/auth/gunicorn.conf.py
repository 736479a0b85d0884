"""How gunicorn runs auth: few calls, some of them slow on purpose (password hashing)."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(gunicorn_settings("auth", workers=1, threads=4))
