"""Parse requests into frozen values: time ranges, filters, events, cursors. No database."""
