"""Attacks by one tenant or address, as ``make bench-attack`` plays them."""
