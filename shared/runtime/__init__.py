"""Run a process: settings, database, Redis, job queue, gunicorn, logs."""
