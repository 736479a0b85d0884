"""Routes of the query service, one module for each noun."""
