"""What alerts watch of each kind of insight: one module for each, entered in ``registry.py``."""
