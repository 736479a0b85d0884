"""Gunicorn settings of auth: few requests, some slow on purpose (password hashing)."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(gunicorn_settings("auth", workers=1, threads=4))
