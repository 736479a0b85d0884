"""``make compose-test``: docker-compose.yml started by a real engine, loaded, killed, counted.

The engine is one of the test's own, beside any other: its data, its socket and its containers lie
in one folder that goes with it. No hub is needed: the images that ours are built from are
stand-ins, made from Debian's packages and the wheels of `make run` (``stand_ins/``).
"""
