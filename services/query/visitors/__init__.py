"""Visitor analytics: totals, trends, communities, divisions, conversions."""
