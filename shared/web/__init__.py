"""Build every service's web application: factory, errors, health, OpenAPI."""
