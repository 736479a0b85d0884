"""Requests to addresses that people type in: checked, and sent to the very address checked."""
