"""Measure the storing side: lag, status, step times, Prometheus metrics."""
