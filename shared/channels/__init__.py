"""Channels: where a project's alerts and reports go, what each kind needs, and how it is stored."""
