"""Routes of auth, one module per resource."""
