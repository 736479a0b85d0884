"""Define the ``tidemark`` command line: one module per command.

Each module has ``NAME``, a docstring whose first line is its help, ``arguments(parser)`` and
``run(options) -> int`` (the exit status).
"""
