"""Feature flags: definitions and their evaluation, the same for every service and without I/O."""
