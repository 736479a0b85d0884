"""Read counts, persons and values from sealed days and raw rows."""
