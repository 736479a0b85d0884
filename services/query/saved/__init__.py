"""Saved objects: insights, dashboards, annotations, definitions, cohorts, divisions."""
