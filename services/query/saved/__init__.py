"""Saved objects: insights, dashboards, annotations, cohorts, divisions."""
