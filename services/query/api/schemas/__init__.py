"""Request schemas of the query API, one module for each route module."""
