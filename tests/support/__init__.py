"""Support code of the tests: services, factories, oracles."""
