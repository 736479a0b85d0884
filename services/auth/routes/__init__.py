"""Auth's routes, one module per kind of caller."""
