"""Parse requests into frozen values: time ranges, filters, formulas, cursors. No database."""
