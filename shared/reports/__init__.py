"""What the query service and the processor both know of reports: their times and their links."""
