"""Tests: on real servers, mirrored to the tree."""
