"""The ``tidemark`` command line: one file per command.

Each module has ``NAME``, a docstring whose first line is its help, ``arguments(parser)`` and
``run(options) -> int`` (the exit status).
"""
