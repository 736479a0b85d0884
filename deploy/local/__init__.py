"""The whole of Tidemark on one machine, without Docker and without root: ``make run``."""
