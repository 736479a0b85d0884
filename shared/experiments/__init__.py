"""Experiments: the statistics of their results, and what the services share of them."""
