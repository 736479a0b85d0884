"""Parse requests into frozen values: time ranges, filters, events, formulas. No database."""
