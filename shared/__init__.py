"""What every service shares: settings, storage, envelopes, policies and the web spine.

Nothing in here imports a service; ``tests/test_architecture.py`` holds that line.
"""
